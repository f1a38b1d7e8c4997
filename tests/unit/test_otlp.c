/* test_otlp.c - requests as exporters send them, and as they could: what is told, what is
 * refused and where. Wanted lines are written by hand from the vectors. */
#include "edge/otlp/otlp.h"

#include "support/gh_test.h"
#include "support/otlp_kit.h"
#include "support/otlp_vectors.h"

#include <stdbool.h>

static struct gh_otlp_reader *reader;

static void reader_free(void)
{
    gh_otlp_reader_free(reader);
}

static void reader_need(void)
{
    if (reader == NULL) {
        reader = gh_otlp_reader_new();
        CHECK(reader != NULL && atexit(reader_free) == 0);
    }
}

static struct gh_otlp_heard hear(enum gh_otlp_signal signal, const char *json)
{
    reader_need();
    return gh_otlp_hear(reader, &(struct gh_otlp_request){signal, true, json, strlen(json)});
}

static struct gh_otlp_heard hear_hex(enum gh_otlp_signal signal, const char *hex)
{
    static char bytes[4096];
    const size_t size = strlen(hex) / 2;
    char byte[3] = "";

    reader_need();
    for (size_t i = 0; i < size; i++) {
        memcpy(byte, hex + 2 * i, 2);
        bytes[i] = (char)strtoul(byte, NULL, 16);
    }
    return gh_otlp_hear(reader, &(struct gh_otlp_request){signal, false, bytes, size});
}

static bool same(struct gh_otlp_heard *heard, const char *lines)
{
    const bool is = heard->status == GH_OK && strcmp(heard->lines, lines) == 0;

    if (!is)
        printf("# %s: told\n# %s# wanted\n# %s", heard->error.text, heard->lines, lines);
    gh_otlp_heard_free(heard);
    return is;
}

/* Told as a log record of these own attributes, in JSON, alone. */
static bool attributes_are(const char *attributes, const char *fields)
{
    char body[4096], lines[4096];

    snprintf(body, sizeof body,
             "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"attributes\":[%s]}]}]}]}",
             attributes);
    snprintf(lines, sizeof lines,
             "{\"kind\":\"log\",\"failed\":false,\"value\":0,\"cumulative\":false,"
             "\"fields\":[%s]}\n",
             fields);
    struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, body);
    return same(&heard, lines);
}

#define GOLDEN_FIELDS                                                                       \
    "\"time\":1786000000123,\"failed\":false,\"value\":0,\"cumulative\":false,\"fields\":[" \
    "{\"session.id\":\"5d3c0b1e-0000-4000-8000-000000000001\"},{\"user.id\":\"u-anon-1\"}," \
    "{\"user.account_uuid\":\"11111111-2222-4333-8444-555555555555\"},"                     \
    "{\"user.email\":\"dev1@example.test\"},"                                               \
    "{\"organization.id\":\"99999999-2222-4333-8444-555555555555\"},"                       \
    "{\"terminal.type\":\"tmux\"},{\"event.name\":\"api_request\"},"                        \
    "{\"event.timestamp\":\"2026-08-06T07:06:40.123Z\"},{\"event.sequence\":7},"            \
    "{\"prompt.id\":\"aaaaaaaa-1111-4222-8333-444444444444\"},"                             \
    "{\"model\":\"claude-sonnet-5\"},{\"cost_usd\":0.0123r},{\"cost_usd_micros\":12300},"   \
    "{\"duration_ms\":2345},{\"input_tokens\":12},{\"output_tokens\":345},"                 \
    "{\"cache_read_tokens\":45678},{\"cache_creation_tokens\":901},"                        \
    "{\"query_source\":\"repl_main_thread\"},{\"speed\":\"normal\"},"                       \
    "{\"service.name\":\"claude-code\"},{\"service.version\":\"2.1.232\"},"                 \
    "{\"os.type\":\"linux\"},{\"host.arch\":\"amd64\"}]}\n"
#define GOLDEN_SOURCE                               \
    "{\"kind\":\"log\",\"source\":\"claude-code\"," \
    "\"scope\":\"com.anthropic.claude_code.events\","

static void a_log_record_of_an_sdk_in_json_is_told(void)
{
    struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, gh_otlp_logs_json);
    CHECK(heard.counts.told == 1 && heard.counts.refused == 0);
    CHECK(heard.counts.fields_dropped == 0);
    CHECK(same(&heard, GOLDEN_SOURCE "\"name\":\"claude_code.api_request\"," GOLDEN_FIELDS));
}

