/* What: what findings are worth (app/tune/worth.h), and which verdict holds (verdicts.h).
 * How:  findings of two settings and verdicts, worked by hand. */
#include "app/tune/worth.h"
#include "support/gh_test.h"

#include <math.h>

enum { DAY_MS = 86400000 };
static const struct gh_worth_price price = {100.0, 10.0, 2.0, 0.0};
static const struct gh_worth_scope all = {NULL, 0.95};

static struct gh_text text(const char *at)
{
    return (struct gh_text){at, (uint32_t)strlen(at)};
}

/* Finding number `n` of actor number `actor`: of day n, three hours long. */
static struct gh_finding finding(uint32_t n, const char *actor, enum gh_track track)
{
    struct gh_finding f = {.detector = "agent_loop",
                           .actor = text(actor),
                           .track = track,
                           .excess_cost_usd = 7.0,
                           .from_ms = (int64_t)n * DAY_MS,
                           .until_ms = (int64_t)n * DAY_MS + 10800000};

    snprintf(f.id, sizeof f.id, "%032x", n);
    return f;
}

static void say(struct gh_verdicts *v, uint32_t n, enum gh_verdict verdict, const char *who)
{
    char id[GH_FINDING_ID_SIZE];

    snprintf(id, sizeof id, "%032x", n);
    gh_verdicts_hear(v, &(struct gh_event){.kind = GH_VERDICT,
                                           .finding = text(id),
                                           .verdict = verdict,
                                           .reviewer = text(who)});
}

static void the_latest_decision_holds(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_verdict_counts counts;

    say(v, 1, GH_GAMING, "rae");
    say(v, 1, GH_LEGITIMATE, "rae");
    say(v, 2, GH_WASTE, "rae");
    say(v, 2, GH_UNSURE, "kim");
    say(v, 3, GH_DATA_ERROR, "rae");
    say(v, 4, GH_GAMING, "rae");
    say(v, 4, GH_LEGITIMATE, "kim");
    say(v, 5, GH_GAMING, "rae");
    say(v, 5, GH_WASTE, "kim");
    CHECK(gh_verdicts_of(v, "00000000000000000000000000000001") == GH_JUDGED_WRONG);
    CHECK(gh_verdicts_of(v, "00000000000000000000000000000002") == GH_JUDGED_RIGHT);
    CHECK(gh_verdicts_of(v, "00000000000000000000000000000003") == GH_NOT_JUDGED);
    CHECK(gh_verdicts_of(v, "00000000000000000000000000000009") == GH_NOT_JUDGED);
    gh_verdicts_count(v, &counts);
    CHECK(counts.right == 2 && counts.wrong == 2 && counts.undecided == 1);
    CHECK(counts.pairs == 2 && counts.differ == 1);
    gh_verdicts_free(v);
}

/* Setting 0 has 40 incidents of ada; setting 1 the first ten of them. Of the first ten eight
 * are right, of the next ten all are wrong, twenty wait. */
static struct gh_worth *noisy(struct gh_verdicts *v)
{
    struct gh_worth *w = gh_worth_new(2, &price);

    for (uint32_t n = 1; n <= 40; n++) {
        const struct gh_finding f = finding(n, "ada", GH_INCIDENT);
        gh_worth_change(w, 0, &f);
        if (n <= 10)
            gh_worth_change(w, 1, &f);
        if (n <= 20)
            say(v, n, n <= 8 ? GH_GAMING : GH_LEGITIMATE, "rae");
    }
    gh_worth_settle(w, v);
    return w;
}

static void what_is_gone_tells_the_gain(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_worth *w = noisy(v);
    struct gh_worth_gain gain;

    gh_worth_compare(w, 0, 1, &all, &gain);
    CHECK(gain.gone.wrong == 10 && gain.gone.right == 0 && gain.gone.open == 20);
    CHECK(gain.gone.people == 1 && gain.come.open == 0 && gain.fewer == 30 && !gain.accused);
    /* 30 matters, each 10 when wrong and -14 when right. The share that is right: none of ten,
     * with the base rate of 8.5 in 21 as one verdict more. */
    const double right = (8.5 / 21.0) / 11.0;
    CHECK_NEAR(gain.usd.point, 30.0 * (10.0 - 24.0 * right), 1e-9);
    CHECK_NEAR(gain.usd.high, 300.0, 1e-9);
    CHECK(gain.usd.low > 100.0 && gain.usd.low < gain.usd.point);
    const double doubt = gh_worth_doubt(w, 0, 1, &all);
    const struct gh_worth_scope sure = {NULL, 1.0 - 1.99 * doubt},
                                surer = {NULL, 1.0 - 2.01 * doubt};
    gh_worth_compare(w, 0, 1, &sure, &gain);
    CHECK(doubt < 0.01 && gain.usd.low < 0.0);
    gh_worth_compare(w, 0, 1, &surer, &gain);
    CHECK(gain.usd.low > 0.0);
    gh_worth_compare(w, 1, 0, &all, &gain);
    CHECK(gh_worth_doubt(w, 1, 0, &all) == 1.0);
    CHECK_NEAR(gain.usd.point, -30.0 * (10.0 - 24.0 * right), 1e-9);
    gh_worth_free(w);
    gh_verdicts_free(v);
}

