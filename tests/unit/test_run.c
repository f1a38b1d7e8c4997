/* What: many moderately odd days in a row (detect/run.h).
 * How:  the recursion R <- L (1 + R) by hand; L is that of stat/bet.h. */
#include "detect/run.h"

#include "stat/bet.h"
#include "support/gh_test.h"

#include <math.h>

static const double level[] = {0.15, 0.35, 0.60};

static void a_run_is_the_mean_of_three_bets_that_begin_anew_every_day(void)
{
    struct gh_run run = {0};
    double r[3] = {0}, own = 0.04;

    /* Of 7 days of 0.04; allowed 1.3 x 0.04 + 0.03 = 0.082. After a day of 0.2 the own mean
     * is (7 x 0.04 + 0.2) / 8 = 0.06; after another of 0.1 it is
     * (0.28 + 0.97 x 0.2 + 0.1) / (7 + 1.97). */
    for (int day = 0; day < 3; day++) {
        const double x = day == 0 ? 0.2 : 0.1;
        double mean = 0;
        for (int j = 0; j < 3; j++) {
            r[j] = exp(gh_bet_share(x, 1.3 * own + 0.03, level[j])) * (1 + r[j]);
            mean += r[j] / 3;
        }
        CHECK_NEAR(gh_run_step(&run, x, 0.04, 0.03), fmax(0, log(mean)), 1e-12);
        own = day == 0 ? 0.06 : (0.28 + 0.97 * 0.2 + 0.1) / 8.97;
    }
    CHECK_NEAR(run.sum, 0.97 * (0.97 * 0.2 + 0.1) + 0.1, 1e-12);
    CHECK_NEAR(run.days, 0.97 * 1.97 + 1, 1e-12);
}

static void quiet_days_take_a_run_back_to_nothing_and_no_further(void)
{
    struct gh_run run = {0};

    for (int day = 0; day < 50; day++)
        CHECK(gh_run_step(&run, 0, 0.5, 0.1) >= 0);
    CHECK(gh_run_step(&run, 0, 0.5, 0.1) > 0); /* 1 + R is at least 1 */
    struct gh_run fresh = {0};
    CHECK(gh_run_step(&fresh, 0, 0.5, 0.1) == 0); /* L(0) is below 1 */
}

/* A day counts as half at most in the own mean, and a day in doubt not at all. */
static void days_in_doubt_do_not_become_the_usual(void)
{
    struct gh_run run = {0};

    CHECK(gh_run_step(&run, 1, 0.3, 0.03) < 2);
    CHECK(run.sum == 0.5 && run.days == 1);
    double score = 0;
    for (int day = 0; day < 3 || score < 2; day++)
        score = gh_run_step(&run, 1, 0.3, 0.03);
    const struct gh_run before = run;
    CHECK(gh_run_step(&run, 1, 0.3, 0.03) > 2);
    CHECK(run.sum == before.sum && run.days == before.days);
}

static void nobody_is_allowed_more_than_six_tenths(void)
{
    struct gh_run run = {0};
    double mean = 0;

    for (int j = 0; j < 3; j++)
        mean += exp(gh_bet_share(1, 0.6, level[j])) / 3;
    CHECK_NEAR(gh_run_step(&run, 1, 0.5, 0.1), log(mean), 1e-12);
}

static const struct gh_test tests[] = {
    GH_TEST(a_run_is_the_mean_of_three_bets_that_begin_anew_every_day),
    GH_TEST(quiet_days_take_a_run_back_to_nothing_and_no_further),
    GH_TEST(days_in_doubt_do_not_become_the_usual),
    GH_TEST(nobody_is_allowed_more_than_six_tenths),
};
GH_TEST_MAIN(tests)
