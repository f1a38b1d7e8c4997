/* monitor.c - see monitor.h. */
#include "edge/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <zmq.h>

enum { MONITOR_EVENT_BYTES = 6 };
#define MONITOR_EVENTS                                                                       \
    (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_DISCONNECTED)

void *gh_monitor_new(void *context, void *socket, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_PAIR, .frame_bytes = -1};
    char endpoint[GH_ENDPOINT_SIZE];
    snprintf(endpoint, sizeof(endpoint), "inproc://monitor-%p", socket);
    if (zmq_socket_monitor(socket, endpoint, MONITOR_EVENTS) != 0) {
        gh_error_set(error, GH_EIO, "ZeroMQ: %s", zmq_strerror(errno));
        return NULL;
    }
    void *monitor = gh_socket_new(context, &setup, error);
    if (monitor && gh_socket_connect(monitor, endpoint, "monitor", error) != GH_OK) {
        gh_socket_free(monitor);
        return NULL;
    }
    return monitor;
}

void gh_monitor_free(void *monitor, void *socket)
{
    if (monitor)
        zmq_socket_monitor(socket, NULL, 0);
    gh_socket_free(monitor);
}

/* [event and value, endpoint]: 2 and 4 bytes as the machine has them. */
bool gh_monitor_next(void *monitor, enum gh_link *link)
{
    unsigned char event[MONITOR_EVENT_BYTES];
    char endpoint[GH_ENDPOINT_SIZE];
    while (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) >= 0) {
        const unsigned what = event[0] | (unsigned)event[1] << 8;
        const unsigned value = event[2] | (unsigned)event[3] << 8 | (unsigned)event[4] << 16 |
                               (unsigned)event[5] << 24;
        if (zmq_recv(monitor, endpoint, sizeof(endpoint), ZMQ_DONTWAIT) < 0)
            return false;
        switch (what) {
        case ZMQ_EVENT_CONNECTED:
            *link = GH_LINK_TOUCHED;
            return true;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            *link = GH_LINK_READY;
            return true;
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            *link = GH_LINK_REFUSED;
            return true;
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            if (value != ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
                break;
            *link = GH_LINK_MISMATCH;
            return true;
        case ZMQ_EVENT_DISCONNECTED:
            *link = GH_LINK_LOST;
            return true;
        default:
            break;
        }
    }
    return false;
}

enum gh_status gh_link_error(enum gh_link link, const char *endpoint, bool keyed,
                             struct gh_error *error)
{
    if (link == GH_LINK_REFUSED)
        return gh_error_set(error, GH_EIO,
                            "%s: the service refuses this key: it is not in its key file, is "
                            "revoked or expired, or lacks the role",
                            endpoint);
    if (link == GH_LINK_MISMATCH && keyed)
        return gh_error_set(error, GH_EIO,
                            "%s: the service is plain and we have a key: leave out "
                            "identity.secret and identity.server, or start it with "
                            "identity.keys",
                            endpoint);
    if (link == GH_LINK_MISMATCH)
        return gh_error_set(error, GH_EIO,
                            "%s: the service asks for a key: give yours with --key FILE and "
                            "its public one with --server FILE",
                            endpoint);
    return gh_error_set(error, GH_EIO, "%s: somebody listens, but there is no handshake: %s",
                        endpoint,
                        keyed ? "is identity.server the public key of this service?"
                              : "is it goodhart, and does it ask for a key? Then give "
                                "yours with --key FILE and its public one with --server FILE");
}
