/* gather.c - what one company's engine tells while it runs. */
#include "app/fit/fit.h"

#include "edge/resources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Days of a person before peers learn from them, as the engine has it. */
enum { FEWEST_DAYS_OF_EXAMPLE = 4 };
/* Days that stray further from the own mean count as this, as in the engine. */
static const double stray_max = 4.0;

struct bet {
    uint32_t person;
    uint8_t detector, day; /* of the epoch */
    float log_bet[GH_BETS];
};

double gh_fit_eta(size_t index)
{
    return (30.0 + 5.0 * (double)index) / 100.0;
}

void gh_fit_company_init(struct gh_fit_company *c, struct gh_fit_source *source,
                         const struct gh_fit_labels *labels)
{
    *c = (struct gh_fit_company){.source = source, .labels = labels};
    c->heap.memory = gh_memory_system();
    gh_intern_init(&c->roles, 0);
    c->people.element_size = sizeof(struct gh_fit_person);
    c->epochs.element_size = sizeof(struct gh_fit_epoch);
    c->bets.element_size = sizeof(struct bet);
    c->sup.element_size = sizeof(float[GH_DETECTORS_MAX]);
    for (uint32_t d = 0; d < GH_DETECTORS_MAX; d++)
        c->value[d].element_size = c->p_value[d].element_size = sizeof(struct gh_fit_value);
}

void gh_fit_company_free(struct gh_fit_company *c)
{
    gh_intern_free(&c->heap, &c->roles);
    gh_array_free(&c->heap, &c->people);
    gh_array_free(&c->heap, &c->epochs);
    gh_array_free(&c->heap, &c->bets);
    gh_array_free(&c->heap, &c->sup);
    for (uint32_t d = 0; d < GH_DETECTORS_MAX; d++) {
        gh_array_free(&c->heap, &c->value[d]);
        gh_array_free(&c->heap, &c->p_value[d]);
    }
}

/* Grows `array` so that element `index` is there. */
static void *grown(struct gh_heap *heap, struct gh_array *array, uint32_t index)
{
    if (index >= array->count && !gh_array_add(heap, array, index + 1 - array->count))
        return NULL;
    return gh_array_at(array, index);
}

static bool gaming_before(const struct gh_fit_source *source, uint32_t actor)
{
    for (size_t i = 0; i < source->gaming_count; i++)
        if (source->gaming[i] == actor)
            return true;
    return false;
}

/* A new person is looked up in the labels once. */
static struct gh_fit_person *person_at(struct gh_fit_company *c, struct gh_engine *engine,
                                       uint32_t actor)
{
    struct gh_fit_person *p = grown(&c->heap, &c->people, actor);
    struct gh_inspected seen;

    if (p == NULL || p->days > 0 || !gh_inspect(engine, actor, &seen))
        return p;
    p->human = seen.human;
    const bool labelled = gh_intern_find(&c->labels->gamers, seen.actor) != 0;
    c->labelled += labelled;
    p->left_out = labelled || gaming_before(c->source, actor);
    return p;
}

static void value_add(struct gh_fit_company *c, struct gh_array *array, uint32_t person,
                      double value)
{
    struct gh_fit_value *at = gh_array_add(&c->heap, array, 1);

    if (at != NULL)
        *at = (struct gh_fit_value){person, (float)value};
}

/* Half of a day's calls make a whole day of a class, and a quarter a day to judge by, as in
 * the engine. */
static void own_add(struct gh_fit_own *own, const struct gh_seen_bet *seen)
{
    own->sum += seen->value;
    own->square += seen->value * seen->value;
    own->days++;
    for (int i = 0; i < GH_PARTS; i++) {
        const double weight = fmin(1.0, 2.0 * seen->weight[i]);
        const double stray = fmin(fabs(seen->part_residual[i]), stray_max);
        own->part[i] += (float)(weight * seen->part[i]);
        own->part_weight[i] += (float)weight;
        if (!seen->known || seen->weight[i] < 0.25)
            continue;
        own->stray += stray * stray;
        own->stray_days++;
    }
}

