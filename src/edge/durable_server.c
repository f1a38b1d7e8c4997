/* durable_server.c - see durable_server.h: the socket, and one message after the other. */
#include "edge/durable_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As many as may be held at a time: the rest waits where it is, for a frame may have a MiB. */
enum { SEND_FRAMES = 10000, RECEIVE_FRAMES = GH_DURABLE_HELD };

static enum gh_status server_open(struct gh_durable_server *s, void *context,
                                  struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_ROUTER,
                                          .send_frames = SEND_FRAMES,
                                          .receive_frames = RECEIVE_FRAMES,
                                          .frame_bytes =
                                              GH_DURABLE_BATCH_BYTES + GH_DURABLE_HEAD};
    const int mandatory = 1;

    s->socket = gh_socket_new(context, &setup, error);
    if (!s->socket)
        return GH_EIO;
    if (zmq_setsockopt(s->socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory) != 0)
        return gh_error_set(error, GH_EIO, "durable.bind: %s", zmq_strerror(errno));
    struct gh_listen listen = {GH_DOMAIN_DURABLE, "durable.bind", s->options->bind.text};
    const enum gh_status status = gh_guard_bind(s->guard, s->socket, &listen, error);
    if (status != GH_OK)
        return status;
    gh_socket_endpoint(s->socket, s->endpoint);
    listen.endpoint = s->endpoint;
    return gh_guard_test(s->guard, ZMQ_DEALER, &listen, error);
}

static bool part_send(void *socket, const void *at, size_t size, int flags)
{
    int sent;

    do {
        sent = zmq_send(socket, at, size, flags | ZMQ_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static bool server_say(void *context, const struct gh_durable_route *route, const void *frame,
                       size_t size)
{
    const struct gh_durable_server *s = context;

    return part_send(s->socket, route->at, route->size, ZMQ_SNDMORE) &&
           part_send(s->socket, frame, size, 0);
}

struct gh_durable_server *gh_durable_server_bare(const struct gh_durable_options *options,
                                                 gh_durable_say *say, void *context)
{
    struct gh_durable_server *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->options = options;
    s->say = say;
    s->say_context = context;
    s->stream = calloc(options->streams, sizeof *s->stream);
    s->mark = calloc(options->streams, sizeof *s->mark);
    if (s->stream && s->mark)
        return s;
    gh_durable_server_free(s);
    return NULL;
}

enum gh_status gh_durable_server_new(struct gh_durable_server **server, void *context,
                                     const struct gh_durable_options *options,
                                     const struct gh_guard *guard, struct gh_error *error)
{
    struct gh_durable_server *s = gh_durable_server_bare(options, server_say, NULL);

    if (!s)
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    s->say_context = s;
    s->guard = guard;
    const enum gh_status status = server_open(s, context, error);
    if (status == GH_OK)
        *server = s;
    else
        gh_durable_server_free(s);
    return status;
}

void gh_durable_server_ask(struct gh_durable_server *server, gh_durable_find *find,
                           void *context)
{
    server->find = find;
    server->find_context = context;
}

void gh_durable_server_free(struct gh_durable_server *server)
{
    if (!server)
        return;
    gh_durable_release(server);
    gh_socket_free(server->socket);
    gh_durable_rejections_drop(server);
    gh_json_free(&server->losses);
    free(server->rejection);
    free(server->stream);
    free(server->mark);
    free(server);
}

/* False: there is none now. *whole: it is [route, body]; of another one, all parts are gone. */
static bool message_receive(struct gh_durable_server *s, zmq_msg_t *route, zmq_msg_t *body,
                            bool *whole)
{
    if (zmq_msg_recv(route, s->socket, ZMQ_DONTWAIT) < 0)
        return false;
    *whole = zmq_msg_more(route) && zmq_msg_recv(body, s->socket, 0) >= 0;
    bool more = *whole && zmq_msg_more(body);
    *whole = *whole && !more;
    while (more) {
        zmq_msg_t extra;
        zmq_msg_init(&extra);
        more = zmq_msg_recv(&extra, s->socket, 0) >= 0 && zmq_msg_more(&extra);
        zmq_msg_close(&extra);
    }
    return true;
}

/* True: *batch is to be taken. Names that the library makes begin with a 0; others may squat
 * on somebody else's. */
static bool message_take(struct gh_durable_server *s, zmq_msg_t *name, zmq_msg_t *body,
                         bool whole, struct gh_durable_batch *batch)
{
    struct gh_durable_route route = {.size = zmq_msg_size(name)};

    if (whole)
        route.speaker = gh_guard_speaker(s->guard, GH_DOMAIN_DURABLE, body);

    assert(route.size <= sizeof route.at); /* by the protocol below */
    memcpy(route.at, zmq_msg_data(name), route.size);
    if (whole && route.size > 0 && route.at[0] == 0)
        return gh_durable_hear(s, &route, zmq_msg_data(body), zmq_msg_size(body), batch);
    gh_durable_error(s, &route, NULL,
                     whole ? "a routing id of one's own is not allowed"
                           : "a message is one frame");
    return false;
}

/* While the disk takes nothing, nothing is held on to, and so all can be answered. */
static bool server_full(const struct gh_durable_server *s)
{
    return !s->stalled &&
           (s->held == GH_DURABLE_HELD || s->held_bytes >= GH_DURABLE_HELD_BYTES ||
            s->rejections >= GH_DURABLE_HELD_REJECTIONS);
}

bool gh_durable_next(struct gh_durable_server *s, struct gh_durable_batch *batch)
{
    bool taken = false, some = true;

    for (int i = 0; i < GH_DURABLE_TURN && some && !taken && !server_full(s); i++) {
        zmq_msg_t name, body;
        bool whole;
        zmq_msg_init(&name);
        zmq_msg_init(&body);
        some = message_receive(s, &name, &body, &whole);
        taken = some && message_take(s, &name, &body, whole, batch);
        zmq_msg_close(&name);
        if (taken) { /* a moved message may have its bytes elsewhere */
            const size_t skipped = (size_t)(batch->at - (const char *)zmq_msg_data(&body));
            zmq_msg_t *place = &s->message[s->held++];
            zmq_msg_init(place);
            zmq_msg_move(place, &body);
            batch->at = (const char *)zmq_msg_data(place) + skipped;
            s->held_bytes += zmq_msg_size(place);
        }
        zmq_msg_close(&body);
    }
    return taken;
}

void gh_durable_release(struct gh_durable_server *s)
{
    for (size_t i = 0; i < s->held; i++)
        zmq_msg_close(&s->message[i]);
    s->held = s->held_bytes = 0;
}

struct gh_durable_counters gh_durable_counters(const struct gh_durable_server *s)
{
    struct gh_durable_counters counters = s->counters;

    counters.streams = s->open;
    return counters;
}

const char *gh_durable_endpoint(const struct gh_durable_server *s)
{
    return s->endpoint;
}

void *gh_durable_socket(const struct gh_durable_server *s)
{
    return s->socket;
}
