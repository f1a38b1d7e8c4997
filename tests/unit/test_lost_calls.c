/* What: gaps in a source's numbering become calls that never arrived
 *       (edge/fields/coverage.h).
 * How:  numbered records by hand: in order, with gaps, out of turn, twice, begun anew. */
#include "edge/fields/coverage.h"

#include "base/civil.h"
#include "support/gh_test.h"

#include <stdio.h>
#include <string.h>

static struct gh_coverage *coverage;

static int64_t now_ms;

/* A record of the moment `now_ms`. */
static int64_t take(uint64_t stream, uint64_t number, bool call)
{
    const struct gh_numbered record = {stream, number, now_ms, call};

    return gh_coverage_take(coverage, &record);
}

static void wait(void)
{
    now_ms += 60000;
}

static struct gh_coverage_counts counts(void)
{
    struct gh_coverage_counts c;

    gh_coverage_counts(coverage, &c);
    return c;
}

static void begin(void)
{
    now_ms = 1000;
    coverage = gh_coverage_new();
    if (coverage == NULL)
        exit(2);
}

static void end(void)
{
    gh_coverage_free(coverage);
}

static void what_comes_in_order_has_lost_nothing_wherever_it_begins(void)
{
    begin();
    for (uint64_t i = 0; i < 1000; i++)
        CHECK(take(1, 700 + i, true) == 0 && take(2, i, i % 3 == 0) == 0);
    CHECK(counts().records == 2000 && counts().lost == 0);
    end();
}

static void a_gap_is_said_with_the_first_call_a_minute_later(void)
{
    begin();
    CHECK(take(1, 1, true) == 0 && take(1, 2, true) == 0);
    CHECK(take(1, 8, true) == 0 && counts().lost == 5);
    now_ms += 59999;
    CHECK(take(1, 9, true) == 0);
    now_ms += 1;
    CHECK(take(1, 10, false) == 0); /* no call */
    CHECK(take(1, 11, true) == 5 && take(1, 12, true) == 0);
    CHECK(counts().lost == 5 && counts().calls_missing == 5);
    end();
}

/* Nine in ten records are something else: of 100 lost ones 10 were calls. */
static void of_lost_records_as_many_are_calls_as_of_those_that_came(void)
{
    int64_t said = 0;

    begin();
    for (uint64_t i = 1; i <= 100; i++)
        CHECK(take(1, i, i % 10 == 0) == 0);
    for (uint64_t i = 201; i <= 300; i++) {
        now_ms += 1000;
        const int64_t calls = take(1, i, i % 10 == 0);
        CHECK(calls == 0 || i % 10 == 0);
        said += calls;
    }
    CHECK(counts().lost == 100 && said >= 9 && said <= 10);
    end();
}

static void what_comes_out_of_turn_or_twice_is_not_lost(void)
{
    begin();
    CHECK(take(1, 1, true) == 0);
    CHECK(take(1, 4, false) == 0);
    CHECK(take(1, 3, false) == 0 && take(1, 2, false) == 0);
    CHECK(take(1, 2, true) == 0 && take(1, 5, true) == 0);
    CHECK(counts().lost == 0);
    take(1, 8, true);
    CHECK(counts().lost == 2);
    CHECK(take(1, 8, true) == 0 && counts().lost == 2); /* sent again */
    end();
}

/* A gap that was said and then filled is taken off from what is said next. */
static void what_was_said_too_soon_is_made_good(void)
{
    begin();
    CHECK(take(1, 1, true) == 0 && take(1, 4, true) == 0);
    wait();
    CHECK(take(1, 5, true) == 2);
    take(1, 2, true);
    take(1, 3, true);
    CHECK(counts().lost == 0);
    CHECK(take(1, 8, true) == 0); /* two lost, two said before */
    wait();
    CHECK(take(1, 9, true) == 0);
    CHECK(take(1, 11, true) == 0);
    wait();
    CHECK(take(1, 12, true) == 1);
    end();
}

/* As a collector sends that has several at work: the second batch before the first. */
static void batches_that_overtake_each_other_are_no_loss(void)
{
    begin();
    CHECK(take(1, 0, true) == 0);
    for (uint64_t i = 501; i <= 1000; i++)
        CHECK(take(1, i, true) == 0);
    now_ms += 5000;
    for (uint64_t i = 1; i <= 500; i++)
        CHECK(take(1, i, true) == 0);
    wait();
    CHECK(take(1, 1001, true) == 0 && counts().lost == 0);
    end();
}

static void what_comes_later_than_the_window_reaches_stays_lost(void)
{
    begin();
    CHECK(take(1, 1, true) == 0 && take(1, 3, true) == 0);
    for (uint64_t i = 4; i <= 1026; i++)
        CHECK(take(1, i, true) == 0);
    CHECK(take(1, 2, true) == 0 && counts().lost == 1);
    end();
}

