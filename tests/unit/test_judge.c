/* What: what one day is held against: own past, peers, allowances (engine/evidence.c).
 * How:  histories and peers set by hand so that every sum is a short fraction. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static struct gh_actor *ann;
static uint32_t loops, bloat; /* a share and a level */

static const int32_t today = (int32_t)(KIT_START / KIT_DAY) + 14;

/* The second epoch of Ann's ten active days; it began two weeks ago. */
static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    kit_say(&kit, KIT_START, "'actor':'ann','input_tokens':9");
    ann = kit_actor(&kit, "ann");
    ann->active_days = 10;
    e->epoch = 2;
    e->epoch_start = today - 14;
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
    }
}

static struct gh_past *past_of(uint32_t d)
{
    return gh_actor_evidence(e, ann, d)->past;
}

static struct gh_judged judged(uint32_t d, struct gh_observation seen)
{
    static struct gh_judged_classes by_class; /* of the last one */
    const struct gh_day day = {.calls = 5, .date = today};
    struct gh_judged j = {.seen = seen, .by_class = &by_class};

    by_class = (struct gh_judged_classes){.base = {0}};
    if (seen.by_class != NULL)
        by_class.seen = *seen.by_class;

    j.seen.state = GH_OBSERVED;
    gh_judge(e, ann, &day, d, &j);
    return j;
}

