/* service_metrics.c - what the service counts, as metrics (edge/operate/metrics.h). */
#include "app/service_http.h"
#include "app/service_inside.h"
#include "app/service_settings.h"

#include "edge/clock.h"
#include "edge/operate/note.h"

#include <math.h>
#include <string.h>

#define PLACE(name, first, second) ((struct gh_metric_place){GH_METRIC_##name, first, second})
#define SET(m, name, value) gh_metrics_set((m), PLACE(name, 0, 0), (double)(value))
#define SET_AT(m, name, index, value) \
    gh_metrics_set((m), PLACE(name, index, 0), (double)(value))

/* Those that only ever grow by being added to stand at zero from the start, so that the first
 * one is seen as a growth. */
enum gh_status gh_service_metrics_new(struct gh_service *s, struct gh_error *error)
{
    const enum gh_status status = gh_metrics_new(&s->metrics, error);
    struct gh_metrics *m = s->metrics;
    if (status != GH_OK)
        return status;
    SET(m, build_info, 1);
    SET(m, ready, 0);
    for (size_t b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        for (size_t t = 0; t < GH_TRACK_COUNT; t++)
            gh_metrics_set(m, PLACE(findings_total, b, t), 0);
    for (size_t c = 0; c < GH_CHANGE_COUNT; c++)
        SET_AT(m, alerts_total, c, 0);
    gh_metrics_publish(m);
    return GH_OK;
}

static size_t behaviour_find(const char *name)
{
    size_t b = 0;
    while (b < GH_BEHAVIOUR_COUNT && strcmp(gh_behaviour_name((enum gh_behaviour)b), name) != 0)
        b++;
    return b;
}

void gh_service_metrics_alert(struct gh_service *s, const struct gh_finding *finding)
{
    const double delay_s = (double)(gh_clock_wall_ms() - finding->time_ms) / 1000;
    const size_t behaviour = behaviour_find(finding->detector);
    const bool comes = finding->change == GH_OPENED || finding->change == GH_ESCALATED;
    gh_metrics_add(s->metrics, PLACE(alerts_total, finding->change, 0), 1);
    if (comes && behaviour < GH_BEHAVIOUR_COUNT)
        gh_metrics_add(s->metrics, PLACE(findings_total, behaviour, finding->track), 1);
    gh_metrics_observe(s->metrics, GH_METRIC_alert_delay_seconds, fmax(delay_s, 0));
}

static double since_s(uint64_t start_ns)
{
    return (double)(gh_clock_ns() - start_ns) / 1e9;
}

void gh_service_metrics_commit(struct gh_service *s, uint64_t start_ns)
{
    gh_metrics_observe(s->metrics, GH_METRIC_commit_seconds, since_s(start_ns));
}

uint64_t gh_service_taken(const struct gh_service *s)
{
    uint64_t taken = s->handed;
    taken += s->durable ? gh_durable_counters(s->durable).events : 0;
    for (size_t i = 0; i < GH_INTAKE_SOURCES; i++)
        taken += s->place[i].index;
    return taken;
}

void gh_service_metrics_batch(struct gh_service *s, uint64_t taken, uint64_t start_ns)
{
    gh_metrics_observe(s->metrics, GH_METRIC_batch_events, (double)taken);
    gh_metrics_observe(s->metrics, GH_METRIC_batch_seconds, since_s(start_ns));
}

static void intake_set(struct gh_metrics *m, const struct gh_tally *tally)
{
    const uint64_t became[] = {tally->applied, tally->duplicate, tally->late, tally->refused};
    const uint64_t spent_ns[] = {tally->decode_ns, tally->engine_ns, tally->change_ns};
    SET(m, frames_total, tally->frames);
    SET(m, received_bytes_total, tally->bytes);
    SET(m, events_received_total, tally->pieces);
    for (size_t i = 0; i < sizeof became / sizeof became[0]; i++)
        SET_AT(m, events_handled_total, i, became[i]);
    for (size_t r = GH_REFUSED_NOT + 1; r < GH_REFUSAL_COUNT; r++)
        SET_AT(m, events_refused_total, r - 1, tally->refused_by[r]);
    for (size_t i = 0; i < sizeof spent_ns / sizeof spent_ns[0]; i++)
        SET_AT(m, work_seconds_total, i, (double)spent_ns[i] / 1e9);
    SET(m, events_held, tally->held);
    SET(m, events_waiting, tally->waiting);
    SET(m, events_unknown_keys_total, tally->unknown_keys);
}

static void engine_set(struct gh_metrics *m, const struct gh_counters *c)
{
    for (size_t k = 0; k < GH_KIND_COUNT; k++)
        SET_AT(m, events_applied_total, k, c->applied_by[k]);
    SET(m, events_authenticated_total, c->authenticated);
    SET(m, events_apart_total, c->kept_apart);
    SET(m, events_without_cost_total, c->cost_unknown);
    SET(m, events_missing_total, c->missing);
    SET(m, profiles_zone_unknown_total, c->zone_unknown);
    SET(m, tokens_total, c->tokens);
    SET(m, cost_dollars_total, c->cost_usd);
    SET(m, actors, c->actors);
    SET(m, teams, c->teams);
    SET(m, cells_refused_total, c->cells_refused);
    SET(m, overrides_idle, c->overrides_idle);
    SET(m, rounds_total, c->rounds);
    SET(m, settled_total, c->days_settled);
    SET(m, settled_uncovered_total, c->uncovered);
    SET(m, epochs_total, c->epochs);
    SET(m, verdicts_void_total, c->verdicts_void);
    SET(m, incidents_audited_total, c->audited);
    SET(m, allowances_moved_total, c->allowances_moved);
    SET(m, engine_memory_bytes, c->memory_bytes);
    SET(m, engine_memory_peak_bytes, c->memory_peak_bytes);
}

/* Times appear once there is one. */
static void times_set(const struct gh_service *s, struct gh_metrics *m)
{
    const double now_s = (double)gh_clock_wall_ms() / 1000;
    const int64_t newest_ms = gh_engine_newest_ms(gh_pipeline_engine(s->pipeline));
    SET(m, heartbeat_timestamp_seconds, now_s);
    if (s->frame_ms >= 0)
        SET(m, last_frame_timestamp_seconds,
            now_s - (double)(gh_clock_ms() - s->frame_ms) / 1000);
    if (newest_ms > 0) {
        SET(m, newest_event_timestamp_seconds, (double)newest_ms / 1000);
        SET(m, event_lag_seconds, now_s - (double)newest_ms / 1000);
    }
}

static void identity_set(const struct gh_service *s, struct gh_metrics *m)
{
    struct gh_keyring_counts ring;
    struct gh_publisher_counts publisher;
    gh_keyring_counts(s->guard.ring, &ring);
    gh_publisher_counts(s->publisher, &publisher);
    for (size_t i = 0; i < GH_KEY_STATES; i++)
        SET_AT(m, handshakes_total, i, ring.handshakes[i]);
    SET(m, keys, gh_keys_count(gh_keyring_keys(s->guard.ring)));
    SET(m, subscriptions_granted_total, publisher.granted);
    SET(m, subscriptions_denied_total, publisher.denied);
    SET(m, alerts_rebinds_total, publisher.rebinds);
    SET(m, config_reloads_total, ring.reloads);
    SET(m, config_reloads_failed_total, ring.reloads_failed);
}

static void durable_set(const struct gh_service *s, struct gh_metrics *m)
{
    const struct gh_durable_counters c = gh_durable_counters(s->durable);
    SET(m, durable_streams, c.streams);
    SET(m, durable_batches_total, c.batches);
    SET(m, durable_events_total, c.events);
    SET(m, durable_repeated_total, c.repeated);
    SET(m, durable_rejected_total, c.rejected);
    SET(m, durable_lost_total, c.lost);
    SET(m, durable_gaps_total, c.gaps);
    SET(m, durable_errors_total, c.errors);
    SET(m, durable_forgotten_total, c.forgotten);
    SET(m, durable_unheard_total, c.unheard);
}

static void store_set(const struct gh_service *s, struct gh_metrics *m)
{
    const struct gh_keeper_counters c = gh_keeper_counters(s->keeper);
    SET(m, store_position, c.position);
    SET(m, store_recovered_events, c.recovered);
    SET(m, store_stalled, s->stalled);
    SET(m, store_stalls_total, s->stalls);
    SET(m, store_log_bytes, c.log.bytes);
    SET(m, store_log_segments, c.log.segments);
    SET(m, store_log_written_bytes_total, c.log.body_bytes);
    SET(m, store_log_raw_bytes_total, c.log.raw_bytes);
    SET(m, store_log_failed_total, c.log.failed);
    SET(m, store_log_reopened_total, c.log.reopened);
    SET(m, store_checkpoints_failed_total, c.log.checkpoints_failed);
    SET(m, store_streams_forgotten_total, c.log.streams_forgotten);
    SET(m, store_snapshots_total, c.snapshots);
    SET(m, store_snapshots_failed_total, c.snapshots_failed);
    SET(m, store_snapshot_timestamp_seconds, (double)c.snapshot_ms / 1000);
    SET(m, store_snapshot_behind_events, c.position - c.snapshot_position);
    SET(m, store_snapshot_pause_seconds, c.snapshot_pause_s);
}

static void server_set(struct gh_metrics *m, struct gh_http_server *server, size_t which)
{
    const struct gh_http_counters c = gh_http_server_counters(server);
    SET_AT(m, http_requests_total, which, c.requests);
    for (size_t i = 1; i < sizeof c.answered / sizeof c.answered[0]; i++)
        gh_metrics_set(m, PLACE(http_answers_total, which, i - 1), (double)c.answered[i]);
    SET_AT(m, http_too_large_total, which, c.too_large);
    SET_AT(m, http_too_full_total, which, c.too_full);
    SET_AT(m, http_cut_off_total, which, c.cut_off);
    SET_AT(m, http_foreign_total, which, c.foreign);
    SET_AT(m, http_turned_away_total, which, c.turned_away);
    SET_AT(m, http_connections, which, c.connections);
    SET_AT(m, http_buffer_bytes, which, c.buffer_bytes);
}

static void http_set(const struct gh_service *s, struct gh_metrics *m)
{
    const struct gh_handover_counters c = gh_handover_counters(s->http->handover);
    struct gh_http_server *const server[] = {s->http->web, s->http->otlp};
    for (size_t i = 0; i < sizeof server / sizeof server[0]; i++)
        if (server[i])
            server_set(m, server[i], i);
    SET(m, http_events_total, s->handed);
    for (size_t i = 0; i < GH_HAND_ENDS; i++)
        SET_AT(m, http_hands_total, i, c.told[i]);
    SET(m, http_waiting_bytes, c.waiting_bytes);
}

static void sources_set(const struct gh_service *s, struct gh_metrics *m)
{
    const struct gh_sources_counters c = gh_sources_counters(s->http->sources);
    const bool keys_bad = s->guard.ring && gh_keyring_trouble(s->guard.ring)[0];
    for (size_t i = 0; i < GH_MAPPED_COUNT; i++)
        SET_AT(m, source_records_total, i, c.records[i]);
    SET(m, source_clamped_total, c.clamped);
    SET(m, source_strangers_total, c.strangers);
    struct gh_coverage_counts covered;
    gh_coverage_counts(gh_sources_coverage(s->http->sources), &covered);
    SET(m, source_numbered_total, covered.records);
    SET(m, source_lost, covered.lost);
    SET(m, source_call_tokens_total, covered.call_tokens);
    SET(m, source_sum_tokens_total, covered.total_tokens);
    SET(m, config_last_reload_successful,
        !s->sources_bad && !keys_bad && !s->settings->file_bad);
}

static void settings_set(const struct gh_service_settings *t, struct gh_metrics *m)
{
    SET(m, settings_changes_total, t->changes);
    SET(m, settings_live, t->live.count);
    SET(m, settings_pause_seconds, t->pause_max_s);
    if (!t->control)
        return;
    const struct gh_control_counters c = gh_control_counters(t->control);
    SET(m, settings_requests_total, c.served);
    SET(m, settings_refused_total, c.refused);
}

static void hooks_set(const struct gh_service *s, struct gh_metrics *m)
{
    const struct gh_hooks_counters c = gh_hooks_counters(s->http->hooks);
    for (size_t h = 0; h < GH_HOOK_SERVICES; h++)
        for (size_t i = 0; i < GH_HOOK_OUTCOMES; i++)
            gh_metrics_set(m, PLACE(hook_requests_total, h, i), (double)c.outcome[h][i]);
    SET(m, hook_events_total, c.events);
    SET(m, hook_nameless_total, c.nameless);
    SET(m, hook_forgotten_total, c.forgotten);
    SET(m, hook_unkept_total, c.unkept);
}

/* Of one kind: sums, and whether any of them fails. False: there is none. */
static bool sinks_of_kind(const struct gh_sinks_counts *all, const char *kind,
                          struct gh_sink_counts *sum)
{
    size_t found = 0;
    *sum = (struct gh_sink_counts){.messages = 0};
    for (size_t i = 0; i < all->count; i++) {
        const struct gh_sink_counts *c = &all->sink[i];
        if (strncmp(c->name, kind, strlen(kind)) != 0)
            continue;
        found++;
        sum->messages += c->messages;
        sum->told += c->told;
        sum->collapsed += c->collapsed;
        sum->filtered += c->filtered;
        sum->refused += c->refused;
        sum->unknown += c->unknown + c->unreadable;
        sum->retried += c->retried;
        sum->waiting += c->waiting;
        if (c->trouble[0])
            sum->trouble[0] = '!';
    }
    return found > 0;
}

static void sinks_set(const struct gh_service *s, struct gh_metrics *m)
{
    struct gh_sinks_counts all;
    struct gh_sink_counts sum;
    gh_sinks_counts(s->sinks, &all);
    for (size_t kind = 0; kind < GH_SINK_KINDS; kind++) {
        if (!sinks_of_kind(&all, gh_sink_kinds[kind], &sum))
            continue;
        SET_AT(m, sink_messages_total, kind, sum.messages);
        SET_AT(m, sink_told_total, kind, sum.told);
        SET_AT(m, sink_collapsed_total, kind, sum.collapsed);
        SET_AT(m, sink_filtered_total, kind, sum.filtered);
        SET_AT(m, sink_refused_total, kind, sum.refused);
        SET_AT(m, sink_lost_total, kind, sum.unknown);
        SET_AT(m, sink_retried_total, kind, sum.retried);
        SET_AT(m, sink_waiting, kind, sum.waiting);
        SET_AT(m, sink_failing, kind, sum.trouble[0] != 0);
    }
}

static void notes_set(struct gh_metrics *m)
{
    struct gh_note_counts notes;
    gh_note_counts(&notes);
    for (size_t i = 0; i < GH_NOTE_LEVELS; i++)
        SET_AT(m, notes_total, i, notes.said[i]);
    SET(m, notes_left_out_total, notes.left_out + notes.failed);
}

void gh_service_metrics_publish(struct gh_service *s, const struct gh_tally *tally)
{
    struct gh_metrics *m = s->metrics;
    SET(m, ready, gh_handover_state(s->http->handover) == GH_HAND_DONE);
    intake_set(m, tally);
    engine_set(m, &tally->engine);
    times_set(s, m);
    SET(m, shards, gh_engine_shards(gh_pipeline_engine(s->pipeline)));
    SET(m, alert_sequence, s->outbox.sequence);
    SET(m, alerts_failed_total, s->bodies_failed + gh_publisher_failed(s->publisher));
    SET(m, dead_letters_total, gh_dead_letters_written(s->letters));
    SET(m, dead_letters_failed_total, gh_dead_letters_failed(s->letters));
    http_set(s, m);
    sources_set(s, m);
    settings_set(s->settings, m);
    if (s->http->hooks)
        hooks_set(s, m);
    if (s->sinks)
        sinks_set(s, m);
    if (s->guard.ring)
        identity_set(s, m);
    if (s->durable)
        durable_set(s, m);
    if (s->keeper)
        store_set(s, m);
    notes_set(m);
    gh_metrics_publish(m);
}
