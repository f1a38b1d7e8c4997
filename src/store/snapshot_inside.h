/* snapshot_inside.h - the bytes of a snapshot's head and trailer; for the writer, the reader
 * and verification alone.
 *
 * All numbers are little-endian. Head: magic, format (4), size of the head (4), position (8),
 * alert sequence (8), newest_ms (8), fingerprint (8), configuration (16), engine (32).
 * Trailer: size of the file (8), XXH3-128 of all before it (16). */
#ifndef GOODHART_STORE_SNAPSHOT_INSIDE_H
#define GOODHART_STORE_SNAPSHOT_INSIDE_H

#include "store/checksum.h"
#include "store/folder.h"
#include "store/snapshot.h"

enum {
    GH_SNAPSHOT_FORMAT = 1,
    GH_SNAPSHOT_HEAD_BYTES = 96,
    GH_SNAPSHOT_TRAILER_BYTES = 8 + GH_CHECKSUM_BYTES
};

extern const struct gh_file_kind gh_snapshot_files;

void gh_snapshot_head_put(const struct gh_snapshot_head *head,
                          unsigned char bytes[GH_SNAPSHOT_HEAD_BYTES]);
/* NULL, or what is wrong with it. */
const char *gh_snapshot_head_get(const unsigned char bytes[GH_SNAPSHOT_HEAD_BYTES],
                                 struct gh_snapshot_head *head);

/* Reads the file named for `position` from begin to end. GH_OK with *problem: not good. With
 * NULL it is good and *file, when wanted, stands behind the head; the caller closes it. */
GH_MUST_USE enum gh_status gh_snapshot_check(const char *folder, uint64_t position,
                                             struct gh_snapshot_head *head, int *file,
                                             const char **problem);

#endif
