/* run.c - see run.h. */
#include "app/tune/run.h"

#include "app/basis.h"
#include "app/progress.h"
#include "base/civil.h"
#include "edge/edge_options.h"
#include "engine/options.h"
#include "store/changes.h"
#include "store/store_options.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- flags --- */

/* "2026-11-20" is the beginning of the day in UTC. */
static enum gh_status time_read(const struct gh_arguments *a, const char *flag,
                                int64_t *time_ms, struct gh_error *error)
{
    const char *value = gh_argument(a, flag);
    char text[GH_TIME_TEXT_SIZE + 16];

    if (!value)
        return GH_OK;
    snprintf(text, sizeof text, "%sT00:00:00Z", value);
    if (gh_time_parse(value, strlen(value), time_ms) ||
        gh_time_parse(text, strlen(text), time_ms))
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "--%s: %s: a day such as 2026-11-20 or a time such as "
                        "2026-11-20T09:30:00Z",
                        flag, value);
}

static enum gh_status price_read(const struct gh_arguments *a, struct gh_worth_price *price,
                                 struct gh_error *error)
{
    const struct gh_number_range usd = {0, 1e9};
    enum gh_status status;

    *price = GH_WORTH_PRICE_DEFAULT;
    status = gh_argument_double(a, "cost-accusation", usd, &price->accusation_usd, error);
    if (status == GH_OK)
        status = gh_argument_double(a, "cost-alarm", usd, &price->alarm_usd, error);
    if (status == GH_OK)
        status = gh_argument_double(a, "cost-waste", usd, &price->waste, error);
    if (status == GH_OK)
        status = gh_argument_double(a, "reviewer-error", (struct gh_number_range){0, 0.4},
                                    &price->error, error);
    return status;
}

static enum gh_status stretch_read(struct gh_tune_job *job, struct gh_error *error)
{
    enum gh_status status = time_read(job->arguments, "from", &job->from_ms, error);

    if (status == GH_OK)
        status = time_read(job->arguments, "until", &job->until_ms, error);
    if (status == GH_OK && job->from_ms >= job->until_ms)
        return gh_error_set(error, GH_EUSAGE, "--until: must be after --from");
    return status;
}

static enum gh_status labels_read(struct gh_tune_job *job, struct gh_error *error)
{
    const char *path = gh_argument(job->arguments, "labels");

    if (!path)
        return GH_OK;
    job->price.error = 0.0;
    return gh_tune_labels_read(&job->labels, path, error);
}

static bool basis_take(void *context, const struct gh_kept_change *change)
{
    char *basis = context;

    snprintf(basis, GH_BASIS_SIZE, "%.*s", (int)change->basis.size, change->basis.at);
    return false;
}

/* The basis that held last, by its hash; "": the folder has no record of settings. */
static enum gh_status basis_read(const char *folder, char basis[GH_BASIS_SIZE],
                                 struct gh_error *error)
{
    const struct gh_kept_page newest = {.number = INT64_MAX, .limit = 1, .newest = true};
    struct gh_kept_changes *changes = NULL;
    gchar *path = g_build_filename(folder, "settings.db", NULL);
    enum gh_status status = GH_OK;

    basis[0] = '\0';
    if (access(path, F_OK) == 0) {
        status = gh_kept_changes_open_reader(&changes, folder, error);
        if (status == GH_OK)
            status = gh_kept_changes_read(changes, &newest, basis_take, basis, error);
        gh_kept_changes_close(changes);
    }
    g_free(path);
    return status;
}

/* What the command line says, on top of `config`. */
static enum gh_status said_add(struct gh_config *config, const struct gh_arguments *a,
                               struct gh_error *error)
{
    const char *set[GH_REPEATS_MAX];
    struct gh_config_parts parts;
    enum gh_status status = GH_OK;

    gh_command_parts(a, set, &parts);
    if (parts.path)
        status = gh_config_file(config, parts.path, error);
    for (size_t i = 0; status == GH_OK && i < parts.set_count; i++)
        status = gh_config_set(config, parts.set[i], error);
    return status;
}

static enum gh_status in_force_read(struct gh_tune_job *job, struct gh_error *error)
{
    char basis[GH_BASIS_SIZE] = "";
    enum gh_status status = GH_OK;

    if (job->folder)
        status = basis_read(job->folder, basis, error);
    if (status == GH_OK && basis[0]) {
        status = gh_basis_config(job->folder, basis, &job->in_force, error);
        if (status == GH_OK)
            status = said_add(job->in_force, job->arguments, error);
    } else if (status == GH_OK) {
        status = gh_config_copy(&job->in_force, job->arguments->config, error);
    }
    if (status == GH_OK)
        gh_config_settle(job->in_force);
    return status;
}

