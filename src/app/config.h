/* config.h - every option of the program in one place: engine, detectors, edges.
 *
 * Precedence: defaults of the tables < YAML file < --set NAME=VALUE. A file is read whole
 * or not at all; an error names file, line, column, the option, and the legal values, and
 * suggests the nearest name for one that is misspelt. */
#ifndef GOODHART_APP_CONFIG_H
#define GOODHART_APP_CONFIG_H

#include "goodhart/engine.h"
#include "goodhart/error.h"
#include "goodhart/option.h"

struct gh_config;

/* All groups: gh_engine_group_at(), then the shell's (edge/edge_options.h,
 * store/store_options.h). */
size_t gh_config_group_count(void);
const struct gh_option_group *gh_config_group_at(size_t index);

GH_MUST_USE enum gh_status gh_config_new(struct gh_config **config, struct gh_error *error);
void gh_config_free(struct gh_config *config);
/* `path` "-" is standard input. Nothing changes on failure. */
GH_MUST_USE enum gh_status gh_config_file(struct gh_config *config, const char *path,
                                          struct gh_error *error);
GH_MUST_USE enum gh_status gh_config_yaml(struct gh_config *config, const char *name,
                                          const char *at, size_t size, struct gh_error *error);
/* Every problem of a file, not the first alone, in order; nothing is taken over. Returns
 * how many there are. `text` is what gh_error.text would be. */
size_t gh_config_check(const char *path, void (*problem)(void *context, const char *text),
                       void *context);
/* "group.option=value" */
GH_MUST_USE enum gh_status gh_config_set(struct gh_config *config, const char *assignment,
                                         struct gh_error *error);
/* What a switch that is left to `auto` comes to: review.require_authenticated is on where
 * identity.keys is set. Before an engine is made of it, or a basis. */
void gh_config_settle(struct gh_config *config);
/* The struct of a group, e.g. (const struct gh_intake_options *) for "intake". Lent. */
const void *gh_config_group(const struct gh_config *config, const char *group);
/* The engine's part. Lent: points into the config. */
struct gh_settings gh_config_settings(const struct gh_config *config);
/* Value of an option as text, as YAML would have it. */
enum { GH_CONFIG_PRINT_SIZE = 2 * GH_OPTION_TEXT_SIZE + 4 };
void gh_config_print(const struct gh_config *config, const struct gh_option_group *group,
                     const struct gh_option *option, char *text, size_t size);

#endif
