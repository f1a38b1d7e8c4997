/* What: what came with a key and what anybody may have said (engine/provenance.c): what a
 *       finding tells of it, how severe it may be, whose an id is, who is kept apart.
 * How:  short streams by hand, of two owners and of nobody; episodes made up here. */
#include "support/engine_kit.h"

static struct kit kit;
static uint32_t loops;

enum { NOBODY, ANNS, BOBS }; /* owners */

static void begin(enum gh_switch_value required)
{
    kit_prepare(&kit);
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = required;
    kit_start(&kit);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
}

static enum gh_outcome named(uint64_t owner, int64_t ts_ms, const char *id)
{
    kit.owner = owner;
    return (enum gh_outcome)kit_say(&kit, ts_ms, "'id':'%s','actor':'ann','output_tokens':1",
                                    id)
        .outcome;
}

static void an_owner_is_the_same_number_for_the_same_name_and_never_nobody(void)
{
    CHECK(gh_owner_of((struct gh_text){NULL, 0}) == 0);
    CHECK(gh_owner_of((struct gh_text){"", 0}) == 0);
    CHECK(gh_owner_of((struct gh_text){"ann", 3}) == gh_owner_of((struct gh_text){"anna", 3}));
    CHECK(gh_owner_of((struct gh_text){"ann", 3}) != gh_owner_of((struct gh_text){"bob", 3}));
    CHECK(gh_owner_of((struct gh_text){"ann", 3}) != 0);
}

/* Who says an id before its owner does takes nothing away from them. */
static void an_id_is_its_owners(void)
{
    begin(GH_SWITCH_OFF);
    CHECK(named(BOBS, KIT_START, "x") == GH_APPLIED);
    CHECK(named(NOBODY, KIT_START, "x") == GH_APPLIED);
    CHECK(named(ANNS, KIT_START, "x") == GH_APPLIED);
    for (uint64_t owner = NOBODY; owner <= BOBS; owner++)
        CHECK(named(owner, KIT_START, "x") == GH_DUPLICATE);
    const int64_t ahead = KIT_START + 2 * KIT_HOUR;
    CHECK(named(BOBS, ahead, "y") == GH_HELD);
    CHECK(named(ANNS, ahead, "y") == GH_HELD);
    CHECK(named(ANNS, ahead, "y") == GH_DUPLICATE);
    const struct gh_counters c = kit_counters(&kit);
    CHECK(c.authenticated == 2 && c.kept_apart == 0 && c.actors == 1);
    kit_close(&kit);
}

/* Two agents of ann talk to each other; every `nobodys`-th word came without a key. */
static void loop(int64_t from, uint32_t words, uint32_t nobodys)
{
    for (uint32_t i = 0; i < words; i++) {
        kit.owner = nobodys != 0 && i % nobodys == 0 ? NOBODY : ANNS;
        kit_say(&kit, from + i * KIT_MINUTE,
                "'actor':'ann','team':'t','agent':'%s','caller':'%s','output_tokens':9",
                i % 2 ? "a" : "b", i % 2 ? "b" : "a");
    }
}

static const struct gh_finding *newest(void)
{
    CHECK(kit.changes > 0);
    return &kit.change[kit.changes > 0 ? kit.changes - 1 : 0];
}

static void a_finding_tells_which_part_of_its_events_came_with_a_key(void)
{
    static const struct {
        uint32_t nobodys;
        enum gh_provenance provenance;
        double share;
    } row[] = {{0, GH_AUTHENTICATED, 1.0}, {1, GH_SELF_REPORTED, 0.0}, {4, GH_MIXED, 0.75}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin(GH_SWITCH_OFF);
        loop(KIT_START, 64, row[i].nobodys);
        CHECK(newest()->provenance == row[i].provenance);
        CHECK_NEAR(newest()->authenticated_share, row[i].share, 0.02);
        kit_close(&kit);
    }
}

