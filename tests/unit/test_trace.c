/* What: traces as events: every figure, what stays absent, order, dealing, bad lines, packed
 *       and damaged files.
 * How:  small traces in tests/support/traces, their events worked out by hand; damaged files
 *       are cut and changed copies. Runs in the top folder. */
#include "edge/import/trace.h"
#include "support/gh_test.h"

#include <unistd.h>

#define TRACES "tests/support/traces/"
#define START INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct taken {
    struct gh_trace *import;
    struct gh_trace_plan plan;
    char complaints[4096];
    size_t count;
    struct gh_event event[32];
    char text[32][4][64]; /* id, actor, session, agent of each */
};

static void complain(void *context, const char *text)
{
    struct taken *t = context;

    const size_t used = strlen(t->complaints);

    snprintf(t->complaints + used, sizeof t->complaints - used, "%s\n", text);
}

static void keep(char *at, struct gh_text text)
{
    snprintf(at, 64, "%.*s", (int)text.size, text.at != NULL ? text.at : "");
}

static struct taken *take_with(struct gh_trace_plan plan, const char *format, const char *path)
{
    static struct taken t;
    struct gh_error error = {0};

    t = (struct taken){.plan = plan};
    t.plan.format = gh_trace_format_find(format);
    t.plan.complain = complain;
    t.plan.context = &t;
    CHECK(gh_trace_new(&t.import, &t.plan, &error) == GH_OK);
    CHECK(gh_trace_file(t.import, path, &error) == GH_OK);
    CHECK(gh_trace_finish(t.import, &error) == GH_OK);
    while (t.count < 32 && gh_trace_next(t.import, &t.event[t.count])) {
        keep(t.text[t.count][0], t.event[t.count].id);
        keep(t.text[t.count][1], t.event[t.count].actor);
        keep(t.text[t.count][2], t.event[t.count].session);
        keep(t.text[t.count][3], t.event[t.count].agent);
        t.count++;
    }
    return &t;
}

static struct taken *take(const char *format, const char *path)
{
    return take_with((struct gh_trace_plan){.start_ms = START}, format, path);
}

static void a_row_of_azure_is_a_call_without_a_session(void)
{
    struct taken *t =
        take_with((struct gh_trace_plan){.start_ms = -1}, "azure-trace", TRACES "azure.csv");

    CHECK(t->count == 3);
    CHECK(t->event[0].ts_ms == INT64_C(1700158623979)); /* the second row, by its own clock */
    CHECK(t->event[0].input_tokens == 4808 && t->event[0].output_tokens == 10);
    CHECK(t->event[1].ts_ms == INT64_C(1700158624031) && t->event[1].input_tokens == 3180);
    CHECK(t->event[2].input_tokens == 7 && t->event[2].output_tokens == 0);
    CHECK(strcmp(t->text[0][1], "azure-code") == 0);
    CHECK(t->event[0].present ==
          ((UINT64_C(1) << GH_KEY_id) | (UINT64_C(1) << GH_KEY_ts) |
           (UINT64_C(1) << GH_KEY_actor) | (UINT64_C(1) << GH_KEY_input_tokens) |
           (UINT64_C(1) << GH_KEY_output_tokens)));
    gh_trace_free(t->import);
}

static void bad_lines_are_named_counted_and_cost_themselves_alone(void)
{
    struct taken *t = take("azure-trace", TRACES "azure.csv");

    CHECK(gh_trace_bad(t->import) == 3);
    CHECK(strstr(t->complaints, "azure.csv:4: TIMESTAMP") != NULL);
    CHECK(strstr(t->complaints, "azure.csv:5: ContextTokens") != NULL);
    CHECK(strstr(t->complaints, "azure.csv:6: as many columns") != NULL);
    CHECK(t->event[0].ts_ms == START && t->event[1].ts_ms == START + 52);
    gh_trace_free(t->import);
}

