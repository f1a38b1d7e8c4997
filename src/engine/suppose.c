/* suppose.c - see suppose.h. */
#include "engine/suppose.h"

#include "engine/state.h"

#include <math.h>
#include <string.h>

struct supposing {
    struct gh_engine *engine;
    const struct gh_supposition *wish;
    struct gh_evidence *own;
    struct gh_judged judged;
    struct gh_judged_classes by_class;
    struct gh_share_prior share;
};

/* Not a difference rescaled: at factor 1 nothing may be rounded. */
static double lessened(double value, double usual, double factor)
{
    return value - (1.0 - factor) * fmax(0.0, value - usual);
}

/* What the detector would have seen. */
static void day_observe(struct supposing *s, const struct gh_seen_bet *bet)
{
    const double shock = bet->shock + bet->team_shock;
    const double usual = fmin(bet->base, bet->allowed);

    s->by_class = (struct gh_judged_classes){.seen = {.part = {0}}};
    s->judged = (struct gh_judged){
        .seen = {.state = GH_OBSERVED,
                 .value = lessened(bet->value, usual, s->wish->factor),
                 .stake = bet->stake},
        .known = true,
        .shock = bet->shock,
        .team_shock = bet->team_shock,
        .by_class = &s->by_class,
    };
    for (int i = 0; i < GH_PARTS; i++) {
        const double base = bet->part[i] - bet->part_residual[i] - shock;
        s->by_class.seen.part[i] = lessened(bet->part[i], base, s->wish->factor);
        s->by_class.seen.weight[i] = bet->weight[i];
        s->by_class.seen.noise[i] = bet->noise[i];
    }
    s->share = (struct gh_share_prior){bet->prior_mean, bet->prior_clip, bet->prior_cap};
}

/* Mean of the bets; 0: none. */
static double day_bet(struct supposing *s, const struct gh_seen_day *day)
{
    const uint32_t d = s->wish->detector;
    const struct gh_seen_bet *bet = &day->by[d];
    const struct gh_reserve_plan plan = gh_reserve_plan_of(s->engine, d);
    const struct gh_wager wager = {d, day->cohort, day->calls, &s->judged};
    double log_l[GH_BETS], p;

    if (!bet->bet || !s->judged.known ||
        !gh_wager_bets(s->engine, &wager, bet->shock + bet->team_shock, &p, log_l))
        return 0.0;
    for (uint32_t set = 0; set < GH_SETS; set++) {
        if (set == 1 && bet->gated)
            continue;
        gh_reserve_idle(&s->own->set[set], &plan, day->day_gone);
        gh_reserve_bet(&s->own->set[set], &plan, log_l);
    }
    return (log_l[0] + log_l[1] + log_l[2]) / 3.0;
}

static double day_suppose(struct supposing *s, const struct gh_seen_day *day)
{
    const uint32_t d = s->wish->detector;
    const struct gh_seen_bet *bet = &day->by[d];
    const struct gh_standing standing = {d, day->date, s->own, &s->share,
                                         s->engine->cohort[day->cohort].level[d]};

    day_observe(s, bet);
    gh_judge_own(s->engine, &standing, &s->judged);
    const double log_l = day_bet(s, day);
    if (!bet->flagged || s->wish->factor < 1.0)
        gh_learn_own(s->engine, &standing, &s->judged);
    return log_l;
}

void gh_suppose(struct gh_engine *e, const struct gh_supposition *wish,
                const struct gh_seen_day *day, size_t count, struct gh_supposed *supposed)
{
    const struct gh_reserve_plan plan = gh_reserve_plan_of(e, wish->detector);
    _Alignas(struct gh_evidence) unsigned char
        own[sizeof(struct gh_evidence) + GH_PARTS * sizeof(struct gh_past)] = {0};
    struct supposing s = {.engine = e, .wish = wish, .own = (struct gh_evidence *)(void *)own};

    for (uint32_t set = 0; set < GH_EVIDENCES; set++)
        gh_reserve_start(&s.own->set[set]);
    for (uint32_t i = 0; i < gh_parts(wish->detector); i++) {
        s.own->past[i] = wish->before ? wish->before[i] : (struct gh_past){.anchor = NAN};
        /* It was set when the epoch began, and does not move within. */
        s.own->past[i].anchor = count > 0 ? day[0].by[wish->detector].past[i].anchor : NAN;
    }
    for (size_t i = 0; i < count; i++) {
        struct gh_reserve *set = &s.own->set[wish->set];
        supposed[i] = (struct gh_supposed){.log_l = 0.0};
        if (day[i].by[wish->detector].observed) {
            supposed[i].log_l = day_suppose(&s, &day[i]);
            supposed[i].excess = gh_excess_share(wish->detector, &s.judged);
        }
        gh_reserve_idle(set, &plan, day[i].day_gone + 1);
        supposed[i].log_e = gh_reserve_log_e(set, &plan);
    }
}
