/* key_lookup.h - from the name of a key to its row, and the set of the names that have
 * none. */
#ifndef GOODHART_EDGE_KEY_LOOKUP_H
#define GOODHART_EDGE_KEY_LOOKUP_H

#include "goodhart/event.h"

/* A perfect hash over GH_EVENT_KEYS: length and three letters choose a slot that no two
 * keys share. slot: key + 1, 0 for none. */
enum { GH_KEY_SLOTS = 128 };
struct gh_key_lookup {
    uint8_t slot[GH_KEY_SLOTS];
};
/* Asserts that the hash is perfect: a new key that collides needs new factors. */
void gh_key_lookup_init(struct gh_key_lookup *lookup);
/* GH_KEY_COUNT: no such key. */
enum gh_key gh_key_find(const struct gh_key_lookup *lookup, struct gh_text name);

/* Names seen in one object. Open addressing with a seed that only this process knows, so
 * that nobody can choose names that collide; a stamp empties it at no cost. */
struct gh_key_name {
    const char *at;
    uint32_t size, stamp;
};
struct gh_key_names {
    struct gh_key_name *slot;
    uint64_t seed;
    uint32_t stamp;
};
bool gh_key_names_init(struct gh_key_names *names); /* false: out of memory */
void gh_key_names_free(struct gh_key_names *names);
void gh_key_names_clear(struct gh_key_names *names);
/* False: the name was there. Takes as many names as a piece can hold; the bytes are lent
 * until the next clear. */
bool gh_key_names_add(struct gh_key_names *names, struct gh_text name);

#endif
