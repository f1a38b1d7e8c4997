/* propose.c - see propose.h. */
#include "app/tune/propose.h"

#include "detect/registry.h"
#include "engine/options.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Cases of one run: memory for so many engines. */
enum { CASES_MAX = 24, FEWEST_WRONG = 3 };
#define TRIAL_LEVEL 0.8

/* A ladder's place among the cases of a run. */
struct tried_ladder {
    struct gh_ladder ladder;
    uint32_t first; /* case of the first rung */
};
struct batch {
    struct gh_tune_run run;
    struct tried_ladder ladder[CASES_MAX * GH_LADDERS_MAX];
    size_t ladders;
    uint32_t base; /* what candidates are held against */
    struct gh_error *error;
};

static struct gh_proposal *proposal_at(const struct gh_proposals *p, size_t index)
{
    return &g_array_index(p->looked, struct gh_proposal, index);
}

/* What is in force, without the lot. NULL: see *error. */
static struct gh_config *config_without_lot(const struct gh_tune_job *job,
                                            struct gh_error *error)
{
    struct gh_config *config = NULL;
    enum gh_status status = gh_config_copy(&config, job->in_force, error);

    if (status == GH_OK)
        status = gh_config_set(config, "incident.audit=0", error);
    if (status == GH_OK)
        return config;
    gh_config_free(config);
    return NULL;
}

static enum gh_status rung_set(struct gh_config *config, const struct gh_ladder *ladder,
                               double value, struct gh_error *error)
{
    char assignment[GH_LADDER_ASSIGNMENT_SIZE];

    gh_ladder_assignment(ladder, value, assignment);
    return gh_config_set(config, assignment, error);
}

static enum gh_status batch_start(struct batch *b, const struct gh_tune_job *job)
{
    const struct gh_incident_options *incident = gh_config_group(job->in_force, "incident");

    gh_tune_run_init(&b->run, job);
    if (!(incident->audit > 0.0))
        return GH_OK;
    struct gh_config *config = config_without_lot(job, b->error);
    if (config == NULL)
        return b->error->status;
    b->base = (uint32_t)gh_tune_tried_count(&b->run);
    gh_tune_run_add(&b->run, config, "without the lot");
    return GH_OK;
}

/* Adds the cases in which these ladders, all of one kind, move together. */
static enum gh_status batch_ladders(struct batch *b, const struct gh_ladder *ladder,
                                    size_t count)
{
    const uint32_t first = (uint32_t)gh_tune_tried_count(&b->run);
    size_t rungs = 0;

    for (size_t i = 0; i < count; i++) {
        rungs = MAX(rungs, ladder[i].rungs);
        b->ladder[b->ladders++] = (struct tried_ladder){ladder[i], first};
    }
    for (size_t k = 0; k < rungs; k++) {
        struct gh_config *config = config_without_lot(b->run.job, b->error);
        enum gh_status status = config != NULL ? GH_OK : b->error->status;
        for (size_t i = 0; i < count && status == GH_OK; i++)
            if (k < ladder[i].rungs)
                status = rung_set(config, &ladder[i], ladder[i].rung[k], b->error);
        if (status != GH_OK) {
            gh_config_free(config);
            return status;
        }
        gh_tune_run_add(&b->run, config, ladder[0].name);
    }
    return GH_OK;
}

/* --- what a ladder shows --- */

static uint32_t judged_of(const struct gh_worth_gain *gain)
{
    return gain->gone.right + gain->gone.wrong + gain->come.right + gain->come.wrong;
}

static bool same_effect(const struct gh_worth_gain *a, const struct gh_worth_gain *b)
{
    return a->fewer == b->fewer && a->usd.point == b->usd.point && a->usd.low == b->usd.low;
}

static bool without_effect(const struct gh_worth_gain *gain)
{
    return gain->fewer == 0 && gain->usd.low == 0.0 && gain->usd.high == 0.0;
}

