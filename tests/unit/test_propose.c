/* What: which values are tried (app/tune/ladder.h), and which of what was tried is chosen
 *       (app/tune/propose.h).
 * How:  ladders of the defaults and of settings that are far off; doubts and gains by hand. */
#include "app/tune/propose.h"
#include "engine/options.h"
#include "support/gh_test.h"

#include <math.h>

static struct gh_config *settings(const char *assignment)
{
    struct gh_config *config = NULL;
    struct gh_error error = {0};

    CHECK(gh_config_new(&config, &error) == GH_OK);
    CHECK(assignment == NULL || gh_config_set(config, assignment, &error) == GH_OK);
    return config;
}

static bool has(const struct gh_ladder *l, double value)
{
    for (size_t i = 0; i < l->rungs; i++)
        if (fabs(l->rung[i] - value) <= 1e-12 * fabs(value))
            return true;
    return false;
}

static const struct gh_ladder *named(const struct gh_ladder *ladder, size_t count,
                                     const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ladder[i].name, name) == 0)
            return &ladder[i];
    CHECK(false && "such a ladder");
    return ladder;
}

static void false_alarms_go_both_ways_from_what_holds(void)
{
    struct gh_config *config = settings("incident.false_alarms=20");
    struct gh_ladder ladder[GH_LADDERS_MAX];
    const size_t count =
        gh_ladders(&(struct gh_ladder_wish){.now = config}, GH_LADDER_RATE, ladder);
    const struct gh_ladder *l = named(ladder, count, "agent_loop.false_alarms");

    CHECK(count == GH_BEHAVIOUR_COUNT && l->rate && l->now == 20.0);
    CHECK(strcmp(l->detector, "agent_loop") == 0);
    CHECK(l->rung[0] == 10.0 && has(l, 40.0) && has(l, 0.2) && has(l, 0.02) && !has(l, 20.0));
    /* 0 would mean incident.false_alarms again; 1,000 is the most. */
    for (size_t i = 0; i < l->rungs; i++)
        CHECK(l->rung[i] >= 0.001 && l->rung[i] <= 1000.0);
    gh_config_free(config);
}

static bool only_loops(const void *context, const char *detector)
{
    (void)context;
    return strcmp(detector, "agent_loop") == 0;
}

static void an_option_of_its_own_goes_home_first(void)
{
    struct gh_config *config = settings("agent_loop.alone_hops=4");
    const struct gh_ladder_wish wish = {.now = config, .wanted = only_loops};
    struct gh_ladder ladder[GH_LADDERS_MAX];
    char text[GH_LADDER_ASSIGNMENT_SIZE];
    uint32_t own = 0;
    bool found = false;

    while (gh_ladders(&wish, GH_LADDER_OWN + own, ladder) == 1) {
        own++;
        CHECK(strstr(ladder[0].name, "false_alarms") == NULL);
        CHECK(strstr(ladder[0].name, "fewest_usd") == NULL);
        if (strcmp(ladder[0].name, "agent_loop.alone_hops") != 0)
            continue;
        found = true;
        CHECK(ladder[0].now == 4.0 && ladder[0].rung[0] == 12.0);
        CHECK(has(&ladder[0], 8.0) && has(&ladder[0], 16.0) && !has(&ladder[0], 2.0));
        gh_ladder_assignment(&ladder[0], 12.0, text);
        CHECK(strcmp(text, "agent_loop.alone_hops=12") == 0);
    }
    CHECK(found);
    gh_config_free(config);
}

/* Whatever is in force, the share of false discoveries is not loosened without being asked. */
static void what_guards_is_only_tightened_unless_asked(void)
{
    static const char *const from[] = {NULL,
                                       "review.alpha=0.4",
                                       "review.alpha=0.002",
                                       "case.floor=5",
                                       "case.floor=1e8",
                                       "review.floor=1e9",
                                       "case.alpha=0.5"};

    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        struct gh_config *config = settings(from[i]);
        for (uint32_t kind = GH_LADDER_REVIEW_ALPHA; kind <= GH_LADDER_CASE_FLOOR; kind++) {
            struct gh_ladder l[GH_LADDERS_MAX] = {{.rungs = 0}};
            const size_t count = gh_ladders(&(struct gh_ladder_wish){.now = config}, kind, l);
            const bool alpha = strstr(l[0].name, ".alpha") != NULL;
            for (size_t k = 0; count == 1 && k < l[0].rungs; k++)
                CHECK(alpha ? l[0].rung[k] < l[0].now : l[0].rung[k] > l[0].now);
            if (gh_ladders(&(struct gh_ladder_wish){.now = config, .loosen = true}, kind, l) ==
                    1 &&
                i == 0)
                CHECK(has(&l[0], l[0].now * 2.0) && has(&l[0], l[0].now * 0.5));
        }
        gh_config_free(config);
    }
}

