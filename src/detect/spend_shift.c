/* spend_shift.c - a run of days above the own level that others do not share. */
#include "detect/spend_shift.h"

#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_DAY, FACT_SHARED, FACT_PRICE, FACT_DAYS };

static const double own_days_max = 30.0;
/* The own mean of the residual: below 0, for a mean day is more than a usual one. */
static const double center_prior = -1.0, center_days = 3.0, memory_per_day = 0.97;
static const double residual_low = -4.0, residual_high = 1.5;
static const double shared_memory = 0.7, shared_max = 2.0, quiet_day = -1.0;
static const double shared_told = 0.25, price_told = 0.25; /* changes worth a word */

struct shift_actor {
    float score, ref, shared; /* as of the last observed day; ref 0: nothing known */
    float center_sum, center_weight;
    float residual; /* of the day between observe() and conclude() */
};

static double gain_of(const struct gh_spend_shift_config *c, const struct shift_actor *a,
                      double residual)
{
    const double own = residual - fmax(0.0, (double)a->shared);

    return fmin(fmax(own, quiet_day), c->limit) - c->drift;
}

static double price_of(double usd, double tokens)
{
    return tokens > 0.0 ? usd / tokens * 1e6 : NAN;
}

/* What has been spent today, before the day is over. */
static void shift_raise(struct gh_step *s, const struct shift_actor *a)
{
    struct gh_stretch *stretch =
        gh_cells_touch(s->heap, s->cells, (uint64_t)s->call->actor + 1, s->call->ts_ms);
    const struct gh_day *day = s->day;

    if (stretch == NULL)
        return;
    if (stretch->episode.first_event != day->first_event)
        *stretch = (struct gh_stretch){0};
    gh_stretch_add(stretch, s, true);
    struct gh_episode *e = &stretch->episode;
    e->from_ms = day->first_ms;
    e->first_event = day->first_event;
    e->calls = day->calls;
    e->tokens = day->tokens;
    e->cost_usd = day->cost_usd;
    e->cost_unknown = day->unpriced_tokens > 0.0;
    if (!gh_stretch_due(stretch, s->call->ts_ms))
        return;
    e->value[FACT_DAY] = day->tokens;
    e->expected[FACT_DAY] = (double)a->ref;
    e->value[FACT_SHARED] = exp(fmax(0.0, (double)a->shared));
    e->expected[FACT_SHARED] = 1.0;
    e->value[FACT_PRICE] = price_of(day->cost_usd, day->tokens - day->unpriced_tokens);
    e->value[FACT_PRICE] = isnan(e->value[FACT_PRICE]) ? 0.0 : e->value[FACT_PRICE];
    e->value[FACT_DAYS] = 1;
    e->expected[FACT_PRICE] = e->expected[FACT_DAYS] = NAN;
    gh_stretch_raise(stretch, s, s->score, fmax(0.0, 1.0 - (double)a->ref / day->tokens));
}

static void shift_step(struct gh_step *s)
{
    const struct gh_spend_shift_config *c = s->config;
    const struct shift_actor *a = s->actor_state;

    if (s->call->foreign)
        return;
    s->sample = s->watched;
    if (!(a->ref > 0.0f) || s->day->tokens <= (double)a->ref)
        return;
    const double gain = gain_of(c, a, log(s->day->tokens / (double)a->ref));
    if (gain <= 0.0)
        return;
    s->score = (double)a->score + gain;
    if (s->score >= s->threshold)
        shift_raise(s, a);
}

static void shift_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_spend_shift_config *c = in->config;
    const struct gh_person *p = in->person;
    const uint32_t other =
        1u << GH_ON_CALL | 1u << GH_CRUNCH | 1u << GH_LEAVE | 1u << GH_HOLIDAY;
    struct shift_actor *a = in->actor_state;

    out->state = GH_NOT_OBSERVABLE;
    if (!(p->peer_tokens_per_day > 0.0))
        return;
    out->state = GH_TOO_LITTLE;
    if (p->days < c->history || !(p->usual_tokens > 0.0) || !(in->day->tokens > 0.0) ||
        (in->day->schedule & other))
        return;
    const double n = fmin(p->days, own_days_max);
    const double ref =
        (c->shrink * p->peer_tokens_per_day + n * p->usual_tokens) / (c->shrink + n);
    const double center = (center_days * center_prior + (double)a->center_sum) /
                          (center_days + (double)a->center_weight);
    a->ref = (float)ref;
    const double residual = log(in->day->tokens / ref);
    a->residual = (float)residual;
    out->state = GH_OBSERVED;
    out->value = residual - center;
    const double learned = fmin(fmax(residual, residual_low), residual_high);
    a->center_sum = (float)(memory_per_day * (double)a->center_sum + learned);
    a->center_weight = (float)(memory_per_day * (double)a->center_weight + 1.0);
}

