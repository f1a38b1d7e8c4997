/* test_map_agents.c - what coding agents and libraries tell by OpenTelemetry, in the types and
 * names that they have been seen with, and that the same call counts once. */
#include "support/told_kit.h"

static struct told_kit kit;

/* As its senders write it: whole numbers from one, texts from the next. */
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
};

static void the_files_that_are_built_in_can_be_read(void)
{
    told_kit_open(&kit, "");
}

static void a_request_of_claude_code_is_a_call(void)
{
    const struct gh_told told =
        TOLD(GH_TOLD_LOG, T("claude-code"), T("claude_code.api_request"), request);
    const struct gh_event *e = &kit.event;

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(e->kind == GH_USAGE && e->ts_ms == TOLD_TIME_MS);
    CHECK(is_text(e->actor, "dev1@example.test"));
    CHECK(is_text(e->session, "5d3c0b1e-0000-4000-8000-000000000001"));
    CHECK(is_text(e->trace, "aaaaaaaa-1111-4222-8333-444444444444"));
    CHECK(is_text(e->model, "claude-sonnet-5"));
    CHECK(e->input_tokens == 12 && e->output_tokens == 345);
    CHECK(e->cache_read_tokens == 45678 && e->cache_write_tokens == 901);
    CHECK(e->cost_usd == 0.0123 && e->duration_ms == 2345);
    CHECK(e->origin == GH_INTERACTIVE && !GH_HAS(e, agent) && !GH_HAS(e, caller));
    CHECK(e->id.size == strlen("claude-code:") + 32);
    CHECK(gh_mapper_clamped(kit.mapper) == 0);
    CHECK(!strcmp(gh_mapper_met(kit.mapper).file, "claude-code.json"));
}

static void the_name_may_come_short_or_long(void)
{
    struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), request);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    told.source = T("somebodys-wrapper");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_UNKNOWN);
    told.scope = T("com.anthropic.claude_code.events");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
}

static void numbers_may_come_as_texts_and_texts_as_numbers(void)
{
    static const struct gh_field fields[] = {
        WHOLE("user.id", 17),
        TEXT("request_id", "req_1"),
        TEXT("input_tokens", "12"),
        REAL("output_tokens", 345.0),
        TEXT("cache_read_tokens", "45678.0"),
        TEXT("cost_usd", "0.0123"),
        REAL("duration_ms", 2345.6),
        TEXT("app.entrypoint", "sdk-py"),
        TEXT("query_source", "subagent"),
        TEXT("agent.name", ""),
    };
    const struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), fields);
    const struct gh_event *e = &kit.event;

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(is_text(e->actor, "17") && is_text(e->id, "claude-code:req_1"));
    CHECK(e->input_tokens == 12 && e->output_tokens == 345 && e->cache_read_tokens == 45678);
    CHECK(e->cost_usd == 0.0123 && e->duration_ms == 2346 && e->ts_ms == TOLD_TIME_MS);
    CHECK(e->origin == GH_API && is_text(e->agent, "subagent"));
    CHECK(!GH_HAS(e, cache_write_tokens) && !GH_HAS(e, session));
}

static void a_value_that_is_none_is_told_and_not_quoted(void)
{
    static const struct gh_field words[] = {TEXT("user.id", "u"), TEXT("request_id", "r"),
                                            TEXT("input_tokens", "a secret")};
    static const struct gh_field negative[] = {TEXT("user.id", "u"), TEXT("request_id", "r"),
                                               WHOLE("output_tokens", -3)};
    static const struct gh_field nobody[] = {TEXT("request_id", "r")};
    struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), words);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_BAD);
    CHECK(strstr(kit.error.text, "input_tokens: ") && !strstr(kit.error.text, "secret"));
    told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), negative);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_BAD);
    CHECK(strstr(kit.error.text, "output_tokens: -3: "));
    told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), nobody);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_BAD && strstr(kit.error.text, "actor: "));
}

