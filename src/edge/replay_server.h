/* replay_server.h - alerts that a subscriber missed (ROUTER, bound), from the ledger.
 *
 * A request is one frame, from REQ or DEALER:
 *     {"since": SEQUENCE, "topics": [PREFIX, …], "limit": N}
 * Alerts after `since` of which a topic begins with one of the prefixes; without `topics`,
 * all; at most `limit` of them, 1..256. The answer has several frames:
 *     {"since": …, "next": SEQUENCE, "newest": SEQUENCE, "oldest": SEQUENCE}
 *     then for each alert its sequence (8 bytes, big-endian) and its body
 * All up to `next` has been looked at: ask again from there on until it is `newest`. What is
 * older than `oldest` is no longer kept (0: there is none). A bad request is answered with
 * {"error": WHY} alone.
 *
 * Where the service asks for keys, a prefix that the key may not hear is a bad request, and no
 * `topics` asks for all: that takes a key that may hear "*". */
#ifndef GOODHART_EDGE_REPLAY_SERVER_H
#define GOODHART_EDGE_REPLAY_SERVER_H

#include "edge/edge_options.h"
#include "edge/guard.h"
#include "store/ledger.h"

struct gh_replay_server;

/* Bound and protected on success; the caller owns *server. The guard is lent. */
GH_MUST_USE enum gh_status gh_replay_server_new(struct gh_replay_server **server, void *context,
                                                const struct gh_alerts_options *options,
                                                const struct gh_guard *guard,
                                                struct gh_error *error);
/* Where the alerts are; before the first turn. */
void gh_replay_server_lend(struct gh_replay_server *server, struct gh_ledger *ledger);
void gh_replay_server_free(struct gh_replay_server *server); /* NULL is legal */
/* Answers at most so many requests, without waiting: few, for intake waits meanwhile. */
enum { GH_REPLAY_TURN = 2 };
void gh_replay_server_turn(struct gh_replay_server *server);

uint64_t gh_replay_served(const struct gh_replay_server *server); /* requests */
const char *gh_replay_endpoint(const struct gh_replay_server *server);
void *gh_replay_socket(const struct gh_replay_server *server); /* for gh_socket_wait */

#endif
