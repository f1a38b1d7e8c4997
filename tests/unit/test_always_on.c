/* What: always_on: silences and hours awake over two days, what makes a half-hour count,
 *       whose calls are left out, the fast path.
 * How:  calls by hand at hours since the start; the values follow from counting half-hours. */
#include "detect/always_on.h"
#include "support/detector_kit.h"

static struct rig rig;

static void start(void)
{
    rig_open(&rig, rig_find("always_on"));
}

static struct gh_call call_at(double hour)
{
    return rig_call((int64_t)((hour - 12.0) * (double)GH_MS_PER_HOUR));
}

/* A call at every half-hour of [from, until). */
static void busy(double from, double until)
{
    for (double h = from; h < until; h += 0.5)
        rig_step(&rig, call_at(h));
}

static double value(void)
{
    return rig_observe(&rig).value;
}

static const struct gh_always_on_day *day(void)
{
    return (const struct gh_always_on_day *)(const void *)rig.state;
}

static void two_days_without_a_pause_count_in_full(void)
{
    start();
    busy(0, 48);
    CHECK(day()->rest_h == 0.0f && day()->awake_h == 24.0f);
    CHECK(value() == 1.0);
    rig_close(&rig);
}

static void days_of_work_do_not_count(void)
{
    start();
    busy(9, 18.5);
    busy(33, 42);
    CHECK(day()->rest_h == 15.0f); /* before the first day: 18:00 to 9:00 */
    CHECK_NEAR(day()->awake_h, (19 + 18) / 4.0, 1e-6);
    CHECK(value() == 0.0);
    rig_close(&rig);
}

/* Works till five, and again from eleven: six hours of sleep, twice. */
static void short_nights_count_a_little(void)
{
    start();
    busy(11, 29);
    busy(35, 53);
    CHECK(day()->rest_h == 6.0f && day()->awake_h == 18.0f);
    CHECK(value() == 0.5); /* 18 hours awake; 6 to 6.5 hours of rest are none */
    rig_close(&rig);
}

static void one_night_without_sleep_hardly_counts(void)
{
    start();
    busy(9, 42); /* through the night till 18:00 of the second day */
    CHECK(day()->rest_h == 15.0f);
    CHECK_NEAR(value(), (16.5 - 16.0) / 4.0, 1e-12);
    rig_close(&rig);
}

static void a_machine_that_rests_five_hours_and_a_half_is_seen(void)
{
    start();
    busy(5.5, 24);
    busy(29.5, 48);
    CHECK(day()->rest_h == 5.5f && day()->awake_h == 18.5f);
    CHECK(value() == (18.5 - 16) / 4);
    rig_close(&rig);
}

static void few_calls_round_the_clock_leave_no_rest(void)
{
    start();
    for (int h = 0; h < 48; h += 4)
        rig_step(&rig, call_at(h));
    CHECK(day()->rest_h == 3.5f && day()->awake_h == 3.0f); /* twelve half-hours */
    CHECK(value() == 1.0);                                  /* (6.5 - 4) / 2, cut */
    rig_close(&rig);
}

static void where_the_clock_stands_does_not_matter(void)
{
    static const double shift[] = {0, 3.5, 8, 13, 23.5};

    for (int i = 0; i < 5; i++) {
        start();
        busy(24 + 5.5 + shift[i], 48 + shift[i]);
        busy(48 + 5.5 + shift[i], 72 + shift[i]);
        CHECK(value() == (18.5 - 16) / 4);
        rig_close(&rig);
    }
}

static void pauses_below_an_hour_and_a_half_are_no_silence(void)
{
    start();
    busy(9, 10);
    rig_step(&rig, call_at(11)); /* two empty half-hours before it */
    CHECK(day()->awake_h == 5 / 4.0f);
    rig_step(&rig, call_at(12.5));
    CHECK(day()->awake_h == 8 / 4.0f);
    rig_step(&rig, call_at(14.5)); /* three */
    CHECK(day()->awake_h == 9 / 4.0f);
    rig_close(&rig);
}

/* Whether one or two calls make a half-hour count, where an even spread of the own usual day
 * and of anybody's holds so many tokens. */
