/* company_kit.h - a simulated company for tests of the engine. */
#ifndef TESTS_COMPANY_KIT_H
#define TESTS_COMPANY_KIT_H

#include "app/simulate/simulate.h"

#include <stdlib.h>

static inline struct gh_sim_plan company_plan(uint32_t actors, uint32_t weeks, double gamers,
                                              uint64_t seed)
{
    struct gh_sim_plan plan = gh_sim_plan_default();

    plan.actors = actors;
    plan.weeks = weeks;
    plan.gamers = gamers;
    plan.seed = seed;
    return plan;
}

/* Ends the program on failure. */
static inline struct gh_sim *company_open(const struct gh_sim_plan *plan)
{
    struct gh_error error = {0};
    struct gh_sim *sim;

    if (gh_sim_new(&sim, plan, &error) != GH_OK)
        exit(2);
    return sim;
}

#endif
