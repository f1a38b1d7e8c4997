/* log_row.c - see log_row.h. */
#include "store/log_row.h"

#include <stdlib.h>
#include <string.h>

void gh_run_checksum(const struct gh_tail *before, const struct gh_run *run,
                     unsigned char checksum[GH_CHECKSUM_BYTES])
{
    struct gh_checksum sum;

    gh_checksum_begin(&sum);
    gh_checksum_bytes(&sum, before->checksum, sizeof(before->checksum));
    gh_checksum_number(&sum, run->first);
    gh_checksum_number(&sum, run->count);
    gh_checksum_number(&sum, run->kind);
    gh_checksum_number(&sum, (uint64_t)run->newest_ms);
    gh_checksum_text(&sum, run->owner);
    gh_checksum_number(&sum, run->raw_size);
    gh_checksum_bytes(&sum, run->raw, run->raw_size);
    gh_checksum_end(&sum, checksum);
}

void gh_row_reader_free(struct gh_row_reader *reader)
{
    ZSTD_freeDCtx(reader->context);
    free(reader->raw);
    *reader = (struct gh_row_reader){0};
}

static enum gh_status row_make_room(struct gh_row_reader *reader, size_t size)
{
    if (!reader->context && !(reader->context = ZSTD_createDCtx()))
        return GH_EMEMORY;
    if (reader->raw_size < size) {
        char *moved = realloc(reader->raw, size);
        if (!moved)
            return GH_EMEMORY;
        reader->raw = moved;
        reader->raw_size = size;
    }
    return GH_OK;
}

/* Everything but the body. NULL, or what is wrong. */
static const char *row_fields(struct gh_row_reader *reader, sqlite3_stmt *statement)
{
    const uint64_t count = gh_column_number(statement, 1);
    const uint64_t kind = gh_column_number(statement, 2);
    const struct gh_text owner = gh_column_text(statement, 3);
    const uint64_t size = gh_column_number(statement, 5);

    memset(reader->checksum, 0, sizeof(reader->checksum));
    reader->run = (struct gh_run){.first = gh_column_number(statement, 0),
                                  .count = (uint32_t)count,
                                  .kind = (uint32_t)kind,
                                  .newest_ms = (int64_t)gh_column_number(statement, 4),
                                  .raw_size = size};
    if (!gh_column_bytes(statement, 6, reader->checksum, sizeof(reader->checksum)))
        return "the checksum is not one";
    if (count < 1 || count > UINT32_MAX || kind > UINT32_MAX ||
        owner.size > GH_STRING_BYTES_MAX)
        return "the fields are not what was written";
    if (size < 1 || size > GH_RUN_BYTES_MAX)
        return "the size is not what was written";
    memcpy(reader->owner, owner.at, owner.size);
    reader->run.owner = (struct gh_text){reader->owner, owner.size};
    return NULL;
}

/* Several frames in a row are read as one; the size says that there are neither more nor fewer
 * than were written. */
static bool row_unpack(struct gh_row_reader *reader, sqlite3_stmt *statement)
{
    const void *body = sqlite3_column_blob(statement, 7);
    const int size = sqlite3_column_bytes(statement, 7);

    return body && ZSTD_decompressDCtx(reader->context, reader->raw, reader->run.raw_size, body,
                                       (size_t)size) == reader->run.raw_size;
}

enum gh_status gh_row_read(struct gh_row_reader *reader, sqlite3_stmt *statement,
                           const struct gh_tail *before, const char **problem)
{
    unsigned char checksum[GH_CHECKSUM_BYTES];

    *problem = row_fields(reader, statement);
    if (*problem)
        return GH_EFORMAT;
    if (row_make_room(reader, reader->run.raw_size) != GH_OK)
        return GH_EMEMORY;
    reader->run.raw = reader->raw;
    if (!row_unpack(reader, statement)) {
        *problem = "the body cannot be unpacked";
        return GH_EFORMAT;
    }
    gh_run_checksum(before, &reader->run, checksum);
    if (memcmp(checksum, reader->checksum, sizeof(checksum)) != 0) {
        *problem = "the checksum does not fit the row and the one before it";
        return GH_EFORMAT;
    }
    return GH_OK;
}
