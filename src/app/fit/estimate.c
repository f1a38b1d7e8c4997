/* estimate.c - from what was gathered to the numbers of a model: which estimator makes which
 * key, and what is too little to go by. */
#include "app/fit/fit.h"

#include "stat/order.h"
#include "stat/prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Limits of own means, as the engine makes them of its own history. */
static const double share_factor = 3.0, share_quantile = 0.90, share_most = 0.9;
static const double level_factor = 3.0, level_quantile = 0.84, cap_add = 0.05;
enum { FEWEST_PEOPLE = 30, FEWEST_OWN_DAYS = 3, FEWEST_DAYS = 200, FEWEST_ROWS = 100 };
/* Scores are logarithms: odds below ten to one are no alarm, however rare they are. */
static const double score_least = 2.302585;
enum { FEWEST_SCORES = 20 };
/* Hill's index of a hundredth of these: an error of a fifth. */
enum { FEWEST_ROWS_TO_TEMPER = 2500 };
static const double tail_start = 0.99, tail_z = 1.64, bounds_level = 0.99;

/* A growing column of numbers. */
struct column {
    struct gh_fit_column at;
    size_t capacity;
    bool failed;
};

static void column_add(struct column *c, double value)
{
    if (c->at.count == c->capacity) {
        const size_t capacity = 2 * c->capacity + 1024;
        double *more = realloc(c->at.value, capacity * sizeof *more);
        c->failed |= more == NULL;
        if (more == NULL)
            return;
        c->at.value = more;
        c->capacity = capacity;
    }
    c->at.value[c->at.count++] = value;
}

static const struct gh_fit_person *person_of(const struct gh_fit_company *c, uint32_t id)
{
    return gh_array_at(&c->people, id);
}

bool gh_fit_column(const struct gh_fit *fit, gh_fit_pick *pick, const void *what,
                   struct gh_fit_column *column)
{
    struct column c = {0};
    double value;

    for (size_t i = 0; i < fit->count; i++)
        for (uint32_t k = 0; k < fit->company[i].epochs.count; k++) {
            const struct gh_fit_epoch *row = gh_array_at(&fit->company[i].epochs, k);
            if (!person_of(&fit->company[i], row->person)->left_out &&
                pick(&fit->company[i], row, what, &value))
                column_add(&c, value);
        }
    if (c.failed) {
        free(c.at.value);
        return false;
    }
    gh_sort(c.at.value, c.at.count);
    *column = c.at;
    return true;
}

bool gh_fit_pick_set(const struct gh_fit_company *company, const struct gh_fit_epoch *row,
                     const void *what, double *value)
{
    (void)company;
    *value = row->sup[*(const uint32_t *)what];
    return row->enrolled;
}

bool gh_fit_pick_detector(const struct gh_fit_company *company, const struct gh_fit_epoch *row,
                          const void *what, double *value)
{
    (void)company;
    *value = (double)row->sup_by[*(const uint32_t *)what];
    return row->enrolled;
}

/* --- own means of people --- */

struct owns {
    struct column mean, days; /* of people with enough of them */
    double within;            /* variance of a day around the own mean */
    double stray;             /* mean square of residuals */
    size_t all_days, stray_days;
};

static void owns_add(struct owns *o, const struct gh_fit_own *own)
{
    o->stray += own->stray;
    o->stray_days += own->stray_days;
    if (own->days < FEWEST_OWN_DAYS)
        return;
    const double mean = own->sum / own->days;
    column_add(&o->mean, mean);
    column_add(&o->days, own->days);
    o->within += fmax(0.0, own->square - own->days * mean * mean);
    o->all_days += own->days;
}

static bool owns_gather(const struct gh_fit *fit, uint32_t d, struct owns *o)
{
    *o = (struct owns){0};
    for (size_t i = 0; i < fit->count; i++)
        for (uint32_t id = 1; id < fit->company[i].people.count; id++) {
            const struct gh_fit_person *p = person_of(&fit->company[i], id);
            if (p->human && !p->left_out)
                owns_add(o, &p->own[d]);
        }
    if (o->all_days > o->mean.at.count)
        o->within /= (double)(o->all_days - o->mean.at.count);
    if (o->stray_days > 0)
        o->stray /= (double)o->stray_days;
    return !o->mean.failed && !o->days.failed;
}

static void owns_free(struct owns *o)
{
    free(o->mean.at.value);
    free(o->days.at.value);
}

/* Mean of people's true means: days of a person are one draw each around the own mean. Turns
 * o->days into variances. */
