/* trace.c - files of a trace to calls, calls in order of time to events. */
#include "edge/import/trace_format.h"

#include "base/civil.h"
#include "base/hash.h"
#include "edge/resources.h"
#include "edge/unpack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gh_trace_format *const formats[] = {
#define IMPORT_ROW(symbol, name, needs, gives, example) &gh_trace_##symbol,
    GH_TRACE_FORMATS(IMPORT_ROW)};

const struct gh_trace_format *gh_trace_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

enum gh_status gh_trace_new(struct gh_trace **import, const struct gh_trace_plan *plan,
                            struct gh_error *error)
{
    if (!plan->format->threaded && (plan->actors > 0 || plan->days > 0))
        return gh_error_set(error, GH_EUSAGE,
                            "--actors, --days: %s has no conversations that could be dealt",
                            plan->format->name);
    struct gh_trace *made = calloc(1, sizeof *made);
    if (made == NULL)
        return gh_error_set(error, GH_EMEMORY, "import: out of memory");
    made->plan = plan;
    made->heap.memory = gh_memory_system();
    made->calls.element_size = sizeof(struct gh_trace_call);
    made->blocks.element_size = sizeof(uint64_t);
    gh_intern_init(&made->threads, 0);
    gh_intern_init(&made->names, 0);
    *import = made;
    return GH_OK;
}

void gh_trace_free(struct gh_trace *import)
{
    if (import == NULL)
        return;
    gh_array_free(&import->heap, &import->calls);
    gh_array_free(&import->heap, &import->blocks);
    gh_intern_free(&import->heap, &import->threads);
    gh_intern_free(&import->heap, &import->names);
    gh_cells_free(&import->heap, &import->turns);
    free(import);
}

uint64_t gh_trace_bad(const struct gh_trace *import)
{
    return import->bad;
}

/* A file in lines, and where its columns are. */
struct import_source {
    struct gh_unpack *unpack;
    const char *path;
    uint32_t file, line;
    size_t begin, used; /* of `at` */
    bool ended, skipping;
    uint32_t wanted, given, column[GH_TRACE_COLUMNS_MAX]; /* wanted i stands in column[i] */
    char at[GH_TRACE_LINE_MAX];
};

static void import_complain(struct gh_trace *import, const struct import_source *source,
                            const char *trouble)
{
    char text[512];

    import->bad++;
    snprintf(text, sizeof text, "%s:%" PRIu32 ": %s", source->path, source->line, trouble);
    import->plan->complain(import->plan->context, text);
}

/* More bytes into the buffer; what has been handed out goes first. */
static void source_fill(struct gh_trace *import, struct import_source *source)
{
    struct gh_error error = {0};
    size_t got = 0;

    memmove(source->at, source->at + source->begin, source->used - source->begin);
    source->used -= source->begin;
    source->begin = 0;
    if (source->used == sizeof source->at) {
        source->used = 0;
        source->skipping = true;
    }
    if (gh_unpack_read(source->unpack, source->at + source->used,
                       sizeof source->at - source->used, &got, &error) != GH_OK) {
        import->bad++;
        import->plan->complain(import->plan->context, error.text);
        got = 0;
    }
    source->used += got;
    source->ended = got == 0;
}

/* The next line without its end; {NULL, 0}: it was too long. False: no more. */
static bool source_line(struct gh_trace *import, struct import_source *source,
                        struct gh_text *line)
{
    size_t searched = 0;

    for (;;) {
        const char *begin = source->at + source->begin;
        const size_t left = source->used - source->begin;
        const char *end = memchr(begin + searched, '\n', left - searched);
        searched = left;
        if (end == NULL && !source->ended) {
            source_fill(import, source);
            searched = source->skipping ? 0 : searched;
            continue;
        }
        if (end == NULL && left == 0 && !source->skipping)
            return false;
        const size_t size = end != NULL ? (size_t)(end - begin) : left;
        source->begin += size + (end != NULL);
        source->line++;
        *line = (struct gh_text){source->skipping ? NULL : begin, (uint32_t)size};
        source->skipping = false;
        if (line->size > 0 && line->at != NULL && line->at[size - 1] == '\r')
            line->size--;
        return true;
    }
}

/* Cuts at commas. Returns how many there were, at most one more than there is room for. */
static uint32_t import_split(struct gh_text line, struct gh_text *field)
{
    uint32_t count = 0;
    const char *at = line.at, *const end = line.at + line.size;

    for (; count < GH_TRACE_COLUMNS_MAX; at++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        field[count++] = (struct gh_text){at, (uint32_t)(stop - at)};
        if (comma == NULL)
            return count;
        at = comma;
    }
    return count + 1;
}

