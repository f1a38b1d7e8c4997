/* whatif_lane.c - an engine for each case, and what they take in together. */
#include "app/whatif_inside.h"

#include "app/parcel.h"
#include "edge/decoded.h"
#include "edge/edge_options.h"
#include "edge/threads.h"
#include "engine/follow.h"

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
    enum gh_status status = GH_OK;

    if (!s)
        return memory_error(error);
    if (!s->prices)
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
    enum gh_status status = GH_OK;

    if (!s)
        return memory_error(error);
    if (!s->model)
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

/* --- what an engine is made of --- */

static const struct gh_zone *zone_find(void *context, struct gh_text name)
{
    struct gh_whatif *w = context;
    const struct gh_zones zones = gh_zone_cache_zones(w->zones);

    gh_threads_must(pthread_mutex_lock(&w->zones_lock));
    const struct gh_zone *zone = zones.find(zones.context, name);
    gh_threads_must(pthread_mutex_unlock(&w->zones_lock));
    return zone;
}

struct gh_zones gh_whatif_zones(struct gh_whatif *w)
{
    return (struct gh_zones){w, zone_find};
}

struct making {
    struct gh_settings settings;
    struct gh_setup setup;
};

static enum gh_status making_fill(struct gh_whatif *w, const struct gh_whatif_lane *lane,
                                  struct making *making, struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(lane->config, "service");
    struct gh_setup *setup = &making->setup;

    making->settings = gh_config_settings(lane->config);
    *setup = (struct gh_setup){.settings = &making->settings,
                               .memory = gh_memory_budget_memory(&w->budget),
                               .zones = gh_whatif_zones(w),
                               .watch = lane->of->watch,
                               .shards = service->shards};
    const enum gh_status status = prices_take(w, service->prices.text, &setup->prices, error);

    return status == GH_OK ? model_take(w, service->model.text, &setup->model, error) : status;
}

static enum gh_status engine_error(struct gh_error *error, enum gh_status status)
{
    return gh_error_set(error, status, "engine: %s", gh_status_text(status));
}

/* --- fronts --- */

static enum gh_status front_open(struct gh_whatif_front *front, struct gh_error *error)
{
    front->answer = calloc(GH_DECODED_PIECES, sizeof *front->answer);
    return front->answer ? GH_OK : memory_error(error);
}

static void front_close(struct gh_whatif_front *front)
{
    gh_engine_free(front->engine);
    free(front->answer);
}

/* One more that others may follow. */
static enum gh_status front_add(struct gh_whatif *w, struct gh_setup *setup,
                                struct gh_error *error)
{
    struct gh_whatif_front *front = &w->front[w->fronts++];
    enum gh_status status = front_open(front, error);

    if (status != GH_OK)
        return status;
    status = gh_engine_lead(&front->engine, setup);
    return status == GH_OK ? status : engine_error(error, status);
}

enum gh_status gh_whatif_follow(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                struct gh_error *error)
{
    struct making making;
    enum gh_status status = making_fill(w, lane, &making, error);
    uint32_t i = 0;

    while (status == GH_OK && i < w->fronts &&
           !gh_engine_fits(w->front[i].engine, &making.setup))
        i++;
    if (status == GH_OK && i == w->fronts)
        status = front_add(w, &making.setup, error);
    if (status != GH_OK)
        return status;
    status = gh_engine_follow(&lane->engine, w->front[i].engine, &making.setup);
    return status == GH_OK ? status : engine_error(error, status);
}

/* --- engines by themselves --- */

static enum gh_status load_error(struct gh_error *error, const char *what,
                                 enum gh_status status)
{
    return gh_error_set(error, status, "%s: %s", what,
                        status == GH_ECONFIG ? "evidence.epoch or evidence.burn_in is another "
                                               "than the engine began with"
                                             : gh_status_text(status));
}

/* The engine of the lane as the snapshot has it, under the lane's settings. */
static enum gh_status snapshot_take(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                    struct gh_snapshot_reader *reader, struct gh_error *error)
{
    struct gh_snapshot_parcel parcel = {reader, error};
    const struct gh_carrier carrier = gh_snapshot_parcel_carrier(&parcel);
    char basis[GH_BASIS_SIZE];
    struct making making;
    enum gh_status status = GH_OK;

