/* subscription.h - the other end of publish.h: alerts and heartbeats of a running service
 * (SUB, connected), and the gaps between them. */
#ifndef GOODHART_EDGE_SUBSCRIPTION_H
#define GOODHART_EDGE_SUBSCRIPTION_H

#include "edge/key_pair.h"
#include "edge/socket.h"
#include "goodhart/event.h"

struct gh_subscription;

struct gh_subscription_setup {
    const char *endpoint;
    const char *const *topic; /* prefixes; the heartbeat comes always */
    size_t count;
    const struct gh_credentials *credentials; /* NULL, or none given: plain */
};
/* The caller owns *subscription. Nobody need be there yet. */
GH_MUST_USE enum gh_status gh_subscription_new(struct gh_subscription **subscription,
                                               const struct gh_subscription_setup *setup,
                                               struct gh_error *error);
void gh_subscription_free(struct gh_subscription *subscription); /* NULL is legal */

/* Texts are lent until the next call. */
struct gh_message {
    struct gh_text topic, body;
    uint64_t sequence;
    bool heartbeat;
};
/* Takes the next message without waiting; what is not [topic, 8 bytes, body] is passed
 * over. False: none now. */
bool gh_subscription_next(struct gh_subscription *subscription, struct gh_message *message);
/* GH_EIO: the service does not want us, or, where we have keys, hangs up on us before a
 * handshake for GH_SUBSCRIPTION_MUTE_MS; *error says which. That nobody is there is no
 * failure. */
enum { GH_SUBSCRIPTION_MUTE_MS = 5000 };
GH_MUST_USE enum gh_status gh_subscription_check(struct gh_subscription *subscription,
                                                 struct gh_error *error);
void *gh_subscription_socket(const struct gh_subscription *subscription);

uint64_t gh_sequence_value(const unsigned char bytes[8]); /* big-endian */

/* What the sequence of one message says about those before it. {0} has seen nothing. */
struct gh_follower {
    bool started, whole; /* whole: every alert is subscribed to, so each one must come */
    uint64_t newest;
};
enum gh_followed {
    GH_FOLLOWED_IN_ORDER,
    GH_FOLLOWED_FIRST,   /* *missed: published before anybody listened */
    GH_FOLLOWED_GAP,     /* *missed: lost on the way */
    GH_FOLLOWED_RESTART, /* the publisher began anew; *missed: as at first */
};
/* Messages of one publisher come in order and a heartbeat follows the alerts it counts, so
 * whatever it names that has not come is lost. */
enum gh_followed gh_follow(struct gh_follower *follower, uint64_t sequence, bool heartbeat,
                           uint64_t *missed);

#endif
