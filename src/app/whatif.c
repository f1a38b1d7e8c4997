/* whatif.c - see whatif.h. */
#include "app/whatif_inside.h"

#include "base/civil.h"
#include "edge/clock.h"
#include "edge/threads.h"
#include "engine/follow.h"
#include "engine/options.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* --- the stretch --- */

/* Nothing that comes can be dated before the end: all hours up to it are closed in each case,
 * and what is older than they are is late. */
static bool lane_over(const struct gh_whatif *w, const struct gh_whatif_lane *lane)
{
    const struct gh_order_options *order = gh_config_group(lane->config, "order");
    const int64_t closed =
        gh_engine_newest_ms(lane->engine) - (int64_t)(order->lateness * 1000.0);

    return gh_floor_div(closed, GH_MS_PER_HOUR) >=
           gh_floor_div(w->plan->until_ms - 1, GH_MS_PER_HOUR) + 1;
}

static bool all_over(const struct gh_whatif *w)
{
    bool over = w->over;

    for (size_t i = 0; over && i < w->plan->case_count; i++)
        over = lane_over(w, &w->lane[i]);
    return over;
}

/* What is summed up is what the counters say at its end less what they said at its begin. */
static void totals_add(struct gh_whatif *w, double sign)
{
    for (size_t i = 0; i < w->plan->case_count; i++) {
        struct gh_whatif_case *const of = &w->plan->cases[i];
        struct gh_whatif_totals *t = &of->totals;
        struct gh_counters now;

        gh_engine_counters(w->lane[i].engine, &now);
        t->events = sign > 0 ? now.applied - t->events : now.applied;
        t->actors = now.actors;
        t->tokens = sign > 0 ? now.tokens - t->tokens : now.tokens;
        t->cost_usd = sign > 0 ? now.cost_usd - t->cost_usd : now.cost_usd;
    }
}

/* How many of the events come before the stretch begins, or ends. */
static size_t stretch_reach(const struct gh_whatif *w, const struct gh_event *event,
                            size_t count)
{
    const int64_t mark = !w->begun  ? w->plan->from_ms
                         : !w->over ? w->plan->until_ms
                                    : INT64_MAX;
    size_t n = 0;

    while (n < count && event[n].ts_ms < mark)
        n++;
    return n;
}

/* --- the cases --- */

static void front_offer(struct gh_whatif *w, struct gh_whatif_front *front)
{
    struct gh_released released;

    front->status = w->count > 0
                        ? gh_engine_offer(front->engine, w->event, w->count, front->answer)
                        : gh_engine_finish(front->engine);
    while (gh_engine_released(front->engine, &released))
        continue;
}

static void front_run(void *context, uint32_t index)
{
    struct gh_whatif *w = context;

    front_offer(w, &w->front[index]);
}

static void lane_run(void *context, uint32_t index)
{
    struct gh_whatif *w = context;
    struct gh_whatif_lane *lane = &w->lane[index];

    if (lane->alone)
        front_offer(w, lane->alone);
    lane->status = lane->alone ? lane->alone->status : gh_engine_catch_up(lane->engine);
}

static void changes_drain(const struct gh_whatif *w, struct gh_whatif_lane *lane)
{
    const struct gh_whatif_plan *plan = w->plan;
    struct gh_finding change;

    while (gh_engine_change(lane->engine, &change))
        if (lane->of->on_change && change.time_ms >= plan->from_ms &&
            change.time_ms < plan->until_ms)
            lane->of->on_change(lane->of->context, &change);
}

static enum gh_status memory_error(const struct gh_whatif *w, struct gh_error *error)
{
    return gh_error_set(error, GH_EMEMORY,
                        "what-if: %zu cases need more than the %" PRIu64
                        " MB that there are: try fewer at once, or a smaller stretch",
                        w->plan->case_count, w->budget.bytes / 1000000);
}

/* All cases take w->event; none: the end of input. */
static enum gh_status lanes_run(struct gh_whatif *w, struct gh_error *error)
{
    const struct gh_executor pool = gh_pool_executor(w->pool);

    pool.run(pool.context, front_run, w, w->fronts);
    pool.run(pool.context, lane_run, w, (uint32_t)w->plan->case_count);
    for (size_t i = 0; i < w->plan->case_count; i++) {
        if (w->lane[i].status != GH_OK)
            return memory_error(w, error);
        changes_drain(w, &w->lane[i]);
    }
    return GH_OK;
}

/* Events up to the next edge of the stretch at a time: the totals are taken there. */
static enum gh_status events_take(struct gh_whatif *w, struct gh_event *event, size_t count,
                                  struct gh_error *error)
{
    enum gh_status status = GH_OK;

