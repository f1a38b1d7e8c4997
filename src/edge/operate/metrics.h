/* metrics.h - what the service measures: one table, from which come values, both text formats,
 * the reference page and the tests.
 *
 * The thread of the service sets values and publishes all of them together; any other thread
 * may ask for the text of what was published last. Rows without a value do not appear. A label
 * is one of a closed list and is set by its number, so nothing that an event says can become
 * part of a metric. */
#ifndef GOODHART_EDGE_METRICS_H
#define GOODHART_EDGE_METRICS_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
/*    label, one or two closed lists of values: see gh_label_value */
#define GH_LABEL_LIST(X)                                                                      \
    X(none) X(version) X(revision) X(outcome) X(reason) X(kind) X(detector) X(track)           \
    X(change) X(stage) X(state) X(level) X(server) X(class) X(hand) X(record) X(hook) X(answer) X(sink) X(delay) X(pause) X(size)

/*    name, type, unit, first label, second label, help
 * Counters end in _total, and in their unit before that where they have one. */
#define GH_METRICS(X)                                                                         \
    X(build_info, INFO, "", version, revision, "what is running; always 1")                   \
    X(ready, GAUGE, "", none, none, "1: events are taken; 0: starting, waiting for the disk, or ending") \
    X(heartbeat_timestamp_seconds, GAUGE, "seconds", none, none, "when these values were taken") \
    X(frames_total, COUNTER, "", none, none, "frames of events that came in by ZeroMQ")       \
    X(received_bytes_total, COUNTER, "bytes", none, none, "bytes of events that came in")     \
    X(events_received_total, COUNTER, "", none, none, "events that came in, good or not")     \
    X(events_handled_total, COUNTER, "", outcome, none, "what became of them")                \
    X(events_refused_total, COUNTER, "", reason, none, "events that were not taken, by reason") \
    X(events_applied_total, COUNTER, "", kind, none, "events that were judged, by kind")      \
    X(events_authenticated_total, COUNTER, "", none, none, "of those judged: came with a key") \
    X(events_apart_total, COUNTER, "", none, none, "of those judged: came without a key and are kept apart") \
    X(events_unknown_keys_total, COUNTER, "", none, none, "members of events that nobody knows") \
    X(events_without_cost_total, COUNTER, "", none, none, "calls without a cost and without a price") \
    X(events_missing_total, COUNTER, "", none, none, "calls that sources numbered and that never arrived") \
    X(profiles_zone_unknown_total, COUNTER, "", none, none, "profiles with a time zone that nobody knows") \
    X(events_held, GAUGE, "", none, none, "events far ahead of the others that wait to be confirmed") \
    X(events_waiting, GAUGE, "", none, none, "events that are decoded and not yet judged")    \
    X(last_frame_timestamp_seconds, GAUGE, "seconds", none, none, "when the last frame came") \
    X(newest_event_timestamp_seconds, GAUGE, "seconds", none, none, "newest event time that is confirmed") \
    X(event_lag_seconds, GAUGE, "seconds", none, none, "how far the newest event time is behind the clock") \
    X(tokens_total, COUNTER, "", none, none, "tokens of all usage")                           \
    X(cost_dollars_total, COUNTER, "dollars", none, none, "cost of the usage whose cost is known") \
    X(actors, GAUGE, "", none, none, "people and service accounts that the engine knows")     \
    X(teams, GAUGE, "", none, none, "teams that the engine knows")                            \
    X(cells_refused_total, COUNTER, "", none, none, "times that a full table (limits.*) left something unwatched") \
    X(overrides_idle, GAUGE, "", none, none, "overrides without effect: their team or role has too few people") \
    X(rounds_total, COUNTER, "", none, none, "hourly rounds of the engine")                   \
    X(settled_total, COUNTER, "", none, none, "days of people that became evidence")     \
    X(settled_uncovered_total, COUNTER, "", none, none, "of them: too much never arrived (evidence.coverage)") \
    X(epochs_total, COUNTER, "", none, none, "epochs that began")                             \
    X(shards, GAUGE, "", none, none, "parts that the people are dealt to")                    \
    X(engine_memory_bytes, GAUGE, "bytes", none, none, "memory of the engine")                \
    X(engine_memory_peak_bytes, GAUGE, "bytes", none, none, "the most that it ever was")      \
    X(work_seconds_total, COUNTER, "seconds", stage, none, "time spent, over all threads")    \
    X(findings_total, COUNTER, "", detector, track, "findings that came onto a track, by opening or escalating, since the start") \
    X(alerts_total, COUNTER, "", change, none, "alerts since the start, by what changed")     \
    X(alert_sequence, GAUGE, "", none, none, "number of the newest alert")                    \
    X(alerts_failed_total, COUNTER, "", none, none, "alerts that could not be made or sent for want of memory") \
    X(alert_delay_seconds, HISTOGRAM, "seconds", delay, none, "from the event time at which something was known to its publication") \
    X(verdicts_void_total, COUNTER, "", none, none, "verdicts about no finding, or by the person concerned") \
    X(incidents_audited_total, COUNTER, "", none, none, "incidents told of people who were drawn by lot") \
    X(allowances_moved_total, COUNTER, "", none, none, "times that verdicts moved how often a detector may alarm") \
    X(dead_letters_total, COUNTER, "", none, none, "refused events written to intake.dead_letters") \
    X(dead_letters_failed_total, COUNTER, "", none, none, "refused events that could not be written there") \
    X(batch_events, HISTOGRAM, "", size, none, "events taken in one turn of the service")     \
    X(batch_seconds, HISTOGRAM, "seconds", pause, none, "from the first frame of a turn until all of it is judged, kept and published") \
    X(commit_seconds, HISTOGRAM, "seconds", pause, none, "until the disk has events, or alerts") \
    X(keys, GAUGE, "", none, none, "keys in force")                                           \
    X(handshakes_total, COUNTER, "", state, none, "connections that asked, by what became of them; each start tries a key that nobody knows") \
    X(subscriptions_granted_total, COUNTER, "", none, none, "subscriptions that keys allow")  \
    X(subscriptions_denied_total, COUNTER, "", none, none, "subscriptions that keys do not allow") \
    X(alerts_rebinds_total, COUNTER, "", none, none, "times that all subscribers were sent away because a grant had ended") \
    X(config_last_reload_successful, GAUGE, "", none, none, "1: configuration, keys, maps and people could be read when they were last looked at") \
    X(settings_changes_total, COUNTER, "", none, none, "changes of settings while the service runs") \
    X(settings_requests_total, COUNTER, "", none, none, "requests to control.bind")          \
    X(settings_refused_total, COUNTER, "", none, none, "of them: refused, and nothing was changed") \
    X(settings_live, GAUGE, "", none, none, "settings that hold because somebody set them while it ran") \
    X(settings_pause_seconds, GAUGE, "seconds", none, none, "longest that a change of settings has held up the service") \
    X(config_reloads_total, COUNTER, "", none, none, "times that another key file came into force") \
    X(config_reloads_failed_total, COUNTER, "", none, none, "times that a key file could not be read and the old keys stayed") \
    X(durable_streams, GAUGE, "", none, none, "durable producers with an open stream")        \
    X(durable_batches_total, COUNTER, "", none, none, "batches of durable producers")         \
    X(durable_events_total, COUNTER, "", none, none, "events of durable producers")           \
    X(durable_repeated_total, COUNTER, "", none, none, "events that had come before, by number") \
    X(durable_rejected_total, COUNTER, "", none, none, "events that were refused, by number") \
    X(durable_lost_total, COUNTER, "", none, none, "events that producers no longer had")     \
    X(durable_gaps_total, COUNTER, "", none, none, "batches that were turned away, to be sent again") \
    X(durable_errors_total, COUNTER, "", none, none, "messages that were none, or out of turn") \
    X(durable_forgotten_total, COUNTER, "", none, none, "streams closed to make room")        \
    X(durable_unheard_total, COUNTER, "", none, none, "answers whose producer was gone or did not listen") \
    X(store_position, GAUGE, "", none, none, "position of the next event in the log")         \
    X(store_recovered_events, GAUGE, "", none, none, "events that were read again at the start") \
    X(store_stalled, GAUGE, "", none, none, "1: the disk takes no writes, and so no events are taken") \
    X(store_stalls_total, COUNTER, "", none, none, "times that the disk took no writes")      \
    X(store_log_bytes, GAUGE, "bytes", none, none, "size of the log")                         \
    X(store_log_segments, GAUGE, "", none, none, "files of the log")                          \
    X(store_log_written_bytes_total, COUNTER, "bytes", none, none, "bytes written to the log, compressed") \
    X(store_log_raw_bytes_total, COUNTER, "bytes", none, none, "the same before compression") \
    X(store_log_failed_total, COUNTER, "", none, none, "writes to the log that failed")       \
    X(store_log_reopened_total, COUNTER, "", none, none, "times that the log was opened anew after one") \
    X(store_checkpoints_failed_total, COUNTER, "", none, none, "times that a write-ahead file could not be written back") \
    X(store_streams_forgotten_total, COUNTER, "", none, none, "durable producers that the log no longer remembers") \
    X(store_snapshots_total, COUNTER, "", none, none, "snapshots of the engine since the start") \
    X(store_snapshots_failed_total, COUNTER, "", none, none, "snapshots that failed")         \
    X(store_snapshot_timestamp_seconds, GAUGE, "seconds", none, none, "when the newest snapshot was begun; the start, as long as there was none") \
    X(store_snapshot_behind_events, GAUGE, "", none, none, "events that are not in it: they are read again after a kill") \
    X(store_snapshot_pause_seconds, GAUGE, "seconds", none, none, "longest that one has held up the service") \
    X(http_requests_total, COUNTER, "", server, none, "requests over HTTP")                   \
    X(http_answers_total, COUNTER, "", server, class, "answers by class of their status")     \
    X(http_too_large_total, COUNTER, "", server, none, "bodies over http.body_bytes")         \
    X(http_too_full_total, COUNTER, "", server, none, "requests turned away, to come again: http.buffer_bytes was used up") \
    X(http_cut_off_total, COUNTER, "", server, none, "connections that were too slow, or sent on after a refusal") \
    X(http_foreign_total, COUNTER, "", server, none, "requests for a name that is not ours, or from pages of others") \
    X(http_turned_away_total, COUNTER, "", server, none, "connections over http.per_address") \
    X(http_connections, GAUGE, "", server, none, "connections that are open")                 \
    X(http_buffer_bytes, GAUGE, "bytes", server, none, "memory that bodies take")             \
    X(http_events_total, COUNTER, "", none, none, "events that came in by HTTP")              \
    X(http_hands_total, COUNTER, "", hand, none, "requests with events, by what became of them") \
    X(http_waiting_bytes, GAUGE, "bytes", none, none, "events from HTTP that wait for the service") \
    X(source_records_total, COUNTER, "", record, none, "records of foreign formats, by what they were") \
    X(source_clamped_total, COUNTER, "", none, none, "of their numbers: below zero after what is told apart was taken off") \
    X(source_strangers_total, COUNTER, "", none, none, "events of accounts that identity.people knows nobody for") \
    X(source_numbered_total, COUNTER, "", none, none, "records that stand in a numbering of their source") \
    X(source_lost, GAUGE, "", none, none, "numbers in it that have not come since the start") \
    X(source_call_tokens_total, COUNTER, "", none, none, "tokens of calls that came from map files") \
    X(source_sum_tokens_total, COUNTER, "", none, none, "tokens of the same, as the sources' own metrics sum them up") \
    X(hook_requests_total, COUNTER, "", hook, answer, "webhooks, by what became of them")     \
    X(hook_events_total, COUNTER, "", none, none, "events that they told of")                 \
    X(hook_nameless_total, COUNTER, "", none, none, "outputs in them that name no account")   \
    X(hook_forgotten_total, COUNTER, "", none, none, "outputs taken back whose maker is no longer remembered") \
    X(hook_unkept_total, COUNTER, "", none, none, "makers of outputs that the disk did not take: an end forgets them") \
    X(sink_messages_total, COUNTER, "", sink, none, "messages that the other side took, since the start") \
    X(sink_told_total, COUNTER, "", sink, none, "alerts in them")                             \
    X(sink_collapsed_total, COUNTER, "", sink, none, "alerts left out: a newer one tells of the same finding") \
    X(sink_filtered_total, COUNTER, "", sink, none, "alerts left out by severity, track or team") \
    X(sink_refused_total, COUNTER, "", sink, none, "alerts set aside, refused for good")      \
    X(sink_lost_total, COUNTER, "", sink, none, "alerts that the ledger no longer had, or that could not be read") \
    X(sink_retried_total, COUNTER, "", sink, none, "tries that failed and are made again")    \
    X(sink_waiting, GAUGE, "", sink, none, "alerts that wait to be told")                     \
    X(sink_failing, GAUGE, "", sink, none, "1: the last try failed")                          \
    X(notes_total, COUNTER, "", level, none, "lines that the service had to say, written or not") \
    X(notes_left_out_total, COUNTER, "", none, none, "of those: not written, for there were many of the same sort")

