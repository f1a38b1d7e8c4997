/* burst.c - which honest oddities lie ahead of a person: planned once, acted out day by
 * day in incident.c. Rates are per eight weeks. */
#include "app/simulate/person.h"

#include "app/simulate/record.h"

#include <math.h>

/* Rates about those of 2,000 people in eight weeks; days is shortest and longest. */
static const struct burst_row {
    uint8_t kind;
    double rate;
    int32_t days_min, days_max;
    double factor_min, factor_max;
} burst_personal[] = {
    {GH_SIM_ON_CALL, 0.056, 7, 7, 0, 0},
    {GH_SIM_ON_CALL_UNDECLARED, 0.014, 7, 7, 0, 0},
    {GH_SIM_EXPERIMENT_DECLARED, 0.0225, 5, 20, 2.5, 7},
    {GH_SIM_EXPERIMENT_UNDECLARED, 0.020, 5, 20, 2.5, 7},
    {GH_SIM_SELF_PLAY, 0.007, 8, 25, 1.4, 2.5},
    {GH_SIM_RUNAWAY, 0.006, 1, 1, 0, 0},
    {GH_SIM_RETRY_STORM, 0.020, 1, 1, 0, 0},
    {GH_SIM_TRAVEL, 0.011, 4, 12, 3, 10},
    {GH_SIM_AUTOMATION_NEW, 0.010, 1000, 1000, 12, 96},
    {GH_SIM_ROLE_CHANGE, 0.010, 1000, 1000, 0, 1},
    {GH_SIM_NIGHT_SHIFT, 0.008, 10, 30, 8, 11},
    {GH_SIM_REFACTOR, 0.012, 10, 20, 1.4, 2.4},
    {GH_SIM_POWER_USER, 0.006, 1000, 1000, 4, 6},
};
static const struct burst_row burst_shared[] = {
    {GH_SIM_DEADLINE, 0.0625, 5, 10, 1.4, 2.4},
    {GH_SIM_DEADLINE_DECLARED, 0.0625, 5, 10, 1.4, 2.4},
    {GH_SIM_MIGRATION, 0.045, 6, 15, 2.5, 5},
};

static void burst_add(struct gh_sim_person *p, const struct gh_sim_burst *burst)
{
    if (p->burst_count < GH_SIM_BURSTS_MAX)
        p->burst[p->burst_count++] = *burst;
}

static void burst_draw(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                       const struct burst_row *row, struct gh_random *r)
{
    const uint32_t days = 7 * plan->weeks;
    for (uint32_t n = gh_random_poisson(r, row->rate * plan->weeks / 8); n > 0; n--) {
        const uint32_t spread = (uint32_t)(row->days_max - row->days_min) + 1;
        struct gh_sim_burst burst = {.kind = row->kind,
                                     .from = (int32_t)gh_random_below(r, days)};
        burst.until = burst.from + row->days_min + (int32_t)gh_random_below(r, spread);
        burst.factor = (float)gh_random_between(r, row->factor_min, row->factor_max);
        if (row->kind == GH_SIM_TRAVEL && gh_random_chance(r, 0.5))
            burst.factor = -burst.factor;
        burst_add(p, &burst);
    }
}

/* One release of one client breaks the prompt cache of one model for some days. */
static void burst_cache(struct gh_sim_person *p, const struct gh_sim_plan *plan)
{
    struct gh_random company = gh_random_of(plan->seed, GH_SIM_STREAM_COMPANY, 0, 0);
    for (uint32_t n = gh_random_poisson(&company, plan->weeks / 8.0); n > 0; n--) {
        static const uint8_t models[] = {GH_SIM_SONNET, GH_SIM_OPUS, GH_SIM_GPT};
        const uint8_t model = models[gh_random_below(&company, sizeof(models))];
        struct gh_sim_burst burst = {.kind = GH_SIM_CACHE_BREAKAGE};
        burst.from = (int32_t)gh_random_below(&company, 7 * plan->weeks);
        burst.until = burst.from + 1 + (int32_t)gh_random_below(&company, 3);
        if (p->model[GH_SIM_AGENT] == model && p->team % 3 == 0)
            burst_add(p, &burst);
    }
}