static bool owns_mean(struct owns *o, double *mean)
{
    struct gh_random_effects effects;

    if (o->mean.at.count < FEWEST_PEOPLE || !(o->within > 0.0))
        return false;
    for (size_t i = 0; i < o->days.at.count; i++)
        o->days.at.value[i] = o->within / o->days.at.value[i];
    if (!gh_random_effects_fit(o->mean.at.value, o->days.at.value, o->mean.at.count, &effects))
        return false;
    *mean = effects.mean;
    return true;
}

static bool days_gather(const struct gh_fit *fit, uint32_t d, struct column *days)
{
    for (size_t i = 0; i < fit->count; i++)
        for (uint32_t k = 0; k < fit->company[i].value[d].count; k++) {
            const struct gh_fit_value *at = gh_array_at(&fit->company[i].value[d], k);
            const struct gh_fit_person *p = person_of(&fit->company[i], at->person);
            if (p->human && !p->left_out)
                column_add(days, (double)at->value);
        }
    gh_sort(days->at.value, days->at.count);
    return !days->failed;
}

static bool share_fit(const struct gh_fit *fit, uint32_t d, struct gh_fit_result *r)
{
    const enum gh_behaviour b = gh_detectors[d]->behaviour;
    struct gh_share_prior *prior = &r->model.share[b];
    struct column days = {0};
    struct owns o;
    bool done = owns_gather(fit, d, &o) && days_gather(fit, d, &days);

    if (done && days.at.count >= FEWEST_DAYS && owns_mean(&o, &prior->mean)) {
        gh_sort(o.mean.at.value, o.mean.at.count);
        const double own = gh_quantile_sorted(o.mean.at.value, o.mean.at.count, share_quantile);
        prior->mean = fmax(0.0, fmin(prior->mean, 1.0));
        prior->clip = fmax(0.05, gh_quantile_sorted(days.at.value, days.at.count, 0.99));
        prior->cap = fmin(share_most, share_factor * own + cap_add);
        r->share[b] = (struct gh_fit_note){true, o.mean.at.count, (double)days.at.count};
    }
    free(days.at.value);
    owns_free(&o);
    return done;
}

/* Own means of one class of work, and their variances. */
static bool class_gather(const struct gh_fit *fit, uint32_t d, int part, struct owns *o)
{
    const double square = o->stray;

    o->mean.at.count = o->days.at.count = 0;
    for (size_t i = 0; i < fit->count; i++)
        for (uint32_t id = 1; id < fit->company[i].people.count; id++) {
            const struct gh_fit_person *p = person_of(&fit->company[i], id);
            const double weight = (double)p->own[d].part_weight[part];
            if (!p->human || p->left_out || weight < FEWEST_OWN_DAYS)
                continue;
            column_add(&o->mean, (double)p->own[d].part[part] / weight);
            column_add(&o->days, square / weight);
        }
    return !o->mean.failed && !o->days.failed;
}

/* One prior serves all classes of work, and bets are against growth alone: the largest center
 * and the largest limit of any class are those that accuse nobody of the kind of his work. */
static void class_widen(struct owns *o, struct gh_level_prior *prior)
{
    struct gh_random_effects effects;

    if (o->mean.at.count < FEWEST_PEOPLE ||
        !gh_random_effects_fit(o->mean.at.value, o->days.at.value, o->mean.at.count, &effects))
        return;
    gh_sort(o->mean.at.value, o->mean.at.count);
    const double center = gh_median_sorted(o->mean.at.value, o->mean.at.count);
    const double high = gh_quantile_sorted(o->mean.at.value, o->mean.at.count, level_quantile);
    prior->center = fmax(prior->center, effects.mean);
    prior->cap = fmax(prior->cap, center + level_factor * (high - center) + cap_add);
}

static bool level_fit(const struct gh_fit *fit, uint32_t d, struct gh_fit_result *r)
{
    const enum gh_behaviour b = gh_detectors[d]->behaviour;
    struct gh_level_prior prior = {.center = -INFINITY, .cap = -INFINITY};
    struct owns o;
    bool done = owns_gather(fit, d, &o);
    const size_t people = o.mean.at.count;

    if (done && o.stray_days >= FEWEST_DAYS && o.stray > 0.0) {
        prior.sd = sqrt(o.stray);
        for (int part = 0; part < GH_PARTS && done; part++) {
            done = class_gather(fit, d, part, &o);
            class_widen(&o, &prior);
        }
    }
    if (done && isfinite(prior.center)) {
        r->model.level[b] = prior;
        r->level[b] = (struct gh_fit_note){true, people, (double)o.all_days};
    }
    owns_free(&o);
    return done;
}

