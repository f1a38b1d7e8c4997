/* key_lookup.h - from the name of a key to its row, and the set of the names that have
 * none. */
#ifndef GOODHART_EDGE_KEY_LOOKUP_H
#define GOODHART_EDGE_KEY_LOOKUP_H

#include "edge/json_scan.h"

/* Two ways to a key. A perfect hash over GH_EVENT_KEYS: length and first 8 bytes choose a
 * slot that no two keys share. And a guess: producers write their keys in one order, so the
 * key that followed the last one before most often follows it again. */
enum { GH_KEY_SLOTS = 128, GH_KEY_NAME_MAX = 23, GH_KEY_OPENING_MAX = 2 * GH_BLOCK_SIZE };
struct gh_key_lookup {
    uint8_t slot[GH_KEY_SLOTS];      /* index of `known`; unused ones lead to the last */
    uint8_t after[GH_KEY_COUNT + 1]; /* the key that followed; last: at the start */
    struct {
        char name[GH_KEY_NAME_MAX];
        uint8_t size;
    } known[GH_KEY_COUNT + 1]; /* the last has no name */
    struct {
        char text[GH_KEY_OPENING_MAX]; /* "name": */
        uint32_t size, bits;           /* bits: one for each byte */
    } opening[GH_KEY_COUNT];
};
/* Asserts that the hash is perfect: a new key that collides needs another factor. */
void gh_key_lookup_init(struct gh_key_lookup *lookup);

/* Whether the bytes at `at` are the key in quotes with its colon; then the byte after them,
 * else NULL. */
static inline const char *gh_key_opens(const struct gh_key_lookup *lookup, unsigned key,
                                       const char *at, const char *end)
{
    const char *const text = lookup->opening[key].text;

    if (end - at < GH_KEY_OPENING_MAX)
        return NULL;
    const uint32_t same =
        gh_block_same(at, text) | gh_block_same(at + GH_BLOCK_SIZE, text + GH_BLOCK_SIZE)
                                      << GH_BLOCK_SIZE;
    return (~same & lookup->opening[key].bits) == 0 ? at + lookup->opening[key].size : NULL;
}

/* The first 8 bytes of the name as a number. Bytes up to `end` may be read. */
static inline uint64_t gh_key_prefix(struct gh_text name, const char *end)
{
    char copy[8] = {0};

    if (name.size >= 8)
        return gh_load8(name.at);
    if (end - name.at >= 8)
        return gh_load8(name.at) & ((UINT64_C(1) << 8 * name.size) - 1);
    memcpy(copy, name.at, name.size);
    return gh_load8(copy);
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
    const char *const known = lookup->known[key].name;

    if (lookup->known[key].size != name.size)
        return GH_KEY_COUNT;
    return memcmp(known, name.at, name.size) == 0 ? (enum gh_key)key : GH_KEY_COUNT;
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