static void who_is_not_named_may_be_known_otherwise(void)
{
    static const struct gh_field nobody[] = {TEXT("request_id", "r")};
    const struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), nobody);
    const struct gh_told named = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), request);

    gh_mapper_fallback(kit.mapper, T("ada"), T("payments"));
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT && is_text(kit.event.actor, "ada"));
    CHECK(is_text(kit.event.team, "payments"));
    CHECK(told_kit_map(&kit, &named) == GH_MAPPED_EVENT);
    CHECK(is_text(kit.event.actor, "dev1@example.test"));
    gh_mapper_fallback(kit.mapper, (struct gh_text){0}, (struct gh_text){0});
}

static void log_span_and_metric_of_one_call_count_once(void)
{
    static const struct gh_field span[] = {
        TEXT("user.email", "dev1@example.test"),
        TEXT("agent_id", "a2"),
        TEXT("parent_agent_id", "a1"),
        WHOLE("input_tokens", 12),
        WHOLE("output_tokens", 345),
        TEXT("gen_ai.system", "anthropic"),
        TEXT("gen_ai.request.model", "m"),
    };
    static const struct gh_field point[] = {TEXT("user.email", "dev1@example.test"),
                                            TEXT("type", "output")};
    static const struct gh_field cost[] = {TEXT("user.email", "dev1@example.test")};
    struct gh_told told =
        TOLD(GH_TOLD_SPAN, T("claude-code"), T("claude_code.llm_request"), span);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_TOTAL && kit.event.output_tokens == 345);
    CHECK(is_text(kit.event.agent, "a2") && is_text(kit.event.caller, "a1"));
    told = TOLD(GH_TOLD_POINT, T("claude-code"), T("claude_code.token.usage"), point);
    told.value = 345;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_TOTAL && kit.event.output_tokens == 345);
    CHECK(is_text(kit.event.actor, "dev1@example.test"));
    told = TOLD(GH_TOLD_POINT, T("claude-code"), T("claude_code.cost.usage"), cost);
    told.value = 0.0123;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_TOTAL && kit.event.cost_usd == 0.0123);
    told.name = T("claude_code.commit.count");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
    told.name = T("claude_code.never.seen");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_UNKNOWN);
}

static void what_tells_of_no_call_is_known_and_an_error_is_a_call(void)
{
    static const struct gh_field fields[] = {
        TEXT("user.id", "u"), TEXT("session.id", "s"), WHOLE("event.sequence", 8),
        TEXT("event.timestamp", "2026-08-06T07:06:41Z"), TEXT("prompt", "words of somebody")};
    struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("user_prompt"), fields);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
    told.name = T("tool_result");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
    told.name = T("api_error");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(kit.event.status == GH_CALL_ERROR && !GH_HAS(&kit.event, output_tokens));
    CHECK(kit.event.ts_ms == TOLD_TIME_MS + 877);
}

static void codex_counts_what_was_cached_inside_input(void)
{
    static const struct gh_field fields[] = {
        TEXT("event.kind", "response.completed"),
        TEXT("input_token_count", "1200"),
        TEXT("cached_token_count", "900"),
        WHOLE("output_token_count", 80),
        WHOLE("reasoning_token_count", 50),
        TEXT("conversation.id", "conv-1"),
        TEXT("user.account_id", "acc-1"),
        TEXT("model", "gpt-5"),
        TEXT("event.timestamp", "2026-08-06T07:06:40.123Z"),
    };
    static const struct gh_field other[] = {TEXT("event.kind", "response.created"),
                                            TEXT("conversation.id", "conv-1")};
    struct gh_told told = TOLD(GH_TOLD_LOG, T("codex_exec"), T("codex.sse_event"), fields);
    char id[64];

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(kit.event.input_tokens == 300 && kit.event.cache_read_tokens == 900);
    CHECK(kit.event.output_tokens == 80 && kit.event.origin == GH_API);
    CHECK(is_text(kit.event.session, "conv-1") && is_text(kit.event.actor, "acc-1"));
    memcpy(id, kit.event.id.at, kit.event.id.size);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(!memcmp(id, kit.event.id.at, kit.event.id.size));
    told.count--;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(memcmp(id, kit.event.id.at, kit.event.id.size) != 0);
    told = TOLD(GH_TOLD_LOG, T("codex_exec"), T("codex.sse_event"), other);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
}

