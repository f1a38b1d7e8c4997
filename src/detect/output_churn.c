/* output_churn.c - outputs credited, trivial and taken back. */
#include "detect/output_churn.h"

#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_SHARE, FACT_OUTPUTS, FACT_BACK, FACT_TRIVIAL, FACT_DAYS };
enum output_kind { OUTPUT_OTHER, OUTPUT_LASTING, OUTPUT_TRIVIAL, OUTPUT_TAKEN_BACK };

static const double memory_per_day = 0.97, prior_outputs = 10.0, prior_junk = 0.5;
static const double recent_memory = 0.85, recent_prior = 2.0;

struct churn_actor {
    float outputs, junk; /* own past, decayed */
    float recent, back;  /* of the last days: credited, taken back */
    uint64_t running;    /* 1: the cell's run is above 0 */
};
struct churn_cell { /* one per actor */
    double run;
    uint32_t outputs, taken_back, trivial, unused;
    struct gh_stretch stretch;
};
_Static_assert(sizeof(struct churn_cell) % 8 == 0, "cells are kept aligned");

static enum output_kind output_kind(const struct gh_output_churn_config *c,
                                    const struct gh_output *o)
{
    const bool weightless = !(o->units > 0.0);
    const bool sized = GH_HAS(o, lines_added) || GH_HAS(o, lines_removed);

    if (o->change < 0.0 || (weightless && o->state == GH_REVERTED))
        return OUTPUT_TAKEN_BACK;
    if (!(o->change > 0.0) && !(weightless && o->state == GH_ACCEPTED))
        return OUTPUT_OTHER;
    return weightless || (sized && o->lines_added + o->lines_removed <= c->trivial)
               ? OUTPUT_TRIVIAL
               : OUTPUT_LASTING;
}

static uint64_t cell_key(const struct gh_step *s)
{
    return (uint64_t)s->day->actor + 1;
}

static void run_raise(struct churn_cell *cell, struct gh_step *s)
{
    struct gh_episode *e = &cell->stretch.episode;
    const double junk = cell->taken_back + cell->trivial;

    e->value[FACT_SHARE] = junk / cell->outputs;
    e->value[FACT_OUTPUTS] = cell->outputs;
    e->value[FACT_BACK] = cell->taken_back;
    e->value[FACT_TRIVIAL] = cell->trivial;
    e->value[FACT_DAYS] = ceil((double)(e->until_ms - e->from_ms + 1) / (double)GH_MS_PER_DAY);
    for (int i = 0; i <= FACT_DAYS; i++)
        e->expected[i] = NAN;
    gh_stretch_raise(&cell->stretch, s, cell->run, e->value[FACT_SHARE]);
}

static void run_step(struct churn_cell *cell, struct gh_step *s, enum output_kind kind)
{
    const struct churn_actor *a = s->actor_state;
    const double own = (prior_junk + (double)a->junk) / (prior_outputs + (double)a->outputs);
    const double m = fmin(0.65, fmax(0.25, 1.3 * own + 0.15)), q = 0.5 + 0.5 * m;
    const bool junk = kind != OUTPUT_LASTING;

    cell->run = fmax(0.0, cell->run + (junk ? log(q / m) : log((1.0 - q) / (1.0 - m))));
    if (!(cell->run > 0.0)) {
        *cell = (struct churn_cell){0};
        return;
    }
    cell->outputs++;
    cell->taken_back += kind == OUTPUT_TAKEN_BACK;
    cell->trivial += kind == OUTPUT_TRIVIAL;
    gh_stretch_output(&cell->stretch, s, junk);
    s->score = cell->run;
    if (junk && s->score >= s->threshold && gh_stretch_due(&cell->stretch, s->output->ts_ms))
        run_raise(cell, s);
}

static void churn_output(struct gh_step *s)
{
    struct gh_output_churn_day *day = s->day_state;
    struct churn_actor *a = s->actor_state;
    const enum output_kind kind = output_kind(s->config, s->output);

    if (kind == OUTPUT_OTHER)
        return;
    day->taken_back += kind == OUTPUT_TAKEN_BACK;
    day->credited += kind != OUTPUT_TAKEN_BACK;
    day->trivial += kind == OUTPUT_TRIVIAL;
    s->sample = s->watched && kind != OUTPUT_LASTING;
    if (kind == OUTPUT_LASTING && !a->running)
        return;
    struct churn_cell *cell = gh_cells_touch(s->heap, s->cells, cell_key(s), s->output->ts_ms);
    if (cell == NULL)
        return;
    run_step(cell, s, kind);
    a->running = cell->run > 0.0;
}

