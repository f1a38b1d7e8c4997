/* What: spend_shift: what a day adds, what others share, the fast path, what is left out, and
 *       that price and team are named.
 * How:  a person whose own and whose peers' usual day is 1,000 tokens, so that the reference
 *       is 1,000; days by hand into observe() and conclude(). */
#include "detect/spend_shift.h"
#include "support/detector_kit.h"

static struct rig rig;

static void start(void)
{
    rig_open(&rig, rig_find("spend_shift"));
    rig.person.days = 20;
    rig.person.usual_tokens = rig.person.peer_tokens_per_day = 1000.0;
    rig.person.usual_cost_usd = 0.002;
}

static void spend(double tokens, double usd)
{
    struct gh_call call = rig_call((int64_t)rig.day.calls);

    call.tokens = tokens;
    call.cost_usd = usd;
    rig_step(&rig, call);
}

/* A whole day; the score after it. */
static double day(double tokens, double shift)
{
    spend(tokens, tokens * 2e-6);
    struct gh_observation seen = rig_observe(&rig);
    const struct gh_observe in = rig_observe_of(&rig);
    CHECK(seen.state == GH_OBSERVED);
    rig.detector->conclude(&in, shift, &seen);
    rig_next_day(&rig);
    return seen.value;
}

static void a_day_adds_its_growth_beyond_the_drift_up_to_the_limit(void)
{
    start();
    CHECK_NEAR(day(2000, 0), log(2) - 0.5, 1e-6);
    CHECK_NEAR(day(5000, 0), log(2) - 0.5 + 0.7, 1e-6);
    CHECK_NEAR(day(5e6, 0), log(2) - 0.5 + 1.4, 1e-6); /* one huge day is one large day */
    rig_close(&rig);
}

static void ordinary_and_quiet_days_take_off_again(void)
{
    start();
    CHECK_NEAR(day(5000, 0), 0.7, 1e-6);
    CHECK_NEAR(day(1000, 0), 0.2, 1e-6);
    CHECK(day(10, 0) == 0.0);
    CHECK_NEAR(day(5000, 0), 0.7, 1e-6);
    rig_close(&rig);
}

static void what_team_and_peers_share_is_taken_off(void)
{
    start();
    /* shared: 0.3, then 0.7 x 0.3 + 0.3 = 0.51 */
    CHECK_NEAR(day(3000, 1.0), log(3) - 0.3 - 0.5, 1e-6);
    CHECK_NEAR(day(3000, 1.0), 2 * log(3) - 0.81 - 1.0, 1e-6);
    rig_close(&rig);
}

static void others_who_do_less_make_nobodys_day_larger(void)
{
    start();
    CHECK_NEAR(day(2000, -1.5), log(2) - 0.5, 1e-6);
    rig_close(&rig);
}

static void the_residual_that_others_are_told_of_is_free_of_the_own_level(void)
{
    start();
    spend(2000, NAN);
    CHECK_NEAR(rig_observe(&rig).value, log(2) + 1.0, 1e-9); /* mean of the log: -1 at first */
    rig_close(&rig);
}

static void who_rises_to_the_peers_has_begun_to_use_the_tools(void)
{
    start();
    rig.person.usual_tokens = 10;
    rig.person.days = 10; /* reference (10 x 1000 + 10 x 10) / 20 = 505 */
    CHECK_NEAR(day(1000, 0), log(1000.0 / 505.0) - 0.5, 1e-6);
    rig_close(&rig);
}

static void days_that_are_explained_are_left_out(void)
{
    start();
    spend(9000, 1);
    rig.day.schedule = 1u << GH_CRUNCH;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig.day.schedule = 0;
    rig.person.days = 6;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig.person.days = 20;
    rig.person.usual_tokens = NAN;
    CHECK(rig_observe(&rig).state == GH_TOO_LITTLE);
    rig_close(&rig);
}

static void without_known_peers_nothing_is_observed(void)
{
    start();
    rig.person.peer_tokens_per_day = 0.0;
    spend(9000, 1);
    CHECK(rig_observe(&rig).state == GH_NOT_OBSERVABLE);
    rig_close(&rig);
}

