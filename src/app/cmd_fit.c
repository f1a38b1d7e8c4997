/* cmd_fit.c - `goodhart fit`: a model file from recorded or simulated companies. */
#include "app/fit/fit.h"
#include "app/number.h"
#include "app/outfile.h"

#include "base/hash.h"
#include "edge/edge_options.h"
#include "edge/resources.h"
#include "engine/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SEEDS_MAX = 1000 };

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- what to read --- */

/* "PEOPLE,WEEKS,SEEDS,FIRST_SEED" */
static bool simulate_numbers(const char *text, uint64_t number[4])
{
    char part[4][24];

    if (sscanf(text, "%23[^,],%23[^,],%23[^,],%23[^,]", part[0], part[1], part[2], part[3]) !=
            4 ||
        strlen(part[0]) + strlen(part[1]) + strlen(part[2]) + strlen(part[3]) + 3 !=
            strlen(text))
        return false;
    for (int i = 0; i < 4; i++)
        if (!gh_number_u64(part[i], &number[i]))
            return false;
    return number[0] >= 2 && number[0] <= 1000000 && number[1] >= 1 && number[1] <= 104 &&
           number[2] >= 1 && number[2] <= SEEDS_MAX;
}

static enum gh_status sources_make(const struct gh_arguments *a, struct gh_fit *fit,
                                   struct gh_error *error)
{
    const char *text = gh_argument(a, "simulate");
    uint64_t number[4] = {0};

    if (text != NULL && !simulate_numbers(text, number))
        return gh_error_set(
            error, GH_EUSAGE,
            "--simulate: %s: PEOPLE (2 to 1000000),WEEKS (1 to 104),SEEDS (1 to "
            "%d),FIRST_SEED, such as 2000,8,8,1001",
            text, SEEDS_MAX);
    fit->count = a->positional_count + number[2];
    if (fit->count == 0)
        return gh_error_set(error, GH_EUSAGE,
                            "fit: nothing to fit on: name a LOG, or --simulate companies");
    fit->source = calloc(fit->count, sizeof *fit->source);
    if (fit->source == NULL)
        return gh_error_set(error, GH_EMEMORY, "fit: out of memory");
    for (size_t i = 0; i < fit->count; i++) {
        struct gh_fit_source *s = &fit->source[i];
        s->plan = gh_sim_plan_default();
        s->plan.actors = (uint32_t)number[0];
        s->plan.weeks = (uint32_t)number[1];
        s->plan.gamers = 0.0;
        s->plan.seed = number[3] + i - a->positional_count;
        s->path = i < a->positional_count ? a->positional[i] : NULL;
    }
    return GH_OK;
}

/* Logs are read more than once, so they must be files; and they must be there before hours
 * of work. */
static enum gh_status sources_check(struct gh_fit *fit, struct gh_error *error)
{
    for (size_t i = 0; i < fit->count; i++) {
        struct gh_fit_source *s = &fit->source[i];
        struct stat about = {0};

        if (s->path == NULL)
            continue;
        if (access(s->path, R_OK) || stat(s->path, &about))
            return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", s->path,
                                strerror(errno));
        if (!S_ISREG(about.st_mode))
            return gh_error_set(error, GH_EUSAGE,
                                "%s: must be a file: it is read more than once", s->path);
        s->size = (uint64_t)about.st_size;
    }
    return GH_OK;
}

static enum gh_status labels_make(const struct gh_arguments *a, struct gh_fit_labels *labels,
                                  struct gh_error *error)
{
    enum gh_status status = GH_OK;
    const char *path;

    labels->heap.memory = gh_memory_system();
    gh_intern_init(&labels->gamers, 0);
    for (size_t i = 0; status == GH_OK && (path = gh_argument_repeat(a, "labels", i)); i++)
        status = gh_fit_labels_read(labels, path, error);
    return status;
}

/* --- the passes --- */

static uint64_t labelled(const struct gh_fit *fit)
{
    uint64_t people = 0;

    for (size_t i = 0; i < fit->count; i++)
        people += fit->company[i].labelled;
    return people;
}

