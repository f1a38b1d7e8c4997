/* What: repetition: what a prompt is, how near two are, paraphrases, the daily share, what is
 *       observable, and the fast path.
 * How:  calls by hand straight into the detector; fingerprints are far apart unless bits are
 *       flipped on purpose. */
#include "detect/repetition.h"
#include "support/detector_kit.h"

static const uint64_t question = UINT64_C(0x0123456789abcdef);

static struct rig rig;

static struct gh_repetition_day *day(void)
{
    return (struct gh_repetition_day *)(void *)rig.state;
}

static void start(void)
{
    rig_open(&rig, rig_find("repetition"));
}

static uint64_t far(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t flipped(uint64_t hash, uint32_t bits)
{
    return hash ^ ((UINT64_C(1) << bits) - 1) << 20;
}

/* A prompt of 1,000 tokens. */
static struct gh_call prompt(uint64_t hash)
{
    struct gh_call call = rig_call((int64_t)rig.calls * 1000);

    call.prompt_hash = hash;
    call.present |= UINT64_C(1) << GH_KEY_prompt_hash;
    call.user_tokens = 20;
    call.context_tokens = 900;
    call.output_tokens = 100;
    call.tokens = 1000;
    return call;
}

static struct gh_call answered(struct gh_call call, uint64_t response, double output)
{
    call.response_hash = response;
    call.present |= UINT64_C(1) << GH_KEY_response_hash;
    call.output_tokens = output;
    return call;
}

/* What the call adds to the day's repeated prompts. */
static double adds(struct gh_call call)
{
    const double before = day()->repeated;

    rig_step(&rig, call);
    return day()->repeated - before;
}

static void prompts_repeat_up_to_six_bits_and_less_up_to_twelve(void)
{
    static const double weight[] = {1,       1,       1,       1,       1,       1, 1, 6.0 / 7,
                                    5.0 / 7, 4.0 / 7, 3.0 / 7, 2.0 / 7, 1.0 / 7, 0, 0};

    for (uint32_t bits = 0; bits < 15; bits++) {
        start();
        CHECK(adds(prompt(question)) == 0.0);
        CHECK_NEAR(adds(prompt(flipped(question, bits))), weight[bits], 1e-14);
        rig_close(&rig);
    }
}

static void a_prompt_is_held_against_the_last_16_different_ones(void)
{
    for (uint32_t others = 15; others <= 16; others++) {
        start();
        (void)adds(prompt(question));
        for (uint32_t i = 0; i < others; i++)
            CHECK(adds(prompt(far(i))) == 0.0);
        CHECK(adds(prompt(question)) == (others == 15 ? 1.0 : 0.0));
        rig_close(&rig);
    }
}

static void a_repeat_keeps_the_question_in_mind(void)
{
    start();
    for (uint32_t i = 0; i < 100; i++) {
        (void)adds(prompt(far(i)));
        if (i % 10 == 0)
            CHECK(adds(prompt(question)) == (i > 0 ? 1.0 : 0.0));
    }
    rig_close(&rig);
}

/* Many fingerprints are of all that was said before. */
static void a_chat_that_goes_on_repeats_nothing(void)
{
    start();
    for (int i = 0; i < 5; i++) {
        struct gh_call call = prompt(question);
        call.session = UINT64_C(7) << 32;
        call.context_tokens = 900 + 200 * i;
        CHECK(adds(call) == 0.0);
    }
    struct gh_call again = prompt(question); /* the same, and nothing has been added */
    again.session = UINT64_C(7) << 32;
    again.context_tokens = 900;
    CHECK(adds(again) == 1.0);
    rig_close(&rig);
}

static void steps_of_an_agent_jobs_failures_and_others_are_no_prompts(void)
{
    start();
    for (int i = 0; i < 14; i++) {
        struct gh_call call = prompt(question);
        call.agent = i < 4 ? 7 : 0; /* the first opens the session */
        call.user_tokens = i < 4 ? 0 : 20;
        call.session = i < 4 ? UINT64_C(5) << 40 : 0;
        call.origin = i == 4 ? GH_SCHEDULED : i == 5 ? GH_CI : GH_INTERACTIVE;
        call.caller = i == 6 ? 8 : 0;
        call.status = i == 7 ? GH_CALL_ERROR : i == 8 ? GH_CALL_CANCELLED : GH_CALL_OK;
        call.foreign = i == 9;
        call.present = i >= 10 ? 0 : call.present;
        rig_step(&rig, call);
    }
    CHECK(day()->prompts == 1 && day()->repeated == 0.0);
    rig_close(&rig);
}

static void words_of_a_person_make_a_prompt_of_a_step(void)
{
    start();
    for (int i = 0; i < 4; i++) {
        struct gh_call call = prompt(question);
        call.agent = 7;
        call.session = UINT64_C(5) << 40;
        call.user_tokens = i == 3 ? 12 : 0;
        rig_step(&rig, call);
    }
    CHECK(day()->prompts == 2 && day()->repeated == 1.0);
    rig_close(&rig);
}

static void a_paraphrase_shows_by_its_answer_unless_that_is_short(void)
{
    for (int output = 63; output <= 64; output++) {
        start();
        (void)adds(answered(prompt(question), far(50), output));
        CHECK(adds(answered(prompt(~question), far(50), output)) == (output == 64 ? 1.0 : 0.0));
        CHECK(adds(answered(prompt(far(3)), far(51), output)) == 0.0);
        rig_close(&rig);
    }
}

/* Whether a new prompt of `context` in a new session counts by half after `repeats`. */
static double like(int repeats, double context, uint64_t session)
{
    start();
    for (int i = 0; i <= repeats; i++)
        (void)adds(prompt(question));
    struct gh_call call = prompt(far(9));
    call.context_tokens = context;
    call.session = session;
    const double more = adds(call);
    rig_close(&rig);
    return more;
}

static void next_to_a_repeated_question_a_context_of_its_size_counts_by_half(void)
{
    CHECK(like(4, 900, UINT64_C(9) << 40) == 0.5);
    CHECK(like(3, 900, UINT64_C(9) << 40) == 0.0); /* not repeated often enough */
    CHECK(like(4, 900, 0) == 0.0);                 /* no session, so none begins */
    CHECK(like(4, 1080, UINT64_C(9) << 40) == 0.5 && like(4, 1110, UINT64_C(9) << 40) == 0.0);
}

static void the_share_is_of_all_tokens_of_the_day(void)
{
    start();
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    for (int i = 0; i < 4; i++)
        rig_step(&rig, prompt(question));
    struct gh_call unknown = prompt(0);
    unknown.present = 0;
    unknown.tokens = 6000;
    rig_step(&rig, unknown);
    const struct gh_observation seen = rig_observe(&rig);
    CHECK(seen.state == GH_OBSERVED);
    CHECK_NEAR(seen.value, 0.3, 1e-15); /* 3 repeats of 10 thousand */
    rig_close(&rig);
}

static void few_prompts_are_too_little(void)
{
    start();
    rig_step(&rig, prompt(question));
    rig_step(&rig, prompt(question));
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig_step(&rig, prompt(question));
    CHECK(rig_observe(&rig).state == GH_OBSERVED);
    rig_close(&rig);
}

/* Without a past m = 0.4 and q = 0.7; usual 20,000 tokens make 1,000 one part: each repeat
 * adds log(0.7 / 0.4) = 0.5596, the 9th reaches 5.04. */
static void repeats_in_a_row_are_raised_with_their_figures(void)
{
    start();
    rig.person.usual_tokens = 20000;
    rig.threshold = 5.0;
    for (int i = 0; i < 10; i++) {
        rig_step(&rig, prompt(question));
        CHECK(rig.raised == (i == 9));
    }
    const struct gh_episode *e = &rig.episode;
    CHECK_NEAR(e->log_e, 9 * log(0.7 / 0.4), 1e-12);
    CHECK(e->calls == 9 && e->tokens == 9000.0 && e->value[0] == 1.0 && e->value[1] == 9.0);
    CHECK(e->excess_tokens == 9000.0 && e->sample_count == 9);
    rig_close(&rig);
}

static void without_a_usual_day_or_with_news_in_between_nothing_is_raised(void)
{
    for (int known = 0; known < 2; known++) {
        start();
        rig.person.usual_tokens = known ? 20000 : NAN;
        rig.threshold = 1.2;
        for (int i = 0; i < 60; i++) {
            rig_step(&rig, prompt(known && i % 2 ? far((uint64_t)i) : question));
            CHECK(!rig.raised);
        }
        rig_close(&rig);
    }
}

static void who_always_repeats_is_told_nothing(void)
{
    start();
    rig.person.usual_tokens = 20000;
    for (int d = 0; d < 5; d++) {
        for (int i = 0; i < 20; i++)
            rig_step(&rig, prompt(question));
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    rig.threshold = 0.01;
    for (int i = 0; i < 20; i++) {
        rig_step(&rig, prompt(question));
        CHECK(!rig.raised);
    }
    rig_close(&rig);
}

static void an_explanation_has_the_figures_and_no_blame(void)
{
    char text[512], asked[256];
    struct gh_episode e = {.days = 1,
                           .tokens = 3.2e6,
                           .cost_usd = 9.5,
                           .from_ms = RIG_START,
                           .value = {0.82, 41, 50, 3},
                           .expected = {0.05, NAN, NAN, NAN}};
    struct gh_telling t = {.episode = &e, .track = GH_INCIDENT, .fast = true};

    rig_find("repetition")->explain(&t, text, sizeof text, asked, sizeof asked);
    CHECK(strcmp(text,
                 "Of 50 prompts within 3 hours, 82 % were nearly the same as earlier ones. "
                 "So far this took 3.2 million tokens ($9.50). A script or a client that "
                 "sends its request again looks like this.") == 0);
    t.track = GH_REVIEW;
    t.fast = false;
    rig_find("repetition")->explain(&t, text, sizeof text, asked, sizeof asked);
    CHECK(strstr(text, "82 % of the tokens went into prompts that nearly repeated") != NULL);
    CHECK(strstr(text, "up to 5 % would be usual here") != NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(prompts_repeat_up_to_six_bits_and_less_up_to_twelve),
    GH_TEST(a_prompt_is_held_against_the_last_16_different_ones),
    GH_TEST(a_repeat_keeps_the_question_in_mind),
    GH_TEST(a_chat_that_goes_on_repeats_nothing),
    GH_TEST(steps_of_an_agent_jobs_failures_and_others_are_no_prompts),
    GH_TEST(words_of_a_person_make_a_prompt_of_a_step),
    GH_TEST(a_paraphrase_shows_by_its_answer_unless_that_is_short),
    GH_TEST(next_to_a_repeated_question_a_context_of_its_size_counts_by_half),
    GH_TEST(the_share_is_of_all_tokens_of_the_day),
    GH_TEST(few_prompts_are_too_little),
    GH_TEST(repeats_in_a_row_are_raised_with_their_figures),
    GH_TEST(without_a_usual_day_or_with_news_in_between_nothing_is_raised),
    GH_TEST(who_always_repeats_is_told_nothing),
    GH_TEST(an_explanation_has_the_figures_and_no_blame),
};

GH_TEST_MAIN(tests)
