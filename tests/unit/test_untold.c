/* What: a source that does not tell who set a call off, or which agent made it, is evidence
 *       against nobody (gh_cause_of, detect/level.h).
 * How:  the same calls with and without the fields, into the four detectors that ask. */
#include "detect/level.h"
#include "support/detector_kit.h"

static struct rig rig;

/* A turn of a chat: of a session, with words, without a tool. */
static struct gh_call chat(void)
{
    struct gh_call call = rig_call((int64_t)rig.calls * RIG_MINUTE);

    call.present |= UINT64_C(1) << GH_KEY_tool_calls | UINT64_C(1) << GH_KEY_prompt_hash;
    call.origin = GH_ORIGIN_UNKNOWN;
    call.session = 5;
    call.user_tokens = 20;
    call.prompt_hash = 77;
    return call;
}

/* What the detector says of a day of such calls. */
static enum gh_observability observed(const char *detector, struct gh_call call, int count)
{
    rig_open(&rig, rig_find(detector));
    for (int i = 0; i < count; i++) {
        call.ts_ms += RIG_MINUTE;
        rig_step(&rig, call);
    }
    const enum gh_observability state = rig_observe(&rig).state;
    rig_close(&rig);
    return state;
}

static void a_cause_is_told_by_origin_caller_or_words(void)
{
    struct gh_call call = {.origin = GH_INTERACTIVE};

    CHECK(gh_cause_of(&call) == GH_BY_PERSON);
    call.origin = GH_ORIGIN_UNKNOWN;
    CHECK(gh_cause_of(&call) == GH_BY_UNKNOWN);
    call.typed = true;
    CHECK(gh_cause_of(&call) == GH_BY_PERSON);
    call.caller = 3;
    CHECK(gh_cause_of(&call) == GH_BY_JOB);
    call = (struct gh_call){.origin = GH_API, .typed = true};
    CHECK(gh_cause_of(&call) == GH_BY_JOB);
}

static void words_and_tools_hold_for_their_session_and_words_not_without_one(void)
{
    for (uint64_t session = 0; session < 2; session++) {
        struct gh_session_facts facts = {0};
        struct gh_call first = {.session = session, .user_tokens = 5, .tool_calls = 1};
        struct gh_call later = {.session = session};
        gh_session_note(&facts, &first);
        gh_session_note(&facts, &later);
        CHECK(first.typed && first.tools && later.tools && later.typed == (session != 0));
        later = (struct gh_call){.session = session};
        gh_session_note(NULL, &later);
        CHECK(!later.typed && !later.tools);
    }
}

static void a_chat_with_a_persons_words_is_judged(void)
{
    CHECK(observed("context_bloat", chat(), 6) == GH_OBSERVED);
    CHECK(observed("verbosity", chat(), 6) == GH_OBSERVED);
    CHECK(observed("repetition", chat(), 6) == GH_OBSERVED);
}

static void calls_that_nobody_may_have_set_off_are_not(void)
{
    struct gh_call call = chat();

    call.user_tokens = 0;
    CHECK(observed("context_bloat", call, 40) == GH_NOT_OBSERVABLE);
    CHECK(observed("verbosity", call, 40) == GH_NOT_OBSERVABLE);
    CHECK(observed("repetition", call, 40) == GH_NOT_OBSERVABLE);
    CHECK(observed("always_on", call, 40) != GH_OBSERVED);
    call.agent = 7; /* the agent is known, who set it off is not */
    CHECK(observed("context_bloat", call, 40) == GH_NOT_OBSERVABLE);
    CHECK(observed("verbosity", call, 40) == GH_NOT_OBSERVABLE);
    CHECK(observed("repetition", call, 40) == GH_NOT_OBSERVABLE);
    call.origin = GH_INTERACTIVE;
    CHECK(observed("context_bloat", call, 40) == GH_OBSERVED);
    CHECK(observed("verbosity", call, 40) == GH_OBSERVED);
}

/* Levels of a chat and of an agent differ by a factor of 100: which it was must be known. */
static void an_agent_that_may_stand_behind_a_call_leaves_it_without_a_class(void)
{
    for (int untold = 0; untold < 4; untold++) {
        struct gh_call call = chat();
        call.origin = GH_INTERACTIVE;
        call.tool_calls = untold == 0;
        call.present = untold == 1 ? 0 : call.present; /* nor whether tools were asked for */
        call.user_tokens = untold == 2 ? 0 : 20;       /* nor whether a person wrote it */
        call.model = untold == 3 ? 0 : 1;
        CHECK(observed("context_bloat", call, 40) == GH_NOT_OBSERVABLE);
        CHECK(observed("verbosity", call, 40) == GH_NOT_OBSERVABLE);
    }
    struct gh_call completion = chat();
    completion.origin = GH_INTERACTIVE;
    completion.session = 0;
    completion.user_tokens = 0;
    CHECK(observed("context_bloat", completion, 40) == GH_OBSERVED);
}

/* An editor's completions are short and an order of magnitude smaller than its chats. */
static void chats_and_completions_are_classes_of_their_own(void)
{
    struct gh_work_first first = {0};
    struct gh_call call = {
        .present = UINT64_C(1) << GH_KEY_tool_calls, .model = 3, .origin = GH_INTERACTIVE};

    CHECK(gh_work_of(&first, &call) == GH_WORK_LOOSE && first.model == 0);
    call.session = 1;
    call.typed = true;
    CHECK(gh_work_of(&first, &call) == GH_WORK_PLAIN && first.model == 3);
    call.model = 4;
    CHECK(gh_work_of(&first, &call) == GH_WORK_SECOND);
    call.session = 0;
    CHECK(gh_work_of(&first, &call) == GH_WORK_LOOSE);
    call.agent = 5;
    CHECK(gh_work_of(&first, &call) == GH_WORK_AGENT && first.agent == 5);
    call.agent = 6;
    CHECK(gh_work_of(&first, &call) == GH_WORK_OTHER);
    call.origin = GH_CI;
    CHECK(gh_work_of(&first, &call) == GH_WORK_JOB);
}

/* Fingerprints of prompts that hold all that was said before are alike. */
static void without_a_session_a_prompt_that_grew_repeats_nothing(void)
{
    for (int grows = 0; grows < 2; grows++) {
        rig_open(&rig, rig_find("repetition"));
        for (int i = 0; i < 8; i++) {
            struct gh_call call = chat();
            call.session = 0;
            call.context_tokens = 1000 + 100 * i * grows;
            rig_step(&rig, call);
        }
        const struct gh_observation seen = rig_observe(&rig);
        CHECK(seen.state == GH_OBSERVED && (seen.value > 0.5) == (grows == 0));
        rig_close(&rig);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_cause_is_told_by_origin_caller_or_words),
    GH_TEST(words_and_tools_hold_for_their_session_and_words_not_without_one),
    GH_TEST(a_chat_with_a_persons_words_is_judged),
    GH_TEST(calls_that_nobody_may_have_set_off_are_not),
    GH_TEST(an_agent_that_may_stand_behind_a_call_leaves_it_without_a_class),
    GH_TEST(chats_and_completions_are_classes_of_their_own),
    GH_TEST(without_a_session_a_prompt_that_grew_repeats_nothing),
};

GH_TEST_MAIN(tests)
