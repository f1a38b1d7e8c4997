/* import_logs.c - see import_logs.h. */
#include "app/import_logs.h"

#include "app/progress.h"
#include "app/terminal.h"
#include "base/hash.h"
#include "edge/clock.h"
#include "edge/decode.h"
#include "edge/edge_options.h"
#include "edge/fields/people.h"
#include "edge/import/folder.h"
#include "edge/import/import.h"
#include "edge/import/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRANGERS_SHOWN = 20 };

struct logs {
    struct gh_import_plan plan;
    struct gh_maps *maps;
    struct gh_people *people;
    struct gh_strangers *strangers;
    struct gh_paths paths;
    struct gh_import *import;
    struct gh_progress progress;
    uint64_t complaints;
    uint64_t done; /* bytes of the files before this one */
    uint64_t written;
};

void gh_complaint_print(uint64_t *complaints, const char *text)
{
    if (++*complaints <= GH_COMPLAINTS_MAX)
        fprintf(stderr, "%s\n", text);
    else if (*complaints == GH_COMPLAINTS_MAX + 1)
        fprintf(stderr, "(further ones are only counted)\n");
}

static void logs_complain(void *context, const char *text)
{
    struct logs *l = context;

    gh_progress_stop(&l->progress);
    gh_complaint_print(&l->complaints, text);
}

static void logs_explain(void *context, const char *text)
{
    struct logs *l = context;

    gh_progress_stop(&l->progress);
    fprintf(stderr, "%s\n", text);
}

static void logs_moved(void *context, uint64_t bytes)
{
    struct logs *l = context;

    gh_progress_update(&l->progress, l->done + bytes, gh_import_counts(l->import).events,
                       (int64_t)gh_clock_ns());
}

static bool logs_who(void *context, struct gh_event *event)
{
    struct logs *l = context;

    return gh_people_place(l->people, l->strangers, event);
}

static enum gh_status logs_people(struct logs *l, const struct gh_arguments *a,
                                  struct gh_error *error)
{
    const struct gh_identity_options *identity = gh_config_group(a->config, "identity");
    const char *path = gh_argument(a, "people");

    l->strangers = gh_strangers_new();
    if (l->strangers == NULL)
        return gh_error_set(error, GH_EMEMORY, "import: out of memory");
    const enum gh_status status =
        gh_people_load(&l->people, path != NULL ? path : identity->people.text, error);
    if (status == GH_OK && gh_people_count(l->people) > 0)
        l->plan.who = logs_who;
    return status;
}

static enum gh_status logs_maps(struct logs *l, const struct gh_arguments *a,
                                struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(a->config, "service");
    const char *map = gh_argument(a, "map");

    if (map == NULL && strcmp(l->plan.format->name, "csv") == 0)
        return gh_error_set(error, GH_EUSAGE, "csv: --map FILE says what the columns mean");
    return map != NULL ? gh_maps_load_file(&l->maps, map, error)
                       : gh_maps_load(&l->maps, service->maps.text, error);
}

static enum gh_status logs_plan(struct logs *l, const struct gh_arguments *a,
                                struct gh_error *error)
{
    static const char *const of_traces[] = {"start", "actors"};

    l->plan =
        (struct gh_import_plan){.format = gh_import_format_find(a->positional[0]),
                                .actor = gh_argument(a, "actor"),
                                .team = gh_argument(a, "team"),
                                .complain = logs_complain,
                                .explain = gh_argument(a, "explain") ? logs_explain : NULL,
                                .moved = logs_moved,
                                .context = l};
    for (size_t i = 0; i < sizeof of_traces / sizeof *of_traces; i++)
        if (gh_argument(a, of_traces[i]) != NULL)
            return gh_error_set(error, GH_EUSAGE, "--%s: is for traces, %s is none",
                                of_traces[i], l->plan.format->name);
    const enum gh_status status = logs_maps(l, a, error);
    l->plan.maps = l->maps;
    return status == GH_OK ? logs_people(l, a, error) : status;
}

static enum gh_status logs_files(struct logs *l, const struct gh_arguments *a,
                                 struct gh_error *error)
{
    const bool folders = l->plan.format->reader == GH_IMPORT_TRANSCRIPTS;
    enum gh_status status = GH_OK;

    if (a->positional_count == 1)
        return folders ? gh_paths_usual(&l->paths, error)
                       : gh_error_set(error, GH_EUSAGE,
                                      "%s: name its files; '-' is standard "
                                      "input",
                                      a->positional[0]);
    for (size_t i = 1; i < a->positional_count && status == GH_OK; i++)
        status = folders ? gh_paths_add(&l->paths, a->positional[i], error)
                         : gh_paths_keep(&l->paths, a->positional[i], error);
    return status;
}

/* Of what is no file nobody knows how long it is. */
static uint64_t file_size(const char *path)
{
    struct stat about;

    return strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode)
               ? (uint64_t)about.st_size
               : 0;
}

static enum gh_status logs_read(struct logs *l, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    uint64_t total = 0;
    bool known = true;

    for (uint32_t i = 0; i < l->paths.count; i++) {
        known &= file_size(l->paths.path[i]) > 0;
        total += file_size(l->paths.path[i]);
    }
    gh_progress_start(&l->progress, stderr, isatty(STDERR_FILENO), known ? total : 0,
                      (int64_t)gh_clock_ns());
    for (uint32_t i = 0; i < l->paths.count && status == GH_OK; i++) {
        status = gh_import_file(l->import, l->paths.path[i], error);
        l->done += file_size(l->paths.path[i]);
        logs_moved(l, 0);
    }
    gh_progress_stop(&l->progress);
    return status;
}