/* How many of what a rung adds are false, if it is worse than there is reason to think. */
static double most_false(const struct batch *b, const struct tried_ladder *t,
                         const struct gh_proposal_rung *rung)
{
    const struct gh_worth_scope scope = {t->ladder.detector, TRIAL_LEVEL};
    const struct gh_worth_count *come = &rung->gain.come;
    const double count = (double)come->right + come->wrong + come->open;
    const double per_day = t->ladder.rate ? rung->value : t->ladder.per_day;
    const double promised = GH_PROPOSE_SAFETY * per_day * gh_tune_days(&b->run);
    struct gh_worth_sum now;

    gh_worth_of(b->run.worth, b->base, &scope, &now);
    const double right =
        isfinite(now.precision.low) ? now.precision.low / GH_PROPOSE_SAFETY : 0;
    return per_day > 0.0 ? fmin(promised, count * (1.0 - right)) : count;
}

static struct gh_proposal_rung rung_look(const struct batch *b, const struct tried_ladder *t,
                                         uint32_t k, bool loosen)
{
    const struct gh_worth_scope scope = {t->ladder.detector, GH_TUNE_LEVEL};
    const uint32_t to = t->first + k;
    struct gh_proposal_rung rung = {.value = t->ladder.rung[k], .doubt = 1.0};

    gh_worth_compare(b->run.worth, b->base, to, &scope, &rung.gain);
    rung.withheld = rung.gain.accused > 0 && !loosen;
    if (without_effect(&rung.gain) || rung.withheld)
        return rung;
    rung.doubt = gh_worth_doubt(b->run.worth, b->base, to, &scope);
    rung.trial = gh_worth_trial(b->run.worth, b->base, to, &scope, most_false(b, t, &rung));
    return rung;
}

/* Bonferroni over the rungs that differ. */
static void ladder_look(const struct batch *b, const struct tried_ladder *t,
                        struct gh_proposals *p)
{
    struct gh_proposal proposal = {.ladder = t->ladder, .doubt = 1.0, .chosen = GH_RUNGS_MAX};
    uint32_t differ = 0;

    for (uint32_t k = 0; k < t->ladder.rungs; k++) {
        struct gh_proposal_rung *rung = &proposal.rung[k];
        bool again = false;
        *rung = rung_look(b, t, k, p->loosen);
        for (uint32_t i = 0; i < k && !again; i++)
            again = same_effect(&proposal.rung[i].gain, &rung->gain);
        differ += !again && !without_effect(&rung->gain);
        proposal.judged |= judged_of(&rung->gain) > 0;
        proposal.doubt = fmin(proposal.doubt, rung->doubt);
    }
    proposal.doubt = fmin(1.0, proposal.doubt * MAX(differ, 1));
    for (uint32_t k = 0; k < t->ladder.rungs; k++)
        proposal.rung[k].doubt = fmin(1.0, proposal.rung[k].doubt * MAX(differ, 1));
    g_array_append_val(p->looked, proposal);
}

/* --- which are chosen --- */

static int doubt_compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The largest doubt that Benjamini and Hochberg's procedure lets pass. */
static double doubt_allowed(const struct gh_proposals *p)
{
    double *doubt = g_new(double, p->looked->len + 1), allowed = 0.0;
    size_t count = 0;

    for (size_t i = 0; i < p->looked->len; i++)
        if (proposal_at(p, i)->judged)
            doubt[count++] = proposal_at(p, i)->doubt;
    qsort(doubt, count, sizeof *doubt, doubt_compare);
    for (size_t i = 0; i < count; i++)
        if (doubt[i] <= GH_PROPOSE_DOUBT * (double)(i + 1) / (double)count)
            allowed = GH_PROPOSE_DOUBT * (double)(i + 1) / (double)count;
    g_free(doubt);
    return allowed;
}

bool gh_proposal_trial(const struct gh_proposal_rung *rung)
{
    return rung->trial > 0.0;
}

double gh_proposal_gain(const struct gh_proposal_rung *rung)
{
    return gh_proposal_trial(rung) ? rung->trial : rung->gain.usd.point;
}