static void the_day_so_far_counts_before_it_is_over(void)
{
    start();
    rig.threshold = 1.5;
    spend(9000, 1);
    CHECK(rig.score == 0.0); /* nothing is known yet */
    rig_next_day(&rig);
    CHECK_NEAR(day(5000, 0), 0.7, 1e-6);
    CHECK_NEAR(day(5000, 0), 1.4, 1e-6);
    spend(1000, 1);
    CHECK(rig.score == 0.0 && !rig.raised);
    spend(800, 1);
    CHECK_NEAR(rig.score, 1.4 + log(1.8) - 0.5, 1e-6);
    CHECK(!rig.raised);
    spend(900, 1);
    CHECK_NEAR(rig.score, 1.4 + log(2.7) - 0.5, 1e-6);
    CHECK(rig.raised && rig.episode.calls == 3);
    CHECK_NEAR(rig.episode.tokens, 2700.0, 1e-9);
    CHECK_NEAR(rig.episode.excess_tokens, 1700.0, 1e-2);
    spend(10, 1);
    CHECK(!rig.raised); /* told once, until it has doubled */
    rig_close(&rig);
}

static void the_team_and_the_price_are_named_and_do_not_count(void)
{
    char explanation[768], question[320];
    struct gh_episode e = {.days = 1, .calls = 1, .from_ms = RIG_START};
    const struct gh_telling telling = {.episode = &e, .track = GH_INCIDENT};

    start();
    spend(4000, 0.016); /* $4 a million, where $2 were usual */
    struct gh_observation seen = rig_observe(&rig);
    const struct gh_observe in = rig_observe_of(&rig);
    rig.detector->conclude(&in, 2.0, &seen);
    CHECK_NEAR(seen.expected, 1000 * exp(0.6), 1e-3);
    CHECK_NEAR(seen.excess_share, 1 - exp(0.6) / 4, 1e-6);
    e.tokens = 4000;
    e.cost_usd = 0.016;
    rig.detector->tell(&in, &seen, 0, &e);
    rig.detector->explain(&telling, explanation, sizeof explanation, question, sizeof question);
    CHECK(strstr(explanation, "4,000 tokens a day where about 1,822") != NULL);
    CHECK(strstr(explanation, "stood at 1.8 times their usual") != NULL);
    CHECK(strstr(explanation, "cost $4.00 instead of $2.00") != NULL);
    CHECK(strstr(explanation, "does not count here") != NULL);
    rig_close(&rig);
}

static void the_score_does_not_know_what_tokens_cost(void)
{
    double score[2];

    for (int i = 0; i < 2; i++) {
        start();
        spend(4000, i ? 900.0 : NAN);
        struct gh_observation seen = rig_observe(&rig);
        const struct gh_observe in = rig_observe_of(&rig);
        rig.detector->conclude(&in, 0, &seen);
        score[i] = seen.value;
        rig_close(&rig);
    }
    CHECK(score[0] == score[1] && score[0] > 0.0);
}

static const struct gh_test tests[] = {
    GH_TEST(a_day_adds_its_growth_beyond_the_drift_up_to_the_limit),
    GH_TEST(ordinary_and_quiet_days_take_off_again),
    GH_TEST(what_team_and_peers_share_is_taken_off),
    GH_TEST(others_who_do_less_make_nobodys_day_larger),
    GH_TEST(the_residual_that_others_are_told_of_is_free_of_the_own_level),
    GH_TEST(who_rises_to_the_peers_has_begun_to_use_the_tools),
    GH_TEST(days_that_are_explained_are_left_out),
    GH_TEST(without_known_peers_nothing_is_observed),
    GH_TEST(the_day_so_far_counts_before_it_is_over),
    GH_TEST(the_team_and_the_price_are_named_and_do_not_count),
    GH_TEST(the_score_does_not_know_what_tokens_cost),
};

GH_TEST_MAIN(tests)
