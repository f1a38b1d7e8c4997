/* config_yaml.h - what the readers of a YAML configuration share; nobody else includes it. */
#ifndef GOODHART_APP_CONFIG_YAML_H
#define GOODHART_APP_CONFIG_YAML_H

#include "app/config_inside.h"

#include <yaml.h>

struct gh_yaml {
    struct gh_config *config;
    struct gh_problems *problems;
    yaml_document_t *document;
};

/* Tells "FILE:LINE:COLUMN: WHAT". */
__attribute__((format(printf, 3, 4))) void
gh_yaml_tell(struct gh_problems *problems, yaml_mark_t mark, const char *format, ...);
void gh_yaml_starve(struct gh_problems *problems, yaml_mark_t mark);
/* A key as a name; NULL (and told) when it is not a plain word. */
const char *gh_yaml_name(const struct gh_yaml *yaml, const yaml_node_t *key);
bool gh_yaml_null(const yaml_node_t *node);
/* No tag but those that are meant without one. */
bool gh_yaml_untagged(const yaml_node_t *node);
const char *gh_yaml_text(const yaml_node_t *node);
struct gh_scalar gh_yaml_scalar(const yaml_node_t *node);
/* Where a node stands, as layer `file`. */
void gh_yaml_origin(const struct gh_yaml *yaml, yaml_mark_t mark,
                    struct gh_option_origin *origin);
/* The value of an option, from a scalar. `name` is what errors call it. False: told. */
bool gh_yaml_value(const struct gh_yaml *yaml, const char *name, const struct gh_option *option,
                   const yaml_node_t *node, union gh_value *value);
/* Lines, counted from 1, of what was seen; 0 not yet. When `row` was there before, tells so
 * of the second: the first wins. */
bool gh_yaml_again(const struct gh_yaml *yaml, size_t *seen, size_t row, const yaml_node_t *key,
                   const char *name);

/* The list `overrides:`. */
void gh_yaml_overrides(struct gh_yaml *yaml, const yaml_node_t *node);

#endif
