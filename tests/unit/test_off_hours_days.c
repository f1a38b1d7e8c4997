/* What: which hours are a person's own, and what a day outside them counts
 *       (detect/off_hours_burst.h).
 * How:  ten days of 2400 tokens, evenly from 9 to 16 o'clock: each of eight hours holds an
 *       eighth, five hours around an hour must hold 5/24, so that the own hours are 8 to 17. */
#include "detect/off_hours_burst.h"

#include "detect/run.h"
#include "support/detector_kit.h"

static struct rig rig;

static const double usual = 2400;

static void spend(uint32_t hour, double tokens)
{
    struct gh_call call = rig_call(((int64_t)hour - 12) * GH_MS_PER_HOUR);

    call.tokens = tokens;
    rig_step(&rig, call);
}

static struct gh_observation day_ends(void)
{
    const struct gh_observation seen = rig_observe(&rig);

    rig_next_day(&rig);
    return seen;
}

static void usual_day(void)
{
    for (uint32_t hour = 9; hour < 17; hour++)
        spend(hour, 300);
}

static void begin(int days)
{
    rig_open(&rig, rig_find("off_hours_burst"));
    rig.person.usual_tokens = usual;
    for (int day = 0; day < days; day++) {
        usual_day();
        CHECK(day_ends().state == GH_TOO_LITTLE);
    }
}

/* A usual day, and one and a half of it at this hour. */
static struct gh_observation burst_at(uint32_t hour)
{
    spend(12, usual);
    spend(hour, 3600);
    return day_ends();
}

static double score_of(double x)
{
    struct gh_run run = {0};

    return gh_run_step(&run, x, 0.01, 0.03);
}

static void excess_outside_the_own_hours_counts_in_usual_days(void)
{
    begin(10);
    struct gh_observation seen = burst_at(3);
    CHECK(seen.state == GH_OBSERVED && seen.expected == usual);
    CHECK_NEAR(seen.excess_share, 0.6, 1e-15);
    CHECK_NEAR(seen.value, score_of(0.5), 1e-12); /* 3600 of three usual days */
    rig_close(&rig);
    begin(10);
    spend(3, 3600); /* of which 1200 are more than a usual day */
    seen = day_ends();
    CHECK_NEAR(seen.excess_share, 1.0 / 3, 1e-15);
    CHECK_NEAR(seen.value, score_of(1.0 / 6), 1e-12);
    rig_close(&rig);
    begin(10);
    spend(3, 1000);
    spend(12, 9000); /* of which 1000 are outside */
    CHECK_NEAR(day_ends().excess_share, 0.1, 1e-15);
    spend(3, 1e6);
    CHECK_NEAR(day_ends().excess_share, 1 - usual / 1e6, 1e-15);
    spend(3, 2000); /* less than a usual day in all */
    CHECK(day_ends().excess_share == 0);
    rig_close(&rig);
}

static void one_day_counts_in_full_at_most(void)
{
    begin(10);
    spend(3, 1e6);
    CHECK_NEAR(day_ends().value, score_of(1), 1e-12);
    rig_close(&rig);
}

static void own_hours_hold_as_much_as_an_even_spread(void)
{
    for (uint32_t hour = 0; hour < 24; hour++) {
        begin(10);
        CHECK((burst_at(hour).excess_share > 0) == (hour < 8 || hour > 17));
        rig_close(&rig);
    }
}

/* Hours of which a part is declared, and two on either side. */
static void declared_hours_and_those_around_them_are_own(void)
{
    static const struct {
        struct gh_hours hours;
        uint32_t first, last;
    } row[] = {
        {{.from_min = 1350, .until_min = 180}, 20, 4}, /* 22:30 to 3:00: hours 22 to 2 */
        {{.from_min = 60, .until_min = 90}, 23, 3},
        {{.from_min = 30, .until_min = 30}, 8, 17}, /* none */
    };

    for (int i = 0; i < 3; i++) {
        for (uint32_t hour = 0; hour < 24; hour++) {
            const bool worked = hour >= 8 && hour <= 17;
            const bool declared = row[i].first > row[i].last
                                      ? hour >= row[i].first || hour <= row[i].last
                                      : worked;
            begin(10);
            rig.person.hours = row[i].hours;
            rig.person.zone_known = true;
            CHECK((burst_at(hour).excess_share > 0) == !(worked || declared));
            rig_close(&rig);
            begin(10);
            rig.person.hours = row[i].hours; /* of a zone that nobody knows */
            CHECK((burst_at(hour).excess_share > 0) == !worked);
            rig_close(&rig);
        }
    }
}

static void nine_days_are_no_rhythm(void)
{
    begin(9);
    CHECK(burst_at(3).state == GH_TOO_LITTLE);
    CHECK(burst_at(3).state == GH_OBSERVED);
    rig_close(&rig);
}

