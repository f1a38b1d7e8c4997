/* What: the life of a finding: opened, updated, escalated, closed, decided; ids and
 *       revisions that no two alerts share (engine/findings.c, engine/episodes.c).
 * How:  two agents that talk to each other alone, by hand; day-level findings are raised
 *       directly with episodes made up here. */
#include "detect/agent_loop.h"
#include "support/engine_kit.h"

static struct kit kit;

/* Agents a and b of ann answer each other every `step`, from `from` until `until`. */
static void loop(int64_t from, int64_t until, int64_t step, uint32_t tokens)
{
    bool back = false;

    for (int64_t at = from; at < until; at += step, back = !back)
        kit_say(&kit, at, "'actor':'ann','agent':'%s','caller':'%s','output_tokens':%u",
                back ? "a" : "b", back ? "b" : "a", tokens);
}

static uint32_t changes_of(enum gh_change change)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < kit.changes; i++)
        count += kit.change[i].change == change;
    return count;
}

/* No alert id, made of finding and revision, is ever given twice; revisions count up. */
static void ids_are_never_given_twice(void)
{
    for (uint32_t i = 0; i < kit.changes; i++) {
        uint32_t revision = 0;
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(kit.change[k].id, kit.change[i].id) == 0)
                revision = kit.change[k].revision;
        CHECK(kit.change[i].revision == revision + 1);
        CHECK(strspn(kit.change[i].id, "0123456789abcdef") == GH_FINDING_ID_SIZE - 1);
    }
}

static void two_agents_alone_open_an_incident_after_the_time_set(void)
{
    kit_open(&kit);
    loop(KIT_START, KIT_START + 45 * KIT_MINUTE, 3 * KIT_MINUTE, 100);
    CHECK(kit.changes == 0);
    loop(KIT_START + 45 * KIT_MINUTE, KIT_START + 46 * KIT_MINUTE, KIT_MINUTE, 100);
    CHECK(kit.changes == 1);
    const struct gh_finding *f = &kit.change[0];
    CHECK(f->change == GH_OPENED && f->revision == 1 && f->track == GH_INCIDENT);
    CHECK(strcmp(f->detector, "agent_loop") == 0 && f->severity == GH_NOTICE);
    CHECK(kit_text_is(f->actor, "ann") && kit_text_is(f->team, "unassigned"));
    CHECK(f->from_ms == KIT_START && f->until_ms == KIT_START + 45 * KIT_MINUTE);
    CHECK(f->time_ms == f->until_ms);
    CHECK(f->tokens == 1600.0 && f->excess_tokens == 1600.0 && !f->cost_known);
    CHECK(f->sample_count == 16 && f->sample[0].size > 0 && f->experiment.at == NULL);
    CHECK(f->explanation[0] != '\0' && f->question[0] != '\0');
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void the_same_log_gives_the_same_id_whatever_the_shards(void)
{
    char id[GH_FINDING_ID_SIZE] = "";

    for (uint32_t shards = 1; shards <= 8; shards *= 2) {
        kit_prepare(&kit);
        kit.setup.shards = shards;
        kit_start(&kit);
        kit_say(&kit, KIT_START, "'actor':'bob'");
        loop(KIT_START, KIT_START + KIT_HOUR, KIT_MINUTE, 5);
        CHECK(kit.changes > 0);
        CHECK(shards == 1 || strcmp(id, kit.change[0].id) == 0);
        memcpy(id, kit.change[0].id, sizeof id);
        kit_close(&kit);
    }
}

static void a_loop_that_goes_on_for_days_is_one_finding(void)
{
    kit_open(&kit);
    kit.only = "agent_loop"; /* it never rests, too */
    loop(KIT_START, KIT_START + 6 * KIT_DAY, 5 * KIT_MINUTE, 100);
    CHECK(changes_of(GH_OPENED) == 1 && changes_of(GH_CLOSED) == 0);
    CHECK(changes_of(GH_UPDATED) >= 2 && changes_of(GH_UPDATED) <= 8);
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void a_loop_of_calls_without_tokens_does_not_flood(void)
{
    kit_open(&kit);
    kit.only = "agent_loop"; /* it never rests, too */
    loop(KIT_START, KIT_START + KIT_DAY, 5 * KIT_MINUTE, 0);
    CHECK(changes_of(GH_OPENED) == 1 && kit.changes == 1);
    kit_close(&kit);
}

static void an_incident_closes_when_it_has_been_quiet_for_the_time_set(void)
{
    const int64_t last = KIT_START + 58 * KIT_MINUTE;

    kit_open(&kit);
    loop(KIT_START, last + 1, 2 * KIT_MINUTE, 100);
    CHECK(changes_of(GH_OPENED) == 1);
    kit_tick(&kit, last + 24 * KIT_HOUR);
    CHECK(changes_of(GH_CLOSED) == 0);
    kit_tick(&kit, last + 26 * KIT_HOUR);
    CHECK(changes_of(GH_CLOSED) == 1);
    loop(last + 27 * KIT_HOUR, last + 28 * KIT_HOUR, 2 * KIT_MINUTE, 100);
    CHECK(changes_of(GH_OPENED) == 2);
    CHECK(strcmp(kit.change[0].id, kit.change[kit.changes - 1].id) != 0);
    ids_are_never_given_twice();
    kit_close(&kit);
}

/* close_after 1 hour, idle 24 hours: the exchange is not over when the finding closes. */
static void an_exchange_that_goes_on_after_a_pause_keeps_its_id(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, INCIDENT, incident)->close_after = 1;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, "agent_loop") == 0)
            ((struct gh_agent_loop_config *)(void *)kit.value[GH_GROUP_DETECTORS + d])->idle =
                1440;
    kit_start(&kit);
    loop(KIT_START, KIT_START + KIT_HOUR, KIT_MINUTE, 100);
    loop(KIT_START + 6 * KIT_HOUR, KIT_START + 7 * KIT_HOUR, KIT_MINUTE, 1000);
    CHECK(changes_of(GH_OPENED) == 2 && changes_of(GH_CLOSED) == 1);
    CHECK(strcmp(kit.change[0].id, kit.change[kit.changes - 1].id) == 0);
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void decide(const char *id, const char *verdict)
{
    kit_say(&kit, kit.engine->newest_ms,
            "'kind':'verdict','actor':'ann','finding':'%s','verdict':'%s'", id, verdict);
}

