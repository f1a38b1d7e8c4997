/* cells.h - a bounded table of small records by 64-bit key that forgets what is idle.
 *
 * For state that belongs to a session, an edge, a pair: many, short-lived, of fixed size.
 * Open addressing over small slots; records stand apart and never move, so that a probe
 * past other keys costs no look at their records, and half-empty tables cost slots alone.
 * A cell whose last touch is more than `idle_ms` of event time ago counts
 * as empty and is reused; from then on a late event may find it or not. At `limit` cells
 * the idle ones are swept, at most 16 times in `idle_ms`, so that a flood of new keys does
 * not sweep for each; if that makes no room, the new key gets no cell (counted in
 * `refused`): the policy is "reject newest", so that the flood cannot push out what is
 * being watched.
 * Deterministic: the answer depends on the sequence of calls alone. */
#ifndef GOODHART_BASE_CELLS_H
#define GOODHART_BASE_CELLS_H

#include "base/memory.h"

struct gh_cell_slot {
    uint64_t key; /* 0: empty */
    int64_t touched_ms;
    uint32_t record; /* index */
    uint32_t unused;
};

struct gh_cells {
    struct gh_cell_slot *slot;
    struct gh_segments records;
    uint32_t free;       /* first record that no slot has, + 1; they are chained */
    uint32_t slot_count; /* power of two; 0 before the first use */
    uint32_t used;       /* slots that hold a key, idle ones included */
    uint32_t limit;
    int64_t idle_ms;
    int64_t sweep_ms; /* no sweep at the limit before this time */
    uint64_t refused;
};

void gh_cells_init(struct gh_cells *cells, size_t size, uint32_t limit, int64_t idle_ms);
/* The record of `key` (not 0); new or idle ones come zeroed. The time of last touch never
 * goes back. NULL: full, or out of memory (heap->failed). The pointer holds while the
 * cell is not idle. */
void *gh_cells_touch(struct gh_heap *heap, struct gh_cells *cells, uint64_t key,
                     int64_t now_ms);
/* The record of `key` if it is there and not idle at `now_ms`, else NULL. No touch. */
void *gh_cells_find(const struct gh_cells *cells, uint64_t key, int64_t now_ms);
/* Fetch ahead what a look-up of `key` will read: first its slot and, some time later when
 * that has arrived, its record. */
void gh_cells_prefetch_slot(const struct gh_cells *cells, uint64_t key);
void gh_cells_prefetch_record(const struct gh_cells *cells, uint64_t key);
void gh_cells_free(struct gh_heap *heap, struct gh_cells *cells);

#endif
