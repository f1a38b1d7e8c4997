/* key_lookup.h - from the name of a key to its row, and the set of the names that have
 * none. */
#ifndef GOODHART_EDGE_KEY_LOOKUP_H
#define GOODHART_EDGE_KEY_LOOKUP_H

#include "edge/json_scan.h"

/* A perfect hash over GH_EVENT_KEYS: length and first 8 bytes choose a slot that no two
 * keys share. slot: an index of `key`; unused ones lead to the last, which has no name. */
enum { GH_KEY_SLOTS = 128, GH_KEY_NAME_MAX = 23 };
/* A key as it stands in nearly all JSON, and what its value is; 64 bytes. */
struct gh_key_form {
    char text[2 * GH_BLOCK_SIZE]; /* "key": with its quotes and the colon */
    uint64_t bit;                 /* of gh_event.present */
    int64_t most;                 /* of an integer from 0 on; 0: the value is none */
    uint32_t field;               /* offset in struct gh_event */
    uint32_t size;                /* of `text`; 0: none */
    enum gh_value_type type;
    uint32_t unused;
};
_Static_assert(sizeof(struct gh_key_form) == 64, "found by a shift");
struct gh_key_lookup {
    struct gh_key_form form[GH_KEY_COUNT + 1]; /* the last has none */
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
    char copy[8] = {0};

    if (end - name.at < 8)
        memcpy(copy, name.at, name.size);
    const uint64_t prefix = gh_load8(end - name.at < 8 ? copy : name.at);
    return name.size < 8 ? prefix & ((UINT64_C(1) << 8 * name.size) - 1) : prefix;
}

/* The factor was found by trying. */
static inline uint32_t gh_key_slot(struct gh_text name, const char *end)
{
    return (uint32_t)((gh_key_prefix(name, end) + name.size) * UINT64_C(0x9fb63c0e277876b7) >>
                      57);
}

/* Whether the key stands at `at` in its usual form. */
static inline bool gh_key_stands(const struct gh_key_form *form, const char *at,
                                 const char *end)
{
    if (form->size <= GH_BLOCK_SIZE)
        return form->size > 0 && end - at >= GH_BLOCK_SIZE &&
               gh_block_same(form->text, at, form->size);
    return end - at >= 2 * GH_BLOCK_SIZE && gh_block_same(form->text, at, GH_BLOCK_SIZE) &&
           gh_block_same(form->text + GH_BLOCK_SIZE, at + GH_BLOCK_SIZE,
                         form->size - GH_BLOCK_SIZE);
}

/* Whether `name` is that of `key`. Bytes after the name up to `end` may be read. */
static inline bool gh_key_is(const struct gh_key_lookup *lookup, unsigned key,
                             struct gh_text name, const char *end)
{
    const char *const known = lookup->key[key].name;

    if (lookup->key[key].size != name.size)
        return false;
    return name.size <= GH_BLOCK_SIZE && end - name.at >= GH_BLOCK_SIZE
               ? gh_block_same(known, name.at, name.size)
               : memcmp(known, name.at, name.size) == 0;
}

/* GH_KEY_COUNT: no such key. Bytes after the name up to `end` may be read. */
static inline enum gh_key gh_key_find(const struct gh_key_lookup *lookup, struct gh_text name,
                                      const char *end)
{
    const unsigned key = lookup->slot[gh_key_slot(name, end)];

    return gh_key_is(lookup, key, name, end) ? (enum gh_key)key : GH_KEY_COUNT;
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
