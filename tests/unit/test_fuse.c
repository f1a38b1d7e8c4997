/* What: who is selected for review and for a case, and what is named (engine/fuse.c).
 * How:  evidence, its largest value and the money behind it set by hand for a few people. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static uint32_t loops, bloat, verbose;

enum { PEOPLE = 6, REVIEW = 0, CASES = 1 };

static struct gh_actor *person(int i)
{
    char name[8];

    snprintf(name, sizeof name, "p%d", i);
    return kit_actor(&kit, name);
}

/* E of one detector in both sets, in multiples of its weight: alone it is the person's E. */
static void evidence(int i, uint32_t d, double value)
{
    for (uint32_t set = 0; set < GH_EVIDENCES; set++)
        gh_actor_evidence(e, person(i), d)->set[set] = (struct gh_reserve){
            .days_gone = 28, .log_s = {(float)(log(value) - e->log_weight[d]), -99, -99}};
}

static void episode(int i, uint32_t d, double usd)
{
    struct gh_shard *s = gh_shard_of(e, person(i)->id);
    struct gh_episode *at = gh_cells_touch(
        &s->heap, &s->episodes, gh_file_key(person(i)->id, d), e->closed_hour * GH_MS_PER_HOUR);

    *at = (struct gh_episode){.days = 1, .excess_cost_usd = usd, .excess_tokens = usd};
}

/* No evidence of anything; on the last date of an epoch in which 1000 are enrolled, so that
 * one person needs 10 000 for a review and 20 000 for a case. */
static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    for (int i = 0; i < PEOPLE; i++)
        kit_say(&kit, KIT_START, "'actor':'p%d','input_tokens':9", i);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
        verbose = gh_detectors[d]->behaviour == GH_VERBOSITY ? d : verbose;
        for (int i = 0; i < PEOPLE && gh_structural(d); i++)
            evidence(i, d, 1e-9);
    }
    e->settled_date = (int32_t)(KIT_START / KIT_DAY);
    e->epoch = 2;
    e->epoch_start = e->settled_date - 27;
    e->enrolled = 1000;
}

/* All that it takes but the evidence itself. */
static void suspect(int i, double sup)
{
    person(i)->sup_log_e[REVIEW] = person(i)->sup_log_e[CASES] = sup;
    episode(i, loops, 5);
}

static void fuse(void)
{
    kit.changes = 0;
    gh_fuse(e, e->settled_date);
    kit_drain(&kit);
}

static bool flagged(int i, uint32_t set)
{
    return person(i)->flagged >> set & 1u;
}

/* 1/alpha is 10 and 20. */
static void who_never_had_so_much_evidence_is_no_candidate(void)
{
    static const double row[] = {2.30, 2.31, 2.99, 3.00};

    begin();
    for (int i = 0; i < 4; i++)
        person(i)->sup_log_e[REVIEW] = person(i)->sup_log_e[CASES] = row[i];
    fuse();
    CHECK(person(0)->candidate == 0 && person(1)->candidate == 1);
    CHECK(person(2)->candidate == 1 && person(3)->candidate == 3);
    kit_close(&kit);
}

static void the_larger_set_is_chosen_at_a_tenth_and_the_other_at_a_twentieth(void)
{
    static const double row[] = {9900, 10100, 19900, 20100};

    for (int i = 0; i < 4; i++) {
        begin();
        suspect(0, 60);
        evidence(0, loops, row[i]);
        fuse();
        CHECK(flagged(0, REVIEW) == (i >= 1) && flagged(0, CASES) == (i >= 3));
        CHECK(kit.changes == (i < 1 ? 0 : i < 3 ? 1 : 2));
        CHECK(i < 1 || kit.change[0].track == GH_REVIEW);
        CHECK(i < 3 || kit.change[1].track == GH_CASE);
        kit_close(&kit);
    }
}

static void two_support_each_other_and_nobody_counts_twice(void)
{
    begin();
    suspect(0, 60);
    evidence(0, loops, 6000);
    fuse();
    fuse(); /* the same person again is no second one */
    CHECK(!flagged(0, REVIEW));
    suspect(1, 60);
    evidence(1, loops, 5100);
    fuse();
    CHECK(flagged(0, REVIEW) && flagged(1, REVIEW) && !flagged(0, CASES));
    CHECK(kit.changes == 2 && kit_text_is(kit.change[0].actor, "p0"));
    CHECK(kit_text_is(kit.change[1].actor, "p1")); /* in the order of ids, not of shards */
    kit_close(&kit);
}

/* With nobody else enrolled 10 and 20 were enough. */
static void each_set_has_a_floor_of_its_own(void)
{
    begin();
    e->enrolled = 1;
    e->cases.floor = 1400;
    suspect(0, 60);
    evidence(0, loops, 1290);
    fuse();
    CHECK(!flagged(0, REVIEW) && !flagged(0, CASES));
    evidence(0, loops, 1310);
    fuse();
    CHECK(flagged(0, REVIEW) && !flagged(0, CASES));
    evidence(0, loops, 1410);
    fuse();
    CHECK(flagged(0, CASES));
    kit_close(&kit);
}