enum gh_status gh_tune_job_read(struct gh_tune_job *job, const struct gh_arguments *a,
                                size_t first, struct gh_error *error)
{
    const struct gh_store_options *store = gh_config_group(a->config, "store");
    enum gh_status status;

    *job = (struct gh_tune_job){.arguments = a,
                                .path = a->positional + first,
                                .path_count = a->positional_count - first,
                                .from_ms = INT64_MIN,
                                .until_ms = INT64_MAX};
    if (job->path_count == 0)
        job->folder = store->folder.text;
    if (job->path_count == 0 && job->folder[0] == '\0')
        return gh_error_set(error, GH_EUSAGE,
                            "tune: no past to look at: name a FILE of events, or the folder of "
                            "a service with --set store.folder=FOLDER");
    status = in_force_read(job, error);
    if (status == GH_OK)
        status = stretch_read(job, error);
    if (status == GH_OK)
        status = price_read(a, &job->price, error);
    return status == GH_OK ? labels_read(job, error) : status;
}

void gh_tune_job_free(struct gh_tune_job *job)
{
    gh_config_free(job->in_force);
    job->in_force = NULL;
    gh_tune_labels_free(job->labels);
    job->labels = NULL;
}

/* --- cases --- */

static void tried_free(gpointer p)
{
    struct gh_tune_tried *t = p;

    g_free(t->name);
    gh_config_free(t->config);
    gh_tune_comparison_free(&t->comparison);
    gh_tune_outcome_free(&t->outcome);
    g_free(t);
}

struct gh_tune_tried *gh_tune_run_add(struct gh_tune_run *run, struct gh_config *config,
                                      const char *name)
{
    struct gh_tune_tried *t = g_new0(struct gh_tune_tried, 1);

    t->name = g_strdup(name);
    t->config = config;
    t->value = NAN;
    if (config)
        gh_config_settle(config);
    gh_tune_outcome_init(&t->outcome);
    g_ptr_array_add(run->tried, t);
    return t;
}

void gh_tune_run_init(struct gh_tune_run *run, const struct gh_tune_job *job)
{
    *run = (struct gh_tune_run){.job = job,
                                .tried = g_ptr_array_new_with_free_func(tried_free),
                                .verdicts = gh_verdicts_new(),
                                .first_date = INT32_MAX,
                                .last_ms = INT64_MIN};
    gh_tune_run_add(run, NULL, "now");
}

void gh_tune_run_free(struct gh_tune_run *run)
{
    if (run->tried)
        g_ptr_array_free(run->tried, TRUE);
    gh_verdicts_free(run->verdicts);
    gh_worth_free(run->worth);
    *run = (struct gh_tune_run){NULL};
}

size_t gh_tune_tried_count(const struct gh_tune_run *run)
{
    return run->tried->len;
}

static struct gh_tune_tried *tried_at(const struct gh_tune_run *run, size_t index)
{
    return g_ptr_array_index(run->tried, index);
}

const struct gh_tune_tried *gh_tune_tried_at(const struct gh_tune_run *run, size_t index)
{
    return tried_at(run, index);
}

/* --- one run --- */

/* Whose change it is. */
struct listener {
    struct gh_tune_run *run;
    uint32_t index;
};

static void change_take(void *context, const struct gh_finding *change)
{
    struct listener *l = context;

    gh_tune_outcome_change(&tried_at(l->run, l->index)->outcome, change);
    gh_worth_change(l->run->worth, l->index, change);
}

static void verdict_take(void *context, const struct gh_event *verdict)
{
    struct gh_tune_run *run = context;

    gh_verdicts_hear(run->verdicts, verdict);
}

