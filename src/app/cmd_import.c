/* cmd_import.c - `goodhart import`: public traces as events on standard output. */
#include "app/command.h"

#include "base/civil.h"
#include "edge/decode.h"
#include "edge/import/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COMPLAINTS_MAX = 100 };

static void import_complain(void *context, const char *text)
{
    uint64_t *complaints = context;

    if (++*complaints <= COMPLAINTS_MAX)
        fprintf(stderr, "%s\n", text);
    else if (*complaints == COMPLAINTS_MAX + 1)
        fprintf(stderr, "(further ones are only counted)\n");
}

/* A name that events may carry. */
static enum gh_status import_name(const struct gh_arguments *a, const char *flag,
                                  size_t size_max, const char **name, struct gh_error *error)
{
    *name = gh_argument(a, flag);
    if (*name == NULL || (strlen(*name) <= size_max &&
                          gh_trace_name((struct gh_text){*name, (uint32_t)strlen(*name)})))
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
    if (plan->format == NULL)
        return gh_error_set(error, GH_EUSAGE,
                            "%s: not a format; formats are azure-trace, mooncake, agent-trace",
                            a->positional[0]);
    if (start != NULL && !gh_time_parse(start, strlen(start), &plan->start_ms))
        return gh_error_set(error, GH_EUSAGE,
                            "--start: %s: a time such as 2026-01-05T09:00:00Z", start);
    status = import_name(a, "actor", GH_STRING_BYTES_MAX - 16, &plan->actor, error);
    if (status == GH_OK)
        status = import_name(a, "team", GH_STRING_BYTES_MAX, &plan->team, error);
    if (status == GH_OK)
        status =
            gh_argument_u64(a, "actors", (struct gh_whole_range){1, 1000000}, &actors, error);
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

static enum gh_status import_run(const struct gh_arguments *a, struct gh_error *error)
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

static const struct gh_flag flags[] = {
    {"start", "TIME", NULL,
     "time of the first call; absent: the trace's own, or 5 January 2026", false},
    {"actor", "NAME", NULL, "who made the calls, or with --actors the start of their names",
     false},
    {"actors", "N", NULL, "deal conversations to N people in turn", false},
    {"days", "N", "0", "let conversations begin evenly over N days", false},
    {"team", "NAME", NULL, "team of everybody", false},
    {"limit", "N", NULL, "write at most N events", false},
};

#define IMPORT_HELP(symbol, name, needs, gives, example) \
    "  " name "\n    " needs "\n    " gives "\n    " example "\n"

const struct gh_command gh_command_import = {
    .name = "import",
    .positional = "FORMAT FILE…",
    .positional_min = 2,
    .positional_max = SIZE_MAX,
    .summary = "turns public traces of model calls into events on standard output",
    .details =
        "Files may be packed (.gz, .xz); '-' is standard input. Events come in order of\n"
        "time, and behind them a tick. What a trace does not tell stays absent. Lines that\n"
        "cannot be read are named and counted on standard error.\n\n"
        "Formats:\n" GH_TRACE_FORMATS(IMPORT_HELP),
    .flag = flags,
    .flag_count = sizeof flags / sizeof *flags,
    .run = import_run,
};
