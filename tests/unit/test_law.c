/* What: distribution functions of stat/law.h.
 * How:  closed forms where there are some, laws and finiteness on wide grids elsewhere. */
#include "stat/law.h"
#include "support/gh_test.h"

#include <math.h>

static void the_negative_binomial_of_size_one_is_geometric(void)
{
    for (int x = 0; x < 40; x++) {
        CHECK_NEAR(gh_nb_below(x, 1, 1), 1 - pow(0.5, x + 1), 1e-14);
        CHECK_NEAR(gh_nb_below(x + 0.9, 3, 1), 1 - pow(0.75, x + 1), 1e-14);
    }
    /* A large count of small size is no limit yet, which errs by 1e-6 here. */
    CHECK_NEAR(gh_nb_below(1e6, 1e6, 1), -expm1(-(1e6 + 1) * log1p(1e-6)), 1e-10);
    /* r = 2, mu = 2: P(0) = 1/4, P(1) = 1/4. */
    CHECK_NEAR(gh_nb_below(0, 2, 2), 0.25, 1e-15);
    CHECK_NEAR(gh_nb_below(1, 2, 2), 0.5, 1e-15);
}

static void counts_past_the_limit_go_on_where_the_others_end(void)
{
    static const double r[] = {0.5, 6, 1e3, 9.9e4, 1.1e5, 1e8, 1e12};

    gh_law_init();
    for (int i = 0; i < 7; i++) {
        for (double factor = 0.5; factor <= 2; factor *= 1.001) {
            const double below = gh_nb_below(4e9, 4e9 * factor, r[i]);
            const double above = gh_nb_below(4e9 + 1, 4e9 * factor, r[i]);

            CHECK_NEAR(below, above, 3e-5); /* one count is 1/sd = 1.6e-5 for Poisson */
        }
    }
    CHECK(gh_nb_below(1e15, 1e12, 6) == 1);
    CHECK(gh_nb_below(5e9, 1e15, 6) < 1e-20);
}

static void large_counts_are_nearly_normal(void)
{
    /* Mean 1e8, size 1e8: variance 2e8, skewness below 3e-4, so that no formula of second
     * order is further than 5e-5 from the normal law. */
    static const struct {
        double z, p;
    } row[] = {{-2, 0.022750131948179208},
               {-1, 0.15865525393145705},
               {0, 0.5},
               {1, 0.84134474606854293},
               {2, 0.97724986805182079}};

    for (int i = 0; i < 5; i++)
        CHECK_NEAR(gh_nb_below(1e8 + row[i].z * sqrt(2e8), 1e8, 1e8), row[i].p, 5e-5);
    /* At its mean a gamma of shape a has 1/2 + 1/(3 sqrt(2 pi a)) below it. */
    CHECK_NEAR(gh_nb_below(1e12, 1e12, 1.001e5), 0.5 + 1 / (6 * sqrt(acos(0) * 1.001e5)), 1e-6);
}

static void the_limit_law_is_near_the_exact_one_where_it_takes_over(void)
{
    static const double limit = 1e5;

    for (double z = -4; z <= 4; z += 0.1) {
        const double mu = limit - z * sqrt(2 * limit);

        CHECK_NEAR(gh_nb_below(limit - 1, mu, limit), gh_nb_below(limit, mu, limit), 2e-3);
        CHECK_NEAR(gh_nb_below(limit, mu, limit * (1 - 1e-9)), gh_nb_below(limit, mu, limit),
                   3e-4);
    }
}

static void the_negative_binomial_is_a_probability_everywhere(void)
{
    gh_law_init();
    for (double mu = 1e-9; mu < 1e16; mu *= 7) {
        for (double r = 1e-3; r < 1e16; r *= 11) {
            double last = 0;

            for (double x = 0; x < 1e17; x = x * 9 + 1) {
                const double p = gh_nb_below(x, mu, r);

                CHECK(p >= 0 && p <= 1);
                CHECK(p >= last - 3e-4); /* where one formula takes over from another */
                last = p;
            }
        }
    }
}

