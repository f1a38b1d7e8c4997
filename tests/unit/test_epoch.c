/* What: when epochs begin, what is frozen then, and the thresholds of incidents
 *       (engine/epoch.c,
 *       engine/thresholds.c).
 * How:  a company of a hundred whose scores are 0 … 99, bounds of the model set by hand. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static uint32_t loops, bloat, nights; /* a share, a level, a context detector */

static const int32_t first = (int32_t)(KIT_START / KIT_DAY);

enum { PEOPLE = 100, BURN_IN = 28, EPOCH = 14 };

static struct gh_actor *person(int i)
{
    char name[8];

    snprintf(name, sizeof name, "p%d", i);
    return kit_actor(&kit, name);
}

static void begin(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, EVIDENCE, evidence)->epoch = EPOCH;
    kit_start(&kit);
    e = kit.engine;
    for (int i = 0; i < PEOPLE; i++) {
        kit_say(&kit, KIT_START, "'actor':'p%d','input_tokens':9", i);
        person(i)->active_days = 1;
    }
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
        nights = gh_detectors[d]->behaviour == GH_OFF_HOURS_BURST ? d : nights;
        kit.model->score[gh_detectors[d]->behaviour] =
            kit.model->fast[gh_detectors[d]->behaviour] =
                (struct gh_score_bounds){.low = 0, .high = 1e6, .people = 1e6, .index = 2};
        for (int i = 0; i < PEOPLE; i++)
            person(i)->score_sup[d] = person(i)->fast_sup[d] = (float)i;
    }
}

static void an_epoch_begins_after_the_burn_in_and_every_so_many_days(void)
{
    static const int32_t row[][3] = {{0, 0, 0},   {27, 0, 0},  {28, 1, 28},
                                     {41, 1, 28}, {42, 2, 42}, {99, 6, 98}};

    begin();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        gh_epoch_advance(e, first + row[i][0]);
        CHECK(e->epoch == row[i][1]);
        CHECK(e->epoch == 0 || e->epoch_start == first + row[i][2]);
    }
    gh_epoch_advance(e, first + 42); /* never back */
    CHECK(e->epoch == 6 && e->counters.epochs == 3);
    kit_close(&kit);
}

static double of_days(uint32_t d)
{
    return e->threshold[0][d].score[GH_TOLD_ABOVE];
}

static double of_fast(uint32_t d)
{
    return e->threshold[0][d].fast[GH_TOLD_ABOVE];
}

static void nobody_is_judged_in_the_first_week(void)
{
    begin();
    CHECK(!gh_epoch_judges(e, first + 6) && gh_epoch_judges(e, first + 7));
    e->epoch = 1;
    CHECK(gh_epoch_judges(e, first));
    kit_close(&kit);
}

static void who_was_seen_before_the_epoch_is_enrolled_and_no_machine(void)
{
    begin();
    for (int i = 0; i < PEOPLE; i++)
        person(i)->first_date = first + 28;
    person(0)->first_date = person(1)->first_date = person(2)->first_date = first + 27;
    person(2)->account = GH_HUMAN + 1;
    gh_epoch_advance(e, first + 28);
    CHECK(e->enrolled == 2 && e->person_epochs == 2);
    CHECK(gh_enrolled(e, person(0)) && !gh_enrolled(e, person(2)) &&
          !gh_enrolled(e, person(3)));
    gh_epoch_advance(e, first + 42);
    CHECK(e->enrolled == 99 && e->person_epochs == 101);
    kit_close(&kit);
}

/* Half an alarm a day: of the 28 days of the burn-in 14, of which a context detector's days
 * get 14 / 1.6 = 8.75; of an epoch of 14 days 4.4. Structural ones: 7 and 3.5. */
