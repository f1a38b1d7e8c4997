/* test_otlp_reply.c - what senders hear, byte for byte. */
#include "edge/otlp/otlp.h"

#include "support/gh_test.h"

#include <stdbool.h>

/* No reply below holds a zero. */
static bool reply_is(struct gh_otlp_answer answer, const char *wanted)
{
    char to[GH_OTLP_REPLY_MAX];
    const size_t size = gh_otlp_reply(&answer, to);

    return size == strlen(wanted) && memcmp(to, wanted, size) == 0;
}

static void replies_are_in_the_encoding_of_the_request(void)
{
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_LOGS, true, GH_OTLP_DONE, 0, NULL}, "{}"));
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_LOGS, false, GH_OTLP_DONE, 0, NULL}, ""));
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_TRACES, true, GH_OTLP_DONE, 3, "odd"},
                   "{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"odd\"}}"));
    CHECK(reply_is(
        (struct gh_otlp_answer){GH_OTLP_METRICS, true, GH_OTLP_DONE, 0, "old"},
        "{\"partialSuccess\":{\"rejectedDataPoints\":\"0\",\"errorMessage\":\"old\"}}"));
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_LOGS, false, GH_OTLP_DONE, 3, "odd"},
                   "\x0a\x07\x08\x03\x12\x03odd"));
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_LOGS, true, GH_OTLP_INVALID, 0, "byte 1"},
                   "{\"code\":3,\"message\":\"byte 1\"}"));
    CHECK(reply_is((struct gh_otlp_answer){GH_OTLP_LOGS, false, GH_OTLP_INVALID, 0, "byte 1"},
                   "\x08\x03\x12\x06"
                   "byte 1"));
    CHECK(strcmp(gh_otlp_content_type(true), "application/json") == 0);
    CHECK(strcmp(gh_otlp_content_type(false), "application/x-protobuf") == 0);
}

/* 600 controls of 6 bytes each in JSON, and a character that would be cut. */
static void a_long_text_is_cut_between_characters(void)
{
    char text[601], to[GH_OTLP_REPLY_MAX];

    memset(text, 1, 600);
    text[600] = '\0';
    struct gh_otlp_answer answer = {GH_OTLP_LOGS, true, GH_OTLP_INVALID, 0, text};
    CHECK(gh_otlp_reply(&answer, to) == 23 + 500 * 6);
    memcpy(text + 499, "\xc3\xa4", 2);
    answer.json = false;
    CHECK(gh_otlp_reply(&answer, to) == 2 + 3 + 499);
}

static const struct gh_test tests[] = {
    GH_TEST(replies_are_in_the_encoding_of_the_request),
    GH_TEST(a_long_text_is_cut_between_characters),
};
GH_TEST_MAIN(tests)
