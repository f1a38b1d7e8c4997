/* database.c - see database.h. */
#include "store/database.h"

#include "store/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATABASE_TEXT(x) #x
#define DATABASE_QUOTED(x) DATABASE_TEXT(x)
#define DATABASE_PAGE_SIZE DATABASE_QUOTED(GH_DATABASE_PAGE_BYTES)
enum { DATABASE_BUSY_MS = 1000 };

static enum gh_status database_status(const struct gh_database *database, int code)
{
    if (code == SQLITE_IOERR_NOMEM)
        return GH_EMEMORY;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return GH_EFULL;
    case SQLITE_NOMEM:
        return GH_EMEMORY;
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_TOOBIG:
        return GH_EFORMAT;
    default:
        return gh_errno_status(database->handle ? sqlite3_system_errno(database->handle) : 0);
    }
}

enum gh_status gh_database_failure(const struct gh_database *database, const char *what,
                                   struct gh_error *error)
{
    const int code =
        database->handle ? sqlite3_extended_errcode(database->handle) : SQLITE_NOMEM;
    const int system = database->handle ? sqlite3_system_errno(database->handle) : 0;
    const bool told = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;

    return gh_error_set(error, database_status(database, code), "%s: %s: %s%s%s",
                        database->name, what,
                        database->handle ? sqlite3_errmsg(database->handle) : "out of memory",
                        told && system ? ": " : "", told && system ? strerror(system) : "");
}

enum gh_status gh_database_run(struct gh_database *database, const char *sql,
                               struct gh_error *error)
{
    if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return gh_database_failure(database, "cannot be read or written", error);
    return GH_OK;
}

/* What answers with a number. */
static enum gh_status database_ask(struct gh_database *database, const char *sql,
                                   int64_t *value, struct gh_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    enum gh_status status = GH_OK;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    else
        status = gh_database_failure(database, "cannot be read", error);
    sqlite3_finalize(statement);
    return status;
}

/* *empty: nothing of ours is in it yet, perhaps because making it was interrupted. */
static enum gh_status database_recognise(struct gh_database *database, bool *empty,
                                         struct gh_error *error)
{
    int64_t tables = 0, mark = 0, format = 0;
    enum gh_status status =
        database_ask(database, "SELECT count(*) FROM sqlite_schema", &tables, error);

    if (status == GH_OK)
        status = database_ask(database, "PRAGMA application_id", &mark, error);
    if (status == GH_OK)
        status = database_ask(database, "PRAGMA user_version", &format, error);
    *empty = tables == 0 && mark == 0 && format == 0;
    if (status != GH_OK || *empty)
        return status;
    if (mark != (int64_t)database->kind->mark)
        return gh_error_set(error, GH_EFORMAT, "%s: is not a database of this kind",
                            database->name);
    if (format != (int64_t)database->kind->format)
        return gh_error_set(error, GH_EFORMAT,
                            "%s: has format %lld: this program reads format %u", database->name,
                            (long long)format, database->kind->format);
    return GH_OK;
}

static enum gh_status database_create(struct gh_database *database, struct gh_error *error)
{
    char marks[96];
    enum gh_status status = gh_database_run(database, "BEGIN IMMEDIATE", error);

    snprintf(marks, sizeof(marks), "PRAGMA application_id = %u; PRAGMA user_version = %u",
             database->kind->mark, database->kind->format);
    if (status == GH_OK)
        status = gh_database_run(database, marks, error);
    if (status == GH_OK)
        status = gh_database_run(database, database->kind->schema, error);
    return gh_database_end(database, status, error);
}

static int wal_grew(void *context, sqlite3 *handle, const char *schema, int pages)
{
    struct gh_database *database = context;

    (void)handle;
    (void)schema;
    database->wal_pages = pages;
    return SQLITE_OK;
}

/* mmap stays off: an error of the disk would be a signal. */
static enum gh_status database_set_up(struct gh_database *database, enum gh_database_use use,
                                      struct gh_error *error)
{
    static const char always[] = "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
                                 "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";
    static const char *const by_use[] = {
        [GH_DATABASE_READ] = "",
        [GH_DATABASE_WRITE] = "PRAGMA page_size = " DATABASE_PAGE_SIZE
                              "; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
        [GH_DATABASE_MAKE] = "PRAGMA page_size = " DATABASE_PAGE_SIZE
                             "; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL",
    };
    bool empty;
    enum gh_status status = gh_database_run(database, always, error);

