/* What: what reviewers' verdicts teach: weights of detectors, and how rare so much evidence is
 *       (engine/verdicts.c).
 * How:  verdicts by hand on an engine of one person; weights against the beta-binomial mean. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static uint32_t loops, bloat; /* detectors */

static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    kit_say(&kit, KIT_START, "'actor':'ann','input_tokens':9");
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
    }
}

/* Number `id`, with a name. */
static struct gh_actor *person(uint32_t id)
{
    char name[16];

    while (gh_intern_count(&e->actors) < id) {
        const int size = snprintf(name, sizeof name, "p%u", gh_intern_count(&e->actors));
        gh_intern_add(&e->heap, &e->actors, (struct gh_text){name, (uint32_t)size});
    }
    return gh_shard_actor(gh_shard_of(e, id), id);
}

/* On `times` people, each of whom had so much evidence. */
static void decide(enum gh_verdict verdict, uint32_t times, double sup)
{
    for (uint32_t i = 0; i < times; i++) {
        struct gh_actor *a = person(1 + i);
        a->sup_log_e[0] = a->sup_log_e[1] = sup;
        gh_verdict_learn(e, a->id, loops, verdict, 0.5);
    }
}

static double weight_sum(void)
{
    double sum = 0.0;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        sum += e->weight[d];
    return sum;
}

static void all_weigh_the_same_before_anybody_has_decided(void)
{
    begin();
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const double wanted = gh_structural(d) ? 1.0 / e->layout.structural : 0.0;
        CHECK_NEAR(e->weight[d], wanted, 1e-15);
    }
    kit_close(&kit);
}

static void nothing_changes_before_the_epoch_ends_nor_by_one_person(void)
{
    begin();
    const double before = e->weight[loops];
    decide(GH_LEGITIMATE, 1, 3.0);
    CHECK(e->weight[loops] == before);
    gh_weights_set(e);
    CHECK_NEAR(e->weight[loops], before, 1e-15);
    kit_close(&kit);
}

/* Precision of loops: 7.2 / (12 + 8) = .36, of the other n: .9. */
static void who_is_cleared_takes_weight_from_the_detector_by_a_fifth_an_epoch(void)
{
    begin();
    const double n = e->layout.structural - 1.0, before = e->weight[loops];
    decide(GH_LEGITIMATE, 12, 3.0);
    gh_weights_set(e);
    CHECK(e->weight[loops] < before && e->weight[loops] >= 0.75 * before);
    CHECK_NEAR(weight_sum(), 1.0, 1e-12);
    for (int i = 0; i < 30; i++)
        gh_weights_set(e);
    CHECK_NEAR(e->weight[loops], 0.36 / (0.36 + 0.9 * n), 1e-6);
    CHECK_NEAR(e->log_weight[bloat], log(0.9 / (0.36 + 0.9 * n)), 1e-6);
    kit_close(&kit);
}

static void confirmed_and_waste_speak_for_it_and_an_error_in_the_data_says_nothing(void)
{
    begin();
    decide(GH_GAMING, 10, 3.0);
    decide(GH_WASTE, 10, 3.0);
    decide(GH_DATA_ERROR, 50, 3.0);
    CHECK(e->lesson[loops].right == 20 && e->lesson[loops].wrong == 0);
    for (int i = 0; i < 30; i++)
        gh_weights_set(e);
    CHECK(e->weight[loops] > e->weight[bloat]);
    CHECK(e->cleared.count == 0);
    kit_close(&kit);
}

static void two_who_were_cleared_make_as_much_evidence_common(void)
{
    begin();
    e->person_epochs = 100.0;
    const double p = gh_lock_p(e, 0, 9.0);
    CHECK(p < 0.01);
    decide(GH_LEGITIMATE, 2, 9.0);
    CHECK_NEAR(gh_lock_p(e, 0, 9.0), 0.02, 1e-15);
    CHECK(gh_lock_p(e, 0, 9.1) == gh_tail_p(&e->model->tail[GH_REVIEW], 9.1));
    decide(GH_LEGITIMATE, 1, 9.5);
    CHECK(gh_lock_p(e, 0, 9.1) < 0.01); /* only one had so much */
    CHECK(p == gh_tail_p(&e->model->tail[GH_REVIEW], 9.0));
    kit_close(&kit);
}

