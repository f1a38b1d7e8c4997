/* replay_client.h - asks a service for the alerts that were missed (DEALER, connected); the
 * other end of replay_server.h. */
#ifndef GOODHART_EDGE_REPLAY_CLIENT_H
#define GOODHART_EDGE_REPLAY_CLIENT_H

#include "edge/subscription.h"

struct gh_replay_client;

/* Nobody need be there yet. Topics: count 0: all alerts; lent while the client lives. The
 * caller owns *client. */
GH_MUST_USE enum gh_status gh_replay_client_new(struct gh_replay_client **client,
                                                const struct gh_subscription_setup *setup,
                                                struct gh_error *error);
void gh_replay_client_free(struct gh_replay_client *client); /* NULL is legal */

/* Hands out alerts after *since, in order, up to the newest one that is kept or to `until`,
 * and moves *since on. GH_EIO: nobody has answered for `timeout_ms`, or the answer is an
 * error; *since tells how far it came. `oldest`: of those that are still kept; 0 none. */
typedef void gh_replay_on_alert(void *context, uint64_t sequence, struct gh_text body);
struct gh_replay_wish {
    uint64_t until;
    int64_t timeout_ms;
    gh_replay_on_alert *alert;
    void *context;
};
GH_MUST_USE enum gh_status gh_replay_client_fetch(struct gh_replay_client *client,
                                                  uint64_t *since,
                                                  const struct gh_replay_wish *wish,
                                                  uint64_t *oldest, struct gh_error *error);

#endif
