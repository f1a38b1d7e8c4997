/* test_durable_server.c - what the server says to each message, without a socket. */
#include "edge/wire.h"
#include "support/durable_kit.h"

enum { ALICE = 1, BOB = 2 };

static struct kit_frame hello(unsigned stream, uint64_t number)
{
    return kit_plain(GH_DURABLE_HELLO, stream, number);
}

/* A server with one stream that is open. */
static struct kit_server *opened(void)
{
    struct kit_server *k = kit_server(10, 100, 1000);

    CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_told(k, ALICE, GH_DURABLE_WELCOME, 0));
    return k;
}

static uint64_t mark_of(struct kit_server *k)
{
    const struct gh_mark *mark;

    return gh_durable_marks(k->server, &mark) == 1 ? mark->sequence : 0;
}

static void nothing_is_acknowledged_before_the_commit(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 3)));
    CHECK(k->batch.first == 1 && k->batch.count == 3 && k->batch.size == 6);
    CHECK(kit_quiet(k) && mark_of(k) == 3);
    gh_durable_marked(k->server);
    CHECK(kit_quiet(k) && mark_of(k) == 0);
    gh_durable_committed(k->server);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 3) && kit_last(k).count == 100 && kit_quiet(k));
    kit_free(k);
}

static void a_batch_between_mark_and_commit_is_acknowledged_by_the_next(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 3)));
    gh_durable_marked(k->server);
    CHECK(kit_hear(k, ALICE, kit_batch(9, 4, 2)));
    gh_durable_committed(k->server);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 3) && kit_quiet(k));
    kit_commit(k);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 5) && kit_quiet(k));
    kit_free(k);
}

static void what_came_before_is_passed_over(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 4)));
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 1, 4)) && kit_quiet(k)); /* not durable yet */
    kit_commit(k);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 4));
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 2, 3)) && kit_told(k, ALICE, GH_DURABLE_ACK, 4));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 3, 4)));
    CHECK(k->batch.first == 5 && k->batch.count == 2 && k->batch.size == 4);
    CHECK(memcmp(k->batch.at, "5\n6\n", 4) == 0);
    CHECK(gh_durable_counters(k->server).repeated == 4 + 3 + 2);
    CHECK(gh_durable_counters(k->server).events == 6);
    kit_free(k);
}

/* Three events of one byte each from `first` on. */
static struct kit_frame binary_batch(uint64_t first)
{
    static const char body[] = GH_MARKER "\x0a\x01x\x0a\x01y\x0a\x01z";
    struct gh_durable_message m = kit_message(GH_DURABLE_BATCH, 9, first);

    m.count = 3;
    m.body = body;
    m.body_size = sizeof body - 1;
    return kit_pack(&m);
}

static void a_binary_batch_goes_on_behind_what_came_before(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)) && !k->batch.binary);
    CHECK(kit_hear(k, ALICE, binary_batch(1)) && k->batch.binary);
    CHECK(k->batch.first == 3 && k->batch.count == 1 && k->batch.size == 3);
    CHECK(memcmp(k->batch.at, "\x0a\x01z", 3) == 0);
    CHECK(kit_hear(k, ALICE, binary_batch(4)) && k->batch.size == 13 && k->batch.first == 4);
    CHECK(gh_frame_is_binary(k->batch.at, k->batch.size));
    kit_free(k);
}

static void a_gap_is_told_once_for_each_number(void)
{
    struct kit_server *k = opened();

    for (int i = 0; i < 3; i++)
        CHECK(!kit_hear(k, ALICE, kit_batch(9, 5, 2)));
    CHECK(kit_told(k, ALICE, GH_DURABLE_NACK, 1) && kit_quiet(k));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 5, 2)) && kit_told(k, ALICE, GH_DURABLE_NACK, 3));
    CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_quiet(k));
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 5, 2)) && kit_told(k, ALICE, GH_DURABLE_NACK, 3));
    CHECK(gh_durable_counters(k->server).gaps == 3 && kit_quiet(k));
    kit_free(k);
}

