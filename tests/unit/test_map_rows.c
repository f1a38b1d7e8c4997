/* test_map_rows.c - what gateways and the reports of providers tell, as rows by path. */
#include "support/told_kit.h"

static struct told_kit kit;

static enum gh_mapped row_map(struct gh_text source, const struct gh_field *field, size_t count)
{
    const struct gh_told told = {.kind = GH_TOLD_ROW,
                                 .source = source,
                                 .time_ms = GH_TOLD_NO_TIME,
                                 .start_ms = GH_TOLD_NO_TIME,
                                 .field = field,
                                 .count = (uint32_t)count};
    return told_kit_map(&kit, &told);
}
#define ROW(source, fields) row_map(T(source), fields, sizeof(fields) / sizeof((fields)[0]))

static void the_files_that_are_built_in_can_be_read(void)
{
    told_kit_open(&kit, "");
}

static void litellm_tells_by_its_callback(void)
{
    static const struct gh_field fields[] = {
        TEXT("id", "chatcmpl-1"),
        TEXT("trace_id", "t-1"),
        TEXT("call_type", "acompletion"),
        TEXT("status", "success"),
        REAL("response_cost", 0.0123),
        WHOLE("prompt_tokens", 1210),
        WHOLE("completion_tokens", 80),
        WHOLE("total_tokens", 1290),
        REAL("startTime", 1786000000.12),
        REAL("endTime", 1786000002.4),
        REAL("response_time", 2.28),
        TEXT("model", "claude-sonnet-5"),
        TRUTH("cache_hit", false),
        TEXT("metadata.user_api_key_hash", "9f"),
        TEXT("metadata.user_api_key_user_id", "u17"),
        TEXT("metadata.user_api_key_user_email", "dev1@example.test"),
        TEXT("metadata.user_api_key_team_id", "platform"),
        WHOLE("metadata.usage_object.prompt_tokens_details.cached_tokens", 1000),
        TEXT("messages.0.content", "never to be seen"),
        TEXT("response.choices.0.message.content", "never to be seen either"),
    };
    const struct gh_event *e = &kit.event;

    CHECK(ROW("litellm", fields) == GH_MAPPED_EVENT);
    CHECK(is_text(e->actor, "dev1@example.test") && is_text(e->team, "platform"));
    CHECK(is_text(e->id, "response:chatcmpl-1") && is_text(e->trace, "t-1"));
    CHECK(e->input_tokens == 210 && e->cache_read_tokens == 1000 && e->output_tokens == 80);
    CHECK(e->cost_usd == 0.0123 && e->ts_ms == 1786000000120 && e->duration_ms == 2280);
    CHECK(e->status == GH_CALL_OK && GH_HAS(e, response_hash) && !GH_HAS(e, prompt_hash));
}

static void litellm_tells_by_its_table(void)
{
    static const struct gh_field fields[] = {
        TEXT("request_id", "chatcmpl-2"),
        TEXT("spend", "0.5"),
        TEXT("startTime", "2026-08-06 07:06:40.123000"),
        TEXT("prompt_tokens", "10"),
        TEXT("completion_tokens", "0"),
        TEXT("user", ""),
        TEXT("api_key", "88dc"),
        TEXT("status", "failure"),
        TEXT("session_id", "s-1"),
        TEXT("agent_id", "planner"),
    };
    static const struct gh_field budget[] = {TEXT("event", "budget_crossed")};
    const struct gh_event *e = &kit.event;

    CHECK(ROW("litellm", fields) == GH_MAPPED_EVENT);
    CHECK(is_text(e->actor, "88dc") && is_text(e->id, "response:chatcmpl-2"));
    CHECK(e->ts_ms == TOLD_TIME_MS && e->status == GH_CALL_ERROR && e->cost_usd == 0.5);
    CHECK(e->input_tokens == 10 && is_text(e->session, "s-1") && is_text(e->agent, "planner"));
    CHECK(ROW("litellm", budget) == GH_MAPPED_KNOWN);
}

