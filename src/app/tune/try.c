/* try.c - see try.h. */
#include "app/tune/try.h"

#include "app/tune/reason.h"
#include "stat/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- a candidate --- */

static enum gh_status scope_of(const struct gh_arguments *a, char scope[GH_SCOPE_TEXT_SIZE],
                               struct gh_error *error)
{
    const char *team = gh_argument(a, "team"), *role = gh_argument(a, "role");

    scope[0] = '\0';
    if (team && role)
        return gh_error_set(error, GH_EUSAGE, "--role: --team is given already");
    if (team || role)
        snprintf(scope, GH_SCOPE_TEXT_SIZE, "%s:%s", team ? "team" : "role",
                 team ? team : role);
    return GH_OK;
}

/* What one says of a team or role is an override, as goodhart set would make it. */
static enum gh_status scoped_set(struct gh_config *config, const char *scope,
                                 const char *assignment, struct gh_error *error)
{
    const char *equals = strchr(assignment, '=');
    enum gh_status status;

    if (!equals)
        return gh_error_set(error, GH_EUSAGE, "--try %s: must be GROUP.OPTION=VALUE",
                            assignment);
    gchar *name = g_strndup(assignment, (gsize)(equals - assignment));
    status = gh_config_live(config,
                            &(struct gh_live_setting){.name = name,
                                                      .value = equals + 1,
                                                      .scope = scope,
                                                      .until_ms = INT64_MAX,
                                                      .who = "",
                                                      .reason = "tried"},
                            error);
    g_free(name);
    return status;
}

enum gh_status gh_tune_candidate(struct gh_config **config, const struct gh_tune_job *job,
                                 const char *const *assignment, size_t count,
                                 struct gh_error *error)
{
    static const char said[] = "--set ", meant[] = "--try ";
    char scope[GH_SCOPE_TEXT_SIZE];
    enum gh_status status = scope_of(job->arguments, scope, error);

    *config = NULL;
    if (status == GH_OK)
        status = gh_config_copy(config, job->in_force, error);
    for (size_t i = 0; status == GH_OK && i < count; i++)
        status = scope[0] ? scoped_set(*config, scope, assignment[i], error)
                          : gh_config_set(*config, assignment[i], error);
    if (status != GH_OK) {
        gh_config_free(*config);
        *config = NULL;
        if (!strncmp(error->text, said, strlen(said)))
            memcpy(error->text, meant, strlen(meant));
    }
    return status;
}

static enum gh_status same_check(const struct gh_tune_run *run, const char *name,
                                 const struct gh_config *config, struct gh_error *error)
{
    struct gh_tune_setting one;

    if (gh_tune_settings(run->job->in_force, config, &one, 1) > 0)
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "%s: is what is in force: of the engine's options none is another",
                        name);
}

static enum gh_status together_add(struct gh_tune_run *run, struct gh_error *error)
{
    const char *assignment[GH_REPEATS_MAX], *value;
    size_t count = 0;
    struct gh_config *config;

    while (count < GH_REPEATS_MAX &&
           (value = gh_argument_repeat(run->job->arguments, "try", count)))
        assignment[count++] = value;
    if (count == 0)
        return GH_OK;
    assignment[count] = NULL;
    gchar *name = g_strjoinv(", ", (gchar **)(uintptr_t)assignment);
    enum gh_status status = gh_tune_candidate(&config, run->job, assignment, count, error);
    if (status == GH_OK) {
        status = same_check(run, name, config, error);
        gh_tune_run_add(run, config, name);
    }
    g_free(name);
    return status;
}

static enum gh_status file_add(struct gh_tune_run *run, const char *path,
                               struct gh_error *error)
{
    struct gh_config *config = NULL;
    enum gh_status status = gh_tune_candidate(&config, run->job, NULL, 0, error);

    if (status == GH_OK)
        status = gh_config_file(config, path, error);
    if (status == GH_OK)
        status = same_check(run, path, config, error);
    if (config)
        gh_tune_run_add(run, config, path);
    return status;
}

enum gh_status gh_tune_try(struct gh_tune_run *run, struct gh_error *error)
{
    enum gh_status status = together_add(run, error);
    const char *path;

    for (size_t i = 0;
         status == GH_OK && (path = gh_argument_repeat(run->job->arguments, "candidate", i));
         i++)
        status = file_add(run, path, error);
    if (status == GH_OK && gh_tune_tried_count(run) == 1)
        return gh_error_set(error, GH_EUSAGE,
                            "tune: nothing to try: --try GROUP.OPTION=VALUE, or --candidate "
                            "FILE.yaml; goodhart options lists what there is");
    return status == GH_OK ? gh_tune_run_go(run, error) : status;
}

