/* What: what a settled day does to a person's evidence and history (engine/evidence.c).
 * How:  judged days by hand; bets on numbers that stat/bet.h is tested with. */
#include "support/engine_kit.h"

#include "stat/bet.h"

static struct kit kit;
static struct gh_engine *e;
static struct gh_actor *ann;
static struct gh_shard *shard;
static uint32_t loops, bloat; /* a share and a level */
static struct gh_judged judged[GH_DETECTORS_MAX];
static struct gh_day *day; /* with its detectors' states: the open one of Ann */

enum { CASES = 1 }; /* the set that needs the gate open */
static const double share_level[] = {0.15, 0.35, 0.60}, delta[] = {0.75, 1.5, 2.5};

/* The first day of Ann's second epoch. */
static void begin(void)
{
    kit_open(&kit);
    e = kit.engine;
    kit_say(&kit, KIT_START, "'actor':'ann','input_tokens':9");
    ann = kit_actor(&kit, "ann");
    shard = gh_shard_of(e, ann->id);
    day = kit_day(&kit, "ann", KIT_START);
    day->calls = 5;
    ann->gate_date = day->date;
    ann->first_date = day->date - 40;
    e->epoch = 2;
    e->epoch_start = e->enrol_date = day->date;
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        loops = gh_detectors[d]->behaviour == GH_AGENT_LOOP ? d : loops;
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
        if (gh_structural(d))
            for (uint32_t set = 0; set < GH_EVIDENCES; set++)
                gh_reserve_start(&gh_actor_evidence(e, ann, d)->set[set]);
    }
    memset(judged, 0, sizeof judged);
}

static struct gh_evidence *own(uint32_t d)
{
    return gh_actor_evidence(e, ann, d);
}

/* Allowed 0.2, of which others explain 0.1 and the team another 0.1. */
static const struct gh_judged share_day = {.seen = {.state = GH_OBSERVED, .value = 0.9},
                                           .base = 0.1,
                                           .allowed = 0.2,
                                           .shock = 0.1,
                                           .team_shock = 0.1,
                                           .known = true};

static void bet_on(uint32_t d, const struct gh_judged *j)
{
    static struct gh_judged_classes nothing_seen;

    judged[d] = *j;
    if (j->by_class == NULL)
        judged[d].by_class = &nothing_seen;
    gh_bet_day(e, shard, day, judged);
}

static double eta_of(uint32_t d)
{
    return fmin(e->evidence.eta, kit.model->eta[gh_detectors[d]->behaviour]);
}

/* log S of one alternative after `gone` idle days of 28 and one bet of log_l. */
static double log_s(uint32_t d, uint32_t gone, double log_l)
{
    return eta_of(d) * log_l + log((gone + 1) / (28.0 * 3));
}

static void a_share_is_bet_on_above_what_is_allowed_and_what_others_share(void)
{
    double mean = 0;

    begin();
    bet_on(loops, &share_day);
    CHECK(judged[loops].bet);
    for (int k = 0; k < 3; k++) {
        const double all = gh_bet_share(0.9, 0.4, share_level[k]);
        CHECK_NEAR(judged[loops].log_bet[k], all, 1e-12);
        mean += all / 3;
        CHECK_NEAR((double)own(loops)->set[0].log_s[k], log_s(loops, 0, all), 2e-6);
        CHECK_NEAR((double)own(loops)->set[GH_TEAMWISE].log_s[k],
                   log_s(loops, 0, gh_bet_share(0.9, 0.3, share_level[k])), 2e-6);
    }
    CHECK_NEAR(judged[loops].log_l, mean, 1e-12);
    CHECK_NEAR((double)own(loops)->set[CASES].log_s[0], log_s(loops, 0, 0), 2e-6); /* shut */
    kit_close(&kit);
}

static void without_a_share_of_the_team_both_bets_are_the_same(void)
{
    struct gh_judged j = share_day;

    begin();
    j.team_shock = 0;
    bet_on(loops, &j);
    for (int k = 0; k < 3; k++)
        CHECK(own(loops)->set[0].log_s[k] == own(loops)->set[GH_TEAMWISE].log_s[k]);
    kit_close(&kit);
}

static void no_share_is_held_against_more_than_19_of_20(void)
{
    struct gh_judged j = share_day;

    begin();
    j.allowed = 0.9;
    bet_on(loops, &j);
    CHECK_NEAR(judged[loops].log_bet[1], gh_bet_share(0.9, 0.95, 0.35), 1e-12);
    kit_close(&kit);
}

