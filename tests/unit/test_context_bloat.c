/* What: context_bloat: the daily mean of log context by class of work, what is observable,
 *       which calls are samples, what an episode tells; what is told at once.
 * How:  calls by hand straight into the detector; e^k tokens make logs of k. */
#include "detect/context_bloat.h"
#include "support/detector_kit.h"

enum { CHAT, SECOND, PLAIN, AGENT, OTHER, JOB }; /* PLAIN: outside of sessions */

static struct rig rig;

static void start(void)
{
    rig_open(&rig, rig_find("context_bloat"));
}

static void call_of(uint32_t class, double context)
{
    struct gh_call call = rig_call((int64_t)rig.calls);

    call.context_tokens = context;
    call.tokens = context + call.output_tokens;
    call.present |= UINT64_C(1) << GH_KEY_tool_calls;
    call.agent = class == AGENT ? 7 : class == OTHER ? 8 : 0;
    call.origin = class == JOB ? GH_SCHEDULED : GH_INTERACTIVE;
    rig_step(&rig, call);
}

static void calls_of(uint32_t class, double context, int count)
{
    for (int i = 0; i < count; i++)
        call_of(class, context);
}

static void the_level_is_the_mean_of_the_logs(void)
{
    start();
    calls_of(PLAIN, exp(3), 2);
    calls_of(PLAIN, exp(6), 4);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK(seen.state == GH_OBSERVED);
    CHECK_NEAR(seen.value, 5.0, 1e-14); /* (3 + 3 + 6 + 6 + 6 + 6) / 6 */
    CHECK_NEAR(seen.by_class->part[PLAIN], 5.0, 1e-14);
    CHECK(seen.by_class->weight[PLAIN] == 1.0 && seen.by_class->weight[AGENT] == 0.0 &&
          seen.by_class->weight[JOB] == 0.0);
    CHECK(seen.stake == 1.0);
    rig_close(&rig);
}

static void classes_of_work_are_kept_apart(void)
{
    start();
    calls_of(PLAIN, exp(2), 5);
    calls_of(AGENT, exp(8), 3);
    calls_of(OTHER, exp(7), 8);
    calls_of(JOB, exp(4), 4);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK_NEAR(seen.by_class->part[PLAIN], 2, 1e-14);
    CHECK_NEAR(seen.by_class->part[AGENT], 8, 1e-14);
    CHECK_NEAR(seen.by_class->part[OTHER], 7, 1e-14);
    CHECK_NEAR(seen.by_class->part[JOB], 4, 1e-14);
    CHECK_NEAR(seen.value, 0.25 * 2 + 0.15 * 8 + 0.4 * 7 + 0.2 * 4, 1e-14);
    CHECK_NEAR(seen.stake, 1 - 0.75 * 0.2, 1e-15);
    rig_close(&rig);
}

static void an_agent_that_a_schedule_or_a_program_starts_is_a_job(void)
{
    start();
    for (int i = 0; i < 5; i++) {
        struct gh_call call = rig_call(i);
        call.agent = 7;
        call.origin = i % 3 == 0 ? GH_API : i % 3 == 1 ? GH_CI : GH_SCHEDULED;
        rig_step(&rig, call);
    }
    CHECK(rig_observe(&rig).by_class->weight[JOB] == 1.0);
    CHECK_NEAR(rig_observe(&rig).stake, 0.25, 1e-15);
    rig_close(&rig);
}

static void what_another_agent_asked_for_is_a_job(void)
{
    start();
    for (int i = 0; i < 5; i++) {
        struct gh_call call = rig_call(i);
        call.agent = 7;
        call.caller = 8;
        rig_step(&rig, call);
    }
    CHECK(rig_observe(&rig).by_class->weight[JOB] == 1.0);
    rig_close(&rig);
}

static void few_calls_are_too_little_and_none_is_not_observable(void)
{
    start();
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    calls_of(PLAIN, 0, 9); /* without input tokens nothing is known of the context */
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    calls_of(PLAIN, 100, 4);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    calls_of(AGENT, 100, 1);
    CHECK(rig_observe(&rig).state == GH_OBSERVED);
    rig_close(&rig);
}

