/* changes.c - see changes.h. */
#include "store/changes.h"

#include "store/changes_inside.h"
#include "store/checksum.h"
#include "store/folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_WAL_PAGES = 64 };

enum statement { ADD, UP, DOWN, SAME, STATEMENTS };

#define COLUMNS "number, position, time_ms, basis, body, checksum"

static const char schema[] =
    "CREATE TABLE change (number INTEGER PRIMARY KEY, position INTEGER NOT NULL UNIQUE,"
    " time_ms INTEGER NOT NULL, basis TEXT NOT NULL, body TEXT NOT NULL,"
    " checksum BLOB NOT NULL) STRICT";

static const char *const statements[STATEMENTS] = {
    [ADD] = "INSERT INTO change (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [UP] = "SELECT " COLUMNS " FROM change WHERE number >= ?1 ORDER BY number LIMIT ?2",
    [DOWN] = "SELECT " COLUMNS " FROM change WHERE number <= ?1 ORDER BY number DESC LIMIT ?2",
    [SAME] = "SELECT " COLUMNS " FROM change WHERE number = ?1 OR position = ?2",
};

const struct gh_database_kind gh_changes_kind = {.mark = 0x67686373, /* ghcs */
                                                 .format = 1,
                                                 .schema = schema,
                                                 .statement = statements,
                                                 .statement_count = STATEMENTS};

struct gh_kept_changes {
    struct gh_database database;
    char *vfs;
};

static enum gh_status changes_open(struct gh_kept_changes **changes, const char *folder,
                                   const char *vfs, enum gh_database_use use,
                                   struct gh_error *error)
{
    struct gh_kept_changes *made = calloc(1, sizeof *made);
    char *path = gh_path_join(folder, GH_CHANGES_FILE);
    enum gh_status status = GH_EMEMORY;

    if (!made || !path || (vfs && !(made->vfs = strdup(vfs)))) {
        gh_error_set(error, status, "%s: out of memory", GH_CHANGES_FILE);
    } else {
        made->database.vfs = made->vfs;
        status = gh_database_open(&made->database, path, use, &gh_changes_kind, error);
    }
    if (status == GH_OK && use == GH_DATABASE_WRITE)
        status = gh_folder_sync(folder, error);
    free(path);
    if (status == GH_OK)
        *changes = made;
    else
        gh_kept_changes_close(made);
    return status;
}

enum gh_status gh_kept_changes_open(struct gh_kept_changes **changes, const char *folder,
                                    const char *vfs, struct gh_error *error)
{
    return changes_open(changes, folder, vfs, GH_DATABASE_WRITE, error);
}

enum gh_status gh_kept_changes_open_reader(struct gh_kept_changes **changes, const char *folder,
                                           struct gh_error *error)
{
    return changes_open(changes, folder, NULL, GH_DATABASE_READ, error);
}

void gh_kept_changes_close(struct gh_kept_changes *changes)
{
    if (!changes)
        return;
    gh_database_close(&changes->database);
    free(changes->vfs);
    free(changes);
}

static void change_sum(const struct gh_kept_change *change,
                       unsigned char checksum[GH_CHECKSUM_BYTES])
{
    struct gh_checksum sum;

    gh_checksum_begin(&sum);
    gh_checksum_number(&sum, change->number);
    gh_checksum_number(&sum, change->position);
    gh_checksum_number(&sum, (uint64_t)change->time_ms);
    gh_checksum_text(&sum, change->basis);
    gh_checksum_text(&sum, change->body);
    gh_checksum_end(&sum, checksum);
}

bool gh_change_row(sqlite3_stmt *row, struct gh_kept_change *change)
{
    unsigned char wanted[GH_CHECKSUM_BYTES], stored[GH_CHECKSUM_BYTES];

    *change = (struct gh_kept_change){.number = gh_column_number(row, 0),
                                      .position = gh_column_number(row, 1),
                                      .time_ms = (int64_t)gh_column_number(row, 2),
                                      .basis = gh_column_text(row, 3),
                                      .body = gh_column_text(row, 4)};
    change_sum(change, wanted);
    return gh_column_bytes(row, 5, stored, sizeof stored) &&
           memcmp(wanted, stored, sizeof wanted) == 0;
}

