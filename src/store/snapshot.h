/* snapshot.h - the engine's state as files "snapshot-POSITION.zst" beside the log.
 *
 * A file is a fixed head, the state as one zstd frame with its content checksum, and a
 * trailer with the size of the file and an XXH3-128 of all before. It is written under
 * another name, synced, renamed, and the folder is synced. A reader checks all of it before
 * it hands out a byte.
 *
 * The writer keeps no state outside its struct, takes no lock and calls write() directly:
 * it may be used in a forked child of a process with threads. */
#ifndef GOODHART_STORE_SNAPSHOT_H
#define GOODHART_STORE_SNAPSHOT_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    GH_SNAPSHOTS_KEPT = 3, /* the newest; the writer removes older ones */
    GH_SNAPSHOT_ENGINE_SIZE = 32,
    GH_SNAPSHOT_CONFIGURATION_BYTES = 16
};

/* What the state belongs to. Whether it fits is for the caller to judge. */
struct gh_snapshot_head {
    uint64_t position;       /* first log position that the state does not hold */
    uint64_t alert_sequence; /* newest one that it has made */
    int64_t newest_ms;       /* event time of the state */
    uint64_t fingerprint;    /* of the numeric functions on this machine */
    unsigned char configuration[GH_SNAPSHOT_CONFIGURATION_BYTES]; /* hash of all settings */
    char engine[GH_SNAPSHOT_ENGINE_SIZE]; /* version, NUL-terminated, zeros behind */
};

/* System calls of the writer, for tests; NULL in the setup: write() and fsync(). */
struct gh_snapshot_system {
    ssize_t (*write)(int file, const void *at, size_t size);
    int (*sync)(int file);
};

struct gh_snapshot_setup {
    const char *folder;
    uint32_t compression; /* zstd level, 1..19 */
    const struct gh_snapshot_system *system;
};

struct gh_snapshot_writer;

/* The setup's texts are lent until commit or abort, which free the writer. */
GH_MUST_USE enum gh_status gh_snapshot_begin(struct gh_snapshot_writer **writer,
                                             const struct gh_snapshot_setup *setup,
                                             const struct gh_snapshot_head *head,
                                             struct gh_error *error);
/* Any number of times. After a failure only abort is legal. GH_EFULL: no space. */
GH_MUST_USE enum gh_status gh_snapshot_write(struct gh_snapshot_writer *writer, const void *at,
                                             size_t size, struct gh_error *error);
/* GH_OK: the file is there for good, and all but the newest GH_SNAPSHOTS_KEPT are gone.
 * Else there is none of it. Takes the writer. */
GH_MUST_USE enum gh_status gh_snapshot_commit(struct gh_snapshot_writer *writer,
                                              struct gh_error *error);
void gh_snapshot_abort(struct gh_snapshot_writer *writer); /* takes it; NULL is legal */

/* Told of each file that is there and no good, e.g. "snapshot-000000000017.zst". */
typedef void gh_snapshot_on_bad(void *context, const char *file, const char *problem);

struct gh_snapshot_reader;

/* Which one, and who is told of those that are no good. */
struct gh_snapshot_wish {
    const char *folder;
    uint64_t position;       /* at most this one; UINT64_MAX: any */
    gh_snapshot_on_bad *bad; /* NULL: nobody */
    void *context;
};
/* Opens the newest good one. GH_OK with *reader = NULL: there is none. The caller owns
 * *reader. */
GH_MUST_USE enum gh_status gh_snapshot_open(struct gh_snapshot_reader **reader,
                                            const struct gh_snapshot_wish *wish,
                                            struct gh_error *error);
/* Lent while the reader lives. */
const struct gh_snapshot_head *gh_snapshot_head(const struct gh_snapshot_reader *reader);
/* Reads up to `size` bytes; *got < size only at the end of the state. */
GH_MUST_USE enum gh_status gh_snapshot_read(struct gh_snapshot_reader *reader, void *at,
                                            size_t size, size_t *got, struct gh_error *error);
void gh_snapshot_close(struct gh_snapshot_reader *reader); /* NULL is legal */

/* Position of the oldest file by name: the log is needed from there on. False: none. */
bool gh_snapshot_oldest(const char *folder, uint64_t *position);
/* Removes what a writer that died left behind. Not while one may be at work. */
void gh_snapshot_sweep(const char *folder);

#endif
