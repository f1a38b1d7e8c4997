/* What: what the engine hands to context detectors: targets and schedules, what others
 *       share on the same date, who ends just above a target, the session of an output.
 * How:  small companies by hand, in shards, reading days and findings. */
#include "support/engine_kit.h"

static struct kit kit;

static void begin(void)
{
    kit_prepare(&kit);
    kit.setup.shards = 3;
    kit_start(&kit);
}

static struct gh_quota target_of(const char *actor, int day)
{
    kit_tick(&kit, KIT_START + day * KIT_DAY);
    kit_say(&kit, KIT_START + day * KIT_DAY, "'actor':'%s','team':'t','output_tokens':10",
            actor);
    return kit_day(&kit, actor, KIT_START + day * KIT_DAY)->quota;
}

static void targets_are_ones_own_else_the_teams_and_the_newest(void)
{
    begin();
    kit_say(&kit, KIT_START, "'kind':'quota','team':'t','period':'month','tokens':70");
    kit_say(&kit, KIT_START, "'kind':'quota','actor':'ann','period':'week','cost_usd':5");
    kit_say(&kit, KIT_START, "'kind':'quota','actor':'ann','period':'day','cost_usd':6");
    const struct gh_quota ann = target_of("ann", 0), bob = target_of("bob", 0);
    CHECK(ann.period == GH_DAY && ann.cost_usd == 6.0 && ann.tokens == 0.0);
    CHECK(bob.period == GH_MONTH && bob.tokens == 70.0 && bob.cost_usd == 0.0);
    kit_close(&kit);
}

static void a_target_holds_from_the_next_day_on(void)
{
    begin();
    CHECK(target_of("ann", 0).tokens == 0.0);
    kit_say(&kit, KIT_START, "'kind':'quota','actor':'ann','period':'week','tokens':9");
    CHECK(target_of("ann", 0).tokens == 0.0);
    CHECK(target_of("ann", 1).tokens == 9.0);
    kit_close(&kit);
}

static uint32_t told_of(const char *actor)
{
    return kit_day(&kit, actor, KIT_START)->schedule;
}

/* Fast paths look at the day while it runs: a schedule from before it, and one that comes
 * when it has begun, of the person and of the team. */
static void a_running_day_knows_its_schedule(void)
{
    begin();
    kit_say(&kit, KIT_START,
            "'kind':'schedule','actor':'ann','type':'on_call','from':%lld,'until':%lld",
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY));
    kit_say(&kit, KIT_START, "'actor':'ann','team':'red'");
    kit_say(&kit, KIT_START, "'actor':'bob','team':'red'");
    kit_say(&kit, KIT_START, "'actor':'cyd','team':'blue'");
    CHECK(told_of("ann") == 1u << GH_ON_CALL);
    CHECK(told_of("bob") == 0 && told_of("cyd") == 0);
    kit_say(&kit, KIT_START + KIT_HOUR,
            "'kind':'schedule','team':'red','type':'crunch','from':%lld,'until':%lld",
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY));
    kit_say(&kit, KIT_START + KIT_HOUR,
            "'kind':'schedule','actor':'cyd','type':'leave','from':%lld,'until':%lld",
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY));
    CHECK(told_of("ann") == (1u << GH_ON_CALL | 1u << GH_CRUNCH));
    CHECK(told_of("bob") == 1u << GH_CRUNCH);
    CHECK(told_of("cyd") == 1u << GH_LEAVE);
    kit_close(&kit);
}

static uint32_t findings_of(const char *detector)
{
    uint32_t opened = 0;

    for (uint32_t i = 0; i < kit.changes; i++)
        opened +=
            kit.change[i].change == GH_OPENED && strcmp(kit.change[i].detector, detector) == 0;
    return opened;
}

/* Twenty people of one team, a million tokens a day each; from day `from` on the first
 * `risen` of them ten times as many. */
