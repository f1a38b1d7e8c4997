/* pipeline_open.c - what a pipeline is made of, and an engine that goes on from a saved one. */
#include "app/pipeline_inside.h"

#include "edge/edge_options.h"
#include "edge/threads.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char gh_pipeline_past[] = "evidence.epoch, evidence.burn_in: cannot change in a log that "
                                "has begun: set them back, or begin anew";

static uint32_t thread_count(const struct gh_service_options *options)
{
    const uint32_t allowed = gh_threads_allowed(options->threads);

    return allowed < options->shards ? allowed : options->shards;
}

enum gh_status gh_pipeline_files(struct gh_pipeline *p, const struct gh_config *config,
                                 struct gh_error *error)
{
    const struct gh_service_options *options = gh_config_group(config, "service");
    enum gh_status status = gh_basis_files(config, &p->hash, error);

    if (status == GH_OK)
        status = gh_price_table_load(&p->prices, options->prices.text, error);
    if (status == GH_OK && !p->hooks.model)
        status = gh_model_load(&p->model, options->model.text, error);
    return status;
}

static enum gh_status resources_load(struct gh_pipeline *p,
                                     const struct gh_service_options *options,
                                     struct gh_error *error)
{
    const enum gh_status status = gh_pipeline_files(p, p->config, error);

    if (status != GH_OK)
        return status;
    p->zones = gh_zone_cache_new();
    p->decoder = gh_decoder_new();
    p->pool = gh_pool_new(thread_count(options));
    p->event = calloc(p->batch, sizeof(*p->event));
    p->owner = calloc(p->batch, sizeof(*p->owner));
    p->answer = calloc(p->batch, sizeof(*p->answer));
    p->waiting = calloc(p->batch, sizeof(*p->waiting));
    if (!p->zones || !p->decoder || !p->pool || !p->event || !p->owner || !p->answer ||
        !p->waiting)
        return gh_error_set(error, GH_EMEMORY, "engine: no memory or no threads to start");
    return GH_OK;
}

struct gh_setup gh_pipeline_setup(const struct gh_pipeline *p,
                                  const struct gh_settings *settings)
{
    return (struct gh_setup){
        .settings = settings,
        .model = p->hooks.model ? p->hooks.model : p->model,
        .watch = p->hooks.watch,
        .prices = gh_price_table_prices(p->prices),
        .zones = gh_zone_cache_zones(p->zones),
        .memory = gh_memory_system(),
        .executor = gh_pool_executor(p->pool),
        .shards = p->shards,
    };
}

static enum gh_status engine_start(struct gh_pipeline *p, struct gh_error *error)
{
    const struct gh_settings settings = gh_config_settings(p->config);
    const struct gh_setup setup = gh_pipeline_setup(p, &settings);
    const enum gh_status status = gh_engine_new(&p->engine, &setup);

    if (status != GH_OK)
        gh_error_set(error, status, "engine: %s", gh_status_text(status));
    return status;
}

enum gh_status gh_pipeline_new(struct gh_pipeline **pipeline, const struct gh_config *config,
                               uint32_t batch, const struct gh_hooks *hooks,
                               struct gh_error *error)
{
    const struct gh_service_options *options = gh_config_group(config, "service");
    struct gh_pipeline *p = calloc(1, sizeof(*p));
    enum gh_status status;

    assert(batch >= 1 && batch <= GH_BATCH_MAX);
    *pipeline = NULL;
    if (!p)
        return gh_error_set(error, GH_EMEMORY, "engine: out of memory");
    p->hooks = *hooks;
    p->config = config;
    p->shards = options->shards;
    p->batch = batch;
    p->held_end = &p->held;
    status = resources_load(p, options, error);
    if (status == GH_OK)
        status = engine_start(p, error);
    if (status == GH_OK)
        *pipeline = p;
    else
        gh_pipeline_free(p);
    return status;
}

void gh_pipeline_free(struct gh_pipeline *pipeline)
{
    if (!pipeline)
        return;
    while (pipeline->held) {
        struct gh_held *gone = pipeline->held;
        pipeline->held = gone->next;
        free(gone);
    }
    gh_engine_free(pipeline->engine);
    gh_pool_free(pipeline->pool);
    gh_model_free(pipeline->model);
    gh_price_table_free(pipeline->prices);
    gh_zone_cache_free(pipeline->zones);
    gh_decoder_free(pipeline->decoder);
    free(pipeline->event);
    free(pipeline->owner);
    free(pipeline->answer);
    free(pipeline->waiting);
    free(pipeline);
}

enum gh_status gh_pipeline_load(struct gh_pipeline *pipeline, const struct gh_carrier *from,
                                struct gh_error *error)
{
    struct gh_pipeline *p = pipeline;
    const struct gh_settings settings = gh_config_settings(p->config);
    const struct gh_setup setup = gh_pipeline_setup(p, &settings);
    struct gh_engine *loaded;
    struct gh_counters c;
    const enum gh_status status = gh_engine_load(&loaded, &setup, from);

    assert(p->tally.pieces == 0);
    if (status == GH_ECONFIG)
        return gh_error_set(error, status, "%s", gh_pipeline_past);
    if (status != GH_OK)
        return gh_error_set(error, status, "saved engine: %s", gh_status_text(status));
    gh_engine_free(p->engine);
    p->engine = loaded;
    gh_engine_counters(loaded, &c);
    p->offered = c.offered;
    p->tally = (struct gh_tally){.pieces = c.offered,
                                 .applied = c.applied,
                                 .duplicate = c.duplicate,
                                 .late = c.late,
                                 .refused = c.refused,
                                 .held = c.held,
                                 .changes = c.changes};
    memcpy(p->tally.refused_by, c.refused_by, sizeof p->tally.refused_by);
    return GH_OK;
}
