/* log_segment.h - one segment of the log: its tables, how one starts and how it is closed. */
#ifndef GOODHART_STORE_LOG_SEGMENT_H
#define GOODHART_STORE_LOG_SEGMENT_H

#include "store/folder.h"
#include "store/log_row.h"

extern const struct gh_database_kind gh_segment_kind;
extern const struct gh_file_kind gh_segment_files;

/* Statements of a segment's database. */
enum gh_segment_statement {
    GH_SEGMENT_HEAD,     /* first, previous, checksum */
    GH_SEGMENT_LAST,     /* first, count, checksum of the newest row */
    GH_SEGMENT_RUN,      /* ?1: GH_ROW_COLUMNS of the first row at or behind a position */
    GH_SEGMENT_RUNS,     /* GH_ROW_COLUMNS of all rows */
    GH_SEGMENT_HOLDING,  /* ?1: first of the last row at or before a position */
    GH_SEGMENT_BEFORE,   /* ?1: checksum of the last row before a position */
    GH_SEGMENT_NEWEST,   /* newest_ms of all rows */
    GH_SEGMENT_PAGES,    /* bytes of the file with its WAL written back */
    GH_SEGMENT_INSERT,   /* ?1..?8: GH_ROW_COLUMNS */
    GH_SEGMENT_MARK,     /* ?1 owner, ?2 stream: sequence */
    GH_SEGMENT_MARK_SET, /* ?1..?5: columns of a mark */
    GH_SEGMENT_MARKS,    /* all marks, newest used first */
    GH_SEGMENT_STATEMENTS
};

/* Where the segment begins: its first position, and the checksum of the row before it. */
GH_MUST_USE enum gh_status gh_segment_head(struct gh_database *segment, struct gh_tail *head,
                                           struct gh_error *error);
/* Where it ends: the head's when it has no row. */
GH_MUST_USE enum gh_status gh_segment_tail(struct gh_database *segment, struct gh_tail *tail,
                                           struct gh_error *error);

/* A mark as a row. */
struct gh_mark_row {
    struct gh_mark mark;
    uint64_t used; /* next position of the log when it was last set */
};
GH_MUST_USE enum gh_status gh_mark_write(struct gh_database *segment,
                                         const struct gh_mark_row *row, struct gh_error *error);
/* The row that GH_SEGMENT_MARKS stands on; false: it is not what was written. */
bool gh_mark_read(struct gh_database *segment, struct gh_mark_row *row);

/* Makes the segment that goes on from `tail`, whole or not at all. */
struct gh_segment_start {
    const char *folder, *vfs;
    const struct gh_tail *tail;
    struct gh_database *old; /* whose marks come along; NULL: none */
    uint32_t streams;        /* at most so many of them, newest used first */
    uint64_t forgotten;      /* set: the others */
};
GH_MUST_USE enum gh_status gh_segment_make(struct gh_segment_start *start,
                                           struct gh_error *error);
/* segment->vfs is set before; {0}: the system's own. */
GH_MUST_USE enum gh_status gh_segment_open(struct gh_database *segment, const char *folder,
                                           uint64_t first, enum gh_database_use use,
                                           struct gh_error *error);
/* Writes the WAL back, leaves WAL mode and makes the file read-only. False: not now, for a
 * reader or want of space; the segment is as good as before. Closes it either way. */
bool gh_segment_seal(struct gh_database *segment);
/* Whether the file is still one with a WAL. Not while it is open in this process: closing a
 * file drops the process's locks on it. */
bool gh_segment_unsealed(const char *folder, uint64_t first);
/* Bytes of its files. */
uint64_t gh_segment_bytes(const char *folder, uint64_t first);
GH_MUST_USE enum gh_status gh_segment_remove(const char *folder, uint64_t first,
                                             struct gh_error *error);

#endif
