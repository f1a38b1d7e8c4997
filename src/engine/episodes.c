/* episodes.c - while evidence grows: what was spent, what was above the usual, which events
 * show it. Dropped when the evidence is gone. */
#include "base/civil.h"
#include "engine/state.h"

#include <math.h>

/* Evidence above which an episode is worth keeping, log scale. */
static const double keep_structural = 0.05, keep_context = 1.0, watch_context = 2.0;

static uint64_t episode_key(uint32_t actor, uint32_t d)
{
    return gh_file_key(actor, d);
}

/* Event time of what is being settled: after a long pause the newest event is far ahead. */
static int64_t settled_ms(const struct gh_engine *e)
{
    return e->closed_hour * GH_MS_PER_HOUR;
}

struct gh_episode *gh_episode_find(struct gh_shard *s, uint32_t actor, uint32_t d)
{
    struct gh_episode *episode =
        gh_cells_find(&s->episodes, episode_key(actor, d), settled_ms(s->engine));

    return episode != NULL && episode->days > 0 ? episode : NULL;
}

void gh_episode_drop(struct gh_shard *s, uint32_t actor, uint32_t d)
{
    struct gh_episode *episode = gh_episode_find(s, actor, d);

    if (episode != NULL)
        *episode = (struct gh_episode){0};
}

double gh_excess_share(uint32_t d, const struct gh_judged *j)
{
    switch (gh_detectors[d]->measure) {
    case GH_SHARE:
        return fmax(0.0, j->seen.value - j->base);
    case GH_LEVEL:
        return fmax(0.0, 1.0 - exp(j->base - j->seen.value));
    case GH_SCORE:
        break;
    }
    return j->seen.excess_share;
}

static void episode_add(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                        const struct gh_judged *j, uint32_t d)
{
    const struct gh_day_samples *samples =
        gh_cells_find(&s->day_samples, gh_samples_key(day, d), settled_ms(e));
    struct gh_actor *a = gh_shard_actor(s, day->actor);
    struct gh_episode *episode =
        gh_cells_touch(&s->heap, &s->episodes, episode_key(day->actor, d), settled_ms(e));
    struct gh_person person;

    if (episode == NULL)
        return;
    if (episode->days == 0) {
        episode->from_ms = day->first_ms;
        episode->first_event = day->first_event;
    }
    const double excess = gh_excess_share(d, j);
    const bool part = j->seen.measured_tokens > 0.0;
    episode->days++;
    episode->calls += day->calls;
    episode->told += day->told;
    episode->vouched += day->vouched;
    episode->missing += day->missing;
    episode->until_ms = day->last_ms;
    episode->tokens += day->tokens;
    episode->cost_usd += day->cost_usd;
    episode->cost_unknown |= day->unpriced_tokens > 0.0;
    if (day->experiment != 0)
        episode->experiment = day->experiment;
    episode->excess_tokens += excess * (part ? j->seen.measured_tokens : day->tokens);
    episode->excess_cost_usd += excess * (part ? j->seen.measured_usd : day->cost_usd);
    for (uint32_t i = 0;
         samples && i < samples->count && episode->sample_count < GH_SAMPLES_MAX; i++)
        episode->sample[episode->sample_count++] = samples->id[i];
    gh_person_fill(e, s, a, day, &person);
    const struct gh_scoped scoped = gh_scoped_of(e, a);
    union gh_config room;
    const struct gh_observe in = {gh_settled_config(e, &scoped, d, &room), day, &person,
                                  gh_day_state(e, day, d), gh_actor_state(e, a, d)};
    gh_detectors[d]->tell(&in, &j->seen, j->allowed + j->shock + j->team_shock, episode);
}

void gh_episode_end(struct gh_shard *s, struct gh_actor *a, uint32_t d)
{
    gh_episode_drop(s, a->id, d);
    a->watched &= ~(1u << d);
}

void gh_episode_day(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                    const struct gh_judged *j, uint32_t d)
{
    struct gh_actor *a = gh_shard_actor(s, day->actor);
    const bool structural = gh_structural(d);
    double log_e = j->seen.value;

    if (j->seen.state != GH_OBSERVED || (structural && !gh_epoch_judges(e, day->date)))
        return;
    if (structural) {
        const uint32_t day_end = (uint32_t)(day->date - e->epoch_start) + 1;
        log_e = fmax(gh_detector_log_e(e, a, d, 0, day_end),
                     gh_detector_log_e(e, a, d, GH_TEAMWISE, day_end));
    }
    const bool growing = log_e > (structural ? keep_structural : keep_context);
    if (!growing)
        gh_episode_drop(s, day->actor, d);
    else if (!structural || j->log_l > 0.0)
        episode_add(e, s, day, j, d);
    struct gh_episode *episode = gh_episode_find(s, day->actor, d);
    if (episode != NULL)
        episode->log_e = log_e;
    a->watched &= ~(1u << d);
    a->watched |= (uint32_t)(log_e > (structural ? keep_structural : watch_context)) << d;
}
