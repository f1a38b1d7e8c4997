/* inspect.c - see inspect.h. */
#include "engine/inspect.h"

#include "engine/state.h"

#include <math.h>
#include <string.h>

#define WHY_NAME(name, code, text) #name,
#define WHY_TEXT(name, code, text) text,
static const char *const why_names[] = {GH_WHY_LIST(WHY_NAME)};
static const char *const why_texts[] = {GH_WHY_LIST(WHY_TEXT)};

const char *gh_why_name(enum gh_why why)
{
    return why_names[why];
}

const char *gh_why_text(enum gh_why why)
{
    return why_texts[why];
}

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
        .settled_date = e->settled_date,
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

uint32_t gh_inspect_find_apart(const struct gh_engine *e, struct gh_text actor)
{
    return gh_who_find_apart(&e->actors, actor);
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

/* As alarms.c has it. */
static double least_usd(struct gh_engine *e, const struct gh_actor *a, uint32_t d,
                        const struct gh_episode *episode)
{
    const struct gh_scoped scoped = gh_scoped_of(e, a);
    union gh_config room[2];
    const struct gh_detector_head *head = gh_settled_config(e, &scoped, d, &room[0]);
    const struct gh_incident_options *all =
        gh_scoped_group(e, &scoped, GH_GROUP_INCIDENT, gh_settled_ms(e), &room[1]);

    return episode != NULL && episode->cost_unknown ? all->fewest_usd
                                                    : fmax(all->fewest_usd, head->fewest_usd);
}

/* What incidents go by. */
static void alarm_seen(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                       const struct gh_judged *j, struct gh_seen_bet *seen)
{
    const struct gh_thresholds *at = &e->threshold[a->apart][d];
    const struct gh_episode *episode = gh_episode_find(gh_shard_of(e, a->id), a->id, d);

    seen->score = j->score;
    seen->shows = gh_structural(d) ? j->log_l > 0.0 : j->seen.excess_share > 0.0;
    seen->least_usd = least_usd(e, a, d, episode);
    seen->fast_sup = (double)a->fast_sup[d];
    memcpy(seen->threshold, at->score, sizeof seen->threshold);
    memcpy(seen->fast_threshold, at->fast, sizeof seen->fast_threshold);
    if (episode == NULL)
        return;
    seen->excess_usd = episode->excess_cost_usd;
    seen->excess_tokens = episode->excess_tokens;
}

static enum gh_why why_seen(const struct gh_judged *j)
{
    if (j->why != GH_WHY_JUDGED || j->seen.state == GH_OBSERVED)
        return j->why;
    return j->seen.state == GH_TOO_LITTLE ? GH_WHY_TOO_LITTLE : GH_WHY_NOT_OBSERVABLE;
}

static void evidence_seen(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                          const struct gh_judged *j, struct gh_seen_bet *seen)
{
    const struct gh_judged_classes *const by = j->by_class;
    const uint32_t day_end = days_settled(e);

    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    const struct gh_share_prior *prior = &peers->share[d];

    seen->p = j->p;
    seen->prior_mean = prior->mean;
    seen->prior_clip = prior->clip;
    seen->prior_cap = prior->cap;
    memcpy(seen->past, gh_actor_evidence(e, a, d)->past, gh_parts(d) * sizeof *seen->past);
    seen->log_e = gh_detector_log_e(e, a, d, 0, day_end);
    seen->log_e_case = gh_detector_log_e(e, a, d, 1, day_end);
    seen->log_e_team = gh_detector_log_e(e, a, d, GH_TEAMWISE, day_end);
    memcpy(seen->log_bet, j->log_bet, sizeof seen->log_bet);
    for (int i = 0; i < GH_PARTS && by != NULL; i++) {
        seen->part[i] = by->seen.part[i];
        seen->weight[i] = by->seen.weight[i];
        seen->noise[i] = by->seen.noise[i];
        seen->part_residual[i] = by->seen.part[i] - by->base[i] - j->shock - j->team_shock;
    }
}

static struct gh_seen_bet bet_seen(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                                   const struct gh_judged *j)
{
    struct gh_seen_bet seen = {
        .observed = j->seen.state == GH_OBSERVED,
        .known = j->seen.state == GH_OBSERVED && j->known,
        .bet = j->bet,
        .gated = j->gated,
        .flagged = j->flagged,
        .why = why_seen(j),
        .value = j->seen.value,
        .residual = j->residual - j->shock - j->team_shock,
        .base = gh_structural(d) ? j->base : j->seen.expected,
        .allowed = j->allowed,
        .shock = j->shock,
        .team_shock = j->team_shock,
        .spread = j->spread,
        .stake = j->seen.stake,
        .p = NAN,
    };

    if (gh_structural(d))
        evidence_seen(e, a, d, j, &seen);
    alarm_seen(e, a, d, j, &seen);
    return seen;
}

void gh_watch_day(struct gh_engine *e, const struct gh_day *day, const struct gh_judged *judged)
{
    struct gh_actor *a = gh_actor_of(e, day->actor);
    const uint32_t days = days_settled(e);
    struct gh_seen_day seen = {
        .actor = day->actor,
        .date = day->date,
        .epoch = (uint32_t)e->epoch,
        .day_gone = days > 0 ? days - 1 : 0,
        .active = day->calls > 0,
        .audited = a->audited,
        .calls = day->calls,
        .outputs = day->outputs,
        .cohort = gh_cohort_find(e, a->role),
        .schedule = day->schedule,
        .units = day->units,
        .tokens = day->tokens,
        .cost_usd = day->cost_usd,
        .missing = day->missing,
        .exempt_tokens = day->exempt_tokens,
        .exempt_usd = day->exempt_cost_usd,
    };

    if (e->watch->day == NULL)
        return;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        seen.by[d] = bet_seen(e, a, d, &judged[d]);
    e->watch->day(e->watch->context, e, &seen);
}

void gh_watch_chosen(struct gh_engine *e, const struct gh_seen_set *seen)
{
    if (e->watch != NULL && e->watch->chosen != NULL)
        e->watch->chosen(e->watch->context, e, seen);
}

void gh_watch_raised(struct gh_engine *e, const struct gh_seen_raise *seen)
{
    if (e->watch != NULL && e->watch->raised != NULL)
        e->watch->raised(e->watch->context, e, seen);
}

void gh_watch_epoch_end(struct gh_engine *e)
{
    if (e->watch != NULL && e->watch->epoch_end != NULL)
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
