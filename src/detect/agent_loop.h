/* agent_loop.h - agents that talk to each other with nothing new in it.
 *
 * Answers    Which share of a person's tokens goes into messages that agents send back and
 *            forth (a walk that closes) and that repeat what was said before? And, at once:
 *            are two agents alone with each other, for the best part of an hour?
 * Misses     Loops whose messages are new (paraphrased, with tool calls that do something);
 *            sources that report neither prompt_hash nor tool_calls show no novelty.
 * Formula    A call counts when (i) an agent's message triggered another agent's call,
 *            (ii) its edge (caller, agent) or its callee came up within the last `window`
 *            hops, (iii) its prompt is within `near_bits` of one of the last 32 of the pair,
 *            or it asked for no tool and its output is within `length_band` of the last, and
 *            so it was for `stale_share` of the pair's last 16 hops: agents that evaluate each
 *            other repeat themselves half of the time, and that is no loop.
 *            x = counted tokens / tokens of the day, bounded bets (stat/bet.h).
 *            Fast path: Bernoulli run over the hops of a pair, restarted at 0,
 *            log E += hit ? log(q/m) : log((1-q)/(1-m)), m = 0.35, q = 0.675, alarm at the
 *            threshold that holds the false alarms per day (Ville); and pairs that are
 *            alone for `alone` minutes with `alone_hops` hops, no tool call and, where
 *            novelty shows, mostly nothing new.
 * Defaults   near_bits 3 of 64: two random prompts are that close with probability 2e-15.
 * Cost       two cell look-ups for each call between agents, one for other agent calls of
 *            people whose agents ever called each other.
 * Input      usage with agent and caller; prompt_hash and tool_calls where reported.
 *            Without any agent in a person's history: not observable.
 * Order      log order; idle pairs are forgotten after `idle` minutes of event time. */
#ifndef GOODHART_DETECT_AGENT_LOOP_H
#define GOODHART_DETECT_AGENT_LOOP_H

#include "detect/detector.h"

// clang-format off
#define GH_AGENT_LOOP_OPTIONS(X, T, S)                                                              \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                    \
    X(S, uint32_t, near_bits, 3, 0, 16, "bits", "prompts that differ in at most this many of 64 fingerprint bits repeat each other") \
    X(S, uint32_t, window, 16, 2, 32, "hops", "how many hops back a walk may close")                \
    X(S, double, stale_share, 0.65, 0, 1, "1", "share of the pair's last 16 hops that must bring nothing new before a hop counts") \
    X(S, double, length_band, 0.2, 0, 1, "1", "outputs whose lengths differ by less than this ratio count as the same answer") \
    X(S, uint32_t, alone, 45, 5, 60, "minutes", "how long two agents may talk to each other alone before an incident is raised") \
    X(S, uint32_t, alone_hops, 12, 4, 10000, "calls", "fewest calls of two agents alone before an incident is raised") \
    X(S, uint32_t, idle, 30, 1, 1440, "minutes", "silence after which an exchange is over")
// clang-format on

struct gh_agent_loop_config {
    GH_AGENT_LOOP_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_agent_loop_day {
    double loop_tokens;
    uint32_t links, hits;   /* calls between agents; those that count */
    uint32_t novelty_known; /* links of which the source shows whether they are new */
    uint32_t unused;
};

#endif
