/* makers.c - see makers.h. */
#include "store/makers.h"

#include "store/database.h"

#include <stdlib.h>

/* Rows that may be written before those that are too many are looked for. */
enum { MAKERS_WAL_PAGES = 64, MAKERS_BETWEEN = 4096 };

enum statement { KEEP, FORGET, EACH, STATEMENTS };

static const char schema[] =
    "CREATE TABLE maker (ref TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL,"
    " ts_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX maker_time ON maker (ts_ms)";

static const char *const statements[STATEMENTS] = {
    [KEEP] = "INSERT OR REPLACE INTO maker (ref, account, ts_ms) VALUES (?1, ?2, ?3)",
    [FORGET] = ("DELETE FROM maker WHERE rowid IN"
                " (SELECT rowid FROM maker ORDER BY ts_ms DESC LIMIT -1 OFFSET ?1)"),
    [EACH] = "SELECT ref, account, ts_ms FROM maker ORDER BY ts_ms DESC",
};

static const struct gh_database_kind kind = {.file = "hooks.db",
                                             .mark = 0x6768686b, /* ghhk */
                                             .format = 1,
                                             .schema = schema,
                                             .statement = statements,
                                             .statement_count = STATEMENTS};

struct gh_makers {
    struct gh_database database;
    size_t written; /* since those too many were removed */
};

enum gh_status gh_makers_open(struct gh_makers **makers, const char *folder,
                              struct gh_error *error)
{
    struct gh_makers *made = calloc(1, sizeof *made);

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "hooks.db: out of memory");
    made->written = MAKERS_BETWEEN; /* the first row looks for those that are too many */
    const enum gh_status status =
        gh_database_open_in(&made->database, folder, GH_DATABASE_WRITE, &kind, error);
    if (status == GH_OK)
        *makers = made;
    else
        free(made);
    return status;
}

void gh_makers_close(struct gh_makers *makers)
{
    if (!makers)
        return;
    gh_database_close(&makers->database);
    free(makers);
}

static enum gh_status rows_write(struct gh_database *database, const struct gh_maker *maker,
                                 size_t count, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; i < count && status == GH_OK; i++) {
        gh_bind_text(database->statement[KEEP], 1, maker[i].ref);
        gh_bind_text(database->statement[KEEP], 2, maker[i].account);
        gh_bind_number(database->statement[KEEP], 3, (uint64_t)maker[i].ts_ms);
        status = gh_database_do(database, KEEP, "maker: cannot be written", error);
    }
    return status;
}

enum gh_status gh_makers_keep(struct gh_makers *makers, const struct gh_maker *maker,
                              size_t count, struct gh_error *error)
{
    struct gh_database *database = &makers->database;
    enum gh_status status = database->broken ? gh_database_recover(database, error) : GH_OK;
    const bool forget = makers->written + count >= MAKERS_BETWEEN;

    if (status == GH_OK)
        status = gh_database_begin(database, error);
    if (status != GH_OK)
        return status;
    status = rows_write(database, maker, count, error);
    if (status == GH_OK && forget) {
        gh_bind_number(database->statement[FORGET], 1, GH_MAKERS_KEPT);
        status = gh_database_do(database, FORGET, "makers: cannot be removed", error);
    }
    status = gh_database_end(database, status, error);
    if (status == GH_OK)
        makers->written = forget ? 0 : makers->written + count;
    if (status == GH_OK && database->wal_pages >= MAKERS_WAL_PAGES)
        gh_database_checkpoint(database, false);
    return status;
}

enum gh_status gh_makers_each(struct gh_makers *makers, gh_makers_on_maker *visit,
                              void *context, struct gh_error *error)
{
    struct gh_database *database = &makers->database;
    sqlite3_stmt *at = database->statement[EACH];
    enum gh_status status = GH_OK;
    bool row = true;

    while (status == GH_OK && row) {
        status = gh_database_step(database, EACH, "makers: cannot be read", &row, error);
        if (status == GH_OK && row)
            visit(context, &(struct gh_maker){.ref = gh_column_text(at, 0),
                                              .account = gh_column_text(at, 1),
                                              .ts_ms = (int64_t)gh_column_number(at, 2)});
    }
    gh_database_reset(database, EACH);
    return status;
}
