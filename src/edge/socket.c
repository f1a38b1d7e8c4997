/* socket.c - see socket.h. */
#include "edge/socket.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <zmq.h>

/* A connection that died without a word (cable, firewall) is found and made anew. */
enum { SOCKET_PING_MS = 5000, SOCKET_DEAD_MS = 15000, SOCKET_RECONNECT_MAX_MS = 2000 };
enum { KEEPALIVE_IDLE_S = 300, KEEPALIVE_STEP_S = 30, KEEPALIVE_TRIES = 4 };

enum gh_status gh_context_new(void **context, struct gh_error *error)
{
    *context = zmq_ctx_new();
    if (!*context)
        return gh_error_set(error, GH_EIO, "ZeroMQ: no context: %s", zmq_strerror(errno));
    return GH_OK;
}

void gh_context_free(void *context)
{
    while (context && zmq_ctx_term(context) != 0 && errno == EINTR) {
    }
}

static bool socket_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

/* Where a full queue stops reading, pings take frames along. A sender that has ended answers
 * one with a reset, after which the library reads no more of what it left behind; one that
 * lives gets no answer in time and drops the connection with all that is under way. TCP's own
 * probes wait for minutes, and the system answers them. */
static bool socket_watch(void *socket, const struct gh_socket_setup *setup)
{
    if (setup->unread)
        return socket_number(socket, ZMQ_TCP_KEEPALIVE, 1) &&
               socket_number(socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S) &&
               socket_number(socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_STEP_S) &&
               socket_number(socket, ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_TRIES);
    return socket_number(socket, ZMQ_HEARTBEAT_IVL, SOCKET_PING_MS) &&
           socket_number(socket, ZMQ_HEARTBEAT_TIMEOUT, SOCKET_DEAD_MS);
}

static bool socket_limits(void *socket, const struct gh_socket_setup *setup)
{
    return socket_number(socket, ZMQ_LINGER, setup->linger_ms) &&
           (!setup->send_frames || socket_number(socket, ZMQ_SNDHWM, setup->send_frames)) &&
           (!setup->receive_frames ||
            socket_number(socket, ZMQ_RCVHWM, setup->receive_frames)) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &setup->frame_bytes,
                          sizeof(setup->frame_bytes)) == 0 &&
           socket_watch(socket, setup) &&
           socket_number(socket, ZMQ_RECONNECT_IVL_MAX, SOCKET_RECONNECT_MAX_MS);
}

void *gh_socket_new(void *context, const struct gh_socket_setup *setup, struct gh_error *error)
{
    void *socket = zmq_socket(context, setup->type);
    if (!socket || !socket_limits(socket, setup)) {
        gh_error_set(error, GH_EIO, "ZeroMQ: no socket: %s", zmq_strerror(errno));
        gh_socket_free(socket);
        return NULL;
    }
    return socket;
}

void gh_socket_free(void *socket)
{
    if (socket)
        zmq_close(socket);
}

static bool endpoint_known(const char *endpoint)
{
    return !strncmp(endpoint, "tcp://", 6) || !strncmp(endpoint, "ipc://", 6) ||
           !strncmp(endpoint, "inproc://", 9);
}

/* What a person can do about it. */
static const char *endpoint_advice(int code)
{
    switch (code) {
    case EADDRINUSE:
        return "another program has it: stop that one, or choose another port";
    case EADDRNOTAVAIL:
    case ENODEV:
        return "no such address on this machine: use 127.0.0.1, one of its own, or *";
    case EACCES:
        return "not allowed: choose a port above 1023, or a folder that may be written to";
    case ENOENT:
        return "the folder does not exist";
    default:
        return "an endpoint is tcp://HOST:PORT, ipc://PATH or inproc://NAME";
    }
}

static enum gh_status endpoint_failure(const char *endpoint, const char *option, int code,
                                       struct gh_error *error)
{
    const enum gh_status status =
        code == EINVAL || code == EPROTONOSUPPORT ? GH_ECONFIG : GH_EIO;
    return gh_error_set(error, status, "%s: %s: %s: %s", option, endpoint, zmq_strerror(code),
                        endpoint_advice(code));
}

enum gh_status gh_socket_bind(void *socket, const char *endpoint, const char *option,
                              struct gh_error *error)
{
    if (!endpoint_known(endpoint))
        return endpoint_failure(endpoint, option, EINVAL, error);
    if (zmq_bind(socket, endpoint) != 0)
        return endpoint_failure(endpoint, option, errno, error);
    return GH_OK;
}

enum gh_status gh_socket_connect(void *socket, const char *endpoint, const char *option,
                                 struct gh_error *error)
{
    if (!endpoint_known(endpoint))
        return endpoint_failure(endpoint, option, EINVAL, error);
    if (zmq_connect(socket, endpoint) != 0)
        return endpoint_failure(endpoint, option, errno, error);
    return GH_OK;
}

void gh_socket_endpoint(void *socket, char endpoint[GH_ENDPOINT_SIZE])
{
    size_t size = GH_ENDPOINT_SIZE;
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        endpoint[0] = '\0';
}

bool gh_socket_wait_all(void *const *socket, size_t count, const int *fd, size_t fds,
                        int64_t timeout_ms)
{
    zmq_pollitem_t item[GH_WAIT_MAX + GH_WAIT_FDS];
    int used = 0;
    assert(count <= GH_WAIT_MAX && fds <= GH_WAIT_FDS);
    for (size_t i = 0; i < count; i++) {
        if (socket[i])
            item[used++] = (zmq_pollitem_t){.socket = socket[i], .events = ZMQ_POLLIN};
    }
    for (size_t i = 0; i < fds; i++) {
        if (fd[i] >= 0)
            item[used++] = (zmq_pollitem_t){.fd = fd[i], .events = ZMQ_POLLIN};
    }
    return zmq_poll(item, used, timeout_ms > LONG_MAX ? LONG_MAX : (long)timeout_ms) > 0;
}

bool gh_socket_wait(void *const *socket, size_t count, int fd, int64_t timeout_ms)
{
    return gh_socket_wait_all(socket, count, &fd, 1, timeout_ms);
}
