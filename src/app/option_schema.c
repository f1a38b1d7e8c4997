/* option_schema.c - what a configuration file may say, for editors. Where the two differ, the
 * program is the stricter: it counts bytes, and a whole number is written without a point. */
#include "app/option_pages.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* No control characters, nor what YAML cannot hold as it is. */
#define TEXT_PATTERN "^[^\\u0000-\\u001f\\u007f-\\u009f\\ufeff\\ufffe\\uffff]*$"
#define ITEM_PATTERN "^[^,\\u0000-\\u001f\\u007f-\\u009f\\ufeff\\ufffe\\uffff]+$"

static json_t *text_json(const char *pattern)
{
    return json_pack("{s:s, s:i, s:s}", "type", "string", "maxLength", GH_OPTION_TEXT_SIZE - 1,
                     "pattern", pattern);
}

static json_t *number_json(double value)
{
    return value == (double)(json_int_t)value ? json_integer((json_int_t)value)
                                              : json_real(value);
}

static json_t *type_json(const struct gh_option *option)
{
    switch (option->type) {
    case GH_OPTION_DOUBLE:
    case GH_OPTION_U32:
        return json_pack("{s:s, s:o, s:o}", "type",
                         option->type == GH_OPTION_U32 ? "integer" : "number", "minimum",
                         number_json(option->min), "maximum", number_json(option->max));
    case GH_OPTION_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case GH_OPTION_SWITCH:
        return json_pack("{s:[s, s, s]}", "enum", "auto", "on", "off");
    case GH_OPTION_TEXT:
        break;
    }
    return json_pack("{s:[o, {s:s, s:o}]}", "anyOf", text_json(TEXT_PATTERN), "type", "array",
                     "items", text_json(ITEM_PATTERN));
}

static json_t *option_json(const struct gh_option *option)
{
    const bool pure = option->type == GH_OPTION_TEXT || !strcmp(option->unit, "1");
    char fallback[GH_CONFIG_PRINT_SIZE], help[512];
    json_t *object = type_json(option);

    snprintf(help, sizeof(help), "%s%s%s", option->help, pure ? "" : "; ",
             pure ? "" : option->unit);
    gh_option_fallback(option, fallback);
    json_object_set_new(object, "description", json_string(help));
    json_object_set_new(object, "default",
                        option->type == GH_OPTION_SWITCH
                            ? json_string(fallback)
                            : json_loads(fallback, JSON_DECODE_ANY, NULL));
    return object;
}

static json_t *group_json(const struct gh_option_group *group)
{
    json_t *properties = json_object();

    for (size_t i = 0; i < group->count; i++)
        json_object_set_new(properties, group->options[i].name,
                            option_json(&group->options[i]));
    return json_pack("{s:[s, s], s:s, s:o, s:b}", "type", "object", "null", "description",
                     group->summary, "properties", properties, "additionalProperties", 0);
}

/* What a team or a role may have of its own. */
static json_t *set_json(void)
{
    json_t *properties = json_object();

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);

        for (size_t i = 0; i < group->count; i++) {
            char name[128];

            snprintf(name, sizeof(name), "%s.%s", group->name, group->options[i].name);
            if (gh_option_for_teams((struct gh_option_place){g, i}))
                json_object_set_new(properties, name, option_json(&group->options[i]));
        }
    }
    return json_pack("{s:s, s:i, s:o, s:b}", "type", "object", "minProperties", 1, "properties",
                     properties, "additionalProperties", 0);
}

static json_t *words_json(void)
{
    json_t *words = json_object();

    json_object_set_new(words, "team", text_json(ITEM_PATTERN));
    json_object_set_new(words, "role", text_json(ITEM_PATTERN));
    json_object_set_new(words, "reason", text_json("[^ ]"));
    json_object_set_new(
        words, "until",
        json_pack("{s:s, s:s, s:s}", "type", "string", "pattern",
                  "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$",
                  "description", "a date, to its end in UTC, or a time with an offset"));
    json_object_set_new(words, "set", set_json());
    return words;
}

static json_t *overrides_json(void)
{
    json_t *item =
        json_pack("{s:s, s:o, s:[s, s], s:[{s:[s]}, {s:[s]}], s:b}", "type", "object",
                  "properties", words_json(), "required", "reason", "set", "oneOf", "required",
                  "team", "required", "role", "additionalProperties", 0);

    return json_pack("{s:[s, s], s:i, s:s, s:o}", "type", "array", "null", "maxItems",
                     GH_CONFIG_OVERRIDES_MAX, "description",
                     "what holds for the people of a team or a role instead", "items", item);
}

static json_t *schema_json(void)
{
    json_t *properties = json_object();

    for (size_t g = 0; g < gh_config_group_count(); g++)
        json_object_set_new(properties, gh_config_group_at(g)->name,
                            group_json(gh_config_group_at(g)));
    json_object_set_new(properties, "overrides", overrides_json());
    return json_pack("{s:s, s:s, s:[s, s], s:o, s:b}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "title",
                     "configuration of goodhart", "type", "object", "null", "properties",
                     properties, "additionalProperties", 0);
}

enum gh_status gh_option_schema(FILE *out, struct gh_error *error)
{
    json_t *schema = schema_json();
    char *text = schema ? json_dumps(schema, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;

    json_decref(schema);
    if (!text)
        return gh_error_set(error, GH_EMEMORY, "--schema: out of memory");
    fprintf(out, "%s\n", text);
    free(text);
    return GH_OK;
}