static void day_take(void *context, struct gh_engine *engine, const struct gh_seen_day *seen)
{
    struct gh_tune_run *run = context;

    (void)seen;
    if (run->first_date == INT32_MAX)
        run->first_date = gh_inspect_epoch(engine).first_date;
    run->last_ms = gh_engine_newest_ms(engine);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void progress_draw(void *context, uint64_t done, uint64_t total)
{
    struct gh_progress *progress = context;

    progress->total = total;
    progress->only_share = true;
    gh_progress_update(progress, done, GH_PROGRESS_UNCOUNTED, now_ns());
}

static enum gh_status cases_run(struct gh_tune_run *run, struct gh_whatif_case *cases,
                                struct gh_error *error)
{
    const struct gh_tune_job *job = run->job;
    const struct gh_service_options *service =
        gh_config_group(job->arguments->config, "service");
    struct gh_progress progress;
    const struct gh_whatif_plan plan = {
        .path = job->path,
        .path_count = job->path_count,
        .folder = job->folder,
        .from_ms = job->from_ms,
        .until_ms = job->until_ms,
        .cases = cases,
        .case_count = run->tried->len,
        .progress = progress_draw,
        .progress_context = &progress,
        .threads = service->threads,
    };

    gh_progress_start(&progress, stderr, isatty(STDERR_FILENO), 0, now_ns());
    const enum gh_status status = gh_whatif_run(&plan, error);
    gh_progress_stop(&progress);
    return status;
}

static const struct gh_evidence_options *evidence_of(const struct gh_tune_run *run)
{
    return gh_config_group(run->job->in_force, "evidence");
}

int64_t gh_tune_taught_ms(const struct gh_tune_run *run)
{
    return (run->first_date + (int64_t)evidence_of(run)->burn_in) * GH_MS_PER_DAY;
}

/* Where nobody is judged, no setting finds anything, and that would look like an answer. */
static enum gh_status judged_check(const struct gh_tune_run *run, struct gh_error *error)
{
    const uint32_t grace = evidence_of(run)->grace;
    int64_t until_ms, from_ms;

    if (run->first_date == INT32_MAX)
        return gh_error_set(error, GH_EFORMAT,
                            "tune: too short: not one day of the log was over; the first %u "
                            "days only teach what is usual (evidence.grace)",
                            grace);
    gh_tune_stretch(run, &from_ms, &until_ms);
    if (until_ms <= (run->first_date + (int64_t)grace) * GH_MS_PER_DAY)
        return gh_error_set(error, GH_EFORMAT,
                            "tune: too short: the stretch ends within the first %u days of the "
                            "log, which only teach what is usual (evidence.grace)",
                            grace);
    return GH_OK;
}

static void cases_judge(struct gh_tune_run *run)
{
    const struct gh_worth_scope all = {.level = GH_TUNE_LEVEL};

    for (size_t i = 0; i < run->tried->len; i++) {
        struct gh_tune_tried *t = tried_at(run, i);

        gh_tune_outcome_end(&t->outcome);
        if (run->job->labels)
            gh_tune_labels_judge(run->job->labels, &t->outcome, run->verdicts);
    }
    gh_verdicts_count(run->verdicts, &run->heard);
    gh_worth_settle(run->worth, run->verdicts);
    for (uint32_t i = 0; i < run->tried->len; i++) {
        struct gh_tune_tried *t = tried_at(run, i);

        gh_tune_compare(&t->comparison, &tried_at(run, 0)->outcome, &t->outcome);
        gh_worth_of(run->worth, i, &all, &t->worth);
        gh_worth_compare(run->worth, 0, i, &all, &t->gain);
    }
}

enum gh_status gh_tune_run_go(struct gh_tune_run *run, struct gh_error *error)
{
    const uint32_t count = run->tried->len;
    const struct gh_watch watch = {.context = run, .day = day_take, .heard = verdict_take};
    struct gh_whatif_case *cases = g_new0(struct gh_whatif_case, count);
    struct listener *listeners = g_new0(struct listener, count);
    enum gh_status status;

    run->worth = gh_worth_new(count, &run->job->price);
    for (uint32_t i = 0; i < count; i++) {
        const struct gh_config *config = tried_at(run, i)->config;

        listeners[i] = (struct listener){run, i};
        cases[i] = (struct gh_whatif_case){.config = config ? config : run->job->in_force,
                                           .watch = i == 0 ? &watch : NULL,
                                           .context = &listeners[i],
                                           .on_change = change_take};
    }
    status = cases_run(run, cases, error);
    if (status == GH_OK)
        status = judged_check(run, error);
    for (uint32_t i = 0; i < count; i++)
        tried_at(run, i)->totals = cases[i].totals;
    if (status == GH_OK)
        cases_judge(run);
    g_free(listeners);
    g_free(cases);
    return status;
}

/* --- what was looked at --- */

bool gh_tune_judged(const struct gh_tune_run *run)
{
    return run->heard.right + run->heard.wrong > 0;
}

void gh_tune_stretch(const struct gh_tune_run *run, int64_t *from_ms, int64_t *until_ms)
{
    const int64_t first_ms = run->first_date * GH_MS_PER_DAY;

    *from_ms = run->job->from_ms > first_ms ? run->job->from_ms : first_ms;
    *until_ms = run->job->until_ms < run->last_ms ? run->job->until_ms : run->last_ms;
}

double gh_tune_days(const struct gh_tune_run *run)
{
    int64_t from_ms, until_ms;

    gh_tune_stretch(run, &from_ms, &until_ms);
    return fmax((double)(until_ms - from_ms) / (double)GH_MS_PER_DAY, 1e-3);
}