/* A new model comes, to the teams within a week: another price, longer answers. */
static void burst_roll_out(struct gh_sim_person *p, const struct gh_sim_plan *plan)
{
    struct gh_random company = gh_random_of(plan->seed, GH_SIM_STREAM_COMPANY, 0, 2);
    static const uint8_t models[] = {GH_SIM_SONNET, GH_SIM_OPUS, GH_SIM_GPT};
    const bool comes = gh_random_chance(&company, fmin(0.35 * plan->weeks / 8, 1));
    const uint8_t model = models[gh_random_below(&company, sizeof(models))];
    const uint32_t day = gh_random_below(&company, 7 * plan->weeks);
    const double factor = gh_random_between(&company, 1.15, 1.6);
    if (comes && p->model[GH_SIM_AGENT] == model)
        burst_add(p, &(struct gh_sim_burst){.kind = GH_SIM_ROLL_OUT,
                                            .from = (int32_t)(day + p->team % 7),
                                            .until = INT32_MAX,
                                            .factor = (float)factor});
}

/* Three in ten come back from leave to a pile of work. */
static void burst_catch_up(struct gh_sim_person *p, struct gh_random *r)
{
    const bool piled = gh_random_chance(r, 0.3);
    const int32_t days = 3 + (int32_t)gh_random_below(r, 5);
    const double factor = gh_random_between(r, 1.6, 2.8);
    if (piled && p->leave_until - p->leave_from >= 4)
        burst_add(p, &(struct gh_sim_burst){.kind = GH_SIM_CATCH_UP,
                                            .from = p->leave_until,
                                            .until = p->leave_until + days,
                                            .factor = (float)factor});
}

static void burst_standing(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                           struct gh_random *r)
{
    const bool job = gh_random_chance(r, 0.015);
    const double calls = gh_random_between(r, 12, 96);
    if (job)
        burst_add(p, &(struct gh_sim_burst){.kind = GH_SIM_AUTOMATION_OLD,
                                            .from = -1,
                                            .until = INT32_MAX,
                                            .factor = (float)calls});
    const bool hired = gh_random_chance(r, fmin(0.0375 * plan->weeks / 8, 0.5));
    const int32_t joined = (int32_t)(7 * plan->weeks * gh_random_between(r, 0.05, 0.8));
    if (hired) {
        p->joined = joined;
        burst_add(p, &(struct gh_sim_burst){
                         .kind = GH_SIM_NEW_HIRE, .from = joined, .until = joined + 28});
    }
}

void gh_sim_person_bursts(struct gh_sim_person *person, const struct gh_sim_plan *plan)
{
    if (person->is_service) {
        burst_add(person, &(struct gh_sim_burst){.kind = GH_SIM_AUTOMATION_OLD,
                                                 .from = -1,
                                                 .until = INT32_MAX,
                                                 .factor = 100 + 100 * person->rate});
        return;
    }
    if (!plan->bursts)
        return;
    struct gh_random own = gh_random_of(plan->seed, GH_SIM_STREAM_BURSTS, person->actor, 0);
    struct gh_random team =
        gh_random_of(plan->seed, GH_SIM_STREAM_TEAM_BURSTS, person->team, 0);
    burst_standing(person, plan, &own);
    for (size_t i = 0; i < sizeof(burst_shared) / sizeof(burst_shared[0]); i++)
        burst_draw(person, plan, &burst_shared[i], &team);
    for (size_t i = 0; i < sizeof(burst_personal) / sizeof(burst_personal[0]); i++)
        burst_draw(person, plan, &burst_personal[i], &own);
    burst_cache(person, plan);
    burst_roll_out(person, plan);
    burst_catch_up(person, &own);
}

const struct gh_sim_burst *gh_sim_person_burst(const struct gh_sim_person *person,
                                               enum gh_sim_burst_kind kind, int32_t day)
{
    for (uint32_t i = 0; i < person->burst_count; i++) {
        const struct gh_sim_burst *burst = &person->burst[i];
        if (burst->kind == kind && day >= burst->from && day < burst->until)
            return burst;
    }
    return NULL;
}