static void a_verdict_closes_and_the_same_exchange_is_not_raised_again(void)
{
    kit_open(&kit);
    kit.only = "agent_loop"; /* it never rests, too */
    loop(KIT_START, KIT_START + KIT_HOUR, KIT_MINUTE, 100);
    const uint32_t before = kit.changes;
    decide("ffffffffffffffffffffffffffffffff", "legitimate");
    decide("no id at all", "legitimate");
    decide(kit.change[0].id, "unsure");
    CHECK(kit.changes == before && kit_counters(&kit).verdicts_void == 2);
    decide(kit.change[0].id, "waste");
    CHECK(kit.changes == before + 1 && kit.change[before].change == GH_CLOSED);
    decide(kit.change[0].id, "waste");
    loop(KIT_START + KIT_HOUR, KIT_START + 40 * KIT_HOUR, 10 * KIT_MINUTE, 5000);
    CHECK(kit.changes == before + 1);
    loop(KIT_START + 45 * KIT_HOUR, KIT_START + 46 * KIT_HOUR, KIT_MINUTE, 100);
    CHECK(changes_of(GH_OPENED) == 2); /* another exchange */
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void nobody_decides_about_themselves(void)
{
    kit_open(&kit);
    kit.only = "agent_loop";
    loop(KIT_START, KIT_START + KIT_HOUR, KIT_MINUTE, 100);
    const uint32_t before = kit.changes;
    for (int i = 0; i < 2; i++)
        kit_say(&kit, kit.engine->newest_ms,
                "'kind':'verdict','actor':'ann','finding':'%s','verdict':'legitimate',"
                "'reviewer':'%s'",
                kit.change[0].id, i ? "bob" : "ann");
    CHECK(kit_counters(&kit).verdicts_void == 1);
    CHECK(kit.changes == before + 1 && kit.change[before].change == GH_CLOSED);
    kit_close(&kit);
}

static void the_team_of_a_finding_is_the_one_at_its_time(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'kind':'profile','actor':'ann','team':'red'");
    loop(KIT_START, KIT_START + KIT_HOUR, KIT_MINUTE, 100);
    kit_say(&kit, KIT_START + KIT_HOUR, "'kind':'profile','actor':'ann','team':'blue'");
    CHECK(kit_text_is(kit.change[0].team, "red"));
    loop(KIT_START + KIT_HOUR, KIT_START + 6 * KIT_HOUR, KIT_MINUTE, 100);
    CHECK(kit.changes > 1 && kit_text_is(kit.change[kit.changes - 1].team, "blue"));
    kit_close(&kit);
}

/* One batch of everything: the profile at its end must not reach back. */
static void the_team_does_not_depend_on_how_the_log_is_cut(void)
{
    static struct gh_event event[64];
    static struct gh_answer answer[64];
    static char id[64][8];

    kit_open(&kit);
    for (uint32_t i = 0; i < 64; i++) {
        snprintf(id[i], sizeof id[i], "e%u", i);
        event[i] = (struct gh_event){
            .present = UINT64_C(1) << GH_KEY_team,
            .id = {id[i], (uint32_t)strlen(id[i])},
            .actor = {"ann", 3},
            .team = {i < 63 ? "red" : "blue", i < 63 ? 3 : 4},
            .agent = {i % 2 ? "a" : "b", 1},
            .caller = {i % 2 ? "b" : "a", 1},
            .output_tokens = 10,
            .ts_ms = KIT_START + i * KIT_MINUTE,
        };
    }
    CHECK(gh_engine_offer(kit.engine, event, 64, answer) == GH_OK);
    kit_drain(&kit);
    CHECK(kit.changes >= 1 && kit_text_is(kit.change[0].team, "red"));
    kit_close(&kit);
}

static void an_experiment_that_covers_part_of_it_is_named(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START,
            "'kind':'experiment','actor':'ann','experiment':'swarm','from':%lld,"
            "'until':%lld,'budget_tokens':500",
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY));
    loop(KIT_START, KIT_START + 2 * KIT_HOUR, KIT_MINUTE, 100);
    CHECK(kit.changes > 0 && kit_text_is(kit.change[0].experiment, "swarm"));
    CHECK(kit.changes > 0 && kit.change[0].from_ms == KIT_START + 5 * KIT_MINUTE);
    kit_close(&kit);
}

