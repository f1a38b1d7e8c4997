/* What: which answers of verbosity are samples, and what a raise tells of them
 *       (detect/verbosity.h).
 * How:  ten days of answers of exactly 200 tokens, then a day of 800. */
#include "detect/verbosity.h"
#include "support/detector_kit.h"

static struct rig rig;

static void answer(double output)
{
    struct gh_call call = rig_call((int64_t)rig.calls * 1000);

    call.present = UINT64_C(1) << GH_KEY_tool_calls;
    call.output_tokens = output;
    call.tokens = 200 + output;
    call.cost_usd = 3;
    call.output_usd = 1;
    call.model = 1;
    rig_step(&rig, call);
}

static void begin(void)
{
    rig_open(&rig, rig_find("verbosity"));
    for (int day = 0; day < 10; day++) {
        for (int i = 0; i < 10; i++)
            answer(200);
        (void)rig_observe(&rig);
        rig_next_day(&rig);
    }
}

static void a_sample_is_twice_as_long_as_usual(void)
{
    begin();
    rig.watched = true;
    answer(390);
    CHECK(!rig.sampled);
    answer(410);
    CHECK(rig.sampled);
    rig_close(&rig);
}

/* Three quarters of the output are more than usual, of tokens and of what output costs. */
static void a_raise_tells_of_output_and_of_the_longest_answer(void)
{
    begin();
    answer(800);
    for (int i = 0; i < 9; i++)
        answer(799.9999);
    rig.threshold = 0.1;
    answer(799.9999);
    CHECK(rig.raised);
    CHECK_NEAR(rig.episode.excess_tokens, 0.75 * 11 * 800, 0.1);
    CHECK_NEAR(rig.episode.excess_cost_usd, 0.75 * 11, 1e-4);
    CHECK_NEAR(rig.episode.value[0], 800, 1e-3);
    CHECK_NEAR(rig.episode.expected[0], 200, 1e-3);
    CHECK(rig.episode.value[1] == 800);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(a_sample_is_twice_as_long_as_usual),
    GH_TEST(a_raise_tells_of_output_and_of_the_longest_answer),
};
GH_TEST_MAIN(tests)
