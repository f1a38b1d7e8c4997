/* scopes.h - options that have another value for a team or a role. Internal to src/engine.
 *
 * The overrides of the settings, by team or role: a rule is a name with its rows. A rule is in
 * force while enough people belong to the name, so that no option is ever set for one person;
 * how many there are is counted when a date has been settled, and is state (it is saved): what
 * is in force follows from the log and the settings alone, whenever the settings came.
 *
 * Where an option is read for a person, the rows that hold are put over a copy of its group.
 * Nothing is prepared for each team and role: a copy is some hundred bytes, there are as many
 * pairs of a team and a role as one likes, and each row ends at a time of its own. */
#ifndef GOODHART_ENGINE_SCOPES_H
#define GOODHART_ENGINE_SCOPES_H

#include "base/archive.h"
#include "detect/registry.h"
#include "engine/options.h"

struct gh_actor;

enum { GH_CONFIG_BYTES = 512, GH_SCOPES = 2 };

/* Values of one group. */
union gh_config {
    double align;
    unsigned char bytes[GH_CONFIG_BYTES];
};

/* One override. */
struct gh_scope_row {
    int64_t until_ms;
    double value;
    uint32_t group, option;
};
/* All of one team or role. */
struct gh_scope_rule {
    enum gh_scope scope;
    uint32_t id; /* in force: number of the team, or of the role's name */
    struct gh_text name;
    uint32_t first, count; /* rows, in order of listing */
    uint32_t groups;       /* bit per group that a row is of */
    bool in_force;
};
struct gh_scopes {
    struct gh_array rule, row;         /* as listed */
    struct gh_arena names;             /* of the rules */
    struct gh_array slot;              /* uint32_t: rules in force by scope and id, 0 empty */
    uint32_t in_force;                 /* how many; 0: nobody pays */
    struct gh_array people[GH_SCOPES]; /* uint32_t by id, of the last settled date */
};

/* The rules in force for a person; NULL: none. */
struct gh_scoped {
    const struct gh_scope_rule *by[GH_SCOPES]; /* by enum gh_scope */
};

/* GH_ECONFIG: an override that is not legal. */
enum gh_status gh_overrides_check(const struct gh_settings *settings);
/* Takes over the overrides instead of those before. */
void gh_scopes_take(struct gh_engine *e, const struct gh_settings *settings);
/* A date has been settled: counts who belongs where. */
void gh_scopes_count(struct gh_engine *e);
/* Which rules are in force, by the last count. */
void gh_scopes_resolve(struct gh_engine *e);
void gh_scopes_free(struct gh_engine *e);
/* Overrides that nobody has outlived, of names with too few people. */
uint32_t gh_scopes_idle(const struct gh_engine *e);

static inline bool gh_scoped_any(const struct gh_scoped *of)
{
    return of->by[GH_SCOPE_TEAM] != NULL || of->by[GH_SCOPE_ROLE] != NULL;
}
struct gh_scoped gh_scoped_of(const struct gh_engine *e, const struct gh_actor *a);
/* The values of a group for a person at a time: those of everybody, or a copy in *room. */
const void *gh_scoped_group(const struct gh_engine *e, const struct gh_scoped *of,
                            uint32_t group, int64_t time_ms, union gh_config *room);
/* Bit per detector that looks at the person at this time. */
uint32_t gh_scoped_enabled(const struct gh_engine *e, const struct gh_scoped *of,
                           int64_t time_ms);
/* When days of the settled date read their options: at its end. */
int64_t gh_settled_ms(const struct gh_engine *e);
const void *gh_settled_config(const struct gh_engine *e, const struct gh_scoped *of, uint32_t d,
                              union gh_config *room); /* of a detector, then */
/* gh_scoped_enabled of a person on the settled date. */
uint32_t gh_actor_enabled(const struct gh_engine *e, const struct gh_actor *a);

#endif
