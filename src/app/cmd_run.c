/* cmd_run.c - `goodhart run`: the service. */
#include "app/command.h"
#include "app/harden.h"
#include "app/outfile.h"
#include "app/service.h"
#include "app/signals.h"
#include "edge/alert.h"
#include "edge/hooks/hooks.h"
#include "edge/operate/note.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum gh_status findings_write(const struct gh_service *service, const char *path,
                                     struct gh_error *error)
{
    struct gh_finding finding;
    struct gh_outfile out;
    uint64_t cursor = 0;
    const enum gh_status status = gh_outfile_open(&out, path, error);
    while (out.file &&
           gh_engine_finding(gh_pipeline_engine(service->pipeline), &cursor, &finding))
        gh_outfile_line(&out, gh_finding_line(&finding));
    return status == GH_OK ? gh_outfile_close(&out, error) : status;
}

/* On standard output, and in a file where one is asked for. */
static enum gh_status summary_write(const struct gh_service *service, const char *path,
                                    struct gh_error *error)
{
    const char *const where[] = {"-", path};
    enum gh_status status = GH_OK;
    for (size_t i = 0; i < 2 && status == GH_OK; i++) {
        struct gh_outfile out;
        status = gh_outfile_open(&out, where[i], error);
        if (out.file)
            gh_outfile_line(&out, gh_service_summary(service));
        if (status == GH_OK)
            status = gh_outfile_close(&out, error);
    }
    return status;
}

static enum gh_status service_whole(struct gh_service *service, const struct gh_arguments *a,
                                    struct gh_error *error)
{
    enum gh_status status = gh_service_open(service, a->config, error);
    if (status == GH_OK)
        status = gh_service_run(service, error);
    if (status == GH_OK)
        status = findings_write(service, gh_argument(a, "findings"), error);
    if (status == GH_OK)
        status = summary_write(service, gh_argument(a, "summary"), error);
    gh_service_close(service);
    return status;
}

/* Whether there is anything that is read again while it runs. */
static bool files_named(const struct gh_config *config)
{
    const struct gh_identity_options *identity = gh_config_group(config, "identity");
    const struct gh_service_options *service = gh_config_group(config, "service");
    const struct gh_hooks_options *hooks = gh_config_group(config, "hooks");
    return identity->keys.text[0] || identity->people.text[0] || service->maps.text[0] ||
           gh_hooks_wanted(hooks) || gh_sinks_wanted(gh_config_group(config, "sinks"));
}

static enum gh_status run_run(const struct gh_arguments *a, struct gh_error *error)
{
    const struct gh_log_options *log = gh_config_group(a->config, "log");
    const char *set[GH_REPEATS_MAX];
    struct gh_service service = {.signals = -1};
    double idle_s = 0;
    enum gh_status status = gh_argument_double(
        a, "exit-after-idle", (struct gh_number_range){0, 1e6}, &idle_s, error);
    if (status != GH_OK)
        return status;
    status = gh_note_setup(log->level.text, log->format.text, error);
    if (status != GH_OK)
        return status;
    gh_harden();
    gh_command_parts(a, set, &service.parts);
    service.exit_after_idle_ms = (int64_t)(idle_s * 1000);
    gh_notify_open(&service.notify);
    /* A terminal that hangs up ends what has nothing to read again; a supervisor asks. */
    service.signals =
        gh_signals_open(files_named(a->config) || service.parts.path || service.notify.asked);
    if (service.signals < 0)
        return gh_error_set(error, GH_EIO, "signals: %s", strerror(errno));
    status = gh_outfile_open(&service.alerts, gh_argument(a, "alerts"), error);
    if (status == GH_OK)
        status = service_whole(&service, a, error);
    const enum gh_status closed = gh_outfile_close(&service.alerts, error);
    close(service.signals);
    return status == GH_OK ? closed : status;
}

static const struct gh_flag run_flags[] = {
    {"alerts", "FILE", NULL, "write every alert to FILE too, as published", false},
    {"findings", "FILE", NULL, "at the end, write the last revision of every finding", false},
    {"summary", "FILE", NULL, "at the end, write the counters to FILE too", false},
    {"exit-after-idle", "SECONDS", "0",
     "end when events have come and then none for so long; 0: never", false},
};

const struct gh_command gh_command_run = {
    .name = "run",
    .positional = "",
    .summary = "the service: takes events, detects, publishes alerts",
    .details =
        "Producers push events to intake.pull, subscribers listen on alerts.publish; both are\n"
        "settings. SIGTERM or Ctrl-C ends it: what has arrived is judged and published first,\n"
        "then the counters come on standard output.\n"
        "\n"
        "Example:\n"
        "  goodhart run --set intake.dead_letters=refused.ndjson",
    .flag = run_flags,
    .flag_count = sizeof(run_flags) / sizeof(run_flags[0]),
    .run = run_run,
};