/* Hill's index has a standard error of itself by the root of the values above: the part of it
 * that is its lower bound (95 %). */
static double hill_low(double above)
{
    return fmax(0.1, 1.0 - tail_z / sqrt(fmax(1.0, above)));
}

/* --- tempering --- */

struct tempered {
    uint32_t detector;
    size_t eta;
};

static bool pick_tempered(const struct gh_fit_company *company, const struct gh_fit_epoch *row,
                          const void *what, double *value)
{
    const struct tempered *t = what;

    (void)company;
    *value = (double)row->tempered[t->detector][t->eta];
    return row->enrolled;
}

static bool eta_fit(const struct gh_fit *fit, uint32_t d, struct gh_fit_result *r)
{
    const enum gh_behaviour b = gh_detectors[d]->behaviour;
    double eta[GH_FIT_ETAS], index[GH_FIT_ETAS];
    size_t rows = 0;

    for (size_t i = 0; i < GH_FIT_ETAS; i++) {
        const struct tempered what = {d, i};
        struct gh_fit_column column;
        if (!gh_fit_column(fit, pick_tempered, &what, &column))
            return false;
        eta[i] = gh_fit_eta(i);
        index[i] = gh_hill(column.value, column.count, tail_start) *
                   hill_low((1.0 - tail_start) * (double)column.count);
        r->eta_index[b][i] = index[i];
        rows = column.count;
        free(column.value);
    }
    if (rows < FEWEST_ROWS_TO_TEMPER)
        return true;
    r->model.eta[b] = gh_temper(eta, index, GH_FIT_ETAS, GH_FIT_ETA_TARGET);
    r->eta[b] = (struct gh_fit_note){true, rows, NAN};
    for (size_t i = 0; i < GH_FIT_ETAS; i++)
        if (eta[i] == r->model.eta[b])
            r->eta[b].detail = index[i];
    return true;
}

/* --- output per dollar --- */

/* Roles of which nobody ever had an output say nothing about output. */
static bool role_has_outputs(const struct gh_fit_company *c, uint32_t role)
{
    for (uint32_t id = 1; id < c->people.count; id++)
        if (person_of(c, id)->role == role && person_of(c, id)->units > 0.0)
            return true;
    return false;
}

static void units_gather(const struct gh_fit_company *c, struct column *units,
                         struct column *usd)
{
    for (uint32_t role = 0; role <= gh_intern_count(&c->roles); role++) {
        if (!role_has_outputs(c, role))
            continue;
        for (uint32_t id = 1; id < c->people.count; id++) {
            const struct gh_fit_person *p = person_of(c, id);
            if (p->role != role || !p->human || p->left_out || !(p->usd > 0.0))
                continue;
            column_add(units, fmax(0.0, p->units));
            column_add(usd, p->usd);
        }
    }
}

static bool units_fit(const struct gh_fit *fit, struct gh_fit_result *r)
{
    struct column units = {0}, usd = {0};
    struct gh_gamma_prior prior;

    for (size_t i = 0; i < fit->count; i++)
        units_gather(&fit->company[i], &units, &usd);
    const bool done = !units.failed && !usd.failed;
    if (done && units.at.count >= FEWEST_PEOPLE &&
        gh_gamma_poisson_fit(units.at.value, usd.at.value, units.at.count, &prior)) {
        r->model.units_per_usd = fmax(1e-9, fmin(prior.shape / prior.inverse_scale, 1e6));
        r->units = (struct gh_fit_note){true, units.at.count, prior.shape};
    }
    free(units.at.value);
    free(usd.at.value);
    return done;
}

enum gh_status gh_fit_priors(const struct gh_fit *fit, struct gh_fit_result *r)
{
    bool done = units_fit(fit, r);

    for (uint32_t d = 0; d < gh_detector_count && done; d++) {
        if (gh_detectors[d]->lane != GH_STRUCTURAL)
            continue;
        done =
            gh_detectors[d]->measure == GH_SHARE ? share_fit(fit, d, r) : level_fit(fit, d, r);
    }
    gh_model_round(&r->model);
    return done ? GH_OK : GH_EMEMORY;
}

enum gh_status gh_fit_tempering(const struct gh_fit *fit, struct gh_fit_result *r)
{
    bool done = true;

