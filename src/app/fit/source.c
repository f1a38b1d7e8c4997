/* source.c - one pass over all companies, side by side on the cores there are. */
#include "app/fit/fit.h"

#include "app/pipeline.h"
#include "base/hash.h"
#include "edge/blocks.h"
#include "edge/resources.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 1024, THOUSAND = 1000 };

/* One source while it runs. */
struct running {
    struct gh_fit *fit;
    struct gh_fit_company *company;
    struct gh_pipeline *pipeline;
    struct gh_error error;
    uint64_t told, events_told; /* of the progress */
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void change_ignore(void *context, const struct gh_finding *change)
{
    (void)context;
    (void)change;
}

/* `done` of the source, in thousandths. */
static void progress_tell(struct running *r, uint64_t done)
{
    struct gh_fit *fit = r->fit;
    const uint64_t events = r->company->events;

    done = done > THOUSAND ? THOUSAND : done;
    pthread_mutex_lock(&fit->lock);
    fit->done += done - r->told;
    fit->events += events - r->events_told;
    gh_progress_update(&fit->progress, fit->done, fit->events, now_ns());
    pthread_mutex_unlock(&fit->lock);
    r->told = done;
    r->events_told = events;
}

static uint64_t event_hash(const struct gh_event *event, uint64_t before)
{
    const int64_t fact[] = {event->ts_ms, event->input_tokens, event->output_tokens,
                            event->cache_read_tokens, (int64_t)event->kind};
    const uint64_t id = gh_hash(event->id.at, event->id.size);

    return gh_hash_pair(before, gh_hash_seeded(fact, sizeof fact, id));
}

static enum gh_status simulated_run(struct running *r)
{
    struct gh_fit_company *c = r->company;
    const struct gh_sim_plan *plan = &c->source->plan;
    const int64_t span = (int64_t)plan->weeks * 7 * 86400000;
    struct gh_event *event = calloc(BATCH, sizeof *event);
    struct gh_sim *sim = NULL;
    enum gh_status status;
    size_t count = 0;

    if (event == NULL)
        return gh_error_set(&r->error, GH_EMEMORY, "fit: out of memory");
    status = gh_sim_new(&sim, plan, &r->error);

    while (status == GH_OK && (count = gh_sim_next(sim, event, BATCH)) > 0) {
        for (size_t i = 0; i < count; i++)
            c->hash = event_hash(&event[i], c->hash);
        c->events += count;
        status = gh_pipeline_events(r->pipeline, event, count, &r->error);
        progress_tell(r, (uint64_t)(THOUSAND * (event[0].ts_ms - plan->start_ms) / span));
    }
    if (status == GH_OK && gh_sim_failed(sim))
        status = gh_error_set(&r->error, GH_EMEMORY, "simulate: out of memory");
    gh_sim_free(sim);
    free(event);
    return status;
}

static enum gh_status log_run(struct running *r)
{
    struct gh_fit_company *c = r->company;
    struct gh_place place = {.source = c->source->path};
    struct gh_blocks *blocks = NULL;
    enum gh_status status = gh_blocks_open(&blocks, place.source, &r->error);
    struct gh_tally tally = {0};

    while (status == GH_OK) {
        const char *at;
        size_t size;

        status = gh_blocks_next(blocks, &at, &size, &r->error);
        if (status != GH_OK || size == 0)
            break;
        c->hash = gh_hash_pair(c->hash, gh_hash(at, size));
        place.binary = gh_blocks_binary(blocks);
        status = gh_pipeline_frame(r->pipeline, at, size, &place, &r->error);
        if (status == GH_OK)
            status = gh_pipeline_flush(r->pipeline, &r->error);
        gh_pipeline_tally(r->pipeline, &tally);
        c->events = tally.pieces;
        if (c->source->size > 0)
            progress_tell(r, THOUSAND * tally.bytes / c->source->size);
    }
    gh_blocks_close(blocks);
    if (status == GH_OK && tally.applied == 0)
        status = gh_error_set(&r->error, GH_EFORMAT,
                              "%s: not one of %" PRIu64
                              " pieces is an event (goodhart check tells why)",
                              place.source, tally.pieces);
    return status;
}

static void source_run(void *argument, uint32_t index)
{
    struct gh_fit *fit = argument;
    struct gh_fit_company *c = &fit->company[index];
    struct running r = {.fit = fit, .company = c};
    const struct gh_watch watch = gh_fit_watch(c);
    const struct gh_hooks hooks = {
        .on_change = change_ignore, .model = fit->model, .watch = &watch};
    enum gh_status status = gh_pipeline_new(&r.pipeline, fit->config, BATCH, &hooks, &r.error);

    if (status == GH_OK)
        status = c->source->path ? log_run(&r) : simulated_run(&r);
    if (status == GH_OK)
        status = gh_pipeline_finish(r.pipeline, &r.error);
    if (status == GH_OK)
        gh_fit_company_end(c, gh_pipeline_engine(r.pipeline));
    if (status == GH_OK && c->heap.failed)
        status = gh_error_set(&r.error, GH_EMEMORY, "fit: out of memory");
    progress_tell(&r, THOUSAND);
    gh_pipeline_free(r.pipeline);
    if (status == GH_OK)
        return;
    pthread_mutex_lock(&fit->lock);
    gh_error_set(fit->error, status, "%s", r.error.text);
    pthread_mutex_unlock(&fit->lock);
}

static uint32_t thread_count(size_t sources)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t most = cores > 0 ? (size_t)cores : 1;

    return (uint32_t)(sources < most ? sources : most);
}

enum gh_status gh_fit_pass(struct gh_fit *fit, struct gh_error *error)
{
    struct gh_pool *pool = gh_pool_new(thread_count(fit->count));
    struct gh_error trouble = {0};

    fit->company = calloc(fit->count, sizeof *fit->company);
    if (pool == NULL || fit->company == NULL) {
        gh_pool_free(pool);
        return gh_error_set(error, GH_EMEMORY, "fit: out of memory");
    }
    fit->error = &trouble;
    for (size_t i = 0; i < fit->count; i++) {
        gh_fit_company_init(&fit->company[i], &fit->source[i], fit->labels);
        fit->company[i].temper = fit->temper;
    }
    const struct gh_executor executor = gh_pool_executor(pool);
    executor.run(executor.context, source_run, fit, (uint32_t)fit->count);
    gh_pool_free(pool);
    if (trouble.status != GH_OK)
        return gh_error_set(error, trouble.status, "%s", trouble.text);
    return GH_OK;
}

void gh_fit_companies_free(struct gh_fit *fit)
{
    for (size_t i = 0; fit->company && i < fit->count; i++)
        gh_fit_company_free(&fit->company[i]);
    free(fit->company);
    fit->company = NULL;
}
