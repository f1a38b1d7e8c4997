/* cmd_check.c - `goodhart check`: what is wrong in a configuration or an event file. */
#include "app/command.h"
#include "app/pipeline.h"
#include "edge/blocks.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct check {
    uint64_t limit, shown, hidden;
    uint64_t problems; /* in configurations */
};

static void problem_show(struct check *c, const char *text)
{
    if (c->shown < c->limit) {
        c->shown++;
        fprintf(stderr, "%s\n", text);
    } else {
        c->hidden++;
    }
}

static void config_problem(void *context, const char *text)
{
    problem_show(context, text);
}

static void lost_problem(void *context, const struct gh_lost *lost)
{
    char text[1024];

    snprintf(text, sizeof(text), "%s:%" PRIu64 ": event %" PRIu64 ": %s", lost->source,
             lost->line, lost->index + 1, lost->text);
    problem_show(context, text);
}

static void change_ignore(void *context, const struct gh_finding *change)
{
    (void)context;
    (void)change;
}

static bool is_config(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && (!strcasecmp(dot, ".yaml") || !strcasecmp(dot, ".yml"));
}

static enum gh_status events_read(struct gh_pipeline *pipeline, const char *path,
                                  struct gh_error *error)
{
    struct gh_place place = {.source = path};
    struct gh_blocks *blocks = NULL;
    enum gh_status status = gh_blocks_open(&blocks, path, error);
    size_t size = 1;

    while (status == GH_OK && size) {
        const char *at;

        status = gh_blocks_next(blocks, &at, &size, error);
        place.binary = gh_blocks_binary(blocks);
        if (status == GH_OK && size)
            status = gh_pipeline_frame(pipeline, at, size, &place, error);
        if (status == GH_OK)
            status = gh_pipeline_flush(pipeline, error);
    }
    gh_blocks_close(blocks);
    return status;
}

static void tally_show(const struct gh_tally *tally)
{
    fprintf(stderr,
            "%" PRIu64 " events: %" PRIu64 " fine, %" PRIu64 " late, %" PRIu64
            " duplicates, %" PRIu64 " refused; %" PRIu64 " unknown keys ignored\n",
            tally->pieces, tally->applied, tally->late, tally->duplicate, tally->refused,
            tally->unknown_keys);
}

/* The whole path of an event, so that it finds what the service would: not only what no
 * decoder takes, but also wrong clocks and events that come twice or late. */
static enum gh_status events_check(struct check *c, const struct gh_arguments *a,
                                   struct gh_error *error)
{
    const struct gh_hooks hooks = {
        .context = c, .on_change = change_ignore, .on_refused = lost_problem};
    struct gh_pipeline *pipeline = NULL;
    struct gh_tally tally = {0};
    enum gh_status status =
        gh_pipeline_new(&pipeline, a->config, GH_BATCH_DEFAULT, &hooks, error);

    for (size_t i = 0; status == GH_OK && i < a->positional_count; i++)
        if (!is_config(a->positional[i]))
            status = events_read(pipeline, a->positional[i], error);
    if (status == GH_OK)
        status = gh_pipeline_finish(pipeline, error);
    if (status == GH_OK) {
        gh_pipeline_tally(pipeline, &tally);
        tally_show(&tally);
        if (tally.refused)
            status = gh_error_set(error, GH_EFORMAT,
                                  "%" PRIu64 " of %" PRIu64 " events would be refused",
                                  tally.refused, tally.pieces);
    }
    gh_pipeline_free(pipeline);
    return status;
}

static enum gh_status check_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    struct check c = {0};
    size_t configs = 0;
    enum gh_status status = gh_argument_u64(
        arguments, "limit", (struct gh_whole_range){0, UINT64_MAX}, &c.limit, error);

    if (status != GH_OK)
        return status;
    for (size_t i = 0; i < arguments->positional_count; i++)
        if (is_config(arguments->positional[i])) {
            c.problems += gh_config_check(arguments->positional[i], config_problem, &c);
            configs++;
        }
    if (configs < arguments->positional_count)
        status = events_check(&c, arguments, error);
    if (c.hidden)
        fprintf(stderr, "%" PRIu64 " more problems; --limit N shows more\n", c.hidden);
    if (c.problems) {
        *error = (struct gh_error){0};
        return gh_error_set(error, GH_ECONFIG, "%" PRIu64 " problem%s in the configuration",
                            c.problems, c.problems == 1 ? "" : "s");
    }
    if (configs)
        fprintf(stderr, "%zu configuration file%s: fine\n", configs, configs == 1 ? "" : "s");
    return status;
}

static const struct gh_flag flags[] = {
    {"limit", "N", "100", "problems to show; the others are counted", false},
};

const struct gh_command gh_command_check = {
    .name = "check",
    .positional = "FILE…",
    .positional_min = 1,
    .positional_max = SIZE_MAX,
    .summary = "says what is wrong in a configuration or an event file, line by line",
    .details = "A file that ends in .yaml or .yml is a configuration, any other holds events;\n"
               "'-' is standard input. Exit status: 0 fine, 1 problems in events, 2 in a\n"
               "configuration.\n\n"
               "Example:\n"
               "  goodhart check goodhart.yaml events.ndjson",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = check_run,
};
