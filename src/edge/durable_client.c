/* durable_client.c - see durable_client.h. */
#include "edge/durable_client.h"

#include "edge/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { CLIENT_FRAMES = 1000, CLIENT_STEP_MS = 200, CLIENT_HELLO_MS = 1000, CLIENT_ERRORS = 30 };

/* What is not known to be durable; head and lines in one piece. */
struct batch {
    struct batch *next;
    uint64_t first;
    uint32_t count;
    size_t size;
    char frame[];
};

struct gh_durable_client {
    struct gh_durable_client_setup setup;
    void *context, *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    struct batch *oldest, **end;
    struct gh_durable_progress progress;
    uint64_t credit; /* events after the durable ones that may be on their way */
    bool open;       /* WELCOME was heard since the last HELLO */
    int64_t heard_ms, hello_ms;
    uint32_t errors;   /* in a row */
    char trouble[200]; /* of the last one */
};

static bool client_write(struct gh_durable_client *c, const void *at, size_t size)
{
    int sent;

    do {
        sent = zmq_send(c->socket, at, size, ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static void client_say(struct gh_durable_client *c, enum gh_durable_type type, uint64_t number)
{
    struct gh_durable_message m = {.type = type, .number = number};
    unsigned char head[GH_DURABLE_HEAD];

    memcpy(m.stream, c->setup.stream, sizeof m.stream);
    gh_durable_head(&m, head);
    client_write(c, head, sizeof head);
}

/* Says how far back it can go, and sends nothing until the answer. */
static void client_hello(struct gh_durable_client *c)
{
    c->open = false;
    c->hello_ms = gh_clock_ms();
    client_say(c, GH_DURABLE_HELLO, c->oldest ? c->oldest->first : c->progress.sent + 1);
}

static void batches_drop(struct gh_durable_client *c, uint64_t durable)
{
    while (c->oldest && c->oldest->first + c->oldest->count - 1 <= durable) {
        struct batch *gone = c->oldest;
        c->oldest = gone->next;
        free(gone);
    }
    if (!c->oldest)
        c->end = &c->oldest;
}

/* What does not fit into the queue is sent again when the server asks for it. */
static void batches_resend(struct gh_durable_client *c)
{
    for (const struct batch *b = c->oldest; b; b = b->next) {
        if (!client_write(c, b->frame, b->size))
            return;
        c->progress.resent += b->count;
    }
}

static void client_durable(struct gh_durable_client *c, const struct gh_durable_message *m)
{
    if (m->number > c->progress.durable)
        c->progress.durable = m->number;
    c->credit = m->count;
    c->errors = 0;
    batches_drop(c, c->progress.durable);
}

static void client_welcome(struct gh_durable_client *c, const struct gh_durable_message *m)
{
    client_durable(c, m);
    c->open = true;
    if (c->progress.sent < c->progress.durable) /* of an earlier run */
        c->progress.sent = c->progress.known = c->progress.durable;
    batches_resend(c);
}

static void client_refused(struct gh_durable_client *c, const struct gh_durable_message *m)
{
    c->progress.rejected++;
    if (c->setup.on_reject)
        c->setup.on_reject(c->setup.context, m->number, m->body, m->body_size);
}

static void client_error(struct gh_durable_client *c, const struct gh_durable_message *m)
{
    const size_t size =
        m->body_size < sizeof c->trouble - 1 ? m->body_size : sizeof c->trouble - 1;

    memcpy(c->trouble, m->body, size);
    c->trouble[size] = '\0';
    c->errors++;
    c->open = false;
}

static void client_take(struct gh_durable_client *c, const void *at, size_t size)
{
    struct gh_durable_message m;

    if (gh_durable_read(&m, at, size) != NULL)
        return;
    c->heard_ms = gh_clock_ms();
    switch (m.type) {
    case GH_DURABLE_WELCOME:
        client_welcome(c, &m);
        break;
    case GH_DURABLE_ACK:
        client_durable(c, &m);
        break;
    case GH_DURABLE_NACK:
        batches_drop(c, m.number - 1);
        batches_resend(c);
        break;
    case GH_DURABLE_REJECT:
        client_refused(c, &m);
        break;
    case GH_DURABLE_ERROR:
        client_error(c, &m);
        break;
    case GH_DURABLE_HELLO:
    case GH_DURABLE_BATCH:
    case GH_DURABLE_BYE:
        break;
    }
}

/* Hears what there is, for at most so long; says HELLO where the server has fallen silent. */
static enum gh_status client_step(struct gh_durable_client *c, int64_t wait_ms,
                                  struct gh_error *error)
{
    zmq_pollitem_t item[] = {{.socket = c->socket, .events = ZMQ_POLLIN},
                             {.fd = c->setup.signals, .events = ZMQ_POLLIN}};
    zmq_msg_t message;

    zmq_poll(item, c->setup.signals >= 0 ? 2 : 1, (long)wait_ms);
    if (c->setup.signals >= 0 && (item[1].revents & ZMQ_POLLIN))
        return gh_error_set(error, GH_EIO, "%s: interrupted", c->endpoint);
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, c->socket, ZMQ_DONTWAIT) >= 0) {
        client_take(c, zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
        zmq_msg_init(&message);
    }
    zmq_msg_close(&message);
    const int64_t now_ms = gh_clock_ms();
    if (c->errors >= CLIENT_ERRORS)
        return gh_error_set(error, GH_EIO, "%s: the service answers: %s", c->endpoint,
                            c->trouble);
    if (now_ms - c->heard_ms >= c->setup.timeout_ms)
        return gh_error_set(error, GH_EIO,
                            "%s: nothing was heard for %.3g s: start the service with "
                            "`goodhart run` and store.folder set, name its endpoint, or give "
                            "--key and --server where it asks for keys",
                            c->endpoint, (double)c->setup.timeout_ms / 1000);
    const bool waiting = !c->open || c->oldest;
    if (waiting && now_ms - c->hello_ms >= CLIENT_HELLO_MS &&
        now_ms - c->heard_ms >= (c->open ? CLIENT_HELLO_MS : 0))
        client_hello(c);
    return GH_OK;
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
    while (status == GH_OK && !c->open)
        status = client_step(c, CLIENT_STEP_MS, error);
    return status;
}

enum gh_status gh_durable_client_new(struct gh_durable_client **client,
                                     const struct gh_durable_client_setup *setup,
                                     struct gh_error *error)
{
    struct gh_durable_client *c = calloc(1, sizeof *c);

    if (!c)
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    c->setup = *setup;
    c->end = &c->oldest;
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
    batches_drop(client, UINT64_MAX);
    gh_socket_free(client->socket);
    gh_context_free(client->context);
    free(client);
}

static struct batch *batch_add(struct gh_durable_client *c, const char *lines, size_t size,
                               uint32_t count)
{
    struct batch *b = malloc(sizeof *b + GH_DURABLE_HEAD + size);
    struct gh_durable_message m = {.type = GH_DURABLE_BATCH,
                                   .number = c->progress.sent + 1,
                                   .count = count,
                                   .body = lines,
                                   .body_size = size};

    if (!b)
        return NULL;
    memcpy(m.stream, c->setup.stream, sizeof m.stream);
    gh_durable_head(&m, (unsigned char *)b->frame);
    memcpy(b->frame + GH_DURABLE_HEAD, lines, size);
    b->next = NULL;
    b->first = m.number;
    b->count = count;
    b->size = GH_DURABLE_HEAD + size;
    *c->end = b;
    c->end = &b->next;
    c->progress.sent += count;
    return b;
}

enum gh_status gh_durable_client_send(struct gh_durable_client *c, const char *lines,
                                      size_t size, uint32_t count, struct gh_error *error)
{
    enum gh_status status = client_step(c, 0, error);

    assert(count >= 1 && count <= GH_DURABLE_BATCH_EVENTS && size <= GH_DURABLE_BATCH_BYTES);
    /* One batch may always be on its way, however small the credit, but at "stop". */
    while (status == GH_OK &&
           (!c->open || c->credit == 0 ||
            (c->oldest && c->progress.sent + count > c->progress.durable + c->credit)))
        status = client_step(c, CLIENT_STEP_MS, error);
    if (status != GH_OK)
        return status;
    const struct batch *b = batch_add(c, lines, size, count);
    if (!b)
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    client_write(c, b->frame, b->size); /* else it is sent again when the server asks */
    return GH_OK;
}

enum gh_status gh_durable_client_finish(struct gh_durable_client *c, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    client_say(c, GH_DURABLE_BYE, c->progress.sent);
    while (status == GH_OK && c->oldest)
        status = client_step(c, CLIENT_STEP_MS, error);
    return status;
}

struct gh_durable_progress gh_durable_client_progress(const struct gh_durable_client *c)
{
    return c->progress;
}
