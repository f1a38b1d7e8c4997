/* What: local dates: when they end, which stay open, what they count; schedules, output and
 *       the gate; who is judged (engine/settle.c, people.c, gate.c, evidence.c).
 * How:  streams by hand around midnights and clock changes, reading the engine's state. */
#include "support/engine_kit.h"

static struct kit kit;

static const int32_t first = (int32_t)(KIT_START / KIT_DAY);

/* A tick first where the event would be held for being far ahead. */
static void reach(int64_t ts_ms)
{
    if (kit.engine->started && ts_ms > kit.engine->newest_ms + KIT_HOUR)
        kit_tick(&kit, ts_ms);
}

static struct gh_answer call(const char *actor, int64_t ts_ms)
{
    reach(ts_ms);
    return kit_say(&kit, ts_ms, "'actor':'%s','input_tokens':100", actor);
}

static void profile(const char *actor, int64_t ts_ms, const char *zone)
{
    kit_say(&kit, ts_ms, "'kind':'profile','actor':'%s','timezone':'%s'", actor, zone);
}

/* Judged calls of the open day, 0 when there is none. */
static uint32_t calls_on(const char *actor, int64_t ts_ms)
{
    const struct gh_day *day = kit_day(&kit, actor, ts_ms);

    return day != NULL ? day->calls : 0;
}

static void a_date_is_settled_at_noon_utc_of_the_next_day_and_lateness(void)
{
    const int64_t due = KIT_START + KIT_DAY + 12 * KIT_HOUR + 10 * KIT_MINUTE;

    kit_open(&kit);
    CHECK(call("ann", KIT_START).outcome == GH_APPLIED);
    kit_tick(&kit, due - 1);
    CHECK(kit.engine->settled_date == first - 1);
    CHECK(calls_on("ann", KIT_START) == 1);
    kit_tick(&kit, due);
    CHECK(kit.engine->settled_date == first);
    CHECK(calls_on("ann", KIT_START) == 0 && kit_actor(&kit, "ann")->active_days == 1);
    CHECK(kit_actor(&kit, "ann")->first_date == first);
    kit_close(&kit);
}

/* Without a zone the local day is the day in UTC; an unknown zone counts and is the same. */
static void people_without_a_zone_live_in_utc(void)
{
    kit_open(&kit);
    profile("bob", KIT_START, "Mars/Olympus");
    profile("bob", KIT_START, "Mars/Olympus");
    CHECK(kit_counters(&kit).zone_unknown == 2);
    call("ann", KIT_START + KIT_DAY - 1);
    call("bob", KIT_START + KIT_DAY - 1);
    call("ann", KIT_START + KIT_DAY);
    CHECK(calls_on("ann", KIT_START) == 1 && calls_on("bob", KIT_START) == 1);
    CHECK(calls_on("ann", KIT_START + KIT_DAY) == 1);
    CHECK(kit_day(&kit, "ann", KIT_START)->hours == 1u << 23);
    kit_close(&kit);
}

static void without_anybody_who_knows_zones_every_zone_is_unknown(void)
{
    kit_prepare(&kit);
    kit.setup.zones.find = NULL;
    kit_start(&kit);
    profile("ann", KIT_START, "Europe/Berlin");
    CHECK(kit_counters(&kit).zone_unknown == 1 && kit_actor(&kit, "ann")->zone == 0);
    kit_close(&kit);
}

/* Berlin goes from +1 to +2 at 2026-03-29T01:00Z and back at 2026-10-25T01:00Z. */
static void local_time_follows_the_clock_change(void)
{
    static const struct {
        int64_t ts_s;
        uint16_t minute;
    } row[] = {
        {1774744200, 90},  {1774745999, 119}, {1774746000, 180}, {1774745999, 119},
        {1774749600, 240}, {1792888200, 150}, {1792889999, 179}, {1792890000, 120},
        {1792893600, 180}, {1792890000, 120},
    };

    kit_open(&kit);
    profile("ann", KIT_START, "Europe/Berlin");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct gh_local local =
            gh_actor_local(kit.engine, kit_actor(&kit, "ann"), row[i].ts_s * 1000);
        CHECK(local.minute == row[i].minute);
        CHECK(local.date == (i < 5 ? 20541 : 20751));
    }
    kit_close(&kit);
}

