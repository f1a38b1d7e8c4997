/* What: the empirical Bayes estimators of stat/prior.h.
 * How:  published samples (thirteen BCG trials, ten pumps), GSL's simplex as another road to
 *       the same maximum, exact laws, and samples drawn from known priors. */
#include "stat/law.h"
#include "stat/order.h"
#include "stat/prior.h"
#include "support/gh_test.h"

#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

/* Colditz et al. 1994: log relative risks and their variances. */
static const double bcg[] = {-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209,
                             0.0120,  -0.4694, -1.3713, -0.3394, 0.4459,  -0.0173};
static const double bcg_variance[] = {0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230,
                                      0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714};

static void random_effects_of_the_bcg_trials_are_the_published_ones(void)
{
    /* Viechtbauer 2010, method "PM": 0.3181, mean -0.7150, se 0.1809. The inputs carry four
     * decimals, which moves the result by less than 0.0005. */
    struct gh_random_effects fit;

    CHECK(gh_random_effects_fit(bcg, bcg_variance, 13, &fit));
    CHECK_NEAR(fit.between, 0.3181, 5e-4);
    CHECK_NEAR(fit.mean, -0.7150, 5e-4);
    CHECK_NEAR(fit.se, 0.1809, 5e-4);
}

static void groups_that_differ_by_chance_alone_have_no_spread(void)
{
    const double mean[] = {1.0, 1.1, 0.9, 1.0}, variance[] = {1.0, 1.0, 1.0, 0.5};
    struct gh_random_effects fit;

    CHECK(gh_random_effects_fit(mean, variance, 4, &fit));
    CHECK(fit.between == 0.0);
    CHECK_NEAR(fit.mean, (1.0 + 1.1 + 0.9 + 2.0) / 5.0, 1e-12);
    CHECK(!gh_random_effects_fit(mean, variance, 1, &fit));
}

static void equal_variances_give_the_variance_of_the_means_less_theirs(void)
{
    const double mean[] = {0.0, 2.0, 4.0, 10.0}, variance[] = {1.5, 1.5, 1.5, 1.5};
    struct gh_random_effects fit;

    CHECK(gh_random_effects_fit(mean, variance, 4, &fit));
    CHECK_NEAR(fit.between, gsl_stats_variance(mean, 1, 4) - 1.5, 1e-9);
    CHECK_NEAR(fit.mean, 4.0, 1e-12);
    CHECK_NEAR(fit.se, sqrt(gsl_stats_variance(mean, 1, 4) / 4.0), 1e-9);
}

/* Gaver & O'Muircheartaigh 1987: failures of ten pumps in so many thousand hours. */
static const double pump[] = {5, 1, 5, 14, 3, 19, 1, 1, 4, 22};
static const double hours[] = {94.32, 15.72, 62.88, 125.76, 5.24,
                               31.44, 1.048, 1.048, 2.096,  10.48};

static double pump_loss(const gsl_vector *at, void *unused)
{
    const struct gh_gamma_prior prior = {exp(gsl_vector_get(at, 0)),
                                         exp(gsl_vector_get(at, 1))};

    (void)unused;
    return -gh_gamma_poisson_log(pump, hours, 10, &prior);
}

static void simplex(double *shape, double *scale)
{
    gsl_multimin_function loss = {pump_loss, 2, NULL};
    gsl_multimin_fminimizer *m =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 2);
    gsl_vector *at = gsl_vector_calloc(2), *step = gsl_vector_alloc(2);

    gsl_vector_set_all(step, 0.5);
    gsl_multimin_fminimizer_set(m, &loss, at, step);
    for (int i = 0; i < 400; i++)
        if (gsl_multimin_fminimizer_iterate(m) != 0)
            break;
    *shape = exp(gsl_vector_get(m->x, 0));
    *scale = exp(gsl_vector_get(m->x, 1));
    gsl_multimin_fminimizer_free(m);
    gsl_vector_free(at);
    gsl_vector_free(step);
}

static void the_pumps_have_the_published_prior_and_that_of_the_simplex(void)
{
    struct gh_gamma_prior fit;
    double shape, scale;

    CHECK(gh_gamma_poisson_fit(pump, hours, 10, &fit));
    simplex(&shape, &scale);
    CHECK_NEAR(fit.shape, shape, 1e-5);
    CHECK_NEAR(fit.inverse_scale, scale, 1e-5);
    CHECK_NEAR(fit.shape, 0.82, 0.005); /* as published: two decimals */
    CHECK_NEAR(fit.inverse_scale, 1.26, 0.005);
}