static bool counts(double own, double common, double first, double second)
{
    struct gh_call call = call_at(9);

    start();
    rig.person.usual_tokens = 48 * own;
    rig.common_tokens = 48 * common;
    call.tokens = first;
    rig_step(&rig, call);
    call.ts_ms += 20 * RIG_MINUTE;
    call.tokens = second;
    if (second > 0)
        rig_step(&rig, call);
    const bool counted = day()->awake_h > 0.0f;
    rig_close(&rig);
    return counted;
}

static void a_half_hour_counts_from_a_quarter_of_an_even_spread_on(void)
{
    CHECK(counts(NAN, 0, 1, 0) && !counts(NAN, 0, 0, 0)); /* no usual day: any token */
    CHECK(counts(400, 0, 100, 0) && !counts(400, 0, 99, 0) && counts(400, 0, 60, 40));
    CHECK(counts(0, 400, 100, 0) && !counts(0, 400, 99, 0) && counts(0, 400, 60, 40));
    CHECK(!counts(4, 400, 99, 0) && !counts(400, 4, 99, 0)); /* the larger holds */
}

/* A call of an agent without a person; with one at `hour` 8 when attended. */
static void agent_call(double hour, double tokens, bool attended)
{
    struct gh_call call = call_at(hour);

    call.agent = 7;
    call.origin = GH_ORIGIN_UNKNOWN;
    call.tokens = tokens;
    call.user_tokens = attended ? 1 : 0;
    rig_step(&rig, call);
}

static void an_agent_that_comes_alone_must_hold_a_whole_one(void)
{
    for (int attended = 0; attended < 2; attended++) {
        start();
        rig.common_tokens = 48 * 400;
        agent_call(8, 1, attended);
        agent_call(9, 399, false);
        CHECK((day()->awake_h > 0.0f) == (attended == 1));
        agent_call(10, 400, false);
        CHECK(day()->awake_h > 0.0f);
        rig_close(&rig);
    }
}

/* Round the clock from the first day on; what the fifth day shows. */
static double from_the_first_day(bool attended, double since)
{
    start();
    for (int d = 0; d < 30; d++) {
        for (double h = 0; h < 24; h += 0.5)
            if (d >= since)
                agent_call(d * 24 + h, 20, attended && h == 12);
        rig_step(&rig, call_at(d * 24 + 10));
        if (d < 29) {
            (void)rig_observe(&rig);
            rig_next_day(&rig);
        }
    }
    const double x = value();
    rig_close(&rig);
    return x;
}

static void agents_that_always_ran_so_are_the_persons_own_past(void)
{
    CHECK(from_the_first_day(false, 0) == 0.0);
    CHECK(from_the_first_day(true, 0) == 1.0);   /* a person works with it, too */
    CHECK(from_the_first_day(false, 20) == 1.0); /* new */
}

static void what_says_itself_that_nobody_sat_there_does_not_count(void)
{
    start();
    for (double h = 0; h < 48; h += 0.5) {
        struct gh_call call = call_at(h);
        call.origin = (int)(2 * h) % 2 ? GH_CI : GH_SCHEDULED;
        rig_step(&rig, call);
        call.origin = GH_INTERACTIVE;
        call.foreign = true;
        rig_step(&rig, call);
    }
    CHECK(day()->awake_h == 0.0f && value() == 0.0);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig_close(&rig);
}

static void days_on_call_or_at_crunch_say_too_little(void)
{
    start();
    busy(0, 48);
    rig.day.schedule = 1u << GH_ON_CALL;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig.day.schedule = 1u << GH_CRUNCH;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig.day.schedule = 0;
    CHECK(rig_observe(&rig).state == GH_OBSERVED);
    rig_close(&rig);
}

static void events_that_come_late_set_their_own_half_hour(void)
{
    start();
    for (int i = 0; i < 96; i += 2) {
        rig_step(&rig, call_at((i + 1) * 0.5));
        rig_step(&rig, call_at(i * 0.5));
    }
    CHECK(day()->rest_h == 0.0f && day()->awake_h == 24.0f);
    rig_step(&rig, call_at(-100)); /* long gone */
    CHECK(day()->awake_h == 24.0f);
    rig_close(&rig);
}

