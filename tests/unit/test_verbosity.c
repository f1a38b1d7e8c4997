/* What: verbosity: the daily mean of log output per answer, chains of "continue", classes by
 *       model, what is observable, what the excess is told of, and the fast path of levels.
 * How:  calls by hand straight into the detector; e^k tokens make logs of k. */
#include "detect/verbosity.h"
#include "support/detector_kit.h"

enum { CHAT, CHAT_SECOND, AGENT, AGENT_SECOND, PLAIN, PLAIN_SECOND };

static struct rig rig;

static void start(void)
{
    rig_open(&rig, rig_find("verbosity"));
}

static struct gh_call answer(double output)
{
    struct gh_call call = rig_call((int64_t)rig.calls * 1000);

    call.output_tokens = output;
    call.tokens = call.context_tokens + output;
    call.output_usd = NAN;
    call.present |= UINT64_C(1) << GH_KEY_tool_calls;
    return call;
}

static void answers(double output, int count)
{
    for (int i = 0; i < count; i++)
        rig_step(&rig, answer(output));
}

static void the_level_is_the_mean_of_the_logs(void)
{
    start();
    answers(exp(3), 2);
    answers(exp(6), 4);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK(seen.state == GH_OBSERVED);
    CHECK_NEAR(seen.value, 5.0, 1e-14); /* (3 + 3 + 6 + 6 + 6 + 6) / 6 */
    CHECK_NEAR(seen.by_class->part[PLAIN], 5.0, 1e-14);
    CHECK(seen.by_class->weight[PLAIN] == 1.0 && seen.stake == 1.0);
    /* Squares around the mean: 2 x 4 + 4 x 1 = 12 with 5 free, and 4 of variance 1. */
    CHECK_NEAR(seen.by_class->noise[PLAIN], (12.0 + 4.0) / 9.0 / 6.0, 1e-12);
    rig_close(&rig);
}

static void classes_of_work_and_models_are_kept_apart(void)
{
    start();
    for (int i = 0; i < 15; i++) {
        struct gh_call call = answer(exp(i < 4 ? 2 : i < 8 ? 4 : i < 10 ? 6 : i < 12 ? 1 : 9));
        call.agent = i >= 4 && i < 10 ? 7 + (uint32_t)i % 2 : 0; /* agents are all alike */
        call.model = i >= 8 && i < 12 ? 2 : 1;
        call.origin = i == 12 ? GH_CI : i == 13 ? GH_API : GH_INTERACTIVE;
        call.model += i == 14 ? 2 : 0; /* jobs and a third model are left out */
        rig_step(&rig, call);
    }
    const struct gh_observation seen = rig_observe(&rig);
    CHECK_NEAR(seen.by_class->part[PLAIN], 2, 1e-14);
    CHECK_NEAR(seen.by_class->part[AGENT], 4, 1e-14);
    CHECK_NEAR(seen.by_class->part[AGENT_SECOND], 6, 1e-14);
    CHECK_NEAR(seen.by_class->part[PLAIN_SECOND], 1, 1e-14);
    CHECK_NEAR(seen.value, (4 * 2 + 4 * 4 + 2 * 6 + 2 * 1) / 12.0, 1e-14);
    CHECK(seen.stake == 1.0);
    rig_close(&rig);
}

/* `count` calls of 100 tokens in one session; the first with 50 words, the rest with `words`,
 * each of which asked for `tools`. */
static struct gh_observation chain(int count, double words, double tools, uint64_t session)
{
    start();
    for (int i = 0; i < count; i++) {
        struct gh_call call = answer(100);
        call.session = session;
        call.user_tokens = i == 0 ? 50 : words;
        call.tool_calls = tools;
        call.agent = tools > 0.0 ? 7 : 0;
        rig_step(&rig, call);
    }
    const struct gh_observation seen = rig_observe(&rig);
    rig_close(&rig);
    return seen;
}

static void a_chain_of_continue_is_one_long_answer(void)
{
    CHECK(chain(10, 2, 0, 9).state == GH_TOO_LITTLE); /* one answer of 1,000 tokens */
    CHECK_NEAR(chain(10, 2, 0, 9).value, log(1000), 1e-12);
    CHECK_NEAR(chain(10, 0, 0, 9).value, log(1000), 1e-12); /* a client that goes on itself */
    CHECK_NEAR(chain(10, 3, 0, 9).value, log(1000), 1e-12);
    CHECK_NEAR(chain(10, 4, 0, 9).value, log(100), 1e-12); /* words enough for a question */
    CHECK_NEAR(chain(10, 0, 1, 9).value, log(100), 1e-12); /* steps between tools */
    CHECK_NEAR(chain(10, 2, 0, 0).value, log(100), 1e-12); /* no session is reported */
}

static void without_words_or_tools_reported_each_call_is_an_answer(void)
{
    for (int known = 0; known < 2; known++) {
        start();
        for (int i = 0; i < 6; i++) {
            struct gh_call call = answer(100);
            call.session = 9;
            call.agent = 7;
            call.user_tokens = known ? 50.0 * (i == 0) : 0.0;
            call.present = known ? 0 : call.present;
            rig_step(&rig, call);
        }
        CHECK_NEAR(rig_observe(&rig).value, log(100), 1e-12);
        rig_close(&rig);
    }
}

