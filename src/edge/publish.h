/* publish.h - alerts and heartbeats to subscribers (XPUB, bound); contract/alerts.md.
 *
 * A subscriber that is slower than its queue is long loses alerts and sees the gap in the
 * sequence: nothing that a subscriber does can hold up the engine.
 *
 * Where the guard asks for keys, each subscription is granted or denied by the subscriber's
 * key (gh_key_may_hear). One that is denied gets nothing, and is counted. */
#ifndef GOODHART_EDGE_PUBLISH_H
#define GOODHART_EDGE_PUBLISH_H

#include "edge/guard.h"
#include "goodhart/finding.h"

struct gh_publisher;

/* Bound on success; the caller owns *publisher. `guard` is lent while it lives. */
GH_MUST_USE enum gh_status gh_publisher_new(struct gh_publisher **publisher, void *context,
                                            const struct gh_alerts_options *options,
                                            const struct gh_guard *guard,
                                            struct gh_error *error);
/* gh_guard_test of its socket. */
GH_MUST_USE enum gh_status gh_publisher_test(const struct gh_publisher *publisher,
                                             struct gh_error *error);
/* What is queued is sent for up to two more seconds, while the context is freed. */
void gh_publisher_free(struct gh_publisher *publisher); /* NULL is legal */

/* [topic, sequence, body] under each of the five topics. `body` is gh_alert_body's. */
void gh_publisher_alert(struct gh_publisher *publisher, const struct gh_finding *finding,
                        uint64_t sequence, const char *body);

/* What stands behind the alerts, so that a subscriber can put them in proportion. */
struct gh_heartbeat {
    uint64_t sequence; /* newest; 0: none yet */
    int64_t time_ms;   /* since 1970 */
    uint64_t events, actors;
};
/* ["heartbeat/", sequence, {"sequence", "time", "events", "actors"}] */
void gh_publisher_heartbeat(struct gh_publisher *publisher,
                            const struct gh_heartbeat *heartbeat);

/* Reads what subscribers ask for, and grants or denies it. ZeroMQ keeps the list. */
void gh_publisher_drain(struct gh_publisher *publisher);
/* To be called when other keys are in force, and now and then, for keys expire: when a key
 * that something was granted to may no longer hear the same, all connections are ended, so
 * that everybody asks anew. What was queued for a subscriber may be lost then; the sequence
 * tells. */
void gh_publisher_recheck(struct gh_publisher *publisher);
struct gh_publisher_counts {
    uint64_t granted, denied; /* subscriptions, where there are keys */
    uint64_t rebinds;         /* connections ended because a grant had */
};
void gh_publisher_counts(const struct gh_publisher *publisher,
                         struct gh_publisher_counts *counts);

/* Messages that the library would not take; a sign of memory trouble. */
uint64_t gh_publisher_failed(const struct gh_publisher *publisher);
const char *gh_publisher_endpoint(const struct gh_publisher *publisher);
void *gh_publisher_socket(const struct gh_publisher *publisher); /* for gh_socket_wait */

#endif
