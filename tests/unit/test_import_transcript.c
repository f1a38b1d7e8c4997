/* What: calls of a transcript do not depend on the order of lines and files: a copy in a
 *       subagent's file is dropped whichever comes first, an answer is as large as its largest
 *       line, and at the time of its first.
 * How:  few lines by hand, in both orders. tests/integration/import holds the rest. */
#include "edge/fields/flatten.h"
#include "edge/import/transcript.h"
#include "support/gh_test.h"
#include "support/import_kit.h"

static bool line_take(void *context, const struct gh_field *field, uint32_t count)
{
    CHECK(gh_transcripts_line(context, field, count) == NULL);
    return true;
}

/* One line of an answer, its place in the file told by its second. */
static void line_add(struct gh_transcripts *t, const char *request, int second, int output,
                     bool sidechain)
{
    const struct gh_flat_plan plan = {.skip = gh_transcript_skip, .depth = GH_TRANSCRIPT_DEPTH};
    const struct gh_flat_rows rows = {line_take, t};
    struct gh_flat *flat = gh_flat_new();
    char text[512];

    const int size = snprintf(
        text, sizeof text,
        "{\"timestamp\":\"2026-08-06T07:06:%02dZ\",\"isSidechain\":%s,\"requestId\":\"%s\","
        "\"message\":{\"id\":\"m\",\"model\":\"x\",\"content\":[{\"type\":\"tool_use\",\"id\":"
        "\"t\"}],\"usage\":{\"input_tokens\":1,\"output_tokens\":%d}}}",
        second, sidechain ? "true" : "false", request, output);
    CHECK(gh_flatten(flat, &plan, (struct gh_text){text, (uint32_t)size}, &rows) == NULL);
    gh_flat_free(flat);
}

static void check_call(struct gh_transcripts *t, const char *id, int64_t output)
{
    struct gh_event event;

    CHECK(gh_transcripts_next(t, &event));
    CHECK(text_equals(event.id, id) && event.output_tokens == output);
    CHECK(event.ts_ms == INT64_C(1786000001000) && event.tool_calls == 1);
    CHECK(text_equals(event.agent, "claude-code") && event.caller.at == NULL);
    CHECK(!gh_transcripts_next(t, &event) && !gh_transcripts_failed(t));
    CHECK(gh_transcripts_counts(t).copies == 1);
    gh_transcripts_free(t);
}

static void a_copy_after_its_parent_is_dropped(void)
{
    struct gh_transcripts *t = gh_transcripts_new();

    line_add(t, "r", 41, 3, false);
    line_add(t, "r", 42, 9, false);
    gh_transcripts_file(t);
    line_add(t, "again", 43, 9, true);
    check_call(t, "claude-code:r", 9);
}

static void a_copy_before_its_parent_is_dropped(void)
{
    struct gh_transcripts *t = gh_transcripts_new();

    line_add(t, "again", 43, 9, true);
    gh_transcripts_file(t);
    line_add(t, "r", 42, 9, false);
    line_add(t, "r", 41, 3, false);
    check_call(t, "claude-code:r", 9);
}

static void a_subagent_s_own_call_stays(void)
{
    struct gh_transcripts *t = gh_transcripts_new();
    struct gh_event event;

    line_add(t, "r", 41, 3, true);
    CHECK(gh_transcripts_next(t, &event));
    CHECK(text_equals(event.agent, "subagent") && text_equals(event.caller, "claude-code"));
    CHECK(GH_HAS(&event, user_tokens) && event.user_tokens == 0);
    CHECK(!gh_transcripts_next(t, &event));
    gh_transcripts_free(t);
}

static const struct gh_test tests[] = {
    GH_TEST(a_copy_after_its_parent_is_dropped),
    GH_TEST(a_copy_before_its_parent_is_dropped),
    GH_TEST(a_subagent_s_own_call_stays),
};
GH_TEST_MAIN(tests)
