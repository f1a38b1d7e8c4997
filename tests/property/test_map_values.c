/* test_map_values.c - whatever a source writes, an event that comes of it is one that decodes
 * to itself, and the same record makes the same event. */
#include "support/told_kit.h"

#include <inttypes.h>
#include <math.h>

enum { RECORDS = 60000, FIELDS_MAX = 40, TEXT_MAX = 700 };

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

/* Names that rules look for, and one that none does. */
static const char *const names[] = {"user.email",
                                    "user.id",
                                    "request_id",
                                    "client_request_id",
                                    "session.id",
                                    "event.sequence",
                                    "event.timestamp",
                                    "query_source",
                                    "app.entrypoint",
                                    "agent.name",
                                    "model",
                                    "cost_usd",
                                    "cost_usd_micros",
                                    "input_tokens",
                                    "output_tokens",
                                    "cache_read_tokens",
                                    "type",
                                    "cache_creation_tokens",
                                    "duration_ms",
                                    "prompt.id",
                                    "gen_ai.operation.name",
                                    "gen_ai.usage.input_tokens",
                                    "gen_ai.usage.output_tokens",
                                    "gen_ai.response.id",
                                    "gen_ai.usage.cache_read.input_tokens",
                                    "error.type",
                                    "gen_ai.completion.0.content",
                                    "event.kind",
                                    "input_token_count",
                                    "cached_token_count",
                                    "output_token_count",
                                    "thoughts_token_count",
                                    "interactive",
                                    "id",
                                    "startTime",
                                    "prompt_tokens",
                                    "completion_tokens",
                                    "response_cost",
                                    "status",
                                    "response_time",
                                    "level",
                                    "timestamp",
                                    "userEmail",
                                    "isHeadless",
                                    "kind",
                                    "Date",
                                    "User",
                                    "starting_at",
                                    "start_time",
                                    "nothing"};
static const char *const texts[] = {"",
                                    "0",
                                    "12",
                                    "-3",
                                    "1e3",
                                    "0.5",
                                    "1e400",
                                    "99999999999999999999",
                                    "NaN",
                                    "true",
                                    "chat",
                                    "input",
                                    "response.completed",
                                    "GENERATION",
                                    "success",
                                    "failure",
                                    "2026-08-06T07:06:40Z",
                                    "2026-08-06 07:06:40.123",
                                    "2026-13-06T07:06:40Z",
                                    "1786000000123",
                                    "a\x01\x7f\xc2\x85z",
                                    "\xff\xfe",
                                    "\xf0\x9f\x98",
                                    "d\xc3\xa9j\xc3\xa0 vu",
                                    "sdk-cli",
                                    "subagent",
                                    "\"\\"};
static const int64_t wholes[] = {0,
                                 1,
                                 17,
                                 -1,
                                 1786000000,
                                 1786000000123,
                                 INT64_MAX,
                                 INT64_MIN,
                                 GH_COUNT_MAX,
                                 GH_COUNT_MAX + 1};
static const double reals[] = {0,     0.5, -0.0, -1.5,     1786000000.123, 1e18,
                               1e300, 345, NAN,  INFINITY, -INFINITY};
static const char *const sources[] = {"claude-code",
                                      "codex_exec",
                                      "gemini-cli",
                                      "litellm",
                                      "langfuse",
                                      "openai-usage",
                                      "anthropic-usage",
                                      "cursor",
                                      "anthropic-claude-code",
                                      "shop",
                                      ""};
static const char *const record_names[] = {
    "api_request",     "claude_code.token.usage",   "claude_code.llm_request",
    "codex.sse_event", "gemini_cli.api_response",   "api_error",
    "chat gpt-5",      "gen_ai.client.token.usage", ""};

#define PICK(list) (list)[draw(sizeof(list) / sizeof((list)[0]))]

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

/* Any bytes, sometimes longer than an event may hold. */
static struct gh_text bytes_draw(char *room)
{
    const uint32_t size = (uint32_t)draw(TEXT_MAX);

