/* cmd_get.c - `goodhart get`: what holds in a running service, and where it comes from. */
#include "app/ask.h"
#include "app/terminal.h"
#include "edge/json_read.h"

#include <stdio.h>
#include <string.h>

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void text_put(const char *text)
{
    gh_terminal_text(stdout, (struct gh_text){text, (uint32_t)strlen(text)});
}

static void setting_put(const json_t *row)
{
    printf("%-36s ", member(row, "name"));
    text_put(member(row, "value"));
    fputs("   ", stdout);
    text_put(member(row, "origin"));
    if (member(row, "next")[0])
        fputs("; from the next start ", stdout);
    text_put(member(row, "next"));
    putchar('\n');
}

static void override_put(const json_t *row)
{
    printf("%-36s ", member(row, "name"));
    text_put(member(row, "value"));
    fputs(" for ", stdout);
    text_put(member(row, "scope"));
    if (member(row, "until")[0])
        printf(" until %s", member(row, "until"));
    fputs("   ", stdout);
    text_put(member(row, "origin"));
    putchar('\n');
}

static enum gh_status rows_tell(const json_t *rows, bool json, void (*put)(const json_t *row),
                                struct gh_error *error)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; status == GH_OK && i < json_array_size(rows); i++) {
        if (json)
            status = gh_ask_line(json_array_get(rows, i), error);
        else
            put(json_array_get(rows, i));
    }
    return status;
}

static enum gh_status get_run(const struct gh_arguments *a, struct gh_error *error)
{
    const bool json = gh_argument(a, "json") != NULL;
    json_t *answer = NULL, *names = json_array();

    gh_json_begin();
    for (size_t i = 0; i < a->positional_count; i++)
        json_array_append_new(names, json_string(a->positional[i]));
    enum gh_status status =
        gh_ask(a, json_pack("{s:s, s:o}", "do", "get", "names", names), &answer, error);
    if (status == GH_OK)
        status = rows_tell(json_object_get(answer, "settings"), json, setting_put, error);
    if (status == GH_OK)
        status = rows_tell(json_object_get(answer, "overrides"), json, override_put, error);
    json_decref(answer);
    if (status == GH_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = gh_error_set(error, GH_EIO, "standard output: cannot be written");
    return status;
}

static const struct gh_flag get_flags[] = {
    {"json", NULL, NULL, "a line of JSON for each setting", false}, GH_ASK_FLAGS};

const struct gh_command gh_command_get = {
    .name = "get",
    .positional = "[NAME…]",
    .positional_max = 64,
    .summary = "settings of a running service, and where each comes from",
    .details =
        "NAME is an option or a group of them; all are told where there is none. What differs\n"
        "by team and role comes last. 'goodhart options' tells what each one means.\n"
        "\n"
        "Examples:\n"
        "  goodhart get verbosity\n"
        "  goodhart get --json | jq 'select(.layer == \"live\")'",
    .flag = get_flags,
    .flag_count = sizeof(get_flags) / sizeof(get_flags[0]),
    .run = get_run,
};
