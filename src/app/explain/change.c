/* change.c - what an epoch would have come to with less excess: the rules of engine/fuse.c and
 * engine/alarms.c over the recorded days, with the evidence of engine/suppose.h. */
#include "app/explain/explain.h"
#include "engine/suppose.h"
#include "stat/bet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Evidence below which there is no episode, as in the engine. */
static const double keep_log_e = 0.05;
enum { STEPS = 64, HALVES = 30 };

struct epoch {
    struct gh_engine *engine;
    const struct gh_explain_row *row;
    size_t count;
    uint32_t detector;
    enum gh_way way;
    const struct gh_supposed *supposed;
    const double *whole; /* excess_until with nothing changed, by row */
};

static const char *const way_names[] = {
#define WAY_NAME(name, code) [code] = #name,
    GH_WAY_LIST(WAY_NAME)
#undef WAY_NAME
};

const char *gh_way_name(enum gh_way way)
{
    return way_names[way];
}

/* Evidence of all detectors together on this row; in the order of the engine's sum. */
static double fused(const struct epoch *e, size_t i)
{
    const struct gh_seen_choice *c = &e->row[i].choice[e->way];
    double log_e = -INFINITY;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_detectors[d]->lane == GH_STRUCTURAL)
            log_e =
                gh_log_add(log_e, c->log_weight[d] + (d == e->detector ? e->supposed[i].log_e
                                                                       : c->log_e_by[d]));
    return log_e;
}

/* Whether the detector is one of those that the finding would be about. */
static bool named(const struct epoch *e, size_t i)
{
    const struct gh_seen_choice *c = &e->row[i].choice[e->way];
    const double own = c->log_weight[e->detector] + e->supposed[i].log_e;

    if (e->supposed[i].log_e <= keep_log_e)
        return false;
    if (own >= c->log_needed - log(2.0))
        return true;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (d != e->detector && gh_detectors[d]->lane == GH_STRUCTURAL &&
            c->log_weight[d] + c->log_e_by[d] > own)
            return false;
    return true;
}

struct passing {
    bool any, unpriced;
    size_t row; /* the first that passes, else the nearest */
    double log_e, log_needed, usd, most_log_e, alpha;
};

static void nearest_note(struct passing *p, size_t row, double log_e, double needed)
{
    if (p->any || (!isnan(p->log_needed) && log_e - needed <= p->log_e - p->log_needed))
        return;
    p->row = row;
    p->log_e = log_e;
    p->log_needed = needed;
}

/* Dollars above the usual on days with an excess, up to a row. */
static double excess_until(const struct epoch *e, size_t i)
{
    double usd = 0.0;

    for (size_t k = 0; k <= i; k++)
        if (e->row[k].seen && e->supposed[k].log_l > 0.0)
            usd += e->supposed[k].excess * e->row[k].day.cost_usd;
    return usd;
}

/* Excess of the detector's episode as recorded, up to a row. */
static double recorded_usd(const struct epoch *e, size_t i)
{
    while (i > 0 && !e->row[i].seen)
        i--;
    return e->row[i].day.by[e->detector].excess_usd;
}

/* The same as it would be: it falls as that of its days does. */
static double episode_usd(const struct epoch *e, size_t i)
{
    const double part = e->whole[i] > 0.0 ? fmin(1.0, excess_until(e, i) / e->whole[i]) : 1.0;

    return part * recorded_usd(e, i);
}

/* Whether the money at stake is enough. */
static bool material(const struct epoch *e, size_t i, double *usd)
{
    const struct gh_seen_choice *c = &e->row[i].choice[e->way];

    *usd = c->usd - recorded_usd(e, i) + episode_usd(e, i);
    return *usd >= c->least_usd || c->unpriced > 0.0;
}

static struct passing set_passes(const struct epoch *e)
{
    struct passing p = {.log_needed = NAN, .alpha = INFINITY};
    double sup = 0.0, usd;
    bool chosen = false;

