/* whole_config.h - a configuration as one value: equality, and all of it as YAML. */
#ifndef GH_WHOLE_CONFIG_H
#define GH_WHOLE_CONFIG_H

#include "app/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where they come from may differ. */
static inline bool gh_overrides_same(const struct gh_config *a, const struct gh_config *b)
{
    char *first = gh_config_overrides_print(a), *second = gh_config_overrides_print(b);
    const bool same = first && second && !strcmp(first, second);

    free(first);
    free(second);
    return same;
}

static inline bool gh_config_same(const struct gh_config *a, const struct gh_config *b)
{
    for (size_t i = 0; i < gh_config_group_count(); i++) {
        const struct gh_option_group *group = gh_config_group_at(i);

        if (memcmp(gh_config_group(a, group->name), gh_config_group(b, group->name),
                   group->size) != 0)
            return false;
    }
    return gh_overrides_same(a, b);
}

enum { GH_WHOLE_CONFIG_SIZE = 1 << 20 };

/* A line for each group and each option, and the overrides; returns the bytes written. */
static inline size_t gh_config_write(const struct gh_config *config,
                                     char text[GH_WHOLE_CONFIG_SIZE])
{
    char *overrides = gh_config_overrides_print(config);
    size_t used = 0;

    for (size_t g = 0; g < gh_config_group_count(); g++) {
        const struct gh_option_group *group = gh_config_group_at(g);

        used +=
            (size_t)snprintf(text + used, GH_WHOLE_CONFIG_SIZE - used, "%s:\n", group->name);
        for (size_t i = 0; i < group->count; i++) {
            char value[GH_CONFIG_PRINT_SIZE];

            gh_config_print(config, group, &group->options[i], value, sizeof(value));
            used += (size_t)snprintf(text + used, GH_WHOLE_CONFIG_SIZE - used, "  %s: %s\n",
                                     group->options[i].name, value);
        }
    }
    used += (size_t)snprintf(text + used, GH_WHOLE_CONFIG_SIZE - used, "%s",
                             overrides ? overrides : "");
    free(overrides);
    return used;
}

#endif
