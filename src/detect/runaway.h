/* runaway.h - an agent that is stuck, or a client that hammers: now, and nobody's fault.
 *
 * Answers    Does an agent repeat itself in one session without getting anywhere? Does a
 *            client send a failing call again and again at once?
 * Misses     Agents that vary what they say; repetition spread over sessions (repetition) or
 *            between two agents (agent_loop); a repeated prompt whose answers are all new, for
 *            that may be an edit-build-test cycle or a batch.
 * Formula    Bernoulli run over the calls of a session, restarted at 0:
 *                log E += hit ? log(q/m) : log((1-q)/(1-m)),  q = (1+m)/2
 *            Stuck: a hit is a prompt within `near_bits` of one of the session's last 8 that
 *            failed or whose answer is within `near_bits` of one of the last 4; a near prompt
 *            with a new answer counts nothing, with an answer of which no fingerprint is known
 *            half; any other call is a miss. m = clip(2.5 own + 0.2, 0.25, 0.95) with the
 *            person's own share of hits so far, jobs (origin scheduled, ci) apart, where from
 *            0.3 on a hit counts nothing: what has always run so is no alarm. A word of a
 *            person, an artifact accepted from the session, another agent's turn and a silence
 *            of `idle` minutes start the run anew. The score counts when the run is `patience`
 *            minutes old: people let an agent try for a while.
 *            Storm: a hit is an error within `retry_gap` seconds of an error; m = 0.2, q = 0.6.
 *            Score = the larger of both (Ville 1939; Page 1954 for the restart).
 * Defaults   near_bits 6: two variants, each within the usual 3 bits of one original; random
 *            fingerprints are that close with probability 5e-12. patience 7: an alarm within
 *            ten minutes of the start.
 * Cost       a dozen bit counts for each call; a logarithm and a cell look-up in a run.
 * Input      usage with session (without: the calls of one agent of the person), prompt_hash
 *            or status. Where no user_tokens were ever told, people's words cannot be seen: a
 *            hit counts half.
 * Order      log order inside a session. */
#ifndef GOODHART_DETECT_RUNAWAY_H
#define GOODHART_DETECT_RUNAWAY_H

#include "detect/detector.h"

// clang-format off
#define GH_RUNAWAY_OPTIONS(X, T, S)                                                                \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                   \
    X(S, uint32_t, near_bits, 6, 0, 16, "bits", "prompts or answers that differ in at most this many of 64 fingerprint bits repeat each other") \
    X(S, double, patience, 7, 0, 60, "minutes", "how long an agent may repeat itself before anybody is told") \
    X(S, double, idle, 10, 1, 120, "minutes", "silence after which a run of repeated calls is over") \
    X(S, double, retry_gap, 5, 0.1, 60, "seconds", "a call that fails this soon after a failed one is a hasty retry")
// clang-format on

struct gh_runaway_config {
    GH_RUNAWAY_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

enum { GH_RUNAWAY_CLASSES = 2 }; /* people's own work; jobs */
struct gh_runaway_day {
    uint32_t calls[GH_RUNAWAY_CLASSES], hits[GH_RUNAWAY_CLASSES]; /* calls with a prompt */
    uint64_t alarms;
};

#endif