static void a_day_of_23_hours_is_one_day(void)
{
    const int64_t midnight = INT64_C(1774738800000); /* 2026-03-29T00:00+01:00 */

    kit_open(&kit);
    profile("ann", midnight - KIT_HOUR, "Europe/Berlin");
    for (int64_t h = 0; h < 24; h++)
        call("ann", midnight + h * KIT_HOUR);
    CHECK(calls_on("ann", (int64_t)20541 * KIT_DAY) == 23);
    CHECK(calls_on("ann", (int64_t)20542 * KIT_DAY) == 1);
    CHECK(kit_day(&kit, "ann", (int64_t)20541 * KIT_DAY)->hours == (0xffffffu & ~(1u << 2)));
    kit_close(&kit);
}

static void a_move_to_another_zone_in_mid_day_loses_nothing(void)
{
    const int64_t noon = KIT_START + 12 * KIT_HOUR;

    kit_open(&kit);
    profile("ann", noon, "Pacific/Kiritimati"); /* 02:00 of the next date */
    call("ann", noon);
    profile("ann", noon + 1, "Etc/GMT+12"); /* 00:00 of this date */
    call("ann", noon + 1);
    profile("ann", noon + 2, "Pacific/Kiritimati");
    call("ann", noon + 2);
    CHECK(calls_on("ann", KIT_START) == 1 && calls_on("ann", KIT_START + KIT_DAY) == 2);
    kit_tick(&kit, noon + 3 * KIT_DAY);
    CHECK(kit_actor(&kit, "ann")->active_days == 2);
    kit_close(&kit);
}

/* With a day of lateness and zones 26 hours apart four local dates are open at once. */
static void four_dates_are_open_at_once_where_lateness_is_a_day(void)
{
    const int64_t day3 = KIT_START + 3 * KIT_DAY, due = day3 + 12 * KIT_HOUR;

    kit_prepare(&kit);
    KIT_SET(&kit, ORDER, order)->lateness = 86400;
    kit_start(&kit);
    call("ann", KIT_START);
    kit_tick(&kit, due - 2);
    profile("ann", due - 2, "Etc/GMT+12");
    CHECK(call("ann", due - 2 - KIT_DAY).outcome == GH_APPLIED); /* the date before */
    CHECK(call("ann", due - 2).outcome == GH_APPLIED);
    profile("ann", due - 2, "Pacific/Kiritimati");
    CHECK(call("ann", due - 2).outcome == GH_APPLIED); /* the date after */
    CHECK(kit.engine->settled_date == first);
    CHECK(calls_on("ann", KIT_START + KIT_DAY) == 1);
    CHECK(calls_on("ann", KIT_START + 2 * KIT_DAY) == 1);
    CHECK(calls_on("ann", KIT_START + 4 * KIT_DAY) == 1);
    kit_tick(&kit, due + 6 * KIT_DAY);
    CHECK(kit_actor(&kit, "ann")->active_days == 4);
    kit_close(&kit);
}

/* A call of a date that had been settled before the log began must not take a book: the
 * eighth date after it would find it taken. */
static void a_call_before_the_first_date_costs_no_later_date(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, ORDER, order)->lateness = 86400;
    kit_start(&kit);
    profile("ann", KIT_START, "Etc/GMT+12");
    CHECK(call("ann", KIT_START - 23 * KIT_HOUR).outcome == GH_APPLIED);
    for (int64_t day = 0; day < 20; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 20 * KIT_HOUR);
        call("ann", KIT_START + day * KIT_DAY + 20 * KIT_HOUR);
        CHECK(calls_on("ann", KIT_START + day * KIT_DAY) == 1);
    }
    kit_close(&kit);
}

