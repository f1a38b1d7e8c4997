/* fuse.c - the reviewable sets: evidence of all structural detectors, averaged with fixed
 * weights, against everybody else's, with freeze-on-flag e-BH and the empirical lock.
 * Nothing is filtered after selection: what may not count is multiplied by zero before. */
#include "base/civil.h"
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>

static const enum gh_track set_track[GH_EVIDENCES] = {GH_REVIEW, GH_CASE, GH_REVIEW};

static double set_alpha(const struct gh_engine *e, uint32_t set)
{
    return set == 0 ? e->review.alpha : e->cases.alpha;
}

static double set_floor(const struct gh_engine *e, uint32_t set)
{
    return set == 0 ? e->review.floor : e->cases.floor;
}

/* Who could be selected at all: the running sum of evidence has reached 1/alpha. They stay
 * in the list until the epoch ends. */
static void candidates_add(struct gh_engine *e, struct gh_shard *s, int32_t date)
{
    struct gh_book *book = &s->book[(uint32_t)date % GH_BOOKS];
    const double least[GH_SETS] = {-log(set_alpha(e, 0)), -log(set_alpha(e, 1))};

    if (!book->used || book->date != date)
        return;
    for (uint32_t i = 0; i < book->days.count; i++) {
        const struct gh_day *day = gh_segments_at(&book->days, i);
        struct gh_actor *a = gh_shard_actor(s, day->actor);
        for (uint32_t set = 0; set < GH_SETS; set++) {
            if (((uint32_t)a->candidate >> set & 1u) || a->sup_log_e[set] < least[set])
                continue;
            uint32_t *at = gh_array_add(&s->heap, &s->candidates[set], 1);
            if (at == NULL)
                continue;
            *at = day->actor;
            a->candidate |= (uint8_t)(1u << set);
        }
    }
}

struct gh_excess gh_person_excess(struct gh_engine *e, uint32_t person)
{
    const struct gh_scoped scoped = gh_scoped_of(e, gh_actor_of(e, person));
    const uint32_t enabled = gh_scoped_enabled(e, &scoped, gh_settled_ms(e));
    union gh_config room;
    const struct gh_review_options *review =
        gh_scoped_group(e, &scoped, GH_GROUP_REVIEW, gh_settled_ms(e), &room);
    struct gh_excess excess = {.least_usd = review->fewest_usd};

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_episode *episode =
            gh_structural(d) && (enabled >> d & 1u)
                ? gh_episode_find(gh_shard_of(e, person), person, d)
                : NULL;
        if (episode == NULL)
            continue;
        excess.usd += episode->excess_cost_usd;
        excess.unpriced += episode->cost_unknown ? episode->excess_tokens : 0.0;
    }
    return excess;
}

/* Whether the episodes behind the evidence are worth anybody's time. */
static bool material(struct gh_engine *e, uint32_t person)
{
    const struct gh_excess excess = gh_person_excess(e, person);

    return excess.usd >= excess.least_usd || excess.unpriced > 0.0;
}

static int candidate_compare(const void *left, const void *right)
{
    const struct gh_candidate *a = left, *b = right;

    return (a->person > b->person) - (a->person < b->person);
}

static void candidates_gather(struct gh_engine *e, uint32_t set, uint32_t day_end)
{
    e->picks.count = 0;
    for (uint32_t i = 0; i < e->shards; i++) {
        const struct gh_array *list = &e->shard[i].candidates[set];
        struct gh_candidate *c =
            list->count > 0 ? gh_array_add(&e->heap, &e->picks, list->count) : NULL;
        for (uint32_t k = 0; c != NULL && k < list->count; k++, c++) {
            struct gh_actor *a = gh_actor_of(e, *(uint32_t *)gh_array_at(list, k));
            c->person = a->id;
            c->frozen = (uint32_t)a->flagged >> set & 1u;
            c->p = gh_lock_p(e, set, a->sup_log_e[set]);
            c->log_e = c->frozen ? a->frozen_log_e[set] : gh_actor_log_e(e, a, set, day_end);
            if (!c->frozen && (c->log_e < log(set_floor(e, set)) || !material(e, a->id)))
                c->log_e = -INFINITY;
        }
    }
    gh_sort_any(e->picks.at, e->picks.count, sizeof(struct gh_candidate), candidate_compare);
}

void gh_person_raise(struct gh_engine *e, uint32_t person, uint32_t set, double log_threshold)
{
    const uint32_t day_end = (uint32_t)(e->settled_date - e->epoch_start) + 1;
    struct gh_actor *a = gh_actor_of(e, person);
    struct gh_shard *s = gh_shard_of(e, person);
    const uint32_t enabled = gh_actor_enabled(e, a);
    uint32_t best = GH_DETECTORS_MAX, named = 0;
    double best_log_e = -INFINITY;

    /* What a detector bet before it was switched off names nobody, and nobody for another's
     * behaviour instead. */
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const bool off = !(enabled >> d & 1u);
        if (!gh_structural(d) || (!off && gh_episode_find(s, person, d) == NULL))
            continue;
        const double log_e = e->log_weight[d] + gh_detector_log_e(e, a, d, set, day_end);
        named |= (uint32_t)(log_e >= log_threshold - log(2.0)) << d;
        if (log_e > best_log_e) {
            best_log_e = log_e;
            best = d;
        }
    }
    if (named == 0 && best < GH_DETECTORS_MAX)
        named = 1u << best;
    named &= enabled;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (named >> d & 1u)
            gh_finding_raise(e, &(struct gh_raise){
                                    .actor = person,
                                    .detector = d,
                                    .team = a->team,
                                    .track = set_track[set],
                                    .teamwise = set == GH_TEAMWISE,
                                    .time_ms = e->closed_hour * GH_MS_PER_HOUR,
                                    .episode = gh_episode_find(s, person, d),
                                });
}

static void set_choose(struct gh_engine *e, uint32_t set)
{
    const uint32_t day_end = (uint32_t)(e->settled_date - e->epoch_start) + 1;
    const double alpha = set_alpha(e, set), m = e->enrolled;
    double log_threshold;

    candidates_gather(e, set, day_end);
    struct gh_candidate *c = (struct gh_candidate *)e->picks.at;
    const size_t count = e->picks.count;
    gh_select_lock(c, count, alpha, m);
    gh_select_ebh(c, count, alpha, m, &log_threshold);
    gh_watch_chosen(e, &(struct gh_seen_set){set, {alpha, m}, c, count, log_threshold});
    for (size_t i = 0; i < count; i++) {
        struct gh_actor *a = gh_actor_of(e, c[i].person);
        if (!c[i].selected)
            continue;
        if (!c[i].frozen) {
            a->flagged |= (uint8_t)(1u << set);
            a->frozen_log_e[set] = c[i].log_e;
        }
        gh_person_raise(e, c[i].person, set, log_threshold);
    }
}

void gh_fuse(struct gh_engine *e, int32_t date)
{
    for (uint32_t i = 0; i < e->shards; i++)
        candidates_add(e, &e->shard[i], date);
    for (uint32_t set = 0; set < GH_SETS && e->enrolled > 0; set++)
        set_choose(e, set);
    gh_teams_choose(e);
}
