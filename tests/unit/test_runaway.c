/* What: runaway: which calls are evidence that an agent is stuck, what starts the run anew,
 *       storms of failing calls, patience, what has always run so, what a finding says.
 * How:  sessions by hand straight into the detector; scores worked out on paper:
 *       m = 0.2 + 2.5 x 0.01 -> 0.25, q = 0.625: hit log 2.5, miss log 0.5. */
#include "detect/runaway.h"
#include "support/detector_kit.h"

#define SECOND INT64_C(1000)

static struct rig rig;
static int64_t now;
static double score;

static void start(void)
{
    rig_open(&rig, rig_find("runaway"));
    ((struct gh_runaway_config *)(void *)rig.config)->patience = 0;
    now = 0;
}

static struct gh_call plain(uint64_t prompt, uint64_t answer)
{
    struct gh_call call = rig_call(now);

    now += 20 * SECOND;
    call.agent = 3;
    call.session = 9;
    call.prompt_hash = prompt;
    call.response_hash = answer;
    call.present = UINT64_C(1) << GH_KEY_prompt_hash | UINT64_C(1) << GH_KEY_response_hash;
    call.tool_calls = 1;
    return call;
}

static void say(struct gh_call call)
{
    rig_step(&rig, call);
    score = rig.score;
}

static void person_speaks(void)
{
    struct gh_call call = plain(0x5555, 0x6666);

    call.user_tokens = 12;
    say(call);
}

/* A word of the person, so that words are known to be told; then the first, novel call. */
static void agent_begins(void)
{
    start();
    person_speaks();
    say(plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f));
    CHECK(score == 0.0);
}

static void stuck(int calls)
{
    for (int i = 0; i < calls; i++)
        say(plain(0xf0f0f0f0f0f0f0f0 ^ (i % 2 ? 7u : 0u), 0x0f0f0f0f0f0f0f0f));
}

static void a_repeated_call_with_a_repeated_answer_is_evidence(void)
{
    agent_begins();
    stuck(4);
    CHECK_NEAR(score, 4 * log(2.5), 1e-9);
    rig_close(&rig);
}

static void a_new_answer_is_no_evidence_and_a_new_prompt_is_some_against(void)
{
    agent_begins();
    stuck(4);
    say(plain(0xf0f0f0f0f0f0f0f0, 0xabcdef)); /* edited, built, tested: another result */
    CHECK_NEAR(score, 4 * log(2.5), 1e-9);
    say(plain(0x123456789, 0x0f0f0f0f0f0f0f0f));
    CHECK_NEAR(score, 4 * log(2.5) - log(2), 1e-9);
    rig_close(&rig);
}

static void an_answer_without_fingerprint_counts_half_and_a_failure_in_full(void)
{
    agent_begins();
    struct gh_call call = plain(0xf0f0f0f0f0f0f0f0, 0);
    call.present = UINT64_C(1) << GH_KEY_prompt_hash;
    say(call);
    CHECK_NEAR(score, 0.5 * log(2.5), 1e-9);
    call.status = GH_CALL_ERROR;
    say(call);
    CHECK_NEAR(score, 1.5 * log(2.5), 1e-9);
    rig_close(&rig);
}

static void prompts_six_bits_apart_repeat_each_other_and_seven_do_not(void)
{
    agent_begins();
    say(plain(0xf0f0f0f0f0f0f0f0 ^ 0x3f, 0x0f0f0f0f0f0f0f0f));
    CHECK_NEAR(score, log(2.5), 1e-9);
    rig_close(&rig);
    agent_begins();
    say(plain(0xf0f0f0f0f0f0f0f0 ^ 0x7f, 0x0f0f0f0f0f0f0f0f));
    CHECK(score == 0.0);
    rig_close(&rig);
}

static void where_words_are_never_told_a_hit_counts_half(void)
{
    start();
    say(plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f));
    stuck(4);
    CHECK_NEAR(score, 2 * log(2.5), 1e-9);
    rig_close(&rig);
}

static void a_word_of_a_person_starts_anew(void)
{
    agent_begins();
    stuck(6);
    person_speaks();
    stuck(1);
    CHECK_NEAR(score, log(2.5), 1e-9);
    rig_close(&rig);
}

static void a_silence_starts_anew(void)
{
    agent_begins();
    stuck(6);
    now += 11 * RIG_MINUTE;
    stuck(1);
    CHECK_NEAR(score, log(2.5), 1e-9);
    rig_close(&rig);
}

static void agents_in_turn_are_not_one_that_is_stuck(void)
{
    agent_begins();
    for (int i = 0; i < 30; i++) {
        struct gh_call call = plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f);
        call.agent = 3 + (uint32_t)(i % 2);
        say(call);
        CHECK(score <= log(2.5) + 1e-9);
    }
    rig_close(&rig);
}

static void sessions_are_apart(void)
{
    agent_begins();
    for (int i = 0; i < 30; i++) {
        struct gh_call call = plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f);
        call.session = 100 + (uint64_t)i;
        say(call);
        CHECK(score == 0.0);
    }
    rig_close(&rig);
}

static void an_accepted_artifact_starts_anew_and_a_proposal_does_not(void)
{
    struct gh_output output = {.session = 9, .state = GH_PROPOSED};

    agent_begins();
    stuck(3);
    output.ts_ms = RIG_START + 12 * GH_MS_PER_HOUR + now;
    rig_output(&rig, output);
    stuck(1);
    CHECK_NEAR(score, 4 * log(2.5), 1e-9);
    output.state = GH_ACCEPTED;
    rig_output(&rig, output);
    stuck(1);
    CHECK_NEAR(score, log(2.5), 1e-9);
    rig_close(&rig);
}

