/* option_json.c - an option as a JSON object. */
#include "app/option_pages.h"
#include "engine/options.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *gh_option_range(const struct gh_option *option, char text[GH_PROBLEM_SIZE])
{
    gh_value_legal(option, true, text, GH_PROBLEM_SIZE);
    return text + strlen("must be ");
}

const char *gh_option_fallback(const struct gh_option *option, char text[GH_CONFIG_PRINT_SIZE])
{
    union gh_value value;

    gh_value_default(option, &value);
    gh_value_print(option, &value, text, GH_CONFIG_PRINT_SIZE);
    return text;
}

const char *gh_effect_text(enum gh_effect effect)
{
    static const char *const texts[] = {[GH_EFFECT_AT_ONCE] = "at once",
                                        [GH_EFFECT_NEXT_START] = "next start",
                                        [GH_EFFECT_NEW_LOG] = "new log"};

    return texts[effect];
}

const char *gh_option_detector(struct gh_option_place place)
{
    const bool own = place.group >= GH_GROUP_DETECTORS && place.group < gh_engine_group_count();

    return own ? gh_config_group_at(place.group)->name : "";
}

bool gh_option_for_teams(struct gh_option_place place)
{
    return place.group < gh_engine_group_count() &&
           gh_option_scopable(place.group, place.option);
}

/* Words stand as they are in YAML, and in quotes in JSON. */
static json_t *value_json(const struct gh_option *option, const char *value)
{
    return option->type == GH_OPTION_SWITCH ? json_string(value)
                                            : json_loads(value, JSON_DECODE_ANY, NULL);
}

static const char *layer_text(enum gh_layer layer)
{
    static const char *const texts[] = {[GH_LAYER_DEFAULT] = "default",
                                        [GH_LAYER_FILE] = "file",
                                        [GH_LAYER_LIVE] = "live",
                                        [GH_LAYER_COMMAND] = "command"};

    return texts[layer];
}

static void said_add(json_t *list, const struct gh_config *config, struct gh_option_place place)
{
    const struct gh_option *option = &gh_config_group_at(place.group)->options[place.option];
    struct gh_option_origin origin;
    char value[GH_CONFIG_PRINT_SIZE];

    for (enum gh_layer layer = GH_LAYER_DEFAULT; layer < GH_LAYER_COUNT; layer++) {
        json_t *said;

        if (!gh_config_said(config, place, layer, &origin, value))
            continue;
        said = json_object();
        json_object_set_new(said, "layer", json_string(layer_text(layer)));
        json_object_set_new(said, "value", value_json(option, value));
        json_object_set_new(said, "from", json_string(origin.text));
        json_array_append_new(list, said);
    }
}

static json_t *override_json(const struct gh_config_override *o, const struct gh_option *option)
{
    json_t *object = json_object();
    char scope[GH_SCOPE_TEXT_SIZE], value[GH_CONFIG_PRINT_SIZE], until[GH_UNTIL_TEXT_SIZE];

    gh_scope_print(o, scope);
    gh_override_value_print(o, value);
    json_object_set_new(object, "scope", json_string(scope));
    json_object_set_new(object, "value", value_json(option, value));
    if (o->until_ms != INT64_MAX)
        json_object_set_new(object, "until", json_string(gh_until_print(o->until_ms, until)));
    json_object_set_new(object, "reason", json_string(o->reason));
    json_object_set_new(object, "layer", json_string(layer_text(o->origin.layer)));
    json_object_set_new(object, "from", json_string(o->origin.text));
    return object;
}

static void origins_add(json_t *object, const struct gh_config *config,
                        struct gh_option_place place)
{
    const struct gh_option *option = &gh_config_group_at(place.group)->options[place.option];
    json_t *layers = json_array(), *overrides = json_array();
    struct gh_option_origin origin;

    gh_config_origin(config, place, &origin);
    said_add(layers, config, place);
    for (size_t i = 0; i < gh_config_override_count(config); i++) {
        const struct gh_config_override *o = gh_config_override_at(config, i);

        if (o->place.group == place.group && o->place.option == place.option)
            json_array_append_new(overrides, override_json(o, option));
    }
    json_object_set_new(object, "layer", json_string(layer_text(origin.layer)));
    json_object_set_new(object, "from", json_string(origin.text));
    json_object_set_new(object, "layers", layers);
    json_object_set_new(object, "overrides", overrides);
}

static void range_add(json_t *object, const struct gh_option *option)
{
    if (option->type == GH_OPTION_DOUBLE || option->type == GH_OPTION_U32) {
        json_object_set_new(object, "min", json_real(option->min));
        json_object_set_new(object, "max", json_real(option->max));
    }
    json_object_set_new(object, "unit", json_string(option->unit));
    json_object_set_new(object, "help", json_string(option->help));
}

char *gh_option_json(const struct gh_config *config, struct gh_option_place place, bool whole)
{
    static const char *const types[] = {[GH_OPTION_DOUBLE] = "number",
                                        [GH_OPTION_U32] = "integer",
                                        [GH_OPTION_BOOL] = "boolean",
                                        [GH_OPTION_SWITCH] = "switch",
                                        [GH_OPTION_TEXT] = "text"};
    const struct gh_option_group *group = gh_config_group_at(place.group);
    const struct gh_option *option = &group->options[place.option];
    const char *effect = gh_effect_text(gh_config_effect(place));
    char name[128], value[GH_CONFIG_PRINT_SIZE];
    json_t *object = json_object();
    char *line;

    snprintf(name, sizeof(name), "%s.%s", group->name, option->name);
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "type", json_string(types[option->type]));
    gh_config_print(config, group, option, value, sizeof(value));
    json_object_set_new(object, "value", value_json(option, value));
    json_object_set_new(object, "default",
                        value_json(option, gh_option_fallback(option, value)));
    range_add(object, option);
    json_object_set_new(object, "detector", json_string(gh_option_detector(place)));
    json_object_set_new(object, "effect", json_string(effect));
    json_object_set_new(object, "scopable", json_boolean(gh_option_for_teams(place)));
    if (whole)
        origins_add(object, config, place);
    line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(object);
    return line;
}
