/* verbosity.h - far longer answers to every prompt than this work used to need.
 *
 * Answers    Have the answers to a person's prompts grown well past their own past, and past
 *            what moved their team and peers on the same days?
 * Misses     Growth below about a tenth (the margin), growth slower than the drift clamp
 *            allows (2 % a week), long answers from the first day, work moved to a model that
 *            says more: another model is another class with a past of its own, and a third
 *            one is not judged; answers that nobody waits for (jobs, API clients, agents
 *            asked by agents).
 * Formula    y = mean over the day's answers of log(output tokens), reasoning included. An
 *            answer goes on when its session is told to go on: the call before asked for no
 *            tool and this prompt has at most `short_prompt` tokens of a person's words; so a
 *            chain of "continue" is one long answer, not many short ones. Chats, completions
 *            and agents, each on the first and on the second model that came, are classes of
 *            their own (detect/level.h). Bets as for every level (stat/bet.h; Vovk & Wang
 *            2021); fast path: the running day against the own past (detect/level.h).
 *            Spend above the usual is told of output tokens alone, at their price; where the
 *            price is unknown one counts as five input tokens.
 * Defaults   fewest answers 5: the mean of fewer is noise. short_prompt 3: "please go on".
 * Cost       two logarithms for each call with output.
 * Input      usage with output_tokens; session, user_tokens and tool_calls join answers.
 *            Calls that failed or were cancelled, or without output, are no answers. Who set
 *            a call off, what made it and the model must be told (detect/level.h).
 * Order      the order inside a session joins answers; else none matters. */
#ifndef GOODHART_DETECT_VERBOSITY_H
#define GOODHART_DETECT_VERBOSITY_H

#include "detect/level.h"

// clang-format off
#define GH_VERBOSITY_OPTIONS(X, T, S)                                                              \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                   \
    X(S, uint32_t, fewest_answers, 5, 1, 1000, "answers", "days with fewer answers are not judged") \
    X(S, uint32_t, short_prompt, 3, 0, 100, "tokens", "a prompt of at most so many tokens only asks an answer to go on") \
    X(S, double, sample_ratio, 2, 1, 100, "1", "an answer is kept as a sample when it is this many times the person's mean")
// clang-format on

struct gh_verbosity_config {
    GH_VERBOSITY_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_verbosity_day {
    struct gh_level_day level; /* of answers > 0 */
    double output, output_usd; /* of all answers */
    double largest;            /* tokens of an answer */
    uint32_t raised_calls, unused;
};

#endif