/* The names that every Prometheus client uses: without the prefix of ours. Read when asked. */
#define GH_PROCESS_METRICS(X)                                                                 \
    X(cpu_seconds_total, COUNTER, "seconds", none, none, "processor time, in user and system mode") \
    X(resident_memory_bytes, GAUGE, "bytes", none, none, "memory that is in RAM")             \
    X(virtual_memory_bytes, GAUGE, "bytes", none, none, "address space in use")               \
    X(threads, GAUGE, "", none, none, "threads")                                              \
    X(open_fds, GAUGE, "", none, none, "open file descriptors")                               \
    X(max_fds, GAUGE, "", none, none, "file descriptors that may be open")                    \
    X(start_time_seconds, GAUGE, "seconds", none, none, "when the process began")
// clang-format on

#define GH_LABEL_ENUM(name) GH_LABEL_##name,
enum gh_label { GH_LABEL_LIST(GH_LABEL_ENUM) GH_LABEL_COUNT };

#define GH_METRIC_ENUM(name, type, unit, first, second, help) GH_METRIC_##name,
enum gh_metric {
    GH_METRICS(GH_METRIC_ENUM) GH_METRIC_OWN_COUNT,
    GH_METRIC_BEFORE_PROCESS = GH_METRIC_OWN_COUNT - 1,
    GH_PROCESS_METRICS(GH_METRIC_ENUM) GH_METRIC_COUNT
};

