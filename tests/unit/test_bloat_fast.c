/* What: the own mean and spread of context_bloat, and what the running day and the days before
 *       it score (detect/context_bloat.h).
 * How:  e^k tokens make logs of k; days of one session each. Before any day the variance is
 *       0.36 and weighs twenty days; 0.1 of growth never counts; the score is Student's. */
#include "detect/context_bloat.h"
#include "support/detector_kit.h"

static struct rig rig;

enum { PLAIN, AGENT };

static void call_of(int class, double level, uint64_t session)
{
    struct gh_call call = rig_call((int64_t)rig.calls);

    call.user_tokens = 5;
    call.present = UINT64_C(1) << GH_KEY_tool_calls;
    call.agent = class == AGENT ? 7 : 0;
    call.session = session;
    call.context_tokens = call.tokens = exp(level);
    rig_step(&rig, call);
}

/* Without sessions: turns of a chat would be discounted. */
static void calls(int class, double level, int count)
{
    for (int i = 0; i < count; i++)
        call_of(class, level, 0);
}

static void day_of(double level, int count)
{
    calls(PLAIN, level, count);
    (void)rig_observe(&rig);
    rig_next_day(&rig);
}

static void begin(int days)
{
    rig_open(&rig, rig_find("context_bloat"));
    for (int day = 0; day < days; day++)
        day_of(5, 3);
}

/* Student's tail, as far as it grows: (f + 1) / 2 log(1 + x^2 / v / f), f = 20 + days. */
static double student(double excess, double variance, double days)
{
    const double x = excess - 0.1, f = 20 + days;

    return (f + 1) / 2 * log1p(x * x / variance / f);
}

/* Contexts of log 5 that grow with the power 0.3 of the turn stay where they are. */
static void growth_within_a_session_is_no_growth(void)
{
    begin(0);
    for (int turn = 1; turn <= 5; turn++)
        call_of(PLAIN, 5 + 0.3 * log(turn), 9);
    CHECK_NEAR(rig_observe(&rig).value, 5, 1e-12);
    rig_close(&rig);
}

/* Five days: variance 20 x 0.36 / 25 of a day, and a fifth of it of the own mean. */
static void a_running_day_scores_as_rare_as_its_excess(void)
{
    begin(5);
    rig.threshold = 0.9 * student(1, 0.288 * 1.2, 5);
    calls(PLAIN, 6, 11);
    CHECK(rig.score == 0 && !rig.raised); /* twelve calls are the fewest */
    calls(PLAIN, 6, 1);
    CHECK_NEAR(rig.score, student(1, 0.288 * 1.2, 5), 1e-5);
    CHECK(rig.raised);
    CHECK_NEAR(rig.episode.excess_tokens, (1 - exp(-1)) * 12 * exp(6), 1e-2);
    CHECK_NEAR(rig.episode.expected[0], exp(5), 1e-3);
    rig_close(&rig);
}

static void three_days_of_three_calls_are_the_fewest(void)
{
    begin(2);
    day_of(9, 2); /* of two calls nothing is learned */
    calls(PLAIN, 6, 12);
    CHECK(rig.score == 0);
    rig_close(&rig);
    begin(3);
    calls(PLAIN, 6, 12);
    CHECK_NEAR(rig.score, student(1, 7.2 / 23 * (4.0 / 3), 3), 1e-5);
    rig_close(&rig);
}

/* Two days at 5 and one at 4.4 or 1: the mean is 4.8 or 11/3; a stray counts as 1.5 at most. */
static void days_teach_the_mean_and_how_far_they_stray(void)
{
    begin(2);
    day_of(4.4, 3);
    calls(PLAIN, 6, 12);
    CHECK_NEAR(rig.score, student(1.2, (7.2 + 0.36) / 23 * (4.0 / 3), 3), 1e-5);
    rig_close(&rig);
    begin(2);
    day_of(1, 3);
    calls(PLAIN, 6, 12);
    CHECK_NEAR(rig.score, student(6 - 11.0 / 3, (7.2 + 2.25) / 23 * (4.0 / 3), 3), 1e-5);
    rig_close(&rig);
}

/* A first day at 4, nineteen at 5: the mean goes on by a twentieth, squares fade by one. */
static void the_past_of_twenty_days_fades(void)
{
    double square = 0, mean = 4;

    begin(0);
    day_of(4, 3);
    for (int day = 2; day <= 22; day++) {
        square += (5 - mean) * (5 - mean);
        square *= day >= 20 ? 0.95 : 1;
        mean += (5 - mean) / fmin(day, 20);
        day_of(5, 3);
    }
    calls(PLAIN, 6, 12);
    CHECK_NEAR(rig.score, student(6 - mean, (7.2 + square) / 40 * 1.05, 20), 1e-4);
    rig_close(&rig);
}

/* Four sessions of three calls on every day before and one today: it strays four times as
 * much, and the own mean, of such days, as much as before. */