/* Warning from 100 dollars on, critical from 1000 on. */
static void only_what_is_authenticated_as_a_whole_is_ever_critical(void)
{
    static const struct {
        enum gh_track track;
        uint32_t told, vouched;
        double usd;
        enum gh_severity severity;
    } row[] = {
        {GH_INCIDENT, 9, 9, 99, GH_NOTICE},   {GH_INCIDENT, 9, 0, 1e9, GH_WARNING},
        {GH_INCIDENT, 9, 9, 999, GH_WARNING}, {GH_INCIDENT, 9, 8, 1e9, GH_WARNING},
        {GH_REVIEW, 9, 9, 1, GH_WARNING},     {GH_INCIDENT, 9, 9, 1000, GH_CRITICAL},
        {GH_REVIEW, 9, 0, 1e9, GH_WARNING},   {GH_REVIEW, 9, 9, 1000, GH_CRITICAL},
        {GH_CASE, 9, 8, 1e9, GH_WARNING},     {GH_CASE, 9, 9, 1000, GH_CRITICAL},
        {GH_CASE, 0, 0, 1e9, GH_WARNING},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin(GH_SWITCH_OFF);
        named(ANNS, KIT_START, "x");
        const struct gh_episode episode = {.days = 1,
                                           .told = row[i].told,
                                           .vouched = row[i].vouched,
                                           .tokens = 10,
                                           .excess_tokens = 10,
                                           .excess_cost_usd = row[i].usd};
        gh_finding_raise(kit.engine, &(struct gh_raise){.actor = 1,
                                                        .detector = loops,
                                                        .track = row[i].track,
                                                        .time_ms = KIT_START,
                                                        .episode = &episode});
        kit_drain(&kit);
        CHECK(newest()->severity == row[i].severity);
        kit_close(&kit);
    }
}

/* --- kept apart --- */

static const struct gh_actor *apart(const char *name)
{
    char marked[64];

    snprintf(marked, sizeof marked, "%s\x01", name);
    return kit_actor(&kit, marked);
}

static void what_is_kept_apart_has_its_own_person_team_and_day(void)
{
    begin(GH_SWITCH_ON);
    loop(KIT_START, 8, 2);
    CHECK(kit_day(&kit, "ann", KIT_START)->calls == 4);
    CHECK(kit_day(&kit, "ann", KIT_START)->vouched == 4);
    CHECK(apart("ann")->apart && !kit_actor(&kit, "ann")->apart);
    CHECK(apart("ann")->team != kit_actor(&kit, "ann")->team);
    kit.owner = NOBODY;
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'ann','role':'r','account':'service'");
    CHECK(kit_actor(&kit, "ann")->account == GH_HUMAN && kit_actor(&kit, "ann")->role == 0);
    CHECK(apart("ann")->account == GH_SERVICE && kit.engine->cohorts == 1);
    const struct gh_counters c = kit_counters(&kit);
    CHECK(c.kept_apart == 5 && c.authenticated == 4 && c.actors == 2 && c.teams == 2);
    kit_close(&kit);
}

/* Off and left to itself are the same: only the shell knows of keys. */
static void nothing_is_kept_apart_unless_it_is_asked_for(void)
{
    for (int i = 0; i < 2; i++) {
        begin(i == 0 ? GH_SWITCH_OFF : GH_SWITCH_AUTO);
        loop(KIT_START, 8, 2);
        CHECK(kit_day(&kit, "ann", KIT_START)->calls == 8);
        CHECK(kit_day(&kit, "ann", KIT_START)->told == 8);
        CHECK(kit_day(&kit, "ann", KIT_START)->vouched == 4);
        CHECK(kit_counters(&kit).actors == 1 && kit_counters(&kit).kept_apart == 0);
        kit_close(&kit);
    }
}

