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
    size_t first;  /* of today's honest records */
};

static const double game_strengths[] = {1.5, 3, 10};

static void game_onset(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                       struct gh_random *r)
{
    const double days = 7.0 * plan->weeks;
    const bool ever = gh_random_chance(r, 0.1);
    const int32_t from = (int32_t)(days * gh_random_between(r, 0.52, 0.75));
    p->gaming.from = ever ? -1 : from;
    if (p->gaming.from < p->joined)
        p->gaming.from = p->joined;
}

void gh_sim_gaming_init(struct gh_sim_person *person, const struct gh_sim_plan *plan)
{
    struct gh_random r = gh_random_of(plan->seed, GH_SIM_STREAM_GAMER, person->actor, 0);
    struct gh_sim_gaming *g = &person->gaming;
    g->on = gh_random_chance(&r, plan->gamers) && !person->is_service;
    const uint32_t behaviour = gh_random_below(&r, GH_BEHAVIOUR_COUNT);
    const uint32_t strength = gh_random_below(&r, 3);
    g->behaviour =
        plan->behaviour < 0 ? (enum gh_behaviour)behaviour : (enum gh_behaviour)plan->behaviour;
    g->strength = plan->strength > 0 ? plan->strength : game_strengths[strength];
    g->adaptive = plan->adaptive;
    g->ring = gh_random_chance(&r, 0.25);
    g->low_novelty = plan->adaptive ? 0.3F : (float)gh_random_between(&r, 0.8, 0.98);
    g->period = gh_random_chance(&r, 0.5) ? GH_WEEK : GH_MONTH;
    g->question = gh_random_bits(&r);
    game_onset(person, plan, &r);
}

static double game_end_min(const struct gh_sim_person *p)
{
    return p->start_min + p->length_min;
}

/* One to three talks, in or out of hours; who knows better keeps to the hours of work. */
static void game_agent_loop(struct gh_sim_day *day, const struct game_dose *dose)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_gaming *g = &day->person->gaming;
    const uint32_t talks = 1 + gh_random_below(r, 3);
    for (uint32_t i = 0; i < talks; i++) {
        const bool office = g->adaptive || gh_random_chance(r, 0.6);
        const double from = office ? day->person->start_min : 0;
        const double until = office ? game_end_min(day->person) - 60 : 1380;
        struct gh_sim_exchange e = {
            .start_ms = gh_sim_day_time(day, gh_random_between(r, from, until)),
            .tokens = dose->tokens / talks,
            .members = g->ring ? 3 + (uint32_t)(g->question % 2) : 2,
            .first_agent = GH_SIM_AGENT_EXPLORE,
            .low_novelty = (double)g->low_novelty,
            .tools = g->adaptive ? 0.7 : 0,
            .output_sigma = g->adaptive ? 0.3 : 0.06,
            .gamed = true,
        };
        e.until_ms = g->adaptive ? gh_sim_day_time(day, game_end_min(day->person) + 60)
                                 : e.start_ms + 10 * GH_MS_PER_HOUR;
        gh_sim_exchange_run(day, &e);
    }
}

/* The same turns, each with X times the context; past the window the long variant. */
static void game_context_bloat(struct gh_sim_day *day, const struct game_dose *dose)
{
    enum { LONG_WINDOW = 1000000 };
    for (size_t i = dose->first; i < day->out->count; i++) {
        struct gh_sim_call *call = &day->out->at[i].as.call;
        if (day->out->at[i].kind != GH_USAGE)
            continue;
        const double honest = gh_sim_call_context(call);
        double factor = dose->factor * gh_random_lognormal(&day->random, -0.02, 0.2);
        factor = fmin(factor, 0.98 * LONG_WINDOW / fmax(honest, 1));
        if (factor <= 1)
            continue;
        call->input = (uint32_t)(call->input * factor);
        call->cache_read = (uint32_t)(call->cache_read * factor);
        call->cache_write = (uint32_t)(call->cache_write * factor);
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
    fill.from_min = p->gaming.adaptive ? end : end + 130;
    fill.until_min = p->gaming.adaptive ? end + 240 : p->start_min + 1440 - 130;
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
static void game_drop_outputs(struct gh_sim_day *day, size_t first, double share)
{
    size_t kept = first;
    uint32_t ref = 0;
    bool drop = false;
    for (size_t i = first; i < day->out->count; i++) {
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
    game_drop_outputs(day, dose->first, 0.3);
    game_in_hours(day, dose);
}

static const struct {
    double workday, weekend; /* share of days on which it is done */
    void (*run)(struct gh_sim_day *day, const struct game_dose *dose);
} game_table[GH_BEHAVIOUR_COUNT] = {
    [GH_AGENT_LOOP] = {0.90, 0.25, game_agent_loop},
    [GH_CONTEXT_BLOAT] = {1.00, 1.00, game_context_bloat},
    [GH_OFF_HOURS_BURST] = {0.75, 0.75, game_off_hours},
    [GH_OUTPUTLESS_SPEND] = {0.90, 0.10, game_outputless},
};

/* The cautious take three weeks to get there. */
static double game_factor(const struct gh_sim_day *day)
{
    const struct gh_sim_gaming *g = &day->person->gaming;
    const double days = day->index - g->from + 1;
    const double ramp = g->adaptive ? fmin(1, days / 21) : 1;
    return 1 + (g->strength - 1) * ramp;
}

void gh_sim_day_game(struct gh_sim_day *day, size_t first)
{
    struct gh_sim_person *p = day->person;
    const struct gh_sim_gaming *g = &p->gaming;
    if (!g->on || day->index < g->from || gh_sim_person_away(p, day->index))
        return;
    const bool workday = (p->workdays >> day->weekday) & 1;
    const double duty =
        workday ? game_table[g->behaviour].workday : game_table[g->behaviour].weekend;
    const bool today = gh_random_chance(&day->random, duty);
    const double factor = game_factor(day);
    const double spread = gh_random_lognormal(&day->random, -0.03, 0.25);
    const struct game_dose dose = {
        .factor = factor,
        .tokens = (factor - 1) * gh_sim_person_usual(p) * spread,
        .first = first,
    };
    if (today)
        game_table[g->behaviour].run(day, &dose);
}
