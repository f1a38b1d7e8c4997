/* What: the recursion of stat/reserve.h.
 * How:  worked by hand in fractions. Each day a log is cut down to a step of 2^-20, so
 *       after d days the answer is at most d 2^-20 below the true one and never above. */
#include "stat/reserve.h"
#include "support/gh_test.h"

#include <math.h>

static const double STEP = 0x1p-20, ROUNDING = 1e-12;

/* E is at most what it should be and at most `days` steps below it. */
#define CHECK_E(r, p, wanted, days)                                                        \
    do {                                                                                   \
        const double e_ = gh_reserve_log_e(r, p);                                          \
        CHECK(e_ <= log(wanted) + ROUNDING && e_ >= log(wanted) - (days)*STEP - ROUNDING); \
    } while (0)

static void follows_the_hand_worked_recursion(void)
{
    static const struct gh_reserve_plan plan = {4, 1, 1, NULL};
    static const struct {
        double l, e; /* l < 0: a day without a bet */
    } row[] = {
        {2, 1.25},   /* S = 2 * (0 + 1/4), reserve 3/4 */
        {4, 3.5},    /* S = 4 * (1/2 + 1/4) = 3, reserve 1/2 */
        {-1, 3.5},   /* S = 3 + 1/4, reserve 1/4 */
        {0.5, 1.75}, /* S = (13/4 + 1/4) / 2, reserve 0 */
        {100, 1.75}, /* the epoch is over */
    };
    struct gh_reserve r;

    gh_reserve_start(&r);
    CHECK(gh_reserve_log_e(&r, &plan) == 0);
    for (uint32_t i = 0; i < 5; i++) {
        const double log_l = log(row[i].l);

        gh_reserve_idle(&r, &plan, i);
        if (row[i].l > 0)
            gh_reserve_bet(&r, &plan, &log_l);
        CHECK_E(&r, &plan, row[i].e, 5);
    }
    CHECK(r.days_gone == 4);
}

static void alternatives_share_the_reserve_and_eta_tempers_each(void)
{
    static const struct gh_reserve_plan plan = {2, 2, 0.5, NULL};
    struct gh_reserve r;

    gh_reserve_start(&r);
    gh_reserve_bet(&r, &plan, (const double[]){log(4), log(1)});
    CHECK_E(&r, &plan, 0.5 + 2 * 0.25 + 0.25, 1);
    gh_reserve_bet(&r, &plan, (const double[]){log(16), log(0.25)});
    CHECK_E(&r, &plan, 4 * 0.75 + 0.5 * 0.5, 2);
    CHECK_NEAR(exp(r.log_s[0]), 3, 1e-5);
    CHECK_NEAR(exp(r.log_s[1]), 0.25, 1e-6);
}

static void idle_days_keep_the_evidence(void)
{
    static const struct gh_reserve_plan plan = {28, 3, 0.7, NULL};
    static const double log_l[] = {3, 1, -1};
    struct gh_reserve r;

    gh_reserve_start(&r);
    for (uint32_t day = 0; day <= 28; day++) {
        gh_reserve_idle(&r, &plan, day);
        CHECK(r.days_gone == day);
        CHECK_E(&r, &plan, 1, 28);
    }
    gh_reserve_start(&r);
    gh_reserve_idle(&r, &plan, 10);
    gh_reserve_bet(&r, &plan, log_l);
    {
        const double e = exp(gh_reserve_log_e(&r, &plan));

        gh_reserve_idle(&r, &plan, 28);
        CHECK_E(&r, &plan, e, 1);
    }
}

static void days_never_go_back_and_never_past_the_epoch(void)
{
    static const struct gh_reserve_plan plan = {28, 1, 1, NULL};
    struct gh_reserve r, before;

    gh_reserve_start(&r);
    gh_reserve_idle(&r, &plan, 5);
    before = r;
    gh_reserve_idle(&r, &plan, 5);
    gh_reserve_idle(&r, &plan, 3);
    CHECK(memcmp(&r, &before, sizeof r) == 0);
    gh_reserve_idle(&r, &plan, 1000);
    CHECK(r.days_gone == 28);
}

static void evidence_may_be_of_any_size(void)
{
    static const struct gh_reserve_plan plan = {28, 2, 1, NULL};
    struct gh_reserve r;

    gh_reserve_start(&r);
    for (int day = 0; day < 28; day++)
        gh_reserve_bet(&r, &plan, (const double[]){5000, -5000});
    /* S_0 = (1/56) sum of exp(5000 k), k = 1..28, and the sum is its last term. */
    CHECK_NEAR(gh_reserve_log_e(&r, &plan), 28 * 5000 - log(56),
               28 * (STEP + 140000 * 0x1p-23));
    CHECK(isfinite(r.log_s[1]) && r.log_s[1] < -4000);
}

/* One day, one alternative: S is the bet itself. A float has 24 bits, so from 16 on a step of
 * 2^-20 is not kept whole. */
static void what_is_cut_off_only_makes_the_evidence_smaller(void)
{
    static const struct gh_reserve_plan plan = {1, 1, 1, NULL};

    for (int i = -500; i <= 500; i++) {
        const double log_l = 3.7 * i + 0.1;
        struct gh_reserve r;

        gh_reserve_start(&r);
        gh_reserve_bet(&r, &plan, &log_l);
        CHECK((double)r.log_s[0] <= log_l);
        CHECK((double)r.log_s[0] >= log_l - STEP - fabs(log_l) * 0x1p-22);
        CHECK(gh_reserve_log_e(&r, &plan) <= log_l);
    }
}

static void an_unused_alternative_stays_empty(void)
{
    static const struct gh_reserve_plan plan = {28, 2, 1, NULL};
    struct gh_reserve r;

    gh_reserve_start(&r);
    gh_reserve_bet(&r, &plan, (const double[]){1, 1});
    gh_reserve_idle(&r, &plan, 20);
    for (int j = 2; j < GH_ALTERNATIVES_MAX; j++)
        CHECK(r.log_s[j] == -INFINITY);
}

static const struct gh_test tests[] = {
    GH_TEST(follows_the_hand_worked_recursion),
    GH_TEST(alternatives_share_the_reserve_and_eta_tempers_each),
    GH_TEST(idle_days_keep_the_evidence),
    GH_TEST(days_never_go_back_and_never_past_the_epoch),
    GH_TEST(evidence_may_be_of_any_size),
    GH_TEST(what_is_cut_off_only_makes_the_evidence_smaller),
    GH_TEST(an_unused_alternative_stays_empty),
};
GH_TEST_MAIN(tests)
