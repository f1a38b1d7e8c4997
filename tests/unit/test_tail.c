/* What: the honest law of scores and the generalised Pareto tail of stat/tail.h.
 * How:  scores 0.01, 0.02, … 10.00, where ranks, excesses and Hill's index are plain. */
#include "stat/tail.h"
#include "support/gh_test.h"

#include <math.h>

static double score[1000];

static void thousand_scores(void)
{
    for (int i = 0; i < 1000; i++)
        score[i] = (i + 1) / 100.0;
}

static void the_fit_is_that_of_the_hand_worked_sample(void)
{
    /* 990 scores up to u = 9.90 and 10 above; excesses 0.01 … 0.10, sum 0.55. */
    struct gh_tail tail;

    thousand_scores();
    CHECK(gh_tail_fit(&tail, score, 1000, 0.99, 0));
    CHECK(tail.log_u == 9.9 && tail.n == 1000);
    CHECK_NEAR(tail.p_u, 11.0 / 1001, 1e-16);
    CHECK_NEAR(tail.g, 10 / 0.55, 1e-9); /* the excesses carry an error of 1e-15 each */
    CHECK(tail.knot[0] == 0.01 && tail.knot[GH_TAIL_KNOTS - 1] == tail.log_u);
    CHECK(tail.knot[1] == 0.16); /* rank 990/63 = 15.7, up */
    CHECK(gh_tail_fit(&tail, score, 1000, 0.99, 1.64));
    CHECK_NEAR(tail.g, 10 / 0.55 * (1 - 1.64 / sqrt(10)), 1e-9);
}

static void p_is_a_rank_in_the_body_and_a_power_in_the_tail(void)
{
    struct gh_tail tail;
    const double step = (1 - 11.0 / 1001) / 63;

    thousand_scores();
    CHECK(gh_tail_fit(&tail, score, 1000, 0.99, 0));
    CHECK(gh_tail_p(&tail, -INFINITY) == 1 && gh_tail_p(&tail, 0.01) == 1);
    CHECK(gh_tail_p(&tail, 0.16) == 1); /* above the first knot only */
    CHECK_NEAR(gh_tail_p(&tail, 0.161), 1 - step, 1e-15);
    CHECK_NEAR(gh_tail_p(&tail, 9.9), 1 - 62 * step, 1e-14);
    CHECK_NEAR(gh_tail_p(&tail, 9.9 + 1 / tail.g), tail.p_u / exp(1), 1e-12);
    CHECK(gh_tail_p(&tail, 1e6) > 0 && gh_tail_p(&tail, INFINITY) > 0);
}

static void p_is_at_least_the_share_of_scores_as_large_and_falls(void)
{
    struct gh_tail tail;
    double last = 1;

    thousand_scores();
    CHECK(gh_tail_fit(&tail, score, 1000, 0.99, 0));
    for (int i = 0; i < 990; i++)
        CHECK(gh_tail_p(&tail, score[i]) >= (1000 - i) / 1001.0);
    for (double x = -1; x < 20; x += 0.003) {
        const double p = gh_tail_p(&tail, x);

        CHECK(p > 0 && p <= last);
        last = p;
    }
}

static void ties_in_the_body_count_as_large(void)
{
    struct gh_tail tail;

    thousand_scores();
    for (int i = 0; i < 800; i++)
        score[i] = 0; /* most people have no evidence at all */
    CHECK(gh_tail_fit(&tail, score, 1000, 0.99, 1.64));
    CHECK(gh_tail_p(&tail, 0) == 1);
    /* The 50th of 63 knots is the last 0: 1 - 50/63 (1 - p_u), and 0.2 are above. */
    CHECK_NEAR(gh_tail_p(&tail, 0.001), 1 - (1 - tail.p_u) * 50 / 63, 1e-14);
    CHECK(gh_tail_p(&tail, 0.001) >= 201 / 1001.0);
}

static void a_small_sample_has_ten_scores_in_its_tail(void)
{
    struct gh_tail tail;

    thousand_scores();
    CHECK(gh_tail_fit(&tail, score, 100, 0.99, 1.64));
    CHECK(tail.log_u == 0.9 && tail.g > 0);
    CHECK_NEAR(tail.p_u, 11.0 / 101, 1e-15);
}

static void without_enough_scores_or_a_tail_there_is_no_fit(void)
{
    struct gh_tail tail, before;

    thousand_scores();
    memset(&tail, 0x5a, sizeof tail);
    before = tail;
    CHECK(!gh_tail_fit(&tail, score, 99, 0.99, 1.64));
    CHECK(!gh_tail_fit(&tail, score, 0, 0.99, 1.64));
    for (int i = 0; i < 1000; i++)
        score[i] = 3;
    CHECK(!gh_tail_fit(&tail, score, 1000, 0.99, 1.64)); /* Hill's index is infinite */
    score[999] = INFINITY;
    CHECK(!gh_tail_fit(&tail, score, 1000, 0.99, 1.64));
    for (int i = 0; i < 1000; i++)
        score[i] = -INFINITY;
    CHECK(!gh_tail_fit(&tail, score, 1000, 0.99, 1.64));
    CHECK(memcmp(&tail, &before, sizeof tail) == 0);
}

static void pareto_moments_of_the_hand_worked_sample(void)
{
    /* Nineteen excesses of 1 and one of 81: mean 5, weighted mean (19+…+1)/19/20 = 1/2. */
    double excess[20], xi = -1, sigma = -1;

    for (int i = 0; i < 20; i++)
        excess[i] = 1;
    CHECK(gh_gpd_fit(excess, 20, &xi, &sigma));
    CHECK(xi == 0 && sigma == 1); /* lighter than exponential: exponential */
    excess[19] = 81;
    CHECK(!gh_gpd_fit(excess, 19, &xi, &sigma));
    CHECK(gh_gpd_fit(excess, 20, &xi, &sigma));
    CHECK_NEAR(xi, 0.75, 1e-14);
    CHECK_NEAR(sigma, 1.25, 1e-14);
}

static void pareto_tails_at_plain_points(void)
{
    CHECK(gh_gpd_tail(0, 0.5, 2) == 1 && gh_gpd_tail(-3, 0.5, 2) == 1);
    CHECK_NEAR(gh_gpd_tail(4, 0.5, 2), 0.25, 1e-15); /* (1 + 1)^-2 */
    CHECK_NEAR(gh_gpd_tail(2, 0, 2), exp(-1), 1e-15);
    CHECK_NEAR(gh_gpd_tail(2, 1e-12, 2), exp(-1), 1e-11);
    CHECK(gh_gpd_tail(1e300, 0, 1) == 0 && gh_gpd_tail(1e300, 1, 1) > 0);
}

static const struct gh_test tests[] = {
    GH_TEST(the_fit_is_that_of_the_hand_worked_sample),
    GH_TEST(p_is_a_rank_in_the_body_and_a_power_in_the_tail),
    GH_TEST(p_is_at_least_the_share_of_scores_as_large_and_falls),
    GH_TEST(ties_in_the_body_count_as_large),
    GH_TEST(a_small_sample_has_ten_scores_in_its_tail),
    GH_TEST(without_enough_scores_or_a_tail_there_is_no_fit),
    GH_TEST(pareto_moments_of_the_hand_worked_sample),
    GH_TEST(pareto_tails_at_plain_points),
};
GH_TEST_MAIN(tests)
