/* inspect.c - see inspect.h. */
#include "engine/inspect.h"

#include "engine/state.h"

#include <string.h>

/* Days of the running epoch up to the last settled date. */
static uint32_t days_settled(const struct gh_engine *e)
{
    return e->started && e->settled_date >= e->epoch_start
               ? (uint32_t)(e->settled_date - e->epoch_start) + 1
               : 0;
}

struct gh_inspected_epoch gh_inspect_epoch(const struct gh_engine *e)
{
    return (struct gh_inspected_epoch){
        .epoch = (uint32_t)e->epoch,
        .days = days_settled(e),
        .length = e->epoch > 0 ? e->evidence.epoch : e->evidence.burn_in,
        .enrolled = e->enrolled,
        .first_date = e->first_date,
    };
}

uint32_t gh_inspect_count(const struct gh_engine *e)
{
    return gh_intern_count(&e->actors);
}

uint32_t gh_inspect_find(const struct gh_engine *e, struct gh_text actor)
{
    return gh_intern_find(&e->actors, actor);
}

static struct gh_actor *actor_at(const struct gh_engine *e, uint32_t id)
{
    const struct gh_shard *s = &e->shard[id % e->shards];

    return id / e->shards < s->actors.count ? gh_actor_at(s, id / e->shards) : NULL;
}

struct gh_text gh_inspect_role(const struct gh_engine *e, uint32_t actor)
{
    const struct gh_actor *a = actor_at(e, actor);

    return gh_intern_text(&e->names, a != NULL ? a->role : 0);
}

bool gh_inspect(struct gh_engine *e, uint32_t actor, struct gh_inspected *found)
{
    struct gh_actor *a = actor_at(e, actor);
    const uint32_t day_end = days_settled(e);

    if (a == NULL || a->id == 0)
        return false;
    *found = (struct gh_inspected){
        .actor = gh_who_name(gh_intern_text(&e->actors, actor)),
        .role = gh_intern_text(&e->names, a->role),
        .human = a->account == GH_HUMAN,
        .enrolled = gh_enrolled(e, a),
        .active_days = a->active_days,
        .first_date = a->first_date,
    };
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        found->fast_sup[d] = (double)a->fast_sup[d];
        found->score_sup[d] = (double)a->score_sup[d];
        for (uint32_t set = 0; set < GH_SETS && gh_structural(d); set++)
            found->log_e_by[d][set] = gh_detector_log_e(e, a, d, set, day_end);
    }
    for (uint32_t set = 0; set < GH_SETS; set++) {
        found->sup_log_e[set] = a->sup_log_e[set];
        found->log_e[set] = gh_actor_log_e(e, a, set, day_end);
    }
    return true;
}

static struct gh_seen_bet bet_seen(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                                   const struct gh_judged *j)
{
    const struct gh_judged_classes *const by = j->by_class;
    struct gh_seen_bet seen = {
        .observed = j->seen.state == GH_OBSERVED,
        .known = j->seen.state == GH_OBSERVED && j->known,
        .bet = j->bet,
        .value = j->seen.value,
        .residual = j->residual - j->shock - j->team_shock,
        .p = j->p,
        .log_e = gh_detector_log_e(e, a, d, 0, days_settled(e)),
    };

    for (int i = 0; i < GH_PARTS && by != NULL; i++) {
        seen.part[i] = by->seen.part[i];
        seen.weight[i] = by->seen.weight[i];
        seen.part_residual[i] = by->seen.part[i] - by->base[i] - j->shock - j->team_shock;
    }
    memcpy(seen.log_bet, j->log_bet, sizeof seen.log_bet);
    return seen;
}

void gh_watch_day(struct gh_engine *e, const struct gh_day *day, const struct gh_judged *judged)
{
    struct gh_actor *a = gh_actor_of(e, day->actor);
    const uint32_t days = days_settled(e);
    struct gh_seen_day seen = {
        .actor = day->actor,
        .epoch = (uint32_t)e->epoch,
        .day_gone = days > 0 ? days - 1 : 0,
        .active = day->calls > 0,
        .units = day->units,
        .cost_usd = day->cost_usd,
    };

    if (e->watch->day == NULL)
        return;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d))
            seen.by[d] = bet_seen(e, a, d, &judged[d]);
    e->watch->day(e->watch->context, e, &seen);
}

void gh_watch_epoch_end(struct gh_engine *e)
{
    if (e->watch != NULL && e->watch->epoch_end != NULL && e->epoch > 0)
        e->watch->epoch_end(e->watch->context, e);
}

void gh_watch_verdict(struct gh_engine *e, uint32_t actor, enum gh_verdict verdict)
{
    if (e->watch != NULL && e->watch->verdict != NULL)
        e->watch->verdict(e->watch->context, actor, verdict);
}

void gh_watch_heard(struct gh_engine *e, const struct gh_event *verdict)
{
    if (e->watch != NULL && e->watch->heard != NULL)
        e->watch->heard(e->watch->context, verdict);
}
