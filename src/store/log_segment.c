/* log_segment.c - see log_segment.h. */
#include "store/log_segment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct gh_file_kind gh_segment_files = {"log-", ".db"};
static const char *const parts[] = {"", "-wal", "-shm"};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static const char schema[] =
    "CREATE TABLE segment (id INTEGER PRIMARY KEY CHECK (id = 0), first INTEGER NOT NULL,"
    " previous BLOB NOT NULL, checksum BLOB NOT NULL) STRICT;"
    "CREATE TABLE run (first INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, owner TEXT NOT NULL, newest_ms INTEGER NOT NULL,"
    " raw_size INTEGER NOT NULL, checksum BLOB NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE mark (owner TEXT NOT NULL, stream BLOB NOT NULL, sequence INTEGER NOT NULL,"
    " used INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (owner, stream))"
    " STRICT, WITHOUT ROWID";

static const char *const statements[GH_SEGMENT_STATEMENTS] = {
    [GH_SEGMENT_HEAD] = "SELECT first, previous, checksum FROM segment",
    [GH_SEGMENT_LAST] = "SELECT first, count, checksum FROM run ORDER BY first DESC LIMIT 1",
    [GH_SEGMENT_RUN] = "SELECT " GH_ROW_COLUMNS " FROM run WHERE first >= ?1"
                       " ORDER BY first LIMIT 1",
    [GH_SEGMENT_RUNS] = "SELECT " GH_ROW_COLUMNS " FROM run ORDER BY first",
    [GH_SEGMENT_HOLDING] = "SELECT first FROM run WHERE first <= ?1"
                           " ORDER BY first DESC LIMIT 1",
    [GH_SEGMENT_BEFORE] = "SELECT checksum FROM run WHERE first < ?1"
                          " ORDER BY first DESC LIMIT 1",
    [GH_SEGMENT_NEWEST] = "SELECT max(newest_ms) FROM run",
    [GH_SEGMENT_PAGES] = "SELECT page_count * page_size"
                         " FROM pragma_page_count(), pragma_page_size()",
    [GH_SEGMENT_INSERT] = "INSERT INTO run (" GH_ROW_COLUMNS ")"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [GH_SEGMENT_MARK] = "SELECT sequence FROM mark WHERE owner = ?1 AND stream = ?2",
    [GH_SEGMENT_MARK_SET] =
        "INSERT INTO mark (owner, stream, sequence, used, checksum)"
        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (owner, stream) DO UPDATE SET"
        " sequence = excluded.sequence, used = excluded.used, checksum = excluded.checksum"
        " WHERE excluded.sequence >= mark.sequence",
    [GH_SEGMENT_MARKS] = "SELECT owner, stream, sequence, used, checksum FROM mark"
                         " ORDER BY used DESC, owner, stream",
};

const struct gh_database_kind gh_segment_kind = {.mark = 0x67686c67, /* ghlg */
                                                 .format = 1,
                                                 .schema = schema,
                                                 .statement = statements,
                                                 .statement_count = GH_SEGMENT_STATEMENTS};

static void head_checksum(const struct gh_tail *head, unsigned char checksum[GH_CHECKSUM_BYTES])
{
    struct gh_checksum sum;

    gh_checksum_begin(&sum);
    gh_checksum_number(&sum, head->next);
    gh_checksum_bytes(&sum, head->checksum, sizeof(head->checksum));
    gh_checksum_end(&sum, checksum);
}

enum gh_status gh_segment_head(struct gh_database *segment, struct gh_tail *head,
                               struct gh_error *error)
{
    sqlite3_stmt *statement = segment->statement[GH_SEGMENT_HEAD];
    unsigned char wanted[GH_CHECKSUM_BYTES], stored[GH_CHECKSUM_BYTES];
    bool row;
    enum gh_status status =
        gh_database_step(segment, GH_SEGMENT_HEAD, "head: cannot be read", &row, error);

    if (status == GH_OK) {
        bool fits = row;
        head->next = gh_column_number(statement, 0);
        fits = fits && gh_column_bytes(statement, 1, head->checksum, sizeof(head->checksum)) &&
               gh_column_bytes(statement, 2, stored, sizeof(stored));
        head_checksum(head, wanted);
        if (!fits || memcmp(wanted, stored, sizeof(wanted)) != 0)
            status = gh_error_set(error, GH_EFORMAT, "%s: head: the checksum does not fit",
                                  segment->name);
    }
    gh_database_reset(segment, GH_SEGMENT_HEAD);
    return status;
}

enum gh_status gh_segment_tail(struct gh_database *segment, struct gh_tail *tail,
                               struct gh_error *error)
{
    sqlite3_stmt *statement = segment->statement[GH_SEGMENT_LAST];
    enum gh_status status = gh_segment_head(segment, tail, error);
    bool row = false;

