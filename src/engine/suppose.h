/* suppose.h - what the evidence of an epoch would be, had the days of one detector been others:
 * the judging, betting and learning of evidence.c over days that were recorded (gh_seen_day),
 * with peers and team as they were. For those who explain; it decides nothing.
 *
 * The excess of a day is what is above the own expectation, or above what is allowed where that
 * is less. With x the day's observation and b the lesser of `base` and `allowed`, a factor f in
 * [0, 1] makes of it
 *
 *     x(f) = x - (1 - f) max(0, x - b)
 *
 * of levels likewise for each class of work. f = 1 gives the recorded evidence to the bit, f = 0
 * that of days as usual. What the own history learns follows, as long as the person would not
 * yet have been in a reviewable set. */
#ifndef GOODHART_ENGINE_SUPPOSE_H
#define GOODHART_ENGINE_SUPPOSE_H

#include "engine/inspect.h"

struct gh_supposition {
    uint32_t detector;            /* structural */
    uint32_t set;                 /* 0 review, 1 case */
    double factor;                /* f, 0..1 */
    const struct gh_past *before; /* gh_seen_bet.past before the first day; NULL: nothing */
};
struct gh_supposed {
    double log_e;  /* of the detector after this day */
    double log_l;  /* mean of the day's bets; 0: no bet */
    double excess; /* part of the day's tokens that is above the usual */
};

/* Goes over `count` days of one person in one epoch, ascending from its first one on; a date on
 * which nothing was seen may stand among them (all false). The engine must still be in that
 * epoch. */
void gh_suppose(struct gh_engine *engine, const struct gh_supposition *supposition,
                const struct gh_seen_day *day, size_t count, struct gh_supposed *supposed);

#endif
