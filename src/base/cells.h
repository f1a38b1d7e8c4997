/* cells.h - a bounded table of small records by 64-bit key that forgets what is idle.
 *
 * For state that belongs to a session, an edge, a pair: many, short-lived, of fixed size.
 * Open addressing; a cell whose last touch is more than `idle_ms` of event time ago counts
 * as empty and is reused; from then on a late event may find it or not. At `limit` cells
 * the idle ones are swept, at most 16 times in `idle_ms`, so that a flood of new keys does
 * not sweep for each; if that makes no room, the new key gets no cell (counted in
 * `refused`): the policy is "reject newest", so that the flood cannot push out what is
 * being watched.
 * Deterministic: the answer depends on the sequence of calls alone. */
#ifndef GOODHART_BASE_CELLS_H
#define GOODHART_BASE_CELLS_H

#include "base/memory.h"

struct gh_cells {
    unsigned char *slot; /* key, time of last touch, then `size` bytes */
    size_t size;         /* of one record */
    uint32_t slot_count; /* power of two; 0 before the first use */
    uint32_t used;       /* slots that hold a key, idle ones included */
    uint32_t limit;
    int64_t idle_ms;
    int64_t sweep_ms; /* no sweep at the limit before this time */
    uint64_t refused;
};

void gh_cells_init(struct gh_cells *cells, size_t size, uint32_t limit, int64_t idle_ms);
/* The record of `key` (not 0); new or idle ones come zeroed. The time of last touch never
 * goes back. NULL: full, or out of memory (heap->failed). The pointer holds until the next
 * call. */
void *gh_cells_touch(struct gh_heap *heap, struct gh_cells *cells, uint64_t key,
                     int64_t now_ms);
/* The record of `key` if it is there and not idle at `now_ms`, else NULL. No touch. */
void *gh_cells_find(const struct gh_cells *cells, uint64_t key, int64_t now_ms);
void gh_cells_free(struct gh_heap *heap, struct gh_cells *cells);

#endif
