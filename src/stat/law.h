/* law.h - distribution functions, from GSL, checked and never aborting.
 * Every function returns a finite number for every input in the stated range; outside it
 * the programmer is wrong (assert). */
#ifndef GOODHART_STAT_LAW_H
#define GOODHART_STAT_LAW_H

#include <stdint.h>

/* Turns GSL's aborting error handler off. First statement of every program that uses the
 * library (the handler is a global of GSL, so the pure core does not touch it). */
void gh_law_init(void);

/* P(X <= x), X negative binomial with mean mu > 0 and size r > 0; x real >= 0 is floored.
 * Counts past 4e9, or counts and sizes past 1e5, use the gamma limit law (error < 3e-4). */
double gh_nb_below(double x, double mu, double r);
/* P(X >= k), X binomial with n trials and chance p in (0,1). */
double gh_binomial_above(uint32_t k, uint32_t n, double p);
/* Standard normal: upper tail, and its inverse for p in (0,1). */
double gh_normal_above(double z);
double gh_normal_above_inverse(double p);
/* Quantile of Beta(a, b), q in [0,1]; the normal limit when both are 1e5 or more. */
double gh_beta_quantile(double q, double a, double b);

#endif
