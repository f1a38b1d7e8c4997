/* What: output_churn: which outputs are trivial or taken back, the share of a day, the fast
 *       path's run, what an episode tells.
 * How:  output events by hand straight into the detector. A run grows by log(0.625/0.25) =
 *       0.916 and falls by log(0.375/0.75) = -0.693 while the own past is short. */
#include "detect/output_churn.h"
#include "support/detector_kit.h"

static const double up = 0.91629073187415511, down = 0.69314718055994529;

static struct rig rig;

static void start(void)
{
    rig_open(&rig, rig_find("output_churn"));
}

static const struct gh_output_churn_day *day(void)
{
    return (const struct gh_output_churn_day *)(const void *)rig.state;
}

static struct gh_output output_of(enum gh_state state, double units, double change)
{
    return (struct gh_output){.ts_ms = RIG_START + (int64_t)rig.calls * RIG_MINUTE,
                              .ref = 5,
                              .state = state,
                              .units = units,
                              .change = change};
}

static void sized(double added, double removed)
{
    struct gh_output output = output_of(GH_ACCEPTED, 1, 1);

    output.present = UINT64_C(1) << GH_KEY_lines_added | UINT64_C(1) << GH_KEY_lines_removed;
    output.lines_added = added;
    output.lines_removed = removed;
    rig_output(&rig, output);
}

static void lasting(int count)
{
    for (int i = 0; i < count; i++)
        sized(100, 20);
}

static void trivial(int count)
{
    for (int i = 0; i < count; i++)
        sized(2, 1);
}

static void taken_back(int count)
{
    for (int i = 0; i < count; i++)
        rig_output(&rig, output_of(GH_REVERTED, 1, -1));
}

static void size_tells_what_is_trivial(void)
{
    start();
    sized(5, 0);
    sized(0, 5);
    CHECK(day()->trivial == 2);
    sized(5, 1);
    rig_output(&rig, output_of(GH_ACCEPTED, 1, 1)); /* size not told */
    CHECK(day()->trivial == 2 && day()->credited == 4);
    rig_output(&rig, output_of(GH_ACCEPTED, 0, 0)); /* worth nothing, says the source */
    CHECK(day()->trivial == 3 && day()->credited == 5);
    rig_close(&rig);
}

static void what_was_credited_and_is_no_more_is_taken_back(void)
{
    start();
    rig_output(&rig, output_of(GH_REVERTED, 1, -1));
    rig_output(&rig, output_of(GH_REJECTED, 3, -3));
    rig_output(&rig, output_of(GH_REVERTED, 0, 0));
    CHECK(day()->taken_back == 3 && day()->credited == 0);
    rig_close(&rig);
}

static void what_changes_nothing_does_not_count(void)
{
    start();
    rig_output(&rig, output_of(GH_PROPOSED, 3, 0));
    rig_output(&rig, output_of(GH_REJECTED, 3, 0)); /* was never credited */
    rig_output(&rig, output_of(GH_ACCEPTED, 3, 0)); /* the same once more */
    rig_output(&rig, output_of(GH_REVERTED, 3, 0)); /* twice */
    rig_output(&rig, output_of(GH_PROPOSED, 0, 0));
    CHECK(day()->taken_back == 0 && day()->credited == 0);
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    rig_close(&rig);
}

static void the_share_is_of_the_days_events_and_one(void)
{
    start();
    lasting(3);
    CHECK(rig_observe(&rig).state == GH_OBSERVED && rig_observe(&rig).value == 0.0);
    rig_close(&rig);

    start();
    lasting(2);
    trivial(1);
    CHECK_NEAR(rig_observe(&rig).value, 0.5 / 4, 1e-15);
    rig_close(&rig);

    start();
    lasting(1);
    taken_back(3);
    CHECK_NEAR(rig_observe(&rig).value, 3.0 / 5, 1e-15);
    rig_close(&rig);
}

/* w = 0.5 + R / (C + 2), R and C by 0.85 a day. */
static void trivial_ones_weigh_more_where_they_come_back(void)
{
    start();
    trivial(4);
    CHECK_NEAR(rig_observe(&rig).value, 4 * 0.5 / 5, 1e-7);
    rig_next_day(&rig);
    trivial(4);
    taken_back(1);
    CHECK_NEAR(rig_observe(&rig).value, (1 + 4 * (0.5 + 1 / (7.4 + 2))) / 6, 1e-7);
    rig_next_day(&rig);
    trivial(1);
    taken_back(9);
    CHECK_NEAR(rig_observe(&rig).value, 10.0 / 11, 1e-7); /* never more than a whole one */
    rig_close(&rig);
}

static void calls_alone_are_not_observable(void)
{
    start();
    for (int i = 0; i < 9; i++)
        rig_step(&rig, rig_call(i));
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    rig_close(&rig);
}

static void the_order_inside_a_day_does_not_matter(void)
{
    double value[2];

    for (int back = 0; back < 2; back++) {
        start();
        for (int i = 0; i < 9; i++) {
            const int k = back ? 8 - i : i;
            lasting(k % 3 == 0);
            trivial(k % 3 == 1);
            taken_back(k % 3 == 2);
        }
        value[back] = rig_observe(&rig).value;
        rig_close(&rig);
    }
    CHECK(value[0] == value[1]);
}

static void a_run_grows_with_junk_and_restarts_at_nothing(void)
{
    start();
    trivial(2);
    CHECK_NEAR(rig.score, 2 * up, 1e-12);
    lasting(1);
    CHECK_NEAR(rig.score, 2 * up - down, 1e-12);
    taken_back(1);
    CHECK_NEAR(rig.score, 3 * up - down, 1e-12);
    lasting(3); /* 3 up < 4 down */
    CHECK(rig.score == 0.0);
    trivial(1);
    CHECK_NEAR(rig.score, up, 1e-12);
    rig_close(&rig);
}

