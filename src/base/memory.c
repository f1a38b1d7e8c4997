/* memory.c - accounted heap, arrays, segments and arenas on the caller's memory. */
#include "base/memory.h"

#include <assert.h>
#include <string.h>

void *gh_heap_resize(struct gh_heap *heap, void *p, size_t old_size, size_t new_size)
{
    void *moved;

    assert((p != NULL) == (old_size > 0));
    if (old_size == new_size)
        return p;
    moved = heap->memory.resize(heap->memory.context, p, old_size, new_size);
    if (!moved && new_size > 0) {
        heap->failed = true;
        return NULL;
    }
    heap->bytes = heap->bytes - old_size + new_size;
    if (heap->bytes > heap->peak_bytes)
        heap->peak_bytes = heap->bytes;
    return moved;
}

void *gh_heap_free(struct gh_heap *heap, void *p, size_t size)
{
    if (p)
        gh_heap_resize(heap, p, size, 0);
    return NULL;
}

__attribute__((noinline)) void gh_zero(void *at, size_t size)
{
    memset(at, 0, size);
}

/* Doubles `*capacity` until it holds `need` elements. */
static void *elements_grow(struct gh_heap *heap, void *at, size_t element_size,
                           uint32_t *capacity, uint32_t need)
{
    uint32_t wanted = *capacity ? *capacity : 8;
    void *grown;

    while (wanted < need)
        wanted = wanted > UINT32_MAX / 2 ? UINT32_MAX : wanted * 2;
    grown = gh_heap_resize(heap, at, *capacity * element_size, wanted * element_size);
    if (grown)
        *capacity = wanted;
    return grown;
}

static bool array_room(struct gh_heap *heap, struct gh_array *array, uint32_t count)
{
    void *grown;

    assert(array->element_size > 0 && array->element_size <= UINT32_MAX);
    assert(count > 0);
    if (count > UINT32_MAX - array->count) {
        heap->failed = true;
        return false;
    }
    if (array->count + count <= array->capacity)
        return true;
    grown = elements_grow(heap, array->at, array->element_size, &array->capacity,
                          array->count + count);
    if (grown)
        array->at = grown;
    return grown != NULL;
}

void *gh_array_add(struct gh_heap *heap, struct gh_array *array, uint32_t count)
{
    unsigned char *added;

    if (!array_room(heap, array, count))
        return NULL;
    /* Owners cut arrays by lowering `count`, so what lies behind it may be used. */
    added = gh_array_at(array, array->count);
    memset(added, 0, count * array->element_size);
    array->count += count;
    return added;
}

void *gh_array_push(struct gh_heap *heap, struct gh_array *array)
{
    return array_room(heap, array, 1) ? gh_array_at(array, array->count++) : NULL;
}

void gh_array_free(struct gh_heap *heap, struct gh_array *array)
{
    gh_heap_free(heap, array->at, array->capacity * array->element_size);
    array->at = NULL;
    array->count = array->capacity = 0;
}

static bool segments_grow(struct gh_heap *heap, struct gh_segments *s)
{
    if (s->segment_count == s->segment_capacity) {
        void *grown = elements_grow(heap, s->segment, sizeof(*s->segment), &s->segment_capacity,
                                    s->segment_count + 1);
        if (!grown)
            return false;
        s->segment = grown;
    }
    s->segment[s->segment_count] =
        gh_heap_resize(heap, NULL, 0, GH_SEGMENT_COUNT * s->element_size);
    if (!s->segment[s->segment_count])
        return false;
    s->segment_count++;
    return true;
}

void *gh_segments_add(struct gh_heap *heap, struct gh_segments *segments)
{
    void *added;

    assert(segments->element_size > 0);
    if (segments->count == UINT32_MAX) {
        heap->failed = true;
        return NULL;
    }
    if (segments->count / GH_SEGMENT_COUNT == segments->segment_count &&
        !segments_grow(heap, segments))
        return NULL;
    added = gh_segments_at(segments, segments->count++);
    memset(added, 0, segments->element_size);
    return added;
}

void gh_segments_free(struct gh_heap *heap, struct gh_segments *segments)
{
    for (uint32_t i = 0; i < segments->segment_count; i++)
        gh_heap_free(heap, segments->segment[i], GH_SEGMENT_COUNT * segments->element_size);
    gh_heap_free(heap, segments->segment,
                 segments->segment_capacity * sizeof(*segments->segment));
    segments->segment = NULL;
    segments->count = segments->segment_count = segments->segment_capacity = 0;
}

/* A block and its bytes, one allocation. Blocks behind `current` are empty. */
struct gh_arena_block {
    struct gh_arena_block *next;
    size_t size, used; /* of the bytes that follow */
};
enum { ARENA_BLOCK_MIN = 4096, ARENA_BLOCK_MAX = 262144 };
_Static_assert(sizeof(struct gh_arena_block) % 8 == 0, "bytes of a block are aligned to 8");

static struct gh_arena_block *arena_block_new(struct gh_heap *heap,
                                              const struct gh_arena_block *before, size_t need)
{
    size_t size = before ? before->size * 2 : ARENA_BLOCK_MIN;
    struct gh_arena_block *block;

    if (size > ARENA_BLOCK_MAX)
        size = ARENA_BLOCK_MAX;
    if (size < need)
        size = need;
    block = gh_heap_resize(heap, NULL, 0, sizeof(*block) + size);
    if (block)
        block->size = size;
    return block;
}

/* Makes a block with `need` free bytes the current one. An empty block that is large
 * enough is moved to the front of the empty ones; so an arena that is reset and filled
 * again and again stops growing, whatever the order of the sizes. */
static bool arena_next(struct gh_heap *heap, struct gh_arena *arena, size_t need)
{
    struct gh_arena_block **link = arena->current ? &arena->current->next : &arena->first;
    struct gh_arena_block **found = link, *block;

    while (*found && (*found)->size < need)
        found = &(*found)->next;
    block = *found;
    if (block) {
        *found = block->next;
        block->used = 0;
    } else {
        block = arena_block_new(heap, arena->current, need);
    }
    if (!block)
        return false;
    block->next = *link;
    *link = block;
    arena->current = block;
    return true;
}

void *gh_arena_take(struct gh_heap *heap, struct gh_arena *arena, size_t size)
{
    const size_t need = size ? (size + 7) & ~(size_t)7 : 8;
    struct gh_arena_block *block = arena->current;

    assert(size <= SIZE_MAX / 4);
    if (!block || block->size - block->used < need) {
        if (!arena_next(heap, arena, need))
            return NULL;
        block = arena->current;
    }
    block->used += need;
    return (unsigned char *)(block + 1) + (block->used - need);
}

struct gh_text gh_arena_copy(struct gh_heap *heap, struct gh_arena *arena, struct gh_text text)
{
    struct gh_text copy = {NULL, 0};
    char *at;

    if (!text.at)
        return copy;
    at = gh_arena_take(heap, arena, text.size);
    if (!at)
        return copy;
    memcpy(at, text.at, text.size);
    copy.at = at;
    copy.size = text.size;
    return copy;
}

void gh_arena_reset(struct gh_arena *arena)
{
    arena->current = NULL;
}

void gh_arena_free(struct gh_heap *heap, struct gh_arena *arena)
{
    while (arena->first) {
        struct gh_arena_block *block = arena->first;

        arena->first = block->next;
        gh_heap_free(heap, block, sizeof(*block) + block->size);
    }
    arena->current = NULL;
}
