/* guard.h - how listening sockets are protected.
 *
 * With identity.keys every one of them speaks CURVE and asks who connects (zap.h). The library
 * lets everybody in when nobody answers it, so the options that forbid this are set, read
 * back, and tried out at every start: gh_guard_test.
 *
 * Without, they are plain, and therefore may be reached from this machine alone unless
 * identity.insecure says otherwise. */
#ifndef GOODHART_EDGE_GUARD_H
#define GOODHART_EDGE_GUARD_H

#include "edge/edge_options.h"
#include "edge/key_pair.h"
#include "edge/socket.h"
#include "edge/zap.h"

/* {0}: plain sockets, this machine alone. */
struct gh_guard {
    struct gh_keyring *ring; /* NULL: no keys */
    struct gh_zap *zap;
    struct gh_key_pair own;
    bool insecure;
};

/* Reads the files that the options name, and starts to answer for the sockets of `context`. */
GH_MUST_USE enum gh_status gh_guard_open(struct gh_guard *guard, void *context,
                                         const struct gh_identity_options *options,
                                         struct gh_error *error);
/* After the sockets, before the context. {0} is legal. */
void gh_guard_close(struct gh_guard *guard);

/* Protects and binds. `option` opens the error text, e.g. "alerts.publish". */
struct gh_listen {
    enum gh_domain domain;
    const char *option, *endpoint;
};
GH_MUST_USE enum gh_status gh_guard_bind(const struct gh_guard *guard, void *socket,
                                         const struct gh_listen *listen,
                                         struct gh_error *error);

/* Knocks with a key that nobody knows, as a client of socket type `type` (ZMQ_PUSH, ZMQ_SUB).
 * GH_OK when it is told to go; an error when it is let in, or when nobody answers for
 * GH_GUARD_TEST_MS: then the service must not start. A plain guard has nothing to test.
 * `endpoint` is the real one, as gh_socket_endpoint tells it. */
enum { GH_GUARD_TEST_MS = 5000 };
GH_MUST_USE enum gh_status gh_guard_test(const struct gh_guard *guard, int type,
                                         const struct gh_listen *listen,
                                         struct gh_error *error);

/* Who speaks. Lent while the message lives and until gh_keyring_refresh. */
struct gh_speaker {
    const char *owner;               /* NULL: the socket is plain, and nobody is asked for */
    const struct gh_access_key *key; /* NULL, where there is an owner: may say nothing now */
    enum gh_key_state state;
};
/* Of a message (zmq_msg_t) that came by a socket of this guard: the key that the connection
 * was opened with, as it stands in the key file now. */
struct gh_speaker gh_guard_speaker(const struct gh_guard *guard, enum gh_domain domain,
                                   void *message);

/* The same of a key (NULL: not known) that was shown in another way, under a name that holds as
 * long. */
struct gh_speaker gh_guard_speaker_of(enum gh_domain domain, const struct gh_access_key *key,
                                      const char *name);

/* gh_event.owner of what is said; `nobody` where the socket is plain. */
uint64_t gh_speaker_owner(const struct gh_speaker *speaker, uint64_t nobody);

/* The client's side: sets the keys of a socket before it connects. NULL, or none given: it
 * stays plain. */
GH_MUST_USE enum gh_status
gh_guard_client(void *socket, const struct gh_credentials *credentials, struct gh_error *error);

#endif
