/* log_ahead.h - runs of the log, read and decoded ahead of whoever takes them. */
#ifndef GOODHART_APP_LOG_AHEAD_H
#define GOODHART_APP_LOG_AHEAD_H

#include "edge/decoded.h"
#include "store/log.h"

struct gh_log_ahead;

/* A run of the log with what it holds, until the next one is asked for. */
struct gh_log_ahead_run {
    struct gh_run run;
    struct gh_decoded decoded; /* of GH_RUN_EVENTS alone */
    char *raw;
    size_t room;
    char owner[GH_STRING_BYTES_MAX];
};

/* Reads what the cursor, which stands at `position`, gives from there to `end`, or to where the
 * log ends before. The cursor is this one's until gh_log_ahead_free. With threads 0 all is done
 * in gh_log_ahead_next. The caller owns *ahead. */
struct gh_log_ahead_wish {
    struct gh_log_cursor *cursor;
    uint64_t position, end;
    uint32_t threads;
};
GH_MUST_USE enum gh_status gh_log_ahead_new(struct gh_log_ahead **ahead,
                                            const struct gh_log_ahead_wish *wish,
                                            struct gh_error *error);
void gh_log_ahead_free(struct gh_log_ahead *ahead); /* NULL is legal */
/* Lends the next run until the next call; NULL: the end. */
GH_MUST_USE enum gh_status gh_log_ahead_next(struct gh_log_ahead *ahead,
                                             struct gh_log_ahead_run **run,
                                             struct gh_error *error);

#endif
