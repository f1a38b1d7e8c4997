/* gate.c - the output gate: does accepted output keep pace with spend? It only ever takes
 * bets away (a case needs the gate open), so it protects and never accuses. */
#include "engine/state.h"
#include "stat/law.h"

#include <math.h>

static const double past_memory = 0.99; /* per day, of what has left the window */

/* Lets the window decay to the start of `date`; what leaves it becomes the past. */
void gh_gate_advance(struct gh_engine *e, struct gh_actor *a, int32_t date)
{
    const int32_t days = a->gate_date == 0 ? 0 : date - a->gate_date;

    if (days > 0) {
        const double keep = exp(-days / e->cases.gate_window), memory = pow(past_memory, days);
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
    return mu > 0.0 && isfinite(mu) &&
           gh_nb_below(had, mu, e->cases.gate_size) < e->cases.gate_level;
}