/* --- findings of days, raised by hand --- */

static struct gh_episode episode_of(int64_t from_ms, int64_t until_ms, double excess)
{
    return (struct gh_episode){.log_e = 9.0,
                               .from_ms = from_ms,
                               .until_ms = until_ms,
                               .first_event = (uint64_t)from_ms,
                               .tokens = 2.0 * excess,
                               .excess_tokens = excess,
                               .cost_usd = excess,
                               .excess_cost_usd = excess / 2.0,
                               .days = 1};
}

static void raise_as(enum gh_track track, uint32_t detector, const struct gh_episode *episode)
{
    gh_finding_raise(kit.engine, &(struct gh_raise){.actor = kit_actor(&kit, "ann")->id,
                                                    .detector = detector,
                                                    .track = track,
                                                    .time_ms = kit.engine->newest_ms,
                                                    .episode = episode});
    kit_drain(&kit);
}

static void a_finding_escalates_and_never_goes_back(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    struct gh_episode episode = episode_of(KIT_START, KIT_START + KIT_HOUR, 100.0);
    raise_as(GH_INCIDENT, 0, &episode);
    raise_as(GH_REVIEW, 0, &episode);
    raise_as(GH_INCIDENT, 0, &episode);
    raise_as(GH_CASE, 0, &episode);
    raise_as(GH_REVIEW, 0, &episode);
    CHECK(kit.changes == 3);
    CHECK(kit.change[0].change == GH_OPENED && kit.change[0].track == GH_INCIDENT);
    CHECK(kit.change[1].change == GH_ESCALATED && kit.change[1].track == GH_REVIEW);
    CHECK(kit.change[1].severity == GH_WARNING);
    CHECK(kit.change[2].change == GH_ESCALATED && kit.change[2].track == GH_CASE);
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void an_update_is_told_when_the_excess_has_grown_by_half(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    struct gh_episode episode = episode_of(KIT_START, KIT_START + KIT_HOUR, 100.0);
    raise_as(GH_REVIEW, 0, &episode);
    episode.excess_tokens = 149.0;
    raise_as(GH_REVIEW, 0, &episode);
    CHECK(kit.changes == 1);
    episode.excess_tokens = 150.0;
    raise_as(GH_REVIEW, 0, &episode);
    CHECK(kit.changes == 2 && kit.change[1].change == GH_UPDATED);
    episode.excess_tokens = 0.0;
    episode.from_ms += KIT_DAY; /* another episode inside the same finding */
    raise_as(GH_REVIEW, 0, &episode);
    CHECK(kit.changes == 2 && kit.change[1].from_ms == KIT_START);
    kit_close(&kit);
}

static void an_incident_over_the_sum_set_is_a_warning(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    kit_say(&kit, KIT_START, "'actor':'bob'");
    struct gh_episode episode = episode_of(KIT_START, KIT_START, 199.0);
    raise_as(GH_INCIDENT, 0, &episode);
    episode.excess_cost_usd = 100.0;
    raise_as(GH_INCIDENT, 1, &episode);
    CHECK(kit.change[0].severity == GH_NOTICE && kit.change[1].severity == GH_WARNING);
    kit_close(&kit);
}

/* settled_date moves with ticks; the finding closes on the first day after close_after. */
static void a_review_without_new_evidence_closes_though_it_is_raised_every_day(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    const struct gh_episode episode = episode_of(KIT_START, KIT_START + KIT_HOUR, 100.0);
    for (int64_t day = 0; day <= 8; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 13 * KIT_HOUR);
        CHECK(day < 8 ? changes_of(GH_CLOSED) == 0 : changes_of(GH_CLOSED) == 1);
        if (day < 8)
            raise_as(GH_REVIEW, 0, &episode);
    }
    CHECK(changes_of(GH_OPENED) == 1);
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void new_evidence_keeps_a_review_open(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    for (int64_t day = 0; day < 30; day++) {
        const struct gh_episode episode =
            episode_of(KIT_START, KIT_START + day * KIT_DAY, 100.0);
        kit_tick(&kit, KIT_START + day * KIT_DAY + 13 * KIT_HOUR);
        raise_as(GH_REVIEW, 0, &episode);
    }
    CHECK(changes_of(GH_OPENED) == 1 && changes_of(GH_CLOSED) == 0);
    kit_close(&kit);
}

static void what_has_been_decided_is_not_raised_again_in_the_same_epoch(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    for (int64_t day = 0; day < 60; day++) {
        const int64_t at = KIT_START + day * KIT_DAY + 13 * KIT_HOUR;
        kit_tick(&kit, at);
        const struct gh_episode episode = episode_of(at, at, 100.0); /* each day a new one */
        raise_as(GH_REVIEW, 0, &episode);
        if (day == 30)
            decide(kit.change[kit.changes - 1].id, "legitimate");
        CHECK(changes_of(GH_OPENED) == (kit.engine->epoch < 2 ? 1u : 2u));
    }
    CHECK(kit.engine->epoch == 2);
    raise_as(GH_INCIDENT, 1, &(struct gh_episode){.from_ms = 5, .days = 1});
    CHECK(changes_of(GH_OPENED) == 3); /* another behaviour */
    ids_are_never_given_twice();
    kit_close(&kit);
}

static void a_finding_names_what_it_is_about_even_where_limits_are_small(void)
{
    struct gh_finding f;
    uint64_t cursor = 0;
    uint32_t findings = 0;

    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->actors = 1;
    KIT_SET(&kit, LIMITS, limits)->names = 16;
    KIT_SET(&kit, LIMITS, limits)->cells = 64;
    KIT_SET(&kit, LIMITS, limits)->samples = 64;
    kit_start(&kit);
    kit_say(&kit, KIT_START, "'actor':'ann'");
    const struct gh_episode episode = episode_of(KIT_START, KIT_START, 100.0);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        raise_as(GH_INCIDENT, d, &episode);
    while (gh_engine_finding(kit.engine, &cursor, &f)) {
        findings++;
        CHECK(f.detector != NULL && f.id[0] != '\0' && kit_text_is(f.actor, "ann"));
    }
    CHECK(findings == gh_detector_count);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(two_agents_alone_open_an_incident_after_the_time_set),
    GH_TEST(the_same_log_gives_the_same_id_whatever_the_shards),
    GH_TEST(a_loop_that_goes_on_for_days_is_one_finding),
    GH_TEST(a_loop_of_calls_without_tokens_does_not_flood),
    GH_TEST(an_incident_closes_when_it_has_been_quiet_for_the_time_set),
    GH_TEST(an_exchange_that_goes_on_after_a_pause_keeps_its_id),
    GH_TEST(a_verdict_closes_and_the_same_exchange_is_not_raised_again),
    GH_TEST(nobody_decides_about_themselves),
    GH_TEST(the_team_of_a_finding_is_the_one_at_its_time),
    GH_TEST(the_team_does_not_depend_on_how_the_log_is_cut),
    GH_TEST(an_experiment_that_covers_part_of_it_is_named),
    GH_TEST(a_finding_escalates_and_never_goes_back),
    GH_TEST(an_update_is_told_when_the_excess_has_grown_by_half),
    GH_TEST(an_incident_over_the_sum_set_is_a_warning),
    GH_TEST(a_review_without_new_evidence_closes_though_it_is_raised_every_day),
    GH_TEST(new_evidence_keeps_a_review_open),
    GH_TEST(what_has_been_decided_is_not_raised_again_in_the_same_epoch),
    GH_TEST(a_finding_names_what_it_is_about_even_where_limits_are_small),
};

GH_TEST_MAIN(tests)
