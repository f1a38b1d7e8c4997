/* What: names become numbers: teams, agents and whose they are, limits (engine/front.c).
 * How:  short streams by hand, reading what reached which person. */
#include "support/engine_kit.h"

static struct kit kit;

static void begin(void)
{
    kit_prepare(&kit);
    kit.setup.shards = 3;
    kit_start(&kit);
}

static struct gh_answer hop(int64_t ts_ms, const char *actor, const char *agent,
                            const char *caller)
{
    return kit_say(&kit, ts_ms, "'actor':'%s','agent':'%s','caller':'%s','output_tokens':10",
                   actor, agent, caller);
}

/* Whether anything of today reached this person. */
static bool reached(const char *actor)
{
    return kit_day(&kit, actor, KIT_START + KIT_DAY) != NULL;
}

/* Yesterday ann used agent a, bob agent b; today only bob calls. */
static void yesterday(void)
{
    begin();
    kit_say(&kit, KIT_START, "'actor':'ann','agent':'a'");
    kit_say(&kit, KIT_START, "'actor':'bob','agent':'b'");
    kit_tick(&kit, KIT_START + KIT_DAY);
}

static void an_answer_to_somebodys_agent_reaches_them_as_a_foreign_call(void)
{
    yesterday();
    hop(KIT_START + KIT_DAY, "bob", "b", "a");
    CHECK(reached("ann") && reached("bob"));
    CHECK(kit_day(&kit, "ann", KIT_START + KIT_DAY)->calls == 0);
    CHECK(kit_day(&kit, "ann", KIT_START + KIT_DAY)->tokens == 0.0);
    CHECK(kit_day(&kit, "bob", KIT_START + KIT_DAY)->calls == 1);
    kit_close(&kit);
}

static void an_agent_that_served_two_is_nobodys(void)
{
    yesterday();
    kit_say(&kit, KIT_START + KIT_DAY, "'actor':'cat','agent':'a'");
    hop(KIT_START + KIT_DAY, "bob", "b", "a");
    CHECK(!reached("ann"));
    kit_say(&kit, KIT_START + KIT_DAY, "'actor':'ann','agent':'a'"); /* and it stays so */
    hop(KIT_START + KIT_DAY, "bob", "b", "a");
    CHECK(kit_day(&kit, "ann", KIT_START + KIT_DAY)->calls == 1);
    kit_close(&kit);
}

static void an_agent_nobody_has_used_is_nobodys(void)
{
    yesterday();
    hop(KIT_START + KIT_DAY, "bob", "b", "unheard of");
    hop(KIT_START + KIT_DAY, "bob", "b", "b");
    CHECK(!reached("ann"));
    kit_close(&kit);
}

static void a_call_inside_an_experiment_reaches_nobody_else(void)
{
    yesterday();
    kit_say(&kit, KIT_START + KIT_DAY,
            "'kind':'experiment','actor':'bob','experiment':'x','from':0,'until':%lld",
            (long long)(KIT_START + 9 * KIT_DAY));
    hop(KIT_START + KIT_DAY, "bob", "b", "a");
    CHECK(!reached("ann"));
    kit_close(&kit);
}

/* Both have a finding, each about their own tokens. */
static void an_exchange_of_two_peoples_agents_is_told_to_both(void)
{
    begin();
    for (int64_t i = 0; i < 60; i++)
        hop(KIT_START + i * KIT_MINUTE, i % 2 ? "ann" : "bob", i % 2 ? "a" : "b",
            i % 2 ? "b" : "a");
    uint32_t ann = 0, bob = 0;
    for (uint32_t i = 0; i < kit.changes; i++) {
        const struct gh_finding *f = &kit.change[i];
        ann += f->change == GH_OPENED && kit_text_is(f->actor, "ann");
        bob += f->change == GH_OPENED && kit_text_is(f->actor, "bob");
        CHECK(f->tokens > 200.0 && f->tokens < 300.0); /* of 450 to 600 */
    }
    CHECK(ann == 1 && bob == 1);
    kit_close(&kit);
}

static void the_team_is_the_one_told_last(void)
{
    begin();
    kit_say(&kit, KIT_START, "'actor':'ann'");
    CHECK(kit_actor(&kit, "ann")->team == 0);
    kit_say(&kit, KIT_START, "'actor':'ann','team':'red'");
    kit_say(&kit, KIT_START, "'actor':'ann'");
    const uint32_t red = kit_actor(&kit, "ann")->team;
    CHECK(kit_text_is(gh_intern_text(&kit.engine->teams, red), "red"));
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'ann','role':'engineer'");
    CHECK(kit_actor(&kit, "ann")->team == red); /* a profile without a team changes none */
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'ann','team':'blue'");
    CHECK(kit_actor(&kit, "ann")->team != red && kit_counters(&kit).teams == 2);
    kit_close(&kit);
}

static void what_a_profile_does_not_tell_stays(void)
{
    begin();
    kit_say(&kit, KIT_START,
            "'kind':'profile','actor':'ann','account':'service','timezone':'Europe/Berlin',"
            "'workdays':'Mon-Fri','hours':'09:00-17:00','role':'engineer','manager':'mia'");
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'ann','hours':'22:00-06:00'");
    const struct gh_actor *a = kit_actor(&kit, "ann");
    CHECK(a->account == GH_SERVICE && a->zone != 0 && a->workdays == 0x1f);
    CHECK(a->hours.from_min == 22 * 60 && a->hours.until_min == 6 * 60);
    CHECK(a->role != 0 && a->manager != 0);
    kit_close(&kit);
}

