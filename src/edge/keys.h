/* keys.h - who is known: the key file, its look-ups, and what each key may do.
 *
 * The file is one JSON object, {"keys": [KEY, ...]}, with a closed schema: a name that is not
 * in this table is an error. Each KEY is an object:
 *
 *     name        text     who owns the key; 1 to 64 bytes, unique, none of * ? /
 *     public      text     the CURVE public key, 40 characters of Z85, unique
 *     token       text     SHA-256, in hex, of the bearer token that it shows over HTTP
 *                          (token.h), unique; absent: none
 *     roles       [text]   what it is for: see GH_ROLE_LIST
 *     actors      [text]   whom it may speak for; "*" alone: everybody; absent: nobody
 *     teams       [text]   the same for teams
 *     topics      [text]   what it may subscribe to: "team/NAME/" or "actor/NAME/" as they are
 *                          published, "*" alone: everything; absent: those of its actors and
 *                          teams, where "*" is everything
 *     not_before, not_after, revoked   times (RFC 3339 with an offset): good from the first on
 *                          and until the earlier of the others
 *
 * What a key may say, of an event whose form is right (gh_key_permits):
 *   - role `produce`, and for verdicts `control` in its place;
 *   - an event that names an actor: that actor must be among `actors`;
 *   - an event that names a team: that team must be among `teams`, too. A team that an event
 *     of a person names is the person's team from then on, and nobody may move a person but a
 *     key that may speak for both. So a key without teams leaves `team` out, and the team of
 *     the person's last profile holds. A team alone never speaks for its people: what the
 *     event says about who is in it cannot be checked here;
 *   - a profile that names a manager changes nothing for that manager, so none is asked for;
 *   - a tick moves time for all: `actors` must be "*";
 *   - a verdict is about the finding that it names, whoever its `actor` is: `actors` must be
 *     "*" here as well.
 *
 * A set of keys does not change once it is read, and may be read by several threads. */
#ifndef GOODHART_EDGE_KEYS_H
#define GOODHART_EDGE_KEYS_H

#include "edge/token.h"
#include "goodhart/error.h"
#include "goodhart/event.h"

// clang-format off
#define GH_ROLE_LIST(X)                                    \
    X(produce, GH_ROLE_PRODUCE, 1, "hands in events")      \
    X(subscribe, GH_ROLE_SUBSCRIBE, 2, "listens to alerts") \
    X(replay, GH_ROLE_REPLAY, 4, "asks for missed alerts") \
    X(control, GH_ROLE_CONTROL, 8, "decides: verdicts, settings")
// clang-format on
#define GH_ROLE_ENUM(name, code, bit, help) code = bit,
enum gh_role { GH_ROLE_LIST(GH_ROLE_ENUM) };

enum {
    GH_KEYS_MAX = 10000,
    GH_KEYS_BYTES_MAX = 1048576, /* of the file */
    GH_KEY_NAME_SIZE = 65,
    GH_KEY_TEXT_SIZE = 41 /* Z85 and a NUL */
};

/* Ids of texts, ascending. */
struct gh_id_list {
    uint32_t *id;
    uint32_t count;
    bool all; /* "*" */
};
struct gh_keys;
struct gh_access_key {
    char name[GH_KEY_NAME_SIZE];
    char public_key[GH_KEY_TEXT_SIZE];
    char token[GH_TOKEN_HASH_SIZE]; /* "": none */
    uint32_t roles;                 /* bits of enum gh_role */
    struct gh_id_list actors, teams, topics;
    int64_t not_before_ms, not_after_ms, revoked_ms; /* since 1970; INT64_MIN, _MAX: none */
    const struct gh_keys *keys;
};

/* Reads a key file. Errors: "FILE:LINE:COLUMN: key N (NAME): member: problem: legal values".
 * The caller owns *keys. */
GH_MUST_USE enum gh_status gh_keys_load(struct gh_keys **keys, const char *path,
                                        struct gh_error *error);
/* The same of bytes; `path` is for messages. */
GH_MUST_USE enum gh_status gh_keys_read(struct gh_keys **keys, const char *path, const char *at,
                                        size_t size, struct gh_error *error);
/* Whether this is a legal name of a key. */
bool gh_key_name_legal(const char *name);
void gh_keys_free(struct gh_keys *keys); /* NULL is legal */

/* In the order of the file. */
uint32_t gh_keys_count(const struct gh_keys *keys);
const struct gh_access_key *gh_keys_at(const struct gh_keys *keys, uint32_t index);
/* One look-up in a hash table each but by token; NULL: not known. `public_key` is Z85 text. */
const struct gh_access_key *gh_keys_by_public(const struct gh_keys *keys,
                                              const char *public_key);
/* Looks at every key, in the same time whichever it is. `hash` is of gh_token_hash. */
const struct gh_access_key *gh_keys_by_token(const struct gh_keys *keys,
                                             const char hash[GH_TOKEN_HASH_SIZE]);
const struct gh_access_key *gh_keys_by_name(const struct gh_keys *keys, const char *name);

/* Whether a key is good at a time. NULL is GH_KEY_UNKNOWN. */
// clang-format off
#define GH_KEY_STATE_LIST(X)                                       \
    X(GH_KEY_GOOD, good, "good")                                   \
    X(GH_KEY_UNKNOWN, unknown, "is not in the key file")           \
    X(GH_KEY_EARLY, early, "is not good yet: see its not_before")  \
    X(GH_KEY_EXPIRED, expired, "has expired: see its not_after")   \
    X(GH_KEY_REVOKED, revoked, "has been revoked")                 \
    X(GH_KEY_ROLE, role, "lacks the role that this socket asks for")
// clang-format on
#define GH_KEY_STATE_ENUM(code, name, text) code,
enum gh_key_state { GH_KEY_STATE_LIST(GH_KEY_STATE_ENUM) GH_KEY_STATES };
enum gh_key_state gh_key_state(const struct gh_access_key *key, int64_t now_ms);
/* The same, and GH_KEY_ROLE when a good key has none of `roles` (bits). */
enum gh_key_state gh_key_state_for(const struct gh_access_key *key, uint32_t roles,
                                   int64_t now_ms);
const char *gh_key_state_name(enum gh_key_state state);
const char *gh_key_state_text(enum gh_key_state state);

/* Whether the key may speak for every one that is named (at != NULL), by exact match.
 * Naming nobody asks for nothing. */
bool gh_key_may_speak(const struct gh_access_key *key, struct gh_text actor,
                      struct gh_text team);
/* The rules above. NULL: permitted; else why not, for a person, and *name is the member of
 * the event that is concerned ("actor", "team", "kind"). */
const char *gh_key_permits(const struct gh_access_key *key, const struct gh_event *event,
                           const char **name);
/* Whether everything that a subscription to this prefix selects may be heard. "heartbeat/"
 * is everybody's. */
bool gh_key_may_hear(const struct gh_access_key *key, struct gh_text prefix);
/* Equal for two keys that may hear the same, of whatever sets. */
uint64_t gh_key_hears(const struct gh_access_key *key);

#endif
