/* output_churn.h - outputs that do not last: taken back soon, or next to nothing.
 *
 * Answers    Which share of a person's outputs is taken back (reverted, rejected after it was
 *            accepted), or trivial: a few lines, or no work units at all?
 * Misses     Junk of ordinary size that nobody takes back; sources that report neither size
 *            nor reverts; a person whose outputs were like that from the start.
 * Formula    Of a day's output events, c were credited, t of these trivial, r took back
 *            what had been credited:
 *                x = (r + w t) / (r + c + 1),  w = min(1, trivial_weight + R / (C + 2))
 *            with R and C the same of the last days (decayed by 0.85 a day); and
 *            bounded bets on x (stat/bet.h) against the own past and the peers'. Outputs are
 *            counted, not weighed: who games them chooses the weight. The 1 keeps a day with
 *            one output from saying as much as a day with twenty.
 *            Fast path: Bernoulli run over outputs, restarted at 0,
 *            log E += junk ? log(q/m) : log((1-q)/(1-m)),
 *            m = 1.3 own share of junk + 0.15 within 0.25..0.65, q = (1 + m) / 2.
 * Defaults   trivial 5 lines: a version number, a typing error. Half a weight: honest
 *            clean-ups are trivial, too, but nobody takes them back; where that happens,
 *            trivial ones weigh more.
 * Cost       a cell look-up for each output event, and for calls while a run lasts.
 * Input      output events: state, lines_added and lines_removed or units. A day without
 *            them is not observable. Reverts on days without calls count.
 * Order      the run wants outputs in order; the day does not mind. */
#ifndef GOODHART_DETECT_OUTPUT_CHURN_H
#define GOODHART_DETECT_OUTPUT_CHURN_H

#include "detect/detector.h"

// clang-format off
#define GH_OUTPUT_CHURN_OPTIONS(X, T, S)                                                          \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                  \
    X(S, uint32_t, trivial, 5, 0, 1000, "lines", "an output that adds and removes at most so many lines is trivial") \
    X(S, double, trivial_weight, 0.5, 0, 1, "1", "what a trivial output counts, where one that is taken back counts 1")
// clang-format on

struct gh_output_churn_config {
    GH_OUTPUT_CHURN_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_output_churn_day {
    uint32_t credited, trivial, taken_back;
    uint32_t unused;
};

#endif
