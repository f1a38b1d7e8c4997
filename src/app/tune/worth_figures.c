/* worth_figures.c - what matters come to; see worth.h. */
#include "app/tune/worth_inside.h"

#include "stat/order.h"

#include <math.h>
#include <string.h>

/* Part of a figure that is about one matter: constant + weight * (1 if it is real). */
struct term {
    double constant, weight;
};
struct figure {
    uint32_t from, to;
    struct term (*of)(const struct gh_worth *w, const struct gh_matter *m,
                      const struct gh_shown *by, const struct figure *figure);
};
static const double least_doubt = 1e-9;
enum { DOUBT_HALVINGS = 24 };
enum { STRATA_PER_BEHAVIOUR = 8, STRATA = STRATA_PER_BEHAVIOUR * GH_BEHAVIOUR_COUNT };

static const struct gh_shown *shown_of(const struct gh_worth *w, uint32_t matter)
{
    return &w->shown[(size_t)matter * w->settings];
}

static bool shows(const struct gh_shown *by)
{
    return by->alarms > 0 || by->accusations > 0;
}

static bool within(const struct gh_matter *m, const struct gh_worth_scope *scope)
{
    return scope->detector == NULL ||
           strcmp(gh_behaviour_name(m->behaviour), scope->detector) == 0;
}

static uint32_t stratum_of(const struct gh_matter *m, const struct gh_shown *by, double weight)
{
    return (uint32_t)m->behaviour * STRATA_PER_BEHAVIOUR + 4u * m->reviewable +
           2u * shows(&by[0]) + (weight < 0.0);
}

static struct gh_interval figure_sum(const struct gh_worth *w, const struct figure *figure,
                                     const struct gh_worth_scope *scope)
{
    struct gh_stratum stratum[STRATA] = {0};
    struct gh_interval share[STRATA];
    double size[STRATA], constant = 0.0;

    for (uint32_t i = 0; i < w->matters; i++) {
        const struct gh_shown *by = shown_of(w, i);
        if (!within(&w->matter[i], scope))
            continue;
        const struct term term = figure->of(w, &w->matter[i], by, figure);
        constant += term.constant;
        if (term.weight != 0.0)
            gh_stratum_add(&stratum[stratum_of(&w->matter[i], by, term.weight)],
                           fabs(term.weight), w->matter[i].judgement);
    }
    for (uint32_t k = 0; k < STRATA; k++) {
        const struct gh_belief belief = {w->prior[k / STRATA_PER_BEHAVIOUR], w->price.error,
                                         scope->level};
        share[k] = gh_stratum_share(&stratum[k], &belief);
        size[k] = k % 2 == 0 ? stratum[k].size : -stratum[k].size;
    }
    const struct gh_interval sum = gh_strata_sum(share, size, STRATA);
    return (struct gh_interval){constant + sum.low, constant + sum.point, constant + sum.high};
}

static struct term right_findings(const struct gh_worth *w, const struct gh_matter *m,
                                  const struct gh_shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, by[figure->to].alarms + by[figure->to].accusations};
}

static struct term false_accusations(const struct gh_worth *w, const struct gh_matter *m,
                                     const struct gh_shown *by, const struct figure *figure)
{
    const double count = by[figure->to].accusations;

    (void)w;
    (void)m;
    return (struct term){count, -count};
}

static struct term false_alarms(const struct gh_worth *w, const struct gh_matter *m,
                                const struct gh_shown *by, const struct figure *figure)
{
    const double count = by[figure->to].alarms;

    (void)w;
    (void)m;
    return (struct term){count, -count};
}

static struct term real_shown(const struct gh_worth *w, const struct gh_matter *m,
                              const struct gh_shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, shows(&by[figure->to])};
}

static struct term real_unseen(const struct gh_worth *w, const struct gh_matter *m,
                               const struct gh_shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, !shows(&by[figure->to])};
}

static struct term unseen_usd(const struct gh_worth *w, const struct gh_matter *m,
                              const struct gh_shown *by, const struct figure *figure)
{
    (void)w;
    return (struct term){0.0, shows(&by[figure->to]) ? 0.0 : m->excess_usd};
}

static struct term cost_usd(const struct gh_worth *w, const struct gh_matter *m,
                            const struct gh_shown *by, const struct figure *figure)
{
    const double blame = by[figure->to].alarms * w->price.alarm_usd +
                         by[figure->to].accusations * w->price.accusation_usd;
    const double waste = shows(&by[figure->to]) ? 0.0 : w->price.waste * m->excess_usd;

    return (struct term){blame, waste - blame};
}

static struct term gain_usd(const struct gh_worth *w, const struct gh_matter *m,
                            const struct gh_shown *by, const struct figure *figure)
{
    const struct figure before = {.to = figure->from};
    const struct term from = cost_usd(w, m, by, &before), to = cost_usd(w, m, by, figure);

    return (struct term){from.constant - to.constant, from.weight - to.weight};
}

/* `actor`: whom the last one counted was about; matters are in order of actors. */
static void count_add(struct gh_worth_count *count, uint32_t *actor, const struct gh_matter *m)
{
    count->right += m->judgement == GH_JUDGED_RIGHT;
    count->wrong += m->judgement == GH_JUDGED_WRONG;
    count->open += m->judgement == GH_NOT_JUDGED;
    count->people += *actor != m->actor;
    *actor = m->actor;
}

