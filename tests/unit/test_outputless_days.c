/* What: what an expensive day without output counts (detect/outputless_spend.h).
 * How:  a past of (16 + 4) / (8 + 4 / 2) = 2 units a dollar and a window of 30 dollars, which
 *       should have brought 60; a usual day of (5 x 1 + 10 x 4) / 15 = 3 dollars. */
#include "detect/outputless_spend.h"

#include "detect/run.h"
#include "support/detector_kit.h"

static struct rig rig;

static void begin(void)
{
    rig_open(&rig, rig_find("outputless_spend"));
    rig.person = (struct gh_person){.days = 10,
                                    .usual_cost_usd = 4,
                                    .has_outputs = true,
                                    .peer_units_per_usd = 2,
                                    .peer_usd_per_day = 1,
                                    .gate_units = 5,
                                    .gate_usd = 30,
                                    .past_units = 16,
                                    .past_usd = 8};
    rig.day.cost_usd = 4.5;
}

static double score_of(double x)
{
    struct gh_run run = {0};

    return gh_run_step(&run, x, 0.04, 0.03);
}

static void an_expensive_day_counts_as_far_as_output_stays_behind(void)
{
    const double shortfall = 55.0 / 61; /* (5 + 1) of (60 + 1) are there */

    begin();
    struct gh_observation seen = rig_observe(&rig);
    CHECK(seen.state == GH_OBSERVED && seen.expected == 60);
    CHECK_NEAR(seen.value, score_of(shortfall / 2), 1e-12); /* 1.50 above 3 dollars */
    CHECK_NEAR(seen.excess_share, shortfall / 3, 1e-15);
    rig_close(&rig);
    begin();
    rig.day.cost_usd = 12;
    seen = rig_observe(&rig);
    CHECK_NEAR(seen.value, score_of(shortfall), 1e-12); /* twice the usual day and more */
    CHECK_NEAR(seen.excess_share, shortfall * 0.75, 1e-15);
    rig_close(&rig);
}

static void cheap_days_and_output_that_keeps_pace_count_nothing(void)
{
    begin();
    rig.day.cost_usd = 2.9;
    CHECK(rig_observe(&rig).excess_share == 0);
    rig.day.cost_usd = 4.5;
    rig.person.gate_units = 70;
    CHECK(rig_observe(&rig).excess_share == 0);
    rig.person.gate_units = -9; /* more was taken back than accepted: none */
    CHECK_NEAR(rig_observe(&rig).excess_share, (1 - 1.0 / 61) / 3, 1e-15);
    rig_close(&rig);
}

static void without_known_peers_a_usual_day_is_the_own_mean(void)
{
    begin();
    rig.person.peer_usd_per_day = 0;
    CHECK_NEAR(rig_observe(&rig).excess_share, 55.0 / 61 * 0.5 / 4.5, 1e-15);
    rig_close(&rig);
}

static bool observed(void)
{
    const bool seen = rig_observe(&rig).state == GH_OBSERVED;

    rig_close(&rig);
    begin();
    return seen;
}

static void what_cannot_be_known_is_not_judged(void)
{
    begin();
    CHECK(observed());
    rig.person.has_outputs = false;
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE && !observed());
    rig.person.peer_units_per_usd = 0;
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE && !observed());
    rig.person.days = 9;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE && !observed());
    rig.person.gate_usd = 0;
    CHECK(!observed());
    rig.person.past_usd = 0;
    CHECK(!observed());
    rig.person.usual_cost_usd = NAN;
    CHECK(!observed());
    rig.day.cost_usd = 0;
    CHECK(!observed());
    static const enum gh_schedule row[] = {GH_ON_CALL, GH_CRUNCH, GH_LEAVE, GH_HOLIDAY};
    for (int i = 0; i < 4; i++) {
        rig.day.schedule = 1u << row[i];
        CHECK(!observed());
    }
    rig_close(&rig);
}

/* After a day of 9 dollars, three times the usual one: log 3 - 0.5. Of 12 dollars 24 units are
 * expected. */
static double second_day(double cost_usd, double units)
{
    struct gh_call call = rig_call(0);

    begin();
    rig.day.cost_usd = 9;
    (void)rig_observe(&rig);
    rig_next_day(&rig);
    call.cost_usd = cost_usd;
    rig.day.units = units;
    rig_step(&rig, call);
    rig_close(&rig);
    return rig.score;
}

static void dear_days_add_the_lesser_of_spend_and_of_what_is_missing(void)
{
    CHECK_NEAR(second_day(12, 0), log(3) + log(4) - 1, 1e-6);
    CHECK_NEAR(second_day(12, 9), log(3) + log(2.5) - 1, 1e-6); /* 24 + 1 for 9 + 1 */
    CHECK_NEAR(second_day(300, 0), log(3) - 0.5 + 1.5, 1e-6);
}

static void an_episode_tells_the_window_and_the_price_of_a_unit(void)
{
    struct gh_episode e = {.days = 3};
    const struct gh_observation seen = {.expected = 60};

    begin();
    const struct gh_observe in = rig_observe_of(&rig);
    rig.detector->tell(&in, &seen, 0, &e);
    CHECK(e.value[0] == 5 && e.expected[0] == 60 && e.value[1] == 30);
    CHECK(e.value[2] == 5 && e.value[3] == 3); /* 30 dollars for 5 + 1 */
    CHECK_NEAR(e.expected[2], 8.0 / 17, 1e-15);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(an_expensive_day_counts_as_far_as_output_stays_behind),
    GH_TEST(cheap_days_and_output_that_keeps_pace_count_nothing),
    GH_TEST(without_known_peers_a_usual_day_is_the_own_mean),
    GH_TEST(what_cannot_be_known_is_not_judged),
    GH_TEST(dear_days_add_the_lesser_of_spend_and_of_what_is_missing),
    GH_TEST(an_episode_tells_the_window_and_the_price_of_a_unit),
};
GH_TEST_MAIN(tests)
