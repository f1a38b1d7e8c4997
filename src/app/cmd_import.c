/* cmd_import.c - `goodhart import`: what others wrote down as events on standard output. Public
 * traces here, logs of other tools in import_logs.c. */
#include "app/import_logs.h"

#include "base/civil.h"
#include "edge/decode.h"
#include "edge/import/import.h"
#include "edge/import/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void import_complain(void *context, const char *text)
{
    gh_complaint_print(context, text);
}

/* A name that events may carry. */
static enum gh_status import_name(const struct gh_arguments *a, const char *flag,
                                  size_t size_max, struct gh_error *error)
{
    const char *name = gh_argument(a, flag);

    if (name == NULL || (strlen(name) <= size_max &&
                         gh_trace_name((struct gh_text){name, (uint32_t)strlen(name)})))
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "--%s: 1 to %zu bytes of UTF-8 without control characters", flag,
                        size_max);
}

static enum gh_status import_plan(const struct gh_arguments *a, struct gh_trace_plan *plan,
                                  struct gh_error *error)
{
    const char *start = gh_argument(a, "start");
    uint64_t actors = 0, days = 0;
    enum gh_status status;

    plan->format = gh_trace_format_find(a->positional[0]);
    plan->start_ms = -1;
    if (gh_argument(a, "map") != NULL || gh_argument(a, "people") != NULL)
        return gh_error_set(error, GH_EUSAGE, "--map, --people: nobody has a name in a trace");
    if (a->positional_count < 2)
        return gh_error_set(error, GH_EUSAGE, "%s: name its files; '-' is standard input",
                            a->positional[0]);
    if (start != NULL && !gh_time_parse(start, strlen(start), &plan->start_ms))
        return gh_error_set(error, GH_EUSAGE,
                            "--start: %s: a time such as 2026-01-05T09:00:00Z", start);
    plan->actor = gh_argument(a, "actor");
    plan->team = gh_argument(a, "team");
    status = gh_argument_u64(a, "actors", (struct gh_whole_range){1, 1000000}, &actors, error);
    if (status == GH_OK)
        status = gh_argument_u64(a, "days", (struct gh_whole_range){0, 3650}, &days, error);
    plan->actors = (uint32_t)actors;
    plan->days = (uint32_t)days;
    return status;
}

static enum gh_status event_write(const struct gh_event *event, struct gh_error *error)
{
    static char line[6 * GH_EVENT_BYTES_MAX];
    const size_t size = gh_encode(event, line, sizeof line);

    return fwrite(line, 1, size, stdout) == size
               ? GH_OK
               : gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno));
}

/* A trace has gaps, and its last calls may lie far ahead of all others: a tick says that
 * this is their time. */
static enum gh_status tick_write(const struct gh_event *last, struct gh_error *error)
{
    char id[GH_STRING_BYTES_MAX + 1];
    const int size = snprintf(id, sizeof id, "end:%.*s",
                              (int)(last->id.size < 200 ? last->id.size : 200), last->id.at);
    const struct gh_event tick = {.kind = GH_TICK,
                                  .ts_ms = last->ts_ms,
                                  .id = {id, (uint32_t)size},
                                  .present = UINT64_C(1) << GH_KEY_kind |
                                             UINT64_C(1) << GH_KEY_id |
                                             UINT64_C(1) << GH_KEY_ts};

    return event_write(&tick, error);
}

static enum gh_status import_write(struct gh_trace *import, uint64_t limit, uint64_t *written,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_event event = {.ts_ms = 0};

    while (status == GH_OK && *written < limit && gh_trace_next(import, &event)) {
        status = event_write(&event, error);
        ++*written;
    }
    if (status == GH_OK && *written > 0)
        status = tick_write(&event, error);
    if (status == GH_OK && fflush(stdout) != 0)
        return gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno));
    return status;
}

static enum gh_status import_trace(const struct gh_arguments *a, struct gh_error *error)
{
    uint64_t complaints = 0, written = 0, limit = UINT64_MAX;
    struct gh_trace_plan plan = {.complain = import_complain, .context = &complaints};
    struct gh_trace *import = NULL;
    enum gh_status status = import_plan(a, &plan, error);

