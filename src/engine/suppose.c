/* suppose.c - see suppose.h. */
#include "engine/suppose.h"

#include "engine/state.h"

#include <math.h>

/* Not value - base rescaled: at factor 1 nothing may be rounded. */
static struct gh_judged judged_with(const struct gh_seen_bet *bet, double factor)
{
    const double usual = fmin(bet->base, bet->allowed);
    const double value = bet->value - (1.0 - factor) * fmax(0.0, bet->value - usual);

    return (struct gh_judged){
        .seen = {.value = value, .stake = bet->stake},
        .base = bet->base,
        .allowed = bet->allowed,
        .residual = value - bet->base,
        .spread = bet->spread,
    };
}

void gh_suppose(struct gh_engine *e, const struct gh_supposition *s,
                const struct gh_seen_day *day, size_t count, struct gh_supposed *supposed)
{
    const struct gh_reserve_plan plan = gh_reserve_plan_of(e, s->detector);
    struct gh_reserve reserve;

    gh_reserve_start(&reserve);
    for (size_t i = 0; i < count; i++) {
        const struct gh_seen_bet *bet = &day[i].by[s->detector];
        const struct gh_judged judged = judged_with(bet, s->factor);
        const struct gh_wager wager = {s->detector, day[i].cohort, day[i].calls, &judged};
        double log_l[GH_BETS], p;

        supposed[i].log_l = 0.0;
        if (bet->bet && !(s->set == 1 && bet->gated) &&
            gh_wager_bets(e, &wager, bet->shock + bet->team_shock, &p, log_l)) {
            gh_reserve_idle(&reserve, &plan, day[i].day_gone);
            gh_reserve_bet(&reserve, &plan, log_l);
            supposed[i].log_l = (log_l[0] + log_l[1] + log_l[2]) / 3.0;
        }
        gh_reserve_idle(&reserve, &plan, day[i].day_gone + 1);
        supposed[i].log_e = gh_reserve_log_e(&reserve, &plan);
    }
}