    for (size_t i = 0; i < e->count; i++) {
        const struct gh_seen_choice *c = &e->row[i].choice[e->way];
        if (!e->row[i].chosen[e->way])
            continue;
        const double log_e = fused(e, i), needed = fmax(c->log_needed, c->log_floor);
        sup = e->row[i].seen ? fmax(sup, log_e) : sup;
        nearest_note(&p, i, log_e, needed);
        const bool worth = material(e, i, &usd);
        chosen |=
            worth && log_e >= needed && gh_inspect_lock(e->engine, e->way, sup) <= c->p_needed;
        if (!chosen || !named(e, i))
            continue;
        nearest_note(&p, i, log_e, needed);
        p.any = true;
        p.usd = fmax(p.usd, usd);
        p.unpriced |= c->unpriced > 0.0;
        p.most_log_e = fmax(p.most_log_e, log_e);
        p.alpha = fmin(p.alpha, c->family.alpha * exp(c->log_needed - log_e));
    }
    return p;
}

static struct passing days_pass(const struct epoch *e)
{
    struct passing p = {.log_needed = NAN};

    for (size_t i = 0; i < e->count; i++) {
        const struct gh_explain_row *row = &e->row[i];
        const struct gh_seen_bet *bet = &row->day.by[e->detector];
        if (!row->seen || !bet->bet || e->supposed[i].log_l <= 0.0)
            continue;
        const double needed = bet->threshold[row->day.audited ? GH_TOLD_BELOW : GH_TOLD_ABOVE];
        nearest_note(&p, i, e->supposed[i].log_e, needed);
        if (e->supposed[i].log_e < needed || episode_usd(e, i) < bet->least_usd)
            continue;
        p.any = true;
        p.usd = fmax(p.usd, bet->excess_usd);
        p.most_log_e = fmax(p.most_log_e, e->supposed[i].log_e);
    }
    return p;
}

struct question {
    struct epoch epoch;
    const struct gh_past *before; /* own history before the first day */
    struct gh_seen_day *day;
    struct gh_supposed *supposed;
    double *whole;
};

static struct passing passes(struct question *q, double factor)
{
    const struct gh_supposition s = {q->epoch.detector, q->epoch.way == GH_WAY_CASE, factor,
                                     q->before};

    gh_suppose(q->epoch.engine, &s, q->day, q->epoch.count, q->supposed);
    return q->epoch.way == GH_WAY_INCIDENT ? days_pass(&q->epoch) : set_passes(&q->epoch);
}

/* Largest factor up to which nothing passes. What was learned on the way moves with it, so that
 * more need not always mean more evidence: steps from below, then halves. NAN: even without any
 * excess something passes. */
static double factor_find(struct question *q)
{
    double low = 0.0, high = 1.0;

    if (passes(q, 0.0).any)
        return NAN;
    for (int i = 1; i < STEPS && high >= 1.0; i++) {
        if (passes(q, (double)i / STEPS).any)
            high = (double)i / STEPS;
        else
            low = (double)i / STEPS;
    }
    for (int i = 0; i < HALVES; i++) {
        const double middle = 0.5 * (low + high);
        if (passes(q, middle).any)
            high = middle;
        else
            low = middle;
    }
    return low;
}

/* What the excess days were like, up to the row that passed first. */
static void means_fill(const struct question *q, size_t until, struct gh_explain_way *way)
{
    for (size_t i = 0; i <= until && i < q->epoch.count; i++) {
        const struct gh_seen_bet *bet = &q->day[i].by[q->epoch.detector];
        if (q->supposed[i].log_l <= 0.0)
            continue;
        way->excess_days++;
        way->value += bet->value;
        way->base += fmin(bet->base, bet->allowed);
        way->allowed += bet->allowed + bet->shock + bet->team_shock;
    }
    if (way->excess_days == 0)
        return;
    way->value /= way->excess_days;
    way->base /= way->excess_days;
    way->allowed /= way->excess_days;
}

static void way_fill(struct question *q, struct gh_explain_way *way)
{
    const struct passing p = passes(q, 1.0);

    *way = (struct gh_explain_way){.passed = p.any, .factor = NAN};
    way->log_e = p.log_e;
    way->log_needed = p.log_needed;
    way->usd = p.usd;
    way->most_log_e = p.most_log_e;
    way->alpha = p.alpha;
    way->unpriced = p.unpriced;
    way->value_under = NAN;
    if (isnan(p.log_needed))
        return;
    way->date = q->epoch.row[p.row].day.date;
    means_fill(q, p.row, way);
    if (!p.any)
        return;
    way->factor = factor_find(q);
    way->others = isnan(way->factor);
    if (!way->others)
        way->value_under = way->base + way->factor * fmax(0.0, way->value - way->base);
}

