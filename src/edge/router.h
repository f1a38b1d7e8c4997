/* router.h - questions and answers over a ROUTER that is asked by REQ or DEALER. */
#ifndef GOODHART_EDGE_ROUTER_H
#define GOODHART_EDGE_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

/* Takes a request without waiting; false: there is none. [route, (empty,) request]: the route
 * is handed back part by part, so `answer` (of a zmq_msg_t) must send at least one part. */
typedef void gh_router_answer(void *context, void *request);
bool gh_router_take(void *socket, gh_router_answer *answer, void *context);

/* A part of an answer; false: whoever asked does not listen. */
bool gh_router_part(void *socket, const void *at, size_t size, bool more);

#endif
