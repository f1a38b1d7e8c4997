/* endpoint.h - POST /hooks/NAME: a request of a service on its way to the engine.
 *
 * 200 is said when what it tells is kept, with a line that counts it; events that are refused
 * stand in the dead letters, under the source /hooks/. Other answers: GH_HOOK_OUTCOME_LIST, and
 * 503 with Retry-After where nothing can be taken now. Services that do not try again by
 * themselves have a button for it. */
#ifndef GOODHART_EDGE_HOOKS_ENDPOINT_H
#define GOODHART_EDGE_HOOKS_ENDPOINT_H

#include "edge/hooks/hooks.h"
#include "edge/http/endpoints.h"

/* Lent while the server lives. */
struct gh_hook_intake {
    struct gh_hooks *hooks;
    const struct gh_http_intake *http; /* where its ring is set, hooks speak as `key` */
    const char *key;                   /* hooks.key */
};

/* Route for "/hooks/"; `context` is a struct gh_hook_intake. Who may is a matter of signatures,
 * so the route needs no `admit`. */
void gh_hook_endpoint(void *context, struct gh_http_request *request);

#endif