static void the_fast_path_raises_at_the_threshold(void)
{
    start();
    rig.threshold = 2.9 * up;
    trivial(1);
    struct gh_call call = rig_call(0);
    call.tokens = 700;
    call.cost_usd = 2;
    rig_step(&rig, call); /* spent while the run lasts */
    lasting(1);
    taken_back(2);
    CHECK(!rig.raised);
    trivial(1);
    CHECK(rig.raised && rig.episode.sample_count == 4);
    CHECK(rig.episode.tokens == 700.0 && rig.episode.cost_usd == 2.0);
    CHECK(rig.episode.value[0] == 0.8 && rig.episode.value[1] == 5.0);
    CHECK(rig.episode.value[2] == 2.0 && rig.episode.value[3] == 2.0);
    CHECK_NEAR(rig.episode.excess_tokens, 0.8 * 700, 1e-9);
    trivial(1);
    CHECK(!rig.raised); /* told a minute ago */
    rig_close(&rig);
}

static void a_run_is_forgotten_after_days_without_outputs(void)
{
    start();
    trivial(3);
    struct gh_output output = output_of(GH_REVERTED, 1, -1);
    output.ts_ms += 5 * GH_MS_PER_DAY;
    rig_output(&rig, output);
    CHECK_NEAR(rig.score, up, 1e-12);
    rig_close(&rig);
}

/* (0.5 + 20) / (10 + 20) own junk: m = 0.65, the largest. */
static void who_always_made_small_changes_needs_more_of_them(void)
{
    start();
    trivial(20);
    (void)rig_observe(&rig);
    rig_next_day(&rig);
    lasting(100); /* whatever the run was */
    CHECK(rig.score == 0.0);
    trivial(1);
    CHECK_NEAR(rig.score, log(0.825 / 0.65), 1e-6);
    rig_close(&rig);
}

static void samples_are_the_ones_that_do_not_last(void)
{
    start();
    rig.watched = true;
    trivial(1);
    CHECK(rig.sampled);
    lasting(1);
    CHECK(!rig.sampled);
    taken_back(1);
    CHECK(rig.sampled);
    rig.watched = false;
    trivial(1);
    CHECK(!rig.sampled);
    rig_close(&rig);
}

static void an_episode_tells_sums_and_the_words_hold_them(void)
{
    struct gh_episode e = {0};
    const struct gh_telling telling = {.episode = &e, .track = GH_REVIEW};
    char text[768], question[320];

    start();
    for (int d = 1; d <= 2; d++) {
        lasting(d);
        trivial(2);
        taken_back(2 * d);
        const struct gh_observation seen = rig_observe(&rig);
        const struct gh_observe in = rig_observe_of(&rig);
        e.days++;
        rig.detector->tell(&in, &seen, 0.1 * d, &e);
        rig_next_day(&rig);
    }
    CHECK_NEAR(e.value[0], 10.0 / 13, 1e-12);
    CHECK_NEAR(e.expected[0], (5 * 0.1 + 8 * 0.2) / 13, 1e-12);
    CHECK(e.value[1] == 13.0 && e.value[2] == 6.0 && e.value[3] == 4.0 && e.value[4] == 2.0);
    CHECK(isnan(e.expected[1]) && isnan(e.expected[4]));
    rig.detector->explain(&telling, text, sizeof text, question, sizeof question);
    CHECK(strstr(text, "of 13 outputs and withdrawals, 6 took back"));
    CHECK(strstr(text, "and 4 were trivial") && strstr(text, "16 %"));
    CHECK(strchr(question, '?') != NULL);
    rig_close(&rig);
}

/* Own share of junk (0.5 + 0.97 x 10) / (10 + 0.97 x 20 + 10), m = 1.3 of it and 0.15. */
static void the_own_past_fades_and_is_what_a_run_is_held_against(void)
{
    const double own = 10.2 / 39.4, m = 1.3 * own + 0.15;

    start();
    for (int i = 0; i < 2; i++) {
        *(struct gh_output_churn_day *)(void *)rig.state =
            (struct gh_output_churn_day){.credited = i ? 10 : 15, .taken_back = i ? 0 : 5};
        ((struct gh_output_churn_day *)(void *)rig.state)->trivial = i ? 0 : 5;
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    taken_back(1);
    CHECK_NEAR(rig.score, log((0.5 + 0.5 * m) / m), 1e-6);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(the_own_past_fades_and_is_what_a_run_is_held_against),
    GH_TEST(size_tells_what_is_trivial),
    GH_TEST(what_was_credited_and_is_no_more_is_taken_back),
    GH_TEST(what_changes_nothing_does_not_count),
    GH_TEST(the_share_is_of_the_days_events_and_one),
    GH_TEST(trivial_ones_weigh_more_where_they_come_back),
    GH_TEST(calls_alone_are_not_observable),
    GH_TEST(the_order_inside_a_day_does_not_matter),
    GH_TEST(a_run_grows_with_junk_and_restarts_at_nothing),
    GH_TEST(the_fast_path_raises_at_the_threshold),
    GH_TEST(a_run_is_forgotten_after_days_without_outputs),
    GH_TEST(who_always_made_small_changes_needs_more_of_them),
    GH_TEST(samples_are_the_ones_that_do_not_last),
    GH_TEST(an_episode_tells_sums_and_the_words_hold_them),
};

GH_TEST_MAIN(tests)
