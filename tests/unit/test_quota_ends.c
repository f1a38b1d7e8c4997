/* What: the bounds of quota_chasing: what is just above, what a last tenth usually is, what
 *       chance explains (detect/quota_chasing.h).
 * How:  weeks from 2 March 2026 with a target of 10,000 tokens; a usual day has 1,000, a usual
 *       last tenth 700. */
#include "detect/quota_chasing.h"
#include "support/detector_kit.h"

static struct rig rig;

static void at_day(int day)
{
    rig_next_day(&rig);
    rig.day.date = (int32_t)(RIG_START / GH_MS_PER_DAY) + day;
    rig.day.quota = (struct gh_quota){.tokens = 10000, .period = GH_WEEK};
}

static void begin(void)
{
    rig_open(&rig, rig_find("quota_chasing"));
    rig.person.usual_tokens = 1000;
    rig.person.usual_cost_usd = 1;
    at_day(0);
}

static void spend(double tokens, double usd)
{
    struct gh_call call = rig_call(0);

    call.ts_ms = rig.day.date * GH_MS_PER_DAY + 20 * GH_MS_PER_HOUR;
    call.tokens = tokens;
    call.cost_usd = usd;
    rig_step(&rig, call);
}

static const struct gh_quota_chasing_day *today(void)
{
    return (const void *)rig.state;
}

/* A week: so much on Monday, so much in the last tenth. */
static struct gh_observation week(int number, double before, double late)
{
    at_day(7 * number);
    spend(before, 0);
    at_day(7 * number + 6);
    spend(late, 0);
    return rig_observe(&rig);
}

static void an_end_within_a_twentieth_of_the_target_is_counted(void)
{
    static const double late[] = {5400, 5600, 4600, 4400};
    static const int edge[] = {1, 0, -1, 0};

    for (int i = 0; i < 4; i++) {
        begin();
        CHECK(week(0, 5000, late[i]).edge == edge[i]);
        rig_close(&rig);
    }
}

/* A last tenth of 5,000 counts as twice the usual: (700 + 1,400) / 2; after another week
 * (700 + 0.8 x 1,400 + 100) / (1 + 0.8 + 1). */
static void one_huge_last_tenth_is_not_the_usual_one(void)
{
    begin();
    week(0, 1000, 5000);
    week(1, 1000, 100);
    CHECK(today()->usual == 1050.0f);
    week(2, 1000, 100);
    CHECK_NEAR((double)today()->usual, 1920 / 2.8, 1e-3);
    rig_close(&rig);
}

static void a_last_tenth_is_never_expected_below_a_quarter_of_the_pace(void)
{
    begin();
    for (int i = 0; i < 9; i++)
        week(i, 1000, 1e-6);
    CHECK(today()->usual == 175.0f);
    rig_close(&rig);
}

/* Half of the usual last tenth was needed: that alone says nothing, the stop 10 above does. */
static void who_needed_less_than_usual_is_judged_by_the_stop_alone(void)
{
    begin();
    const struct gh_observation seen = week(0, 9650, 360);
    const double p = 1 - pow(1 + 10.0 / 350, -2);
    CHECK_NEAR(seen.value, log(0.3) - 0.7 * log(p), 1e-4);
    rig_close(&rig);
}

/* 4,000 tokens were spent before the target in money was told, at 2 dollars for 1,000. */
static void what_was_spent_before_is_priced_like_the_call_that_tells(void)
{
    begin();
    rig.day.quota = (struct gh_quota){0};
    spend(4000, 1);
    at_day(6);
    rig.day.quota = (struct gh_quota){.cost_usd = 20, .period = GH_WEEK};
    spend(1000, 2);
    CHECK_NEAR(today()->spent, 8 + 2, 1e-6);
    rig_close(&rig);
}

/* 9 of 10 above where 0.58 are by chance. */
static void chance_is_that_of_people_who_end_above_by_themselves(void)
{
    const struct gh_observation seen = {0};
    struct gh_episode e = {.days = 1};

    begin();
    week(0, 5000, 5200);
    rig.person.above_edge = 9;
    rig.person.below_edge = 1;
    const struct gh_observe in = rig_observe_of(&rig);
    rig.detector->tell(&in, &seen, 0, &e);
    CHECK_NEAR(e.value[3], 10 * pow(0.58, 9) * 0.42 + pow(0.58, 10), 1e-12);
    CHECK(e.value[2] == 9 && e.expected[2] == 5);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(an_end_within_a_twentieth_of_the_target_is_counted),
    GH_TEST(one_huge_last_tenth_is_not_the_usual_one),
    GH_TEST(a_last_tenth_is_never_expected_below_a_quarter_of_the_pace),
    GH_TEST(who_needed_less_than_usual_is_judged_by_the_stop_alone),
    GH_TEST(what_was_spent_before_is_priced_like_the_call_that_tells),
    GH_TEST(chance_is_that_of_people_who_end_above_by_themselves),
};
GH_TEST_MAIN(tests)
