/* arena.h - memory that is taken piece by piece and given back at once. */
#ifndef GOODHART_EDGE_OTLP_ARENA_H
#define GOODHART_EDGE_OTLP_ARENA_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

struct gh_otlp_arena_block;
struct gh_otlp_arena {
    struct gh_otlp_arena_block *first, *now; /* those after `now` are empty */
    char *at, *end;                          /* what is left of `now` */
    size_t left;                             /* how many bytes may still be taken */
    bool over, starved;                      /* there were none left; malloc failed */
};
/* A point to go back to. */
struct gh_otlp_arena_mark {
    struct gh_otlp_arena_block *now;
    char *at, *end;
    size_t left;
};

/* All is given back, and up to `limit` bytes may be taken. Blocks beyond some MiB are freed.
 * {0} is an arena whose limit is 0. */
void gh_otlp_arena_reset(struct gh_otlp_arena *arena, size_t limit);
void gh_otlp_arena_free(struct gh_otlp_arena *arena);

/* For gh_otlp_arena_take. */
void *gh_otlp_arena_take_more(struct gh_otlp_arena *arena, size_t size);

/* Aligned for any type; NULL: `over` or `starved` says why. */
static inline void *gh_otlp_arena_take(struct gh_otlp_arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t), whole = (size + step - 1) / step * step;

    if (size > arena->left || whole > arena->left || whole > (size_t)(arena->end - arena->at))
        return gh_otlp_arena_take_more(arena, size);
    void *const at = arena->at;
    arena->at += whole;
    arena->left -= whole;
    return at;
}

struct gh_otlp_arena_mark gh_otlp_arena_mark(const struct gh_otlp_arena *arena);
/* What was taken since is given back. */
void gh_otlp_arena_back(struct gh_otlp_arena *arena, struct gh_otlp_arena_mark mark);

#endif
