/* quota_chasing.c - the last tenth of a period against its target. */
#include "detect/quota_chasing.h"

#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"
#include "stat/law.h"

#include <math.h>

enum { FACT_TARGET, FACT_LATE, FACT_ABOVE, FACT_CHANCE, FACT_DAYS };

static const double calibrator = 0.3, chance_above = 0.58, edge_width = 0.05;
static const double prior_periods = 1.0, memory_per_period = 0.8, late_clip = 2.0;
static const double least_of_pace = 0.25, minutes_per_day = 1440.0;
static const double fewest_usd = 0.01; /* less is no target */

struct chase_cell { /* one per actor with a target */
    struct gh_quota quota;
    int32_t first, last;         /* dates of the period; last 0: the cell is new */
    double before, late;         /* spent, in the unit of the target */
    double tokens, usd;          /* of the period, for the price */
    double late_sum, late_count; /* of past periods, decayed; tokens */
    struct gh_stretch stretch;
};
_Static_assert(sizeof(struct chase_cell) % 8 == 0, "cells are kept aligned");

struct chase_actor {
    float before, now; /* score when the period began; with this period's part */
    int32_t last;      /* date on which that period ends */
    int32_t date;      /* of the newest call; for everybody, as targets are told late: */
    float tokens[GH_PERIOD_COUNT]; /* of this day, week, month, quarter */
};

struct span {
    int32_t first, last;
};

static struct span month_span(int32_t date, uint32_t months)
{
    const struct gh_civil c = gh_civil_of(date * GH_MS_PER_DAY);
    const uint32_t from = (c.month - 1u) / months * months, until = from + months;

    return (struct span){
        (int32_t)gh_civil_days(c.year, from + 1, 1),
        (int32_t)gh_civil_days(c.year + (int32_t)(until / 12), until % 12 + 1, 1) - 1};
}

static struct span period_span(enum gh_period period, int32_t date)
{
    const int32_t monday = date - (int32_t)gh_civil_weekday(date);

    switch (period) {
    case GH_WEEK:
        return (struct span){monday, monday + 6};
    case GH_MONTH:
        return month_span(date, 1);
    case GH_QUARTER:
        return month_span(date, 3);
    case GH_DAY:
    case GH_PERIOD_COUNT:
        break;
    }
    return (struct span){date, date};
}

static bool is_target(const struct gh_quota *quota)
{
    return quota->tokens > 0.0 || quota->cost_usd >= fewest_usd;
}

/* Part of the period that has passed, 0..1. */
static double passed(const struct chase_cell *cell, const struct gh_local *at)
{
    const double length = cell->last - cell->first + 1;

    return (at->date - cell->first + at->minute / minutes_per_day) / length;
}

static double price_of(const struct chase_cell *cell)
{
    return cell->quota.tokens > 0.0 ? 1.0 : cell->tokens > 0.0 ? cell->usd / cell->tokens : 0.0;
}

/* Usual tokens of a last tenth: own past ones, shrunk to the usual pace. */
static double usual_late(const struct chase_cell *cell, double usual_tokens)
{
    const double pace = usual_tokens * 0.1 * (cell->last - cell->first + 1);
    const double own =
        (prior_periods * pace + cell->late_sum) / (prior_periods + cell->late_count);

    return fmax(own, least_of_pace * pace);
}

/* What was spent in the period before its target was told, at the price of this call, which
 * itself is counted later. */
static void cell_catch_up(struct chase_cell *cell, const struct gh_step *s)
{
    const struct chase_actor *a = s->actor_state;
    const struct gh_call *call = s->call;
    const double tokens = fmax(0.0, (double)a->tokens[cell->quota.period] - call->tokens);
    const bool priced = call->cost_usd > 0.0 && call->tokens > 0.0;

    cell->tokens = priced || cell->quota.tokens > 0.0 ? tokens : 0.0;
    cell->usd = priced ? tokens * (call->cost_usd / call->tokens) : 0.0;
    cell->before = cell->quota.tokens > 0.0 ? cell->tokens : cell->usd;
}

/* The period is over, or the target another one. */
static void cell_begin(struct chase_cell *cell, const struct gh_step *s)
{
    const struct gh_quota *quota = &s->day->quota;
    const struct gh_local *at = &s->call->local;
    const bool same = cell->last != 0 && quota->period == cell->quota.period &&
                      (quota->tokens > 0.0) == (cell->quota.tokens > 0.0);
    const double price = price_of(cell);

    if (same && price > 0.0 && s->usual_tokens > 0.0) {
        const double most = late_clip * usual_late(cell, s->usual_tokens);
        cell->late_sum = memory_per_period * cell->late_sum + fmin(cell->late / price, most);
        cell->late_count = memory_per_period * cell->late_count + 1.0;
    } else if (!same) {
        cell->late_sum = cell->late_count = 0.0;
    }
    const struct span span = period_span(quota->period, at->date);
    cell->quota = *quota;
    cell->first = span.first;
    cell->last = span.last;
    cell->before = cell->late = cell->tokens = cell->usd = 0.0;
    if (!same)
        cell_catch_up(cell, s);
    cell->stretch = (struct gh_stretch){0};
}

