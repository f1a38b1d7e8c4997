/* What: settings that change while the engine runs, and what every detector has: that it can
 *       be off, and its least excess (engine/settings.c, engine/alarms.c, detect/stretch.h).
 * How:  two agents that talk to each other alone; days, scores and episodes set by hand. */
#include "support/engine_kit.h"

enum { ALONE = 45 }; /* minutes of agent_loop.alone */

static struct kit kit;
static struct gh_engine *e;
static uint32_t loops, nights;

static void detectors_find(void)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        nights = gh_detectors[d]->behaviour == GH_OFF_HOURS_BURST ? d : nights;
    }
}

static void begin(void)
{
    detectors_find();
    kit_open(&kit);
    e = kit.engine;
}

static enum gh_status configure(void)
{
    return gh_engine_configure(e, &kit.settings);
}

static struct gh_detector_head *head(uint32_t d)
{
    return (void *)kit.value[GH_GROUP_DETECTORS + d];
}

/* Two agents of ann answer each other so many times, a minute apart, a cent each. */
static void loop(int64_t from, uint32_t times, const char *model)
{
    for (uint32_t i = 0; i < times; i++)
        kit_say(&kit, from + i * KIT_MINUTE,
                "'actor':'ann','agent':'%s','caller':'%s','output_tokens':1000%s",
                i % 2 ? "b" : "a", i % 2 ? "a" : "b", model);
}

static const char priced[] = ",'model':'m'", unpriced[] = "";

/* --- what may change --- */

static void all_is_live_but_what_divides_the_past(void)
{
    for (size_t g = 0; g < gh_engine_group_count(); g++)
        for (size_t i = 0; i < gh_engine_group_at(g)->count; i++) {
            const char *name = gh_engine_group_at(g)->options[i].name;
            const bool divides = g == GH_GROUP_EVIDENCE &&
                                 (strcmp(name, "epoch") == 0 || strcmp(name, "burn_in") == 0);
            CHECK(gh_option_live(g, i) == !divides);
        }
}

static void what_divides_the_past_is_refused_and_nothing_has_changed(void)
{
    begin();
    KIT_SET(&kit, REVIEW, review)->alpha = 0.2;
    KIT_SET(&kit, EVIDENCE, evidence)->epoch = 35;
    CHECK(configure() == GH_ECONFIG && e->review.alpha == 0.1 && e->evidence.epoch == 28);
    KIT_SET(&kit, EVIDENCE, evidence)->epoch = 28;
    KIT_SET(&kit, EVIDENCE, evidence)->burn_in = 35;
    CHECK(configure() == GH_ECONFIG && e->review.alpha == 0.1 && e->evidence.burn_in == 28);
    KIT_SET(&kit, EVIDENCE, evidence)->burn_in = 28;
    CHECK(configure() == GH_OK && e->review.alpha == 0.2);
    kit_close(&kit);
}

static void a_lower_bound_takes_in_nothing_new_and_forgets_nothing(void)
{
    begin();
    kit_say(&kit, KIT_START, "'actor':'ann','model':'m'");
    kit_say(&kit, KIT_START, "'actor':'bob','model':'n'");
    KIT_SET(&kit, LIMITS, limits)->actors = 1;
    CHECK(configure() == GH_OK);
    CHECK(kit_say(&kit, KIT_START, "'actor':'eve'").refusal == GH_REFUSED_LIMIT);
    CHECK(kit_say(&kit, KIT_START, "'actor':'bob'").outcome == GH_APPLIED);
    KIT_SET(&kit, LIMITS, limits)->actors = 3;
    CHECK(configure() == GH_OK);
    CHECK(kit_say(&kit, KIT_START, "'actor':'eve'").outcome == GH_APPLIED);
    kit_close(&kit);
}

static void tables_have_the_bounds_that_hold(void)
{
    struct gh_limits_options *limits = KIT_SET(&kit, LIMITS, limits);

    begin();
    *limits = (struct gh_limits_options){.actors = 11,
                                         .names = 22,
                                         .duplicate_ids = 4000,
                                         .cells = 65,
                                         .samples = 66,
                                         .experiments = 67,
                                         .schedules = 68};
    CHECK(configure() == GH_OK);
    CHECK(e->actors.limit == 11 && e->teams.limit == 22 && e->names.limit == 22);
    CHECK(e->ids.limit == 2000 && e->experiments.limit == 134);
    for (uint32_t i = 0; i < e->shards; i++) {
        const struct gh_shard *s = &e->shard[i];
        CHECK(s->sessions.limit == 65 && s->day_samples.limit == 65 && s->refs.limit == 65);
        CHECK(s->episodes.limit == 65 && s->samples.limit == 66);
        CHECK(s->schedules.limit == 68 && s->quotas.limit == 68);
        for (uint32_t d = 0; d < gh_detector_count; d++)
            CHECK(s->cells[d].limit == 65);
    }
    kit_close(&kit);
}

