/* test_alert.c - bodies, lines and topics of alerts, byte for byte. */
#include "edge/alert.h"
#include "edge/json.h"

#include "support/gh_test.h"

#include <jansson.h>
#include <math.h>

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

/* 2026-11-20T09:31:05.123Z */
#define NOON_MS INT64_C(1795167065123)

static struct gh_finding finding_plain(void)
{
    struct gh_finding f = {
        .id = "0123456789abcdef0123456789abcdef",
        .revision = 2,
        .change = GH_ESCALATED,
        .detector = "agent_loop",
        .actor = text_of("alice@example.org"),
        .team = text_of("pay"),
        .severity = GH_WARNING,
        .track = GH_CASE,
        .provenance = GH_MIXED,
        .authenticated_share = 0.75,
        .log_e = 0,
        .time_ms = NOON_MS,
        .from_ms = NOON_MS - 3600000,
        .until_ms = NOON_MS - 123,
        .tokens = 8400000,
        .cost_usd = 120.5,
        .excess_tokens = 7100000.25,
        .excess_cost_usd = 0.1,
        .cost_known = true,
        .fact_count = 2,
        .sample_count = 2,
        .fact = {{"loop_share", "share", 0.875, 0.0625}, {"turns", "turns", 400, NAN}},
        .sample = {{"e1", 2}, {"e2", 2}},
    };
    snprintf(f.explanation, sizeof(f.explanation), "Two agents answered each other 400 times.");
    snprintf(f.question, sizeof(f.question), "What was the loop meant to do?");
    return f;
}

#define DATA_PLAIN                                                                  \
    "\"finding\":\"0123456789abcdef0123456789abcdef\",\"revision\":2,"              \
    "\"detector\":\"agent_loop\",\"actor\":\"alice@example.org\",\"team\":\"pay\"," \
    "\"severity\":\"warning\",\"track\":\"case\",\"reviewable\":true,"              \
    "\"evidence\":{\"e_value\":1,\"log_e\":0,\"p_bound\":1},"                       \
    "\"provenance\":\"mixed\",\"authenticated_share\":0.75,"                        \
    "\"from\":\"2026-11-20T08:31:05.123Z\",\"until\":\"2026-11-20T09:31:05.000Z\"," \
    "\"tokens\":8400000,\"cost_usd\":120.5,\"excess_tokens\":7100000.25,"           \
    "\"excess_cost_usd\":0.1,"                                                      \
    "\"facts\":[{\"name\":\"loop_share\",\"value\":0.875,\"unit\":\"share\","       \
    "\"expected\":0.0625},{\"name\":\"turns\",\"value\":400,\"unit\":\"turns\","    \
    "\"expected\":null}],"                                                          \
    "\"explanation\":\"Two agents answered each other 400 times.\","                \
    "\"question\":\"What was the loop meant to do?\",\"samples\":[\"e1\",\"e2\"]"

static void a_body_is_the_contract_byte_for_byte(void)
{
    const struct gh_finding f = finding_plain();
    char *body = gh_alert_body(&f, 7, "goodhart");
    CHECK(body && !strcmp(body, "{\"specversion\":\"1.0\","
                                "\"id\":\"0123456789abcdef0123456789abcdef-2\","
                                "\"source\":\"goodhart\","
                                "\"type\":\"dev.goodhart.finding.escalated\","
                                "\"subject\":\"alice@example.org\","
                                "\"time\":\"2026-11-20T09:31:05.123Z\","
                                "\"datacontenttype\":\"application/json\","
                                "\"sequence\":7,\"data\":{" DATA_PLAIN "}}"));
    free(body);
}

static void a_finding_line_is_the_data_with_time_and_change(void)
{
    const struct gh_finding f = finding_plain();
    char *line = gh_finding_line(&f);
    CHECK(line && !strcmp(line, "{" DATA_PLAIN ",\"time\":\"2026-11-20T09:31:05.123Z\","
                                "\"change\":\"escalated\"}"));
    free(line);
}