static bool import_same(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* Finds the wanted columns in the first line. */
static const char *import_header(const struct gh_trace_format *format,
                                 struct import_source *source, struct gh_text line)
{
    struct gh_text wanted[GH_TRACE_COLUMNS_MAX] = {0}, given[GH_TRACE_COLUMNS_MAX] = {0};

    if (line.size >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0)
        line = (struct gh_text){line.at + 3, line.size - 3};
    source->wanted = import_split(
        (struct gh_text){format->columns, (uint32_t)strlen(format->columns)}, wanted);
    source->given = import_split(line, given);
    if (source->given > GH_TRACE_COLUMNS_MAX)
        return "more than 32 columns";
    for (uint32_t i = 0; i < source->wanted; i++) {
        uint32_t at = 0;
        while (at < source->given && !import_same(given[at], wanted[i]))
            at++;
        if (at == source->given)
            return "not the header of this format; see goodhart help import";
        source->column[i] = at;
    }
    return NULL;
}

static const char *import_row(struct gh_trace *import, struct import_source *source,
                              struct gh_text line, struct gh_trace_call *call)
{
    struct gh_text given[GH_TRACE_COLUMNS_MAX], field[GH_TRACE_COLUMNS_MAX];

    if (line.at == NULL)
        return "longer than 1 MiB";
    if (import->plan->format->columns == NULL)
        return import->plan->format->take(import, &line, call);
    if (memchr(line.at, '"', line.size) != NULL)
        return "quotes, which this format does not use";
    if (import_split(line, given) != source->given)
        return "as many columns as the header has";
    for (uint32_t i = 0; i < source->wanted; i++)
        field[i] = given[source->column[i]];
    return import->plan->format->take(import, field, call);
}

static bool import_line(struct gh_trace *import, struct import_source *source,
                        struct gh_text line)
{
    const bool header = source->given == 0 && import->plan->format->columns != NULL;
    struct gh_trace_call call = gh_trace_nothing();

    if (line.at != NULL && line.size == 0)
        return true;
    const char *trouble =
        header ? (line.at == NULL ? "longer than 1 MiB"
                                  : import_header(import->plan->format, source, line))
               : import_row(import, source, line, &call);
    if (trouble != NULL) {
        import_complain(import, source, trouble);
        return !header;
    }
    if (header)
        return true;
    call.file = source->file;
    call.line = source->line;
    struct gh_trace_call *kept = gh_array_add(&import->heap, &import->calls, 1);
    if (kept != NULL)
        *kept = call;
    return kept != NULL;
}

enum gh_status gh_trace_file(struct gh_trace *import, const char *path, struct gh_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    struct import_source *source = calloc(1, sizeof *source);
    struct gh_error trouble = {0};
    struct gh_text line;

    if (source == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    source->path = path;
    source->file = (uint32_t)gh_hash(name, strlen(name));
    if (gh_unpack_open(&source->unpack, path, &trouble) != GH_OK) {
        import->bad++;
        import->plan->complain(import->plan->context, trouble.text);
    } else {
        while (source_line(import, source, &line) && import_line(import, source, line))
            ;
    }
    gh_unpack_close(source->unpack);
    free(source);
    return import->heap.failed ? gh_error_set(error, GH_EMEMORY, "%s: out of memory", path)
                               : GH_OK;
}

static int call_compare(const void *a, const void *b)
{
    const struct gh_trace_call *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* Conversation k is number k / actors of its person; the rounds begin evenly over `days`. */
static int64_t import_shift_ms(const struct gh_trace *import, uint32_t thread)
{
    const struct gh_trace_plan *plan = import->plan;
    const uint32_t people = plan->actors > 0 ? plan->actors : 1;
    const uint32_t rounds = (gh_intern_count(&import->threads) + people - 1) / people;

    if (thread == 0 || rounds == 0)
        return 0;
    return (int64_t)((thread - 1) / people) * plan->days * GH_MS_PER_DAY / rounds;
}

enum gh_status gh_trace_finish(struct gh_trace *import, struct gh_error *error)
{
    const struct gh_trace_plan *plan = import->plan;
    struct gh_trace_call *call = (void *)import->calls.at;
    const char *start = plan->format->start;
    int64_t first_ms = INT64_MAX, start_ms = plan->start_ms;

    if (plan->format->finish != NULL)
        plan->format->finish(import);
    if (import->heap.failed)
        return gh_error_set(error, GH_EMEMORY, "import: out of memory");
    for (uint32_t i = 0; i < import->calls.count; i++) {
        call[i].at_ms += import_shift_ms(import, call[i].thread);
        first_ms = call[i].at_ms < first_ms ? call[i].at_ms : first_ms;
    }
    if (start_ms < 0 && (start == NULL || !gh_time_parse(start, strlen(start), &start_ms)))
        start_ms = first_ms;
    for (uint32_t i = 0; i < import->calls.count; i++) {
        call[i].at_ms += start_ms - first_ms;
        if (call[i].at_ms > GH_TIME_MS_MAX)
            return gh_error_set(error, GH_EFORMAT,
                                "line %" PRIu32 ": a time past the year 9999", call[i].line);
    }
    if (import->calls.count > 0)
        qsort(call, import->calls.count, sizeof *call, call_compare);
    return GH_OK;
}

static struct gh_text import_actor(struct gh_trace *import, const struct gh_trace_call *call)
{
    const struct gh_trace_plan *plan = import->plan;
    const char *name = plan->actor != NULL ? plan->actor : plan->format->actor;
    int size = 0;

    if (plan->actors > 0)
        size = snprintf(import->actor, sizeof import->actor, "%s-%04" PRIu32,
                        name != NULL ? name : "person",
                        call->thread == 0 ? 1 : (call->thread - 1) % plan->actors + 1);
    else if (name == NULL)
        return gh_intern_text(&import->threads, call->thread);
    else
        size = snprintf(import->actor, sizeof import->actor, "%s", name);
    return (struct gh_text){import->actor, (uint32_t)size};
}

#define IMPORT_SET(event, key, field, value, known)          \
    do {                                                     \
        if (known) {                                         \
            (event)->present |= UINT64_C(1) << GH_KEY_##key; \
            (event)->field = (value);                        \
        }                                                    \
    } while (0)

static void import_texts(struct gh_trace *import, const struct gh_trace_call *call,
                         struct gh_event *event)
{
    const int size = snprintf(import->id, sizeof import->id, "%s-%08" PRIx32 "-%" PRIu32,
                              import->plan->format->name, call->file, call->line);
    const char *team = import->plan->team;

    IMPORT_SET(event, id, id, ((struct gh_text){import->id, (uint32_t)size}), true);
    IMPORT_SET(event, actor, actor, import_actor(import, call), true);
    if (team != NULL)
        IMPORT_SET(event, team, team, ((struct gh_text){team, (uint32_t)strlen(team)}), true);
    IMPORT_SET(event, session, session, gh_intern_text(&import->threads, call->thread),
               call->thread != 0);
    IMPORT_SET(event, agent, agent, gh_intern_text(&import->names, call->agent),
               call->agent != 0);
    IMPORT_SET(event, caller, caller, gh_intern_text(&import->names, call->caller),
               call->caller != 0);
    IMPORT_SET(event, model, model, gh_intern_text(&import->names, call->model),
               call->model != 0);
}

bool gh_trace_next(struct gh_trace *import, struct gh_event *event)
{
    if (import->next == import->calls.count)
        return false;
    const struct gh_trace_call *call = gh_array_at(&import->calls, import->next++);
    *event = (struct gh_event){0};
    import_texts(import, call, event);
    IMPORT_SET(event, ts, ts_ms, call->at_ms, true);
    IMPORT_SET(event, input_tokens, input_tokens, call->input_tokens, call->input_tokens >= 0);
    IMPORT_SET(event, cache_read_tokens, cache_read_tokens, call->cache_read_tokens,
               call->cache_read_tokens >= 0);
    IMPORT_SET(event, output_tokens, output_tokens, call->output_tokens,
               call->output_tokens >= 0);
    IMPORT_SET(event, prompt_hash, prompt_hash, call->prompt_hash, call->block_count > 0);
    IMPORT_SET(event, user_tokens, user_tokens, call->user_tokens, call->user_tokens >= 0);
    IMPORT_SET(event, tool_calls, tool_calls, call->tool_calls, call->tool_calls >= 0);
    IMPORT_SET(event, status, status, GH_CALL_OK, call->ended);
    IMPORT_SET(event, duration_ms, duration_ms, call->duration_ms, call->duration_ms >= 0);
    return true;
}