/* Else the producer of a slow service would send all of it again, and slow it more. */
static void a_hello_is_answered_once_what_was_taken_is_durable(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    for (int i = 0; i < 3; i++)
        CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_quiet(k));
    kit_commit(k);
    CHECK(kit_told(k, ALICE, GH_DURABLE_WELCOME, 2) && kit_quiet(k));
    CHECK(!kit_hear(k, ALICE, hello(9, 3)) && kit_told(k, ALICE, GH_DURABLE_WELCOME, 2));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 3, 2)));
    CHECK(!kit_hear(k, ALICE, hello(9, 3)) && kit_quiet(k));
    gh_durable_stall(k->server); /* nobody knows when */
    CHECK(kit_told(k, ALICE, GH_DURABLE_WELCOME, 2) && kit_quiet(k));
    kit_free(k);
}

static void the_last_hello_of_a_stream_wins(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    CHECK(!kit_hear(k, BOB, hello(9, 1)) && kit_quiet(k));
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 3, 1)) && kit_told(k, ALICE, GH_DURABLE_ERROR, 0));
    const struct gh_durable_message last = kit_last(k);
    CHECK(kit_body_has(&last, "say HELLO") && last.stream[0] == 9);
    CHECK(kit_hear(k, BOB, kit_batch(9, 1, 3)) && k->batch.first == 3);
    kit_commit(k);
    CHECK(kit_told(k, BOB, GH_DURABLE_WELCOME, 3) && kit_quiet(k));
    kit_free(k);
}

static void a_stream_goes_on_where_the_log_has_it(void)
{
    struct kit_server *k = kit_server(10, 100, 1000);

    k->log_mark = 40;
    CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_told(k, ALICE, GH_DURABLE_WELCOME, 40));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 39, 4)) && k->batch.first == 41);
    kit_free(k);
    k = kit_server(10, 100, 1000);
    k->log_fails = true;
    CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_told(k, ALICE, GH_DURABLE_ERROR, 0));
    const struct gh_durable_message last = kit_last(k);
    CHECK(kit_body_has(&last, "log cannot be read"));
    CHECK(gh_durable_counters(k->server).streams == 0);
    kit_free(k);
}

static void what_a_producer_no_longer_has_is_noted_as_a_loss(void)
{
    struct kit_server *k = opened();
    struct gh_text lines;

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    CHECK(!kit_hear(k, BOB, hello(9, 3)) && gh_durable_losses(k->server, &lines) == 0);
    CHECK(!kit_hear(k, BOB, hello(9, 11)) && gh_durable_losses(k->server, &lines) == 1);
    static const char wanted[] =
        "{\"stream\":\"09090909090909090909090909090909\",\"from\":3,\"until\":10}\n";
    CHECK(lines.size == sizeof wanted - 1 && memcmp(lines.at, wanted, lines.size) == 0);
    CHECK(mark_of(k) == 10 && gh_durable_counters(k->server).lost == 8);
    kit_commit(k);
    CHECK(gh_durable_losses(k->server, &lines) == 0 && lines.size == 0);
    k->read = k->count - 1;
    CHECK(kit_told(k, BOB, GH_DURABLE_WELCOME, 10));
    kit_free(k);
}

static void losses_without_end_wait_for_the_commit(void)
{
    struct kit_server *k = opened();
    struct gh_text lines;

    for (uint64_t i = 2; i < 4000; i++)
        kit_hear(k, ALICE, hello(9, 2 * i));
    CHECK(gh_durable_losses(k->server, &lines) > 100);
    CHECK(lines.size <= GH_DURABLE_HELD_LOSSES + 200);
    kit_commit(k);
    k->read = k->count;
    CHECK(!kit_hear(k, ALICE, hello(9, 9000)) && gh_durable_losses(k->server, &lines) == 1);
    kit_free(k);
}

