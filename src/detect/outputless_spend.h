/* outputless_spend.h - spend that has left the person's own output far behind.
 *
 * Answers    Over the last two weeks or so: is accepted output much less than the spend
 *            would have brought in this person's own past?
 * Misses     Spend without output from the first day; output that counts but is worth
 *            nothing (output_churn); roles whose output is not reported: not observable.
 * Formula    With o work units and s dollars in a decayed window, and the rate
 *            k = (O + 4) / (S + 4/k_peers) of the past before it (Gamma-Poisson), output is
 *            negative binomial with mean mu = k s / ratio and size r:
 *                score = -log P(X <= o)
 *            Spend inside declared experiments and on leave is left out. A statement about
 *            money and output, not about a person: incident track only.
 * Defaults   ratio 1.5: spend may rise by half without more output. size 3: output is
 *            lumpy, and does not grow in proportion to spend.
 * Cost       one distribution function at the close of an active day.
 * Input      usage with cost, output events. No output ever: not observable.
 * Order      days in order; output that lags is waited for by the window. */
#ifndef GOODHART_DETECT_OUTPUTLESS_SPEND_H
#define GOODHART_DETECT_OUTPUTLESS_SPEND_H

#include "detect/detector.h"

// clang-format off
#define GH_OUTPUTLESS_SPEND_OPTIONS(X, T, S)                                                     \
    X(S, uint32_t, history, 10, 5, 90, "days", "active days before a person's output rate is known") \
    X(S, double, ratio, 1.5, 1, 10, "1", "growth of spend that needs no more output")             \
    X(S, double, size, 3, 0.1, 100, "1", "size of the negative binomial: smaller allows lumpier output")
// clang-format on

struct gh_outputless_spend_config {
    GH_OUTPUTLESS_SPEND_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

#endif
