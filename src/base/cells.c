/* cells.c - open addressing with linear probes; idle cells stay until a sweep or reuse. */
#include "base/cells.h"

#include <assert.h>
#include <string.h>

enum { CELLS_SLOTS_MIN = 64, CELLS_SWEEPS = 16 };

/* What a slot starts with. Key 0: empty. */
struct cell {
    uint64_t key;
    int64_t touched_ms;
};

void gh_cells_init(struct gh_cells *cells, size_t size, uint32_t limit, int64_t idle_ms)
{
    assert(limit <= UINT32_MAX / 4 && idle_ms >= 0);
    *cells = (struct gh_cells){.size = size, .limit = limit, .idle_ms = idle_ms};
}

static size_t cells_stride(const struct gh_cells *cells)
{
    return sizeof(struct cell) + ((cells->size + 7) & ~(size_t)7);
}

static struct cell *cells_slot(const struct gh_cells *cells, uint32_t index)
{
    return (struct cell *)(void *)(cells->slot + index * cells_stride(cells));
}

/* Fibonacci hashing, folded first: keys may be hashes or numbers. */
static uint32_t cells_home(const struct gh_cells *cells, uint64_t key)
{
    const uint64_t mixed = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(mixed >> 32) & (cells->slot_count - 1);
}

static bool cell_idle(const struct gh_cells *cells, const struct cell *cell, int64_t now_ms)
{
    return now_ms - cell->touched_ms > cells->idle_ms;
}

/* The slot of `key`, or the empty one that ends its probes. `*idle` becomes the first idle
 * slot on the way, if it is given. */
static struct cell *cells_probe(const struct gh_cells *cells, uint64_t key, int64_t now_ms,
                                struct cell **idle)
{
    const uint32_t mask = cells->slot_count - 1;

    for (uint32_t i = cells_home(cells, key);; i = (i + 1) & mask) {
        struct cell *cell = cells_slot(cells, i);

        if (cell->key == key || !cell->key)
            return cell;
        if (idle && !*idle && cell_idle(cells, cell, now_ms))
            *idle = cell;
    }
}

static uint32_t cells_live(const struct gh_cells *cells, int64_t now_ms)
{
    uint32_t live = 0;

    for (uint32_t i = 0; i < cells->slot_count; i++) {
        const struct cell *cell = cells_slot(cells, i);

        live += cell->key && !cell_idle(cells, cell, now_ms);
    }
    return live;
}

/* Drops idle cells in place. From the slot behind an empty one on, every cell is taken out
 * and put where its probes now end, which is never further on. */
static void cells_sweep(struct gh_cells *cells, int64_t now_ms)
{
    const uint32_t mask = cells->slot_count - 1;
    uint32_t start = 0;

    while (cells_slot(cells, start)->key)
        start++;
    for (uint32_t n = 1; n <= mask; n++) {
        struct cell *cell = cells_slot(cells, (start + n) & mask), *to;
        const uint64_t key = cell->key;

        if (!key)
            continue;
        if (cell_idle(cells, cell, now_ms)) {
            cell->key = 0;
            cells->used--;
            continue;
        }
        cell->key = 0;
        to = cells_probe(cells, key, now_ms, NULL);
        if (to != cell)
            memcpy(to, cell, cells_stride(cells));
        to->key = key;
    }
}

static bool cells_double(struct gh_heap *heap, struct gh_cells *cells, int64_t now_ms)
{
    const size_t stride = cells_stride(cells);
    struct gh_cells grown = *cells;

    grown.slot_count = cells->slot_count ? cells->slot_count * 2 : CELLS_SLOTS_MIN;
    grown.used = 0;
    grown.slot = gh_heap_resize(heap, NULL, 0, grown.slot_count * stride);
    if (!grown.slot)
        return false;
    for (uint32_t i = 0; i < cells->slot_count; i++) {
        const struct cell *cell = cells_slot(cells, i);

        if (!cell->key || cell_idle(cells, cell, now_ms))
            continue;
        memcpy(cells_probe(&grown, cell->key, now_ms, NULL), cell, stride);
        grown.used++;
    }
    gh_heap_free(heap, cells->slot, cells->slot_count * stride);
    *cells = grown;
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

/* A zeroed cell for a key that has none, or NULL. */
static struct cell *cells_take(struct gh_heap *heap, struct gh_cells *cells, uint64_t key,
                               int64_t now_ms)
{
    struct cell *cell;

    if (!cells_room(heap, cells, now_ms))
        return NULL;
    cell = cells_probe(cells, key, now_ms, NULL);
    cells->used++;
    return cell;
}

static void *cell_start(const struct gh_cells *cells, struct cell *cell, uint64_t key,
                        int64_t now_ms)
{
    cell->key = key;
    cell->touched_ms = now_ms;
    return memset(cell + 1, 0, cells->size);
}

void *gh_cells_touch(struct gh_heap *heap, struct gh_cells *cells, uint64_t key, int64_t now_ms)
{
    struct cell *cell = NULL, *idle = NULL;

    assert(key != 0);
    if (cells->slot_count)
        cell = cells_probe(cells, key, now_ms, &idle);
    if (cell && cell->key) {
        if (cell_idle(cells, cell, now_ms))
            return cell_start(cells, cell, key, now_ms);
        if (now_ms > cell->touched_ms)
            cell->touched_ms = now_ms;
        return cell + 1;
    }
    if (!idle)
        idle = cells_take(heap, cells, key, now_ms);
    return idle ? cell_start(cells, idle, key, now_ms) : NULL;
}

void *gh_cells_find(const struct gh_cells *cells, uint64_t key, int64_t now_ms)
{
    struct cell *cell;

    assert(key != 0);
    if (!cells->slot_count)
        return NULL;
    cell = cells_probe(cells, key, now_ms, NULL);
    return cell->key && !cell_idle(cells, cell, now_ms) ? cell + 1 : NULL;
}

void gh_cells_free(struct gh_heap *heap, struct gh_cells *cells)
{
    gh_heap_free(heap, cells->slot, cells->slot_count * cells_stride(cells));
    cells->slot = NULL;
    cells->slot_count = cells->used = 0;
}