static enum gh_status first_pass_check(const struct gh_fit *fit, struct gh_error *error)
{
    const uint32_t gamers = gh_intern_count(&fit->labels->gamers);
    size_t epochs = 0;

    for (size_t i = 0; i < fit->count; i++)
        epochs += fit->company[i].epochs.count;
    if (gamers > 0 && labelled(fit) == 0)
        return gh_error_set(error, GH_EFORMAT,
                            "--labels: none of the %u people who game is in the logs: are "
                            "these the labels of other logs?",
                            gamers);
    if (epochs == 0)
        return gh_error_set(error, GH_EFORMAT,
                            "fit: too short: no log has the days that teach what is usual "
                            "(evidence.burn_in) and three quarters of an epoch (evidence.epoch)"
                            " behind them, with people active in both");
    return GH_OK;
}

/* One pass under the model so far, then what it is good for. */
static enum gh_status pass_run(struct gh_fit *fit, struct gh_fit_result *r,
                               enum gh_status (*estimate)(const struct gh_fit *fit,
                                                          struct gh_fit_result *r),
                               struct gh_error *error)
{
    const struct gh_model before = r->model;
    enum gh_status status;

    gh_fit_companies_free(fit);
    fit->model = &before;
    fit->temper = estimate == gh_fit_tempering;
    status = gh_fit_pass(fit, error);
    fit->model = NULL;
    if (status == GH_OK)
        status = estimate(fit, r);
    if (status == GH_EMEMORY)
        gh_error_set(error, status, "fit: out of memory");
    return status;
}

static enum gh_status passes_run(struct gh_fit *fit, struct gh_fit_result *r,
                                 struct gh_error *error)
{
    enum { PASSES = 3, THOUSAND = 1000 };
    enum gh_status status;

    gh_progress_start(&fit->progress, stderr, isatty(STDERR_FILENO),
                      PASSES * THOUSAND * fit->count, now_ns());
    fit->progress.only_share = true;
    status = pass_run(fit, r, gh_fit_priors, error);
    if (status == GH_OK)
        status = first_pass_check(fit, error);
    if (status == GH_OK)
        status = pass_run(fit, r, gh_fit_tempering, error);
    if (status == GH_OK)
        status = pass_run(fit, r, gh_fit_tails, error);
    gh_progress_stop(&fit->progress);
    return status;
}

/* --- where it comes from --- */

static void command_add(struct gh_model_origin *o, const char *before, const char *text)
{
    const size_t used = strlen(o->command);

    snprintf(o->command + used, sizeof o->command - used, "%s%s", before, text);
}

/* Flags that decide about the numbers, in the order of the table. */
static void command_tell(const struct gh_arguments *a, struct gh_model_origin *o)
{
    static const char *const common[] = {"config", "set"};
    const char *value;
    char before[64];

    command_add(o, "goodhart fit", "");
    for (size_t k = 0; k < a->command->flag_count; k++) {
        const struct gh_flag *flag = &a->command->flag[k];
        snprintf(before, sizeof before, " --%s%s", flag->name, flag->placeholder ? " " : "");
        if (flag->repeatable)
            for (size_t i = 0; (value = gh_argument_repeat(a, flag->name, i)); i++)
                command_add(o, before, value);
        else if (a->value[k] != NULL)
            command_add(o, before, a->value[k]);
    }
    for (size_t k = 0; k < sizeof common / sizeof *common; k++)
        for (size_t i = 0; i < a->repeat_count; i++)
            if (strcmp(a->repeat[i].flag->name, common[k]) == 0) {
                snprintf(before, sizeof before, " --%s ", common[k]);
                command_add(o, before, a->repeat[i].value);
            }
    for (size_t i = 0; i < a->positional_count; i++)
        command_add(o, " ", a->positional[i]);
}

