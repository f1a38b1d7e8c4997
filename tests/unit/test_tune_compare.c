/* test_tune_compare.c - findings of two settings, paired; what they sum to; why they differ. */
#include "app/tune/compare.h"
#include "app/tune/reason.h"
#include "support/gh_test.h"

#include <math.h>

#define DAY INT64_C(86400000)

/* A finding as the engine would tell of it. */
static struct gh_finding finding(const char *id, const char *actor, int64_t from_day,
                                 int64_t until_day)
{
    struct gh_finding f = {.revision = 1,
                           .change = GH_OPENED,
                           .detector = "runaway",
                           .actor = {actor, (uint32_t)strlen(actor)},
                           .team = {"core", 4},
                           .track = GH_INCIDENT,
                           .time_ms = until_day * DAY,
                           .from_ms = from_day * DAY,
                           .until_ms = until_day * DAY,
                           .excess_tokens = 100,
                           .excess_cost_usd = 10};

    snprintf(f.id, sizeof f.id, "%s", id);
    return f;
}

static void tell(struct gh_tune_outcome *o, struct gh_finding f)
{
    gh_tune_outcome_change(o, &f);
}

static void two(struct gh_tune_outcome o[2])
{
    gh_tune_outcome_init(&o[0]);
    gh_tune_outcome_init(&o[1]);
}

static struct gh_tune_comparison compared(struct gh_tune_outcome o[2])
{
    struct gh_tune_comparison c;

    gh_tune_outcome_end(&o[0]);
    gh_tune_outcome_end(&o[1]);
    gh_tune_compare(&c, &o[0], &o[1]);
    return c;
}

static void end(struct gh_tune_outcome o[2], struct gh_tune_comparison *c)
{
    gh_tune_comparison_free(c);
    gh_tune_outcome_free(&o[0]);
    gh_tune_outcome_free(&o[1]);
}

static void the_same_findings_are_the_same(void)
{
    struct gh_tune_outcome o[2];

    two(o);
    for (int s = 0; s < 2; s++) {
        tell(&o[s], finding("1", "ann", 1, 2));
        tell(&o[s], finding("2", "bob", 1, 2));
        tell(&o[s], finding("3", "bob", 5, 6));
    }
    struct gh_tune_comparison c = compared(o);
    CHECK(c.by_move[GH_TUNE_SAME] == 3 && c.pair->len == 3 && gh_tune_changes(&c) == 0);
    CHECK(c.people == 0 && c.teams == 0);
    end(o, &c);
}

static void another_id_over_the_same_days_is_the_same_finding(void)
{
    struct gh_tune_outcome o[2];

    two(o);
    tell(&o[0], finding("1", "ann", 1, 4));
    tell(&o[1], finding("9", "ann", 3, 4));
    struct gh_tune_comparison c = compared(o);
    CHECK(c.by_move[GH_TUNE_SAME] == 1 && c.pair->len == 1);
    end(o, &c);

    two(o);
    tell(&o[0], finding("1", "ann", 1, 2));
    tell(&o[1], finding("9", "ann", 3, 4));
    c = compared(o);
    CHECK(c.by_move[GH_TUNE_GONE] == 1 && c.by_move[GH_TUNE_NEW] == 1 && c.people == 1);
    end(o, &c);
}

static void ids_pair_before_days_do(void)
{
    struct gh_tune_outcome o[2];

    two(o);
    tell(&o[0], finding("1", "ann", 1, 9));
    tell(&o[1], finding("0", "ann", 1, 3));
    tell(&o[1], finding("1", "ann", 4, 9));
    struct gh_tune_comparison c = compared(o);
    CHECK(c.by_move[GH_TUNE_SAME] == 1 && c.by_move[GH_TUNE_NEW] == 1);
    CHECK(!strcmp(g_array_index(c.pair, struct gh_tune_pair, 0).after->id, "1"));
    end(o, &c);
}

