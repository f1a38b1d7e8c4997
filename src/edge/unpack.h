/* unpack.h - reads a file that may be packed: plain, gzip or xz, told apart by its first
 * bytes, in a stream of bounded memory. */
#ifndef GOODHART_EDGE_UNPACK_H
#define GOODHART_EDGE_UNPACK_H

#include "goodhart/error.h"

#include <stdint.h>

struct gh_unpack;

/* `path` "-" is standard input. */
GH_MUST_USE enum gh_status gh_unpack_open(struct gh_unpack **unpack, const char *path,
                                          struct gh_error *error);
void gh_unpack_close(struct gh_unpack *unpack);
/* Up to `size` bytes; *got 0 only at the end. GH_EFORMAT: the packed data is damaged or ends
 * early; what was read before it is good. */
GH_MUST_USE enum gh_status gh_unpack_read(struct gh_unpack *unpack, char *at, size_t size,
                                          size_t *got, struct gh_error *error);
/* How many bytes of the file, as it is packed, were read so far: for progress. */
uint64_t gh_unpack_taken(const struct gh_unpack *unpack);

#endif
