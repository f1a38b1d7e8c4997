/* cmd_check.c - `goodhart check`: what is wrong in a configuration, in a map or people file, or
 * among events. */
#include "app/command.h"
#include "app/pipeline.h"
#include "edge/blocks.h"
#include "edge/fields/map.h"
#include "edge/fields/people.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct check {
    uint64_t limit, shown, hidden;
    uint64_t problems; /* in files that are no events */
    size_t configs, maps, people;
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

static bool ends_in(const char *path, const char *end)
{
    const char *dot = strrchr(path, '.');

    return dot && !strcasecmp(dot, end);
}

/* Whether the mapping begins with this member, as in YAML or in JSON. */
static bool begins_with(const char *at, const char *member)
{
    const size_t size = strlen(member);

    for (;;) {
        at += strspn(at, " \t\r\n{\"-");
        if (*at != '#')
            break;
        at += strcspn(at, "\n");
    }
    return !strncmp(at, member, size) && (at[size] == ':' || at[size] == '"');
}

enum file_kind { FILE_EVENTS, FILE_CONFIG, FILE_MAP, FILE_PEOPLE };

/* By what its beginning says: neither events nor groups of options have such members. A file
 * that cannot be read is told by whoever reads it. */
static enum file_kind kind_of(const char *path)
{
    const bool yaml = ends_in(path, ".yaml") || ends_in(path, ".yml");
    char head[65536] = "";
    FILE *file = yaml || ends_in(path, ".json") ? fopen(path, "re") : NULL;

    if (file) {
        head[fread(head, 1, sizeof(head) - 1, file)] = '\0';
        fclose(file);
    }
    if (begins_with(head, "people"))
        return FILE_PEOPLE;
    if (yaml)
        return FILE_CONFIG;
    return strstr(head, "\"rules\"") ? FILE_MAP : FILE_EVENTS;
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
        if (kind_of(a->positional[i]) == FILE_EVENTS)
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

static void outcome_note(struct check *c, enum gh_status status, const struct gh_error *error)
{
    if (status == GH_OK)
        return;
    c->problems++;
    problem_show(c, error->text);
}

/* One file that is no events; false: it holds events. */
static bool file_check(struct check *c, const char *path)
{
    struct gh_error error = {0};
    struct gh_people *people = NULL;
    struct gh_maps *maps = NULL;

    switch (kind_of(path)) {
    case FILE_CONFIG:
        c->problems += gh_config_check(path, config_problem, c);
        c->configs++;
        break;
    case FILE_MAP:
        outcome_note(c, gh_maps_load_file(&maps, path, &error), &error);
        c->maps++;
        break;
    case FILE_PEOPLE:
        outcome_note(c, gh_people_load(&people, path, &error), &error);
        c->people++;
        break;
    case FILE_EVENTS:
        return false;
    }
    gh_maps_free(maps);
    gh_people_free(people);
    return true;
}

static void fine_show(size_t count, const char *what)
{
    if (count)
        fprintf(stderr, "%zu %s file%s: fine\n", count, what, count == 1 ? "" : "s");
}

static enum gh_status check_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    struct check c = {0};
    size_t others = 0;
    enum gh_status status = gh_argument_u64(
        arguments, "limit", (struct gh_whole_range){0, UINT64_MAX}, &c.limit, error);

    if (status != GH_OK)
        return status;
    for (size_t i = 0; i < arguments->positional_count; i++)
        others += file_check(&c, arguments->positional[i]);
    if (others < arguments->positional_count)
        status = events_check(&c, arguments, error);
    if (c.hidden)
        fprintf(stderr, "%" PRIu64 " more problems; --limit N shows more\n", c.hidden);
    if (c.problems) {
        const char *where = c.maps + c.people == 0 ? "the configuration" : "these files";
        *error = (struct gh_error){0};
        return gh_error_set(error, GH_ECONFIG, "%" PRIu64 " problem%s in %s", c.problems,
                            c.problems == 1 ? "" : "s", where);
    }
    fine_show(c.configs, "configuration");
    fine_show(c.maps, "map");
    fine_show(c.people, "people");
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
    .summary = "says what is wrong in a file of events, settings, maps or people, line by line",
    .details = "A file that ends in .yaml or .yml is a configuration, any other holds events;\n"
               "'-' is standard input. One that begins with people: is a people file, and a\n"
               ".json file with rules is a map file (models/fields). Exit status: 0 fine, 1\n"
               "problems in events, 2 in another file.\n\n"
               "Example:\n"
               "  goodhart check goodhart.yaml events.ndjson",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = check_run,
};