static void gemini_adds_thoughts_to_output_and_tools_to_input(void)
{
    static const struct gh_field fields[] = {
        TEXT("session.id", "s"),           TEXT("installation.id", "i-1"),
        TRUTH("interactive", true),        TEXT("prompt_id", "p"),
        WHOLE("status_code", 200),         WHOLE("input_token_count", 1000),
        WHOLE("output_token_count", 40),   WHOLE("cached_content_token_count", 700),
        WHOLE("thoughts_token_count", 60), WHOLE("tool_token_count", 5),
        TEXT("model", "gemini-3-pro"),
    };
    const struct gh_told told =
        TOLD(GH_TOLD_LOG, T("gemini-cli"), T("gemini_cli.api_response"), fields);
    const struct gh_event *e = &kit.event;

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(e->input_tokens == 305 && e->cache_read_tokens == 700 && e->output_tokens == 100);
    CHECK(e->origin == GH_INTERACTIVE && e->status == GH_CALL_OK);
    CHECK(is_text(e->actor, "i-1") && is_text(e->trace, "p"));
}

static const struct gh_field chat[] = {
    TEXT("gen_ai.operation.name", "chat"),
    TEXT("gen_ai.provider.name", "openai"),
    TEXT("gen_ai.conversation.id", "conv-1"),
    TEXT("gen_ai.agent.id", "agent-7"),
    TEXT("gen_ai.usage.input_tokens", "1200"),
    TEXT("gen_ai.usage.cache_read.input_tokens", "900"),
    TEXT("gen_ai.usage.output_tokens", "80"),
    TEXT("gen_ai.request.model", "gpt-5"),
    TEXT("enduser.id", "ada"),
};

static void a_span_of_the_conventions_is_a_call(void)
{
    struct gh_told told = TOLD(GH_TOLD_SPAN, T("shop"), T("chat gpt-5"), chat);
    const struct gh_event *e = &kit.event;

    told.trace = T("0123456789abcdef0123456789abcdef");
    told.span = T("0123456789abcdef");
    told.start_ms = TOLD_TIME_MS - 1500;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(e->input_tokens == 300 && e->cache_read_tokens == 900 && e->output_tokens == 80);
    CHECK(is_text(e->actor, "ada") && is_text(e->agent, "agent-7"));
    CHECK(is_text(e->session, "conv-1") && is_text(e->provider, "openai"));
    CHECK(is_text(e->trace, "0123456789abcdef0123456789abcdef") && e->duration_ms == 1500);
    CHECK(e->status == GH_CALL_OK && e->ts_ms == TOLD_TIME_MS);
    told.failed = true;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT && e->status == GH_CALL_ERROR);
}

static void older_names_are_the_same(void)
{
    static const struct gh_field fields[] = {
        TEXT("gen_ai.system", "openai"),
        TEXT("llm.request.type", "chat"),
        WHOLE("gen_ai.usage.prompt_tokens", 100),
        WHOLE("gen_ai.usage.completion_tokens", 8),
        WHOLE("llm.usage.total_tokens", 108),
        TEXT("gen_ai.completion.0.content", "never to be seen"),
        TEXT("traceloop.association.properties.user_id", "ada"),
        TEXT("gen_ai.response.id", "chatcmpl-1"),
    };
    const struct gh_told told = TOLD(GH_TOLD_SPAN, T("shop"), T("openai.chat"), fields);
    const struct gh_event *e = &kit.event;

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(e->input_tokens == 100 && e->output_tokens == 8 && is_text(e->provider, "openai"));
    CHECK(is_text(e->id, "response:chatcmpl-1") && GH_HAS(e, response_hash));
    CHECK(is_text(e->actor, "ada"));
}

static void who_is_behind_a_service_is_the_service_itself(void)
{
    struct gh_told told = TOLD(GH_TOLD_SPAN, T("shop"), T("chat gpt-5"), chat);

    told.count--;
    told.trace = T("0123456789abcdef0123456789abcdef");
    told.span = T("0123456789abcdef");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT && is_text(kit.event.actor, "shop"));
    told.source = T("unknown_service:node");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_BAD);
}

