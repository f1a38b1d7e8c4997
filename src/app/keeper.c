/* keeper.c - see keeper.h: opening, appending, committing. */
#include "app/keeper.h"

#include "app/keeper_inside.h"
#include "edge/clock.h"
#include "edge/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Raw bytes after which a run ends and another begins. */
enum { RUN_BYTES = 1 << 20, LINE_BYTES_MAX = 6 * GH_EVENT_BYTES_MAX };

enum gh_status gh_keeper_open(struct gh_keeper **keeper, const struct gh_config *config,
                              struct gh_error *error)
{
    struct gh_keeper *k = calloc(1, sizeof *k);

    if (!k)
        return gh_error_set(error, GH_EMEMORY, "store: out of memory");
    k->config = config;
    k->options = gh_config_group(config, "store");
    k->snapshot_ms = gh_clock_ms() + (int64_t)k->options->snapshot_interval * 1000;
    const struct gh_log_setup setup = {.folder = k->options->folder.text,
                                       .segment_bytes = k->options->segment_bytes,
                                       .compression = k->options->compression,
                                       .streams = k->options->streams};
    enum gh_status status = gh_log_open(&k->log, &setup, error);
    if (status == GH_OK)
        status = gh_ledger_open(&k->ledger, setup.folder, NULL, error);
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
    gh_ledger_close(k->ledger);
    gh_log_close(k->log);
    gh_json_free(&k->lines);
    free(k->run);
    free(k->change);
    free(k);
}

void gh_keeper_close(struct gh_keeper *keeper, struct gh_pipeline *pipeline)
{
    struct gh_error error = {0};

    if (!keeper)
        return;
    gh_keeper_child(keeper, true);
    if (pipeline && keeper->position > keeper->kept &&
        gh_keeper_snapshot(keeper, pipeline, &error) != GH_OK)
        fprintf(stderr, "goodhart run: no snapshot: %s\n", error.text);
    keeper_free(keeper);
}

static struct gh_run *run_add(struct gh_keeper *k, enum gh_run_kind kind, const char *owner)
{
    if (k->runs == k->run_capacity) {
        const size_t wanted = k->run_capacity ? 2 * k->run_capacity : 8;
        struct gh_run *grown = realloc(k->run, wanted * sizeof *grown);
        if (!grown)
            return NULL;
        k->run = grown;
        k->run_capacity = wanted;
    }
    k->run[k->runs] = (struct gh_run){
        .kind = kind, .owner = {owner, (uint32_t)strlen(owner)}, .newest_ms = INT64_MIN};
    return &k->run[k->runs++];
}

/* The bytes of a run are found once all are written: the buffer moves while it grows. */
static void runs_point(struct gh_keeper *k)
{
    const char *at = k->lines.at;

    for (size_t i = 0; i < k->runs; i++) {
        k->run[i].raw = at;
        at += k->run[i].raw_size;
    }
}

static bool owned(const struct gh_run *run, const char *owner)
{
    return strlen(owner) == run->owner.size &&
           memcmp(owner, run->owner.at, run->owner.size) == 0;
}

static bool events_write(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    struct gh_run *run = NULL;
    char line[LINE_BYTES_MAX];

    for (size_t i = 0; i < keeping->count; i++) {
        const struct gh_event *event = &keeping->event[i];
        const char *owner = keeping->owner[i] ? keeping->owner[i] : "";
        const size_t size = gh_encode(event, line, sizeof line);
        if (!run || run->raw_size + size > RUN_BYTES || !owned(run, owner))
            run = run_add(k, GH_RUN_EVENTS, owner);
        gh_json_raw(&k->lines, line, size);
        if (!run || k->lines.failed)
            return false;
        run->raw_size += size;
        run->count++;
        run->newest_ms = event->ts_ms > run->newest_ms ? event->ts_ms : run->newest_ms;
    }
    return true;
}

static bool losses_write(struct gh_keeper *k, const struct gh_keeping *keeping)
{
    struct gh_run *run = keeping->loss_count > 0 ? run_add(k, GH_RUN_LOSSES, "") : NULL;

    if (!run)
        return keeping->loss_count == 0;
    run->count = keeping->loss_count;
    run->raw_size = keeping->losses.size;
    gh_json_raw(&k->lines, keeping->losses.at, keeping->losses.size);
    return !k->lines.failed;
}

enum gh_status gh_keeper_append(struct gh_keeper *k, const struct gh_keeping *keeping,
                                struct gh_error *error)
{
    k->runs = 0;
    k->lines.used = 0;
    if (!events_write(k, keeping) || !losses_write(k, keeping))
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    runs_point(k);
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

struct gh_ledger *gh_keeper_ledger(struct gh_keeper *k)
{
    return k->ledger;
}

struct gh_log *gh_keeper_log(struct gh_keeper *k)
{
    return k->log;
}

struct gh_keeper_counters gh_keeper_counters(const struct gh_keeper *k)
{
    return (struct gh_keeper_counters){.log = gh_log_counters(k->log),
                                       .position = k->position,
                                       .snapshots = k->snapshots,
                                       .snapshots_failed = k->snapshots_failed,
                                       .snapshot_pause_s = k->pause_s,
                                       .recovered = k->recovered};
}