static uint32_t schedule_of(const char *actor, int32_t date)
{
    const struct gh_actor *a = kit_actor(&kit, actor);

    return gh_schedule_bits(gh_shard_of(kit.engine, a->id), a, date);
}

static void a_schedule_of_a_team_reaches_its_members_in_every_shard(void)
{
    char name[16];

    kit_prepare(&kit);
    kit.setup.shards = 8;
    kit_start(&kit);
    for (uint32_t i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "p%u", i);
        kit_say(&kit, KIT_START, "'actor':'%s','team':'%s'", name, i % 2 ? "red" : "blue");
    }
    kit_say(&kit, KIT_START,
            "'kind':'schedule','team':'red','type':'holiday','from':%lld,'until':%lld",
            (long long)(KIT_START + KIT_DAY), (long long)(KIT_START + 2 * KIT_DAY));
    kit_say(&kit, KIT_START,
            "'kind':'schedule','actor':'p0','team':'red','type':'on_call','from':%lld,"
            "'until':%lld",
            (long long)KIT_START, (long long)(KIT_START + 1));
    for (uint32_t i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "p%u", i);
        CHECK(schedule_of(name, first) == (i == 0 ? 1u << GH_ON_CALL : 0));
        CHECK(schedule_of(name, first + 1) == (i % 2 ? 1u << GH_HOLIDAY : 0));
        CHECK(schedule_of(name, first + 2) == 0);
    }
    kit_close(&kit);
}

static void a_schedule_holds_on_the_local_dates_that_it_touches(void)
{
    kit_open(&kit);
    profile("ann", KIT_START, "Pacific/Honolulu");
    call("ann", KIT_START); /* the local day before, at 14:00 */
    kit_say(&kit, KIT_START,
            "'kind':'schedule','actor':'ann','type':'leave','from':%lld,'until':%lld",
            (long long)(KIT_START + 10 * KIT_HOUR), (long long)(KIT_START + 34 * KIT_HOUR));
    CHECK(schedule_of("ann", first - 1) == 0);
    CHECK(schedule_of("ann", first) == 1u << GH_LEAVE);
    CHECK(schedule_of("ann", first + 1) == 0);
    kit_close(&kit);
}

static void output(int64_t ts_ms, const char *rest)
{
    reach(ts_ms);
    kit_say(&kit, ts_ms, "'kind':'output','actor':'ann',%s", rest);
}

static void an_artifact_counts_once_whatever_becomes_of_it(void)
{
    static const struct {
        const char *say;
        double units; /* of the day after it */
    } row[] = {
        {"'artifact':'pull_request','ref':'a','state':'proposed'", 0},
        {"'artifact':'pull_request','ref':'a'", 3},
        {"'artifact':'pull_request','ref':'a','state':'accepted'", 3},
        {"'artifact':'pull_request','ref':'a','units':5", 5},
        {"'artifact':'pull_request','ref':'a','state':'reverted'", 0},
        {"'artifact':'pull_request','ref':'a','state':'reverted'", 0},
        {"'artifact':'pull_request','ref':'a'", 3},
        {"'artifact':'pull_request','ref':'a','state':'rejected'", 0},
        {"'artifact':'commit'", 1}, /* without a name each counts */
        {"'artifact':'commit'", 2},
        {"'artifact':'commit','state':'proposed'", 2},
        {"'artifact':'commit','state':'rejected'", 2},
        {"'artifact':'commit','state':'reverted'", 1},
        {"'artifact':'commit','ref':'b','state':'reverted'", 1},
        {"'artifact':'design'", 4},
        {"'units':0.5", 4.5},
    };

    kit_open(&kit);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        output(KIT_START, row[i].say);
        CHECK_NEAR(kit_day(&kit, "ann", KIT_START)->units, row[i].units, 0);
    }
    CHECK(kit_day(&kit, "ann", KIT_START)->outputs == sizeof row / sizeof *row);
    CHECK(kit_day(&kit, "ann", KIT_START)->calls == 0);
    kit_say(&kit, KIT_START, "'kind':'output','actor':'bob','ref':'a','artifact':'ticket'");
    CHECK_NEAR(kit_day(&kit, "bob", KIT_START)->units, 2, 0); /* another person's a */
    kit_close(&kit);
}