    if (status == GH_OK)
        status = database_recognise(database, &empty, error);
    if (status == GH_OK)
        status = gh_database_run(database, by_use[use], error);
    if (status == GH_OK && empty)
        status = use == GH_DATABASE_READ
                     ? gh_error_set(error, GH_EFORMAT, "%s: is empty", database->name)
                     : database_create(database, error);
    return status;
}

static enum gh_status database_prepare(struct gh_database *database, struct gh_error *error)
{
    const struct gh_database_kind *kind = database->kind;

    assert(kind->statement_count <= GH_STATEMENTS_MAX);
    for (size_t i = 0; i < kind->statement_count; i++)
        if (sqlite3_prepare_v3(database->handle, kind->statement[i], -1,
                               SQLITE_PREPARE_PERSISTENT, &database->statement[i],
                               NULL) != SQLITE_OK)
            return gh_database_failure(database, "is not made as it should be", error);
    return GH_OK;
}

static void database_disconnect(struct gh_database *database, bool write_back)
{
    for (size_t i = 0; i < GH_STATEMENTS_MAX; i++) {
        sqlite3_finalize(database->statement[i]);
        database->statement[i] = NULL;
    }
    if (database->handle)
        sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !write_back,
                          NULL);
    sqlite3_close(database->handle);
    database->handle = NULL;
}

/* SQLite would make the file readable to all. */
static enum gh_status file_touch(const char *path, struct gh_error *error)
{
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file >= 0)
        close(file);
    else if (errno != EEXIST)
        return gh_error_set(error, gh_errno_status(errno), "%s: cannot be made: %s", path,
                            strerror(errno));
    return GH_OK;
}

static enum gh_status database_connect(struct gh_database *database, enum gh_database_use use,
                                       struct gh_error *error)
{
    const int flags = (use == GH_DATABASE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    enum gh_status status = GH_OK;

    if (sqlite3_open_v2(database->path, &database->handle, flags, database->vfs) != SQLITE_OK)
        status = gh_database_failure(database, "cannot be opened", error);
    if (status == GH_OK) {
        sqlite3_busy_timeout(database->handle, DATABASE_BUSY_MS);
        sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        status = database_set_up(database, use, error);
    }
    if (status == GH_OK)
        status = database_prepare(database, error);
    if (status == GH_OK && use == GH_DATABASE_WRITE)
        sqlite3_wal_hook(database->handle, wal_grew, database);
    if (status != GH_OK)
        database_disconnect(database, false);
    return status;
}

enum gh_status gh_database_open(struct gh_database *database, const char *path,
                                enum gh_database_use use, const struct gh_database_kind *kind,
                                struct gh_error *error)
{
    const char *vfs = database->vfs;
    enum gh_status status = GH_OK;

    *database = (struct gh_database){
        .kind = kind, .path = strdup(path), .vfs = vfs, .reader = use == GH_DATABASE_READ};
    if (!database->path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    database->name = strrchr(database->path, '/');
    database->name = database->name ? database->name + 1 : database->path;
    if (!database->reader)
        status = file_touch(path, error);
    if (status == GH_OK)
        status = database_connect(database, use, error);
    if (status != GH_OK)
        gh_database_close(database);
    return status;
}

enum gh_status gh_database_open_in(struct gh_database *database, const char *folder,
                                   enum gh_database_use use,
                                   const struct gh_database_kind *kind, struct gh_error *error)
{
    char *path = gh_path_join(folder, kind->file);
    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", kind->file);
    const enum gh_status status = gh_database_open(database, path, use, kind, error);
    free(path);
    return status;
}

void gh_database_close(struct gh_database *database)
{
    const char *vfs = database->vfs;

    database_disconnect(database, !database->reader && !database->broken);
    free(database->path);
    *database = (struct gh_database){.vfs = vfs};
}

enum gh_status gh_database_step(struct gh_database *database, size_t statement,
                                const char *what, bool *row, struct gh_error *error)
{
    const int code = sqlite3_step(database->statement[statement]);

    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return GH_OK;
    return gh_database_failure(database, what, error);
}

void gh_database_reset(struct gh_database *database, size_t statement)
{
    sqlite3_reset(database->statement[statement]);
    sqlite3_clear_bindings(database->statement[statement]);
}

enum gh_status gh_database_do(struct gh_database *database, size_t statement, const char *what,
                              struct gh_error *error)
{
    bool row;
    const enum gh_status status = gh_database_step(database, statement, what, &row, error);

