/* config_names.c - groups and options by name, and what was meant by a misspelt one. */
#include "app/config_inside.h"
#include "app/suggest.h"
#include "edge/edge_options.h"
#include "store/store_options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

size_t gh_config_group_count(void)
{
    const size_t engine = gh_engine_group_count();
    size_t edge, store;

    gh_edge_groups(&edge);
    gh_store_groups(&store);
    assert(engine <= GH_ENGINE_GROUPS_MAX && engine + edge + store <= GH_CONFIG_GROUPS_MAX);
    return engine + edge + store;
}

const struct gh_option_group *gh_config_group_at(size_t index)
{
    const size_t engine = gh_engine_group_count();
    size_t edge, store;
    const struct gh_option_group *edge_groups = gh_edge_groups(&edge);
    const struct gh_option_group *store_groups = gh_store_groups(&store);

    assert(index < engine + edge + store);
    if (index < engine)
        return gh_engine_group_at(index);
    index -= engine;
    return index < edge ? &edge_groups[index] : &store_groups[index - edge];
}

size_t gh_group_find(const char *name)
{
    size_t i = 0;

    while (i < gh_config_group_count() && strcmp(gh_config_group_at(i)->name, name) != 0)
        i++;
    return i;
}

const char *gh_name_hint(const struct gh_option_group *group, const char *name,
                         char hint[GH_HINT_SIZE])
{
    struct gh_suggest suggest = {.word = name};
    const struct gh_option_group *home = NULL;

    for (size_t i = 0; i < gh_config_group_count(); i++) {
        const struct gh_option_group *g = gh_config_group_at(i);

        if (!group)
            gh_suggest_offer(&suggest, g->name);
        if (!home && gh_option_find(g, name))
            home = g;
    }
    if (!group)
        gh_suggest_offer(&suggest, "overrides");
    for (size_t i = 0; group && i < group->count; i++)
        gh_suggest_offer(&suggest, group->options[i].name);
    if (home)
        snprintf(hint, GH_HINT_SIZE, ": did you mean %s.%s?", home->name, name);
    else if (suggest.best)
        snprintf(hint, GH_HINT_SIZE, ": did you mean %s?", suggest.best);
    else
        hint[0] = '\0';
    return hint;
}

static enum gh_status unknown(const struct gh_option_group *group, const char *name,
                              const char *part, struct gh_error *error)
{
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE];

    gh_text_clean(name, strlen(name), shown);
    return gh_error_set(error, GH_ECONFIG, "%s: unknown option%s", shown,
                        gh_name_hint(group, part, hint));
}

enum gh_status gh_config_find(const char *name, struct gh_option_place *place,
                              struct gh_error *error)
{
    const char *dot = strchr(name, '.');
    char first[GH_SUGGEST_WORD_MAX + 2];
    const struct gh_option *option;

    if (!dot)
        return unknown(NULL, name, name, error);
    snprintf(first, sizeof(first), "%.*s", (int)(dot - name), name);
    const size_t group = gh_group_find(first);
    if (group == gh_config_group_count())
        return unknown(NULL, name, first, error);
    option = gh_option_find(gh_config_group_at(group), dot + 1);
    if (!option)
        return unknown(gh_config_group_at(group), name, dot + 1, error);
    *place =
        (struct gh_option_place){group, (size_t)(option - gh_config_group_at(group)->options)};
    return GH_OK;
}
