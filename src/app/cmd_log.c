/* cmd_log.c - `goodhart log`: is the log whole, what is in it, and away with what is old. */
#include "app/command.h"

#include "base/civil.h"
#include "edge/json.h"
#include "store/log.h"
#include "store/snapshot.h"
#include "store/store_options.h"
#include "store/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct gh_store_options *options_of(const struct gh_arguments *a)
{
    return gh_config_group(a->config, "store");
}

static const char *folder_of(const struct gh_arguments *a)
{
    return a->positional_count > 1 ? a->positional[1] : options_of(a)->folder.text;
}

static enum gh_status line_put(struct gh_json *json, struct gh_error *error)
{
    char *line = gh_json_take(json);
    const bool written = line && puts(line) >= 0;
    const enum gh_status status =
        written ? GH_OK
        : line  ? gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno))
                : gh_error_set(error, GH_EMEMORY, "log: out of memory");

    free(line);
    return status;
}

static void count_put(struct gh_json *json, const char *key, uint64_t value)
{
    gh_json_key(json, key);
    gh_json_count(json, value);
}

static void text_put(struct gh_json *json, const char *key, const char *value)
{
    gh_json_key(json, key);
    gh_json_string(json, value);
}

struct telling {
    enum gh_status status; /* of writing faults down */
    struct gh_error *error;
};

static void fault_tell(void *context, const struct gh_verify_fault *fault)
{
    struct telling *telling = context;
    struct gh_json json = {0};

    if (telling->status != GH_OK)
        return;
    gh_json_open(&json, '{');
    text_put(&json, "file", fault->file);
    text_put(&json, "row", fault->row);
    text_put(&json, "problem", fault->problem);
    gh_json_close(&json, '}');
    telling->status = line_put(&json, telling->error);
}

static enum gh_status log_verify(const struct gh_arguments *a, struct gh_error *error)
{
    struct telling telling = {GH_OK, error};
    struct gh_verified v;
    struct gh_json json = {0};
    enum gh_status status = gh_store_verify(folder_of(a), fault_tell, &telling, &v, error);

    if (status == GH_OK)
        status = telling.status;
    if (status != GH_OK)
        return status;
    gh_json_open(&json, '{');
    count_put(&json, "segments", v.segments);
    count_put(&json, "first", v.first);
    count_put(&json, "next", v.next);
    count_put(&json, "runs", v.runs);
    count_put(&json, "events", v.events);
    count_put(&json, "bytes", v.raw_bytes);
    count_put(&json, "alerts", v.alerts);
    count_put(&json, "findings", v.findings);
    count_put(&json, "snapshots", v.snapshots);
    count_put(&json, "changes", v.changes);
    count_put(&json, "faults", v.faults);
    gh_json_close(&json, '}');
    status = line_put(&json, error);
    if (status == GH_OK && v.faults)
        status = gh_error_set(error, GH_EFORMAT, "%s: %" PRIu64 " fault%s", folder_of(a),
                              v.faults, v.faults == 1 ? "" : "s");
    return status;
}

struct export
{
    uint64_t from, until, events, settings;
    bool records;
};

/* The lines of the run whose positions are wanted; a position is a line. */
/* One line about one position, whatever stands there. */
static enum gh_status record_print(const struct gh_run *run, uint64_t position,
                                   struct gh_text line, struct gh_error *error)
{
    static const char *const kinds[] = {
        [GH_RUN_EVENTS] = "event", [GH_RUN_SETTINGS] = "basis", [GH_RUN_LOSSES] = "lost"};
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "position");
    gh_json_count(&json, position);
    gh_json_key(&json, "owner");
    gh_json_text(&json, run->owner);
    gh_json_key(&json, kinds[run->kind]);
    if (run->kind == GH_RUN_SETTINGS)
        gh_json_text(&json, line);
    else
        gh_json_raw(&json, line.at, line.size);
    if (run->kind == GH_RUN_SETTINGS && line.size + 1 < run->raw_size) {
        gh_json_key(&json, "change");
        gh_json_raw(&json, line.at + line.size + 1, run->raw_size - line.size - 1);
    }
    gh_json_close(&json, '}');
    return line_put(&json, error);
}

static enum gh_status run_records(struct export *export, const struct gh_run *run,
                                  struct gh_error *error)
{
    const char *at = run->raw, *const end = run->raw + run->raw_size;
    const uint64_t behind = run->first + run->count,
                   until = behind < export->until ? behind : export->until;
    enum gh_status status = GH_OK;

    for (uint64_t position = run->first; status == GH_OK && at < end && position < until;
         position++) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        if (position >= export->from)
            status =
                record_print(run, position,
                             (struct gh_text){at, (uint32_t)((line ? line : end) - at)}, error);
        export->events += position >= export->from && run->kind == GH_RUN_EVENTS;
        at = line ? line + 1 : end;
    }
    export->settings += run->kind == GH_RUN_SETTINGS;
    return status;
}

static enum gh_status run_export(struct export *export, const struct gh_run *run,
                                 struct gh_error *error)
{
    if (export->records)
        return run_records(export, run, error);
    const char *at = run->raw, *const end = run->raw + run->raw_size, *first = NULL;
    uint64_t position = run->first;

    if (run->kind != GH_RUN_EVENTS) {
        export->settings++;
        return GH_OK;
    }
    for (; at < end && position < export->until; position++) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        if (position >= export->from) {
            first = first ? first : at;
            export->events++;
        }
        at = line ? line + 1 : end;
    }
    if (first && fwrite(first, 1, (size_t)(at - first), stdout) != (size_t)(at - first))
        return gh_error_set(error, GH_EIO, "standard output: %s", strerror(errno));
    return GH_OK;
}