static void figures_of_one_setting_are_the_hand_worked_ones(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_worth *w = noisy(v);
    struct gh_worth_sum sum;
    const double prior = 8.5 / 21.0, first = (8.0 + prior) / 21.0;

    gh_worth_of(w, 0, &all, &sum);
    CHECK(sum.findings[GH_INCIDENT] == 40 && sum.findings[GH_CASE] == 0);
    CHECK(sum.shown.right == 8 && sum.shown.wrong == 12 && sum.shown.open == 20);
    CHECK_NEAR(sum.precision.point, first, 1e-9);
    CHECK_NEAR(sum.alarms.point, 40.0 * (1.0 - first), 1e-9);
    CHECK(sum.accusations.high == 0.0 && sum.unseen_usd.high == 0.0);
    CHECK_NEAR(sum.cost_usd.point, 10.0 * sum.alarms.point, 1e-9);
    gh_worth_of(w, 1, &all, &sum);
    CHECK_NEAR(sum.precision.point, (8.0 + prior) / 11.0, 1e-9);
    CHECK_NEAR(sum.unseen_usd.point, 30.0 * 7.0 * prior / 11.0, 1e-9);
    CHECK_NEAR(sum.recall.point,
               (10.0 * (8.0 + prior) / 11.0) /
                   (10.0 * (8.0 + prior) / 11.0 + 30.0 * prior / 11.0),
               1e-9);
    CHECK(sum.recall.low < sum.recall.point && sum.recall.point < sum.recall.high);
    gh_worth_free(w);
    gh_verdicts_free(v);
}

static void what_nobody_saw_is_left_open(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_worth *w = gh_worth_new(2, &price);
    struct gh_worth_gain gain;

    for (uint32_t n = 1; n <= 40; n++) {
        const struct gh_finding f = finding(n, "ada", GH_INCIDENT);
        gh_worth_change(w, 1, &f);
        if (n <= 20)
            gh_worth_change(w, 0, &f);
        if (n <= 20)
            say(v, n, GH_GAMING, "rae");
    }
    gh_worth_settle(w, v);
    gh_worth_compare(w, 0, 1, &all, &gain);
    CHECK(gain.come.open == 20 && gain.usd.point > 0.0);
    CHECK_NEAR(gain.usd.low, -200.0, 1e-9);
    CHECK_NEAR(gain.usd.high, 280.0, 1e-9);
    CHECK(gh_worth_doubt(w, 0, 1, &all) == 1.0);
    /* Each is worth 14 when right and costs 10 when not: 20 * 14 - 4.5 * 24. */
    CHECK_NEAR(gh_worth_trial(w, 0, 1, &all, 4.5), 172.0, 1e-9);
    CHECK_NEAR(gh_worth_trial(w, 0, 1, &all, 99.0), -200.0, 1e-9);
    CHECK(gh_worth_trial(w, 1, 0, &all, 4.5) == -INFINITY);
    CHECK(gh_worth_trial(w, 0, 0, &all, 4.5) == -INFINITY);
    gh_worth_free(w);
    gh_verdicts_free(v);
}

static void the_same_days_are_one_matter(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_worth *w = gh_worth_new(2, &price);
    struct gh_finding f = finding(1, "ada", GH_INCIDENT), other = finding(2, "ada", GH_REVIEW);
    struct gh_finding bob = finding(3, "bob", GH_INCIDENT), churn = f;
    struct gh_worth_gain gain;

    /* Another id, an hour later, and a review under setting 1. */
    other.from_ms = f.from_ms + 3600000;
    other.until_ms = f.until_ms + 3600000;
    bob.from_ms = f.from_ms;
    churn.detector = "output_churn";
    churn.id[0] = 'f';
    gh_worth_change(w, 0, &f);
    gh_worth_change(w, 0, &bob);
    gh_worth_change(w, 0, &churn);
    gh_worth_change(w, 1, &other);
    say(v, 2, GH_LEGITIMATE, "rae");
    gh_worth_settle(w, v);
    gh_worth_compare(w, 0, 1, &all, &gain);
    CHECK(gain.gone.open == 2 && gain.gone.people == 2 && gain.come.open == 0);
    CHECK(gain.accused == 1 && gain.fewer == 2);
    const struct gh_worth_scope loops = {"agent_loop", 0.95};
    gh_worth_compare(w, 0, 1, &loops, &gain);
    CHECK(gain.gone.open == 1 && gain.accused == 1);
    gh_worth_free(w);
    gh_verdicts_free(v);
}

static void the_highest_track_and_the_widest_days_count(void)
{
    struct gh_verdicts *v = gh_verdicts_new();
    struct gh_worth *w = gh_worth_new(1, &price);
    struct gh_finding f = finding(1, "ada", GH_REVIEW);
    struct gh_worth_sum sum;

    gh_worth_change(w, 0, &f);
    f.track = GH_INCIDENT;
    f.excess_cost_usd = NAN;
    gh_worth_change(w, 0, &f);
    say(v, 1, GH_LEGITIMATE, "rae");
    gh_worth_settle(w, v);
    gh_worth_of(w, 0, &all, &sum);
    CHECK(sum.findings[GH_REVIEW] == 1 && sum.findings[GH_INCIDENT] == 0);
    CHECK(sum.accusations.point > 0.5 && sum.alarms.high == 0.0);
    CHECK(isfinite(sum.cost_usd.low) && isnan(sum.recall.point));
    gh_worth_free(w);
    gh_verdicts_free(v);
}

static const struct gh_test tests[] = {
    GH_TEST(the_latest_decision_holds),
    GH_TEST(what_is_gone_tells_the_gain),
    GH_TEST(figures_of_one_setting_are_the_hand_worked_ones),
    GH_TEST(what_nobody_saw_is_left_open),
    GH_TEST(the_same_days_are_one_matter),
    GH_TEST(the_highest_track_and_the_widest_days_count),
};
GH_TEST_MAIN(tests)
