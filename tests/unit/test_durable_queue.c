/* test_durable_queue.c - what a producer makes of each answer, without a socket. */
#include "edge/durable_queue.h"
#include "support/durable_kit.h"

enum { STREAM = 5 };

struct line {
    struct gh_durable_queue *queue;
    bool full; /* nothing can be written */
    struct kit_frame frame[64];
    size_t count, read;
    uint64_t rejected;
};

static bool line_write(void *context, const void *frame, size_t size)
{
    struct line *l = context;

    if (l->full || l->count == 64)
        return false;
    l->frame[l->count].size = size;
    memcpy(l->frame[l->count++].at, frame, size);
    return true;
}

static void line_reject(void *context, uint64_t number, const char *body, size_t size)
{
    struct line *l = context;

    CHECK(size == 2 && memcmp(body, "{}", 2) == 0);
    l->rejected = number;
}

static bool wrote(struct line *l, enum gh_durable_type type, uint64_t number)
{
    struct gh_durable_message m;

    if (l->read == l->count)
        return false;
    const struct kit_frame *frame = &l->frame[l->read++];
    return gh_durable_read(&m, frame->at, frame->size) == NULL && m.type == type &&
           m.number == number && m.stream[0] == STREAM;
}

static bool wrote_all(const struct line *l)
{
    return l->read == l->count;
}

static bool hear(struct line *l, enum gh_durable_type type, uint64_t number, uint32_t credit)
{
    struct gh_durable_message m = kit_message(type, STREAM, number);

    m.count = credit;
    const struct kit_frame frame = kit_pack(&m);
    return gh_durable_queue_hear(l->queue, frame.at, frame.size);
}

static void add(struct line *l, uint32_t count)
{
    const uint64_t first = gh_durable_queue_state(l->queue).progress.sent + 1;
    const struct kit_frame frame = kit_batch(STREAM, first, count);

    CHECK(gh_durable_queue_add(l->queue, (const char *)frame.at + GH_DURABLE_HEAD,
                               frame.size - GH_DURABLE_HEAD, count));
    gh_durable_queue_pump(l->queue);
}

/* A stream of which `known` events are durable. */
static struct line *line_open(uint64_t known, uint32_t credit)
{
    struct line *l = calloc(1, sizeof *l);
    struct gh_durable_queue_setup setup = {
        .write = line_write, .reject = line_reject, .context = l};

    memset(setup.stream, STREAM, sizeof setup.stream);
    l->queue = gh_durable_queue_new(&setup);
    CHECK(gh_durable_queue_hello(l->queue) && wrote(l, GH_DURABLE_HELLO, 1));
    CHECK(!gh_durable_queue_state(l->queue).open && !gh_durable_queue_room(l->queue, 1));
    CHECK(hear(l, GH_DURABLE_WELCOME, known, credit));
    CHECK(gh_durable_queue_state(l->queue).open);
    return l;
}

static void line_close(struct line *l)
{
    gh_durable_queue_free(l->queue);
    free(l);
}

static void an_old_stream_goes_on_after_what_is_known(void)
{
    struct line *l = line_open(40, 100);

    CHECK(gh_durable_queue_state(l->queue).progress.known == 40);
    add(l, 2);
    CHECK(wrote(l, GH_DURABLE_BATCH, 41) && wrote_all(l));
    CHECK(hear(l, GH_DURABLE_ACK, 42, 100));
    const struct gh_durable_state s = gh_durable_queue_state(l->queue);
    CHECK(s.empty && s.progress.durable == 42 && s.progress.sent == 42);
    CHECK(gh_durable_queue_hello(l->queue) && wrote(l, GH_DURABLE_HELLO, 43));
    line_close(l);
}

static void no_more_is_on_its_way_than_the_credit(void)
{
    struct line *l = line_open(0, 5);

    CHECK(gh_durable_queue_room(l->queue, 100)); /* one batch always may */
    add(l, 3);
    CHECK(gh_durable_queue_room(l->queue, 2) && !gh_durable_queue_room(l->queue, 3));
    add(l, 2);
    add(l, 1); /* kept, and written when it may be */
    CHECK(wrote(l, GH_DURABLE_BATCH, 1) && wrote(l, GH_DURABLE_BATCH, 4) && wrote_all(l));
    CHECK(hear(l, GH_DURABLE_ACK, 3, 5) && wrote(l, GH_DURABLE_BATCH, 6) && wrote_all(l));
    CHECK(hear(l, GH_DURABLE_ACK, 5, 0) && !gh_durable_queue_room(l->queue, 1));
    CHECK(hear(l, GH_DURABLE_ACK, 6, 0) && !gh_durable_queue_room(l->queue, 1));
    add(l, 1);
    CHECK(wrote_all(l) && !gh_durable_queue_state(l->queue).unsent);
    CHECK(hear(l, GH_DURABLE_ACK, 6, 1) && wrote(l, GH_DURABLE_BATCH, 7));
    CHECK(gh_durable_queue_state(l->queue).progress.resent == 0);
    line_close(l);
}

/* The answers to HELLOs that a slow server has had from before. */
static void a_welcome_that_nobody_waits_for_is_an_ack(void)
{
    struct line *l = line_open(0, 100);

    add(l, 2);
    add(l, 2);
    l->read = l->count;
    CHECK(hear(l, GH_DURABLE_WELCOME, 2, 100) && wrote_all(l));
    const struct gh_durable_state s = gh_durable_queue_state(l->queue);
    CHECK(s.open && s.progress.durable == 2 && s.progress.resent == 0);
    CHECK(gh_durable_queue_hello(l->queue) && wrote(l, GH_DURABLE_HELLO, 3));
    CHECK(hear(l, GH_DURABLE_WELCOME, 2, 100) && wrote(l, GH_DURABLE_BATCH, 3) && wrote_all(l));
    line_close(l);
}

