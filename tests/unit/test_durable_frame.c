/* test_durable_frame.c - the head byte by byte, and each way in which a frame is none. */
#include "edge/wire.h"
#include "support/durable_kit.h"

static const char *problem_of(const struct kit_frame *frame)
{
    struct gh_durable_message m;
    unsigned char *exact = malloc(frame->size + 1); /* so that a sanitizer sees its end */

    memcpy(exact, frame->at, frame->size);
    const char *problem = gh_durable_read(&m, exact, frame->size);
    free(exact);
    return problem;
}

static bool refused(struct kit_frame frame, const char *wanted)
{
    const char *problem = problem_of(&frame);

    if (!problem || !strstr(problem, wanted))
        printf("# wanted '%s', got '%s'\n", wanted, problem ? problem : "nothing");
    return problem && strstr(problem, wanted);
}

static struct kit_frame changed(struct kit_frame frame, size_t at, unsigned char value)
{
    frame.at[at] = value;
    return frame;
}

static struct kit_frame batch_of(uint64_t number, uint32_t count, const char *body)
{
    struct gh_durable_message m = kit_message(GH_DURABLE_BATCH, 7, number);

    m.count = count;
    m.body = body;
    m.body_size = strlen(body);
    return kit_pack(&m);
}

static void the_head_stands_where_the_table_says(void)
{
    static const unsigned char wanted[] = {
        'G',  'H',  'P',  '1',  3,    0,    48,   0,    4,   0,    0,   0, /* head */
        0,    0,    0,    0,                                               /* CRC-32: below */
        7,    7,    7,    7,    7,    7,    7,    7,    7,   7,    7,   7,
        7,    7,    7,    7,                            /* stream */
        0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* number */
        2,    0,    0,    0,    0,    0,    0,    0,    'a', '\n', 'b', '\n'};
    const struct kit_frame frame = batch_of(0x0102030405060708u, 2, "a\nb\n");

    CHECK(frame.size == sizeof wanted);
    for (size_t i = 0; i < sizeof wanted; i++) {
        if (i < 12 || i > 15)
            CHECK(frame.at[i] == wanted[i]);
    }
    /* The published check value of CRC-32: "123456789" gives cbf43926. */
    struct gh_durable_message m = kit_message(GH_DURABLE_ERROR, 0, 0);
    m.body = "123456789";
    m.body_size = 9;
    const struct kit_frame check = kit_pack(&m);
    CHECK(memcmp(check.at + 12, "\x26\x39\xf4\xcb", 4) == 0);
}

static void what_is_written_is_read(void)
{
    const struct kit_frame frame = batch_of(41, 2, "{}\nnot json\n");
    struct gh_durable_message m;

    CHECK(gh_durable_read(&m, frame.at, frame.size) == NULL);
    CHECK(m.type == GH_DURABLE_BATCH && m.number == 41 && m.count == 2);
    CHECK(m.stream[0] == 7 && m.stream[15] == 7);
    CHECK(m.body == (const char *)frame.at + GH_DURABLE_HEAD && m.body_size == 12);
    for (int type = GH_DURABLE_HELLO; type <= GH_DURABLE_ERROR; type++) {
        const struct kit_frame plain = kit_plain((enum gh_durable_type)type, 1, 5);
        CHECK((problem_of(&plain) == NULL) == (type != GH_DURABLE_BATCH));
    }
}

static void each_field_of_the_head_is_checked(void)
{
    const struct kit_frame good = batch_of(1, 1, "{}\n");

    CHECK(problem_of(&good) == NULL);
    for (size_t at = 0; at < 4; at++)
        CHECK(refused(changed(good, at, '?'), "not a message of this protocol"));
    CHECK(refused(changed(good, 4, 0), "another version"));
    CHECK(refused(changed(good, 4, 9), "another version"));
    CHECK(refused(changed(good, 5, 1), "another version"));
    CHECK(refused(changed(good, 6, 49), "another version"));
    CHECK(refused(changed(good, 7, 1), "another version"));
    CHECK(refused(changed(good, 8, 4), "another size"));
    CHECK(refused(changed(good, 11, 1), "another size"));
    for (size_t at = 12; at < 16; at++)
        CHECK(refused(changed(good, at, good.at[at] ^ 1), "checksum"));
    CHECK(refused(changed(good, 39, 0x80), "2^63"));
    CHECK(refused(changed(good, 40, 2), "not as many lines"));
    for (size_t at = 44; at < 48; at++)
        CHECK(refused(changed(good, at, 1), "another version"));
    CHECK(refused(changed(good, GH_DURABLE_HEAD, '['), "checksum"));
}

static void a_frame_that_is_cut_anywhere_is_refused(void)
{
    struct kit_frame frame = batch_of(1, 1, "{}\n");

    while (frame.size-- > 0)
        CHECK(problem_of(&frame) != NULL);
}

