/* What: the day's bets of stat/bet.h at points where the formulas are short fractions.
 * How:  exp of the answer against the fraction; 4 ulp of a log near 1 is below 1e-15, and
 *       some sums of a few logs below 1e-14. Laws over distributions: property/. */
#include "stat/bet.h"
#include "support/gh_test.h"

#include <math.h>

static void a_bet_on_a_share_is_a_line_through_one_at_the_allowed_mean(void)
{
    /* m = 0.2, level 0.5: q = 0.6, so L(1) = 3, L(0) = 1/2. */
    CHECK_NEAR(exp(gh_bet_share(1, 0.2, 0.5)), 3, 1e-14);
    CHECK_NEAR(exp(gh_bet_share(0, 0.2, 0.5)), 0.5, 1e-15);
    CHECK_NEAR(exp(gh_bet_share(0.2, 0.2, 0.5)), 1, 1e-15);
    CHECK_NEAR(exp(gh_bet_share(0.5, 0.2, 0.5)), 1.75, 1e-14);
    /* m = 0.5, level 0.15: q = 0.575. */
    CHECK_NEAR(exp(gh_bet_share(1, 0.5, 0.15)), 1.15, 1e-14);
    CHECK_NEAR(exp(gh_bet_share(0, 0.5, 0.15)), 0.85, 1e-14);
}

static void a_bet_on_a_share_is_finite_at_every_corner(void)
{
    static const double m[] = {1e-300, 1e-9, 0.5, 1 - 1e-9};
    static const double level[] = {1e-9, 0.5, 1 - 1e-9};

    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 3; j++) {
            CHECK(isfinite(gh_bet_share(0, m[i], level[j])));
            CHECK(isfinite(gh_bet_share(1, m[i], level[j])));
        }
    }
}

static void a_bet_on_a_count_is_the_likelihood_ratio_of_two_geometric_laws(void)
{
    /* mu = r = 1: P(x) = 2^-(x+1). theta = 2: mean 2, P(x) = (1/3)(2/3)^x. */
    CHECK_NEAR(exp(gh_bet_count(0, 1, 1, 2)), 2.0 / 3, 1e-15);
    CHECK_NEAR(exp(gh_bet_count(1, 1, 1, 2)), 8.0 / 9, 1e-14);
    CHECK_NEAR(exp(gh_bet_count(2, 1, 1, 2)), 32.0 / 27, 1e-14);
    /* theta = 1/2: (1/2)^x (4/3)^(1+x). */
    CHECK_NEAR(exp(gh_bet_count(0, 1, 1, 0.5)), 4.0 / 3, 1e-14);
    CHECK_NEAR(exp(gh_bet_count(3, 1, 1, 0.5)), 32.0 / 81, 1e-14);
    CHECK(gh_bet_count(7, 3, 2, 1) == 0);
}

static void a_bet_on_a_count_has_expectation_one_under_its_own_law(void)
{
    /* Geometric again: sum of 2^-(x+1) (2/3)(4/3)^x; what is left out is (2/3)^400. */
    double sum = 0;

    for (int x = 0; x < 400; x++)
        sum += exp(gh_bet_count(x, 1, 1, 2) - (x + 1) * log(2));
    CHECK_NEAR(sum, 1, 1e-12);
}

static void a_bet_on_a_count_nears_the_poisson_tilt_for_large_sizes(void)
{
    /* r to infinity: theta^x exp(-(theta-1) mu); the next term is of order mu^2/r. */
    CHECK_NEAR(gh_bet_count(5, 2, 1e12, 4), 5 * log(4) - 6, 1e-10);
}

static void a_bet_on_a_level_is_normal_in_its_score(void)
{
    const double p1 = 0.15865525393145705; /* P(Z > 1) */

    CHECK_NEAR(gh_bet_level(0.5, 0.75), -0.28125, 1e-15);
    CHECK_NEAR(gh_bet_level(p1, 0.75), 0.75 - 0.28125, 1e-14);
    CHECK_NEAR(gh_bet_level(p1, 2.5), 2.5 - 3.125, 1e-13);
    CHECK_NEAR(gh_bet_level(1 - p1, 1.5), -1.5 - 1.125, 1e-13);
}

static void the_score_of_a_level_is_clamped_to_eight(void)
{
    CHECK(gh_bet_level(1, 1) == -8.5);
    CHECK(gh_bet_level(1 - 1e-16, 1) >= -8.5);
    CHECK(gh_bet_level(1e-300, 1) == 7.5);
    CHECK(gh_bet_level(1e-15, 1) < 7.5); /* z = 7.94 */
}

static void the_bet_on_a_level_falls_with_p_and_integrates_to_one(void)
{
    static const double delta[] = {0.75, 1.5, 2.5};

    for (size_t j = 0; j < 3; j++) {
        double sum = 0, last = INFINITY;

        for (int i = 0; i < 20000; i++) {
            const double log_l = gh_bet_level((i + 0.5) / 20000, delta[j]);

            CHECK(log_l <= last);
            last = log_l;
            sum += exp(log_l) / 20000;
        }
        /* The midpoint rule misses mass only next to p = 0: about P(Z > 4 - delta). */
        CHECK(sum < 1 && sum > 0.93);
    }
}

static void logs_add_without_overflow(void)
{
    CHECK_NEAR(gh_log_add(log(2), log(3)), log(5), 1e-15);
    CHECK(gh_log_add(-INFINITY, -INFINITY) == -INFINITY);
    CHECK(gh_log_add(-INFINITY, 1.5) == 1.5 && gh_log_add(1.5, -INFINITY) == 1.5);
    CHECK_NEAR(gh_log_add(5000, 5000), 5000 + log(2), 1e-12);
    CHECK_NEAR(gh_log_add(-5000, -5000), -5000 + log(2), 1e-12);
    CHECK(gh_log_add(5000, -5000) == 5000);
}

static const struct gh_test tests[] = {
    GH_TEST(a_bet_on_a_share_is_a_line_through_one_at_the_allowed_mean),
    GH_TEST(a_bet_on_a_share_is_finite_at_every_corner),
    GH_TEST(a_bet_on_a_count_is_the_likelihood_ratio_of_two_geometric_laws),
    GH_TEST(a_bet_on_a_count_has_expectation_one_under_its_own_law),
    GH_TEST(a_bet_on_a_count_nears_the_poisson_tilt_for_large_sizes),
    GH_TEST(a_bet_on_a_level_is_normal_in_its_score),
    GH_TEST(the_score_of_a_level_is_clamped_to_eight),
    GH_TEST(the_bet_on_a_level_falls_with_p_and_integrates_to_one),
    GH_TEST(logs_add_without_overflow),
};
GH_TEST_MAIN(tests)
