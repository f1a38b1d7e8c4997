/* history.c - see history.h. */
#include "app/history.h"

#include "app/parcel.h"
#include "edge/operate/note.h"

#include "edge/edge_options.h"
#include "stat/fingerprint.h"
#include "store/snapshot.h"

#include <stdio.h>
#include <string.h>

/* --- bases --- */

static enum gh_status config_under(const struct gh_history *h, const char *basis,
                                   struct gh_config **config, struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(h->config, "service");
    char shards[64];

    *config = NULL;
    snprintf(shards, sizeof shards, "service.shards=%u", service->shards);
    const enum gh_status status = gh_basis_config(h->folder, basis, config, error);
    return status == GH_OK ? gh_config_set(*config, shards, error) : status;
}

/* From here on the log is read under another basis. */
enum gh_status gh_history_basis(struct gh_history *h, const char *basis, struct gh_error *error)
{
    struct gh_config *config;
    enum gh_status status = config_under(h, basis, &config, error);

    if (status == GH_OK && h->pipeline)
        status = gh_pipeline_configure(h->pipeline, config, error);
    else if (status == GH_OK)
        status = gh_pipeline_new(&h->pipeline, config, GH_HISTORY_BATCH, h->hooks, error);
    if (status != GH_OK) {
        gh_config_free(config);
        return status;
    }
    gh_config_free(h->past);
    h->past = config;
    memmove(h->basis, basis, sizeof h->basis);
    h->outbox->source =
        ((const struct gh_alerts_options *)gh_config_group(config, "alerts"))->source.text;
    return GH_OK;
}

/* --- snapshots --- */

static void snapshot_bad(void *context, const char *file, const char *problem)
{
    (void)context;
    gh_note(GH_NOTE_snapshot_unused, "%s: %s: not used", file, problem);
}

static enum gh_status snapshot_load(struct gh_history *h, struct gh_snapshot_reader *reader,
                                    struct gh_error *error)
{
    char basis[GH_BASIS_SIZE];
    struct gh_snapshot_parcel parcel = {reader, error};
    const struct gh_carrier carrier = gh_snapshot_parcel_carrier(&parcel);

    gh_snapshot_basis(reader, basis);
    enum gh_status status = gh_history_basis(h, basis, error);
    if (status == GH_OK)
        status = gh_pipeline_load(h->pipeline, &carrier, error);
    return status;
}

static void fingerprint_check(const struct gh_snapshot_head *head)
{
    if (head->fingerprint != gh_numeric_fingerprint())
        gh_note(GH_NOTE_snapshot_unused,
                "the last snapshot is of a machine that calculates "
                "otherwise in the last bit: findings derived again may differ there");
}

enum gh_status gh_history_start(struct gh_history *h, uint64_t limit, struct gh_error *error)
{
    struct gh_snapshot_wish wish = {h->folder, limit, snapshot_bad, NULL};

    for (;;) {
        struct gh_snapshot_reader *reader = NULL;
        struct gh_error trouble = {0};
        enum gh_status status = gh_snapshot_open(&reader, &wish, error);
        if (status != GH_OK || !reader)
            return status;
        const struct gh_snapshot_head head = *gh_snapshot_head(reader);
        status = snapshot_load(h, reader, &trouble);
        gh_snapshot_close(reader);
        if (status == GH_OK) {
            fingerprint_check(&head);
            h->position = h->snapshot = head.position;
            h->outbox->sequence = head.alert_sequence;
            return GH_OK;
        }
        if (status == GH_EMEMORY || status == GH_ECONFIG)
            return gh_error_set(error, status, "%s", trouble.text);
        gh_note(GH_NOTE_snapshot_unused, "the snapshot of position %llu is not used: %s",
                (unsigned long long)head.position, trouble.text);
        gh_pipeline_free(h->pipeline);
        h->pipeline = NULL;
        if (head.position == 0)
            return GH_OK;
        wish.position = head.position - 1;
    }
}

static enum gh_status settings_take(struct gh_history *h, const struct gh_run *run,
                                    const char *basis, struct gh_error *error)
{
    const enum gh_status status =
        h->on_settings ? h->on_settings(h->settings_context, run, error) : GH_OK;

    return status == GH_OK ? gh_history_basis(h, basis, error) : status;
}

enum gh_status gh_history_run(struct gh_history *h, const struct gh_run *run,
                              struct gh_decoded *decoded, struct gh_error *error)
{
    struct gh_place place = {.source = "log", .owner = gh_owner_of(run->owner)};
    char basis[GH_BASIS_SIZE];

    h->position = run->first + run->count;
    switch ((enum gh_run_kind)run->kind) {
    case GH_RUN_LOSSES:
        return GH_OK;
    case GH_RUN_SETTINGS:
        snprintf(basis, sizeof basis, "%.*s", (int)run->raw_size, run->raw);
        return settings_take(h, run, basis, error);
    case GH_RUN_EVENTS:
        break;
    }
    if (!h->pipeline)
        return gh_error_set(error, GH_EFORMAT, "log: events before any settings");
    h->events += run->count;
    const enum gh_status status = gh_pipeline_decoded(h->pipeline, decoded, &place, error);
    return status == GH_OK ? gh_pipeline_flush(h->pipeline, error) : status;
}

void gh_history_end(struct gh_history *history)
{
    gh_pipeline_free(history->pipeline);
    gh_config_free(history->past);
    history->pipeline = NULL;
    history->past = NULL;
}
