/* thresholds.c - from which score on an incident is told: from the largest scores of everybody
 * in the last epoch, which are kept, so that another option holds at once. */
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>

enum score { DAY_SCORE, FAST_SCORE, SCORES };

/* Who alarms by day often alarms by fast path, too, where both look at the same spend. */
double gh_alarm_paths(uint32_t d)
{
    return gh_structural(d) ? 2.0 : 1.6;
}

static const struct gh_score_bounds *bounds_of(const struct gh_engine *e, uint32_t d,
                                               enum score which)
{
    const enum gh_behaviour b = gh_detectors[d]->behaviour;

    return which == DAY_SCORE ? &e->model->score[b] : &e->model->fast[b];
}

/* What is kept apart has its own, so that nobody moves with it what others are held to. */
static void scores_keep(struct gh_engine *e, uint32_t d, enum score which, bool apart)
{
    struct gh_past_scores *past = &e->past[apart][d];

    past->people[which] = 0;
    past->low[which] = bounds_of(e, d, which)->low;
    e->scratch.count = 0;
    for (uint32_t i = 0; i < e->shards; i++)
        for (uint32_t k = 0; k < e->shard[i].actors.count; k++) {
            const struct gh_actor *a = gh_actor_at(&e->shard[i], k);
            const float score = which == DAY_SCORE ? a->score_sup[d] : a->fast_sup[d];
            if (a->active_days == 0 || a->apart != apart)
                continue;
            past->people[which]++;
            double *at = (double)score > past->low[which]
                             ? gh_array_add(&e->heap, &e->scratch, 1)
                             : NULL;
            if (at != NULL)
                *at = (double)score;
        }
    gh_sort((double *)e->scratch.at, e->scratch.count);
    past->above[which].count = 0;
    for (uint32_t i = 0; i < e->scratch.count; i++) {
        float *kept = gh_array_add(&e->heap, &past->above[which], 1);
        if (kept != NULL)
            *kept = (float)((const double *)e->scratch.at)[i];
    }
}

/* The score that so few exceeded: that of rank `above` from the top, 0 the largest. Below what
 * is kept no threshold is. */
static double score_of_rank(const struct gh_past_scores *past, enum score which, double above)
{
    const struct gh_array *kept = &past->above[which];

    return above < (double)kept->count
               ? (double)((const float *)(const void *)
                              kept->at)[kept->count - 1 - (uint32_t)above]
               : past->low[which];
}

/* False alarms a day that the detector may raise, `more` steps from where verdicts put it. */
static double alarms_of(const struct gh_engine *e, uint32_t d, int32_t more)
{
    const double own = gh_head(e, d)->false_alarms;

    return (own > 0.0 ? own : e->incident.false_alarms) * gh_tuning_factor(&e->tuning[d], more);
}

/* Threshold of an incident, `more` steps of the allowance away: of last epoch's largest scores
 * of everybody, the one that so few exceeded as the false alarms allow. The model's bounds keep
 * gamers among them from raising it without limit, and a short history from lowering it; they
 * move up where alarms must be rarer among people than where they were measured. */
static struct gh_seen_threshold threshold_made(const struct gh_engine *e,
                                               const struct gh_threshold_wish *wish)
{
    const uint32_t d = wish->detector;
    const enum score which = wish->fast ? FAST_SCORE : DAY_SCORE;
    const struct gh_past_scores *past = &e->past[wish->apart][d];
    const struct gh_score_bounds *bounds = bounds_of(e, d, which);
    const double days = e->epoch == 1 ? e->evidence.burn_in : e->evidence.epoch;
    /* Before the first epoch there is no evidence to learn from. */
    const bool unknown =
        e->epoch == 0 || (e->epoch == 1 && which == DAY_SCORE && gh_structural(d));
    const double rarer = fmax(1.0, past->people[which] / wish->alarms / bounds->people);
    const double shift = log(rarer) / bounds->index;
    const double own =
        score_of_rank(past, which, floor(wish->alarms * days / gh_alarm_paths(d)));
    const double low = bounds->low + shift, high = bounds->high + shift;

    return (struct gh_seen_threshold){
        .alarms = wish->alarms,
        .people = past->people[which],
        .days = days,
        .learned = unknown ? NAN : own,
        .low = low,
        .high = high,
        .threshold = unknown ? high : fmin(fmax(own, low), high),
    };
}

struct gh_seen_threshold gh_inspect_threshold(const struct gh_engine *e,
                                              const struct gh_threshold_wish *wish)
{
    struct gh_threshold_wish asked = *wish;

    if (!(asked.alarms > 0.0))
        asked.alarms = alarms_of(e, wish->detector, GH_TOLD_ABOVE);
    return threshold_made(e, &asked);
}

static void thresholds_make(struct gh_engine *e, uint32_t d, bool apart)
{
    struct gh_thresholds *at = &e->threshold[apart][d];

    for (int32_t told = 0; told < GH_TOLD_WAYS; told++) {
        const double alarms = alarms_of(e, d, told);
        at->score[told] =
            threshold_made(e, &(struct gh_threshold_wish){d, false, apart, alarms}).threshold;
        at->fast[told] =
            threshold_made(e, &(struct gh_threshold_wish){d, true, apart, alarms}).threshold;
    }
}

void gh_thresholds_make(struct gh_engine *e)
{
    for (int apart = 0; apart < 2; apart++)
        for (uint32_t d = 0; d < gh_detector_count; d++)
            thresholds_make(e, d, apart);
}

void gh_thresholds_set(struct gh_engine *e)
{
    for (int apart = 0; apart < 2; apart++)
        for (uint32_t d = 0; d < gh_detector_count; d++)
            for (enum score which = DAY_SCORE; which < SCORES; which++)
                scores_keep(e, d, which, apart);
    gh_thresholds_make(e);
}

typedef void past_visit(struct gh_engine *e, struct gh_past_scores *past, uint32_t which,
                        void *context);

static void past_each(struct gh_engine *e, past_visit *visit, void *context)
{
    for (int apart = 0; apart < 2; apart++)
        for (uint32_t d = 0; d < gh_detector_count; d++)
            for (uint32_t which = 0; which < SCORES; which++)
                visit(e, &e->past[apart][d], which, context);
}

static void past_init(struct gh_engine *e, struct gh_past_scores *past, uint32_t which,
                      void *unused)
{
    (void)e, (void)unused;
    past->above[which].element_size = sizeof(float);
}

static void past_free(struct gh_engine *e, struct gh_past_scores *past, uint32_t which,
                      void *unused)
{
    (void)unused;
    gh_array_free(&e->heap, &past->above[which]);
}

static void past_archive(struct gh_engine *e, struct gh_past_scores *past, uint32_t which,
                         void *archive)
{
    GH_ARCHIVE(archive, past->people[which]);
    GH_ARCHIVE(archive, past->low[which]);
    gh_archive_array(archive, &e->heap, &past->above[which]);
}

void gh_past_init(struct gh_engine *e)
{
    past_each(e, past_init, NULL);
}

void gh_past_free(struct gh_engine *e)
{
    past_each(e, past_free, NULL);
}

void gh_past_archive(struct gh_engine *e, struct gh_archive *archive)
{
    past_each(e, past_archive, archive);
}
