/* What: the reference, the own center and the bounds of spend_shift
 *       (detect/spend_shift.h).
 * How:  a person whose own and whose peers' usual day is 1,000 tokens. */
#include "detect/spend_shift.h"
#include "support/detector_kit.h"

static struct rig rig;

static void begin(void)
{
    rig_open(&rig, rig_find("spend_shift"));
    rig.person.days = 20;
    rig.person.usual_tokens = rig.person.peer_tokens_per_day = 1000;
}

static struct gh_observation observed(double tokens)
{
    struct gh_call call = rig_call(0);

    call.tokens = tokens;
    rig_step(&rig, call);
    const struct gh_observation seen = rig_observe(&rig);
    rig_next_day(&rig);
    rig.person.days--;
    return seen;
}

/* The score after a whole day. */
static double day(double tokens, double shift)
{
    struct gh_observation seen = observed(tokens);
    const struct gh_observe in = rig_observe_of(&rig);

    rig.day.tokens = tokens;
    rig.detector->conclude(&in, shift, &seen);
    rig.day.tokens = 0;
    return seen.value;
}

/* (10 x 1000 + 30 x 100) / 40 = 325, however long the own history is. */
static void own_days_count_up_to_thirty(void)
{
    begin();
    rig.person.days = 90;
    rig.person.usual_tokens = 100;
    CHECK_NEAR(day(650, 0), log(2) - 0.5, 1e-6);
    rig_close(&rig);
}

/* Three days of -1 and those of the past, which are within -4 and 1.5 and fade by 0.97. */
static void the_own_center_is_learned_from_clipped_days(void)
{
    static const double tokens[] = {2000, 1e6, 0.001, 3000};
    static const double learned[] = {0.6931471805599453, 1.5, -4, 0};
    double sum = 0, weight = 0;

    begin();
    for (int i = 0; i < 4; i++) {
        CHECK_NEAR(observed(tokens[i]).value, log(tokens[i] / 1000) - (-3 + sum) / (3 + weight),
                   1e-5);
        sum = 0.97 * sum + learned[i];
        weight = 0.97 * weight + 1;
    }
    rig_close(&rig);
}

static void one_quiet_day_takes_off_one_and_a_half_at_most(void)
{
    begin();
    for (int i = 0; i < 3; i++)
        day(5000, 0);
    CHECK_NEAR(day(1e-9, 0), 3 * 0.7 - 1.5, 1e-5);
    CHECK(day(1e-9, 0) == 0); /* and no score is below nothing */
    CHECK_NEAR(day(5000, 0), 0.7, 1e-6);
    rig_close(&rig);
}

/* Of a shift of 50 two are believed: 0.3 x 2 = 0.6 are taken off. */
static void what_is_shared_has_bounds(void)
{
    begin();
    CHECK_NEAR(day(4000, 50), log(4) - 0.6 - 0.5, 1e-6);
    rig_close(&rig);
}

static void seven_days_are_enough_and_away_is_away(void)
{
    static const enum gh_schedule row[] = {GH_ON_CALL, GH_CRUNCH, GH_LEAVE, GH_HOLIDAY};

    begin();
    rig.person.days = 7;
    CHECK(observed(1000).state == GH_OBSERVED);
    rig.person.days = 6;
    CHECK(observed(1000).state == GH_TOO_LITTLE);
    for (int i = 0; i < 4; i++) {
        rig.person.days = 20;
        rig.day.schedule = 1u << row[i];
        CHECK(observed(1000).state == GH_TOO_LITTLE);
    }
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(own_days_count_up_to_thirty),
    GH_TEST(the_own_center_is_learned_from_clipped_days),
    GH_TEST(one_quiet_day_takes_off_one_and_a_half_at_most),
    GH_TEST(what_is_shared_has_bounds),
    GH_TEST(seven_days_are_enough_and_away_is_away),
};
GH_TEST_MAIN(tests)
