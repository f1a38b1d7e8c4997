/* verify.h - is everything in the folder what was written? Log, ledger, snapshots, and changes
 * of settings. */
#ifndef GOODHART_STORE_VERIFY_H
#define GOODHART_STORE_VERIFY_H

#include "goodhart/error.h"

#include <stdint.h>

struct gh_verify_fault {
    const char *file;    /* name in the folder */
    const char *row;     /* "position 17", "alert 3", ...; "" : the file as a whole */
    const char *problem; /* what does not fit */
};
typedef void gh_verify_on_fault(void *context, const struct gh_verify_fault *fault);

struct gh_verified {
    uint64_t segments, runs, events, raw_bytes;
    uint64_t first, next; /* positions: the oldest, and the one after the newest */
    uint64_t alerts, findings, snapshots, changes;
    uint64_t faults;
};

/* Reads all of it, changes nothing, and tells each fault: SQLite's own integrity check,
 * checksums of rows, the chain of the log, missing positions and segments, sequences,
 * snapshots, and a ledger or snapshot that is ahead of the log. Not GH_OK: it could not be
 * looked at (no folder, no memory), and *verified is not complete. What it cannot see: the
 * newest transactions of a service that died, when their bytes in the WAL were hit before
 * ledger and snapshot had told of them, for they look like ones that were never finished. */
GH_MUST_USE enum gh_status gh_store_verify(const char *folder, gh_verify_on_fault *fault,
                                           void *context, struct gh_verified *verified,
                                           struct gh_error *error);

#endif
