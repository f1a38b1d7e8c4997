/* prior.h - what to expect of a person before anything is known: empirical Bayes.
 *
 * Random effects: DerSimonian & Laird 1986, Paule & Mandel 1982. Gamma-Poisson by marginal
 * likelihood: Gaver & O'Muircheartaigh 1987, DuMouchel 1999. Order statistics: the k-th
 * largest of n uniforms is Beta(n - k + 1, k). Tempering: see gh_temper. */
#ifndef GOODHART_STAT_PRIOR_H
#define GOODHART_STAT_PRIOR_H

#include <stdbool.h>
#include <stddef.h>

/* Groups with a mean and the variance of that mean (> 0): mean of the groups' true means,
 * and the variance among them by Paule & Mandel's estimating equation (0: none shows). */
struct gh_random_effects {
    double mean, between, se; /* se: of `mean` */
};
/* False: fewer than 2 groups. */
bool gh_random_effects_fit(const double *mean, const double *variance, size_t count,
                           struct gh_random_effects *fit);

/* Counts x[i] >= 0 with exposures e[i] > 0, x ~ Poisson(rate e), rate ~ Gamma(shape, scale
 * by `rate`): the shape and the inverse scale that make the counts likeliest. Counts may be
 * broken numbers (work units). False: fewer than 2 counts, or all of them 0. Rates that
 * differ no more than chance end at the largest shape, 1e6. */
struct gh_gamma_prior {
    double shape, inverse_scale; /* mean = shape / inverse_scale */
};
bool gh_gamma_poisson_fit(const double *x, const double *e, size_t count,
                          struct gh_gamma_prior *fit);
/* Log of the marginal likelihood, without the terms that do not depend on the prior. */
double gh_gamma_poisson_log(const double *x, const double *e, size_t count,
                            const struct gh_gamma_prior *prior);

/* Hill's index of P(score > s) ~ s^-index, from log scores in ascending order: the number of
 * them above quantile `start`, by the sum of their distances to it. INFINITY: nothing lies
 * above it. NAN: fewer than 100 scores. */
double gh_hill(const double *log_score, size_t count, double start);

/* Of `count` values, the share that lies above the one with exactly `above` (< count)
 * greater: between *low and *high with probability `level`. */
void gh_share_above(size_t above, size_t count, double level, double *low, double *high);

/* Tempering: the largest eta of an ascending grid at which the tail index is at least
 * `target`; the smallest of the grid when there is none. index[i] belongs to eta[i]. */
double gh_temper(const double *eta, const double *index, size_t count, double target);

#endif