/* --- along an option --- */

enum gh_status gh_tune_sweep(struct gh_tune_run *run, const struct gh_tune_axis *axis,
                             struct gh_error *error)
{
    double value[GH_TUNE_STEPS_MAX];
    const size_t count = gh_tune_axis_values(axis, value);
    enum gh_status status = GH_OK;

    ((struct gh_tune_tried *)g_ptr_array_index(run->tried, 0))->value = axis->start;
    for (size_t i = 0; status == GH_OK && i < count; i++) {
        char text[GH_TUNE_ASSIGNMENT_SIZE];
        const char *const assignment = text;
        struct gh_config *config;

        if (value[i] == axis->start)
            continue;
        gh_tune_axis_assignment(axis, value[i], text);
        status = gh_tune_candidate(&config, run->job, &assignment, 1, error);
        if (status == GH_OK)
            gh_tune_run_add(run, config, text)->value = value[i];
    }
    return status == GH_OK ? gh_tune_run_go(run, error) : status;
}

/* --- over several options --- */

struct search {
    const struct gh_tune_job *job;
    const struct gh_tune_space *space;
    enum gh_status status;
    struct gh_error *error;
};

static enum gh_status point_add(const struct search *s, struct gh_tune_run *run,
                                const double *point)
{
    char text[GH_SEARCH_AXES_MAX][GH_TUNE_ASSIGNMENT_SIZE];
    const char *assignment[GH_SEARCH_AXES_MAX + 1] = {NULL};
    struct gh_config *config;
    size_t count = 0;

    for (size_t i = 0; i < s->space->axes; i++) {
        const struct gh_tune_axis *axis = &s->space->axis[i];

        if (point[i] == axis->start)
            continue;
        gh_tune_axis_assignment(axis, gh_tune_axis_near(axis, point[i]), text[count]);
        assignment[count] = text[count];
        count++;
    }
    const enum gh_status status =
        gh_tune_candidate(&config, s->job, assignment, count, s->error);
    if (status != GH_OK)
        return status;
    gchar *name = g_strjoinv(", ", (gchar **)(uintptr_t)assignment);
    gh_tune_run_add(run, config, name);
    g_free(name);
    return GH_OK;
}

/* What a point costs more than what is in force: the same zero for every batch. */
static bool points_cost(void *context, const double *point, size_t count, double *cost)
{
    struct search *s = context;
    struct gh_tune_run run;

    gh_tune_run_init(&run, s->job);
    for (size_t i = 0; s->status == GH_OK && i < count; i++)
        s->status = point_add(s, &run, point + i * s->space->axes);
    if (s->status == GH_OK)
        s->status = gh_tune_run_go(&run, s->error);
    if (s->status == GH_OK && !gh_tune_judged(&run))
        s->status = gh_error_set(s->error, GH_EUSAGE,
                                 "tune search: no verdicts: nothing says which findings are "
                                 "right, so no setting is better than another; verdict events "
                                 "or --labels tell");
    for (size_t i = 0; s->status == GH_OK && i < count; i++)
        cost[i] = -gh_tune_tried_at(&run, i + 1)->gain.usd.point;
    gh_tune_run_free(&run);
    return s->status == GH_OK;
}

enum gh_status gh_tune_search(struct gh_tune_run *run, struct gh_tune_space *space,
                              struct gh_error *error)
{
    struct search s = {run->job, space, GH_OK, error};
    struct gh_search_axis axis[GH_SEARCH_AXES_MAX];
    struct gh_search_found found;

    for (size_t i = 0; i < space->axes; i++) {
        const struct gh_tune_axis *a = &space->axis[i];

        if (a->start < a->low || a->start > a->high)
            return gh_error_set(error, GH_EUSAGE, "%s: what is in force must be in the range",
                                a->name);
        axis[i] = (struct gh_search_axis){a->low, a->high, a->start, a->log, a->whole};
    }
    const struct gh_search search = {.axis = axis,
                                     .axes = (uint32_t)space->axes,
                                     .points_max = (uint32_t)space->points,
                                     .context = &s,
                                     .evaluate = points_cost};
    if (!gh_search_run(&search, &found))
        return s.status;
    space->tried = found.points;
    space->settled = found.settled;
    if (found.cost < found.start_cost) {
        const enum gh_status status = point_add(&s, run, found.point);
        if (status != GH_OK)
            return status;
    }
    return gh_tune_run_go(run, error);
}