/* A ladder with these doubts and gains by rung. */
static struct gh_proposal looked(const char *detector, const double doubt[2],
                                 const double gain[2])
{
    struct gh_proposal p = {.ladder = {.detector = detector, .rungs = 2},
                            .judged = true,
                            .doubt = fmin(doubt[0], doubt[1]),
                            .chosen = GH_RUNGS_MAX};

    for (int k = 0; k < 2; k++)
        p.rung[k] =
            (struct gh_proposal_rung){.doubt = doubt[k], .gain.usd = {0.0, gain[k], 0.0}};
    return p;
}

static struct gh_proposals all_of(const struct gh_proposal *proposal, size_t count)
{
    struct gh_proposals all = {.looked = g_array_new(FALSE, TRUE, sizeof(struct gh_proposal))};

    g_array_append_vals(all.looked, proposal, (guint)count);
    gh_proposals_choose(&all);
    return all;
}

static size_t chosen(const struct gh_proposals *all, guint index)
{
    return g_array_index(all->looked, struct gh_proposal, index).chosen;
}

static void looking_at_much_asks_for_more(void)
{
    /* One of four: .05 / 4. */
    const struct gh_proposal four[] = {
        looked("a", (double[]){0.02, 1}, (double[]){5, 9}),
        looked("b", (double[]){1, 1}, (double[]){5, 9}),
        looked("c", (double[]){1, 1}, (double[]){5, 9}),
        looked("d", (double[]){1, 1}, (double[]){5, 9}),
    };
    struct gh_proposals all = all_of(four, 4);

    CHECK(chosen(&all, 0) == GH_RUNGS_MAX);
    gh_proposals_free(&all);
    all = all_of(four, 2);
    CHECK(chosen(&all, 0) == 0 && chosen(&all, 1) == GH_RUNGS_MAX);
    gh_proposals_free(&all);
}

static void many_that_pay_carry_each_other(void)
{
    /* Benjamini & Hochberg: .02, .03, .035 of four pass, for .035 < 3/4 of .05. */
    const struct gh_proposal four[] = {
        looked("a", (double[]){0.02, 1}, (double[]){5, 9}),
        looked("b", (double[]){1, 0.035}, (double[]){5, 9}),
        looked("c", (double[]){0.03, 1}, (double[]){5, 9}),
        looked("d", (double[]){0.9, 1}, (double[]){5, 9}),
    };
    struct gh_proposals all = all_of(four, 4);

    CHECK(chosen(&all, 0) == 0 && chosen(&all, 1) == 1 && chosen(&all, 2) == 0);
    CHECK(chosen(&all, 3) == GH_RUNGS_MAX);
    gh_proposals_free(&all);
}

static void a_detector_changes_in_one_way_at_a_time(void)
{
    const struct gh_proposal three[] = {
        looked("a", (double[]){1e-4, 1e-4}, (double[]){5, 5}),
        looked("a", (double[]){1e-4, 1e-4}, (double[]){7, 20}),
        looked("a", (double[]){1e-4, 1e-4}, (double[]){8, 6}),
    };
    struct gh_proposals all = all_of(three, 3);

    CHECK(chosen(&all, 0) == GH_RUNGS_MAX && chosen(&all, 2) == GH_RUNGS_MAX);
    CHECK(chosen(&all, 1) == 1);
    gh_proposals_free(&all);
    /* Of rungs that gain as much the nearest. */
    all = all_of(three, 1);
    CHECK(chosen(&all, 0) == 0);
    gh_proposals_free(&all);
}

static void what_nobody_judged_is_not_counted(void)
{
    struct gh_proposal two[] = {
        looked("a", (double[]){0.04, 1}, (double[]){5, 9}),
        looked("b", (double[]){1, 1}, (double[]){5, 9}),
    };

    two[1].judged = false;
    struct gh_proposals all = all_of(two, 2);
    CHECK(chosen(&all, 0) == 0);
    gh_proposals_free(&all);
}

static const struct gh_test tests[] = {
    GH_TEST(false_alarms_go_both_ways_from_what_holds),
    GH_TEST(an_option_of_its_own_goes_home_first),
    GH_TEST(what_guards_is_only_tightened_unless_asked),
    GH_TEST(looking_at_much_asks_for_more),
    GH_TEST(many_that_pay_carry_each_other),
    GH_TEST(a_detector_changes_in_one_way_at_a_time),
    GH_TEST(what_nobody_judged_is_not_counted),
};
GH_TEST_MAIN(tests)
