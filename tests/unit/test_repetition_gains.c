/* What: what one prompt says in the fast path of repetition, and what of the person's own days
 *       it is held against (detect/repetition.h).
 * How:  with the own share s: m = 2.5 s + 0.15 within 0.2 and 0.6, q = (1 + m) / 2; a repeat
 *       is log(q / m), a new prompt log 0.5; 20 of them are a usual day. */
#include "detect/repetition.h"
#include "support/detector_kit.h"

static struct rig rig;
static int64_t now;

static void begin(void)
{
    rig_open(&rig, rig_find("repetition"));
    rig.person.usual_tokens = 20000;
    now = 0;
}

static struct gh_call prompt(uint64_t hash)
{
    struct gh_call call = rig_call(now);

    now += 1000;
    call.user_tokens = 20;
    call.prompt_hash = hash;
    call.present = UINT64_C(1) << GH_KEY_prompt_hash;
    call.context_tokens = 900;
    call.tokens = 1000;
    return call;
}

static double say(struct gh_call call)
{
    rig_step(&rig, call);
    return rig.score;
}

/* A day of so many tokens of prompts, of which this share repeats. */
static void day_of(double share)
{
    *(struct gh_repetition_day *)(void *)rig.state = (struct gh_repetition_day){
        .prompts = 3, .prompt_tokens = 1000, .repeated_tokens = 1000 * share};
    rig.day.tokens = 1000;
    (void)rig_observe(&rig);
    rig_next_day(&rig);
}

static double repeat(void)
{
    say(prompt(UINT64_MAX));
    return say(prompt(UINT64_MAX));
}

static double gain(double m)
{
    return log((1 + m) / 2 / m);
}

static void after_three_days_a_repeat_is_held_against_the_own_share(void)
{
    static const double row[][4] = {
        /* three days; m */
        {0, 0, 0, 0.2},
        {0.04, 0.08, 0.03, 0.275}, /* mean 0.05 */
        {0.3, 0.3, 0.3, 0.6},
        {0.45, 0.48, 0.45, 0.6},
    };

    for (int i = 0; i < 4; i++) {
        begin();
        day_of(row[i][0]);
        day_of(row[i][1]);
        CHECK_NEAR(repeat(), gain(0.4), 1e-9); /* not known yet: a tenth */
        rig_close(&rig);
        begin();
        for (int day = 0; day < 3; day++)
            day_of(row[i][day]);
        CHECK_NEAR(repeat(), gain(row[i][3]), 1e-6);
        rig_close(&rig);
    }
}

static void who_repeats_every_second_prompt_shows_nothing_by_it(void)
{
    begin();
    for (int day = 0; day < 3; day++)
        day_of(0.5);
    CHECK(repeat() == 0);
    rig_close(&rig);
}

static void a_prompt_counts_as_part_of_a_usual_day_and_twice_at_most(void)
{
    static const double usual[] = {20000, 40000, 10000, 2000}, stake[] = {1, 0.5, 2, 2};

    for (int i = 0; i < 4; i++) {
        begin();
        rig.person.usual_tokens = usual[i];
        CHECK_NEAR(repeat(), stake[i] * gain(0.4), 1e-9);
        rig_close(&rig);
    }
}

/* Five repeats, then a new one, then one of which 6/7 repeats. */
static void a_new_prompt_takes_half_and_a_like_one_counts_in_part(void)
{
    begin();
    for (int i = 0; i < 6; i++)
        say(prompt(UINT64_MAX));
    double wanted = 5 * gain(0.4) - log(2);
    CHECK_NEAR(say(prompt(0x5555555555555555)), wanted, 1e-9);
    wanted += log(6.0 / 7 * 1.75 + 1.0 / 7 * 0.5);
    CHECK_NEAR(say(prompt(UINT64_MAX ^ 0x7f)), wanted, 1e-9);
    rig_close(&rig);
}

static void a_silence_of_a_day_ends_a_run(void)
{
    begin();
    repeat();
    now += 23 * GH_MS_PER_HOUR;
    CHECK_NEAR(say(prompt(UINT64_MAX)), 2 * gain(0.4), 1e-9);
    now += 25 * GH_MS_PER_HOUR;
    CHECK_NEAR(say(prompt(UINT64_MAX)), gain(0.4), 1e-9);
    rig_close(&rig);
}

static double repeated_by(struct gh_call call)
{
    const struct gh_repetition_day *day = (const void *)rig.state;
    const double before = day->repeated;

    say(call);
    return day->repeated - before;
}

static struct gh_call in_session(uint64_t hash, uint64_t session, double context)
{
    struct gh_call call = prompt(hash);

    call.session = session << 32;
    call.context_tokens = context;
    return call;
}

static void a_chat_goes_on_only_where_its_context_has_grown(void)
{
    begin();
    say(in_session(1, 5, 0));
    CHECK(repeated_by(in_session(1, 5, 0)) == 1);
    CHECK(repeated_by(in_session(1, 5, 100)) == 0);
    rig_close(&rig);
}

/* Contexts of log 7 and four of log 5: their mean is 5.4, and 0.2 on either side is like it.
 * A prompt that is both near and like counts by what is more. */
static void contexts_are_like_the_mean_of_the_repeated_ones(void)
{
    static const double row[][2] = {{5.15, 0}, {5.25, 0.5}, {5.55, 0.5}, {5.65, 0}, {7, 0}};

    for (int i = 0; i < 6; i++) {
        begin();
        for (uint64_t k = 0; k < 5; k++)
            say(in_session(UINT64_MAX, k + 1, exp(k == 0 ? 7 : 5) - 1));
        if (i < 5)
            CHECK(repeated_by(in_session(0x5555555555555555, 9, exp(row[i][0]) - 1)) ==
                  row[i][1]);
        else
            CHECK_NEAR(repeated_by(in_session(UINT64_MAX ^ 0x7f, 9, exp(5.4) - 1)), 6.0 / 7,
                       1e-12);
        rig_close(&rig);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(after_three_days_a_repeat_is_held_against_the_own_share),
    GH_TEST(who_repeats_every_second_prompt_shows_nothing_by_it),
    GH_TEST(a_prompt_counts_as_part_of_a_usual_day_and_twice_at_most),
    GH_TEST(a_new_prompt_takes_half_and_a_like_one_counts_in_part),
    GH_TEST(a_silence_of_a_day_ends_a_run),
    GH_TEST(a_chat_goes_on_only_where_its_context_has_grown),
    GH_TEST(contexts_are_like_the_mean_of_the_repeated_ones),
};
GH_TEST_MAIN(tests)