static void a_gamma_prior_is_found_again_within_four_standard_errors(void)
{
    enum { PEOPLE = 2000 };
    static double x[PEOPLE], e[PEOPLE];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct gh_gamma_prior fit;

    gsl_rng_set(random, 7);
    for (int i = 0; i < PEOPLE; i++) {
        e[i] = 1.0 + 20.0 * gsl_rng_uniform(random);
        x[i] = gsl_ran_poisson(random, e[i] * gsl_ran_gamma(random, 2.0, 0.25));
    }
    gsl_rng_free(random);
    CHECK(gh_gamma_poisson_fit(x, e, PEOPLE, &fit));
    /* Were the rates themselves seen, the errors were sd/sqrt(n) = 0.0079 of the mean and
     * sqrt(a/(n (a psi'(a) - 1))) = 0.059 of the shape a; counts of about five a person add
     * two fifths to the variances. */
    CHECK_NEAR(fit.shape / fit.inverse_scale, 0.5, 4 * 0.0094);
    CHECK_NEAR(fit.shape, 2.0, 4 * 0.070);
}

static void counts_that_say_nothing_are_refused(void)
{
    const double none[] = {0, 0, 0}, e[] = {1, 2, 3};
    struct gh_gamma_prior fit;

    CHECK(!gh_gamma_poisson_fit(none, e, 3, &fit));
    CHECK(!gh_gamma_poisson_fit(pump, hours, 1, &fit));
}

static void hill_of_a_plain_sample_is_worked_by_hand(void)
{
    static double score[200];

    for (int i = 0; i < 200; i++)
        score[i] = i < 190 ? 1.0 : 1.0 + (i - 189) * 0.1;
    /* 10 above quantile 0.95, at 1: distances 0.1 .. 1.0, sum 5.5 */
    CHECK_NEAR(gh_hill(score, 200, 0.95), 10.0 / 5.5, 1e-12);
    CHECK(isinf(gh_hill(score, 190, 0.95)));
    CHECK(isnan(gh_hill(score, 99, 0.95)));
}

static void hill_finds_the_index_of_pareto_scores_within_four_standard_errors(void)
{
    static double score[20000];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(random, 3);
    for (int i = 0; i < 20000; i++)
        score[i] = log(gsl_ran_pareto(random, 0.8, 1.0));
    gsl_rng_free(random);
    gh_sort(score, 20000);
    CHECK_NEAR(gh_hill(score, 20000, 0.99), 0.8, 4 * 0.8 / sqrt(200));
}

static void the_share_above_is_that_of_the_exact_law(void)
{
    double low, high;

    /* Largest of n: above it lies a share of at most s with probability 1 - (1 - s)^n. */
    gh_share_above(0, 20, 0.90, &low, &high);
    CHECK_NEAR(low, 1 - pow(0.95, 1.0 / 20), 1e-9);
    CHECK_NEAR(high, 1 - pow(0.05, 1.0 / 20), 1e-9);
}

static void tempering_takes_the_largest_eta_whose_tail_is_light_enough(void)
{
    const double eta[] = {0.5, 0.6, 0.7, 0.8}, index[] = {1.2, 1.0, 0.8, 0.7};

    CHECK(gh_temper(eta, index, 4, 0.8) == 0.7);
    CHECK(gh_temper(eta, index, 4, 0.1) == 0.8);
    CHECK(gh_temper(eta, index, 4, 2.0) == 0.5);
}

static const struct gh_test tests[] = {
    GH_TEST(random_effects_of_the_bcg_trials_are_the_published_ones),
    GH_TEST(groups_that_differ_by_chance_alone_have_no_spread),
    GH_TEST(equal_variances_give_the_variance_of_the_means_less_theirs),
    GH_TEST(the_pumps_have_the_published_prior_and_that_of_the_simplex),
    GH_TEST(a_gamma_prior_is_found_again_within_four_standard_errors),
    GH_TEST(counts_that_say_nothing_are_refused),
    GH_TEST(hill_of_a_plain_sample_is_worked_by_hand),
    GH_TEST(hill_finds_the_index_of_pareto_scores_within_four_standard_errors),
    GH_TEST(the_share_above_is_that_of_the_exact_law),
    GH_TEST(tempering_takes_the_largest_eta_whose_tail_is_light_enough),
};

GH_TEST_MAIN(tests)