    while (status == GH_OK && count > 0) {
        const size_t n = stretch_reach(w, event, count);
        if (n == 0) {
            totals_add(w, w->begun ? 1.0 : -1.0);
            w->over = w->begun;
            w->begun = true;
            continue;
        }
        w->event = event;
        w->count = n;
        w->in_stretch += w->begun && !w->over ? n : 0;
        status = lanes_run(w, error);
        event += n;
        count -= n;
    }
    return status;
}

static enum gh_status block_take(struct gh_whatif *w, const struct gh_whatif_block *block,
                                 struct gh_error *error)
{
    if (block->basis[0])
        return w->plan->as_configured ? gh_whatif_basis(w, &w->lane[0], block->basis, error)
                                      : GH_OK;
    return events_take(w, block->event, block->count, error);
}

static enum gh_status blocks_take(struct gh_whatif *w, struct gh_error *error)
{
    const struct gh_whatif_plan *plan = w->plan;
    struct gh_whatif_block block = {.count = 0};
    enum gh_status status = GH_OK;
    bool more = true;

    while (status == GH_OK && more && !all_over(w)) {
        status = gh_whatif_source_next(w->source, &block, &more, error);
        if (status == GH_OK && more)
            status = block_take(w, &block, error);
        if (plan->progress)
            plan->progress(plan->progress_context, block.done, block.total);
    }
    w->count = 0;
    if (status == GH_OK && !more)
        status = lanes_run(w, error);
    return status;
}

static enum gh_status stretch_check(struct gh_whatif *w, struct gh_error *error)
{
    if (w->in_stretch == 0)
        return gh_error_set(error, GH_EFORMAT,
                            "what-if: there is no event in the stretch of time");
    if (!w->over)
        totals_add(w, 1.0);
    return GH_OK;
}

/* --- beginning and end --- */

static enum gh_status lanes_open(struct gh_whatif *w, struct gh_error *error)
{
    const struct gh_whatif_plan *plan = w->plan;
    enum gh_status status = GH_OK;

    w->lane = calloc(plan->case_count, sizeof *w->lane);
    w->front = calloc(plan->case_count, sizeof *w->front);
    if (!w->lane || !w->front)
        return gh_error_set(error, GH_EMEMORY, "what-if: out of memory");
    for (size_t i = 0; status == GH_OK && i < plan->case_count; i++) {
        struct gh_whatif_lane *lane = &w->lane[i];
        lane->of = &plan->cases[i];
        lane->of->totals = (struct gh_whatif_totals){.events = 0};
        lane->config = lane->of->config;
        const bool alone =
            (i == 0 && plan->as_configured) || gh_whatif_source_start(w->source) > 0;
        status = alone ? gh_whatif_alone(w, lane, error) : gh_whatif_follow(w, lane, error);
    }
    return status;
}

static void whatif_close(struct gh_whatif *w)
{
    gh_pool_free(w->pool);
    gh_whatif_source_free(w->source);
    gh_whatif_lanes_free(w);
    gh_whatif_shelf_free(w);
    gh_zone_cache_free(w->zones);
    gh_threads_must(pthread_mutex_destroy(&w->zones_lock));
}

enum gh_status gh_whatif_run(const struct gh_whatif_plan *plan, struct gh_error *error)
{
    const uint32_t threads = gh_threads_allowed(plan->threads);
    const uint64_t started = gh_clock_ns();
    struct gh_whatif w = {.plan = plan};

    assert(plan->case_count >= 1 && plan->case_count <= GH_WHATIF_CASES_MAX);
    assert((plan->folder != NULL) != (plan->path_count > 0));
    gh_memory_budget_init(&w.budget);
    gh_threads_must(pthread_mutex_init(&w.zones_lock, NULL));
    enum gh_status status = gh_whatif_source_new(&w.source, plan, threads - 1, error);
    if (status == GH_OK &&
        (!(w.pool = gh_pool_new(threads)) || !(w.zones = gh_zone_cache_new())))
        status = gh_error_set(error, GH_EMEMORY, "what-if: no memory or no threads to start");
    if (status == GH_OK)
        status = lanes_open(&w, error);
    if (status == GH_OK)
        status = blocks_take(&w, error);
    if (status == GH_OK)
        status = stretch_check(&w, error);
    for (size_t i = 0; i < plan->case_count; i++)
        plan->cases[i].totals.seconds = (double)(gh_clock_ns() - started) / 1e9;
    whatif_close(&w);
    return status;
}
