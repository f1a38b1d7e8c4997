/* verdicts.c - what reviewers' verdicts teach. Inside an epoch nothing changes; from the next
 * one on a detector whose findings were cleared weighs less, so much evidence as honest people
 * had is no longer rare, and such shares as they had are allowed to their peers. Nothing is
 * learned from one person alone. */
#include "engine/state.h"
#include "stat/tail.h"

#include <math.h>

enum { FEWEST_VERDICTS = 2, CLEARED_MAX = 4096 };
/* A detector without verdicts: right in nine of ten, with the weight of eight verdicts. */
static const double prior_right = 7.2, prior_all = 8.0;
static const double weight_min = 0.02, weight_step = 0.2;

/* The row of this person and detector, which is made when new. A person's evidence counts once,
 * however many detectors it is about. */
static struct gh_cleared *cleared_row(struct gh_engine *e, uint32_t actor, uint32_t d)
{
    struct gh_cleared *row = NULL;
    bool known = false;

    for (uint32_t i = 0; i < e->cleared.count; i++) {
        struct gh_cleared *at = gh_array_at(&e->cleared, i);
        known |= at->actor == actor;
        if (at->actor == actor && at->detector == d)
            return at;
    }
    row = e->cleared.count < CLEARED_MAX
              ? gh_array_add(&e->heap, &e->cleared, 1)
              : gh_array_at(&e->cleared, e->lesson[d].wrong % CLEARED_MAX);
    if (row != NULL)
        *row = (struct gh_cleared){
            .actor = actor,
            .detector = d,
            .sup_log_e = {known ? -INFINITY : 0.0, known ? -INFINITY : 0.0},
        };
    return row;
}

void gh_verdict_learn(struct gh_engine *e, uint32_t actor, uint32_t d, enum gh_verdict verdict,
                      double share)
{
    const struct gh_actor *a = gh_actor_of(e, actor);

    e->lesson[d].right += verdict == GH_GAMING || verdict == GH_WASTE;
    e->lesson[d].wrong += verdict == GH_LEGITIMATE;
    struct gh_cleared *row = verdict == GH_LEGITIMATE ? cleared_row(e, actor, d) : NULL;
    if (row == NULL)
        return;
    row->role = a->role;
    row->share = fmaxf(row->share, (float)share);
    for (int set = 0; set < GH_SETS && row->sup_log_e[set] >= 0.0; set++)
        row->sup_log_e[set] = fmax(row->sup_log_e[set], a->sup_log_e[set]);
}

double gh_cleared_share(const struct gh_engine *e, uint32_t d, uint32_t role)
{
    float first = 0.0F, second = 0.0F;

    for (uint32_t i = 0; i < e->cleared.count; i++) {
        const struct gh_cleared *row = gh_array_at(&e->cleared, i);
        if (row->detector != d || (role != 0 && row->role != role))
            continue;
        second = fmaxf(second, fminf(first, row->share));
        first = fmaxf(first, row->share);
    }
    return (double)second;
}

/* Beta-binomial precision, moved by a fifth at most, never below a fiftieth. */
void gh_weights_set(struct gh_engine *e)
{
    double target[GH_DETECTORS_MAX] = {0}, sum = 0.0, moved = 0.0;

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_lesson *lesson = &e->lesson[d];
        const double all = lesson->right + lesson->wrong;
        if (!gh_structural(d))
            continue;
        target[d] = all < FEWEST_VERDICTS ? prior_right / prior_all
                                          : (lesson->right + prior_right) / (all + prior_all);
        sum += target[d];
    }
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const double before = e->weight[d] > 0.0 ? e->weight[d] : target[d] / sum;
        if (!gh_structural(d))
            continue;
        e->weight[d] = fmin(fmax(target[d] / sum, (1.0 - weight_step) * before),
                            (1.0 + weight_step) * before);
        e->weight[d] = fmax(e->weight[d], weight_min);
        moved += e->weight[d];
    }
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        e->weight[d] /= moved;
        e->log_weight[d] = log(e->weight[d]);
    }
}

double gh_lock_p(const struct gh_engine *e, uint32_t set, double sup_log_e)
{
    const enum gh_track track = set == 1 ? GH_CASE : GH_REVIEW;
    const double p = gh_tail_p(&e->model->tail[track], sup_log_e);
    uint32_t as_large = 0;

    for (uint32_t i = 0; i < e->cleared.count; i++)
        as_large += ((struct gh_cleared *)gh_array_at(&e->cleared, i))->sup_log_e[set == 1] >=
                    sup_log_e;
    return as_large < FEWEST_VERDICTS ? p : fmax(p, fmin(1.0, as_large / e->person_epochs));
}
