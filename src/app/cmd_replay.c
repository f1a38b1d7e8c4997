/* cmd_replay.c - `goodhart replay`: the engine over a log, offline. */
#include "app/command.h"
#include "app/inputs.h"
#include "app/outfile.h"
#include "app/pipeline.h"
#include "app/progress.h"
#include "app/replay_summary.h"
#include "edge/ahead.h"
#include "edge/alert.h"
#include "edge/edge_options.h"
#include "edge/threads.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct replay {
    const struct gh_arguments *arguments;
    struct gh_pipeline *pipeline;
    struct gh_outfile alerts, findings, summary, dead_letters;
    const char *source; /* of the CloudEvents */
    uint64_t sequence;
    uint32_t batch;
    struct gh_place place; /* in the file that is being read */
    uint64_t read_ns;
    struct gh_progress progress;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void change_write(void *context, const struct gh_finding *change)
{
    struct replay *r = context;

    r->sequence++;
    if (r->alerts.file)
        gh_outfile_line(&r->alerts, gh_alert_body(change, r->sequence, r->source));
}

static void lost_write(void *context, const struct gh_lost *lost)
{
    struct replay *r = context;

    gh_outfile_line(&r->dead_letters, gh_lost_line(lost));
}

static enum gh_status block_replay(struct replay *r, struct gh_ahead_block *block,
                                   struct gh_error *error)
{
    const char *path = r->arguments->positional[block->file];
    struct gh_tally tally;

    if (r->place.source != path)
        r->place = (struct gh_place){.source = path};
    enum gh_status status = gh_pipeline_decoded(r->pipeline, &block->decoded, &r->place, error);
    if (status == GH_OK)
        status = gh_pipeline_flush(r->pipeline, error);
    gh_pipeline_tally(r->pipeline, &tally);
    gh_progress_update(&r->progress, tally.bytes, tally.pieces, now_ns());
    return status;
}

static enum gh_status files_replay(struct replay *r, struct gh_error *error)
{
    const struct gh_arguments *a = r->arguments;
    const struct gh_service_options *service = gh_config_group(a->config, "service");
    struct gh_ahead_block *block = NULL;
    struct gh_ahead *ahead = NULL;
    enum gh_status status = gh_ahead_new(&ahead, a->positional, a->positional_count,
                                         gh_threads_allowed(service->threads) - 1, error);

    while (status == GH_OK) {
        status = gh_ahead_next(ahead, &block, error);
        if (status != GH_OK || !block)
            break;
        status = block_replay(r, block, error);
    }
    if (status == GH_OK)
        r->read_ns = gh_ahead_read_ns(ahead);
    gh_ahead_free(ahead);
    return status;
}

static enum gh_status log_replay(struct replay *r, struct gh_error *error)
{
    const struct gh_arguments *a = r->arguments;
    enum gh_status status;
    uint64_t total;

    status = gh_inputs_check(a->positional, a->positional_count, &total, error);
    gh_progress_start(&r->progress, stderr, isatty(STDERR_FILENO), total, now_ns());
    if (status == GH_OK)
        status = files_replay(r, error);
    if (status == GH_OK)
        status = gh_pipeline_finish(r->pipeline, error);
    gh_progress_stop(&r->progress);
    return status;
}

static void findings_write(struct replay *r)
{
    struct gh_finding finding;
    uint64_t cursor = 0;

    while (r->findings.file &&
           gh_engine_finding(gh_pipeline_engine(r->pipeline), &cursor, &finding))
        gh_outfile_line(&r->findings, gh_finding_line(&finding));
}

static void results_write(struct replay *r, int64_t started_ns)
{
    const struct gh_service_options *service = gh_config_group(r->arguments->config, "service");
    const int64_t replayed_ns = now_ns();
    struct gh_summary summary = {.files = r->arguments->positional_count,
                                 .shards = service->shards,
                                 .read_seconds = (double)r->read_ns / 1e9};

    findings_write(r);
    summary.findings_seconds = (double)(now_ns() - replayed_ns) / 1e9;
    summary.seconds = (double)(now_ns() - started_ns) / 1e9;
    gh_pipeline_tally(r->pipeline, &summary.tally);
    gh_summary_findings(&summary, gh_pipeline_engine(r->pipeline));
    if (r->summary.file)
        gh_outfile_line(&r->summary, gh_summary_json(&summary));
    if (!r->alerts.file && !r->findings.file)
        gh_summary_print(&summary, stderr);
}

