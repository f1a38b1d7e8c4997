/* keeper.c - see keeper.h: opening, appending, committing. */
#include "app/keeper.h"

#include "app/keeper_inside.h"
#include "edge/clock.h"
#include "edge/edge_options.h"
#include "edge/operate/note.h"
#include "edge/threads.h"

#include <stdlib.h>
#include <string.h>

enum gh_status gh_keeper_open(struct gh_keeper **keeper, const struct gh_config *config,
                              struct gh_error *error)
{
    struct gh_keeper *k = calloc(1, sizeof *k);

    if (!k)
        return gh_error_set(error, GH_EMEMORY, "store: out of memory");
    const struct gh_service_options *service = gh_config_group(config, "service");
    const uint32_t threads = gh_threads_allowed(service->threads);

    k->config = config;
    k->pool = gh_pool_new(threads);
    if (!k->pool) {
        free(k);
        return gh_error_set(error, GH_EMEMORY, "store: no memory or no threads to start");
    }
    k->options = gh_config_group(config, "store");
    k->kept_ms = gh_clock_wall_ms();
    k->snapshot_ms = gh_clock_ms() + (int64_t)k->options->snapshot_interval * 1000;
    const struct gh_log_setup setup = {.folder = k->options->folder.text,
                                       .segment_bytes = k->options->segment_bytes,
                                       .compression = k->options->compression,
                                       .streams = k->options->streams,
                                       .executor = gh_pool_executor(k->pool),
                                       .threads = threads};
    enum gh_status status = gh_log_open(&k->log, &setup, error);
    if (status == GH_OK)
        status = gh_ledger_open(&k->ledger, setup.folder, NULL, error);
    if (status == GH_OK)
        status = gh_kept_changes_open(&k->changes, setup.folder, NULL, error);
    if (status == GH_OK)
        gh_snapshot_sweep(setup.folder);
    if (status != GH_OK) {
        gh_keeper_close(k, NULL);
        return status;
    }
    *keeper = k;
    return GH_OK;
}

static void keeper_free(struct gh_keeper *k)
{
    gh_kept_changes_close(k->changes);
    gh_ledger_close(k->ledger);
    gh_log_close(k->log);
    gh_config_free(k->past);
    free(k->record);
    gh_keeper_lines_free(k);
    gh_pool_free(k->pool);
    free(k->change);
    free(k);
}

void gh_keeper_close(struct gh_keeper *keeper, struct gh_pipeline *pipeline)
{
    struct gh_error error = {0};

    if (!keeper)
        return;
    gh_keeper_child(keeper, true);
    /* A snapshot hides what stands before it in the log. */
    enum gh_status status =
        keeper->record_due ? gh_keeper_settings_write(keeper, &error) : GH_OK;
    if (status == GH_OK && pipeline && keeper->position > keeper->kept)
        status = gh_keeper_snapshot(keeper, pipeline, &error);
    if (status != GH_OK)
        gh_note(GH_NOTE_snapshot_failed, "no snapshot: %s", error.text);
    keeper_free(keeper);
}

enum gh_status gh_keeper_append(struct gh_keeper *k, const struct gh_keeping *keeping,
                                struct gh_error *error)
{
    if (!gh_keeper_lines(k, keeping))
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    const struct gh_log_batch batch = {k->run, k->runs, keeping->mark, keeping->mark_count};
    const enum gh_status status = gh_log_append(k->log, &batch, error);
    if (status == GH_OK)
        k->position = gh_log_next(k->log);
    return status;
}

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static void change_fill(struct gh_ledger_change *change, const struct gh_outgoing *out,
                        uint64_t position)
{
    const struct gh_finding *f = &out->finding;

    *change = (struct gh_ledger_change){
        .alert = {.sequence = out->sequence,
                  .id = text_of(out->id),
                  .finding = text_of(f->id),
                  .revision = f->revision,
                  .position = position,
                  .time_ms = f->time_ms,
                  .actor = f->actor,
                  .team = f->team,
                  .detector = text_of(f->detector),
                  .severity = text_of(gh_severity_name(f->severity)),
                  .body = text_of(out->body)},
        .finding = {.id = text_of(f->id),
                    .revision = f->revision,
                    .actor = f->actor,
                    .team = f->team,
                    .detector = text_of(f->detector),
                    .track = text_of(gh_track_name(f->track)),
                    .severity = text_of(gh_severity_name(f->severity)),
                    .open = f->change != GH_CLOSED,
                    .from_ms = f->from_ms,
                    .until_ms = f->until_ms,
                    .body = text_of(out->body)},
    };
}

enum gh_status gh_keeper_commit(struct gh_keeper *k, const struct gh_outbox *outbox,
                                struct gh_error *error)
{
    if (outbox->failed)
        return gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
    if (outbox->count > k->change_capacity) {
        struct gh_ledger_change *grown = realloc(k->change, outbox->count * sizeof *grown);
        if (!grown)
            return gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
        k->change = grown;
        k->change_capacity = outbox->count;
    }
    for (size_t i = 0; i < outbox->count; i++)
        change_fill(&k->change[i], &outbox->at[i], k->position);
    const enum gh_status status =
        gh_ledger_commit(k->ledger, k->change, outbox->count, k->position, error);
    if (status == GH_OK)
        k->sequence = outbox->sequence;
    return status;
}

struct gh_kept_changes *gh_keeper_changes(struct gh_keeper *k)
{
    return k->changes;
}

struct gh_ledger *gh_keeper_ledger(struct gh_keeper *k)
{
    return k->ledger;
}

struct gh_log *gh_keeper_log(struct gh_keeper *k)
{
    return k->log;
}

struct gh_executor gh_keeper_executor(struct gh_keeper *k)
{
    return gh_pool_executor(k->pool);
}

struct gh_keeper_counters gh_keeper_counters(const struct gh_keeper *k)
{
    return (struct gh_keeper_counters){.log = gh_log_counters(k->log),
                                       .position = k->position,
                                       .snapshots = k->snapshots,
                                       .snapshots_failed = k->snapshots_failed,
                                       .snapshot_pause_s = k->pause_s,
                                       .snapshot_position = k->kept,
                                       .snapshot_ms = k->kept_ms,
                                       .recovered = k->recovered};
}