static void bet_add(struct gh_fit_company *c, const struct gh_seen_day *seen, uint32_t d)
{
    struct bet *bet = gh_array_add(&c->heap, &c->bets, 1);

    if (bet == NULL)
        return;
    *bet = (struct bet){seen->actor, (uint8_t)d, (uint8_t)seen->day_gone, {0}};
    for (int k = 0; k < GH_BETS; k++)
        bet->log_bet[k] = (float)seen->by[d].log_bet[k];
}

static void detector_see(struct gh_fit_company *c, struct gh_fit_person *p,
                         const struct gh_seen_day *seen, uint32_t d)
{
    const struct gh_seen_bet *bet = &seen->by[d];
    float(*sup)[GH_DETECTORS_MAX] = grown(&c->heap, &c->sup, seen->actor);

    if (sup == NULL)
        return;
    if (bet->observed && p->days >= FEWEST_DAYS_OF_EXAMPLE) {
        own_add(&p->own[d], bet);
        if (gh_detectors[d]->measure == GH_SHARE)
            value_add(c, &c->value[d], seen->actor, bet->value);
    }
    if (seen->epoch == 0)
        return; /* of the burn-in only what is usual */
    (*sup)[d] = fmaxf((*sup)[d], (float)bet->log_e);
    if (!bet->bet)
        return;
    if (!isnan(bet->p))
        value_add(c, &c->p_value[d], seen->actor, bet->p);
    if (c->temper)
        bet_add(c, seen, d);
}

static void day_see(void *context, struct gh_engine *engine, const struct gh_seen_day *seen)
{
    struct gh_fit_company *c = context;
    struct gh_fit_person *p = person_at(c, engine, seen->actor);

    if (p == NULL)
        return;
    p->units += seen->units;
    p->usd += seen->cost_usd;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_detectors[d]->lane == GH_STRUCTURAL)
            detector_see(c, p, seen, d);
    if (!seen->active) /* outputs alone */
        return;
    p->role = gh_intern_add(&c->heap, &c->roles, gh_inspect_role(engine, seen->actor));
    p->days++;
    c->person_days++;
}

/* --- the end of an epoch --- */

static int bet_compare(const void *left, const void *right)
{
    const struct bet *a = left, *b = right;

    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return a->detector != b->detector ? a->detector - b->detector : a->day - b->day;
}

/* Largest log evidence that these bets of one person and detector come to. */
static double tempered_sup(const struct bet *bet, size_t count,
                           const struct gh_reserve_plan *plan)
{
    struct gh_reserve reserve = {0};
    double log_bet[GH_BETS], sup = 0.0;

    gh_reserve_start(&reserve);
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < GH_BETS; k++)
            log_bet[k] = (double)bet[i].log_bet[k];
        gh_reserve_idle(&reserve, plan, bet[i].day);
        gh_reserve_bet(&reserve, plan, log_bet);
        sup = fmax(sup, gh_reserve_log_e(&reserve, plan));
    }
    return sup;
}

/* Bets of this person, if any stand at *next; moves on past them. */
static void temper(struct gh_fit_company *c, struct gh_fit_epoch *row, uint32_t *next,
                   const struct gh_reserve_logs *logs)
{
    const struct bet *bets = (const struct bet *)c->bets.at;

    while (*next < c->bets.count && bets[*next].person < row->person)
        ++*next;
    while (*next < c->bets.count && bets[*next].person == row->person) {
        const struct bet *first = &bets[*next];
        size_t count = 0;
        while (*next < c->bets.count && bets[*next].person == row->person &&
               bets[*next].detector == first->detector) {
            ++*next;
            count++;
        }
        for (size_t i = 0; i < GH_FIT_ETAS; i++) {
            const struct gh_reserve_plan plan = {c->epoch_days, GH_BETS, gh_fit_eta(i), logs};
            row->tempered[first->detector][i] = (float)tempered_sup(first, count, &plan);
        }
    }
}