/* What is common among honest people is no rarer than the model says, and no more than sure. */
static void each_set_has_its_own_model_and_its_own_cleared_people(void)
{
    begin();
    kit.model->tail[GH_REVIEW].log_u = kit.model->tail[GH_CASE].log_u = 1.0;
    kit.model->tail[GH_REVIEW].p_u = 0.01;
    kit.model->tail[GH_CASE].p_u = 0.02;
    kit.model->tail[GH_REVIEW].g = kit.model->tail[GH_CASE].g = 1.0;
    kit.model->tail[GH_REVIEW].n = kit.model->tail[GH_CASE].n = 100000;
    CHECK_NEAR(gh_lock_p(e, 0, 3.0), 0.01 * exp(-2.0), 1e-15);
    CHECK_NEAR(gh_lock_p(e, 1, 3.0), 0.02 * exp(-2.0), 1e-15);
    for (uint32_t id = 1; id <= 2; id++) {
        struct gh_actor *a = person(id);
        a->sup_log_e[0] = 2.0;
        a->sup_log_e[1] = 4.0;
        gh_verdict_learn(e, id, loops, GH_LEGITIMATE, 0.5);
    }
    e->person_epochs = 20.0;
    CHECK_NEAR(gh_lock_p(e, 0, 3.0), 0.01 * exp(-2.0), 1e-15);
    CHECK_NEAR(gh_lock_p(e, 1, 3.0), 0.1, 1e-15);
    e->person_epochs = 1.0;
    CHECK(gh_lock_p(e, 1, 3.0) == 1.0);
    e->person_epochs = 1e9;
    CHECK_NEAR(gh_lock_p(e, 1, 3.0), 0.02 * exp(-2.0), 1e-15);
    kit_close(&kit);
}

static void cleared(uint32_t id, double share, double sup)
{
    struct gh_actor *a = person(id);

    a->sup_log_e[0] = a->sup_log_e[1] = sup;
    gh_verdict_learn(e, id, loops, GH_LEGITIMATE, share);
}

/* The second largest of the persons' largest: a share that one person was cleared with is
 * theirs, and a later verdict about less takes nothing back. */
static void what_two_were_cleared_with_is_the_lesser_of_their_largest(void)
{
    begin();
    cleared(1, 0.9, 4.0);
    CHECK(gh_cleared_share(e, loops, 0) == 0.0);
    cleared(2, 0.4, 4.0);
    CHECK(gh_cleared_share(e, loops, 0) == (double)0.4f);
    cleared(2, 0.3, 2.0);
    CHECK(gh_cleared_share(e, loops, 0) == (double)0.4f);
    CHECK(gh_cleared_share(e, bloat, 0) == 0.0);
    e->person_epochs = 20.0;
    CHECK_NEAR(gh_lock_p(e, 0, 3.0), fmax(0.1, gh_lock_p(e, 0, 4.1)), 1e-15);
    kit_close(&kit);
}

/* From 0.02 towards 1/n: by a fifth, and then all n are made to sum to 1 again. */
static void a_detector_gains_weight_by_a_fifth_an_epoch(void)
{
    begin();
    const double n = e->layout.structural;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        e->weight[d] = !gh_structural(d) ? 0.0 : d == loops ? 0.02 : 0.98 / (n - 1.0);
    gh_weights_set(e);
    CHECK_NEAR(e->weight[loops], 0.024 / (0.024 + (n - 1.0) / n), 1e-12);
    kit_close(&kit);
}