static void days_that_are_explained_and_people_without_a_usual_day_are_left_out(void)
{
    static const enum gh_schedule row[] = {GH_ON_CALL, GH_CRUNCH, GH_LEAVE, GH_HOLIDAY};

    begin(10);
    for (int i = 0; i < 4; i++) {
        rig.day.schedule = 1u << row[i];
        CHECK(burst_at(3).state == GH_TOO_LITTLE);
    }
    rig.person.usual_tokens = NAN;
    CHECK(burst_at(3).state == GH_TOO_LITTLE);
    rig.person.usual_tokens = usual;
    CHECK(day_ends().state == GH_TOO_LITTLE); /* no tokens at all */
    CHECK(burst_at(12).state == GH_OBSERVED);
    rig_close(&rig);
    begin(10);
    struct gh_call foreign = rig_call(-9 * GH_MS_PER_HOUR);
    foreign.foreign = true;
    foreign.tokens = 1e6;
    rig_step(&rig, foreign);
    spend(12, 2 * usual);
    CHECK(day_ends().excess_share == 0);
    rig_close(&rig);
}

/* Three hours hold p, the other 21 the rest evenly: own are these three and two on either side,
 * p + 4 (1 - p) / 21 of the past. That is 3/4 at p = 0.6912. */
static void where_the_own_hours_hold_less_than_three_quarters_there_are_none(void)
{
    for (int more = 0; more < 2; more++) {
        const double p = more ? 0.70 : 0.68;
        begin(0);
        for (int day = 0; day < 10; day++) {
            for (uint32_t hour = 0; hour < 24; hour++)
                spend(hour, hour >= 10 && hour <= 12 ? p * 800 : (1 - p) * usual / 21);
            day_ends();
        }
        CHECK(burst_at(3).state == (more ? GH_OBSERVED : GH_TOO_LITTLE));
        rig_close(&rig);
    }
}

/* Bursts teach nothing. A day of which 5/17 fall into the night does: after n of them it holds
 * 5/17 (1 - 0.97^n) of 1 - 0.97^(n + 10), which is 5/24 for the first time at n = 17. */
static void a_rhythm_is_learned_from_days_that_are_mostly_usual(void)
{
    begin(10);
    for (int day = 0; day < 60; day++)
        CHECK_NEAR(burst_at(3).excess_share, 0.6, 1e-15);
    rig_close(&rig);
    begin(10);
    for (int day = 0; day < 20; day++) {
        usual_day();
        spend(3, 1000);
        CHECK((day_ends().excess_share > 0) == (day < 17));
    }
    rig_close(&rig);
}

static double night(int day, double tokens)
{
    struct gh_call call = rig_call(day * GH_MS_PER_DAY - 9 * GH_MS_PER_HOUR);

    call.tokens = tokens;
    rig_step(&rig, call);
    return rig.score;
}

/* Ten own days of 2,400 and five of everybody's 1,200: 2,000. Of a night of 8,400 tokens 6,000
 * are more than a usual day, which is log 3; a night of a few takes off 1, and none adds more
 * than 1.5. */
static void nights_add_up_by_the_log_of_their_excess(void)
{
    begin(10);
    rig.common_tokens = 1200;
    CHECK_NEAR(night(1, 8400), log(3), 1e-6);
    CHECK_NEAR(night(2, 8400), 2 * log(3), 1e-6);
    night(3, 100);
    CHECK_NEAR(night(4, 8400), 3 * log(3) - 1, 1e-6);
    CHECK_NEAR(night(5, 1e6), 3 * log(3) - 1 + 1.5, 1e-6);
    rig_close(&rig);
}

static void an_episode_tells_sums_and_means(void)
{
    struct gh_episode e = {.days = 1, .tokens = 6000};
    const struct gh_observation seen = {.excess_share = 0.5, .expected = usual};

    begin(0);
    rig.day.tokens = 6000;
    struct gh_observe in = rig_observe_of(&rig);
    rig.detector->tell(&in, &seen, 0, &e);
    CHECK(e.value[0] == 3000 && e.value[1] == 0.5 && e.value[2] == 6000 && e.value[3] == 1);
    CHECK(e.expected[2] == usual);
    e.days = 2;
    e.tokens = 10000;
    rig.day.tokens = 4000;
    rig.detector->tell(&in, &(struct gh_observation){.expected = 3000}, 0, &e);
    CHECK(e.value[0] == 3000 && e.value[1] == 0.3 && e.value[2] == 5000 && e.value[3] == 2);
    CHECK(e.expected[2] == 2700);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(excess_outside_the_own_hours_counts_in_usual_days),
    GH_TEST(one_day_counts_in_full_at_most),
    GH_TEST(own_hours_hold_as_much_as_an_even_spread),
    GH_TEST(declared_hours_and_those_around_them_are_own),
    GH_TEST(nine_days_are_no_rhythm),
    GH_TEST(days_that_are_explained_and_people_without_a_usual_day_are_left_out),
    GH_TEST(where_the_own_hours_hold_less_than_three_quarters_there_are_none),
    GH_TEST(a_rhythm_is_learned_from_days_that_are_mostly_usual),
    GH_TEST(nights_add_up_by_the_log_of_their_excess),
    GH_TEST(an_episode_tells_sums_and_means),
};
GH_TEST_MAIN(tests)
