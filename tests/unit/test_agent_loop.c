/* What: agent_loop: walks that close, messages that repeat, pairs that are alone.
 * How:  calls by hand straight into the detector. With a threshold of 0.5 the fast path
 *       raises on the first hop that counts (log(0.675/0.35) = 0.66), which shows hits. */
#include "detect/agent_loop.h"
#include "support/detector_kit.h"

enum { A = 11, B = 12, C = 13, D = 14 };
static const uint64_t prompt = UINT64_C(0x0123456789abcdef);

static struct rig rig;

static struct gh_agent_loop_day *day(void)
{
    return (struct gh_agent_loop_day *)(void *)rig.state;
}

static void start(double threshold)
{
    rig_open(&rig, rig_find("agent_loop"));
    rig.threshold = threshold;
}

static struct gh_call hop(uint32_t caller, uint32_t agent, int64_t after_ms)
{
    struct gh_call call = rig_call(after_ms);

    call.caller = caller;
    call.agent = agent;
    return call;
}

static struct gh_call printed(struct gh_call call, uint64_t hash)
{
    call.present |= UINT64_C(1) << GH_KEY_prompt_hash;
    call.prompt_hash = hash;
    return call;
}

static struct gh_call tooled(struct gh_call call, double tools, double output)
{
    call.present |= UINT64_C(1) << GH_KEY_tool_calls;
    call.tool_calls = tools;
    call.output_tokens = output;
    return call;
}

/* A hop with the same prompt as ever; whether it raised. */
static bool same(uint32_t caller, uint32_t agent)
{
    rig_step(&rig, printed(hop(caller, agent, (int64_t)rig.calls * 1000), prompt));
    return rig.raised;
}

static void two_that_answer_each_other_close_a_walk(void)
{
    start(0.5);
    CHECK(!same(A, B)); /* nothing before it */
    CHECK(same(B, A));  /* its callee has called, and the prompt is the pair's last */
    rig_close(&rig);
}

static void three_in_a_ring_close_a_walk(void)
{
    start(0.5);
    CHECK(!same(A, B) && !same(B, C) && !same(C, A)); /* each pair's first: all new */
    CHECK(same(A, B));
    rig_close(&rig);
}

static void a_chain_and_one_repeated_call_close_nothing(void)
{
    start(0.5);
    CHECK(!same(A, B) && !same(B, C) && !same(C, D));
    CHECK(!same(C, D)); /* the edge of the hop before: a request made twice */
    CHECK(same(C, D));  /* three times: it came up two hops ago */
    rig_close(&rig);
}

static void a_walk_closes_within_the_window_only(void)
{
    for (uint32_t between = 14; between <= 16; between++) {
        start(0.5);
        (void)same(A, B);
        for (uint32_t i = 0; i < between; i++)
            CHECK(!same(100 + i, 200 + i));
        CHECK(same(A, B) == (between < 16)); /* 16 hops back is the last that counts */
        rig_close(&rig);
    }
}

static void a_call_to_oneself_or_by_nobody_is_no_link(void)
{
    start(0.5);
    for (int i = 0; i < 20; i++)
        CHECK(!same(A, A) && !same(0, A) && !same(A, 0));
    CHECK(day()->links == 0);
    CHECK(rig_observe(&rig).state == GH_OBSERVED && rig_observe(&rig).value == 0.0);
    rig_close(&rig);
}

/* Prompts of a pair that differ in `bits` bits. */
static bool near(uint32_t bits)
{
    bool raised;

    start(0.5);
    rig_step(&rig, printed(hop(A, B, 0), prompt));
    rig_step(&rig, printed(hop(B, A, 1000), prompt ^ ((UINT64_C(1) << bits) - 1) << 20));
    raised = rig.raised;
    rig_close(&rig);
    return raised;
}

static void prompts_repeat_up_to_three_bits_and_not_at_four(void)
{
    CHECK(near(0) && near(1) && near(3));
    CHECK(!near(4) && !near(32));
}

static void a_prompt_is_compared_with_the_last_32_of_the_pair(void)
{
    for (uint32_t others = 31; others <= 32; others++) {
        start(INFINITY);
        rig_step(&rig, printed(hop(A, B, 0), prompt));
        for (uint32_t i = 0; i < others; i++)
            rig_step(&rig, printed(hop(i % 2 ? A : B, i % 2 ? B : A, i + 1),
                                   (i + 1) * UINT64_C(0x9e3779b97f4a7c15)));
        rig.threshold = 0.5;
        CHECK(same(A, B) == (others == 31));
        rig_close(&rig);
    }
}

