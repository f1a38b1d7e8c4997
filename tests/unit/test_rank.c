/* What: the mergeable histogram of stat/rank.h.
 * How:  bins of width 1 on [0, 512], so that every edge and centre is exact. */
#include "stat/rank.h"
#include "support/gh_test.h"

#include <math.h>

static struct gh_rank rank;

static void six_values(void)
{
    static const double value[] = {0.5, 1.0, 1.7, 511.9, 600, -5, NAN, INFINITY, -INFINITY};

    gh_rank_init(&rank, 0, 512);
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        gh_rank_add(&rank, value[i]);
}

static void values_fall_into_bins_and_the_odd_ones_into_none(void)
{
    six_values();
    CHECK(rank.count == 6);
    CHECK(rank.bin[0] == 2 && rank.bin[1] == 2 && rank.bin[511] == 2);
}

static void p_counts_the_whole_bin_and_itself(void)
{
    static const struct {
        double value, p;
    } row[] = {
        {-1e300, 7.0 / 7}, {0, 7.0 / 7},        {0.999, 7.0 / 7},     {1, 5.0 / 7},
        {1.999, 5.0 / 7},  {2, 3.0 / 7},        {511, 3.0 / 7},       {512, 3.0 / 7},
        {1e300, 3.0 / 7},  {INFINITY, 3.0 / 7}, {-INFINITY, 7.0 / 7}, {NAN, 7.0 / 7},
    };

    six_values();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CHECK(gh_rank_p(&rank, row[i].value) == row[i].p);
    gh_rank_init(&rank, 0, 512);
    CHECK(gh_rank_p(&rank, 511) == 1);
}

/* One value in each bin: as many are as large as there are bins from its own on. */
static void p_counts_all_bins_above_wherever_they_stand(void)
{
    gh_rank_init(&rank, -200, 312);
    for (int i = 0; i < GH_RANK_BINS; i++)
        gh_rank_add(&rank, i - 199.5);
    for (int i = 0; i < GH_RANK_BINS; i++) {
        CHECK(rank.bin[i] == 1);
        CHECK(gh_rank_p(&rank, i - 199.5) == (513.0 - i) / 513.0);
    }
    CHECK(gh_rank_quantile(&rank, 0.25) == -200 + 128);
    CHECK_NEAR(gh_rank_mean(&rank), 56, 1e-12);
}

static void a_quantile_is_the_upper_edge_of_its_bin(void)
{
    six_values();
    CHECK(gh_rank_quantile(&rank, 0) == 1);
    CHECK(gh_rank_quantile(&rank, 2.0 / 6) == 1);
    CHECK(gh_rank_quantile(&rank, 0.34) == 2);
    CHECK(gh_rank_quantile(&rank, 4.0 / 6) == 2);
    CHECK(gh_rank_quantile(&rank, 0.67) == 512);
    CHECK(gh_rank_quantile(&rank, 1) == 512);
    gh_rank_init(&rank, 0, 512);
    CHECK(isnan(gh_rank_quantile(&rank, 0.5)));
    CHECK(isnan(gh_rank_mean(&rank)) && isnan(gh_rank_sd(&rank)));
}

static void mean_and_sd_are_those_of_the_centres(void)
{
    /* Centres 0.5, 0.5, 1.5, 1.5, 511.5, 511.5. */
    const double mean = 1027.0 / 6, square = 523269.5 / 6;

    six_values();
    CHECK_NEAR(gh_rank_mean(&rank), mean, 1e-12);
    CHECK_NEAR(gh_rank_sd(&rank), sqrt(square - mean * mean), 1e-10);
    gh_rank_init(&rank, 0, 512);
    gh_rank_add(&rank, 7.25);
    CHECK(gh_rank_mean(&rank) == 7.5 && gh_rank_sd(&rank) == 0);
}

static void the_order_of_merging_does_not_show(void)
{
    struct gh_rank part[3], one, other;

    for (int i = 0; i < 3; i++)
        gh_rank_init(&part[i], -2, 3);
    for (int i = 0; i < 300; i++)
        gh_rank_add(&part[i % 3], (i * 37 % 101) / 20.0 - 2);
    part[0].bin[7] = UINT32_MAX - 5; /* next to full, to see that this holds there too */
    part[0].count = 0;
    part[0].group[0] = 0;
    for (int i = 0; i < GH_RANK_BINS; i++) {
        part[0].count += part[0].bin[i];
        part[0].group[0] += i < GH_RANK_GROUP ? part[0].bin[i] : 0;
    }
    part[1].bin[7] += 3, part[1].group[0] += 3, part[1].count += 3;
    part[2].bin[7] += 4, part[2].group[0] += 4, part[2].count += 4;
    one = part[0];
    gh_rank_merge(&one, &part[1]);
    gh_rank_merge(&one, &part[2]);
    other = part[2];
    gh_rank_merge(&other, &part[1]);
    gh_rank_merge(&other, &part[0]);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
    CHECK(one.bin[7] == UINT32_MAX);
}

static void a_full_bin_takes_no_more(void)
{
    gh_rank_init(&rank, 0, 512);
    rank.bin[3] = UINT32_MAX;
    rank.count = UINT32_MAX;
    gh_rank_add(&rank, 3);
    CHECK(rank.bin[3] == UINT32_MAX && rank.count == UINT32_MAX);
    CHECK(gh_rank_p(&rank, 3) == 1);
    gh_rank_init(&rank, 0, 512);
    rank.group[500 / GH_RANK_GROUP] = rank.bin[500] = UINT32_MAX;
    rank.count = UINT32_MAX;
    gh_rank_add(&rank, 500);
    CHECK(gh_rank_p(&rank, 0) == 1);
}

static const struct gh_test tests[] = {
    GH_TEST(values_fall_into_bins_and_the_odd_ones_into_none),
    GH_TEST(p_counts_the_whole_bin_and_itself),
    GH_TEST(p_counts_all_bins_above_wherever_they_stand),
    GH_TEST(a_quantile_is_the_upper_edge_of_its_bin),
    GH_TEST(mean_and_sd_are_those_of_the_centres),
    GH_TEST(the_order_of_merging_does_not_show),
    GH_TEST(a_full_bin_takes_no_more),
};
GH_TEST_MAIN(tests)
