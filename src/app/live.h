/* live.h - what was set while the service runs, and what such a change looks like on record.
 *
 * The live layer is a list of settings, one for each option and scope, in the order in which
 * they were set. As JSON, in records and answers:
 *
 *     [{"name": "runaway.limit", "value": "3", "scope": "team:build", "until": TIME or null,
 *       "who": "alice", "reason": "…", "at": TIME}, …]
 *
 * A record of a change, in the log behind its basis and in settings.db (store/changes.h):
 *
 *     {"number": 7, "time": TIME, "who": "alice", "stated": true, "via": "set", "reason": "…",
 *      "changes": [{"name", "scope", "before", "after", "until"}, …], "live": [the layer]}
 *
 * `via`: set, propose, revert, reload (the file was read again) or start (what holds since the
 * service was started). `changes`: what holds now in place of what, from all layers. */
#ifndef GOODHART_APP_LIVE_H
#define GOODHART_APP_LIVE_H

#include "app/basis.h"

#include <jansson.h>

enum { GH_LIVE_MAX = 1024, GH_LIVE_REASON_MAX = 500 };

/* {0} is empty. */
struct gh_live {
    json_t *rows;               /* the layer as JSON; NULL: empty */
    struct gh_live_setting *at; /* the same; texts are those of `rows` */
    size_t count;
};

/* The caller frees what was there before. GH_EFORMAT: it is none; GH_EMEMORY. Nothing changes
 * on failure. `rows` NULL: empty. */
GH_MUST_USE enum gh_status gh_live_read(struct gh_live *live, const json_t *rows,
                                        struct gh_error *error);
void gh_live_free(struct gh_live *live);

/* Takes the place of what was set for this option and scope. GH_ECONFIG: there is no room. */
GH_MUST_USE enum gh_status gh_live_put(struct gh_live *live,
                                       const struct gh_live_setting *setting,
                                       struct gh_error *error);
/* False: nothing was set for them. */
bool gh_live_remove(struct gh_live *live, const char *name, const char *scope);
/* NULL: likewise. Lent until the layer changes. */
const struct gh_live_setting *gh_live_find(const struct gh_live *live, const char *name,
                                           const char *scope);

/* A time as JSON; INT64_MAX is null. NULL: out of memory. */
json_t *gh_live_time(int64_t time_ms);

/* What differs between two configurations of what holds at once, as the list `changes`; NULL:
 * out of memory. Model and prices are told by the hashes of their files. The caller owns it. */
struct gh_live_side {
    const struct gh_config *config; /* of `before` NULL: there is none, nothing differs */
    struct gh_resource_hash hash;
};
json_t *gh_live_changes(const struct gh_live_side *before, const struct gh_live_side *after);

#endif
