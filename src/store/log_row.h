/* log_row.h - a run as a row: its checksum, and back from what the database holds. */
#ifndef GOODHART_STORE_LOG_ROW_H
#define GOODHART_STORE_LOG_ROW_H

#include "store/checksum.h"
#include "store/database.h"
#include "store/log.h"

#include <zstd.h>

/* Where the log goes on: the next position, and the checksum that it goes on from. */
struct gh_tail {
    uint64_t next;
    unsigned char checksum[GH_CHECKSUM_BYTES];
};

void gh_run_checksum(const struct gh_tail *before, const struct gh_run *run,
                     unsigned char checksum[GH_CHECKSUM_BYTES]);

/* {0} is empty. */
struct gh_row_reader {
    ZSTD_DCtx *context;
    char *raw;
    size_t raw_size;
    char owner[GH_STRING_BYTES_MAX];
    struct gh_run run;                         /* lent until the next row */
    unsigned char checksum[GH_CHECKSUM_BYTES]; /* as stored */
};
void gh_row_reader_free(struct gh_row_reader *reader);

/* Columns: first, count, kind, owner, newest_ms, raw_size, checksum, body. */
#define GH_ROW_COLUMNS "first, count, kind, owner, newest_ms, raw_size, checksum, body"
/* Takes the row that the statement stands on. GH_EFORMAT with *problem when it is not what
 * was written behind `before`; the row's own first, count and checksum are then set as far
 * as they can be read. GH_EMEMORY. */
GH_MUST_USE enum gh_status gh_row_read(struct gh_row_reader *reader, sqlite3_stmt *statement,
                                       const struct gh_tail *before, const char **problem);

#endif
