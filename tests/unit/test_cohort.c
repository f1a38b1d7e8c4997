/* What: what is learned of peers, and how a residual ranks among theirs (engine/cohort.c).
 * How:  people, days and residuals set by hand where the engine keeps them. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static struct gh_cohort *all;
static uint32_t loops, bloat; /* a share and a level */

enum { PEOPLE = 40 };

static struct gh_actor *person(int i)
{
    char name[8];

    snprintf(name, sizeof name, "p%d", i);
    return kit_actor(&kit, name);
}

static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    all = &e->cohort[0];
    for (int i = 0; i < PEOPLE; i++)
        kit_say(&kit, KIT_START, "'actor':'p%d','input_tokens':9", i);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
    }
}

/* The person's own mean of `days` days. */
static void history(int i, uint32_t d, double mean, double days)
{
    gh_actor_evidence(e, person(i), d)->past[0] =
        (struct gh_past){.sum = (float)(mean * days), .weight = (float)days};
}

/* So many days of a share of 0.3: bin 153 of 512. */
static void days_of_a_share(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        gh_rank_add(&all->value[e->layout.evidence[loops]], 0.3);
}

/* Means 0, 0.001, … 0.039; nine tenths of the way from the first to the last: 0.0351. */
static void shares_of_peers_are_those_of_their_days_and_people(void)
{
    begin();
    days_of_a_share(200);
    for (int i = 0; i < PEOPLE; i++)
        history(i, loops, (39 - i) / 1000.0, 3);
    gh_cohorts_refit(e);
    CHECK_NEAR(all->share[loops].mean, 153.5 / 512, 1e-12);
    CHECK_NEAR(all->share[loops].clip, 154.0 / 512, 1e-12);
    CHECK_NEAR(all->share[loops].cap, 3 * 0.0351 + 0.05, 1e-8);
    kit_close(&kit);
}

static void shares_of_peers_have_bounds(void)
{
    begin();
    for (int i = 0; i < 200; i++)
        gh_rank_add(&all->value[e->layout.evidence[loops]], 0.001);
    for (int i = 0; i < PEOPLE; i++)
        history(i, loops, 0.8, 3);
    gh_cohorts_refit(e);
    CHECK(all->share[loops].clip == 0.05 && all->share[loops].cap == 0.9);
    kit_close(&kit);
}

/* Two were cleared with 0.8: from a cap of 0.2 it takes more than one refit to get there. */
static void what_was_cleared_is_allowed_step_by_step(void)
{
    begin();
    days_of_a_share(200);
    for (int i = 0; i < PEOPLE; i++)
        history(i, loops, 0.01, 3);
    all->share[loops].cap = 0.2;
    for (uint32_t id = 1; id <= 2; id++)
        gh_verdict_learn(e, id, loops, GH_LEGITIMATE, 0.8);
    double cap = 0.2;
    for (int refit = 0; refit < 20; refit++) {
        gh_cohorts_refit(e);
        cap = fmin((double)0.8f, 1.2 * cap);
        CHECK_NEAR(all->share[loops].cap, cap, 1e-12);
    }
    kit_close(&kit);
}

static bool shares_change(uint32_t days, int people, double own_days)
{
    begin();
    const double before = all->share[loops].cap;
    days_of_a_share(days);
    for (int i = 0; i < people; i++)
        history(i, loops, 0.01, own_days);
    gh_cohorts_refit(e);
    const bool changed = all->share[loops].cap != before;
    kit_close(&kit);
    return changed;
}

static void two_hundred_days_and_thirty_people_are_the_fewest(void)
{
    CHECK(shares_change(200, 30, 3));
    CHECK(!shares_change(199, 30, 3) && !shares_change(200, 29, 3));
    CHECK(!shares_change(200, 30, 2.9)); /* people of fewer than three days */
}