static void what_cost_less_than_a_dollar_is_worth_nobodys_time(void)
{
    begin();
    suspect(0, 60);
    evidence(0, loops, 15000);
    episode(0, loops, 0.75);
    fuse();
    CHECK(!flagged(0, REVIEW));
    episode(0, bloat, 0.25); /* all behaviours together count */
    fuse();
    CHECK(flagged(0, REVIEW));
    kit_close(&kit);
    begin();
    suspect(0, 60);
    evidence(0, loops, 15000);
    episode(0, loops, 0.75);
    gh_episode_find(gh_shard_of(e, person(0)->id), person(0)->id, loops)->cost_unknown = true;
    fuse();
    CHECK(flagged(0, REVIEW)); /* nobody knows what it cost */
    kit_close(&kit);
}

/* A p-value above alpha k / m: such evidence is not rare among honest people. */
static void the_lock_keeps_out_what_honest_people_have_had(void)
{
    begin();
    suspect(0, 2.31);
    evidence(0, loops, 15000);
    fuse();
    CHECK(!flagged(0, REVIEW));
    kit_close(&kit);
}

static void who_is_flagged_stays_with_the_evidence_of_that_day(void)
{
    begin();
    suspect(0, 60);
    evidence(0, loops, 15000);
    fuse();
    CHECK_NEAR(person(0)->frozen_log_e[REVIEW], log(15000), 1e-5);
    evidence(0, loops, 0.5);
    episode(0, loops, 0.1);
    suspect(1, 60);
    evidence(1, loops, 5100); /* not enough alone, but the other still counts */
    fuse();
    CHECK(flagged(0, REVIEW) && flagged(1, REVIEW));
    CHECK_NEAR(person(0)->frozen_log_e[REVIEW], log(15000), 1e-5);
    CHECK_NEAR(person(1)->frozen_log_e[REVIEW], log(5100), 1e-5);
    kit_close(&kit);
}

static bool named(uint32_t d)
{
    for (uint32_t i = 0; i < kit.changes; i++)
        if (strcmp(kit.change[i].detector, gh_detectors[d]->name) == 0)
            return true;
    return false;
}

/* The threshold of one among 1000 is 10 000: who carries half of it alone is named. */
static void behaviours_that_carry_half_of_the_threshold_are_named(void)
{
    begin();
    suspect(0, 60);
    episode(0, bloat, 5);
    episode(0, verbose, 5);
    evidence(0, loops, 5100);
    evidence(0, bloat, 5050);
    evidence(0, verbose, 4900);
    fuse();
    CHECK(kit.changes == 2 && named(loops) && named(bloat) && !named(verbose));
    kit_close(&kit);
}

static void where_none_does_the_strongest_of_which_something_is_known_is_named(void)
{
    for (int first = 0; first < 2; first++) {
        begin();
        suspect(0, 60);
        episode(0, verbose, 5);
        evidence(0, loops, first ? 3600 : 3400);
        evidence(0, bloat, 4500); /* of which no episode tells */
        evidence(0, verbose, 3500);
        fuse();
        CHECK(kit.changes == 1 && named(first ? loops : verbose));
        kit_close(&kit);
    }
}

/* Its evidence is not there, for this person or for the sets. */
static void a_detector_that_is_off_brings_nobody_before_a_manager(void)
{
    begin();
    suspect(0, 60);
    evidence(0, loops, 20100);
    e->enabled &= ~(1u << loops);
    fuse();
    CHECK(!flagged(0, REVIEW) && kit.changes == 0);
    e->enabled |= 1u << loops;
    fuse();
    CHECK(flagged(0, REVIEW) && flagged(0, CASES));
    kit_close(&kit);
}

/* Selected they stay till the epoch ends, but that is no evidence of something else. */
static void nobody_is_named_for_another_behaviour_than_the_one_that_is_off(void)
{
    begin();
    suspect(0, 60);
    evidence(0, loops, 20100);
    evidence(0, bloat, 20);
    episode(0, bloat, 5);
    fuse();
    CHECK(flagged(0, REVIEW) && kit.changes == 2);
    gh_episode_drop(gh_shard_of(e, person(0)->id), person(0)->id, loops);
    e->enabled &= ~(1u << loops);
    fuse();
    CHECK(flagged(0, REVIEW) && kit.changes == 0);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(a_detector_that_is_off_brings_nobody_before_a_manager),
    GH_TEST(nobody_is_named_for_another_behaviour_than_the_one_that_is_off),
    GH_TEST(who_never_had_so_much_evidence_is_no_candidate),
    GH_TEST(the_larger_set_is_chosen_at_a_tenth_and_the_other_at_a_twentieth),
    GH_TEST(two_support_each_other_and_nobody_counts_twice),
    GH_TEST(each_set_has_a_floor_of_its_own),
    GH_TEST(what_cost_less_than_a_dollar_is_worth_nobodys_time),
    GH_TEST(the_lock_keeps_out_what_honest_people_have_had),
    GH_TEST(who_is_flagged_stays_with_the_evidence_of_that_day),
    GH_TEST(behaviours_that_carry_half_of_the_threshold_are_named),
    GH_TEST(where_none_does_the_strongest_of_which_something_is_known_is_named),
};
GH_TEST_MAIN(tests)