    if (status == GH_OK)
        status =
            gh_argument_u64(a, "limit", (struct gh_whole_range){1, UINT64_MAX}, &limit, error);
    if (status == GH_OK)
        status = gh_trace_new(&import, &plan, error);
    for (size_t i = 1; i < a->positional_count && status == GH_OK; i++)
        status = gh_trace_file(import, a->positional[i], error);
    if (status == GH_OK)
        status = gh_trace_finish(import, error);
    if (status == GH_OK)
        status = import_write(import, limit, &written, error);
    if (status == GH_OK) {
        const uint64_t bad = gh_trace_bad(import);
        fprintf(stderr,
                "import: %" PRIu64 " events written, %" PRIu64 " lines or files refused\n",
                written, bad);
        if (written == 0 && bad > 0)
            status = gh_error_set(error, GH_EFORMAT, "nothing could be read");
    }
    gh_trace_free(import);
    return status;
}

#define NAME_LIST(symbol, name, ...) ", " name
static enum gh_status import_run(const struct gh_arguments *a, struct gh_error *error)
{
    enum gh_status status = import_name(a, "actor", GH_STRING_BYTES_MAX - 16, error);

    if (status == GH_OK)
        status = import_name(a, "team", GH_STRING_BYTES_MAX, error);
    if (status != GH_OK)
        return status;
    if (gh_import_format_find(a->positional[0]) != NULL)
        return gh_import_logs(a, error);
    if (gh_trace_format_find(a->positional[0]) != NULL)
        return import_trace(a, error);
    return gh_error_set(error, GH_EUSAGE, "%s: not a format; formats are %s", a->positional[0],
                        &GH_IMPORT_FORMATS(NAME_LIST) GH_TRACE_FORMATS(NAME_LIST)[2]);
}

static const struct gh_flag flags[] = {
    {"actor", "NAME", NULL,
     "who made the calls of which the file names nobody; traces: everybody's name, or with "
     "--actors the start of their names",
     false},
    {"team", "NAME", NULL,
     "team of events that name none, of people who are not in the people file", false},
    {"people", "FILE", NULL,
     "people file: whose accounts are whose; identity.people when absent", false},
    {"map", "FILE", NULL, "map file in place of all others; see models/fields/README.md",
     false},
    {"explain", NULL, NULL,
     "say on standard error which rule took each record, or why none did", false},
    {"limit", "N", NULL, "write at most N events", false},
    {"start", "TIME", NULL,
     "traces: time of the first call; absent: the trace's own, or 5 January 2026", false},
    {"actors", "N", NULL, "traces: deal conversations to N people in turn", false},
    {"days", "N", "0", "traces: let conversations begin evenly over N days", false},
};

#define TRACE_HELP(symbol, name, needs, gives, example) \
    "  " name "\n    " needs "\n    " gives "\n    " example "\n"
#define IMPORT_HELP(symbol, name, reader, outer, inner, needs, gives, example) \
    TRACE_HELP(symbol, name, needs, gives, example)

#define FORMATS_HELP               \
    GH_IMPORT_FORMATS(IMPORT_HELP) \
    "\nPublic traces of model calls:\n" GH_TRACE_FORMATS(TRACE_HELP)

const struct gh_command gh_command_import = {
    .name = "import",
    .positional = "FORMAT [FILE…]",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "turns logs, exports and reports of other tools into events",
    .details =
        "Events go to standard output in order of time, and behind them a tick. Files may be\n"
        "packed (.gz, .xz); '-' is standard input. What a file does not tell stays absent,\n"
        "words of prompts and answers never come out. Lines that cannot be read are named\n"
        "and counted on standard error. The same files give the same ids.\n\n"
        "Lines, JSON arrays and CSV may be of any size; a page of a report is read as a\n"
        "whole (up to 64 MiB), and traces are held in memory.\n\n"
        "Not Copilot: its reports hold sums of days, and tokens of its command line alone.\n\n"
        "Logs, exports and reports:\n" FORMATS_HELP,
    .flag = flags,
    .flag_count = sizeof flags / sizeof *flags,
    .run = import_run,
};