    for (uint32_t i = 0; i < size; i++)
        room[i] = (char)(draw(4) ? 'a' + (int)draw(26) : (int)draw(256));
    return (struct gh_text){room, size};
}

static struct gh_field field_draw(char *room)
{
    struct gh_field field = {.name = text_of(PICK(names)), .type = (enum gh_field_type)draw(4)};

    if (field.type == GH_FIELD_TEXT)
        field.as.text = draw(3) ? text_of(PICK(texts)) : bytes_draw(room);
    else if (field.type == GH_FIELD_WHOLE)
        field.as.whole = PICK(wholes);
    else if (field.type == GH_FIELD_REAL)
        field.as.real = PICK(reals);
    else
        field.as.truth = draw(2);
    return field;
}

static struct gh_told told_draw(struct gh_field *field, char room[][TEXT_MAX])
{
    static const int64_t times[] = {GH_TOLD_NO_TIME, 0, -1, 1786000000123, INT64_MAX};
    struct gh_told told = {.kind = (enum gh_told_kind)draw(4),
                           .source = text_of(PICK(sources)),
                           .name = text_of(PICK(record_names)),
                           .time_ms = PICK(times),
                           .start_ms = PICK(times),
                           .failed = draw(2),
                           .value = PICK(reals),
                           .field = field,
                           .count = (uint32_t)draw(FIELDS_MAX)};

    if (draw(2))
        told.trace = text_of("0123456789abcdef0123456789abcdef");
    if (draw(2))
        told.span = text_of("0123456789abcdef");
    for (uint32_t i = 0; i < told.count; i++)
        field[i] = field_draw(room[i]);
    return told;
}

static void an_event_of_any_record_decodes_to_itself(void)
{
    static char room[FIELDS_MAX][TEXT_MAX];
    struct gh_field field[FIELDS_MAX];
    struct told_kit kit;
    uint64_t got[GH_MAPPED_BAD + 1] = {0};
    unsigned wrong = 0;

    told_kit_open(&kit, "");
    gh_mapper_fallback(kit.mapper, T("nobody"), (struct gh_text){0});
    for (unsigned i = 0; i < RECORDS; i++) {
        state = i;
        const struct gh_told told = told_draw(field, room);
        kit.error = (struct gh_error){0};
        const enum gh_mapped mapped = gh_map(kit.mapper, &told, &kit.event, &kit.error);
        got[mapped]++;
        if ((mapped == GH_MAPPED_EVENT && !told_kit_legal(&kit)) ||
            (mapped == GH_MAPPED_BAD) != (kit.error.status == GH_EFORMAT)) {
            printf("# record %u\n", i);
            wrong++;
        }
    }
    CHECK(wrong == 0);
    for (unsigned i = 0; i <= GH_MAPPED_BAD; i++) {
        printf("# outcome %u: %" PRIu64 "\n", i, got[i]);
        CHECK(got[i] > 0);
    }
    CHECK(got[GH_MAPPED_EVENT] > RECORDS / 200);
    told_kit_close(&kit);
}

static void the_same_record_makes_the_same_event(void)
{
    static char room[FIELDS_MAX][TEXT_MAX];
    struct gh_field field[FIELDS_MAX];
    struct told_kit kit, other;
    unsigned wrong = 0;

    told_kit_open(&kit, "");
    told_kit_open(&other, "");
    for (unsigned i = 0; i < RECORDS / 10; i++) {
        state = i;
        const struct gh_told told = told_draw(field, room);
        const enum gh_mapped mapped = gh_map(kit.mapper, &told, &kit.event, &kit.error);
        if (gh_map(other.mapper, &told, &other.event, &other.error) != mapped ||
            (mapped == GH_MAPPED_EVENT && !gh_same_event(&kit.event, &other.event)))
            wrong++;
    }
    CHECK(wrong == 0);
    told_kit_close(&kit);
    told_kit_close(&other);
}

static const struct gh_test tests[] = {
    GH_TEST(an_event_of_any_record_decodes_to_itself),
    GH_TEST(the_same_record_makes_the_same_event),
};
GH_TEST_MAIN(tests)