/* Its observed time comes last, it holds zeros that proto3 leaves out, and no eventName. */
static void the_same_in_protobuf_is_told(void)
{
    struct gh_otlp_heard heard = hear_hex(GH_OTLP_LOGS, gh_otlp_logs_hex);
    CHECK(heard.counts.told == 1);
    CHECK(same(&heard, GOLDEN_SOURCE "\"name\":\"api_request\"," GOLDEN_FIELDS));
}

static void a_counter_that_comes_as_double_is_told(void)
{
    struct gh_otlp_heard heard = hear(GH_OTLP_METRICS, gh_otlp_metrics_json);
    CHECK(same(&heard,
               "{\"kind\":\"point\",\"source\":\"claude-code\","
               "\"scope\":\"com.anthropic.claude_code\","
               "\"name\":\"claude_code.token.usage\",\"time\":1795307621299,"
               "\"start\":1795307621298,\"failed\":false,\"value\":345,"
               "\"cumulative\":false,\"fields\":[{\"type\":\"output\"},"
               "{\"model\":\"claude-sonnet-5\"},{\"service.name\":\"claude-code\"}]}\n"));
}

static void a_span_is_told(void)
{
    struct gh_otlp_heard heard = hear(GH_OTLP_TRACES, gh_otlp_traces_json);
    CHECK(same(
        &heard,
        "{\"kind\":\"span\",\"source\":\"agent\",\"scope\":\"tracer\","
        "\"name\":\"chat claude-sonnet-5\",\"time\":1795307621399,"
        "\"start\":1795307621298,\"trace\":\"5b8efff798038103d269b633813fc60c\","
        "\"span\":\"eee19b7ec3c1b174\",\"parent\":\"eee19b7ec3c1b173\","
        "\"failed\":false,\"value\":0,\"cumulative\":false,\"fields\":["
        "{\"gen_ai.usage.input_tokens\":12},"
        "{\"gen_ai.response.finish_reasons.0\":\"stop\"},{\"service.name\":\"agent\"}]}\n"));
}

static void a_span_of_the_sdk_for_python_is_told(void)
{
    struct gh_otlp_heard heard = hear_hex(GH_OTLP_TRACES, gh_otlp_span_hex);
    CHECK(same(&heard,
               "{\"kind\":\"span\",\"source\":\"agent-py\",\"scope\":\"openai.v1\","
               "\"name\":\"chat gpt-x\",\"time\":1795307621399,\"start\":1795307621298,"
               "\"trace\":\"8c2915cb1062b9d4c12e9860efa8b6d9\","
               "\"span\":\"3e12e4e2e5cf0e0f\",\"parent\":\"e200e3291cac11d4\","
               "\"failed\":true,\"value\":0,\"cumulative\":false,\"fields\":["
               "{\"gen_ai.usage.input_tokens\":1210},{\"gen_ai.usage.output_tokens\":80},"
               "{\"gen_ai.request.temperature\":0.25r},"
               "{\"gen_ai.response.finish_reasons.0\":\"stop\"},"
               "{\"gen_ai.response.finish_reasons.1\":\"length\"},{\"stream\":true},"
               "{\"scope.tier\":\"gold\"},{\"service.name\":\"agent-py\"},"
               "{\"process.pid\":42}]}\n"));
}

#define PYTHON_POINT(name, value, own)                                                     \
    "{\"kind\":\"point\",\"source\":\"agent-py\",\"scope\":\"openai.v1\",\"name\":\"" name \
    "\",\"time\":1795393810491,\"start\":1795393810491,\"failed\":false,\"value\":" value  \
    ",\"cumulative\":true,\"fields\":[" own                                                \
    "{\"service.name\":\"agent-py\"},{\"process.pid\":42}]}\n"

static void points_of_the_sdk_for_python_are_told(void)
{
    struct gh_otlp_heard heard = hear_hex(GH_OTLP_METRICS, gh_otlp_points_hex);
    const char *const lines = PYTHON_POINT("gen_ai.client.token.usage.count", "2",
                                           "{\"gen_ai.token.type\":\"input\"},")
        PYTHON_POINT("gen_ai.client.token.usage.sum", "1300",
                     "{\"gen_ai.token.type\":\"input\"},") PYTHON_POINT("calls", "3", "")
            PYTHON_POINT("open", "-2", "");
    CHECK(same(&heard, lines));
}

