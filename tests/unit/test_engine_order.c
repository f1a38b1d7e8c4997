/* What: what becomes of an event before anybody looks at it: duplicates, lateness, events
 *       that are held, ticks, and counters that add up (engine/order.c, engine/dedupe.c).
 * How:  short streams by hand; the counters are checked after every step. */
#include "support/engine_kit.h"

enum { QUORUM = 32 };
static const int64_t reach = KIT_HOUR, lateness = 10 * KIT_MINUTE;

static enum gh_outcome call(struct kit *kit, int64_t ts_ms)
{
    const struct gh_answer answer = kit_say(kit, ts_ms, "'actor':'ann','input_tokens':7");

    kit_counters(kit);
    return (enum gh_outcome)answer.outcome;
}

static enum gh_outcome named(struct kit *kit, int64_t ts_ms, const char *id)
{
    return (enum gh_outcome)kit_say(kit, ts_ms, "'id':'%s','actor':'ann'", id).outcome;
}

/* Released events so far: those applied, those refused for the future. */
static void released_are(struct kit *kit, uint32_t applied, uint32_t refused)
{
    struct gh_released r;

    while (gh_engine_released(kit->engine, &r)) {
        if (r.answer.outcome == GH_APPLIED && applied > 0)
            applied--;
        else if (r.answer.refusal == GH_REFUSED_FUTURE && refused > 0)
            refused--;
        else
            CHECK(false && "released once too often");
        CHECK(r.id.at != NULL && r.id.size > 0);
    }
    CHECK(applied == 0 && refused == 0);
}

static void an_event_exactly_as_old_as_lateness_allows_is_not_late(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START - lateness) == GH_APPLIED);
    CHECK(call(&kit, KIT_START - lateness - 1) == GH_LATE);
    CHECK(kit_counters(&kit).late == 1);
    CHECK(kit_counters(&kit).tokens == 21.0); /* the late one's count as well */
    kit_close(&kit);
}

static void an_event_exactly_as_far_ahead_as_max_future_allows_is_not_held(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + reach) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + 2 * reach + 1) == GH_HELD);
    CHECK(kit_counters(&kit).held == 1);
    kit_close(&kit);
}

static void the_next_event_within_reach_refuses_what_is_held(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    for (uint32_t i = 0; i < QUORUM - 1; i++)
        CHECK(call(&kit, KIT_START + 2 * KIT_DAY) == GH_HELD);
    CHECK(kit_counters(&kit).held == QUORUM - 1);
    released_are(&kit, 0, 0);
    CHECK(call(&kit, KIT_START + 1000) == GH_APPLIED);
    released_are(&kit, 0, QUORUM - 1);
    CHECK(kit_counters(&kit).held == 0);
    CHECK(kit_counters(&kit).refused_by[GH_REFUSED_FUTURE] == QUORUM - 1);
    CHECK(kit_counters(&kit).applied == 2);
    kit_close(&kit);
}

static void a_late_event_does_not_refuse_what_is_held(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + KIT_DAY) == GH_HELD);
    CHECK(call(&kit, KIT_START - KIT_DAY) == GH_LATE);
    CHECK(kit_tick(&kit, KIT_START - KIT_DAY).outcome == GH_LATE);
    CHECK(kit_counters(&kit).held == 1);
    kit_close(&kit);
}

static void a_quorum_of_held_events_is_accepted_in_order(void)
{
    struct gh_released r;
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    for (uint32_t i = 0; i < QUORUM; i++)
        CHECK(call(&kit, KIT_START + 2 * KIT_DAY + i) == GH_HELD);
    for (uint32_t i = 0; i < QUORUM; i++) {
        CHECK(gh_engine_released(kit.engine, &r));
        CHECK(r.position == i + 1 && r.answer.outcome == GH_APPLIED);
    }
    CHECK(!gh_engine_released(kit.engine, &r));
    CHECK(kit_counters(&kit).applied == QUORUM + 1 && kit_counters(&kit).held == 0);
    CHECK(call(&kit, KIT_START + 2 * KIT_DAY + reach) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + KIT_DAY) == GH_LATE);
    kit_close(&kit);
}

static void what_a_quorum_brings_within_reach_is_accepted_too(void)
{
    const int64_t dawn = KIT_START + 14 * KIT_HOUR;
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    for (uint32_t i = 0; i < QUORUM - 2; i++)
        CHECK(call(&kit, dawn + i * KIT_MINUTE) == GH_HELD);
    CHECK(call(&kit, dawn + 80 * KIT_MINUTE) == GH_HELD); /* past the median and an hour */
    CHECK(call(&kit, dawn + 81 * KIT_MINUTE) == GH_HELD);
    CHECK(kit_counters(&kit).held == 0);
    CHECK(call(&kit, dawn + 82 * KIT_MINUTE) == GH_APPLIED);
    released_are(&kit, QUORUM, 0);
    kit_close(&kit);
}