static void findings_count(const struct gh_worth *w, uint32_t setting,
                           const struct gh_worth_scope *scope, struct gh_worth_sum *sum)
{
    GHashTableIter iter;
    gpointer value;
    uint32_t actor = 0;

    g_hash_table_iter_init(&iter, w->by_id[setting]);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct gh_told_finding *t = value;
        if (scope->detector == NULL ||
            strcmp(gh_behaviour_name(t->behaviour), scope->detector) == 0)
            sum->findings[t->track]++;
    }
    for (uint32_t i = 0; i < w->matters; i++)
        if (within(&w->matter[i], scope) && shows(&shown_of(w, i)[setting])) {
            count_add(&sum->shown, &actor, &w->matter[i]);
            sum->accused_wrong += shown_of(w, i)[setting].accusations > 0 &&
                                  w->matter[i].judgement == GH_JUDGED_WRONG;
        }
}

static struct gh_interval precision_of(struct gh_interval right, double findings)
{
    if (!(findings > 0.0))
        return (struct gh_interval){NAN, NAN, NAN};
    return (struct gh_interval){fmax(right.low / findings, 0.0), right.point / findings,
                                fmin(right.high / findings, 1.0)};
}

void gh_worth_of(const struct gh_worth *worth, uint32_t setting,
                 const struct gh_worth_scope *scope, struct gh_worth_sum *sum)
{
    struct figure figure = {.to = setting};
    double findings = 0.0;
    const struct {
        struct gh_interval *figure;
        struct term (*of)(const struct gh_worth *, const struct gh_matter *,
                          const struct gh_shown *, const struct figure *);
    } row[] = {
        {&sum->precision, right_findings}, {&sum->accusations, false_accusations},
        {&sum->alarms, false_alarms},      {&sum->unseen_usd, unseen_usd},
        {&sum->cost_usd, cost_usd},        {&sum->recall, real_shown},
    };

    *sum = (struct gh_worth_sum){0};
    findings_count(worth, setting, scope, sum);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        figure.of = row[i].of;
        *row[i].figure = figure_sum(worth, &figure, scope);
    }
    for (int track = 0; track < GH_TRACK_COUNT; track++)
        findings += sum->findings[track];
    sum->precision = precision_of(sum->precision, findings);
    struct gh_interval missed = {0.0, NAN, INFINITY};
    figure.of = real_unseen;
    if (worth->settings > 1)
        missed = figure_sum(worth, &figure, scope);
    sum->recall = gh_recall(&sum->recall, &missed);
}

void gh_worth_compare(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope, struct gh_worth_gain *gain)
{
    const struct figure figure = {from, to, gain_usd};
    uint32_t gone = 0, come = 0;

    *gain = (struct gh_worth_gain){.usd = figure_sum(worth, &figure, scope)};
    for (uint32_t i = 0; i < worth->matters; i++) {
        const struct gh_matter *m = &worth->matter[i];
        const struct gh_shown *a = &shown_of(worth, i)[from], *b = &shown_of(worth, i)[to];
        const double right_usd = m->judgement == GH_JUDGED_RIGHT ? m->excess_usd : 0.0;
        if (!within(m, scope))
            continue;
        gain->fewer += a->alarms + a->accusations - b->alarms - b->accusations;
        gain->accused += b->accusations > 0 && a->accusations == 0;
        if (shows(a) && !shows(b)) {
            count_add(&gain->gone, &gone, m);
            gain->gone_usd += right_usd;
        } else if (shows(b) && !shows(a)) {
            count_add(&gain->come, &come, m);
            gain->come_usd += right_usd;
        }
    }
}

double gh_worth_doubt(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope)
{
    const struct figure figure = {from, to, gain_usd};
    struct gh_worth_scope at = {scope->detector, 1e-6};
    double low = log(least_doubt), high = log(0.5);

    if (figure_sum(worth, &figure, &at).low <= 0.0)
        return 1.0;
    for (int i = 0; i < DOUBT_HALVINGS; i++) {
        const double middle = (low + high) / 2.0;
        at.level = 1.0 - 2.0 * exp(middle);
        if (figure_sum(worth, &figure, &at).low > 0.0)
            high = middle;
        else
            low = middle;
    }
    return exp(high);
}

/* What a matter brings for sure: as it was judged, or at its worst. */
static double sure_gain(const struct gh_matter *m, const struct term *term)
{
    const double real = term->constant + term->weight, wrong = term->constant;

    return m->judgement == GH_JUDGED_RIGHT   ? real
           : m->judgement == GH_JUDGED_WRONG ? wrong
                                             : fmin(real, wrong);
}

double gh_worth_trial(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope, double most_false)
{
    const struct figure figure = {from, to, gain_usd};
    double *loss = g_new(double, worth->matters + 1), gain = 0.0, left = most_false;
    uint32_t count = 0;
    bool refused = false;

    for (uint32_t i = 0; i < worth->matters; i++) {
        const struct gh_matter *m = &worth->matter[i];
        const struct gh_shown *by = shown_of(worth, i);
        const struct term term = gain_usd(worth, m, by, &figure);
        if (!within(m, scope) || (term.weight == 0.0 && term.constant == 0.0))
            continue;
        refused |= by[to].accusations > by[from].accusations;
        if (shows(&by[from]) || m->judgement != GH_NOT_JUDGED) {
            refused |= !shows(&by[from]) && m->judgement == GH_JUDGED_WRONG;
            gain += sure_gain(m, &term);
            continue;
        }
        gain += term.constant + term.weight;
        loss[count++] = term.weight;
    }
    gh_sort(loss, count);
    for (uint32_t i = count; i > 0 && left > 0.0; i--, left -= 1.0)
        gain -= loss[i - 1] * fmin(left, 1.0);
    g_free(loss);
    return refused || count == 0 ? -INFINITY : gain;
}