static void what_is_made_of_options_is_made_anew(void)
{
    begin();
    const double gate = e->gate_mean[3], nightly = e->threshold[0][nights].score[0];
    kit_say(&kit, KIT_START, "'actor':'ann'");
    for (int i = 0; i < 2; i++)
        e->past[0][nights].people[i] = 1000000;
    KIT_SET(&kit, CASE, case)->gate_level = 0.1;
    CHECK(configure() == GH_OK);
    CHECK(e->gate_mean[3] > gate && e->threshold[0][nights].score[0] > nightly);
    kit_close(&kit);
}

static void evidence_begins_anew_when_keeping_apart_does(void)
{
    begin();
    kit_say(&kit, KIT_START, "'actor':'ann'");
    kit_actor(&kit, "ann")->sup_log_e[0] = 5;
    CHECK(configure() == GH_OK && kit_actor(&kit, "ann")->sup_log_e[0] == 5);
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = GH_SWITCH_ON;
    CHECK(configure() == GH_OK && kit_actor(&kit, "ann")->sup_log_e[0] == 0);
    kit_actor(&kit, "ann")->sup_log_e[0] = 5;
    CHECK(configure() == GH_OK && kit_actor(&kit, "ann")->sup_log_e[0] == 5);
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = GH_SWITCH_OFF;
    CHECK(configure() == GH_OK && kit_actor(&kit, "ann")->sup_log_e[0] == 5);
    kit_close(&kit);
}

static void memory_that_runs_out_is_told(void)
{
    static const struct gh_override row = {
        .name = {"pay", 3}, .until_ms = INT64_MAX, .group = GH_GROUP_DETECTORS};
    enum gh_status status = GH_EMEMORY;
    long allowed = 0;

    for (; status == GH_EMEMORY; allowed++) {
        begin();
        kit.settings.override = &row;
        kit.settings.override_count = 1;
        kit.memory.left = allowed;
        status = configure();
        kit.memory.left = -1;
        kit_close(&kit);
    }
    CHECK(status == GH_OK && allowed > 3);
}

/* --- off --- */

static void what_is_off_looks_at_nothing_and_says_nothing(void)
{
    begin();
    head(loops)->enabled = false;
    CHECK(configure() == GH_OK);
    loop(KIT_START, 2 * ALONE, unpriced);
    CHECK(kit.changes == 0 && kit_actor(&kit, "ann")->fast_sup[loops] == 0);
    kit_tick(&kit, KIT_START + 2 * KIT_DAY);
    const struct gh_judged *judged =
        gh_array_at(&gh_shard_of(e, kit_actor(&kit, "ann")->id)->judged, 0);
    CHECK(judged[loops].seen.state == GH_NOT_OBSERVABLE && !judged[loops].bet);
    CHECK(judged[nights].seen.state != GH_NOT_OBSERVABLE);
    head(loops)->enabled = true;
    CHECK(configure() == GH_OK);
    kit.only = "agent_loop";
    loop(KIT_START + 2 * KIT_DAY, ALONE + 1, unpriced);
    CHECK(kit.changes == 1);
    kit_close(&kit);
}

/* While something grows, days are no example of what is usual; when nobody looks, they are. */
static void what_is_off_ends_its_episode_and_closes_its_finding(void)
{
    begin();
    kit.only = "agent_loop";
    loop(KIT_START, ALONE + 1, unpriced);
    CHECK(kit.changes == 1 && kit.change[0].change == GH_OPENED);
    struct gh_actor *a = kit_actor(&kit, "ann");
    a->watched = 1u << loops;
    a->usual_weight = 9;
    a->usual_tokens = 9;
    head(loops)->enabled = false;
    CHECK(configure() == GH_OK);
    kit_tick(&kit, KIT_START + 2 * KIT_DAY);
    CHECK(a->watched == 0 && a->usual_tokens > 9);
    CHECK(kit.changes == 2 && kit.change[1].change == GH_CLOSED);
    kit_close(&kit);
}