static void a_request_of_nothing_is_done(void)
{
    struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, "{}");
    CHECK(same(&heard, ""));
    heard = hear(GH_OTLP_METRICS, " { \"resourceMetrics\" : [ ] } ");
    CHECK(same(&heard, ""));
    heard = hear_hex(GH_OTLP_TRACES, "");
    CHECK(same(&heard, ""));
}

static void names_come_in_both_ways_of_writing_in_any_order_and_the_last_holds(void)
{
    struct gh_otlp_heard heard = hear(
        GH_OTLP_LOGS,
        "{\"resource_logs\":[{\"scope_logs\":[{\"log_records\":[{\"event_name\":\"old\","
        "\"observed_time_unix_nano\":5000000,\"eventName\":\"new\",\"body\":null}],"
        "\"scope\":{\"name\":\"s\",\"attributes\":[{\"key\":\"a\",\"value\":"
        "{\"boolValue\":false}}]}}],\"new\":[{\"x\":[1,-2.5e3,\"\",null,true]}],"
        "\"resource\":{\"attributes\":[{\"value\":{\"boolValue\":true},\"key\":\"a\"}]}}]}");
    CHECK(same(&heard, "{\"kind\":\"log\",\"scope\":\"s\",\"name\":\"new\",\"time\":5,"
                       "\"failed\":false,\"value\":0,\"cumulative\":false,"
                       "\"fields\":[{\"a\":false},{\"a\":true}]}\n"));
}

static void values_come_in_all_shapes(void)
{
    CHECK(attributes_are("{\"key\":\"a\",\"value\":{\"intValue\":\"-12\"}},"
                         "{\"key\":\"b\",\"value\":{\"intValue\":9223372036854775807}},"
                         "{\"key\":\"c\",\"value\":{\"intValue\":\"18446744073709551616\"}},"
                         "{\"key\":\"d\",\"value\":{\"doubleValue\":3}},"
                         "{\"key\":\"e\",\"value\":{\"double_value\":\"-2.5\"}},"
                         "{\"key\":\"f\",\"value\":{\"bytesValue\":\"_-8\"}},"
                         "{\"key\":\"g\",\"value\":{\"stringValue\":\"\"}},"
                         "{\"key\":\"h\",\"value\":{}},{\"key\":\"i\"},"
                         "{\"key\":\"\\u006a\",\"value\":{\"stringValue\":\"\\n\"}}",
                         "{\"a\":-12},{\"b\":9223372036854775807},"
                         "{\"c\":1.8446744073709552e+19r},{\"d\":3r},{\"e\":-2.5r},"
                         "{\"f\":\"/+8=\"},{\"g\":\"\"},{\"j\":\"\\n\"}"));
}

static void lists_are_flat_and_bounded(void)
{
    char many[2048] = "{\"key\":\"m\",\"value\":{\"arrayValue\":{\"values\":[";
    char told[2048] = "";
    size_t used = strlen(many), told_used = 0;

    CHECK(attributes_are(
        "{\"key\":\"a\",\"value\":{\"kvlistValue\":{\"values\":[{\"key\":\"b\",\"value\":"
        "{\"arrayValue\":{\"values\":[{\"intValue\":1},{},{\"boolValue\":true}]}}}]}}}",
        "{\"a.b.0\":1},{\"a.b.2\":true}"));
    for (int i = 0; i < 70; i++)
        used += (size_t)snprintf(many + used, sizeof many - used, "%s{\"intValue\":7}",
                                 i ? "," : "");
    snprintf(many + used, sizeof many - used,
             "]}}},{\"key\":\"z\",\"value\":{\"intValue\":1}}");
    for (int i = 0; i < GH_OTLP_LEAVES_MAX; i++)
        told_used +=
            (size_t)snprintf(told + told_used, sizeof told - told_used, "{\"m.%d\":7},", i);
    snprintf(told + told_used, sizeof told - told_used, "{\"z\":1}");
    CHECK(attributes_are(many, told));
}

static void what_is_dropped_is_counted(void)
{
    struct gh_otlp_heard heard =
        hear(GH_OTLP_TRACES,
             "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"abc\","
             "\"attributes\":[{\"key\":\"n\",\"value\":{\"doubleValue\":\"NaN\"}}]}]}]}]}");
    CHECK(heard.counts.told == 1 && heard.counts.fields_dropped == 2);
    gh_otlp_heard_free(&heard);
}