    for (uint32_t d = 0; d < gh_detector_count && done; d++)
        if (gh_detectors[d]->lane == GH_STRUCTURAL)
            done = eta_fit(fit, d, r);
    gh_model_round(&r->model);
    return done ? GH_OK : GH_EMEMORY;
}

/* --- bounds of incidents --- */

struct scored {
    uint32_t detector;
    bool fast;
};

/* Thresholds are for everybody, service accounts too. */
static bool pick_score(const struct gh_fit_company *company, const struct gh_fit_epoch *row,
                       const void *what, double *value)
{
    const struct scored *s = what;

    (void)company;
    *value = (double)(s->fast ? row->fast[s->detector] : row->score[s->detector]);
    return true;
}

/* People of a company in an epoch. */
static double people_mean(const struct gh_fit *fit)
{
    double rows = 0.0, epochs = 0.0;

    for (size_t i = 0; i < fit->count; i++) {
        rows += fit->company[i].epochs.count;
        epochs += (double)fit->company[i].epochs_counted;
    }
    return epochs > 0.0 ? rows / epochs : 0.0;
}

static uint32_t epoch_days(const struct gh_fit *fit)
{
    uint32_t days = 0;

    for (size_t i = 0; i < fit->count; i++)
        days = fit->company[i].epoch_days > days ? fit->company[i].epoch_days : days;
    return days;
}

/* The engine takes as threshold the score that as many exceeded in an epoch as may alarm by
 * one of `paths`.
 * Low and high hold that order statistic of a company of this size, 99 times of 100. */
static void bounds_of(const struct gh_fit *fit, const struct gh_fit_column *sup, double paths,
                      struct gh_score_bounds *bounds, struct gh_fit_note *note)
{
    const double people = people_mean(fit);
    const double alarms = floor(fit->false_alarms * epoch_days(fit) / paths);
    double low, high;

    if (sup->count < FEWEST_ROWS || alarms + 1.0 >= people)
        return;
    gh_share_above((size_t)alarms, (size_t)people, bounds_level, &low, &high);
    const double least = gh_quantile_sorted(sup->value, sup->count, 1.0 - high);
    const size_t tail = (size_t)ceil(high * (double)sup->count);
    const double index = gh_hill(sup->value, sup->count, 1.0 - high) * hill_low((double)tail);
    if (!isfinite(index) || sup->value[sup->count - FEWEST_SCORES] <= 0.0)
        return; /* so few have a score at all that nothing can be said */
    bounds->low = fmax(least, score_least);
    bounds->high = fmax(bounds->low, gh_quantile_sorted(sup->value, sup->count, 1.0 - low));
    bounds->people = people / fit->false_alarms;
    bounds->index = fmin(index, 100.0);
    *note = (struct gh_fit_note){true, sup->count, people};
}

static bool bounds_fit(const struct gh_fit *fit, uint32_t d, struct gh_fit_result *r)
{
    const enum gh_behaviour b = gh_detectors[d]->behaviour;

    for (int fast = 0; fast <= 1; fast++) {
        const struct scored what = {d, fast == 1};
        struct gh_fit_column sup;
        if (fast && gh_detectors[d]->fast_low > 0.0)
            continue;
        if (!gh_fit_column(fit, pick_score, &what, &sup))
            return false;
        bounds_of(fit, &sup, gh_alarm_paths(d), fast ? &r->model.fast[b] : &r->model.score[b],
                  fast ? &r->fast[b] : &r->score[b]);
        free(sup.value);
    }
    return true;
}

/* --- tails of the evidence --- */

static bool tail_fit(const struct gh_fit *fit, uint32_t set, struct gh_fit_result *r)
{
    const enum gh_track track = set ? GH_CASE : GH_REVIEW;
    struct gh_fit_column sup;

    if (!gh_fit_column(fit, gh_fit_pick_set, &set, &sup))
        return false;
    if (gh_tail_fit(&r->model.tail[track], sup.value, sup.count, tail_start, tail_z))
        r->tail[track] = (struct gh_fit_note){true, sup.count, 0.0};
    free(sup.value);
    return true;
}

enum gh_status gh_fit_tails(const struct gh_fit *fit, struct gh_fit_result *r)
{
    bool done = true;

    for (uint32_t set = 0; set < GH_SETS && done; set++)
        done = tail_fit(fit, set, r);
    for (uint32_t d = 0; d < gh_detector_count && done; d++)
        done = bounds_fit(fit, d, r);
    gh_model_round(&r->model);
    return done ? GH_OK : GH_EMEMORY;
}
