/* run.c - many moderately odd days in a row. */
#include "detect/run.h"

#include "stat/bet.h"

#include <assert.h>
#include <math.h>

static const double bet_level[GH_RUN_BETS] = {0.15, 0.35, 0.60};
static const double memory = 0.97, prior_days = 7.0, clip = 0.5;
static const double own_factor = 1.3, allowed_max = 0.6, doubt = 2.0;

double gh_run_step(struct gh_run *run, double x, double prior, double add)
{
    const double own = (prior_days * prior + run->sum) / (prior_days + run->days);
    const double m = fmin(allowed_max, own_factor * own + add);
    double sum = -INFINITY;

    assert(x >= 0.0 && x <= 1.0);
    for (int j = 0; j < GH_RUN_BETS; j++) {
        const double before = run->started ? run->log_r[j] : -INFINITY;
        run->log_r[j] = gh_bet_share(x, m, bet_level[j]) + gh_log_add(0.0, before);
        sum = gh_log_add(sum, run->log_r[j] - log((double)GH_RUN_BETS));
    }
    run->started = 1;
    if (sum < doubt) {
        run->sum = memory * run->sum + fmin(x, clip);
        run->days = memory * run->days + 1.0;
    }
    return fmax(0.0, sum);
}