/* Bob answers ann's agent, which another has called without a key. */
static void an_agent_is_whose_it_is_among_what_came_with_a_key(void)
{
    for (int i = 0; i < 2; i++) {
        begin(i == 0 ? GH_SWITCH_ON : GH_SWITCH_OFF);
        kit.owner = ANNS;
        kit_say(&kit, KIT_START, "'actor':'ann','agent':'a'");
        kit.owner = NOBODY;
        kit_say(&kit, KIT_START, "'actor':'cat','agent':'a'");
        kit.owner = BOBS;
        kit_say(&kit, KIT_START, "'actor':'bob','agent':'b','caller':'a'");
        CHECK(kit_day(&kit, "ann", KIT_START)->calls == 1);
        CHECK(kit_day(&kit, "ann", KIT_START)->told == (i == 0 ? 2 : 1));
        kit_close(&kit);
    }
}

/* Who changed their model alike share a group: that must not hang on who else is named. */
static void models_are_grouped_by_their_names_alone(void)
{
    uint32_t pair[2];

    for (uint32_t names = 0; names < 2; names++) {
        begin(GH_SWITCH_ON);
        kit.owner = NOBODY;
        for (uint32_t i = 0; i < names; i++)
            kit_say(&kit, KIT_START, "'actor':'cat','agent':'other %u'", i);
        kit.owner = ANNS;
        kit_say(&kit, KIT_START, "'actor':'ann','model':'usual'");
        struct gh_actor ann = *kit_actor(&kit, "ann");
        struct gh_day day = *kit_day(&kit, "ann", KIT_START);
        gh_model_pair(kit.engine, &ann, &day);
        kit_say(&kit, KIT_START, "'actor':'bob','model':'fresh'");
        day.model = kit_day(&kit, "bob", KIT_START)->model;
        CHECK(day.model != ann.model);
        pair[names] = gh_model_pair(kit.engine, &ann, &day);
        kit_close(&kit);
    }
    CHECK(pair[0] != 0 && pair[0] == pair[1]);
}

/* The same words at the same time, with a key and without: two findings, one name. */
static void an_incident_of_what_is_kept_apart_bears_the_plain_name(void)
{
    begin(GH_SWITCH_ON);
    kit.only = "agent_loop";
    loop(KIT_START, 60, 1);
    CHECK(kit_text_is(newest()->actor, "ann") && kit_text_is(newest()->team, "t"));
    CHECK(newest()->provenance == GH_SELF_REPORTED && newest()->track == GH_INCIDENT);
    const struct gh_finding nobodys = kit.change[0];
    kit.ids = 0;
    loop(KIT_START + 51 * KIT_MINUTE, 60, 0);
    CHECK(kit_text_is(newest()->actor, "ann") && kit_text_is(newest()->team, "t"));
    CHECK(newest()->provenance == GH_AUTHENTICATED);
    CHECK(strcmp(newest()->id, nobodys.id) != 0);
    kit_close(&kit);
}

/* What somebody raises about ann, of the same episode, under both of her numbers. */
static void raise(const struct gh_actor *a, enum gh_track track)
{
    const struct gh_episode episode = {
        .days = 1, .first_event = 7, .from_ms = KIT_START, .tokens = 10, .excess_tokens = 9};

    gh_finding_raise(kit.engine, &(struct gh_raise){.actor = a->id,
                                                    .detector = loops,
                                                    .track = track,
                                                    .time_ms = KIT_START,
                                                    .episode = &episode});
    kit_drain(&kit);
}

static void a_copied_event_is_not_anothers_finding(void)
{
    begin(GH_SWITCH_ON);
    loop(KIT_START, 2, 2);
    raise(kit_actor(&kit, "ann"), GH_REVIEW);
    raise(apart("ann"), GH_INCIDENT);
    CHECK(kit.changes == 2 && kit.change[1].change == GH_OPENED);
    CHECK(strcmp(kit.change[0].id, kit.change[1].id) != 0);
    kit_close(&kit);
}

