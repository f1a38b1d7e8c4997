/* config_inside.h - what the files config*.c share; nobody else includes it. */
#ifndef GOODHART_APP_CONFIG_INSIDE_H
#define GOODHART_APP_CONFIG_INSIDE_H

#include "app/config.h"
#include "app/config_value.h"

enum { GH_CONFIG_GROUPS_MAX = GH_ENGINE_GROUPS_MAX + 16, GH_CONFIG_FILE_BYTES_MAX = 262144 };

/* What one layer says of one option. */
struct gh_layer_value {
    struct gh_option_place place;
    struct gh_option_origin origin;
    union gh_value value;
};

struct gh_config {
    unsigned char *value[GH_CONFIG_GROUPS_MAX]; /* the struct of each group */
    struct gh_layer_value *said;                /* in any order; one a layer and option */
    size_t said_count, said_room;
    struct gh_config_override *override;
    struct gh_override *settings; /* the same, as the engine reads them */
    size_t override_count, override_room;
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

/* Takes down what a layer says, in place of what it said before. The value comes into force
 * unless a higher layer has spoken. False: no memory, nothing has changed. */
bool gh_said_take(struct gh_config *config, struct gh_option_place place,
                  const union gh_value *value, const struct gh_option_origin *origin);

/* Reads a value that stands alone, into what a layer says of the option called `name`. */
enum gh_status gh_assignment_take(struct gh_config *config, const char *name,
                                  struct gh_scalar scalar,
                                  const struct gh_option_origin *origin,
                                  struct gh_error *error);

/* Adds one at the end of its layer. Of the same scope and option only those remain that hold
 * at some time. False: `problem` says why not; where that is "", there was no memory. */
bool gh_override_add(struct gh_config *config, const struct gh_config_override *fresh,
                     char problem[GH_PROBLEM_SIZE]);
/* One of the same layer, scope and option that would never hold after `fresh`, or NULL. */
const struct gh_config_override *gh_override_rival(const struct gh_config *config,
                                                   const struct gh_config_override *fresh);
void gh_overrides_drop(struct gh_config *config, enum gh_layer layer);
/* Makes config->settings of config->override; after every change of it. */
void gh_overrides_settle(struct gh_config *config);
/* Whether a team or a role may have a value of its own; `problem` says why not. */
bool gh_override_legal(struct gh_option_place place, char problem[GH_PROBLEM_SIZE]);
/* A value as a number; 0 for a text, which no team or role may have. */
double gh_override_number(struct gh_option_place place, const union gh_value *value);

/* Makes room for one more of `size` bytes; false: no memory, nothing has changed. */
bool gh_config_grow(void **rows, size_t *room, size_t count, size_t size);

static inline const struct gh_option *gh_option_at(struct gh_option_place place)
{
    return &gh_config_group_at(place.group)->options[place.option];
}

/* Index of the group called `name`, or gh_config_group_count(). */
size_t gh_group_find(const char *name);
/* ": did you mean X?" or "". `group` NULL: among groups; else among its options, and where
 * another group has an option of just this name, that one. */
enum { GH_HINT_SIZE = 128 };
const char *gh_name_hint(const struct gh_option_group *group, const char *name,
                         char hint[GH_HINT_SIZE]);

#endif
