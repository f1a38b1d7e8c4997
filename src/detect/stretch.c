/* stretch.c - see stretch.h. */
#include "detect/stretch.h"

#include "base/hash.h"

#include <math.h>

static const int64_t raise_every_ms = 15 * 60000;

static void episode_reach(struct gh_episode *e, const struct gh_step *step, int64_t ts_ms,
                          struct gh_text id)
{
    if (e->days == 0) {
        e->from_ms = ts_ms;
        e->first_event = gh_hash(id.at, id.size);
    }
    e->days = 1;
    e->until_ms = ts_ms;
    e->experiment = step->day->experiment;
}

static void episode_sample(struct gh_episode *e, const struct gh_step *step, struct gh_text id)
{
    if (e->sample_count >= GH_SAMPLES_MAX)
        return;
    const uint32_t sample = gh_intern_add(step->heap, step->samples, id);
    if (sample != 0)
        e->sample[e->sample_count++] = sample;
}

void gh_stretch_output(struct gh_stretch *stretch, const struct gh_step *step, bool sample)
{
    const struct gh_output *output = step->output;

    episode_reach(&stretch->episode, step, output->ts_ms, output->id);
    if (sample)
        episode_sample(&stretch->episode, step, output->id);
}

void gh_stretch_add(struct gh_stretch *stretch, const struct gh_step *step, bool sample)
{
    const struct gh_call *call = step->call;
    struct gh_episode *e = &stretch->episode;

    episode_reach(e, step, call->ts_ms, call->id);
    e->calls++;
    if (call->foreign)
        return;
    e->tokens += call->tokens;
    e->cost_usd += isnan(call->cost_usd) ? 0.0 : call->cost_usd;
    e->cost_unknown |= isnan(call->cost_usd);
    if (sample)
        episode_sample(e, step, call->id);
}

bool gh_stretch_due(const struct gh_stretch *stretch, int64_t now_ms)
{
    return stretch->raised_ms == 0 || now_ms - stretch->raised_ms >= raise_every_ms ||
           (stretch->raised_tokens > 0.0 &&
            stretch->episode.tokens >= 2.0 * stretch->raised_tokens);
}

/* What it comes to in dollars is asked before anything is marked as raised, so that it is
 * raised as soon as it has grown. An excess may be below zero, where output has caught up. */
static bool worth_telling(const struct gh_step *step, const struct gh_episode *e)
{
    const struct gh_detector_head *head = step->config;

    return !(head->fewest_usd > 0.0) || e->cost_unknown ||
           e->excess_cost_usd >= head->fewest_usd;
}

void gh_stretch_raise(struct gh_stretch *stretch, struct gh_step *step, double score,
                      double excess_share)
{
    struct gh_episode *e = &stretch->episode;

    e->log_e = score;
    e->excess_tokens = excess_share * e->tokens;
    e->excess_cost_usd = excess_share * e->cost_usd;
    if (!worth_telling(step, e))
        return;
    stretch->raised_tokens = e->tokens;
    stretch->raised_ms = e->until_ms > 0 ? e->until_ms : 1;
    *step->episode = *e;
    step->raise = true;
}

void gh_day_raise(struct gh_step *step, uint32_t *raised_calls, double score,
                  double excess_share)
{
    const struct gh_day *day = step->day;

    if (day->calls < 2 * *raised_calls)
        return;
    const struct gh_episode episode = {
        .log_e = score,
        .from_ms = day->first_ms,
        .until_ms = day->last_ms,
        .first_event = day->first_event,
        .calls = day->calls,
        .days = 1,
        .tokens = day->tokens,
        .cost_usd = day->cost_usd,
        .cost_unknown = day->unpriced_tokens > 0.0,
        .excess_tokens = excess_share * day->tokens,
        .excess_cost_usd = excess_share * day->cost_usd,
        .experiment = day->experiment,
    };
    if (!worth_telling(step, &episode))
        return;
    *raised_calls = day->calls;
    *step->episode = episode;
    step->raise = true;
}
