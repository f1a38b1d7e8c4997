/* gamer.c - who games, what, from when and how hidden; see game.h. What a plan leaves open is
 * drawn from streams of its own, so that asking for more changes nobody else. */
#include "app/simulate/game.h"

#include <math.h>

#define GAMER_BIT(behaviour) (1u << (behaviour))
static const uint32_t gamer_form_fits[GH_SIM_FORMS] = {
    [GH_SIM_NAIVE] = GAMER_BIT(GH_BEHAVIOUR_COUNT) - 1,
    [GH_SIM_CAUTIOUS] = GAMER_BIT(GH_BEHAVIOUR_COUNT) - 1,
    [GH_SIM_NOVELTY] = GAMER_BIT(GH_AGENT_LOOP),
    [GH_SIM_RING] = GAMER_BIT(GH_AGENT_LOOP),
    [GH_SIM_SPLIT] = GAMER_BIT(GH_AGENT_LOOP),
    [GH_SIM_OWNERS] = GAMER_BIT(GH_AGENT_LOOP),
    [GH_SIM_JITTER] = GAMER_BIT(GH_AGENT_LOOP) | GAMER_BIT(GH_REPETITION),
    [GH_SIM_PARAPHRASE] = GAMER_BIT(GH_REPETITION),
    [GH_SIM_RAMP] = GAMER_BIT(GH_AGENT_LOOP) | GAMER_BIT(GH_CONTEXT_BLOAT) |
                    GAMER_BIT(GH_REPETITION) | GAMER_BIT(GH_VERBOSITY),
    [GH_SIM_CACHED] = GAMER_BIT(GH_CONTEXT_BLOAT),
    [GH_SIM_REST] = GAMER_BIT(GH_ALWAYS_ON),
    [GH_SIM_OVERSHOOT] = GAMER_BIT(GH_QUOTA_CHASING),
    [GH_SIM_FAKE_OUTPUTS] =
        GAMER_BIT(GH_AGENT_LOOP) | GAMER_BIT(GH_OUTPUTLESS_SPEND) | GAMER_BIT(GH_REPETITION),
};

const char *gh_sim_form_name(uint32_t form)
{
#define GAMER_NAME(name, value) [value] = #name,
    static const char *const names[GH_SIM_FORMS] = {GH_SIM_FORM_LIST(GAMER_NAME)};
#undef GAMER_NAME
    return form < GH_SIM_FORMS ? names[form] : NULL;
}

bool gh_sim_form_fits(uint32_t form, enum gh_behaviour behaviour)
{
    return form < GH_SIM_FORMS && (gamer_form_fits[form] >> behaviour) & 1;
}

static uint32_t gamer_strengths(const struct gh_sim_plan *plan)
{
    uint32_t count = 1;
    while (count < GH_SIM_STRENGTHS_MAX && plan->strengths[count] > 0)
        count++;
    return count;
}

/* Who games a measure of usage is one of its heavier users: the upper four in ten, as long
 * as these are enough for the share that is asked for. `anyone` lifts that, to show what is
 * found among people who hardly use the tools. */
static const float gamer_rate_min = 0.73F;
static const double gamer_regular_share = 0.40;

static bool gamer_drawn(const struct gh_sim_person *p, const struct gh_sim_plan *plan,
                        struct gh_random *r)
{
    const bool enough = plan->gamers <= gamer_regular_share && !plan->anyone;
    const double share = enough ? plan->gamers / gamer_regular_share : plan->gamers;
    return gh_random_chance(r, share) && (!enough || p->rate >= gamer_rate_min);
}

static void gamer_onset(struct gh_sim_gaming *g, const struct gh_sim_plan *plan,
                        struct gh_random *r)
{
    const double days = 7.0 * plan->weeks;
    const bool ever = gh_random_chance(r, 0.1);
    const int32_t from = (int32_t)(days * gh_random_between(r, 0.52, 0.75));
    g->from = ever ? -1 : from;
}

/* A behaviour that can be hidden in the form that all are to have. */
static enum gh_behaviour gamer_behaviour(const struct gh_sim_plan *plan, struct gh_random *r)
{
    uint32_t drawn = gh_random_below(r, GH_BEHAVIOUR_COUNT);
    if (plan->behaviour >= 0)
        return (enum gh_behaviour)plan->behaviour;
    while (plan->form >= 0 && !gh_sim_form_fits((uint32_t)plan->form, (enum gh_behaviour)drawn))
        drawn = (drawn + 1) % GH_BEHAVIOUR_COUNT;
    return (enum gh_behaviour)drawn;
}