static void conversations_are_rebuilt_from_whole_blocks(void)
{
    struct taken *t = take("mooncake", TRACES "mooncake.jsonl");

    CHECK(t->count == 6 && gh_trace_bad(t->import) == 2);
    /* 1100 tokens are 2 whole blocks (1, 2), which the third call begins with; the fifth
     * begins with that one's 3 (1, 2, 4); the sixth shares only block 1 with the first. */
    CHECK(strcmp(t->text[2][2], t->text[0][2]) == 0);
    CHECK(strcmp(t->text[4][2], t->text[0][2]) == 0);
    CHECK(strcmp(t->text[1][2], t->text[0][2]) != 0);
    CHECK(strcmp(t->text[5][2], t->text[0][2]) != 0);
    CHECK(t->event[0].cache_read_tokens == 0 && t->event[0].input_tokens == 1100);
    CHECK(t->event[2].cache_read_tokens == 1024 && t->event[2].input_tokens == 1700 - 1024);
    CHECK(t->event[4].cache_read_tokens == 1536 && t->event[4].input_tokens == 2100 - 1536);
    CHECK(t->event[5].cache_read_tokens == 512 && t->event[5].input_tokens == 1100 - 512);
    CHECK(t->event[3].ts_ms == START + 4000 && t->event[3].output_tokens == 1);
    gh_trace_free(t->import);
}

static void close_prompts_have_close_hashes(void)
{
    struct taken *t = take("mooncake", TRACES "mooncake.jsonl");
    const uint64_t first = t->event[2].prompt_hash, next = t->event[4].prompt_hash,
                   other = t->event[1].prompt_hash;

    CHECK(GH_HAS(&t->event[0], prompt_hash) && !GH_HAS(&t->event[0], user_tokens));
    CHECK(first != next);
    CHECK(__builtin_popcountll(first ^ next) < __builtin_popcountll(first ^ other));
    gh_trace_free(t->import);
}

static void a_row_of_an_agent_trace_tells_what_it_knows(void)
{
    struct taken *t = take("agent-trace", TRACES "agents.csv");
    const struct gh_event *e = t->event;

    CHECK(t->count == 5 && gh_trace_bad(t->import) == 2);
    CHECK(strstr(t->complaints, "agents.csv:7: t: ") != NULL);
    CHECK(strstr(t->complaints, "agents.csv:8: quotes") != NULL);
    CHECK(e[0].ts_ms == START && e[1].ts_ms == START + 5000 && e[2].ts_ms == START + 10500);
    CHECK(strcmp(t->text[0][1], "t1") == 0 && strcmp(t->text[0][2], "t1") == 0);
    CHECK(strcmp(t->text[1][1], "t2") == 0 && strcmp(t->text[0][3], "main") == 0);
    CHECK(e[0].input_tokens == 1000 && e[0].cache_read_tokens == 0 &&
          e[0].output_tokens == 100);
    CHECK(e[0].duration_ms == 7345 && e[0].tool_calls == 1 && GH_HAS(&e[0], status));
    CHECK(!GH_HAS(&e[0], user_tokens)); /* what of 1000 the person wrote is not told */
    CHECK(e[2].cache_read_tokens == 15 * 64 && e[2].input_tokens == 1200 - 15 * 64);
    CHECK(GH_HAS(&e[2], user_tokens) && e[2].user_tokens == 0 && e[2].tool_calls == 0);
    CHECK(GH_HAS(&e[3], user_tokens) && e[3].user_tokens == 1300 - 1200 - 50);
    CHECK(!GH_HAS(&e[3], duration_ms));
    gh_trace_free(t->import);
}

static void a_sub_agent_has_a_caller_and_no_person(void)
{
    struct taken *t = take("agent-trace", TRACES "agents.csv");
    const struct gh_event *e = &t->event[4];

    CHECK(strcmp(t->text[4][3], "helper") == 0);
    CHECK(GH_HAS(e, caller) && e->caller.size == 4 && memcmp(e->caller.at, "main", 4) == 0);
    CHECK(!GH_HAS(&t->event[0], caller));
    CHECK(GH_HAS(e, user_tokens) && e->user_tokens == 0);
    CHECK(e->cache_read_tokens == 100 && e->input_tokens == 0); /* 99 blocks, but 100 tokens */
    CHECK(!GH_HAS(e, tool_calls) && !GH_HAS(e, status));
    gh_trace_free(t->import);
}

static void conversations_are_dealt_to_people_over_days(void)
{
    struct gh_trace_plan plan = {
        .start_ms = START, .actors = 1, .days = 2, .actor = "dev", .team = "core"};
    struct taken *t = take_with(plan, "agent-trace", TRACES "agents.csv");

    /* two conversations for one person over two days: the second begins a day later */
    CHECK(t->count == 5 && strcmp(t->text[4][2], "t2") == 0);
    CHECK(strcmp(t->text[0][1], "dev-0001") == 0 && strcmp(t->text[4][1], "dev-0001") == 0);
    CHECK(t->event[4].ts_ms == START + 86400000 + 5000);
    CHECK(t->event[4].team.size == 4);
    gh_trace_free(t->import);
    plan.actors = 2;
    t = take_with(plan, "agent-trace", TRACES "agents.csv");
    CHECK(strcmp(t->text[0][1], "dev-0001") == 0 && strcmp(t->text[1][1], "dev-0002") == 0);
    CHECK(t->event[1].ts_ms == START + 5000);
    gh_trace_free(t->import);
}

