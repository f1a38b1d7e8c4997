/* intern.h - strings to small numbers, in order of first sight.
 *
 * Id 0 is the absent text; the first text gets 1. Open addressing with linear probes,
 * grown in place of a pause by rehashing at load 1/2 (hashes are kept, so that growing
 * reads no string). */
#ifndef GOODHART_BASE_INTERN_H
#define GOODHART_BASE_INTERN_H

#include "base/memory.h"

struct gh_intern_entry {
    uint64_t hash;
    struct gh_text text; /* in the arena: never moves */
};
struct gh_intern {
    struct gh_segments entries; /* of gh_intern_entry, by id - 1 */
    uint32_t *slot;             /* ids; 0 empty */
    uint32_t slot_count;        /* power of two */
    uint32_t limit;             /* most texts that may be taken in; 0: no limit */
    struct gh_arena arena;
};

/* `*intern` = {0} with `limit` set, then this. */
void gh_intern_init(struct gh_intern *intern, uint32_t limit);
/* The id of `text`, which is added when new. 0: `text` is absent (at == NULL), the limit
 * is reached, or memory is out (heap->failed). */
uint32_t gh_intern_add(struct gh_heap *heap, struct gh_intern *intern, struct gh_text text);
/* The same, by one who knows gh_hash(text.at, text.size) already. */
uint32_t gh_intern_add_hashed(struct gh_heap *heap, struct gh_intern *intern,
                              struct gh_text text, uint64_t hash);
/* The id of `text` or 0. */
uint32_t gh_intern_find(const struct gh_intern *intern, struct gh_text text);
/* Fetches ahead what a look-up of the text with this gh_hash will read. Its steps are to be
 * called in this order, some time apart, for each needs what the one before has brought. */
enum gh_intern_step { GH_INTERN_SLOT, GH_INTERN_ENTRY, GH_INTERN_TEXT, GH_INTERN_STEPS };
void gh_intern_prefetch(const struct gh_intern *intern, uint64_t hash,
                        enum gh_intern_step step);
struct gh_text gh_intern_text(const struct gh_intern *intern, uint32_t id); /* id 0: absent */
static inline uint32_t gh_intern_count(const struct gh_intern *intern)
{
    return intern->entries.count;
}
void gh_intern_free(struct gh_heap *heap, struct gh_intern *intern);

#endif
