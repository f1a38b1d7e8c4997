/* search.c - see search.h. */
#include "stat/search.h"

#include <assert.h>
#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 12, ROUNDS_IN_VAIN = 2, REFINE_MAX = 4, STATE_NUMBERS = 16 };
static const double shrink = 1.0 / 3.0;

struct walk {
    const struct gh_search *search;
    struct gh_search_found *found;
    uint32_t axis; /* that is walked along */
    bool failed;
};

static double scaled(const struct gh_search_axis *a, double value)
{
    return a->log ? log(value) : value;
}

static double unscaled(const struct gh_search_axis *a, double at)
{
    double value = a->log ? exp(at) : at;

    value = a->whole ? rint(value) : value;
    return fmax(a->low, fmin(value, a->high));
}

static uint32_t points_left(const struct walk *w)
{
    return w->search->points_max - w->found->points;
}

/* Costs of the best point with other values of the axis. */
static bool ask(struct walk *w, const double *value, uint32_t count, double *cost)
{
    double point[GH_SEARCH_BATCH * GH_SEARCH_AXES_MAX];
    const uint32_t axes = w->search->axes;

    assert(count <= GH_SEARCH_BATCH && count <= points_left(w));
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&point[i * axes], w->found->point, axes * sizeof *point);
        point[i * axes + w->axis] = value[i];
    }
    w->found->points += count;
    w->failed |= !w->search->evaluate(w->search->context, point, count, cost);
    return !w->failed;
}

/* Takes what is cheaper, and of what costs the same the one nearest to the start. */
static void take(struct walk *w, double value, double cost)
{
    const struct gh_search_axis *a = &w->search->axis[w->axis];
    const double start = scaled(a, a->start), was = w->found->point[w->axis];
    const bool nearer = fabs(scaled(a, value) - start) < fabs(scaled(a, was) - start);

    if (cost < w->found->cost || (cost == w->found->cost && nearer)) {
        w->found->cost = cost;
        w->found->point[w->axis] = value;
    }
}

static double brent_cost(double at, void *context)
{
    struct walk *w = context;
    const double value = unscaled(&w->search->axis[w->axis], at);
    double cost;

    if (points_left(w) == 0 || !ask(w, &value, 1, &cost))
        return DBL_MAX; /* GSL wants a number; refine sees that it is over */
    take(w, value, cost);
    return cost;
}

struct place {
    double at, cost; /* `at` is scaled */
};

/* GSL's minimiser on memory of our own: it says how much it wants. */
static void refine(struct walk *w, const struct place around[3])
{
    double state[STATE_NUMBERS];
    gsl_function f = {brent_cost, w};
    gsl_min_fminimizer m = {.type = gsl_min_fminimizer_brent, .state = state};

    assert(m.type->size <= sizeof state);
    if (gsl_min_fminimizer_set_with_values(&m, &f, around[1].at, around[1].cost, around[0].at,
                                           around[0].cost, around[2].at,
                                           around[2].cost) != GSL_SUCCESS)
        return;
    for (int i = 0; i < REFINE_MAX && !w->failed && points_left(w) > 0; i++)
        if (gsl_min_fminimizer_iterate(&m) != GSL_SUCCESS)
            return;
}

/* Values to ask for: spread over `span` around the best one, none twice, that one not. */
static uint32_t spread(const struct walk *w, double span, double value[GH_SEARCH_BATCH])
{
    const struct gh_search_axis *a = &w->search->axis[w->axis];
    const double low = scaled(a, a->low), high = scaled(a, a->high);
    const double best = w->found->point[w->axis], width = (high - low) * span;
    const double from = fmax(low, fmin(scaled(a, best) - width / 2.0, high - width));
    uint32_t count = 0;

    for (uint32_t i = 0; i < GH_SEARCH_BATCH && count < points_left(w); i++) {
        const double v = unscaled(a, from + width * i / (GH_SEARCH_BATCH - 1));
        if (v != best && (count == 0 || v != value[count - 1]))
            value[count++] = v;
    }
    return count;
}

/* Where the values and the best so far stand in order, the one before and the one after the
 * cheapest: false where it is at an end, or no cheaper than they are. */
static bool bracket(const struct place *place, uint32_t count, struct place around[3])
{
    uint32_t least = 0;

    for (uint32_t i = 1; i < count; i++)
        least = place[i].cost < place[least].cost ? i : least;
    if (least == 0 || least + 1 == count)
        return false;
    memcpy(around, &place[least - 1], 3 * sizeof *around);
    return around[0].cost > around[1].cost && around[2].cost > around[1].cost;
}

static void axis_walk(struct walk *w, double span)
{
    const struct gh_search_axis *a = &w->search->axis[w->axis];
    const double was = w->found->point[w->axis], was_cost = w->found->cost;
    double value[GH_SEARCH_BATCH], cost[GH_SEARCH_BATCH];
    struct place place[GH_SEARCH_BATCH + 1], around[3];
    const uint32_t count = spread(w, span, value);
    uint32_t placed = 0;
    bool was_placed = false;

    if (count == 0 || !ask(w, value, count, cost))
        return;
    for (uint32_t i = 0; i <= count; i++) {
        if (!was_placed && (i == count || value[i] > was)) {
            place[placed++] = (struct place){scaled(a, was), was_cost};
            was_placed = true;
        }
        if (i < count)
            place[placed++] = (struct place){scaled(a, value[i]), cost[i]};
        if (i < count)
            take(w, value[i], cost[i]);
    }
    if (!a->whole && bracket(place, placed, around))
        refine(w, around);
}

static void put_back(struct walk *w)
{
    for (w->axis = 0; w->axis < w->search->axes && !w->failed; w->axis++) {
        const double start = w->search->axis[w->axis].start;
        double cost;

        if (w->found->point[w->axis] == start || points_left(w) == 0 ||
            !ask(w, &start, 1, &cost) || cost > w->found->cost)
            continue;
        w->found->point[w->axis] = start;
        w->found->cost = cost;
    }
}

bool gh_search_run(const struct gh_search *search, struct gh_search_found *found)
{
    struct walk w = {.search = search, .found = found};
    double span = 1.0;
    int in_vain = 0;

    assert(search->axes >= 1 && search->axes <= GH_SEARCH_AXES_MAX && search->points_max >= 1);
    *found = (struct gh_search_found){.points = 1};
    for (uint32_t i = 0; i < search->axes; i++)
        found->point[i] = search->axis[i].start;
    w.failed = !search->evaluate(search->context, found->point, 1, &found->start_cost);
    found->cost = found->start_cost;
    for (int round = 0; round < ROUNDS_MAX && !w.failed && !found->settled; round++) {
        const double before = found->cost;
        for (w.axis = 0; w.axis < search->axes && !w.failed; w.axis++)
            axis_walk(&w, span);
        in_vain = found->cost < before ? 0 : in_vain + 1;
        found->settled = in_vain == ROUNDS_IN_VAIN && points_left(&w) > 0;
        span *= shrink;
    }
    put_back(&w);
    return !w.failed;
}