static void a_numbering_that_begins_anew_is_no_loss(void)
{
    begin();
    CHECK(take(1, 5000000, true) == 0 && take(1, 1, true) == 0 && take(1, 2, true) == 0);
    CHECK(take(1, GH_COUNT_MAX, true) == 0);
    CHECK(take(1, 0, true) == 0 && counts().lost == 0);
    /* A session that was resumed: far behind, and nothing to say of it. */
    CHECK(take(2, 900, true) == 0 && take(2, 1, true) == 0 && take(2, 2, true) == 0);
    CHECK(counts().lost == 0);
    end();
}

static void sessions_have_nothing_to_do_with_each_other(void)
{
    begin();
    CHECK(take(1, 1, true) == 0 && take(2, 50, true) == 0);
    CHECK(take(1, 3, true) == 0 && take(2, 51, true) == 0);
    wait();
    CHECK(take(1, 4, true) == 1 && take(2, 52, true) == 0);
    end();
}

static void more_sessions_than_there_is_room_for_are_counted(void)
{
    begin();
    for (uint64_t i = 1; i <= GH_COVERAGE_STREAMS + 5; i++) {
        const struct gh_numbered record = {i * 7919, 1, 1000, true};
        CHECK(gh_coverage_take(coverage, &record) == 0);
    }
    CHECK(counts().unwatched == 5);
    end();
}

static struct gh_event of(const char *actor, int64_t tokens, int64_t missing, int64_t ts_ms)
{
    return (struct gh_event){.actor = {actor, (uint32_t)strlen(actor)},
                             .input_tokens = tokens - 3,
                             .cache_read_tokens = 1,
                             .cache_write_tokens = 1,
                             .output_tokens = 1,
                             .missing = missing,
                             .ts_ms = ts_ms};
}

static bool into(void *context, const struct gh_covered *covered)
{
    struct gh_covered *list = context;

    while (list->actor.at != NULL)
        list++;
    *list = *covered;
    return list[1].actor.size == 0;
}

static void what_arrived_of_each_person_stands_beside_what_sums_say(void)
{
    struct gh_covered list[4] = {{.calls = 0}};
    const struct gh_event told[] = {of("ann", 100, 0, 50), of("bob", 10, 0, 60),
                                    of("ann", 200, 3, 40), of("ann", 450, 0, 70)};

    begin();
    for (size_t i = 0; i < 4; i++)
        gh_coverage_note(coverage, &told[i], i == 3);
    gh_coverage_each(coverage, into, list);
    CHECK(list[2].actor.at == NULL);
    CHECK(list[0].actor.size == 3 && memcmp(list[0].actor.at, "ann", 3) == 0);
    CHECK(list[0].calls == 2 && list[0].missing == 3 && list[0].newest_ms == 70);
    CHECK(list[0].call_tokens == 300 && list[0].total_tokens == 450);
    CHECK(list[1].calls == 1 && list[1].call_tokens == 10 && list[1].total_tokens == 0);
    CHECK(counts().call_tokens == 310 && counts().total_tokens == 450);
    end();
}

static void of_too_many_persons_the_newest_are_not_noted(void)
{
    char name[16];

    begin();
    for (int i = 0; i < GH_COVERAGE_ACTORS + 2; i++) {
        snprintf(name, sizeof name, "p%d", i);
        const struct gh_event event = of(name, 10, 0, 1);
        gh_coverage_note(coverage, &event, false);
    }
    CHECK(counts().unwatched == 2);
    const struct gh_event known = of("p0", 10, 0, 1);
    gh_coverage_note(coverage, &known, false);
    CHECK(counts().unwatched == 2);
    end();
}

static const struct gh_test tests[] = {
    GH_TEST(what_comes_in_order_has_lost_nothing_wherever_it_begins),
    GH_TEST(a_gap_is_said_with_the_first_call_a_minute_later),
    GH_TEST(of_lost_records_as_many_are_calls_as_of_those_that_came),
    GH_TEST(what_comes_out_of_turn_or_twice_is_not_lost),
    GH_TEST(what_was_said_too_soon_is_made_good),
    GH_TEST(batches_that_overtake_each_other_are_no_loss),
    GH_TEST(what_comes_later_than_the_window_reaches_stays_lost),
    GH_TEST(a_numbering_that_begins_anew_is_no_loss),
    GH_TEST(sessions_have_nothing_to_do_with_each_other),
    GH_TEST(what_arrived_of_each_person_stands_beside_what_sums_say),
    GH_TEST(of_too_many_persons_the_newest_are_not_noted),
    GH_TEST(more_sessions_than_there_is_room_for_are_counted),
};

GH_TEST_MAIN(tests)