static void decide(uint64_t owner, const char *id, const char *reviewer)
{
    kit.owner = owner;
    kit_say(&kit, KIT_START,
            "'kind':'verdict','actor':'ann','finding':'%s','verdict':'legitimate',"
            "'reviewer':'%s'",
            id, reviewer);
}

static void a_verdict_without_a_key_is_about_what_is_kept_apart_alone(void)
{
    begin(GH_SWITCH_ON);
    loop(KIT_START, 2, 2);
    raise(kit_actor(&kit, "ann"), GH_REVIEW);
    raise(apart("ann"), GH_INCIDENT);
    const struct gh_finding with = kit.change[0], without = kit.change[1];
    decide(NOBODY, with.id, "bob");
    decide(NOBODY, without.id, "ann"); /* about herself */
    CHECK(kit_counters(&kit).verdicts_void == 2 && kit.changes == 2);
    decide(NOBODY, without.id, "bob");
    CHECK(kit.changes == 3 && strcmp(newest()->id, without.id) == 0);
    decide(BOBS, with.id, "bob");
    CHECK(kit.changes == 4 && strcmp(newest()->id, with.id) == 0);
    CHECK(kit_counters(&kit).verdicts_void == 2);
    kit_close(&kit);
}

static void who_is_kept_apart_is_not_enrolled_and_no_example(void)
{
    begin(GH_SWITCH_ON);
    loop(KIT_START, 8, 2);
    kit_tick(&kit, KIT_START + 3 * KIT_DAY);
    kit.engine->enrol_date = kit.engine->settled_date + 1;
    CHECK(gh_enrolled(kit.engine, kit_actor(&kit, "ann")));
    CHECK(apart("ann")->active_days == 1 && !gh_enrolled(kit.engine, apart("ann")));
    CHECK(kit.engine->cohort[0].active_days > 0.9 && kit.engine->cohort[0].active_days <= 1.0);
    kit_close(&kit);
}

/* --- an engine goes on under another setting --- */

static bool bytes_put(void *context, void *at, size_t size)
{
    FILE *file = context;
    return fwrite(at, 1, size, file) == size;
}

static bool bytes_get(void *context, void *at, size_t size)
{
    FILE *file = context;
    return fread(at, 1, size, file) == size;
}

static void go_on(enum gh_switch_value required)
{
    FILE *file = tmpfile();

    CHECK(file != NULL &&
          gh_engine_save(kit.engine, &(struct gh_carrier){file, bytes_put}) == GH_OK);
    gh_engine_free(kit.engine);
    rewind(file);
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = required;
    CHECK(gh_engine_load(&kit.engine, &kit.setup, &(struct gh_carrier){file, bytes_get}) ==
          GH_OK);
    fclose(file);
}

/* Ann's evidence, and where she stands by it. */
static void suspect(void)
{
    struct gh_actor *a = kit_actor(&kit, "ann");
    struct gh_shard *s = gh_shard_of(kit.engine, a->id);
    struct gh_episode *episode =
        gh_cells_touch(&s->heap, &s->episodes, gh_file_key(a->id, loops), KIT_START);

    gh_actor_evidence(kit.engine, a, loops)->set[0].log_s[0] = 9.0F;
    a->flagged = a->candidate = 1;
    a->sup_log_e[0] = 9.0;
    a->team_log_e = 9.0F;
    *(uint32_t *)gh_array_add(&s->heap, &s->candidates[0], 1) = a->id;
    *episode = (struct gh_episode){.days = 1};
}

static bool suspected(void)
{
    const struct gh_actor *a = kit_actor(&kit, "ann");
    struct gh_shard *s = gh_shard_of(kit.engine, a->id);
    const bool evidence =
        gh_actor_evidence(kit.engine, kit_actor(&kit, "ann"), loops)->set[0].log_s[0] == 9.0F;

    CHECK((a->flagged == 1) == evidence && (a->candidate == 1) == evidence);
    CHECK((a->sup_log_e[0] == 9.0) == evidence && (a->team_log_e == 9.0F) == evidence);
    CHECK((s->candidates[0].count == 1) == evidence);
    CHECK((gh_episode_find(s, a->id, loops) != NULL) == evidence);
    return evidence;
}

