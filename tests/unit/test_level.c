/* What: the day's mean of a level, the own past, and the score of a running day
 *       (detect/level.h).
 * How:  six calls of level 3 where 2 was usual, so that every term is a short fraction. */
#include "detect/level.h"
#include "support/gh_test.h"

#include <math.h>

/* Class 0 is known for five days, class 1 for four. The own spread is
 * (6 x 0.09 + 0.46) / (6 + 4) = 0.1. */
static const struct gh_level_past known = {
    .mean = {2, 9}, .days = {5, 4}, .square = 0.46f, .weight = 4};

/* Variance of one call: (0 + 4) / (5 + 4). */
static const struct gh_level_day six = {.sum = {18}, .square = 54, .count = {6}};

static struct gh_observation observed(struct gh_level_past *past, struct gh_level_day day)
{
    static struct gh_by_class by_class;
    struct gh_observation out = {.by_class = &by_class};

    by_class = (struct gh_by_class){0};
    gh_level_observe(past, &day, 5, &out);
    return out;
}

static void a_running_day_scores_by_its_distance_in_standard_deviations(void)
{
    /* 1 above the own mean, of which 0.1 is never held against anybody. */
    CHECK_NEAR(gh_level_score(&known, &six), 0.81 / (0.1 + 4.0 / 54) / 2, 1e-7);
    /* 1, 2, 3 of a class that is hardly known: their own squares of 2 with two free. */
    const struct gh_level_day nine = {.sum = {18, 6}, .square = 68, .count = {6, 3}};
    CHECK_NEAR(gh_level_score(&known, &nine), 0.81 / (0.1 + 6.0 / 66) / 2, 1e-7);
}

static void the_own_spread_is_never_below_a_tenth(void)
{
    struct gh_level_past past = known;

    past.square = -0.54f;
    CHECK_NEAR(gh_level_score(&past, &six), 0.81 / (0.01 + 4.0 / 54) / 2, 1e-7);
}

static void too_few_calls_or_days_or_too_little_growth_score_nothing(void)
{
    const struct gh_level_day five = {.sum = {15}, .square = 45, .count = {5}};
    const struct gh_level_day little = {.sum = {12.5}, .square = 30, .count = {6}};
    const struct gh_level_day less = {.sum = {6}, .square = 6, .count = {6}};
    struct gh_level_past past = known;

    CHECK(gh_level_score(&known, &five) == 0);
    CHECK(gh_level_score(&known, &little) == 0 && gh_level_score(&known, &less) == 0);
    past.days[0] = 4;
    CHECK(gh_level_score(&past, &six) == 0);
}

static void a_day_is_the_mean_of_its_classes(void)
{
    const struct gh_level_day day = {.sum = {18, 4}, .square = 62, .count = {6, 2}};
    struct gh_level_past past = {0};
    const struct gh_observation out = observed(&past, day);

    CHECK(out.state == GH_OBSERVED && out.stake == 1);
    CHECK(out.by_class->part[0] == 3 && out.by_class->part[1] == 2);
    CHECK(out.by_class->weight[0] == 0.75 && out.by_class->weight[1] == 0.25 &&
          out.by_class->weight[2] == 0);
    CHECK(out.value == 2.75);
    /* (62 - 54 - 8 + 4) / (5 + 1 + 4) = 0.4, and that of a mean of six and of two */
    CHECK_NEAR(out.by_class->noise[0], 0.4 / 6, 1e-15);
    CHECK_NEAR(out.by_class->noise[1], 0.2, 1e-15);
}

static void five_calls_are_the_fewest_and_none_is_not_observable(void)
{
    const struct gh_level_day four = {.sum = {12}, .square = 36, .count = {4}};
    const struct gh_level_day five = {.sum = {15}, .square = 45, .count = {5}};
    struct gh_level_past past = {0};

    CHECK(observed(&past, four).state == GH_TOO_LITTLE);
    CHECK(observed(&past, five).state == GH_OBSERVED);
    CHECK(observed(&past, (struct gh_level_day){0}).state == GH_NOT_OBSERVABLE);
    CHECK(past.days[0] == 2);
}

