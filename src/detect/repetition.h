/* repetition.h - the same big question again.
 *
 * Answers    Which share of a person's tokens goes into prompts that repeat earlier ones of
 *            theirs? And, at once: does most of what is being asked just now repeat itself?
 * Misses     Paraphrases whose fingerprints differ, whose answers differ and whose contexts
 *            differ in size; repeats more than 16 different prompts apart; steps of an agent
 *            inside a session (a stuck agent is another matter), and a question that is asked
 *            again in a session whose context grows (a chat that goes on looks like that), or
 *            anywhere with a larger context where the source tells no sessions;
 *            what the whole company asks from a template is part of each one's own past, but
 *            not told apart.
 * Formula    A prompt is the first call of a session, or one with a person's words. Jobs
 *            (origin scheduled, ci or api, asked for by another agent), calls that failed or
 *            were cancelled (the retry is no repeat) and an agent's further steps in a session
 *            (edit, build, test) are none. With h the bits in which its
 *            fingerprint differs from one of the last 16 different prompts,
 *                w = 1 for h <= near_bits, falling to 0 at h > far_bits (SimHash: Charikar
 *                    2002; Manku, Jain & Das Sarma 2007)
 *            and likewise of the answers' fingerprints, unless the answer is short; or
 *            w = like_weight for a first call of a session whose context is within a fifth of
 *            the mean context of a prompt that has been repeated like_after times: a paraphrase
 *            of it. The largest w counts; x = sum of w x tokens / tokens of the day, bounded
 *            bets (stat/bet.h).
 *            Fast path: prompts bet on w against m = clip(2.5 own + 0.15, 0.2, 0.6) and
 *            q = (1 + m) / 2, each with up to two parts of a twentieth of a usual day's tokens:
 *                R <- max(0, R + s log(w q/m + (1-w) (1-q)/(1-m))),  s = min(2, 20 t / usual)
 *            From an own share of a half on a repeat says nothing.
 * Defaults   near_bits 6, far_bits 12: one small edit moves a fingerprint by up to 3 bits, so
 *            two edits of one question by 6; random ones are within 12 with probability 3e-7.
 *            like_weight 0.5, like_after 4: sizes alone prove little, and only next to repeats.
 * Cost       32 comparisons for each prompt, a cell look-up for each that repeats.
 * Input      usage with prompt_hash; response_hash, session, user_tokens where reported. Days
 *            without a fingerprint: not observable. Calls that no person is known to have set
 *            off (origin interactive, or words in the session) are no prompts.
 * Order      log order; a session that was quiet for half a day opens again. */
#ifndef GOODHART_DETECT_REPETITION_H
#define GOODHART_DETECT_REPETITION_H

#include "detect/detector.h"

// clang-format off
#define GH_REPETITION_OPTIONS(X, T, S)                                                             \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                   \
    X(S, uint32_t, near_bits, 6, 0, 16, "bits", "prompts that differ in at most this many of 64 fingerprint bits repeat each other") \
    X(S, uint32_t, far_bits, 12, 0, 20, "bits", "prompts that differ in more bits have nothing to do with each other") \
    X(S, uint32_t, fewest_prompts, 3, 1, 1000, "prompts", "days with fewer prompts are not judged") \
    X(S, double, short_answer, 64, 0, 100000, "tokens", "answers of fewer tokens may be alike by chance") \
    X(S, double, like_weight, 0.5, 0, 1, "1", "weight of a prompt that is like a repeated one in context size only") \
    X(S, uint32_t, like_after, 4, 1, 1000, "repeats", "repeats of a prompt after which contexts of its size are like it")
// clang-format on

struct gh_repetition_config {
    GH_REPETITION_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_repetition_day {
    double repeated_tokens, prompt_tokens; /* weighted; of all prompts with a fingerprint */
    double repeated;                       /* prompts, weighted */
    uint32_t prompts, unused;
};

#endif