static void open_gate(void)
{
    e->cohort[0].usd_per_day = 1;
    e->cohort[0].units_per_day = e->cohort[0].units_per_usd = 1;
    ann->gate_usd = ann->past_usd = ann->past_units = 100;
}

static void a_case_needs_the_gate_open_and_the_burn_in_over(void)
{
    begin();
    open_gate();
    bet_on(loops, &share_day);
    CHECK(own(loops)->set[CASES].log_s[0] == own(loops)->set[0].log_s[0]);
    kit_close(&kit);
    begin();
    open_gate();
    e->epoch = 0;
    e->first_date = day->date - 20;
    bet_on(loops, &share_day);
    CHECK(judged[loops].bet);
    CHECK_NEAR((double)own(loops)->set[CASES].log_s[0], log_s(loops, 0, 0), 2e-6);
    kit_close(&kit);
}

static void days_before_the_bet_were_idle(void)
{
    begin();
    e->epoch_start = day->date - 3;
    bet_on(loops, &share_day);
    CHECK_NEAR((double)own(loops)->set[0].log_s[2],
               log_s(loops, 3, gh_bet_share(0.9, 0.4, 0.60)), 2e-6);
    CHECK_NEAR((double)own(loops)->set[GH_TEAMWISE].log_s[2],
               log_s(loops, 3, gh_bet_share(0.9, 0.3, 0.60)), 2e-6);
    kit_close(&kit);
}

static bool bets_with(void (*change)(struct gh_judged *j))
{
    struct gh_judged j = share_day;

    begin();
    change(&j);
    bet_on(loops, &j);
    kit_close(&kit);
    return judged[loops].bet;
}
static void nothing(struct gh_judged *j)
{
    (void)j;
}
static void unknown(struct gh_judged *j)
{
    j->known = false;
}
static void too_little(struct gh_judged *j)
{
    j->seen.state = GH_TOO_LITTLE;
}
static void new_here(struct gh_judged *j)
{
    (void)j;
    ann->first_date = day->date;
}
static void machine(struct gh_judged *j)
{
    (void)j;
    ann->account = GH_HUMAN + 1;
}
static void everybody_new(struct gh_judged *j)
{
    (void)j;
    e->epoch = 0;
    e->first_date = day->date - 6;
}
static void away(struct gh_judged *j, const char *type)
{
    (void)j;
    kit_say(&kit, KIT_START,
            "'kind':'schedule','actor':'ann','type':'%s','from':%lld,'until':%lld", type,
            (long long)KIT_START, (long long)(KIT_START + KIT_DAY));
    day->schedule = gh_schedule_bits(shard, ann, day->date);
}
static void on_leave(struct gh_judged *j)
{
    away(j, "leave");
}
static void on_holiday(struct gh_judged *j)
{
    away(j, "holiday");
}
static void on_call(struct gh_judged *j)
{
    away(j, "on_call");
}

static void nobody_is_bet_on_who_is_new_or_away_or_no_person(void)
{
    CHECK(bets_with(nothing) && bets_with(on_call));
    CHECK(!bets_with(unknown) && !bets_with(too_little));
    CHECK(!bets_with(new_here) && !bets_with(machine) && !bets_with(everybody_new));
    CHECK(!bets_with(on_leave) && !bets_with(on_holiday));
}

/* Each bin of 1/32 from -8 to 8 holds one residual: p of r is (1 + 512 - bin) / 513. */
static void even_residuals(uint32_t d, uint32_t bin)
{
    struct gh_rank *rank = &e->cohort[0].residual[e->layout.evidence[d] * GH_BINS + bin];

    for (int i = 0; i < GH_RANK_BINS; i++)
        gh_rank_add(rank, -8 + (i + 0.5) / 32);
}

/* Half of the day is own doing. 2.005 above the own mean, of which 0.3 and 0.2 are shocks and
 * 0.5 is allowed; spread 0.5: 2.01, in bin 320. Without the team's: 2.41, in bin 333. */
static const struct gh_judged level_day = {
    .seen = {.state = GH_OBSERVED, .value = 7.005, .stake = 0.5},
    .base = 5,
    .allowed = 5.5,
    .residual = 2.005,
    .shock = 0.3,
    .team_shock = 0.2,
    .spread = 0.5,
    .known = true};