/* A day is judged at its end: what holds until then does, and not a moment longer. */
static void a_day_is_looked_at_as_of_its_end(void)
{
    static struct gh_override row = {.scope = GH_SCOPE_TEAM, .name = {"pay", 3}};
    const int64_t end = KIT_START + 4 * KIT_DAY;

    for (int late = 0; late < 2; late++) {
        begin();
        for (int day = 0; day < 4; day += 3) {
            kit_tick(&kit, KIT_START + day * KIT_DAY);
            for (int i = 0; i < 5; i++)
                kit_say(&kit, KIT_START + day * KIT_DAY, "'actor':'p%d','team':'pay'", i);
        }
        row.group = GH_GROUP_DETECTORS + nights;
        row.until_ms = end - 1 + late;
        kit.settings.override = &row;
        kit.settings.override_count = 1;
        CHECK(configure() == GH_OK && e->scopes.in_force == 1);
        for (int64_t hour = 0; hour <= 12; hour++)
            kit_tick(&kit, end + hour * KIT_HOUR + 15 * KIT_MINUTE);
        const struct gh_judged *judged =
            gh_array_at(&gh_shard_of(e, kit_actor(&kit, "p0")->id)->judged, 0);
        CHECK(e->settled_date == (int32_t)(end / KIT_DAY) - 1);
        CHECK((judged[nights].seen.state == GH_NOT_OBSERVABLE) == (late == 1));
        kit_close(&kit);
    }
}

/* --- the least excess --- */

static void a_fast_incident_is_told_as_soon_as_it_has_cost_enough(void)
{
    begin();
    kit.only = "agent_loop";
    head(loops)->fewest_usd = 0.595; /* 60 calls of a cent */
    CHECK(configure() == GH_OK);
    loop(KIT_START, 59, priced);
    CHECK(kit.changes == 0);
    kit_say(&kit, KIT_START + 59 * KIT_MINUTE,
            "'actor':'ann','agent':'b','caller':'a','output_tokens':1000%s", priced);
    CHECK(kit.changes == 1 && kit.change[0].excess_cost_usd > 0.595);
    kit_close(&kit);
}

static void what_has_no_price_is_not_too_cheap(void)
{
    begin();
    kit.only = "agent_loop";
    head(loops)->fewest_usd = 1e6;
    CHECK(configure() == GH_OK);
    loop(KIT_START, ALONE, unpriced);
    CHECK(kit.changes == 0);
    loop(KIT_START + ALONE * KIT_MINUTE, 1, unpriced);
    CHECK(kit.changes == 1 && !kit.change[0].cost_known);
    kit_close(&kit);
}

/* Ann's night of today is past every threshold, and 5 dollars above the usual. */
static uint32_t night_alarms(bool cost_unknown)
{
    kit.changes = 0;
    kit_say(&kit, KIT_START, "'actor':'ann','input_tokens':9");
    struct gh_actor *a = kit_actor(&kit, "ann");
    struct gh_shard *s = gh_shard_of(e, a->id);
    e->settled_date = (int32_t)(KIT_START / KIT_DAY);
    struct gh_judged *judged = gh_array_add(&s->heap, &s->judged, gh_detector_count);
    judged[nights] =
        (struct gh_judged){.seen = {.state = GH_OBSERVED, .excess_share = 0.5}, .score = 1e9};
    struct gh_episode *episode = gh_cells_touch(
        &s->heap, &s->episodes, gh_file_key(a->id, nights), e->closed_hour * GH_MS_PER_HOUR);
    *episode =
        (struct gh_episode){.days = 1, .excess_cost_usd = 5, .cost_unknown = cost_unknown};
    gh_alarms_raise(e);
    kit_drain(&kit);
    return kit.changes;
}

static void a_day_is_told_when_it_has_cost_enough(void)
{
    static const struct {
        double all, own;
        bool unknown;
        uint32_t told;
    } row[] = {{0, 0, false, 1},    {5, 0, false, 1},    {5.01, 0, false, 0}, {0, 5, false, 1},
               {0, 5.01, false, 0}, {5.01, 5, false, 0}, {0, 9, true, 1}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin();
        KIT_SET(&kit, INCIDENT, incident)->fewest_usd = row[i].all;
        head(nights)->fewest_usd = row[i].own;
        CHECK(configure() == GH_OK);
        CHECK(night_alarms(row[i].unknown) == row[i].told);
        kit_close(&kit);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(all_is_live_but_what_divides_the_past),
    GH_TEST(what_divides_the_past_is_refused_and_nothing_has_changed),
    GH_TEST(a_lower_bound_takes_in_nothing_new_and_forgets_nothing),
    GH_TEST(tables_have_the_bounds_that_hold),
    GH_TEST(what_is_made_of_options_is_made_anew),
    GH_TEST(evidence_begins_anew_when_keeping_apart_does),
    GH_TEST(memory_that_runs_out_is_told),
    GH_TEST(what_is_off_looks_at_nothing_and_says_nothing),
    GH_TEST(what_is_off_ends_its_episode_and_closes_its_finding),
    GH_TEST(a_day_is_looked_at_as_of_its_end),
    GH_TEST(a_fast_incident_is_told_as_soon_as_it_has_cost_enough),
    GH_TEST(what_has_no_price_is_not_too_cheap),
    GH_TEST(a_day_is_told_when_it_has_cost_enough),
};

GH_TEST_MAIN(tests)