/* The parsed body of `f`, or NULL when it is not JSON. */
static json_t *parse(const struct gh_finding *f, uint64_t sequence)
{
    char *body = gh_alert_body(f, sequence, "s");
    json_t *parsed = body ? json_loads(body, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(body);
    return parsed;
}

static double evidence(double log_e, const char *key)
{
    struct gh_finding f = finding_plain();
    f.log_e = log_e;
    json_t *body = parse(&f, 1);
    const json_t *part = json_object_get(json_object_get(body, "data"), "evidence");
    const double value = json_number_value(json_object_get(part, key));
    json_decref(body);
    return value;
}

static void evidence_stays_finite_and_a_bound(void)
{
    CHECK(evidence(3, "log_e") == 3);
    CHECK(evidence(3, "e_value") == exp(3));
    CHECK(evidence(3, "p_bound") == exp(-3));
    CHECK(evidence(-2, "e_value") == exp(-2));
    CHECK(evidence(-2, "p_bound") == 1);
    CHECK(evidence(5000, "log_e") == 5000);
    CHECK(evidence(5000, "e_value") == 1e300);
    CHECK(evidence(5000, "p_bound") == 1e-300);
}

static void a_cost_is_null_only_when_no_price_was_known(void)
{
    struct gh_finding f = finding_plain();
    f.cost_known = false;
    json_t *body = parse(&f, 1);
    CHECK(json_is_real(json_object_get(json_object_get(body, "data"), "cost_usd")));
    json_decref(body);

    f.cost_usd = 0;
    f.excess_cost_usd = 0;
    body = parse(&f, 1);
    CHECK(json_is_null(json_object_get(json_object_get(body, "data"), "cost_usd")));
    CHECK(json_is_null(json_object_get(json_object_get(body, "data"), "excess_cost_usd")));
    json_decref(body);

    f.cost_known = true;
    body = parse(&f, 1);
    CHECK(json_number_value(json_object_get(json_object_get(body, "data"), "cost_usd")) == 0);
    CHECK(json_is_number(json_object_get(json_object_get(body, "data"), "cost_usd")));
    json_decref(body);
}

static void an_experiment_stands_only_where_there_is_one(void)
{
    struct gh_finding f = finding_plain();
    json_t *body = parse(&f, 1);
    CHECK(!json_object_get(json_object_get(body, "data"), "experiment"));
    json_decref(body);
    f.experiment = text_of("try-opus");
    body = parse(&f, 1);
    const json_t *name = json_object_get(json_object_get(body, "data"), "experiment");
    CHECK(name && !strcmp(json_string_value(name), "try-opus"));
    json_decref(body);
}

static void an_incident_is_not_reviewable(void)
{
    struct gh_finding f = finding_plain();
    f.track = GH_INCIDENT;
    json_t *body = parse(&f, 1);
    const json_t *part = json_object_get(body, "data");
    CHECK(json_is_false(json_object_get(part, "reviewable")));
    CHECK(!strcmp(json_string_value(json_object_get(part, "track")), "incident"));
    json_decref(body);
}

static void a_sequence_is_an_integer_to_its_last_digit(void)
{
    const struct gh_finding f = finding_plain();
    json_t *body = parse(&f, UINT64_C(9007199254740993));
    const json_t *sequence = json_object_get(body, "sequence");
    CHECK(json_is_integer(sequence) && json_integer_value(sequence) == 9007199254740993);
    json_decref(body);
}

static void hostile_names_come_back_as_they_were(void)
{
    static const char *const hostile[] = {"\"},{\"severity\":\"critical\"",
                                          "back\\slash",
                                          "a\nb\tc\x01\x1b[31m",
                                          "\x7f",
                                          "\xc2\x9b"
                                          "31m",
                                          "</script>",
                                          "=1+1",
                                          "\xe2\x80\xae"
                                          "evil",
                                          "\xf0\x9f\x90\x99",
                                          ""};
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct gh_finding f = finding_plain();
        f.actor = text_of(hostile[i]);
        f.sample[0] = text_of(hostile[i]);
        char *body = gh_alert_body(&f, 1, hostile[i]);
        bool plain = body != NULL;
        for (const char *at = body; at && *at; at++)
            plain = plain && (unsigned char)*at >= 0x20 && *at != 0x7f;
        CHECK(plain);
        CHECK(!body || !strstr(body, "\xc2\x9b"));
        json_t *parsed = body ? json_loads(body, JSON_REJECT_DUPLICATES, NULL) : NULL;
        const json_t *part = json_object_get(parsed, "data");
        CHECK(parsed && !strcmp(json_string_value(json_object_get(part, "actor")), hostile[i]));
        CHECK(parsed &&
              !strcmp(json_string_value(json_object_get(parsed, "source")), hostile[i]));
        json_decref(parsed);
        free(body);
    }
}

static bool text_is(struct gh_text text, const char *wanted)
{
    struct gh_json json = {0};
    gh_json_text(&json, text);
    char *got = gh_json_take(&json);
    const bool same = got && !strcmp(got, wanted);
    if (!same)
        printf("# got %s, wanted %s\n", got ? got : "nothing", wanted);
    free(got);
    return same;
}

#define BAD "\xef\xbf\xbd"
static void bytes_that_are_no_utf8_become_replacement_characters(void)
{
    CHECK(text_is((struct gh_text){"a\xff"
                                   "b",
                                   3},
                  "\"a" BAD "b\""));
    CHECK(text_is((struct gh_text){"\xc0\xaf", 2}, "\"" BAD BAD "\""));         /* overlong */
    CHECK(text_is((struct gh_text){"\xe0\x80\xaf", 3}, "\"" BAD BAD BAD "\"")); /* overlong */
    CHECK(text_is((struct gh_text){"\xed\xa0\x80", 3}, "\"" BAD BAD BAD "\"")); /* surrogate */
    CHECK(text_is((struct gh_text){"\xf4\x90\x80\x80", 4}, "\"" BAD BAD BAD BAD "\""));
    CHECK(text_is((struct gh_text){"\xe2\x82", 2}, "\"" BAD BAD "\"")); /* cut off */
    CHECK(text_is((struct gh_text){"\xe2\x82\xac", 3}, "\"\xe2\x82\xac\""));
    CHECK(text_is((struct gh_text){"\xf4\x8f\xbf\xbf", 4}, "\"\xf4\x8f\xbf\xbf\""));
    CHECK(text_is((struct gh_text){"\0x", 2}, "\"\\u0000x\""));
    CHECK(text_is((struct gh_text){"\b\f\n\r\t\"\\/", 8}, "\"\\b\\f\\n\\r\\t\\\"\\\\/\""));
    CHECK(text_is((struct gh_text){NULL, 0}, "\"\""));
}

