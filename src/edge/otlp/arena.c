/* arena.c - blocks in a list, the next one twice as large as the last. */
#include "edge/otlp/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { BLOCK_MIN = 64 << 10, KEPT_MAX = 4 << 20 };

struct gh_otlp_arena_block {
    struct gh_otlp_arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void gh_otlp_arena_reset(struct gh_otlp_arena *arena, size_t limit)
{
    struct gh_otlp_arena_block **at = &arena->first;
    size_t kept = 0;

    while (*at != NULL) {
        struct gh_otlp_arena_block *const block = *at;
        if (kept + block->size > KEPT_MAX) {
            *at = block->next;
            free(block);
        } else {
            kept += block->size;
            at = &block->next;
        }
    }
    *arena = (struct gh_otlp_arena){.first = arena->first, .now = arena->first, .limit = limit};
}

void gh_otlp_arena_free(struct gh_otlp_arena *arena)
{
    while (arena->first != NULL) {
        struct gh_otlp_arena_block *const block = arena->first;
        arena->first = block->next;
        free(block);
    }
    *arena = (struct gh_otlp_arena){0};
}

/* Goes on to a block with room for `size` bytes. */
static bool block_next(struct gh_otlp_arena *arena, size_t size)
{
    struct gh_otlp_arena_block **const link = arena->now ? &arena->now->next : &arena->first;
    size_t wanted = arena->now ? arena->now->size * 2 : BLOCK_MIN;

    if (*link == NULL || (*link)->size < size) {
        while (wanted < size)
            wanted *= 2;
        struct gh_otlp_arena_block *const block = malloc(sizeof *block + wanted);
        if (block == NULL) {
            arena->starved = true;
            return false;
        }
        block->size = wanted;
        block->next = *link;
        *link = block;
    }
    arena->now = *link;
    arena->used = 0;
    return true;
}

void *gh_otlp_arena_take(struct gh_otlp_arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t);

    if (size > arena->limit - arena->total || arena->limit - arena->total - size < step) {
        arena->over = true;
        return NULL;
    }
    size = (size + step - 1) / step * step;
    if ((arena->now == NULL || size > arena->now->size - arena->used) &&
        !block_next(arena, size))
        return NULL;
    void *const at = arena->now->bytes + arena->used;
    arena->used += size;
    arena->total += size;
    return at;
}

struct gh_otlp_arena_mark gh_otlp_arena_mark(const struct gh_otlp_arena *arena)
{
    return (struct gh_otlp_arena_mark){arena->now, arena->used, arena->total};
}

void gh_otlp_arena_back(struct gh_otlp_arena *arena, struct gh_otlp_arena_mark mark)
{
    arena->now = mark.now ? mark.now : arena->first;
    arena->used = mark.now ? mark.used : 0;
    arena->total = mark.total;
}
