/* config_inside.h - what config.c and config_yaml.c share; nobody else includes it. */
#ifndef GOODHART_APP_CONFIG_INSIDE_H
#define GOODHART_APP_CONFIG_INSIDE_H

#include "app/config.h"

enum { GH_CONFIG_GROUPS_MAX = GH_ENGINE_GROUPS_MAX + 8, GH_CONFIG_FILE_BYTES_MAX = 262144 };

struct gh_config {
    unsigned char *value[GH_CONFIG_GROUPS_MAX]; /* the struct of each group */
};

/* Where problems go: to an error, where the first wins, or to a list of all. */
struct gh_problems {
    const char *file;
    void (*report)(void *context, const char *text);
    void *context;
    size_t count;
    bool starved; /* one of them is that there was no memory */
};

/* Writes what the YAML text says into `config`, telling each problem. With problems,
 * `config` is half written: the caller throws it away. */
void gh_yaml_read(struct gh_config *config, const char *at, size_t size,
                  struct gh_problems *problems);

/* Index of the group called `name`, or gh_config_group_count(). */
size_t gh_group_find(const char *name);
/* ": did you mean X?" or "". `group` NULL: among groups; else among its options, and where
 * another group has an option of just this name, that one. */
enum { GH_HINT_SIZE = 128 };
const char *gh_name_hint(const struct gh_option_group *group, const char *name,
                         char hint[GH_HINT_SIZE]);

#endif
