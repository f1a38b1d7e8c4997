/* What: outputless_spend at once: days of more spend than output add up, and what must stay
 *       silent: output that keeps pace, one dear day, declared crunch, people not known yet.
 * How:  calls by hand straight into the detector; usually 10 dollars a day bring 10 units. */
#include "detect/outputless_spend.h"
#include "support/detector_kit.h"

static struct rig rig;

static void begin(uint32_t days)
{
    rig_open(&rig, rig_find("outputless_spend"));
    rig.person.days = days;
    rig.person.has_outputs = true;
    rig.person.usual_cost_usd = rig.person.peer_usd_per_day = 10.0;
    rig.person.peer_units_per_usd = 1.0;
    rig.person.past_units = rig.person.past_usd = 200.0;
    rig.person.gate_units = rig.person.gate_usd = 100.0;
}

static void spend(double usd)
{
    struct gh_call call = rig_call((int64_t)rig.calls);

    call.cost_usd = usd;
    rig_step(&rig, call);
}

static void end_day(void)
{
    (void)rig_observe(&rig);
    rig_next_day(&rig);
}

static void day_of(double usd, double units)
{
    rig.day.units = units;
    spend(usd);
    end_day();
}

static void dear_days_without_output_add_up(void)
{
    begin(20);
    rig.threshold = 2.0;
    day_of(50.0, 10.0); /* min(5, 51 / 11): S = log(51 / 11) - 0.5 */
    CHECK(rig.score <= 0.0);
    day_of(50.0, 10.0);
    CHECK_NEAR(rig.score, 2.0 * (log(51.0 / 11.0) - 0.5), 1e-6);
    CHECK(rig.raised && rig.episode.cost_usd == 50.0);
    CHECK(rig.episode.value[0] == 10.0);
    CHECK_NEAR(rig.episode.expected[0], 50.0, 1e-5);
    CHECK_NEAR(rig.episode.excess_cost_usd, 50.0 * 40.0 / 51.0, 1e-4);
    rig_close(&rig);
}

static void a_usual_day_takes_it_back(void)
{
    begin(20);
    day_of(50.0, 10.0);
    day_of(10.0, 10.0); /* S - 0.5 */
    spend(50.0);
    CHECK_NEAR(rig.score, log(51.0 / 11.0) - 1.0 + log(5.0) - 0.5, 1e-6);
    end_day();
    day_of(10.0, 40.0);
    day_of(10.0, 40.0);
    spend(50.0);
    CHECK(rig.score <= 0.0);
    rig_close(&rig);
}

/* A deadline, or the pile after leave: output keeps pace with the spend. */
static void spend_that_brings_output_says_nothing(void)
{
    begin(20);
    for (int d = 0; d < 10; d++) {
        day_of(50.0, 50.0);
        CHECK(rig.score <= 0.0);
    }
    rig_close(&rig);
}

/* Little output from little spend: a slow week, or work by hand. */
static void days_without_much_spend_say_nothing(void)
{
    begin(20);
    for (int d = 0; d < 10; d++) {
        day_of(10.0, 0.0);
        CHECK(rig.score <= 0.0);
    }
    rig_close(&rig);
}

static void one_dear_day_says_nothing(void)
{
    begin(20);
    day_of(10.0, 10.0);
    for (int i = 0; i < 50; i++) {
        spend(100.0);
        CHECK(rig.score <= 0.0);
    }
    rig_close(&rig);
}

static void declared_days_say_nothing(void)
{
    begin(20);
    day_of(50.0, 0.0);
    day_of(50.0, 0.0);
    for (uint32_t type = 0; type < 4; type++) {
        rig.day.schedule = 1u << type;
        spend(500.0);
        CHECK(rig.score <= 0.0);
        end_day();
    }
    rig_close(&rig);
}

static void who_is_not_known_yet_says_nothing(void)
{
    begin(3); /* newly hired */
    for (int d = 0; d < 5; d++) {
        day_of(500.0, 0.0);
        CHECK(rig.score <= 0.0);
    }
    rig_close(&rig);
    begin(20);
    rig.person.has_outputs = false; /* whose output is not reported */
    for (int d = 0; d < 5; d++) {
        day_of(500.0, 0.0);
        CHECK(rig.score <= 0.0);
    }
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(dear_days_without_output_add_up),
    GH_TEST(a_usual_day_takes_it_back),
    GH_TEST(spend_that_brings_output_says_nothing),
    GH_TEST(days_without_much_spend_say_nothing),
    GH_TEST(one_dear_day_says_nothing),
    GH_TEST(declared_days_say_nothing),
    GH_TEST(who_is_not_known_yet_says_nothing),
};

GH_TEST_MAIN(tests)
