/* ahead.h - files of events, read and decoded ahead of whoever takes them: the blocks of
 * blocks.h, one file after the other. */
#ifndef GOODHART_EDGE_AHEAD_H
#define GOODHART_EDGE_AHEAD_H

#include "edge/decoded.h"

struct gh_ahead;

/* A block; `frame` of it as it begins. */
struct gh_ahead_block {
    size_t file; /* index of its file */
    struct gh_frame frame;
    struct gh_decoded decoded;
    char *buffer; /* of gh_blocks_swap */
    size_t room;
};

/* `path` as in gh_blocks_open, `count` of them, lent until gh_ahead_free. With threads 0 all is
 * done in gh_ahead_next. The caller owns *ahead. */
GH_MUST_USE enum gh_status gh_ahead_new(struct gh_ahead **ahead, const char *const *path,
                                        size_t count, uint32_t threads, struct gh_error *error);
void gh_ahead_free(struct gh_ahead *ahead); /* NULL is legal */
/* Lends the next block until the next call; NULL: the end. */
GH_MUST_USE enum gh_status gh_ahead_next(struct gh_ahead *ahead, struct gh_ahead_block **block,
                                         struct gh_error *error);
/* Nanoseconds that reading took; once gh_ahead_next has said that it is the end. */
uint64_t gh_ahead_read_ns(const struct gh_ahead *ahead);

#endif
