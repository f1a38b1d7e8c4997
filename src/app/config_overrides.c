/* config_overrides.c - values of teams and roles: which may be, in which order, as YAML. */
#include "app/config_inside.h"
#include "base/civil.h"
#include "edge/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gh_until_parse(const char *text, int64_t *until_ms)
{
    enum { DATE_SIZE = 10 };
    char midnight[DATE_SIZE + sizeof("T00:00:00Z")];
    int64_t day;

    if (gh_time_parse(text, strlen(text), until_ms))
        return true;
    if (strlen(text) != DATE_SIZE)
        return false;
    snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", text);
    if (!gh_time_parse(midnight, strlen(midnight), &day))
        return false;
    *until_ms = day + GH_MS_PER_DAY < GH_TIME_MS_MAX ? day + GH_MS_PER_DAY : GH_TIME_MS_MAX;
    return true;
}

const char *gh_until_print(int64_t until_ms, char text[GH_UNTIL_TEXT_SIZE])
{
    _Static_assert((int)GH_UNTIL_TEXT_SIZE == (int)GH_TIME_TEXT_SIZE, "a time as text");
    text[0] = '\0';
    if (until_ms != INT64_MAX)
        gh_time_format(until_ms, text);
    return text;
}

/* The options of a group that can be, or "" when there are none. */
static void legal_names(size_t group, char *text, size_t size)
{
    const struct gh_option_group *g = gh_config_group_at(group);
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; group < gh_engine_group_count() && i < g->count; i++)
        if (gh_option_scopable(group, i) && used + strlen(g->options[i].name) + 3 < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                     g->options[i].name);
}

bool gh_override_legal(struct gh_option_place place, char problem[GH_PROBLEM_SIZE])
{
    char names[GH_PROBLEM_SIZE / 2];

    if (place.group < gh_engine_group_count() && gh_option_scopable(place.group, place.option))
        return true;
    legal_names(place.group, names, sizeof(names));
    snprintf(problem, GH_PROBLEM_SIZE,
             "holds for everybody, a team or a role has none of its own%s%s",
             names[0] ? "; of this group can have: " : "; options of detectors can", names);
    return false;
}

double gh_override_number(struct gh_option_place place, const union gh_value *value)
{
    switch (gh_option_at(place)->type) {
    case GH_OPTION_DOUBLE:
        return value->number;
    case GH_OPTION_U32:
        return value->whole;
    case GH_OPTION_BOOL:
        return value->flag;
    case GH_OPTION_SWITCH:
        return value->choice.value;
    case GH_OPTION_TEXT:
        break;
    }
    return 0;
}

static union gh_value number_value(const struct gh_option *option, double number)
{
    union gh_value value = {0};

    switch (option->type) {
    case GH_OPTION_DOUBLE:
        value.number = number;
        break;
    case GH_OPTION_U32:
        value.whole = (uint32_t)number;
        break;
    case GH_OPTION_BOOL:
        value.flag = number != 0;
        break;
    case GH_OPTION_SWITCH:
        value.choice.value = (uint32_t)number;
        break;
    case GH_OPTION_TEXT:
        break;
    }
    return value;
}

static bool same_key(const struct gh_config_override *a, const struct gh_config_override *b)
{
    return a->scope == b->scope && a->place.group == b->place.group &&
           a->place.option == b->place.option && !strcmp(a->name, b->name);
}

const struct gh_config_override *gh_override_rival(const struct gh_config *config,
                                                   const struct gh_config_override *fresh)
{
    for (size_t i = 0; i < config->override_count; i++) {
        const struct gh_config_override *o = &config->override[i];

        if (o->origin.layer == fresh->origin.layer && same_key(o, fresh) &&
            fresh->until_ms >= o->until_ms)
            return o;
    }
    return NULL;
}

/* Removes those of the key of `row` that never hold because a later one holds as long. */
static void dead_drop(struct gh_config *config, const struct gh_config_override *like)
{
    size_t kept = 0;

    for (size_t i = 0; i < config->override_count; i++) {
        const struct gh_config_override *o = &config->override[i];
        bool dead = false;

        for (size_t j = i + 1; same_key(o, like) && j < config->override_count; j++)
            dead |= same_key(o, &config->override[j]) &&
                    config->override[j].until_ms >= o->until_ms;
        if (!dead && kept++ != i)
            config->override[kept - 1] = *o;
    }
    config->override_count = kept;
}

