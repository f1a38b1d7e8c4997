/* What: off_hours_burst at once: nights on top of a day's work, how they add up, and what must
 *       stay silent: declared duty, a day that has moved, no known rhythm, the newly hired.
 * How:  calls by hand straight into the detector; days of nine working hours make the past. */
#include "detect/off_hours_burst.h"
#include "support/detector_kit.h"

enum { HISTORY = 12 };

static const double usual = 900.0;
static struct rig rig;
static bool raised; /* ever */

static void begin(void)
{
    rig_open(&rig, rig_find("off_hours_burst"));
    rig.common_tokens = rig.person.usual_tokens = usual;
}

static void spend(uint32_t hour, double tokens)
{
    const int64_t midnight = (int64_t)rig.day.date * GH_MS_PER_DAY;
    struct gh_call call = rig_call(0);

    call.ts_ms = midnight + hour * GH_MS_PER_HOUR;
    call.tokens = tokens;
    rig_step(&rig, call);
    raised |= rig.raised;
}

static void work(uint32_t from, uint32_t until)
{
    for (uint32_t hour = from; hour < until; hour++)
        spend(hour, usual / (until - from));
}

static void end_day(void)
{
    (void)rig_observe(&rig);
    rig_next_day(&rig);
}

static void past(int days)
{
    for (int d = 0; d < days; d++) {
        work(9, 18);
        end_day();
    }
}

/* Machines from 21:00 on and into the next morning, so many usual days in all. */
static double night(double usual_days)
{
    double score = 0.0;

    work(9, 18);
    for (uint32_t i = 0; i < 10; i++) {
        if (i == 3)
            end_day();
        spend((21 + i) % 24, usual_days * usual / 10);
        score = fmax(score, rig.score);
    }
    return score;
}

static void a_night_is_scored_while_it_lasts(void)
{
    begin();
    past(HISTORY);
    work(9, 18);
    spend(21, 0.9 * usual);
    CHECK(rig.score <= 0.0); /* less than a usual day */
    spend(22, 0.9 * usual);
    CHECK_NEAR(rig.score, log(1.8), 1e-6);
    rig_close(&rig);
}

static void it_goes_on_past_midnight(void)
{
    begin();
    past(HISTORY);
    CHECK_NEAR(night(4.0), log(4.0), 1e-6);
    rig_close(&rig);
}

static void a_night_counts_only_so_much_and_nights_add_up(void)
{
    begin();
    past(HISTORY);
    rig.threshold = 2.0;
    raised = false;
    CHECK_NEAR(night(40.0), 1.5, 1e-12);
    CHECK(!raised);
    CHECK_NEAR(night(3.0), 1.5 + log(3.0), 1e-6);
    CHECK(raised);
    CHECK(rig.episode.log_e > 2.0 && rig.episode.days == 1);
    CHECK(rig.episode.value[0] > 0.0 && rig.episode.value[0] <= rig.episode.tokens);
    CHECK_NEAR(rig.episode.expected[2], usual, 1e-12);
    CHECK(rig.episode.excess_tokens <= rig.episode.tokens);
    rig_close(&rig);
}

static void nights_without_one_take_it_back(void)
{
    begin();
    past(HISTORY);
    CHECK(night(3.0) > 1.0);
    work(9, 18);
    end_day();
    past(3);
    CHECK_NEAR(night(3.0), log(3.0), 1e-6);
    rig_close(&rig);
}

/* Duty that was declared: on call, crunch, leave, a holiday. */
static void a_declared_night_says_nothing(void)
{
    for (uint32_t type = 0; type < 4; type++) {
        begin();
        past(HISTORY);
        rig.day.schedule = 1u << type;
        work(9, 18);
        for (uint32_t hour = 21; hour < 24; hour++) {
            spend(hour, 9 * usual);
            CHECK(rig.score <= 0.0);
        }
        rig_close(&rig);
    }
}

/* Travel: the whole day's work falls into the night. */
static void a_day_that_has_moved_says_nothing(void)
{
    begin();
    past(HISTORY);
    rig.day.date++; /* a day to fly */
    for (int d = 0; d < 5; d++) {
        for (uint32_t hour = 0; hour < 6; hour++) {
            spend(hour, 1.5 * usual / 6);
            CHECK(rig.score <= 0.0);
        }
        end_day();
    }
    rig_close(&rig);
}

/* Back from leave to a pile of work, into the evening. */
static void a_large_day_of_work_says_nothing(void)
{
    begin();
    past(HISTORY);
    rig.day.date += 14;
    for (int d = 0; d < 3; d++) {
        work(9, 18);
        work(9, 18);
        work(9, 18);
        spend(19, 0.5 * usual); /* within the margin */
        spend(21, 0.5 * usual);
        CHECK(rig.score <= 0.0);
        end_day();
    }
    rig_close(&rig);
}

static void the_new_and_the_restless_have_no_hours(void)
{
    begin();
    past(5);
    CHECK(night(9.0) <= 0.0); /* five days are no rhythm */
    rig_close(&rig);
    begin();
    for (int d = 0; d < HISTORY; d++) {
        work(0, 24);
        end_day();
    }
    CHECK(night(9.0) <= 0.0);
    rig_close(&rig);
}

static void calls_of_others_are_not_ones_night(void)
{
    begin();
    past(HISTORY);
    struct gh_call call = rig_call(10 * GH_MS_PER_HOUR);
    call.ts_ms = (int64_t)rig.day.date * GH_MS_PER_DAY + 23 * GH_MS_PER_HOUR;
    call.tokens = 50 * usual;
    call.foreign = true;
    rig_step(&rig, call);
    CHECK(rig.score <= 0.0);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(a_night_is_scored_while_it_lasts),
    GH_TEST(it_goes_on_past_midnight),
    GH_TEST(a_night_counts_only_so_much_and_nights_add_up),
    GH_TEST(nights_without_one_take_it_back),
    GH_TEST(a_declared_night_says_nothing),
    GH_TEST(a_day_that_has_moved_says_nothing),
    GH_TEST(a_large_day_of_work_says_nothing),
    GH_TEST(the_new_and_the_restless_have_no_hours),
    GH_TEST(calls_of_others_are_not_ones_night),
};

GH_TEST_MAIN(tests)