static void shift_conclude(const struct gh_observe *in, double shift,
                           struct gh_observation *out)
{
    const struct gh_spend_shift_config *c = in->config;
    struct shift_actor *a = in->actor_state;
    const double today = fmin(fmax(shift, -shared_max), shared_max);

    a->shared = (float)(shared_memory * (double)a->shared + (1.0 - shared_memory) * today);
    a->score = (float)fmax(0.0, (double)a->score + gain_of(c, a, (double)a->residual));
    out->value = (double)a->score;
    out->expected = (double)a->ref * exp(fmax(0.0, (double)a->shared));
    out->excess_share = fmax(0.0, 1.0 - out->expected / in->day->tokens);
}

static void shift_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct shift_actor *a = in->actor_state;
    const struct gh_person *p = in->person;
    const double price = price_of(e->cost_usd, e->tokens);

    (void)expected;
    e->value[FACT_DAY] = e->tokens / e->days;
    e->expected[FACT_DAY] = gh_mean_add(e->expected[FACT_DAY], e->days - 1, seen->expected, 1);
    e->value[FACT_SHARED] = exp(fmax(0.0, (double)a->shared));
    e->expected[FACT_SHARED] = 1.0;
    e->value[FACT_PRICE] = e->cost_unknown || isnan(price) ? 0.0 : price;
    e->expected[FACT_PRICE] = price_of(p->usual_cost_usd, p->usual_tokens);
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_DAYS] = NAN;
}

/* What is no finding is named as such. */
static void explain_others(struct gh_writer *w, const struct gh_episode *e)
{
    const double ratio = e->value[FACT_PRICE] / e->expected[FACT_PRICE];

    if (e->value[FACT_SHARED] >= 1.0 + shared_told) {
        gh_write(w, " Team and peers stood at ");
        gh_write_fixed(w, e->value[FACT_SHARED], 1);
        gh_write(w, " times their usual, which is already taken out.");
    }
    if (!(e->value[FACT_PRICE] > 0.0) || !isfinite(ratio) ||
        (ratio < 1.0 + price_told && ratio > 1.0 / (1.0 + price_told)))
        return;
    gh_write(w, " Apart from that, a million tokens cost ");
    gh_write_money(w, e->value[FACT_PRICE]);
    gh_write(w, " instead of ");
    gh_write_money(w, e->expected[FACT_PRICE]);
    gh_write(w,
             " (another model, price list or share of the cache), which does not count here.");
}

static void shift_explain(const struct gh_telling *t, char *explanation,
                          size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_tell_days(&w, e);
    gh_write(&w, ", usage came to ");
    gh_write_short(&w, e->value[FACT_DAY]);
    gh_write(&w, " tokens a day where about ");
    gh_write_short(&w, e->expected[FACT_DAY]);
    gh_write(&w, " would be expected of this account and its peers: ");
    gh_tell_spend(&w, e->excess_tokens, e->excess_cost_usd, e->cost_unknown);
    gh_write(&w, " more.");
    explain_others(&w, e);
    gh_write(&q, "What has changed in this work, is it planned to stay, and would a declared "
                 "experiment or another budget describe it better?");
}

static const struct gh_option shift_options[] = {
    GH_SPEND_SHIFT_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_spend_shift_config)};

static const struct gh_fact_row shift_facts[] = {
    [FACT_DAY] = {"tokens_per_day", "tokens"},
    [FACT_SHARED] = {"team_and_peers", "times usual"},
    [FACT_PRICE] = {"unit_price", "usd per million tokens"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_spend_shift = {
    .name = "spend_shift",
    .behaviour = GH_SPEND_SHIFT,
    .version = 1,
    .summary = "spend that has moved to another level, which nobody shares",
    .reference = "CUSUM: Page 1954; leave-one-out medians as common shocks",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .whole_day = true,
    .options = {"spend_shift", "spend at another level than before", shift_options,
                sizeof shift_options / sizeof *shift_options,
                sizeof(struct gh_spend_shift_config)},
    .actor_size = sizeof(struct shift_actor),
    .cell_size = sizeof(struct gh_stretch),
    .cell_idle_ms = 2 * GH_MS_PER_DAY,
    .fact = shift_facts,
    .fact_count = sizeof shift_facts / sizeof *shift_facts,
    .step = shift_step,
    .observe = shift_observe,
    .conclude = shift_conclude,
    .tell = shift_tell,
    .explain = shift_explain,
};
