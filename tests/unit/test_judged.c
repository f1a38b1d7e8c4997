/* What: shares, sums, recall and reviewers' errors of stat/judged.h.
 * How:  rows worked by hand, published intervals, and simulated reviews: how often the
 *       intervals of 95 % hold what is true. */
#include "stat/judged.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <gsl/gsl_rng.h>
#include <math.h>

static const struct gh_belief jeffreys = {0.5, 0.0, 0.95};

static struct gh_stratum stratum(uint32_t right, uint32_t wrong, uint32_t open)
{
    struct gh_stratum s = {0};

    for (uint32_t i = 0; i < right; i++)
        gh_stratum_add(&s, 1.0, GH_JUDGED_RIGHT);
    for (uint32_t i = 0; i < wrong; i++)
        gh_stratum_add(&s, 1.0, GH_JUDGED_WRONG);
    for (uint32_t i = 0; i < open; i++)
        gh_stratum_add(&s, 1.0, GH_NOT_JUDGED);
    return s;
}

static void a_share_is_the_published_interval_of_jeffreys(void)
{
    /* Brown, Cai & DasGupta 2001, table 5 (n = 10, 95 %): x = 1: .011 to .381; x = 5: .224 to
     * .776; x = 0 begins at 0 and ends at .217. */
    const struct gh_stratum one = stratum(1, 9, 0), five = stratum(5, 5, 30),
                            none = stratum(0, 10, 0);
    struct gh_interval share = gh_stratum_share(&one, &jeffreys);

    CHECK_NEAR(share.low, 0.011, 5e-4);
    CHECK_NEAR(share.high, 0.381, 5e-4);
    CHECK_NEAR(share.point, 1.5 / 11.0, 1e-12);
    share = gh_stratum_share(&five, &jeffreys);
    CHECK_NEAR(share.low, 0.224, 5e-4);
    CHECK_NEAR(share.high, 0.776, 5e-4);
    CHECK_NEAR(five.size, 40.0, 0.0);
    share = gh_stratum_share(&none, &jeffreys);
    CHECK(share.low == 0.0);
    CHECK_NEAR(share.high, 0.217, 5e-4);
}

static void nothing_judged_leaves_all_open(void)
{
    const struct gh_stratum s = stratum(0, 0, 7);
    const struct gh_belief belief = {0.2, 0.1, 0.95};
    const struct gh_interval share = gh_stratum_share(&s, &belief);

    CHECK(gh_stratum_count(&s) == 0.0);
    CHECK(share.low == 0.0 && share.point == 0.2 && share.high == 1.0);
}

static void unequal_weights_count_for_fewer(void)
{
    struct gh_stratum s = {0};

    /* Kish: (3 + 1)^2 / (9 + 1) = 1.6; three quarters of the weight are right: 1.2 of 1.6. */
    gh_stratum_add(&s, 3.0, GH_JUDGED_RIGHT);
    gh_stratum_add(&s, 1.0, GH_JUDGED_WRONG);
    CHECK_NEAR(gh_stratum_count(&s), 1.6, 1e-12);
    CHECK_NEAR(gh_stratum_share(&s, &jeffreys).point, 1.7 / 2.6, 1e-12);
}

static void reviewers_who_err_are_allowed_for(void)
{
    /* Rogan & Gladen: of 100 verdicts 26 right, one in ten wrong: (26.5/101 - .1)/.8. */
    const struct gh_stratum s = stratum(26, 74, 0), few = stratum(1, 19, 0);
    const struct gh_belief belief = {0.5, 0.1, 0.95};
    const struct gh_interval raw = gh_stratum_share(&s, &jeffreys),
                             share = gh_stratum_share(&s, &belief);

    CHECK_NEAR(share.point, (26.5 / 101.0 - 0.1) / 0.8, 1e-12);
    CHECK_NEAR(share.low, (raw.low - 0.1) / 0.8, 1e-12);
    CHECK(share.high - share.low > raw.high - raw.low);
    CHECK(gh_stratum_share(&few, &belief).point == 0.0);
}

static void sums_recover_the_variance_of_their_parts(void)
{
    /* 10 * .5 - 4 * .25 = 4; below: (10 * .3)^2 + (4 * .75)^2; above: (10 * .4)^2 + 1. */
    const struct gh_interval share[] = {{0.2, 0.5, 0.9}, {0.0, 0.25, 1.0}};
    const double size[] = {10.0, -4.0};
    const struct gh_interval sum = gh_strata_sum(share, size, 2);

    CHECK_NEAR(sum.point, 4.0, 1e-12);
    CHECK_NEAR(sum.low, 4.0 - sqrt(18.0), 1e-12);
    CHECK_NEAR(sum.high, 4.0 + sqrt(17.0), 1e-12);
}

static void recall_is_unknown_where_nobody_looked(void)
{
    const struct gh_interval found = {6.0, 8.0, 10.0}, missed = {2.0, 8.0, 18.0},
                             unknown = {0.0, NAN, INFINITY}, nothing = {0.0, 0.0, 0.0};
    struct gh_interval recall = gh_recall(&found, &missed);

    CHECK_NEAR(recall.point, 0.5, 1e-12);
    CHECK_NEAR(recall.low, 6.0 / 24.0, 1e-12);
    CHECK_NEAR(recall.high, 10.0 / 12.0, 1e-12);
    recall = gh_recall(&found, &unknown);
    CHECK(recall.low == 0.0 && isnan(recall.point) && recall.high == 1.0);
    recall = gh_recall(&nothing, &nothing);
    CHECK(recall.low == 0.0 && recall.high == 1.0);
}

