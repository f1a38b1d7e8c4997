/* outputless_spend.c - output against what the spend used to bring. */
#include "detect/outputless_spend.h"

#include "detect/registry.h"
#include "detect/run.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_UNITS, FACT_SPEND, FACT_PRICE, FACT_DAYS };

static const double prior_mean = 0.04, mean_add = 0.03; /* of x */

struct outputless_actor {
    struct gh_run run;
};

static void outputless_step(struct gh_step *s)
{
    s->sample = s->watched && !s->call->foreign;
}

/* Dollars of a usual day: the own mean, drawn to the peers' while there are few days. */
static double usual_usd(const struct gh_person *p, double shrink)
{
    const double k = p->peer_usd_per_day > 0.0 ? shrink : 0.0;

    return (k * p->peer_usd_per_day + p->days * p->usual_cost_usd) / (k + p->days);
}

/* Work units that the window's spend would have brought in the person's past. */
static double expected_units(const struct gh_person *p)
{
    const double peers = p->peer_units_per_usd;
    const double rate = (p->past_units + 4.0) / (p->past_usd + 4.0 / peers);

    return rate * p->gate_usd;
}

static void outputless_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_outputless_spend_config *c = in->config;
    const struct gh_person *p = in->person;
    const uint32_t other =
        1u << GH_ON_CALL | 1u << GH_CRUNCH | 1u << GH_LEAVE | 1u << GH_HOLIDAY;
    struct outputless_actor *actor = in->actor_state;

    out->state = GH_NOT_OBSERVABLE;
    if (!p->has_outputs || !(p->peer_units_per_usd > 0.0))
        return;
    out->state = GH_TOO_LITTLE;
    if (p->days < c->history || !(p->gate_usd > 0.0) || !(in->day->cost_usd > 0.0) ||
        !(p->past_usd > 0.0) || !(p->usual_cost_usd > 0.0) || (in->day->schedule & other))
        return;
    const double mu = expected_units(p), had = fmax(0.0, p->gate_units);
    const double usual = usual_usd(p, c->shrink), spent = in->day->cost_usd;
    const double shortfall = fmax(0.0, 1.0 - (had + 1.0) / (mu + 1.0));
    const double excess = fmax(0.0, spent - usual);
    out->state = GH_OBSERVED;
    out->value = gh_run_step(&actor->run, shortfall * fmin(1.0, excess / (c->scale * usual)),
                             prior_mean, mean_add);
    out->expected = mu;
    out->excess_share = shortfall * excess / spent;
}

static void outputless_tell(const struct gh_observe *in, const struct gh_observation *seen,
                            double expected, struct gh_episode *e)
{
    (void)expected;
    e->value[FACT_UNITS] = fmax(0.0, in->person->gate_units);
    e->expected[FACT_UNITS] = seen->expected;
    e->value[FACT_SPEND] = in->person->gate_usd;
    e->value[FACT_PRICE] = in->person->gate_usd / (e->value[FACT_UNITS] + 1.0);
    e->expected[FACT_PRICE] = in->person->past_usd / (in->person->past_units + 1.0);
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_SPEND] = e->expected[FACT_DAYS] = NAN;
}

static void outputless_explain(const struct gh_telling *t, char *explanation,
                               size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_write(&w, "Recent spend of ");
    gh_write_money(&w, e->value[FACT_SPEND]);
    gh_write(&w, " came with ");
    gh_write_fixed(&w, e->value[FACT_UNITS], e->value[FACT_UNITS] < 10.0);
    gh_write(&w,
             " units of accepted output; in this account's past such spend went with about ");
    gh_write_fixed(&w, e->expected[FACT_UNITS], e->expected[FACT_UNITS] < 10.0);
    gh_write(&w, ". Output may lag, and not all of it is recorded here.");
    gh_write(&q,
             "What is this spend working towards, is its output recorded somewhere else, and "
             "would declaring an experiment describe it better?");
}

static const struct gh_option outputless_options[] = {GH_OUTPUTLESS_SPEND_OPTIONS(
    GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_outputless_spend_config)};

static const struct gh_fact_row outputless_facts[] = {
    [FACT_UNITS] = {"accepted_output", "units"},
    [FACT_SPEND] = {"recent_spend", "usd"},
    [FACT_PRICE] = {"spend_per_unit", "usd"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_outputless_spend = {
    .name = "outputless_spend",
    .behaviour = GH_OUTPUTLESS_SPEND,
    .version = 2,
    .summary = "spend that has left the person's own output far behind",
    .reference = "Gamma-Poisson shrinkage: DuMouchel 1999; e-detectors: Shin, Ramdas & "
                 "Rinaldo 2024",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .options = {"outputless_spend", "spend without output", outputless_options,
                sizeof outputless_options / sizeof *outputless_options,
                sizeof(struct gh_outputless_spend_config)},
    .actor_size = sizeof(struct outputless_actor),
    .fact = outputless_facts,
    .fact_count = sizeof outputless_facts / sizeof *outputless_facts,
    .step = outputless_step,
    .observe = outputless_observe,
    .tell = outputless_tell,
    .explain = outputless_explain,
};
