/* push.h - hands frames to a running service (PUSH, connected), and knows whether anybody
 * is there. */
#ifndef GOODHART_EDGE_PUSH_H
#define GOODHART_EDGE_PUSH_H

#include "edge/key_pair.h"
#include "edge/socket.h"

struct gh_push;

/* Waits up to `timeout_ms` for a listener; none, and one that refuses us, is an error that says
 * so. `credentials` NULL, or none given: plain. The caller owns *push. */
GH_MUST_USE enum gh_status gh_push_new(struct gh_push **push, const char *endpoint,
                                       int64_t timeout_ms,
                                       const struct gh_credentials *credentials,
                                       struct gh_error *error);

/* Sends a copy of one frame. Waits while the service is slower than we are, but fails when
 * the connection has been gone for the timeout. A signal ends the wait: GH_EIO. */
GH_MUST_USE enum gh_status gh_push_frame(struct gh_push *push, const char *at, size_t size,
                                         struct gh_error *error);

/* How often the connection broke. What was on its way then may be lost, so it is told. */
uint64_t gh_push_breaks(struct gh_push *push);

/* Ends it, always; NULL is legal. GH_EIO: the service did not take all frames before the
 * timeout had passed, so some may be lost. */
GH_MUST_USE enum gh_status gh_push_finish(struct gh_push *push, struct gh_error *error);

#endif
