/* whatif_source.c - see whatif_source.h. */
#include "app/whatif_source.h"

#include "app/inputs.h"
#include "app/log_ahead.h"
#include "edge/ahead.h"
#include "store/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct gh_whatif_source {
    const struct gh_whatif_plan *plan;
    struct gh_ahead *ahead; /* of files */
    struct gh_log_cursor *cursor;
    struct gh_log_ahead *log; /* of a folder */
    struct gh_decoded *rest;  /* of what was lent last: it may hold more than fits at once */
    uint64_t owner, start, done, total;
};

/* Where reading can begin. */
static enum gh_status start_find(struct gh_whatif_source *s, struct gh_error *error)
{
    const char *folder = s->plan->folder;
    uint64_t oldest;
    const enum gh_status status = gh_log_oldest(folder, &oldest, error);

    if (status != GH_OK || oldest == 0)
        return status;
    if (!gh_snapshot_oldest(folder, &s->start) || s->start < oldest)
        return gh_error_set(error, GH_EFORMAT,
                            "%s: the log begins at %" PRIu64
                            ", and no snapshot says what was before",
                            folder, oldest);
    return GH_OK;
}

static enum gh_status log_open(struct gh_whatif_source *s, uint32_t threads,
                               struct gh_error *error)
{
    struct gh_log_cursor *end = NULL;
    enum gh_status status = start_find(s, error);

    if (status == GH_OK)
        status = gh_log_cursor_open(&s->cursor, s->plan->folder, NULL, s->start, error);
    if (status == GH_OK)
        status = gh_log_cursor_open(&end, s->plan->folder, NULL, INT64_MAX, error);
    if (status != GH_OK)
        return status;
    s->total = gh_log_cursor_position(end);
    gh_log_cursor_close(end);
    const struct gh_log_ahead_wish wish = {
        .cursor = s->cursor, .position = s->start, .end = INT64_MAX, .threads = threads};
    return gh_log_ahead_new(&s->log, &wish, error);
}

enum gh_status gh_whatif_source_new(struct gh_whatif_source **source,
                                    const struct gh_whatif_plan *plan, uint32_t threads,
                                    struct gh_error *error)
{
    struct gh_whatif_source *s = calloc(1, sizeof *s);
    enum gh_status status;

    if (!s)
        return gh_error_set(error, GH_EMEMORY, "what-if: out of memory");
    s->plan = plan;
    if (plan->folder) {
        status = log_open(s, threads, error);
    } else {
        status = gh_inputs_check(plan->path, plan->path_count, &s->total, error);
        if (status == GH_OK)
            status = gh_ahead_new(&s->ahead, plan->path, plan->path_count, threads, error);
    }
    if (status == GH_OK)
        *source = s;
    else
        gh_whatif_source_free(s);
    return status;
}

uint64_t gh_whatif_source_start(const struct gh_whatif_source *source)
{
    return source->start;
}

void gh_whatif_source_free(struct gh_whatif_source *source)
{
    if (!source)
        return;
    gh_ahead_free(source->ahead);
    gh_log_ahead_free(source->log);
    gh_log_cursor_close(source->cursor);
    free(source);
}

/* What stands in `decoded`; false: nothing more. */
static bool decoded_lend(struct gh_whatif_source *s, struct gh_decoded *decoded,
                         struct gh_whatif_block *block)
{
    if (decoded->pieces == 0)
        return false;
    for (uint32_t i = 0; i < decoded->events; i++)
        decoded->event[i].owner = s->owner;
    s->rest = decoded;
    block->event = decoded->event;
    block->count = decoded->events;
    block->basis[0] = '\0';
    return true;
}

/* What did not fit the last time. */
static bool rest_lend(struct gh_whatif_source *s, struct gh_whatif_block *block)
{
    struct gh_decoded *const rest = s->rest;

    s->rest = NULL;
    if (!rest)
        return false;
    const struct gh_frame frame = rest->frame;
    gh_decoded_fill(rest, &frame);
    return decoded_lend(s, rest, block);
}

static enum gh_status file_next(struct gh_whatif_source *s, struct gh_whatif_block *block,
                                bool *more, struct gh_error *error)
{
    struct gh_ahead_block *next = NULL;
    const enum gh_status status = gh_ahead_next(s->ahead, &next, error);

    if (status != GH_OK || !next)
        return status;
    *more = true;
    block->count = 0;
    s->done += next->frame.size;
    decoded_lend(s, &next->decoded, block);
    return GH_OK;
}

static enum gh_status run_next(struct gh_whatif_source *s, struct gh_whatif_block *block,
                               bool *more, struct gh_error *error)
{
    struct gh_log_ahead_run *next = NULL;
    const enum gh_status status = gh_log_ahead_next(s->log, &next, error);

    if (status != GH_OK || !next)
        return status;
    *more = true;
    block->count = 0;
    s->done = next->run.first + next->run.count;
    s->owner = gh_owner_of(next->run.owner);
    switch ((enum gh_run_kind)next->run.kind) {
    case GH_RUN_EVENTS:
        decoded_lend(s, &next->decoded, block);
        break;
    case GH_RUN_SETTINGS:
        snprintf(block->basis, sizeof block->basis, "%.*s", (int)next->run.raw_size,
                 next->run.raw);
        break;
    case GH_RUN_LOSSES:
        break;
    }
    return GH_OK;
}

enum gh_status gh_whatif_source_next(struct gh_whatif_source *source,
                                     struct gh_whatif_block *block, bool *more,
                                     struct gh_error *error)
{
    enum gh_status status = GH_OK;

    block->basis[0] = '\0';
    *more = rest_lend(source, block);
    if (!*more)
        status = source->ahead ? file_next(source, block, more, error)
                               : run_next(source, block, more, error);
    block->done = source->done;
    block->total = source->total;
    return status;
}