/* Of rungs that gain as much the nearest. */
static size_t best_rung(const struct gh_proposal *proposal, double allowed)
{
    size_t best = GH_RUNGS_MAX;

    for (size_t k = 0; k < proposal->ladder.rungs; k++) {
        const struct gh_proposal_rung *rung = &proposal->rung[k];
        const bool pays =
            (proposal->judged && rung->doubt <= allowed) || gh_proposal_trial(rung);
        if (pays && (best == GH_RUNGS_MAX ||
                     gh_proposal_gain(rung) > gh_proposal_gain(&proposal->rung[best]) + 1e-9))
            best = k;
    }
    return best;
}

static bool same_detector(const struct gh_proposal *a, const struct gh_proposal *b)
{
    return g_strcmp0(a->ladder.detector, b->ladder.detector) == 0;
}

void gh_proposals_choose(struct gh_proposals *proposals)
{
    const double allowed = doubt_allowed(proposals);

    for (size_t i = 0; i < proposals->looked->len; i++) {
        struct gh_proposal *mine = proposal_at(proposals, i);
        mine->chosen = best_rung(mine, allowed);
        for (size_t k = 0; k < i && mine->chosen != GH_RUNGS_MAX; k++) {
            struct gh_proposal *other = proposal_at(proposals, k);
            if (other->chosen == GH_RUNGS_MAX || !same_detector(mine, other))
                continue;
            if (gh_proposal_gain(&mine->rung[mine->chosen]) >
                gh_proposal_gain(&other->rung[other->chosen]))
                other->chosen = GH_RUNGS_MAX;
            else
                mine->chosen = GH_RUNGS_MAX;
        }
    }
}

/* --- runs --- */

struct wanted {
    bool wrong[GH_DETECTORS_MAX]; /* enough of its findings were judged wrong */
    bool accused;                 /* and of those that reach a manager */
};

static bool is_wanted(const void *context, const char *detector)
{
    const struct wanted *w = context;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, detector) == 0)
            return w->wrong[d];
    return false;
}

static void wrong_count(const struct batch *b, struct wanted *w)
{
    struct gh_worth_sum sum;
    uint32_t accused = 0;

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_worth_scope scope = {gh_detectors[d]->name, GH_TUNE_LEVEL};
        gh_worth_of(b->run.worth, b->base, &scope, &sum);
        w->wrong[d] = sum.shown.wrong >= FEWEST_WRONG;
        accused += sum.accused_wrong;
    }
    w->accused = accused >= FEWEST_WRONG;
}

/* Kinds that are tried in one go as far as there is room, and what was learned before. */
struct course {
    uint32_t kind, end;
    struct wanted wanted;
};

static size_t course_ladders(const struct course *c, const struct gh_proposals *p,
                             const struct gh_config *now,
                             struct gh_ladder ladder[GH_LADDERS_MAX])
{
    const bool own = c->kind >= GH_LADDER_OWN, of_all = c->kind >= GH_LADDER_REVIEW && !own;
    const struct gh_ladder_wish wish = {now, p->loosen, own ? is_wanted : NULL, &c->wanted};

    return of_all && !c->wanted.accused && !p->loosen ? 0 : gh_ladders(&wish, c->kind, ladder);
}

static enum gh_status course_try(struct course *c, struct batch *b, struct gh_proposals *p)
{
    const struct gh_config *now = b->run.job->in_force;
    struct gh_ladder ladder[GH_LADDERS_MAX];
    enum gh_status status = GH_OK;

    for (; status == GH_OK && c->kind < c->end; c->kind++) {
        const size_t count = course_ladders(c, p, now, ladder);
        if (gh_tune_tried_count(&b->run) + GH_RUNGS_MAX > CASES_MAX + 2)
            break;
        status = count > 0 ? batch_ladders(b, ladder, count) : GH_OK;
    }
    if (status != GH_OK || b->ladders == 0)
        return status;
    status = gh_tune_run_go(&b->run, b->error);
    for (size_t i = 0; status == GH_OK && i < b->ladders; i++)
        ladder_look(b, &b->ladder[i], p);
    if (status == GH_OK && c->end == GH_LADDER_REVIEW) {
        wrong_count(b, &c->wanted);
        p->heard = b->run.heard;
    }
    return status;
}

static enum gh_status kinds_try(struct gh_proposals *p, const struct gh_tune_job *job,
                                struct course *c, struct gh_error *error)
{
    struct batch *b = g_new0(struct batch, 1);