static bool cell_holds(const struct chase_cell *cell, const struct gh_step *s)
{
    const int32_t date = s->call->local.date;

    /* A day of the period before may come late, or with another time zone. */
    return cell->last != 0 && date >= cell->first - 1 && date <= cell->last &&
           s->day->quota.period == cell->quota.period &&
           (s->day->quota.tokens > 0.0) == (cell->quota.tokens > 0.0);
}

static void chase_raise(struct chase_cell *cell, struct gh_step *s,
                        const struct gh_quota_chasing_day *day)
{
    struct gh_episode *e = &cell->stretch.episode;

    if (!gh_stretch_due(&cell->stretch, s->call->ts_ms))
        return;
    e->value[FACT_TARGET] = day->spent / day->target;
    e->expected[FACT_TARGET] = 1.0;
    e->value[FACT_LATE] = cell->late / day->target;
    e->expected[FACT_LATE] = (double)day->usual / day->target;
    e->value[FACT_ABOVE] = 0.0;
    e->value[FACT_CHANCE] = e->value[FACT_DAYS] = 1.0;
    e->expected[FACT_ABOVE] = e->expected[FACT_CHANCE] = e->expected[FACT_DAYS] = NAN;
    gh_stretch_raise(&cell->stretch, s, s->score,
                     fmax(0.0, 1.0 - (double)day->usual / cell->late));
}

/* A call in the last tenth. */
static void chase_late(struct chase_cell *cell, struct gh_step *s)
{
    const struct gh_quota_chasing_config *c = s->config;
    const double target = cell->quota.tokens > 0.0 ? cell->quota.tokens : cell->quota.cost_usd;
    const double price = price_of(cell), usual = price * usual_late(cell, s->usual_tokens);
    struct gh_quota_chasing_day *day = s->day_state;

    *day = (struct gh_quota_chasing_day){.target = target,
                                         .spent = cell->before + cell->late,
                                         .need = (float)(target - cell->before),
                                         .usual = (float)usual,
                                         .pace = (float)(price * s->usual_tokens),
                                         .last = cell->last};
    gh_stretch_add(&cell->stretch, s, true);
    if (!(day->need > 0.0f) || !(usual > 0.0) || day->spent < target ||
        day->spent > (1.0 + c->near) * target)
        return;
    s->score = fmax(0.0, c->tail * log((double)day->need / usual));
    if (s->score >= s->threshold)
        chase_raise(cell, s, day);
}

static void actor_count(struct chase_actor *a, const struct gh_call *call)
{
    const int32_t date = call->local.date;

    for (int i = 0; i < GH_PERIOD_COUNT && date > a->date; i++)
        if (period_span((enum gh_period)i, date).first > a->date)
            a->tokens[i] = 0.0f;
    a->date = date > a->date ? date : a->date;
    for (int i = 0; i < GH_PERIOD_COUNT; i++)
        a->tokens[i] += (float)call->tokens;
}

static void chase_step(struct gh_step *s)
{
    const struct gh_quota *quota = &s->day->quota;
    const struct gh_call *call = s->call;

    if (call->foreign)
        return;
    actor_count(s->actor_state, call);
    if (!is_target(quota))
        return;
    struct chase_cell *cell =
        gh_cells_touch(s->heap, s->cells, (uint64_t)call->actor + 1, call->ts_ms);
    if (cell == NULL)
        return;
    if (!cell_holds(cell, s))
        cell_begin(cell, s);
    cell->quota = *quota;
    cell->tokens += isnan(call->cost_usd) && !(quota->tokens > 0.0) ? 0.0 : call->tokens;
    cell->usd += isnan(call->cost_usd) ? 0.0 : call->cost_usd;
    const bool late = passed(cell, &call->local) >= 0.9;
    const double amount = quota->tokens > 0.0     ? call->tokens
                          : isnan(call->cost_usd) ? 0.0
                                                  : call->cost_usd;
    *(late ? &cell->late : &cell->before) += amount;
    s->sample = late && s->watched;
    if (late && s->usual_tokens > 0.0)
        chase_late(cell, s);
}

static double log_p(const struct gh_quota_chasing_config *c,
                    const struct gh_quota_chasing_day *day, int32_t date)
{
    const double need = (double)day->need, usual = (double)day->usual;
    const double over = day->spent - day->target + (double)day->pace * (day->last - date);

    if (!(need > 0.0) || day->spent < day->target || !(usual > 0.0))
        return 0.0;
    return fmin(0.0, -c->tail * log(need / usual)) + log(-expm1(-c->tail * log1p(over / need)));
}

