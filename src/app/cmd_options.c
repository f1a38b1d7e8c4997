/* cmd_options.c - `goodhart options`: every option, from the tables. */
#include "app/command.h"
#include "app/metrics_page.h"
#include "app/option_pages.h"

#include <stdlib.h>
#include <string.h>

struct printer {
    void (*group)(const struct gh_option_group *group);
    void (*option)(const struct gh_option_group *group, const struct gh_option *option,
                   const char *value);
};

static void yaml_group(const struct gh_option_group *group)
{
    printf("\n# %s\n%s:\n", group->summary, group->name);
}

static void yaml_option(const struct gh_option_group *group, const struct gh_option *option,
                        const char *value)
{
    char range[GH_PROBLEM_SIZE];
    const bool text = option->type == GH_OPTION_TEXT;

    (void)group;
    printf("  # %s%s%s\n  %s: %s\n", option->help, text ? "" : "; ",
           text ? "" : gh_option_range(option, range), option->name, value);
}

static void markdown_group(const struct gh_option_group *group)
{
    printf("\n## %s\n\n%s\n\n| option | default | legal | meaning |\n|---|---|---|---|\n",
           group->name, group->summary);
}

/* A cell of a table: a bar in it would end it. */
static void cell_print(const char *text)
{
    for (; *text; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

static void markdown_option(const struct gh_option_group *group, const struct gh_option *option,
                            const char *value)
{
    char range[GH_PROBLEM_SIZE], fallback[GH_CONFIG_PRINT_SIZE];

    (void)value;
    printf("| `%s.%s` | `%s` | ", group->name, option->name,
           gh_option_fallback(option, fallback));
    cell_print(option->type == GH_OPTION_TEXT ? "text" : gh_option_range(option, range));
    fputs(" | ", stdout);
    cell_print(option->help);
    puts(" |");
}

static const struct printer yaml = {yaml_group, yaml_option};
static const struct printer markdown = {markdown_group, markdown_option};

static enum gh_status overrides_print(const struct gh_config *config, struct gh_error *error)
{
    char *text = gh_config_overrides_print(config);

    if (!text)
        return gh_error_set(error, GH_EMEMORY, "overrides: out of memory");
    if (text[0])
        printf("\n# what holds for the people of a team or a role instead\n%s", text);
    free(text);
    return GH_OK;
}

static void pages_print(const struct gh_config *config, const struct printer *printer)
{
    char value[GH_CONFIG_PRINT_SIZE];

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);

        printer->group(group);
        for (size_t i = 0; i < group->count; i++) {
            gh_config_print(config, group, &group->options[i], value, sizeof(value));
            printer->option(group, &group->options[i], value);
        }
    }
}

static enum gh_status json_line(const struct gh_config *config, struct gh_option_place place,
                                bool whole, struct gh_error *error)
{
    char *line = gh_option_json(config, place, whole);

    if (!line)
        return gh_error_set(error, GH_EMEMORY, "options: out of memory");
    puts(line);
    free(line);
    return GH_OK;
}

static enum gh_status json_print(const struct gh_config *config, struct gh_error *error)
{
    struct gh_option_place at = {0};
    enum gh_status status = GH_OK;

    for (at.group = 0; at.group < gh_config_group_count(); at.group++)
        for (at.option = 0; status == GH_OK && at.option < gh_config_group_at(at.group)->count;
             at.option++)
            status = json_line(config, at, false, error);
    return status;
}

static enum gh_status one_explain(const struct gh_arguments *arguments,
                                  struct gh_option_place place, struct gh_error *error)
{
    if (gh_argument(arguments, "json"))
        return json_line(arguments->config, place, true, error);
    gh_option_explain(stdout, arguments->config, place);
    return GH_OK;
}

/* An option, or all of a group. */
static enum gh_status explain(const struct gh_arguments *arguments, struct gh_error *error)
{
    const char *name = gh_argument(arguments, "explain");
    struct gh_option_place at = {0};
    struct gh_error why = {0};
    enum gh_status status = GH_OK;

    if (gh_config_find(name, &at, &why) == GH_OK)
        return one_explain(arguments, at, error);
    while (at.group < gh_config_group_count() &&
           strcmp(gh_config_group_at(at.group)->name, name) != 0)
        at.group++;
    if (at.group == gh_config_group_count())
        return gh_error_set(error, GH_EUSAGE, "--explain %s", why.text);
    for (; status == GH_OK && at.option < gh_config_group_at(at.group)->count; at.option++)
        status = one_explain(arguments, at, error);
    return status;
}

static enum gh_status page_check(const struct gh_arguments *arguments, struct gh_error *error)
{
    static const char *const pages[] = {"explain", "markdown", "metrics", "schema"};
    const char *first = NULL;

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (!gh_argument(arguments, pages[i]))
            continue;
        if (first)
            return gh_error_set(error, GH_EUSAGE, "--%s and --%s: only one of the two", first,
                                pages[i]);
        first = pages[i];
    }
    if (first && strcmp(first, "explain") != 0 && gh_argument(arguments, "json"))
        return gh_error_set(error, GH_EUSAGE, "--json and --%s: only one of the two", first);
    return GH_OK;
}

static enum gh_status options_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    const enum gh_status status = page_check(arguments, error);

    if (status != GH_OK)
        return status;
    if (gh_argument(arguments, "schema"))
        return gh_option_schema(stdout, error);
    if (gh_argument(arguments, "explain"))
        return explain(arguments, error);
    if (gh_argument(arguments, "json"))
        return json_print(arguments->config, error);
    if (gh_argument(arguments, "metrics")) {
        gh_metrics_page(stdout);
        return GH_OK;
    }
    if (gh_argument(arguments, "markdown")) {
        puts("# Options\n\nMade by `goodhart options --markdown`. In YAML, `group.option` is\n"
             "`option` under `group`; on the command line, `--set group.option=value`.");
        pages_print(arguments->config, &markdown);
        return GH_OK;
    }
    puts("# yaml-language-server: $schema=goodhart.schema.json\n"
         "# goodhart: every option. What is left out has its default.");
    pages_print(arguments->config, &yaml);
    return overrides_print(arguments->config, error);
}

static const struct gh_flag flags[] = {
    {"explain", "NAME", NULL, "an option or a group: value, where from, what is legal", false},
    {"json", NULL, NULL, "one JSON object a line, for machines", false},
    {"markdown", NULL, NULL, "tables, for the reference page", false},
    {"metrics", NULL, NULL, "instead of options: the reference of /metrics", false},
    {"schema", NULL, NULL, "JSON Schema of the configuration file, for editors", false},
};

const struct gh_command gh_command_options = {
    .name = "options",
    .positional = "",
    .summary = "shows every option with its value, as a configuration to start from",
    .details = "With --config and --set it shows the settings that would be in effect.\n\n"
               "Example:\n"
               "  goodhart options > goodhart.yaml\n"
               "  goodhart options --config goodhart.yaml --explain incident.false_alarms",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = options_run,
};
