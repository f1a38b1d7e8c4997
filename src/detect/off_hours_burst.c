/* off_hours_burst.c - the person's own hours, and excess outside them. */
#include "detect/off_hours_burst.h"

#include "detect/registry.h"
#include "detect/run.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_OFF, FACT_SHARE, FACT_DAY, FACT_DAYS };

static const double memory_per_day = 0.97;              /* of the day's shape */
static const double prior_mean = 0.01, mean_add = 0.03; /* of x */

/* The fast path: gains of a night, dates without one, days of own history. */
static const double gain_least = -1.0, gain_most = 1.5, quiet_night = 0.7;
static const double common_days = 5.0, own_days_max = 30.0;
static const int64_t night_ms = 16 * GH_MS_PER_HOUR, rest_ms = 8 * GH_MS_PER_HOUR;
static const uint32_t other_days =
    1u << GH_ON_CALL | 1u << GH_CRUNCH | 1u << GH_LEAVE | 1u << GH_HOLIDAY;

struct off_hours_actor {
    float weight[24]; /* by local hour: part of each past day's tokens, decayed sum */
    double days;      /* their sum */
    struct gh_run run;
    uint32_t seen; /* active days, all */
    int32_t night_date;
    int64_t night_ms;    /* when the last night began; 0: none yet */
    int64_t awake_ms;    /* last call in usual hours since then; 0: none */
    float night, worked; /* tokens of that night; of the working day before it */
    float carried;       /* score of the nights before */
    uint32_t usual;      /* bits: own hours as of the last observed day; 0 not known */
};

/* Bit h: hour h is declared as working time, at least in part. */
static uint32_t declared_hours(struct gh_hours declared)
{
    const uint32_t length = (declared.until_min + 1440u - declared.from_min) % 1440u;
    uint32_t bits = 0;

    for (uint32_t h = declared.from_min / 60u; h * 60u < declared.from_min + length; h++)
        bits |= length > 0 ? 1u << h % 24u : 0;
    return bits;
}

/* Bit h: hour h is this person's own. */
static uint32_t usual_hours(const struct gh_observe *in)
{
    const struct gh_off_hours_burst_config *c = in->config;
    const struct off_hours_actor *a = in->actor_state;
    const uint32_t declared = in->person->zone_known ? declared_hours(in->person->hours) : 0,
                   width = 2 * c->margin + 1;
    const uint64_t days = declared | (uint64_t)declared << 24;
    double ring[24 + 2 * 6 + 1]; /* the hours of a day, and again those within the margin */
    uint32_t usual = 0;

    for (uint32_t i = 0; i < sizeof ring / sizeof ring[0]; i++)
        ring[i] = (double)a->weight[(i + 24 - c->margin) % 24];
    for (uint32_t h = 0; h < 24; h++) {
        double around = 0.0;
        for (uint32_t k = 0; k < width; k++)
            around += ring[h + k];
        const bool near = (days >> (h + 24 - c->margin) % 24 & ((1u << width) - 1)) != 0;
        usual |= (uint32_t)(near || around * 24.0 >= width * a->days) << h;
    }
    return usual;
}

/* Whether most of the past lies in the usual hours: by their definition the busier half of
 * a day is usual for somebody who works round the clock, too. */
static bool rhythm_known(const struct off_hours_actor *a, uint32_t usual, double share)
{
    double inside = 0.0;

    for (uint32_t h = 0; h < 24; h++)
        inside += usual >> h & 1u ? (double)a->weight[h] : 0.0;
    return inside >= share * a->days;
}

static double off_tokens(const struct gh_off_hours_burst_day *day, uint32_t usual)
{
    double off = 0.0;

    for (uint32_t h = 0; h < 24; h++)
        if (!(usual >> h & 1u))
            off += (double)day->tokens[h];
    return off;
}

/* Tokens of the night on top of a usual day. */
static double night_excess(const struct off_hours_actor *a, double usual)
{
    const double night = (double)a->night;

    return fmin(night, fmax(0.0, night + (double)a->worked - usual));
}

