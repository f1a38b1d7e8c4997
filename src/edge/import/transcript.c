/* transcript.c - see transcript.h. */
#include "edge/import/trace_format.h"
#include "edge/import/transcript_inside.h"

#include "base/civil.h"
#include "base/hash.h"
#include "edge/resources.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAIN_AGENT "claude-code"
#define SUBAGENT "subagent"
enum { CELLS_MAX = 1 << 29, NAME_SIZE = GH_STRING_BYTES_MAX + 1 };

/* Content is looked at where it stands; this is what may be long and tells nothing. */
const char *const gh_transcript_skip[] = {
    "toolUseResult", "snapshot", "thinking", "signature", "source", "iterations", NULL};

/* Counts below 0 and ids of 0 are absent. */
struct transcript_call {
    int64_t at_ms;
    int64_t input_tokens, output_tokens, cache_read_tokens, cache_write_tokens;
    double cost_usd;  /* NaN: absent */
    uint64_t message; /* hash of its message.id; 0: none */
    uint64_t response_hash;
    struct gh_prompt prompt;
    uint32_t id, session, model, agent; /* in `names` */
    uint32_t tool_calls, text_size;
    bool sidechain, ended, failed, machine;
};

/* Whether a message.id was seen outside of subagents. */
struct transcript_message {
    bool parent;
};

struct gh_transcripts {
    struct gh_heap heap;
    struct gh_intern names;
    struct gh_segments calls; /* of transcript_call */
    struct gh_cells by_id;    /* hash of an event's id: index of its call + 1 */
    struct gh_cells requests; /* hash of a requestId: of the first message.id under it */
    struct gh_cells messages; /* hash of a message.id: transcript_message */
    struct gh_cells blocks;   /* call and tool call: seen */
    struct gh_cells prompts;  /* of this file, by hash of a line's uuid: gh_prompt */
    struct gh_transcript_counts counts;
    uint32_t next;
    char agent[NAME_SIZE]; /* of the event handed out */
};

struct gh_transcripts *gh_transcripts_new(void)
{
    struct gh_transcripts *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->heap.memory = gh_memory_system();
    t->calls.element_size = sizeof(struct transcript_call);
    gh_intern_init(&t->names, 0);
    gh_cells_init(&t->by_id, sizeof(uint32_t), CELLS_MAX, INT64_MAX);
    gh_cells_init(&t->requests, sizeof(uint64_t), CELLS_MAX, INT64_MAX);
    gh_cells_init(&t->messages, sizeof(struct transcript_message), CELLS_MAX, INT64_MAX);
    gh_cells_init(&t->blocks, sizeof(bool), CELLS_MAX, INT64_MAX);
    gh_cells_init(&t->prompts, sizeof(struct gh_prompt), CELLS_MAX, INT64_MAX);
    return t;
}

void gh_transcripts_free(struct gh_transcripts *transcripts)
{
    if (transcripts == NULL)
        return;
    gh_intern_free(&transcripts->heap, &transcripts->names);
    gh_segments_free(&transcripts->heap, &transcripts->calls);
    gh_cells_free(&transcripts->heap, &transcripts->by_id);
    gh_cells_free(&transcripts->heap, &transcripts->requests);
    gh_cells_free(&transcripts->heap, &transcripts->messages);
    gh_cells_free(&transcripts->heap, &transcripts->blocks);
    gh_cells_free(&transcripts->heap, &transcripts->prompts);
    free(transcripts);
}

void gh_transcripts_file(struct gh_transcripts *transcripts)
{
    gh_cells_free(&transcripts->heap, &transcripts->prompts);
    gh_cells_init(&transcripts->prompts, sizeof(struct gh_prompt), CELLS_MAX, INT64_MAX);
}

bool gh_transcripts_failed(const struct gh_transcripts *transcripts)
{
    return transcripts->heap.failed;
}

struct gh_transcript_counts gh_transcripts_counts(const struct gh_transcripts *transcripts)
{
    return transcripts->counts;
}

static uint64_t text_key(struct gh_text text)
{
    return gh_hash_pair(gh_hash(text.at, text.size), text.size);
}

