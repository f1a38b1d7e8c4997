/* What: declared exploration: which calls it covers, until when and until what sum
 *       (engine/experiments.c).
 * How:  declarations and calls by hand, reading what the day counts as exempt. */
#include "support/engine_kit.h"

static struct kit kit;

/* Declares for `who`: "'actor':'ann'" or "'team':'red'"; whole first day by default. */
static void declare(const char *who, const char *name, const char *budget)
{
    kit_say(&kit, KIT_START,
            "'kind':'experiment',%s,'experiment':'%s','from':%lld,'until':%lld%s", who, name,
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY), budget);
}

/* Whether a call of 100 tokens and one dollar is covered. */
static bool covered(const char *actor, int64_t ts_ms, const char *rest)
{
    if (ts_ms > kit.engine->newest_ms + KIT_HOUR)
        kit_tick(&kit, ts_ms);
    const struct gh_day *day = kit_day(&kit, actor, ts_ms);
    const double before = day != NULL ? day->exempt_tokens : 0.0;
    kit_say(&kit, ts_ms, "'actor':'%s','output_tokens':100,'cost_usd':1%s", actor, rest);
    day = kit_day(&kit, actor, ts_ms);
    return day->exempt_tokens == before + 100.0;
}

static void begin(void)
{
    kit_prepare(&kit);
    kit.setup.shards = 4;
    kit_start(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann','team':'red'");
    kit_say(&kit, KIT_START, "'actor':'bob','team':'red'");
    kit_say(&kit, KIT_START, "'actor':'cat','team':'blue'");
}

static void calls_are_covered_from_the_start_and_before_the_end(void)
{
    begin();
    kit_say(&kit, KIT_START,
            "'kind':'experiment','actor':'ann','experiment':'x','from':%lld,'until':%lld",
            (long long)(KIT_START + 1000), (long long)(KIT_START + 2000));
    CHECK(!covered("ann", KIT_START + 999, ",'experiment':'x'"));
    CHECK(covered("ann", KIT_START + 1000, ",'experiment':'x'"));
    CHECK(covered("ann", KIT_START + 1999, ",'experiment':'x'"));
    CHECK(!covered("ann", KIT_START + 2000, ",'experiment':'x'"));
    kit_close(&kit);
}

static void what_is_covered_reaches_no_detector_and_counts_apart(void)
{
    begin();
    declare("'actor':'ann'", "x", "");
    CHECK(covered("ann", KIT_START, ",'experiment':'x'"));
    const struct gh_day *day = kit_day(&kit, "ann", KIT_START);
    CHECK(day->calls == 1 && day->tokens == 0.0 && day->exempt_cost_usd == 1.0);
    CHECK(kit_text_is(gh_intern_text(&kit.engine->names, day->experiment), "x"));
    CHECK(kit_counters(&kit).tokens == 100.0 && kit_counters(&kit).cost_usd == 1.0);
    kit_close(&kit);
}

static void a_budget_in_dollars_covers_until_it_is_spent(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_usd':2.5");
    for (int i = 0; i < 6; i++) /* the call that crosses the sum is still covered */
        CHECK(covered("ann", KIT_START, ",'experiment':'x'") == (i < 3));
    kit_close(&kit);
}

static void a_budget_in_tokens_covers_until_it_is_spent(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_tokens':200");
    for (int i = 0; i < 6; i++)
        CHECK(covered("ann", KIT_START, ",'experiment':'x'") == (i < 2));
    kit_close(&kit);
}

static void with_two_budgets_the_first_that_is_spent_counts(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_tokens':1000,'budget_usd':1");
    CHECK(covered("ann", KIT_START, ",'experiment':'x'"));
    CHECK(!covered("ann", KIT_START, ",'experiment':'x'"));
    kit_close(&kit);
}

static void a_budget_of_nothing_covers_nothing(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_usd':0");
    CHECK(!covered("ann", KIT_START, ",'experiment':'x'"));
    kit_close(&kit);
}

static void a_budget_of_a_team_is_shared_over_all_shards(void)
{
    int calls = 0;

    begin();
    declare("'team':'red'", "x", ",'budget_tokens':1000");
    for (int i = 0; i < 20; i++) {
        calls += covered("ann", KIT_START, ",'team':'red','experiment':'x'");
        calls += covered("bob", KIT_START, ",'experiment':'x'"); /* the team is known */
        CHECK(!covered("cat", KIT_START, ",'experiment':'x'"));
    }
    CHECK(calls == 10);
    kit_close(&kit);
}

static void a_tag_that_nobody_declared_covers_nothing(void)
{
    begin();
    declare("'actor':'ann'", "x", "");
    CHECK(!covered("ann", KIT_START, ",'experiment':'y'"));
    CHECK(!covered("bob", KIT_START, ",'experiment':'x'")); /* ann's */
    kit_close(&kit);
}

/* Many sources cannot tag a call. A team's needs the tag: it must not swallow everything
 * that its members do. */
static void calls_without_a_tag_are_covered_by_the_persons_own(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_tokens':100");
    declare("'team':'red'", "all", "");
    CHECK(covered("ann", KIT_START, ""));
    CHECK(!covered("ann", KIT_START, ""));
    CHECK(!covered("bob", KIT_START, ""));
    declare("'actor':'ann'", "newer", "");
    CHECK(covered("ann", KIT_START, ""));
    kit_close(&kit);
}

static void one_that_is_declared_for_later_does_not_end_the_present_one(void)
{
    begin();
    declare("'actor':'ann'", "x", "");
    kit_say(&kit, KIT_START,
            "'kind':'experiment','actor':'ann','experiment':'later','from':%lld,'until':%lld",
            (long long)(KIT_START + 7 * KIT_DAY), (long long)(KIT_START + 8 * KIT_DAY));
    CHECK(covered("ann", KIT_START, ""));
    kit_close(&kit);
}

static void declared_again_it_keeps_what_has_been_spent(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_tokens':200");
    CHECK(covered("ann", KIT_START, ",'experiment':'x'"));
    declare("'actor':'ann'", "x", ",'budget_tokens':300");
    CHECK(covered("ann", KIT_START, ",'experiment':'x'"));
    CHECK(covered("ann", KIT_START, ",'experiment':'x'"));
    CHECK(!covered("ann", KIT_START, ",'experiment':'x'"));
    kit_close(&kit);
}

static void a_call_of_unknown_cost_spends_tokens_only(void)
{
    begin();
    declare("'actor':'ann'", "x", ",'budget_usd':1,'budget_tokens':1000000");
    for (int i = 0; i < 10; i++)
        kit_say(&kit, KIT_START, "'actor':'ann','output_tokens':5,'experiment':'x'");
    CHECK(kit_day(&kit, "ann", KIT_START)->exempt_tokens == 50.0);
    CHECK(kit_day(&kit, "ann", KIT_START)->exempt_cost_usd == 0.0);
    kit_close(&kit);
}

static void past_the_limit_declarations_are_refused(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->experiments = 2;
    kit_start(&kit);
    uint32_t refused = 0;
    for (int i = 0; i < 10; i++)
        refused +=
            kit_say(&kit, KIT_START,
                    "'kind':'experiment','team':'t%d','experiment':'x','from':0,'until':1", i)
                .outcome == GH_REFUSED;
    CHECK(refused == 6); /* room for two cells each: one of a name, one of the newest */
    CHECK(kit_counters(&kit).refused_by[GH_REFUSED_LIMIT] == refused);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(calls_are_covered_from_the_start_and_before_the_end),
    GH_TEST(what_is_covered_reaches_no_detector_and_counts_apart),
    GH_TEST(a_budget_in_dollars_covers_until_it_is_spent),
    GH_TEST(a_budget_in_tokens_covers_until_it_is_spent),
    GH_TEST(with_two_budgets_the_first_that_is_spent_counts),
    GH_TEST(a_budget_of_nothing_covers_nothing),
    GH_TEST(a_budget_of_a_team_is_shared_over_all_shards),
    GH_TEST(a_tag_that_nobody_declared_covers_nothing),
    GH_TEST(calls_without_a_tag_are_covered_by_the_persons_own),
    GH_TEST(one_that_is_declared_for_later_does_not_end_the_present_one),
    GH_TEST(declared_again_it_keeps_what_has_been_spent),
    GH_TEST(a_call_of_unknown_cost_spends_tokens_only),
    GH_TEST(past_the_limit_declarations_are_refused),
};

GH_TEST_MAIN(tests)
