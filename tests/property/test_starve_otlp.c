/* test_starve_otlp.c - whichever request for memory is refused: a request of OTLP is read, or
 * memory is out, and what was told before is what would have been told. */
#include "edge/otlp/otlp.h"

#include "support/otlp_vectors.h"
#include "support/starve_kit.h"

static unsigned told_count;

static bool told_take(void *context, const struct gh_told *told)
{
    (void)context;
    CHECK(told->count == 3 && told->field[2].as.whole == 3);
    told_count++;
    return true;
}

/* Escapes, a list whose names are made, ids, and more elements than a list begins with. */
static char *body_new(void)
{
    enum { RECORDS = 700, SIZE = 256 };
    static char body[RECORDS * SIZE];
    size_t used = (size_t)snprintf(body, sizeof body,
                                   "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{}");

    for (int i = 1; i < RECORDS; i++)
        used += (size_t)snprintf(body + used, sizeof body - used, ",{}");
    used -= 2;
    used += (size_t)snprintf(
        body + used, sizeof body - used,
        "{\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\",\"attributes\":["
        "{\"key\":\"\\u0061\",\"value\":{\"stringValue\":\"\\n\"}},"
        "{\"key\":\"b\",\"value\":{\"arrayValue\":{\"values\":[{\"bytesValue\":\"AAAA\"},"
        "{\"intValue\":3}]}}}]}]}]}]}");
    CHECK(used < sizeof body);
    return body;
}

static bool last_take(void *context, const struct gh_told *told)
{
    return told->count == 0 || told_take(context, told);
}

static enum gh_status json_work(struct gh_error *error)
{
    const struct gh_otlp_taker taker = {last_take, NULL};
    const char *const body = body_new();
    struct gh_otlp_reader *const reader = gh_otlp_reader_new();
    struct gh_otlp_counts counts;

    told_count = 0;
    if (reader == NULL)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    const enum gh_status status =
        gh_otlp_read(reader, &(struct gh_otlp_request){GH_OTLP_LOGS, true, body, strlen(body)},
                     &taker, &counts, error);
    CHECK((status == GH_OK) == (told_count == 1));
    CHECK(status != GH_OK || (counts.told == 700 && counts.fields_dropped == 0));
    gh_otlp_reader_free(reader);
    return status;
}

static void a_request_in_json_is_read_or_memory_is_out(void)
{
    starve(&(struct starve_work){NULL, json_work, NULL, false});
}

static bool any_take(void *context, const struct gh_told *told)
{
    (void)context;
    told_count += told->count == 24;
    return true;
}

static enum gh_status binary_work(struct gh_error *error)
{
    static char bytes[1024];
    const size_t size = strlen(gh_otlp_logs_hex) / 2;
    const struct gh_otlp_taker taker = {any_take, NULL};
    struct gh_otlp_reader *const reader = gh_otlp_reader_new();
    struct gh_otlp_counts counts;

    for (size_t i = 0; i < size; i++) {
        const char pair[3] = {gh_otlp_logs_hex[2 * i], gh_otlp_logs_hex[2 * i + 1], '\0'};
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    told_count = 0;
    if (reader == NULL)
        return gh_error_set(error, GH_EMEMORY, "out of memory");
    const enum gh_status status =
        gh_otlp_read(reader, &(struct gh_otlp_request){GH_OTLP_LOGS, false, bytes, size},
                     &taker, &counts, error);
    CHECK((status == GH_OK) == (told_count == 1));
    gh_otlp_reader_free(reader);
    return status;
}

static void a_request_in_protobuf_is_read_or_memory_is_out(void)
{
    starve(&(struct starve_work){NULL, binary_work, NULL, false});
}

static const struct gh_test tests[] = {
    GH_TEST(a_request_in_json_is_read_or_memory_is_out),
    GH_TEST(a_request_in_protobuf_is_read_or_memory_is_out),
};
GH_TEST_MAIN(tests)
