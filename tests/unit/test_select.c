/* What: BH ranks and e-BH sets of stat/select.h.
 * How:  rows worked by hand; all subsets of a few values against the definition. */
#include "stat/select.h"
#include "support/gh_test.h"

#include <math.h>

enum { COUNT_MAX = 8 };
static struct gh_candidate c[COUNT_MAX];

static void set_e(const double *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        c[i] = (struct gh_candidate){
            .log_e = log(e[i]), .p = 1, .person = (uint32_t)i, .selected = true};
}

static void the_set_is_the_largest_that_supports_itself(void)
{
    /* m = 100, alpha = 0.1: k people need 1000/k each. */
    static const struct {
        double e[4];
        size_t count, k;
    } row[] = {
        {{600, 500, 400, 10}, 4, 3}, /* 250 does not hold for four, 333 holds for three */
        {{10, 400, 500, 600}, 4, 3}, /* the order does not matter */
        {{600, 400}, 2, 0},          /* neither alone nor together */
        {{500, 500}, 2, 2},          /* exactly at the threshold */
        {{1000}, 1, 1},
        {{999}, 1, 0},
        {{250, 250, 250, 250}, 4, 4},
        {{1e9, 249, 249, 249}, 4, 1},
        {{0, 0, 0, 1000}, 4, 1}, /* evidence 0 is never enough */
        {{0}, 0, 0},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double threshold = -1;
        size_t selected = 0;

        set_e(row[i].e, row[i].count);
        CHECK(gh_select_ebh(c, row[i].count, 0.1, 100, &threshold) == row[i].k);
        CHECK(row[i].k ? threshold == log(100 / (0.1 * (double)row[i].k))
                       : threshold == INFINITY);
        for (size_t j = 0; j < row[i].count; j++) {
            CHECK(c[j].selected == (c[j].log_e >= threshold));
            selected += c[j].selected;
        }
        CHECK(selected == row[i].k);
    }
    CHECK(gh_select_ebh(c, 0, 0.1, 100, NULL) == 0);
}

static void a_frozen_value_counts_like_any_other(void)
{
    set_e((const double[]){400, 1, 400}, 3);
    c[0].frozen = true;
    c[0].log_e = log(600);
    CHECK(gh_select_ebh(c, 3, 0.1, 100, NULL) == 0);
    c[2].log_e = log(500);
    CHECK(gh_select_ebh(c, 3, 0.1, 100, NULL) == 2);
    CHECK(c[0].selected && !c[1].selected && c[2].selected);
}

static void every_set_is_that_of_the_definition(void)
{
    static const double value[] = {0, 100, 200, 300, 400, 1000};

    for (unsigned n = 0; n < 6 * 6 * 6 * 6; n++) {
        const double e[] = {value[n % 6], value[n / 6 % 6], value[n / 36 % 6], value[n / 216]};
        size_t best = 0;

        for (size_t k = 1; k <= 4; k++) {
            size_t enough = 0;

            for (int i = 0; i < 4; i++)
                enough += log(e[i]) >= log(100 / (0.1 * (double)k));
            if (enough >= k)
                best = k;
        }
        set_e(e, 4);
        CHECK(gh_select_ebh(c, 4, 0.1, 100, NULL) == best);
    }
}

static void set_p(const double *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        c[i] = (struct gh_candidate){.log_e = 1, .p = p[i], .person = (uint32_t)i};
}

static void the_lock_lets_pass_up_to_the_bh_rank(void)
{
    /* m = 10, alpha = 0.2: the i-th smallest needs 0.02 i. */
    static const struct {
        double p[4];
        bool open[4];
        size_t count;
    } row[] = {
        {{0.01, 0.04, 0.055, 0.5}, {true, true, true, false}, 4},
        {{0.5, 0.055, 0.01, 0.04}, {false, true, true, true}, 4},
        {{0.03, 0.05}, {false, false}, 2},
        {{0.03, 0.039}, {true, true}, 2}, /* the second carries the first */
        {{0.019, 0.021}, {true, true}, 2},
        {{0.019, 0.041}, {true, false}, 2},
        {{1}, {false}, 1},
        {{0}, {false}, 0},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        set_p(row[i].p, row[i].count);
        gh_select_lock(c, row[i].count, 0.2, 10);
        for (size_t j = 0; j < row[i].count; j++)
            CHECK(c[j].log_e == (row[i].open[j] ? 1 : -INFINITY));
    }
}

static void a_p_value_exactly_at_its_level_passes(void)
{
    set_p((const double[]){0.0625, 0.0625, 0.5}, 3); /* 2 * 0.25 / 8 */
    gh_select_lock(c, 3, 0.25, 8);
    CHECK(c[0].log_e == 1 && c[1].log_e == 1 && c[2].log_e == -INFINITY);
}

static void the_lock_leaves_frozen_ones_alone_but_counts_them(void)
{
    set_p((const double[]){0.9, 0.039, 0.03}, 3);
    c[0].frozen = c[2].frozen = true;
    gh_select_lock(c, 3, 0.2, 10);
    CHECK(c[0].log_e == 1 && c[1].log_e == 1 && c[2].log_e == 1);
}

/* Whoever has at least what was needed is selected, and whoever has less is not. */
static void what_is_needed_is_where_selection_begins(void)
{
    static const double value[] = {0, 100, 200, 300, 400, 1000};
    const struct gh_family family = {0.1, 100};

    for (unsigned n = 0; n < 6 * 6 * 6 * 6; n++) {
        set_e(
            (const double[]){value[n % 6], value[n / 6 % 6], value[n / 36 % 6], value[n / 216]},
            4);
        for (uint32_t i = 0; i < 4; i++) {
            const double needed = gh_select_needed(c, 4, c[i].person, &family);
            gh_select_ebh(c, 4, family.alpha, family.people, NULL);
            CHECK(c[i].selected == (c[i].log_e >= needed));
        }
        CHECK(gh_select_needed(c, 4, 99, &family) <= log(100 / 0.1));
    }
}

static void what_the_lock_needs_is_where_it_opens(void)
{
    static const double value[] = {0.005, 0.02, 0.03, 0.05, 0.07, 0.5};
    const struct gh_family family = {0.2, 10};

    for (unsigned n = 0; n < 6 * 6 * 6 * 6; n++) {
        double needed[4];
        set_p(
            (const double[]){value[n % 6], value[n / 6 % 6], value[n / 36 % 6], value[n / 216]},
            4);
        for (uint32_t i = 0; i < 4; i++)
            needed[i] = gh_select_lock_needed(c, 4, c[i].person, &family);
        gh_select_lock(c, 4, family.alpha, family.people);
        for (uint32_t i = 0; i < 4; i++)
            CHECK((c[i].log_e == 1) == (c[i].p <= needed[i]));
    }
}

static const struct gh_test tests[] = {
    GH_TEST(the_set_is_the_largest_that_supports_itself),
    GH_TEST(a_frozen_value_counts_like_any_other),
    GH_TEST(every_set_is_that_of_the_definition),
    GH_TEST(what_is_needed_is_where_selection_begins),
    GH_TEST(what_the_lock_needs_is_where_it_opens),
    GH_TEST(the_lock_lets_pass_up_to_the_bh_rank),
    GH_TEST(a_p_value_exactly_at_its_level_passes),
    GH_TEST(the_lock_leaves_frozen_ones_alone_but_counts_them),
};
GH_TEST_MAIN(tests)
