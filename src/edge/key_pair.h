/* key_pair.h - CURVE key pairs and the files that hold them.
 *
 * A file is one JSON object: {"name", "public", "secret"}, keys in Z85, and "token" where there
 * is one: whoever uses it reads it there, we do not. The secret one is
 * readable by its owner alone, and one that others may read is refused. The public one is the
 * same without "secret"; it is what a client is given of the service. */
#ifndef GOODHART_EDGE_KEY_PAIR_H
#define GOODHART_EDGE_KEY_PAIR_H

#include "edge/keys.h"

struct gh_key_pair {
    char name[GH_KEY_NAME_SIZE];
    char public_key[GH_KEY_TEXT_SIZE];
    char secret_key[GH_KEY_TEXT_SIZE]; /* "": only the public key is known */
    char token[GH_TOKEN_SIZE];         /* for HTTP, written beside the secret; "": none */
};

/* A new pair. `name` must be legal in a key file. */
GH_MUST_USE enum gh_status gh_key_pair_new(struct gh_key_pair *pair, const char *name,
                                           struct gh_error *error);
/* Overwrites the secret. */
void gh_key_pair_wipe(struct gh_key_pair *pair);

/* Write a file that is not there yet, synced; an existing one is an error and stays. */
GH_MUST_USE enum gh_status gh_key_pair_write(const struct gh_key_pair *pair, const char *path,
                                             struct gh_error *error); /* mode 0600 */
GH_MUST_USE enum gh_status gh_key_public_write(const struct gh_key_pair *pair, const char *path,
                                               struct gh_error *error); /* mode 0644 */

/* `option` opens the error text: what a person would change, e.g. "identity.secret". */
GH_MUST_USE enum gh_status gh_key_pair_read(struct gh_key_pair *pair, const char *path,
                                            const char *option, struct gh_error *error);
GH_MUST_USE enum gh_status gh_key_public_read(struct gh_key_pair *pair, const char *path,
                                              const char *option, struct gh_error *error);

/* What a client needs: its own pair, and the public key of the service. */
struct gh_credentials {
    struct gh_key_pair own, server;
    bool given; /* false: no keys; the connection is plain */
};
/* Reads both files. Both paths "": none is given. One alone is an error. */
GH_MUST_USE enum gh_status gh_credentials_read(struct gh_credentials *credentials,
                                               const char *secret, const char *server,
                                               struct gh_error *error);

#endif
