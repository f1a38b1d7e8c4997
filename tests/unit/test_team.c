/* What: teams that do something together (engine/team.c).
 * How:  people by hand; their evidence is set where the engine keeps it. */
#include "support/engine_kit.h"

static struct kit kit;

enum { TEAMS = 8, MEMBERS = 9 };

static struct gh_actor *member(int team, int i)
{
    char name[16];

    snprintf(name, sizeof name, "t%d-%d", team, i);
    return kit_actor(&kit, name);
}

/* Eight teams of nine, all enrolled, without evidence. */
static void company(void)
{
    kit_open(&kit);
    for (int t = 0; t < TEAMS; t++)
        for (int i = 0; i < MEMBERS; i++)
            kit_say(&kit, KIT_START, "'actor':'t%d-%d','team':'t%d','input_tokens':9", t, i, t);
    kit_tick(&kit, KIT_START + 2 * KIT_DAY);
    kit.engine->enrol_date = kit.engine->settled_date + 1;
}

/* The first `count` members of the team get this much evidence. */
static void evidence(int team, int count, float log_e)
{
    for (int i = 0; i < count; i++)
        member(team, i)->team_log_e = log_e;
}

static bool flagged(int team)
{
    const struct gh_team *of = gh_array_at(&kit.engine->team_state, member(team, 0)->team);

    return of->flagged;
}

static void a_third_of_a_team_is_not_enough_and_more_is(void)
{
    company();
    evidence(0, 2, 40.0f); /* fewer than a third of nine may deviate */
    evidence(1, 3, 40.0f);
    gh_teams_choose(kit.engine);
    CHECK(!flagged(0) && flagged(1));
    kit_close(&kit);
}

/* r = 3 of n = 9: the mean of the seven smallest. With three at log E = x and the others at 1,
 * E = (6 + exp(x)) / 7, and the floor is 1300. */
static void the_mean_of_all_but_the_largest_counts(void)
{
    const float just = (float)log(7.0 * 1300.0 - 6.0);

    company();
    evidence(0, 3, just - 0.01f);
    evidence(1, 3, just + 0.01f);
    gh_teams_choose(kit.engine);
    const struct gh_team *low = gh_array_at(&kit.engine->team_state, member(0, 0)->team);
    const struct gh_team *high = gh_array_at(&kit.engine->team_state, member(1, 0)->team);
    CHECK(low->sup_log_e < log(1300.0) && high->sup_log_e > log(1300.0));
    CHECK_NEAR(high->sup_log_e, log((6.0 + exp((double)just + 0.01)) / 7.0), 1e-4);
    CHECK(!low->flagged && high->flagged);
    kit_close(&kit);
}

static void members_without_evidence_are_left_alone(void)
{
    company();
    evidence(2, 5, 60.0f);
    gh_teams_choose(kit.engine);
    CHECK(flagged(2));
    for (int i = 0; i < MEMBERS; i++)
        CHECK((member(2, i)->flagged >> GH_TEAMWISE & 1u) == (i < 5));
    for (int i = 0; i < MEMBERS; i++)
        CHECK(member(3, i)->flagged == 0);
    kit_close(&kit);
}

/* What is flagged stays so, whatever its evidence does, until the epoch ends. */
static void a_team_stays_until_the_epoch_ends(void)
{
    company();
    evidence(1, 9, 50.0f);
    gh_teams_choose(kit.engine);
    const double frozen =
        ((struct gh_team *)gh_array_at(&kit.engine->team_state, member(1, 0)->team))
            ->frozen_log_e;
    evidence(1, 9, 1.5f);
    gh_teams_choose(kit.engine);
    CHECK(flagged(1) && frozen > 40.0);
    const struct gh_team *of = gh_array_at(&kit.engine->team_state, member(1, 0)->team);
    CHECK(of->sup_log_e == frozen); /* the largest evidence so far */
    gh_teams_restart(kit.engine);
    CHECK(!flagged(1));
    kit_close(&kit);
}

