/* log_cursor.c - reading the log in order; see log.h. */
#include "store/log_segment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct gh_log_cursor {
    char *folder, *vfs;
    uint64_t from; /* asked for */
    struct gh_database segment;
    uint64_t first;        /* position that the segment begins with */
    struct gh_tail before; /* what was read last */
    struct gh_row_reader row;
};

/* The newest segment that begins at or before a position, and the one behind it. */
struct place {
    bool any, found, more;
    uint64_t oldest, first, next;
};

static enum gh_status place_find(const char *folder, uint64_t position, struct place *place,
                                 struct gh_error *error)
{
    struct gh_positions segments;
    const enum gh_status status = gh_folder_list(folder, &gh_segment_files, &segments, error);

    *place = (struct place){0};
    if (status != GH_OK)
        return status;
    for (size_t i = 0; i < segments.count; i++) {
        const uint64_t first = segments.position[i];
        if (i == 0)
            place->oldest = first;
        place->any = true;
        if (first <= position) {
            place->found = true;
            place->first = first;
        } else if (!place->more) {
            place->more = true;
            place->next = first;
        }
    }
    free(segments.position);
    return GH_OK;
}

enum gh_status gh_log_oldest(const char *folder, uint64_t *position, struct gh_error *error)
{
    struct place place;
    const enum gh_status status = place_find(folder, 0, &place, error);

    if (status == GH_OK && !place.any)
        return gh_error_set(error, GH_EFORMAT, "%s: there is no log", folder);
    *position = place.oldest;
    return status;
}

static enum gh_status segment_enter(struct gh_log_cursor *cursor, uint64_t first,
                                    struct gh_tail *head, struct gh_error *error)
{
    enum gh_status status =
        gh_segment_open(&cursor->segment, cursor->folder, first, GH_DATABASE_READ, error);

    if (status == GH_OK)
        status = gh_segment_head(&cursor->segment, head, error);
    if (status == GH_OK && head->next != first)
        status = gh_error_set(error, GH_EFORMAT, "%s: begins at another position than its name",
                              cursor->segment.name);
    if (status != GH_OK)
        gh_database_close(&cursor->segment);
    else
        cursor->first = first;
    return status;
}

/* Puts the cursor before the run that holds `position`, in the segment that is open. */
static enum gh_status cursor_seek(struct gh_log_cursor *cursor, uint64_t position,
                                  struct gh_error *error)
{
    struct gh_database *segment = &cursor->segment;
    bool row = false;
    enum gh_status status;

    gh_bind_number(segment->statement[GH_SEGMENT_HOLDING], 1, position);
    status = gh_database_step(segment, GH_SEGMENT_HOLDING, "runs: cannot be read", &row, error);
    if (row)
        cursor->before.next = gh_column_number(segment->statement[GH_SEGMENT_HOLDING], 0);
    gh_database_reset(segment, GH_SEGMENT_HOLDING);
    if (status != GH_OK || !row)
        return status;
    gh_bind_number(segment->statement[GH_SEGMENT_BEFORE], 1, cursor->before.next);
    status = gh_database_step(segment, GH_SEGMENT_BEFORE, "runs: cannot be read", &row, error);
    if (row && !gh_column_bytes(segment->statement[GH_SEGMENT_BEFORE], 0,
                                cursor->before.checksum, sizeof(cursor->before.checksum)))
        status = gh_error_set(error, GH_EFORMAT,
                              "%s: before position %" PRIu64 ": the checksum is not one",
                              segment->name, cursor->before.next);
    gh_database_reset(segment, GH_SEGMENT_BEFORE);
    return status;
}

enum gh_status gh_log_cursor_open(struct gh_log_cursor **cursor, const char *folder,
                                  const char *vfs, uint64_t position, struct gh_error *error)
{
    struct gh_log_cursor *made = calloc(1, sizeof(*made));
    struct place place;
    enum gh_status status;

    if (!made || !(made->folder = strdup(folder)) || (vfs && !(made->vfs = strdup(vfs)))) {
        gh_log_cursor_close(made);
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    }
    made->segment.vfs = made->vfs;
    made->from = position;
    status = place_find(folder, position, &place, error);
    if (status == GH_OK && !place.any)
        status = gh_error_set(error, GH_EFORMAT, "%s: there is no log", folder);
    if (status == GH_OK && !place.found)
        status = gh_error_set(error, GH_EFORMAT,
                              "%s: position %" PRIu64 ": the log begins at %" PRIu64, folder,
                              position, place.oldest);
    if (status == GH_OK)
        status = segment_enter(made, place.first, &made->before, error);
    if (status == GH_OK)
        status = cursor_seek(made, position, error);
    if (status == GH_OK)
        *cursor = made;
    else
        gh_log_cursor_close(made);
    return status;
}

