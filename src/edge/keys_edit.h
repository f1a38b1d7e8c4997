/* keys_edit.h - changes the key file as a whole: what stands there is the old file or the new
 * one, never a part. Two that change it at once wait for each other. A file that would not be
 * legal is not written. */
#ifndef GOODHART_EDGE_KEYS_EDIT_H
#define GOODHART_EDGE_KEYS_EDIT_H

#include "edge/keys.h"

/* Lists are texts separated by commas; NULL: the member is left out. */
struct gh_key_entry {
    const char *name, *public_key;
    const char *roles, *actors, *teams, *topics;
    const char *not_after; /* NULL: none */
    const char *token;     /* its hash; NULL: none */
};
/* Adds a key; makes the file, mode 0600, when there is none. A name that is there already is
 * an error. */
GH_MUST_USE enum gh_status gh_keys_add(const char *path, const struct gh_key_entry *entry,
                                       struct gh_error *error);
/* Marks a key as revoked from `now_ms` on. The key stays in the file: its name is not free. */
GH_MUST_USE enum gh_status gh_keys_revoke(const char *path, const char *name, int64_t now_ms,
                                          struct gh_error *error);

#endif