static double usual_of(const struct off_hours_actor *a, const struct gh_step *s)
{
    const double n = fmin((double)a->seen, own_days_max);

    return (common_days * s->common_tokens + n * s->usual_tokens) / (common_days + n);
}

static double night_gain(const struct off_hours_actor *a, const struct gh_step *s)
{
    const double excess = night_excess(a, s->usual_tokens);

    return excess > 0.0 ? fmin(gain_most, fmax(gain_least, log(excess / usual_of(a, s))))
                        : gain_least;
}

/* A night is over: what it leaves, less what the dates without one take off. */
static void night_close(struct off_hours_actor *a, const struct gh_step *s)
{
    const double quiet = fmax(0.0, s->call->local.date - a->night_date - 1) * quiet_night;
    const double left = fmax(0.0, (double)a->carried + night_gain(a, s));

    a->carried = (float)fmax(0.0, left - quiet);
}

/* A call outside the usual hours: the night goes on, or the next one begins. */
static void night_add(struct off_hours_actor *a, const struct gh_step *s)
{
    const int64_t now = s->call->ts_ms;

    if (a->night_ms == 0 || a->awake_ms != 0 || now - a->night_ms > night_ms) {
        if (a->night_ms != 0)
            night_close(a, s);
        if (a->awake_ms == 0 || now - a->awake_ms > night_ms)
            a->worked = 0.0f;
        a->night_ms = now;
        a->awake_ms = 0;
        a->night_date = s->call->local.date;
        a->night = 0.0f;
    }
    a->night += (float)s->call->tokens;
}

/* A call in usual hours. */
static void work_add(struct off_hours_actor *a, const struct gh_call *call)
{
    if (a->awake_ms == 0 || call->ts_ms - a->awake_ms > rest_ms)
        a->worked = 0.0f;
    a->awake_ms = call->ts_ms;
    a->worked += (float)call->tokens;
}

static void night_raise(struct gh_step *s, const struct off_hours_actor *a)
{
    struct gh_off_hours_burst_day *day = s->day_state;
    const double all = s->day->tokens;
    const double excess = fmin(night_excess(a, s->usual_tokens), off_tokens(day, a->usual));
    struct gh_episode *e = s->episode;

    gh_day_raise(s, &day->raised_calls, s->score, excess / all);
    if (!s->raise)
        return;
    e->value[FACT_OFF] = excess;
    e->value[FACT_SHARE] = excess / all;
    e->value[FACT_DAY] = all;
    e->expected[FACT_DAY] = s->usual_tokens;
    e->value[FACT_DAYS] = 1.0;
    e->expected[FACT_OFF] = e->expected[FACT_SHARE] = e->expected[FACT_DAYS] = NAN;
}

static void off_hours_step(struct gh_step *s)
{
    struct gh_off_hours_burst_day *day = s->day_state;
    struct off_hours_actor *a = s->actor_state;
    const uint32_t hour = s->call->local.minute / 60u;

    if (s->call->foreign)
        return;
    day->tokens[hour] += (float)s->call->tokens;
    s->sample = s->watched;
    if (a->usual == 0 || !(s->usual_tokens > 0.0))
        return;
    if (a->usual >> hour & 1u) {
        work_add(a, s->call);
        return;
    }
    if (s->day->schedule & other_days)
        return;
    night_add(a, s);
    if (night_excess(a, s->usual_tokens) <= usual_of(a, s))
        return;
    s->score = (double)a->carried + night_gain(a, s);
    if (s->score >= s->threshold)
        night_raise(s, a);
}

static void actor_learn(struct off_hours_actor *a, const struct gh_observe *in)
{
    const struct gh_off_hours_burst_day *day = in->day_state;

    a->days = memory_per_day * a->days + 1.0;
    for (uint32_t h = 0; h < 24; h++)
        a->weight[h] = (float)(memory_per_day * (double)a->weight[h] +
                               (double)day->tokens[h] / in->day->tokens);
}

