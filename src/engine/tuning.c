/* tuning.c - see tuning.h. */
#include "engine/tuning.h"

#include "stat/bet.h"

#include <math.h>
#include <string.h>

static const double step_factor = 1.5, wealth_wanted = 20.0;
static const double bet_level[GH_TUNING_BETS] = {0.15, 0.35, 0.60};
enum { FEWEST_PEOPLE = 2, EPOCHS_MAX = 13, STEPS_MIN = -4, STEPS_MAX = 2 };

double gh_tuning_factor(const struct gh_tuning *t, int32_t more)
{
    return pow(step_factor, t->steps + more);
}

static void bets_take(struct gh_tuning *t, enum gh_told told, double worth)
{
    const uint32_t *people = t->people[told];
    const bool below = told == GH_TOLD_BELOW;
    const double all =
        (double)people[GH_FOUND_REAL] + people[GH_FOUND_NOTHING] + people[GH_UNANSWERED];
    const double hits = below ? people[GH_FOUND_REAL] : people[GH_FOUND_NOTHING];
    const double mean = below ? worth : 1.0 - worth;

    if (people[GH_FOUND_REAL] + people[GH_FOUND_NOTHING] < FEWEST_PEOPLE)
        return;
    for (int k = 0; k < GH_TUNING_BETS; k++)
        t->log_wealth[told][k] += hits * gh_bet_share(1.0, mean, bet_level[k]) +
                                  (all - hits) * gh_bet_share(0.0, mean, bet_level[k]);
}

static bool proven(const struct gh_tuning *t, enum gh_told told)
{
    const double *log_wealth = t->log_wealth[told];
    double sum = -INFINITY;

    for (int k = 0; k < GH_TUNING_BETS; k++)
        sum = gh_log_add(sum, log_wealth[k]);
    return sum >= log(GH_TUNING_BETS * wealth_wanted);
}

bool gh_tuning_epoch(struct gh_tuning *t, double worth)
{
    int32_t step = 0;

    bets_take(t, GH_TOLD_ABOVE, worth);
    bets_take(t, GH_TOLD_BELOW, worth);
    memset(t->people, 0, sizeof t->people);
    t->epochs++;
    if (proven(t, GH_TOLD_ABOVE))
        step = t->steps > STEPS_MIN ? -1 : 0;
    else if (proven(t, GH_TOLD_BELOW))
        step = t->steps < STEPS_MAX ? 1 : 0;
    if (step == 0 && t->epochs < EPOCHS_MAX)
        return false;
    t->steps += step;
    t->epochs = 0;
    memset(t->log_wealth, 0, sizeof t->log_wealth);
    return step != 0;
}