static enum gh_status changes_ready(struct gh_kept_changes *changes, struct gh_error *error)
{
    return changes->database.broken ? gh_database_recover(&changes->database, error) : GH_OK;
}

static bool text_same(struct gh_text a, struct gh_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* *known: it is there, and the same. */
static enum gh_status change_known(struct gh_database *database,
                                   const struct gh_kept_change *change, bool *known,
                                   struct gh_error *error)
{
    struct gh_kept_change kept;

    gh_bind_number(database->statement[SAME], 1, change->number);
    gh_bind_number(database->statement[SAME], 2, change->position);
    enum gh_status status =
        gh_database_step(database, SAME, "change: cannot be read", known, error);
    if (status == GH_OK && *known &&
        (!gh_change_row(database->statement[SAME], &kept) || kept.number != change->number ||
         kept.position != change->position || !text_same(kept.body, change->body)))
        status = gh_error_set(error, GH_EDIVERGED,
                              "%s: change %" PRIu64 " at position %" PRIu64
                              " is recorded otherwise: the log is not that of the record",
                              database->name, change->number, change->position);
    gh_database_reset(database, SAME);
    return status;
}

static enum gh_status change_write(struct gh_database *database,
                                   const struct gh_kept_change *change, struct gh_error *error)
{
    sqlite3_stmt *row = database->statement[ADD];
    unsigned char checksum[GH_CHECKSUM_BYTES];

    change_sum(change, checksum);
    gh_bind_number(row, 1, change->number);
    gh_bind_number(row, 2, change->position);
    gh_bind_number(row, 3, (uint64_t)change->time_ms);
    gh_bind_text(row, 4, change->basis);
    gh_bind_text(row, 5, change->body);
    gh_bind_blob(row, 6, checksum, sizeof checksum);
    return gh_database_do(database, ADD, "change: cannot be written", error);
}

enum gh_status gh_kept_changes_add(struct gh_kept_changes *changes,
                                   const struct gh_kept_change *change, struct gh_error *error)
{
    struct gh_database *database = &changes->database;
    bool known = false;
    enum gh_status status = changes_ready(changes, error);

    if (status == GH_OK)
        status = change_known(database, change, &known, error);
    if (status != GH_OK || known)
        return status;
    status = gh_database_begin(database, error);
    if (status != GH_OK)
        return status;
    status = change_write(database, change, error);
    status = gh_database_end(database, status, error);
    if (status == GH_OK && database->wal_pages >= CHANGES_WAL_PAGES)
        gh_database_checkpoint(database, false);
    return status;
}

enum gh_status gh_kept_changes_read(struct gh_kept_changes *changes,
                                    const struct gh_kept_page *page, gh_kept_on_change *visit,
                                    void *context, struct gh_error *error)
{
    struct gh_database *database = &changes->database;
    const size_t which = page->newest ? DOWN : UP;
    enum gh_status status = changes_ready(changes, error);
    bool more = true;

    if (status != GH_OK)
        return status;
    gh_bind_number(database->statement[which], 1,
                   page->number > INT64_MAX ? INT64_MAX : page->number);
    gh_bind_number(database->statement[which], 2, page->limit);
    while (status == GH_OK && more) {
        struct gh_kept_change change;
        status = gh_database_step(database, which, "changes: cannot be read", &more, error);
        if (status != GH_OK || !more)
            continue;
        if (gh_change_row(database->statement[which], &change))
            more = visit(context, &change);
        else
            status = gh_error_set(error, GH_EFORMAT,
                                  "%s: change %" PRIu64 ": the checksum does not fit",
                                  database->name, change.number);
    }
    gh_database_reset(database, which);
    return status;
}
