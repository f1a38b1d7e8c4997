/* outputless_spend.c - output against what the spend used to bring. */
#include "detect/outputless_spend.h"

#include "detect/registry.h"
#include "detect/run.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_UNITS, FACT_SPEND, FACT_PRICE, FACT_DAYS };

static const double prior_mean = 0.04, mean_add = 0.03; /* of x */

/* Gains of a day; what the days before must have left for the fast path to speak. */
static const double gain_least = -1.0, gain_most = 1.5, drift = 0.5, carried_least = 0.5;
static const uint32_t other_days =
    1u << GH_ON_CALL | 1u << GH_CRUNCH | 1u << GH_LEAVE | 1u << GH_HOLIDAY;

struct outputless_actor {
    struct gh_run run;
    float carried; /* score of the days before */
    float rate;    /* work units per dollar as of the last observed day; 0 not known */
    float usual;   /* dollars of a day, likewise */
    uint32_t unused;
};

/* Log of how far the day's spend is above the usual, and its output behind the spend,
 * whichever is less. */
static double day_gain(const struct outputless_actor *a, const struct gh_day *day)
{
    const double behind =
        ((double)a->rate * day->cost_usd + 1.0) / (fmax(0.0, day->units) + 1.0);
    const double above = day->cost_usd / (double)a->usual;
    const double gain = log(fmin(above, behind)) - drift;

    return fmin(gain_most, fmax(gain_least, gain));
}

static void outputless_raise(struct gh_step *s, const struct outputless_actor *a)
{
    struct gh_outputless_spend_day *day = s->day_state;
    const double units = fmax(0.0, s->day->units);
    const double expected = (double)a->rate * s->day->cost_usd;
    struct gh_episode *e = s->episode;

    gh_day_raise(s, &day->raised_calls, s->score, 1.0 - (units + 1.0) / (expected + 1.0));
    if (!s->raise)
        return;
    e->value[FACT_UNITS] = units;
    e->expected[FACT_UNITS] = expected;
    e->value[FACT_SPEND] = s->day->cost_usd;
    e->value[FACT_PRICE] = s->day->cost_usd / (units + 1.0);
    e->expected[FACT_PRICE] = 1.0 / (double)a->rate;
    e->value[FACT_DAYS] = 1.0;
    e->expected[FACT_SPEND] = e->expected[FACT_DAYS] = NAN;
}

static void outputless_step(struct gh_step *s)
{
    const struct outputless_actor *a = s->actor_state;
    const struct gh_day *day = s->day;

    if (s->call->foreign)
        return;
    s->sample = s->watched;
    if ((double)a->carried < carried_least || !(a->rate > 0.0f) ||
        day->cost_usd <= (double)a->usual || (day->schedule & other_days))
        return;
    s->score = (double)a->carried + day_gain(a, day);
    if (s->score >= s->threshold)
        outputless_raise(s, a);
}

/* Dollars of a usual day: the own mean, drawn to the peers' while there are few days. */
static double usual_usd(const struct gh_person *p, double shrink)
{
    const double k = p->peer_usd_per_day > 0.0 ? shrink : 0.0;

    return (k * p->peer_usd_per_day + p->days * p->usual_cost_usd) / (k + p->days);
}

/* Work units per dollar in the person's past. */
static double usual_rate(const struct gh_person *p)
{
    return (p->past_units + 4.0) / (p->past_usd + 4.0 / p->peer_units_per_usd);
}

static void outputless_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_outputless_spend_config *c = in->config;
    const struct gh_person *p = in->person;
    struct outputless_actor *actor = in->actor_state;

    out->state = GH_NOT_OBSERVABLE;
    if (!p->has_outputs || !(p->peer_units_per_usd > 0.0))
        return;
    out->state = GH_TOO_LITTLE;
    if (p->days < c->history || !(p->gate_usd > 0.0) || !(in->day->cost_usd > 0.0) ||
        !(p->past_usd > 0.0) || !(p->usual_cost_usd > 0.0) || (in->day->schedule & other_days))
        return;
    const double rate = usual_rate(p), mu = rate * p->gate_usd, had = fmax(0.0, p->gate_units);
    const double usual = usual_usd(p, c->shrink), spent = in->day->cost_usd;
    const double shortfall = fmax(0.0, 1.0 - (had + 1.0) / (mu + 1.0));
    const double excess = fmax(0.0, spent - usual);
    actor->rate = (float)rate;
    actor->usual = (float)usual;
    actor->carried = (float)fmax(0.0, (double)actor->carried + day_gain(actor, in->day));
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
    .version = 3,
    .summary = "spend that has left the person's own output far behind",
    .reference = "Gamma-Poisson shrinkage: DuMouchel 1999; e-detectors: Shin, Ramdas & "
                 "Rinaldo 2024",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .whole_day = true,
    .options = {"outputless_spend", "spend without output", outputless_options,
                sizeof outputless_options / sizeof *outputless_options,
                sizeof(struct gh_outputless_spend_config)},
    .actor_size = sizeof(struct outputless_actor),
    .day_size = sizeof(struct gh_outputless_spend_day),
    .fact = outputless_facts,
    .fact_count = sizeof outputless_facts / sizeof *outputless_facts,
    .step = outputless_step,
    .observe = outputless_observe,
    .tell = outputless_tell,
    .explain = outputless_explain,
};
