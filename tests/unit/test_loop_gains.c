/* What: what a hop says in the fast path of agent_loop, and what a raise tells of it
 *       (detect/agent_loop.h).
 * How:  two agents that send each other the same prompt; now and then another one. */
#include "detect/agent_loop.h"
#include "support/detector_kit.h"

static struct rig rig;

static double hop(bool there, uint64_t prompt)
{
    struct gh_call call = rig_call((int64_t)rig.calls * 1000);

    call.caller = there ? 11 : 12;
    call.agent = there ? 12 : 11;
    call.present = UINT64_C(1) << GH_KEY_prompt_hash;
    call.prompt_hash = prompt;
    rig_step(&rig, call);
    return rig.score;
}

/* log(0.675 / 0.35) for what repeats, log(0.325 / 0.65) for what is new. */
static void a_repeat_adds_and_a_new_message_takes_half(void)
{
    const double up = log(0.675 / 0.35);

    rig_open(&rig, rig_find("agent_loop"));
    CHECK(hop(true, UINT64_MAX) == 0);
    for (int i = 1; i <= 4; i++)
        CHECK_NEAR(hop(i % 2 == 0, UINT64_MAX), i * up, 1e-12);
    CHECK_NEAR(hop(false, 0x5555555555555555), 4 * up - log(2), 1e-12);
    rig.threshold = 1;
    CHECK_NEAR(hop(true, UINT64_MAX), 5 * up - log(2), 1e-12);
    CHECK(rig.raised);
    const double calls = rig.episode.calls;
    CHECK(rig.episode.value[1] == calls);
    CHECK_NEAR(rig.episode.value[2], 5 / calls, 1e-12); /* of the run */
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(a_repeat_adds_and_a_new_message_takes_half),
};
GH_TEST_MAIN(tests)
