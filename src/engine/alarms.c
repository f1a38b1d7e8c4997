/* alarms.c - days whose score is past a threshold become incidents. */
#include "engine/state.h"
#include "stat/order.h"

/* How a score may be told of; false: not at all. */
static bool score_told(const struct gh_engine *e, const struct gh_actor *a, uint32_t d,
                       double score, enum gh_told *told)
{
    const double *threshold = e->threshold[a->apart][d].score;

    *told = score >= threshold[GH_TOLD_ABOVE] ? GH_TOLD_ABOVE : GH_TOLD_BELOW;
    return *told == GH_TOLD_ABOVE || (a->audited && score >= threshold[GH_TOLD_BELOW]);
}

static bool worth_telling(const struct gh_engine *e, const struct gh_actor *a, uint32_t d,
                          const struct gh_episode *episode)
{
    const struct gh_scoped scoped = gh_scoped_of(e, a);
    union gh_config room[2];
    const struct gh_detector_head *head = gh_settled_config(e, &scoped, d, &room[0]);
    const struct gh_incident_options *all =
        gh_scoped_group(e, &scoped, GH_GROUP_INCIDENT, gh_settled_ms(e), &room[1]);

    return episode->excess_cost_usd >= all->fewest_usd &&
           (episode->cost_unknown || episode->excess_cost_usd >= head->fewest_usd);
}

static void day_alarms(struct gh_engine *e, struct gh_shard *s, const struct gh_day *day,
                       const struct gh_judged *judged)
{
    const struct gh_actor *a = gh_shard_actor(s, day->actor);

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_judged *j = &judged[d];
        /* A score outlasts what made it: only a day that shows something opens a finding,
         * or keeps one open. */
        const bool shows = gh_structural(d) ? j->log_l > 0.0 : j->seen.excess_share > 0.0;
        enum gh_told told;
        if (j->seen.state != GH_OBSERVED || !shows || !score_told(e, a, d, j->score, &told))
            continue;
        const struct gh_episode *episode = gh_episode_find(s, day->actor, d);
        if (episode == NULL || !worth_telling(e, a, d, episode))
            continue;
        struct gh_alarm *alarm = gh_array_add(&e->heap, &e->alarms, 1);
        if (alarm != NULL)
            *alarm = (struct gh_alarm){day->actor, d, told};
    }
}

/* Not in the order of shards. */
static int alarm_compare(const void *left, const void *right)
{
    const struct gh_alarm *a = left, *b = right;

    if (a->actor != b->actor)
        return a->actor < b->actor ? -1 : 1;
    return (a->detector > b->detector) - (a->detector < b->detector);
}

void gh_alarms_raise(struct gh_engine *e)
{
    e->alarms.count = 0;
    for (uint32_t i = 0; i < e->shards; i++) {
        struct gh_shard *s = &e->shard[i];
        const struct gh_book *book = gh_book_of(s, e->settled_date);
        for (uint32_t k = 0; book != NULL && k < book->days.count; k++)
            day_alarms(e, s, gh_segments_at(&book->days, k),
                       gh_array_at(&s->judged, k * gh_detector_count));
    }
    gh_sort_any(e->alarms.at, e->alarms.count, sizeof(struct gh_alarm), alarm_compare);
    for (uint32_t i = 0; i < e->alarms.count; i++) {
        const struct gh_alarm *alarm = gh_array_at(&e->alarms, i);
        gh_finding_raise(e, &(struct gh_raise){
                                .actor = alarm->actor,
                                .detector = alarm->detector,
                                .team = gh_actor_of(e, alarm->actor)->team,
                                .track = GH_INCIDENT,
                                .told = alarm->told,
                                .time_ms = e->closed_hour * GH_MS_PER_HOUR,
                                .episode = gh_episode_find(gh_shard_of(e, alarm->actor),
                                                           alarm->actor, alarm->detector),
                            });
    }
}
