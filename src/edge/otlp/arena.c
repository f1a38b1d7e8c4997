/* arena.c - blocks in a list, the next one twice as large as the last. */
#include "edge/otlp/arena.h"

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
    *arena = (struct gh_otlp_arena){.first = arena->first, .left = limit};
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
    arena->at = arena->now->bytes;
    arena->end = arena->at + arena->now->size;
    return true;
}

void *gh_otlp_arena_take_more(struct gh_otlp_arena *arena, size_t size)
{
    if (size > arena->left || arena->left - size < alignof(max_align_t)) {
        arena->over = true;
        return NULL;
    }
    return block_next(arena, size + alignof(max_align_t)) ? gh_otlp_arena_take(arena, size)
                                                          : NULL;
}

struct gh_otlp_arena_mark gh_otlp_arena_mark(const struct gh_otlp_arena *arena)
{
    return (struct gh_otlp_arena_mark){arena->now, arena->at, arena->end, arena->left};
}

void gh_otlp_arena_back(struct gh_otlp_arena *arena, struct gh_otlp_arena_mark mark)
{
    arena->now = mark.now;
    arena->at = mark.at;
    arena->end = mark.end;
    arena->left = mark.left;
}