static double level_bet(double p, int k)
{
    const double z = gh_normal_above_inverse(p);

    return log(0.6 + 0.4 * exp(delta[k] * z - delta[k] * delta[k] / 2));
}

static void a_level_is_bet_on_by_its_rank_past_margin_and_shocks(void)
{
    begin();
    even_residuals(bloat, 0);
    bet_on(bloat, &level_day);
    CHECK(judged[bloat].bet);
    CHECK_NEAR(judged[bloat].p, 193.0 / 513, 1e-15);
    for (int k = 0; k < 3; k++) {
        CHECK_NEAR(judged[bloat].log_bet[k], level_bet(193.0 / 513, k), 1e-12);
        CHECK_NEAR((double)own(bloat)->set[0].log_s[k],
                   log_s(bloat, 0, level_bet(193.0 / 513, k)), 2e-6);
        CHECK_NEAR((double)own(bloat)->set[GH_TEAMWISE].log_s[k],
                   log_s(bloat, 0, level_bet(180.0 / 513, k)), 2e-6);
    }
    kit_close(&kit);
}

static void a_level_is_bet_on_among_days_of_as_many_calls(void)
{
    begin();
    even_residuals(bloat, 1);
    bet_on(bloat, &level_day);
    CHECK(!judged[bloat].bet && isnan(judged[bloat].p)); /* nobody of five calls */
    day->calls = 8;
    bet_on(bloat, &level_day);
    CHECK(judged[bloat].bet);
    kit_close(&kit);
    begin();
    even_residuals(bloat, 0);
    e->epoch = 0;
    e->first_date = day->date - 20;
    bet_on(bloat, &level_day);
    CHECK(!judged[bloat].bet); /* how far honest days stray is not known yet */
    kit_close(&kit);
}

static void a_share_is_learned_clipped_and_slowly_after_the_burn_in(void)
{
    begin();
    e->cohort[0].share[loops].clip = 0.6;
    judged[loops].known = false;
    struct gh_judged j = share_day;
    j.known = false;
    own(loops)->past[0] = (struct gh_past){.sum = 1, .weight = 3};
    bet_on(loops, &j);
    CHECK_NEAR((double)own(loops)->past[0].weight, 3.25, 1e-6);
    CHECK_NEAR((double)own(loops)->past[0].sum, 1 + 0.25 * 0.6, 1e-6);
    own(loops)->past[0] = (struct gh_past){.sum = 1, .weight = 2};
    j.seen.value = 0.5;
    bet_on(loops, &j); /* what is hardly known is learned in full */
    CHECK_NEAR((double)own(loops)->past[0].weight, 3, 1e-6);
    CHECK_NEAR((double)own(loops)->past[0].sum, 1.5, 1e-6);
    e->epoch = 0;
    bet_on(loops, &j);
    CHECK_NEAR((double)own(loops)->past[0].weight, 4, 1e-6);
    ann->flagged = 1;
    bet_on(loops, &j);
    j.seen.state = GH_TOO_LITTLE;
    ann->flagged = 0;
    bet_on(loops, &j);
    CHECK_NEAR((double)own(loops)->past[0].weight, 4, 1e-6);
    kit_close(&kit);
}

/* Evidence above 1.5 (log): a quarter of the weight. */
static void a_day_in_doubt_is_learned_with_a_quarter_of_its_weight(void)
{
    struct gh_judged j = share_day;

    begin();
    e->cohort[0].share[loops].clip = 1;
    j.known = false;
    own(loops)->set[0] = (struct gh_reserve){.days_gone = 28, .log_s = {1.4f, -99, -99}};
    bet_on(loops, &j);
    CHECK_NEAR((double)own(loops)->past[0].weight, 1, 1e-6);
    own(loops)->set[0] = (struct gh_reserve){.days_gone = 28, .log_s = {1.6f, -99, -99}};
    bet_on(loops, &j);
    CHECK_NEAR((double)own(loops)->past[0].weight, 1.25, 1e-6);
    CHECK_NEAR((double)own(loops)->past[0].sum, 0.9 * 1.25, 1e-6);
    kit_close(&kit);
}

static const struct gh_past four_days = {.sum = 8, .weight = 4, .anchor = NAN, .square = 0.5f};

/* One day of the burn-in with `part` and spread `spread` of a class of usual level 2. */
static struct gh_past level_learned(struct gh_past past, double part, double spread)
{
    struct gh_judged_classes by = {
        .seen = {.part = {part}, .weight = {0.3}}, .base = {2}, .spread = {spread}};
    const struct gh_judged j = {
        .seen = {.state = GH_OBSERVED}, .by_class = &by, .shock = 0.1, .team_shock = 0.2};

