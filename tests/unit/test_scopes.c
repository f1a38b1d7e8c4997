/* What: options that differ by team and role: which may, who beats whom, until when, and that
 *       no name of few people has any (engine/scopes.c).
 * How:  a company of two teams and two roles, one settled day, and rules written by hand. */
#include "support/engine_kit.h"

enum { ROWS_MAX = 16 };

static struct kit kit;
static struct gh_engine *e;
static struct gh_override row[ROWS_MAX];
static const int64_t for_ever = INT64_MAX, soon = KIT_START + 5 * KIT_DAY;

/* Where "group.option" stands; ends the program if it does not. */
static void option_at(const char *name, uint32_t *group, uint32_t *option)
{
    for (*group = 0; *group < gh_engine_group_count(); ++*group) {
        const struct gh_option_group *g = gh_engine_group_at(*group);
        const size_t size = strlen(g->name);
        for (*option = 0; *option < g->count; ++*option)
            if (strncmp(name, g->name, size) == 0 && name[size] == '.' &&
                strcmp(name + size + 1, g->options[*option].name) == 0)
                return;
    }
    printf("# no option %s\n", name);
    exit(2);
}

static void rule(enum gh_scope scope, const char *who, const char *option, double value)
{
    struct gh_override *o = &row[kit.settings.override_count++];

    *o = (struct gh_override){.scope = scope,
                              .name = {who, (uint32_t)strlen(who)},
                              .until_ms = for_ever,
                              .value = value};
    option_at(option, &o->group, &o->option);
}

static void prepare(void)
{
    kit_prepare(&kit);
    kit.settings.override = row;
}

static void person_say(int64_t at, const char *name, const char *team, const char *role)
{
    kit_say(&kit, at, "'kind':'profile','actor':'%s','team':'%s','role':'%s'", name, team,
            role);
    kit_say(&kit, at, "'actor':'%s','input_tokens':9", name);
}

/* Five of team pay and role dev; five of team ops, of whom four have role sre. */
static void company(void)
{
    char name[8];

    kit_start(&kit);
    e = kit.engine;
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "p%d", i);
        person_say(KIT_START, name, i < 5 ? "pay" : "ops", i < 6 ? "dev" : "sre");
    }
    kit_tick(&kit, KIT_START + 3 * KIT_DAY);
}

static void begin(void)
{
    prepare();
    company();
}

static void configure(void)
{
    CHECK(gh_engine_configure(e, &kit.settings) == GH_OK);
}

/* What holds for the person then. */
static double value_of(const char *name, const char *option, int64_t time_ms)
{
    const struct gh_scoped scoped = gh_scoped_of(e, kit_actor(&kit, name));
    union gh_config room;
    uint32_t group, index;
    double number;
    uint32_t whole;

    option_at(option, &group, &index);
    const struct gh_option *o = &gh_engine_group_at(group)->options[index];
    const unsigned char *at = gh_scoped_group(e, &scoped, group, time_ms, &room);
    if (o->type == GH_OPTION_BOOL)
        return *(const bool *)(at + o->offset);
    memcpy(&number, at + o->offset, sizeof number);
    memcpy(&whole, at + o->offset, sizeof whole);
    return o->type == GH_OPTION_U32 ? whole : number;
}

static const char minutes[] = "agent_loop.alone", usd[] = "incident.warning_usd";

/* --- which options --- */

static void what_holds_for_everybody_has_no_scope(void)
{
    static const char *const own[] = {"review.fewest_usd", "incident.warning_usd",
                                      "incident.critical_usd", "incident.fewest_usd"};
    size_t found = 0;

    for (size_t g = 0; g < GH_GROUP_DETECTORS; g++)
        for (size_t i = 0; i < gh_engine_group_at(g)->count; i++)
            found += gh_option_scopable(g, i);
    CHECK(found == sizeof own / sizeof *own);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        uint32_t group, option;
        option_at(own[i], &group, &option);
        CHECK(gh_option_scopable(group, option));
    }
}

