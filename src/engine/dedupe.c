/* dedupe.c - the newest event ids, as 64-bit hashes in two generations. When the young one
 * is full it becomes the old one; an id is known while it is in either. Two ids that share
 * a hash would be one too few: with 10 million ids in memory that is once in 360,000 runs. */
#include "base/memory.h"
#include "engine/state.h"

#include <string.h>

enum { SLOTS_MIN = 1024 };

void gh_ids_limit(struct gh_id_set *ids, uint32_t limit)
{
    ids->limit = limit / 2 > SLOTS_MIN / 2 ? limit / 2 : SLOTS_MIN / 2;
}

static bool set_has(const struct gh_id_set *ids, int generation, uint64_t hash)
{
    const uint64_t *slot = ids->slot[generation];
    const uint32_t mask = ids->slot_count[generation] - 1;

    if (slot == NULL)
        return false;
    for (uint32_t i = (uint32_t)hash & mask; slot[i] != 0; i = (i + 1) & mask)
        if (slot[i] == hash)
            return true;
    return false;
}

static void set_put(uint64_t *slot, uint32_t mask, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & mask;

    while (slot[i] != 0)
        i = (i + 1) & mask;
    slot[i] = hash;
}

static bool young_grow(struct gh_heap *heap, struct gh_id_set *ids)
{
    const uint32_t before = ids->slot_count[0], after = before ? 2 * before : SLOTS_MIN;
    uint64_t *slot = gh_heap_resize(heap, NULL, 0, (size_t)after * sizeof *slot);

    if (slot == NULL)
        return false;
    for (uint32_t i = 0; i < before; i++)
        if (ids->slot[0][i] != 0)
            set_put(slot, after - 1, ids->slot[0][i]);
    gh_heap_free(heap, ids->slot[0], (size_t)before * sizeof *slot);
    ids->slot[0] = slot;
    ids->slot_count[0] = after;
    return true;
}

/* The young generation becomes the old one; the old one's memory is used again. */
static void generations_turn(struct gh_id_set *ids)
{
    uint64_t *const slot = ids->slot[1];
    const uint32_t slot_count = ids->slot_count[1];

    ids->slot[1] = ids->slot[0];
    ids->slot_count[1] = ids->slot_count[0];
    ids->used[1] = ids->used[0];
    ids->slot[0] = slot;
    ids->slot_count[0] = slot_count;
    ids->used[0] = 0;
    if (slot != NULL)
        memset(slot, 0, (size_t)slot_count * sizeof *slot);
}

bool gh_ids_known(const struct gh_id_set *ids, uint64_t hash)
{
    hash += hash == 0;
    return set_has(ids, 0, hash) || set_has(ids, 1, hash);
}

bool gh_ids_add(struct gh_heap *heap, struct gh_id_set *ids, uint64_t hash)
{
    hash += hash == 0;
    if (gh_ids_known(ids, hash))
        return false;
    if (ids->used[0] >= ids->limit)
        generations_turn(ids);
    if (2 * (uint64_t)ids->used[0] >= ids->slot_count[0] && !young_grow(heap, ids))
        return true;
    set_put(ids->slot[0], ids->slot_count[0] - 1, hash);
    ids->used[0]++;
    return true;
}

void gh_ids_prefetch(const struct gh_id_set *ids, uint64_t hash)
{
    for (int i = 0; i < 2; i++)
        if (ids->slot[i] != NULL)
            __builtin_prefetch(&ids->slot[i][(uint32_t)hash & (ids->slot_count[i] - 1)]);
}

void gh_ids_free(struct gh_heap *heap, struct gh_id_set *ids)
{
    for (int i = 0; i < 2; i++)
        gh_heap_free(heap, ids->slot[i], (size_t)ids->slot_count[i] * sizeof *ids->slot[i]);
    *ids = (struct gh_id_set){0};
}

/* A look-up ends at an empty slot. */
static bool set_sound(const struct gh_id_set *ids, int generation)
{
    const uint32_t count = ids->slot_count[generation];
    uint32_t used = 0;

    for (uint32_t i = 0; i < count; i++)
        used += ids->slot[generation][i] != 0;
    return (count & (count - 1)) == 0 && used == ids->used[generation] &&
           (used < count || count == 0);
}

void gh_ids_archive(struct gh_heap *heap, struct gh_id_set *ids, struct gh_archive *a)
{
    for (int i = 0; i < 2; i++) {
        GH_ARCHIVE(a, ids->slot_count[i]);
        GH_ARCHIVE(a, ids->used[i]);
        ids->slot[i] = gh_archive_block(a, heap, ids->slot[i],
                                        (size_t)ids->slot_count[i] * sizeof *ids->slot[i]);
        if (a->loading && ids->slot[i] == NULL)
            ids->slot_count[i] = 0;
        a->failed |= a->loading && !set_sound(ids, i);
    }
}
