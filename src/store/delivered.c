/* delivered.c - see delivered.h. */
#include "store/delivered.h"

#include "store/database.h"

#include <stdlib.h>

enum { DELIVERED_WAL_PAGES = 64 };

enum statement { FIND, SET, REFUSE, FORGET, ASIDE, STATEMENTS };

static const char schema[] =
    "CREATE TABLE sink (name TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE aside (id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, code INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT";

static const char *const statements[STATEMENTS] = {
    [FIND] = "SELECT position FROM sink WHERE name = ?1",
    [SET] = "INSERT OR REPLACE INTO sink (name, position) VALUES (?1, ?2)",
    [REFUSE] = ("INSERT INTO aside (sink, first, last, code, time_ms, reason)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
    [FORGET] = "DELETE FROM aside WHERE id <= (SELECT max(id) FROM aside) - ?1",
    [ASIDE] = "SELECT sink, first, last, code, time_ms, reason FROM aside ORDER BY id",
};

static const struct gh_database_kind kind = {.file = "sinks.db",
                                             .mark = 0x67687364, /* ghsd */
                                             .format = 1,
                                             .schema = schema,
                                             .statement = statements,
                                             .statement_count = STATEMENTS};

struct gh_delivered {
    struct gh_database database;
};

static enum gh_status delivered_new(struct gh_delivered **delivered, const char *folder,
                                    enum gh_database_use use, struct gh_error *error)
{
    struct gh_delivered *made = calloc(1, sizeof *made);
    const enum gh_status status =
        made ? gh_database_open_in(&made->database, folder, use, &kind, error)
             : gh_error_set(error, GH_EMEMORY, "sinks.db: out of memory");

    if (status == GH_OK)
        *delivered = made;
    else
        free(made);
    return status;
}

enum gh_status gh_delivered_open(struct gh_delivered **delivered, const char *folder,
                                 struct gh_error *error)
{
    return delivered_new(delivered, folder, GH_DATABASE_WRITE, error);
}

enum gh_status gh_delivered_open_reader(struct gh_delivered **delivered, const char *folder,
                                        struct gh_error *error)
{
    return delivered_new(delivered, folder, GH_DATABASE_READ, error);
}

void gh_delivered_close(struct gh_delivered *delivered)
{
    if (!delivered)
        return;
    gh_database_close(&delivered->database);
    free(delivered);
}

static enum gh_status delivered_ready(struct gh_delivered *delivered, struct gh_error *error)
{
    return delivered->database.broken ? gh_database_recover(&delivered->database, error)
                                      : GH_OK;
}

enum gh_status gh_delivered_find(struct gh_delivered *delivered, struct gh_text sink,
                                 uint64_t *position, bool *known, struct gh_error *error)
{
    struct gh_database *database = &delivered->database;
    enum gh_status status = delivered_ready(delivered, error);

    *known = false;
    if (status != GH_OK)
        return status;
    gh_bind_text(database->statement[FIND], 1, sink);
    status = gh_database_step(database, FIND, "position: cannot be read", known, error);
    if (status == GH_OK && *known)
        *position = gh_column_number(database->statement[FIND], 0);
    gh_database_reset(database, FIND);
    return status;
}

static enum gh_status position_write(struct gh_database *database, struct gh_text sink,
                                     uint64_t position, struct gh_error *error)
{
    gh_bind_text(database->statement[SET], 1, sink);
    gh_bind_number(database->statement[SET], 2, position);
    return gh_database_do(database, SET, "position: cannot be written", error);
}

static enum gh_status aside_write(struct gh_database *database,
                                  const struct gh_set_aside *aside, struct gh_error *error)
{
    sqlite3_stmt *row = database->statement[REFUSE];

    gh_bind_text(row, 1, aside->sink);
    gh_bind_number(row, 2, aside->first);
    gh_bind_number(row, 3, aside->last);
    gh_bind_number(row, 4, aside->code);
    gh_bind_number(row, 5, (uint64_t)aside->time_ms);
    gh_bind_text(row, 6, aside->reason);
    const enum gh_status status =
        gh_database_do(database, REFUSE, "refusal: cannot be written", error);
    if (status != GH_OK)
        return status;
    gh_bind_number(database->statement[FORGET], 1, GH_SET_ASIDE_MAX);
    return gh_database_do(database, FORGET, "refusals: cannot be removed", error);
}

/* `aside` NULL: the position alone. */
static enum gh_status delivered_write(struct gh_delivered *delivered, struct gh_text sink,
                                      uint64_t position, const struct gh_set_aside *aside,
                                      struct gh_error *error)
{
    struct gh_database *database = &delivered->database;
    enum gh_status status = delivered_ready(delivered, error);

    if (status == GH_OK)
        status = gh_database_begin(database, error);
    if (status != GH_OK)
        return status;
    if (aside)
        status = aside_write(database, aside, error);
    if (status == GH_OK)
        status = position_write(database, sink, position, error);
    status = gh_database_end(database, status, error);
    if (status == GH_OK && database->wal_pages >= DELIVERED_WAL_PAGES)
        gh_database_checkpoint(database, false);
    return status;
}

enum gh_status gh_delivered_set(struct gh_delivered *delivered, struct gh_text sink,
                                uint64_t position, struct gh_error *error)
{
    return delivered_write(delivered, sink, position, NULL, error);
}

enum gh_status gh_delivered_refuse(struct gh_delivered *delivered,
                                   const struct gh_set_aside *aside, struct gh_error *error)
{
    return delivered_write(delivered, aside->sink, aside->last, aside, error);
}

enum gh_status gh_delivered_aside(struct gh_delivered *delivered, gh_delivered_on_aside *visit,
                                  void *context, struct gh_error *error)
{
    struct gh_database *database = &delivered->database;
    sqlite3_stmt *at = database->statement[ASIDE];
    enum gh_status status = GH_OK;
    bool row = true;

    while (status == GH_OK && row) {
        status = gh_database_step(database, ASIDE, "refusals: cannot be read", &row, error);
        if (status != GH_OK || !row)
            continue;
        visit(context, &(struct gh_set_aside){.sink = gh_column_text(at, 0),
                                              .first = gh_column_number(at, 1),
                                              .last = gh_column_number(at, 2),
                                              .code = (uint32_t)gh_column_number(at, 3),
                                              .time_ms = (int64_t)gh_column_number(at, 4),
                                              .reason = gh_column_text(at, 5)});
    }
    gh_database_reset(database, ASIDE);
    return status;
}