/* A count as number or as text. -1: absent; false: it is something else. */
static bool line_count(struct gh_line line, const char *name, int64_t *count)
{
    const struct gh_field *field = gh_line_field(line, name);

    *count = -1;
    if (field == NULL)
        return true;
    if (field->type == GH_FIELD_WHOLE)
        *count = field->as.whole;
    else if (field->type == GH_FIELD_REAL && field->as.real == floor(field->as.real) &&
             fabs(field->as.real) <= (double)GH_COUNT_MAX)
        *count = (int64_t)field->as.real;
    else if (field->type == GH_FIELD_TEXT && !gh_trace_count(field->as.text, count))
        return false;
    return *count >= 0 && *count <= GH_COUNT_MAX;
}

/* Newer lines tell it by how long it is kept as well; then the sum of those holds. */
static bool line_cache_write(struct gh_line line, int64_t *count)
{
    int64_t minutes = -1, hour = -1;

    if (!line_count(line, "message.usage.cache_creation_input_tokens", count) ||
        !line_count(line, "message.usage.cache_creation.ephemeral_5m_input_tokens", &minutes) ||
        !line_count(line, "message.usage.cache_creation.ephemeral_1h_input_tokens", &hour))
        return false;
    if (minutes >= 0 || hour >= 0)
        *count = (minutes > 0 ? minutes : 0) + (hour > 0 ? hour : 0);
    return *count <= GH_COUNT_MAX;
}