static void nobody_is_told_before_patience_is_over(void)
{
    agent_begins();
    ((struct gh_runaway_config *)(void *)rig.config)->patience = 6;
    rig.threshold = 5;
    stuck(18); /* every 20 seconds: 340 of them lie between the first and the last */
    CHECK(!rig.raised && score == 0.0);
    stuck(1);
    CHECK(rig.raised);
    CHECK(rig.episode.calls == 19 && rig.episode.party[0] == 3);
    CHECK_NEAR(rig.episode.value[1], 1.0, 1e-12);
    CHECK_NEAR(rig.episode.value[3], 6.0, 1e-12);
    CHECK_NEAR(rig.episode.excess_tokens, 19 * 20.0, 1e-9);
    rig_close(&rig);
}

static struct gh_call failing(int64_t gap_ms)
{
    struct gh_call call = rig_call(now);

    now += gap_ms;
    call.session = 9;
    call.status = GH_CALL_ERROR;
    return call;
}

static void hasty_failures_are_a_storm_at_once(void)
{
    start();
    ((struct gh_runaway_config *)(void *)rig.config)->patience = 60;
    rig.threshold = 5;
    for (int i = 0; i < 5; i++)
        say(failing(2 * SECOND));
    CHECK_NEAR(score, 4 * log(3), 1e-9);
    CHECK(!rig.raised);
    say(failing(2 * SECOND));
    CHECK(rig.raised); /* 5 log 3 = 5.49 */
    rig_close(&rig);
}

static void failures_with_a_pause_are_no_storm(void)
{
    start();
    for (int i = 0; i < 30; i++) {
        say(failing(6 * SECOND));
        CHECK(score == 0.0);
    }
    rig_close(&rig);
}

static void somebody_elses_agent_does_not_count(void)
{
    agent_begins();
    for (int i = 0; i < 30; i++) {
        struct gh_call call = plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f);
        call.foreign = true;
        say(call);
    }
    CHECK(score == 0.0);
    rig_close(&rig);
}

static void without_fingerprints_and_failures_nothing_is_observed(void)
{
    start();
    for (int i = 0; i < 50; i++) {
        struct gh_call call = rig_call(i * SECOND);
        call.session = 9;
        say(call);
        CHECK(score == 0.0);
    }
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    rig_close(&rig);
}

/* A job that asks the same and is answered the same, from its first day on. */
static void job_day(void)
{
    for (int i = 0; i < 300; i++) {
        struct gh_call call = plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f);
        call.origin = GH_SCHEDULED;
        call.user_tokens = 0;
        say(call);
    }
    (void)rig_observe(&rig);
    rig_next_day(&rig);
    now += GH_MS_PER_HOUR;
}

static void what_has_always_run_so_is_no_alarm(void)
{
    start();
    job_day();
    job_day();
    job_day();
    CHECK(score == 0.0);
    stuck(20); /* the person's own agent is another matter */
    CHECK(score > 5.0);
    rig_close(&rig);
}

static void days_with_an_alarm_teach_nothing_later(void)
{
    agent_begins();
    for (int day = 0; day < 6; day++) { /* ordinary days: new prompts */
        for (uint64_t i = 0; i < 50; i++)
            say(plain(0x9e3779b97f4a7c15u * (i + 1), 0xc2b2ae3d27d4eb4fu * (i + 3)));
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    rig.threshold = 5;
    for (int day = 0; day < 10; day++) {
        person_speaks();
        say(plain(0xf0f0f0f0f0f0f0f0, 0x0f0f0f0f0f0f0f0f));
        now += RIG_MINUTE;
        stuck(7);
        CHECK(score > 6.0); /* 7 log 2.5 = 6.41 */
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
    rig_close(&rig);
}

static void the_finding_speaks_of_the_run_not_of_a_person(void)
{
    char explanation[768], question[320];
    struct gh_telling telling = {.track = GH_INCIDENT, .party = {{"coder@ann", 9}}};

    agent_begins();
    rig.threshold = 5;
    stuck(10);
    telling.episode = &rig.episode;
    rig.detector->explain(&telling, explanation, sizeof explanation, question, sizeof question);
    CHECK(strstr(explanation, "coder@ann seems to be stuck: 6 calls in") != NULL);
    CHECK(strstr(explanation, "100 % repeated") != NULL);
    CHECK(strchr(question, '?') != NULL);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(a_repeated_call_with_a_repeated_answer_is_evidence),
    GH_TEST(a_new_answer_is_no_evidence_and_a_new_prompt_is_some_against),
    GH_TEST(an_answer_without_fingerprint_counts_half_and_a_failure_in_full),
    GH_TEST(prompts_six_bits_apart_repeat_each_other_and_seven_do_not),
    GH_TEST(where_words_are_never_told_a_hit_counts_half),
    GH_TEST(a_word_of_a_person_starts_anew),
    GH_TEST(a_silence_starts_anew),
    GH_TEST(agents_in_turn_are_not_one_that_is_stuck),
    GH_TEST(sessions_are_apart),
    GH_TEST(an_accepted_artifact_starts_anew_and_a_proposal_does_not),
    GH_TEST(nobody_is_told_before_patience_is_over),
    GH_TEST(hasty_failures_are_a_storm_at_once),
    GH_TEST(failures_with_a_pause_are_no_storm),
    GH_TEST(somebody_elses_agent_does_not_count),
    GH_TEST(without_fingerprints_and_failures_nothing_is_observed),
    GH_TEST(what_has_always_run_so_is_no_alarm),
    GH_TEST(days_with_an_alarm_teach_nothing_later),
    GH_TEST(the_finding_speaks_of_the_run_not_of_a_person),
};

GH_TEST_MAIN(tests)