static void every_option_of_a_detector_has_but_its_false_alarms(void)
{
    for (size_t g = GH_GROUP_DETECTORS; g < gh_engine_group_count(); g++) {
        const struct gh_option_group *group = gh_engine_group_at(g);
        CHECK(group->count > GH_DETECTOR_HEAD && group->size <= GH_CONFIG_BYTES);
        CHECK(strcmp(group->options[GH_OPTION_ENABLED].name, "enabled") == 0);
        CHECK(strcmp(group->options[GH_OPTION_FALSE_ALARMS].name, "false_alarms") == 0);
        CHECK(strcmp(group->options[GH_OPTION_FEWEST_USD].name, "fewest_usd") == 0);
        CHECK(group->options[GH_OPTION_ENABLED].offset ==
              offsetof(struct gh_detector_head, enabled));
        CHECK(group->options[GH_OPTION_FALSE_ALARMS].offset ==
              offsetof(struct gh_detector_head, false_alarms));
        CHECK(group->options[GH_OPTION_FEWEST_USD].offset ==
              offsetof(struct gh_detector_head, fewest_usd));
        for (size_t i = 0; i < group->count; i++)
            CHECK(gh_option_scopable(g, i) == (i != GH_OPTION_FALSE_ALARMS));
    }
}

static void an_override_that_is_not_legal_is_refused(void)
{
    static const struct {
        const char *option;
        double value;
    } bad[] = {{"review.alpha", 0.1},          {"agent_loop.false_alarms", 1},
               {"limits.cells", 100},          {"incident.warning_usd", -1},
               {"incident.warning_usd", 1e10}, {"incident.warning_usd", NAN},
               {"agent_loop.enabled", 0.5},    {"runaway.near_bits", 2.5}};

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kit.settings.override_count = 0;
        rule(GH_SCOPE_TEAM, "pay", bad[i].option, bad[i].value);
        CHECK(gh_engine_configure(e, &kit.settings) == GH_ECONFIG);
        struct gh_engine *other = NULL;
        CHECK(gh_engine_new(&other, &kit.setup) == GH_ECONFIG && other == NULL);
    }
    kit.settings.override_count = 0;
    rule(GH_SCOPE_TEAM, "pay", usd, 5);
    row[0].scope = 2;
    CHECK(gh_engine_configure(e, &kit.settings) == GH_ECONFIG);
    row[0].scope = GH_SCOPE_TEAM;
    row[0].option = 99;
    CHECK(gh_engine_configure(e, &kit.settings) == GH_ECONFIG);
    row[0].option = 0;
    row[0].group = (uint32_t)gh_engine_group_count();
    CHECK(gh_engine_configure(e, &kit.settings) == GH_ECONFIG);
    CHECK(value_of("p0", usd, KIT_START) == 100.0);
    kit_close(&kit);
}

/* --- who beats whom --- */

static void a_team_has_its_own_and_others_do_not(void)
{
    begin();
    rule(GH_SCOPE_TEAM, "pay", minutes, 60);
    configure();
    CHECK(value_of("p4", minutes, soon) == 60 && value_of("p5", minutes, soon) == 45);
    CHECK(value_of("p4", usd, soon) == 100.0);
    kit.settings.override_count = 0;
    configure();
    CHECK(value_of("p4", minutes, soon) == 45 && e->scopes.in_force == 0);
    kit_close(&kit);
}

static void the_team_beats_the_role_and_the_last_listed_its_equals(void)
{
    begin();
    rule(GH_SCOPE_TEAM, "pay", minutes, 60);
    rule(GH_SCOPE_ROLE, "dev", minutes, 50);
    rule(GH_SCOPE_ROLE, "dev", usd, 7);
    configure();
    CHECK(value_of("p0", minutes, soon) == 60 && value_of("p5", minutes, soon) == 50);
    CHECK(value_of("p0", usd, soon) == 7.0 && value_of("p6", usd, soon) == 100.0);
    CHECK(value_of("p5", "agent_loop.fewest_usd", soon) == 0); /* another group's */
    rule(GH_SCOPE_TEAM, "pay", minutes, 55);
    rule(GH_SCOPE_ROLE, "dev", minutes, 40);
    configure();
    CHECK(value_of("p0", minutes, soon) == 55 && value_of("p5", minutes, soon) == 40);
    kit_close(&kit);
}

