/* choice.c - see gh_inspect_choice in inspect.h: one person among those who could be chosen. */
#include "engine/state.h"

#include <math.h>

static uint32_t day_end(const struct gh_engine *e)
{
    return (uint32_t)(e->settled_date - e->epoch_start) + 1;
}

static void evidence_fill(struct gh_engine *e, struct gh_actor *a, struct gh_seen_choice *c)
{
    const uint32_t enabled = gh_actor_enabled(e, a);

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        c->log_weight[d] = e->log_weight[d];
        c->log_e_by[d] = gh_structural(d) && (enabled >> d & 1u)
                             ? gh_detector_log_e(e, a, d, c->set, day_end(e))
                             : -INFINITY;
    }
}

static void limits_fill(struct gh_engine *e, const struct gh_seen_set *seen, uint32_t who,
                        struct gh_seen_choice *c)
{
    c->log_needed = gh_select_needed(seen->candidate, seen->count, who, &seen->family);
    c->p_needed = gh_select_lock_needed(seen->candidate, seen->count, who, &seen->family);
    c->p = gh_lock_p(e, c->set, c->sup_log_e);
    c->log_floor = log(c->set == 1 ? e->cases.floor : e->review.floor);
    for (size_t i = 0; i < seen->count; i++)
        c->selected |= seen->candidate[i].person == who && seen->candidate[i].selected;
}

static void person_fill(struct gh_engine *e, struct gh_actor *a, struct gh_seen_choice *c)
{
    const struct gh_excess excess = gh_person_excess(e, a->id);

    c->frozen = (uint32_t)a->flagged >> c->set & 1u;
    c->log_e = c->frozen ? a->frozen_log_e[c->set] : gh_actor_log_e(e, a, c->set, day_end(e));
    c->sup_log_e = a->sup_log_e[c->set];
    c->usd = excess.usd;
    c->unpriced = excess.unpriced;
    c->least_usd = excess.least_usd;
}

static bool team_fill(struct gh_engine *e, const struct gh_seen_set *seen, struct gh_actor *a,
                      struct gh_seen_choice *c)
{
    const struct gh_team *team = gh_array_at(&e->team_state, a->team);
    bool among = false;

    for (size_t i = 0; i < seen->count; i++)
        if (seen->candidate[i].person == a->team) {
            among = true;
            c->team_log_e = seen->candidate[i].log_e;
        }
    c->frozen = team->flagged;
    c->log_e = (double)a->team_log_e;
    c->sup_log_e = team->sup_log_e;
    return among;
}

bool gh_inspect_choice(struct gh_engine *e, const struct gh_seen_set *seen, uint32_t actor,
                       struct gh_seen_choice *choice)
{
    struct gh_actor *a =
        actor != 0 && actor <= gh_intern_count(&e->actors) ? gh_actor_of(e, actor) : NULL;

    if (a == NULL || a->id == 0 || !gh_enrolled(e, a))
        return false;
    *choice = (struct gh_seen_choice){
        .set = seen->set, .family = seen->family, .log_threshold = seen->log_threshold};
    if (seen->set != GH_TEAMWISE)
        person_fill(e, a, choice);
    else if (a->team == 0 || !team_fill(e, seen, a, choice))
        return false;
    limits_fill(e, seen, seen->set == GH_TEAMWISE ? a->team : actor, choice);
    evidence_fill(e, a, choice);
    return true;
}

struct gh_thresholds gh_inspect_thresholds(const struct gh_engine *e, uint32_t d, bool apart)
{
    return e->threshold[apart][d];
}

double gh_inspect_lock(const struct gh_engine *e, uint32_t set, double sup_log_e)
{
    return gh_lock_p(e, set, sup_log_e);
}
