/* source.c - see source.h. */
#include "app/explain/source.h"

#include "app/history.h"
#include "app/progress.h"
#include "edge/ahead.h"
#include "edge/clock.h"
#include "edge/edge_options.h"
#include "edge/threads.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
    const struct gh_explain_source *source;
    const struct gh_hooks *hooks;
    void (*done)(void *context, struct gh_engine *engine);
    struct gh_progress progress;
    struct gh_place place;
};

/* Before hours of work. A pipe has no size: then *total is 0. */
static enum gh_status files_check(const struct gh_explain_source *source, uint64_t *total,
                                  struct gh_error *error)
{
    *total = 0;
    for (size_t i = 0; i < source->path_count; i++) {
        struct stat about = {0};

        if (strcmp(source->path[i], "-") != 0 &&
            (access(source->path[i], R_OK) || stat(source->path[i], &about)))
            return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", source->path[i],
                                strerror(errno));
        *total += (uint64_t)about.st_size;
    }
    return GH_OK;
}

static enum gh_status block_feed(struct reading *r, struct gh_pipeline *pipeline,
                                 struct gh_ahead_block *block, struct gh_error *error)
{
    const char *path = r->source->path[block->file];
    struct gh_tally tally;

    if (r->place.source != path)
        r->place = (struct gh_place){.source = path};
    enum gh_status status = gh_pipeline_decoded(pipeline, &block->decoded, &r->place, error);
    if (status == GH_OK)
        status = gh_pipeline_flush(pipeline, error);
    gh_pipeline_tally(pipeline, &tally);
    gh_progress_update(&r->progress, tally.bytes, tally.pieces, (int64_t)gh_clock_ns());
    return status;
}

static enum gh_status files_feed(struct reading *r, struct gh_pipeline *pipeline,
                                 struct gh_error *error)
{
    const struct gh_explain_source *s = r->source;
    const struct gh_service_options *service = gh_config_group(s->config, "service");
    struct gh_ahead_block *block = NULL;
    struct gh_ahead *ahead = NULL;
    enum gh_status status = gh_ahead_new(&ahead, s->path, s->path_count,
                                         gh_threads_allowed(service->threads) - 1, error);

    while (status == GH_OK) {
        status = gh_ahead_next(ahead, &block, error);
        if (status != GH_OK || !block)
            break;
        status = block_feed(r, pipeline, block, error);
    }
    gh_ahead_free(ahead);
    return status == GH_OK ? gh_pipeline_finish(pipeline, error) : status;
}

static enum gh_status files_read(struct reading *r, struct gh_error *error)
{
    struct gh_pipeline *pipeline = NULL;
    uint64_t total;
    enum gh_status status = files_check(r->source, &total, error);

    if (status == GH_OK)
        status =
            gh_pipeline_new(&pipeline, r->source->config, GH_BATCH_DEFAULT, r->hooks, error);
    gh_progress_start(&r->progress, stderr, isatty(STDERR_FILENO), total,
                      (int64_t)gh_clock_ns());
    if (status == GH_OK)
        status = files_feed(r, pipeline, error);
    gh_progress_stop(&r->progress);
    if (status == GH_OK)
        r->done(r->hooks->context, gh_pipeline_engine(pipeline));
    gh_pipeline_free(pipeline);
    return status;
}

/* From the first event of the log; where that is gone, from a snapshot before what is meant. */
static enum gh_status log_open(struct gh_history *h, uint64_t position,
                               struct gh_log_cursor **cursor, struct gh_error *error)
{
    struct gh_error pruned = {0};

    if (gh_log_cursor_open(cursor, h->folder, NULL, 0, &pruned) == GH_OK)
        return GH_OK;
    const enum gh_status status = gh_history_start(h, position, error);
    if (status != GH_OK)
        return status;
    if (!h->pipeline)
        return gh_error_set(error, GH_EFORMAT, "%s, and no snapshot is left from before",
                            pruned.text);
    return gh_log_cursor_open(cursor, h->folder, NULL, h->position, error);
}

static enum gh_status after_run(void *context, struct gh_error *error)
{
    (void)context;
    (void)error;
    return GH_OK;
}

static enum gh_status log_read(struct reading *r, struct gh_error *error)
{
    const struct gh_history_wish wish = {UINT64_MAX, after_run, NULL};
    struct gh_outbox outbox = {0};
    struct gh_history h = {.folder = r->source->folder,
                           .config = r->source->config,
                           .hooks = r->hooks,
                           .outbox = &outbox};
    struct gh_log_cursor *cursor = NULL;
    enum gh_status status = log_open(&h, r->source->position, &cursor, error);

    if (status == GH_OK)
        status = gh_history_read(&h, cursor, &wish, error);
    if (status == GH_OK && !h.pipeline)
        status = gh_error_set(error, GH_EFORMAT, "%s: there is no event yet", h.folder);
    if (status == GH_OK)
        r->done(r->hooks->context, gh_pipeline_engine(h.pipeline));
    gh_log_cursor_close(cursor);
    gh_history_end(&h);
    gh_outbox_free(&outbox);
    return status;
}

enum gh_status gh_explain_source_read(const struct gh_explain_source *source,
                                      const struct gh_hooks *hooks,
                                      void (*done)(void *context, struct gh_engine *engine),
                                      struct gh_error *error)
{
    struct reading r = {.source = source, .hooks = hooks, .done = done};

    return source->path_count > 0 ? files_read(&r, error) : log_read(&r, error);
}