static void calls_of_somebody_elses_agent_do_not_count(void)
{
    start();
    for (int i = 0; i < 9; i++) {
        struct gh_call call = rig_call(i);
        call.foreign = true;
        rig_step(&rig, call);
    }
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    rig_close(&rig);
}

static void the_order_inside_a_day_does_not_matter(void)
{
    static const double context[] = {10, 20000, 3, 999, 5, 70};
    struct gh_observation seen[2];

    for (int back = 0; back < 2; back++) {
        start();
        for (int i = 0; i < 6; i++)
            call_of(PLAIN, context[back ? 5 - i : i]);
        seen[back] = rig_observe(&rig);
        rig_close(&rig);
    }
    CHECK_NEAR(seen[0].value, seen[1].value, 1e-14);
}

/* An identifier that never changes makes one long session of all that is done. */
static void a_session_without_end_lowers_the_level_no_further(void)
{
    struct gh_call call = rig_call(0);
    double level[2];

    start();
    call.session = 3;
    call.agent = 7;
    call.context_tokens = exp(10);
    for (int day = 0; day < 2; day++) {
        for (int i = 0; i < 3000; i++)
            rig_step(&rig, call);
        level[day] = rig_observe(&rig).value;
        rig_next_day(&rig);
    }
    CHECK_NEAR(level[1], 10 - 0.3 * log(64), 1e-10);
    CHECK(level[0] > level[1] && level[0] < level[1] + 0.02); /* its first 63 */
    rig_close(&rig);
}

/* With evidence growing, a call of half as much again as the class's mean is a sample. */
static void samples_stand_out_of_the_persons_own_mean(void)
{
    start();
    rig.watched = true;
    calls_of(PLAIN, 1000, 5);
    CHECK(!rig.sampled); /* no day before */
    (void)rig_observe(&rig);
    rig_next_day(&rig);
    call_of(PLAIN, 1499);
    CHECK(!rig.sampled);
    call_of(PLAIN, 1501);
    CHECK(rig.sampled);
    call_of(AGENT, 90000);
    CHECK(!rig.sampled); /* another class, without a mean of its own */
    rig.watched = false;
    call_of(PLAIN, 9000);
    CHECK(!rig.sampled);
    rig_close(&rig);
}

static void an_episode_tells_the_means_of_its_days(void)
{
    struct gh_episode e = {0};

    start();
    for (int d = 1; d <= 2; d++) {
        calls_of(PLAIN, d == 1 ? 1000 : 4000, d == 1 ? 10 : 30);
        const struct gh_observation seen = rig_observe(&rig);
        const struct gh_observe in = rig_observe_of(&rig);
        e.days++;
        rig.detector->tell(&in, &seen, log(d == 1 ? 500 : 900), &e);
        rig_next_day(&rig);
    }
    CHECK_NEAR(e.value[0], 0.25 * 1000 + 0.75 * 4000, 1e-9);  /* by calls */
    CHECK_NEAR(e.expected[0], 0.25 * 500 + 0.75 * 900, 1e-9); /* what was allowed */
    CHECK(e.value[1] == 4000.0 && e.value[2] == 40.0 && e.value[3] == 2.0);
    CHECK(isnan(e.expected[1]) && isnan(e.expected[2]) && isnan(e.expected[3]));
    rig_close(&rig);
}

