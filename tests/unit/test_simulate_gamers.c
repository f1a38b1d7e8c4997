/* What: gamers as they are asked for: strengths, forms of hiding, teams, pairs, from day one.
 * How:  small companies of gamers; what the labels say is held against the events. */
#include "app/simulate/person.h"
#include "app/simulate/record.h"
#include "app/simulate/simulate.h"
#include "support/gh_test.h"

#include <math.h>

enum { BATCH = 512, ACTORS_MAX = 2000, SESSIONS_MAX = 60000 };

/* What is seen of the calls of all people. */
static struct {
    double tokens, calls, agents_tokens, cache_read, foreign, night;
    double outputs, reverted;
    uint32_t sessions, agents; /* agents: bits by first letter */
    double by_week[8];
} seen;
static struct gh_sim_label label[ACTORS_MAX];
static char team[ACTORS_MAX][16];

static uint32_t owner_of(struct gh_text agent)
{
    uint32_t at = 0, owner = 0;
    while (at < agent.size && agent.at[at] != '@')
        at++;
    for (at += 2; at < agent.size; at++)
        owner = 10 * owner + (uint32_t)(agent.at[at] - '0');
    return owner;
}

static void see(const struct gh_event *event, const struct gh_sim_plan *plan)
{
    const double context = (double)event->input_tokens + (double)event->cache_read_tokens +
                           (double)event->cache_write_tokens;
    if (event->kind == GH_OUTPUT) {
        seen.outputs += event->state == GH_ACCEPTED;
        seen.reverted += event->state == GH_REVERTED;
    }
    if (event->kind != GH_USAGE)
        return;
    const double tokens = context + (double)event->output_tokens;
    seen.tokens += tokens;
    seen.calls++;
    seen.cache_read += (double)event->cache_read_tokens;
    const int64_t week = (event->ts_ms - plan->start_ms) / (7 * INT64_C(86400000));
    if (week < 8)
        seen.by_week[week] += tokens;
    if (event->caller.size > 0)
        seen.agents_tokens += tokens;
    if (event->caller.size > 0 && event->agent.size > 0)
        seen.foreign += owner_of(event->agent) != owner_of(event->caller);
    if (event->agent.size > 1)
        seen.agents |= 1u << (event->agent.at[0] - 'a');
}

