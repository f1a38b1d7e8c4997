/* ask.c - see ask.h. */
#include "app/ask.h"

#include "app/terminal.h"
#include "edge/control_client.h"
#include "edge/edge_options.h"
#include "edge/json_read.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASK_MS = 10000 };

/* Who runs the command, as far as this machine knows. */
static const char *login(void)
{
    const struct passwd *entry = getpwuid(geteuid());

    return entry && entry->pw_name ? entry->pw_name : "";
}

enum gh_status gh_ask(const struct gh_arguments *a, json_t *request, json_t **answer,
                      struct gh_error *error)
{
    const struct gh_control_options *options = gh_config_group(a->config, "control");
    const char *endpoint = gh_argument(a, "endpoint");
    const char *wanted = json_string_value(json_object_get(request, "do"));
    struct gh_credentials credentials = {0};
    const struct gh_control_wish wish = {endpoint ? endpoint : options->bind.text, &credentials,
                                         ASK_MS};
    enum gh_status status = GH_OK;

    if (!wanted || gh_json_starved())
        status = gh_error_set(error, GH_EMEMORY, "control: out of memory");
    else if (strcmp(wanted, "set") == 0 || strcmp(wanted, "revert") == 0)
        json_object_set_new(request, "who", json_string(login()));
    if (status == GH_OK && !wish.endpoint[0])
        status = gh_error_set(error, GH_EUSAGE,
                              "control.bind is empty: name the service with --endpoint");
    if (status == GH_OK)
        status = gh_argument_credentials(a, &credentials, error);
    if (status == GH_OK)
        status = gh_control_ask(&wish, request, answer, error);
    gh_key_pair_wipe(&credentials.own);
    json_decref(request);
    return status;
}

/* "name=value" as an entry of `set`; NULL: it is none. */
static json_t *assignment(const char *text)
{
    const char *equals = strchr(text, '=');

    return equals ? json_pack("{s:s%, s:s}", "name", text, (size_t)(equals - text), "value",
                              equals + 1)
                  : NULL;
}

enum gh_status gh_ask_change(const struct gh_arguments *a, const struct gh_ask_change *change,
                             json_t **answer, struct gh_error *error)
{
    gh_json_begin();
    json_t *set = json_array(), *unset = json_array();
    for (size_t i = 0; i < change->set_count; i++) {
        if (!strchr(change->set[i], '=')) {
            json_decref(set);
            json_decref(unset);
            return gh_error_set(error, GH_EUSAGE, "%s: must be GROUP.OPTION=VALUE",
                                change->set[i]);
        }
        json_array_append_new(set, assignment(change->set[i]));
    }
    for (size_t i = 0; i < change->unset_count; i++)
        json_array_append_new(unset, json_string(change->unset[i]));
    json_t *request =
        json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:b}", "do", "set", "set", set, "unset",
                  unset, "scope", change->scope, "until", change->until, "reason",
                  change->reason, "via", change->via, "check", change->check);
    return gh_ask(a, request, answer, error);
}

/* --- telling --- */

static enum gh_status out_check(struct gh_error *error)
{
    return fflush(stdout) == 0 && !ferror(stdout)
               ? GH_OK
               : gh_error_set(error, GH_EIO, "standard output: cannot be written");
}

enum gh_status gh_ask_line(const json_t *value, struct gh_error *error)
{
    char *line = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);

    if (!line)
        return gh_error_set(error, GH_EMEMORY, "control: out of memory");
    puts(line);
    free(line);
    return out_check(error);
}

static void text_put(const char *text)
{
    gh_terminal_text(stdout, (struct gh_text){text, (uint32_t)strlen(text)});
}

static const char *member(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : otherwise;
}

static void row_put(const json_t *row)
{
    const char *scope = member(row, "scope", ""), *until = member(row, "until", "");

    fputs("  ", stdout);
    text_put(member(row, "name", ""));
    if (scope[0])
        fputs(" for ", stdout);
    text_put(scope);
    fputs(": ", stdout);
    text_put(member(row, "before", "as for all"));
    fputs(" -> ", stdout);
    text_put(member(row, "after", "as for all"));
    if (until[0])
        fputs(" until ", stdout);
    text_put(until);
    putchar('\n');
}

static void head_put(const json_t *change)
{
    const char *who = member(change, "who", ""), *reason = member(change, "reason", "");
    const json_t *number = json_object_get(change, "number");

    if (json_is_integer(number))
        printf("change %lld  ", (long long)json_integer_value(number));
    text_put(member(change, "time", ""));
    printf("  %s", member(change, "via", ""));
    if (who[0])
        fputs(" by ", stdout);
    text_put(who);
    if (who[0] && json_is_true(json_object_get(change, "stated")))
        fputs(" (as they say)", stdout);
    if (reason[0])
        fputs(": ", stdout);
    text_put(reason);
    putchar('\n');
}

enum gh_status gh_ask_tell(const json_t *change, bool json, struct gh_error *error)
{
    const json_t *changes = json_object_get(change, "changes");

    if (json)
        return gh_ask_line(change, error);
    if (member(change, "via", "")[0])
        head_put(change);
    for (size_t i = 0; i < json_array_size(changes); i++)
        row_put(json_array_get(changes, i));
    if (json_array_size(changes) == 0)
        puts("  nothing holds that did not hold before");
    return out_check(error);
}