static void two_who_look_tell_how_often_one_errs(void)
{
    /* e = .1: they differ with chance 2 * .1 * .9 = .18. */
    const struct gh_interval error = gh_reviewer_error(100000.0, 18000.0, 0.95);

    CHECK_NEAR(error.point, 0.1, 1e-4);
    CHECK(error.low < 0.1 && 0.1 < error.high && error.high < 0.105);
    CHECK(gh_reviewer_error(0.0, 0.0, 0.95).high < 0.5);
    CHECK(gh_reviewer_error(10.0, 10.0, 0.95).high < 0.5);
}

/* Three strata of which 95, 40 and 15 in a hundred are looked at, by people who err. */
struct world {
    double size[3], real[3], looked[3], weight_sigma, error;
};

/* The true share of weight over all strata is in the interval. */
static bool covered(const struct world *w, gsl_rng *random, double *truth, double *point)
{
    const struct gh_belief belief = {0.5, w->error, 0.95};
    struct gh_interval share[3];
    double size[3], all = 0.0;

    *truth = 0.0;
    for (int h = 0; h < 3; h++) {
        struct gh_stratum s = {0};
        for (int i = 0; i < (int)w->size[h]; i++) {
            const bool real = gsl_rng_uniform(random) < w->real[h],
                       said = real != (gsl_rng_uniform(random) < w->error),
                       looked = gsl_rng_uniform(random) < w->looked[h];
            const double weight = 1.0 + w->weight_sigma * gsl_rng_uniform(random);
            gh_stratum_add(&s, weight,
                           !looked ? GH_NOT_JUDGED
                           : said  ? GH_JUDGED_RIGHT
                                   : GH_JUDGED_WRONG);
        }
        share[h] = gh_stratum_share(&s, &belief);
        size[h] = s.size;
        all += s.size;
        *truth += s.size * w->real[h];
    }
    const struct gh_interval sum = gh_strata_sum(share, size, 3);
    *point = sum.point / all;
    *truth /= all;
    return sum.low / all <= *truth && *truth <= sum.high / all;
}

static void intervals_hold_what_is_true_as_often_as_they_say(void)
{
    static const struct world worlds[] = {
        {{40, 80, 300}, {0.8, 0.5, 0.1}, {0.95, 0.4, 0.15}, 0.0, 0.0},
        {{40, 80, 300}, {0.8, 0.5, 0.1}, {0.95, 0.4, 0.15}, 0.0, 0.1},
        {{20, 30, 60}, {0.9, 0.6, 0.3}, {0.95, 0.5, 0.3}, 4.0, 0.05},
        {{200, 400, 1000}, {0.6, 0.3, 0.05}, {0.9, 0.4, 0.2}, 0.0, 0.1},
    };
    enum { RUNS = 1000 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    for (size_t k = 0; k < sizeof worlds / sizeof *worlds; k++) {
        double truth = 0.0, point = 0.0, bias = 0.0;
        int hits = 0;
        gsl_rng_set(random, 7 + k);
        for (int i = 0; i < RUNS; i++) {
            hits += covered(&worlds[k], random, &truth, &point);
            bias += (point - truth) / RUNS;
        }
        printf("# world %zu: %.1f %% of intervals hold the truth, bias %.3f\n", k,
               100.0 * hits / RUNS, bias);
        CHECK(hits >= 0.90 * RUNS && hits <= 0.98 * RUNS);
        CHECK(fabs(bias) < 0.04);
    }
    gsl_rng_free(random);
}

/* Who is looked at only where the share is high, and pools, is wrong; strata are not. */
static void pooling_what_was_looked_at_is_biased(void)
{
    const struct gh_stratum cases = stratum(36, 9, 0), incidents = stratum(1, 9, 290);
    const struct gh_interval share[] = {gh_stratum_share(&cases, &jeffreys),
                                        gh_stratum_share(&incidents, &jeffreys)};
    const double size[] = {cases.size, incidents.size};
    const struct gh_stratum pooled = stratum(37, 18, 290);

    /* 345 findings, of which about 36 + 300 * 1.5/11 are right. */
    CHECK_NEAR(gh_strata_sum(share, size, 2).point / 345.0,
               (45 * 36.5 / 46 + 300 * 1.5 / 11) / 345, 1e-12);
    CHECK(gh_strata_sum(share, size, 2).high / 345.0 <
          gh_stratum_share(&pooled, &jeffreys).low);
}

static const struct gh_test tests[] = {
    GH_TEST(a_share_is_the_published_interval_of_jeffreys),
    GH_TEST(nothing_judged_leaves_all_open),
    GH_TEST(unequal_weights_count_for_fewer),
    GH_TEST(reviewers_who_err_are_allowed_for),
    GH_TEST(sums_recover_the_variance_of_their_parts),
    GH_TEST(recall_is_unknown_where_nobody_looked),
    GH_TEST(two_who_look_tell_how_often_one_errs),
    GH_TEST(intervals_hold_what_is_true_as_often_as_they_say),
    GH_TEST(pooling_what_was_looked_at_is_biased),
};
GH_TEST_MAIN(tests)
