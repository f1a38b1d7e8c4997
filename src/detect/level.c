/* level.c - see level.h. */
#include "detect/level.h"

#include <math.h>

static const double indifference = 0.10;
/* Own spread: what it is before there is a past, and how many days that weighs. */
static const double spread_prior = 0.3, spread_min = 0.1, spread_days = 6.0,
                    spread_memory = 0.97;
/* Variance of single logs, before the day shows its own, and how many calls that weighs. */
static const double call_variance = 1.0, call_weight = 4.0;
/* A day moves the own mean by so much at most, and after a while by a part of that. */
static const double learn_clip = 1.0;
enum { FEWEST_TODAY = 6, FEWEST_DAYS = 5, MEMORY_DAYS = 20 };

static enum gh_work plain_class(struct gh_work_first *first, const struct gh_call *call)
{
    if (!gh_work_is_plain(call))
        return GH_WORK_UNKNOWN;
    if (call->session == 0)
        return GH_WORK_LOOSE;
    if (first->model == 0)
        first->model = call->model;
    return first->model == call->model ? GH_WORK_PLAIN : GH_WORK_SECOND;
}

enum gh_work gh_work_of(struct gh_work_first *first, const struct gh_call *call)
{
    const enum gh_cause cause = gh_cause_of(call);

    if (cause != GH_BY_PERSON)
        return cause == GH_BY_JOB ? GH_WORK_JOB : GH_WORK_UNKNOWN;
    if (call->agent == 0)
        return plain_class(first, call);
    if (first->agent == 0)
        first->agent = call->agent;
    return first->agent == call->agent ? GH_WORK_AGENT : GH_WORK_OTHER;
}

/* Mean excess over the own past; *count: how many of the day it is about. */
static double level_excess(const struct gh_level_past *past, const struct gh_level_day *day,
                           uint32_t *count)
{
    double excess = 0.0;

    *count = 0;
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        if (past->days[i] < FEWEST_DAYS)
            continue;
        excess += day->sum[i] - day->count[i] * (double)past->mean[i];
        *count += day->count[i];
    }
    return *count > 0 ? excess / *count : 0.0;
}

/* Variance of one log around the mean of its class today. */
static double level_variance(const struct gh_level_day *day)
{
    double square = day->square, free = 0.0;

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        if (day->count[i] == 0)
            continue;
        square -= day->sum[i] * day->sum[i] / day->count[i];
        free += day->count[i] - 1.0;
    }
    return (fmax(0.0, square) + call_weight * call_variance) / (free + call_weight);
}

/* Standard deviation of a day's mean of `count`. */
static double level_spread(const struct gh_level_past *past, const struct gh_level_day *day,
                           uint32_t count)
{
    const double own = (spread_days * spread_prior * spread_prior + (double)past->square) /
                       (spread_days + (double)past->weight);

    return sqrt(fmax(spread_min * spread_min, own) + level_variance(day) / count);
}

static void spread_learn(struct gh_level_past *past, const struct gh_level_day *day)
{
    uint32_t count;
    const double excess = level_excess(past, day, &count);

    if (count < FEWEST_TODAY)
        return;
    const double stray = fmin(fabs(excess), 2.0 * level_spread(past, day, count));
    const double square = stray * stray - level_variance(day) / count;
    past->square = (float)(spread_memory * (double)past->square + square);
    past->weight = (float)(spread_memory * (double)past->weight + 1.0);
}

static void mean_learn(struct gh_level_past *past, uint32_t class, double value)
{
    const double stray = value - (double)past->mean[class];
    const double known = past->days[class];

    if (past->days[class] < UINT8_MAX)
        past->days[class]++;
    if (known < 3)
        past->mean[class] += (float)(stray / past->days[class]);
    else
        past->mean[class] += (float)(fmax(-learn_clip, fmin(stray, learn_clip)) /
                                     fmin(known + 1.0, MEMORY_DAYS));
}

double gh_level_count(const struct gh_level_day *day)
{
    double count = 0.0;

    for (uint32_t i = 0; i < GH_PARTS; i++)
        count += day->count[i];
    return count;
}

void gh_level_observe(struct gh_level_past *past, const struct gh_level_day *day,
                      uint32_t fewest, struct gh_observation *out)
{
    const double count = gh_level_count(day), variance = level_variance(day);

    out->state = !(count > 0.0)   ? GH_NOT_OBSERVABLE
                 : count < fewest ? GH_TOO_LITTLE
                                  : GH_OBSERVED;
    if (!(count > 0.0))
        return;
    spread_learn(past, day);
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        if (day->count[i] == 0)
            continue;
        out->by_class->part[i] = day->sum[i] / day->count[i];
        out->by_class->noise[i] = variance / day->count[i];
        out->by_class->weight[i] = day->count[i] / count;
        out->value += out->by_class->weight[i] * out->by_class->part[i];
        mean_learn(past, i, out->by_class->part[i]);
    }
    out->stake = 1.0;
}

double gh_level_score(const struct gh_level_past *past, const struct gh_level_day *day)
{
    uint32_t count;
    const double excess = level_excess(past, day, &count) - indifference;

    if (count < FEWEST_TODAY || excess <= 0.0)
        return 0.0;
    const double z = excess / level_spread(past, day, count);
    return z * z / 2.0;
}