/* Every second one hides, in any of the forms that fit. */
static enum gh_sim_form gamer_form(const struct gh_sim_plan *plan, enum gh_behaviour behaviour,
                                   struct gh_random *r)
{
    if (plan->form >= 0)
        return (enum gh_sim_form)plan->form;
    uint32_t fitting[GH_SIM_FORMS], count = 0;
    for (uint32_t form = GH_SIM_NAIVE + 1; form < GH_SIM_FORMS; form++)
        if (form != GH_SIM_OWNERS && gh_sim_form_fits(form, behaviour))
            fitting[count++] = form;
    return gh_random_chance(r, 0.5) ? GH_SIM_NAIVE
                                    : (enum gh_sim_form)fitting[gh_random_below(r, count)];
}

static void gamer_hide(struct gh_sim_gaming *g, const struct gh_sim_plan *plan,
                       struct gh_random *r)
{
    const double days = 7.0 * plan->weeks;
    g->ramp_days = 1;
    if (g->form == GH_SIM_CAUTIOUS) {
        g->ramp_days = 21;
        g->low_novelty = 0.3F;
    } else if (g->form == GH_SIM_NOVELTY) {
        g->low_novelty = 0.3F;
    } else if (g->form == GH_SIM_PARAPHRASE) {
        g->low_novelty = 0.35F;
    } else if (g->form == GH_SIM_RING) {
        g->ring = true;
    } else if (g->form == GH_SIM_RAMP) { /* early enough to get there */
        g->ramp_days = 24;
        g->from = (int32_t)(days * gh_random_between(r, 0.45, 0.55));
    }
}

/* All that is drawn about one gamer, or once for a whole team of them. */
static void gamer_draw(struct gh_sim_gaming *g, const struct gh_sim_plan *plan,
                       struct gh_random *r, struct gh_random *form)
{
    g->behaviour = gamer_behaviour(plan, r);
    const uint32_t choice = gh_random_below(r, gamer_strengths(plan));
    g->strength = plan->strength > 0 ? plan->strength : plan->strengths[choice];
    g->form = gamer_form(plan, g->behaviour, form);
    g->ring = gh_random_chance(r, 0.25);
    g->low_novelty = (float)gh_random_between(r, 0.8, 0.98);
    g->period = gh_random_chance(r, 0.5) ? GH_WEEK : GH_MONTH;
    g->question = gh_random_bits(r);
    gamer_onset(g, plan, r);
    gamer_hide(g, plan, form);
}

/* Two neighbours whose agents talk to each other. */
static void gamer_of_pair(struct gh_sim_person *p, const struct gh_sim_plan *plan)
{
    struct gh_random r = gh_random_of(plan->seed, GH_SIM_STREAM_ROTTEN, p->actor / 2, 2);
    struct gh_random form = gh_random_of(plan->seed, GH_SIM_STREAM_ROTTEN, p->actor / 2, 3);
    p->gaming.on = gh_random_chance(&r, plan->gamers);
    gamer_draw(&p->gaming, plan, &r, &form);
    p->gaming.together = 2;
}

/* Teams of which six or all play the same game at the same time: eight people on average. */
static void gamer_of_team(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                          struct gh_random *own)
{
    enum { TEAM = 10, MOST = 6 };
    struct gh_random r = gh_random_of(plan->seed, GH_SIM_STREAM_ROTTEN, p->team, 0);
    struct gh_random form = gh_random_of(plan->seed, GH_SIM_STREAM_ROTTEN, p->team, 1);
    struct gh_sim_gaming *g = &p->gaming;
    const bool rotten = gh_random_chance(&r, fmin(plan->gamers / 0.8, 1));
    const bool all = gh_random_chance(&r, fmax(0.5, 5 * plan->gamers - 4));
    const uint32_t shift = gh_random_below(&r, TEAM);
    gamer_draw(g, plan, &r, &form);
    g->question = gh_random_bits(own);
    g->together = all ? TEAM : MOST;
    g->on = rotten && (all || (p->actor + shift) % TEAM < MOST);
}

void gh_sim_gaming_init(struct gh_sim_person *person, const struct gh_sim_plan *plan)
{
    struct gh_random r = gh_random_of(plan->seed, GH_SIM_STREAM_GAMER, person->actor, 0);
    struct gh_random form = gh_random_of(plan->seed, GH_SIM_STREAM_FORM, person->actor, 0);
    struct gh_sim_gaming *g = &person->gaming;
    if (plan->rotten) {
        gamer_of_team(person, plan, &r);
    } else if (plan->form == GH_SIM_OWNERS) {
        gamer_of_pair(person, plan);
    } else {
        g->on = gamer_drawn(person, plan, &r);
        gamer_draw(g, plan, &r, &form);
    }
    if (plan->day_one)
        g->from = -1;
    if (g->from < person->joined)
        g->from = person->joined;
    g->on &= !person->is_service;
}