static void activity_has_four_bins(void)
{
    static const uint32_t row[][2] = {{0, 0},  {7, 0},  {8, 1},  {24, 1},
                                      {25, 2}, {69, 2}, {70, 3}, {5000, 3}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CHECK(gh_activity_bin(row[i][0]) == row[i][1]);
}

static void an_own_mean_is_drawn_to_the_peers(void)
{
    const struct gh_past past = {.sum = 6, .weight = 3}, none = {0};

    CHECK(gh_own_mean(&past, 0.5, 1) == 1.625); /* (0.5 + 6) / (1 + 3) */
    CHECK(gh_own_mean(&past, 0.5, 0) == 2);
    CHECK(gh_own_mean(&none, 0.5, 4) == 0.5);
    CHECK(gh_own_mean(&none, 0.5, 0) == 0);
}

/* Seven days of the peers' 0.1 and seven own days of 0.2: 0.15; allowed 1.3 x 0.15 + 0.02. */
static void a_share_is_held_against_a_multiple_of_the_own_mean(void)
{
    begin();
    e->cohort[0].share[loops] = (struct gh_share_prior){.mean = 0.1, .clip = 0.5, .cap = 0.4};
    *past_of(loops) = (struct gh_past){.sum = 1.4f, .weight = 7};
    const struct gh_judged j = judged(loops, (struct gh_observation){.value = 0.5});
    CHECK_NEAR(j.base, 0.15, 1e-8);
    CHECK_NEAR(j.allowed, 0.215, 1e-8);
    CHECK_NEAR(j.residual, 0.35, 1e-8);
    CHECK(j.known);
    kit_close(&kit);
}

static void nobody_is_allowed_more_of_a_share_than_peers_are_at_most(void)
{
    const struct gh_observation seen = {.value = 0.5};

    begin();
    e->cohort[0].share[loops] = (struct gh_share_prior){.mean = 0.1, .clip = 0.5, .cap = 0.4};
    *past_of(loops) = (struct gh_past){.sum = 6.3f, .weight = 7}; /* base 0.5 */
    CHECK_NEAR(judged(loops, seen).allowed, 0.4, 1e-15);
    e->cohort[0].share[loops].cap = 0.001; /* a bet needs some room */
    CHECK_NEAR(judged(loops, seen).allowed, 0.02, 1e-15);
    kit_close(&kit);
}

/* While everybody is new, the peers' cap is allowed whatever the own mean. */
static void in_the_burn_in_a_share_is_held_against_the_cap(void)
{
    const struct gh_observation seen = {.value = 0.5};

    begin();
    e->epoch = 0;
    e->cohort[0].share[loops] = (struct gh_share_prior){.mean = 0.1, .clip = 0.5, .cap = 0.4};
    CHECK_NEAR(judged(loops, seen).allowed, 0.4, 1e-15);
    ann->active_days = 3;
    CHECK(judged(loops, seen).known);
    ann->active_days = 2;
    CHECK(!judged(loops, seen).known);
    ann->active_days = 6;
    e->epoch = 1;
    CHECK(!judged(loops, seen).known);
    ann->active_days = 7;
    CHECK(judged(loops, seen).known);
    kit_close(&kit);
}

static void days_of_fewer_than_five_calls_are_not_judged(void)
{
    const struct gh_day four = {.calls = 4, .date = today};
    struct gh_judged j = {.seen = {.state = GH_OBSERVED, .value = 0.5}};

    begin();
    gh_judge(e, ann, &four, loops, &j);
    CHECK(j.seen.state == GH_TOO_LITTLE && !j.known);
    j = (struct gh_judged){.seen = {.state = GH_NOT_OBSERVABLE}};
    gh_judge(e, ann, &four, loops, &j);
    CHECK(j.seen.state == GH_NOT_OBSERVABLE);
    CHECK(judged(loops, (struct gh_observation){.value = 0.5}).seen.state == GH_OBSERVED);
    kit_close(&kit);
}

/* Three classes of work; the peers' center weighs four days, their spread three.
 *
 *              0: n = 5                              1: n = 12                    2: n = 2
 * own mean     (4 x 1 + 14) / 9 = 2                  (4 x 3 + 4) / 16 = 1         left out
 * spread^2     (3 x .25 + .45) / 8 + .1 = .25        (3 x .04 + .48) / 15 = .04
 * weight       .6 / .25 = 2.4                        .1 / .04 = 2.5               sum 4.9
 * allowance    .05 + .4 x .5 / 3 = 7 / 60            .05 + .4 x .2 / 4 = .07 */
static void three_classes(void)
{
    static const double center[] = {1, 3, 9}, sd[] = {0.5, 0.2, 1};
    static const struct gh_past past[] = {
        {.sum = 14, .weight = 5, .anchor = NAN, .square = 0.45f},
        {.sum = 4, .weight = 12, .anchor = NAN, .square = 0.48f},
        {.sum = 99, .weight = 2, .anchor = NAN}};

    for (int i = 0; i < 3; i++) {
        e->cohort[0].level[bloat][i] =
            (struct gh_level_prior){.center = center[i], .sd = sd[i], .cap = 100};
        past_of(bloat)[i] = past[i];
    }
}

static struct gh_by_class three_parts = {
    .part = {3, 1.4, 20}, .weight = {0.6, 0.1, 0.3}, .noise = {0.1, 0, 0}};
static const struct gh_observation three_seen = {.by_class = &three_parts};

static void classes_of_work_count_by_calls_and_by_how_well_they_are_foretold(void)
{
    begin();
    three_classes();
    const struct gh_judged j = judged(bloat, three_seen);
    CHECK_NEAR(j.by_class->base[0], 2, 1e-12);
    CHECK_NEAR(j.by_class->base[1], 1, 1e-12);
    CHECK_NEAR(j.by_class->spread[0], 0.5, 1e-7);
    CHECK_NEAR(j.by_class->spread[1], 0.2, 1e-7);
    CHECK_NEAR(j.seen.value, 10.7 / 4.9, 1e-6); /* 2.4 x 3 + 2.5 x 1.4 */
    CHECK_NEAR(j.base, 7.3 / 4.9, 1e-6);        /* 2.4 x 2 + 2.5 x 1 */
    CHECK_NEAR(j.residual, 3.4 / 4.9, 1e-6);
    CHECK_NEAR(j.allowed - j.base, 0.455 / 4.9, 1e-6); /* 2.4 x 7 / 60 + 2.5 x .07 */
    CHECK_NEAR(j.spread, 1.3 / 4.9, 1e-6);             /* sqrt(2.4^2 .25 + 2.5^2 .04) */
    CHECK(j.known);
    kit_close(&kit);
}

static void a_class_needs_three_own_days(void)
{
    begin();
    three_classes();
    past_of(bloat)[2].weight = 3;
    CHECK(judged(bloat, three_seen).seen.value > 3);
    e->epoch = 0; /* no class is known by its peers */
    ann->active_days = 6;
    CHECK(!judged(bloat, three_seen).known);
    ann->active_days = 7;
    CHECK(judged(bloat, three_seen).known);
    for (int i = 0; i < 3; i++)
        past_of(bloat)[i].weight = 2.9f;
    const struct gh_judged j = judged(bloat, three_seen);
    CHECK(!j.known && j.seen.value == 0 && j.spread == 0);
    kit_close(&kit);
}

/* No history at all: three of the peers' variances over three; and never below 0.15. */
static void the_own_spread_has_a_least(void)
{
    begin();
    three_classes();
    past_of(bloat)[0] = (struct gh_past){.sum = 5, .weight = 5, .anchor = NAN};
    past_of(bloat)[1] = (struct gh_past){.anchor = NAN};
    past_of(bloat)[2] = (struct gh_past){.weight = 1, .square = -9, .anchor = NAN};
    e->cohort[0].level[bloat][0].sd = 0;
    struct gh_by_class one = {.part = {3}, .weight = {1}, .noise = {0, 0.09, 0.09}};
    struct gh_judged j = judged(bloat, (struct gh_observation){.by_class = &one});
    CHECK(j.by_class->spread[0] == 0.15);
    CHECK_NEAR(j.by_class->spread[1], sqrt(0.04 + 0.09), 1e-7);
    CHECK_NEAR(j.by_class->spread[2], 0.3, 1e-12); /* a square below 0 counts as 0 */
    kit_close(&kit);
}

/* Two weeks at 0.02 each from 1.5, then the cap; neither raises the mean. */
static void an_own_mean_drifts_slowly_from_where_the_epoch_began(void)
{
    begin();
    three_classes();
    past_of(bloat)[0].anchor = 1.5f;
    CHECK_NEAR(judged(bloat, three_seen).by_class->base[0], 1.54, 1e-12);
    e->epoch_start = today + 7; /* a date from before the epoch */
    CHECK_NEAR(judged(bloat, three_seen).by_class->base[0], 1.5, 1e-12);
    past_of(bloat)[0].anchor = 5;
    CHECK_NEAR(judged(bloat, three_seen).by_class->base[0], 2, 1e-12);
    e->cohort[0].level[bloat][0].cap = 1.2;
    CHECK_NEAR(judged(bloat, three_seen).by_class->base[0], 1.2, 1e-12);
    kit_close(&kit);
}

static void detectors_are_told_of_usual_days_and_of_no_output_below_nothing(void)
{
    struct gh_person p;

    begin();
    struct gh_day day = {.actor = ann->id, .date = today};
    ann->gate_date = today;
    gh_person_fill(e, gh_shard_of(e, ann->id), ann, &day, &p);
    CHECK(isnan(p.usual_tokens) && isnan(p.usual_cost_usd) && p.days == 10);
    ann->usual_weight = 4;
    ann->usual_tokens = 1000;
    ann->usual_usd = 6;
    ann->gate_units = -3;
    ann->past_units = -4;
    ann->gate_usd = 5;
    ann->past_usd = 7;
    gh_person_fill(e, gh_shard_of(e, ann->id), ann, &day, &p);
    CHECK(p.usual_tokens == 250 && p.usual_cost_usd == 1.5);
    CHECK(p.gate_units == 0 && p.past_units == 0 && p.gate_usd == 5 && p.past_usd == 7);
    kit_close(&kit);
}

/* Chats twice, completions, agents twice, jobs; a thousand calls are the fewest. */
static void detectors_are_told_of_public_contexts(void)
{
    kit_prepare(&kit);
    for (int i = 0; i < GH_CALL_CLASS_COUNT; i++)
        kit.model->reference[i] =
            (struct gh_call_reference){.calls = 1000, .context = {1, 2, 10 + i}};
    kit.model->reference[GH_CLASS_CALLED].calls = 999;
    kit_start(&kit);
    static const double wanted[GH_PARTS] = {
        10 + GH_CLASS_CHAT,  10 + GH_CLASS_CHAT,  10 + GH_CLASS_COMPLETION,
        10 + GH_CLASS_AGENT, 10 + GH_CLASS_AGENT, INFINITY,
    };
    for (int i = 0; i < GH_PARTS; i++)
        CHECK(kit.engine->public_context[i] == wanted[i]);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(detectors_are_told_of_public_contexts),
    GH_TEST(activity_has_four_bins),
    GH_TEST(an_own_mean_is_drawn_to_the_peers),
    GH_TEST(a_share_is_held_against_a_multiple_of_the_own_mean),
    GH_TEST(nobody_is_allowed_more_of_a_share_than_peers_are_at_most),
    GH_TEST(in_the_burn_in_a_share_is_held_against_the_cap),
    GH_TEST(days_of_fewer_than_five_calls_are_not_judged),
    GH_TEST(classes_of_work_count_by_calls_and_by_how_well_they_are_foretold),
    GH_TEST(a_class_needs_three_own_days),
    GH_TEST(the_own_spread_has_a_least),
    GH_TEST(an_own_mean_drifts_slowly_from_where_the_epoch_began),
    GH_TEST(detectors_are_told_of_usual_days_and_of_no_output_below_nothing),
};
GH_TEST_MAIN(tests)