static void after_a_long_absence_nothing_is_left(void)
{
    start();
    busy(0, 48);
    rig_step(&rig, call_at(48 + 47.5)); /* the first half-hour is the only one in reach */
    CHECK(day()->awake_h == 0.25f && day()->rest_h == 47.5f);
    rig_step(&rig, call_at(1000));
    CHECK(day()->awake_h == 0.25f && day()->rest_h == 47.5f);
    rig_close(&rig);
}

static void the_fast_path_raises_at_so_many_hours_of_the_last_24(void)
{
    start();
    rig.threshold = 18;
    busy(0, 17.5);
    CHECK(!rig.raised && rig.score == 17.5);
    rig_step(&rig, call_at(17.5));
    CHECK(rig.raised && rig.score == 18.0 && rig.episode.log_e == 18.0);
    CHECK(rig.episode.value[1] == 18.0 && rig.episode.expected[1] == 9.0);
    CHECK_NEAR(rig.episode.excess_tokens, 0.5 * rig.episode.tokens, 1e-9);
    rig_step(&rig, call_at(17.6));
    CHECK(!rig.raised && rig.score == 18.0); /* told a minute ago */
    rig_close(&rig);
}

static void a_pause_ends_the_fast_path(void)
{
    start();
    rig.threshold = 18;
    rig.person.usual_tokens = 48 * 40; /* a quarter: 10 */
    busy(0, 20);
    CHECK(rig.score == 20.0 && rig.episode.log_e >= 18.0);
    struct gh_call call = call_at(26);
    call.tokens = 1;
    rig_step(&rig, call);
    CHECK(rig.score == 0.0 && !rig.raised);
    rig_close(&rig);
}

static void an_episode_tells_means_and_own_past(void)
{
    struct gh_episode e = {0};

    start();
    busy(9, 18);
    (void)rig_observe(&rig);
    rig_next_day(&rig);
    busy(24, 96);
    const struct gh_observation seen = rig_observe(&rig);
    const struct gh_observe in = rig_observe_of(&rig);
    for (e.days = 1; e.days <= 2; e.days++)
        rig.detector->tell(&in, &seen, 0.05, &e);
    CHECK(e.value[0] == 0.0 && e.value[1] == 24.0 && e.expected[1] == 4.5 && e.value[2] == 2.0);
    CHECK(isnan(e.expected[0]) && isnan(e.expected[2]));
    rig_close(&rig);
}

static void the_words_hold_the_figures(void)
{
    struct gh_episode e = {.days = 3, .calls = 9, .value = {1.5, 22, 3}, .expected = {0, 9}};
    const struct gh_telling review = {.episode = &e, .track = GH_REVIEW};
    const struct gh_telling incident = {.episode = &e, .track = GH_INCIDENT, .fast = true};
    char text[768], question[320];

    start();
    rig.detector->explain(&review, text, sizeof text, question, sizeof question);
    CHECK(strstr(text, "22 hours a day where 9 are usual") && strstr(text, "1.5 hours"));
    CHECK(strchr(question, '?') != NULL);
    rig.detector->explain(&incident, text, sizeof text, question, sizeof question);
    CHECK(strstr(text, "22 of the last 24 hours; about 9 a day are usual"));
    CHECK(strchr(question, '?') != NULL);
    rig_close(&rig);
}

/* Half an hour must hold 25 of 4,800 tokens: late calls join those of the half-hour before the
 * newest one, and none of an older one. */
static void calls_of_the_half_hour_before_are_added_up(void)
{
    for (int gap = 1; gap <= 2; gap++) {
        start();
        rig.person.usual_tokens = 4800;
        for (int i = 0; i < 3; i++) {
            struct gh_call call = call_at(i == 1 ? 0.5 * gap : i == 2 ? 0.5 * (gap - 1) : 0);
            call.tokens = i == 1 ? 1000 : i == 2 ? 10 : 20;
            rig_step(&rig, call);
        }
        CHECK_NEAR(day()->awake_h, gap == 1 ? 2 / 4.0 : 1 / 4.0, 1e-6);
        rig_close(&rig);
    }
}

/* Five hours of work, a call 35 hours later; and a half-hour between two that lie a day and a
 * third back, where one word of bits ends and the next begins. */