/* With nothing changed the bets must give what the engine had, to the bit. Where settings or a
 * role changed within the epoch, they need not, and then nothing is said. */
static bool reproduced(struct question *q)
{
    bool same = true;

    q->epoch.way = GH_WAY_INCIDENT;
    (void)passes(q, 1.0);
    for (size_t i = 0; i < q->epoch.count; i++) {
        q->whole[i] = excess_until(&q->epoch, i);
        const double recorded = q->day[i].by[q->epoch.detector].log_e;
        const double supposed = q->supposed[i].log_e;
        same =
            same && (!q->epoch.row[i].seen || (recorded <= supposed && recorded >= supposed));
    }
    return same;
}

static void change_fill(struct question *q, struct gh_explain_change *change)
{
    change->known = reproduced(q);
    for (int way = 0; way < GH_WAY_COUNT && change->known; way++) {
        q->epoch.way = (enum gh_way)way;
        way_fill(q, &change->way[way]);
    }
}

static struct gh_explain_change *change_add(struct gh_explained *x)
{
    struct gh_explain_change *moved =
        realloc(x->change, (x->change_count + 1) * sizeof *x->change);

    x->failed |= !moved;
    if (!moved)
        return NULL;
    x->change = moved;
    moved[x->change_count] = (struct gh_explain_change){.known = false};
    return &moved[x->change_count++];
}

/* Largest score of the epoch: of days that show something, or of calls. */
static double score_most(const struct gh_explained *x, size_t first, bool fast)
{
    double most = 0.0;

    for (size_t i = first; i < x->row_count; i++) {
        const struct gh_seen_bet *bet = &x->row[i].day.by[x->wish.detector];
        if (x->row[i].seen && (fast || (bet->observed && bet->shows)))
            most = fmax(most, fast ? bet->fast_sup : bet->score);
    }
    return most;
}

/* The threshold falls as more alarms are allowed. */
static double alarms_find(const struct gh_explained *x, struct gh_engine *engine, size_t first,
                          bool fast)
{
    struct gh_threshold_wish wish = {x->wish.detector, fast, x->wish.apart, 0.0};
    const struct gh_seen_threshold now = gh_inspect_threshold(engine, &wish);
    const double score = score_most(x, first, fast);
    double low = 0.0, high = now.alarms;

    if (score < now.threshold)
        return NAN;
    for (int i = 0; i < HALVES; i++) {
        wish.alarms = 0.5 * (low + high);
        if (gh_inspect_threshold(engine, &wish).threshold > score)
            low = wish.alarms;
        else
            high = wish.alarms;
    }
    return low > 0.0 ? low : NAN;
}

void gh_explain_epoch(struct gh_explained *x, struct gh_engine *engine)
{
    const size_t first = x->epoch_first, count = x->row_count - first;
    struct question q = {.epoch = {.engine = engine,
                                   .row = x->row + first,
                                   .count = count,
                                   .detector = x->wish.detector}};

    for (size_t i = first; i > 0 && q.before == NULL; i--)
        q.before = x->row[i - 1].seen ? x->row[i - 1].day.by[x->wish.detector].past : NULL;
    x->epoch_first = x->row_count;
    if (count == 0)
        return;
    q.day = calloc(count, sizeof *q.day);
    q.epoch.supposed = q.supposed = calloc(count, sizeof *q.supposed);
    q.epoch.whole = q.whole = calloc(count, sizeof *q.whole);
    struct gh_explain_change *change = q.day && q.supposed && q.whole ? change_add(x) : NULL;
    x->failed |= !change;
    for (size_t i = 0; change && i < count; i++)
        q.day[i] = x->row[first + i].day;
    if (change) {
        change->epoch = x->row[first].day.epoch;
        change->alarms[0] = alarms_find(x, engine, first, false);
        change->alarms[1] = alarms_find(x, engine, first, true);
        if (gh_detectors[x->wish.detector]->lane == GH_STRUCTURAL)
            change_fill(&q, change);
    }
    free(q.day);
    free(q.supposed);
    free(q.whole);
}