static void one_event_sent_again_and_again_is_no_quorum(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(named(&kit, KIT_START + 400 * KIT_DAY, "wrong clock") == GH_HELD);
    for (uint32_t i = 0; i < 3 * QUORUM; i++)
        CHECK(named(&kit, KIT_START + 400 * KIT_DAY, "wrong clock") == GH_DUPLICATE);
    CHECK(kit_counters(&kit).held == 1);
    CHECK(call(&kit, KIT_START + 1) == GH_APPLIED);
    released_are(&kit, 0, 1);
    CHECK(named(&kit, KIT_START + 2, "wrong clock") == GH_APPLIED); /* it was never taken */
    kit_close(&kit);
}

static void a_wrong_clock_among_a_quorum_goes_on_waiting(void)
{
    const int64_t year_9999 = INT64_C(253402300000000);
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, year_9999) == GH_HELD);
    for (uint32_t i = 1; i < QUORUM; i++)
        CHECK(call(&kit, KIT_START + 2 * KIT_DAY + i) == GH_HELD);
    released_are(&kit, QUORUM - 1, 0);
    CHECK(kit_counters(&kit).held == 1);
    CHECK(call(&kit, KIT_START + 2 * KIT_DAY + KIT_MINUTE) == GH_APPLIED);
    released_are(&kit, 0, 1);
    CHECK(kit_counters(&kit).held == 0);
    kit_close(&kit);
}

static void a_sparse_stream_gets_through_piece_by_piece(void)
{
    struct kit kit;

    kit_open(&kit);
    for (uint32_t i = 0; i < 4 * QUORUM; i++)
        (void)call(&kit, KIT_START + i * 2 * KIT_HOUR);
    CHECK(kit_counters(&kit).refused == 0 && kit_counters(&kit).late == 0);
    CHECK(kit_counters(&kit).applied > 3 * QUORUM - QUORUM / 2);
    CHECK(gh_engine_finish(kit.engine) == GH_OK);
    CHECK(kit_counters(&kit).held == 0);
    kit_close(&kit);
}

static void doubles_among_a_quorum_of_an_id_that_is_known_are_dropped(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(named(&kit, KIT_START, "known") == GH_APPLIED);
    CHECK(named(&kit, KIT_START + KIT_DAY, "known") == GH_DUPLICATE);
    CHECK(kit_counters(&kit).held == 0);
    kit_close(&kit);
}

static void the_texts_of_held_events_outlive_the_frame(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    for (uint32_t i = 0; i < QUORUM; i++)
        CHECK(kit_say(&kit, KIT_START + KIT_DAY, "'actor':'held-%u','team':'t%u'", i, i % 3)
                  .outcome == GH_HELD);
    released_are(&kit, QUORUM, 0);
    for (uint32_t i = 0; i < QUORUM; i++) {
        char name[32];
        snprintf(name, sizeof name, "held-%u", i);
        CHECK(kit_actor(&kit, name)->id > 0);
    }
    CHECK(kit_counters(&kit).teams == 3);
    kit_close(&kit);
}

static void a_tick_moves_time_and_confirms_what_lies_before_it(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + KIT_DAY) == GH_HELD);
    CHECK(kit_tick(&kit, KIT_START + KIT_DAY).outcome == GH_APPLIED);
    released_are(&kit, 1, 0);
    CHECK(call(&kit, KIT_START + KIT_DAY - lateness - 1) == GH_LATE);
    CHECK(call(&kit, KIT_START + KIT_DAY + reach) == GH_APPLIED);
    kit_close(&kit);
}

static void a_tick_does_not_confirm_what_lies_far_behind_it(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + KIT_DAY) == GH_HELD);
    CHECK(call(&kit, KIT_START + 300 * KIT_DAY) == GH_HELD);
    CHECK(kit_tick(&kit, KIT_START + KIT_DAY).outcome == GH_APPLIED);
    released_are(&kit, 1, 1);
    CHECK(call(&kit, KIT_START + KIT_DAY + 1) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + 300 * KIT_DAY) == GH_HELD);
    CHECK(kit_tick(&kit, KIT_START + KIT_DAY + 2).outcome == GH_APPLIED);
    released_are(&kit, 0, 1);
    kit_close(&kit);
}

static void a_tick_out_of_reach_is_refused(void)
{
    struct kit kit;
    const int64_t max_tick = 31 * KIT_DAY;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    const struct gh_answer answer = kit_tick(&kit, KIT_START + max_tick + 1);
    CHECK(answer.outcome == GH_REFUSED && answer.refusal == GH_REFUSED_FUTURE);
    CHECK(kit_tick(&kit, KIT_START + max_tick).outcome == GH_APPLIED);
    CHECK(kit_tick(&kit, KIT_START).outcome == GH_LATE);
    kit_counters(&kit);
    kit_close(&kit);
}

