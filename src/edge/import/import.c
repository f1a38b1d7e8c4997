/* import.c - see import.h. */
#include "edge/import/import_inside.h"

#include "edge/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 6 * GH_EVENT_BYTES_MAX };

#define FORMAT_ROW(symbol, name, reader, outer, inner, needs, gives, example) \
    {name, reader, {outer, inner}},
static const struct gh_import_format formats[] = {GH_IMPORT_FORMATS(FORMAT_ROW)};

const struct gh_import_format *gh_import_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

/* Members that are somebody's words, in any of the formats: a map may make a fingerprint. */
static const char *const words[] = {"messages",  "prompt",   "completion",
                                    "input",     "output",   "proxy_server_request",
                                    "embedding", "logprobs", NULL};

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static struct gh_flat_plan import_flat_plan(const struct gh_import_format *format)
{
    if (format->reader == GH_IMPORT_TRANSCRIPTS)
        return (struct gh_flat_plan){.skip = gh_transcript_skip, .depth = GH_TRANSCRIPT_DEPTH};
    return (struct gh_flat_plan){.rows = {format->rows[0], format->rows[1]}, .whole = words};
}

enum gh_status gh_import_new(struct gh_import **import, const struct gh_import_plan *plan,
                             struct gh_error *error)
{
    struct gh_import *made = calloc(1, sizeof *made);

    if (made == NULL)
        return gh_error_set(error, GH_EMEMORY, "import: out of memory");
    made->plan = plan;
    made->flat_plan = import_flat_plan(plan->format);
    made->sorter = gh_sorter_new(0);
    made->flat = gh_flat_new();
    made->mapper = gh_mapper_new(plan->maps);
    made->otlp = gh_otlp_reader_new();
    made->transcripts = gh_transcripts_new();
    made->line = malloc(LINE_SIZE);
    if (made->sorter == NULL || made->flat == NULL || made->mapper == NULL ||
        made->otlp == NULL || made->transcripts == NULL || made->line == NULL) {
        gh_import_free(made);
        return gh_error_set(error, GH_EMEMORY, "import: out of memory");
    }
    /* The team comes later: people know theirs better than the command line does. */
    if (plan->actor != NULL)
        gh_mapper_fallback(made->mapper, text_of(plan->actor), (struct gh_text){0});
    *import = made;
    return GH_OK;
}

void gh_import_free(struct gh_import *import)
{
    if (import == NULL)
        return;
    gh_sorter_free(import->sorter);
    gh_flat_free(import->flat);
    gh_mapper_free(import->mapper);
    gh_otlp_reader_free(import->otlp);
    gh_transcripts_free(import->transcripts);
    free(import->line);
    free(import);
}

void gh_import_complain(struct gh_import *import, const char *trouble)
{
    char text[sizeof import->error->text + 512], row[32] = "";

    import->counts.bad++;
    if (gh_flat_row(import->flat) > 0)
        snprintf(row, sizeof row, "row %" PRIu32 ": ", gh_flat_row(import->flat));
    snprintf(text, sizeof text, "%.400s:%" PRIu64 ": %s%s", import->path, import->place, row,
             trouble);
    import->plan->complain(import->plan->context, text);
}

bool gh_import_event(struct gh_import *import, struct gh_event *event)
{
    const struct gh_import_plan *plan = import->plan;

    if (!GH_HAS(event, actor) && plan->actor != NULL) {
        event->actor = text_of(plan->actor);
        event->present |= UINT64_C(1) << GH_KEY_actor;
    }
    const bool known =
        plan->who != NULL && GH_HAS(event, actor) && plan->who(plan->context, event);
    if (!GH_HAS(event, team) && plan->team != NULL && !known) {
        event->team = text_of(plan->team);
        event->present |= UINT64_C(1) << GH_KEY_team;
    }
    if (!GH_HAS(event, actor)) {
        gh_import_complain(import, "names nobody: --actor NAME says who it was");
        return true;
    }
    const size_t size = gh_encode(event, import->line, LINE_SIZE);
    const struct gh_text line = {import->line, (uint32_t)size};
    import->counts.events++;
    import->status = gh_sorter_add(import->sorter, event->ts_ms, line, import->error);
    return import->status == GH_OK;
}

static void import_explain(struct gh_import *import, enum gh_mapped mapped)
{
    char why[GH_MAP_EXPLAIN_SIZE], text[GH_MAP_EXPLAIN_SIZE + 512];

    if (import->plan->explain == NULL)
        return;
    gh_mapper_explain(import->mapper, why);
    snprintf(text, sizeof text, "%.400s:%" PRIu64 ": %s%s", import->path, import->place, why,
             mapped == GH_MAPPED_BAD ? ", but it is refused" : "");
    import->plan->explain(import->plan->context, text);
}

bool gh_import_told(struct gh_import *import, const struct gh_told *told)
{
    struct gh_error trouble = {0};
    struct gh_event event;
    const enum gh_mapped mapped = gh_map(import->mapper, told, &event, &trouble);

    import_explain(import, mapped);
    switch (mapped) {
    case GH_MAPPED_EVENT:
        return gh_import_event(import, &event);
    case GH_MAPPED_TOTAL:
        import->counts.sums++;
        return true;
    case GH_MAPPED_KNOWN:
        import->counts.known++;
        return true;
    case GH_MAPPED_UNKNOWN:
        import->counts.unknown++;
        if (told->kind == GH_TOLD_ROW)
            gh_import_complain(import, "no rule of the map takes this row");
        return true;
    case GH_MAPPED_BAD:
        break;
    }
    gh_import_complain(import, trouble.text);
    return true;
}

/* Calls of transcripts are known when all lines are. */
static enum gh_status import_end(struct gh_import *import, struct gh_error *error)
{
    struct gh_event event;

    import->ended = true;
    import->error = error;
    import->status = GH_OK;
    import->path = import->plan->format->name;
    import->place = 0;
    while (gh_transcripts_next(import->transcripts, &event))
        if (!gh_import_event(import, &event))
            return import->status;
    return gh_transcripts_failed(import->transcripts)
               ? gh_error_set(error, GH_EMEMORY, "import: out of memory")
               : GH_OK;
}

enum gh_status gh_import_next(struct gh_import *import, int64_t *at_ms, struct gh_text *line,
                              struct gh_error *error)
{
    *line = (struct gh_text){0};
    const enum gh_status status = import->ended ? GH_OK : import_end(import, error);

    return status == GH_OK ? gh_sorter_next(import->sorter, at_ms, line, error) : status;
}

struct gh_import_counts gh_import_counts(const struct gh_import *import)
{
    const struct gh_transcript_counts lines = gh_transcripts_counts(import->transcripts);
    struct gh_import_counts counts = import->counts;

    counts.repeats = lines.repeats;
    counts.copies = lines.copies;
    counts.clamped = gh_mapper_clamped(import->mapper);
    return counts;
}
