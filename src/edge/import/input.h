/* input.h - a file that may be packed, through a buffer that grows to what one piece of it
 * needs and no further. */
#ifndef GOODHART_EDGE_IMPORT_INPUT_H
#define GOODHART_EDGE_IMPORT_INPUT_H

#include "edge/unpack.h"

#include <stdbool.h>
#include <stdint.h>

/* What is there and not used up stands in at[begin..used). {0} may be closed. */
struct gh_input {
    struct gh_unpack *unpack;
    const char *path;
    char *at;
    size_t begin, used, room;
    size_t limit; /* most that `room` may grow to */
    bool ended;
};

/* `path`: "-" is standard input; lent. `limit` may be set afterwards: 64 KiB at first. */
GH_MUST_USE enum gh_status gh_input_open(struct gh_input *input, const char *path,
                                         struct gh_error *error);
/* More bytes after those that are there, which move to the front; none: `ended`. GH_ELIMIT:
 * the buffer holds `limit` bytes and none was used up. Other errors are of gh_unpack_read, and
 * end the file. */
GH_MUST_USE enum gh_status gh_input_more(struct gh_input *input, struct gh_error *error);
/* Whether at[begin + offset] is there, after reading on if need be. False: the end, or an
 * error. */
bool gh_input_has(struct gh_input *input, size_t offset, enum gh_status *status,
                  struct gh_error *error);
void gh_input_close(struct gh_input *input);

#endif