static void calls_without_conversations_cannot_be_dealt(void)
{
    const struct gh_trace_plan plan = {.format = gh_trace_format_find("azure-trace"),
                                       .actors = 3};
    struct gh_trace *import = NULL;
    struct gh_error error = {0};

    CHECK(gh_trace_new(&import, &plan, &error) == GH_EUSAGE && import == NULL);
    CHECK(gh_trace_format_find("azure") == NULL);
    gh_trace_free(NULL);
}

static void ids_differ_within_and_between_files_and_stay(void)
{
    char first[64];
    struct taken *t = take("azure-trace", TRACES "azure.csv");

    CHECK(strcmp(t->text[0][0], t->text[1][0]) != 0);
    memcpy(first, t->text[0][0], sizeof first);
    gh_trace_free(t->import);
    t = take("azure-trace", TRACES "azure.csv");
    CHECK(strcmp(t->text[0][0], first) == 0);
    gh_trace_free(t->import);
    t = take("azure-trace", TRACES "azure.csv.gz");
    CHECK(strcmp(t->text[0][0], first) != 0);
    gh_trace_free(t->import);
}

static void packed_files_are_read_by_what_they_hold(void)
{
    struct taken *t = take("azure-trace", TRACES "azure.csv.gz");

    CHECK(t->count == 3 && t->event[0].input_tokens == 4808);
    gh_trace_free(t->import);
    t = take("mooncake", TRACES "mooncake.jsonl.xz");
    CHECK(t->count == 6 && t->event[4].cache_read_tokens == 1536);
    gh_trace_free(t->import);
}

/* A copy of `path`, `copies` times over, without the last `cut` bytes and with byte
 * `flip` changed. */
static const char *changed(const char *path, int copies, long cut, long flip)
{
    static char name[] = "/tmp/goodhart-import-XXXXXX";
    static char bytes[65536];
    FILE *file = fopen(path, "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, file);

    fclose(file);
    if (strstr(name, "XXXXXX") != NULL)
        close(mkstemp(name));
    if (flip >= 0)
        bytes[flip] = (char)(bytes[flip] ^ 0x55);
    file = fopen(name, "wb");
    for (int i = 0; i < copies; i++)
        fwrite(bytes, 1, size - (size_t)cut, file);
    fclose(file);
    return name;
}

static void damaged_files_are_named_and_never_read_past_their_end(void)
{
    static const char *const path[] = {TRACES "azure.csv.gz", TRACES "mooncake.jsonl.xz"};
    static const char *const format[] = {"azure-trace", "mooncake"};

    for (size_t k = 0; k < 2; k++) {
        struct taken *t = take(format[k], changed(path[k], 1, 9, -1));
        CHECK(gh_trace_bad(t->import) > 0);
        CHECK(strstr(t->complaints, "packed data") != NULL);
        gh_trace_free(t->import);
        for (long flip = 6; flip < 100; flip++) {
            t = take(format[k], changed(path[k], 1, 0, flip));
            CHECK(t->count <= 6);
            gh_trace_free(t->import);
        }
    }
    unlink(changed(path[0], 1, 0, -1));
}

static void members_that_follow_each_other_are_one_file(void)
{
    struct taken *t = take("mooncake", changed(TRACES "mooncake.jsonl.xz", 2, 0, -1));
    CHECK(t->count == 12);
    gh_trace_free(t->import);
    /* the last line has no end, so the second header joins it: one bad line more */
    t = take("azure-trace", changed(TRACES "azure.csv.gz", 2, 0, -1));
    CHECK(t->count >= 4);
    gh_trace_free(t->import);
    unlink(changed(TRACES "azure.csv.gz", 1, 0, -1));
}

static const char *written(const char *text, size_t size, int times)
{
    static char name[] = "/tmp/goodhart-import-XXXXXX";

    if (strstr(name, "XXXXXX") != NULL)
        close(mkstemp(name));
    FILE *file = fopen(name, "wb");
    for (int i = 0; i < times; i++)
        fwrite(text, 1, size, file);
    fclose(file);
    return name;
}

static void hostile_files_give_no_events(void)
{
    static const char *const text[] = {
        "",
        "\n",
        "\n\n\n",
        "a,b,c\n1,2,3\n",
        "TIMESTAMP,ContextTokens\n",
        "\x1f\x8b",
        "\xfd"
        "7zXZ",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n,,\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,99999999999999999,1\n",
        ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n",
        "{\"timestamp\": 1e400}\n",
        "{\"timestamp\": -1, \"input_length\": 1}\n",
        "[]\n",
        "{\"timestamp\": 9007199254740991, \"input_length\": 1, \"output_length\": 1, "
        "\"hash_ids\": [1, null]}\n",
    };

    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        struct taken *t = take("azure-trace", written(text[i], strlen(text[i]), 1));
        CHECK(t->count == 0);
        gh_trace_free(t->import);
        t = take("mooncake", written(text[i], strlen(text[i]), 1));
        CHECK(t->count == 0);
        gh_trace_free(t->import);
    }
    struct taken *t = take("mooncake", TRACES "no-such-file");
    CHECK(gh_trace_bad(t->import) == 1 && strstr(t->complaints, "no-such-file") != NULL);
    gh_trace_free(t->import);
    t = take("mooncake", "tests");
    CHECK(gh_trace_bad(t->import) == 1);
    gh_trace_free(t->import);
}

