/* gate.c - the output gate: does accepted output keep pace with spend? It only ever takes
 * bets away (a case needs the gate open), so it protects and never accuses. */
#include "engine/state.h"
#include "stat/law.h"

#include <math.h>

static const double past_memory = 0.99; /* per day, of what has left the window */

static struct gh_decay decay_of(const struct gh_engine *e, int32_t days)
{
    return (struct gh_decay){exp(-days / e->cases.gate_window), pow(past_memory, days)};
}

/* The mean output at which so many units are just at the gate's level; NAN: not found. */
static double level_mean(const struct gh_engine *e, uint32_t units)
{
    double low = 1e-9, high = 1e9;

    for (int i = 0; i < 40; i++) { /* halves of the logarithm: to 1 in 10^10 */
        const double middle = sqrt(low * high);
        if (gh_nb_below(units, middle, e->cases.gate_size) < e->cases.gate_level)
            high = middle;
        else
            low = middle;
    }
    return low > 1e-9 && high < 1e9 ? sqrt(low * high) : NAN;
}

void gh_gate_init(struct gh_engine *e)
{
    for (int32_t i = 0; i < GH_DECAYS; i++)
        e->decay[i] = decay_of(e, i);
    for (uint32_t i = 0; i < GH_GATE_UNITS; i++)
        e->gate_mean[i] = level_mean(e, i);
}

/* Lets the window decay to the start of `date`; what leaves it becomes the past. */
void gh_gate_advance(struct gh_engine *e, struct gh_actor *a, int32_t date)
{
    const int32_t days = a->gate_date == 0 ? 0 : date - a->gate_date;

    if (days > 0) {
        const struct gh_decay decay = days < GH_DECAYS ? e->decay[days] : decay_of(e, days);
        const double keep = decay.keep, memory = decay.memory;
        a->past_units = memory * a->past_units + (1.0 - keep) * a->gate_units;
        a->past_usd = memory * a->past_usd + (1.0 - keep) * a->gate_usd;
        a->past_days = memory * a->past_days + (1.0 - keep) * a->gate_days;
        a->gate_units *= keep;
        a->gate_usd *= keep;
        a->gate_days *= keep;
    }
    a->gate_date = date;
}

void gh_gate_add(struct gh_actor *a, const struct gh_day *day)
{
    a->gate_units += day->units;
    a->gate_usd += day->cost_usd;
    a->gate_days += day->calls > 0 ? 1.0 : 0.0;
}

bool gh_outputs_known(const struct gh_engine *e, const struct gh_actor *a)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];

    return peers->units_per_day >= 0.15 && a->past_units + a->gate_units > 0.0;
}

/* Whether so much output is rare where `mean` is expected. The distribution function costs as
 * much as all else that is done for a person's day, so what is clear is answered from a
 * table; the exact function decides what is within a ten-thousandth. */
static bool output_rare(const struct gh_engine *e, double had, double mean)
{
    static const double margin = 1e-4;
    const double at = had < GH_GATE_UNITS ? e->gate_mean[(uint32_t)had] : NAN;

    if (mean > at * (1.0 + margin))
        return true;
    if (mean < at * (1.0 - margin))
        return false;
    return gh_nb_below(had, mean, e->cases.gate_size) < e->cases.gate_level;
}

/* With countable output: output at or below a low quantile of what the spend should have
 * brought. Without: the same with active days for output, which asks whether spend per
 * active day is clearly above the own past. */
bool gh_gate_open(struct gh_engine *e, const struct gh_actor *a)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    const bool known = gh_outputs_known(e, a);
    const double had = fmax(0.0, known ? a->gate_units : a->gate_days);
    const double past = fmax(0.0, known ? a->past_units : a->past_days);
    const double per_usd = known ? peers->units_per_usd : 1.0 / peers->usd_per_day;

    if (!(a->gate_usd > 0.0) || !(per_usd > 0.0) || !isfinite(per_usd))
        return false;
    const double rate = (past + 4.0) / (a->past_usd + 4.0 / per_usd);
    const double mu = rate * a->gate_usd / e->cases.gate_ratio;
    return mu > 0.0 && isfinite(mu) && output_rare(e, had, mu);
}