static void what_is_reverted_later_is_taken_off_on_that_later_day(void)
{
    kit_open(&kit);
    output(KIT_START, "'artifact':'deploy','ref':'a'");
    for (int64_t day = 0; day < 3; day++)
        kit_tick(&kit, KIT_START + day * KIT_DAY + 13 * KIT_HOUR);
    output(KIT_START + 3 * KIT_DAY, "'artifact':'deploy','ref':'a','state':'reverted'");
    CHECK_NEAR(kit_actor(&kit, "ann")->gate_units, 2, 0);
    CHECK_NEAR(kit_day(&kit, "ann", KIT_START + 3 * KIT_DAY)->units, -2, 0);
    CHECK(kit_actor(&kit, "ann")->active_days == 0);
    kit_close(&kit);
}

static void a_day_of_output_alone_is_no_active_day(void)
{
    kit_open(&kit);
    output(KIT_START, "'artifact':'commit'");
    kit_tick(&kit, KIT_START + 2 * KIT_DAY);
    CHECK(kit_actor(&kit, "ann")->active_days == 0);
    CHECK(kit_actor(&kit, "ann")->first_date == INT32_MAX);
    CHECK_NEAR(kit_actor(&kit, "ann")->gate_units, 1, 0);
    CHECK_NEAR(kit_actor(&kit, "ann")->gate_days, 0, 0);
    kit_close(&kit);
}

/* The window forgets with exp(-1/10) a day; what it forgets becomes the past, which
 * forgets 1 % a day. */
static void the_window_of_the_gate_decays_into_the_past(void)
{
    struct gh_actor a = {.gate_units = 10, .gate_usd = 20, .gate_days = 1, .gate_date = 100};

    kit_open(&kit);
    gh_gate_advance(kit.engine, &a, 100);
    CHECK_NEAR(a.gate_units, 10, 0);
    gh_gate_advance(kit.engine, &a, 101);
    CHECK_NEAR(a.gate_units, 10 * exp(-0.1), 1e-12);
    CHECK_NEAR(a.past_units, 10 * (1 - exp(-0.1)), 1e-12);
    gh_gate_advance(kit.engine, &a, 103);
    CHECK_NEAR(a.gate_usd, 20 * exp(-0.3), 1e-12);
    CHECK_NEAR(a.past_usd, 20 * (1 - exp(-0.1)) * 0.9801 + 20 * exp(-0.1) * (1 - exp(-0.2)),
               1e-12);
    gh_gate_advance(kit.engine, &a, 50); /* never back */
    CHECK_NEAR(a.gate_usd, 20 * exp(-0.3), 1e-12);
    kit_close(&kit);
}

static void the_gate_stands_every_sum(void)
{
    static const double sum[] = {0.0, 5e-324, 1e-9, 1.0, 1e9, 1e15, 1e30};
    const size_t n = sizeof sum / sizeof *sum;

    kit_open(&kit);
    for (size_t i = 0; i < n * n * n * n; i++) {
        struct gh_actor a = {.gate_usd = sum[i % n],
                             .gate_units = sum[i / n % n] - 1.0,
                             .gate_days = 1.0,
                             .past_usd = sum[i / n / n % n],
                             .past_units = sum[i / n / n / n] - 1.0};
        for (uint32_t peers = 0; peers < 3; peers++) {
            kit.engine->cohort[0].units_per_day = peers == 0 ? 0.0 : 1.0;
            kit.engine->cohort[0].units_per_usd = peers == 1 ? 1e-9 : 0.5;
            kit.engine->cohort[0].usd_per_day = peers == 0 ? 0.0 : 1e-300;
            const bool open = gh_gate_open(kit.engine, &a);
            CHECK(!open || a.gate_usd > 0.0);
        }
    }
    kit_close(&kit);
}