bool gh_override_add(struct gh_config *config, const struct gh_config_override *fresh,
                     char problem[GH_PROBLEM_SIZE])
{
    const struct gh_config_override copy = *fresh;
    void *rows = config->override, *settings = config->settings;
    size_t room = config->override_room, at = config->override_count;

    problem[0] = '\0';
    if (config->override_count == GH_CONFIG_OVERRIDES_MAX) {
        snprintf(problem, GH_PROBLEM_SIZE, "at most %d values of teams and roles",
                 GH_CONFIG_OVERRIDES_MAX);
        return false;
    }
    if (!gh_config_grow(&settings, &room, config->override_count, sizeof(*config->settings)))
        return false;
    config->settings = settings;
    if (!gh_config_grow(&rows, &config->override_room, config->override_count,
                        sizeof(*config->override)))
        return false;
    config->override = rows;
    for (; at && config->override[at - 1].origin.layer > copy.origin.layer; at--)
        config->override[at] = config->override[at - 1];
    config->override[at] = copy;
    config->override_count++;
    dead_drop(config, &copy);
    return true;
}

void gh_overrides_drop(struct gh_config *config, enum gh_layer layer)
{
    size_t kept = 0;

    for (size_t i = 0; i < config->override_count; i++)
        if (config->override[i].origin.layer != layer)
            config->override[kept++] = config->override[i];
    config->override_count = kept;
}

void gh_overrides_settle(struct gh_config *config)
{
    for (size_t i = 0; i < config->override_count; i++) {
        const struct gh_config_override *o = &config->override[i];

        config->settings[i] = (struct gh_override){.scope = o->scope,
                                                   .name = {o->name, (uint32_t)strlen(o->name)},
                                                   .until_ms = o->until_ms,
                                                   .group = (uint32_t)o->place.group,
                                                   .option = (uint32_t)o->place.option,
                                                   .value = o->value};
    }
}

size_t gh_config_override_count(const struct gh_config *config)
{
    return config->override_count;
}

const struct gh_config_override *gh_config_override_at(const struct gh_config *config,
                                                       size_t index)
{
    assert(index < config->override_count);
    return &config->override[index];
}

void gh_scope_print(const struct gh_config_override *override, char text[GH_SCOPE_TEXT_SIZE])
{
    snprintf(text, GH_SCOPE_TEXT_SIZE, "%s:%s",
             override->scope == GH_SCOPE_TEAM ? "team" : "role", override->name);
}

void gh_override_value_print(const struct gh_config_override *override,
                             char text[GH_CONFIG_PRINT_SIZE])
{
    const struct gh_option *option = gh_option_at(override->place);
    const union gh_value value = number_value(option, override->value);

    gh_value_print(option, &value, text, GH_CONFIG_PRINT_SIZE);
}

static void text_write(struct gh_json *out, const char *before, const char *text)
{
    struct gh_option_text value = {{0}};
    char quoted[GH_CONFIG_PRINT_SIZE];

    memcpy(value.text, text, strlen(text));
    gh_value_print(&gh_option_free_text, &value, quoted, sizeof(quoted));
    gh_json_raw(out, before, strlen(before));
    gh_json_raw(out, quoted, strlen(quoted));
}

static void head_write(struct gh_json *out, const struct gh_config_override *o)
{
    char until[GH_UNTIL_TEXT_SIZE], line[64];

    text_write(out, o->scope == GH_SCOPE_TEAM ? "  - team: " : "  - role: ", o->name);
    text_write(out, "\n    reason: ", o->reason);
    if (o->until_ms != INT64_MAX) {
        snprintf(line, sizeof(line), "\n    until: %s", gh_until_print(o->until_ms, until));
        gh_json_raw(out, line, strlen(line));
    }
    gh_json_raw(out, "\n    set:\n", strlen("\n    set:\n"));
}

static bool same_head(const struct gh_config_override *a, const struct gh_config_override *b)
{
    return a->scope == b->scope && a->until_ms == b->until_ms && !strcmp(a->name, b->name) &&
           !strcmp(a->reason, b->reason);
}

char *gh_config_overrides_print(const struct gh_config *config)
{
    struct gh_json out = {0};
    char value[GH_CONFIG_PRINT_SIZE], line[GH_CONFIG_PRINT_SIZE + 128];

    gh_json_raw(&out, "overrides:\n", config->override_count ? strlen("overrides:\n") : 0);
    for (size_t i = 0; i < config->override_count; i++) {
        const struct gh_config_override *o = &config->override[i];

        if (!i || !same_head(o, o - 1))
            head_write(&out, o);
        gh_override_value_print(o, value);
        snprintf(line, sizeof(line), "      %s.%s: %s\n",
                 gh_config_group_at(o->place.group)->name, gh_option_at(o->place)->name, value);
        gh_json_raw(&out, line, strlen(line));
    }
    return gh_json_take(&out);
}