static void nobody_pairs_over_people_or_detectors(void)
{
    struct gh_tune_outcome o[2];
    struct gh_finding other = finding("2", "ann", 1, 4);

    two(o);
    other.detector = "verbosity";
    tell(&o[0], finding("1", "ann", 1, 4));
    tell(&o[1], other);
    tell(&o[1], finding("3", "bob", 1, 4));
    struct gh_tune_comparison c = compared(o);
    CHECK(c.by_move[GH_TUNE_GONE] == 1 && c.by_move[GH_TUNE_NEW] == 2);
    CHECK(c.people == 2 && c.teams == 1);
    end(o, &c);
}

static enum gh_tune_move move_of(struct gh_finding before, struct gh_finding after)
{
    struct gh_tune_outcome o[2];

    two(o);
    tell(&o[0], before);
    tell(&o[1], after);
    struct gh_tune_comparison c = compared(o);
    const enum gh_tune_move move = g_array_index(c.pair, struct gh_tune_pair, 0).move;
    CHECK(c.pair->len == 1);
    end(o, &c);
    return move;
}

static void what_moved_says_how(void)
{
    const struct gh_finding at = finding("1", "ann", 1, 4);
    struct gh_finding then = at;

    then.time_ms += 1;
    CHECK(move_of(at, then) == GH_TUNE_LATER && move_of(then, at) == GH_TUNE_EARLIER);
    then.severity = GH_CRITICAL;
    CHECK(move_of(at, then) == GH_TUNE_SEVERITY);
    then.track = GH_CASE;
    CHECK(move_of(at, then) == GH_TUNE_TRACK);
}

static void the_order_of_telling_does_not_matter(void)
{
    struct gh_tune_outcome o[2];
    char id[16];

    two(o);
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof id, "%d", i);
        tell(&o[0], finding(id, i % 2 ? "ann" : "bob", i, i + 1));
        snprintf(id, sizeof id, "%d", 19 - i);
        tell(&o[1], finding(id, i % 2 ? "bob" : "ann", 19 - i, 20 - i));
    }
    struct gh_tune_comparison c = compared(o);
    CHECK(c.by_move[GH_TUNE_SAME] == 20);
    end(o, &c);
}

static void the_newest_revision_counts_from_when_it_was_first_told(void)
{
    struct gh_tune_outcome o;
    struct gh_finding f = finding("1", "ann", 1, 2);

    gh_tune_outcome_init(&o);
    tell(&o, f);
    f.change = GH_ESCALATED;
    f.track = GH_CASE;
    f.time_ms += 3 * DAY;
    f.excess_cost_usd = 70;
    tell(&o, f);
    gh_tune_outcome_end(&o);
    CHECK(gh_tune_count(&o) == 1 && gh_tune_at(&o, 0)->track == GH_CASE);
    CHECK(gh_tune_at(&o, 0)->told_ms == 2 * DAY && o.sums.alerts == 2);
    CHECK(o.sums.excess_usd == 70.0 && o.sums.accused == 1 && o.sums.by_track[GH_CASE] == 1);
    gh_tune_outcome_free(&o);
}

static void what_only_ends_in_the_stretch_is_none_of_it(void)
{
    struct gh_tune_outcome o;
    struct gh_finding f = finding("1", "ann", 1, 2);

    gh_tune_outcome_init(&o);
    f.change = GH_CLOSED;
    tell(&o, f);
    gh_tune_outcome_end(&o);
    CHECK(gh_tune_count(&o) == 0 && o.sums.people == 0 && o.sums.alerts == 1);
    gh_tune_outcome_free(&o);
}

/* 10 and 40 tell of the same days, 5 of others; what is not known adds nothing. */
static void excess_of_the_same_days_counts_once(void)
{
    struct gh_tune_outcome o;
    struct gh_finding f = finding("2", "ann", 2, 5);

    gh_tune_outcome_init(&o);
    tell(&o, finding("1", "ann", 1, 3));
    f.detector = "verbosity";
    f.excess_cost_usd = 40;
    tell(&o, f);
    f = finding("3", "ann", 8, 9);
    f.excess_cost_usd = 5;
    tell(&o, f);
    f = finding("4", "bob", 8, 9);
    f.excess_cost_usd = NAN;
    f.excess_tokens = -3;
    tell(&o, f);
    gh_tune_outcome_end(&o);
    CHECK(o.sums.excess_usd == 45.0 && o.sums.excess_tokens == 200.0);
    CHECK(o.sums.people == 2 && o.sums.teams == 1 && o.sums.accused == 0);
    gh_tune_outcome_free(&o);
}

