/* service_control.c - what control.bind is asked (edge/control_server.h). */
#include "app/service_control.h"

#include "app/config_value.h"
#include "app/service_inside.h"
#include "edge/json_read.h"
#include "edge/operate/note.h"

#include <stdlib.h>

/* Requests of one turn. */
enum { TURN_REQUESTS = 4 };

/* --- get --- */

static const char *const effect_name[] = {[GH_EFFECT_AT_ONCE] = "at_once",
                                          [GH_EFFECT_NEXT_START] = "next_start",
                                          [GH_EFFECT_NEW_LOG] = "new_log"};
static const char *const layer_name[GH_LAYER_COUNT] = {[GH_LAYER_DEFAULT] = "default",
                                                       [GH_LAYER_FILE] = "file",
                                                       [GH_LAYER_LIVE] = "live",
                                                       [GH_LAYER_COMMAND] = "command"};

static json_t *setting_make(const struct gh_service_settings *t, struct gh_option_place place)
{
    const struct gh_option_group *group = gh_config_group_at(place.group);
    const struct gh_option *option = &group->options[place.option];
    const enum gh_effect effect = gh_config_effect(place);
    const bool waits = effect == GH_EFFECT_NEXT_START;
    char now[GH_CONFIG_PRINT_SIZE], then[GH_CONFIG_PRINT_SIZE], fallback[GH_CONFIG_PRINT_SIZE],
        name[128];
    struct gh_option_origin origin, ignored;

    snprintf(name, sizeof name, "%s.%s", group->name, option->name);
    gh_config_print(waits ? t->boot : t->current, group, option, now, sizeof now);
    gh_config_print(t->current, group, option, then, sizeof then);
    (void)gh_config_said(t->current, place, GH_LAYER_DEFAULT, &ignored, fallback);
    gh_config_origin(waits ? t->boot : t->current, place, &origin);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", name, "value", now,
                            "fallback", fallback, "layer", layer_name[origin.layer], "origin",
                            origin.text, "effect", effect_name[effect]);
    if (row && strcmp(now, then) != 0)
        json_object_set_new(row, "next", json_string(then));
    return row;
}

/* "group", "group.option"; no names: all. */
static bool name_wanted(const json_t *names, const struct gh_option_group *group,
                        const char *option)
{
    const size_t size = strlen(group->name);
    bool wanted = json_array_size(names) == 0;

    for (size_t i = 0; i < json_array_size(names) && !wanted; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        wanted =
            name && strncmp(name, group->name, size) == 0 &&
            (name[size] == '\0' || (name[size] == '.' && strcmp(name + size + 1, option) == 0));
    }
    return wanted;
}

/* Each name is a group or an option. */
static enum gh_status names_check(const json_t *names, struct gh_error *error)
{
    struct gh_option_place place;

    if (names && (!json_is_array(names) || json_array_size(names) > GH_CONTROL_NAMES))
        return gh_error_set(error, GH_EUSAGE, "names: a list of at most %d names",
                            GH_CONTROL_NAMES);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        bool group = false;
        for (size_t g = 0; name && g < gh_config_group_count(); g++)
            group |= strcmp(gh_config_group_at(g)->name, name) == 0;
        if (group)
            continue;
        const enum gh_status status = gh_config_find(name ? name : "", &place, error);
        if (status != GH_OK)
            return status;
    }
    return GH_OK;
}

static json_t *override_make(const struct gh_config_override *o, const char *name)
{
    char scope[GH_SCOPE_TEXT_SIZE], value[GH_CONFIG_PRINT_SIZE];

    gh_scope_print(o, scope);
    gh_override_value_print(o, value);
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "name", name, "scope", scope, "value",
                     value, "until", gh_live_time(o->until_ms), "reason", o->reason, "origin",
                     o->origin.text);
}

static void overrides_add(const struct gh_config *config, const json_t *names, json_t *list)
{
    for (size_t i = 0; i < gh_config_override_count(config); i++) {
        const struct gh_config_override *o = gh_config_override_at(config, i);
        const struct gh_option_group *group = gh_config_group_at(o->place.group);
        const char *option = group->options[o->place.option].name;
        char name[128];
        snprintf(name, sizeof name, "%s.%s", group->name, option);
        if (name_wanted(names, group, option))
            json_array_append_new(list, override_make(o, name));
    }
}

