/* pipeline_configure.c - an engine that goes on under another configuration. */
#include "app/parcel.h"
#include "app/pipeline_inside.h"

#include <stdlib.h>
#include <string.h>

struct gh_pipeline_next {
    const struct gh_config *config;
    bool copied; /* what follows takes the place of the pipeline's own */
    struct gh_engine *engine;
    struct gh_model *model;
    struct gh_price_table *prices;
    struct gh_resource_hash hash;
};

/* A second engine that stands where the first one does. */
static enum gh_status engine_copy(const struct gh_pipeline *from, const struct gh_setup *setup,
                                  struct gh_engine **engine, struct gh_error *error)
{
    const enum gh_status status = gh_parcel_copy(engine, setup, from->engine);

    if (status == GH_ECONFIG)
        return gh_error_set(error, status, "%s", gh_pipeline_past);
    return status == GH_OK ? GH_OK : gh_error_set(error, GH_EMEMORY, "engine: out of memory");
}

/* The files are read again: they may be others under the same names. */
static enum gh_status next_copy(struct gh_pipeline *p, struct gh_pipeline_next *next,
                                struct gh_error *error)
{
    struct gh_pipeline files = {
        .hooks = p->hooks, .pool = p->pool, .zones = p->zones, .shards = p->shards};
    const struct gh_settings settings = gh_config_settings(next->config);
    enum gh_status status = gh_pipeline_files(&files, next->config, error);

    next->copied = true;
    next->model = files.model;
    next->prices = files.prices;
    next->hash = files.hash;
    if (status == GH_OK) {
        const struct gh_setup setup = gh_pipeline_setup(&files, &settings);
        status = engine_copy(p, &setup, &next->engine, error);
    }
    return status;
}

/* Whether all that differs may change where the engine stands. */
static bool options_live(const struct gh_config *before, const struct gh_config *after)
{
    for (size_t g = 0; g < gh_engine_group_count(); g++) {
        const struct gh_option_group *group = gh_engine_group_at(g);
        for (size_t i = 0; i < group->count; i++) {
            char old[GH_CONFIG_PRINT_SIZE], new[GH_CONFIG_PRINT_SIZE];
            gh_config_print(before, group, &group->options[i], old, sizeof old);
            gh_config_print(after, group, &group->options[i], new, sizeof new);
            if (strcmp(old, new) != 0 && !gh_option_live(g, i))
                return false;
        }
    }
    return true;
}

enum gh_status gh_pipeline_prepare(struct gh_pipeline *pipeline, const struct gh_config *config,
                                   struct gh_pipeline_next **next, struct gh_error *error)
{
    struct gh_pipeline_next *made = calloc(1, sizeof *made);
    struct gh_resource_hash hash;

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "engine: out of memory");
    made->config = config;
    enum gh_status status = gh_basis_files(config, &hash, error);
    if (status == GH_OK && (strcmp(hash.model, pipeline->hash.model) != 0 ||
                            strcmp(hash.prices, pipeline->hash.prices) != 0 ||
                            !options_live(pipeline->config, config)))
        status = next_copy(pipeline, made, error);
    if (status == GH_OK)
        *next = made;
    else
        gh_pipeline_next_free(made);
    return status;
}

/* What was the pipeline's is the other's now, who frees it. */
static void files_swap(struct gh_pipeline *p, struct gh_pipeline_next *next)
{
    struct gh_engine *engine = p->engine;
    struct gh_model *model = p->model;
    struct gh_price_table *prices = p->prices;

    p->engine = next->engine;
    p->model = next->model;
    p->prices = next->prices;
    p->hash = next->hash;
    next->engine = engine;
    next->model = model;
    next->prices = prices;
}

enum gh_status gh_pipeline_adopt(struct gh_pipeline *pipeline, struct gh_pipeline_next *next,
                                 struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (next->copied) {
        files_swap(pipeline, next);
    } else {
        const struct gh_settings settings = gh_config_settings(next->config);
        status = gh_engine_configure(pipeline->engine, &settings);
    }
    if (status == GH_OK)
        pipeline->config = next->config;
    else
        gh_error_set(error, status, "engine: %s", gh_status_text(status));
    gh_pipeline_next_free(next);
    return status;
}

void gh_pipeline_next_free(struct gh_pipeline_next *next)
{
    if (!next)
        return;
    gh_engine_free(next->engine);
    gh_model_free(next->model);
    gh_price_table_free(next->prices);
    free(next);
}

enum gh_status gh_pipeline_configure(struct gh_pipeline *pipeline,
                                     const struct gh_config *config, struct gh_error *error)
{
    struct gh_pipeline_next *next = NULL;
    const enum gh_status status = gh_pipeline_prepare(pipeline, config, &next, error);

    return next ? gh_pipeline_adopt(pipeline, next, error) : status;
}