/* Outputs of 100 and then `output` tokens, without a tool. */
static bool band(double output, double tools)
{
    bool raised;

    start(0.5);
    rig_step(&rig, tooled(hop(A, B, 0), 0, 100));
    rig_step(&rig, tooled(hop(B, A, 1000), tools, output));
    raised = rig.raised;
    rig_close(&rig);
    return raised;
}

static void answers_of_like_length_without_a_tool_bring_nothing_new(void)
{
    CHECK(band(100, 0) && band(80, 0) && band(125, 0));
    CHECK(!band(79, 0) && !band(126, 0) && !band(0, 0));
    CHECK(!band(100, 1)); /* a tool was called */
}

static void empty_answers_are_not_of_like_length(void)
{
    start(0.5);
    for (int i = 0; i < 20; i++) {
        rig_step(&rig, tooled(hop(i % 2 ? A : B, i % 2 ? B : A, i), 0, 0));
        CHECK(!rig.raised);
    }
    rig_close(&rig);
}

/* Hop 1 is new; 11 that are not stand in the history when hop 13 comes: it counts. */
static void a_hop_counts_once_11_of_the_last_16_brought_nothing_new(void)
{
    start(INFINITY);
    for (uint32_t i = 1; i <= 40; i++) {
        (void)same(i % 2 ? A : B, i % 2 ? B : A);
        CHECK(day()->links == i && day()->hits == (i > 12 ? i - 12 : 0));
        CHECK_NEAR(day()->loop_tokens, 20.0 * day()->hits, 0);
    }
    CHECK_NEAR(rig_observe(&rig).value, 28.0 / 40.0, 1e-15);
    rig_close(&rig);
}

/* Ten of sixteen are not enough: rounds of 16 hops of which 6 are new. */
static void ten_of_sixteen_are_not_enough(void)
{
    for (uint32_t new = 5; new <= 6; new ++) {
        start(INFINITY);
        for (uint32_t i = 0; i < 160; i++)
            rig_step(&rig,
                     printed(hop(i % 2 ? A : B, i % 2 ? B : A, i * 1000),
                             i % 16 < new ? (i + 2) * UINT64_C(0x9e3779b97f4a7c15) : prompt));
        CHECK((day()->hits > 0) == (new == 5));
        rig_close(&rig);
    }
}

static void foreign_calls_tell_of_the_exchange_and_cost_nothing(void)
{
    start(INFINITY);
    for (uint32_t i = 1; i <= 30; i++) {
        struct gh_call call = printed(hop(i % 2 ? A : B, i % 2 ? B : A, i * 1000), prompt);
        call.foreign = i % 2 == 0; /* the other's half */
        rig_step(&rig, call);
    }
    CHECK(day()->links == 15 && day()->novelty_known == 15);
    CHECK(day()->hits == 9 && day()->loop_tokens == 180.0); /* hops 13, 15, … 29 */
    CHECK(rig.day.tokens == 300.0);
    rig_close(&rig);
}

static void what_cannot_be_seen_is_not_judged(void)
{
    start(INFINITY);
    rig_step(&rig, rig_call(0));
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE); /* no agent, ever */
    rig_step(&rig, hop(A, B, 1));
    rig_step(&rig, hop(B, A, 2));
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE); /* links, but no novelty shows */
    rig_step(&rig, printed(hop(A, B, 3), prompt));
    CHECK(rig_observe(&rig).state == GH_OBSERVED);
    rig_next_day(&rig);
    rig_step(&rig, rig_call(0));
    CHECK(rig_observe(&rig).state == GH_OBSERVED); /* agents are known: today there was none */
    rig_next_day(&rig);
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE); /* no tokens */
    rig_close(&rig);
}

/* --- pairs that are alone: 45 minutes, 12 hops --- */

/* So many hops of A and B, evenly over 45 minutes; whether the last one raised. What
 * `disturb` does to a hop may break it. */
static bool alone(uint32_t hops, void (*disturb)(struct gh_call *call, uint32_t index))
{
    start(INFINITY);
    for (uint32_t i = 0; i < hops; i++) {
        struct gh_call call =
            hop(i % 2 ? A : B, i % 2 ? B : A, 45 * RIG_MINUTE * i / (hops - 1));
        if (disturb != NULL)
            disturb(&call, i);
        rig_step(&rig, call);
        CHECK(!rig.raised || i == hops - 1);
    }
    rig_close(&rig);
    return rig.raised;
}