    gh_database_reset(database, statement);
    return status;
}

enum gh_status gh_database_begin(struct gh_database *database, struct gh_error *error)
{
    enum gh_status status;

    assert(database->handle && !database->broken);
    status = gh_database_run(database, "BEGIN IMMEDIATE", error);
    if (status != GH_OK)
        return gh_database_end(database, status, error);
    return GH_OK;
}

enum gh_status gh_database_end(struct gh_database *database, enum gh_status status,
                               struct gh_error *error)
{
    if (status == GH_OK) {
        status = gh_database_run(database, "COMMIT", error);
        database->broken = status != GH_OK;
    }
    if (status == GH_OK)
        return GH_OK;
    if (!sqlite3_get_autocommit(database->handle) &&
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        database->broken = true;
    if (status == GH_EIO || status == GH_EFULL || status == GH_EMEMORY)
        database->broken = true;
    return status;
}

/* A commit whose sync failed has left frames in the WAL that no reader of this process sees,
 * but that whoever opens the file next may find whole. They stand where the next commit is
 * written: one that changes nothing takes their place, and what stood before them was synced
 * when it was committed. Only then is it safe to close and to look anew. */
static enum gh_status database_overwrite(struct gh_database *database, struct gh_error *error)
{
    char sql[96];
    enum gh_status status;

    if (!sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    snprintf(sql, sizeof(sql), "BEGIN IMMEDIATE; PRAGMA user_version = %u",
             database->kind->format);
    status = gh_database_run(database, sql, error);
    return gh_database_end(database, status, error);
}

enum gh_status gh_database_recover(struct gh_database *database, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    if (database->handle && !database->overwritten) {
        status = database_overwrite(database, error);
        database->broken = true;
        if (status != GH_OK)
            return status;
        database->overwritten = true;
    }
    if (database->handle)
        database_disconnect(database, false);
    status = database_connect(database, GH_DATABASE_WRITE, error);
    if (status != GH_OK)
        return status;
    database->broken = database->overwritten = false;
    /* What is left of the failed write goes, or verification takes it for something lost. */
    gh_database_checkpoint(database, true);
    return GH_OK;
}

bool gh_database_checkpoint(struct gh_database *database, bool all)
{
    const int mode = all ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;

    return sqlite3_wal_checkpoint_v2(database->handle, "main", mode, NULL, NULL) == SQLITE_OK;
}

void gh_bind_number(sqlite3_stmt *statement, int index, uint64_t number)
{
    sqlite3_bind_int64(statement, index, (int64_t)number);
}

/* A NULL pointer would be bound as NULL, which is not the empty text. */
void gh_bind_text(sqlite3_stmt *statement, int index, struct gh_text text)
{
    sqlite3_bind_text64(statement, index, text.at ? text.at : "", text.size, SQLITE_STATIC,
                        SQLITE_UTF8);
}

void gh_bind_blob(sqlite3_stmt *statement, int index, const void *at, size_t size)
{
    sqlite3_bind_blob64(statement, index, at, size, SQLITE_STATIC);
}

uint64_t gh_column_number(sqlite3_stmt *statement, int index)
{
    return (uint64_t)sqlite3_column_int64(statement, index);
}

struct gh_text gh_column_text(sqlite3_stmt *statement, int index)
{
    const char *at = (const char *)sqlite3_column_text(statement, index);

    return (struct gh_text){at ? at : "", (uint32_t)sqlite3_column_bytes(statement, index)};
}

bool gh_column_bytes(sqlite3_stmt *statement, int index, unsigned char *bytes, size_t size)
{
    const void *at = sqlite3_column_blob(statement, index);

    if (!at || (size_t)sqlite3_column_bytes(statement, index) != size)
        return false;
    memcpy(bytes, at, size);
    return true;
}
