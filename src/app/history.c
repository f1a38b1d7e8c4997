/* history.c - see history.h. */
#include "app/history.h"

#include "app/parcel.h"
#include "edge/operate/note.h"

#include "edge/edge_options.h"
#include "stat/fingerprint.h"
#include "store/snapshot.h"

#include <stdio.h>
#include <string.h>

static enum gh_status engine_move(struct gh_pipeline *from, struct gh_pipeline *to,
                                  struct gh_error *error)
{
    struct gh_parcel parcel;
    enum gh_status status = gh_parcel_pack(&parcel, gh_pipeline_engine(from), error);

    if (status == GH_OK) {
        const struct gh_carrier carrier = gh_parcel_carrier(&parcel);
        status = gh_pipeline_load(to, &carrier, error);
    }
    gh_parcel_free(&parcel);
    return status;
}

/* --- bases --- */

/* A pipeline under the basis of this hash; it has seen nothing. */
static enum gh_status pipeline_under(struct gh_history *h, const char *basis,
                                     struct gh_pipeline **pipeline, struct gh_config **config,
                                     struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(h->config, "service");
    char shards[64];

    *config = NULL;
    if (strcmp(basis, h->basis) == 0)
        return gh_pipeline_new(pipeline, h->config, GH_HISTORY_BATCH, h->hooks, error);
    snprintf(shards, sizeof shards, "service.shards=%u", service->shards);
    enum gh_status status = gh_basis_config(h->folder, basis, config, error);
    if (status == GH_OK)
        status = gh_config_set(*config, shards, error);
    if (status == GH_OK)
        status = gh_pipeline_new(pipeline, *config, GH_HISTORY_BATCH, h->hooks, error);
    if (status != GH_OK) {
        gh_config_free(*config);
        *config = NULL;
    }
    return status;
}

/* From here on the log is read under another basis. */
enum gh_status gh_history_basis(struct gh_history *h, const char *basis, struct gh_error *error)
{
    struct gh_pipeline *next = NULL;
    struct gh_config *config;
    enum gh_status status = pipeline_under(h, basis, &next, &config, error);

    if (status == GH_OK && h->pipeline)
        status = engine_move(h->pipeline, next, error);
    if (status != GH_OK) {
        gh_pipeline_free(next);
        gh_config_free(config);
        return status;
    }
    gh_pipeline_free(h->pipeline);
    gh_config_free(h->past);
    h->pipeline = next;
    h->past = config;
    const struct gh_alerts_options *alerts =
        gh_config_group(config ? config : h->config, "alerts");
    h->outbox->source = alerts->source.text;
    return GH_OK;
}

/* --- snapshots --- */

static void snapshot_bad(void *context, const char *file, const char *problem)
{
    (void)context;
    gh_note(GH_NOTE_snapshot_unused, "%s: %s: not used", file, problem);
}

struct reading {
    struct gh_snapshot_reader *reader;
    struct gh_error *error;
};

static bool reading_move(void *context, void *at, size_t size)
{
    struct reading *r = context;
    size_t got = 0;

    return gh_snapshot_read(r->reader, at, size, &got, r->error) == GH_OK && got == size;
}

static void basis_hex(const struct gh_snapshot_head *head, char basis[GH_BASIS_SIZE])
{
    for (size_t i = 0; i < sizeof head->configuration; i++)
        snprintf(basis + 2 * i, 3, "%02x", head->configuration[i]);
}

static enum gh_status snapshot_load(struct gh_history *h, struct gh_snapshot_reader *reader,
                                    struct gh_error *error)
{
    char basis[GH_BASIS_SIZE];
    struct reading reading = {reader, error};

    basis_hex(gh_snapshot_head(reader), basis);
    enum gh_status status = gh_history_basis(h, basis, error);
    if (status == GH_OK)
        status =
            gh_pipeline_load(h->pipeline, &(struct gh_carrier){&reading, reading_move}, error);
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
        return gh_history_basis(h, basis, error);
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
