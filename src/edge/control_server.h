/* control_server.h - where settings are asked for and changed (ROUTER, bound).
 *
 * A request is one frame, from REQ or DEALER, of at most GH_CONTROL_BYTES: a JSON object with
 * `do` and the members that it takes; others are errors. The answer is one frame, a JSON
 * object; a request that is refused is answered with {"error": WHY} alone, and has changed
 * nothing.
 *
 *     get      names: [TEXT, …]    names of options or of groups; absent: all
 *        {"settings": [SETTING, …], "overrides": [OVERRIDE, …]}
 *     set      set: [{"name": TEXT, "value": TEXT}, …]   unset: [TEXT, …]   one at least
 *              scope: "team:NAME" or "role:NAME"; absent: for all
 *              until: TEXT         where it has a scope: a time or a date; absent: no end
 *              reason: TEXT        not empty
 *              who: TEXT           where no key is shown, for the record; absent: ""
 *              via: "propose"      absent: "set"
 *              check: true         says what would be changed, and changes nothing
 *        CHANGE; with `check` {"changes": […]} alone
 *     revert   change: N           absent: the last one; reason, who, check as above, each
 *                                  may be absent
 *        CHANGE
 *     history  before: N           absent: the newest; limit: 1..100, absent: 100
 *        {"history": [CHANGE, …]}  newest first
 *
 *     SETTING   {"name", "value", "fallback", "layer", "origin", "effect"}; `value` as YAML has
 *               it, `layer` default, file, live or command, `effect` at_once, next_start or
 *               new_log; `next`: what the next start makes of it, where that is another value
 *     OVERRIDE  {"name", "scope", "value", "until", "reason", "origin"}
 *     CHANGE    {"number", "position", "time", "who", "stated", "via", "reason", "basis",
 *               "changes": [{"name", "scope", "before", "after", "until"}, …], "live": […]}
 *               `stated`: nobody showed a key, so `who` is what was said. `before` and `after`
 *               are null where there is none. `number` and `position` are null where
 *               store.folder is not set: it holds until the service ends, and is not kept
 *
 * Where the service asks for keys, one with the role `control` asks and changes; else anybody
 * on this machine. A bad request is answered and counted, never more. */
#ifndef GOODHART_EDGE_CONTROL_SERVER_H
#define GOODHART_EDGE_CONTROL_SERVER_H

#include "edge/edge_options.h"
#include "edge/guard.h"

#include <jansson.h>

enum { GH_CONTROL_BYTES = 65536 };

struct gh_control_server;

/* Bound and protected on success; the caller owns *server. The guard is lent. */
GH_MUST_USE enum gh_status gh_control_server_new(struct gh_control_server **server,
                                                 void *context,
                                                 const struct gh_control_options *options,
                                                 const struct gh_guard *guard,
                                                 struct gh_error *error);
void gh_control_server_free(struct gh_control_server *server); /* NULL is legal */

/* Lent for the call. */
struct gh_control_request {
    const char *who;    /* name of the key; NULL: nobody has to show one */
    const json_t *body; /* an object */
};
/* Answers: the text, which is freed (free); NULL: out of memory. *refused: it is an error. */
typedef char *gh_control_on_request(void *context, const struct gh_control_request *request,
                                    bool *refused);
/* Answers one request at most, without waiting; false: there was none. */
bool gh_control_server_turn(struct gh_control_server *server, gh_control_on_request *answer,
                            void *context);
/* {"error": WHY}, which the caller frees; NULL: out of memory. */
char *gh_control_error(const char *why);

struct gh_control_counters {
    uint64_t served, refused; /* requests; refused: of them */
};
struct gh_control_counters gh_control_counters(const struct gh_control_server *server);
const char *gh_control_endpoint(const struct gh_control_server *server);
void *gh_control_socket(const struct gh_control_server *server); /* for gh_socket_wait */

#endif