static void run(const struct gh_sim_plan *plan)
{
    static struct gh_event event[BATCH];
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;
    size_t count;
    memset(&seen, 0, sizeof(seen));
    CHECK(gh_sim_new(&sim, plan, &error) == GH_OK);
    while (sim && (count = gh_sim_next(sim, event, BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            see(&event[i], plan);
    for (uint32_t i = 0; sim && i < plan->actors; i++) {
        gh_sim_label_at(sim, i, &label[i]);
        snprintf(team[i], sizeof(team[i]), "%s", label[i].team);
    }
    gh_sim_free(sim);
}

static struct gh_sim_plan plan_of(uint32_t actors, uint32_t weeks)
{
    struct gh_sim_plan plan = gh_sim_plan_default();
    plan.actors = actors;
    plan.weeks = weeks;
    plan.gamers = 1;
    plan.bursts = false;
    return plan;
}

static double gamed(const struct gh_sim_plan *plan)
{
    double tokens = 0;
    for (uint32_t i = 0; i < plan->actors; i++)
        tokens += label[i].tokens_gamed;
    return tokens;
}

/* Per unit of X - 1 as much as at X = 2. Days spread by 25 % and more, over a hundred of them;
 * trifles and quotas come in few pieces; windows of a million tokens end bloat. */
static void what_is_gamed_grows_with_the_strength(void)
{
    static const double strength[] = {1.2, 5, 20};
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++) {
        struct gh_sim_plan plan = plan_of(14, 1);
        plan.day_one = true;
        plan.behaviour = b;
        plan.strength = 2;
        run(&plan);
        const double two = gamed(&plan);
        CHECK(two > 0);
        for (int i = 0; i < 3; i++) {
            plan.strength = strength[i];
            run(&plan);
            const double ratio = gamed(&plan) / two / (strength[i] - 1);
            const bool ends = b == GH_CONTEXT_BLOAT && i == 2;
            const bool whole = b == GH_QUOTA_CHASING && i == 0; /* days of a quiet week */
            CHECK(ratio > (ends ? 0.25 : 0.6));
            CHECK(whole || ratio < 1.6);
        }
    }
}

static void every_form_is_hidden_where_it_fits_and_refused_elsewhere(void)
{
    uint32_t forms = 0;
    for (uint32_t f = 0; gh_sim_form_name(f); f++, forms++) {
        bool anywhere = false;
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++) {
            struct gh_sim_plan plan = plan_of(20, 1);
            struct gh_error error = {0};
            struct gh_sim *sim = NULL;
            plan.behaviour = b;
            plan.form = (int)f;
            const bool fits = gh_sim_form_fits(f, (enum gh_behaviour)b);
            CHECK((gh_sim_new(&sim, &plan, &error) == GH_OK) == fits);
            anywhere |= fits;
            for (uint32_t i = 0; sim && i < plan.actors; i++) {
                gh_sim_label_at(sim, i, &label[i]);
                CHECK(!label[i].gamer || (uint32_t)label[i].form == f);
            }
            gh_sim_free(sim);
        }
        CHECK(anywhere);
    }
    CHECK(forms == GH_SIM_FORMS && !gh_sim_form_fits(forms, GH_AGENT_LOOP));
}

static void a_form_for_all_leaves_only_behaviours_that_it_fits(void)
{
    struct gh_sim_plan plan = plan_of(100, 1);
    bool naive = false, hidden = false;
    for (int f = GH_SIM_MIXED; f < (int)GH_SIM_FORMS; f++) {
        plan.form = f;
        struct gh_sim *sim = NULL;
        CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
        for (uint32_t i = 0; sim && i < plan.actors; i++) {
            gh_sim_label_at(sim, i, &label[i]);
            if (!label[i].gamer)
                continue;
            CHECK(gh_sim_form_fits((uint32_t)label[i].form, label[i].behaviour));
            CHECK(f == GH_SIM_MIXED || (int)label[i].form == f);
            CHECK(f != GH_SIM_MIXED || label[i].form != GH_SIM_OWNERS);
            naive |= label[i].form == GH_SIM_NAIVE;
            hidden |= f == GH_SIM_MIXED && label[i].form != GH_SIM_NAIVE;
        }
        gh_sim_free(sim);
    }
    CHECK(naive && hidden);
}

static void run_form(enum gh_behaviour behaviour, enum gh_sim_form form,
                     struct gh_sim_plan *plan)
{
    plan->behaviour = (int)behaviour;
    plan->form = (int)form;
    run(plan);
}

static void hidden_loops_look_as_they_are_called(void)
{
    struct gh_sim_plan plan = plan_of(24, 1);
    plan.strength = 5;
    plan.day_one = true;
    run_form(GH_AGENT_LOOP, GH_SIM_NAIVE, &plan);
    CHECK(seen.foreign <= 0);
    run_form(GH_AGENT_LOOP, GH_SIM_RING, &plan);
    CHECK(seen.agents >> ('r' - 'a') & 1); /* explore, planner, coder and at times reviewer */
    run_form(GH_AGENT_LOOP, GH_SIM_OWNERS, &plan);
    CHECK(seen.foreign > 1000);
    for (uint32_t i = 0; i < plan.actors; i += 2)
        if (label[i].gamer && label[i + 1].gamer) {
            CHECK(label[i].together == 2 && label[i].behaviour == label[i + 1].behaviour);
            CHECK(fabs(label[i].strength - label[i + 1].strength) <= 0);
        }
}

static void cached_bloat_is_read_from_the_cache(void)
{
    struct gh_sim_plan plan = plan_of(24, 1);
    plan.strength = 2;
    plan.day_one = true;
    run_form(GH_CONTEXT_BLOAT, GH_SIM_NAIVE, &plan);
    const double fresh = seen.tokens - seen.cache_read;
    run_form(GH_CONTEXT_BLOAT, GH_SIM_CACHED, &plan);
    CHECK(seen.tokens - seen.cache_read < 0.8 * fresh);
}

/* 24 days: in the first week of it at most 7/24 of the strength, in the last one nearly all. */
static void a_ramp_takes_three_weeks_and_more(void)
{
    struct gh_sim_plan plan = plan_of(60, 8);
    double honest[8];
    plan.gamers = 0;
    run(&plan);
    memcpy(honest, seen.by_week, sizeof(honest));
    plan.gamers = 1;
    plan.strength = 4;
    run_form(GH_REPETITION, GH_SIM_RAMP, &plan);
    CHECK_NEAR(seen.by_week[2] / honest[2], 1, 1e-9);
    CHECK(seen.by_week[4] / honest[4] > 1.1 && seen.by_week[4] / honest[4] < 2.0);
    CHECK(seen.by_week[7] / honest[7] > 2.7 && seen.by_week[7] / honest[7] < 4.2);
}

static void fake_outputs_keep_pace_with_the_spend(void)
{
    struct gh_sim_plan plan = plan_of(40, 2);
    plan.strength = 4;
    plan.day_one = true;
    plan.gamers = 0;
    run(&plan);
    const double honest = seen.outputs, reverted = seen.reverted;
    plan.gamers = 1;
    run_form(GH_REPETITION, GH_SIM_FAKE_OUTPUTS, &plan);
    CHECK(seen.outputs > 3 * honest && seen.outputs < 5.5 * honest);
    CHECK_NEAR(seen.reverted, reverted, 0);
}

static void rotten_teams_play_one_game_together(void)
{
    struct gh_sim_plan plan = plan_of(2000, 1);
    uint32_t gamers = 0, six = 0, all = 0;
    struct gh_sim *sim = NULL;
    plan.gamers = 0.2;
    plan.rotten = true;
    CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
    for (uint32_t t = 0; sim && t < plan.actors / 10; t++) {
        const struct gh_sim_label *first = NULL;
        uint32_t count = 0, machines = 0;
        for (uint32_t i = 10 * t; i < 10 * t + 10; i++) {
            gh_sim_label_at(sim, i, &label[i]);
            machines += strcmp(label[i].role, "service") == 0;
            if (!label[i].gamer)
                continue;
            first = first ? first : &label[i];
            count++;
            CHECK(label[i].behaviour == first->behaviour && label[i].form == first->form &&
                  fabs(label[i].strength - first->strength) <= 0 &&
                  label[i].together == first->together);
        }
        gamers += count;
        six += first && first->together == 6;
        all += first && first->together == 10;
        CHECK(!first || (count <= first->together && count + machines >= first->together));
    }
    gh_sim_free(sim);
    /* 200 teams, a quarter rotten: 4 standard errors */
    CHECK_NEAR(six + all, 50, 4 * sqrt(200 * 0.25 * 0.75));
    CHECK_NEAR(six, all, 4 * sqrt(50));
    CHECK_NEAR(gamers / 2000.0, 0.2, 4 * 0.8 * sqrt(0.25 * 0.75 / 200));
}

static void from_day_one_is_from_day_one(void)
{
    struct gh_sim_plan plan = plan_of(60, 4);
    plan.gamers = 0;
    run(&plan);
    const double honest = seen.by_week[0];
    plan.gamers = 1;
    plan.day_one = true;
    run(&plan);
    for (uint32_t i = 0; i < plan.actors; i++)
        CHECK(!label[i].gamer || label[i].from_ms == plan.start_ms);
    CHECK(seen.by_week[0] - honest > 0.15 * gamed(&plan));
}

static const struct gh_test tests[] = {
    GH_TEST(what_is_gamed_grows_with_the_strength),
    GH_TEST(every_form_is_hidden_where_it_fits_and_refused_elsewhere),
    GH_TEST(a_form_for_all_leaves_only_behaviours_that_it_fits),
    GH_TEST(hidden_loops_look_as_they_are_called),
    GH_TEST(cached_bloat_is_read_from_the_cache),
    GH_TEST(a_ramp_takes_three_weeks_and_more),
    GH_TEST(fake_outputs_keep_pace_with_the_spend),
    GH_TEST(rotten_teams_play_one_game_together),
    GH_TEST(from_day_one_is_from_day_one),
};
GH_TEST_MAIN(tests)
