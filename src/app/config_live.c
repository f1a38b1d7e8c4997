/* config_live.c - the layer that people set while the service runs, and all layers in order. */
#include "app/config_inside.h"
#include "base/civil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void live_origin(const struct gh_live_setting *setting, struct gh_option_origin *origin)
{
    char who[GH_CLEAN_SIZE], reason[GH_OPTION_TEXT_SIZE], when[GH_TIME_TEXT_SIZE] = "?";

    if (setting->at_ms >= 0 && setting->at_ms <= GH_TIME_MS_MAX)
        gh_time_format(setting->at_ms, when);
    gh_text_clean(setting->who, strlen(setting->who), who);
    gh_text_fit(setting->reason, strlen(setting->reason), reason, sizeof(reason));
    origin->layer = GH_LAYER_LIVE;
    snprintf(origin->text, sizeof(origin->text), "set by %s on %s%s%s",
             who[0] ? who : "somebody", when, reason[0] ? ": " : "", reason);
}

/* Undoes what gh_value_print does to a text; without quotes it is meant as it stands. */
static struct gh_scalar live_scalar(const char *value, char *room)
{
    const size_t size = strlen(value);
    size_t used = 0;

    if (size < 2 || value[0] != '"' || value[size - 1] != '"')
        return (struct gh_scalar){value, size, GH_NOTATION_ANY};
    for (size_t i = 1; i + 1 < size; i++) {
        i += value[i] == '\\' && i + 2 < size;
        room[used++] = value[i];
    }
    room[used] = '\0';
    return (struct gh_scalar){room, used, GH_NOTATION_QUOTED};
}

/* "team:NAME" or "role:NAME" into an override. */
static bool scope_read(const char *scope, struct gh_config_override *to, const char **problem)
{
    struct gh_scalar name = {.notation = GH_NOTATION_QUOTED};
    char ignored[GH_PROBLEM_SIZE];
    const char *colon = strchr(scope, ':');
    struct gh_option_text text;

    *problem = "must be for team:NAME or role:NAME";
    if (!colon || (strncmp(scope, "team:", 5) && strncmp(scope, "role:", 5)))
        return false;
    to->scope = scope[0] == 't' ? GH_SCOPE_TEAM : GH_SCOPE_ROLE;
    name.at = colon + 1;
    name.size = strlen(name.at);
    *problem = "the name of the team or role must be a text of at most 255 bytes";
    if (!name.size || !gh_value_read(&gh_option_free_text, name, &text, ignored))
        return false;
    memcpy(to->name, text.text, sizeof(text.text));
    return true;
}

static bool reason_read(const char *reason, struct gh_config_override *to)
{
    const struct gh_scalar scalar = {reason, strlen(reason), GH_NOTATION_QUOTED};
    char ignored[GH_PROBLEM_SIZE];
    struct gh_option_text text;

    if (!reason[0] || !gh_value_read(&gh_option_free_text, scalar, &text, ignored))
        return false;
    memcpy(to->reason, text.text, sizeof(text.text));
    return true;
}

static enum gh_status scoped_take(struct gh_config *config,
                                  const struct gh_live_setting *setting,
                                  struct gh_scalar scalar, struct gh_error *error)
{
    struct gh_config_override fresh = {.until_ms = setting->until_ms};
    char problem[GH_PROBLEM_SIZE];
    const char *why = NULL;
    union gh_value value;
    enum gh_status status = gh_config_find(setting->name, &fresh.place, error);

    if (status != GH_OK)
        return status;
    live_origin(setting, &fresh.origin);
    if (!scope_read(setting->scope, &fresh, &why))
        return gh_error_set(error, GH_ECONFIG, "%s: %s", setting->name, why);
    if (!reason_read(setting->reason, &fresh))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: for a team or a role there must be a reason, of at most %d "
                            "bytes",
                            setting->name, GH_OPTION_TEXT_SIZE - 1);
    if (!gh_override_legal(fresh.place, problem) ||
        !gh_value_read(gh_option_at(fresh.place), scalar, &value, problem))
        return gh_error_set(error, GH_ECONFIG, "%s: %s", setting->name, problem);
    fresh.value = gh_override_number(fresh.place, &value);
    if (gh_override_add(config, &fresh, problem)) {
        gh_overrides_settle(config);
        return GH_OK;
    }
    return gh_error_set(error, problem[0] ? GH_ECONFIG : GH_EMEMORY, "%s: %s", setting->name,
                        problem[0] ? problem : "out of memory");
}

static enum gh_status plain_take(struct gh_config *config,
                                 const struct gh_live_setting *setting, struct gh_scalar scalar,
                                 struct gh_error *error)
{
    struct gh_option_origin origin;

    if (setting->until_ms != INT64_MAX)
        return gh_error_set(error, GH_ECONFIG,
                            "%s: only what is set for a team or a role can end by itself",
                            setting->name);
    live_origin(setting, &origin);
    return gh_assignment_take(config, setting->name, scalar, &origin, error);
}

enum gh_status gh_config_live(struct gh_config *config, const struct gh_live_setting *setting,
                              struct gh_error *error)
{
    char *room = malloc(strlen(setting->value) + 1);
    struct gh_error why = {0};

    if (!room)
        return gh_error_set(error, GH_EMEMORY, "set %s: out of memory", setting->name);
    const struct gh_scalar scalar = live_scalar(setting->value, room);
    const enum gh_status status = setting->scope[0] ? scoped_take(config, setting, scalar, &why)
                                                    : plain_take(config, setting, scalar, &why);
    free(room);
    return status == GH_OK ? GH_OK : gh_error_set(error, status, "set %s", why.text);
}

enum gh_status gh_config_load(struct gh_config **config, const struct gh_config_parts *parts,
                              struct gh_error *error)
{
    enum gh_status status = gh_config_new(config, error);

    if (status == GH_OK && parts->path)
        status = gh_config_file(*config, parts->path, error);
    for (size_t i = 0; status == GH_OK && i < parts->live_count; i++)
        status = gh_config_live(*config, &parts->live[i], error);
    for (size_t i = 0; status == GH_OK && i < parts->set_count; i++)
        status = gh_config_set(*config, parts->set[i], error);
    if (status != GH_OK) {
        gh_config_free(*config);
        *config = NULL;
    }
    return status;
}
