/* bet.h - one day's bets: e-variables with expectation at most 1 for honest people.
 *
 * Source of the formulas: Waudby-Smith & Ramdas 2024 (bounded means), Vovk & Wang 2021
 * (p-to-e calibrators), negative binomial tilt as a likelihood ratio in the increasing
 * convex order. All return the natural log of the e-variable. */
#ifndef GOODHART_STAT_BET_H
#define GOODHART_STAT_BET_H

#include <stddef.h>
#include <stdint.h>

/* Bounded bet on a share. x in [0,1] is today's share, m in (0,1) the largest mean that an
 * honest person is allowed, level in (0,1) how far above it the bet stands:
 *     q = m + level (1 - m)
 *     L = (q/m) x + ((1-q)/(1-m)) (1-x)
 * E[L] <= 1 for any law on [0,1] with mean <= m. Finite: L > 0 because q < 1. */
double gh_bet_share(double x, double m, double level);

/* Negative-binomial tilt of a count x >= 0 with mean mu > 0 and size r > 0 (variance
 * mu + mu^2/r):   L = theta^x ((r+mu)/(r+theta mu))^(r+x),  theta > 0.
 * theta > 1: E[L] <= 1 for every smaller mean and smaller overdispersion. */
double gh_bet_count(double x, double mu, double r, double theta);

/* Normal-score bet on a p-value p in (0,1]:  z = Phi^-1(1-p),  L = exp(delta z - delta^2/2).
 * A decreasing p-to-e calibrator (integral 1). z is clamped to [-8, 8]. */
double gh_bet_level(double p, double delta);
/* The same in two steps, for several bets on one p: z, and the bet on it. */
double gh_bet_score(double p);
double gh_bet_on_score(double z, double delta);
/* log(exp(a) + exp(b)) without overflow; -INFINITY is log 0. */
double gh_log_add(double a, double b);

#endif
