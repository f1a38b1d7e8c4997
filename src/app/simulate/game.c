/* game.c - see game.h. Each behaviour is a row of game_table; strength X means that a
 * gamed day holds about X times the person's usual tokens of the kind concerned. */
#include "app/simulate/game.h"

#include "app/simulate/honest.h"
#include "app/simulate/series.h"
#include "base/civil.h"

#include <assert.h>
#include <math.h>

/* What is gamed today. */
struct game_dose {
    double factor; /* today's X */
    double tokens; /* (X - 1) times the usual */
};

static double game_end_min(const struct gh_sim_person *p)
{
    return p->start_min + p->length_min;
}

/* Machines of both: no leave, and the same days. */
static void game_pair(struct gh_sim_day *day, const struct game_dose *dose)
{
    const struct gh_sim_gaming *g = &day->person->gaming;
    const struct gh_sim_pair pair = {
        .messages = (uint32_t)fmin(fmax(60 * g->strength, 72), 2000),
        .tokens = dose->tokens,
        .low_novelty = (double)g->low_novelty,
    };
    gh_sim_pair_run(day, &pair);
}

/* One to three talks, in or out of hours; who knows better keeps to the hours of work, or
 * has many short ones. */
static void game_agent_loop(struct gh_sim_day *day, const struct game_dose *dose)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_gaming *g = &day->person->gaming;
    if (g->form == GH_SIM_OWNERS) {
        game_pair(day, dose);
        return;
    }
    const bool careful = g->form == GH_SIM_CAUTIOUS, uneven = g->form == GH_SIM_JITTER;
    const uint32_t few = 1 + gh_random_below(r, 3);
    const uint32_t talks = g->form == GH_SIM_SPLIT ? 12 * few : few;
    for (uint32_t i = 0; i < talks; i++) {
        const bool office = careful || gh_random_chance(r, 0.6);
        const double from = office ? day->person->start_min : 0;
        const double until = office ? game_end_min(day->person) - 60 : 1380;
        struct gh_sim_exchange e = {
            .start_ms = gh_sim_day_time(day, gh_random_between(r, from, until)),
            .tokens = dose->tokens / talks,
            .members = g->ring ? 3 + (uint32_t)(g->question % 2) : 2,
            .first_agent = GH_SIM_AGENT_EXPLORE,
            .low_novelty = (double)g->low_novelty,
            .tools = careful ? 0.7 : 0,
            .output_sigma = careful  ? 0.3
                            : uneven ? 0.9
                                     : 0.06,
            .gap_mu = uneven ? 3.0 : 1.0,
            .gap_sigma = uneven ? 1.5 : 0.7,
            .gamed = true,
        };
        e.until_ms = careful ? gh_sim_day_time(day, game_end_min(day->person) + 60)
                             : e.start_ms + 10 * GH_MS_PER_HOUR;
        gh_sim_exchange_run(day, &e);
    }
}

/* Jobs and declared experiments are left as they are. */
static bool game_own_call(const struct gh_sim_record *record)
{
    const struct gh_sim_call *call = &record->as.call;
    return record->kind == GH_USAGE && call->agent != GH_SIM_AGENT_JOB && call->experiment == 0;
}

/* The same turns, each with X times the context; past the window the long variant. What
 * comes from the cache is cheap, and looks it. */
static void game_context_bloat(struct gh_sim_day *day, const struct game_dose *dose)
{
    enum { LONG_WINDOW = 1000000 };
    const bool cached = day->person->gaming.form == GH_SIM_CACHED;
    for (size_t i = 0; i < day->out->count; i++) {
        struct gh_sim_call *call = &day->out->at[i].as.call;
        if (!game_own_call(&day->out->at[i]))
            continue;
        const double honest = gh_sim_call_context(call);
        double factor = dose->factor * gh_random_lognormal(&day->random, -0.02, 0.2);
        factor = fmin(factor, 0.98 * LONG_WINDOW / fmax(honest, 1));
        if (factor <= 1)
            continue;
        if (cached) {
            call->cache_read += (uint32_t)((factor - 1) * honest);
        } else {
            call->input = (uint32_t)(call->input * factor);
            call->cache_read = (uint32_t)(call->cache_read * factor);
            call->cache_write = (uint32_t)(call->cache_write * factor);
        }
        const double context = gh_sim_call_context(call);
        call->gamed_context = (uint32_t)(context - honest);
        if (context > gh_sim_models[call->model].window)
            call->window = LONG_WINDOW;
    }
}

/* Machines work at night on things that look like the person's own; the cautious only
 * stretch the evening. */
