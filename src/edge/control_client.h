/* control_client.h - asks a service about its settings, or to change them (DEALER, connected);
 * the other end of control_server.h. */
#ifndef GOODHART_EDGE_CONTROL_CLIENT_H
#define GOODHART_EDGE_CONTROL_CLIENT_H

#include "edge/guard.h"

#include <jansson.h>

struct gh_control_wish {
    const char *endpoint;
    const struct gh_credentials *credentials; /* NULL, or none given: plain */
    int64_t timeout_ms;
};
/* Sends `request` and waits for the answer, which the caller owns (json_decref). GH_EIO: nobody
 * answers; GH_ECONFIG: the service refuses, for the reason it gives. */
GH_MUST_USE enum gh_status gh_control_ask(const struct gh_control_wish *wish,
                                          const json_t *request, json_t **answer,
                                          struct gh_error *error);

#endif
