/* tail.c - ranks for the body, a power law for the tail. */
#include "stat/tail.h"

#include <assert.h>
#include <float.h>
#include <math.h>

enum { TAIL_COUNT_MIN = 100, TAIL_EXCESSES_MIN = 10, GPD_COUNT_MIN = 20 };

bool gh_tail_fit(struct gh_tail *tail, const double *log_score, size_t count, double start,
                 double z)
{
    size_t below, above;
    double sum = 0;

    assert(start > 0 && start < 1 && z >= 0 && z * z < TAIL_EXCESSES_MIN);
    if (count < TAIL_COUNT_MIN)
        return false;
    below = (size_t)ceil(start * (double)count);
    if (below > count - TAIL_EXCESSES_MIN)
        below = count - TAIL_EXCESSES_MIN;
    above = count - below;
    for (size_t i = below; i < count; i++)
        sum += log_score[i] - log_score[below - 1];
    if (!(sum > 0) || !isfinite(sum))
        return false;
    for (size_t i = 0; i < GH_TAIL_KNOTS; i++) {
        const size_t rank = (below * i + GH_TAIL_KNOTS - 2) / (GH_TAIL_KNOTS - 1);

        tail->knot[i] = log_score[rank ? rank - 1 : 0];
    }
    tail->log_u = log_score[below - 1];
    tail->p_u = (1 + (double)above) / ((double)count + 1);
    tail->g = (double)above / sum * (1 - z / sqrt((double)above));
    tail->n = count;
    return true;
}

/* Knots below `log_score`, by halving. */
static size_t knots_below(const struct gh_tail *tail, double log_score)
{
    size_t low = 0, high = GH_TAIL_KNOTS;

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (tail->knot[middle] < log_score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double gh_tail_p(const struct gh_tail *tail, double log_score)
{
    size_t below;

    assert(!isnan(log_score));
    if (log_score > tail->log_u) {
        const double p_u = fmax(tail->p_u, 1 / ((double)tail->n + 1));

        return fmax(p_u * exp(-tail->g * (log_score - tail->log_u)), DBL_MIN);
    }
    /* The knot next below counts, so that a score between two has the rank of the lower. */
    below = knots_below(tail, log_score);
    return below ? 1 - (1 - tail->p_u) * (double)(below - 1) / (GH_TAIL_KNOTS - 1) : 1;
}

bool gh_gpd_fit(const double *excess, size_t count, double *xi, double *sigma)
{
    double mean = 0, weighted = 0;

    if (count < GPD_COUNT_MIN)
        return false;
    assert(excess[0] > 0);
    for (size_t i = 0; i < count; i++) {
        mean += excess[i];
        weighted += excess[i] * (double)(count - 1 - i) / (double)(count - 1);
    }
    mean /= (double)count;
    weighted /= (double)count;
    /* xi = 2 - mean/(mean - 2 weighted): at least 0 when mean >= 4 weighted. */
    if (mean > 4 * weighted) {
        *xi = 2 - mean / (mean - 2 * weighted);
        *sigma = 2 * mean * weighted / (mean - 2 * weighted);
    } else {
        *xi = 0;
        *sigma = mean;
    }
    return true;
}

double gh_gpd_tail(double x, double xi, double sigma)
{
    assert(xi >= 0 && sigma > 0);
    if (x <= 0)
        return 1;
    return xi > 0 ? exp(-log1p(xi * x / sigma) / xi) : exp(-x / sigma);
}