static void game_off_hours(struct gh_sim_day *day, const struct game_dose *dose)
{
    const struct gh_sim_person *p = day->person;
    const double end = game_end_min(p);
    struct gh_sim_fill fill = {.tokens = dose->tokens, .gamed = true, .unattended = true};
    const bool careful = p->gaming.form == GH_SIM_CAUTIOUS;
    fill.from_min = careful ? end : end + 130;
    fill.until_min = careful ? end + 240 : p->start_min + 1440 - 130;
    gh_sim_day_fill(day, &fill);
}

static void game_in_hours(struct gh_sim_day *day, const struct game_dose *dose)
{
    const struct gh_sim_fill fill = {.tokens = dose->tokens,
                                     .from_min = day->person->start_min,
                                     .until_min = game_end_min(day->person),
                                     .gamed = true};
    gh_sim_day_fill(day, &fill);
}

/* Own work suffers: three outputs of ten never come. States of one artifact stand
 * together and go together. */
static void game_drop_outputs(struct gh_sim_day *day, double share)
{
    size_t kept = 0;
    uint32_t ref = 0;
    bool drop = false;
    for (size_t i = 0; i < day->out->count; i++) {
        const struct gh_sim_record *record = &day->out->at[i];
        const bool output = record->kind == GH_OUTPUT;
        if (output && record->as.output.ref != ref) {
            ref = record->as.output.ref;
            drop = gh_random_chance(&day->random, share);
        }
        if (!(output && drop))
            day->out->at[kept++] = *record;
    }
    day->out->count = kept;
}

static void game_outputless(struct gh_sim_day *day, const struct game_dose *dose)
{
    game_drop_outputs(day, 0.3);
    game_in_hours(day, dose);
}

/* One big question, asked again and again with small changes. */
static void game_repetition(struct gh_sim_day *day, const struct game_dose *dose)
{
    const struct gh_sim_gaming *g = &day->person->gaming;
    const double calls = fmin(fmax(dose->tokens / 80000, 5), 1500);
    const double span_s = day->person->length_min * 60.0;
    const bool uneven = g->form == GH_SIM_JITTER;
    const struct gh_sim_series s = {
        .from_ms = gh_sim_day_time(day, day->person->start_min + 5),
        .until_ms = gh_sim_day_time(day, game_end_min(day->person) + 120),
        .tokens = dose->tokens,
        .gap_s = 0.6 * span_s / calls,
        .gap_sigma = uneven ? 1.5 : 0.7,
        .context = fmax(dose->tokens / calls - 600, 300),
        .context_sigma = uneven ? 0.8 : 0.15,
        .output = 550,
        .output_sigma = uneven ? 1.0 : 0.35,
        .prompt = g->question,
        .near_dup = (double)g->low_novelty,
        .user_tokens = 25,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
        .tools = 0.3,
        .session_each = true,
        .gamed = true,
    };
    gh_sim_series_run(day, &s);
}

static void game_verbosity(struct gh_sim_day *day, const struct game_dose *dose)
{
    for (size_t i = 0; i < day->out->count; i++) {
        struct gh_sim_call *call = &day->out->at[i].as.call;
        if (!game_own_call(&day->out->at[i]))
            continue;
        const double honest = call->output;
        const double factor = dose->factor * gh_random_lognormal(&day->random, -0.02, 0.2);
        call->output = (uint32_t)fmin(fmax(honest * factor, honest), 64000);
        call->gamed_output = call->output - (uint32_t)honest;
        call->duration_ms += call->gamed_output * 14;
    }
}

/* Requests by day and by night. Who knows better lets the machine sleep for 5.5 hours. */
static void game_always_on(struct gh_sim_day *day, const struct game_dose *dose)
{
    const struct gh_sim_person *p = day->person;
    const double calls = fmin(fmax(dose->tokens / 50000, 72), 900);
    const bool uneven = p->gaming.form == GH_SIM_REST;
    const bool rests = uneven || p->gaming.form == GH_SIM_CAUTIOUS;
    const double from = rests ? p->start_min - 120 : 0;
    const double minutes = rests ? 1440 - 330 : 1440;
    const struct gh_sim_series s = {
        .from_ms = gh_sim_day_time(day, from),
        .until_ms = gh_sim_day_time(day, from + minutes),
        .gap_s = (uneven ? 0.5 : 0.85) * minutes * 60 / calls,
        .gap_sigma = uneven ? 1.3 : 0.6,
        .context = fmax(dose->tokens / calls - 200, 200),
        .context_sigma = 0.4,
        .output = 200,
        .output_sigma = 0.8,
        .near_dup = (double)p->near_dup,
        .errors = 0.01,
        .tools = 0.8,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
        .gamed = true,
    };
    gh_sim_series_run(day, &s);
}