void gh_log_cursor_close(struct gh_log_cursor *cursor)
{
    if (!cursor)
        return;
    gh_database_close(&cursor->segment);
    gh_row_reader_free(&cursor->row);
    free(cursor->folder);
    free(cursor->vfs);
    free(cursor);
}

uint64_t gh_log_cursor_position(const struct gh_log_cursor *cursor)
{
    return cursor->before.next;
}

/* The row behind what was read last, in the segment that is open. */
static enum gh_status row_take(struct gh_log_cursor *cursor, bool *found,
                               struct gh_error *error)
{
    sqlite3_stmt *statement = cursor->segment.statement[GH_SEGMENT_RUN];
    const struct gh_run *run = &cursor->row.run;
    const char *problem = "the run before it ends elsewhere";
    enum gh_status status;

    gh_bind_number(statement, 1, cursor->before.next);
    status = gh_database_step(&cursor->segment, GH_SEGMENT_RUN, "runs: cannot be read", found,
                              error);
    if (status == GH_OK && *found) {
        status = gh_row_read(&cursor->row, statement, &cursor->before, &problem);
        if (status == GH_OK && run->first != cursor->before.next)
            status = GH_EFORMAT;
        if (status == GH_EFORMAT)
            gh_error_set(error, status, "%s: position %" PRIu64 ": %s", cursor->segment.name,
                         cursor->before.next, problem);
        else if (status != GH_OK)
            gh_error_set(error, status, "log: out of memory");
    }
    if (status == GH_OK && *found) {
        cursor->before.next += run->count;
        memcpy(cursor->before.checksum, cursor->row.checksum, sizeof(cursor->row.checksum));
    }
    gh_database_reset(&cursor->segment, GH_SEGMENT_RUN);
    return status;
}

/* Once a newer segment is there, this one gets no more: what was added until then is seen
 * by looking again. */
static enum gh_status segment_pass(struct gh_log_cursor *cursor, uint64_t next, bool *found,
                                   struct gh_error *error)
{
    struct gh_tail head;
    enum gh_status status = row_take(cursor, found, error);

    if (status != GH_OK || *found)
        return status;
    if (next != cursor->before.next)
        return gh_error_set(error, GH_EFORMAT,
                            "%s: position %" PRIu64 ": missing, with all up to %" PRIu64,
                            cursor->folder, cursor->before.next, next);
    gh_database_close(&cursor->segment);
    status = segment_enter(cursor, next, &head, error);
    if (status == GH_OK &&
        memcmp(head.checksum, cursor->before.checksum, sizeof(head.checksum)) != 0)
        return gh_error_set(error, GH_EFORMAT, "%s: does not go on from the segment before it",
                            cursor->segment.name);
    return status;
}

static enum gh_status cursor_advance(struct gh_log_cursor *cursor, bool *found, bool *more,
                                     struct gh_error *error)
{
    struct place place;
    struct gh_tail ignored;
    enum gh_status status = GH_OK;

    *more = true;
    if (!cursor->segment.handle)
        status = segment_enter(cursor, cursor->first, &ignored, error);
    if (status == GH_OK)
        status = row_take(cursor, found, error);
    if (status != GH_OK || *found)
        return status;
    status = place_find(cursor->folder, cursor->first, &place, error);
    if (status != GH_OK)
        return status;
    *more = place.more;
    return place.more ? segment_pass(cursor, place.next, found, error) : GH_OK;
}

enum gh_status gh_log_cursor_next(struct gh_log_cursor *cursor, const struct gh_run **run,
                                  struct gh_error *error)
{
    enum gh_status status = GH_OK;
    bool found = false, more = true;

    *run = NULL;
    while (status == GH_OK && more && !*run) {
        status = cursor_advance(cursor, &found, &more, error);
        if (status == GH_OK && found && cursor->before.next > cursor->from)
            *run = &cursor->row.run;
    }
    if (status == GH_OK && !*run)
        gh_database_close(&cursor->segment);
    return status;
}