static void credit_is_the_share_of_the_budget(void)
{
    struct kit_server *k = kit_server(10, 100, 240);

    for (unsigned i = 1; i <= 4; i++) {
        CHECK(!kit_hear(k, i, hello(i, 1)) && kit_told(k, i, GH_DURABLE_WELCOME, 0));
        CHECK(kit_last(k).count == (i < 3 ? 100 : 240 / i));
    }
    kit_free(k);
    k = kit_server(10, 100, 1);
    kit_hear(k, 1, hello(1, 1));
    kit_hear(k, 2, hello(2, 1));
    k->read = 1;
    CHECK(kit_told(k, 2, GH_DURABLE_WELCOME, 0) && kit_last(k).count == 1);
    kit_free(k);
}

static void the_quietest_stream_that_owes_nothing_makes_room(void)
{
    struct kit_server *k = kit_server(2, 100, 1000);

    kit_hear(k, 1, hello(1, 1));
    kit_hear(k, 2, hello(2, 1));
    CHECK(kit_hear(k, 1, kit_batch(1, 1, 1)));
    kit_hear(k, 3, hello(3, 1)); /* 2 goes: 1 owes an ACK */
    k->read = 2;
    CHECK(kit_told(k, 3, GH_DURABLE_WELCOME, 0));
    CHECK(!kit_hear(k, 2, kit_batch(2, 1, 1)) && kit_told(k, 2, GH_DURABLE_ERROR, 0));
    CHECK(kit_hear(k, 3, kit_batch(3, 1, 1)));
    CHECK(!kit_hear(k, 4, hello(4, 1)) && kit_told(k, 4, GH_DURABLE_ERROR, 0));
    const struct gh_durable_message last = kit_last(k);
    CHECK(kit_body_has(&last, "too many streams"));
    kit_commit(k);
    CHECK(kit_told(k, 1, GH_DURABLE_ACK, 1) && kit_told(k, 3, GH_DURABLE_ACK, 1));
    CHECK(!kit_hear(k, 4, hello(4, 1)) && kit_told(k, 4, GH_DURABLE_WELCOME, 0));
    const struct gh_durable_counters c = gh_durable_counters(k->server);
    CHECK(c.streams == 2 && c.forgotten == 2 && c.errors == 2);
    kit_free(k);
}

static void a_stall_stops_everybody_and_ends_with_the_commit(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    gh_durable_stall(k->server);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 0) && kit_last(k).count == 0);
    CHECK(!kit_hear(k, ALICE, kit_batch(9, 3, 2)));
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 0) && kit_last(k).count == 0);
    CHECK(!kit_hear(k, BOB, hello(8, 1)) && kit_told(k, BOB, GH_DURABLE_WELCOME, 0));
    CHECK(kit_last(k).count == 0 && mark_of(k) == 2);
    kit_commit(k);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 2) && kit_last(k).count == 100);
    CHECK(kit_told(k, ALICE, GH_DURABLE_NACK, 3)); /* what came meanwhile */
    CHECK(kit_told(k, BOB, GH_DURABLE_ACK, 0) && kit_last(k).count == 100 && kit_quiet(k));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 3, 2)));
    kit_free(k);
}

static void bye_is_answered_once_all_is_durable(void)
{
    struct kit_server *k = opened();

    CHECK(!kit_hear(k, ALICE, kit_plain(GH_DURABLE_BYE, 9, 0)));
    CHECK(kit_told(k, ALICE, GH_DURABLE_BYE, 0));
    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 2)));
    CHECK(!kit_hear(k, ALICE, kit_plain(GH_DURABLE_BYE, 9, 2)) && kit_quiet(k));
    kit_commit(k);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 2) && kit_told(k, ALICE, GH_DURABLE_BYE, 2));
    CHECK(!kit_hear(k, ALICE, kit_plain(GH_DURABLE_BYE, 9, 5)));
    CHECK(kit_told(k, ALICE, GH_DURABLE_NACK, 3) && kit_quiet(k));
    kit_free(k);
}