static void langfuse_tells_apart_what_it_counts(void)
{
    static const struct gh_field fields[] = {
        TEXT("id", "obs-1"),
        TEXT("type", "GENERATION"),
        TEXT("startTime", "2026-08-06T07:06:40.123Z"),
        TEXT("traceId", "t-1"),
        TEXT("userId", "ada"),
        TEXT("model", "gpt-5"),
        WHOLE("usageDetails.input", 100),
        WHOLE("usageDetails.input_cached_tokens", 900),
        WHOLE("usageDetails.output", 30),
        WHOLE("usageDetails.output_reasoning_tokens", 50),
        REAL("costDetails.total", 0.25),
        TEXT("level", "ERROR"),
        TEXT("input", "what somebody asked"),
        TEXT("output", "what was answered"),
    };
    static const struct gh_field span[] = {TEXT("id", "obs-2"), TEXT("type", "SPAN")};
    const struct gh_event *e = &kit.event;

    CHECK(ROW("langfuse", fields) == GH_MAPPED_EVENT);
    CHECK(e->input_tokens == 100 && e->cache_read_tokens == 900 && e->output_tokens == 80);
    CHECK(e->cost_usd == 0.25 && e->status == GH_CALL_ERROR && is_text(e->actor, "ada"));
    CHECK(GH_HAS(e, prompt_hash) && GH_HAS(e, response_hash));
    CHECK(e->prompt_hash != e->response_hash);
    CHECK(ROW("langfuse", span) == GH_MAPPED_KNOWN);
}

static void a_bucket_of_openai_is_an_event(void)
{
    static const struct gh_field fields[] = {
        WHOLE("input_tokens", 1000),     WHOLE("input_cached_tokens", 800),
        WHOLE("output_tokens", 50),      WHOLE("num_model_requests", 5),
        TEXT("user_id", "user-abc"),     TEXT("model", "gpt-5"),
        WHOLE("start_time", 1786000000), WHOLE("end_time", 1786003600),
    };
    char id[64];

    CHECK(ROW("openai-usage", fields) == GH_MAPPED_EVENT);
    CHECK(kit.event.input_tokens == 200 && kit.event.cache_read_tokens == 800);
    CHECK(kit.event.ts_ms == 1786000000000 && is_text(kit.event.actor, "user-abc"));
    CHECK(!GH_HAS(&kit.event, origin) && is_text(kit.event.provider, "openai"));
    /* The same bucket, fetched again when it was fuller, is the same event. */
    struct gh_field later[8];
    memcpy(id, kit.event.id.at, kit.event.id.size);
    memcpy(later, fields, sizeof(later));
    later[0].as.whole = 1100;
    CHECK(ROW("openai-usage", later) == GH_MAPPED_EVENT);
    CHECK(!memcmp(id, kit.event.id.at, kit.event.id.size));
    later[6].as.whole += 3600;
    CHECK(ROW("openai-usage", later) == GH_MAPPED_EVENT);
    CHECK(memcmp(id, kit.event.id.at, kit.event.id.size) != 0);
}

