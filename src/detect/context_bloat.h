/* context_bloat.h - far more context in every call than this work used to need.
 *
 * Answers    Has the context of a person's calls grown well past their own past, and past
 *            what moved their team and peers on the same days?
 * Misses     Growth below about a tenth (the margin), growth slower than the drift clamp
 *            allows (2 % a week), people who stuffed contexts from the first day.
 * Formula    y = mean over the day's calls of log(input + cache read + cache write);
 *            all three, because providers differ on what "input" contains. By class of work
 *            (detect/level.h). Residual against the own shrunk
 *            mean of the class, in own standard deviations; conformal p-value against the
 *            peers' past residuals of like activity; normal-score bets (stat/bet.h; Vovk &
 *            Wang 2021).
 * Defaults   fewest calls 5: the mean of fewer is noise.
 * Cost       one logarithm and two additions for each call.
 * Input      usage with at least one of the three input token counts; without: not
 *            observable.
 * Order      the order inside a day does not matter. */
#ifndef GOODHART_DETECT_CONTEXT_BLOAT_H
#define GOODHART_DETECT_CONTEXT_BLOAT_H

#include "detect/level.h"

// clang-format off
#define GH_CONTEXT_BLOAT_OPTIONS(X, T, S)                                                         \
    X(S, uint32_t, fewest_calls, 5, 1, 1000, "calls", "days with fewer calls are not judged")      \
    X(S, double, sample_ratio, 1.5, 1, 100, "1", "a call is kept as a sample when its context is this many times the person's mean")
// clang-format on

struct gh_context_bloat_config {
    GH_CONTEXT_BLOAT_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_context_bloat_day {
    struct gh_level_day level; /* of contexts > 0 */
    double largest;            /* tokens */
};

#endif
