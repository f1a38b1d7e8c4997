/* cmd_tune.c - `goodhart tune`: what other settings would have found on the same past. */
#include "app/command.h"

#include "app/ask.h"
#include "app/outfile.h"
#include "app/tune/apply.h"
#include "app/tune/print.h"
#include "app/tune/propose.h"
#include "app/tune/try.h"
#include "stat/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What one of the ways of trying needs and leaves. */
struct tuning {
    struct gh_tune_job job;
    struct gh_tune_run run;
    struct gh_tune_axis axis[GH_SEARCH_AXES_MAX];
    size_t axes;
    struct gh_outfile page;
};

/* --- positional arguments: a word, ranges, files --- */

static size_t axes_end(const struct gh_arguments *a, size_t first)
{
    while (first < a->positional_count && gh_tune_is_axis(a->positional[first]))
        first++;
    return first;
}

static enum gh_status axes_read(struct tuning *t, size_t first, size_t end,
                                struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (end - first > GH_SEARCH_AXES_MAX)
        return gh_error_set(error, GH_EUSAGE, "tune: at most %d options at once",
                            GH_SEARCH_AXES_MAX);
    for (size_t i = first; status == GH_OK && i < end; i++)
        status = gh_tune_axis_read(&t->axis[t->axes++], t->job.arguments->positional[i],
                                   t->job.in_force, error);
    return status;
}

static enum gh_status axes_check(const struct tuning *t, const char *word, size_t most,
                                 struct gh_error *error)
{
    if (t->axes >= 1 && t->axes <= most)
        return GH_OK;
    return gh_error_set(error, GH_EUSAGE,
                        "tune %s: %s GROUP.OPTION=FROM..TO before the files, such as "
                        "incident.false_alarms=0.05..5:log",
                        word, most == 1 ? "needs one" : "needs at least one");
}

/* --- what comes of it --- */

static enum gh_status results_write(struct tuning *t, const struct gh_tune_axis *axis,
                                    struct gh_error *error)
{
    const struct gh_tune_view view = gh_tune_view_of(&t->run, axis);
    struct gh_outfile lines = {0};
    enum gh_status status = GH_OK;

    if (t->page.file)
        gh_tune_page_write(&view, t->page.file);
    if (!gh_argument(t->job.arguments, "json")) {
        gh_tune_table_print(&view, stdout);
        return GH_OK;
    }
    status = gh_outfile_open(&lines, "-", error);
    if (status == GH_OK)
        gh_tune_lines_write(&view, &lines);
    const enum gh_status closed = gh_outfile_close(&lines, error);
    return status == GH_OK ? closed : status;
}

static enum gh_status try_run(struct tuning *t, struct gh_error *error)
{
    const enum gh_status status = gh_tune_try(&t->run, error);

    return status == GH_OK ? results_write(t, NULL, error) : status;
}

static enum gh_status sweep_run(struct tuning *t, struct gh_error *error)
{
    enum gh_status status = axes_check(t, "sweep", 1, error);

    if (status == GH_OK)
        status = gh_tune_sweep(&t->run, &t->axis[0], error);
    return status == GH_OK ? results_write(t, &t->axis[0], error) : status;
}

static enum gh_status search_run(struct tuning *t, struct gh_error *error)
{
    struct gh_tune_space space = {.axis = t->axis, .axes = t->axes};
    enum gh_status status = axes_check(t, "search", GH_SEARCH_AXES_MAX, error);

    if (status == GH_OK)
        status = gh_argument_u64(t->job.arguments, "points", (struct gh_whole_range){1, 10000},
                                 &space.points, error);
    if (status == GH_OK)
        status = gh_tune_search(&t->run, &space, error);
    if (status != GH_OK)
        return status;
    fprintf(stderr, "tune: %" PRIu64 " settings tried; %s\n", space.tried,
            space.settled ? "nothing better was near" : "--points left none to try");
    if (gh_tune_tried_count(&t->run) == 1)
        fputs("tune: nothing costs less than what is in force\n", stderr);
    return results_write(t, NULL, error);
}

static enum gh_status propose_run(struct tuning *t, struct gh_error *error)
{
    const struct gh_arguments *a = t->job.arguments;
    struct gh_proposals proposals = {0};
    struct gh_outfile lines = {0};
    enum gh_status status =
        gh_tune_propose(&t->job, gh_argument(a, "loosen") != NULL, &proposals, error);