static enum gh_status log_export(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_whole_range any = {0, INT64_MAX};
    struct export export = {.until = INT64_MAX, .records = gh_argument(a, "records") != NULL};
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    enum gh_status status = gh_argument_u64(a, "from", any, &export.from, error);

    if (status == GH_OK)
        status = gh_argument_u64(a, "until", any, &export.until, error);
    if (status == GH_OK)
        status = gh_log_cursor_open(&cursor, folder_of(a), NULL, export.from, error);
    while (status == GH_OK) {
        status = gh_log_cursor_next(cursor, &run, error);
        if (status != GH_OK || !run || run->first >= export.until)
            break;
        status = run_export(&export, run, error);
    }
    gh_log_cursor_close(cursor);
    fprintf(stderr,
            "log: %" PRIu64 " events written, %" PRIu64 " changes of settings left out\n",
            export.events, export.settings);
    return status;
}

static enum gh_status prune_rule(const struct gh_arguments *a, struct gh_log_prune *rule,
                                 struct gh_error *error)
{
    const char *before = gh_argument(a, "before");
    enum gh_status status = gh_argument_u64(
        a, "keep-bytes", (struct gh_whole_range){1, INT64_MAX}, &rule->keep_bytes, error);

    if (status != GH_OK)
        return status;
    if (before && !gh_time_parse(before, strlen(before), &rule->before_ms))
        return gh_error_set(error, GH_EUSAGE,
                            "--before: %s: a time such as 2026-01-05T09:00:00Z", before);
    if (!before && !rule->keep_bytes)
        return gh_error_set(error, GH_EUSAGE, "log prune: --before TIME or --keep-bytes N");
    rule->pretend = gh_argument(a, "dry-run") != NULL;
    return GH_OK;
}

/* Opening for writing would make a log where there is none. */
static enum gh_status log_present(const char *folder, struct gh_error *error)
{
    struct gh_log_cursor *cursor = NULL;
    const enum gh_status status = gh_log_cursor_open(&cursor, folder, NULL, INT64_MAX, error);

    gh_log_cursor_close(cursor);
    return status;
}

static enum gh_status pruned_tell(const struct gh_log_prune *rule,
                                  const struct gh_log_pruned *pruned, struct gh_error *error)
{
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "removed");
    gh_json_bool(&json, !rule->pretend);
    count_put(&json, "segments", pruned->segments);
    count_put(&json, "events", pruned->events);
    count_put(&json, "bytes", pruned->bytes);
    count_put(&json, "first", pruned->first);
    count_put(&json, "needed", rule->needed);
    gh_json_close(&json, '}');
    return line_put(&json, error);
}

/* Without a snapshot the engine needs the log from its begin. */
static enum gh_status log_prune(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_store_options *options = options_of(a);
    const struct gh_log_setup setup = {.folder = folder_of(a),
                                       .segment_bytes = options->segment_bytes,
                                       .compression = options->compression,
                                       .streams = options->streams};
    struct gh_log_prune rule = {0};
    struct gh_log_pruned pruned = {0};
    struct gh_log *log = NULL;
    enum gh_status told, status = prune_rule(a, &rule, error);

    if (status == GH_OK)
        status = log_present(setup.folder, error);
    if (status == GH_OK)
        status = gh_log_open(&log, &setup, error);
    if (status != GH_OK)
        return status;
    if (!gh_snapshot_oldest(setup.folder, &rule.needed))
        fprintf(stderr, "log: there is no snapshot, so all of the log is needed\n");
    status = gh_log_prune(log, &rule, &pruned, error);
    told = pruned_tell(&rule, &pruned, error);
    gh_log_close(log);
    return status == GH_OK ? told : status;
}

static enum gh_status log_run(const struct gh_arguments *a, struct gh_error *error)
{
    static const struct {
        const char *name;
        enum gh_status (*run)(const struct gh_arguments *, struct gh_error *);
    } actions[] = {{"verify", log_verify}, {"export", log_export}, {"prune", log_prune}};

    if (!folder_of(a)[0])
        return gh_error_set(error, GH_EUSAGE,
                            "log: which folder? Name it, or set store.folder");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (!strcmp(a->positional[0], actions[i].name))
            return actions[i].run(a, error);
    return gh_error_set(error, GH_EUSAGE, "log: %s: must be verify, export or prune",
                        a->positional[0]);
}

static const struct gh_flag flags[] = {
    {"from", "POSITION", NULL, "export: the first position; absent: the log's first", false},
    {"until", "POSITION", NULL, "export: the first position that is left out", false},
    {"records", NULL, NULL,
     "export: everything with its position and the key that handed it in, not events alone",
     false},
    {"before", "TIME", NULL, "prune: segments all of whose events are older", false},
    {"keep-bytes", "N", NULL, "prune: the oldest segments while the log is larger", false},
    {"dry-run", NULL, NULL, "prune: say what would be removed, remove nothing", false},
};

const struct gh_command gh_command_log = {
    .name = "log",
    .positional = "verify|export|prune [FOLDER]",
    .positional_min = 1,
    .positional_max = 2,
    .summary = "verifies, exports or prunes the log of a service",
    .details =
        "FOLDER is that of store.folder when it is left out.\n\n"
        "verify  reads log, ledger, changes and snapshots and prints each fault as a line of\n"
        "        JSON, then a summary; exit status 1 when there is a fault\n"
        "export  writes events to standard output, for 'goodhart replay'; they name people\n"
        "prune   removes whole old segments, never what the oldest snapshot needs, and says\n"
        "        what it has removed; the service must not be running\n\n"
        "Example:\n"
        "  goodhart log verify /var/lib/goodhart\n"
        "  goodhart log export /var/lib/goodhart --from 5000000 > events.ndjson",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = log_run,
};