static void ids_come_in_hex_of_either_case_or_in_base64(void)
{
    static const char *const ids[][2] = {
        {"5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174"},
        {"W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQ="},
        {"W47_95gDgQPSabYzgT_GDA", "7uGbfsPBsXQ"},
    };
    char body[512];

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        snprintf(body, sizeof body,
                 "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%s\","
                 "\"spanId\":\"%s\",\"parentSpanId\":\"\",\"status\":"
                 "{\"code\":\"STATUS_CODE_ERROR\"}}]}]}]}",
                 ids[i][0], ids[i][1]);
        struct gh_otlp_heard heard = hear(GH_OTLP_TRACES, body);
        CHECK(same(&heard, "{\"kind\":\"span\",\"trace\":\"5b8efff798038103d269b633813fc60c\","
                           "\"span\":\"eee19b7ec3c1b174\",\"failed\":true,\"value\":0,"
                           "\"cumulative\":false,\"fields\":[]}\n"));
    }
}

#define POINT(name, value, cumulative)                                                   \
    "{\"kind\":\"point\",\"name\":\"" name "\",\"time\":3,\"start\":2,\"failed\":false," \
    "\"value\":" value ",\"cumulative\":" cumulative ",\"fields\":[]}\n"
#define POINT_TIMES "\"startTimeUnixNano\":\"2000000\",\"timeUnixNano\":3999999"

static void points_of_all_kinds_are_told(void)
{
    struct gh_otlp_heard heard = hear(
        GH_OTLP_METRICS,
        "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":["
        "{\"name\":\"g\",\"gauge\":{\"dataPoints\":[{" POINT_TIMES ",\"asInt\":\"-4\"}]}},"
        "{\"name\":\"s\",\"sum\":{\"aggregationTemporality\":2,\"dataPoints\":[{" POINT_TIMES
        ",\"asInt\":5},{\"flags\":1}]}},"
        "{\"name\":\"h\",\"histogram\":{\"aggregation_temporality\":"
        "\"AGGREGATION_TEMPORALITY_CUMULATIVE\",\"dataPoints\":[{" POINT_TIMES
        ",\"count\":\"6\",\"sum\":7.5,\"bucketCounts\":[\"6\"],\"explicitBounds\":[]}]}},"
        "{\"name\":\"e\",\"exponentialHistogram\":{\"dataPoints\":[{" POINT_TIMES
        ",\"count\":8}]}}]}]}]}");
    CHECK(heard.counts.told == 5);
    CHECK(same(&heard,
               POINT("g", "-4", "false") POINT("s", "5", "true") POINT("h.count", "6", "true")
                   POINT("h.sum", "7.5", "true") POINT("e.count", "8", "false")));
}

static void a_cut_character_costs_itself_alone(void)
{
    CHECK(attributes_are("{\"key\":\"a\",\"value\":{\"stringValue\":\"x\\ud83d\"}},"
                         "{\"key\":\"b\",\"value\":{\"stringValue\":\"\\ude00\\u0000y\"}},"
                         "{\"key\":\"c\",\"value\":{\"stringValue\":\"\\ud83d\\ude00\"}}",
                         "{\"a\":\"x\xef\xbf\xbd\"},{\"b\":\"\xef\xbf\xbd\\u0000y\"},"
                         "{\"c\":\"\xf0\x9f\x98\x80\"}"));
}

/* ResourceLogs > ScopeLogs > two records, the name of the first is the byte ff. */
static void in_protobuf_a_text_that_is_not_utf8_costs_its_record(void)
{
    struct gh_otlp_heard heard = hear_hex(GH_OTLP_LOGS, "0a0c120a12036201ff1203620161");
    CHECK(heard.counts.told == 1 && heard.counts.refused == 1);
    CHECK(heard.counts.why != NULL && strcmp(heard.counts.why, "a name is not UTF-8") == 0);
    CHECK(same(&heard, "{\"kind\":\"log\",\"name\":\"a\",\"failed\":false,\"value\":0,"
                       "\"cumulative\":false,\"fields\":[]}\n"));
}

static void what_is_no_request_is_refused_with_its_place(void)
{
    static const struct {
        const char *body, *error;
    } row[] = {
        {"", "byte 1: no object: JSON as in OTLP 1.11"},
        {"[]", "byte 1: no object: JSON as in OTLP 1.11"},
        {"{}x", "byte 3: more than one value: JSON as in OTLP 1.11"},
        {"{\"a\":1,}", "byte 8: no string: JSON as in OTLP 1.11"},
        {"{\"a\" 1}", "byte 6: no colon after a name: JSON as in OTLP 1.11"},
        {"{\"a\":01}", "byte 7: no number of JSON: JSON as in OTLP 1.11"},
        {"{\"a\":1e999}", "byte 6: a number past every double: JSON as in OTLP 1.11"},
        {"{\"a\":nul}", "byte 6: no value of JSON: JSON as in OTLP 1.11"},
        {"{\"a\":\"\\x\"}", "byte 7: no escape of JSON: JSON as in OTLP 1.11"},
        {"{\"a\":\"\xff\"}", "byte 7: no UTF-8: JSON as in OTLP 1.11"},
        {"{\"a\":\"b", "byte 8: a string that does not end: JSON as in OTLP 1.11"},
        {"{\"a\":[1", "byte 8: no comma or end: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":{}}", "byte 17: no list: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":-1}]}]}]}",
         "byte 63: no integer from 0 to 2^64-1: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1x\"}]}]}]}",
         "byte 63: no number: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":"
         "{\"bytesValue\":\"_E\xd3\xbd\"}}]}]}]}",
         "byte 69: no base64: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":"
         "{\"boolValue\":1}}]}]}]}",
         "byte 68: neither true nor false: JSON as in OTLP 1.11"},
        {"{\"resourceLogs\":[{}],\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{},",
         "byte 70: no object: JSON as in OTLP 1.11"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, row[i].body);
        CHECK(heard.status == GH_EFORMAT && heard.lines[0] == '\0');
        CHECK(heard.counts.told == 0);
        CHECK(strcmp(heard.error.text, row[i].error) == 0);
        if (strcmp(heard.error.text, row[i].error) != 0)
            printf("# %s: %s\n", row[i].body, heard.error.text);
        gh_otlp_heard_free(&heard);
    }
}

