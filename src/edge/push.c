/* push.c - see push.h. */
#include "edge/push.h"

#include "edge/clock.h"
#include "edge/guard.h"
#include "edge/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

/* A short queue: what waits here must still be handed over when the input has ended. */
enum { PUSH_FRAMES = 64, PUSH_STEP_MS = 200 };

struct gh_push {
    void *context, *socket, *monitor;
    char endpoint[GH_ENDPOINT_SIZE];
    int64_t timeout_ms;
    int64_t gone_ms; /* since when nobody is connected; -1: somebody is */
    bool keyed;
    bool touched; /* somebody listens, though there was no handshake yet */
    bool refused; /* and does not want us: why, says the link */
    enum gh_link link;
    uint64_t breaks;
};

static enum gh_status push_nobody(const struct gh_push *push, struct gh_error *error)
{
    if (push->refused || push->touched)
        return gh_link_error(push->link, push->endpoint, push->keyed, error);
    return gh_error_set(error, GH_EIO,
                        "%s: nobody has listened for %.3g s: start the service with "
                        "`goodhart run`, or name its endpoint with --endpoint",
                        push->endpoint, (double)push->timeout_ms / 1000);
}

/* Reads what the library tells of the connection. */
static void push_listen(struct gh_push *push)
{
    enum gh_link link;
    while (gh_monitor_next(push->monitor, &link)) {
        if (link == GH_LINK_READY) {
            push->gone_ms = -1;
            push->touched = false;
        } else if (link == GH_LINK_LOST && push->gone_ms < 0) {
            push->gone_ms = gh_clock_ms();
            push->breaks++;
        } else if (link == GH_LINK_REFUSED || link == GH_LINK_MISMATCH) {
            push->refused = true;
            push->link = link;
        } else if (link == GH_LINK_TOUCHED && !push->refused) {
            push->touched = true;
            push->link = link;
        }
    }
}

/* Who was refused once will be again. */
static bool push_given_up(struct gh_push *push)
{
    push_listen(push);
    return push->gone_ms >= 0 &&
           (push->refused || gh_clock_ms() - push->gone_ms >= push->timeout_ms);
}

static enum gh_status push_open(struct gh_push *push, const struct gh_credentials *credentials,
                                struct gh_error *error)
{
    const struct gh_socket_setup setup = {
        .type = ZMQ_PUSH, .send_frames = PUSH_FRAMES, .frame_bytes = -1, .unread = true};
    const int step = PUSH_STEP_MS;
    if (gh_context_new(&push->context, error) != GH_OK)
        return GH_EIO;
    push->socket = gh_socket_new(push->context, &setup, error);
    push->monitor = push->socket ? gh_monitor_new(push->context, push->socket, error) : NULL;
    if (!push->monitor)
        return GH_EIO;
    if (zmq_setsockopt(push->socket, ZMQ_SNDTIMEO, &step, sizeof(step)) != 0)
        return gh_error_set(error, GH_EIO, "ZeroMQ: %s", zmq_strerror(errno));
    const enum gh_status status = gh_guard_client(push->socket, credentials, error);
    return status != GH_OK
               ? status
               : gh_socket_connect(push->socket, push->endpoint, "--endpoint", error);
}

static void push_free(struct gh_push *push, int linger_ms)
{
    if (push->socket)
        zmq_setsockopt(push->socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
    gh_monitor_free(push->monitor, push->socket);
    gh_socket_free(push->socket);
    gh_context_free(push->context);
    free(push);
}

enum gh_status gh_push_new(struct gh_push **push, const char *endpoint, int64_t timeout_ms,
                           const struct gh_credentials *credentials, struct gh_error *error)
{
    struct gh_push *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "send: out of memory");
    snprintf(made->endpoint, sizeof(made->endpoint), "%s", endpoint);
    made->timeout_ms = timeout_ms;
    made->gone_ms = gh_clock_ms();
    made->keyed = credentials && credentials->given;
    enum gh_status status = push_open(made, credentials, error);
    while (status == GH_OK && made->gone_ms >= 0) {
        if (push_given_up(made))
            status = push_nobody(made, error);
        else
            gh_socket_wait(&made->monitor, 1, -1, PUSH_STEP_MS);
    }
    if (status == GH_OK) {
        *push = made;
        return GH_OK;
    }
    push_free(made, 0); /* nothing was sent, so there is nothing to wait for */
    return status;
}

enum gh_status gh_push_frame(struct gh_push *push, const char *at, size_t size,
                             struct gh_error *error)
{
    while (zmq_send(push->socket, at, size, 0) < 0) {
        if (errno == EINTR)
            return gh_error_set(error, GH_EIO, "%s: stopped by a signal", push->endpoint);
        if (errno != EAGAIN)
            return gh_error_set(error, GH_EIO, "%s: %s", push->endpoint, zmq_strerror(errno));
        if (push_given_up(push))
            return push_nobody(push, error);
    }
    return GH_OK;
}

uint64_t gh_push_breaks(struct gh_push *push)
{
    push_listen(push);
    return push->breaks;
}

enum gh_status gh_push_finish(struct gh_push *push, struct gh_error *error)
{
    char endpoint[GH_ENDPOINT_SIZE];
    if (!push)
        return GH_OK;
    const int64_t began_ms = gh_clock_ms(), timeout_ms = push->timeout_ms;
    snprintf(endpoint, sizeof(endpoint), "%s", push->endpoint);
    push_free(push, (int)timeout_ms);
    /* The library does not tell whether it dropped what it could not hand over, but it does
     * so only when the whole time has passed. */
    if (gh_clock_ms() - began_ms < timeout_ms)
        return GH_OK;
    return gh_error_set(error, GH_EIO,
                        "%s: the service did not take all frames within %.3g s: some may be "
                        "lost; send the file again, ids keep events from counting twice",
                        endpoint, (double)timeout_ms / 1000);
}
