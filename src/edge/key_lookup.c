/* key_lookup.c - a perfect hash for known keys, a seeded hash set for all others. */
#include "edge/key_lookup.h"

#include "base/civil.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(GH_KEY_NAME_MAX + sizeof "\"\":" <= 2 * GH_BLOCK_SIZE, "all forms fit");

static void form_make(struct gh_key_form *form, const struct gh_key_row *row)
{
    char *at = form->text;

    *at++ = '"';
    memcpy(at, row->name.at, row->name.size);
    at += row->name.size;
    *at++ = '"';
    *at++ = ':';
    form->size = (uint32_t)(at - form->text);
    form->bit = UINT64_C(1) << (row - gh_key_rows);
    form->field = row->field;
    form->type = row->type;
    form->most = row->type == GH_TYPE_COUNT  ? GH_COUNT_MAX
                 : row->type == GH_TYPE_TIME ? GH_TIME_MS_MAX
                                             : 0;
}

void gh_key_lookup_init(struct gh_key_lookup *lookup)
{
    memset(lookup, 0, sizeof *lookup);
    memset(lookup->slot, GH_KEY_COUNT, sizeof lookup->slot);
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        const struct gh_text name = gh_key_rows[key].name;
        uint8_t *slot = &lookup->slot[gh_key_slot(name, name.at + name.size)];
        assert(*slot == GH_KEY_COUNT && name.size <= GH_KEY_NAME_MAX);
        *slot = (uint8_t)key;
        memcpy(lookup->key[key].name, name.at, name.size);
        lookup->key[key].size = (uint8_t)name.size;
        form_make(&lookup->form[key], &gh_key_rows[key]);
    }
}

/* The shortest member is 5 bytes ("":0,), but only one name is empty and 128 have one
 * byte; so a piece holds fewer names than a 6th of its bytes and a few. */
enum { NAME_SLOTS = 16384 };
_Static_assert(GH_EVENT_BYTES_MAX / 6 + 256 < NAME_SLOTS, "a free slot is always left");

bool gh_key_names_init(struct gh_key_names *names)
{
    *names = (struct gh_key_names){.stamp = 1};
    names->slot = calloc(NAME_SLOTS, sizeof *names->slot);
    /* Without entropy the seed stays 0: the same names are found, a flood of chosen ones
     * costs more. */
    if (getentropy(&names->seed, sizeof names->seed) != 0)
        names->seed = 0;
    return names->slot != NULL;
}

void gh_key_names_free(struct gh_key_names *names)
{
    free(names->slot);
    names->slot = NULL;
}

void gh_key_names_clear(struct gh_key_names *names)
{
    names->stamp++;
    if (names->stamp == 0) { /* stamps of 2^32 objects ago would count again */
        memset(names->slot, 0, NAME_SLOTS * sizeof *names->slot);
        names->stamp = 1;
    }
}

bool gh_key_names_add(struct gh_key_names *names, struct gh_text name)
{
    uint64_t i = gh_hash_seeded(name.at, name.size, names->seed);

    for (;; i++) {
        struct gh_key_name *slot = &names->slot[i % NAME_SLOTS];
        if (slot->stamp != names->stamp) {
            *slot = (struct gh_key_name){name.at, name.size, names->stamp};
            return true;
        }
        if (slot->size == name.size && memcmp(slot->at, name.at, name.size) == 0)
            return false;
    }
}