static void company(int days, int from, int risen)
{
    begin();
    for (int day = 0; day < days; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 9 * KIT_HOUR);
        for (int i = 0; i < 20; i++)
            kit_say(&kit, KIT_START + day * KIT_DAY + (9 * 60 + i) * KIT_MINUTE,
                    "'actor':'p%d','team':'t','output_tokens':%d", i,
                    day >= from && i < risen ? 10000000 : 1000000);
    }
    kit_tick(&kit, KIT_START + (days + 2) * KIT_DAY);
}

static void one_who_spends_more_day_after_day_is_told_of(void)
{
    company(40, 30, 1);
    CHECK(findings_of("spend_shift") == 1);
    CHECK(kit.changes > 0 && kit_text_is(kit.change[0].actor, "p0"));
    kit_close(&kit);
}

static void a_whole_team_that_spends_more_is_no_finding(void)
{
    company(40, 30, 20);
    CHECK(findings_of("spend_shift") == 0);
    kit_close(&kit);
}

/* People with the same weekly target; `above` of them end just above it by what they do on
 * the last day, the others just below. */
static void bunch(int above, int below)
{
    begin();
    kit_say(&kit, KIT_START, "'kind':'quota','team':'t','period':'week','tokens':10000000");
    for (int day = 0; day < 28; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 20 * KIT_HOUR);
        for (int i = 0; i < above + below; i++) {
            const bool last = day == 27;
            kit_say(&kit, KIT_START + day * KIT_DAY + (20 * 60 + i) * KIT_MINUTE,
                    "'actor':'p%d','team':'t','output_tokens':%d", i,
                    last ? (i < above ? 9420000 : 9300000) : 100000);
        }
    }
    kit_tick(&kit, KIT_START + 30 * KIT_DAY);
}

static void who_ends_just_above_is_counted_over_all_shards(void)
{
    bunch(14, 2);
    const struct gh_finding *told = NULL;
    for (uint32_t i = 0; i < kit.changes; i++)
        if (strcmp(kit.change[i].detector, "quota_chasing") == 0 &&
            kit.change[i].fact[2].value > 0)
            told = &kit.change[i];
    CHECK(told != NULL);
    if (told != NULL) {
        CHECK(told->fact[2].value == 14.0 && told->fact[2].expected == 8.0);
        CHECK_NEAR(told->fact[3].value, gh_binomial_above(14, 16, 0.58), 1e-12);
    }
    kit_close(&kit);
}

static void stuck_agent(bool artifacts)
{
    begin();
    kit_say(&kit, KIT_START, "'actor':'ann','session':'s','agent':'a','user_tokens':9");
    for (int i = 1; i < 60; i++) {
        kit_say(&kit, KIT_START + i * 20000,
                "'actor':'ann','session':'s','agent':'a','prompt_hash':'00000000000000ff',"
                "'response_hash':'00000000000000f0','output_tokens':100");
        if (artifacts && i % 6 == 0)
            kit_say(&kit, KIT_START + i * 20000,
                    "'kind':'output','actor':'ann','session':'s','artifact':'commit'");
    }
}

static void a_stuck_agent_is_told_of_within_ten_minutes(void)
{
    stuck_agent(false);
    CHECK(findings_of("runaway") == 1);
    CHECK(kit.changes > 0 && kit.change[0].time_ms <= KIT_START + 10 * KIT_MINUTE);
    CHECK(kit.changes > 0 && kit.change[0].track == GH_INCIDENT);
    kit_close(&kit);
}

static void an_agent_that_gets_things_accepted_is_not_stuck(void)
{
    stuck_agent(true);
    CHECK(findings_of("runaway") == 0);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(targets_are_ones_own_else_the_teams_and_the_newest),
    GH_TEST(a_target_holds_from_the_next_day_on),
    GH_TEST(a_running_day_knows_its_schedule),
    GH_TEST(one_who_spends_more_day_after_day_is_told_of),
    GH_TEST(a_whole_team_that_spends_more_is_no_finding),
    GH_TEST(who_ends_just_above_is_counted_over_all_shards),
    GH_TEST(a_stuck_agent_is_told_of_within_ten_minutes),
    GH_TEST(an_agent_that_gets_things_accepted_is_not_stuck),
};

GH_TEST_MAIN(tests)