/* 8 dollars in the window where the past brought one unit a dollar: nothing came of it. */
static void the_gate_opens_when_output_stays_behind_and_not_when_it_keeps_pace(void)
{
    struct gh_actor a = {.gate_usd = 80, .past_usd = 400, .past_units = 400};

    kit_open(&kit);
    kit.engine->cohort[0].units_per_day = 1.0;
    kit.engine->cohort[0].units_per_usd = 1.0;
    CHECK(gh_gate_open(kit.engine, &a));
    a.gate_units = 80;
    CHECK(!gh_gate_open(kit.engine, &a));
    a.gate_units = 20;
    CHECK(gh_gate_open(kit.engine, &a));
    kit_close(&kit);
}

static uint32_t level_detector(void)
{
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d) && gh_detectors[d]->measure == GH_LEVEL)
            return d;
    return 0;
}

/* A week of active days, and three of the class of work, before anything is bet. */
static void nobody_is_judged_before_a_week_of_their_own(void)
{
    const uint32_t d = level_detector();
    const struct gh_day day = {.calls = 20, .date = first};

    kit_open(&kit);
    call("ann", KIT_START);
    struct gh_actor *a = kit_actor(&kit, "ann");
    for (uint32_t days = 0; days < 12; days++)
        for (uint32_t own = 0; own < 6; own++) {
            struct gh_judged_classes by = {.seen = {.part = {9}, .weight = {1}}};
            struct gh_judged j = {.seen = {.state = GH_OBSERVED}, .by_class = &by};
            a->active_days = days;
            gh_actor_evidence(kit.engine, a, d)->past[0].weight = (float)own;
            gh_judge(kit.engine, a, &day, d, &j);
            CHECK(j.known == (days >= 7 && own >= 3));
        }
    kit_close(&kit);
}

static void the_65th_role_has_everybody_for_peers(void)
{
    uint32_t cohorts = 0;

    kit_open(&kit);
    for (uint32_t i = 0; i < 100; i++) {
        char role[16];
        snprintf(role, sizeof role, "r%u", i);
        kit_say(&kit, KIT_START, "'kind':'profile','actor':'p%u','role':'%s'", i, role);
        const struct gh_text text = {role, (uint32_t)strlen(role)};
        const uint32_t id = gh_intern_find(&kit.engine->names, text);
        cohorts += gh_cohort_find(kit.engine, id) != 0;
    }
    CHECK(cohorts == GH_COHORTS - 1 && kit.engine->cohorts == GH_COHORTS);
    kit_close(&kit);
}

/* Evidence of a person who does nothing is 1 on every day of every epoch. */
static void evidence_without_bets_stays_one(void)
{
    kit_open(&kit);
    call("ann", KIT_START);
    for (int64_t day = 0; day < 90; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 13 * KIT_HOUR);
        struct gh_actor *a = kit_actor(&kit, "ann");
        const int32_t gone = kit.engine->settled_date - kit.engine->epoch_start + 1;
        for (uint32_t set = 0; set < GH_SETS && kit.engine->epoch > 0; set++) {
            const double log_e = gh_actor_log_e(kit.engine, a, set, (uint32_t)gone);
            CHECK(log_e <= 0.0 && log_e > -1e-4); /* cut downwards in steps of 2^-20 */
        }
    }
    CHECK(kit.engine->epoch == 3 && kit.engine->enrolled == 1);
    kit_close(&kit);
}

