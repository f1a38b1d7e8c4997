/* whatif_lane.c - an engine for each case, with what it needs. */
#include "app/whatif_inside.h"

#include "app/parcel.h"
#include "edge/edge_options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A place on the shelf for what is loaded from `path`; *there: it was loaded before. */
static struct gh_whatif_shelf *shelf_place(struct gh_whatif *w, const char *path, bool prices,
                                           bool *there)
{
    for (struct gh_whatif_shelf *s = w->shelf; s; s = s->next) {
        const char *has = prices ? s->prices_path : s->model_path;
        *there = has && !strcmp(has, path);
        if (*there)
            return s;
    }
    struct gh_whatif_shelf *made = calloc(1, sizeof *made);
    char *copy = strdup(path);
    if (!made || !copy) {
        free(made);
        free(copy);
        return NULL;
    }
    *(prices ? &made->prices_path : &made->model_path) = copy;
    made->next = w->shelf;
    return w->shelf = made;
}

static enum gh_status memory_error(struct gh_error *error)
{
    return gh_error_set(error, GH_EMEMORY, "what-if: out of memory");
}

static enum gh_status prices_take(struct gh_whatif *w, const char *path,
                                  struct gh_prices *prices, struct gh_error *error)
{
    bool there = false;
    struct gh_whatif_shelf *s = shelf_place(w, path, true, &there);
    enum gh_status status = s ? GH_OK : memory_error(error);

    if (status == GH_OK && !s->prices)
        status = gh_price_table_load(&s->prices, path, error);
    if (status == GH_OK)
        *prices = gh_price_table_prices(s->prices);
    return status;
}

static enum gh_status model_take(struct gh_whatif *w, const char *path,
                                 const struct gh_model **model, struct gh_error *error)
{
    bool there = false;
    struct gh_whatif_shelf *s = shelf_place(w, path, false, &there);
    enum gh_status status = s ? GH_OK : memory_error(error);

    if (status == GH_OK && !s->model)
        status = gh_model_load(&s->model, path, error);
    if (status == GH_OK)
        *model = s->model;
    return status;
}

void gh_whatif_shelf_free(struct gh_whatif *w)
{
    while (w->shelf) {
        struct gh_whatif_shelf *gone = w->shelf;
        w->shelf = gone->next;
        gh_price_table_free(gone->prices);
        gh_model_free(gone->model);
        free(gone->prices_path);
        free(gone->model_path);
        free(gone);
    }
}

/* As the engine goes on from `from`, or anew where that is NULL. */
static enum gh_status engine_make(struct gh_engine **engine, const struct gh_setup *setup,
                                  struct gh_engine *from, struct gh_error *error)
{
    struct gh_parcel parcel;
    enum gh_status status;

    if (!from) {
        status = gh_engine_new(engine, setup);
        return status == GH_OK
                   ? status
                   : gh_error_set(error, status, "engine: %s", gh_status_text(status));
    }
    status = gh_parcel_pack(&parcel, from, error);
    if (status == GH_OK) {
        const struct gh_carrier carrier = gh_parcel_carrier(&parcel);
        status = gh_engine_load(engine, setup, &carrier);
        if (status != GH_OK)
            gh_error_set(error, status, "log: settings that it records: %s",
                         status == GH_ECONFIG
                             ? "evidence.epoch or evidence.burn_in differ from "
                               "those that it began with"
                             : gh_status_text(status));
    }
    gh_parcel_free(&parcel);
    return status;
}

/* What has seen nothing yet may begin under any settings. */
static bool begun(const struct gh_whatif_lane *lane)
{
    struct gh_counters counters;

    if (!lane->engine)
        return false;
    gh_engine_counters(lane->engine, &counters);
    return counters.offered > 0;
}

enum gh_status gh_whatif_engine(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(lane->config, "service");
    const struct gh_settings settings = gh_config_settings(lane->config);
    struct gh_setup setup = {.settings = &settings,
                             .memory = gh_memory_budget_memory(&w->budget),
                             .watch = lane->of->watch,
                             .shards = service->shards};
    struct gh_engine *made = NULL;
    enum gh_status status = prices_take(w, service->prices.text, &setup.prices, error);

    if (status == GH_OK)
        status = model_take(w, service->model.text, &setup.model, error);
    if (status == GH_OK && !lane->zones && !(lane->zones = gh_zone_cache_new()))
        status = memory_error(error);
    if (status != GH_OK)
        return status;
    setup.zones = gh_zone_cache_zones(lane->zones);
    status = engine_make(&made, &setup, begun(lane) ? lane->engine : NULL, error);
    if (status == GH_OK) {
        gh_engine_free(lane->engine);
        lane->engine = made;
    }
    return status;
}

enum gh_status gh_whatif_basis(struct gh_whatif *w, struct gh_whatif_lane *lane,
                               const char *basis, struct gh_error *error)
{
    struct gh_config *past = NULL;
    enum gh_status status = gh_basis_config(w->plan->folder, basis, &past, error);

    if (status != GH_OK)
        return status;
    lane->config = past;
    status = gh_whatif_engine(w, lane, error);
    gh_config_free(lane->past);
    lane->past = past;
    return status;
}

void gh_whatif_lane_free(struct gh_whatif_lane *lane)
{
    gh_engine_free(lane->engine);
    gh_zone_cache_free(lane->zones);
    gh_config_free(lane->past);
    free(lane->answer);
}
