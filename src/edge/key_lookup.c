/* key_lookup.c - a perfect hash for known keys, a seeded hash set for all others. */
#include "edge/key_lookup.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(sizeof(struct gh_event) <= UINT16_MAX, "an offset fits");
_Static_assert(GH_KEY_NAME_MAX + sizeof ", \"\": \"" - 1 <= 2 * GH_BLOCK_SIZE, "all forms fit");

static void forms_init(struct gh_key_lookup *lookup)
{
    for (unsigned i = 0; i < GH_FORMS; i++) {
        struct gh_key_form *form = &lookup->form[i];
        form->next = &lookup->form[GH_FORM_UNKNOWN];
        form->other = GH_FORM_UNKNOWN;
        form->type = GH_TYPES;
        if (i < GH_KEY_COUNT) {
            form->bit = UINT64_C(1) << i;
            form->field = (uint16_t)gh_key_rows[i].field;
            form->type = (uint8_t)gh_key_rows[i].type;
        }
    }
}

void gh_key_lookup_init(struct gh_key_lookup *lookup)
{
    memset(lookup, 0, sizeof *lookup);
    memset(lookup->slot, GH_KEY_COUNT, sizeof lookup->slot);
    forms_init(lookup);
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        const struct gh_text name = gh_key_rows[key].name;
        char padded[GH_KEY_NAME_MAX + 1] = {0};
        assert(name.size <= GH_KEY_NAME_MAX);
        memcpy(padded, name.at, name.size);
        uint8_t *slot =
            &lookup->slot[gh_key_slot(gh_word_prefix(padded, name.size), name.size)];
        assert(*slot == GH_KEY_COUNT);
        *slot = (uint8_t)key;
        memcpy(lookup->key[key].name, name.at, name.size);
        lookup->key[key].size = (uint8_t)name.size;
    }
}

/* Names of the list of `type`, from index `used` on; returns the next index. */
static unsigned names_add(struct gh_name_lookup *lookup, unsigned type, unsigned used)
{
    const struct gh_value_names *const names = gh_value_names((enum gh_value_type)type);

    for (unsigned i = names->first; i < names->count; i++, used++) {
        const struct gh_text name = names->name[i];
        assert(used < GH_NAMES_MAX && name.size < GH_BLOCK_SIZE);
        memcpy(lookup->name[used].text, name.at, name.size);
        lookup->name[used].size = name.size;
        lookup->name[used].type = type;
        lookup->name[used].value = i;
        uint8_t *slot = &lookup->slot[gh_name_slot(
            gh_word_prefix(lookup->name[used].text, name.size), name.size, type)];
        assert(*slot == 0);
        *slot = (uint8_t)used;
    }
    return used;
}

void gh_name_lookup_init(struct gh_name_lookup *lookup)
{
    unsigned used = 1; /* the first is none */

    memset(lookup, 0, sizeof *lookup);
    for (unsigned type = 0; type < GH_TYPES; type++)
        if (gh_value_names((enum gh_value_type)type) != NULL)
            used = names_add(lookup, type, used);
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
