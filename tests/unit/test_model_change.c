/* What: what a change of model does to all who change alike is nobody's doing; who does the
 *       same alone is seen (engine/settle.c).
 * How:  sixty people with two quiet weeks; then some of them get another model. */
#include "support/engine_kit.h"

#include "engine/inspect.h"

static struct kit kit;

enum { PEOPLE = 60, DAYS = 14, CALLS = 12 };

static double residual[PEOPLE + 2]; /* of context_bloat on the last day, by actor id */
static bool seen[PEOPLE + 2];
static uint32_t bloat;

static void day_seen(void *context, struct gh_engine *engine, const struct gh_seen_day *day)
{
    (void)context;
    (void)engine;
    seen[day->actor] = day->by[bloat].known;
    residual[day->actor] = day->by[bloat].residual;
}

static int people_of_a_team = 2;
static int users_of_another = 0; /* who have had another model all along */

static void calls_of(int person, int day, const char *model, int tokens)
{
    for (int i = 0; i < CALLS; i++)
        kit_say(&kit, KIT_START + day * KIT_DAY + i * KIT_MINUTE,
                "'actor':'p%d','team':'t%d','agent':'bot','origin':'interactive','model':'%s',"
                "'input_tokens':%d",
                person, person / people_of_a_team, model, tokens + i);
}

/* On the last day those below `changed` have the new model; all below `more` send thrice. */
static void company(int changed, int more)
{
    static const struct gh_watch watch = {.day = day_seen};

    for (uint32_t d = 0; d < gh_detector_count; d++)
        bloat = gh_detectors[d]->behaviour == GH_CONTEXT_BLOAT ? d : bloat;
    kit_prepare(&kit);
    kit.setup.watch = &watch;
    kit_start(&kit);
    for (int day = 0; day < DAYS; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY);
        for (int p = 0; p < PEOPLE; p++)
            calls_of(p, day, p < users_of_another ? "another" : "old", 5000);
    }
    kit_tick(&kit, KIT_START + DAYS * KIT_DAY);
    for (int p = 0; p < PEOPLE; p++)
        calls_of(p, DAYS,
                 p < users_of_another ? "another"
                 : p < changed        ? "new"
                                      : "old",
                 p < more ? 15000 : 5000);
    kit_tick(&kit, KIT_START + (DAYS + 2) * KIT_DAY);
}

static uint32_t id_of(int person)
{
    char name[8];

    snprintf(name, sizeof name, "p%d", person);
    return gh_inspect_find(kit.engine, (struct gh_text){name, (uint32_t)strlen(name)});
}

static void what_all_who_change_share_is_nobodys_doing(void)
{
    company(15, 15);
    for (int p = 0; p < PEOPLE; p++) {
        CHECK(seen[id_of(p)]);
        CHECK(fabs(residual[id_of(p)]) < 0.05);
    }
    kit_close(&kit);
}

/* ln 3 = 1.0986 */
static void who_sends_more_without_another_model_is_seen(void)
{
    company(0, 15);
    CHECK(residual[id_of(0)] > 1.0 && fabs(residual[id_of(59)]) < 0.05);
    kit_close(&kit);
}

static void few_who_change_are_not_enough_to_excuse_each_other(void)
{
    company(9, 9);
    CHECK(residual[id_of(0)] > 1.0);
    kit_close(&kit);
}

/* Less than half of a team, so that it is not what the team has in common. */
static void one_team_alone_is_no_roll_out(void)
{
    people_of_a_team = 24;
    company(11, 11);
    CHECK(residual[id_of(0)] > 1.0);
    kit_close(&kit);
    people_of_a_team = 2;
}

/* A provider puts something else behind the same name. */
static void what_all_users_of_a_model_share_is_nobodys_doing(void)
{
    users_of_another = 20;
    company(0, 20);
    for (int p = 0; p < PEOPLE; p++)
        CHECK(seen[id_of(p)] && fabs(residual[id_of(p)]) < 0.05);
    kit_close(&kit);
    company(0, 5); /* a quarter of them is nobody but themselves */
    CHECK(residual[id_of(0)] > 1.0 && fabs(residual[id_of(19)]) < 0.05);
    kit_close(&kit);
    users_of_another = 0;
}

static const struct gh_test tests[] = {
    GH_TEST(what_all_users_of_a_model_share_is_nobodys_doing),
    GH_TEST(what_all_who_change_share_is_nobodys_doing),
    GH_TEST(who_sends_more_without_another_model_is_seen),
    GH_TEST(one_team_alone_is_no_roll_out),
    GH_TEST(few_who_change_are_not_enough_to_excuse_each_other),
};
GH_TEST_MAIN(tests)