    if (status == GH_OK)
        status = gh_database_step(segment, GH_SEGMENT_LAST, "newest run: cannot be read", &row,
                                  error);
    if (status == GH_OK && row) {
        tail->next = gh_column_number(statement, 0) + gh_column_number(statement, 1);
        if (!gh_column_bytes(statement, 2, tail->checksum, sizeof(tail->checksum)))
            status = gh_error_set(error, GH_EFORMAT, "%s: newest run: the checksum is not one",
                                  segment->name);
    }
    gh_database_reset(segment, GH_SEGMENT_LAST);
    return status;
}

static void mark_checksum(const struct gh_mark_row *row,
                          unsigned char checksum[GH_CHECKSUM_BYTES])
{
    struct gh_checksum sum;

    gh_checksum_begin(&sum);
    gh_checksum_text(&sum, row->mark.owner);
    gh_checksum_bytes(&sum, row->mark.stream, sizeof(row->mark.stream));
    gh_checksum_number(&sum, row->mark.sequence);
    gh_checksum_number(&sum, row->used);
    gh_checksum_end(&sum, checksum);
}

enum gh_status gh_mark_write(struct gh_database *segment, const struct gh_mark_row *row,
                             struct gh_error *error)
{
    sqlite3_stmt *statement = segment->statement[GH_SEGMENT_MARK_SET];
    unsigned char checksum[GH_CHECKSUM_BYTES];

    mark_checksum(row, checksum);
    gh_bind_text(statement, 1, row->mark.owner);
    gh_bind_blob(statement, 2, row->mark.stream, sizeof(row->mark.stream));
    gh_bind_number(statement, 3, row->mark.sequence);
    gh_bind_number(statement, 4, row->used);
    gh_bind_blob(statement, 5, checksum, sizeof(checksum));
    return gh_database_do(segment, GH_SEGMENT_MARK_SET, "mark of a stream", error);
}

bool gh_mark_read(struct gh_database *segment, struct gh_mark_row *row)
{
    sqlite3_stmt *statement = segment->statement[GH_SEGMENT_MARKS];
    unsigned char wanted[GH_CHECKSUM_BYTES], stored[GH_CHECKSUM_BYTES];

    *row = (struct gh_mark_row){.mark.owner = gh_column_text(statement, 0),
                                .mark.sequence = gh_column_number(statement, 2),
                                .used = gh_column_number(statement, 3)};
    if (!gh_column_bytes(statement, 1, row->mark.stream, sizeof(row->mark.stream)) ||
        !gh_column_bytes(statement, 4, stored, sizeof(stored)))
        return false;
    mark_checksum(row, wanted);
    return !memcmp(wanted, stored, sizeof(wanted));
}

static enum gh_status marks_copy(struct gh_segment_start *start, struct gh_database *fresh,
                                 struct gh_error *error)
{
    struct gh_database *old = start->old;
    enum gh_status status = GH_OK;
    struct gh_mark_row row;
    uint64_t seen = 0;
    bool more = true;

    while (status == GH_OK && more) {
        status = gh_database_step(old, GH_SEGMENT_MARKS, "marks: cannot be read", &more, error);
        if (status != GH_OK || !more || seen++ >= start->streams)
            continue;
        status =
            gh_mark_read(old, &row)
                ? gh_mark_write(fresh, &row, error)
                : gh_error_set(error, GH_EFORMAT,
                               "%s: mark of a stream: the checksum does not fit", old->name);
    }
    gh_database_reset(old, GH_SEGMENT_MARKS);
    start->forgotten = seen > start->streams ? seen - start->streams : 0;
    return status;
}

static enum gh_status head_write(struct gh_database *fresh, const struct gh_tail *head,
                                 struct gh_error *error)
{
    static const char sql[] = "INSERT INTO segment VALUES (0, ?1, ?2, ?3)";
    unsigned char checksum[GH_CHECKSUM_BYTES];
    sqlite3_stmt *statement = NULL;
    enum gh_status status = GH_OK;