    begin();
    e->epoch = 0;
    own(bloat)->past[0] = past;
    bet_on(bloat, &j);
    past = own(bloat)->past[0];
    kit_close(&kit);
    return past;
}

/* Weight 2 x 0.3. At most 1.5 from the usual: 3.5, which strays 3.5 - 2 - 0.3 = 1.2. */
static void a_level_is_learned_clipped_and_so_is_how_far_it_strays(void)
{
    struct gh_past past = level_learned(four_days, 9, 0.6);

    CHECK_NEAR((double)past.weight, 4.6, 1e-6);
    CHECK_NEAR((double)past.sum, 8 + 0.6 * 3.5, 1e-5);
    CHECK_NEAR((double)past.square, 0.5 + 0.6 * 0.81, 1e-5); /* at most 1.5 spreads: 0.9 */
    past = level_learned(four_days, 9, 1);
    CHECK_NEAR((double)past.square, 0.5 + 0.6 * 1.44, 1e-5);
    past = level_learned(four_days, -9, 0.6);
    CHECK_NEAR((double)past.square, 0.5 + 0.6 * 0.81, 1e-5);
    past = level_learned(four_days, -9, 2); /* 0.5, which strays 1.8 */
    CHECK_NEAR((double)past.sum, 8 + 0.6 * 0.5, 1e-5);
    CHECK_NEAR((double)past.square, 0.5 + 0.6 * 3.24, 1e-5);
}

static void a_new_class_is_learned_as_it_is_and_strays_as_the_peers_do(void)
{
    const struct gh_past two = {.sum = 4, .weight = 2, .anchor = NAN};
    const struct gh_past past = level_learned(two, 9, 0.5);

    CHECK_NEAR((double)past.sum, 4 + 0.6 * 9, 1e-5);
    CHECK_NEAR((double)past.square, 0.6 * 0.25, 1e-6);
}

/* The third and fourth have a variance of 0.09, of which two thirds or all is noise. */
static void a_class_weighs_by_its_calls_and_by_what_is_not_noise(void)
{
    struct gh_judged_classes by = {
        .seen = {.part = {5, 7}, .weight = {0.9, 0.1, 0.5, 0.5}, .noise = {0, 0, 0.06, 0.09}},
        .spread = {0.3, 0.3, 0.3, 0.3}};
    const struct gh_judged j = {.seen = {.state = GH_OBSERVED}, .by_class = &by};

    begin();
    bet_on(bloat, &j);
    CHECK_NEAR((double)own(bloat)->past[0].weight, 1, 1e-6);
    CHECK_NEAR((double)own(bloat)->past[1].weight, 0.2, 1e-6);
    CHECK_NEAR((double)own(bloat)->past[1].sum, 1.4, 1e-6);
    CHECK_NEAR((double)own(bloat)->past[2].weight, 1.0 / 3, 1e-6);
    CHECK_NEAR((double)own(bloat)->past[3].weight, 0.1, 1e-6); /* the least */
    kit_close(&kit);
}

/* Ten days of 100 tokens; 400 today count as two and a half of those. */
static void usual_days_forget_three_of_a_hundred_and_take_in_no_burst(void)
{
    begin();
    day->tokens = 400;
    day->cost_usd = 8;
    ann->usual_weight = 10;
    ann->usual_tokens = 1000;
    ann->usual_usd = 20;
    gh_bet_day(e, shard, day, judged);
    CHECK_NEAR(ann->usual_tokens, 970 + 0.625 * 400, 1e-9);
    CHECK_NEAR(ann->usual_usd, 19.4 + 0.625 * 8, 1e-9);
    CHECK_NEAR(ann->usual_weight, 10.7, 1e-9);
    ann->usual_weight = 4.9; /* too few to tell a burst */
    ann->usual_tokens = 490;
    gh_bet_day(e, shard, day, judged);
    CHECK_NEAR(ann->usual_tokens, 0.97 * 490 + 400, 1e-9);
    ann->usual_weight = 10;
    ann->usual_tokens = 5000;
    gh_bet_day(e, shard, day, judged);
    CHECK_NEAR(ann->usual_tokens, 0.97 * 5000 + 400, 1e-9); /* a small day counts once */
    ann->watched = 1;
    ann->usual_weight = 10;
    ann->usual_tokens = 1000;
    gh_bet_day(e, shard, day, judged);
    CHECK(ann->usual_tokens == 1000);
    ann->usual_weight = 4;
    gh_bet_day(e, shard, day, judged);
    CHECK_NEAR(ann->usual_tokens, 970 + 400, 1e-9);
    ann->watched = 0;
    ann->flagged = 1;
    gh_bet_day(e, shard, day, judged);
    CHECK_NEAR(ann->usual_tokens, 970 + 400, 1e-9);
    kit_close(&kit);
}

