/* What: what a call says about a stuck agent after what the person's days have taught
 *       (detect/runaway.h).
 * How:  with the own share s: m = 2.5 s + 0.2 within 0.25 and 0.95, q = (1 + m) / 2; a hit is
 *       log(q / m). Days are written down as if they had been counted. */
#include "detect/runaway.h"
#include "support/detector_kit.h"

enum { WORK, JOBS };

static struct rig rig;
static int64_t now;

static void begin(void)
{
    rig_open(&rig, rig_find("runaway"));
    ((struct gh_runaway_config *)(void *)rig.config)->patience = 0;
    now = 0;
}

static double say(struct gh_call call)
{
    call.ts_ms += now;
    call.agent = 3;
    call.session = 9;
    rig_step(&rig, call);
    now += 1000;
    return rig.score;
}

/* The same prompt and the same answer; the first time new. */
static double again(enum gh_origin origin)
{
    struct gh_call call = rig_call(0);

    call.prompt_hash = call.response_hash = 77;
    call.present = UINT64_C(1) << GH_KEY_prompt_hash | UINT64_C(1) << GH_KEY_response_hash;
    call.origin = origin;
    return say(call);
}

/* Words of the person, a first call, then a hit. */
static double hit(enum gh_origin origin)
{
    struct gh_call words = rig_call(0);

    now += 60 * 60000;
    words.user_tokens = 5;
    words.origin = origin;
    say(words);
    again(origin);
    return again(origin);
}

static double gain(double share)
{
    const double m = 2.5 * share + 0.2;

    return log((1 + m) / 2 / m);
}

static void day_of(int class, uint32_t calls, uint32_t hits)
{
    struct gh_runaway_day *day = (struct gh_runaway_day *)(void *)rig.state;

    memset(day, 0, sizeof *day);
    day->calls[class] = calls;
    day->hits[class] = hits;
    (void)rig_observe(&rig);
    rig_next_day(&rig);
}

static void jobs_repeat_themselves_more_than_people(void)
{
    begin();
    CHECK_NEAR(hit(GH_SCHEDULED), gain(0.15), 1e-9);
    rig_close(&rig);
    begin();
    CHECK_NEAR(hit(GH_INTERACTIVE), log(2.5), 1e-9); /* 0.225 counts as 0.25 */
    rig_close(&rig);
}

/* The prior weighs a hundred calls: (1 + 50) / 200; a day later 0.97 of it. */
static void the_own_share_of_hits_is_learned_and_forgotten(void)
{
    begin();
    day_of(WORK, 100, 50);
    CHECK_NEAR(hit(GH_INTERACTIVE), gain(51.0 / 200), 1e-6);
    rig_close(&rig);
    begin();
    day_of(WORK, 100, 50);
    day_of(WORK, 0, 0);
    CHECK_NEAR(hit(GH_INTERACTIVE), gain(49.5 / 197), 1e-6);
    rig_close(&rig);
}

/* (15 + 46) / 200 would make m = 0.9625: what always repeats itself says nothing. */
static void where_nearly_all_repeats_a_repeat_says_nothing(void)
{
    begin();
    day_of(JOBS, 100, 46);
    CHECK(hit(GH_SCHEDULED) == 0);
    rig_close(&rig);
    begin();
    day_of(JOBS, 100, 43);
    CHECK_NEAR(hit(GH_SCHEDULED), gain(58.0 / 200), 1e-6);
    rig_close(&rig);
}

/* The first five days teach what they are; later ones of people a tenth at most. */
static void after_five_days_little_of_a_persons_repeats_is_learned(void)
{
    for (int before = 4; before <= 5; before++) {
        begin();
        for (int day = 0; day < before; day++)
            day_of(WORK, 0, 0);
        day_of(WORK, 100, 50);
        CHECK_NEAR(hit(GH_INTERACTIVE), gain(before == 4 ? 51.0 / 200 : 11.0 / 200), 1e-6);
        rig_close(&rig);
    }
    begin();
    for (int day = 0; day < 5; day++)
        day_of(WORK, 0, 0);
    day_of(JOBS, 100, 40);
    CHECK_NEAR(hit(GH_CI), gain(55.0 / 200), 1e-6);
    rig_close(&rig);
}

static void a_short_silence_does_not_end_a_run(void)
{
    begin();
    CHECK_NEAR(hit(GH_INTERACTIVE), log(2.5), 1e-9);
    now += 9 * 60000;
    CHECK_NEAR(again(GH_INTERACTIVE), 2 * log(2.5), 1e-9);
    now += 10 * 60000;
    CHECK(again(GH_INTERACTIVE) < log(2.6));
    rig_close(&rig);
}

static double ends(enum gh_call_status status)
{
    struct gh_call call = rig_call(0);

    call.status = status;
    return say(call);
}

/* A failure after a failure: 0.6 / 0.2; any other call: 0.4 / 0.8. */
static void a_storm_is_made_of_failures_that_follow_failures(void)
{
    begin();
    ends(GH_CALL_OK);
    CHECK(ends(GH_CALL_ERROR) == 0);
    CHECK_NEAR(ends(GH_CALL_ERROR), log(3), 1e-9);
    rig.threshold = 1.5 * log(3);
    CHECK_NEAR(ends(GH_CALL_ERROR), 2 * log(3), 1e-9);
    CHECK(rig.raised && rig.episode.calls == 2 && rig.episode.value[2] == 1);
    CHECK_NEAR(ends(GH_CALL_OK), 2 * log(3) - log(2), 1e-9);
    now += 5001; /* no longer hasty */
    CHECK_NEAR(ends(GH_CALL_ERROR), 2 * log(3) - 2 * log(2), 1e-9);
    rig_close(&rig);
}

static const struct gh_test tests[] = {
    GH_TEST(jobs_repeat_themselves_more_than_people),
    GH_TEST(the_own_share_of_hits_is_learned_and_forgotten),
    GH_TEST(where_nearly_all_repeats_a_repeat_says_nothing),
    GH_TEST(after_five_days_little_of_a_persons_repeats_is_learned),
    GH_TEST(a_short_silence_does_not_end_a_run),
    GH_TEST(a_storm_is_made_of_failures_that_follow_failures),
};
GH_TEST_MAIN(tests)