    head_checksum(head, checksum);
    if (sqlite3_prepare_v2(fresh->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return gh_database_failure(fresh, "head: cannot be written", error);
    gh_bind_number(statement, 1, head->next);
    gh_bind_blob(statement, 2, head->checksum, sizeof(head->checksum));
    gh_bind_blob(statement, 3, checksum, sizeof(checksum));
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = gh_database_failure(fresh, "head: cannot be written", error);
    sqlite3_finalize(statement);
    return status;
}

static enum gh_status segment_fill(struct gh_segment_start *start, struct gh_database *fresh,
                                   struct gh_error *error)
{
    enum gh_status status = gh_database_begin(fresh, error);

    if (status != GH_OK)
        return status;
    status = head_write(fresh, start->tail, error);
    if (status == GH_OK && start->old)
        status = marks_copy(start, fresh, error);
    return gh_database_end(fresh, status, error);
}

enum gh_status gh_segment_make(struct gh_segment_start *start, struct gh_error *error)
{
    struct gh_database fresh = {.vfs = start->vfs};
    char name[GH_FILE_NAME_SIZE], part[GH_FILE_NAME_SIZE + 8];
    char *path, *unfinished;
    enum gh_status status = GH_EMEMORY;

    start->forgotten = 0;
    gh_file_name(&gh_segment_files, start->tail->next, name);
    snprintf(part, sizeof(part), "%s.part", name);
    path = gh_path_join(start->folder, name);
    unfinished = gh_path_join(start->folder, part);
    if (!path || !unfinished) {
        gh_error_set(error, status, "%s: out of memory", start->folder);
    } else {
        unlink(unfinished); /* of an earlier try */
        status =
            gh_database_open(&fresh, unfinished, GH_DATABASE_MAKE, &gh_segment_kind, error);
        if (status == GH_OK)
            status = segment_fill(start, &fresh, error);
        if (status == GH_OK)
            status = gh_database_run(&fresh, "PRAGMA journal_mode = WAL", error);
        gh_database_close(&fresh);
        if (status == GH_OK && rename(unfinished, path) != 0)
            status = gh_error_set(error, gh_errno_status(errno), "%s: cannot be made: %s", path,
                                  strerror(errno));
        if (status == GH_OK)
            status = gh_folder_sync(start->folder, error);
        else
            unlink(unfinished);
    }
    free(path);
    free(unfinished);
    return status;
}

/* "FOLDER/log-POSITION.db" with what SQLite puts behind; the caller frees it. */
static char *segment_path(const char *folder, uint64_t first, const char *part)
{
    char name[GH_FILE_NAME_SIZE], whole[GH_FILE_NAME_SIZE + 8];

    gh_file_name(&gh_segment_files, first, name);
    snprintf(whole, sizeof(whole), "%s%s", name, part);
    return gh_path_join(folder, whole);
}

enum gh_status gh_segment_open(struct gh_database *segment, const char *folder, uint64_t first,
                               enum gh_database_use use, struct gh_error *error)
{
    char *path = segment_path(folder, first, "");
    enum gh_status status;

    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    status = gh_database_open(segment, path, use, &gh_segment_kind, error);
    free(path);
    return status;
}

/* Any mode but WAL makes it a single file. In this one the switch itself has its journal in
 * memory: were it interrupted, a journal on the disk would have to be played back by whoever
 * only wants to read. All that changes stands in the first sector. */
bool gh_segment_seal(struct gh_database *segment)
{
    sqlite3_stmt *statement = NULL;
    bool sealed = false;
    char *path = strdup(segment->path);

    sqlite3_busy_timeout(segment->handle, 0);
    if (path && gh_database_checkpoint(segment, true) &&
        sqlite3_prepare_v2(segment->handle, "PRAGMA journal_mode = MEMORY", -1, &statement,
                           NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        sealed = !strcmp(gh_column_text(statement, 0).at, "memory");
    sqlite3_finalize(statement);
    gh_database_close(segment);
    if (sealed)
        sealed = chmod(path, 0400) == 0;
    free(path);
    return sealed;
}

bool gh_segment_unsealed(const char *folder, uint64_t first)
{
    enum { FORMAT_AT = 18, FORMAT_WAL = 2 };
    char *path = segment_path(folder, first, "");
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    unsigned char format = 0;
    const bool read = file >= 0 && pread(file, &format, 1, FORMAT_AT) == 1;

    if (file >= 0)
        close(file);
    free(path);
    return read && format == FORMAT_WAL;
}

uint64_t gh_segment_bytes(const char *folder, uint64_t first)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < PARTS; i++) {
        char *path = segment_path(folder, first, parts[i]);
        struct stat state;
        if (path && stat(path, &state) == 0)
            bytes += (uint64_t)state.st_size;
        free(path);
    }
    return bytes;
}

/* The database goes first: without it, its WAL is nothing. */
enum gh_status gh_segment_remove(const char *folder, uint64_t first, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    for (size_t i = 0; i < PARTS; i++) {
        char *path = segment_path(folder, first, parts[i]);
        if (!path)
            status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
        else if (unlink(path) != 0 && errno != ENOENT)
            status =
                gh_error_set(error, GH_EIO, "%s: cannot be removed: %s", path, strerror(errno));
        free(path);
    }
    return status;
}
