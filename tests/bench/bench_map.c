/* bench_map.c - what a record of a foreign source costs until it is an event. */
#include "bench/bench.h"
#include "edge/fields/map.h"

#include <string.h>

enum { RECORDS = 20000, ROUNDS = 15 };

// clang-format off
#define NAME(called) {called, sizeof(called) - 1}
#define TEXT(called, value) {NAME(called), GH_FIELD_TEXT, {.text = {value, sizeof(value) - 1}}}
#define WHOLE(called, value) {NAME(called), GH_FIELD_WHOLE, {.whole = value}}
#define REAL(called, value) {NAME(called), GH_FIELD_REAL, {.real = value}}
// clang-format on

/* As Claude Code tells of one request, with what its resource says. */
static const struct gh_field request[] = {
    TEXT("session.id", "5d3c0b1e-0000-4000-8000-000000000001"),
    TEXT("user.id", "u-anon-1"),
    TEXT("user.account_uuid", "11111111-2222-4333-8444-555555555555"),
    TEXT("user.email", "dev1@example.test"),
    TEXT("organization.id", "99999999-2222-4333-8444-555555555555"),
    TEXT("terminal.type", "tmux"),
    TEXT("event.name", "api_request"),
    TEXT("event.timestamp", "2026-08-06T07:06:40.123Z"),
    WHOLE("event.sequence", 7),
    TEXT("prompt.id", "aaaaaaaa-1111-4222-8333-444444444444"),
    TEXT("model", "claude-sonnet-5"),
    REAL("cost_usd", 0.0123),
    WHOLE("cost_usd_micros", 12300),
    WHOLE("duration_ms", 2345),
    WHOLE("input_tokens", 12),
    WHOLE("output_tokens", 345),
    WHOLE("cache_read_tokens", 45678),
    WHOLE("cache_creation_tokens", 901),
    TEXT("query_source", "repl_main_thread"),
    TEXT("speed", "normal"),
    TEXT("service.name", "claude-code"),
    TEXT("service.version", "2.1.232"),
    TEXT("os.type", "linux"),
    TEXT("host.arch", "amd64"),
};

static const struct gh_field chat[] = {
    TEXT("gen_ai.operation.name", "chat"),
    TEXT("gen_ai.provider.name", "openai"),
    TEXT("gen_ai.conversation.id", "conv-1"),
    TEXT("gen_ai.response.id", "chatcmpl-1"),
    TEXT("gen_ai.usage.input_tokens", "1200"),
    TEXT("gen_ai.usage.cache_read.input_tokens", "900"),
    TEXT("gen_ai.usage.output_tokens", "80"),
    TEXT("gen_ai.request.model", "gpt-5"),
    TEXT("enduser.id", "ada"),
};

struct run {
    struct gh_mapper *mapper;
    struct gh_told told;
    int64_t tokens;
};

static void run_once(void *context)
{
    struct run *r = context;

    for (unsigned i = 0; i < RECORDS; i++) {
        struct gh_event event;
        if (gh_map(r->mapper, &r->told, &event, NULL) != GH_MAPPED_EVENT)
            exit(1);
        r->tokens += event.output_tokens;
    }
}

static void measure(struct gh_mapper *mapper, const char *name, struct gh_told told)
{
    struct run r = {mapper, told, 0};

    bench_event(name, bench_best_ns(ROUNDS, run_once, &r) / RECORDS,
                (double)told.count * sizeof(struct gh_field));
    if (r.tokens == 0)
        exit(1);
}

int main(void)
{
    struct gh_maps *maps = NULL;
    struct gh_mapper *mapper = NULL;
    struct gh_told told = {.kind = GH_TOLD_LOG,
                           .source = NAME("claude-code"),
                           .name = NAME("claude_code.api_request"),
                           .time_ms = 1786000000123,
                           .start_ms = GH_TOLD_NO_TIME,
                           .field = request,
                           .count = sizeof(request) / sizeof(request[0])};

    if (gh_maps_load(&maps, "", NULL) != GH_OK || !(mapper = gh_mapper_new(maps)))
        return 1;
    measure(mapper, "map a request of Claude Code", told);
    told.kind = GH_TOLD_SPAN;
    told.source = (struct gh_text)NAME("shop");
    told.name = (struct gh_text)NAME("chat gpt-5");
    told.field = chat;
    told.count = sizeof(chat) / sizeof(chat[0]);
    measure(mapper, "map a span of a chat", told);
    gh_mapper_free(mapper);
    gh_maps_free(maps);
    return 0;
}