    b->error = error;
    enum gh_status status = batch_start(b, job);
    if (status == GH_OK)
        status = course_try(c, b, p);
    gh_tune_run_free(&b->run);
    g_free(b);
    return status;
}

/* The chosen ones together. */
static enum gh_status together_try(struct gh_proposals *p, const struct gh_tune_job *job,
                                   struct gh_error *error)
{
    const struct gh_worth_scope all = {NULL, GH_TUNE_LEVEL};
    const struct gh_proposal *next;
    struct batch b = {.error = error};
    enum gh_status status = batch_start(&b, job);
    struct gh_config *config = status == GH_OK ? config_without_lot(job, error) : NULL;
    size_t cursor = 0;

    if (config == NULL)
        status = error->status;
    while (status == GH_OK && (next = gh_proposals_next(p, &cursor)) != NULL)
        status = rung_set(config, &next->ladder, next->rung[next->chosen].value, error);
    if (status != GH_OK) {
        gh_config_free(config);
    } else {
        gh_tune_run_add(&b.run, config, "together");
        status = gh_tune_run_go(&b.run, error);
    }
    if (status == GH_OK) {
        gh_worth_compare(b.run.worth, b.base, b.base + 1, &all, &p->together);
        gh_worth_of(b.run.worth, b.base, &all, &p->now);
        gh_worth_of(b.run.worth, b.base + 1, &all, &p->then);
    }
    gh_tune_run_free(&b.run);
    return status;
}

/* The one that gains least is left alone. */
static void least_drop(struct gh_proposals *p)
{
    struct gh_proposal *least = NULL;

    for (size_t i = 0; i < p->looked->len; i++) {
        struct gh_proposal *at = proposal_at(p, i);
        if (at->chosen != GH_RUNGS_MAX &&
            (least == NULL ||
             at->rung[at->chosen].gain.usd.point < least->rung[least->chosen].gain.usd.point))
            least = at;
    }
    assert(least != NULL); /* one was tried */
    least->chosen = GH_RUNGS_MAX;
    p->together = (struct gh_worth_gain){0};
}

static enum gh_status together_check(struct gh_proposals *p, const struct gh_tune_job *job,
                                     struct gh_error *error)
{
    enum gh_status status = GH_OK;
    size_t cursor = 0;

    while (status == GH_OK && gh_proposals_next(p, &cursor) != NULL) {
        status = together_try(p, job, error);
        if (status == GH_OK && p->together.usd.point > 0.0 &&
            (p->together.accused == 0 || p->loosen))
            break;
        if (status == GH_OK)
            least_drop(p);
        cursor = 0;
    }
    return status;
}

enum gh_status gh_tune_propose(const struct gh_tune_job *job, bool loosen,
                               struct gh_proposals *proposals, struct gh_error *error)
{
    const struct gh_incident_options *incident = gh_config_group(job->in_force, "incident");
    static const uint32_t ends[] = {GH_LADDER_REVIEW, GH_LADDER_OWN, GH_LADDER_OWN + 16};
    struct course course = {.kind = GH_LADDER_RATE};
    enum gh_status status = GH_OK;

    *proposals = (struct gh_proposals){
        .looked = g_array_new(FALSE, TRUE, sizeof(struct gh_proposal)),
        .loosen = loosen,
        .audit = incident->audit,
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        course.end = ends[i];
        while (status == GH_OK && course.kind < course.end)
            status = kinds_try(proposals, job, &course, error);
    }
    if (status != GH_OK)
        return status;
    gh_proposals_choose(proposals);
    return together_check(proposals, job, error);
}

void gh_proposals_free(struct gh_proposals *proposals)
{
    if (proposals->looked != NULL)
        g_array_free(proposals->looked, TRUE);
    proposals->looked = NULL;
}

const struct gh_proposal *gh_proposals_next(const struct gh_proposals *proposals,
                                            size_t *cursor)
{
    while (*cursor < proposals->looked->len) {
        const struct gh_proposal *at = proposal_at(proposals, (*cursor)++);
        if (at->chosen != GH_RUNGS_MAX)
            return at;
    }
    return NULL;
}
