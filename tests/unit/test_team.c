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
    CHECK(!low->flagged);
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
    gh_teams_restart(kit.engine);
    CHECK(!flagged(1));
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
    GH_TEST(a_small_team_is_no_team),
};
GH_TEST_MAIN(tests)
