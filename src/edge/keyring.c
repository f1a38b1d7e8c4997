/* keyring.c - see keyring.h. */
#include "edge/keyring.h"

#include "edge/clock.h"
#include "edge/operate/note.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What tells one state of the file from another. */
struct stamp {
    ino_t inode;
    off_t size;
    struct timespec time;
};

struct gh_keyring {
    char *path;
    struct stamp stamp; /* of the file as it was read last, well or not */
    struct gh_error trouble;
    pthread_mutex_t lock; /* of what follows; the owner may read `keys` without it */
    struct gh_keys *keys;
    struct gh_keyring_counts counts;
};

/* A file that is not there has the stamp {0}. */
static struct stamp stamp_of(const char *path)
{
    struct stat state;
    struct stamp stamp;
    memset(&stamp, 0, sizeof(stamp));
    if (stat(path, &state) == 0) {
        stamp.inode = state.st_ino;
        stamp.size = state.st_size;
        stamp.time = state.st_mtim;
    }
    return stamp;
}

static bool stamp_same(const struct stamp *a, const struct stamp *b)
{
    return a->inode == b->inode && a->size == b->size && a->time.tv_sec == b->time.tv_sec &&
           a->time.tv_nsec == b->time.tv_nsec;
}

enum gh_status gh_keyring_new(struct gh_keyring **ring, const char *path,
                              struct gh_error *error)
{
    struct gh_keyring *made = calloc(1, sizeof(*made));
    if (!made || !(made->path = strdup(path))) {
        free(made);
        return gh_error_set(error, GH_EMEMORY, "identity.keys: out of memory");
    }
    pthread_mutex_init(&made->lock, NULL);
    /* Before the file is read: a change in between is then seen as one. */
    made->stamp = stamp_of(path);
    const enum gh_status status = gh_keys_load(&made->keys, path, error);
    if (status != GH_OK) {
        gh_error_wrap(error, "identity.keys");
        gh_keyring_free(made);
        return status;
    }
    *ring = made;
    return GH_OK;
}

void gh_keyring_free(struct gh_keyring *ring)
{
    if (!ring)
        return;
    gh_keys_free(ring->keys);
    pthread_mutex_destroy(&ring->lock);
    free(ring->path);
    free(ring);
}

const struct gh_keys *gh_keyring_keys(const struct gh_keyring *ring)
{
    return ring->keys;
}

bool gh_keyring_refresh(struct gh_keyring *ring, bool forced)
{
    const struct stamp stamp = stamp_of(ring->path);
    struct gh_keys *fresh = NULL, *old = NULL;
    if (!forced && stamp_same(&stamp, &ring->stamp))
        return false;
    ring->stamp = stamp;
    ring->trouble = (struct gh_error){0};
    const bool good = gh_keys_load(&fresh, ring->path, &ring->trouble) == GH_OK;
    pthread_mutex_lock(&ring->lock);
    ring->counts.reloads += good;
    ring->counts.reloads_failed += !good;
    if (good) {
        old = ring->keys;
        ring->keys = fresh;
    }
    pthread_mutex_unlock(&ring->lock);
    gh_keys_free(old);
    if (good)
        gh_note(GH_NOTE_reload, "identity.keys: read again; keys in force: %u",
                (unsigned)gh_keys_count(fresh));
    else
        gh_note(GH_NOTE_reload_failed,
                "identity.keys: %s: the keys that were read before stay in force",
                ring->trouble.text);
    return good;
}

const char *gh_keyring_trouble(const struct gh_keyring *ring)
{
    return ring->trouble.text;
}

enum gh_key_state gh_keyring_admit(struct gh_keyring *ring, const char *public_key,
                                   uint32_t roles, char name[GH_KEY_NAME_SIZE])
{
    pthread_mutex_lock(&ring->lock);
    const struct gh_access_key *key = gh_keys_by_public(ring->keys, public_key);
    const enum gh_key_state state = gh_key_state_for(key, roles, gh_clock_wall_ms());
    ring->counts.handshakes[state]++;
    if (state == GH_KEY_GOOD)
        memcpy(name, key->name, sizeof(key->name));
    pthread_mutex_unlock(&ring->lock);
    return state;
}

enum gh_key_state gh_keyring_admit_token(struct gh_keyring *ring, struct gh_text token,
                                         uint32_t roles, char name[GH_KEY_NAME_SIZE])
{
    char hash[GH_TOKEN_HASH_SIZE];
    gh_token_hash(token.at, token.size, hash);
    pthread_mutex_lock(&ring->lock);
    const struct gh_access_key *key = gh_keys_by_token(ring->keys, hash);
    const enum gh_key_state state = gh_key_state_for(key, roles, gh_clock_wall_ms());
    ring->counts.tokens[state]++;
    if (state == GH_KEY_GOOD)
        memcpy(name, key->name, sizeof(key->name));
    pthread_mutex_unlock(&ring->lock);
    return state;
}

void gh_keyring_counts(struct gh_keyring *ring, struct gh_keyring_counts *counts)
{
    pthread_mutex_lock(&ring->lock);
    *counts = ring->counts;
    pthread_mutex_unlock(&ring->lock);
}
