/* outputless_spend.h - spend that has left the person's own output far behind.
 *
 * Answers    Over the last two weeks or so: is accepted output much less than the spend
 *            would have brought in this person's own past?
 * Misses     Spend without output from the first day; output that counts but is worth
 *            nothing (output_churn); roles whose output is not reported: not observable.
 * Formula    With o work units and s dollars in a decayed window, the rate
 *            k = (O + 4) / (S + 4/k_peers) of the past before it (Gamma-Poisson), u = usual
 *            dollars of the person's day and d = dollars of this one:
 *                shortfall = max(0, 1 - (o + 1) / (k s / ratio + 1))
 *                x = shortfall * min(1, max(0, d - ratio u) / (scale u))
 *            summed up over days by detect/run.h: expensive days count as far as output has
 *            stayed behind. Spend inside declared experiments and on leave is left out. A
 *            statement about money and output, not about a person: incident track only.
 * Defaults   ratio 1.5: spend may rise by half without more output. scale 2: a day at three
 *            and a half times the usual counts in full.
 * Cost       a few operations at the close of an active day.
 * Input      usage with cost, output events. No output ever: not observable.
 * Order      days in order; output that lags is waited for by the window. */
#ifndef GOODHART_DETECT_OUTPUTLESS_SPEND_H
#define GOODHART_DETECT_OUTPUTLESS_SPEND_H

#include "detect/detector.h"

// clang-format off
#define GH_OUTPUTLESS_SPEND_OPTIONS(X, T, S)                                                     \
    X(S, uint32_t, history, 10, 5, 90, "days", "active days before a person's output rate is known") \
    X(S, double, ratio, 1.5, 1, 10, "1", "growth of spend that needs no more output")             \
    X(S, double, scale, 2, 0.5, 20, "days", "excess, in usual days, that counts in full")
// clang-format on

struct gh_outputless_spend_config {
    GH_OUTPUTLESS_SPEND_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

#endif
