/* memory.h - growing arrays on the caller's memory.
 *
 * The core has no allocator of its own: every byte comes from gh_memory and is counted,
 * so that the engine can tell its size and keep a limit. */
#ifndef GOODHART_BASE_MEMORY_H
#define GOODHART_BASE_MEMORY_H

#include "goodhart/engine.h"

/* Memory with an account. One for each shard, so that threads do not share it. */
struct gh_heap {
    struct gh_memory memory;
    uint64_t bytes, peak_bytes;
    bool failed; /* an allocation was refused; the owner reports GH_EMEMORY */
};

/* As gh_memory.resize, with the account. A failure sets `failed` and returns NULL; the old
 * block is then still there. */
void *gh_heap_resize(struct gh_heap *heap, void *p, size_t old_size, size_t new_size);
/* Frees; p may be NULL. Returns NULL, for `p = gh_heap_free(...)`. */
void *gh_heap_free(struct gh_heap *heap, void *p, size_t size);

/* memset to 0, for some hundred bytes of a size that is known: compilers then choose an
 * instruction that takes longer to begin than the C library takes in all. */
void gh_zero(void *at, size_t size);

/* Fetches bytes ahead that will be written to. */
static inline void gh_prefetch(const void *at, size_t size)
{
    enum { LINE = 64 };

    for (size_t i = 0; i < size; i += LINE)
        __builtin_prefetch((const char *)at + i, 1);
}

/* A growing array of equal elements. {0} with `element_size` set is empty. */
struct gh_array {
    unsigned char *at;
    size_t element_size;
    uint32_t count, capacity;
};
/* Adds `count` zeroed elements and returns the first, or NULL (heap->failed is set, the
 * array is as it was). Pointers into the array end with the call. */
void *gh_array_add(struct gh_heap *heap, struct gh_array *array, uint32_t count);
/* The same of one element, which is as whatever was there before: for the hot path, whose
 * caller writes all of it. */
void *gh_array_push(struct gh_heap *heap, struct gh_array *array);
static inline void *gh_array_at(const struct gh_array *array, uint32_t index)
{
    return array->at + (size_t)index * array->element_size;
}
void gh_array_free(struct gh_heap *heap, struct gh_array *array);

/* A growing array in segments: elements never move, growing never copies. */
enum { GH_SEGMENT_COUNT = 1024 };
struct gh_segments {
    unsigned char **segment;
    size_t element_size;
    uint32_t count, segment_count, segment_capacity;
};
/* Adds one zeroed element; index = count before. NULL on failure. */
void *gh_segments_add(struct gh_heap *heap, struct gh_segments *segments);
static inline void *gh_segments_at(const struct gh_segments *segments, uint32_t index)
{
    return segments->segment[index / GH_SEGMENT_COUNT] +
           (size_t)(index % GH_SEGMENT_COUNT) * segments->element_size;
}
void gh_segments_free(struct gh_heap *heap, struct gh_segments *segments);
/* Empty, of elements of the same size: another has been given the memory by assignment. */
static inline void gh_segments_forget(struct gh_segments *segments)
{
    *segments = (struct gh_segments){.element_size = segments->element_size};
}

/* Bytes that are added and freed all at once; pieces never move. */
struct gh_arena {
    struct gh_arena_block *first, *current;
};
/* `size` bytes, aligned to 8, not zeroed; NULL on failure. */
void *gh_arena_take(struct gh_heap *heap, struct gh_arena *arena, size_t size);
struct gh_text gh_arena_copy(struct gh_heap *heap, struct gh_arena *arena, struct gh_text text);
void gh_arena_reset(struct gh_arena *arena); /* keeps the blocks for use again */
void gh_arena_free(struct gh_heap *heap, struct gh_arena *arena);

#endif