static void protobuf_that_is_none_is_refused_with_its_place(void)
{
    static const struct {
        const char *hex, *error;
    } row[] = {
        {"0a", "byte 1: no field of a message: fields as in OTLP 1.11"},
        {"0a0212ff", "byte 3: no field of a message: fields as in OTLP 1.11"},
        {"0801", "byte 1: a field of another wire type: fields as in OTLP 1.11"},
        {"0a04120212ff", "byte 5: no field of a message: fields as in OTLP 1.11"},
        {"7b7c", "byte 1: no field of a message: fields as in OTLP 1.11"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct gh_otlp_heard heard = hear_hex(GH_OTLP_LOGS, row[i].hex);
        CHECK(heard.status == GH_EFORMAT && heard.lines[0] == '\0');
        CHECK(strcmp(heard.error.text, row[i].error) == 0);
        if (strcmp(heard.error.text, row[i].error) != 0)
            printf("# %s: %s\n", row[i].hex, heard.error.text);
        gh_otlp_heard_free(&heard);
    }
}

/* A record whose body is a list in a list, `lists` deep: 5 + 2 * lists + 1 messages. */
static void nested_json(char *to, size_t room, int lists)
{
    size_t used = (size_t)snprintf(
        to, room, "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":");

    for (int i = 0; i < lists; i++)
        used += (size_t)snprintf(to + used, room - used, "{\"arrayValue\":{\"values\":[");
    used += (size_t)snprintf(to + used, room - used, "{}");
    for (int i = 0; i < lists; i++)
        used += (size_t)snprintf(to + used, room - used, "]}}");
    snprintf(to + used, room - used, "}]}]}]}");
}

/* The same in protobuf, from the inside: each message is put in front of the one it holds. */
static void nested_hex(char *to, size_t room, int lists)
{
    static const unsigned outer[] = {0x2a, 0x12, 0x12, 0x0a};
    char tag[8], inside[1024] = "";

    CHECK(room == sizeof inside);
    to[0] = '\0';
    for (int i = 0; i < 2 * lists + 4; i++) {
        const unsigned field = i >= 2 * lists ? outer[i - 2 * lists] : i % 2 ? 0x2a : 0x0a;
        const unsigned size = (unsigned)strlen(to) / 2;
        snprintf(tag, sizeof tag, size < 128 ? "%02x%02x" : "%02x%02x01", field,
                 size < 128 ? size : (size & 127) | 128);
        memcpy(inside, to, strlen(to) + 1);
        memcpy(to, tag, strlen(tag));
        memcpy(to + strlen(tag), inside, strlen(inside) + 1);
    }
}

static void nesting_is_bounded_in_both_encodings(void)
{
    enum { LISTS = (GH_OTLP_DEPTH_MAX - 6) / 2 };
    char body[8192], hex[1024];

    for (int more = 0; more < 2; more++) {
        nested_json(body, sizeof body, LISTS + more);
        struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, body);
        CHECK(heard.status == (more ? GH_ELIMIT : GH_OK));
        gh_otlp_heard_free(&heard);
        nested_hex(hex, sizeof hex, LISTS + more);
        heard = hear_hex(GH_OTLP_LOGS, hex);
        CHECK(heard.status == (more ? GH_ELIMIT : GH_OK));
        gh_otlp_heard_free(&heard);
    }
}

static void what_nobody_knows_is_bounded_too(void)
{
    char body[8192];
    size_t used = 0;

    for (int i = 0; i < 1000; i++)
        used += (size_t)snprintf(body + used, sizeof body - used, "{\"x\":");
    struct gh_otlp_heard heard = hear(GH_OTLP_LOGS, body);
    CHECK(heard.status == GH_ELIMIT);
    gh_otlp_heard_free(&heard);
}

static void a_request_gets_memory_by_its_size(void)
{
    enum { SIZE = 1 << 20 };
    char *const body = malloc(SIZE);
    struct gh_otlp_request request = {GH_OTLP_LOGS, false, body, SIZE};

    CHECK(body != NULL);
    for (size_t i = 0; i < SIZE; i += 2) { /* empty ResourceLogs, of 2 bytes each */
        body[i] = 0x0a;
        body[i + 1] = 0;
    }
    struct gh_otlp_heard heard = gh_otlp_hear(reader, &request);
    CHECK(heard.status == GH_ELIMIT);
    CHECK(strcmp(heard.error.text, "byte 1: needs more memory than 16 times its size") == 0);
    gh_otlp_heard_free(&heard);
    free(body);
}

static bool one_take(void *context, const struct gh_told *told)
{
    (void)told;
    return (*(int *)context)-- > 0;
}

static void a_taker_without_room_ends_it(void)
{
    static const char body[] =
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{},{},{}]}]}]}";
    int room = 1;
    const struct gh_otlp_taker taker = {one_take, &room};
    struct gh_otlp_counts counts;
    struct gh_error error = {0};

    CHECK(gh_otlp_read(reader,
                       &(struct gh_otlp_request){GH_OTLP_LOGS, true, body, strlen(body)},
                       &taker, &counts, &error) == GH_EFULL);
    CHECK(counts.told == 1 && room == -1);
}