/* Days of twelve calls of about 1,000 tokens. */
static void past_of(uint32_t class, int days)
{
    for (int d = 0; d < days; d++) {
        calls_of(class, d % 2 ? 900 : 1100, 12);
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
}

static void ten_times_the_context_is_told_on_the_same_day(void)
{
    start();
    rig.threshold = 6.0;
    past_of(PLAIN, 10);
    calls_of(PLAIN, 10000, 11);
    CHECK(!rig.raised && rig.score == 0.0); /* too few to speak */
    calls_of(PLAIN, 10000, 1);
    CHECK(rig.raised && rig.score > 6.0);
    CHECK_NEAR(rig.episode.value[0], 10000, 1e-6);
    CHECK(rig.episode.expected[0] > 900 && rig.episode.expected[0] < 1100);
    CHECK(rig.episode.excess_tokens > 0.85 * rig.episode.tokens);
    rig_close(&rig);
}

static void what_days_stray_by_is_not_told(void)
{
    start();
    rig.threshold = 2.3;
    past_of(PLAIN, 10);
    calls_of(PLAIN, 1600, 20);
    CHECK(!rig.raised && rig.score < 1.0);
    rig_close(&rig);
}

static void without_a_past_nothing_is_told(void)
{
    start();
    rig.threshold = 0.1;
    past_of(PLAIN, 2);
    calls_of(PLAIN, 90000, 20);
    CHECK(!rig.raised && rig.score == 0.0);
    calls_of(AGENT, 90000, 20); /* nor of what is done for the first time */
    CHECK(!rig.raised && rig.score == 0.0);
    rig_close(&rig);
}

static void jobs_raise_nothing_at_once(void)
{
    start();
    rig.threshold = 0.1;
    past_of(JOB, 10);
    calls_of(JOB, 90000, 20);
    CHECK(!rig.raised && rig.score == 0.0);
    rig_close(&rig);
}

/* The same three times the context, once in one session and once in four of them, by
 * somebody who usually has four. */
static void fewer_sessions_than_usual_prove_less(void)
{
    double score[2];

    for (int one = 0; one < 2; one++) {
        start();
        for (int d = 0; d < 11; d++) {
            for (int i = 0; i < 12; i++) {
                struct gh_call call = rig_call((int64_t)rig.calls);
                call.session = d == 10 && one ? 1 : 1 + (uint64_t)i % 4;
                call.agent = 7;
                call.context_tokens = d == 10 ? 3000 : 1000;
                rig_step(&rig, call);
            }
            score[one] = rig.score;
            (void)rig_observe(&rig);
            rig_next_day(&rig);
        }
        rig_close(&rig);
    }
    CHECK(score[0] > 0.5 && score[1] > 0.0 && score[1] < 0.6 * score[0]);
}

static void days_in_a_row_add_up_and_are_forgotten(void)
{
    double score[3];

    start();
    past_of(PLAIN, 10);
    for (int d = 0; d < 2; d++) {
        calls_of(PLAIN, 4000, 12);
        score[d] = rig.score;
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    CHECK(score[0] > 1.0 && score[1] > score[0]);
    past_of(PLAIN, 8);
    calls_of(PLAIN, 4000, 12);
    score[2] = rig.score;
    CHECK(score[2] < score[0]); /* two such days are part of the past now */
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(the_level_is_the_mean_of_the_logs),
    GH_TEST(classes_of_work_are_kept_apart),
    GH_TEST(an_agent_that_a_schedule_or_a_program_starts_is_a_job),
    GH_TEST(what_another_agent_asked_for_is_a_job),
    GH_TEST(few_calls_are_too_little_and_none_is_not_observable),
    GH_TEST(calls_of_somebody_elses_agent_do_not_count),
    GH_TEST(the_order_inside_a_day_does_not_matter),
    GH_TEST(a_session_without_end_lowers_the_level_no_further),
    GH_TEST(samples_stand_out_of_the_persons_own_mean),
    GH_TEST(an_episode_tells_the_means_of_its_days),
    GH_TEST(ten_times_the_context_is_told_on_the_same_day),
    GH_TEST(what_days_stray_by_is_not_told),
    GH_TEST(without_a_past_nothing_is_told),
    GH_TEST(jobs_raise_nothing_at_once),
    GH_TEST(fewer_sessions_than_usual_prove_less),
    GH_TEST(days_in_a_row_add_up_and_are_forgotten),
};

GH_TEST_MAIN(tests)
