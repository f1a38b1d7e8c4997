/* cohort.c - peers: what is usual for a role, learned from its own history, and how far
 * honest residuals stray. Refitted at set times only, and frozen in between. */
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>
#include <string.h>

enum { FEWEST_DAYS = 200, FEWEST_PEOPLE = 30 };
/* Range of calibrated residuals: levels in own standard deviations. */
static const double residual_low = -8.0, residual_high = 8.0;
static const double shrink_min = 0.1;
/* Verdicts raise what peers are allowed by so much an epoch. */
static const double cap_step = 0.2;

static size_t ranks_size(const struct gh_engine *e, size_t per_detector)
{
    return e->layout.structural * per_detector * sizeof(struct gh_rank);
}

static bool cohort_init(struct gh_engine *e, struct gh_cohort *c, uint32_t role)
{
    *c = (struct gh_cohort){.role = role, .units_per_usd = e->model->units_per_usd};
    c->residual = gh_heap_resize(&e->heap, NULL, 0, ranks_size(e, GH_BINS));
    c->learning = gh_heap_resize(&e->heap, NULL, 0, ranks_size(e, GH_BINS));
    c->value = gh_heap_resize(&e->heap, NULL, 0, ranks_size(e, 1));
    if (c->residual == NULL || c->learning == NULL || c->value == NULL)
        return false;
    for (uint32_t i = 0; i < e->layout.structural * GH_BINS; i++) {
        gh_rank_init(&c->residual[i], residual_low, residual_high);
        gh_rank_init(&c->learning[i], residual_low, residual_high);
    }
    for (uint32_t i = 0; i < e->layout.structural; i++)
        gh_rank_init(&c->value[i], 0.0, 1.0);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        c->share[d] = e->model->share[gh_detectors[d]->behaviour];
        for (uint32_t i = 0; i < GH_PARTS; i++)
            c->level[d][i] = e->model->level[gh_detectors[d]->behaviour];
    }
    return true;
}

enum gh_status gh_cohorts_init(struct gh_engine *e)
{
    e->cohorts = 1;
    return cohort_init(e, &e->cohort[0], 0) ? GH_OK : GH_EMEMORY;
}

void gh_cohorts_free(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->cohorts; i++) {
        gh_heap_free(&e->heap, e->cohort[i].residual, ranks_size(e, GH_BINS));
        gh_heap_free(&e->heap, e->cohort[i].learning, ranks_size(e, GH_BINS));
        gh_heap_free(&e->heap, e->cohort[i].value, ranks_size(e, 1));
    }
}

void gh_cohorts_archive(struct gh_engine *e, struct gh_archive *a)
{
    GH_ARCHIVE(a, e->role_slot);
    uint32_t cohorts = e->cohorts;
    GH_ARCHIVE(a, cohorts);
    a->failed |= cohorts < 1 || cohorts > GH_COHORTS;
    for (uint32_t i = 0; i < GH_ROLE_SLOTS; i++)
        a->failed |= e->role_slot[i] >= cohorts;
    for (uint32_t i = 0; i < cohorts && !a->failed; i++) {
        struct gh_cohort *c = &e->cohort[i];
        if (i >= e->cohorts && !cohort_init(e, &e->cohort[e->cohorts++], 0)) {
            a->failed = true;
            return;
        }
        gh_archive_bytes(a, c, offsetof(struct gh_cohort, residual));
        gh_archive_bytes(a, c->residual, ranks_size(e, GH_BINS));
        gh_archive_bytes(a, c->learning, ranks_size(e, GH_BINS));
        gh_archive_bytes(a, c->value, ranks_size(e, 1));
    }
}

/* Where the role stands in e->role_slot, or the empty slot where it belongs. */
static uint32_t role_slot(const struct gh_engine *e, uint32_t role)
{
    uint32_t i = role * UINT32_C(0x9e3779b1) >> 24;

    while (e->role_slot[i] != 0 && e->cohort[e->role_slot[i]].role != role)
        i = (i + 1) % GH_ROLE_SLOTS;
    return i;
}

uint32_t gh_cohort_find(const struct gh_engine *e, uint32_t role)
{
    return e->role_slot[role_slot(e, role)];
}

uint32_t gh_cohort_of(struct gh_engine *e, uint32_t role)
{
    const uint32_t known = gh_cohort_find(e, role);

    if (known != 0 || role == 0 || e->cohorts >= GH_COHORTS)
        return known;
    const uint32_t slot = role_slot(e, role);
    if (!cohort_init(e, &e->cohort[e->cohorts++], role))
        return 0;
    e->role_slot[slot] = (uint8_t)(e->cohorts - 1);
    return e->cohorts - 1;
}

/* Own means of everybody of a cohort (0: of all) with enough history, ascending. */
static size_t own_means(struct gh_engine *e, uint32_t cohort, uint32_t d, uint32_t part)
{
    e->scratch.count = 0;
    for (uint32_t i = 0; i < e->shards; i++)
        for (uint32_t k = 0; k < e->shard[i].actors.count; k++) {
            struct gh_actor *a = gh_actor_at(&e->shard[i], k);
            const struct gh_evidence *own = gh_actor_evidence(e, a, d);
            if (own->past[part].weight < 3.0f || a->account != GH_HUMAN || a->apart ||
                (cohort != 0 && a->role != e->cohort[cohort].role))
                continue;
            double *at = gh_array_add(&e->heap, &e->scratch, 1);
            if (at != NULL)
                *at = (double)own->past[part].sum / (double)own->past[part].weight;
        }
    gh_sort((double *)e->scratch.at, e->scratch.count);
    return e->scratch.count;
}

