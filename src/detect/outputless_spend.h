/* outputless_spend.h - spend that has left the person's own output far behind.
 *
 * Answers    Over the last two weeks or so: is accepted output much less than the spend
 *            would have brought in this person's own past?
 * Misses     Spend without output from the first day; output that counts but is worth
 *            nothing (output_churn); roles whose output is not reported: not observable.
 * Formula    With o work units and s dollars in a decayed window, the rate
 *            k = (O + 4) / (S + 4/k_peers) of the past before it (Gamma-Poisson), u = dollars
 *            of a usual day, own ones and `shrink` days of the peers', and d = dollars of
 *            this one:
 *                shortfall = max(0, 1 - (o + 1) / (k s + 1))
 *                x = shortfall * min(1, max(0, d - u) / (scale u))
 *            summed up over days by detect/run.h: expensive days count as far as output has
 *            stayed behind. A statement about money and output, not about a person: incident
 *            track only.
 * Fast path  With s0 dollars and o0 work units of the day so far, k and u of the last one:
 *                gain = min(1.5, max(-1, log min(s0/u, (k s0 + 1)/(o0 + 1)) - 0.5))
 *                score = S + gain;  S <- max(0, S + gain of the whole day)
 *            (Page 1954). It speaks from S = 0.5 on: one dear day alone is no news, for output
 *            lags, and one honest day in a hundred is many times the usual.
 * Defaults   scale 1: a day of twice the usual counts in full; that days stray is what the
 *            run's own mean is for. shrink 5: somebody who has hardly used the tools and rises
 *            to what colleagues spend has begun to use them.
 * Cost       a few operations at the close of an active day; a comparison for each call, a
 *            logarithm where the days before have left something.
 * Input      usage with cost, output events. No output ever: not observable. Calls inside
 *            experiments, days on call, at crunch, on leave or holiday are left out.
 * Order      days in order; output that lags is waited for by the window. */
#ifndef GOODHART_DETECT_OUTPUTLESS_SPEND_H
#define GOODHART_DETECT_OUTPUTLESS_SPEND_H

#include "detect/detector.h"

// clang-format off
#define GH_OUTPUTLESS_SPEND_OPTIONS(X, T, S)                                                     \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                 \
    X(S, uint32_t, history, 10, 5, 90, "days", "active days before a person's output rate is known") \
    X(S, double, shrink, 5, 0, 90, "days", "days of own history that weigh as much as the peers") \
    X(S, double, scale, 1, 0.5, 20, "days", "excess, in usual days, that counts in full")
// clang-format on

struct gh_outputless_spend_config {
    GH_OUTPUTLESS_SPEND_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_outputless_spend_day {
    uint32_t raised_calls, unused;
};

#endif
