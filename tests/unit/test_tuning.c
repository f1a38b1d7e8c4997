/* What: how verdicts move what a detector's incidents are allowed (engine/tuning.h).
 * How:  people by hand, bets worked by hand; a lottery that sits at the share in question. */
#include "engine/tuning.h"
#include "stat/law.h"
#include "support/gh_test.h"

#include <math.h>

static struct gh_tuning t;

static bool epoch(enum gh_told told, uint32_t real, uint32_t nothing, uint32_t unanswered)
{
    t.people[told][GH_FOUND_REAL] = real;
    t.people[told][GH_FOUND_NOTHING] = nothing;
    t.people[told][GH_UNANSWERED] = unanswered;
    return gh_tuning_epoch(&t, 0.2);
}

static void begin(void)
{
    t = (struct gh_tuning){0};
}

static void a_step_is_half_as_much_again(void)
{
    begin();
    CHECK(gh_tuning_factor(&t, 0) == 1 && gh_tuning_factor(&t, 1) == 1.5);
    t.steps = -2;
    CHECK_NEAR(gh_tuning_factor(&t, 0), 1 / 2.25, 1e-15);
    CHECK_NEAR(gh_tuning_factor(&t, 1), 1 / 1.5, 1e-15);
}

/* Real below the threshold, against a mean of 0.2: q is 0.32, 0.48, 0.68, so a hit pays 1.6,
 * 2.4, 3.4. Three hits make (4.1 + 13.8 + 39.3) / 3 = 19.07, four 31.2 / 3 and more. */
static void what_is_real_below_the_threshold_lowers_it(void)
{
    begin();
    CHECK(!epoch(GH_TOLD_BELOW, 3, 0, 0) && t.steps == 0);
    CHECK_NEAR(t.log_wealth[GH_TOLD_BELOW][0], 3 * log(1.6), 1e-12);
    CHECK_NEAR(t.log_wealth[GH_TOLD_BELOW][2], 3 * log(3.4), 1e-12);
    begin();
    CHECK(epoch(GH_TOLD_BELOW, 4, 0, 0) && t.steps == 1);
    CHECK(t.log_wealth[GH_TOLD_BELOW][2] == 0 && t.epochs == 0);
    CHECK(t.people[GH_TOLD_BELOW][GH_FOUND_REAL] == 0);
}

/* A miss pays 0.85, 0.65, 0.4; so does who did not answer. */
static void who_does_not_answer_speaks_for_the_threshold(void)
{
    begin();
    CHECK(!epoch(GH_TOLD_BELOW, 4, 1, 1));
    CHECK_NEAR(t.log_wealth[GH_TOLD_BELOW][2], 4 * log(3.4) + 2 * log(0.4), 1e-12);
    begin(); /* against 0.8 not real: q is 0.83, 0.87, 0.92; misses pay 0.85, 0.65, 0.4 */
    CHECK(!epoch(GH_TOLD_ABOVE, 0, 9, 2));
    CHECK_NEAR(t.log_wealth[GH_TOLD_ABOVE][1], 9 * log(0.87 / 0.8) + 2 * log(0.65), 1e-12);
    CHECK(t.log_wealth[GH_TOLD_BELOW][1] == 0);
}

/* (1.15^n + 1.0875^n + 1.0375^n) / 3 is 20 at n = 29: 57.6 + 11.4 + 2.9 = 71.8 of 60. */
static void what_is_never_real_raises_the_threshold(void)
{
    begin();
    CHECK(!epoch(GH_TOLD_ABOVE, 0, 14, 0) && !epoch(GH_TOLD_ABOVE, 0, 12, 0));
    CHECK(epoch(GH_TOLD_ABOVE, 0, 3, 0) && t.steps == -1);
    begin();
    CHECK(!epoch(GH_TOLD_ABOVE, 0, 27, 0)); /* 43.5 + 9.6 + 2.7 */
    begin();
    CHECK(!epoch(GH_TOLD_ABOVE, 10, 30, 0)); /* one in four is */
}

static void one_person_moves_nothing(void)
{
    begin();
    for (int i = 0; i < 12; i++)
        CHECK(!epoch(GH_TOLD_BELOW, 1, 0, 0) && t.log_wealth[GH_TOLD_BELOW][2] == 0);
    begin(); /* nobody answers: the epoch says nothing */
    CHECK(!epoch(GH_TOLD_BELOW, 0, 0, 50) && t.log_wealth[GH_TOLD_BELOW][0] == 0);
}

static void after_a_year_bets_begin_anew(void)
{
    begin();
    for (int i = 0; i < 12; i++)
        CHECK(!epoch(GH_TOLD_BELOW, i == 0 ? 2 : 0, 0, 0));
    CHECK(t.log_wealth[GH_TOLD_BELOW][0] > 0 && t.epochs == 12);
    CHECK(!epoch(GH_TOLD_BELOW, 0, 0, 0));
    CHECK(t.log_wealth[GH_TOLD_BELOW][0] == 0 && t.epochs == 0);
}

static void the_allowance_stays_between_a_fifth_and_the_double(void)
{
    begin();
    for (int i = 0; i < 8; i++)
        epoch(GH_TOLD_BELOW, 9, 0, 0);
    CHECK(t.steps == 2);
    for (int i = 0; i < 8; i++)
        epoch(GH_TOLD_ABOVE, 0, 40, 0);
    CHECK(t.steps == -4);
}

static double lottery(uint64_t *state) /* Knuth's MMIX */
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

/* Just as many are real as make it worth while, on either side: in a year (13 looks) each side
 * moves by chance in at most 5 of 100 companies; 4 standard deviations of 2,000 are 0.02. */
static void chance_moves_a_threshold_in_one_year_of_twenty_at_most(void)
{
    enum { COMPANIES = 2000 };
    uint64_t state = 1;
    int down = 0, up = 0;

    for (int company = 0; company < COMPANIES; company++)
        for (int told = 0; told < GH_TOLD_WAYS; told++) {
            bool moved = false;
            begin();
            for (int look = 0; look < 13 && !moved; look++) {
                uint32_t real = 0;
                for (int i = 0; i < 10; i++)
                    real += lottery(&state) < 0.2;
                moved = epoch((enum gh_told)told, real, 10 - real, 0);
            }
            down += moved && told == GH_TOLD_ABOVE;
            up += moved && told == GH_TOLD_BELOW;
        }
    CHECK(down > 0 && down <= 0.07 * COMPANIES);
    CHECK(up > 0 && up <= 0.07 * COMPANIES);
}

static const struct gh_test tests[] = {
    GH_TEST(a_step_is_half_as_much_again),
    GH_TEST(what_is_real_below_the_threshold_lowers_it),
    GH_TEST(who_does_not_answer_speaks_for_the_threshold),
    GH_TEST(what_is_never_real_raises_the_threshold),
    GH_TEST(one_person_moves_nothing),
    GH_TEST(after_a_year_bets_begin_anew),
    GH_TEST(the_allowance_stays_between_a_fifth_and_the_double),
    GH_TEST(chance_moves_a_threshold_in_one_year_of_twenty_at_most),
};
GH_TEST_MAIN(tests)