enum gh_status gh_control_get(struct gh_control *c, struct gh_error *error)
{
    const struct gh_service_settings *t = c->service->settings;
    const json_t *names = json_object_get(c->request->body, "names");
    const enum gh_status status = names_check(names, error);

    if (status != GH_OK)
        return status;
    json_t *settings = json_array(), *overrides = json_array();
    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);
        for (size_t i = 0; i < group->count; i++)
            if (name_wanted(names, group, group->options[i].name))
                json_array_append_new(settings,
                                      setting_make(t, (struct gh_option_place){g, i}));
    }
    overrides_add(t->current, names, overrides);
    c->answer = json_pack("{s:o, s:o}", "settings", settings, "overrides", overrides);
    return GH_OK;
}

/* --- requests --- */

/* One row for each `do`: its members, and what answers. */
static const struct {
    const char *name;
    const char *members; /* each between two blanks; small letters are texts or numbers */
    enum gh_status (*answer)(struct gh_control *control, struct gh_error *error);
} requests[] = {
    {"get", " do names ", gh_control_get},
    {"set", " do set unset scope until reason who via check ", gh_control_set},
    {"revert", " do change reason who check ", gh_control_revert},
    {"history", " do before limit ", gh_control_history},
};

/* The types of members, whoever has them. */
static const struct {
    const char *name;
    json_type type;
} members[] = {
    {"names", JSON_ARRAY},    {"set", JSON_ARRAY},      {"unset", JSON_ARRAY},
    {"change", JSON_INTEGER}, {"before", JSON_INTEGER}, {"limit", JSON_INTEGER},
};

static bool member_typed(const char *name, const json_t *value)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].name, name) == 0)
            return json_typeof(value) == members[i].type;
    return strcmp(name, "check") == 0 ? json_is_boolean(value) : json_is_string(value);
}

static enum gh_status members_check(const json_t *body, const char *known,
                                    struct gh_error *error)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)body, name, value)
    {
        char word[32], shown[GH_CLEAN_SIZE];
        snprintf(word, sizeof word, " %s ", name);
        if (strlen(name) + 2 >= sizeof word || !strstr(known, word) || strchr(name, ' '))
            return gh_error_set(error, GH_EUSAGE, "%s: no such member: %s has%s",
                                gh_text_clean(name, strlen(name), shown),
                                gh_control_text(body, "do"), known);
        if (!member_typed(name, value))
            return gh_error_set(error, GH_EUSAGE, "%s: is of another type", name);
    }
    return GH_OK;
}

static enum gh_status request_do(struct gh_control *c, struct gh_error *error)
{
    const char *wanted = gh_control_text(c->request->body, "do");

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].name, wanted) != 0)
            continue;
        const enum gh_status status =
            members_check(c->request->body, requests[i].members, error);
        return status == GH_OK ? requests[i].answer(c, error) : status;
    }
    return gh_error_set(error, GH_EUSAGE, "do: get, set, revert or history");
}

static char *request_answer(void *context, const struct gh_control_request *request,
                            bool *refused)
{
    struct gh_control c = {.service = context, .request = request};
    struct gh_error error = {0};

    gh_json_begin();
    const enum gh_status status = request_do(&c, &error);
    char *text = c.answer && status == GH_OK
                     ? json_dumps(c.answer, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;
    if (status == GH_OK && gh_json_starved()) {
        free(text);
        text = NULL;
    }
    json_decref(c.answer);
    if (status == GH_OK)
        return text;
    *refused = true;
    return gh_control_error(error.text);
}

enum gh_status gh_service_control_open(struct gh_service *s, struct gh_error *error)
{
    struct gh_service_settings *t = s->settings;
    const struct gh_control_options *options = gh_config_group(t->boot, "control");

    return options->bind.text[0]
               ? gh_control_server_new(&t->control, s->context, options, &s->guard, error)
               : GH_OK;
}

void gh_service_control_close(struct gh_service *s)
{
    if (!s->settings)
        return;
    gh_control_server_free(s->settings->control);
    s->settings->control = NULL;
}

void gh_service_control_turn(struct gh_service *s)
{
    struct gh_control_server *control = s->settings->control;

    for (int i = 0; control && i < TURN_REQUESTS; i++)
        if (!gh_control_server_turn(control, request_answer, s))
            return;
}