static const struct gh_test tests[] = {
    GH_TEST(a_log_record_of_an_sdk_in_json_is_told),
    GH_TEST(the_same_in_protobuf_is_told),
    GH_TEST(a_counter_that_comes_as_double_is_told),
    GH_TEST(a_span_is_told),
    GH_TEST(a_span_of_the_sdk_for_python_is_told),
    GH_TEST(points_of_the_sdk_for_python_are_told),
    GH_TEST(a_request_of_nothing_is_done),
    GH_TEST(names_come_in_both_ways_of_writing_in_any_order_and_the_last_holds),
    GH_TEST(values_come_in_all_shapes),
    GH_TEST(lists_are_flat_and_bounded),
    GH_TEST(what_is_dropped_is_counted),
    GH_TEST(ids_come_in_hex_of_either_case_or_in_base64),
    GH_TEST(points_of_all_kinds_are_told),
    GH_TEST(a_cut_character_costs_itself_alone),
    GH_TEST(in_protobuf_a_text_that_is_not_utf8_costs_its_record),
    GH_TEST(what_is_no_request_is_refused_with_its_place),
    GH_TEST(protobuf_that_is_none_is_refused_with_its_place),
    GH_TEST(nesting_is_bounded_in_both_encodings),
    GH_TEST(what_nobody_knows_is_bounded_too),
    GH_TEST(a_request_gets_memory_by_its_size),
    GH_TEST(a_taker_without_room_ends_it),
};

GH_TEST_MAIN(tests)
