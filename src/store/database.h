/* database.h - what log and ledger share of SQLite: opening, errors in words, transactions,
 * and going on after a failure. */
#ifndef GOODHART_STORE_DATABASE_H
#define GOODHART_STORE_DATABASE_H

#include "goodhart/error.h"
#include "goodhart/event.h"

#include <sqlite3.h>
#include <stdbool.h>

/* Rows of the log are blobs of many pages: fewer and larger ones are written faster. */
#define GH_DATABASE_PAGE_BYTES 16384

enum { GH_STATEMENTS_MAX = 16 };

/* What a kind of database consists of. */
struct gh_database_kind {
    const char *file;             /* in its folder; NULL: files have names of their own */
    uint32_t mark;                /* application_id: the file is one of ours */
    uint32_t format;              /* user_version */
    const char *schema;           /* statements that make it */
    const char *const *statement; /* prepared when it is opened */
    size_t statement_count;       /* <= GH_STATEMENTS_MAX */
};

/* {0} is closed. One thread uses it. */
struct gh_database {
    sqlite3 *handle;
    const struct gh_database_kind *kind;
    char *path;
    const char *name; /* last part of the path: opens error texts */
    const char *vfs;
    bool reader;
    bool broken;      /* a write failed: gh_database_recover is due */
    bool overwritten; /* recovery: what the failed write left is gone, reopening is not done */
    int wal_pages;    /* in the WAL after the last commit */
    sqlite3_stmt *statement[GH_STATEMENTS_MAX];
};

enum gh_database_use {
    GH_DATABASE_READ,  /* whatever its journal is */
    GH_DATABASE_WRITE, /* WAL, synchronous=FULL; checkpoints are the caller's affair */
    GH_DATABASE_MAKE,  /* a new file that is renamed when it is whole: no journal */
};

/* Opens the database at `path` (copied). GH_EFORMAT: not one of this kind and version, or
 * damaged. With GH_DATABASE_WRITE an empty or absent file is made one. On failure it is
 * closed. */
GH_MUST_USE enum gh_status gh_database_open(struct gh_database *database, const char *path,
                                            enum gh_database_use use,
                                            const struct gh_database_kind *kind,
                                            struct gh_error *error);
/* The same of kind->file in a folder. */
GH_MUST_USE enum gh_status gh_database_open_in(struct gh_database *database, const char *folder,
                                               enum gh_database_use use,
                                               const struct gh_database_kind *kind,
                                               struct gh_error *error);
/* A writer's WAL is written back and removed, unless it is broken. Closed is legal. */
void gh_database_close(struct gh_database *database);

/* What went wrong last, as status and words: "NAME: WHAT: reason". */
enum gh_status gh_database_failure(const struct gh_database *database, const char *what,
                                   struct gh_error *error);
GH_MUST_USE enum gh_status gh_database_run(struct gh_database *database, const char *sql,
                                           struct gh_error *error);
/* GH_OK with *row: whether there is one. `what` opens the error text. */
GH_MUST_USE enum gh_status gh_database_step(struct gh_database *database, size_t statement,
                                            const char *what, bool *row,
                                            struct gh_error *error);
/* Steps once and resets: for statements without rows. */
GH_MUST_USE enum gh_status gh_database_do(struct gh_database *database, size_t statement,
                                          const char *what, struct gh_error *error);
void gh_database_reset(struct gh_database *database, size_t statement);

/* A write transaction. gh_database_end commits when `status` is GH_OK, else rolls back, and
 * returns the first failure. One that leaves the database broken calls for recovery. */
GH_MUST_USE enum gh_status gh_database_begin(struct gh_database *database,
                                             struct gh_error *error);
GH_MUST_USE enum gh_status gh_database_end(struct gh_database *database, enum gh_status status,
                                           struct gh_error *error);
/* After a failed write: overwrites what it left in the WAL and makes the connection anew, so
 * that what is then read is what is durable. GH_OK: as good as new; else try again later. */
GH_MUST_USE enum gh_status gh_database_recover(struct gh_database *database,
                                               struct gh_error *error);
/* Writes the WAL back; its file is kept for use again, or with `all` emptied. */
bool gh_database_checkpoint(struct gh_database *database, bool all);

/* Columns and parameters. Texts and blobs are lent until the statement moves on. */
void gh_bind_number(sqlite3_stmt *statement, int index, uint64_t number); /* < 2^63 */
void gh_bind_text(sqlite3_stmt *statement, int index, struct gh_text text);
void gh_bind_blob(sqlite3_stmt *statement, int index, const void *at, size_t size);
uint64_t gh_column_number(sqlite3_stmt *statement, int index);
struct gh_text gh_column_text(sqlite3_stmt *statement, int index);
/* Copies a blob of just this size; false: it is not one. */
bool gh_column_bytes(sqlite3_stmt *statement, int index, unsigned char *bytes, size_t size);

#endif