static enum gh_status line_write(struct gh_text line, struct gh_error *error)
{
    return fwrite(line.at, 1, line.size, stdout) == line.size
               ? GH_OK
               : gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno));
}

/* Logs have gaps, and their last calls may lie far ahead of all others: a tick says that this
 * is their time. */
static enum gh_status tick_write(int64_t at_ms, uint64_t last, struct gh_error *error)
{
    char id[32], line[256];
    const int size = snprintf(id, sizeof id, "end:%016" PRIx64, last);
    const struct gh_event tick = {.kind = GH_TICK,
                                  .ts_ms = at_ms,
                                  .id = {id, (uint32_t)size},
                                  .present = UINT64_C(1) << GH_KEY_kind |
                                             UINT64_C(1) << GH_KEY_id |
                                             UINT64_C(1) << GH_KEY_ts};

    return line_write((struct gh_text){line, (uint32_t)gh_encode(&tick, line, sizeof line)},
                      error);
}

/* What is known of people, as of the first event. */
static enum gh_status profiles_write(struct logs *l, int64_t at_ms, struct gh_error *error)
{
    static char line[6 * GH_EVENT_BYTES_MAX];
    struct gh_event event;
    enum gh_status status = GH_OK;

    for (uint32_t i = 0; i < gh_people_count(l->people) && status == GH_OK; i++) {
        if (!gh_people_profile(l->people, i, at_ms, &event))
            continue;
        const struct gh_text text = {line, (uint32_t)gh_encode(&event, line, sizeof line)};
        status = line_write(text, error);
    }
    return status;
}

static enum gh_status logs_write(struct logs *l, uint64_t limit, struct gh_error *error)
{
    struct gh_text line = {0};
    int64_t at_ms = 0;
    uint64_t last = 0;
    enum gh_status status = GH_OK;

    while (l->written < limit) {
        status = gh_import_next(l->import, &at_ms, &line, error);
        if (status != GH_OK || line.at == NULL)
            break;
        last = gh_hash_seeded(line.at, line.size, last);
        if (l->written == 0)
            status = profiles_write(l, at_ms, error);
        if (status == GH_OK)
            status = line_write(line, error);
        if (status != GH_OK)
            break;
        l->written++;
    }
    if (status == GH_OK && l->written > 0)
        status = tick_write(at_ms, last, error);
    if (status == GH_OK && fflush(stdout) != 0)
        return gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno));
    return status;
}

static void count_print(uint64_t count, const char *what)
{
    if (count > 0)
        fprintf(stderr, "import: %" PRIu64 " %s\n", count, what);
}

static void strangers_print(const struct gh_strangers *strangers)
{
    const uint32_t count = gh_strangers_count(strangers);

    count_print(gh_strangers_events(strangers),
                "events are of accounts that are nobody's in the people file:");
    for (uint32_t i = 0; i < count && i < STRANGERS_SHOWN; i++) {
        const struct gh_stranger stranger = gh_strangers_at(strangers, i);
        fputs("  ", stderr);
        gh_terminal_text(stderr, stranger.account);
        fprintf(stderr, " (%" PRIu64 ")\n", stranger.events);
    }
    if (count > STRANGERS_SHOWN)
        fprintf(stderr, "  and %" PRIu32 " more\n", count - STRANGERS_SHOWN);
}

static enum gh_status logs_sum_up(const struct logs *l, struct gh_error *error)
{
    const struct gh_import_counts counts = gh_import_counts(l->import);

    fprintf(stderr, "import: %" PRIu64 " events written, %" PRIu64 " lines or files refused\n",
            l->written, counts.bad);
    count_print(counts.repeats, "lines told the same call again");
    count_print(counts.copies, "calls were copies in a subagent's file");
    count_print(counts.sums, "records are sums of what others tell one by one, left out");
    count_print(counts.known, "records tell of no call");
    count_print(counts.unknown, "records are of no source that a map knows");
    strangers_print(l->strangers);
    count_print(counts.clamped, "counts were smaller than what they hold, and became 0");
    return l->written == 0 && counts.bad > 0
               ? gh_error_set(error, GH_EFORMAT, "nothing could be read")
               : GH_OK;
}

enum gh_status gh_import_logs(const struct gh_arguments *arguments, struct gh_error *error)
{
    uint64_t limit = UINT64_MAX;
    struct logs l = {.written = 0};
    enum gh_status status = logs_plan(&l, arguments, error);

    if (status == GH_OK)
        status = gh_argument_u64(arguments, "limit", (struct gh_whole_range){1, UINT64_MAX},
                                 &limit, error);
    if (status == GH_OK)
        status = logs_files(&l, arguments, error);
    if (status == GH_OK)
        status = gh_import_new(&l.import, &l.plan, error);
    if (status == GH_OK)
        status = logs_read(&l, error);
    if (status == GH_OK)
        status = logs_write(&l, limit, error);
    if (status == GH_OK)
        status = logs_sum_up(&l, error);
    gh_import_free(l.import);
    gh_paths_free(&l.paths);
    gh_people_free(l.people);
    gh_strangers_free(l.strangers);
    gh_maps_free(l.maps);
    return status;
}
