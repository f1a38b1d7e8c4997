/* cells.c - open addressing with linear probes; idle cells stay until a sweep or reuse. */
#include "base/cells.h"

#include <assert.h>
#include <string.h>

enum { CELLS_SLOTS_MIN = 64, CELLS_SWEEPS = 16 };

void gh_cells_init(struct gh_cells *cells, size_t size, uint32_t limit, int64_t idle_ms)
{
    const size_t record_size = (size + 7) & ~(size_t)7;

    assert(limit <= UINT32_MAX / 4 && idle_ms >= 0);
    *cells = (struct gh_cells){.limit = limit, .idle_ms = idle_ms};
    cells->records.element_size = record_size > 0 ? record_size : sizeof(uint64_t);
}

static void *slot_record(const struct gh_cells *cells, const struct gh_cell_slot *slot)
{
    return gh_segments_at(&cells->records, slot->record);
}

/* Records without a slot keep the next one's number + 1 in their first bytes. */
static void record_drop(struct gh_cells *cells, uint32_t record)
{
    uint32_t *next = gh_segments_at(&cells->records, record);

    *next = cells->free;
    cells->free = record + 1;
}

static bool record_take(struct gh_heap *heap, struct gh_cells *cells, uint32_t *record)
{
    if (cells->free != 0) {
        *record = cells->free - 1;
        cells->free = *(const uint32_t *)gh_segments_at(&cells->records, *record);
        return true;
    }
    *record = cells->records.count;
    return gh_segments_add(heap, &cells->records) != NULL;
}

/* Fibonacci hashing, folded first: keys may be hashes or numbers. */
static uint32_t cells_home(const struct gh_cells *cells, uint64_t key)
{
    const uint64_t mixed = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(mixed >> 32) & (cells->slot_count - 1);
}

static bool slot_idle(const struct gh_cells *cells, const struct gh_cell_slot *slot,
                      int64_t now_ms)
{
    return now_ms - slot->touched_ms > cells->idle_ms;
}

/* The slot of `key`, or the empty one that ends its probes. `*idle` becomes the first idle
 * slot on the way, if it is given. */
static struct gh_cell_slot *cells_probe(const struct gh_cells *cells, uint64_t key,
                                        int64_t now_ms, struct gh_cell_slot **idle)
{
    const uint32_t mask = cells->slot_count - 1;

    for (uint32_t i = cells_home(cells, key);; i = (i + 1) & mask) {
        struct gh_cell_slot *slot = &cells->slot[i];

        if (slot->key == key || !slot->key)
            return slot;
        if (idle && !*idle && slot_idle(cells, slot, now_ms))
            *idle = slot;
    }
}

static uint32_t cells_live(const struct gh_cells *cells, int64_t now_ms)
{
    uint32_t live = 0;

    for (uint32_t i = 0; i < cells->slot_count; i++)
        live += cells->slot[i].key && !slot_idle(cells, &cells->slot[i], now_ms);
    return live;
}

/* Drops idle cells in place. From the slot behind an empty one on, every cell is taken out
 * and put where its probes now end, which is never further on. */
static void cells_sweep(struct gh_cells *cells, int64_t now_ms)
{
    const uint32_t mask = cells->slot_count - 1;
    uint32_t start = 0;

    while (cells->slot[start].key)
        start++;
    for (uint32_t n = 1; n <= mask; n++) {
        struct gh_cell_slot *slot = &cells->slot[(start + n) & mask];
        const struct gh_cell_slot kept = *slot;

        if (!kept.key)
            continue;
        slot->key = 0;
        if (slot_idle(cells, &kept, now_ms)) {
            record_drop(cells, kept.record);
            cells->used--;
        } else {
            *cells_probe(cells, kept.key, now_ms, NULL) = kept;
        }
    }
}

