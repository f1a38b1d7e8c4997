/* sink_routes.h - the routes file (sinks.routes): more sinks, each for its teams.
 *
 * YAML or JSON (which is YAML), one mapping:
 *
 *   routes:
 *     - name: payments               1 to 64 of a-z 0-9 - _, no two alike: the sink keeps its
 *                                    place under sort and name
 *       sink: slack                  or webhook, or mail
 *       secret: payments.slack       file: of slack the address of the incoming webhook, of a
 *                                    webhook what signs (may be absent)
 *       address: "https://..."       of a webhook; of mail the receivers, who hear of it by the
 *                                    server of sinks.mail
 *       teams: [payments, billing]   absent: all
 *       severity: warning            this and the next two: absent, as the options of the sort
 *       tracks: [incident]
 *       actor: false                 whether the person is named
 *
 * A list of one may be a text. What a member may be, sink_setup.c checks. */
#ifndef GOODHART_EDGE_SINKS_SINK_ROUTES_H
#define GOODHART_EDGE_SINKS_SINK_ROUTES_H

#include "goodhart/error.h"

#include <stddef.h>

#define GH_ROUTE_MEMBER_LIST(X) \
    X(name) X(sink) X(secret) X(address) X(teams) X(severity) X(tracks) X(actor)
#define GH_ROUTE_MEMBER_ENUM(member) GH_ROUTE_##member,
enum gh_route_member { GH_ROUTE_MEMBER_LIST(GH_ROUTE_MEMBER_ENUM) GH_ROUTE_MEMBERS };

struct gh_route_value {
    char *text;          /* NULL: absent; names of a list with commas between them */
    size_t line, column; /* from 1 */
};
struct gh_sink_route {
    size_t line, column;
    struct gh_route_value value[GH_ROUTE_MEMBERS];
};
enum { GH_SINK_ROUTES_MAX = 56 };
struct gh_sink_routes {
    const char *path; /* lent */
    struct gh_sink_route route[GH_SINK_ROUTES_MAX];
    size_t count;
};

/* Every route has a legal name and a sort; no text is empty or has control characters in it.
 * Errors: "FILE:LINE:COLUMN: route 2 (payments): member: problem: legal values". The caller
 * owns *routes. */
GH_MUST_USE enum gh_status gh_sink_routes_read(struct gh_sink_routes **routes, const char *path,
                                               struct gh_error *error);
void gh_sink_routes_free(struct gh_sink_routes *routes); /* NULL is legal */

/* Where a member stands, as an error text begins: the member itself, or the route that lacks
 * it. */
enum { GH_ROUTE_PLACE_SIZE = 400 };
void gh_sink_route_place(const struct gh_sink_routes *routes, const struct gh_sink_route *route,
                         enum gh_route_member member, char place[GH_ROUTE_PLACE_SIZE]);

#endif
