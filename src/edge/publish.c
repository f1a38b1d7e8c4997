/* publish.c - see publish.h. */
#include "edge/publish.h"

#include "edge/alert.h"
#include "edge/clock.h"
#include "edge/json.h"
#include "edge/operate/note.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { PUBLISH_LINGER_MS = 2000, PUBLISH_SUBSCRIPTION_BYTES = 4096 };
/* The old listener leaves the port to us within some milliseconds; else the next recheck. */
enum { PUBLISH_REBIND_TRIES = 50, PUBLISH_REBIND_STEP_MS = 10 };

/* A key that something was granted to since all connections began. */
struct served {
    char public_key[GH_KEY_TEXT_SIZE];
    uint64_t hears; /* gh_key_hears, then */
};

struct gh_publisher {
    void *socket;
    const struct gh_guard *guard;
    char endpoint[GH_ENDPOINT_SIZE];
    struct served *served;
    size_t served_count; /* up to GH_KEYS_MAX */
    bool bound, told;
    struct gh_publisher_counts counts;
    uint64_t failed;
};

static enum gh_status publisher_open(struct gh_publisher *publisher, void *context,
                                     const struct gh_alerts_options *options,
                                     struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_XPUB,
                                          .send_frames = (int)options->high_water_mark,
                                          .frame_bytes = PUBLISH_SUBSCRIPTION_BYTES,
                                          .linger_ms = PUBLISH_LINGER_MS};
    const struct gh_listen listen = {GH_DOMAIN_ALERTS, "alerts.publish", options->publish.text};
    const int manual = publisher->guard->ring != NULL;
    publisher->socket = gh_socket_new(context, &setup, error);
    if (!publisher->socket)
        return GH_EIO;
    if (zmq_setsockopt(publisher->socket, ZMQ_XPUB_MANUAL, &manual, sizeof(manual)) != 0)
        return gh_error_set(error, GH_EIO, "alerts.publish: %s", zmq_strerror(errno));
    return gh_guard_bind(publisher->guard, publisher->socket, &listen, error);
}

enum gh_status gh_publisher_new(struct gh_publisher **publisher, void *context,
                                const struct gh_alerts_options *options,
                                const struct gh_guard *guard, struct gh_error *error)
{
    struct gh_publisher *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
    made->guard = guard;
    made->bound = true;
    enum gh_status status = publisher_open(made, context, options, error);
    if (status == GH_OK && guard->ring &&
        !(made->served = calloc(GH_KEYS_MAX, sizeof(made->served[0]))))
        status = gh_error_set(error, GH_EMEMORY, "alerts: out of memory");
    if (status != GH_OK) {
        gh_publisher_free(made);
        return status;
    }
    gh_socket_endpoint(made->socket, made->endpoint);
    *publisher = made;
    return GH_OK;
}

enum gh_status gh_publisher_test(const struct gh_publisher *publisher, struct gh_error *error)
{
    const struct gh_listen listen = {GH_DOMAIN_ALERTS, "alerts.publish", publisher->endpoint};
    return gh_guard_test(publisher->guard, ZMQ_SUB, &listen, error);
}

void gh_publisher_free(struct gh_publisher *publisher)
{
    if (!publisher)
        return;
    gh_socket_free(publisher->socket);
    free(publisher->served);
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

/* Remembers what the grant rests on. False: there is no place, so nothing may be granted. */
static bool served_note(struct gh_publisher *publisher, const struct gh_access_key *key)
{
    for (size_t i = 0; i < publisher->served_count; i++) {
        if (!strcmp(publisher->served[i].public_key, key->public_key))
            return true;
    }
    if (publisher->served_count == GH_KEYS_MAX)
        return false;
    struct served *served = &publisher->served[publisher->served_count++];
    memcpy(served->public_key, key->public_key, sizeof(served->public_key));
    served->hears = gh_key_hears(key);
    return true;
}

static bool subscription_granted(struct gh_publisher *publisher, zmq_msg_t *message,
                                 struct gh_text prefix)
{
    const struct gh_speaker speaker =
        gh_guard_speaker(publisher->guard, GH_DOMAIN_ALERTS, message);
    return speaker.key && gh_key_may_hear(speaker.key, prefix) &&
           served_note(publisher, speaker.key);
}

/* One byte, 1 to subscribe and 0 to end it, and the prefix. In manual mode the library does
 * what the option says for the connection of the message that was read last. */
static void subscription_take(struct gh_publisher *publisher, zmq_msg_t *message)
{
    const char *at = zmq_msg_data(message);
    const size_t size = zmq_msg_size(message);
    if (!publisher->guard->ring || size == 0)
        return;
    const struct gh_text prefix = {at + 1, (uint32_t)(size - 1)};
    if (at[0] == 0) {
        zmq_setsockopt(publisher->socket, ZMQ_UNSUBSCRIBE, prefix.at, prefix.size);
    } else if (at[0] == 1) {
        const bool granted =
            subscription_granted(publisher, message, prefix) &&
            zmq_setsockopt(publisher->socket, ZMQ_SUBSCRIBE, prefix.at, prefix.size) == 0;
        publisher->counts.granted += granted;
        publisher->counts.denied += !granted;
    }
}

void gh_publisher_drain(struct gh_publisher *publisher)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, publisher->socket, ZMQ_DONTWAIT) >= 0)
        subscription_take(publisher, &message);
    zmq_msg_close(&message);
}

static bool served_same(const struct gh_publisher *publisher)
{
    const struct gh_keys *keys = gh_keyring_keys(publisher->guard->ring);
    const int64_t now_ms = gh_clock_wall_ms();
    for (size_t i = 0; i < publisher->served_count; i++) {
        const struct served *served = &publisher->served[i];
        const struct gh_access_key *key = gh_keys_by_public(keys, served->public_key);
        if (gh_key_state_for(key, gh_domain_roles(GH_DOMAIN_ALERTS), now_ms) != GH_KEY_GOOD ||
            gh_key_hears(key) != served->hears)
            return false;
    }
    return true;
}

static void publisher_bind(struct gh_publisher *publisher)
{
    for (int i = 0; i < PUBLISH_REBIND_TRIES && !publisher->bound; i++) {
        publisher->bound = zmq_bind(publisher->socket, publisher->endpoint) == 0;
        if (!publisher->bound)
            gh_clock_sleep_ms(PUBLISH_REBIND_STEP_MS);
    }
    if (!publisher->bound && !publisher->told)
        gh_note(GH_NOTE_rebind, "alerts.publish: %s: %s: trying on", publisher->endpoint,
                zmq_strerror(errno));
    publisher->told = !publisher->bound;
}

void gh_publisher_recheck(struct gh_publisher *publisher)
{
    if (!publisher->guard->ring)
        return;
    if (publisher->bound && !served_same(publisher)) {
        publisher->bound = zmq_unbind(publisher->socket, publisher->endpoint) != 0;
        publisher->served_count = 0;
        publisher->counts.rebinds++;
    }
    if (!publisher->bound)
        publisher_bind(publisher);
}

void gh_publisher_counts(const struct gh_publisher *publisher,
                         struct gh_publisher_counts *counts)
{
    *counts = publisher->counts;
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