static bool cells_double(struct gh_heap *heap, struct gh_cells *cells, int64_t now_ms)
{
    struct gh_cell_slot *const old = cells->slot;
    const uint32_t old_count = cells->slot_count;
    const uint32_t count = old_count ? old_count * 2 : CELLS_SLOTS_MIN;
    struct gh_cell_slot *grown = gh_heap_resize(heap, NULL, 0, count * sizeof *grown);

    if (!grown)
        return false;
    cells->slot = grown;
    cells->slot_count = count;
    cells->used = 0;
    for (uint32_t i = 0; i < old_count; i++) {
        if (!old[i].key)
            continue;
        if (slot_idle(cells, &old[i], now_ms)) {
            record_drop(cells, old[i].record);
            continue;
        }
        *cells_probe(cells, old[i].key, now_ms, NULL) = old[i];
        cells->used++;
    }
    gh_heap_free(heap, old, old_count * sizeof *old);
    return true;
}

/* Makes room for one more key. Half of the slots stay empty; they double only when half
 * of the other half is in use, so that what is idle does not make the table grow. */
static bool cells_room(struct gh_heap *heap, struct gh_cells *cells, int64_t now_ms)
{
    if (cells->used >= cells->limit) {
        if (cells->used && now_ms >= cells->sweep_ms) {
            cells_sweep(cells, now_ms);
            cells->sweep_ms = now_ms + cells->idle_ms / CELLS_SWEEPS;
        }
        cells->refused += cells->used >= cells->limit;
        return cells->used < cells->limit;
    }
    if (cells->used < cells->slot_count / 2)
        return true;
    if (cells_live(cells, now_ms) >= cells->slot_count / 4)
        return cells_double(heap, cells, now_ms);
    cells_sweep(cells, now_ms);
    return true;
}

/* A slot with a record for a key that has none, or NULL. */
static struct gh_cell_slot *cells_take(struct gh_heap *heap, struct gh_cells *cells,
                                       uint64_t key, int64_t now_ms)
{
    uint32_t record;

    if (!cells_room(heap, cells, now_ms) || !record_take(heap, cells, &record))
        return NULL;
    struct gh_cell_slot *slot = cells_probe(cells, key, now_ms, NULL);
    slot->record = record;
    cells->used++;
    return slot;
}

static void *slot_start(const struct gh_cells *cells, struct gh_cell_slot *slot, uint64_t key,
                        int64_t now_ms)
{
    slot->key = key;
    slot->touched_ms = now_ms;
    return memset(slot_record(cells, slot), 0, cells->records.element_size);
}

void *gh_cells_touch(struct gh_heap *heap, struct gh_cells *cells, uint64_t key, int64_t now_ms)
{
    struct gh_cell_slot *slot = NULL, *idle = NULL;

    assert(key != 0);
    if (cells->slot_count)
        slot = cells_probe(cells, key, now_ms, &idle);
    if (slot && slot->key) {
        if (slot_idle(cells, slot, now_ms))
            return slot_start(cells, slot, key, now_ms);
        if (now_ms > slot->touched_ms)
            slot->touched_ms = now_ms;
        return slot_record(cells, slot);
    }
    if (!idle)
        idle = cells_take(heap, cells, key, now_ms);
    return idle ? slot_start(cells, idle, key, now_ms) : NULL;
}

void *gh_cells_find(const struct gh_cells *cells, uint64_t key, int64_t now_ms)
{
    assert(key != 0);
    if (!cells->slot_count)
        return NULL;
    const struct gh_cell_slot *slot = cells_probe(cells, key, now_ms, NULL);
    return slot->key && !slot_idle(cells, slot, now_ms) ? slot_record(cells, slot) : NULL;
}

void gh_cells_prefetch_slot(const struct gh_cells *cells, uint64_t key)
{
    if (cells->slot_count)
        __builtin_prefetch(&cells->slot[cells_home(cells, key)], 1);
}

void gh_cells_prefetch_record(const struct gh_cells *cells, uint64_t key)
{
    if (!cells->slot_count)
        return;
    const struct gh_cell_slot *slot = cells_probe(cells, key, 0, NULL);
    if (slot->key)
        gh_prefetch(slot_record(cells, slot), cells->records.element_size);
}

void gh_cells_free(struct gh_heap *heap, struct gh_cells *cells)
{
    gh_heap_free(heap, cells->slot, cells->slot_count * sizeof *cells->slot);
    gh_segments_free(heap, &cells->records);
    cells->slot = NULL;
    cells->slot_count = cells->used = cells->free = 0;
}