enum gh_metric_type { GH_GAUGE, GH_COUNTER, GH_INFO, GH_HISTOGRAM };
struct gh_metric_row {
    const char *name; /* in full: "goodhart_frames_total" */
    enum gh_metric_type type;
    const char *unit;            /* "": a number of things */
    enum gh_label first, second; /* a histogram's first one is the list of its bounds */
    const char *help;            /* lower case, no full stop */
};
const struct gh_metric_row *gh_metric_row(enum gh_metric metric);
const char *gh_metric_type_name(enum gh_metric_type type); /* "gauge" */

/* "reason"; "le" for the bounds of a histogram. GH_LABEL_none: "". */
const char *gh_label_name(enum gh_label label);
/* How many values a label may have: 1 for GH_LABEL_none. */
size_t gh_label_count(enum gh_label label);
/* "too_long"; of a histogram "0.01", the last one "+Inf". `index` < gh_label_count. */
const char *gh_label_value(enum gh_label label, size_t index);
/* Several of one kind are told of together: their addresses are nobody's business. */
enum { GH_SINK_KINDS = 4 };
extern const char *const gh_sink_kinds[GH_SINK_KINDS];
/* The only label that no list is known for beforehand: what main.c was built from. `text` is
 * lent for good; to be called before anything is asked for. */
