/* arena.h - memory that is taken piece by piece and given back at once. */
#ifndef GOODHART_EDGE_OTLP_ARENA_H
#define GOODHART_EDGE_OTLP_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct gh_otlp_arena_block;
struct gh_otlp_arena {
    struct gh_otlp_arena_block *first, *now; /* those after `now` are empty */
    size_t used;                             /* of `now` */
    size_t total, limit;                     /* bytes taken, and how many may be */
    bool over, starved;                      /* the limit was hit; malloc failed */
};
/* A point to go back to. */
struct gh_otlp_arena_mark {
    struct gh_otlp_arena_block *now;
    size_t used, total;
};

/* All is given back, and up to `limit` bytes may be taken. Blocks beyond some MiB are freed.
 * {0} is an arena whose limit is 0. */
void gh_otlp_arena_reset(struct gh_otlp_arena *arena, size_t limit);
void gh_otlp_arena_free(struct gh_otlp_arena *arena);

/* Aligned for any type; NULL: `over` or `starved` says why. */
void *gh_otlp_arena_take(struct gh_otlp_arena *arena, size_t size);
struct gh_otlp_arena_mark gh_otlp_arena_mark(const struct gh_otlp_arena *arena);
void gh_otlp_arena_back(struct gh_otlp_arena *arena, struct gh_otlp_arena_mark mark);

#endif
