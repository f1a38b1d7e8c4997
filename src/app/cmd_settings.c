/* cmd_settings.c - `goodhart settings`: who changed what, and back. */
#include "app/ask.h"
#include "app/number.h"
#include "edge/json_read.h"

#include <stdint.h>
#include <string.h>

static enum gh_status page_tell(const json_t *page, bool json, uint64_t *before,
                                struct gh_error *error)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; status == GH_OK && i < json_array_size(page); i++) {
        const json_t *change = json_array_get(page, i);
        status = gh_ask_tell(change, json, error);
        *before = (uint64_t)json_integer_value(json_object_get(change, "number"));
    }
    return status;
}

static enum gh_status history(const struct gh_arguments *a, struct gh_error *error)
{
    const bool json = gh_argument(a, "json") != NULL;
    uint64_t before = INT64_MAX;
    enum gh_status status = GH_OK;
    size_t told = 1;

    if (a->positional_count > 1)
        return gh_error_set(error, GH_EUSAGE, "settings history: takes no number");
    while (status == GH_OK && told > 0 && before > 1) {
        json_t *answer = NULL;
        gh_json_begin();
        status =
            gh_ask(a, json_pack("{s:s, s:I}", "do", "history", "before", (json_int_t)before),
                   &answer, error);
        const json_t *page = json_object_get(answer, "history");
        told = json_array_size(page);
        if (status == GH_OK)
            status = page_tell(page, json, &before, error);
        json_decref(answer);
    }
    return status;
}

static enum gh_status revert(const struct gh_arguments *a, struct gh_error *error)
{
    const char *reason = gh_argument(a, "reason");
    uint64_t number = 0;
    json_t *answer = NULL;

    if (a->positional_count > 1 &&
        (!gh_number_u64(a->positional[1], &number) || number == 0 || number > INT64_MAX))
        return gh_error_set(error, GH_EUSAGE,
                            "settings revert: %s: must be the number of a change",
                            a->positional[1]);
    gh_json_begin();
    json_t *request = json_pack("{s:s, s:s, s:b}", "do", "revert", "reason",
                                reason ? reason : "", "check", gh_argument(a, "check") != NULL);
    if (number > 0)
        json_object_set_new(request, "change", json_integer((json_int_t)number));
    enum gh_status status = gh_ask(a, request, &answer, error);
    if (status == GH_OK)
        status = gh_ask_tell(answer, gh_argument(a, "json") != NULL, error);
    json_decref(answer);
    return status;
}

static enum gh_status settings_run(const struct gh_arguments *a, struct gh_error *error)
{
    if (strcmp(a->positional[0], "history") == 0)
        return history(a, error);
    if (strcmp(a->positional[0], "revert") == 0)
        return revert(a, error);
    return gh_error_set(error, GH_EUSAGE, "settings: %s: history or revert", a->positional[0]);
}

static const struct gh_flag settings_flags[] = {
    {"reason", "TEXT", NULL, "why it is undone, for the record", false},
    {"check", NULL, NULL, "say what would change, and change nothing", false},
    {"json", NULL, NULL, "a line of JSON for each change", false},
    GH_ASK_FLAGS};

const struct gh_command gh_command_settings = {
    .name = "settings",
    .positional = "history|revert [NUMBER]",
    .positional_min = 1,
    .positional_max = 2,
    .summary = "who changed which setting when and why, and undoing it",
    .details =
        "history  every change, newest first: by 'goodhart set', by reading the configuration\n"
        "         file again, by a start under another one; it is never removed\n"
        "revert   undoes change NUMBER, or the last one that was set, as a new change; what\n"
        "         was changed again since is undone first\n"
        "\n"
        "Examples:\n"
        "  goodhart settings history\n"
        "  goodhart settings revert 7 --reason 'it hid a stuck agent'",
    .flag = settings_flags,
    .flag_count = sizeof(settings_flags) / sizeof(settings_flags[0]),
    .run = settings_run,
};