static void what_encloses_calls_or_sums_them_up_does_not_count(void)
{
    static const struct gh_field agent[] = {TEXT("gen_ai.operation.name", "invoke_agent"),
                                            WHOLE("gen_ai.usage.input_tokens", 9)};
    static const struct gh_field task[] = {TEXT("traceloop.span.kind", "task"),
                                           WHOLE("gen_ai.usage.input_tokens", 9)};
    static const struct gh_field point[] = {TEXT("gen_ai.token.type", "input")};
    struct gh_told told = TOLD(GH_TOLD_SPAN, T("shop"), T("invoke_agent x"), agent);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
    told = TOLD(GH_TOLD_SPAN, T("shop"), T("x.task"), task);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_KNOWN);
    told = TOLD(GH_TOLD_POINT, T("shop"), T("gen_ai.client.token.usage"), point);
    told.value = 1200;
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_TOTAL && kit.event.input_tokens == 1200);
    told = TOLD(GH_TOLD_SPAN, T("shop"), T("GET /"), point);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_UNKNOWN);
    CHECK(gh_mapper_met(kit.mapper).file == NULL);
}

static void below_zero_is_zero_and_counted(void)
{
    static const struct gh_field fields[] = {
        TEXT("gen_ai.operation.name", "chat"),
        WHOLE("gen_ai.usage.input_tokens", 10),
        WHOLE("gen_ai.usage.cache_read.input_tokens", 900),
        WHOLE("gen_ai.usage.cache_creation.input_tokens", 5),
        TEXT("gen_ai.response.id", "r"),
        TEXT("user.id", "u"),
    };
    const struct gh_told told = TOLD(GH_TOLD_SPAN, T("shop"), T("chat"), fields);
    const uint64_t before = gh_mapper_clamped(kit.mapper);

    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(kit.event.input_tokens == 0 && kit.event.cache_write_tokens == 5);
    CHECK(gh_mapper_clamped(kit.mapper) == before + 1);
}

static bool explains(const struct gh_told *told, const char *wanted)
{
    char text[GH_MAP_EXPLAIN_SIZE];

    (void)told_kit_map(&kit, told);
    gh_mapper_explain(kit.mapper, text);
    if (!strcmp(text, wanted))
        return true;
    printf("# %s\n", text);
    return false;
}

static void what_became_of_a_record_can_be_told(void)
{
    static const struct gh_field fields[] = {TEXT("user.id", "u"), TEXT("type", "other")};
    struct gh_told told = TOLD(GH_TOLD_LOG, T("claude-code"), T("api_request"), request);

    CHECK(explains(&told, "claude-code.json: rule 1: usage"));
    told.name = T("api_reqest");
    CHECK(explains(&told, "claude-code.json: no rule takes the log record api_reqest; nearest "
                          "is rule 1: its name is another"));
    told = TOLD(GH_TOLD_POINT, T("claude-code"), T("claude_code.token.usage"), fields);
    CHECK(explains(&told, "claude-code.json: no rule takes the data point "
                          "claude_code.token.usage; nearest is rule 6: type is another"));
    told = TOLD(GH_TOLD_SPAN, T("shop"), T("GET /"), fields);
    CHECK(explains(&told, "no map file is about the span GET / of shop"));
}

static void all_is_given_back(void)
{
    told_kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(the_files_that_are_built_in_can_be_read),
    GH_TEST(a_request_of_claude_code_is_a_call),
    GH_TEST(the_name_may_come_short_or_long),
    GH_TEST(numbers_may_come_as_texts_and_texts_as_numbers),
    GH_TEST(a_value_that_is_none_is_told_and_not_quoted),
    GH_TEST(who_is_not_named_may_be_known_otherwise),
    GH_TEST(log_span_and_metric_of_one_call_count_once),
    GH_TEST(what_tells_of_no_call_is_known_and_an_error_is_a_call),
    GH_TEST(codex_counts_what_was_cached_inside_input),
    GH_TEST(gemini_adds_thoughts_to_output_and_tools_to_input),
    GH_TEST(a_span_of_the_conventions_is_a_call),
    GH_TEST(older_names_are_the_same),
    GH_TEST(who_is_behind_a_service_is_the_service_itself),
    GH_TEST(what_encloses_calls_or_sums_them_up_does_not_count),
    GH_TEST(below_zero_is_zero_and_counted),
    GH_TEST(what_became_of_a_record_can_be_told),
    GH_TEST(all_is_given_back),
};

GH_TEST_MAIN(tests)