static enum gh_status outputs_open(struct replay *r, struct gh_error *error)
{
    const struct {
        struct gh_outfile *out;
        const char *flag;
    } rows[] = {{&r->alerts, "alerts"},
                {&r->findings, "findings"},
                {&r->summary, "summary"},
                {&r->dead_letters, "dead-letters"}};
    enum gh_status status = GH_OK;

    for (size_t i = 0; status == GH_OK && i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *path = gh_argument(r->arguments, rows[i].flag);

        for (size_t j = 0; path && j < i; j++)
            if (rows[j].out->path && !strcmp(rows[j].out->path, path))
                return gh_error_set(error, GH_EUSAGE, "--%s: %s: is --%s already", rows[i].flag,
                                    path, rows[j].flag);
        status = gh_outfile_open(rows[i].out, path, error);
    }
    return status;
}

static enum gh_status outputs_close(struct replay *r, enum gh_status status,
                                    struct gh_error *error)
{
    struct gh_outfile *const outs[] = {&r->alerts, &r->findings, &r->summary, &r->dead_letters};

    for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
        const enum gh_status closed = gh_outfile_close(outs[i], error);

        status = status == GH_OK ? closed : status;
    }
    return status;
}

/* A flag that is an option of the group "service" by another name. */
static enum gh_status option_read(const struct gh_arguments *a, const char *name,
                                  struct gh_error *error)
{
    uint64_t value = 0;
    char assignment[64];
    const enum gh_status status =
        gh_argument_u64(a, name, (struct gh_whole_range){1, 64}, &value, error);

    if (status != GH_OK || !value)
        return status;
    snprintf(assignment, sizeof(assignment), "service.%s=%" PRIu64, name, value);
    return gh_config_set(a->config, assignment, error);
}

static enum gh_status flags_read(struct replay *r, struct gh_error *error)
{
    const struct gh_arguments *a = r->arguments;
    uint64_t batch = GH_BATCH_DEFAULT;
    enum gh_status status = option_read(a, "shards", error);

    if (status == GH_OK)
        status = option_read(a, "threads", error);
    if (status == GH_OK)
        status = gh_argument_u64(a, "frame", (struct gh_whole_range){1, GH_BATCH_MAX}, &batch,
                                 error);
    gh_config_settle(a->config);
    r->batch = (uint32_t)batch;
    r->source =
        ((const struct gh_alerts_options *)gh_config_group(a->config, "alerts"))->source.text;
    return status;
}

static enum gh_status replay_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    const int64_t started_ns = now_ns();
    struct replay r = {.arguments = arguments};
    struct gh_hooks hooks = {.context = &r, .on_change = change_write};
    enum gh_status status = flags_read(&r, error);

    if (status == GH_OK)
        status = outputs_open(&r, error);
    if (r.dead_letters.file)
        hooks.on_refused = lost_write;
    if (status == GH_OK)
        status = gh_pipeline_new(&r.pipeline, arguments->config, r.batch, &hooks, error);
    if (status == GH_OK)
        status = log_replay(&r, error);
    if (status == GH_OK)
        results_write(&r, started_ns);
    status = outputs_close(&r, status, error);
    gh_pipeline_free(r.pipeline);
    return status;
}

static const struct gh_flag flags[] = {
    {"alerts", "FILE", NULL, "write every alert, as published", false},
    {"findings", "FILE", NULL, "write the last revision of every finding", false},
    {"summary", "FILE", NULL, "write one JSON object that sums it up", false},
    {"dead-letters", "FILE", NULL, "write every event that was refused, and why", false},
    {"shards", "N", NULL, "parts that the actors are dealt to; as service.shards", false},
    {"threads", "N", NULL, "that work at most; as service.threads", false},
    {"frame", "N", "1024", "events offered to the engine at once", false},
};

const struct gh_command gh_command_replay = {
    .name = "replay",
    .positional = "FILE…",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "runs the engine over a log, offline, as fast as it can",
    .details =
        "Files hold events, one JSON object a line or one array, and are read one after\n"
        "the other as one log; gzip and xz are unpacked; '-' is standard input. Two\n"
        "runs over the same files with the same settings write the same bytes. Without\n"
        "--alerts and --findings it shows what was found as a table.\n\n"
        "Example:\n"
        "  goodhart replay events.ndjson --findings found.ndjson --summary -",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = replay_run,
};