static void a_role_that_is_called_like_a_team_is_another(void)
{
    begin();
    rule(GH_SCOPE_ROLE, "pay", usd, 3);
    rule(GH_SCOPE_TEAM, "pay", usd, 5);
    configure();
    CHECK(value_of("p0", usd, soon) == 5.0 && kit_counters(&kit).overrides_idle == 1);
    kit_close(&kit);
}

static void it_ends_at_the_millisecond(void)
{
    begin();
    rule(GH_SCOPE_ROLE, "dev", minutes, 50);
    rule(GH_SCOPE_TEAM, "pay", minutes, 60);
    row[1].until_ms = soon;
    configure();
    CHECK(value_of("p0", minutes, soon - 1) == 60 && value_of("p0", minutes, soon) == 50);
    kit_close(&kit);
}

/* --- how many people --- */

static void a_name_of_four_people_has_none(void)
{
    begin();
    rule(GH_SCOPE_ROLE, "sre", minutes, 50);
    rule(GH_SCOPE_ROLE, "sre", usd, 7);
    rule(GH_SCOPE_TEAM, "no such", usd, 7);
    rule(GH_SCOPE_TEAM, "ops", usd, 9);
    configure();
    CHECK(value_of("p9", minutes, soon) == 45 && value_of("p9", usd, soon) == 9.0);
    CHECK(kit_counters(&kit).overrides_idle == 3);
    person_say(KIT_START + 3 * KIT_DAY, "new", "ops", "sre");
    kit_tick(&kit, KIT_START + 4 * KIT_DAY);
    CHECK(value_of("p9", minutes, soon) == 45); /* not before the day is settled */
    kit_tick(&kit, KIT_START + 6 * KIT_DAY);
    CHECK(value_of("p9", minutes, soon) == 50 && value_of("new", usd, soon) == 9.0);
    CHECK(kit_counters(&kit).overrides_idle == 1);
    kit_close(&kit);
}

static void what_has_ended_is_not_idle(void)
{
    begin();
    rule(GH_SCOPE_ROLE, "sre", minutes, 50);
    row[0].until_ms = KIT_START + 3 * KIT_DAY;
    configure();
    CHECK(kit_counters(&kit).overrides_idle == 0);
    row[0].until_ms++;
    configure();
    CHECK(kit_counters(&kit).overrides_idle == 1);
    kit_close(&kit);
}

static void machines_and_who_never_worked_are_no_people(void)
{
    begin();
    kit_say(&kit, KIT_START + 3 * KIT_DAY, "'kind':'profile','actor':'p9','account':'service'");
    kit_say(&kit, KIT_START + 3 * KIT_DAY, "'kind':'profile','actor':'idle','team':'ops'");
    kit_tick(&kit, KIT_START + 6 * KIT_DAY);
    rule(GH_SCOPE_TEAM, "ops", usd, 9);
    configure();
    CHECK(value_of("p8", usd, soon) == 100.0 && kit_counters(&kit).overrides_idle == 1);
    kit_close(&kit);
}

static void who_moves_has_what_the_new_team_has(void)
{
    begin();
    rule(GH_SCOPE_TEAM, "pay", minutes, 60);
    rule(GH_SCOPE_TEAM, "ops", minutes, 30);
    configure();
    kit_say(&kit, KIT_START + 3 * KIT_DAY, "'actor':'p0','team':'ops'");
    CHECK(value_of("p0", minutes, soon) == 30); /* at once */
    CHECK(value_of("p1", minutes, soon) == 60); /* of five until the day is settled */
    kit_tick(&kit, KIT_START + 6 * KIT_DAY);
    CHECK(value_of("p1", minutes, soon) == 45 && value_of("p0", minutes, soon) == 30);
    CHECK(kit_counters(&kit).overrides_idle == 1);
    kit_close(&kit);
}