static void normal_tails_have_their_known_values(void)
{
    CHECK(gh_normal_above(0) == 0.5);
    CHECK_NEAR(gh_normal_above(1.6448536269514722), 0.05, 1e-15);
    CHECK_NEAR(gh_normal_above(-1), 0.84134474606854293, 1e-15);
    CHECK_NEAR(gh_normal_above(6) / 9.8658764503769814e-10, 1, 1e-12);
    CHECK(gh_normal_above(INFINITY) == 0 && gh_normal_above(-INFINITY) == 1);
    CHECK_NEAR(gh_normal_above_inverse(0.05), 1.6448536269514722, 1e-13);
    CHECK_NEAR(gh_normal_above_inverse(0.5), 0, 1e-16);
    CHECK(isfinite(gh_normal_above_inverse(4.9e-324)));
    CHECK(isfinite(gh_normal_above_inverse(1 - 0x1p-53)));
    for (double z = -5; z <= 8; z += 0.25)
        CHECK_NEAR(gh_normal_above_inverse(gh_normal_above(z)), z, 1e-9);
}

static void beta_quantiles_have_their_closed_forms(void)
{
    for (double q = 0; q <= 1; q += 0.0625) {
        CHECK_NEAR(gh_beta_quantile(q, 1, 1), q, 1e-15);
        CHECK_NEAR(gh_beta_quantile(q, 2, 1), sqrt(q), 1e-14);
        CHECK_NEAR(gh_beta_quantile(q, 1, 59), 1 - pow(1 - q, 1.0 / 59), 1e-14);
        CHECK_NEAR(gh_beta_quantile(q, 0.5, 0.5), pow(sin(q * acos(-1) / 2), 2), 1e-13);
    }
}

static void beta_quantiles_are_shares_where_the_library_gives_up(void)
{
    static const double row[][3] = {
        {0.000354843, 19838.6, 525.665}, /* gsl_cdf_beta_Pinv: NAN for all of these */
        {0.00490936, 13349, 2.29306},
        {0.46081, 0.0186492, 2.36801},
        {0.31304, 7.47089, 0.0153528},
    };

    gh_law_init();
    for (int i = 0; i < 4; i++) {
        const double x = gh_beta_quantile(row[i][0], row[i][1], row[i][2]);

        CHECK(x >= 0 && x <= 1);
    }
    /* Normal law: mean 0.97419, sd 0.0011113, z = -3.3866 less a skew of some percent. */
    CHECK_NEAR(gh_beta_quantile(0.000354843, 19838.6, 525.665), 0.97019, 2e-4);
    /* Here GSL's distribution function is NAN at the mean. */
    CHECK_NEAR(gh_beta_quantile(0.5, 1e6, 1e6), 0.5, 1e-15);
    CHECK_NEAR(gh_beta_quantile(0.95, 1e6, 1e6), 0.5 + 1.6448536 * 0.5 / sqrt(2e6), 1e-8);
    CHECK(gh_beta_quantile(0, 1e6, 1e6) == 0 && gh_beta_quantile(1, 1e6, 1e6) == 1);
}

static void binomial_tails_are_sums_of_their_terms(void)
{
    CHECK(gh_binomial_above(0, 0, 0.5) == 1.0 && gh_binomial_above(0, 9, 0.1) == 1.0);
    CHECK(gh_binomial_above(4, 3, 0.5) == 0.0);
    CHECK_NEAR(gh_binomial_above(3, 3, 0.5), 0.125, 1e-14);
    CHECK_NEAR(gh_binomial_above(2, 3, 0.5), 0.5, 1e-14);
    CHECK_NEAR(gh_binomial_above(1, 2, 0.58), 1 - 0.42 * 0.42, 1e-14);
    CHECK_NEAR(gh_binomial_above(9, 10, 0.58), 10 * pow(0.58, 9) * 0.42 + pow(0.58, 10), 1e-14);
}

static const struct gh_test tests[] = {
    GH_TEST(the_negative_binomial_of_size_one_is_geometric),
    GH_TEST(counts_past_the_limit_go_on_where_the_others_end),
    GH_TEST(large_counts_are_nearly_normal),
    GH_TEST(the_limit_law_is_near_the_exact_one_where_it_takes_over),
    GH_TEST(the_negative_binomial_is_a_probability_everywhere),
    GH_TEST(normal_tails_have_their_known_values),
    GH_TEST(beta_quantiles_have_their_closed_forms),
    GH_TEST(beta_quantiles_are_shares_where_the_library_gives_up),
    GH_TEST(binomial_tails_are_sums_of_their_terms),
};
GH_TEST_MAIN(tests)
