/* reserve.c - the mixture over the day on which gaming began. */
#include "stat/reserve.h"

#include "stat/bet.h"

#include <assert.h>
#include <math.h>

/* Logs are kept in steps of 2^-20, cut downwards: the last bits of the C library's log do
 * not reach a decision, and what is cut off only makes the evidence smaller. */
static float log_floor(double log_value)
{
    const double cut = floor(log_value * 0x1p20) * 0x1p-20;
    const float kept = (float)cut;

    return (double)kept > cut ? nextafterf(kept, -INFINITY) : kept;
}

/* log(pi_j w days): what the reserve pays to one alternative in so many days. */
static double log_paid(const struct gh_reserve_plan *p, uint32_t days)
{
    return p->logs ? p->logs->paid[days]
                   : log((double)days / ((double)p->days * p->alternatives));
}

static double log_left(const struct gh_reserve_plan *p, uint32_t days_gone)
{
    return p->logs ? p->logs->left[days_gone] : log((double)(p->days - days_gone) / p->days);
}

void gh_reserve_logs_make(struct gh_reserve_logs *logs, uint32_t days, uint32_t alternatives)
{
    const struct gh_reserve_plan plan = {.days = days, .alternatives = alternatives};

    assert(days >= 1 && days <= GH_RESERVE_DAYS_MAX);
    for (uint32_t i = 0; i <= days; i++) {
        logs->paid[i] = log_paid(&plan, i);
        logs->left[i] = log_left(&plan, i);
    }
}

static void plan_check(const struct gh_reserve_plan *p)
{
    assert(p->days >= 1 && p->alternatives >= 1 && p->alternatives <= GH_ALTERNATIVES_MAX);
    assert(p->eta > 0 && p->eta <= 1);
}

void gh_reserve_start(struct gh_reserve *r)
{
    *r = (struct gh_reserve){.days_gone = 0};
    for (uint32_t j = 0; j < GH_ALTERNATIVES_MAX; j++)
        r->log_s[j] = -INFINITY;
}

void gh_reserve_idle(struct gh_reserve *r, const struct gh_reserve_plan *p, uint32_t days_gone)
{
    const uint32_t until = days_gone < p->days ? days_gone : p->days;
    double paid;

    plan_check(p);
    if (until <= r->days_gone)
        return;
    paid = log_paid(p, until - r->days_gone);
    for (uint32_t j = 0; j < p->alternatives; j++)
        r->log_s[j] = log_floor(gh_log_add((double)r->log_s[j], paid));
    r->days_gone = (uint16_t)until;
    r->known = 0;
}

void gh_reserve_bet(struct gh_reserve *r, const struct gh_reserve_plan *p, const double *log_l)
{
    plan_check(p);
    if (r->days_gone >= p->days)
        return;
    for (uint32_t j = 0; j < p->alternatives; j++) {
        const double before = gh_log_add((double)r->log_s[j], log_paid(p, 1));

        assert(isfinite(log_l[j]));
        r->log_s[j] = log_floor(p->eta * log_l[j] + before);
    }
    r->days_gone++;
    r->known = 0;
}

double gh_reserve_log_e(struct gh_reserve *r, const struct gh_reserve_plan *p)
{
    plan_check(p);
    if (!r->known) {
        double log_e = log_left(p, r->days_gone);
        for (uint32_t j = 0; j < p->alternatives; j++)
            log_e = gh_log_add(log_e, (double)r->log_s[j]);
        r->log_e = log_floor(log_e);
        r->known = 1;
    }
    return (double)r->log_e;
}
