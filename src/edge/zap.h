/* zap.h - answers the library's question who may connect (ZAP 1.0, RFC 27), in a thread of
 * its own. It fails closed: 200 for a known key that is good now and has a role that the
 * socket's domain asks for; 400 for everything else.
 *
 * With the 200 come two properties that every later message of the connection carries:
 * "User-Id", the name of the key, and GH_ZAP_KEY, the public key itself, for a name may be
 * given to another key. They count on sockets alone that ask (guard.h): where nobody asks,
 * they are whatever the peer wrote there. */
#ifndef GOODHART_EDGE_ZAP_H
#define GOODHART_EDGE_ZAP_H

#include "edge/keyring.h"

#define GH_ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define GH_ZAP_KEY "X-Goodhart-Key"

// clang-format off
#define GH_DOMAIN_LIST(X)                                                      \
    X(GH_DOMAIN_INTAKE, "goodhart.intake", GH_ROLE_PRODUCE | GH_ROLE_CONTROL) \
    X(GH_DOMAIN_DURABLE, "goodhart.durable", GH_ROLE_PRODUCE | GH_ROLE_CONTROL) \
    X(GH_DOMAIN_ALERTS, "goodhart.alerts", GH_ROLE_SUBSCRIBE)                  \
    X(GH_DOMAIN_REPLAY, "goodhart.replay", GH_ROLE_REPLAY)                     \
    X(GH_DOMAIN_CONTROL, "goodhart.control", GH_ROLE_CONTROL)
// clang-format on
#define GH_DOMAIN_ENUM(code, name, roles) code,
enum gh_domain { GH_DOMAIN_LIST(GH_DOMAIN_ENUM) GH_DOMAINS };
const char *gh_domain_name(enum gh_domain domain);
uint32_t gh_domain_roles(enum gh_domain domain); /* any of them will do */

struct gh_zap;

/* Answers for all sockets of `context` when it returns. `ring` is lent. The caller owns *zap
 * and frees it after the sockets, before the context. */
GH_MUST_USE enum gh_status gh_zap_new(struct gh_zap **zap, void *context,
                                      struct gh_keyring *ring, struct gh_error *error);
void gh_zap_free(struct gh_zap *zap); /* NULL is legal */

#endif