    gh_snapshot_basis(reader, basis);
    if (w->plan->as_configured && lane == w->lane)
        status = gh_basis_config(w->plan->folder, basis, &lane->past, error);
    if (status == GH_OK && lane->past)
        lane->config = lane->past;
    if (status == GH_OK)
        status = making_fill(w, lane, &making, error);
    if (status != GH_OK)
        return status;
    status = gh_engine_load(&lane->alone->engine, &making.setup, &carrier);
    return status == GH_OK ? status : load_error(error, "snapshot", status);
}

static enum gh_status snapshot_load(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                    struct gh_error *error)
{
    const uint64_t start = gh_whatif_source_start(w->source);
    const struct gh_snapshot_wish wish = {w->plan->folder, start, NULL, NULL};
    struct gh_snapshot_reader *reader = NULL;
    enum gh_status status = gh_snapshot_open(&reader, &wish, error);

    if (status == GH_OK && (!reader || gh_snapshot_head(reader)->position != start))
        status = gh_error_set(error, GH_EFORMAT,
                              "%s: the beginning of the log was pruned, and the snapshot of "
                              "position %" PRIu64 " is no good",
                              w->plan->folder, start);
    if (status == GH_OK)
        status = snapshot_take(w, lane, reader, error);
    gh_snapshot_close(reader);
    return status;
}

static enum gh_status engine_begin(struct gh_whatif *w, struct gh_whatif_lane *lane,
                                   struct gh_error *error)
{
    struct making making;
    enum gh_status status = making_fill(w, lane, &making, error);

    if (status != GH_OK)
        return status;
    status = gh_engine_new(&lane->alone->engine, &making.setup);
    return status == GH_OK ? status : engine_error(error, status);
}

enum gh_status gh_whatif_alone(struct gh_whatif *w, struct gh_whatif_lane *lane,
                               struct gh_error *error)
{
    lane->alone = calloc(1, sizeof *lane->alone);
    enum gh_status status = lane->alone ? front_open(lane->alone, error) : memory_error(error);

    if (status == GH_OK)
        status = gh_whatif_source_start(w->source) > 0 ? snapshot_load(w, lane, error)
                                                       : engine_begin(w, lane, error);
    lane->engine = lane->alone ? lane->alone->engine : NULL;
    return status;
}

/* An engine that goes on where that of the lane stands; one that has seen nothing yet may begin
 * under any settings. */
static enum gh_status engine_move(struct gh_whatif_lane *lane, const struct gh_setup *setup,
                                  struct gh_engine **made, struct gh_error *error)
{
    struct gh_counters counters;

    gh_engine_counters(lane->engine, &counters);
    if (counters.offered == 0) {
        const enum gh_status begun = gh_engine_new(made, setup);
        return begun == GH_OK ? begun : engine_error(error, begun);
    }
    const enum gh_status status = gh_parcel_copy(made, setup, lane->engine);
    return status == GH_OK ? status
                           : load_error(error, "log: settings that it records", status);
}

enum gh_status gh_whatif_basis(struct gh_whatif *w, struct gh_whatif_lane *lane,
                               const char *basis, struct gh_error *error)
{
    struct gh_config *past = NULL;
    struct gh_engine *made = NULL;
    struct making making;
    enum gh_status status = gh_basis_config(w->plan->folder, basis, &past, error);

    if (status != GH_OK)
        return status;
    lane->config = past;
    status = making_fill(w, lane, &making, error);
    if (status == GH_OK) {
        status = engine_move(lane, &making.setup, &made, error);
    }
    if (status == GH_OK) {
        gh_engine_free(lane->engine);
        lane->engine = lane->alone->engine = made;
    }
    gh_config_free(lane->past);
    lane->past = past;
    return status;
}

void gh_whatif_lanes_free(struct gh_whatif *w)
{
    for (size_t i = 0; w->lane && i < w->plan->case_count; i++) {
        struct gh_whatif_lane *lane = &w->lane[i];
        if (lane->alone)
            front_close(lane->alone);
        else
            gh_engine_free(lane->engine);
        free(lane->alone);
        gh_config_free(lane->past);
    }
    for (uint32_t i = 0; i < w->fronts; i++)
        front_close(&w->front[i]);
    free(w->front);
    free(w->lane);
}
