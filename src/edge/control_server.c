/* control_server.c - see control_server.h. */
#include "edge/control_server.h"

#include "edge/json.h"
#include "edge/json_read.h"
#include "edge/router.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Few wait: whoever asks waits for the answer. */
enum { CONTROL_FRAMES = 100 };

struct gh_control_server {
    void *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    const struct gh_guard *guard;
    struct gh_control_counters counters;
};

/* One request on its way to whoever answers it. */
struct asked {
    struct gh_control_server *server;
    gh_control_on_request *answer;
    void *context;
};

enum gh_status gh_control_server_new(struct gh_control_server **server, void *context,
                                     const struct gh_control_options *options,
                                     const struct gh_guard *guard, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_ROUTER,
                                          .send_frames = CONTROL_FRAMES,
                                          .receive_frames = CONTROL_FRAMES,
                                          .frame_bytes = GH_CONTROL_BYTES};
    struct gh_control_server *s = calloc(1, sizeof *s);

    if (!s)
        return gh_error_set(error, GH_EMEMORY, "control: out of memory");
    s->guard = guard;
    s->socket = gh_socket_new(context, &setup, error);
    struct gh_listen listen = {GH_DOMAIN_CONTROL, "control.bind", options->bind.text};
    enum gh_status status =
        s->socket ? gh_guard_bind(guard, s->socket, &listen, error) : GH_EIO;
    if (status == GH_OK) {
        gh_socket_endpoint(s->socket, s->endpoint);
        listen.endpoint = s->endpoint;
        status = gh_guard_test(guard, ZMQ_DEALER, &listen, error);
    }
    if (status != GH_OK) {
        gh_control_server_free(s);
        return status;
    }
    *server = s;
    return GH_OK;
}

void gh_control_server_free(struct gh_control_server *server)
{
    if (!server)
        return;
    gh_socket_free(server->socket);
    free(server);
}

char *gh_control_error(const char *why)
{
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "error");
    gh_json_string(&json, why);
    gh_json_close(&json, '}');
    return gh_json_take(&json);
}

/* What came is an object, and who sent it may ask: else an answer that says why not. */
static char *body_answer(const struct asked *asked, const struct gh_speaker *speaker,
                         const json_t *body, bool *refused)
{
    const struct gh_control_request request = {.who = speaker->owner, .body = body};

    *refused = true;
    if (speaker->owner && (!speaker->key || speaker->state != GH_KEY_GOOD))
        return gh_control_error("the key may not ask for settings now");
    if (!json_is_object(body))
        return gh_control_error("a request is a JSON object: {\"do\": \"get\"}");
    *refused = false;
    return asked->answer(asked->context, &request, refused);
}

static void request_answer(void *context, void *request)
{
    static const char starved[] = "{\"error\":\"out of memory\"}";
    const struct asked *asked = context;
    struct gh_control_server *s = asked->server;
    const struct gh_speaker speaker = gh_guard_speaker(s->guard, GH_DOMAIN_CONTROL, request);
    struct gh_error error = {0};
    json_error_t trouble;
    bool refused = true;

    gh_json_begin();
    json_t *body = json_loadb(zmq_msg_data(request), zmq_msg_size(request),
                              JSON_REJECT_DUPLICATES, &trouble);
    char *answer = gh_json_loaded(&body, "request", &trouble, &error) == GH_OK
                       ? body_answer(asked, &speaker, body, &refused)
                       : gh_control_error(error.text);
    s->counters.served++;
    s->counters.refused += refused || !answer;
    /* Who asked and is gone by now loses the answer, not the change. */
    (void)gh_router_part(s->socket, answer ? answer : starved,
                         answer ? strlen(answer) : sizeof starved - 1, false);
    free(answer);
    json_decref(body);
}

bool gh_control_server_turn(struct gh_control_server *server, gh_control_on_request *answer,
                            void *context)
{
    struct asked asked = {server, answer, context};

    return gh_router_take(server->socket, request_answer, &asked);
}

struct gh_control_counters gh_control_counters(const struct gh_control_server *server)
{
    return server->counters;
}

const char *gh_control_endpoint(const struct gh_control_server *server)
{
    return server->endpoint;
}

void *gh_control_socket(const struct gh_control_server *server)
{
    return server->socket;
}