void gh_label_revision(const char *text);

struct gh_metrics;
/* Without values, and published so. The caller owns *metrics. */
GH_MUST_USE enum gh_status gh_metrics_new(struct gh_metrics **metrics, struct gh_error *error);
void gh_metrics_free(struct gh_metrics *metrics); /* NULL is legal */

/* For the thread of the service. `first` and `second` are numbers of values of the labels, 0
 * where there is none. A value that is not a number takes the row away. */
struct gh_metric_place {
    enum gh_metric metric;
    size_t first, second;
};
void gh_metrics_set(struct gh_metrics *metrics, struct gh_metric_place place, double value);
void gh_metrics_add(struct gh_metrics *metrics, struct gh_metric_place place, double value);
/* Of a histogram; its bounds are inclusive. */
void gh_metrics_observe(struct gh_metrics *metrics, enum gh_metric metric, double value);
/* All that was set is what other threads see from now on. */
void gh_metrics_publish(struct gh_metrics *metrics);

/* What was published last, with what the kernel says now, as `text/plain; version=0.0.4`, or
 * where `open` as OpenMetrics 1.0.0. For any thread. The caller frees it (free). NULL: out of
 * memory. */
char *gh_metrics_text(struct gh_metrics *metrics, bool open);
/* Whether a header Accept (NULL: none) would rather have OpenMetrics. */
bool gh_metrics_open_wanted(const char *accept);
const char *gh_metrics_content_type(bool open);

/* What the kernel says: fills value[m] for the rows of GH_PROCESS_METRICS, m counted from the
 * first of them; NAN: it does not say. */
enum { GH_PROCESS_METRIC_COUNT = GH_METRIC_COUNT - GH_METRIC_OWN_COUNT };
void gh_metrics_process(double value[GH_PROCESS_METRIC_COUNT]);

#endif