/* Ten: r = 4, the mean of the seven smallest. */
static void of_ten_people_four_are_a_third(void)
{
    for (int deviate = 3; deviate <= 4; deviate++) {
        kit_open(&kit);
        for (int i = 0; i < 10; i++)
            kit_say(&kit, KIT_START, "'actor':'t0-%d','team':'t0','input_tokens':9", i);
        kit_tick(&kit, KIT_START + 2 * KIT_DAY);
        kit.engine->enrol_date = kit.engine->settled_date + 1;
        evidence(0, deviate, 40.0f);
        gh_teams_choose(kit.engine);
        CHECK(flagged(0) == (deviate == 4));
        kit_close(&kit);
    }
}

static void only_who_is_judged_speaks_for_the_team(void)
{
    company();
    evidence(0, 5, 40.0f);
    for (int i = 0; i < MEMBERS; i++)
        member(0, i)->first_date = kit.engine->enrol_date;
    gh_teams_choose(kit.engine);
    CHECK(!flagged(0));
    kit_close(&kit);
}

/* Nobody sorts or sums where no third of a team has any evidence. */
static void evidence_of_one_on_the_log_scale_says_nothing_yet(void)
{
    company();
    evidence(0, 3, 1.0f);
    gh_teams_choose(kit.engine);
    CHECK(kit.engine->members.count == 0);
    evidence(0, 3, 1.01f);
    gh_teams_choose(kit.engine);
    CHECK(kit.engine->members.count == MEMBERS);
    kit_close(&kit);
}

/* The team's E when three of nine have this much. */
static void team_has(int team, double value)
{
    evidence(team, 3, (float)log(7.0 * value - 6.0));
}

/* Eight teams at 0.1: one alone needs 80, two need 40 each. So much evidence is never rare
 * enough where the honest tail is flat. */
static void teams_support_each_other_as_people_do(void)
{
    company();
    kit.engine->review.floor = 20.0;
    kit.model->tail[GH_REVIEW].p_u = 1e-6;
    kit.model->tail[GH_REVIEW].log_u = 1.0;
    team_has(0, 78.0);
    gh_teams_choose(kit.engine);
    CHECK(!flagged(0));
    team_has(0, 82.0);
    gh_teams_choose(kit.engine);
    CHECK(flagged(0));
    evidence(0, 9, 1.5f); /* what is frozen still counts */
    team_has(1, 38.0);
    gh_teams_choose(kit.engine);
    CHECK(!flagged(1));
    team_has(1, 42.0);
    gh_teams_choose(kit.engine);
    CHECK(flagged(1));
    kit_close(&kit);
    company();
    kit.model->tail[GH_REVIEW].p_u = 0.5;
    kit.model->tail[GH_REVIEW].log_u = 1.0;
    kit.model->tail[GH_REVIEW].g = 0.05; /* at the team's 38: 0.5 exp(-1.85), not 0.1 / 8 */
    evidence(0, 9, 40.0f);
    gh_teams_choose(kit.engine);
    CHECK(!flagged(0));
    kit_close(&kit);
}

static void a_small_team_is_no_team(void)
{
    kit_open(&kit);
    for (int i = 0; i < 3; i++)
        kit_say(&kit, KIT_START, "'actor':'t0-%d','team':'t0','input_tokens':9", i);
    kit_tick(&kit, KIT_START + 2 * KIT_DAY);
    kit.engine->enrol_date = kit.engine->settled_date + 1;
    evidence(0, 3, 90.0f);
    gh_teams_choose(kit.engine);
    CHECK(!flagged(0));
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(a_third_of_a_team_is_not_enough_and_more_is),
    GH_TEST(the_mean_of_all_but_the_largest_counts),
    GH_TEST(members_without_evidence_are_left_alone),
    GH_TEST(a_team_stays_until_the_epoch_ends),
    GH_TEST(of_ten_people_four_are_a_third),
    GH_TEST(only_who_is_judged_speaks_for_the_team),
    GH_TEST(evidence_of_one_on_the_log_scale_says_nothing_yet),
    GH_TEST(teams_support_each_other_as_people_do),
    GH_TEST(a_small_team_is_no_team),
};
GH_TEST_MAIN(tests)