static void a_double_is_dropped_whatever_else_it_says(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(named(&kit, KIT_START, "a") == GH_APPLIED);
    CHECK(kit_say(&kit, KIT_START + 1, "'id':'a','actor':'bob'").outcome == GH_DUPLICATE);
    CHECK(kit_say(&kit, KIT_START + 1, "'id':'a','kind':'tick'").outcome == GH_DUPLICATE);
    CHECK(named(&kit, KIT_START - KIT_HOUR, "late") == GH_LATE);
    CHECK(named(&kit, KIT_START - KIT_HOUR, "late") == GH_DUPLICATE);
    CHECK(kit_counters(&kit).actors == 1);
    kit_close(&kit);
}

/* 1024 ids in two generations of 512: the newest 512 are always known, none but the newest
 * 1024 is. */
static void ids_are_known_in_two_generations(void)
{
    struct kit kit;
    char id[16];

    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->duplicate_ids = 1024;
    kit_start(&kit);
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "n%u", i);
        CHECK(named(&kit, KIT_START, id) == GH_APPLIED);
        snprintf(id, sizeof id, "n%u", i > 511 ? i - 511 : 0);
        CHECK(named(&kit, KIT_START, id) == GH_DUPLICATE);
    }
    CHECK(named(&kit, KIT_START, "n3000") == GH_APPLIED); /* forgotten, so it is new */
    CHECK(kit_counters(&kit).duplicate == 5000);
    kit_close(&kit);
}

static void end_of_input_refuses_what_is_held(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(gh_engine_finish(kit.engine) == GH_OK);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    CHECK(call(&kit, KIT_START + KIT_DAY) == GH_HELD);
    CHECK(gh_engine_finish(kit.engine) == GH_OK);
    released_are(&kit, 0, 1);
    CHECK(kit_counters(&kit).refused == 1);
    kit_close(&kit);
}

/* Any stream at all: the counters add up (checked by call) and time never goes back. */
static void counters_add_up_whatever_comes(void)
{
    static const int64_t step[] = {0,        1,       -1,        KIT_MINUTE, -KIT_MINUTE,
                                   KIT_HOUR, KIT_DAY, -KIT_HOUR, 5 * KIT_DAY};
    uint64_t random = 1;
    int64_t at = KIT_START, newest = 0;
    struct kit kit;

    kit_open(&kit);
    for (int i = 0; i < 20000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        at = KIT_START + (at - KIT_START) / 2 +
             step[(random >> 33) % 9] * (int64_t)(random >> 60);
        if (random >> 40 & 15)
            (void)call(&kit, at > 0 ? at : 0);
        else
            (void)kit_tick(&kit, at > 0 ? at : 0);
        CHECK(kit.engine->newest_ms >= newest);
        newest = kit.engine->newest_ms;
    }
    CHECK(gh_engine_finish(kit.engine) == GH_OK);
    CHECK(kit_counters(&kit).held == 0 && kit_counters(&kit).applied > 0);
    kit_close(&kit);
}

static void a_year_of_silence_passes_quickly(void)
{
    struct kit kit;

    kit_open(&kit);
    CHECK(call(&kit, KIT_START) == GH_APPLIED);
    const uint64_t before = kit_counters(&kit).memory_bytes;
    for (uint32_t i = 0; i < QUORUM; i++)
        (void)call(&kit, KIT_START + 366 * KIT_DAY + i);
    CHECK(kit_counters(&kit).applied == QUORUM + 1);
    CHECK(kit_counters(&kit).days_settled >= 365 && kit_counters(&kit).rounds >= 366 * 24 - 1);
    CHECK(kit_counters(&kit).memory_bytes < before + (1u << 20));
    kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(an_event_exactly_as_old_as_lateness_allows_is_not_late),
    GH_TEST(an_event_exactly_as_far_ahead_as_max_future_allows_is_not_held),
    GH_TEST(the_next_event_within_reach_refuses_what_is_held),
    GH_TEST(a_late_event_does_not_refuse_what_is_held),
    GH_TEST(a_quorum_of_held_events_is_accepted_in_order),
    GH_TEST(what_a_quorum_brings_within_reach_is_accepted_too),
    GH_TEST(one_event_sent_again_and_again_is_no_quorum),
    GH_TEST(a_wrong_clock_among_a_quorum_goes_on_waiting),
    GH_TEST(a_sparse_stream_gets_through_piece_by_piece),
    GH_TEST(doubles_among_a_quorum_of_an_id_that_is_known_are_dropped),
    GH_TEST(the_texts_of_held_events_outlive_the_frame),
    GH_TEST(a_tick_moves_time_and_confirms_what_lies_before_it),
    GH_TEST(a_tick_does_not_confirm_what_lies_far_behind_it),
    GH_TEST(a_tick_out_of_reach_is_refused),
    GH_TEST(a_double_is_dropped_whatever_else_it_says),
    GH_TEST(ids_are_known_in_two_generations),
    GH_TEST(end_of_input_refuses_what_is_held),
    GH_TEST(counters_add_up_whatever_comes),
    GH_TEST(a_year_of_silence_passes_quickly),
};

GH_TEST_MAIN(tests)