/* --- why --- */

static struct gh_config *with(const char *const *assignment, size_t count)
{
    struct gh_error error = {0};
    struct gh_config *c = NULL;

    if (gh_config_new(&c, &error) != GH_OK)
        abort();
    for (size_t i = 0; i < count; i++)
        if (gh_config_set(c, assignment[i], &error) != GH_OK)
            abort();
    return c;
}

static const char *reason_of(const char *assignment, enum gh_track track, bool gone)
{
    static char text[GH_TUNE_REASON_SIZE];
    struct gh_config *before = with(NULL, 0), *after = with(&assignment, 1);
    struct gh_tune_finding f = {
        .detector = "runaway", .track = track, .log_e = log(2000.0), .excess_usd = 10.0};
    const struct gh_tune_pair pair = {gone ? GH_TUNE_GONE : GH_TUNE_NEW, gone ? &f : NULL,
                                      gone ? NULL : &f};
    struct gh_tune_setting setting[4];
    const size_t count = gh_tune_settings(before, after, setting, 4);

    CHECK(count == 1);
    gh_tune_reason(&pair, setting, count, text);
    gh_config_free(before);
    gh_config_free(after);
    return text;
}

static void is(const char *got, const char *wanted)
{
    CHECK(strcmp(got, wanted) == 0);
    if (strcmp(got, wanted) != 0)
        printf("# %s\n", got);
}

static void a_reason_names_the_threshold(void)
{
    is(reason_of("runaway.enabled=false", GH_INCIDENT, true), "runaway is off");
    is(reason_of("incident.fewest_usd=50", GH_INCIDENT, true),
       "its excess of $10.00 is below incident.fewest_usd 50");
    is(reason_of("review.floor=5000", GH_REVIEW, true),
       "its evidence e = 2,000 is below review.floor 5000");
    is(reason_of("review.alpha=0.05", GH_REVIEW, true),
       "its evidence e = 2,000 is too little for review.alpha 0.05");
    is(reason_of("incident.false_alarms=0.1", GH_INCIDENT, true),
       "its score stays below the threshold that incident.false_alarms 0.1 sets; with 0.5 it "
       "is above");
    is(reason_of("runaway.false_alarms=4", GH_INCIDENT, false),
       "its score stayed below the threshold that runaway.false_alarms 0.5 sets; with 4 it is "
       "above");
}

/* What the change cannot have done is not said to be its doing. */
static void a_reason_claims_nothing_that_cannot_be(void)
{
    static const char *const indirectly =
        "indirectly: days, detectors and people are judged together, and what else is found "
        "has changed";

    is(reason_of("incident.false_alarms=0.1", GH_INCIDENT, false), indirectly);
    is(reason_of("incident.false_alarms=0.1", GH_CASE, true), indirectly);
    is(reason_of("incident.fewest_usd=5", GH_INCIDENT, true), indirectly);
    is(reason_of("verbosity.enabled=false", GH_INCIDENT, true), indirectly);
    is(reason_of("review.alpha=0.2", GH_REVIEW, true), indirectly);
}

static const struct gh_test tests[] = {
    GH_TEST(the_same_findings_are_the_same),
    GH_TEST(another_id_over_the_same_days_is_the_same_finding),
    GH_TEST(ids_pair_before_days_do),
    GH_TEST(nobody_pairs_over_people_or_detectors),
    GH_TEST(what_moved_says_how),
    GH_TEST(the_order_of_telling_does_not_matter),
    GH_TEST(the_newest_revision_counts_from_when_it_was_first_told),
    GH_TEST(what_only_ends_in_the_stretch_is_none_of_it),
    GH_TEST(excess_of_the_same_days_counts_once),
    GH_TEST(a_reason_names_the_threshold),
    GH_TEST(a_reason_claims_nothing_that_cannot_be),
};
GH_TEST_MAIN(tests)