static void person_writes(struct gh_call *call, uint32_t index)
{
    call->user_tokens = index == 5;
}
static void third_agent(struct gh_call *call, uint32_t index)
{
    call->agent = index == 5 ? C : call->agent;
}
static void own_work(struct gh_call *call, uint32_t index)
{
    call->caller = index == 5 ? 0 : call->caller;
}
static void one_tool(struct gh_call *call, uint32_t index)
{
    *call = tooled(*call, index == 5, index == 5 ? 10 : 50);
}
static void two_tools(struct gh_call *call, uint32_t index)
{
    *call = tooled(*call, index == 5 || index == 7, 50);
}
static void all_new(struct gh_call *call, uint32_t index)
{
    *call = printed(*call, (index + 1) * UINT64_C(0x9e3779b97f4a7c15));
}
static void half_new(struct gh_call *call, uint32_t index)
{
    *call = printed(*call, index % 2 ? prompt : (index + 1) * UINT64_C(0x9e3779b97f4a7c15));
}
static void half_and_one_stale(struct gh_call *call, uint32_t index)
{
    *call = printed(*call, index % 2 || index < 6 ? prompt
                                                  : (index + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

static void two_alone_for_45_minutes_raise(void)
{
    CHECK(alone(12, NULL)); /* 12 hops, the last at 45 minutes sharp */
    CHECK(alone(46, NULL));
    CHECK(!alone(11, NULL)); /* 11 hops are too few */
}

static void who_is_not_alone_does_not_raise(void)
{
    CHECK(!alone(46, person_writes));
    CHECK(!alone(46, third_agent));
    CHECK(!alone(46, own_work));
}

static void tools_in_more_than_a_tenth_of_the_hops_are_work(void)
{
    CHECK(alone(15, one_tool));   /* 1 of 15 */
    CHECK(!alone(15, two_tools)); /* 2 of 15 */
    CHECK(alone(20, two_tools));  /* 2 of 20 */
}

static void mostly_new_messages_are_work(void)
{
    CHECK(!alone(46, all_new));
    CHECK(!alone(46, half_new)); /* the first of the repeated ones is new as well */
    CHECK(alone(46, half_and_one_stale));
}

static void a_pause_longer_than_idle_starts_anew(void)
{
    for (int64_t pause = 30; pause <= 31; pause++) {
        bool raised = false;
        start(INFINITY);
        for (int64_t i = 0; i < 40; i++) {
            const int64_t at = i * RIG_MINUTE + (i >= 20 ? (pause - 1) * RIG_MINUTE : 0);
            rig_step(&rig, hop(i % 2 ? A : B, i % 2 ? B : A, at));
            raised |= rig.raised;
        }
        CHECK(raised == (pause == 30)); /* 20 minutes, the pause, 20 minutes */
        rig_close(&rig);
    }
}

static void a_raise_tells_what_the_exchange_took(void)
{
    CHECK(alone(46, NULL));
    const struct gh_episode *e = &rig.episode;
    CHECK(e->calls == 46 && e->tokens == 920.0 && e->excess_tokens == 920.0);
    CHECK(e->cost_usd == 23.0 && !e->cost_unknown && e->days == 1);
    CHECK(e->until_ms - e->from_ms == 45 * RIG_MINUTE);
    CHECK(e->first_event == gh_hash("0", 1));
    CHECK(e->party[0] == B && e->party[1] == A && e->sample_count == GH_SAMPLES_MAX);
    CHECK(e->value[0] == 1.0 && e->value[1] == 46.0 && isnan(e->value[2]) &&
          e->value[3] == 0.75);
}

static const struct gh_test tests[] = {
    GH_TEST(two_that_answer_each_other_close_a_walk),
    GH_TEST(three_in_a_ring_close_a_walk),
    GH_TEST(a_chain_and_one_repeated_call_close_nothing),
    GH_TEST(a_walk_closes_within_the_window_only),
    GH_TEST(a_call_to_oneself_or_by_nobody_is_no_link),
    GH_TEST(prompts_repeat_up_to_three_bits_and_not_at_four),
    GH_TEST(a_prompt_is_compared_with_the_last_32_of_the_pair),
    GH_TEST(answers_of_like_length_without_a_tool_bring_nothing_new),
    GH_TEST(empty_answers_are_not_of_like_length),
    GH_TEST(a_hop_counts_once_11_of_the_last_16_brought_nothing_new),
    GH_TEST(ten_of_sixteen_are_not_enough),
    GH_TEST(foreign_calls_tell_of_the_exchange_and_cost_nothing),
    GH_TEST(what_cannot_be_seen_is_not_judged),
    GH_TEST(two_alone_for_45_minutes_raise),
    GH_TEST(who_is_not_alone_does_not_raise),
    GH_TEST(tools_in_more_than_a_tenth_of_the_hops_are_work),
    GH_TEST(mostly_new_messages_are_work),
    GH_TEST(a_pause_longer_than_idle_starts_anew),
    GH_TEST(a_raise_tells_what_the_exchange_took),
};

GH_TEST_MAIN(tests)