static void so_few_scores_exceed_a_threshold_as_the_alarms_allow(void)
{
    begin();
    e->epoch = 1;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 99 - 8 && of_fast(nights) == 99 - 8);
    CHECK(of_fast(loops) == 99 - 7);
    CHECK(of_days(loops) == 1e6); /* no evidence of days to learn from yet */
    e->epoch = 2;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 99 - 4 && of_fast(nights) == 99 - 4);
    CHECK(of_days(loops) == 99 - 3 && of_fast(loops) == 99 - 3);
    e->epoch = 0;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 1e6 && of_fast(loops) == 1e6);
    kit_close(&kit);
}

/* A step more: 0.75 a day, of 28 days 21, of which days get 21 / 1.6 = 13.1; half of them may
 * be taken away again. */
static void who_is_audited_hears_of_the_next_lower_threshold(void)
{
    begin();
    e->epoch = 1;
    gh_thresholds_set(e);
    CHECK(e->threshold[0][nights].score[GH_TOLD_BELOW] == 99 - 13);
    CHECK(e->threshold[0][loops].fast[GH_TOLD_BELOW] == 99 - 10);
    e->tuning[nights].steps = 1;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 99 - 13 && of_fast(loops) == 99 - 7);
    e->tuning[nights].steps = -2; /* 14 / 2.25 / 1.6 = 3.9 */
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 99 - 3);
    kit_close(&kit);
}

static uint32_t audited(double part, uint32_t key, bool *drawn)
{
    uint32_t count = 0;

    begin();
    e->incident.audit = part;
    e->incident.audit_key = key;
    person(0)->account = GH_HUMAN + 1;
    person(1)->apart = true;
    gh_epoch_advance(e, first + 28);
    for (int i = 0; i < PEOPLE; i++) {
        drawn[i] = person(i)->audited;
        count += drawn[i];
    }
    CHECK(!person(0)->audited && !person(1)->audited);
    kit_close(&kit);
    return count;
}

static void people_are_drawn_by_lot_and_by_the_key(void)
{
    bool one[PEOPLE], same[PEOPLE], other[PEOPLE];

    CHECK(audited(0, 1, one) == 0);
    CHECK(audited(1, 1, one) == PEOPLE - 2);
    const uint32_t half = audited(0.5, 1, one);
    CHECK(half > 30 && half < 70); /* 4 standard deviations: 20 */
    CHECK(audited(0.5, 1, same) == half && memcmp(one, same, sizeof one) == 0);
    (void)audited(0.5, 2, other);
    CHECK(memcmp(one, other, sizeof one) != 0);
}

static void days_and_fast_paths_have_scores_and_bounds_of_their_own(void)
{
    begin();
    e->epoch = 2;
    for (int i = 0; i < PEOPLE; i++)
        person(i)->fast_sup[nights] = 1000;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 95 && of_fast(nights) == 1000);
    kit.model->fast[GH_OFF_HOURS_BURST].high = 50;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 95 && of_fast(nights) == 50);
    kit_close(&kit);
}

/* 100 people for 0.5 alarms where it was measured with 20 for each: ten times rarer. */
static void bounds_hold_and_move_where_alarms_must_be_rarer(void)
{
    begin();
    struct gh_score_bounds *bounds = &kit.model->score[GH_OFF_HOURS_BURST];
    e->epoch = 2;
    *bounds = (struct gh_score_bounds){.low = 200, .high = 300, .people = 20, .index = 2};
    gh_thresholds_set(e);
    CHECK_NEAR(of_days(nights), 200 + log(10) / 2, 1e-12);
    *bounds = (struct gh_score_bounds){.low = 2, .high = 30, .people = 20, .index = 2};
    gh_thresholds_set(e);
    CHECK_NEAR(of_days(nights), 30 + log(10) / 2, 1e-12);
    bounds->people = 300; /* where they may be more frequent, they do not move */
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 30);
    e->epoch = 0;
    bounds->people = 20;
    gh_thresholds_set(e);
    CHECK_NEAR(of_days(nights), 30 + log(10) / 2, 1e-12);
    kit_close(&kit);
}