static void what_failed_or_is_not_the_persons_is_no_answer(void)
{
    start();
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    for (int i = 0; i < 24; i++) {
        struct gh_call call = answer(i % 4 ? 100 : 0);
        call.status = i % 4 == 1 ? GH_CALL_ERROR : i % 4 == 2 ? GH_CALL_CANCELLED : GH_CALL_OK;
        call.foreign = i % 4 == 3;
        rig_step(&rig, call);
    }
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    answers(100, 4);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    answers(100, 1);
    CHECK(rig_observe(&rig).state == GH_OBSERVED);
    rig_close(&rig);
}

static void the_excess_is_told_of_outputs_at_their_price(void)
{
    start();
    struct gh_call call = answer(100);
    call.context_tokens = 500;
    call.cost_usd = 3.0;
    rig_step(&rig, call); /* 5 x 100 of 5 x 100 + 500: half of the cost */
    call.output_usd = 1.0;
    rig_step(&rig, call);
    call.output_usd = 9.0; /* the list price is no cost */
    rig_step(&rig, call);
    call.cost_usd = NAN;
    rig_step(&rig, call);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK(seen.measured_tokens == 400.0);
    CHECK_NEAR(seen.measured_usd, 1.5 + 1.0 + 3.0, 1e-12);
    rig_close(&rig);
}

/* Ten days of ten answers of 200 tokens, more or less. */
static void past(void)
{
    start();
    for (int d = 0; d < 10; d++) {
        answers(150, 5);
        answers(250, 5);
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
}

static void a_running_day_far_above_the_own_past_is_raised(void)
{
    past();
    rig.threshold = 5.0;
    answers(150, 5);
    answers(250, 5);
    CHECK(!rig.raised);
    rig_next_day(&rig);
    for (int i = 0; i < 5; i++) {
        answers(2000, 1);
        CHECK(!rig.raised); /* fewer than six tell nothing */
    }
    answers(2000, 1);
    CHECK(rig.raised);
    const struct gh_episode *e = &rig.episode;
    CHECK(e->days == 1 && e->calls == 6 && e->log_e >= 5.0);
    CHECK_NEAR(e->value[0], 2000, 1e-6);
    CHECK_NEAR(e->expected[0], sqrt(150 * 250), 0.1);
    CHECK(e->value[1] == 2000.0 && e->value[2] == 6.0);
    CHECK_NEAR(e->excess_tokens, 12000 * (1 - e->expected[0] / 2000), 1e-6);
    CHECK(e->excess_cost_usd > 0.0 && e->excess_cost_usd < e->cost_usd);
    answers(2000, 1);
    CHECK(!rig.raised); /* not again until it has doubled */
    answers(2000, 5);
    CHECK(rig.raised);
    rig_close(&rig);
}

static void without_a_past_or_in_jobs_alone_nothing_is_raised(void)
{
    start();
    rig.threshold = 0.1;
    answers(20000, 50);
    CHECK(!rig.raised);
    rig_close(&rig);
    past();
    rig.threshold = 0.1;
    for (int i = 0; i < 50; i++) {
        struct gh_call call = answer(20000);
        call.origin = GH_SCHEDULED;
        rig_step(&rig, call);
        CHECK(!rig.raised);
    }
    rig_close(&rig);
}

static void an_explanation_has_the_figures_and_no_blame(void)
{
    char text[512], question[256];
    struct gh_episode e = {.days = 3,
                           .from_ms = RIG_START,
                           .value = {2100, 9000, 60, 3},
                           .expected = {600, NAN, NAN, NAN}};
    struct gh_telling t = {.episode = &e, .track = GH_INCIDENT};

    rig_find("verbosity")->explain(&t, text, sizeof text, question, sizeof question);
    CHECK(strcmp(text,
                 "On 3 days since 2 March 2026, a typical answer ran to about 2,100 tokens; "
                 "about 600 had been usual on this account.") == 0);
    t.track = GH_REVIEW;
    rig_find("verbosity")->explain(&t, text, sizeof text, question, sizeof question);
    CHECK(strstr(text, "up to about 600 would be usual for this person") != NULL);
    CHECK(strcmp(question,
                 "What are the longer answers used for, and would shorter ones do?") == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(the_level_is_the_mean_of_the_logs),
    GH_TEST(classes_of_work_and_models_are_kept_apart),
    GH_TEST(a_chain_of_continue_is_one_long_answer),
    GH_TEST(without_words_or_tools_reported_each_call_is_an_answer),
    GH_TEST(what_failed_or_is_not_the_persons_is_no_answer),
    GH_TEST(the_excess_is_told_of_outputs_at_their_price),
    GH_TEST(a_running_day_far_above_the_own_past_is_raised),
    GH_TEST(without_a_past_or_in_jobs_alone_nothing_is_raised),
    GH_TEST(an_explanation_has_the_figures_and_no_blame),
};

GH_TEST_MAIN(tests)