static void two_days_are_remembered_whole(void)
{
    start();
    busy(0, 5);
    rig_step(&rig, call_at(39.5)); /* 70 half-hours after the last */
    CHECK_NEAR(day()->awake_h, 11 / 4.0, 1e-6);
    rig_close(&rig);
    start();
    rig_step(&rig, call_at(0));
    rig_step(&rig, call_at(1));
    rig_step(&rig, call_at(32));
    CHECK_NEAR(day()->awake_h, 4 / 4.0, 1e-6);
    rig_close(&rig);
}

/* The score of the fast path: hours of the last 24. */
static void the_fast_path_counts_one_day_and_ends_with_a_pause_of_two_hours(void)
{
    for (int pause = 3; pause <= 4; pause++) {
        start();
        busy(0, 30);
        CHECK(rig.score == 24.0);
        rig.person.usual_tokens = 1e9; /* so that the next call does not count */
        rig_step(&rig, call_at(29.5 + 0.5 * pause));
        CHECK(rig.score == (pause == 3 ? 24.0 : 0.0));
        rig_close(&rig);
    }
}

/* Rests of 5 hours and up to a half more: (6.5 - 5.5) / 2. */
static void a_rest_may_be_half_an_hour_longer_than_it_seems(void)
{
    start();
    *(struct gh_always_on_day *)(void *)rig.state =
        (struct gh_always_on_day){.rest_h = 5, .awake_h = 9};
    CHECK(value() == 0.5);
    rig_close(&rig);
}

/* Days of 8, 4 and 6 hours, each weighing 0.95 of the next. */
static void usual_hours_are_the_own_mean_and_fade(void)
{
    static const float hours[] = {8, 4, 6};
    struct gh_episode e = {.days = 1};
    const struct gh_observation seen = {0};

    start();
    for (int i = 0; i < 3; i++) {
        *(struct gh_always_on_day *)(void *)rig.state =
            (struct gh_always_on_day){.rest_h = 14, .awake_h = hours[i]};
        (void)rig_observe(&rig);
    }
    const struct gh_observe in = rig_observe_of(&rig);
    rig.detector->tell(&in, &seen, 0, &e);
    CHECK_NEAR(e.expected[1], (0.95 * 0.95 * 8 + 0.95 * 4 + 6) / (0.95 * 0.95 + 0.95 + 1),
               1e-5);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(calls_of_the_half_hour_before_are_added_up),
    GH_TEST(two_days_are_remembered_whole),
    GH_TEST(the_fast_path_counts_one_day_and_ends_with_a_pause_of_two_hours),
    GH_TEST(a_rest_may_be_half_an_hour_longer_than_it_seems),
    GH_TEST(usual_hours_are_the_own_mean_and_fade),
    GH_TEST(two_days_without_a_pause_count_in_full),
    GH_TEST(days_of_work_do_not_count),
    GH_TEST(short_nights_count_a_little),
    GH_TEST(one_night_without_sleep_hardly_counts),
    GH_TEST(a_machine_that_rests_five_hours_and_a_half_is_seen),
    GH_TEST(few_calls_round_the_clock_leave_no_rest),
    GH_TEST(where_the_clock_stands_does_not_matter),
    GH_TEST(pauses_below_an_hour_and_a_half_are_no_silence),
    GH_TEST(a_half_hour_counts_from_a_quarter_of_an_even_spread_on),
    GH_TEST(an_agent_that_comes_alone_must_hold_a_whole_one),
    GH_TEST(agents_that_always_ran_so_are_the_persons_own_past),
    GH_TEST(what_says_itself_that_nobody_sat_there_does_not_count),
    GH_TEST(days_on_call_or_at_crunch_say_too_little),
    GH_TEST(events_that_come_late_set_their_own_half_hour),
    GH_TEST(after_a_long_absence_nothing_is_left),
    GH_TEST(the_fast_path_raises_at_so_many_hours_of_the_last_24),
    GH_TEST(a_pause_ends_the_fast_path),
    GH_TEST(an_episode_tells_means_and_own_past),
    GH_TEST(the_words_hold_the_figures),
};

GH_TEST_MAIN(tests)
