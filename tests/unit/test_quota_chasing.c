/* What: quota_chasing: periods, the last tenth, what reaching a target says, the fast path,
 *       who ends just above, targets told late and targets in money.
 * How:  a week (2 to 8 March 2026; its last tenth begins on Sunday, 07:12) with a target of
 *       10,000 tokens for somebody with a usual day of 1,000: the usual last tenth is 700. */
#include "detect/quota_chasing.h"
#include "support/detector_kit.h"

enum { MONDAY, SATURDAY = 5, SUNDAY };
static const double log_k = -1.2039728043259361; /* log 0.3 */

static struct rig rig;

static void at_day(int day)
{
    rig_next_day(&rig);
    rig.day.date = (int32_t)(RIG_START / GH_MS_PER_DAY) + day;
    rig.day.quota = (struct gh_quota){.tokens = 10000, .period = GH_WEEK};
}

static void start(void)
{
    rig_open(&rig, rig_find("quota_chasing"));
    rig.person.usual_tokens = 1000.0;
    rig.person.usual_cost_usd = 1.0;
    at_day(MONDAY);
}

static void spend_at(double tokens, int hour)
{
    struct gh_call call = rig_call(0);

    call.ts_ms = rig.day.date * GH_MS_PER_DAY + hour * GH_MS_PER_HOUR;
    call.tokens = tokens;
    call.cost_usd = tokens / 1000.0;
    rig_step(&rig, call);
}

static void the_last_tenth_of_a_week_begins_on_sunday_morning(void)
{
    const struct gh_quota_chasing_day *day = (const void *)rig.state;

    start();
    spend_at(4000, 12);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    at_day(SUNDAY);
    spend_at(1000, 7);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    spend_at(1000, 8);
    CHECK(day->spent == 6000.0 && day->need == 5000.0f && day->usual == 700.0f);
    rig_close(&rig);
}

static void a_week_topped_up_to_just_above_scores_by_need_and_by_stop(void)
{
    start();
    spend_at(3000, 12);
    at_day(SUNDAY);
    spend_at(7100, 20); /* need 7,000 = 10 x 700, over 100 */
    const struct gh_observation seen = rig_observe(&rig);
    const double p = pow(10, -2) * (1 - pow(1 + 100.0 / 7000.0, -2));
    CHECK(seen.state == GH_OBSERVED);
    CHECK_NEAR(seen.value, log_k - 0.7 * log(p), 1e-4);
    CHECK_NEAR(seen.excess_share, 0.9, 1e-6);
    CHECK(seen.edge == 1);
    rig_close(&rig);
}

static void a_week_that_ends_below_takes_off(void)
{
    start();
    spend_at(3000, 12);
    at_day(SUNDAY);
    spend_at(7100, 20);
    const double before = rig_observe(&rig).value;
    at_day(7);
    spend_at(9000, 12);
    at_day(7 + SUNDAY);
    spend_at(700, 20);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK_NEAR(seen.value, before + log_k, 1e-5);
    CHECK(seen.excess_share == 0.0 && seen.edge == -1); /* 9,700: within 5 %, below */
    CHECK(rig_observe(&rig).value == seen.value);       /* the same period counts once */
    rig_close(&rig);
}

static void far_past_the_target_is_another_matter(void)
{
    start();
    spend_at(3000, 12);
    at_day(SUNDAY);
    spend_at(70000, 20);
    const struct gh_observation seen = rig_observe(&rig);
    const double p = pow(10, -2) * (1 - pow(1 + 63000.0 / 7000.0, -2));
    CHECK_NEAR(seen.value, fmax(0, log_k - 0.7 * log(p)), 1e-4);
    CHECK(rig.score == 0.0 && seen.edge == 0);
    rig_close(&rig);
}

static void who_was_there_before_needs_nothing(void)
{
    start();
    spend_at(10500, 12);
    at_day(SUNDAY);
    spend_at(5000, 20);
    CHECK(rig_observe(&rig).value == 0.0 && rig_observe(&rig).excess_share == 0.0);
    CHECK(rig.score == 0.0);
    rig_close(&rig);
}

static void the_fast_path_speaks_when_the_target_is_reached(void)
{
    start();
    rig.threshold = 4.5;
    spend_at(3000, 12);
    at_day(SUNDAY);
    spend_at(6900, 12);
    CHECK(!rig.raised && rig.score == 0.0);
    spend_at(150, 20);
    CHECK_NEAR(rig.score, 2 * log(10), 1e-6);
    CHECK(rig.raised && rig.episode.calls == 2);
    CHECK_NEAR(rig.episode.value[0], 1.005, 1e-9);
    CHECK_NEAR(rig.episode.excess_tokens, 7050 * (1 - 700.0 / 7050), 1e-2);
    rig_close(&rig);
}

static void a_usual_busy_sunday_becomes_the_expectation(void)
{
    const struct gh_quota_chasing_day *day = (const void *)rig.state;

    start();
    for (int week = 0; week < 3; week++) {
        at_day(7 * week);
        spend_at(3000, 12);
        at_day(7 * week + SUNDAY);
        spend_at(1400, 20);
    }
    /* (700 + 0.8 x 1400 + 1400) / (1 + 1.8) */
    CHECK_NEAR((double)day->usual, 3220.0 / 2.8, 1e-3);
    rig_close(&rig);
}

