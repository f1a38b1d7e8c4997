/* key_lookup.h - from the name of a key to its row, and the set of the names that have
 * none. */
#ifndef GOODHART_EDGE_KEY_LOOKUP_H
#define GOODHART_EDGE_KEY_LOOKUP_H

#include "edge/json_scan.h"

/* A perfect hash over GH_EVENT_KEYS: length and first 8 bytes choose a slot that no two
 * keys share. slot: an index of `key`; unused ones lead to the last, which has no name. */
enum { GH_KEY_SLOTS = 128, GH_KEY_NAME_MAX = 23 };
struct gh_key_lookup {
    uint8_t slot[GH_KEY_SLOTS];
    struct {
        char name[GH_KEY_NAME_MAX];
        uint8_t size;
    } key[GH_KEY_COUNT + 1];
};
/* Asserts that the hash is perfect: a new key that collides needs new factors. */
void gh_key_lookup_init(struct gh_key_lookup *lookup);
/* The first 8 bytes of the name as a little-endian number. Bytes up to `end` may be read. */
static inline uint64_t gh_key_prefix(struct gh_text name, const char *end)
{
    uint64_t prefix = 0;

    if (end - name.at < 8)
        memcpy(&prefix, name.at, name.size);
    else
        memcpy(&prefix, name.at, sizeof prefix);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    prefix = __builtin_bswap64(prefix);
#endif
    return name.size < 8 ? prefix & ((UINT64_C(1) << 8 * name.size) - 1) : prefix;
}

/* The factor was found by trying. */
static inline uint32_t gh_key_slot(struct gh_text name, const char *end)
{
    return (uint32_t)((gh_key_prefix(name, end) + name.size) * UINT64_C(0x9fb63c0e277876b7) >>
                      57);
}

/* GH_KEY_COUNT: no such key. Bytes after the name up to `end` may be read. */
static inline enum gh_key gh_key_find(const struct gh_key_lookup *lookup, struct gh_text name,
                                      const char *end)
{
    const unsigned key = lookup->slot[gh_key_slot(name, end)];
    const char *const known = lookup->key[key].name;

    if (lookup->key[key].size != name.size)
        return GH_KEY_COUNT;
    const bool same = name.size <= GH_BLOCK_SIZE && end - name.at >= GH_BLOCK_SIZE
                          ? gh_block_same(known, name.at, name.size)
                          : memcmp(known, name.at, name.size) == 0;
    return same ? (enum gh_key)key : GH_KEY_COUNT;
}

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
