/* always_on.h - usage round the clock, without the pauses that people take.
 *
 * Answers    Has this account worked through two days without a night's rest, or so evenly
 *            that a person would have to be at it for nearly all hours of both?
 * Misses     Machines that rest like people do (eight hours a night): that is only volume.
 *            Calls of origin scheduled or ci, which say themselves that nobody sat there;
 *            calls so small that a quarter of an even spread of the own usual day would hold
 *            more: a small job that ran all along is no finding.
 * Formula    A half-hour counts when it holds at least `least` / 48 of the tokens of the
 *            person's usual day, and of anybody's. Calls of an agent that ran round the clock
 *            in the person's first days and with which no person was ever seen (user_tokens,
 *            origin interactive) are their own past and left out. Over the 96 half-hours up
 *            to the last one of the day that counts,
 *                rest  = the longest silence,
 *                awake = all hours but silences of 90 minutes and more, a day,
 *                x = max((rest_until - rest) / 2, (awake - awake_from) / 4), cut to 0..1
 *            and bounded bets on x (stat/bet.h; Waudby-Smith & Ramdas 2024). One night
 *            without sleep leaves the other one in the window. Two days of a machine that
 *            stops for 5.5 hours on purpose leave 18.5 hours awake. Fast path: hours awake of
 *            the last 24. Neither depends on where the clock stands.
 *            Not used: coefficient of variation and entropy of the gaps. As soon as somebody
 *            also works, their calls are most of the gaps and hide the machine.
 * Defaults   least 1/4 of an even spread: a machine that adds half of a usual day is seen.
 *            least_alone: an agent that came alone is most likely a job, and is asked about
 *            when it takes as much as all else.
 *            rest_until 6.5 hours: x is 1/2 at 5.5 and full at 4.5 hours. awake_from 16: two
 *            days of 16 hours without 90 minutes of silence are a long way from 10.
 * Cost       two additions for each call; bit operations when a half-hour begins to count.
 * Input      usage with ts and token counts; without: too little. Without user_tokens and
 *            origin no agent is seen with a person, and more is asked for (least_alone). Calls
 *            without an agent count when a person is known to have set them off.
 * Order      days on call or at crunch are left out; late events set their own half-hour. */
#ifndef GOODHART_DETECT_ALWAYS_ON_H
#define GOODHART_DETECT_ALWAYS_ON_H

#include "detect/detector.h"

// clang-format off
#define GH_ALWAYS_ON_OPTIONS(X, T, S)                                                             \
    GH_DETECTOR_OPTIONS(X, T, S)                                                                  \
    X(S, double, rest_until, 6.5, 3, 12, "hours", "a longest silence within two days that is shorter begins to count") \
    X(S, double, awake_from, 16, 10, 20, "hours", "hours a day without long silences from which they begin to count") \
    X(S, double, least, 0.25, 0, 2, "1", "part of an even spread of the usual day that a half-hour must hold to count") \
    X(S, double, least_alone, 1, 0, 8, "1", "the same for calls of agents with which no person was ever seen") \
    X(S, uint32_t, standing, 14, 0, 90, "days", "agents that ran round the clock in a person's first active days have always done so")
// clang-format on

struct gh_always_on_config {
    GH_ALWAYS_ON_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};

struct gh_always_on_day {  /* of the two days up to the last half-hour that counted; 0: none */
    float rest_h, awake_h; /* awake: a day */
};

#endif
