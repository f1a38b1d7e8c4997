/* spend_shift.h - somebody spends clearly more than before, day after day.
 *
 * Answers    Has the spend of a person moved to another level, which neither the team nor the
 *            peers share? Not: why. That is a question to whoever runs the budget.
 * Misses     Single large days, whatever their size, and shifts of less than two thirds: honest
 *            days are lumps, and one in a hundred is many times the usual. Changes of price:
 *            the measure is tokens.
 * Formula    ref = (shrink p + n u)/(shrink + n), with u the mean tokens of the person's n (at
 *            most 30) active days, p that of the peers': who rises to what colleagues spend has
 *            begun to use the tools. The residual is log(tokens/ref) less its own mean; the
 *            engine's medians of it over peers and team-mates, smoothed over about three days
 *            and where positive, are what others share (a roll-out, a team-wide adoption, a
 *            deadline), and
 *                score <- max(0, score + min(limit, log(tokens/ref) - shared) - drift)
 *            (Page 1954): days count as far as they are large, but none for much.
 *            Fast path: the same with the tokens of the day so far, hour by hour, in place of
 *            the day; less than a whole day, so it never comes too early.
 *            Named in the explanation and left out of the score: what the team shares, and
 *            dollars per token (price lists, another model, less from the cache).
 * Defaults   drift 0.5, limit 1.2: a day of 3.3 times the usual or more adds 0.7, so that no
 *            two or three days suffice.
 * Cost       a logarithm for each call of a day above the usual, else a comparison.
 * Input      usage with tokens. Without peers that are known: not observable. Calls inside
 *            experiments, days on call, at crunch, on leave or holiday are left out.
 * Order      days in order. */
#ifndef GOODHART_DETECT_SPEND_SHIFT_H
#define GOODHART_DETECT_SPEND_SHIFT_H

#include "detect/detector.h"

// clang-format off
#define GH_SPEND_SHIFT_OPTIONS(X, T, S)                                                            \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                   \
    X(S, uint32_t, history, 7, 5, 90, "days", "active days before a person's level is known")      \
    X(S, double, shrink, 10, 0, 90, "days", "days of own history that weigh as much as the peers") \
    X(S, double, drift, 0.5, 0.1, 2, "log", "growth of a day that is never held against anybody")  \
    X(S, double, limit, 1.2, 0.2, 5, "log", "growth of a day beyond which more counts no more")
// clang-format on

struct gh_spend_shift_config {
    GH_SPEND_SHIFT_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

#endif