static void a_refusal_is_told_by_number_before_the_acknowledgement(void)
{
    struct kit_server *k = opened();
    char text[192], long_text[192];

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 3)));
    snprintf(text, sizeof text, "input_tokens: -3: \"x\"");
    memset(long_text, 1, sizeof long_text); /* each byte is six when it is escaped */
    long_text[sizeof long_text - 1] = '\0';
    gh_durable_refuse(k->server, k->batch.stream, 2, "range", text);
    gh_durable_refuse(k->server, k->batch.stream, 3, "value", long_text);
    CHECK(kit_quiet(k));
    gh_durable_marked(k->server);
    CHECK(kit_quiet(k));
    gh_durable_committed(k->server);
    CHECK(kit_told(k, ALICE, GH_DURABLE_REJECT, 2));
    struct gh_durable_message last = kit_last(k);
    CHECK(
        kit_body_has(&last, "{\"reason\":\"range\",\"text\":\"input_tokens: -3: \\\"x\\\"\"}"));
    CHECK(kit_told(k, ALICE, GH_DURABLE_REJECT, 3));
    last = kit_last(k);
    CHECK(kit_body_has(&last, "\\u0001\"}") && last.body_size > 1146);
    CHECK(kit_told(k, ALICE, GH_DURABLE_ACK, 3) && kit_quiet(k));
    CHECK(gh_durable_counters(k->server).rejected == 2);
    kit_commit(k);
    CHECK(kit_quiet(k));
    kit_free(k);
}

static void what_nobody_hears_is_counted(void)
{
    struct kit_server *k = opened();

    CHECK(kit_hear(k, ALICE, kit_batch(9, 1, 1)));
    k->deaf = true;
    kit_commit(k);
    k->deaf = false;
    CHECK(gh_durable_counters(k->server).unheard == 1);
    CHECK(!kit_hear(k, ALICE, hello(9, 1)) && kit_told(k, ALICE, GH_DURABLE_WELCOME, 1));
    kit_free(k);
}

static void what_only_a_server_says_is_out_of_turn(void)
{
    struct kit_server *k = opened();
    const enum gh_durable_type type[] = {GH_DURABLE_WELCOME, GH_DURABLE_ACK, GH_DURABLE_NACK,
                                         GH_DURABLE_REJECT, GH_DURABLE_ERROR};

    for (size_t i = 0; i < sizeof type / sizeof *type; i++)
        CHECK(!kit_hear(k, ALICE, kit_plain(type[i], 9, 1)) &&
              kit_told(k, ALICE, GH_DURABLE_ERROR, 0));
    const struct gh_durable_message last = kit_last(k);
    CHECK(kit_body_has(&last, "only the server"));
    CHECK(!kit_hear(k, ALICE, kit_plain(GH_DURABLE_BYE, 8, 1)) &&
          kit_told(k, ALICE, GH_DURABLE_ERROR, 0));
    CHECK(!kit_hear(k, ALICE, (struct kit_frame){.size = 3, .at = "GHP"}) &&
          kit_told(k, ALICE, GH_DURABLE_ERROR, 0));
    CHECK(gh_durable_counters(k->server).errors == 7 && mark_of(k) == 0);
    kit_free(k);
}

static const struct gh_test tests[] = {
    GH_TEST(nothing_is_acknowledged_before_the_commit),
    GH_TEST(a_batch_between_mark_and_commit_is_acknowledged_by_the_next),
    GH_TEST(what_came_before_is_passed_over),
    GH_TEST(a_binary_batch_goes_on_behind_what_came_before),
    GH_TEST(a_gap_is_told_once_for_each_number),
    GH_TEST(a_hello_is_answered_once_what_was_taken_is_durable),
    GH_TEST(the_last_hello_of_a_stream_wins),
    GH_TEST(a_stream_goes_on_where_the_log_has_it),
    GH_TEST(what_a_producer_no_longer_has_is_noted_as_a_loss),
    GH_TEST(losses_without_end_wait_for_the_commit),
    GH_TEST(credit_is_the_share_of_the_budget),
    GH_TEST(the_quietest_stream_that_owes_nothing_makes_room),
    GH_TEST(a_stall_stops_everybody_and_ends_with_the_commit),
    GH_TEST(bye_is_answered_once_all_is_durable),
    GH_TEST(a_refusal_is_told_by_number_before_the_acknowledgement),
    GH_TEST(what_nobody_hears_is_counted),
    GH_TEST(what_only_a_server_says_is_out_of_turn),
};
GH_TEST_MAIN(tests)
