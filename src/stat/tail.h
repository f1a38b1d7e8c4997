/* tail.h - tails of heavy-tailed scores: Hill, generalised Pareto, and the empirical lock.
 *
 * Hill 1975; Hosking & Wallis 1987 (probability-weighted moments). */
#ifndef GOODHART_STAT_TAIL_H
#define GOODHART_STAT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Honest law of the logarithm of a score: a body of ranks and a power-law tail.
 *     log_e <= log_u:  p = exact ranks of `knot` (ascending log scores of the quantiles
 *                      i/(knots-1), i = 0..knots-1, up to the start of the tail)
 *     log_e >  log_u:  p = p_u exp(-g (log_e - log_u))
 * with g the lower confidence bound of the Hill index, so that the tail is not made too
 * light. `n` is the number of person-epochs behind it. */
enum { GH_TAIL_KNOTS = 64 };
struct gh_tail {
    double knot[GH_TAIL_KNOTS]; /* ascending; knot[GH_TAIL_KNOTS-1] == log_u */
    double log_u;               /* start of the tail */
    double p_u;                 /* P(score > u) */
    double g;                   /* index, > 0 */
    uint64_t n;
};

/* Fits from `count` log scores in ascending order (>= 100, else false and *tail is
 * untouched): the tail starts at quantile `start` (0.99), g = hill (1 - z/sqrt(k)). */
bool gh_tail_fit(struct gh_tail *tail, const double *log_score, size_t count, double start,
                 double z);
/* p-value of a log score, in (0, 1]; never below 1/(n+1) times exp of the tail, never 0. */
double gh_tail_p(const struct gh_tail *tail, double log_score);

/* Generalised Pareto by probability-weighted moments from `count` excesses > 0 in ascending
 * order; xi >= 0 is enforced. False when count < 20. */
bool gh_gpd_fit(const double *excess, size_t count, double *xi, double *sigma);
/* P(excess > x). */
double gh_gpd_tail(double x, double xi, double sigma);

#endif
