/* epoch.c - what is frozen inside an epoch and chosen anew at its start. */
#include "base/hash.h"
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>

enum { MIDDLE_OF_BURN_IN = 14 };

static int32_t epoch_of(const struct gh_engine *e, int32_t date)
{
    const int32_t day = date - e->first_date - (int32_t)e->evidence.burn_in;

    return day < 0 ? 0 : 1 + day / (int32_t)e->evidence.epoch;
}

/* Own means at the start of the epoch; they may drift only slowly from there. */
static void anchor_set(struct gh_engine *e, struct gh_actor *a)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (!gh_structural(d) || gh_detectors[d]->measure != GH_LEVEL)
            continue;
        struct gh_evidence *own = gh_actor_evidence(e, a, d);
        const struct gh_level_prior *peers = e->cohort[gh_cohort_find(e, a->role)].level[d];
        for (uint32_t i = 0; i < GH_PARTS; i++)
            if (own->past[i].weight > 0.0f && !(a->flagged && isfinite(own->past[i].anchor)))
                own->past[i].anchor = (float)gh_own_mean(&own->past[i], peers[i].center,
                                                         gh_level_shrink(e, &peers[i]));
    }
}

/* By lot, for this epoch; the same at every replay. */
static bool drawn(const struct gh_engine *e, const struct gh_actor *a)
{
    const struct gh_text name = gh_intern_text(&e->actors, a->id);

    if (!(e->incident.audit > 0.0) || a->account != GH_HUMAN || a->apart)
        return false;
    const uint64_t lot = gh_hash_seeded(
        name.at, name.size, gh_hash_pair(e->incident.audit_key, (uint64_t)e->epoch));
    return (double)(lot >> 11) * 0x1p-53 < e->incident.audit;
}

static void evidence_restart(struct gh_engine *e, struct gh_actor *a)
{
    a->flagged = a->candidate = 0;
    a->team_log_e = 0.0f;
    for (uint32_t set = 0; set < GH_SETS; set++) {
        a->frozen_log_e[set] = NAN;
        a->sup_log_e[set] = 0.0;
    }
    for (uint32_t d = 0; d < gh_detector_count; d++)
        for (uint32_t set = 0; gh_structural(d) && set < GH_EVIDENCES; set++)
            gh_reserve_start(&gh_actor_evidence(e, a, d)->set[set]);
}

void gh_evidence_restart(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->shards; i++) {
        struct gh_shard *s = &e->shard[i];
        for (uint32_t k = 0; k < s->actors.count; k++)
            evidence_restart(e, gh_actor_at(s, k));
        for (uint32_t set = 0; set < GH_SETS; set++)
            s->candidates[set].count = 0;
    }
    gh_teams_restart(e);
}

static void actor_restart(struct gh_engine *e, struct gh_actor *a)
{
    anchor_set(e, a);
    a->audited = drawn(e, a);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        a->score_sup[d] = a->fast_sup[d] = 0.0f;
}

bool gh_epoch_judges(const struct gh_engine *e, int32_t date)
{
    return e->epoch > 0 || date >= e->first_date + (int32_t)e->evidence.grace;
}

bool gh_enrolled(const struct gh_engine *e, const struct gh_actor *a)
{
    return a->account == GH_HUMAN && !a->apart && a->first_date < e->enrol_date;
}

/* Everybody seen so far: the number that selection counts against is fixed from here on. */
static void enrol(struct gh_engine *e, int32_t date)
{
    e->enrol_date = date;
    e->enrolled = 0;
    for (uint32_t i = 0; i < e->shards; i++)
        for (uint32_t k = 0; k < e->shard[i].actors.count; k++)
            e->enrolled += gh_enrolled(e, gh_actor_at(&e->shard[i], k));
}

static void epoch_start(struct gh_engine *e, int32_t epoch)
{
    gh_watch_epoch_end(e);
    e->epoch = epoch;
    e->epoch_start =
        e->first_date + (int32_t)e->evidence.burn_in + (epoch - 1) * (int32_t)e->evidence.epoch;
    e->counters.epochs++;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        e->counters.allowances_moved += gh_tuning_epoch(&e->tuning[d], e->incident.worth);
    gh_thresholds_set(e);
    gh_cohorts_refit(e);
    gh_cohorts_forget(e);
    for (uint32_t i = 0; i < e->shards; i++) {
        struct gh_shard *s = &e->shard[i];
        for (uint32_t k = 0; k < s->actors.count; k++)
            actor_restart(e, gh_actor_at(s, k));
    }
    gh_evidence_restart(e);
    gh_weights_set(e);
    enrol(e, e->epoch_start);
    e->person_epochs += e->enrolled;
}

void gh_epoch_advance(struct gh_engine *e, int32_t date)
{
    const int32_t epoch = epoch_of(e, date);

    if (epoch == 0 && e->enrol_date == 0 &&
        date >= e->first_date + (int32_t)e->evidence.grace) {
        gh_cohorts_refit(e);
        enrol(e, date);
    }
    if (epoch == 0 && date == e->first_date + MIDDLE_OF_BURN_IN) {
        gh_thresholds_set(e);
        gh_cohorts_refit(e);
        gh_cohorts_forget(e);
    }
    if (epoch > e->epoch)
        epoch_start(e, epoch);
}
