/* cmd_set.c - `goodhart set`: settings of a service that runs. */
#include "app/ask.h"

#include <stdio.h>
#include <string.h>

enum { SCOPE_SIZE = 300 };

static enum gh_status scope_read(const struct gh_arguments *a, char scope[SCOPE_SIZE],
                                 struct gh_error *error)
{
    const char *team = gh_argument(a, "team"), *role = gh_argument(a, "role");

    scope[0] = '\0';
    if (team && role)
        return gh_error_set(error, GH_EUSAGE, "--team, --role: one of them");
    if (team || role) {
        const int size =
            snprintf(scope, SCOPE_SIZE, "%s:%s", team ? "team" : "role", team ? team : role);
        if (size >= SCOPE_SIZE)
            return gh_error_set(error, GH_EUSAGE, "--team, --role: the name is too long");
    }
    return GH_OK;
}

static size_t unset_read(const struct gh_arguments *a, const char *unset[GH_REPEATS_MAX])
{
    size_t count = 0;

    while (count < GH_REPEATS_MAX && (unset[count] = gh_argument_repeat(a, "unset", count)))
        count++;
    return count;
}

static enum gh_status set_run(const struct gh_arguments *a, struct gh_error *error)
{
    const char *unset[GH_REPEATS_MAX], *reason = gh_argument(a, "reason"),
                                       *until = gh_argument(a, "until");
    char scope[SCOPE_SIZE];
    struct gh_ask_change change = {.set = a->positional,
                                   .set_count = a->positional_count,
                                   .unset = unset,
                                   .unset_count = unset_read(a, unset),
                                   .scope = scope,
                                   .until = until ? until : "",
                                   .reason = reason ? reason : "",
                                   .via = "set",
                                   .check = gh_argument(a, "check") != NULL};
    json_t *answer = NULL;
    enum gh_status status = scope_read(a, scope, error);

    if (status != GH_OK)
        return status;
    if (change.set_count + change.unset_count == 0)
        return gh_error_set(error, GH_EUSAGE, "set: name what is to be set, or --unset NAME");
    if (change.check && !change.reason[0])
        change.reason = "tried out";
    if (!change.reason[0])
        return gh_error_set(error, GH_EUSAGE, "--reason: say why, for the record");
    status = gh_ask_change(a, &change, &answer, error);
    if (status != GH_OK)
        return status;
    if (!change.check && json_is_null(json_object_get(answer, "number")))
        fputs("goodhart set: holds until the service ends, and is not kept: store.folder is "
              "not set\n",
              stderr);
    status = gh_ask_tell(answer, gh_argument(a, "json") != NULL, error);
    json_decref(answer);
    return status;
}

static const struct gh_flag set_flags[] = {
    {"reason", "TEXT", NULL, "why, for the record; needed but with --check", false},
    {"team", "NAME", NULL, "for the people of this team alone", false},
    {"role", "NAME", NULL, "for the people of this role alone", false},
    {"until", "TIME", NULL, "with --team or --role: date or time from which it ends", false},
    {"unset", "NAME", NULL, "take back what was set; what stands below it holds again", true},
    {"check", NULL, NULL, "say what would change, and change nothing", false},
    {"json", NULL, NULL, "the record as a line of JSON", false},
    GH_ASK_FLAGS};

const struct gh_command gh_command_set = {
    .name = "set",
    .positional = "[NAME=VALUE…]",
    .positional_max = 64,
    .summary = "changes settings of a running service, on the record",
    .details =
        "All of it is checked first; then it is in force from the next event on, in one step,\n"
        "or nothing has changed and the reason is told. It stays in force when the service\n"
        "starts again, goes before the configuration file, and stands in its log: findings\n"
        "derived again come out the same. 'goodhart settings' tells who changed what, and\n"
        "undoes it.\n"
        "\n"
        "Examples:\n"
        "  goodhart set verbosity.enabled=false --reason 'too noisy until June'\n"
        "  goodhart set agent_loop.depth=6 --team build --until 2026-12-31 --reason trial\n"
        "  goodhart set --unset verbosity.enabled --reason 'model was fitted'",
    .flag = set_flags,
    .flag_count = sizeof(set_flags) / sizeof(set_flags[0]),
    .run = set_run,
};