static void a_nack_repeats_and_drops_nothing(void)
{
    struct line *l = line_open(0, 100);

    for (int i = 0; i < 3; i++)
        add(l, 2);
    l->read = l->count;
    CHECK(hear(l, GH_DURABLE_NACK, 4, 0)); /* inside the second one */
    CHECK(wrote(l, GH_DURABLE_BATCH, 3) && wrote(l, GH_DURABLE_BATCH, 5) && wrote_all(l));
    CHECK(gh_durable_queue_state(l->queue).progress.resent == 4);
    CHECK(gh_durable_queue_hello(l->queue) && wrote(l, GH_DURABLE_HELLO, 1));
    CHECK(hear(l, GH_DURABLE_WELCOME, 0, 100)); /* the server died before its commit */
    for (uint64_t first = 1; first <= 5; first += 2)
        CHECK(wrote(l, GH_DURABLE_BATCH, first));
    line_close(l);
}

static void what_finds_no_room_leaves_no_hole(void)
{
    struct line *l = line_open(0, 100);

    add(l, 1);
    l->full = true;
    add(l, 1);
    CHECK(gh_durable_queue_state(l->queue).unsent);
    l->full = false;
    add(l, 1);
    for (uint64_t first = 1; first <= 3; first++)
        CHECK(wrote(l, GH_DURABLE_BATCH, first));
    CHECK(wrote_all(l) && gh_durable_queue_state(l->queue).progress.resent == 0);
    line_close(l);
}

static void an_error_counts_once_for_each_hello(void)
{
    struct line *l = line_open(0, 100);
    struct gh_durable_message m = kit_message(GH_DURABLE_ERROR, 0, 0);

    m.body = "this stream is not open here: say HELLO";
    m.body_size = strlen(m.body);
    const struct kit_frame error = kit_pack(&m);
    for (int i = 0; i < 100; i++) /* for every batch that was on its way */
        CHECK(gh_durable_queue_hear(l->queue, error.at, error.size));
    struct gh_durable_state s = gh_durable_queue_state(l->queue);
    CHECK(!s.open && s.errors == 0 && strcmp(s.trouble, m.body) == 0);
    for (uint32_t i = 1; i <= 3; i++) {
        CHECK(gh_durable_queue_hello(l->queue));
        CHECK(gh_durable_queue_hear(l->queue, error.at, error.size));
        CHECK(gh_durable_queue_hear(l->queue, error.at, error.size));
        CHECK(gh_durable_queue_state(l->queue).errors == i);
    }
    CHECK(hear(l, GH_DURABLE_WELCOME, 0, 100));
    CHECK(gh_durable_queue_state(l->queue).errors == 0);
    line_close(l);
}

static void what_is_not_of_this_stream_is_passed_over(void)
{
    struct line *l = line_open(0, 100);
    const struct kit_frame other = kit_plain(GH_DURABLE_ACK, STREAM + 1, 9),
                           error = kit_plain(GH_DURABLE_ERROR, STREAM + 1, 0);

    add(l, 1);
    CHECK(!gh_durable_queue_hear(l->queue, other.at, other.size));
    CHECK(!gh_durable_queue_hear(l->queue, error.at, error.size));
    CHECK(!gh_durable_queue_hear(l->queue, "noise", 5));
    const struct gh_durable_state s = gh_durable_queue_state(l->queue);
    CHECK(s.open && !s.empty && s.progress.durable == 0);
    line_close(l);
}

static void a_refusal_is_handed_on_with_its_number(void)
{
    struct line *l = line_open(0, 100);
    struct gh_durable_message m = kit_message(GH_DURABLE_REJECT, STREAM, 2);

    add(l, 3);
    m.body = "{}";
    m.body_size = 2;
    const struct kit_frame frame = kit_pack(&m);
    CHECK(gh_durable_queue_hear(l->queue, frame.at, frame.size) && l->rejected == 2);
    CHECK(gh_durable_queue_state(l->queue).progress.rejected == 1);
    CHECK(!gh_durable_queue_state(l->queue).empty);
    line_close(l);
}

static void a_bye_waits_until_all_was_written(void)
{
    struct line *l = line_open(0, 1);

    add(l, 1);
    add(l, 1);
    gh_durable_queue_bye(l->queue);
    CHECK(wrote(l, GH_DURABLE_BATCH, 1) && wrote_all(l));
    CHECK(hear(l, GH_DURABLE_ACK, 1, 1) && wrote(l, GH_DURABLE_BATCH, 2));
    gh_durable_queue_bye(l->queue);
    CHECK(wrote(l, GH_DURABLE_BYE, 2) && wrote_all(l));
    line_close(l);
}

static const struct gh_test tests[] = {
    GH_TEST(an_old_stream_goes_on_after_what_is_known),
    GH_TEST(no_more_is_on_its_way_than_the_credit),
    GH_TEST(a_welcome_that_nobody_waits_for_is_an_ack),
    GH_TEST(a_nack_repeats_and_drops_nothing),
    GH_TEST(what_finds_no_room_leaves_no_hole),
    GH_TEST(an_error_counts_once_for_each_hello),
    GH_TEST(what_is_not_of_this_stream_is_passed_over),
    GH_TEST(a_refusal_is_handed_on_with_its_number),
    GH_TEST(a_bye_waits_until_all_was_written),
};
GH_TEST_MAIN(tests)
