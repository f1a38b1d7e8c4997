/* replay_client.c - see replay_client.h. */
#include "edge/replay_client.h"

#include "edge/guard.h"
#include "edge/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { CLIENT_FRAMES = 1000, ANSWER_BYTES = 16 << 20 };

struct gh_replay_client {
    void *context, *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    const char *const *topic;
    size_t topics;
};

/* What an answer begins with. */
struct answer {
    uint64_t since, next, newest, oldest;
};

static enum gh_status client_open(struct gh_replay_client *c,
                                  const struct gh_credentials *credentials,
                                  struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_DEALER,
                                          .send_frames = CLIENT_FRAMES,
                                          .receive_frames = CLIENT_FRAMES,
                                          .frame_bytes = ANSWER_BYTES};

    if (gh_context_new(&c->context, error) != GH_OK)
        return GH_EIO;
    c->socket = gh_socket_new(c->context, &setup, error);
    const enum gh_status status =
        c->socket ? gh_guard_client(c->socket, credentials, error) : GH_EIO;
    return status == GH_OK ? gh_socket_connect(c->socket, c->endpoint, "alerts.replay", error)
                           : status;
}

enum gh_status gh_replay_client_new(struct gh_replay_client **client,
                                    const struct gh_subscription_setup *setup,
                                    struct gh_error *error)
{
    struct gh_replay_client *c = calloc(1, sizeof *c);

    if (!c)
        return gh_error_set(error, GH_EMEMORY, "replay: out of memory");
    snprintf(c->endpoint, sizeof c->endpoint, "%s", setup->endpoint);
    c->topic = setup->topic;
    c->topics = setup->count;
    const enum gh_status status = client_open(c, setup->credentials, error);
    if (status == GH_OK)
        *client = c;
    else
        gh_replay_client_free(c);
    return status;
}

void gh_replay_client_free(struct gh_replay_client *client)
{
    if (!client)
        return;
    gh_socket_free(client->socket);
    gh_context_free(client->context);
    free(client);
}

static enum gh_status request_send(struct gh_replay_client *c, uint64_t since,
                                   struct gh_error *error)
{
    struct gh_json json = {0};

    gh_json_open(&json, '{');
    gh_json_key(&json, "since");
    gh_json_count(&json, since);
    if (c->topics > 0) {
        gh_json_key(&json, "topics");
        gh_json_open(&json, '[');
        for (size_t i = 0; i < c->topics; i++)
            gh_json_string(&json, c->topic[i]);
        gh_json_close(&json, ']');
    }
    gh_json_close(&json, '}');
    char *text = gh_json_take(&json);
    if (!text)
        return gh_error_set(error, GH_EMEMORY, "replay: out of memory");
    const int sent = zmq_send(c->socket, text, strlen(text), ZMQ_DONTWAIT);
    free(text);
    return sent >= 0 ? GH_OK
                     : gh_error_set(error, GH_EIO, "%s: %s", c->endpoint, zmq_strerror(errno));
}

static enum gh_status head_read(struct gh_replay_client *c, zmq_msg_t *part,
                                struct answer *answer, struct gh_error *error)
{
    json_t *head = json_loadb(zmq_msg_data(part), zmq_msg_size(part), 0, NULL);
    const char *problem = json_string_value(json_object_get(head, "error"));
    enum gh_status status = GH_OK;

    *answer = (struct answer){
        .since = (uint64_t)json_integer_value(json_object_get(head, "since")),
        .next = (uint64_t)json_integer_value(json_object_get(head, "next")),
        .newest = (uint64_t)json_integer_value(json_object_get(head, "newest")),
        .oldest = (uint64_t)json_integer_value(json_object_get(head, "oldest")),
    };
    if (problem || !head)
        status = gh_error_set(error, GH_EIO, "%s: the service answers: %s", c->endpoint,
                              problem ? problem : "something that is no answer");
    json_decref(head);
    return status;
}

/* The rest of an answer: sequence and body in turn. `wish` NULL: nobody wants it. */
static void alerts_read(struct gh_replay_client *c, bool more,
                        const struct gh_replay_wish *wish)
{
    uint64_t sequence = 0;
    zmq_msg_t part;

    for (uint64_t i = 0; more; i++) {
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, c->socket, 0) < 0)
            return;
        more = zmq_msg_more(&part);
        if (i % 2 == 0)
            sequence = zmq_msg_size(&part) == 8 ? gh_sequence_value(zmq_msg_data(&part)) : 0;
        else if (wish && sequence > 0 && sequence <= wish->until)
            wish->alert(wish->context, sequence,
                        (struct gh_text){zmq_msg_data(&part), (uint32_t)zmq_msg_size(&part)});
        zmq_msg_close(&part);
    }
}

/* Of an answer that came too late, to a question before this one, nothing is handed out: then
 * answer->since is another one afterwards. */
static enum gh_status answer_read(struct gh_replay_client *c, const struct gh_replay_wish *wish,
                                  struct answer *answer, struct gh_error *error)
{
    const uint64_t since = answer->since;
    void *const socket[] = {c->socket};
    zmq_msg_t head;

    if (!gh_socket_wait(socket, 1, -1, wish->timeout_ms))
        return gh_error_set(error, GH_EIO, "%s: nobody answers", c->endpoint);
    zmq_msg_init(&head);
    enum gh_status status = GH_EIO;
    if (zmq_msg_recv(&head, c->socket, 0) < 0) {
        gh_error_set(error, GH_EIO, "%s: %s", c->endpoint, zmq_strerror(errno));
    } else {
        status = head_read(c, &head, answer, error);
        alerts_read(c, zmq_msg_more(&head), answer->since == since ? wish : NULL);
    }
    zmq_msg_close(&head);
    return status;
}

enum gh_status gh_replay_client_fetch(struct gh_replay_client *c, uint64_t *since,
                                      const struct gh_replay_wish *wish, uint64_t *oldest,
                                      struct gh_error *error)
{
    struct answer answer = {.newest = UINT64_MAX};
    enum gh_status status = GH_OK;

    while (status == GH_OK && *since < answer.newest && *since < wish->until) {
        const uint64_t before = *since;
        status = request_send(c, *since, error);
        do {
            answer.since = before;
            status = status == GH_OK ? answer_read(c, wish, &answer, error) : status;
        } while (status == GH_OK && answer.since != before);
        if (status != GH_OK)
            return status;
        *oldest = answer.oldest;
        *since = answer.next;
        if (answer.next <= before && answer.newest > before)
            return gh_error_set(error, GH_EIO, "%s: the service does not go on", c->endpoint);
    }
    return status;
}
