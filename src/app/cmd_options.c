/* cmd_options.c - `goodhart options`: every option, from the tables. */
#include "app/command.h"
#include "app/config_value.h"
#include "app/metrics_page.h"
#include "app/number.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *range_text(const struct gh_option *option, char text[GH_PROBLEM_SIZE])
{
    gh_value_legal(option, true, text, GH_PROBLEM_SIZE);
    return text + strlen("must be ");
}

static const char *fallback_text(const struct gh_option *option,
                                 char text[GH_CONFIG_PRINT_SIZE])
{
    union {
        double number;
        uint32_t whole;
        bool flag;
        struct gh_switch choice;
        struct gh_option_text text;
    } field;

    switch (option->type) {
    case GH_OPTION_DOUBLE:
        field.number = option->fallback;
        break;
    case GH_OPTION_U32:
        field.whole = (uint32_t)option->fallback;
        break;
    case GH_OPTION_BOOL:
        field.flag = option->fallback != 0;
        break;
    case GH_OPTION_SWITCH:
        field.choice.value = (uint32_t)option->fallback;
        break;
    case GH_OPTION_TEXT:
        snprintf(field.text.text, sizeof(field.text.text), "%s", option->fallback_text);
        break;
    }
    gh_value_print(option, &field, text, GH_CONFIG_PRINT_SIZE);
    return text;
}

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
           text ? "" : range_text(option, range), option->name, value);
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
    printf("| `%s.%s` | `%s` | ", group->name, option->name, fallback_text(option, fallback));
    cell_print(option->type == GH_OPTION_TEXT ? "text" : range_text(option, range));
    fputs(" | ", stdout);
    cell_print(option->help);
    puts(" |");
}

static void json_group(const struct gh_option_group *group)
{
    (void)group;
}

/* Words stand as they are in YAML, and in quotes in JSON. */
static json_t *value_json(const struct gh_option *option, const char *value)
{
    return option->type == GH_OPTION_SWITCH ? json_string(value)
                                            : json_loads(value, JSON_DECODE_ANY, NULL);
}

static void json_option(const struct gh_option_group *group, const struct gh_option *option,
                        const char *value)
{
    static const char *const types[] = {[GH_OPTION_DOUBLE] = "number",
                                        [GH_OPTION_U32] = "integer",
                                        [GH_OPTION_BOOL] = "boolean",
                                        [GH_OPTION_SWITCH] = "switch",
                                        [GH_OPTION_TEXT] = "text"};
    const bool number = option->type == GH_OPTION_DOUBLE || option->type == GH_OPTION_U32;
    char name[128], fallback[GH_CONFIG_PRINT_SIZE];
    json_t *object = json_object();
    char *line;

    snprintf(name, sizeof(name), "%s.%s", group->name, option->name);
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "type", json_string(types[option->type]));
    json_object_set_new(object, "value", value_json(option, value));
    json_object_set_new(object, "default", value_json(option, fallback_text(option, fallback)));
    if (number) {
        json_object_set_new(object, "min", json_real(option->min));
        json_object_set_new(object, "max", json_real(option->max));
    }
    json_object_set_new(object, "unit", json_string(option->unit));
    json_object_set_new(object, "help", json_string(option->help));
    line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    puts(line ? line : "");
    free(line);
    json_decref(object);
}

static const struct printer yaml = {yaml_group, yaml_option};
static const struct printer markdown = {markdown_group, markdown_option};
static const struct printer json = {json_group, json_option};

static enum gh_status options_run(const struct gh_arguments *arguments, struct gh_error *error)
{
    const struct printer *printer = gh_argument(arguments, "json")       ? &json
                                    : gh_argument(arguments, "markdown") ? &markdown
                                                                         : &yaml;
    char value[GH_CONFIG_PRINT_SIZE];

    if (gh_argument(arguments, "json") && gh_argument(arguments, "markdown"))
        return gh_error_set(error, GH_EUSAGE, "--json and --markdown: only one of the two");
    if (gh_argument(arguments, "metrics")) {
        gh_metrics_page(stdout);
        return GH_OK;
    }
    if (printer == &yaml)
        puts("# goodhart: every option. What is left out has its default.");
    if (printer == &markdown)
        puts("# Options\n\nMade by `goodhart options --markdown`. In YAML, `group.option` is\n"
             "`option` under `group`; on the command line, `--set group.option=value`.");
    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);

        printer->group(group);
        for (size_t i = 0; i < group->count; i++) {
            gh_config_print(arguments->config, group, &group->options[i], value, sizeof(value));
            printer->option(group, &group->options[i], value);
        }
    }
    return GH_OK;
}

static const struct gh_flag flags[] = {
    {"json", NULL, NULL, "one JSON object a line, for machines", false},
    {"markdown", NULL, NULL, "tables, for the reference page", false},
    {"metrics", NULL, NULL, "instead of options: the reference of /metrics", false},
};

const struct gh_command gh_command_options = {
    .name = "options",
    .positional = "",
    .summary = "shows every option with its value, as a configuration to start from",
    .details = "With --config and --set it shows the settings that would be in effect.\n\n"
               "Example:\n"
               "  goodhart options > goodhart.yaml",
    .flag = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = options_run,
};
