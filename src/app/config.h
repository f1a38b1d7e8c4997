/* config.h - every option of the program in one place: engine, detectors, edges.
 *
 * Precedence: defaults of the tables < YAML file < live settings (`goodhart set`) <
 * --set NAME=VALUE. A value for a team or a role (an override) holds for its people before
 * any of these; team before role; a live one before the file's. Each layer is read whole or
 * not at all; an error names file, line, column, the option, and the legal values, and
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
/* "group.option" as indices: gh_config_group_at(group)->options[option]. GH_ECONFIG:
 * "NAME: unknown option: did you mean …?". */
struct gh_option_place {
    size_t group, option;
};
GH_MUST_USE enum gh_status gh_config_find(const char *name, struct gh_option_place *place,
                                          struct gh_error *error);

/* When a change of an option takes effect in a service that runs. Of the engine's options
 * gh_option_live tells; the shell's that do not wait stand in config_effect.c. */
enum gh_effect { GH_EFFECT_AT_ONCE, GH_EFFECT_NEXT_START, GH_EFFECT_NEW_LOG };
enum gh_effect gh_config_effect(struct gh_option_place place);

/* Who has the say, the last one wins. */
enum gh_layer {
    GH_LAYER_DEFAULT,
    GH_LAYER_FILE,
    GH_LAYER_LIVE,
    GH_LAYER_COMMAND,
    GH_LAYER_COUNT
};

/* One setting of the live layer. Texts are lent for the call. A later one of the same name
 * and scope takes the place of an earlier one. */
struct gh_live_setting {
    const char *name;   /* "group.option" */
    const char *value;  /* as gh_config_print writes it; a text also without quotes */
    const char *scope;  /* "", "team:NAME", "role:NAME" */
    int64_t until_ms;   /* event time; INT64_MAX: no end. With scope "" no other is legal */
    const char *who;    /* may be "" */
    const char *reason; /* may be "" with scope "" alone */
    int64_t at_ms;      /* wall clock, since 1970 */
};

struct gh_config_parts {
    const char *path; /* of the YAML file, "-" standard input; NULL: none */
    const struct gh_live_setting *live;
    size_t live_count;
    const char *const *set; /* "group.option=value" each */
    size_t set_count;
};
/* Defaults and then the parts, in order of precedence. On success the caller owns *config,
 * on failure it is NULL. An error in a live setting begins "set NAME: ". */
GH_MUST_USE enum gh_status gh_config_load(struct gh_config **config,
                                          const struct gh_config_parts *parts,
                                          struct gh_error *error);
GH_MUST_USE enum gh_status gh_config_new(struct gh_config **config, struct gh_error *error);
/* Values, overrides and where they come from. The caller owns *copy. */
GH_MUST_USE enum gh_status
gh_config_copy(struct gh_config **copy, const struct gh_config *config, struct gh_error *error);
void gh_config_free(struct gh_config *config); /* NULL is legal */

/* Each adds one layer's say to what is there; nothing changes on failure. */
/* `path` "-" is standard input. */
GH_MUST_USE enum gh_status gh_config_file(struct gh_config *config, const char *path,
                                          struct gh_error *error);
GH_MUST_USE enum gh_status gh_config_yaml(struct gh_config *config, const char *name,
                                          const char *at, size_t size, struct gh_error *error);
GH_MUST_USE enum gh_status gh_config_live(struct gh_config *config,
                                          const struct gh_live_setting *setting,
                                          struct gh_error *error);
/* "group.option=value" */
GH_MUST_USE enum gh_status gh_config_set(struct gh_config *config, const char *assignment,
                                         struct gh_error *error);
/* Every problem of a file, not the first alone, in order; nothing is taken over. Returns
 * how many there are. `text` is what gh_error.text would be. */
size_t gh_config_check(const char *path, void (*problem)(void *context, const char *text),
                       void *context);
/* What a switch that is left to `auto` comes to: review.require_authenticated is on where
 * identity.keys is set. Before an engine is made of it, or a basis. */
void gh_config_settle(struct gh_config *config);

/* The struct of a group, e.g. (const struct gh_intake_options *) for "intake". Lent. */
const void *gh_config_group(const struct gh_config *config, const char *group);
/* The engine's part, overrides included. Lent: points into the config, until it changes. */
struct gh_settings gh_config_settings(const struct gh_config *config);
/* Value of an option as text, as YAML would have it. */
enum { GH_CONFIG_PRINT_SIZE = 2 * GH_OPTION_TEXT_SIZE + 4 };
void gh_config_print(const struct gh_config *config, const struct gh_option_group *group,
                     const struct gh_option *option, char *text, size_t size);

/* Where a value comes from: "default", "goodhart.yaml:12:3", "set by alice on
 * 2026-11-23T09:00:00Z: noisy", "--set". Fit to be shown. */
enum { GH_ORIGIN_SIZE = 512 };
struct gh_option_origin {
    enum gh_layer layer;
    char text[GH_ORIGIN_SIZE];
};
/* Of the value in force. */
void gh_config_origin(const struct gh_config *config, struct gh_option_place place,
                      struct gh_option_origin *origin);
/* What one layer says of an option, whether it is in force or not; false: nothing. */
bool gh_config_said(const struct gh_config *config, struct gh_option_place place,
                    enum gh_layer layer, struct gh_option_origin *origin,
                    char value[GH_CONFIG_PRINT_SIZE]);

/* What holds for the people of one team or role instead of the value for all. In the order
 * in which the engine reads them, the file's before live ones: the last that holds wins. Two
 * of the same scope and option are there only where the later one ends before the earlier.
 * A file that is read has all of its layer's say: its list takes the place of another's. */
enum { GH_CONFIG_OVERRIDES_MAX = 1000 };
struct gh_config_override {
    uint32_t scope; /* enum gh_scope */
    char name[GH_OPTION_TEXT_SIZE];
    int64_t until_ms; /* event time from which it no longer holds; INT64_MAX: never */
    struct gh_option_place place;
    double value;
    char reason[GH_OPTION_TEXT_SIZE];
    struct gh_option_origin origin;
};
size_t gh_config_override_count(const struct gh_config *config);
/* Lent until the config changes. */
const struct gh_config_override *gh_config_override_at(const struct gh_config *config,
                                                       size_t index);
/* The list `overrides:` as YAML that reads back the same, "" where there are none; NULL: no
 * memory. The caller frees it. */
char *gh_config_overrides_print(const struct gh_config *config);
/* Its value as YAML. */
void gh_override_value_print(const struct gh_config_override *override,
                             char text[GH_CONFIG_PRINT_SIZE]);
/* "team:NAME" or "role:NAME" */
enum { GH_SCOPE_TEXT_SIZE = GH_OPTION_TEXT_SIZE + 5 };
void gh_scope_print(const struct gh_config_override *override, char text[GH_SCOPE_TEXT_SIZE]);
/* Reads a time with an offset (RFC 3339), or a date: then to the end of it, in UTC. */
bool gh_until_parse(const char *text, int64_t *until_ms);
enum { GH_UNTIL_TEXT_SIZE = 25 };
/* RFC 3339; "" for INT64_MAX. Returns `text`. */
const char *gh_until_print(int64_t until_ms, char text[GH_UNTIL_TEXT_SIZE]);

#endif