static void what_was_spent_before_the_target_was_told_counts(void)
{
    const struct gh_quota_chasing_day *day = (const void *)rig.state;

    start();
    rig.day.quota = (struct gh_quota){0};
    spend_at(4000, 12);
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    at_day(SATURDAY);
    spend_at(1000, 12);
    at_day(SUNDAY);
    spend_at(500, 20);
    CHECK_NEAR(day->spent, 5500.0, 1e-3);
    CHECK_NEAR((double)day->need, 5000.0, 1e-3);
    rig_close(&rig);
}

static void targets_in_money_are_held_against_cost(void)
{
    const struct gh_quota_chasing_day *day = (const void *)rig.state;

    start();
    rig.day.quota = (struct gh_quota){.cost_usd = 10, .period = GH_WEEK};
    spend_at(3000, 12);
    at_day(SUNDAY);
    rig.day.quota = (struct gh_quota){.cost_usd = 10, .period = GH_WEEK};
    spend_at(7100, 20);
    CHECK_NEAR(day->spent, 10.1, 1e-9);
    CHECK_NEAR((double)day->need, 7.0, 1e-6);
    CHECK_NEAR((double)day->usual, 0.7, 1e-6);
    CHECK(rig_observe(&rig).edge == 1);
    rig_close(&rig);
}

static void periods_end_with_the_calendar(void)
{
    static const struct {
        enum gh_period period;
        int32_t from, last; /* days after 2 March 2026 */
    } row[] = {{GH_DAY, 4, 4},
               {GH_WEEK, 6, 6},
               {GH_MONTH, 28, 29},
               {GH_QUARTER, 25, 29},
               {GH_QUARTER, 300, 304}}; /* 31 December 2026 */
    const struct gh_quota_chasing_day *day = (const void *)rig.state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        start();
        at_day(row[i].from);
        rig.day.quota.period = row[i].period;
        spend_at(10, 23);
        CHECK(day->last == (int32_t)(RIG_START / GH_MS_PER_DAY) + row[i].last);
        rig_close(&rig);
    }
}

static void an_end_in_the_middle_of_the_last_days_counts_the_days_to_come(void)
{
    start();
    at_day(28); /* 30 March, two days of the last three are left with it */
    rig.day.quota.period = GH_MONTH;
    spend_at(10100, 12);
    const struct gh_observation seen = rig_observe(&rig);
    /* need 10,000, usual 3,100, over 100 and a usual day */
    const double p = pow(10000.0 / 3100, -2) * (1 - pow(1 + 1100.0 / 10000, -2));
    CHECK_NEAR(seen.value, log_k - 0.7 * log(p), 1e-4);
    CHECK(seen.edge == 0);
    rig_close(&rig);
}

static void without_a_target_or_a_usual_day_nothing_is_judged(void)
{
    start();
    at_day(SUNDAY);
    rig.day.quota = (struct gh_quota){0};
    spend_at(90000, 20);
    CHECK(rig.score == 0.0 && rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    at_day(7 + SUNDAY);
    rig.person.usual_tokens = NAN;
    spend_at(10100, 20);
    CHECK(rig.score == 0.0 && rig_observe(&rig).state == GH_TOO_LITTLE);
    rig_close(&rig);
}

static void everybodys_ends_are_told_when_chance_does_not_explain_them(void)
{
    char explanation[768], question[320];
    struct gh_episode e = {.days = 1, .from_ms = RIG_START};
    const struct gh_telling telling = {.episode = &e, .track = GH_INCIDENT};

    start();
    spend_at(3000, 12);
    at_day(SUNDAY);
    spend_at(7100, 20);
    const struct gh_observation seen = rig_observe(&rig);
    for (uint32_t above = 5; above <= 45; above += 40) {
        rig.person.above_edge = above;
        rig.person.below_edge = 5;
        const struct gh_observe in = rig_observe_of(&rig);
        rig.detector->tell(&in, &seen, 0, &e);
        rig.detector->explain(&telling, explanation, sizeof explanation, question,
                              sizeof question);
        CHECK((strstr(explanation, "of 50 people") != NULL) == (above == 45));
    }
    CHECK(e.value[3] > 0.0 && e.value[3] < 1e-5);
    CHECK(strstr(explanation, "usage worth 71 % of the target was added, where 7 %") != NULL);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(the_last_tenth_of_a_week_begins_on_sunday_morning),
    GH_TEST(a_week_topped_up_to_just_above_scores_by_need_and_by_stop),
    GH_TEST(a_week_that_ends_below_takes_off),
    GH_TEST(far_past_the_target_is_another_matter),
    GH_TEST(who_was_there_before_needs_nothing),
    GH_TEST(the_fast_path_speaks_when_the_target_is_reached),
    GH_TEST(a_usual_busy_sunday_becomes_the_expectation),
    GH_TEST(what_was_spent_before_the_target_was_told_counts),
    GH_TEST(targets_in_money_are_held_against_cost),
    GH_TEST(periods_end_with_the_calendar),
    GH_TEST(an_end_in_the_middle_of_the_last_days_counts_the_days_to_come),
    GH_TEST(without_a_target_or_a_usual_day_nothing_is_judged),
    GH_TEST(everybodys_ends_are_told_when_chance_does_not_explain_them),
};

GH_TEST_MAIN(tests)