static void a_line_without_end_costs_itself_alone(void)
{
    static char line[65536];
    const char *path = NULL;

    memset(line, ' ', sizeof line);
    path = written(line, sizeof line, 50); /* 3.1 MiB without '\n' */
    FILE *file = fopen(path, "ab");
    fputs("\n{\"timestamp\": 7, \"input_length\": 3, \"output_length\": 2, \"hash_ids\": []}",
          file);
    fclose(file);
    struct taken *t = take("mooncake", path);
    CHECK(t->count == 1 && gh_trace_bad(t->import) == 1);
    CHECK(strstr(t->complaints, ":1: longer than 1 MiB") != NULL);
    CHECK(t->event[0].input_tokens == 3 && !GH_HAS(&t->event[0], prompt_hash));
    gh_trace_free(t->import);
    unlink(path);
}

static void names_that_events_cannot_carry_are_refused(void)
{
    static const char header[] = "trace,agent,parent,t,model,in,out,shared_blocks,input_types,"
                                 "output_types,stop,api_time\n";
    static const char *const row[] = {
        "\xff,main,,1,m,1,1,0,text,text,,",  "t\x01,main,,1,m,1,1,0,text,text,,",
        ",main,,1,m,1,1,0,text,text,,",      "t,main,,1,\xc3,1,1,0,text,text,,",
        "t,main,,1.2.3,m,1,1,0,text,text,,", "t,main,,1.,m,1,1,0,text,text,,",
        "t,main,,-1,m,1,1,0,text,text,,",    "t,main,,1,m,1,1,9007199254740991,text,text,,"};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[512];
        const int size = snprintf(text, sizeof text, "%s%s\n", header, row[i]);
        struct taken *t = take("agent-trace", written(text, (size_t)size, 1));
        CHECK(t->count == 0 && gh_trace_bad(t->import) == 1);
        gh_trace_free(t->import);
    }
    unlink(written("", 0, 1));
}

static const struct gh_test tests[] = {
    GH_TEST(a_row_of_azure_is_a_call_without_a_session),
    GH_TEST(bad_lines_are_named_counted_and_cost_themselves_alone),
    GH_TEST(conversations_are_rebuilt_from_whole_blocks),
    GH_TEST(close_prompts_have_close_hashes),
    GH_TEST(a_row_of_an_agent_trace_tells_what_it_knows),
    GH_TEST(a_sub_agent_has_a_caller_and_no_person),
    GH_TEST(conversations_are_dealt_to_people_over_days),
    GH_TEST(calls_without_conversations_cannot_be_dealt),
    GH_TEST(ids_differ_within_and_between_files_and_stay),
    GH_TEST(packed_files_are_read_by_what_they_hold),
    GH_TEST(damaged_files_are_named_and_never_read_past_their_end),
    GH_TEST(members_that_follow_each_other_are_one_file),
    GH_TEST(hostile_files_give_no_events),
    GH_TEST(a_line_without_end_costs_itself_alone),
    GH_TEST(names_that_events_cannot_carry_are_refused),
};
GH_TEST_MAIN(tests)
