/* What: a request tells the same in protobuf and in JSON, in any of the forms that are legal,
 *       and what jansson reads of the JSON.
 * How:  made-up requests with every field of the schema, written by its descriptors. */
#include "support/gh_test.h"
#include "support/otlp_reference.h"
#include "support/otlp_write.h"

enum { REQUESTS = 6000, BYTES_MAX = 1 << 20, ROOM = 64 << 20 };

static struct gh_otlp_reader *reader;
static struct gh_otlp_arena arena;
static uint64_t told, refused, dropped;

static bool same(const char *what, const char *a, const char *b, const char *json)
{
    if (strcmp(a, b) == 0)
        return true;
    printf("# %s\n# %s# other\n# %s# of %s\n", what, a, b, json);
    return false;
}

/* The JSON of a request against what its protobuf told, and against jansson. */
static void json_check(enum gh_otlp_signal signal, const struct gh_json *json,
                       const struct gh_otlp_heard *binary)
{
    const struct gh_otlp_request request = {signal, true, json->at, json->used};
    struct gh_otlp_heard heard = gh_otlp_hear(reader, &request);
    char *lines;

    CHECK(heard.status == GH_OK);
    if (heard.status != GH_OK)
        printf("# %s in %s\n", heard.error.text, json->at);
    CHECK(same("protobuf and JSON", binary->lines, heard.lines, json->at));
    CHECK(heard.counts.told == binary->counts.told);
    CHECK(heard.counts.refused == binary->counts.refused);
    CHECK(heard.counts.fields_dropped == binary->counts.fields_dropped);
    CHECK(gh_otlp_reference(signal, json->at, json->used, &lines) == GH_OTLP_SAME);
    CHECK(lines != NULL && same("quick and jansson", heard.lines, lines, json->at));
    free(lines);
    gh_otlp_heard_free(&heard);
}

static void a_request_tells_the_same_in_both_encodings(void)
{
    static uint8_t bytes[BYTES_MAX];
    uint64_t seed = 20261120;

    reader = gh_otlp_reader_new();
    CHECK(reader != NULL);
    for (unsigned i = 0; i < REQUESTS && gh_test_failures == 0; i++) {
        const enum gh_otlp_signal signal = i % 3;
        struct gh_json json = {0};
        gh_otlp_arena_reset(&arena, ROOM);
        const ProtobufCMessage *const m =
            gh_otlp_invent(gh_otlp_message(signal), &arena, &seed);
        const size_t size = protobuf_c_message_get_packed_size(m);
        CHECK(size <= BYTES_MAX && protobuf_c_message_pack(m, bytes) == size);
        struct gh_otlp_heard heard = gh_otlp_hear(
            reader, &(struct gh_otlp_request){signal, false, (const char *)bytes, size});
        CHECK(heard.status == GH_OK);
        told += heard.counts.told;
        refused += heard.counts.refused;
        dropped += heard.counts.fields_dropped;
        gh_otlp_write(&json, m, &seed);
        json_check(signal, &json, &heard);
        gh_json_free(&json);
        gh_otlp_heard_free(&heard);
    }
    gh_otlp_reader_free(reader);
    gh_otlp_arena_free(&arena);
}

static void the_requests_told_something(void)
{
    printf("# told %lu refused %lu dropped %lu\n", (unsigned long)told, (unsigned long)refused,
           (unsigned long)dropped);
    CHECK(told > REQUESTS && refused > 0 && dropped > 0);
}

static const struct gh_test tests[] = {
    GH_TEST(a_request_tells_the_same_in_both_encodings),
    GH_TEST(the_requests_told_something),
};
GH_TEST_MAIN(tests)
