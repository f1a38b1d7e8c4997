/* intern.c - strings to small numbers; slots of ids over entries that keep the hash. */
#include "base/intern.h"

#include "base/hash.h"

#include <assert.h>
#include <string.h>

enum { INTERN_SLOTS_MIN = 64 };

void gh_intern_init(struct gh_intern *intern, uint32_t limit)
{
    *intern = (struct gh_intern){.limit = limit};
    intern->entries.element_size = sizeof(struct gh_intern_entry);
}

static struct gh_intern_entry *intern_entry(const struct gh_intern *intern, uint32_t id)
{
    return gh_segments_at(&intern->entries, id - 1);
}

/* The slot that holds `text`, or the empty one where it belongs. Needs a free slot. */
static uint32_t *intern_slot(const struct gh_intern *intern, struct gh_text text, uint64_t hash)
{
    const uint32_t mask = intern->slot_count - 1;

    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &intern->slot[i];
        const struct gh_intern_entry *entry;

        if (!*slot)
            return slot;
        entry = intern_entry(intern, *slot);
        if (entry->hash == hash && entry->text.size == text.size &&
            memcmp(entry->text.at, text.at, text.size) == 0)
            return slot;
    }
}

static bool intern_grow(struct gh_heap *heap, struct gh_intern *intern)
{
    const uint32_t old_count = intern->slot_count;
    const uint32_t slot_count = old_count ? old_count * 2 : INTERN_SLOTS_MIN;
    const uint32_t mask = slot_count - 1;
    uint32_t *slot;

    if (slot_count < old_count) {
        heap->failed = true;
        return false;
    }
    slot = gh_heap_resize(heap, NULL, 0, slot_count * sizeof(*slot));
    if (!slot)
        return false;
    for (uint32_t id = 1; id <= intern->entries.count; id++) {
        uint32_t i = (uint32_t)intern_entry(intern, id)->hash & mask;

        while (slot[i])
            i = (i + 1) & mask;
        slot[i] = id;
    }
    gh_heap_free(heap, intern->slot, old_count * sizeof(*slot));
    intern->slot = slot;
    intern->slot_count = slot_count;
    return true;
}

static uint32_t intern_append(struct gh_heap *heap, struct gh_intern *intern,
                              struct gh_text text, uint64_t hash)
{
    const struct gh_text copy = gh_arena_copy(heap, &intern->arena, text);
    struct gh_intern_entry *entry;

    if (!copy.at)
        return 0;
    entry = gh_segments_add(heap, &intern->entries);
    if (!entry)
        return 0;
    entry->hash = hash;
    entry->text = copy;
    return intern->entries.count;
}

uint32_t gh_intern_add(struct gh_heap *heap, struct gh_intern *intern, struct gh_text text)
{
    return text.at ? gh_intern_add_hashed(heap, intern, text, gh_hash(text.at, text.size)) : 0;
}

uint32_t gh_intern_add_hashed(struct gh_heap *heap, struct gh_intern *intern,
                              struct gh_text text, uint64_t hash)
{
    uint32_t *slot;

    if (!text.at)
        return 0;
    if (!intern->slot_count && !intern_grow(heap, intern))
        return 0;
    slot = intern_slot(intern, text, hash);
    if (*slot)
        return *slot;
    if (intern->limit && intern->entries.count >= intern->limit)
        return 0;
    if (intern->entries.count >= intern->slot_count / 2) {
        if (!intern_grow(heap, intern))
            return 0;
        slot = intern_slot(intern, text, hash);
    }
    return *slot = intern_append(heap, intern, text, hash);
}

uint32_t gh_intern_find(const struct gh_intern *intern, struct gh_text text)
{
    if (!text.at || !intern->slot_count)
        return 0;
    return *intern_slot(intern, text, gh_hash(text.at, text.size));
}

void gh_intern_prefetch(const struct gh_intern *intern, uint64_t hash, enum gh_intern_step step)
{
    if (!intern->slot_count)
        return;
    const uint32_t *slot = &intern->slot[(uint32_t)hash & (intern->slot_count - 1)];
    if (step == GH_INTERN_SLOT)
        __builtin_prefetch(slot);
    else if (*slot && step == GH_INTERN_ENTRY)
        __builtin_prefetch(intern_entry(intern, *slot));
    else if (*slot)
        __builtin_prefetch(intern_entry(intern, *slot)->text.at);
}

struct gh_text gh_intern_text(const struct gh_intern *intern, uint32_t id)
{
    assert(id <= intern->entries.count);
    return id ? intern_entry(intern, id)->text : (struct gh_text){NULL, 0};
}

void gh_intern_free(struct gh_heap *heap, struct gh_intern *intern)
{
    gh_heap_free(heap, intern->slot, intern->slot_count * sizeof(*intern->slot));
    gh_segments_free(heap, &intern->entries);
    gh_arena_free(heap, &intern->arena);
    intern->slot = NULL;
    intern->slot_count = 0;
}