    if (status == GH_OK && !gh_argument(a, "json")) {
        gh_proposals_print(&proposals, stdout);
    } else if (status == GH_OK) {
        status = gh_outfile_open(&lines, "-", error);
        if (status == GH_OK)
            gh_proposals_lines(&proposals, &lines);
        const enum gh_status closed = gh_outfile_close(&lines, error);
        status = status == GH_OK ? closed : status;
    }
    if (status == GH_OK && gh_argument(a, "apply"))
        status = gh_tune_apply(&proposals, a, error);
    gh_proposals_free(&proposals);
    return status;
}

static const struct way {
    const char *name;
    enum gh_status (*run)(struct tuning *t, struct gh_error *error);
} ways[] = {{"sweep", sweep_run}, {"search", search_run}, {"propose", propose_run}};

static enum gh_status tune_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct way way = {"", try_run};
    struct tuning t = {.axes = 0};

    for (size_t i = 0; a->positional_count > 0 && i < sizeof ways / sizeof ways[0]; i++)
        if (!strcmp(a->positional[0], ways[i].name))
            way = ways[i];
    const size_t first = way.name[0] != '\0', end = axes_end(a, first);
    enum gh_status status = GH_OK;
    if (gh_argument(a, "apply"))
        status = way.run == propose_run
                     ? gh_tune_take_over(a, error)
                     : gh_error_set(error, GH_EUSAGE, "--apply: for tune propose alone");
    if (status == GH_OK)
        status = gh_tune_job_read(&t.job, a, end, error);
    if (status == GH_OK)
        status = axes_read(&t, first, end, error);
    if (status == GH_OK && t.axes > 0 && way.name[0] == '\0')
        status =
            gh_error_set(error, GH_EUSAGE,
                         "tune: %s: a range is for tune sweep and tune search", t.axis[0].name);
    if (status == GH_OK)
        status = gh_outfile_open(&t.page, gh_argument(a, "html"), error);
    if (status == GH_OK) {
        gh_tune_run_init(&t.run, &t.job);
        status = way.run(&t, error);
        gh_tune_run_free(&t.run);
    }
    const enum gh_status closed = gh_outfile_close(&t.page, error);
    gh_tune_job_free(&t.job);
    return status == GH_OK ? closed : status;
}

static const struct gh_flag flags[] = {
    {"from", "TIME", NULL, "day or time from which findings count; before, days only teach",
     false},
    {"until", "TIME", NULL, "day or time up to which they count", false},
    {"try", "NAME=VALUE", NULL, "a setting to try; several are tried together", true},
    {"candidate", "FILE", NULL, "a configuration to try, on top of what is in force", true},
    {"team", "NAME", NULL, "what is tried holds for this team alone", false},
    {"role", "NAME", NULL, "what is tried holds for this role alone", false},
    {"cost-accusation", "USD", "500", "what a false finding costs that reaches a manager",
     false},
    {"cost-alarm", "USD", "10", "what a false incident costs", false},
    {"cost-waste", "X", "1", "what a dollar of waste costs that nobody sees", false},
    {"reviewer-error", "SHARE", "0.05", "part of the verdicts that are wrong", false},
    {"labels", "FILE", NULL, "labels of goodhart simulate, in the place of verdicts", false},
    {"points", "N", "100", "search: settings that are tried at most", false},
    {"apply", NULL, NULL, "propose: do it, in the service that runs, on its record", false},
    {"loosen", NULL, NULL, "propose: also what may bring more people before a manager", false},
    {"json", NULL, NULL, "one JSON object for each case and each finding that changes", false},
    {"html", "FILE", NULL, "write a page with plots besides", false},
    GH_ASK_FLAGS};

const struct gh_command gh_command_tune = {
    .name = "tune",
    .positional = "[sweep|search|propose] [OPTION=FROM..TO…] [FILE…]",
    .positional_min = 0,
    .positional_max = SIZE_MAX,
    .summary = "shows what other settings would have found on the same past",
    .details =
        "Replays files of events, or the log in store.folder, under the settings in force\n"
        "(--config, --set) and under others (--try, --candidate) side by side: what is no\n"
        "longer found, what is new, whom it concerns. Verdicts in the log tell what it is\n"
        "worth. 'sweep' tries one option over a range, 'search' looks for the cheapest values\n"
        "of several; 'propose' says which options to change, where verdicts show that it\n"
        "pays, and does so with --apply. Else nothing is changed.\n\n"
        "Example:\n"
        "  goodhart tune events.ndjson --try incident.false_alarms=0.1\n"
        "  goodhart tune sweep runaway.false_alarms=0.05..5:log events.ndjson --html p.html\n"
        "  goodhart tune search agent_loop.alone_hops=4..40 review.fewest_usd=1..100:log \\\n"
        "      --set store.folder=store\n"
        "  goodhart tune propose --set store.folder=store",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = tune_run,
};