/* Calls only say what is spent while a run lasts. */
static void churn_step(struct gh_step *s)
{
    const struct churn_actor *a = s->actor_state;
    struct churn_cell *cell;

    if (!a->running || s->call->foreign)
        return;
    cell = gh_cells_find(s->cells, cell_key(s), s->call->ts_ms);
    if (cell != NULL)
        gh_stretch_add(&cell->stretch, s, false);
}

static void churn_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_output_churn_config *c = in->config;
    const struct gh_output_churn_day *day = in->day_state;
    const uint32_t events = day->credited + day->taken_back;
    struct churn_actor *a = in->actor_state;
    double trivial;

    out->state = GH_NOT_OBSERVABLE;
    if (events == 0)
        return;
    out->state = GH_OBSERVED;
    a->recent = (float)(recent_memory * (double)a->recent + day->credited);
    a->back = (float)(recent_memory * (double)a->back + day->taken_back);
    trivial = c->trivial_weight + (double)a->back / ((double)a->recent + recent_prior);
    trivial = fmin(1.0, trivial);
    out->value = (day->taken_back + trivial * day->trivial) / (events + 1.0);
    a->outputs = (float)(memory_per_day * (double)a->outputs + events);
    a->junk = (float)(memory_per_day * (double)a->junk + day->taken_back + day->trivial);
}

static void churn_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct gh_output_churn_day *day = in->day_state;
    const double before = e->value[FACT_OUTPUTS], events = day->credited + day->taken_back;

    (void)seen;
    e->value[FACT_OUTPUTS] += events;
    e->value[FACT_BACK] += day->taken_back;
    e->value[FACT_TRIVIAL] += day->trivial;
    e->value[FACT_SHARE] =
        (e->value[FACT_BACK] + e->value[FACT_TRIVIAL]) / e->value[FACT_OUTPUTS];
    e->expected[FACT_SHARE] = gh_mean_add(e->expected[FACT_SHARE], before, expected, events);
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_OUTPUTS] = e->expected[FACT_BACK] = e->expected[FACT_TRIVIAL] =
        e->expected[FACT_DAYS] = NAN;
}

static void churn_explain(const struct gh_telling *t, char *explanation,
                          size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_tell_days(&w, e);
    gh_write(&w, ", of ");
    gh_write_count(&w, e->value[FACT_OUTPUTS]);
    gh_write(&w, " outputs and withdrawals, ");
    gh_write_count(&w, e->value[FACT_BACK]);
    gh_write(&w, " took back what had been credited and ");
    gh_write_count(&w, e->value[FACT_TRIVIAL]);
    gh_write(&w, " were trivial in size");
    if (isfinite(e->expected[FACT_SHARE])) {
        gh_write(&w, "; up to ");
        gh_write_percent(&w, e->expected[FACT_SHARE]);
        gh_write(&w, " of such would be usual here");
    }
    gh_write(&w, ". Meanwhile ");
    gh_tell_spend(&w, e->tokens, e->cost_usd, e->cost_unknown);
    gh_write(&w, " were spent");
    if (t->track == GH_CASE)
        gh_write(&w, ", and accepted output did not keep pace");
    gh_write(&w, ".");
    if (t->track == GH_INCIDENT)
        gh_write(&q, "Is a tool making these changes, and should they be counted as output?");
    else
        gh_write(&q, "What were these changes for, and what led to their being taken back?");
}

static const struct gh_option churn_options[] = {
    GH_OUTPUT_CHURN_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_output_churn_config)};

static const struct gh_fact_row churn_facts[] = {
    [FACT_SHARE] = {"not_lasting_share", "share"},
    [FACT_OUTPUTS] = {"outputs", "outputs"},
    [FACT_BACK] = {"taken_back", "outputs"},
    [FACT_TRIVIAL] = {"trivial", "outputs"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_output_churn = {
    .name = "output_churn",
    .behaviour = GH_OUTPUT_CHURN,
    .version = 1,
    .summary = "outputs that are taken back soon or are next to nothing",
    .reference = "bounded bets: Waudby-Smith & Ramdas 2024; run test: Ville 1939",
    .lane = GH_STRUCTURAL,
    .measure = GH_SHARE,
    .add = 0.02,
    .options = {"output_churn", "outputs that do not last", churn_options,
                sizeof churn_options / sizeof *churn_options,
                sizeof(struct gh_output_churn_config)},
    .actor_size = sizeof(struct churn_actor),
    .day_size = sizeof(struct gh_output_churn_day),
    .cell_size = sizeof(struct churn_cell),
    .cell_idle_ms = 4 * GH_MS_PER_DAY,
    .fact = churn_facts,
    .fact_count = sizeof churn_facts / sizeof *churn_facts,
    .step = churn_step,
    .output = churn_output,
    .observe = churn_observe,
    .tell = churn_tell,
    .explain = churn_explain,
};
