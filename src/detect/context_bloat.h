/* context_bloat.h - far more context in every call than this work used to need.
 *
 * Answers    Has the context of a person's calls grown well past their own past, and past
 *            what moved their team and peers on the same days?
 * Misses     Growth below about a tenth (the margin), growth slower than the drift clamp
 *            allows (2 % a week). People who stuffed contexts from the first day: only the
 *            fast path sees them, and only past what public traces have.
 * Formula    y = log(input + cache read + cache write) - growth log(turn): all three, because
 *            providers differ on what "input" contains; contexts grow within a session, in
 *            public traces with the power 0.31 (agents) and 0.33 (chats) of the turn; no
 *            further from the 64th on, so that a session that never ends lowers nothing. A
 *            session's mean weighs as the root of its calls, for its turns hang together.
 *            Chats (on the first model and on others), completions, calls of the person's
 *            first agent, of the other agents, and those that no person set off (origin
 *            scheduled, ci or api, or asked for by another agent) are classes of their own:
 *            their contexts differ by a factor of 100. A day of the last class alone counts a
 *            quarter, for it says little about the person. Residual against the own shrunk
 *            mean of the class, in own standard deviations; conformal p-value against the
 *            peers' past residuals of like activity; normal-score bets (stat/bet.h; Vovk &
 *            Wang 2021).
 * Fast path  e = mean excess of the running day over the own past days, over the classes that
 *            have three of them, each weighted by 1/v; v = own variance from day to day (20
 *            days of 0.6^2 before any are known), larger by as much as the day has fewer
 *            sessions than usual. With n = 20 + days of past,
 *                score = S + (n + 1)/2 log(1 + (e - 0.1)^2 / (v n)),
 *            the log of a tail of Student's t, on top of what the days before have left:
 *                S <- max(0, S + min(6, score of the day) - 1).
 *            An own past counts only up to the context that one call in a hundred of public
 *            traces of such work exceeds (the model's section reference), so that it finds
 *            who has stuffed contexts from the first day, and a whole company that does.
 * Defaults   fewest calls 5: the mean of fewer is noise. fast calls 12: a fast word needs more.
 *            20 days of 0.6: own spreads of a week or two are too small as often as too large,
 *            and the largest scores of everybody are those that are too small.
 * Cost       two logarithms and two roots for each call; one more logarithm and some divisions
 *            while a class stands above its past.
 * Input      usage with at least one of the three input token counts; without: not
 *            observable. Without a session a day's calls of a class are one, and do not grow.
 *            Who set a call off and what made it must be told: origin or user_tokens; agent, or
 *            tool_calls and user_tokens (detect/level.h). Calls of which it is not: left out.
 * Order      the order of sessions inside a day does not matter. */
#ifndef GOODHART_DETECT_CONTEXT_BLOAT_H
#define GOODHART_DETECT_CONTEXT_BLOAT_H

#include "detect/detector.h"

// clang-format off
#define GH_CONTEXT_BLOAT_OPTIONS(X, T, S)                                                         \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                  \
    X(S, uint32_t, fewest_calls, 5, 1, 1000, "calls", "days with fewer calls are not judged")      \
    X(S, double, growth, 0.3, 0, 1, "1", "power of the turn with which contexts grow within a session") \
    X(S, uint32_t, fast_calls, 12, 2, 1000, "calls", "calls of a day before the fast path speaks of it") \
    X(S, double, sample_ratio, 1.5, 1, 100, "1", "a call is kept as a sample when its context is this many times the person's mean")
// clang-format on

struct gh_context_bloat_config {
    GH_CONTEXT_BLOAT_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_context_bloat_day {
    double sum[GH_PARTS], weight[GH_PARTS]; /* of y by class: roots of calls as weights */
    uint32_t calls[GH_PARTS];
    double log_sum, largest; /* of contexts > 0; tokens */
    uint32_t raised_calls, unused;
};

#endif