/* Days of level 0, 3, 3, 9, -9: the first three are averaged; then a day moves the mean by 1
 * over the number of days at most, and in the end over twenty. */
static void the_own_mean_follows_the_days_and_ever_more_slowly(void)
{
    static const double level[] = {0, 3, 3, 9, -9}, mean[] = {0, 1.5, 2, 2.25, 2.05};
    struct gh_level_past past = {0};

    for (int i = 0; i < 5; i++) {
        observed(&past, (struct gh_level_day){.sum = {level[i]}, .count = {1}});
        CHECK_NEAR((double)past.mean[0], mean[i], 1e-6);
        CHECK(past.days[0] == i + 1);
    }
    past.days[0] = 19;
    past.mean[0] = 2;
    observed(&past, (struct gh_level_day){.sum = {2.5}, .count = {1}});
    CHECK_NEAR((double)past.mean[0], 2 + 0.5 / 20, 1e-6);
    past.days[0] = 255;
    past.mean[0] = 2;
    observed(&past, (struct gh_level_day){.sum = {2.5}, .count = {1}});
    CHECK_NEAR((double)past.mean[0], 2 + 0.5 / 20, 1e-6);
    CHECK(past.days[0] == 255);
}

/* What a day strays beyond the noise of its calls: 1 - 4/54 of six calls 1 above the mean; of
 * calls at 12 no more than two deviations, 4 (0.1 + 4/54). */
static void the_own_spread_learns_what_days_stray_beyond_their_noise(void)
{
    const struct gh_level_day five = {.sum = {15}, .square = 45, .count = {5}};
    const struct gh_level_day far = {.sum = {72}, .square = 864, .count = {6}};
    const struct gh_level_day below = {.sum = {6}, .square = 6, .count = {6}};
    struct gh_level_past past = known;

    observed(&past, below);
    CHECK_NEAR((double)past.square, 0.97 * 0.46 + 4 * (0.1 + 4.0 / 54) - 4.0 / 54, 1e-6);
    past = known;
    past.weight = 2;
    past.square = 1.46f; /* spread 2/8; deviation 0.569, so that 1 is within two */
    observed(&past, six);
    CHECK_NEAR((double)past.square, 0.97 * 1.46 + 1 - 4.0 / 54, 1e-6);
    CHECK_NEAR((double)past.weight, 0.97 * 2 + 1, 1e-6);
    past = known;
    observed(&past, far);
    CHECK_NEAR((double)past.square, 0.97 * 0.46 + 4 * (0.1 + 4.0 / 54) - 4.0 / 54, 1e-6);
    past = known;
    observed(&past, five);
    CHECK(past.square == 0.46f && past.weight == 4);
}

static void what_is_taken_back_was_never_there(void)
{
    struct gh_level_day day = six;

    gh_level_add(&day, 1, 5);
    gh_level_take(&day, 1, 5);
    CHECK(memcmp(&day, &six, sizeof day) == 0 && gh_level_count(&day) == 6);
}

static const struct gh_test tests[] = {
    GH_TEST(a_running_day_scores_by_its_distance_in_standard_deviations),
    GH_TEST(the_own_spread_is_never_below_a_tenth),
    GH_TEST(too_few_calls_or_days_or_too_little_growth_score_nothing),
    GH_TEST(a_day_is_the_mean_of_its_classes),
    GH_TEST(five_calls_are_the_fewest_and_none_is_not_observable),
    GH_TEST(the_own_mean_follows_the_days_and_ever_more_slowly),
    GH_TEST(the_own_spread_learns_what_days_stray_beyond_their_noise),
    GH_TEST(what_is_taken_back_was_never_there),
};
GH_TEST_MAIN(tests)
