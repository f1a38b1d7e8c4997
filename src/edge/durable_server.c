/* durable_server.c - see durable_server.h: the socket, and one message after the other. */
#include "edge/durable_inside.h"

#include "edge/clock.h"

#include <stdlib.h>
#include <string.h>

enum { SEND_FRAMES = 10000, RECEIVE_FRAMES = 1024 };

static enum gh_status server_open(struct gh_durable_server *s, void *context,
                                  struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_ROUTER,
                                          .send_frames = SEND_FRAMES,
                                          .receive_frames = RECEIVE_FRAMES,
                                          .frame_bytes =
                                              GH_DURABLE_BATCH_BYTES + GH_DURABLE_HEAD};
    const int mandatory = 1;

    s->stream = calloc(s->options->streams, sizeof *s->stream);
    s->mark = calloc(s->options->streams, sizeof *s->mark);
    if (!s->stream || !s->mark)
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
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

enum gh_status gh_durable_server_new(struct gh_durable_server **server, void *context,
                                     const struct gh_durable_options *options,
                                     const struct gh_guard *guard, struct gh_error *error)
{
    struct gh_durable_server *s = calloc(1, sizeof *s);

    if (!s)
        return gh_error_set(error, GH_EMEMORY, "durable: out of memory");
    s->options = options;
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

static bool route_is(const struct gh_durable_stream *stream, zmq_msg_t *route)
{
    return stream->route_size == zmq_msg_size(route) &&
           memcmp(stream->route, zmq_msg_data(route), stream->route_size) == 0;
}

/* True: *batch is to be taken. */
static bool message_take(struct gh_durable_server *s, zmq_msg_t *route, zmq_msg_t *body,
                         struct gh_durable_batch *batch)
{
    const struct gh_speaker speaker = gh_guard_speaker(s->guard, GH_DOMAIN_DURABLE, body);
    const char *owner = speaker.owner ? speaker.owner : "";
    struct gh_durable_message m;
    const char *problem = gh_durable_read(&m, zmq_msg_data(body), zmq_msg_size(body));

    if (problem) {
        gh_durable_error(s, route, NULL, problem);
        return false;
    }
    if (m.type == GH_DURABLE_HELLO) {
        gh_durable_hello(s, route, owner, &m);
        return false;
    }
    struct gh_durable_stream *stream = gh_durable_stream_find(s, owner, m.stream);
    if (!stream || !route_is(stream, route)) {
        gh_durable_error(s, route, m.stream, "this stream is not open here: say HELLO");
        return false;
    }
    stream->heard_ms = gh_clock_ms();
    if (m.type == GH_DURABLE_BATCH) {
        batch->speaker = speaker;
        return gh_durable_take(s, stream, &m, batch);
    }
    if (m.type == GH_DURABLE_BYE)
        gh_durable_bye(s, stream, m.number);
    else
        gh_durable_error(s, route, m.stream, "a message that only the server sends");
    return false;
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

/* Names that the library makes begin with a 0; others may squat on somebody else's. */
static const char *message_check(zmq_msg_t *route, bool whole)
{
    if (zmq_msg_size(route) == 0 || *(const char *)zmq_msg_data(route) != 0)
        return "a routing id of one's own is not allowed";
    return whole ? NULL : "a message is one frame";
}

bool gh_durable_next(struct gh_durable_server *s, struct gh_durable_batch *batch)
{
    bool taken = false, some = true, whole;

    while (!taken && some && s->held < GH_DURABLE_HELD &&
           s->held_bytes < GH_DURABLE_HELD_BYTES) {
        zmq_msg_t route, *body = &s->message[s->held];
        zmq_msg_init(&route);
        zmq_msg_init(body);
        some = message_receive(s, &route, body, &whole);
        const char *problem = some ? message_check(&route, whole) : NULL;
        if (problem)
            gh_durable_error(s, &route, NULL, problem);
        else if (some)
            taken = message_take(s, &route, body, batch);
        zmq_msg_close(&route);
        if (taken) {
            s->held_bytes += zmq_msg_size(body);
            s->held++;
        } else {
            zmq_msg_close(body);
        }
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