/* The last days before a long pause are judged with the episodes they belong to. */
static void an_episode_outlives_a_long_pause_of_everybody(void)
{
    kit_open(&kit);
    call("ann", KIT_START);
    struct gh_actor *a = kit_actor(&kit, "ann");
    struct gh_shard *s = gh_shard_of(kit.engine, a->id);
    const struct gh_judged j = {.seen = {.state = GH_OBSERVED, .value = 5.0}};
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (!gh_structural(d))
            gh_episode_day(kit.engine, s, kit_day(&kit, "ann", KIT_START), &j, d);
    kit.engine->newest_ms = KIT_START + 200 * KIT_DAY; /* not settled up to there yet */
    for (uint32_t d = 0; d < gh_detector_count; d++)
        CHECK(gh_structural(d) || gh_episode_find(s, a->id, d) != NULL);
    kit_close(&kit);
}

/* Weight of the own history of what a detector observed. */
static float past_of(const char *actor, const char *detector)
{
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, detector) == 0)
            return gh_actor_evidence(kit.engine, kit_actor(&kit, actor), d)->past[0].weight;
    return -1.0f;
}

static void a_day_of_outputs_alone_is_observed_by_those_who_listen_to_them(void)
{
    kit_open(&kit);
    for (int day = 0; day < 3; day++) {
        const int64_t ts_ms = KIT_START + day * KIT_DAY;
        reach(ts_ms);
        kit_say(&kit, ts_ms, "'kind':'output','actor':'ann','artifact':'commit'");
        kit_say(&kit, ts_ms + 7, "'kind':'output','actor':'ann','artifact':'commit'");
        CHECK(kit_day(&kit, "ann", ts_ms)->first_ms == ts_ms);
        CHECK(kit_day(&kit, "ann", ts_ms)->last_ms == ts_ms + 7);
    }
    call("ann", KIT_START + 2 * KIT_DAY + KIT_HOUR);
    CHECK(kit_day(&kit, "ann", KIT_START + 2 * KIT_DAY)->first_ms ==
          KIT_START + 2 * KIT_DAY + KIT_HOUR);
    kit_tick(&kit, KIT_START + 5 * KIT_DAY);
    CHECK(past_of("ann", "output_churn") == 3.0f); /* also with fewer calls than a day needs */
    CHECK(past_of("ann", "agent_loop") == 0.0f);
    CHECK(kit_actor(&kit, "ann")->active_days == 1);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(a_date_is_settled_at_noon_utc_of_the_next_day_and_lateness),
    GH_TEST(people_without_a_zone_live_in_utc),
    GH_TEST(without_anybody_who_knows_zones_every_zone_is_unknown),
    GH_TEST(local_time_follows_the_clock_change),
    GH_TEST(a_day_of_23_hours_is_one_day),
    GH_TEST(a_move_to_another_zone_in_mid_day_loses_nothing),
    GH_TEST(four_dates_are_open_at_once_where_lateness_is_a_day),
    GH_TEST(a_call_before_the_first_date_costs_no_later_date),
    GH_TEST(a_schedule_of_a_team_reaches_its_members_in_every_shard),
    GH_TEST(a_schedule_holds_on_the_local_dates_that_it_touches),
    GH_TEST(an_artifact_counts_once_whatever_becomes_of_it),
    GH_TEST(what_is_reverted_later_is_taken_off_on_that_later_day),
    GH_TEST(a_day_of_output_alone_is_no_active_day),
    GH_TEST(the_window_of_the_gate_decays_into_the_past),
    GH_TEST(the_gate_stands_every_sum),
    GH_TEST(the_gate_opens_when_output_stays_behind_and_not_when_it_keeps_pace),
    GH_TEST(nobody_is_judged_before_a_week_of_their_own),
    GH_TEST(the_65th_role_has_everybody_for_peers),
    GH_TEST(evidence_without_bets_stays_one),
    GH_TEST(an_episode_outlives_a_long_pause_of_everybody),
    GH_TEST(a_day_of_outputs_alone_is_observed_by_those_who_listen_to_them),
};

GH_TEST_MAIN(tests)