static void origin_count(const struct gh_fit *fit, struct gh_model_origin *o)
{
    o->companies = fit->count;
    for (size_t i = 0; i < fit->count; i++) {
        const struct gh_fit_company *c = &fit->company[i];
        o->events += c->events;
        o->person_days += c->person_days;
        for (uint32_t id = 1; id < c->people.count; id++) {
            const struct gh_fit_person *p = gh_array_at(&c->people, id);
            o->people += p->days > 0;
            o->left_out += p->days > 0 && p->left_out;
        }
        for (uint32_t k = 0; k < c->epochs.count; k++) {
            const struct gh_fit_epoch *row = gh_array_at(&c->epochs, k);
            o->person_epochs += row->enrolled;
        }
    }
}

/* The version is a hash of all but the command, whose paths do not matter: models of the same
 * version are the same. */
static void origin_fill(const struct gh_fit *fit, const struct gh_fit_traces *traces,
                        const struct gh_arguments *a, struct gh_fit_result *r)
{
    uint64_t hash[2] = {gh_fit_trace_hash(traces), 0};
    char hex[33], *text;

    for (size_t i = 0; i < fit->count; i++)
        hash[1] = gh_hash_pair(hash[1], fit->company[i].hash);
    gh_hash_hex(hash, sizeof hash, r->origin.inputs);
    origin_count(fit, &r->origin);
    snprintf(r->model.version, sizeof r->model.version, "0");
    text = gh_model_text(&r->model, &r->origin);
    gh_hash_hex(text ? text : "", text ? strlen(text) : 0, hex);
    snprintf(r->model.version, sizeof r->model.version, "%.12s", hex);
    free(text);
    command_tell(a, &r->origin);
}

/* --- what is written --- */

static enum gh_status part_write(const struct gh_fit *fit, const struct gh_fit_result *r,
                                 const char *path, bool report, struct gh_error *error)
{
    struct gh_outfile out;
    enum gh_status status = gh_outfile_open(&out, path, error), closed;

    if (status == GH_OK && path != NULL && report)
        status = gh_fit_report(fit, r, out.file);
    else if (status == GH_OK && path != NULL)
        gh_fit_card(fit, r, out.file);
    if (status == GH_EMEMORY)
        gh_error_set(error, status, "%s: out of memory", path);
    closed = gh_outfile_close(&out, error);
    return status == GH_OK ? closed : status;
}

static enum gh_status results_write(const struct gh_arguments *a, const struct gh_fit *fit,
                                    const struct gh_fit_result *r, struct gh_error *error)
{
    struct gh_outfile out;
    enum gh_status status = gh_outfile_open(&out, gh_argument(a, "out"), error);

    if (status == GH_OK) {
        gh_outfile_line(&out, gh_model_text(&r->model, &r->origin));
        status = gh_outfile_close(&out, error);
    }
    if (status == GH_OK)
        status = part_write(fit, r, gh_argument(a, "card"), false, error);
    if (status == GH_OK)
        status = part_write(fit, r, gh_argument(a, "report"), true, error);
    if (status == GH_OK)
        fprintf(stderr,
                "fit: model %s %s: %" PRIu64 " people of %" PRIu64 " companies, %" PRIu64
                " left out; %" PRIu64 " person-days, %" PRIu64 " person-epochs\n",
                r->model.name, r->model.version, r->origin.people, r->origin.companies,
                r->origin.left_out, r->origin.person_days, r->origin.person_epochs);
    return status;
}

static enum gh_status traces_make(const struct gh_arguments *a, struct gh_fit_traces **traces,
                                  struct gh_error *error)
{
    enum gh_status status = GH_OK;
    const char *trace;

    for (size_t i = 0; status == GH_OK && (trace = gh_argument_repeat(a, "trace", i)); i++)
        status = gh_fit_trace_read(traces, trace, error);
    return status;
}

static enum gh_status model_before(const struct gh_arguments *a, struct gh_model *model,
                                   struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(a->config, "service");
    const char *name = gh_argument(a, "name");
    struct gh_model *loaded = NULL;
    enum gh_status status = GH_OK;

    if (name[0] == '\0' || strlen(name) >= sizeof model->name)
        return gh_error_set(error, GH_EUSAGE, "--name: must be 1 to %zu bytes",
                            sizeof model->name - 1);
    if (gh_argument(a, "neutral") != NULL) {
        gh_model_neutral(model);
    } else {
        status = gh_model_load(&loaded, service->model.text, error);
        if (status == GH_OK)
            *model = *loaded;
        gh_model_free(loaded);
    }
    snprintf(model->name, sizeof model->name, "%s", name);
    return status;
}

