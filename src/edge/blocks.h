/* blocks.h - a file of events in large frames, cut only where a piece ends.
 *
 * A file of lines comes in blocks that end before a line that starts with '{' or after one
 * that ends with '}': places where gh_frame ends a piece too, so the pieces are those of
 * the whole file. A file that is one array comes as one block. A binary file is cut after an
 * event; that what follows is binary as well, its frames must be told. */
#ifndef GOODHART_EDGE_BLOCKS_H
#define GOODHART_EDGE_BLOCKS_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stddef.h>

struct gh_blocks;

/* `path` "-" is standard input. Files may be plain, gzip or xz. */
GH_MUST_USE enum gh_status gh_blocks_open(struct gh_blocks **blocks, const char *path,
                                          struct gh_error *error);
void gh_blocks_close(struct gh_blocks *blocks);
/* The next block, lent until the next call; *size 0: the end. A block without a place to
 * cut grows up to GH_BLOCK_BYTES_MAX and is then cut after a line, or anywhere; GH_ELIMIT when
 * an array is longer than GH_ARRAY_BYTES_MAX. */
#define GH_BLOCK_BYTES_MAX ((size_t)16 << 20)
#define GH_ARRAY_BYTES_MAX ((size_t)2 << 30)
GH_MUST_USE enum gh_status gh_blocks_next(struct gh_blocks *blocks, const char **at,
                                          size_t *size, struct gh_error *error);
/* Whether the block that was lent last is of a binary file: what gh_frame_go_on asks. */
bool gh_blocks_binary(const struct gh_blocks *blocks);
/* Makes the block that was lent last the caller's: its buffer, for *buffer of *room bytes,
 * which must be of malloc (NULL and 0: of none). The caller frees what it holds. */
GH_MUST_USE enum gh_status gh_blocks_swap(struct gh_blocks *blocks, char **buffer, size_t *room,
                                          struct gh_error *error);

#endif
