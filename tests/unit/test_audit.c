/* What: incidents below their threshold, told of people who were drawn by lot: how they are
 *       told, and what verdicts and silence count for (engine/findings.c, engine/tuning.h).
 * How:  two agents that talk to each other; thresholds set by hand. */
#include "support/engine_kit.h"

static struct kit kit;
static struct gh_engine *e;
static uint32_t loops;

/* Everybody is drawn; the fast path of loops asks for 1e3, of who is drawn only for 3. */
static void begin(void)
{
    kit_open(&kit);
    kit.only = "agent_loop";
    e = kit.engine;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_detectors[d]->behaviour == GH_AGENT_LOOP)
            loops = d;
    e->threshold[0][loops].fast[GH_TOLD_ABOVE] = 1e3;
    e->threshold[0][loops].fast[GH_TOLD_BELOW] = 3;
}

static void draw(const char *who)
{
    kit_say(&kit, KIT_START, "'actor':'%s','input_tokens':1", who);
    kit_actor(&kit, who)->audited = true;
}

/* `calls` of one pair, repeated to the letter, within a quarter of an hour. */
static void loop(const char *who, int64_t from, int calls)
{
    for (int i = 0; i < calls; i++)
        kit_say(&kit, from + i * KIT_MINUTE / 2,
                "'actor':'%s','agent':'%s','caller':'%s','output_tokens':5,"
                "'prompt_hash':'0000000000000007','response_hash':'0000000000000007'",
                who, i % 2 ? "a" : "b", i % 2 ? "b" : "a");
}

static void decide(const char *verdict)
{
    kit_say(&kit, e->newest_ms, "'kind':'verdict','actor':'boss','finding':'%s','verdict':'%s'",
            kit.change[kit.changes - 1].id, verdict);
}

static const uint32_t *people(enum gh_told told)
{
    return e->tuning[loops].people[told];
}

static void only_who_is_drawn_hears_of_less(void)
{
    begin();
    draw("bob");
    loop("ann", KIT_START, 28);
    CHECK(kit.changes == 0);
    loop("bob", KIT_START + 14 * KIT_MINUTE, 28);
    CHECK(kit.changes >= 1 && kit_text_is(kit.change[0].actor, "bob"));
    CHECK(kit.change[0].severity == GH_NOTICE && kit.change[0].track == GH_INCIDENT);
    CHECK(strstr(kit.change[0].explanation, "only told because a lot was drawn") != NULL);
    CHECK(kit_counters(&kit).audited == 1);
    kit_close(&kit);
}

static void what_is_told_to_all_says_nothing_of_a_lot(void)
{
    begin();
    e->threshold[0][loops].fast[GH_TOLD_ABOVE] = 3;
    e->threshold[0][loops].fast[GH_TOLD_BELOW] = 2.9;
    draw("bob");
    loop("bob", KIT_START, 28);
    CHECK(kit.changes >= 1 && strstr(kit.change[0].explanation, "lot was drawn") == NULL);
    CHECK(kit_counters(&kit).audited == 0);
    decide("gaming");
    CHECK(people(GH_TOLD_ABOVE)[GH_FOUND_REAL] == 1);
    kit_close(&kit);
}

static void verdicts_count_once_a_person(void)
{
    static const struct {
        const char *verdict;
        enum gh_found found; /* GH_FOUND_COUNT: none */
    } row[] = {{"gaming", GH_FOUND_REAL},
               {"waste", GH_FOUND_REAL},
               {"legitimate", GH_FOUND_NOTHING},
               {"data_error", GH_FOUND_COUNT}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin();
        draw("bob");
        for (int again = 0; again < 2; again++) {
            const uint32_t before = kit.changes;
            kit_tick(&kit, KIT_START + again * 9 * KIT_HOUR);
            loop("bob", KIT_START + again * 9 * KIT_HOUR, 28);
            CHECK(kit.changes > before && kit.change[before].change == GH_OPENED);
            decide(row[i].verdict);
        }
        uint32_t sum = 0;
        for (int found = 0; found < GH_FOUND_COUNT; found++) {
            sum += people(GH_TOLD_BELOW)[found];
            CHECK(people(GH_TOLD_BELOW)[found] == (found == (int)row[i].found));
            CHECK(people(GH_TOLD_ABOVE)[found] == 0);
        }
        CHECK(sum == (row[i].found != GH_FOUND_COUNT));
        kit_close(&kit);
    }
}

static void who_is_never_answered_counts_when_it_closes(void)
{
    begin();
    draw("bob");
    loop("bob", KIT_START, 28);
    CHECK(people(GH_TOLD_BELOW)[GH_UNANSWERED] == 0);
    kit_tick(&kit, KIT_START + 30 * KIT_HOUR);
    CHECK(kit.change[kit.changes - 1].change == GH_CLOSED);
    CHECK(people(GH_TOLD_BELOW)[GH_UNANSWERED] == 1);
    kit_close(&kit);
}

/* What nobody vouches for, beside what is, moves nobody else's threshold. */
static void what_is_kept_apart_counts_for_nothing(void)
{
    begin();
    e->threshold[0][loops].fast[GH_TOLD_ABOVE] = 3;
    draw("bob");
    kit_actor(&kit, "bob")->audited = false;
    kit_actor(&kit, "bob")->apart = true;
    e->threshold[1][loops].fast[GH_TOLD_ABOVE] = 3;
    loop("bob", KIT_START, 28);
    CHECK(kit.changes >= 1);
    decide("legitimate");
    CHECK(people(GH_TOLD_ABOVE)[GH_FOUND_NOTHING] == 0);
    kit_close(&kit);
}

/* The same exchange goes on until everybody would have heard of it. */
static void what_grows_past_the_threshold_was_not_found_by_the_lot(void)
{
    begin();
    draw("bob");
    loop("bob", KIT_START, 28);
    e->threshold[0][loops].fast[GH_TOLD_ABOVE] = 10;
    loop("bob", KIT_START + 14 * KIT_MINUTE, 400);
    CHECK(strstr(kit.change[kit.changes - 1].explanation, "lot was drawn") == NULL);
    decide("legitimate");
    CHECK(people(GH_TOLD_BELOW)[GH_FOUND_NOTHING] == 0);
    CHECK(people(GH_TOLD_ABOVE)[GH_FOUND_NOTHING] == 1);
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(only_who_is_drawn_hears_of_less),
    GH_TEST(what_is_told_to_all_says_nothing_of_a_lot),
    GH_TEST(verdicts_count_once_a_person),
    GH_TEST(who_is_never_answered_counts_when_it_closes),
    GH_TEST(what_is_kept_apart_counts_for_nothing),
    GH_TEST(what_grows_past_the_threshold_was_not_found_by_the_lot),
};
GH_TEST_MAIN(tests)
