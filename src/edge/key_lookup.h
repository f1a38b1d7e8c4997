/* key_lookup.h - from the name of a key to its row, and the set of the names that have
 * none. */
#ifndef GOODHART_EDGE_KEY_LOOKUP_H
#define GOODHART_EDGE_KEY_LOOKUP_H

#include "edge/json_scan.h"

/* How values are read; those from GH_SHAPE_TEXT on are strings, and begin after the quote. */
enum gh_shape {
    GH_SHAPE_OTHER,
    GH_SHAPE_INTEGER,
    GH_SHAPE_TEXT,
    GH_SHAPE_HASH,
    GH_SHAPE_CLOCK,
    GH_SHAPE_NAME
};

/* A key as it stood last: producers write all their events alike. 64 bytes. */
struct gh_key_form {
    /* ,"key":" with its blanks; the last quote only where the value begins after it. */
    _Alignas(GH_BLOCK_SIZE) char text[2 * GH_BLOCK_SIZE];
    uint64_t beyond;          /* the bytes after `text`, as bits; 0: it never stood */
    uint64_t bit;             /* of gh_event.present */
    struct gh_key_form *next; /* the key that came after it last */
    uint16_t field;           /* offset in struct gh_event */
    uint8_t size;             /* of `text` */
    uint8_t shape;            /* enum gh_shape */
    uint8_t type;             /* enum gh_value_type; GH_TYPES: nobody knows the key */
    uint8_t other;            /* the key that was `next` before */
    uint16_t missed;          /* serial of the last event where `other` came */
};
_Static_assert(sizeof(struct gh_key_form) == 64, "as many as bytes of a line of the cache");

/* A perfect hash over GH_EVENT_KEYS: length and first 8 bytes choose a slot that no two
 * keys share. slot: an index of `key`; unused ones lead to the last, which has no name. */
enum { GH_KEY_SLOTS = 128, GH_KEY_NAME_MAX = 23 };
/* Forms beside those of the keys: of all that nobody knows, of what is before the first key,
 * and of the first key, which a brace stands before. */
enum { GH_FORM_UNKNOWN = GH_KEY_COUNT, GH_FORM_START, GH_FORM_FIRST, GH_FORMS };
struct gh_key_lookup {
    struct gh_key_form form[GH_FORMS];
    uint8_t slot[GH_KEY_SLOTS];
    struct {
        char name[GH_KEY_NAME_MAX];
        uint8_t size;
    } key[GH_KEY_COUNT + 1];
};
/* The same over the names of all lists, by their type too; `text` fills up with zeros. */
enum { GH_NAMES_MAX = 64 };
struct gh_name_lookup {
    uint8_t slot[GH_KEY_SLOTS];
    struct {
        _Alignas(GH_BLOCK_SIZE) char text[GH_BLOCK_SIZE];
        uint32_t size, type, value;
    } name[GH_NAMES_MAX];
};
/* Assert that the hash is perfect: a new name that collides needs new factors. */
void gh_key_lookup_init(struct gh_key_lookup *lookup);
void gh_name_lookup_init(struct gh_name_lookup *lookup);

/* The first bytes of a name, up to 8, as a number; so many may be read at `at`. */
static inline uint64_t gh_word_prefix(const char *at, size_t size)
{
    const uint64_t prefix = gh_load8(at);

    return size < 8 ? prefix & ~(UINT64_MAX << 8 * size) : prefix;
}

/* The factors were found by trying. */
static inline uint32_t gh_key_slot(uint64_t prefix, size_t size)
{
    return (uint32_t)((prefix + size) * UINT64_C(0x9fb63c0e277876b7) >> 57);
}
static inline uint32_t gh_name_slot(uint64_t prefix, size_t size, unsigned type)
{
    return (uint32_t)((prefix + size + ((uint64_t)type << 32)) * UINT64_C(0x26f34dc4b7ed1a9b) >>
                      57);
}

/* Whether the key stands at `at` as it did last. Two blocks may be read there. */
static inline bool gh_key_stands(const struct gh_key_form *form, const char *at)
{
    const uint64_t same =
        gh_block_same(form->text, at) |
        (uint64_t)gh_block_same(form->text + GH_BLOCK_SIZE, at + GH_BLOCK_SIZE)
            << GH_BLOCK_SIZE;

    return (same | form->beyond) == UINT64_MAX;
}

/* GH_KEY_COUNT: no such key. Bytes after the name up to `end` may be read. */
static inline enum gh_key gh_key_find(const struct gh_key_lookup *lookup, struct gh_text name,
                                      const char *end)
{
    char copy[8] = {0};

    if (end - name.at < 8)
        memcpy(copy, name.at, name.size);
    const uint64_t prefix = gh_word_prefix(end - name.at < 8 ? copy : name.at, name.size);
    const unsigned key = lookup->slot[gh_key_slot(prefix, name.size)];
    return lookup->key[key].size == name.size &&
                   memcmp(lookup->key[key].name, name.at, name.size) == 0
               ? (enum gh_key)key
               : GH_KEY_COUNT;
}

/* Whether the text is a name of the list; a block may be read at `at`. */
static inline bool gh_name_find(const struct gh_name_lookup *lookup, unsigned type,
                                const char *at, size_t size, unsigned *value)
{
    const unsigned i = lookup->slot[gh_name_slot(gh_word_prefix(at, size), size, type)];

    *value = lookup->name[i].value;
    return lookup->name[i].size == size && lookup->name[i].type == type &&
           (~gh_block_same(lookup->name[i].text, at) & ~(UINT32_MAX << size)) == 0;
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
