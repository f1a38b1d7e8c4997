/* subscription.c - see subscription.h. */
#include "edge/subscription.h"

#include "edge/clock.h"
#include "edge/guard.h"
#include "edge/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { SUBSCRIPTION_FRAMES = 100000, SUBSCRIPTION_BYTES = 1048576, SUBSCRIPTION_PARTS = 3 };
#define SUBSCRIPTION_HEARTBEAT "heartbeat/"

struct gh_subscription {
    void *context, *socket, *monitor;
    char endpoint[GH_ENDPOINT_SIZE];
    bool keyed;
    int64_t touched_ms; /* since when somebody listens without a handshake; -1: not so */
    zmq_msg_t part[SUBSCRIPTION_PARTS];
};

static enum gh_status subscription_topic(struct gh_subscription *subscription,
                                         const char *topic, struct gh_error *error)
{
    if (zmq_setsockopt(subscription->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)) == 0)
        return GH_OK;
    return gh_error_set(error, GH_EIO, "%s: %s", topic, zmq_strerror(errno));
}

static enum gh_status subscription_open(struct gh_subscription *subscription,
                                        const struct gh_subscription_setup *wanted,
                                        struct gh_error *error)
{
    const struct gh_socket_setup setup = {.type = ZMQ_SUB,
                                          .receive_frames = SUBSCRIPTION_FRAMES,
                                          .frame_bytes = SUBSCRIPTION_BYTES};
    enum gh_status status = gh_context_new(&subscription->context, error);
    if (status != GH_OK)
        return status;
    subscription->socket = gh_socket_new(subscription->context, &setup, error);
    if (!subscription->socket)
        return GH_EIO;
    subscription->monitor = gh_monitor_new(subscription->context, subscription->socket, error);
    if (!subscription->monitor)
        return GH_EIO;
    status = gh_guard_client(subscription->socket, wanted->credentials, error);
    if (status == GH_OK)
        status = subscription_topic(subscription, SUBSCRIPTION_HEARTBEAT, error);
    for (size_t i = 0; i < wanted->count && status == GH_OK; i++)
        status = subscription_topic(subscription, wanted->topic[i], error);
    if (status == GH_OK)
        status = gh_socket_connect(subscription->socket, wanted->endpoint, "--endpoint", error);
    return status;
}

enum gh_status gh_subscription_new(struct gh_subscription **subscription,
                                   const struct gh_subscription_setup *setup,
                                   struct gh_error *error)
{
    struct gh_subscription *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "watch: out of memory");
    for (size_t i = 0; i < SUBSCRIPTION_PARTS; i++)
        zmq_msg_init(&made->part[i]);
    snprintf(made->endpoint, sizeof(made->endpoint), "%s", setup->endpoint);
    made->keyed = setup->credentials && setup->credentials->given;
    made->touched_ms = -1;
    const enum gh_status status = subscription_open(made, setup, error);
    if (status != GH_OK) {
        gh_subscription_free(made);
        return status;
    }
    *subscription = made;
    return GH_OK;
}

enum gh_status gh_subscription_check(struct gh_subscription *subscription,
                                     struct gh_error *error)
{
    enum gh_link link;
    while (gh_monitor_next(subscription->monitor, &link)) {
        if (link == GH_LINK_REFUSED || link == GH_LINK_MISMATCH)
            return gh_link_error(link, subscription->endpoint, subscription->keyed, error);
        /* A service that cannot read us hangs up, and we knock again and again. */
        if (link == GH_LINK_READY)
            subscription->touched_ms = -1;
        if (link != GH_LINK_TOUCHED || !subscription->keyed)
            continue;
        if (subscription->touched_ms < 0)
            subscription->touched_ms = gh_clock_ms();
        else if (gh_clock_ms() - subscription->touched_ms >= GH_SUBSCRIPTION_MUTE_MS)
            return gh_link_error(link, subscription->endpoint, true, error);
    }
    return GH_OK;
}

void gh_subscription_free(struct gh_subscription *subscription)
{
    if (!subscription)
        return;
    for (size_t i = 0; i < SUBSCRIPTION_PARTS; i++)
        zmq_msg_close(&subscription->part[i]);
    gh_monitor_free(subscription->monitor, subscription->socket);
    gh_socket_free(subscription->socket);
    gh_context_free(subscription->context);
    free(subscription);
}

/* Reads one message to its end; returns its parts, of which the first three are kept, or 0
 * when there is none. */
static size_t subscription_parts(struct gh_subscription *subscription)
{
    size_t count = 0;
    bool more = true;
    zmq_msg_t surplus;
    zmq_msg_init(&surplus);
    while (more) {
        zmq_msg_t *part = count < SUBSCRIPTION_PARTS ? &subscription->part[count] : &surplus;
        if (zmq_msg_recv(part, subscription->socket, ZMQ_DONTWAIT) < 0)
            break;
        count++;
        more = zmq_msg_more(part);
    }
    zmq_msg_close(&surplus);
    return count;
}

static struct gh_text subscription_text(struct gh_subscription *subscription, size_t part)
{
    return (struct gh_text){zmq_msg_data(&subscription->part[part]),
                            (uint32_t)zmq_msg_size(&subscription->part[part])};
}

bool gh_subscription_next(struct gh_subscription *subscription, struct gh_message *message)
{
    size_t count;
    while ((count = subscription_parts(subscription)) > 0) {
        const struct gh_text sequence = subscription_text(subscription, 1);
        if (count != SUBSCRIPTION_PARTS || sequence.size != 8)
            continue;
        message->topic = subscription_text(subscription, 0);
        message->body = subscription_text(subscription, 2);
        message->sequence = gh_sequence_value((const unsigned char *)sequence.at);
        message->heartbeat =
            message->topic.size == strlen(SUBSCRIPTION_HEARTBEAT) &&
            !memcmp(message->topic.at, SUBSCRIPTION_HEARTBEAT, message->topic.size);
        return true;
    }
    return false;
}

void *gh_subscription_socket(const struct gh_subscription *subscription)
{
    return subscription->socket;
}

uint64_t gh_sequence_value(const unsigned char bytes[8])
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

enum gh_followed gh_follow(struct gh_follower *follower, uint64_t sequence, bool heartbeat,
                           uint64_t *missed)
{
    const uint64_t newest = follower->newest;
    const uint64_t before = heartbeat || sequence == 0 ? sequence : sequence - 1;
    *missed = 0;
    if (!follower->started) {
        follower->started = true;
        follower->newest = sequence;
        *missed = before;
        return GH_FOLLOWED_FIRST;
    }
    if (sequence < newest) {
        follower->newest = sequence;
        *missed = before;
        return GH_FOLLOWED_RESTART;
    }
    follower->newest = sequence;
    if (!follower->whole || before <= newest)
        return GH_FOLLOWED_IN_ORDER;
    *missed = before - newest;
    return GH_FOLLOWED_GAP;
}
