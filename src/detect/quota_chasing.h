/* quota_chasing.h - usage that is there because of a usage target.
 *
 * Answers    Has somebody who was below a target burnt far more than their own pace in the last
 *            tenth of its period, and stopped just above it? And do people, taken together, end
 *            their periods just above their targets rather than just below?
 * Misses     Targets that were never told (events of kind quota); chasing at an even pace, or
 *            far past the target (spend_shift).
 * Formula    T target, B spent before the last tenth (and before the target was told), need =
 *            T - B > 0, over = what was spent past T (and a usual pace until the period ends),
 *            E what this person spends in such a tenth: own past ones, shrunk to the usual
 *            pace. For honest people the tail of that spend falls at least as fast as a power
 *            `tail`, so
 *                p = min(1, (need/E)^-tail) * (1 - (1 + over/need)^-tail)
 *            bounds the chance to get there and to stop so soon; p = 1 when T is not reached.
 *            score <- max(0, score + log k + (k - 1) log p), k = 0.3: one step each period, the
 *            logarithm of a p-to-e calibrator (Vovk & Wang 2021), restarted at 0 (Page 1954).
 *            Fast path: tail log(need/E) when T is reached, while less than `near` past it.
 *            Everybody: of those with a target who end their period within 5 % of it, those
 *            above: exact binomial against 0.58 (even odds, and 0.08 for a slope of the
 *            density; McCrary 2008). About a measure, not about a person: told with findings.
 * Defaults   tail 2: recorded days' tails are lighter beyond some usual days.
 * Cost       four additions without a target, else one cell look-up for each call.
 * Input      quota events with a period, for actor or team; usage with tokens, or with cost
 *            where the target is money.
 * Order      log order inside a period. */
#ifndef GOODHART_DETECT_QUOTA_CHASING_H
#define GOODHART_DETECT_QUOTA_CHASING_H

#include "detect/detector.h"

// clang-format off
#define GH_QUOTA_CHASING_OPTIONS(X, T, S)                                                        \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                 \
    X(S, double, tail, 2, 1, 5, "1", "power by which honest people's last tenths of a period thin out") \
    X(S, double, near, 0.1, 0.01, 1, "1", "so far above its target, as a share of it, a period counts as just above")
// clang-format on

struct gh_quota_chasing_config {
    GH_QUOTA_CHASING_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_quota_chasing_day { /* as of the last call of the day in a last tenth; else zero */
    double target, spent;     /* spent 0: nothing to judge */
    float need, usual, pace;  /* need <= 0: was there before; usual: E; pace: of a day */
    int32_t last;             /* date on which the period ends */
};

#endif