static enum gh_status options_read(const struct gh_arguments *a, struct gh_fit *fit,
                                   struct gh_error *error)
{
    const struct gh_incident_options *incident = gh_config_group(a->config, "incident");
    const struct gh_review_options *review = gh_config_group(a->config, "review");
    const struct gh_case_options *cases = gh_config_group(a->config, "case");

    fit->config = a->config;
    fit->false_alarms = incident->false_alarms;
    fit->alpha[0] = review->alpha;
    fit->alpha[1] = cases->alpha;
    /* Files tell no keys, and what is kept apart teaches nothing. */
    const enum gh_status status =
        gh_config_set(a->config, "review.require_authenticated=off", error);
    return status == GH_OK ? gh_config_set(a->config, "service.shards=1", error) : status;
}

static enum gh_status fit_make(const struct gh_arguments *a, struct gh_fit *fit,
                               struct gh_fit_result *r, struct gh_error *error)
{
    struct gh_fit_traces *traces = NULL;
    enum gh_status status = options_read(a, fit, error);

    if (status == GH_OK)
        status = model_before(a, &r->model, error);
    if (status == GH_OK)
        status = traces_make(a, &traces, error);
    if (status == GH_OK)
        status = passes_run(fit, r, error);
    if (status == GH_OK) {
        gh_fit_references(traces, r);
        origin_fill(fit, traces, a, r);
        status = results_write(a, fit, r, error);
    }
    gh_fit_traces_free(traces);
    return status;
}

static enum gh_status fit_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct gh_fit_labels labels = {0};
    struct gh_fit fit = {.labels = &labels, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct gh_fit_result *r = calloc(1, sizeof *r);
    enum gh_status status;

    if (r == NULL)
        return gh_error_set(error, GH_EMEMORY, "fit: out of memory");
    status = sources_make(a, &fit, error);
    if (status == GH_OK)
        status = sources_check(&fit, error);
    if (status == GH_OK)
        status = labels_make(a, &labels, error);
    if (status == GH_OK)
        status = fit_make(a, &fit, r, error);
    gh_fit_companies_free(&fit);
    for (size_t i = 0; fit.source && i < fit.count; i++)
        free(fit.source[i].gaming);
    free(fit.source);
    gh_fit_labels_free(&labels);
    free(r);
    return status;
}

static const struct gh_flag flags[] = {
    {"neutral", NULL, NULL,
     "what cannot be fitted stays neutral; absent: as in the model that is used", false},
    {"simulate", "P,W,N,K", NULL, "N honest companies of P people and W weeks, seeds from K on",
     false},
    {"labels", "FILE", NULL,
     "leave out the people who game, by labels.json of goodhart simulate", true},
    {"trace", "FORMAT:FILE", NULL, "public trace (goodhart import) for the absolute references",
     true},
    {"name", "NAME", "fitted", "name of the model", false},
    {"out", "FILE", "-", "where the model goes; '-' is standard output", false},
    {"card", "FILE", NULL, "write the model card, Markdown", false},
    {"report", "FILE", NULL, "write a page of plots, HTML", false},
};

const struct gh_command gh_command_fit = {
    .name = "fit",
    .positional = "[LOG…]",
    .positional_max = SIZE_MAX,
    .summary = "fits a model file from recorded or simulated companies",
    .details =
        "Each LOG holds the events of one company, as for replay. What honest people look\n"
        "like is learned from everybody but those whom a verdict event (gaming, waste) or\n"
        "--labels names. Eight weeks of 100 people are the least that helps. The same\n"
        "command over the same input writes the same bytes.\n\n"
        "Examples:\n"
        "  goodhart fit --name ours --out ours.json --report ours.html events.ndjson\n"
        "  goodhart replay --set service.model=ours.json events.ndjson",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = fit_run,
};
