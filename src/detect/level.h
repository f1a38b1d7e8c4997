/* level.h - what detectors of a level per call share: classes of work, the day's mean of each
 * class, the own past, and how far the running day stands above it.
 *
 * Contexts and outputs of a chat and of an agent differ by a factor of 100, and so the mix of a
 * day would be the finding; each class is held against its own past instead. Completions have
 * no session, chats have; agents keep their names when the model behind them changes. Calls
 * that no person set off (gh_cause_of) are a class of their own, which says little about the
 * person. What the source does not tell is of no class: who set a call off, and of calls
 * without an agent the model, or whether an agent that is not named made them (a chat has a
 * person's words and no tool calls; calls outside sessions have at least none of the
 * latter). */
#ifndef GOODHART_DETECT_LEVEL_H
#define GOODHART_DETECT_LEVEL_H

#include "detect/stretch.h"

enum gh_work {
    GH_WORK_PLAIN,   /* of a session without an agent, on the model that came first; */
    GH_WORK_SECOND,  /* on any other */
    GH_WORK_LOOSE,   /* without agent and session */
    GH_WORK_AGENT,   /* of the agent that came first; */
    GH_WORK_OTHER,   /* of any other */
    GH_WORK_JOB,     /* that no person set off */
    GH_WORK_UNKNOWN, /* of no class */
};
_Static_assert((int)GH_WORK_UNKNOWN == (int)GH_PARTS, "each class is a part");
struct gh_work_first { /* what of a person came first; 0 none yet */
    uint32_t agent, model;
};

/* Whether a call without an agent is surely none of one that is not named. */
static inline bool gh_work_is_plain(const struct gh_call *call)
{
    return call->agent == 0 && call->model != 0 && GH_HAS(call, tool_calls) && !call->tools &&
           (call->typed || call->session == 0);
}
enum gh_work gh_work_of(struct gh_work_first *first, const struct gh_call *call);

struct gh_level_day {
    double sum[GH_PARTS]; /* of logs, by class */
    double square;        /* of all logs */
    uint32_t count[GH_PARTS];
};

struct gh_level_past {
    float mean[GH_PARTS];   /* of daily means, the newer the heavier */
    float square, weight;   /* of daily residuals less their noise, decayed */
    uint8_t days[GH_PARTS]; /* up to 255 */
    uint16_t unused;
};

/* Counts a call of this level (a log) in. */
static inline void gh_level_add(struct gh_level_day *day, uint32_t class, double level)
{
    day->sum[class] += level;
    day->square += level * level;
    day->count[class]++;
}
/* Takes one back that has been counted in. */
static inline void gh_level_take(struct gh_level_day *day, uint32_t class, double level)
{
    day->sum[class] -= level;
    day->square -= level * level;
    day->count[class]--;
}
/* Number in all classes. */
double gh_level_count(const struct gh_level_day *day);
/* The day's parts, noise, weights, value, state and stake; the past learns the day. */
void gh_level_observe(struct gh_level_past *past, const struct gh_level_day *day,
                      uint32_t fewest, struct gh_observation *out);

/* The running day against the own past: with r the mean excess of the classes
 * that have a past (less an indifference of 0.1), s the own spread from day to day and v/n the
 * noise of a mean of n:  z = r / sqrt(s^2 + v/n),  score = z^2 / 2 (the log of a normal tail).
 * 0 with less than six of them today or less than five days of own past. */
double gh_level_score(const struct gh_level_past *past, const struct gh_level_day *day);

#endif
