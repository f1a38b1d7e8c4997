/* search.h - the cheapest point of a box, where each cost is dear: one coordinate after the
 * other, a batch of points at a time.
 *
 * Along a coordinate GH_SEARCH_BATCH points are asked for together. Around the best of them,
 * where its neighbours bracket it, Brent's method goes on point by point (R. Brent 1973,
 * Algorithms for Minimization without Derivatives, ch. 5; GSL's gsl_min_fminimizer_brent). Each
 * round looks at a third of the range that the round before looked at, around the best point.
 * It ends when two rounds have found nothing better, or when no points are left to ask for.
 *
 * Only what is strictly cheaper moves a coordinate away from its start; of what costs the same
 * the nearest to it is taken, and in the end each coordinate that moved is put back where that
 * costs nothing: what does not matter stays as it is. Nothing is drawn by
 * lot: the same costs give the same answer. A cost with several valleys may keep it in one. */
#ifndef GOODHART_STAT_SEARCH_H
#define GOODHART_STAT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GH_SEARCH_AXES_MAX = 8, GH_SEARCH_BATCH = 7 };

struct gh_search_axis {
    double low, high; /* low <= start <= high */
    double start;     /* the value in force */
    bool log;         /* steps are factors; then low > 0 */
    bool whole;       /* whole numbers alone */
};
struct gh_search {
    const struct gh_search_axis *axis;
    uint32_t axes;       /* 1..GH_SEARCH_AXES_MAX */
    uint32_t points_max; /* asked for at most, the start among them; at least 1 */
    void *context;
    /* Costs, finite, of `count` points of `axes` coordinates each, one after the other in
     * `point`. False: it cannot go on. */
    bool (*evaluate)(void *context, const double *point, size_t count, double *cost);
};
struct gh_search_found {
    double point[GH_SEARCH_AXES_MAX];
    double cost, start_cost;
    uint32_t points; /* asked for */
    bool settled;    /* false: no points were left */
};
/* False: evaluate said so; then *found is void. */
bool gh_search_run(const struct gh_search *search, struct gh_search_found *found);

#endif
