/* publish.c - see publish.h. */
#include "edge/publish.h"

#include "edge/alert.h"
#include "edge/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { PUBLISH_LINGER_MS = 2000, PUBLISH_SUBSCRIPTION_BYTES = 4096 };

struct gh_publisher {
    void *socket;
    char endpoint[GH_ENDPOINT_SIZE];
    uint64_t failed;
};

enum gh_status gh_publisher_new(struct gh_publisher **publisher, void *context,
                                const struct gh_alerts_options *options, struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_XPUB,
                                          .send_frames = (int)options->high_water_mark,
                                          .frame_bytes = PUBLISH_SUBSCRIPTION_BYTES,
                                          .linger_ms = PUBLISH_LINGER_MS};
    struct gh_publisher *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
    enum gh_status status = GH_EIO;
    made->socket = gh_socket_new(context, &setup, error);
    if (made->socket)
        status = gh_socket_bind(made->socket, options->publish.text, "alerts.publish", error);
    if (status != GH_OK) {
        gh_publisher_free(made);
        return status;
    }
    gh_socket_endpoint(made->socket, made->endpoint);
    *publisher = made;
    return GH_OK;
}

void gh_publisher_free(struct gh_publisher *publisher)
{
    if (!publisher)
        return;
    gh_socket_free(publisher->socket);
    free(publisher);
}

static bool publish_part(struct gh_publisher *publisher, const void *at, size_t size, int flag)
{
    int sent;
    do {
        sent = zmq_send(publisher->socket, at, size, flag);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static void publish_message(struct gh_publisher *publisher, const char *topic,
                            uint64_t sequence, const char *body)
{
    unsigned char bytes[8];
    gh_sequence_bytes(sequence, bytes);
    if (!publish_part(publisher, topic, strlen(topic), ZMQ_SNDMORE) ||
        !publish_part(publisher, bytes, sizeof(bytes), ZMQ_SNDMORE) ||
        !publish_part(publisher, body, strlen(body), 0))
        publisher->failed++;
}

void gh_publisher_alert(struct gh_publisher *publisher, const struct gh_finding *finding,
                        uint64_t sequence, const char *body)
{
    char topic[GH_TOPIC_SIZE];
    for (unsigned i = 0; i < GH_TOPIC_COUNT; i++) {
        gh_alert_topic(finding, i, topic);
        publish_message(publisher, topic, sequence, body);
    }
}

void gh_publisher_heartbeat(struct gh_publisher *publisher,
                            const struct gh_heartbeat *heartbeat)
{
    struct gh_json json = {0};
    gh_json_open(&json, '{');
    gh_json_key(&json, "sequence");
    gh_json_count(&json, heartbeat->sequence);
    gh_json_key(&json, "time");
    gh_json_time(&json, heartbeat->time_ms);
    gh_json_key(&json, "events");
    gh_json_count(&json, heartbeat->events);
    gh_json_key(&json, "actors");
    gh_json_count(&json, heartbeat->actors);
    gh_json_close(&json, '}');
    char *body = gh_json_take(&json);
    if (body)
        publish_message(publisher, "heartbeat/", heartbeat->sequence, body);
    else
        publisher->failed++;
    free(body);
}

void gh_publisher_drain(struct gh_publisher *publisher)
{
    char ignored[1];
    while (zmq_recv(publisher->socket, ignored, sizeof(ignored), ZMQ_DONTWAIT) >= 0) {
    }
}

uint64_t gh_publisher_failed(const struct gh_publisher *publisher)
{
    return publisher->failed;
}

const char *gh_publisher_endpoint(const struct gh_publisher *publisher)
{
    return publisher->endpoint;
}

void *gh_publisher_socket(const struct gh_publisher *publisher)
{
    return publisher->socket;
}