static void chase_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_quota_chasing_config *c = in->config;
    const struct gh_quota_chasing_day *day = in->day_state;
    struct chase_actor *a = in->actor_state;

    out->state = GH_NOT_OBSERVABLE;
    if (!is_target(&in->day->quota))
        return;
    out->state = GH_TOO_LITTLE;
    if (!(day->spent > 0.0))
        return;
    if (a->last != day->last) {
        a->before = a->now;
        a->last = day->last;
    }
    const double least = log(1e-6); /* nobody stops exactly there */
    const double p = fmax(log_p(c, day, in->day->date), 4.0 * least);
    a->now = (float)fmax(0.0, (double)a->before + log(calibrator) - (1.0 - calibrator) * p);
    const bool reached = day->need > 0.0f && day->spent >= day->target;
    out->state = GH_OBSERVED;
    out->value = (double)a->now;
    out->expected = (double)day->usual / day->target;
    out->excess_share = reached ? fmax(0.0, 1.0 - (double)(day->usual / day->need)) : 0.0;
    if (in->day->date == day->last && fabs(day->spent / day->target - 1.0) <= edge_width)
        out->edge = day->spent >= day->target ? 1 : -1;
}

static void chase_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct gh_quota_chasing_day *day = in->day_state;
    const uint32_t above = in->person->above_edge, all = above + in->person->below_edge;

    (void)expected;
    e->value[FACT_TARGET] = day->spent / day->target;
    e->expected[FACT_TARGET] = 1.0;
    e->value[FACT_LATE] = fmax(0.0, (double)day->need + day->spent - day->target) / day->target;
    e->expected[FACT_LATE] = seen->expected;
    e->value[FACT_ABOVE] = above;
    e->expected[FACT_ABOVE] = 0.5 * all;
    e->value[FACT_CHANCE] = gh_binomial_above(above, all, chance_above);
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_CHANCE] = e->expected[FACT_DAYS] = NAN;
}

static void explain_everybody(struct gh_writer *w, const struct gh_episode *e)
{
    if (e->value[FACT_CHANCE] > 0.01)
        return;
    gh_write(w, " It is not one person: of ");
    gh_write_count(w, 2.0 * e->expected[FACT_ABOVE]);
    gh_write(w, " people who ended within 5 % of such a target, ");
    gh_write_count(w, e->value[FACT_ABOVE]);
    gh_write(w, " ended above it, so the target itself may be what moves usage.");
}

static void chase_explain(const struct gh_telling *t, char *explanation,
                          size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_write(&w, "In the last tenth of the period, usage worth ");
    gh_write_percent(&w, e->value[FACT_LATE]);
    gh_write(&w, " of the target was added, where ");
    gh_write_percent(&w, e->expected[FACT_LATE]);
    gh_write(&w, " would be this account's usual pace, and the period came to ");
    gh_write_percent(&w, e->value[FACT_TARGET]);
    gh_write(&w, " of its target. This took ");
    gh_tell_spend(&w, e->tokens, e->cost_usd, e->cost_unknown);
    gh_write(&w, ".");
    explain_everybody(&w, e);
    gh_write(&q, "What was this last part of the usage for, and would the work have been done "
                 "without the target?");
}

static const struct gh_option chase_options[] = {GH_QUOTA_CHASING_OPTIONS(
    GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_quota_chasing_config)};

static const struct gh_fact_row chase_facts[] = {
    [FACT_TARGET] = {"share_of_target", "share"},
    [FACT_LATE] = {"last_tenth", "share of the target"},
    [FACT_ABOVE] = {"people_just_above", "people"},
    [FACT_CHANCE] = {"chance_of_so_many", "1"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_quota_chasing = {
    .name = "quota_chasing",
    .behaviour = GH_QUOTA_CHASING,
    .version = 1,
    .summary = "usage that is there because of a usage target",
    .reference = "bunching: Kleven 2016, McCrary 2008; calibrators: Vovk & Wang 2021",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .whole_day = true,
    .options = {"quota_chasing", "usage that tops up to a target", chase_options,
                sizeof chase_options / sizeof *chase_options,
                sizeof(struct gh_quota_chasing_config)},
    .actor_size = sizeof(struct chase_actor),
    .day_size = sizeof(struct gh_quota_chasing_day),
    .cell_size = sizeof(struct chase_cell),
    .cell_idle_ms = 100 * GH_MS_PER_DAY,
    .fact = chase_facts,
    .fact_count = sizeof chase_facts / sizeof *chase_facts,
    .step = chase_step,
    .observe = chase_observe,
    .tell = chase_tell,
    .explain = chase_explain,
};
