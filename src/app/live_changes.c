/* live_changes.c - what differs between two configurations; see live.h. */
#include "app/live.h"

#include "edge/json_read.h"

#include <assert.h>
#include <string.h>

enum { NAME_SIZE = 128 };

static const char *place_name(struct gh_option_place place, char name[NAME_SIZE])
{
    const struct gh_option_group *group = gh_config_group_at(place.group);

    snprintf(name, NAME_SIZE, "%s.%s", group->name, group->options[place.option].name);
    return name;
}

/* Values NULL: there is none. */
static void change_add(json_t *list, const char *name, const char *before, const char *after)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s?, s:n}", "name", name, "scope",
                                          "", "before", before, "after", after, "until"));
}

static void options_compare(json_t *list, const struct gh_config *before,
                            const struct gh_config *after)
{
    char old[GH_CONFIG_PRINT_SIZE], new[GH_CONFIG_PRINT_SIZE], name[NAME_SIZE];

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);
        for (size_t i = 0; i < group->count; i++) {
            const struct gh_option_place place = {g, i};
            const bool file = strcmp(group->name, "service") == 0; /* told by its hash */
            if (file || gh_config_effect(place) != GH_EFFECT_AT_ONCE)
                continue;
            gh_config_print(before, group, &group->options[i], old, sizeof old);
            gh_config_print(after, group, &group->options[i], new, sizeof new);
            if (strcmp(old, new) != 0)
                change_add(list, place_name(place, name), old, new);
        }
    }
}

static void files_compare(json_t *list, const struct gh_live_side *before,
                          const struct gh_live_side *after)
{
    if (strcmp(before->hash.model, after->hash.model) != 0)
        change_add(list, "service.model", before->hash.model, after->hash.model);
    if (strcmp(before->hash.prices, after->hash.prices) != 0)
        change_add(list, "service.prices", before->hash.prices, after->hash.prices);
}

static bool same_place(const struct gh_config_override *a, const struct gh_config_override *b)
{
    return a->scope == b->scope && a->place.group == b->place.group &&
           a->place.option == b->place.option && strcmp(a->name, b->name) == 0;
}

/* The last one wins; NULL: there is none. */
static const struct gh_config_override *override_find(const struct gh_config *config,
                                                      const struct gh_config_override *like)
{
    assert(like != NULL);
    for (size_t i = gh_config_override_count(config); i-- > 0;)
        if (same_place(gh_config_override_at(config, i), like))
            return gh_config_override_at(config, i);
    return NULL;
}

static void override_add(json_t *list, const struct gh_config_override *before,
                         const struct gh_config_override *after)
{
    const struct gh_config_override *either = after ? after : before;
    char name[NAME_SIZE], scope[GH_SCOPE_TEXT_SIZE], old[GH_CONFIG_PRINT_SIZE],
        new[GH_CONFIG_PRINT_SIZE];

    assert(either != NULL);
    if (before)
        gh_override_value_print(before, old);
    if (after)
        gh_override_value_print(after, new);
    gh_scope_print(either, scope);
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s?, s:s?, s:o}", "name",
                                    place_name(either->place, name), "scope", scope, "before",
                                    before ? old : NULL, "after", after ? new : NULL, "until",
                                    gh_live_time(after ? after->until_ms : INT64_MAX)));
}

static void overrides_compare(json_t *list, const struct gh_config *before,
                              const struct gh_config *after)
{
    for (size_t i = 0; i < gh_config_override_count(after); i++) {
        const struct gh_config_override *new = gh_config_override_at(after, i);
        const struct gh_config_override *old = override_find(before, new);
        if (override_find(after, new) == new &&
            (!old || old->value < new->value || old->value > new->value ||
             old->until_ms != new->until_ms))
            override_add(list, old, new);
    }
    for (size_t i = 0; i < gh_config_override_count(before); i++) {
        const struct gh_config_override *old = gh_config_override_at(before, i);
        if (override_find(before, old) == old && !override_find(after, old))
            override_add(list, old, NULL);
    }
}

json_t *gh_live_changes(const struct gh_live_side *before, const struct gh_live_side *after)
{
    gh_json_begin();
    json_t *list = json_array();

    if (list && before->config) {
        options_compare(list, before->config, after->config);
        files_compare(list, before, after);
        overrides_compare(list, before->config, after->config);
    }
    if (!gh_json_starved())
        return list;
    json_decref(list);
    return NULL;
}