static void what_is_kept_apart_has_none_and_makes_no_team(void)
{
    prepare();
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = GH_SWITCH_ON;
    rule(GH_SCOPE_ROLE, "dev", usd, 7);
    company(); /* nobody showed a key */
    CHECK(kit_counters(&kit).overrides_idle == 1);
    kit.owner = 1;
    for (int i = 0; i < 5; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%d", i);
        person_say(KIT_START + 3 * KIT_DAY, name, "pay", "dev");
    }
    kit_tick(&kit, KIT_START + 6 * KIT_DAY);
    CHECK(kit_counters(&kit).overrides_idle == 0 && value_of("p0", usd, soon) == 7.0);
    const uint32_t apart = gh_who_add_apart(&e->heap, &e->actors, (struct gh_text){"p0", 2});
    const struct gh_scoped scoped = gh_scoped_of(e, gh_actor_of(e, apart));
    CHECK(gh_actor_of(e, apart)->role == kit_actor(&kit, "p0")->role);
    CHECK(!gh_scoped_any(&scoped));
    kit_close(&kit);
}

/* --- that it is read --- */

/* Two agents of the person answer each other alone for a while. */
static void loop(const char *name, int64_t from, int64_t until)
{
    bool back = false;

    for (int64_t at = from; at < until; at += KIT_MINUTE, back = !back)
        kit_say(&kit, at, "'actor':'%s','agent':'%s-%s','caller':'%s-%s','output_tokens':9",
                name, name, back ? "a" : "b", name, back ? "b" : "a");
}

static uint32_t opened(const char *name)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < kit.changes; i++)
        count += kit.change[i].change == GH_OPENED && kit_text_is(kit.change[i].actor, name);
    return count;
}

static void the_fast_path_reads_it_at_the_time_of_the_call(void)
{
    const int64_t from = KIT_START + 3 * KIT_DAY;

    begin();
    rule(GH_SCOPE_TEAM, "pay", minutes, 60);
    rule(GH_SCOPE_TEAM, "ops", "agent_loop.enabled", 0);
    row[0].until_ms = from + 50 * KIT_MINUTE;
    configure();
    loop("p0", from, from + 50 * KIT_MINUTE);
    CHECK(opened("p0") == 0);
    loop("p0", from + 50 * KIT_MINUTE, from + 51 * KIT_MINUTE);
    CHECK(opened("p0") == 1);
    loop("p9", from + 101 * KIT_MINUTE, from + 300 * KIT_MINUTE);
    CHECK(opened("p9") == 0);
    kit_close(&kit);
}

static void a_severity_goes_by_the_team(void)
{
    const int64_t from = KIT_START + 3 * KIT_DAY;

    begin();
    rule(GH_SCOPE_TEAM, "pay", usd, 0);
    configure();
    loop("p0", from, from + 50 * KIT_MINUTE);
    loop("p9", from + 50 * KIT_MINUTE, from + 100 * KIT_MINUTE);
    CHECK(kit.changes == 2 && opened("p0") == 1 && opened("p9") == 1);
    CHECK(kit.change[0].severity == GH_WARNING && kit.change[1].severity == GH_NOTICE);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(what_holds_for_everybody_has_no_scope),
    GH_TEST(every_option_of_a_detector_has_but_its_false_alarms),
    GH_TEST(an_override_that_is_not_legal_is_refused),
    GH_TEST(a_team_has_its_own_and_others_do_not),
    GH_TEST(the_team_beats_the_role_and_the_last_listed_its_equals),
    GH_TEST(a_role_that_is_called_like_a_team_is_another),
    GH_TEST(it_ends_at_the_millisecond),
    GH_TEST(a_name_of_four_people_has_none),
    GH_TEST(what_has_ended_is_not_idle),
    GH_TEST(machines_and_who_never_worked_are_no_people),
    GH_TEST(who_moves_has_what_the_new_team_has),
    GH_TEST(what_is_kept_apart_has_none_and_makes_no_team),
    GH_TEST(the_fast_path_reads_it_at_the_time_of_the_call),
    GH_TEST(a_severity_goes_by_the_team),
};

GH_TEST_MAIN(tests)