/* Left running by neglect, not for an hour but again and again. */
static void game_runaway(struct gh_sim_day *day, const struct game_dose *dose)
{
    struct gh_random *r = &day->random;
    const int64_t start = gh_sim_day_start(day);
    const struct gh_sim_series s = {
        .from_ms = start,
        .until_ms = start + 14 * GH_MS_PER_HOUR,
        .tokens = dose->tokens,
        .gap_s = gh_random_between(r, 5, 20),
        .gap_sigma = 0.5,
        .context = fmin(fmax(dose->tokens / 400, 2000), 90000),
        .context_sigma = 0.01,
        .growth = 150,
        .output = 180,
        .output_sigma = 0.25,
        .near_dup = gh_random_between(r, 0.8, 0.97),
        .errors = 0.1,
        .tools = 0.9,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
        .gamed = true,
    };
    gh_sim_series_run(day, &s);
}

static bool game_last_day(int64_t date, uint8_t period)
{
    if (period == GH_WEEK)
        return gh_civil_weekday(date) == 6;
    return gh_civil_of((date + 1) * GH_MS_PER_DAY).day == 1;
}

/* On the last day of the period, up to a little above the target; or on the last three,
 * well above it. */
static void game_quota(struct gh_sim_day *day, const struct game_dose *dose)
{
    (void)dose;
    struct gh_sim_person *p = day->person;
    const struct gh_sim_gaming *g = &p->gaming;
    const bool over = g->form == GH_SIM_OVERSHOOT;
    int64_t left = 0;
    while (left < (over ? 3 : 1) && !game_last_day(day->date + left, g->period))
        left++;
    if (left == (over ? 3 : 1))
        return;
    const double goal = g->target * (over ? gh_random_between(&day->random, 1.15, 1.4)
                                          : gh_random_between(&day->random, 1.002, 1.03));
    const struct gh_sim_fill fill = {.tokens = (goal - p->period_tokens) / (double)(left + 1),
                                     .from_min = 600,
                                     .until_min = 1410,
                                     .gamed = true};
    gh_sim_day_fill(day, &fill);
}

/* The target is known before it is chased. */
static void game_quota_told(struct gh_sim_day *day)
{
    struct gh_sim_gaming *g = &day->person->gaming;
    struct gh_sim_record *record = gh_sim_records_add(day->out);
    g->target =
        g->strength * gh_sim_person_usual(day->person) * (g->period == GH_WEEK ? 5 : 21);
    record->kind = GH_QUOTA;
    record->actor = day->person->actor;
    record->ts_ms =
        day->midnight_ms > day->plan->start_ms ? day->midnight_ms : day->plan->start_ms;
    record->as.notice.period = g->period;
    record->as.notice.tokens = g->target;
}

/* A trivial change and its undoing. */
static void game_trifle(struct gh_sim_day *day, const struct gh_sim_call *call, int64_t ts_ms)
{
    struct gh_random *r = &day->random;
    const bool careful = day->person->gaming.form == GH_SIM_CAUTIOUS;
    const double days = careful ? gh_random_between(r, 4, 9) : gh_random_between(r, 0.3, 3);
    const bool undone = gh_random_chance(r, careful ? 0.6 : 0.92);
    struct gh_sim_output o = {.ref = ++day->person->refs,
                              .artifact = gh_random_chance(r, 0.8) ? GH_COMMIT : GH_DOCUMENT,
                              .session = call->session,
                              .trace = call->trace,
                              .lines_added = 1 + gh_random_below(r, 3),
                              .lines_removed = gh_random_below(r, 3)};
    for (uint32_t i = 0; i < (undone ? 2u : 1u); i++) {
        struct gh_sim_record *record = gh_sim_records_add(day->out);
        record->kind = GH_OUTPUT;
        record->actor = day->person->actor;
        record->ts_ms = ts_ms + (i == 0 ? 0 : (int64_t)(days * (double)GH_MS_PER_DAY));
        o.state = i == 0 ? GH_ACCEPTED : GH_REVERTED;
        record->as.output = o;
    }
}

static double game_usual_outputs(const struct gh_sim_person *p)
{
    return fmax((2 + p->outputs_sum) / (2 + p->usual_days), 0.7);
}

