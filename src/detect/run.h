/* run.h - many moderately odd days in a row: Shiryaev-Roberts over bounded bets.
 *
 * x in [0,1] says how odd a day was. With L_j the bounded bets (stat/bet.h) against the
 * largest mean that the person's own past allows,
 *
 *     R_j <- L_j (1 + R_j),  R = mean of R_j,  score = max(0, log R)
 *
 * For an honest rhythm the mean of R after t days is at most t, so R reaches c at most once
 * in c days (Shin, Ramdas & Rinaldo 2024, e-detectors). */
#ifndef GOODHART_DETECT_RUN_H
#define GOODHART_DETECT_RUN_H

#include <stdint.h>

enum { GH_RUN_BETS = 3 };
struct gh_run {
    double sum, days;          /* decayed, of the person's own x; clipped */
    double log_r[GH_RUN_BETS]; /* valid when started */
    uint64_t started;
};

/* One day; `prior` is the mean x of people without history, `add` what is allowed on top
 * of the own mean. Returns the score. Days on which the score has grown past 2 teach
 * nothing. */
double gh_run_step(struct gh_run *run, double x, double prior, double add);

#endif