static uint32_t call_name(struct gh_transcripts *t, struct gh_text text)
{
    for (uint32_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
            return 0;
    if (text.at == NULL || text.size == 0 || text.size > GH_STRING_BYTES_MAX / 2)
        return 0;
    return gh_intern_add(&t->heap, &t->names, text);
}

static const char *call_numbers(struct gh_line line, struct transcript_call *call)
{
    const struct gh_text at = gh_line_text(line, "timestamp");
    const struct gh_field *cost = gh_line_field(line, "costUSD");

    if (at.at == NULL || !gh_time_parse(at.at, at.size, &call->at_ms))
        return "timestamp: a time such as 2026-01-05T09:00:00Z";
    if (!line_count(line, "message.usage.input_tokens", &call->input_tokens))
        return "message.usage.input_tokens: a count";
    if (!line_count(line, "message.usage.output_tokens", &call->output_tokens))
        return "message.usage.output_tokens: a count";
    if (!line_count(line, "message.usage.cache_read_input_tokens", &call->cache_read_tokens))
        return "message.usage.cache_read_input_tokens: a count";
    if (!line_cache_write(line, &call->cache_write_tokens))
        return "message.usage.cache_creation_input_tokens: a count";
    call->cost_usd = NAN;
    if (cost != NULL && cost->type == GH_FIELD_WHOLE)
        call->cost_usd = (double)cost->as.whole;
    else if (cost != NULL && cost->type == GH_FIELD_REAL)
        call->cost_usd = cost->as.real;
    return call->cost_usd < 0 ? "costUSD: at least 0" : NULL;
}

/* The id that telemetry of the same call has (models/fields/claude-code.json), unless another
 * answer has it already. A line that lacks one of its ids is told apart by its own. */
static struct gh_text call_id(struct gh_transcripts *t, struct gh_line line,
                              char text[NAME_SIZE])
{
    const struct gh_text message = gh_line_text(line, "message.id");
    const struct gh_text request = gh_line_text(line, "requestId");
    const struct gh_text uuid = gh_line_text(line, "uuid");
    int size = 0;

    if (message.at != NULL && request.at != NULL) {
        uint64_t *first = gh_cells_touch(&t->heap, &t->requests, text_key(request), 0);
        if (first != NULL && *first == 0)
            *first = text_key(message);
        const bool taken = first != NULL && *first != text_key(message);
        size =
            snprintf(text, NAME_SIZE, "claude-code:%.*s%s%.*s", (int)request.size, request.at,
                     taken ? ":" : "", taken ? (int)message.size : 0, message.at);
    } else if (uuid.at != NULL) {
        size = snprintf(text, NAME_SIZE, "claude-code:%.*s", (int)uuid.size, uuid.at);
    }
    return size > 0 && size < NAME_SIZE ? (struct gh_text){text, (uint32_t)size}
                                        : (struct gh_text){0};
}

static bool text_starts(struct gh_text text, const char *word)
{
    return text.size >= strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

static const char *call_names(struct gh_transcripts *t, struct gh_line line,
                              struct transcript_call *call)
{
    const struct gh_text message = gh_line_text(line, "message.id");
    const struct gh_text model = gh_line_text(line, "message.model");
    char text[NAME_SIZE];

    call->id = call_name(t, call_id(t, line, text));
    if (call->id == 0)
        return "message.id and requestId, or uuid: names of at most 60 bytes";
    call->message = message.at != NULL ? text_key(message) : 0;
    call->session = call_name(t, gh_line_text(line, "sessionId"));
    call->model = gh_text_is(model, "<synthetic>") ? 0 : call_name(t, model);
    call->sidechain = gh_line_true(line, "isSidechain");
    call->agent = call->sidechain ? call_name(t, gh_line_text(line, "agentId")) : 0;
    call->ended = gh_line_text(line, "message.stop_reason").at != NULL;
    call->failed = gh_line_true(line, "isApiErrorMessage");
    call->machine = text_starts(gh_line_text(line, "entrypoint"), "sdk");
    return NULL;
}

static void call_blocks(struct gh_transcripts *t, struct gh_line line, uint32_t index,
                        struct transcript_call *call)
{
    struct gh_block block;
    uint32_t at = 0;

    while (gh_block_next(line, &at, &block)) {
        const bool text = block.tool.at == NULL;
        if (text ? block.hash != 0 && block.size >= call->text_size
                 : call->text_size == 0 && block.hash != 0) {
            call->response_hash = block.hash;
            call->text_size = text ? block.size : 0;
        }
        if (text)
            continue;
        bool *seen = gh_cells_touch(&t->heap, &t->blocks,
                                    gh_hash_pair(index + 1, text_key(block.tool)), 0);
        if (seen != NULL && !*seen)
            call->tool_calls++;
        if (seen != NULL)
            *seen = true;
    }
}

/* The same call again: what this line adds. */
static void call_merge(struct transcript_call *call, const struct transcript_call *line)
{
    const bool later = line->output_tokens > call->output_tokens;

    call->at_ms = line->at_ms < call->at_ms ? line->at_ms : call->at_ms;
    call->output_tokens = later ? line->output_tokens : call->output_tokens;
    call->cost_usd = later || isnan(call->cost_usd) ? line->cost_usd : call->cost_usd;
    call->sidechain = call->sidechain && line->sidechain;
    call->ended |= line->ended;
    call->failed |= line->failed;
}

static const char *call_add(struct gh_transcripts *t, struct gh_line line,
                            const struct transcript_call *told)
{
    const uint64_t key = text_key(gh_intern_text(&t->names, told->id));
    uint32_t *index = gh_cells_touch(&t->heap, &t->by_id, key, 0);
    const bool known = index != NULL && *index > 0;
    struct transcript_call *call = NULL;

    if (index == NULL)
        return "no room for another call";
    call = known ? gh_segments_at(&t->calls, *index - 1) : gh_segments_add(&t->heap, &t->calls);
    if (call == NULL)
        return "out of memory";
    t->counts.lines++;
    t->counts.repeats += known;
    if (known) {
        call_merge(call, told);
    } else {
        *call = *told;
        *index = t->calls.count;
    }
    const uint64_t before = gh_line_text(line, "parentUuid").at != NULL
                                ? text_key(gh_line_text(line, "parentUuid"))
                                : 0;
    const struct gh_prompt *prompt = before != 0 ? gh_cells_find(&t->prompts, before, 0) : NULL;
    if (prompt != NULL && call->prompt.said == GH_SAID_NOTHING)
        call->prompt = *prompt;
    call_blocks(t, line, *index - 1, call);
    struct transcript_message *message =
        call->message != 0 ? gh_cells_touch(&t->heap, &t->messages, call->message, 0) : NULL;
    if (message != NULL && !told->sidechain)
        message->parent = true;
    return NULL;
}

/* What a line that is no answer hands on to the lines below it. */
static void prompt_note(struct gh_transcripts *t, struct gh_line line)
{
    const struct gh_text uuid = gh_line_text(line, "uuid");
    const struct gh_text parent = gh_line_text(line, "parentUuid");
    struct gh_prompt prompt = {.hash = 0};

    if (uuid.at == NULL)
        return;
    if (gh_text_is(gh_line_text(line, "type"), "user")) {
        prompt = gh_prompt_of(line);
    } else if (parent.at != NULL) {
        const struct gh_prompt *before = gh_cells_find(&t->prompts, text_key(parent), 0);
        prompt = before != NULL ? *before : prompt;
    }
    struct gh_prompt *note = gh_cells_touch(&t->heap, &t->prompts, text_key(uuid), 0);
    if (note != NULL)
        *note = prompt;
}

const char *gh_transcripts_line(struct gh_transcripts *transcripts,
                                const struct gh_field *field, uint32_t count)
{
    const struct gh_line line = {field, count};
    struct transcript_call call = {.at_ms = 0};

    if (gh_line_field(line, "message.usage.input_tokens") == NULL &&
        gh_line_field(line, "message.usage.output_tokens") == NULL) {
        prompt_note(transcripts, line);
        return NULL;
    }
    const bool synthetic = gh_text_is(gh_line_text(line, "message.model"), "<synthetic>");
    if (synthetic && !gh_line_true(line, "isApiErrorMessage"))
        return NULL;
    const char *trouble = call_numbers(line, &call);
    if (trouble == NULL)
        trouble = call_names(transcripts, line, &call);
    return trouble == NULL ? call_add(transcripts, line, &call) : trouble;
}

#define SET(event, key, field, value, known)                 \
    do {                                                     \
        if (known) {                                         \
            (event)->present |= UINT64_C(1) << GH_KEY_##key; \
            (event)->field = (value);                        \
        }                                                    \
    } while (0)

static void event_names(struct gh_transcripts *t, const struct transcript_call *call,
                        struct gh_event *event)
{
    const struct gh_text main = {MAIN_AGENT, sizeof MAIN_AGENT - 1};
    const struct gh_text agent = gh_intern_text(&t->names, call->agent);
    const int size =
        snprintf(t->agent, sizeof t->agent, SUBAGENT "%s%.*s", agent.size > 0 ? "/" : "",
                 (int)agent.size, agent.size > 0 ? agent.at : "");

    SET(event, id, id, gh_intern_text(&t->names, call->id), true);
    SET(event, session, session, gh_intern_text(&t->names, call->session), call->session != 0);
    SET(event, agent, agent,
        call->sidechain ? ((struct gh_text){t->agent, (uint32_t)size}) : main, true);
    SET(event, caller, caller, main, call->sidechain);
    SET(event, model, model, gh_intern_text(&t->names, call->model), call->model != 0);
}

static void event_said(const struct transcript_call *call, struct gh_event *event)
{
    const enum gh_said said = (enum gh_said)call->prompt.said;
    const bool tools = call->sidechain || said == GH_SAID_TOOLS;

    SET(event, origin, origin, GH_API, call->machine);
    SET(event, user_tokens, user_tokens, 0, tools);
    SET(event, user_tokens, user_tokens, call->prompt.tokens,
        !tools && !call->machine && said == GH_SAID_WORDS);
    SET(event, prompt_hash, prompt_hash, call->prompt.hash, call->prompt.hash != 0);
    SET(event, response_hash, response_hash, call->response_hash, call->response_hash != 0);
    SET(event, tool_calls, tool_calls, call->tool_calls, !call->failed);
    SET(event, status, status, call->failed ? GH_CALL_ERROR : GH_CALL_OK,
        call->failed || call->ended);
}

static bool call_is_copy(const struct gh_transcripts *t, const struct transcript_call *call)
{
    const struct transcript_message *message =
        call->sidechain && call->message != 0 ? gh_cells_find(&t->messages, call->message, 0)
                                              : NULL;

    return message != NULL && message->parent;
}

bool gh_transcripts_next(struct gh_transcripts *transcripts, struct gh_event *event)
{
    const struct transcript_call *call = NULL;

    if (transcripts->heap.failed)
        return false;
    for (;; transcripts->counts.copies++) {
        if (transcripts->next == transcripts->calls.count)
            return false;
        call = gh_segments_at(&transcripts->calls, transcripts->next++);
        if (!call_is_copy(transcripts, call))
            break;
    }
    *event = (struct gh_event){0};
    event_names(transcripts, call, event);
    event_said(call, event);
    SET(event, ts, ts_ms, call->at_ms, true);
    SET(event, input_tokens, input_tokens, call->input_tokens, call->input_tokens >= 0);
    SET(event, output_tokens, output_tokens, call->output_tokens, call->output_tokens >= 0);
    SET(event, cache_read_tokens, cache_read_tokens, call->cache_read_tokens,
        call->cache_read_tokens >= 0);
    SET(event, cache_write_tokens, cache_write_tokens, call->cache_write_tokens,
        call->cache_write_tokens >= 0);
    SET(event, cost_usd, cost_usd, call->cost_usd, !isnan(call->cost_usd));
    return true;
}
