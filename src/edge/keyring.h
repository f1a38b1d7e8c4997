/* keyring.h - the keys in force, while their file changes.
 *
 * One thread owns it and looks at the file; the thread that answers handshakes asks it at
 * the same time. A file that cannot be read keeps the keys that were in force, and says so
 * once on stderr. */
#ifndef GOODHART_EDGE_KEYRING_H
#define GOODHART_EDGE_KEYRING_H

#include "edge/keys.h"

struct gh_keyring;

/* Reads the file. The caller owns *ring. */
GH_MUST_USE enum gh_status gh_keyring_new(struct gh_keyring **ring, const char *path,
                                          struct gh_error *error);
void gh_keyring_free(struct gh_keyring *ring); /* NULL is legal */

/* The keys in force: lent until the next gh_keyring_refresh. For the owner's thread. */
const struct gh_keys *gh_keyring_keys(const struct gh_keyring *ring);
/* Reads the file again when its time, size or inode have changed, or when `forced`. True: other
 * keys are in force. */
bool gh_keyring_refresh(struct gh_keyring *ring, bool forced);

/* Why the file as it is now is not in force; "": it is. For the owner's thread. */
const char *gh_keyring_trouble(const struct gh_keyring *ring);

/* Whether a connection with this public key (Z85) may be opened, for one of `roles`, now;
 * counts it. GH_KEY_GOOD: `name` is the key's. For any thread. */
enum gh_key_state gh_keyring_admit(struct gh_keyring *ring, const char *public_key,
                                   uint32_t roles, char name[GH_KEY_NAME_SIZE]);

/* The same for a request that shows a bearer token. */
enum gh_key_state gh_keyring_admit_token(struct gh_keyring *ring, struct gh_text token,
                                         uint32_t roles, char name[GH_KEY_NAME_SIZE]);

struct gh_keyring_counts {
    uint64_t handshakes[GH_KEY_STATES]; /* GH_KEY_GOOD: admitted; the others: refused */
    uint64_t tokens[GH_KEY_STATES];     /* likewise, of requests */
    uint64_t reloads, reloads_failed;
};
void gh_keyring_counts(struct gh_keyring *ring, struct gh_keyring_counts *counts);

#endif
