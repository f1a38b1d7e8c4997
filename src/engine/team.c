/* team.c - teams that do something together. Taking off what a team has in common protects
 * honest teams in a week of migration, and would hide one that games as a whole. So evidence
 * is kept a second time without it, and a team is judged by "fewer than a third of it
 * deviate": the mean of all but the r - 1 largest e-values of its n members, r = n/3 rounded
 * up (Benjamini & Heller 2008, in e-form). Teams are a family of their own, with their own
 * e-BH at the level of reviews. */
#include "base/civil.h"
#include "engine/state.h"
#include "stat/bet.h"
#include "stat/order.h"

#include <math.h>

enum { FEWEST_MEMBERS = 4 };
/* A member below this says nothing for the team (log scale). */
static const double hot_log_e = 1.0;

static uint32_t third(uint32_t members)
{
    return (members + 2) / 3;
}

static void team_count(struct gh_engine *e, const struct gh_actor *a)
{
    struct gh_team *team = gh_array_at(&e->team_state, a->team);

    team->members++;
    team->hot += a->team_log_e > hot_log_e;
}

typedef void member_visit(struct gh_engine *e, const struct gh_actor *a);

static void members_visit(struct gh_engine *e, member_visit *visit)
{
    for (uint32_t i = 0; i < e->shards; i++)
        for (uint32_t k = 0; k < e->shard[i].actors.count; k++) {
            const struct gh_actor *a = gh_actor_at(&e->shard[i], k);
            if (a->team != 0 && gh_enrolled(e, a))
                visit(e, a);
        }
}

static bool team_may_deviate(const struct gh_team *team)
{
    return team->members >= FEWEST_MEMBERS && team->hot >= third(team->members);
}

static void member_add(struct gh_engine *e, const struct gh_actor *a)
{
    if (!team_may_deviate(gh_array_at(&e->team_state, a->team)))
        return;
    struct gh_member *member = gh_array_add(&e->heap, &e->members, 1);
    if (member != NULL)
        *member = (struct gh_member){a->team, a->id, (double)a->team_log_e};
}

static int member_compare(const void *left, const void *right)
{
    const struct gh_member *a = left, *b = right;

    if (a->team != b->team)
        return a->team > b->team ? 1 : -1;
    if (a->log_e < b->log_e || a->log_e > b->log_e)
        return a->log_e > b->log_e ? 1 : -1;
    return (a->actor > b->actor) - (a->actor < b->actor);
}

/* Members of one team, their evidence ascending. */
static double team_log_e(const struct gh_member *member, uint32_t members)
{
    const uint32_t count = members - third(members) + 1;
    double sum = -INFINITY;

    for (uint32_t i = 0; i < count; i++)
        sum = gh_log_add(sum, member[i].log_e);
    return sum - log((double)count);
}

static void candidate_add(struct gh_engine *e, uint32_t id, double log_e)
{
    struct gh_team *team = gh_array_at(&e->team_state, id);
    struct gh_candidate *c = gh_array_add(&e->heap, &e->picks, 1);

    if (c == NULL)
        return;
    team->sup_log_e = fmax(team->sup_log_e, log_e);
    *c = (struct gh_candidate){
        .log_e = team->flagged                   ? team->frozen_log_e
                 : log_e >= log(e->review.floor) ? log_e
                                                 : -INFINITY,
        .p = gh_lock_p(e, 0, team->sup_log_e),
        .person = id,
        .frozen = team->flagged,
    };
}

/* Teams in which a third may deviate, as candidates; e->members stays sorted by team. */
static void candidates_make(struct gh_engine *e)
{
    const struct gh_member *member = (const struct gh_member *)e->members.at;

    e->picks.count = 0;
    gh_sort_any(e->members.at, e->members.count, sizeof *member, member_compare);
    for (uint32_t i = 0; i < e->members.count;) {
        uint32_t n = 1;
        while (i + n < e->members.count && member[i + n].team == member[i].team)
            n++;
        candidate_add(e, member[i].team, team_log_e(&member[i], n));
        i += n;
    }
}

/* The members of a selected team who deviate, not the others. */
static void team_raise(struct gh_engine *e, uint32_t team, double log_threshold)
{
    for (uint32_t i = 0; i < e->members.count; i++) {
        const struct gh_member *member = gh_array_at(&e->members, i);
        if (member->team != team || member->log_e < log(e->review.floor))
            continue;
        gh_actor_of(e, member->actor)->flagged |= 1u << GH_TEAMWISE;
        gh_person_raise(e, member->actor, GH_TEAMWISE, log_threshold);
    }
}

void gh_teams_choose(struct gh_engine *e)
{
    const uint32_t teams = gh_team_count(e) + 1;
    double judged = 0.0, log_threshold;

    if (e->team_state.count < teams &&
        gh_array_add(&e->heap, &e->team_state, teams - e->team_state.count) == NULL)
        return;
    for (uint32_t i = 0; i < teams; i++) {
        struct gh_team *team = gh_array_at(&e->team_state, i);
        team->members = team->hot = 0;
    }
    members_visit(e, team_count);
    for (uint32_t i = 0; i < teams; i++)
        judged += ((struct gh_team *)gh_array_at(&e->team_state, i))->members >= FEWEST_MEMBERS;
    e->members.count = 0;
    members_visit(e, member_add);
    if (e->members.count == 0)
        return;
    candidates_make(e);
    struct gh_candidate *c = (struct gh_candidate *)e->picks.at;
    gh_select_lock(c, e->picks.count, e->review.alpha, judged);
    gh_select_ebh(c, e->picks.count, e->review.alpha, judged, &log_threshold);
    gh_watch_chosen(
        e, &(struct gh_seen_set){
               GH_TEAMWISE, {e->review.alpha, judged}, c, e->picks.count, log_threshold});
    for (uint32_t i = 0; i < e->picks.count; i++) {
        struct gh_team *team = gh_array_at(&e->team_state, c[i].person);
        if (!c[i].selected)
            continue;
        if (!team->flagged) {
            team->flagged = true;
            team->frozen_log_e = c[i].log_e;
        }
        team_raise(e, c[i].person, log_threshold);
    }
}

void gh_teams_restart(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->team_state.count; i++)
        *(struct gh_team *)gh_array_at(&e->team_state, i) = (struct gh_team){.members = 0};
}
