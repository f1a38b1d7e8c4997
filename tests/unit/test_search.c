/* test_search.c - the search finds the valley, keeps what does not matter, and asks for no more
 * points than it may. */
#include "stat/search.h"
#include "support/gh_test.h"

#include <math.h>

struct landscape {
    double (*cost)(const double *point);
    uint32_t axes, calls, points;
    size_t largest;
    bool broken;
};

static bool landscape_cost(void *context, const double *point, size_t count, double *cost)
{
    struct landscape *l = context;

    l->calls++;
    l->points += (uint32_t)count;
    l->largest = count > l->largest ? count : l->largest;
    for (size_t i = 0; i < count; i++)
        cost[i] = l->cost(&point[i * l->axes]);
    return !l->broken;
}

static bool search(struct landscape *l, const struct gh_search_axis *axis, uint32_t points_max,
                   struct gh_search_found *found)
{
    const struct gh_search s = {axis, l->axes, points_max, l, landscape_cost};

    return gh_search_run(&s, found);
}

static double bowl(const double *p)
{
    return (p[0] - 3.7) * (p[0] - 3.7) + 2.0 * (p[1] - 20.0) * (p[1] - 20.0);
}

static void the_bottom_of_a_bowl_is_found(void)
{
    const struct gh_search_axis axis[] = {{0, 10, 9, false, false}, {1, 100, 90, false, true}};
    struct landscape l = {.cost = bowl, .axes = 2};
    struct gh_search_found found;

    CHECK(search(&l, axis, 200, &found));
    CHECK_NEAR(found.point[0], 3.7, 0.1);
    CHECK_NEAR(found.point[1], 20.0, 1.0);
    CHECK(found.point[1] == rint(found.point[1]));
    CHECK(found.cost < found.start_cost && found.start_cost == bowl((double[]){9, 90}));
    CHECK(l.largest == GH_SEARCH_BATCH && found.points == l.points && l.points <= 200);
}

static double far_factor(const double *p)
{
    return fabs(log(p[0] / 0.02));
}

static void factors_are_searched_as_factors(void)
{
    const struct gh_search_axis axis = {0.001, 1000, 20, true, false};
    struct landscape l = {.cost = far_factor, .axes = 1};
    struct gh_search_found found;

    CHECK(search(&l, &axis, 60, &found));
    CHECK_NEAR(log(found.point[0] / 0.02), 0.0, 0.2);
}

/* Flat along the second axis, in steps along the first, as counts of findings are. */
static double stairs(const double *p)
{
    return floor(fabs(p[0] - 6.0));
}

static void what_does_not_matter_stays_as_it_is(void)
{
    const struct gh_search_axis axis[] = {{0, 10, 1, false, false}, {0, 1, 0.25, false, false}};
    struct landscape l = {.cost = stairs, .axes = 2};
    struct gh_search_found found;

    CHECK(search(&l, axis, 100, &found));
    CHECK(found.cost == 0.0 && found.point[1] == 0.25 && found.settled);
}

static double slack(const double *p)
{
    return p[0] + p[1] >= 1.0 ? 0.0 : 1.0;
}

/* Either axis alone would do: the first one moves, and stays, for back would cost. */
static void only_what_pays_is_moved(void)
{
    const struct gh_search_axis axis[] = {{0, 2, 0, false, false}, {0, 2, 0, false, false}};
    struct landscape l = {.cost = slack, .axes = 2};
    struct gh_search_found found;

    CHECK(search(&l, axis, 100, &found));
    CHECK(found.cost == 0.0 && found.point[0] >= 1.0 && found.point[1] == 0.0);
}

static void a_start_that_is_best_stays(void)
{
    const struct gh_search_axis axis[] = {{0, 10, 3.7, false, false},
                                          {1, 100, 20, false, true}};
    struct landscape l = {.cost = bowl, .axes = 2};
    struct gh_search_found found;

    CHECK(search(&l, axis, 100, &found));
    CHECK(found.settled && found.cost == found.start_cost);
    CHECK(found.point[0] == 3.7 && found.point[1] == 20.0);
}

static void there_are_never_more_points_than_it_may_ask_for(void)
{
    const struct gh_search_axis axis[] = {{0, 10, 9, false, false}, {1, 100, 90, true, true}};

    for (uint32_t most = 1; most < 40; most++) {
        struct landscape l = {.cost = bowl, .axes = 2};
        struct gh_search_found found;

        CHECK(search(&l, axis, most, &found));
        CHECK(l.points <= most && found.points == l.points);
        CHECK(found.cost <= found.start_cost && found.cost == bowl(found.point));
    }
}

static void an_axis_of_two_values_has_two(void)
{
    const struct gh_search_axis axis = {0, 1, 1, false, true};
    struct landscape l = {.cost = far_factor, .axes = 1};
    struct gh_search_found found;

    l.cost = stairs;
    CHECK(search(&l, &axis, 50, &found));
    CHECK(found.point[0] == 1.0 && l.points <= 4);
}

static void what_cannot_be_known_ends_it(void)
{
    const struct gh_search_axis axis = {0, 1, 1, false, false};
    struct landscape l = {.cost = stairs, .axes = 1, .broken = true};
    struct gh_search_found found;

    CHECK(!search(&l, &axis, 50, &found));
    CHECK(l.calls == 1);
}

static const struct gh_test tests[] = {
    GH_TEST(the_bottom_of_a_bowl_is_found),
    GH_TEST(factors_are_searched_as_factors),
    GH_TEST(what_does_not_matter_stays_as_it_is),
    GH_TEST(only_what_pays_is_moved),
    GH_TEST(a_start_that_is_best_stays),
    GH_TEST(there_are_never_more_points_than_it_may_ask_for),
    GH_TEST(an_axis_of_two_values_has_two),
    GH_TEST(what_cannot_be_known_ends_it),
};
GH_TEST_MAIN(tests)