/* Accepted, and never undone: as many as the spend would have to show. */
static void game_fake_outputs(struct gh_sim_day *day, const struct game_dose *dose)
{
    struct gh_random *r = &day->random;
    const double more = (dose->factor - 1) * game_usual_outputs(day->person);
    for (uint32_t n = gh_random_poisson(r, more); n > 0; n--) {
        const int64_t ts_ms = gh_sim_day_start(day);
        struct gh_sim_record *record = gh_sim_records_add(day->out);
        record->kind = GH_OUTPUT;
        record->actor = day->person->actor;
        record->ts_ms = ts_ms;
        record->as.output = (struct gh_sim_output){
            .ref = ++day->person->refs,
            .artifact = gh_random_chance(r, 0.8) ? GH_COMMIT : GH_DOCUMENT,
            .state = GH_ACCEPTED,
            .lines_added = (uint32_t)gh_random_lognormal(r, 3.4, 1.4),
            .lines_removed = (uint32_t)gh_random_lognormal(r, 2.2, 1.5)};
    }
}

/* (X - 1) times the usual number of outputs, each made by one small request. */
static void game_churn(struct gh_sim_day *day, const struct game_dose *dose)
{
    const uint32_t count =
        gh_random_poisson(&day->random, (dose->factor - 1) * game_usual_outputs(day->person));
    const struct gh_sim_series s = {
        .from_ms = gh_sim_day_start(day),
        .until_ms = INT64_MAX,
        .tokens = 3000.0 * count,
        .gap_s = 240,
        .gap_sigma = 1,
        .context = 2850,
        .context_sigma = 0.4,
        .output = 80,
        .output_sigma = 0.5,
        .near_dup = 0.2,
        .tools = 0.8,
        .user_tokens = 12,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
        .gamed = true,
    };
    if (count == 0)
        return;
    const size_t first = day->out->count;
    gh_sim_series_run(day, &s);
    for (size_t i = first, calls = day->out->count; i < calls; i++) {
        const struct gh_sim_record made = day->out->at[i];
        game_trifle(day, &made.as.call, made.ts_ms + 60000);
    }
}

static const struct {
    double workday, weekend; /* share of days on which it is done */
    void (*run)(struct gh_sim_day *day, const struct game_dose *dose);
} game_table[GH_BEHAVIOUR_COUNT] = {
    [GH_AGENT_LOOP] = {0.90, 0.25, game_agent_loop},
    [GH_CONTEXT_BLOAT] = {1.00, 1.00, game_context_bloat},
    [GH_OFF_HOURS_BURST] = {0.75, 0.75, game_off_hours},
    [GH_OUTPUTLESS_SPEND] = {0.90, 0.10, game_outputless},
    [GH_REPETITION] = {0.90, 0.15, game_repetition},
    [GH_VERBOSITY] = {1.00, 1.00, game_verbosity},
    [GH_ALWAYS_ON] = {1.00, 1.00, game_always_on},
    [GH_QUOTA_CHASING] = {1.00, 1.00, game_quota},
    [GH_OUTPUT_CHURN] = {0.90, 0.10, game_churn},
    [GH_SPEND_SHIFT] = {0.95, 0.20, game_in_hours},
    [GH_RUNAWAY] = {0.35, 0.10, game_runaway},
};

static double game_factor(const struct gh_sim_day *day)
{
    const struct gh_sim_gaming *g = &day->person->gaming;
    const double days = day->index - g->from + 1;
    return 1 + (g->strength - 1) * fmin(1, days / (double)g->ramp_days);
}

static void game_period(struct gh_sim_day *day, double tokens)
{
    struct gh_sim_person *p = day->person;
    if (game_last_day(day->date - 1, p->gaming.period))
        p->period_tokens = 0;
    p->period_tokens += tokens;
    if (p->gaming.behaviour == GH_QUOTA_CHASING && day->index == p->gaming.from)
        game_quota_told(day);
}

void gh_sim_day_game(struct gh_sim_day *day, double tokens)
{
    struct gh_sim_person *p = day->person;
    const struct gh_sim_gaming *g = &p->gaming;
    if (!g->on)
        return;
    game_period(day, tokens);
    /* What never sleeps takes no leave. */
    const bool machine = g->behaviour == GH_ALWAYS_ON || g->form == GH_SIM_OWNERS;
    const bool away = gh_sim_person_away(p, day->index) && !machine;
    if (day->index < g->from || day->index < p->joined || away)
        return;
    const bool workday = (p->workdays >> day->weekday) & 1;
    const double duty =
        workday ? game_table[g->behaviour].workday : game_table[g->behaviour].weekend;
    const bool today = gh_random_chance(&day->random, g->form == GH_SIM_OWNERS ? 1 : duty);
    const double factor = game_factor(day);
    const double spread = gh_random_lognormal(&day->random, -0.03, 0.25);
    const struct game_dose dose = {
        .factor = factor,
        .tokens = (factor - 1) * gh_sim_person_usual(p) * spread,
    };
    if (!today)
        return;
    game_table[g->behaviour].run(day, &dose);
    if (g->form == GH_SIM_FAKE_OUTPUTS)
        game_fake_outputs(day, &dose);
}