static void evidence_begins_anew_when_keeping_apart_begins(void)
{
    static const struct {
        enum gh_switch_value before, after;
        bool kept;
    } row[] = {{GH_SWITCH_OFF, GH_SWITCH_OFF, true},
               {GH_SWITCH_OFF, GH_SWITCH_ON, false},
               {GH_SWITCH_AUTO, GH_SWITCH_ON, false},
               {GH_SWITCH_ON, GH_SWITCH_ON, true},
               {GH_SWITCH_ON, GH_SWITCH_OFF, true}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin(row[i].before);
        loop(KIT_START, 8, 2);
        suspect();
        go_on(row[i].after);
        CHECK(suspected() == row[i].kept);
        CHECK(kit_day(&kit, "ann", KIT_START)->vouched == 4);
        kit_close(&kit);
    }
}

/* A day that had begun before, with what nobody vouches for. */
static void a_day_in_which_keeping_apart_begins_is_not_bet_on(void)
{
    for (uint32_t vouched = 8; vouched >= 7; vouched--) {
        static struct gh_judged judged[GH_DETECTORS_MAX];
        begin(GH_SWITCH_ON);
        loop(KIT_START, 8, 0);
        struct gh_actor *ann = kit_actor(&kit, "ann");
        struct gh_day *day = kit_day(&kit, "ann", KIT_START);
        ann->first_date = day->date - 40;
        kit.engine->epoch = 2;
        kit.engine->epoch_start = kit.engine->enrol_date = day->date;
        day->vouched = vouched;
        memset(judged, 0, sizeof judged);
        judged[loops] = (struct gh_judged){.seen = {.state = GH_OBSERVED, .value = 0.9},
                                           .base = 0.1,
                                           .allowed = 0.2,
                                           .known = true};
        gh_bet_day(kit.engine, gh_shard_of(kit.engine, ann->id), day, judged);
        CHECK(judged[loops].bet == (vouched == 8));
        kit_close(&kit);
    }
}

static void a_held_event_keeps_its_owner(void)
{
    const int64_t ahead = KIT_START + 3 * KIT_HOUR;

    begin(GH_SWITCH_ON);
    CHECK(named(ANNS, KIT_START, "x") == GH_APPLIED);
    CHECK(named(ANNS, ahead, "y") == GH_HELD);
    go_on(GH_SWITCH_ON);
    kit.owner = NOBODY;
    kit_tick(&kit, ahead);
    CHECK(kit_counters(&kit).authenticated == 2 && kit_counters(&kit).actors == 1);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(an_owner_is_the_same_number_for_the_same_name_and_never_nobody),
    GH_TEST(an_id_is_its_owners),
    GH_TEST(a_finding_tells_which_part_of_its_events_came_with_a_key),
    GH_TEST(only_what_is_authenticated_as_a_whole_is_ever_critical),
    GH_TEST(what_is_kept_apart_has_its_own_person_team_and_day),
    GH_TEST(nothing_is_kept_apart_unless_it_is_asked_for),
    GH_TEST(an_agent_is_whose_it_is_among_what_came_with_a_key),
    GH_TEST(models_are_grouped_by_their_names_alone),
    GH_TEST(an_incident_of_what_is_kept_apart_bears_the_plain_name),
    GH_TEST(a_copied_event_is_not_anothers_finding),
    GH_TEST(a_verdict_without_a_key_is_about_what_is_kept_apart_alone),
    GH_TEST(who_is_kept_apart_is_not_enrolled_and_no_example),
    GH_TEST(evidence_begins_anew_when_keeping_apart_begins),
    GH_TEST(a_day_in_which_keeping_apart_begins_is_not_bet_on),
    GH_TEST(a_held_event_keeps_its_owner),
};

GH_TEST_MAIN(tests)