static void few_people_leave_the_threshold_to_the_model(void)
{
    begin();
    e->epoch = 2;
    kit.model->score[GH_OFF_HOURS_BURST].low = 3;
    for (int i = 4; i < PEOPLE; i++)
        person(i)->active_days = 0; /* four people, and four alarms are allowed */
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 3);
    person(4)->active_days = 1;
    person(0)->score_sup[nights] = 9;
    for (int i = 1; i < 5; i++)
        person(i)->score_sup[nights] = 10;
    gh_thresholds_set(e);
    CHECK(of_days(nights) == 9);
    kit_close(&kit);
}

/* 0.5 alarms in 28 days are 14; 14 / 1.6 = 8.75. The scores themselves begin anew. */
static void other_alarms_hold_at_once_and_from_the_same_scores(void)
{
    begin();
    gh_epoch_advance(e, first + BURN_IN);
    CHECK(of_days(nights) == 99 - 8 && person(99)->score_sup[nights] == 0);
    e->incident.false_alarms = 1;
    gh_thresholds_make(e);
    CHECK(of_days(nights) == 99 - 17 && of_fast(loops) == 99 - 14);
    ((struct gh_detector_head *)&e->config[nights])->false_alarms = 0.25;
    gh_thresholds_make(e);
    CHECK(of_days(nights) == 99 - 4 && of_fast(nights) == 99 - 4 && of_fast(loops) == 99 - 14);
    CHECK(e->threshold[0][nights].score[GH_TOLD_BELOW] == 99 - 6);
    kit_close(&kit);
}

static void scores_below_every_threshold_are_counted_and_not_kept(void)
{
    begin();
    kit.model->score[GH_OFF_HOURS_BURST].low = 96;
    e->epoch = 2;
    gh_thresholds_set(e);
    CHECK(e->past[0][nights].people[0] == PEOPLE && e->past[0][nights].above[0].count == 3);
    CHECK(e->past[0][nights].above[1].count == PEOPLE - 1 && of_days(nights) == 96);
    e->incident.false_alarms = 0.25; /* 3.5 / 1.6 = 2.2: the third */
    gh_thresholds_make(e);
    CHECK(of_days(nights) == 97);
    e->incident.false_alarms = 0.36; /* 5.0 / 1.6 = 3.2: there is no fourth */
    gh_thresholds_make(e);
    CHECK(of_days(nights) == 96);
    kit.model->score[GH_OFF_HOURS_BURST].low = 1; /* another model knows no more of them */
    e->incident.false_alarms = 0.5;
    gh_thresholds_make(e);
    CHECK(of_days(nights) == 96);
    kit_close(&kit);
}

/* On the fifth day it becomes three days. */
static void a_grace_that_is_cut_short_ends_at_once(void)
{
    begin();
    person(0)->first_date = first;
    gh_epoch_advance(e, first + 4);
    CHECK(e->enrolled == 0);
    e->evidence.grace = 3;
    gh_epoch_advance(e, first + 5);
    CHECK(e->enrolled == 1 && e->enrol_date == first + 5);
    gh_epoch_advance(e, first + 6);
    CHECK(e->enrol_date == first + 5);
    kit_close(&kit);
}

/* Four own days at 2, the peers' center at 1: the refit that goes before lets the center of a
 * class that few do weigh 0.1 days, so (0.1 + 8) / 4.1. */