static bool number_is(double value, const char *wanted)
{
    struct gh_json json = {0};
    gh_json_number(&json, value);
    char *got = gh_json_take(&json);
    const bool same = got && !strcmp(got, wanted);
    if (!same)
        printf("# got %s, wanted %s\n", got ? got : "nothing", wanted);
    free(got);
    return same;
}

static void numbers_have_the_shortest_digits_that_read_back(void)
{
    CHECK(number_is(0.1, "0.1"));
    CHECK(number_is(0.1 + 0.2, "0.30000000000000004"));
    CHECK(number_is(1.0 / 3, "0.3333333333333333"));
    CHECK(number_is(9007199254740991, "9007199254740991"));
    CHECK(number_is(210e9, "210000000000"));
    CHECK(number_is(1e300, "1e+300"));
    CHECK(number_is(-2.5, "-2.5"));
    CHECK(number_is(-0.0, "0"));
    CHECK(number_is(5e-324, "4.94065645841247e-324"));
    CHECK(number_is((double)NAN, "null"));
    CHECK(number_is((double)INFINITY, "null"));
}

static bool topic_is(const struct gh_finding *f, unsigned i, const char *wanted)
{
    char topic[GH_TOPIC_SIZE];
    const size_t size = gh_alert_topic(f, i, topic);
    if (size != strlen(wanted) || strcmp(topic, wanted))
        printf("# got %s, wanted %s\n", topic, wanted);
    return size == strlen(wanted) && !strcmp(topic, wanted);
}

static void the_five_topics_are_those_of_the_contract(void)
{
    const struct gh_finding f = finding_plain();
    CHECK(topic_is(&f, 0, "alert/"));
    CHECK(topic_is(&f, 1, "detector/agent_loop/"));
    CHECK(topic_is(&f, 2, "severity/warning/"));
    CHECK(topic_is(&f, 3, "team/pay/"));
    CHECK(topic_is(&f, 4, "actor/alice@example.org/"));
}

static void a_slash_in_a_name_cannot_make_another_topic(void)
{
    struct gh_finding f = finding_plain();
    f.team = text_of("pay/");
    f.actor = text_of("a/b%2Fc/../");
    CHECK(topic_is(&f, 3, "team/pay%2F/"));
    CHECK(topic_is(&f, 4, "actor/a%2Fb%252Fc%2F..%2F/"));
    f.team = (struct gh_text){NULL, 0};
    CHECK(topic_is(&f, 3, "team/unassigned/"));
}

static void the_longest_name_fits_a_topic(void)
{
    char name[GH_STRING_BYTES_MAX], topic[GH_TOPIC_SIZE];
    memset(name, '/', sizeof(name));
    struct gh_finding f = finding_plain();
    f.actor = (struct gh_text){name, sizeof(name)};
    const size_t size = gh_alert_topic(&f, 4, topic);
    CHECK(size == 6 + 3 * sizeof(name) + 1 && size < sizeof(topic));
    CHECK(topic[size] == '\0' && topic[size - 1] == '/');
}

static void a_sequence_is_big_endian(void)
{
    unsigned char bytes[8];
    gh_sequence_bytes(UINT64_C(0x0102030405060708), bytes);
    CHECK(!memcmp(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08", 8));
    gh_sequence_bytes(1, bytes);
    CHECK(!memcmp(bytes, "\0\0\0\0\0\0\0\x01", 8));
}

static const struct gh_test tests[] = {
    GH_TEST(a_body_is_the_contract_byte_for_byte),
    GH_TEST(a_finding_line_is_the_data_with_time_and_change),
    GH_TEST(evidence_stays_finite_and_a_bound),
    GH_TEST(a_cost_is_null_only_when_no_price_was_known),
    GH_TEST(an_experiment_stands_only_where_there_is_one),
    GH_TEST(an_incident_is_not_reviewable),
    GH_TEST(a_sequence_is_an_integer_to_its_last_digit),
    GH_TEST(hostile_names_come_back_as_they_were),
    GH_TEST(bytes_that_are_no_utf8_become_replacement_characters),
    GH_TEST(numbers_have_the_shortest_digits_that_read_back),
    GH_TEST(the_five_topics_are_those_of_the_contract),
    GH_TEST(a_slash_in_a_name_cannot_make_another_topic),
    GH_TEST(the_longest_name_fits_a_topic),
    GH_TEST(a_sequence_is_big_endian),
};
GH_TEST_MAIN(tests)