static void machines_teach_nothing_about_people(void)
{
    begin();
    const double before = all->share[loops].cap;
    days_of_a_share(200);
    for (int i = 0; i < 30; i++)
        history(i, loops, 0.01, 9);
    person(0)->account = GH_HUMAN + 1;
    gh_cohorts_refit(e);
    CHECK(all->share[loops].cap == before);
    kit_close(&kit);
}

/* 25 people at 2, 10 at 4, 5 at 0: median 2; above it 10 at a distance of 2; squares of all
 * 15 x 4 = 60. Days stray by a variance of 0.25. */
static void levels_of_peers_are_those_of_their_people(void)
{
    begin();
    for (int i = 0; i < PEOPLE; i++)
        history(i, bloat, i < 25 ? 2 : i < 35 ? 4 : 0, 5);
    all->square_sum[bloat][0] = 200 * 250000;
    all->square_count[bloat][0] = 200;
    gh_cohorts_refit(e);
    const struct gh_level_prior *prior = &all->level[bloat][0];
    CHECK(prior->center == 2);
    CHECK_NEAR(prior->sd, 0.5, 1e-12);
    CHECK_NEAR(prior->cap, 2 + 0.05 + 3 * 2, 1e-12);
    CHECK_NEAR(prior->shrink, 0.25 * 40 / 60, 1e-12);
    all->square_sum[bloat][0] = 200 * 10000;
    gh_cohorts_refit(e);
    CHECK(prior->shrink == 0.1);               /* 0.01 x 40 / 60 is less */
    CHECK(all->level[bloat][1].shrink == 0.1); /* of this class nobody is known */
    kit_close(&kit);
}

static void a_spread_of_days_needs_two_hundred_of_them(void)
{
    begin();
    const double before = all->level[bloat][0].sd;
    all->square_sum[bloat][0] = 199 * 1000000;
    all->square_count[bloat][0] = 199;
    gh_cohorts_refit(e);
    CHECK(all->level[bloat][0].sd == before);
    all->square_sum[bloat][0] = -5;
    all->square_count[bloat][0] = 200;
    gh_cohorts_refit(e);
    CHECK(all->level[bloat][0].sd == 0);
    kit_close(&kit);
}

static void peers_who_are_all_alike_weigh_no_more_than_the_option_says(void)
{
    static const double row[][2] = {{0, 4}, {0.5, 0.5}, {4, 4}, {9, 4}};

    begin();
    for (int i = 0; i < 4; i++)
        CHECK(gh_level_shrink(e, &(struct gh_level_prior){.shrink = row[i][0]}) == row[i][1]);
    kit_close(&kit);
}

static void rates_of_peers_are_ratios_of_their_sums(void)
{
    begin();
    all->units = 6;
    all->usd = 24;
    all->active_days = 12;
    all->tokens = 600;
    gh_cohorts_refit(e);
    CHECK(all->units_per_usd == 0.25 && all->units_per_day == 0.5);
    CHECK(all->usd_per_day == 2 && all->tokens_per_day == 50);
    all->units = -1;
    gh_cohorts_refit(e);
    CHECK(all->units_per_usd == 1e-9); /* more was taken back than accepted */
    all->usd = 0;
    all->units = 9;
    all->tokens = 1200;
    gh_cohorts_refit(e);
    CHECK(all->units_per_usd == 1e-9 && all->tokens_per_day == 100);
    kit_close(&kit);
}