static void own_levels_are_anchored_when_an_epoch_begins(void)
{
    const struct gh_past past = {.sum = 8, .weight = 4, .anchor = NAN};

    begin();
    struct gh_past *a = gh_actor_evidence(e, person(0), bloat)->past;
    struct gh_past *b = gh_actor_evidence(e, person(1), bloat)->past;
    struct gh_past *c = gh_actor_evidence(e, person(2), bloat)->past;
    e->cohort[0].level[bloat][1].center = 1;
    struct gh_past *f = gh_actor_evidence(e, person(3), bloat)->past;
    a[1] = b[1] = c[1] = f[1] = past;
    b[1].anchor = f[1].anchor = 9;
    person(1)->flagged = person(2)->flagged = 1;
    gh_actor_evidence(e, person(0), bloat)->past[2].anchor = NAN;
    gh_epoch_advance(e, first + 28);
    CHECK_NEAR((double)a[1].anchor, 8.1 / 4.1, 1e-6);
    CHECK(b[1].anchor == 9); /* while flagged the old one stays */
    CHECK_NEAR((double)c[1].anchor, 8.1 / 4.1, 1e-6);
    CHECK_NEAR((double)f[1].anchor, 8.1 / 4.1, 1e-6);
    CHECK(isnan(gh_actor_evidence(e, person(0), bloat)->past[2].anchor)); /* no history */
    kit_close(&kit);
}

static void evidence_and_scores_start_anew(void)
{
    begin();
    struct gh_actor *a = person(0);
    a->flagged = a->candidate = 3;
    a->team_log_e = 4;
    a->sup_log_e[0] = a->frozen_log_e[1] = 5;
    gh_actor_evidence(e, a, loops)->set[GH_TEAMWISE].log_s[0] = 6;
    gh_epoch_advance(e, first + 28);
    CHECK(a->flagged == 0 && a->candidate == 0 && a->team_log_e == 0);
    CHECK(a->sup_log_e[0] == 0 && isnan(a->frozen_log_e[1]));
    CHECK(gh_actor_evidence(e, a, loops)->set[GH_TEAMWISE].log_s[0] == -INFINITY);
    CHECK(person(99)->score_sup[nights] == 0 && person(99)->fast_sup[loops] == 0);
    CHECK(of_days(nights) == 91); /* but first they taught the thresholds */
    kit_close(&kit);
}

/* Peers are learned for the first time after a week, then in the middle of the burn-in. */
static void peers_are_learned_before_anybody_is_judged_and_in_mid_burn_in(void)
{
    static const int32_t day[] = {7, 14, 28};

    begin();
    e->cohort[0].active_days = 1;
    for (int32_t i = 0, next = 0; i < 40; i++) {
        e->cohort[0].tokens = i + 1;
        gh_rank_add(&e->cohort[0].value[0], 0.5);
        gh_epoch_advance(e, first + i);
        const bool refit = next < 3 && i == day[next];
        next += refit;
        CHECK((e->cohort[0].tokens_per_day == i + 1) == refit);
        CHECK((e->cohort[0].value[0].count == 0) == (refit && i > 7));
        CHECK(e->enrolled == (i < 7 ? 0 : PEOPLE));
        if (i == 0)
            for (int k = 0; k < PEOPLE; k++)
                person(k)->first_date = first;
    }
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(who_is_audited_hears_of_the_next_lower_threshold),
    GH_TEST(people_are_drawn_by_lot_and_by_the_key),
    GH_TEST(an_epoch_begins_after_the_burn_in_and_every_so_many_days),
    GH_TEST(nobody_is_judged_in_the_first_week),
    GH_TEST(who_was_seen_before_the_epoch_is_enrolled_and_no_machine),
    GH_TEST(so_few_scores_exceed_a_threshold_as_the_alarms_allow),
    GH_TEST(days_and_fast_paths_have_scores_and_bounds_of_their_own),
    GH_TEST(bounds_hold_and_move_where_alarms_must_be_rarer),
    GH_TEST(few_people_leave_the_threshold_to_the_model),
    GH_TEST(other_alarms_hold_at_once_and_from_the_same_scores),
    GH_TEST(scores_below_every_threshold_are_counted_and_not_kept),
    GH_TEST(a_grace_that_is_cut_short_ends_at_once),
    GH_TEST(own_levels_are_anchored_when_an_epoch_begins),
    GH_TEST(evidence_and_scores_start_anew),
    GH_TEST(peers_are_learned_before_anybody_is_judged_and_in_mid_burn_in),
};
GH_TEST_MAIN(tests)