static void a_day_of_fewer_sessions_strays_more(void)
{
    begin(0);
    for (int day = 0; day < 5; day++) {
        for (uint64_t session = 1; session <= 4; session++)
            for (int turn = 1; turn <= 3; turn++)
                call_of(PLAIN, 5 + 0.3 * log(turn), 10 * (uint64_t)day + session);
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    for (int turn = 1; turn <= 12; turn++)
        call_of(PLAIN, 7 + 0.3 * log(turn), 99);
    CHECK_NEAR(rig.score, student(2, 0.288 * (4 + 0.2), 5), 1e-4);
    rig_close(&rig);
}

/* Five days of both; an agent's 1 above, the other's 0.5: each by its variance, which is as
 * the sessions of the day. */
static void classes_count_by_how_well_they_are_foretold(void)
{
    begin(0);
    for (int day = 0; day < 5; day++) {
        for (uint64_t session = 1; session <= 4; session++)
            for (int turn = 1; turn <= 3; turn++)
                call_of(AGENT, 8 + 0.3 * log(turn), 10 * (uint64_t)day + session);
        day_of(5, 3);
    }
    calls(PLAIN, 6, 12);
    calls(AGENT, 8.5, 12);
    const double plain = 1 / (0.288 * 1.2), agent = 1 / (0.288 * 4.2);
    const double excess = (plain * 1 + agent * 0.5) / (plain + agent);
    CHECK_NEAR(rig.score, student(excess, 1 / (plain + agent), 5), 1e-4);
    rig_close(&rig);
}

/* A day far above leaves 6 at most, less the 1 that every day takes off. */
static void a_day_leaves_something_to_the_next(void)
{
    begin(20);
    day_of(40, 3);
    calls(PLAIN, 5 + 35.0 / 20 + 1, 12); /* 1 above the mean, which the day has raised */
    const double square = 0.95 * 2.25;
    CHECK_NEAR(rig.score, 5 + student(1, (7.2 + square) / 40 * 1.05, 20), 1e-4);
    rig_close(&rig);
    begin(5);
    day_of(6, 3);
    calls(PLAIN, 5 + 1.0 / 6 + 1, 12);
    CHECK_NEAR(rig.score,
               student(1, 0.288 * 1.2, 5) - 1 + student(1, (7.2 + 1) / 26 * (7.0 / 6), 6),
               1e-4);
    rig_close(&rig);
}

/* Ten days at 5 where public calls have 4 at most: today is 1 above that, as if at 6 with a
 * past of 5. A limit above the own past, or an unknown one, changes nothing. */
static void a_past_counts_as_far_as_public_traces_go(void)
{
    static const double most[GH_PARTS] = {4, 4, 4, 4, 4, 4}, unknown = INFINITY;
    const double variance = 7.2 / 30 * 1.1;
    char text[256], question[256];

    begin(10);
    calls(PLAIN, 5, 12);
    CHECK(rig.score == 0 && !rig.raised);
    rig_next_day(&rig);
    rig.person.public_context = most;
    rig.threshold = 0.9 * student(1, variance, 10);
    calls(PLAIN, 5, 12);
    CHECK_NEAR(rig.score, student(1, variance, 10), 1e-4);
    CHECK(rig.raised && rig.episode.above_public);
    CHECK_NEAR(rig.episode.expected[0], exp(4), 1e-3);
    rig.detector->explain(&(struct gh_telling){.episode = &rig.episode}, text, sizeof text,
                          question, sizeof question);
    CHECK(strstr(text, "in public traces of such work hardly any has more than about") != NULL);
    CHECK(strstr(text, "usual for this person") == NULL);
    (void)rig_observe(&rig); /* what it leaves is of the same excess */
    rig_next_day(&rig);
    calls(PLAIN, 5, 12);
    CHECK(rig.score > student(1, variance, 10) + 0.5);
    rig_close(&rig);
    const double *const loose[] = {(const double[GH_PARTS]){4, 4, 5.5, 4, 4, 4},
                                   (const double[GH_PARTS]){4, 4, unknown, 4, 4, 4}};
    for (int i = 0; i < 2; i++) {
        begin(10);
        rig.person.public_context = loose[i];
        rig.threshold = 0;
        calls(PLAIN, 6, 12);
        CHECK_NEAR(rig.score, student(1, variance, 10), 1e-4);
        CHECK(rig.raised && !rig.episode.above_public);
        rig_close(&rig);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_past_counts_as_far_as_public_traces_go),
    GH_TEST(growth_within_a_session_is_no_growth),
    GH_TEST(a_running_day_scores_as_rare_as_its_excess),
    GH_TEST(three_days_of_three_calls_are_the_fewest),
    GH_TEST(days_teach_the_mean_and_how_far_they_stray),
    GH_TEST(the_past_of_twenty_days_fades),
    GH_TEST(a_day_of_fewer_sessions_strays_more),
    GH_TEST(classes_count_by_how_well_they_are_foretold),
    GH_TEST(a_day_leaves_something_to_the_next),
};
GH_TEST_MAIN(tests)