static void past_the_limit_of_actors_others_are_refused(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->actors = 2;
    kit_start(&kit);
    CHECK(hop(KIT_START, "ann", "a", "b").outcome == GH_APPLIED);
    CHECK(hop(KIT_START, "bob", "a", "b").outcome == GH_APPLIED);
    const struct gh_answer answer = hop(KIT_START, "cat", "a", "b");
    CHECK(answer.outcome == GH_REFUSED && answer.refusal == GH_REFUSED_LIMIT);
    CHECK(hop(KIT_START, "ann", "a", "b").outcome == GH_APPLIED);
    CHECK(kit_counters(&kit).actors == 2 && kit_counters(&kit).tokens == 30.0);
    CHECK(kit_counters(&kit).cost_unknown == 3);
    kit_close(&kit);
}

static void past_the_limit_of_names_events_count_without_them(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->names = 16;
    kit_start(&kit);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        CHECK(hop(KIT_START, "ann", name, "n0").outcome == GH_APPLIED);
    }
    CHECK(kit_day(&kit, "ann", KIT_START)->calls == 40);
    kit_close(&kit);
}

static void past_the_limit_of_cells_what_is_not_watched_is_counted(void)
{
    kit_prepare(&kit);
    kit.setup.shards = 1;
    KIT_SET(&kit, LIMITS, limits)->cells = 64;
    kit_start(&kit);
    for (int i = 0; i < 64; i++)
        kit_say(&kit, KIT_START, "'actor':'ann','session':'s%d','input_tokens':1", i);
    CHECK(kit_counters(&kit).cells_refused == 0);
    kit_say(&kit, KIT_START, "'actor':'ann','session':'s0','input_tokens':1");
    CHECK(kit_counters(&kit).cells_refused == 0);
    kit_say(&kit, KIT_START, "'actor':'ann','session':'one too many','input_tokens':1");
    CHECK(kit_counters(&kit).cells_refused > 0 && kit_counters(&kit).applied == 66);
    kit_close(&kit);
}

/* Days of a past that some structural detector has of ann. */
static float past_weight(void)
{
    struct gh_actor *ann = kit_actor(&kit, "ann");
    float most = 0.0F;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        for (uint32_t i = 0; gh_structural(d) && i < gh_parts(d); i++)
            most = fmaxf(most, gh_actor_evidence(kit.engine, ann, d)->past[i].weight);
    return most;
}

static void days_of_work(int days)
{
    for (int day = 0; day < days; day++)
        for (int i = 0; i < 12; i++)
            kit_say(&kit, KIT_START + day * KIT_DAY + i * KIT_HOUR,
                    "'actor':'ann','agent':'bot','origin':'interactive','model':'m',"
                    "'input_tokens':5000,'output_tokens':100");
    kit_tick(&kit, KIT_START + days * KIT_DAY + 13 * KIT_HOUR);
}

static void another_role_is_other_work_and_the_past_says_nothing_about_it(void)
{
    kit_open(&kit);
    days_of_work(12);
    const struct gh_actor *ann = kit_actor(&kit, "ann");
    CHECK(ann->active_days == 12 && past_weight() > 5.0F && ann->usual_weight > 0.0);
    kit_say(&kit, kit.engine->newest_ms, "'kind':'profile','actor':'ann','role':'engineer'");
    kit_say(&kit, kit.engine->newest_ms, "'kind':'profile','actor':'ann','role':'engineer'");
    CHECK(ann->active_days == 12 && past_weight() > 5.0F); /* told for the first time; again */
    kit_say(&kit, kit.engine->newest_ms, "'kind':'profile','actor':'ann','role':'designer'");
    CHECK(ann->active_days == 0 && past_weight() == 0.0F && ann->usual_weight == 0.0);
    CHECK(ann->past_usd == 0.0 && ann->gate_usd == 0.0);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const unsigned char *state = gh_actor_state(kit.engine, kit_actor(&kit, "ann"), d);
        for (size_t i = 0; i < gh_detectors[d]->actor_size; i++)
            CHECK(state[i] == 0);
    }
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(another_role_is_other_work_and_the_past_says_nothing_about_it),
    GH_TEST(an_answer_to_somebodys_agent_reaches_them_as_a_foreign_call),
    GH_TEST(an_agent_that_served_two_is_nobodys),
    GH_TEST(an_agent_nobody_has_used_is_nobodys),
    GH_TEST(a_call_inside_an_experiment_reaches_nobody_else),
    GH_TEST(an_exchange_of_two_peoples_agents_is_told_to_both),
    GH_TEST(the_team_is_the_one_told_last),
    GH_TEST(what_a_profile_does_not_tell_stays),
    GH_TEST(past_the_limit_of_actors_others_are_refused),
    GH_TEST(past_the_limit_of_names_events_count_without_them),
    GH_TEST(past_the_limit_of_cells_what_is_not_watched_is_counted),
};

GH_TEST_MAIN(tests)