static void row_fill(struct gh_fit_company *c, const struct gh_inspected *seen,
                     struct gh_fit_epoch *row)
{
    const float(*sup)[GH_DETECTORS_MAX] = NULL;

    if (row->person < c->sup.count)
        sup = gh_array_at(&c->sup, row->person);
    for (uint32_t set = 0; set < GH_SETS; set++) {
        row->sup[set] = seen->sup_log_e[set];
        row->log_e[set] = seen->log_e[set];
    }
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        row->sup_by[d] = sup ? (*sup)[d] : 0.0f;
        row->log_e_by[d] = (float)seen->log_e_by[d][0];
        row->score[d] = (float)seen->score_sup[d];
        row->fast[d] = (float)seen->fast_sup[d];
    }
}

static void epoch_take(struct gh_fit_company *c, struct gh_engine *engine)
{
    const struct gh_inspected_epoch epoch = gh_inspect_epoch(engine);
    struct gh_reserve_logs logs;
    struct gh_inspected seen;
    uint32_t next = 0;

    c->epoch_days = epoch.length;
    c->epochs_counted++;
    gh_reserve_logs_make(&logs, epoch.length, GH_BETS);
    if (c->bets.count > 0)
        qsort(c->bets.at, c->bets.count, sizeof(struct bet), bet_compare);
    for (uint32_t id = 1; id <= gh_inspect_count(engine); id++) {
        if (!gh_inspect(engine, id, &seen) || seen.active_days == 0)
            continue;
        struct gh_fit_epoch *row = gh_array_add(&c->heap, &c->epochs, 1);
        if (row == NULL)
            return;
        row->person = id;
        row->enrolled = seen.enrolled;
        row->enrolled_of = epoch.enrolled;
        row_fill(c, &seen, row);
        temper(c, row, &next, &logs);
    }
}

static void epoch_see(void *context, struct gh_engine *engine)
{
    struct gh_fit_company *c = context;

    if (gh_inspect_epoch(engine).epoch == 0)
        return;
    epoch_take(c, engine);
    c->bets.count = 0;
    if (c->sup.count > 0)
        memset(c->sup.at, 0, c->sup.count * c->sup.element_size);
}

void gh_fit_company_end(struct gh_fit_company *c, struct gh_engine *engine)
{
    const struct gh_inspected_epoch epoch = gh_inspect_epoch(engine);

    struct gh_inspected seen;

    if (epoch.epoch > 0 && 4 * epoch.days >= 3 * epoch.length)
        epoch_take(c, engine);
    /* A profile may have come after the first day. */
    for (uint32_t id = 1; id < c->people.count; id++)
        if (gh_inspect(engine, id, &seen))
            ((struct gh_fit_person *)gh_array_at(&c->people, id))->human = seen.human;
    gh_array_free(&c->heap, &c->bets);
    gh_array_free(&c->heap, &c->sup);
}

/* Once found to be gaming, in whatever finding, a person is no example of honest people. */
static void verdict_see(void *context, uint32_t actor, enum gh_verdict verdict)
{
    struct gh_fit_company *c = context;
    struct gh_fit_source *source = c->source;
    struct gh_fit_person *p = grown(&c->heap, &c->people, actor);

    if ((verdict != GH_GAMING && verdict != GH_WASTE) || p == NULL)
        return;
    p->left_out = true;
    if (gaming_before(source, actor))
        return;
    uint32_t *more = realloc(source->gaming, (source->gaming_count + 1) * sizeof *more);
    c->heap.failed |= more == NULL;
    if (more == NULL)
        return;
    source->gaming = more;
    source->gaming[source->gaming_count++] = actor;
}

struct gh_watch gh_fit_watch(struct gh_fit_company *c)
{
    return (struct gh_watch){
        .context = c, .day = day_see, .epoch_end = epoch_see, .verdict = verdict_see};
}
