/* apply.c - see apply.h. */
#include "app/tune/apply.h"

#include "app/ask.h"

#include <string.h>

/* One SETTING of control_server.h. */
static enum gh_status setting_take(struct gh_config *config, const json_t *setting,
                                   struct gh_error *error)
{
    const char *name = json_string_value(json_object_get(setting, "name"));
    const char *value = json_string_value(json_object_get(setting, "value"));
    char assignment[GH_LADDER_NAME_SIZE + GH_CONFIG_PRINT_SIZE], now[GH_CONFIG_PRINT_SIZE];
    struct gh_option_place place;

    if (name == NULL || value == NULL)
        return gh_error_set(error, GH_EFORMAT, "control: a setting without name or value");
    const enum gh_status status = gh_config_find(name, &place, error);
    if (status != GH_OK || place.group >= gh_engine_group_count())
        return status;
    const struct gh_option_group *group = gh_config_group_at(place.group);
    gh_config_print(config, group, &group->options[place.option], now, sizeof now);
    if (strcmp(now, value) == 0)
        return GH_OK;
    snprintf(assignment, sizeof assignment, "%s=%s", name, value);
    return gh_config_set(config, assignment, error);
}

enum gh_status gh_tune_take_over(const struct gh_arguments *arguments, struct gh_error *error)
{
    json_t *answer = NULL, *setting;
    enum gh_status status = gh_ask(arguments, json_pack("{s:s}", "do", "get"), &answer, error);
    size_t i;

    json_array_foreach(json_object_get(answer, "settings"), i, setting)
    {
        if (status == GH_OK)
            status = setting_take(arguments->config, setting, error);
    }
    json_decref(answer);
    return status;
}

/* Asks for it, or with `check` whether it would be taken. */
static enum gh_status change_ask(const struct gh_arguments *arguments,
                                 struct gh_ask_change change, struct gh_error *error)
{
    json_t *answer = NULL;

    change.scope = change.until = "";
    change.via = "propose";
    const enum gh_status status = gh_ask_change(arguments, &change, &answer, error);
    json_decref(answer);
    return status;
}

static enum gh_status one_apply(const struct gh_proposal *proposal, const char *assignment,
                                const struct gh_arguments *arguments, struct gh_error *error)
{
    char reason[GH_PROPOSAL_REASON_SIZE];

    gh_proposal_reason(proposal, reason);
    const enum gh_status status = change_ask(
        arguments, (struct gh_ask_change){.set = &assignment, .set_count = 1, .reason = reason},
        error);
    if (status == GH_OK)
        fprintf(stderr, "set %s\n", assignment);
    return status;
}

enum gh_status gh_tune_apply(const struct gh_proposals *proposals,
                             const struct gh_arguments *arguments, struct gh_error *error)
{
    char(*text)[GH_LADDER_ASSIGNMENT_SIZE] =
        g_malloc0_n(proposals->looked->len + 1, sizeof *text);
    const char **assignment = g_new0(const char *, proposals->looked->len + 1);
    const struct gh_proposal *next;
    size_t cursor = 0, count = 0;
    enum gh_status status = GH_OK;

    while ((next = gh_proposals_next(proposals, &cursor)) != NULL) {
        gh_ladder_assignment(&next->ladder, next->rung[next->chosen].value, text[count]);
        assignment[count] = text[count];
        count++;
    }
    if (count > 0)
        status = change_ask(
            arguments,
            (struct gh_ask_change){
                .set = assignment, .set_count = count, .reason = "propose", .check = true},
            error);
    cursor = 0;
    for (size_t i = 0; status == GH_OK && i < count; i++) {
        next = gh_proposals_next(proposals, &cursor);
        status = one_apply(next, assignment[i], arguments, error);
    }
    g_free(assignment);
    g_free(text);
    return status;
}
