/* What: sorting and order statistics of stat/order.h.
 * How:  short lists by hand. */
#include "stat/order.h"
#include "support/gh_test.h"

#include <math.h>

static void sorting_ascends(void)
{
    double value[] = {3, -1, 2, -INFINITY, 2, 0};

    gh_sort(value, 6);
    CHECK(value[0] == -INFINITY);
    for (int i = 1; i < 6; i++)
        CHECK(value[i - 1] <= value[i]);
    CHECK(value[5] == 3);
    gh_sort(value, 0);
}

struct pair {
    uint32_t key;
    char name[5];
};

static int pair_compare(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

static void sorting_of_structs_moves_them_whole(void)
{
    struct pair pair[] = {{9, "nine"}, {1, "one"}, {5, "five"}, {0, "zero"}};

    gh_sort_any(pair, 4, sizeof *pair, pair_compare);
    CHECK(strcmp(pair[0].name, "zero") == 0 && strcmp(pair[1].name, "one") == 0);
    CHECK(strcmp(pair[2].name, "five") == 0 && strcmp(pair[3].name, "nine") == 0);
    gh_sort_any(pair, 0, sizeof *pair, pair_compare);
}

static void medians_and_quantiles_interpolate(void)
{
    static const double v[] = {0, 10, 20, 40};

    CHECK(gh_median_sorted(v, 1) == 0 && gh_median_sorted(v, 2) == 5);
    CHECK(gh_median_sorted(v, 3) == 10 && gh_median_sorted(v, 4) == 15);
    CHECK(gh_quantile_sorted(v, 4, 0) == 0 && gh_quantile_sorted(v, 4, 1) == 40);
    CHECK(gh_quantile_sorted(v, 4, 0.5) == 15);
    CHECK(gh_quantile_sorted(v, 4, 0.25) == 7.5); /* 0.25 * 3 = 0.75 between 0 and 10 */
    CHECK(isnan(gh_median_sorted(v, 0)) && isnan(gh_quantile_sorted(v, 0, 0.5)));
}

static void the_median_of_the_others_leaves_one_out(void)
{
    static const double v[] = {1, 2, 3, 10};
    static const double even[] = {3, 3, 2, 2}, odd[] = {6, 5.5, 1.5};

    for (size_t skip = 0; skip < 4; skip++)
        CHECK(gh_median_without(v, 4, skip) == even[skip]);
    CHECK(gh_median_without((const double[]){1, 2, 10}, 3, 0) == odd[0]);
    CHECK(gh_median_without((const double[]){1, 2, 10}, 3, 1) == odd[1]);
    CHECK(gh_median_without((const double[]){1, 2, 10}, 3, 2) == odd[2]);
    CHECK(gh_median_without(v, 2, 0) == 2 && gh_median_without(v, 2, 1) == 1);
    CHECK(isnan(gh_median_without(v, 1, 0)) && isnan(gh_median_without(v, 0, 0)));
}

static const struct gh_test tests[] = {
    GH_TEST(sorting_ascends),
    GH_TEST(sorting_of_structs_moves_them_whole),
    GH_TEST(medians_and_quantiles_interpolate),
    GH_TEST(the_median_of_the_others_leaves_one_out),
};
GH_TEST_MAIN(tests)
