/* suppose.h - what the evidence of an epoch would be, had the days of one detector been others:
 * the bets of evidence.c on days that were recorded (gh_seen_day), with own past, peers and
 * team as they were. For those who explain; it decides nothing.
 *
 * The excess of a day is what is above the own expectation, or above what is allowed where that
 * is less. With x the day's observation and b the lesser of `base` and `allowed`, a factor f in
 * [0, 1] makes of it
 *
 *     x(f) = x - (1 - f) max(0, x - b)
 *
 * so that f = 1 gives the recorded evidence to the bit, f = 0 that of days as usual, and the
 * evidence never falls when f grows: each bet grows with x, the evidence with each bet. */
#ifndef GOODHART_ENGINE_SUPPOSE_H
#define GOODHART_ENGINE_SUPPOSE_H

#include "engine/inspect.h"

struct gh_supposition {
    uint32_t detector; /* structural */
    uint32_t set;      /* 0 review, 1 case */
    double factor;     /* f, 0..1 */
};
struct gh_supposed {
    double log_e; /* of the detector after this day */
    double log_l; /* mean of the day's bets; 0: no bet */
};

/* Goes over `count` days of one person in one epoch, ascending from its first one on; a date on
 * which nothing was judged may stand among them (gh_seen_bet.bet false). The engine must still
 * be in that epoch. */
void gh_suppose(struct gh_engine *engine, const struct gh_supposition *supposition,
                const struct gh_seen_day *day, size_t count, struct gh_supposed *supposed);

#endif
