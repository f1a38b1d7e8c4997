/* select.c - BH and e-BH as largest fixed points.
 *
 * Both ask for the largest k with f(k) >= k, where f(k) counts those who pass at rank k and
 * grows with k. From k = count on, k = f(k) walks down to it: k stays at or above the
 * answer, and where it rests it is one. No sorting, no scratch; in practice few rounds. */
#include "stat/select.h"

#include <assert.h>
#include <math.h>

static size_t lock_rank(const struct gh_candidate *c, size_t count, double alpha, double m)
{
    size_t k = count, passed;

    for (;; k = passed) {
        passed = 0;
        for (size_t i = 0; i < count; i++)
            passed += c[i].p <= alpha * (double)k / m;
        if (passed >= k)
            return k;
    }
}

void gh_select_lock(struct gh_candidate *c, size_t count, double alpha, double m)
{
    double p_max;

    assert(alpha > 0 && alpha < 1 && m > 0);
    p_max = alpha * (double)lock_rank(c, count, alpha, m) / m;
    for (size_t i = 0; i < count; i++) {
        if (!c[i].frozen && !(c[i].p <= p_max))
            c[i].log_e = -INFINITY;
    }
}

static double ebh_threshold(double alpha, double m, size_t k)
{
    return k ? log(m / (alpha * (double)k)) : INFINITY;
}

size_t gh_select_ebh(struct gh_candidate *c, size_t count, double alpha, double m,
                     double *log_threshold)
{
    size_t k = count, passed;
    double threshold;

    assert(alpha > 0 && alpha < 1 && m > 0);
    for (;; k = passed) {
        threshold = ebh_threshold(alpha, m, k);
        passed = 0;
        for (size_t i = 0; i < count; i++) {
            c[i].selected = c[i].log_e >= threshold;
            passed += c[i].selected;
        }
        if (passed >= k)
            break;
    }
    if (log_threshold)
        *log_threshold = threshold;
    return k;
}

/* Others of rank k or better, and the one who is asked about. */
static size_t rank_with(const struct gh_candidate *c, size_t count, uint32_t person,
                        double log_e_least, double p_most)
{
    size_t passed = 1;

    for (size_t i = 0; i < count; i++)
        passed += c[i].person != person && c[i].log_e >= log_e_least && c[i].p <= p_most;
    return passed;
}

double gh_select_needed(const struct gh_candidate *c, size_t count, uint32_t person,
                        const struct gh_family *family)
{
    for (size_t k = count + 1, passed;; k = passed) {
        const double needed = ebh_threshold(family->alpha, family->people, k);

        passed = rank_with(c, count, person, needed, INFINITY);
        if (passed >= k)
            return needed;
    }
}

double gh_select_lock_needed(const struct gh_candidate *c, size_t count, uint32_t person,
                             const struct gh_family *family)
{
    for (size_t k = count + 1, passed;; k = passed) {
        const double needed = family->alpha * (double)k / family->people;

        passed = rank_with(c, count, person, -INFINITY, needed);
        if (passed >= k)
            return needed;
    }
}
