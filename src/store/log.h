/* log.h - the ordered log: everything that was offered to the engine, in order, durable.
 *
 * A folder of segments, each an SQLite database named by its first position
 * ("log-000000000000.db"). The newest is written (WAL, synchronous=FULL); an older one is a
 * single file that is only read. A row is a run: consecutive events that one owner handed
 * in together, compressed, with an XXH3-128 over the row and its raw bytes that goes on
 * from the checksum of the row before, across segments: what was changed, cut out or
 * swapped is seen. The checksum finds faults, it is no signature.
 *
 * A position is the number of an event in the log, from 0; positions have no gaps.
 *
 * One thread uses a log. A cursor is used by one thread, which may be another one. */
#ifndef GOODHART_STORE_LOG_H
#define GOODHART_STORE_LOG_H

#include "goodhart/engine.h"
#include "goodhart/error.h"

#include <stdbool.h>

enum {
    GH_RUN_BYTES_MAX = 16777216,       /* raw bytes of one run; 1 MiB is a good size */
    GH_STREAM_BYTES = 16,              /* id of a durable producer's stream */
    GH_LOG_CHECKPOINT_BYTES = 16 << 20 /* of WAL, then it is written back and used again */
};

/* Stored as they are numbered: never renumber. */
enum gh_run_kind {
    GH_RUN_EVENTS = 1,   /* `count` lines of JSON, each ended by '\n' */
    GH_RUN_SETTINGS = 2, /* configuration or model from here on; the caller's own format */
    GH_RUN_LOSSES = 3,   /* `count` lines of what producers no longer had */
};

struct gh_run {
    uint64_t first;       /* position of its first event; set by gh_log_append */
    uint32_t count;       /* positions it takes up, >= 1; settings take up one, too */
    uint32_t kind;        /* enum gh_run_kind */
    struct gh_text owner; /* name of the key that handed it in; empty: self-reported */
    int64_t newest_ms;    /* newest event time in it, milliseconds since 1970 */
    const char *raw;      /* 1..GH_RUN_BYTES_MAX bytes */
    size_t raw_size;
};

/* How far a stream of a durable producer is in the log. */
struct gh_mark {
    unsigned char stream[GH_STREAM_BYTES];
    struct gh_text owner;
    uint64_t sequence; /* the newest that is durable; below 2^63 */
};

struct gh_log_setup {
    const char *folder;     /* made, for the owner alone, when it is not there */
    uint64_t segment_bytes; /* a segment that has grown past it gets no more runs */
    uint32_t compression;   /* zstd level, 1..19 */
    uint32_t streams;       /* marks taken along into a new segment, newest used first */
    const char *vfs;        /* SQLite's name of a file system; NULL: the system's own */
    /* Compresses with it, on at most so many threads, of which 8 are used; without `run` the
     * caller's alone does. The same is written. Lent while the log is open. */
    struct gh_executor executor;
    uint32_t threads;
};

struct gh_log_counters {
    uint64_t runs, raw_bytes, body_bytes; /* appended since it was opened; body: compressed */
    uint64_t failed;                      /* appends that failed */
    uint64_t reopened;                    /* times the connection was made anew after one */
    uint64_t checkpoints_failed;          /* the WAL grows meanwhile; tried again each time */
    uint64_t segments;                    /* there now */
    uint64_t bytes;                       /* of all segments now */
    uint64_t streams_forgotten;           /* marks that a new segment did not take along */
};

struct gh_log;

/* Opens for writing. The folder is locked: a second process (or a second opening here) gets
 * GH_EIO. A forked child shares the lock until it ends, and touches the log in no way.
 * GH_EFORMAT: a segment is damaged or of another version. The caller owns *log. */
GH_MUST_USE enum gh_status gh_log_open(struct gh_log **log, const struct gh_log_setup *setup,
                                       struct gh_error *error);
/* Writes the WAL back and unlocks. NULL is legal. */
void gh_log_close(struct gh_log *log);

/* What is appended in one transaction; either count may be 0. */
struct gh_log_batch {
    struct gh_run *run;
    size_t run_count;
    const struct gh_mark *mark;
    size_t mark_count;
};
/* Appends all runs and sets all marks; it is durable when it returns GH_OK, and run[i].first
 * is set then. A mark never goes back: a lower sequence than the recorded one leaves that.
 *
 * On failure nothing was appended. GH_EFULL: no space; GH_EIO: reading or writing failed;
 * GH_EFORMAT: a run is not what it should be; GH_EMEMORY. After GH_EFULL and GH_EIO the
 * log stays open: the next append makes the connection anew, looks up what is durable and
 * goes on, or fails again. */
GH_MUST_USE enum gh_status gh_log_append(struct gh_log *log, const struct gh_log_batch *batch,
                                         struct gh_error *error);

/* Fills mark->sequence for mark->stream and mark->owner; 0 when there is no such mark. */
GH_MUST_USE enum gh_status gh_log_mark_find(struct gh_log *log, struct gh_mark *mark,
                                            struct gh_error *error);

uint64_t gh_log_first(const struct gh_log *log); /* oldest position that is there */
uint64_t gh_log_next(const struct gh_log *log);  /* position of the next event */
const char *gh_log_folder(const struct gh_log *log);
struct gh_log_counters gh_log_counters(const struct gh_log *log); /* asks for file sizes */

/* Removes segments, oldest first, while the rule and the limits of what may go hold. Never
 * the newest one, never one with a position >= `needed`. */
struct gh_log_prune {
    uint64_t needed;     /* first position that must stay, e.g. that of the oldest snapshot */
    int64_t before_ms;   /* > 0: segments whose events are all older than this go */
    uint64_t keep_bytes; /* > 0: segments go while all together have more bytes */
    bool pretend;        /* say what would go, remove nothing */
};
struct gh_log_pruned {
    uint64_t segments, events, bytes;
    uint64_t first; /* oldest position afterwards */
};
/* On failure *pruned tells what is gone. */
GH_MUST_USE enum gh_status gh_log_prune(struct gh_log *log, const struct gh_log_prune *rule,
                                        struct gh_log_pruned *pruned, struct gh_error *error);

/* Reading. A cursor reads what is durable, from a folder that may be written to meanwhile, by
 * this process or another one; it needs no struct gh_log. */
struct gh_log_cursor;

/* The oldest position that is there; GH_EFORMAT: there is no log. */
GH_MUST_USE enum gh_status gh_log_oldest(const char *folder, uint64_t *position,
                                         struct gh_error *error);
/* Starts at the run that holds `position`. GH_EFORMAT: there is no log, or the position was
 * pruned. A position past the end is waited for. `vfs` as in the setup. */
GH_MUST_USE enum gh_status gh_log_cursor_open(struct gh_log_cursor **cursor, const char *folder,
                                              const char *vfs, uint64_t position,
                                              struct gh_error *error);
void gh_log_cursor_close(struct gh_log_cursor *cursor); /* NULL is legal */
/* Of the run that it stands before: one that was opened at a position past the end stands
 * before the last run. */
uint64_t gh_log_cursor_position(const struct gh_log_cursor *cursor);
/* The next run, checked, lent until the next call; the first one may begin before the
 * position asked for. *run = NULL: no more for now; call again later. GH_EFORMAT names file,
 * position and problem; the cursor then stays where it is. A cursor that is left standing
 * before it had no more keeps its segment from becoming a single file. */
GH_MUST_USE enum gh_status gh_log_cursor_next(struct gh_log_cursor *cursor,
                                              const struct gh_run **run,
                                              struct gh_error *error);

/* Verification is in store/verify.h. */

#endif