static void refit_share(struct gh_engine *e, struct gh_cohort *c, uint32_t d, size_t people)
{
    const struct gh_rank *days = &c->value[e->layout.evidence[d]];
    const double *mean = (const double *)e->scratch.at;

    if (days->count < FEWEST_DAYS || people < FEWEST_PEOPLE)
        return;
    const double cleared =
        fmin(gh_cleared_share(e, d, c->role), (1.0 + cap_step) * c->share[d].cap);
    c->share[d].mean = gh_rank_mean(days);
    c->share[d].clip = fmax(0.05, gh_rank_quantile(days, 0.99));
    c->share[d].cap =
        fmin(0.9, fmax(cleared, 3.0 * gh_quantile_sorted(mean, people, 0.90) + 0.05));
}

double gh_level_shrink(const struct gh_engine *e, const struct gh_level_prior *peers)
{
    return peers->shrink > 0.0 ? fmin(peers->shrink, e->evidence.shrink_level)
                               : e->evidence.shrink_level;
}

/* Root of the mean square of what lies above the center. A few gamers move it little; it is
 * wide where two honest kinds of people share a class, of which a quantile sees one only. */
static double spread_above(double center, const double *mean, size_t people)
{
    double square = 0.0, above = 0.0;

    for (size_t i = 0; i < people; i++) {
        square += mean[i] > center ? (mean[i] - center) * (mean[i] - center) : 0.0;
        above += mean[i] > center;
    }
    return sqrt(square / fmax(1.0, above));
}

/* Where people differ more than the days of one of them, their center says little about one:
 * it weighs days^2 / people^2 days (empirical Bayes for normal means). A few who are quite
 * different count: among two kinds of people the center is wrong for one of them. */
static double level_shrink(const struct gh_level_prior *prior, const double *mean,
                           size_t people)
{
    double square = 0.0;

    for (size_t i = 0; i < people; i++)
        square += (mean[i] - prior->center) * (mean[i] - prior->center);
    return fmax(shrink_min, prior->sd * prior->sd * (double)people / fmax(1e-9, square));
}

static void refit_level(struct gh_engine *e, struct gh_cohort *c, uint32_t cohort, uint32_t d)
{
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        struct gh_level_prior *prior = &c->level[d][i];
        const size_t people = own_means(e, cohort, d, i);
        const double *mean = (const double *)e->scratch.at;
        if (c->square_count[d][i] >= FEWEST_DAYS)
            prior->sd = sqrt(
                fmax(0.0, (double)c->square_sum[d][i] / 1e6 / (double)c->square_count[d][i]));
        prior->shrink = shrink_min; /* the model's center is of no class in particular */
        if (people < FEWEST_PEOPLE)
            continue;
        prior->center = gh_median_sorted(mean, people);
        prior->cap = prior->center + 0.05 + 3.0 * spread_above(prior->center, mean, people);
        prior->shrink = level_shrink(prior, mean, people);
    }
}

static void refit_cohort(struct gh_engine *e, uint32_t cohort)
{
    struct gh_cohort *c = &e->cohort[cohort];

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (!gh_structural(d))
            continue;
        if (gh_detectors[d]->measure == GH_SHARE)
            refit_share(e, c, d, own_means(e, cohort, d, 0));
        else
            refit_level(e, c, cohort, d);
    }
    memcpy(c->residual, c->learning, ranks_size(e, GH_BINS));
    if (c->usd > 0.0 && c->active_days > 0.0) {
        c->units_per_usd = fmax(1e-9, c->units / c->usd);
        c->units_per_day = c->units / c->active_days;
        c->usd_per_day = c->usd / c->active_days;
    }
    if (c->active_days > 0.0)
        c->tokens_per_day = c->tokens / c->active_days;
}

void gh_cohorts_refit(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->cohorts; i++)
        refit_cohort(e, i);
}

void gh_cohorts_forget(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->cohorts; i++) {
        for (uint32_t k = 0; k < e->layout.structural * GH_BINS; k++)
            gh_rank_init(&e->cohort[i].learning[k], residual_low, residual_high);
        for (uint32_t k = 0; k < e->layout.structural; k++)
            gh_rank_init(&e->cohort[i].value[k], 0.0, 1.0);
        memset(e->cohort[i].square_sum, 0, sizeof e->cohort[i].square_sum);
        memset(e->cohort[i].square_count, 0, sizeof e->cohort[i].square_count);
    }
}

/* The own cohort and bin if they know enough, else everybody's, else nothing. */
double gh_cohort_p(struct gh_engine *e, uint32_t cohort, uint32_t d, uint32_t bin,
                   double residual)
{
    const uint32_t at = e->layout.evidence[d] * GH_BINS + bin;

    if (e->cohort[cohort].residual[at].count >= FEWEST_DAYS)
        return gh_rank_p(&e->cohort[cohort].residual[at], residual);
    if (e->cohort[0].residual[at].count >= FEWEST_DAYS)
        return gh_rank_p(&e->cohort[0].residual[at], residual);
    return NAN;
}
