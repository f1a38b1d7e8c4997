/* monitor.h - what becomes of the connections of a client's socket. */
#ifndef GOODHART_EDGE_MONITOR_H
#define GOODHART_EDGE_MONITOR_H

#include "edge/socket.h"

enum gh_link {
    GH_LINK_TOUCHED,  /* somebody listens there; who, is not known yet */
    GH_LINK_READY,    /* the handshake is done: frames may pass */
    GH_LINK_REFUSED,  /* the service does not want this key */
    GH_LINK_MISMATCH, /* one side has keys, the other is plain */
    GH_LINK_LOST,
};

/* Tells of `socket`, which is not connected yet. NULL: *error says why. The caller owns it and
 * frees it before `socket`. */
GH_MUST_USE void *gh_monitor_new(void *context, void *socket, struct gh_error *error);
void gh_monitor_free(void *monitor, void *socket); /* NULL is legal */
/* The next thing that happened, without waiting; false: nothing. */
bool gh_monitor_next(void *monitor, enum gh_link *link);

/* Why there is no connection, for a person: refused by the other side, or the two do not fit.
 * Sets and returns GH_EIO. `keyed`: we have shown a key. */
enum gh_status gh_link_error(enum gh_link link, const char *endpoint, bool keyed,
                             struct gh_error *error);

#endif
