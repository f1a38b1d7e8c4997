/* durable_client.c - see durable_client.h: the socket, and patience. */
#include "edge/durable_client.h"

#include "edge/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { CLIENT_FRAMES = 1000, CLIENT_STEP_MS = 200, CLIENT_HELLO_MS = 1000, CLIENT_ERRORS = 30 };

struct gh_durable_client {
    struct gh_durable_client_setup setup;
    void *context, *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    struct gh_durable_queue *queue;
    int64_t heard_ms, hello_ms; /* heard: or when it began to wait */
};

static bool client_write(void *context, const void *at, size_t size)
{
    const struct gh_durable_client *c = context;
    int sent;

    do {
        sent = zmq_send(c->socket, at, size, ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static void client_reject(void *context, uint64_t number, const char *body, size_t size)
{
    const struct gh_durable_client *c = context;

    if (c->setup.on_reject)
        c->setup.on_reject(c->setup.context, number, body, size);
}

void gh_durable_client_hear(struct gh_durable_client *c)
{
    zmq_msg_t message;

    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, c->socket, ZMQ_DONTWAIT) >= 0) {
        if (gh_durable_queue_hear(c->queue, zmq_msg_data(&message), zmq_msg_size(&message)))
            c->heard_ms = gh_clock_ms();
        zmq_msg_close(&message);
        zmq_msg_init(&message);
    }
    zmq_msg_close(&message);
    gh_durable_queue_pump(c->queue);
}

/* What a silence means: the stream is opened again, or it is time to give up. */
static enum gh_status client_judge(struct gh_durable_client *c, struct gh_error *error)
{
    const struct gh_durable_state state = gh_durable_queue_state(c->queue);
    const int64_t now_ms = gh_clock_ms(), quiet_ms = now_ms - c->heard_ms;

    if (state.errors >= CLIENT_ERRORS)
        return gh_error_set(error, GH_EIO, "%s: the service answers: %s", c->endpoint,
                            state.trouble);
    if (quiet_ms >= c->setup.timeout_ms)
        return gh_error_set(error, GH_EIO,
                            "%s: nothing was heard for %.3g s: start the service with "
                            "`goodhart run` and store.folder set, name its endpoint, or give "
                            "--key and --server where it asks for keys",
                            c->endpoint, (double)c->setup.timeout_ms / 1000);
    if ((!state.open || quiet_ms >= CLIENT_HELLO_MS) &&
        now_ms - c->hello_ms >= CLIENT_HELLO_MS && gh_durable_queue_hello(c->queue))
        c->hello_ms = now_ms;
    return GH_OK;
}

/* Hears what there is, and waits a little for it. */
static enum gh_status client_wait(struct gh_durable_client *c, struct gh_error *error)
{
    const bool unsent = gh_durable_queue_state(c->queue).unsent;
    zmq_pollitem_t item[] = {
        {.socket = c->socket, .events = (short)(ZMQ_POLLIN | (unsent ? ZMQ_POLLOUT : 0))},
        {.fd = c->setup.signals, .events = ZMQ_POLLIN}};

    zmq_poll(item, c->setup.signals >= 0 ? 2 : 1, CLIENT_STEP_MS);
    if (c->setup.signals >= 0 && (item[1].revents & ZMQ_POLLIN))
        return gh_error_set(error, GH_EIO, "%s: interrupted", c->endpoint);
    gh_durable_client_hear(c);
    return client_judge(c, error);
}

static enum gh_status client_open(struct gh_durable_client *c, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_DEALER,
                                          .send_frames = CLIENT_FRAMES,
                                          .receive_frames = CLIENT_FRAMES,
                                          .frame_bytes = GH_DURABLE_BATCH_BYTES};
    const int immediate = 1;

    if (gh_context_new(&c->context, error) != GH_OK)
        return GH_EIO;
    c->socket = gh_socket_new(c->context, &setup, error);
    if (!c->socket)
        return GH_EIO;
    if (zmq_setsockopt(c->socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate) != 0)
        return gh_error_set(error, GH_EIO, "ZeroMQ: %s", zmq_strerror(errno));
    enum gh_status status = gh_guard_client(c->socket, c->setup.credentials, error);
    c->setup.credentials = NULL;
    if (status == GH_OK)
        status = gh_socket_connect(c->socket, c->setup.endpoint, "--endpoint", error);
    c->heard_ms = gh_clock_ms();
    c->hello_ms = c->heard_ms - CLIENT_HELLO_MS;
    while (status == GH_OK && !gh_durable_queue_state(c->queue).open)
        status = client_wait(c, error);
    return status;
}

enum gh_status gh_durable_client_new(struct gh_durable_client **client,
                                     const struct gh_durable_client_setup *setup,
                                     struct gh_error *error)
{
    struct gh_durable_client *c = calloc(1, sizeof *c);
    struct gh_durable_queue_setup queue = {
        .write = client_write, .reject = client_reject, .context = c};

    memcpy(queue.stream, setup->stream, sizeof queue.stream);
    if (!c || !(c->queue = gh_durable_queue_new(&queue))) {
        free(c);
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    }
    c->setup = *setup;
    snprintf(c->endpoint, sizeof c->endpoint, "%s", setup->endpoint);
    const enum gh_status status = client_open(c, error);
    if (status == GH_OK)
        *client = c;
    else
        gh_durable_client_free(c);
    return status;
}

void gh_durable_client_free(struct gh_durable_client *client)
{
    if (!client)
        return;
    gh_durable_queue_free(client->queue);
    gh_socket_free(client->socket);
    gh_context_free(client->context);
    free(client);
}

enum gh_status gh_durable_client_send(struct gh_durable_client *c, const char *body,
                                      size_t size, uint32_t count, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    gh_durable_client_hear(c);
    /* Silence counts from here: before, nobody listened. */
    c->heard_ms = gh_clock_ms();
    while (status == GH_OK && !gh_durable_queue_room(c->queue, count))
        status = client_wait(c, error);
    if (status != GH_OK)
        return status;
    if (!gh_durable_queue_add(c->queue, body, size, count))
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    gh_durable_queue_pump(c->queue);
    return GH_OK;
}

enum gh_status gh_durable_client_finish(struct gh_durable_client *c, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    gh_durable_client_hear(c);
    c->heard_ms = gh_clock_ms();
    gh_durable_queue_bye(c->queue);
    while (status == GH_OK && !gh_durable_queue_state(c->queue).empty)
        status = client_wait(c, error);
    return status;
}

struct gh_durable_progress gh_durable_client_progress(const struct gh_durable_client *c)
{
    return gh_durable_queue_state(c->queue).progress;
}