static void off_hours_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_off_hours_burst_config *c = in->config;
    const double usual = in->person->usual_tokens, all = in->day->tokens;
    struct off_hours_actor *a = in->actor_state;

    const uint32_t hours = usual_hours(in);

    out->state = GH_TOO_LITTLE;
    if (all > 0.0 && a->seen >= c->history && usual > 0.0 &&
        !(in->day->schedule & other_days) && rhythm_known(a, hours, c->rhythm)) {
        const double off = off_tokens(in->day_state, hours);
        const double excess = fmin(off, fmax(0.0, all - usual));
        out->state = GH_OBSERVED;
        out->value =
            gh_run_step(&a->run, fmin(1.0, excess / (c->scale * usual)), prior_mean, mean_add);
        out->expected = usual;
        out->excess_share = excess / all;
    }
    if (all > 0.0 && out->excess_share < 0.5)
        actor_learn(a, in);
    a->seen += all > 0.0;
    const uint32_t known = a->seen >= c->history ? usual_hours(in) : 0;
    a->usual = rhythm_known(a, known, c->rhythm) ? known : 0;
}

static void off_hours_tell(const struct gh_observe *in, const struct gh_observation *seen,
                           double expected, struct gh_episode *e)
{
    const double off = seen->excess_share * in->day->tokens;

    (void)expected;
    e->value[FACT_OFF] += off;
    e->value[FACT_SHARE] = e->tokens > 0.0 ? e->value[FACT_OFF] / e->tokens : 0.0;
    e->value[FACT_DAY] = e->tokens / e->days;
    e->expected[FACT_DAY] = gh_mean_add(e->expected[FACT_DAY], e->days - 1, seen->expected, 1);
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_OFF] = e->expected[FACT_SHARE] = e->expected[FACT_DAYS] = NAN;
}

static void off_hours_explain(const struct gh_telling *t, char *explanation,
                              size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_tell_days(&w, e);
    gh_write(&w, ", usage came to ");
    gh_write_short(&w, e->value[FACT_DAY]);
    gh_write(&w, " tokens a day where ");
    gh_write_short(&w, e->expected[FACT_DAY]);
    gh_write(&w, " is usual, and ");
    gh_write_percent(&w, e->value[FACT_SHARE]);
    gh_write(&w, " of it came on top, outside the hours in which this account is normally "
                 "active: ");
    gh_tell_spend(&w, e->excess_tokens, e->excess_cost_usd, e->cost_unknown);
    gh_write(&w, ".");
    gh_write(&q,
             "Is something meant to be running at these hours, and should it be a scheduled "
             "job, an on-call duty or an experiment that can be declared?");
}

static const struct gh_option off_hours_options[] = {GH_OFF_HOURS_BURST_OPTIONS(
    GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_off_hours_burst_config)};

static const struct gh_fact_row off_hours_facts[] = {
    [FACT_OFF] = {"off_hours_excess", "tokens"},
    [FACT_SHARE] = {"off_hours_share", "share"},
    [FACT_DAY] = {"tokens_per_day", "tokens"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_off_hours_burst = {
    .name = "off_hours_burst",
    .behaviour = GH_OFF_HOURS_BURST,
    .version = 3,
    .summary = "a lot of extra spend at hours when this person does not work",
    .reference = "bounded bets: Waudby-Smith & Ramdas 2024; Shiryaev-Roberts e-detector: "
                 "Shin, Ramdas & Rinaldo 2024",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .whole_day = true,
    .options = {"off_hours_burst", "extra spend outside a person's own hours",
                off_hours_options, sizeof off_hours_options / sizeof *off_hours_options,
                sizeof(struct gh_off_hours_burst_config)},
    .actor_size = sizeof(struct off_hours_actor),
    .day_size = sizeof(struct gh_off_hours_burst_day),
    .fact = off_hours_facts,
    .fact_count = sizeof off_hours_facts / sizeof *off_hours_facts,
    .step = off_hours_step,
    .observe = off_hours_observe,
    .tell = off_hours_tell,
    .explain = off_hours_explain,
};
