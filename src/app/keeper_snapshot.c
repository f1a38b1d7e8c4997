/* keeper_snapshot.c - snapshots by a child process, which has the engine's memory as it was
 * when it was made while the service goes on; and retention. */
#include "app/keeper_inside.h"
#include "edge/clock.h"
#include "edge/operate/note.h"
#include "stat/fingerprint.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RETENTION_EVERY_MS = 3600000, DAY_MS = 86400000 };

/* A gh_carrier over a writer. */
struct writing {
    struct gh_snapshot_writer *writer;
    struct gh_error *error;
};

static bool writing_move(void *context, void *at, size_t size)
{
    struct writing *w = context;

    return gh_snapshot_write(w->writer, at, size, w->error) == GH_OK;
}

static unsigned char nibble(char digit)
{
    return (unsigned char)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static struct gh_snapshot_head head_of(const struct gh_keeper *k, struct gh_pipeline *pipeline)
{
    struct gh_snapshot_head head = {.position = k->position,
                                    .alert_sequence = k->sequence,
                                    .newest_ms =
                                        gh_engine_newest_ms(gh_pipeline_engine(pipeline)),
                                    .fingerprint = gh_numeric_fingerprint(),
                                    .engine = GH_VERSION};

    for (size_t i = 0; i < sizeof head.configuration; i++)
        head.configuration[i] =
            (unsigned char)(nibble(k->basis[2 * i]) << 4 | nibble(k->basis[2 * i + 1]));
    return head;
}

enum gh_status gh_keeper_snapshot(const struct gh_keeper *k, struct gh_pipeline *pipeline,
                                  struct gh_error *error)
{
    const struct gh_snapshot_setup setup = {.folder = gh_log_folder(k->log),
                                            .compression = k->options->compression};
    const struct gh_snapshot_head head = head_of(k, pipeline);
    struct gh_snapshot_writer *writer;
    enum gh_status status = gh_snapshot_begin(&writer, &setup, &head, error);

    if (status != GH_OK)
        return status;
    struct writing writing = {writer, error};
    status = gh_engine_save(gh_pipeline_engine(pipeline),
                            &(struct gh_carrier){&writing, writing_move});
    if (status == GH_OK)
        return gh_snapshot_commit(writer, error);
    gh_snapshot_abort(writer);
    return gh_error_set(error, status, "snapshot: %s", gh_status_text(status));
}

/* Does not outlive the service, so that nobody else's files are touched. */
static _Noreturn void child_run(const struct gh_keeper *k, struct gh_pipeline *pipeline,
                                pid_t parent)
{
    struct gh_error error = {0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    _exit(gh_keeper_snapshot(k, pipeline, &error) == GH_OK ? 0 : 1);
}

void gh_keeper_child(struct gh_keeper *k, bool wait)
{
    int how = 0;
    pid_t ended;

    if (k->child == 0)
        return;
    do {
        ended = waitpid(k->child, &how, wait ? 0 : WNOHANG);
    } while (ended < 0 && errno == EINTR);
    if (ended == 0)
        return;
    k->child = 0;
    if (ended > 0 && WIFEXITED(how) && WEXITSTATUS(how) == 0) {
        k->snapshots++;
        k->kept = k->child_kept;
        k->kept_ms = k->child_ms;
        return;
    }
    k->snapshots_failed++;
    gh_note(GH_NOTE_snapshot_failed, "a snapshot failed; the last one is of position %llu",
            (unsigned long long)k->kept);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void child_start(struct gh_keeper *k, struct gh_pipeline *pipeline)
{
    const double started = now_s();
    const pid_t parent = getpid(), child = fork();

    if (child == 0)
        child_run(k, pipeline, parent);
    k->pause_s = now_s() - started > k->pause_s ? now_s() - started : k->pause_s;
    if (child < 0) {
        k->snapshots_failed++;
        gh_note(GH_NOTE_snapshot_failed, "no process for a snapshot: %s", strerror(errno));
        return;
    }
    k->child = child;
    k->child_kept = k->position;
    k->child_ms = gh_clock_wall_ms();
}

/* What is too old or too much goes, but nothing that a start needs. Age is event time, so
 * that what was recorded long ago is not gone as soon as it is read in. */
static void retention_run(struct gh_keeper *k, int64_t newest_ms)
{
    const int64_t days = k->options->retention_days,
                  before_ms = days > 0 ? newest_ms - days * DAY_MS : 0;
    struct gh_log_prune rule = {.before_ms = before_ms,
                                .keep_bytes = (uint64_t)k->options->retention_bytes};
    struct gh_log_pruned pruned;
    struct gh_error error = {0};
    uint64_t removed = 0;

    if (!gh_snapshot_oldest(gh_log_folder(k->log), &rule.needed))
        return;
    if (gh_log_prune(k->log, &rule, &pruned, &error) != GH_OK ||
        (before_ms > 0 && gh_ledger_prune(k->ledger, before_ms, &removed, &error) != GH_OK))
        gh_note(GH_NOTE_retention_failed, "retention: %s", error.text);
}

void gh_keeper_tick(struct gh_keeper *k, struct gh_pipeline *pipeline)
{
    const int64_t now_ms = gh_clock_ms();
    struct gh_error error = {0};

    gh_keeper_child(k, false);
    if (now_ms >= k->snapshot_ms && k->record_due &&
        gh_keeper_settings_write(k, &error) != GH_OK)
        gh_note(GH_NOTE_settings, "settings.db: %s: tried again with the next snapshot",
                error.text);
    if (now_ms >= k->snapshot_ms) {
        k->snapshot_ms = now_ms + (int64_t)k->options->snapshot_interval * 1000;
        if (k->child == 0 && k->position > k->kept && !k->record_due)
            child_start(k, pipeline);
    }
    if (now_ms >= k->retention_ms) {
        k->retention_ms = now_ms + RETENTION_EVERY_MS;
        retention_run(k, gh_engine_newest_ms(gh_pipeline_engine(pipeline)));
    }
}