static void a_batch_has_as_many_whole_lines_as_it_says(void)
{
    CHECK(refused(batch_of(1, 0, "a\n"), "1..4096"));
    CHECK(refused(batch_of(1, 4097, "a\n"), "1..4096"));
    CHECK(refused(batch_of(0, 1, "a\n"), "begin at 1"));
    CHECK(refused(batch_of(1, 1, ""), "does not end"));
    CHECK(refused(batch_of(1, 1, "a"), "does not end"));
    CHECK(refused(batch_of(1, 2, "a\nb"), "does not end"));
    CHECK(refused(batch_of(1, 1, "a\nb\n"), "not as many lines"));
    CHECK(refused(batch_of(1, 3, "a\nb\n"), "not as many lines"));
}

static void no_number_of_a_batch_reaches_2_to_the_63(void)
{
    const struct kit_frame last = batch_of(INT64_MAX - 2, 2, "a\nb\n");

    CHECK(problem_of(&last) == NULL);
    CHECK(refused(batch_of(INT64_MAX - 1, 2, "a\nb\n"), "2^63"));
    CHECK(refused(batch_of(INT64_MAX, 4096, "a\n"), "2^63"));
    CHECK(refused(batch_of(UINT64_MAX, 1, "a\n"), "2^63"));
}

static void only_some_messages_have_a_body(void)
{
    for (int type = GH_DURABLE_HELLO; type <= GH_DURABLE_ERROR; type++) {
        struct gh_durable_message m = kit_message((enum gh_durable_type)type, 1, 1);
        m.body = "x\n";
        m.body_size = 2;
        m.count = 1;
        const struct kit_frame frame = kit_pack(&m);
        const bool may =
            type == GH_DURABLE_BATCH || type == GH_DURABLE_REJECT || type == GH_DURABLE_ERROR;
        CHECK(may ? problem_of(&frame) == NULL : refused(frame, "has none"));
    }
}

static void a_body_of_more_than_a_mebibyte_is_refused(void)
{
    const size_t most = GH_DURABLE_BATCH_BYTES;
    char *body = malloc(most + 1);
    unsigned char *frame = malloc(GH_DURABLE_HEAD + most + 1);
    struct gh_durable_message m = kit_message(GH_DURABLE_BATCH, 1, 1), got;

    memset(body, 'x', most + 1);
    body[most - 1] = body[most] = '\n';
    m.body = body;
    for (size_t more = 0; more < 2; more++) {
        m.body_size = most + more;
        m.count = 1 + (uint32_t)more;
        gh_durable_head(&m, frame);
        memcpy(frame + GH_DURABLE_HEAD, body, m.body_size);
        const char *problem = gh_durable_read(&got, frame, GH_DURABLE_HEAD + m.body_size);
        CHECK(more ? problem && strstr(problem, "at most 1 MiB") : problem == NULL);
    }
    free(body);
    free(frame);
}

/* The body of a BATCH that says `count`. */
static struct kit_frame binary_of(uint32_t count, const char *body, size_t size)
{
    struct gh_durable_message m = kit_message(GH_DURABLE_BATCH, 7, 1);

    m.count = count;
    m.body = body;
    m.body_size = size;
    return kit_pack(&m);
}

static void a_batch_may_be_a_binary_frame(void)
{
    static const char body[] = GH_MARKER "\x0a\x02\n\n\x0a\x01x\x0a\x05y"; /* the last is cut */
    const size_t whole = sizeof body - 1;
    struct gh_durable_message m;

    for (uint32_t count = 1; count < 6; count++) {
        const struct kit_frame frame = binary_of(count, body, whole);
        CHECK((gh_durable_read(&m, frame.at, frame.size) == NULL) == (count == 3));
        CHECK(count == 3 || refused(frame, "batch: not as many events as it says"));
    }
    CHECK(refused(binary_of(1, body, GH_MARKER_SIZE), "batch: not as many events as it says"));
    const struct kit_frame frame = binary_of(3, body, whole);
    CHECK(gh_durable_read(&m, frame.at, frame.size) == NULL);
    CHECK(gh_durable_skip(&m, 0) == 0 && gh_durable_skip(&m, 1) == 8);
    CHECK(gh_durable_skip(&m, 2) == 11 && gh_durable_skip(&m, 3) == whole);
    const struct kit_frame lines = batch_of(1, 2, "ab\nc\n");
    CHECK(gh_durable_read(&m, lines.at, lines.size) == NULL);
    CHECK(gh_durable_skip(&m, 0) == 0 && gh_durable_skip(&m, 1) == 3);
    CHECK(gh_durable_skip(&m, 2) == 5);
}

static const struct gh_test tests[] = {
    GH_TEST(the_head_stands_where_the_table_says),
    GH_TEST(what_is_written_is_read),
    GH_TEST(each_field_of_the_head_is_checked),
    GH_TEST(a_frame_that_is_cut_anywhere_is_refused),
    GH_TEST(a_batch_has_as_many_whole_lines_as_it_says),
    GH_TEST(no_number_of_a_batch_reaches_2_to_the_63),
    GH_TEST(only_some_messages_have_a_body),
    GH_TEST(a_body_of_more_than_a_mebibyte_is_refused),
    GH_TEST(a_batch_may_be_a_binary_frame),
};
GH_TEST_MAIN(tests)