/* E is 8 for one detector and 1 for the others, all of one weight. */
static void evidence_of_a_person_is_the_mean_over_detectors(void)
{
    begin();
    const double n = e->layout.structural;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d))
            own(d)->set[0] = (struct gh_reserve){.days_gone = 28, .log_s = {0, -99, -99}};
    own(loops)->set[0].log_s[0] = (float)log(8);
    CHECK_NEAR(gh_detector_log_e(e, ann, loops, 0, 28), log(8), 2e-6);
    CHECK_NEAR(gh_actor_log_e(e, ann, 0, 28), log((8 + n - 1) / n), 3e-6);
    kit_close(&kit);
}

/* E of the day after a bet: what is left of the reserve, and the bets of that day. */
static void the_score_of_a_day_is_the_evidence_at_its_end(void)
{
    double sum = 27.0 / 28;

    begin();
    bet_on(loops, &share_day);
    for (int k = 0; k < 3; k++)
        sum += exp(log_s(loops, 0, gh_bet_share(0.9, 0.4, share_level[k])));
    CHECK_NEAR(judged[loops].score, log(sum), 4e-6);
    CHECK_NEAR((double)ann->score_sup[loops], log(sum), 4e-6);
    CHECK_NEAR(ann->sup_log_e[0], gh_actor_log_e(e, ann, 0, 1), 1e-9);
    CHECK_NEAR((double)ann->team_log_e, gh_actor_log_e(e, ann, GH_TEAMWISE, 1), 1e-6);
    CHECK(ann->team_log_e > (float)ann->sup_log_e[0]);
    ann->sup_log_e[0] = 5; /* the largest stays */
    ann->score_sup[loops] = 6;
    gh_bet_day(e, shard, day, judged);
    CHECK(ann->sup_log_e[0] == 5 && ann->score_sup[loops] == 6);
    kit_close(&kit);
}

static void only_days_with_calls_are_active(void)
{
    begin();
    ann->first_date = INT32_MAX;
    day->calls = 0;
    gh_bet_day(e, shard, day, judged);
    CHECK(ann->active_days == 0 && ann->first_date == INT32_MAX && ann->usual_weight == 0);
    day->calls = 1;
    gh_bet_day(e, shard, day, judged);
    CHECK(ann->active_days == 1 && ann->first_date == day->date);
    CHECK(ann->last_date == day->date && ann->usual_weight == 1);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(a_share_is_bet_on_above_what_is_allowed_and_what_others_share),
    GH_TEST(without_a_share_of_the_team_both_bets_are_the_same),
    GH_TEST(no_share_is_held_against_more_than_19_of_20),
    GH_TEST(a_case_needs_the_gate_open_and_the_burn_in_over),
    GH_TEST(days_before_the_bet_were_idle),
    GH_TEST(nobody_is_bet_on_who_is_new_or_away_or_no_person),
    GH_TEST(a_level_is_bet_on_by_its_rank_past_margin_and_shocks),
    GH_TEST(a_level_is_bet_on_among_days_of_as_many_calls),
    GH_TEST(a_share_is_learned_clipped_and_slowly_after_the_burn_in),
    GH_TEST(a_day_in_doubt_is_learned_with_a_quarter_of_its_weight),
    GH_TEST(a_level_is_learned_clipped_and_so_is_how_far_it_strays),
    GH_TEST(a_new_class_is_learned_as_it_is_and_strays_as_the_peers_do),
    GH_TEST(a_class_weighs_by_its_calls_and_by_what_is_not_noise),
    GH_TEST(usual_days_forget_three_of_a_hundred_and_take_in_no_burst),
    GH_TEST(evidence_of_a_person_is_the_mean_over_detectors),
    GH_TEST(the_score_of_a_day_is_the_evidence_at_its_end),
    GH_TEST(only_days_with_calls_are_active),
};
GH_TEST_MAIN(tests)