/* Own peers if 200 days of theirs are known, else everybody, else nobody. */
static void a_residual_ranks_among_the_own_peers_or_everybody(void)
{
    begin();
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'p0','role':'cook'");
    const uint32_t cooks = gh_cohort_find(e, person(0)->role);
    const uint32_t at = e->layout.evidence[bloat] * GH_BINS + 2;
    CHECK(cooks == 1);
    for (int i = 0; i < 199; i++)
        gh_rank_add(&e->cohort[cooks].residual[at], 1);
    for (int i = 0; i < 199; i++)
        gh_rank_add(&all->residual[at], -1);
    CHECK(isnan(gh_cohort_p(e, cooks, bloat, 2, 0.5)));
    gh_rank_add(&all->residual[at], -1);
    CHECK(gh_cohort_p(e, cooks, bloat, 2, 0.5) == 1.0 / 201);
    gh_rank_add(&e->cohort[cooks].residual[at], 1);
    CHECK(gh_cohort_p(e, cooks, bloat, 2, 0.5) == 1);
    CHECK(gh_cohort_p(e, 0, bloat, 2, 0.5) == 1.0 / 201);
    CHECK(isnan(gh_cohort_p(e, cooks, bloat, 1, 0.5)));
    kit_close(&kit);
}

static void what_is_learned_holds_from_the_next_refit_on_and_is_then_forgotten(void)
{
    begin();
    const uint32_t slot = e->layout.evidence[bloat];
    struct gh_rank *learning = &all->learning[slot * GH_BINS];
    for (int i = 0; i < 200; i++)
        gh_rank_add(learning, 1);
    days_of_a_share(3);
    all->square_count[bloat][3] = all->square_sum[bloat][3] = 7;
    CHECK(isnan(gh_cohort_p(e, 0, bloat, 0, 0.5)));
    gh_cohorts_refit(e);
    gh_cohorts_forget(e);
    CHECK(gh_cohort_p(e, 0, bloat, 0, 0.5) == 1);
    CHECK(learning->count == 0 && all->value[e->layout.evidence[loops]].count == 0);
    CHECK(all->square_count[bloat][3] == 0 && all->square_sum[bloat][3] == 0);
    kit_close(&kit);
}

/* Residuals are kept from -8 to 8, shares from 0 to 1. */
static void ranks_begin_and_start_anew_with_the_same_bins(void)
{
    begin();
    for (int i = 0; i < 2; i++) {
        CHECK(all->learning[0].low == -8 && all->learning[0].high == 8);
        CHECK(all->residual[0].low == -8 && all->residual[0].high == 8);
        CHECK(all->value[0].low == 0 && all->value[0].high == 1);
        gh_cohorts_forget(e);
    }
    kit_close(&kit);
}

static void a_role_learns_from_its_own_people_only(void)
{
    begin();
    for (int i = 0; i < 30; i++)
        kit_say(&kit, KIT_START, "'kind':'profile','actor':'p%d','role':'cook'", i);
    for (int i = 0; i < PEOPLE; i++)
        history(i, bloat, i < 30 ? 1 : 7, 5);
    gh_cohorts_refit(e);
    const struct gh_level_prior *cooks =
        &e->cohort[gh_cohort_find(e, person(0)->role)].level[bloat][0];
    CHECK(cooks->center == 1);
    CHECK_NEAR(cooks->cap, 1.05, 1e-12); /* nobody of them is above it */
    CHECK_NEAR(all->level[bloat][0].cap, 1 + 0.05 + 3 * 6, 1e-12);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(shares_of_peers_are_those_of_their_days_and_people),
    GH_TEST(shares_of_peers_have_bounds),
    GH_TEST(what_was_cleared_is_allowed_step_by_step),
    GH_TEST(two_hundred_days_and_thirty_people_are_the_fewest),
    GH_TEST(machines_teach_nothing_about_people),
    GH_TEST(levels_of_peers_are_those_of_their_people),
    GH_TEST(a_spread_of_days_needs_two_hundred_of_them),
    GH_TEST(peers_who_are_all_alike_weigh_no_more_than_the_option_says),
    GH_TEST(rates_of_peers_are_ratios_of_their_sums),
    GH_TEST(a_residual_ranks_among_the_own_peers_or_everybody),
    GH_TEST(what_is_learned_holds_from_the_next_refit_on_and_is_then_forgotten),
    GH_TEST(ranks_begin_and_start_anew_with_the_same_bins),
    GH_TEST(a_role_learns_from_its_own_people_only),
};
GH_TEST_MAIN(tests)