static void a_weight_never_vanishes(void)
{
    begin();
    decide(GH_LEGITIMATE, 5000, 3.0); /* more than are kept */
    for (int i = 0; i < 60; i++)
        gh_weights_set(e);
    CHECK(e->weight[loops] > 0.019 && e->cleared.count == 4096);
    kit_close(&kit);
}

static void one_person_is_one_however_often_and_by_whichever_detector_cleared(void)
{
    begin();
    e->person_epochs = 100.0;
    const double p = gh_lock_p(e, 0, 9.0);
    struct gh_actor *ann = kit_actor(&kit, "ann");
    ann->sup_log_e[0] = ann->sup_log_e[1] = 9.5;
    for (int i = 0; i < 3; i++)
        gh_verdict_learn(e, ann->id, i ? loops : bloat, GH_LEGITIMATE, 0.5);
    CHECK(e->cleared.count == 2 && gh_lock_p(e, 0, 9.0) == p);
    CHECK(gh_cleared_share(e, loops, 0) == 0.0);
    kit_close(&kit);
}

static void a_share_that_two_of_a_role_were_cleared_with_is_allowed_to_their_peers(void)
{
    begin();
    for (uint32_t i = 0; i < 3; i++) {
        struct gh_actor *a = person(1 + i);
        a->role = i < 2 ? 7 : 8;
        gh_verdict_learn(e, a->id, loops, GH_LEGITIMATE, 0.25 * (i + 1));
    }
    CHECK(gh_cleared_share(e, loops, 7) == 0.25);
    CHECK(gh_cleared_share(e, loops, 8) == 0.0); /* one person */
    CHECK(gh_cleared_share(e, loops, 0) == 0.5);
    CHECK(gh_cleared_share(e, bloat, 7) == 0.0);
    kit_close(&kit);
}

/* Thirty people with own means of .02 and 200 days: by themselves a cap of 3 * .02 + .05. */
static void what_was_cleared_raises_the_cap_by_a_fifth_an_epoch(void)
{
    begin();
    double cap = 0.11;
    for (uint32_t id = 1; id <= 30; id++) {
        struct gh_past *past = &gh_actor_evidence(e, person(id), loops)->past[0];
        past->sum = 0.2F;
        past->weight = 10.0F;
    }
    for (int i = 0; i < 200; i++)
        gh_rank_add(&e->cohort[0].value[e->layout.evidence[loops]], 0.02);
    gh_cohorts_refit(e);
    CHECK_NEAR(e->cohort[0].share[loops].cap, cap, 1e-6);
    decide(GH_LEGITIMATE, 2, 3.0); /* half of the tokens each */
    for (int epoch = 0; epoch < 12; epoch++) {
        gh_cohorts_refit(e);
        cap = fmin(0.5, 1.2 * cap);
        CHECK_NEAR(e->cohort[0].share[loops].cap, cap, 1e-6);
    }
    CHECK(cap == 0.5);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(what_was_cleared_raises_the_cap_by_a_fifth_an_epoch),
    GH_TEST(all_weigh_the_same_before_anybody_has_decided),
    GH_TEST(nothing_changes_before_the_epoch_ends_nor_by_one_person),
    GH_TEST(who_is_cleared_takes_weight_from_the_detector_by_a_fifth_an_epoch),
    GH_TEST(confirmed_and_waste_speak_for_it_and_an_error_in_the_data_says_nothing),
    GH_TEST(two_who_were_cleared_make_as_much_evidence_common),
    GH_TEST(each_set_has_its_own_model_and_its_own_cleared_people),
    GH_TEST(what_two_were_cleared_with_is_the_lesser_of_their_largest),
    GH_TEST(a_detector_gains_weight_by_a_fifth_an_epoch),
    GH_TEST(a_weight_never_vanishes),
    GH_TEST(one_person_is_one_however_often_and_by_whichever_detector_cleared),
    GH_TEST(a_share_that_two_of_a_role_were_cleared_with_is_allowed_to_their_peers),
};
GH_TEST_MAIN(tests)