static void anthropic_s_reports_tell_what_was_written_to_caches(void)
{
    static const struct gh_field usage[] = {
        WHOLE("uncached_input_tokens", 100),
        WHOLE("cache_creation.ephemeral_5m_input_tokens", 20),
        WHOLE("cache_creation.ephemeral_1h_input_tokens", 3),
        WHOLE("cache_read_input_tokens", 4000),
        WHOLE("output_tokens", 50),
        TEXT("api_key_id", "apikey_1"),
        TEXT("model", "claude-sonnet-5"),
        TEXT("starting_at", "2026-08-06T07:00:00Z"),
        TEXT("ending_at", "2026-08-06T08:00:00Z"),
    };
    static const struct gh_field code[] = {
        TEXT("date", "2026-08-06T00:00:00Z"),
        TEXT("actor.type", "user_actor"),
        TEXT("actor.email_address", "dev1@example.test"),
        TEXT("model", "claude-sonnet-5"),
        WHOLE("tokens.input", 12),
        WHOLE("tokens.output", 345),
        WHOLE("tokens.cache_read", 45678),
        WHOLE("tokens.cache_creation", 901),
        TEXT("estimated_cost.currency", "USD"),
        TEXT("estimated_cost.amount", "1025"),
        WHOLE("core_metrics.commits_by_claude_code", 3),
    };
    const struct gh_event *e = &kit.event;

    CHECK(ROW("anthropic-usage", usage) == GH_MAPPED_EVENT && e->cache_write_tokens == 23);
    CHECK(e->input_tokens == 100 && e->cache_read_tokens == 4000 && e->output_tokens == 50);
    CHECK(is_text(e->actor, "apikey_1") && e->ts_ms == 1785999600000);
    CHECK(ROW("anthropic-claude-code", code) == GH_MAPPED_EVENT && e->cost_usd == 10.25);
    CHECK(is_text(e->actor, "dev1@example.test") && e->cache_write_tokens == 901);
}

static void cursor_tells_by_its_interface_and_by_its_export(void)
{
    static const struct gh_field event[] = {
        TEXT("timestamp", "1786000000123"),
        TEXT("model", "claude-sonnet-5"),
        TEXT("kind", "Usage-based"),
        WHOLE("tokenUsage.inputTokens", 126),
        WHOLE("tokenUsage.outputTokens", 450),
        WHOLE("tokenUsage.cacheWriteTokens", 6112),
        WHOLE("tokenUsage.cacheReadTokens", 11964),
        REAL("tokenUsage.totalCents", 20.18232),
        TEXT("userEmail", "dev1@example.test"),
        TRUTH("isHeadless", true),
    };
    static const struct gh_field row[] = {
        TEXT("Date", "2026-08-06T07:06:40.123Z"),
        TEXT("User", "dev1@example.test"),
        TEXT("Kind", "Errored, No Charge"),
        TEXT("Model", "gpt-5"),
        TEXT("Input (w/ Cache Write)", "0"),
        TEXT("Input (w/o Cache Write)", "1200"),
        TEXT("Cache Read", "5000"),
        TEXT("Output Tokens", "300"),
        TEXT("Total Tokens", "6500"),
        TEXT("Cost", "Included"),
    };
    const struct gh_event *e = &kit.event;

    CHECK(ROW("cursor", event) == GH_MAPPED_EVENT && e->origin == GH_API);
    CHECK(e->ts_ms == TOLD_TIME_MS && e->input_tokens == 126 && e->output_tokens == 450);
    CHECK(e->cache_write_tokens == 6112 && e->cache_read_tokens == 11964);
    CHECK_NEAR(e->cost_usd, 0.2018232, 1e-15);
    CHECK(ROW("cursor", row) == GH_MAPPED_EVENT && e->status == GH_CALL_ERROR);
    CHECK(e->ts_ms == TOLD_TIME_MS && e->input_tokens == 1200 && e->cache_read_tokens == 5000);
    CHECK(!GH_HAS(e, cost_usd) && is_text(e->actor, "dev1@example.test"));
}

static void all_is_given_back(void)
{
    told_kit_close(&kit);
}

static const struct gh_test tests[] = {
    GH_TEST(the_files_that_are_built_in_can_be_read),
    GH_TEST(litellm_tells_by_its_callback),
    GH_TEST(litellm_tells_by_its_table),
    GH_TEST(langfuse_tells_apart_what_it_counts),
    GH_TEST(a_bucket_of_openai_is_an_event),
    GH_TEST(anthropic_s_reports_tell_what_was_written_to_caches),
    GH_TEST(cursor_tells_by_its_interface_and_by_its_export),
    GH_TEST(all_is_given_back),
};
GH_TEST_MAIN(tests)
