/* off_hours_burst.h - a lot of extra spend at hours when this person does not work.
 *
 * Answers    Does a person's spend far exceed their usual day, with the excess in hours that
 *            are not theirs, on several days?
 * Misses     Bursts inside the usual hours; whoever works round the clock; a rhythm that
 *            moves (travel, another shift: the day is not bigger than usual); people with
 *            fewer than `history` active days.
 * Formula    Each past day spreads a weight of 1 over its hours, by tokens. Hour h is usual
 *            when the hours within `margin` of it hold at least as much of that weight
 *            (decayed) as if it lay evenly on all 24; and so is every hour within `margin` of
 *            declared ones. Where they hold less than `rhythm` of the past there are no own
 *            hours: too little. With off = tokens outside usual hours, all = tokens of the day
 *            and u = mean tokens of the person's day:
 *                x = min(1, min(off, max(0, all - u)) / (scale u))
 *            summed up over days by detect/run.h.
 * Fast path  A night begins with the first call outside the usual hours that follows one
 *            inside, or another night by 16 hours. With b = its tokens so far, w = those of the
 *            working day before it (0 when that is 16 hours ago), r = (5 g + n u)/(5 + n) for
 *            the mean g of anybody's day and n (at most 30) own active days:
 *                e = min(b, max(0, b + w - u)),  gain = min(1.5, max(-1, log(e / r)))
 *                score = S + gain while the night lasts; S <- max(0, S + gain) when the next
 *            one begins, less 0.7 for each date without one. b + w - u: who has moved the whole
 *            day has not added to it.
 * Defaults   scale 3: off-hours spend of three usual days counts in full. Weight by share of
 *            the day, not by presence: a small job that runs round the clock does not make the
 *            night a time of work, and neither does one big day.
 *            rhythm 0.75: who works round the clock fills half of the hours with little more
 *            than half of the tokens, and those were "usual". Of 77 gamers 54 are found, 57
 *            without it; recorded chats of 100 people spread over the day raise 16 incidents
 *            in 84 days, 53 without it.
 * Cost       two additions for each call, a logarithm outside the usual hours when more than
 *            the usual is spent; 24 hours at the close of a day.
 * Input      usage with tokens. An unknown time zone does no harm: the person's own past
 *            hours are what counts, whatever the clock shows.
 * Order      days on call, at crunch, on leave or holiday, and calls inside experiments are
 *            left out. */
#ifndef GOODHART_DETECT_OFF_HOURS_BURST_H
#define GOODHART_DETECT_OFF_HOURS_BURST_H

#include "detect/detector.h"

// clang-format off
#define GH_OFF_HOURS_BURST_OPTIONS(X, T, S)                                                            \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                       \
    X(S, uint32_t, history, 10, 5, 90, "days", "active days before a person's rhythm is known")         \
    X(S, uint32_t, margin, 2, 0, 6, "hours", "hours before and after that count as the same time of day") \
    X(S, double, rhythm, 0.75, 0, 1, "1", "share of the past that must lie in usual hours, else there are none") \
    X(S, double, scale, 3, 0.5, 20, "days", "off-hours excess, in usual days, that counts in full")
// clang-format on

struct gh_off_hours_burst_config {
    GH_OFF_HOURS_BURST_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_off_hours_burst_day {
    float tokens[24]; /* by local hour */
    uint32_t raised_calls, unused;
};

#endif
