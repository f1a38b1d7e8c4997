/* log.c - see log.h: opening, appending, the next segment, going on after a failure. */
#include "store/log.h"

#include "store/log_inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gh_file_kind unfinished_files[] = {
    {"log-", ".db.part"}, {"log-", ".db.part-wal"}, {"log-", ".db.part-shm"}};

static enum gh_status log_allocate(struct gh_log **log, const struct gh_log_setup *setup,
                                   struct gh_error *error)
{
    struct gh_log *made = calloc(1, sizeof(*made));

    *log = made;
    if (made) {
        made->lock = -1;
        made->newest = &made->slot[0];
        made->setup = *setup;
        made->setup.folder = strdup(setup->folder);
        made->setup.vfs = setup->vfs ? strdup(setup->vfs) : NULL;
        made->slot[0].vfs = made->slot[1].vfs = made->setup.vfs;
    }
    if (!made || !made->setup.folder || (setup->vfs && !made->setup.vfs) ||
        gh_packer_init(&made->packer, setup) != GH_OK)
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    return GH_OK;
}

/* Segments that were being closed when the process died. */
static enum gh_status unsealed_find(struct gh_log *log, struct gh_error *error)
{
    for (size_t i = 0; i + 1 < log->segments.count; i++)
        if (gh_segment_unsealed(log->setup.folder, log->segments.position[i]) &&
            !gh_positions_add(&log->unsealed, log->segments.position[i]))
            return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    return GH_OK;
}

/* Those that a reader holds stay for later. */
static void segments_seal(struct gh_log *log)
{
    size_t left = 0;

    for (size_t i = 0; i < log->unsealed.count; i++) {
        const uint64_t first = log->unsealed.position[i];
        struct gh_database old = {.vfs = log->setup.vfs};
        struct gh_error ignored = {0};

        if (gh_segment_open(&old, log->setup.folder, first, GH_DATABASE_WRITE, &ignored) !=
                GH_OK ||
            !gh_segment_seal(&old))
            log->unsealed.position[left++] = first;
    }
    log->unsealed.count = left;
}

/* Makes the segment that goes on from the tail, and lists it. */
static enum gh_status segment_start(struct gh_log *log, struct gh_database *old,
                                    struct gh_error *error)
{
    struct gh_segment_start start = {.folder = log->setup.folder,
                                     .vfs = log->setup.vfs,
                                     .tail = &log->tail,
                                     .old = old,
                                     .streams = log->setup.streams};
    enum gh_status status = gh_segment_make(&start, error);

    if (status != GH_OK)
        return status;
    if (!gh_positions_add(&log->segments, log->tail.next))
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    log->counters.streams_forgotten += start.forgotten;
    return GH_OK;
}

static uint64_t segments_last(const struct gh_log *log)
{
    return log->segments.position[log->segments.count - 1];
}

/* Opens the last segment in `slot`, whose head must be what its name says. */
static enum gh_status newest_open(struct gh_log *log, struct gh_database *slot,
                                  struct gh_error *error)
{
    const uint64_t first = segments_last(log);
    struct gh_tail head, tail;
    enum gh_status status =
        gh_segment_open(slot, log->setup.folder, first, GH_DATABASE_WRITE, error);

    if (status == GH_OK)
        status = gh_segment_head(slot, &head, error);
    if (status == GH_OK && head.next != first)
        status = gh_error_set(error, GH_EFORMAT, "%s: begins at another position than its name",
                              slot->name);
    if (status == GH_OK)
        status = gh_segment_tail(slot, &tail, error);
    if (status != GH_OK) {
        gh_database_close(slot);
        return status;
    }
    log->newest = slot;
    log->opened = first;
    log->tail = tail;
    return GH_OK;
}

enum gh_status gh_log_open(struct gh_log **log, const struct gh_log_setup *setup,
                           struct gh_error *error)
{
    struct gh_log *made;
    enum gh_status status = log_allocate(&made, setup, error);

    if (status == GH_OK)
        status = gh_folder_make(setup->folder, error);
    if (status == GH_OK)
        status = gh_folder_lock(setup->folder, &made->lock, error);
    if (status == GH_OK) {
        for (size_t i = 0; i < sizeof(unfinished_files) / sizeof(unfinished_files[0]); i++)
            gh_folder_sweep(setup->folder, &unfinished_files[i]);
        status = gh_folder_list(setup->folder, &gh_segment_files, &made->segments, error);
    }
    if (status == GH_OK && made->segments.count == 0)
        status = segment_start(made, NULL, error);
    if (status == GH_OK)
        status = unsealed_find(made, error);
    if (status == GH_OK)
        status = newest_open(made, &made->slot[0], error);
    if (status == GH_OK) {
        segments_seal(made);
        *log = made;
    } else {
        gh_log_close(made);
    }
    return status;
}

void gh_log_close(struct gh_log *log)
{
    if (!log)
        return;
    gh_database_close(&log->slot[0]);
    gh_database_close(&log->slot[1]);
    if (log->lock >= 0)
        close(log->lock);
    gh_packer_free(&log->packer);
    free(log->segments.position);
    free(log->unsealed.position);
    free((char *)log->setup.folder);
    free((char *)log->setup.vfs);
    free(log);
}

static enum gh_status log_recover(struct gh_log *log, struct gh_error *error)
{
    struct gh_tail durable;
    enum gh_status status = gh_database_recover(log->newest, error);

    if (status == GH_OK)
        status = gh_segment_tail(log->newest, &durable, error);
    if (status != GH_OK)
        return status;
    if (memcmp(&durable, &log->tail, sizeof(durable)) != 0)
        return gh_error_set(error, GH_EIO,
                            "%s: holds something else than was written: another program has "
                            "changed it",
                            log->newest->name);
    log->counters.reopened++;
    return GH_OK;
}

/* Whoever reads the old segment may keep it from being sealed; then it is for later. */
static enum gh_status segment_next(struct gh_log *log, struct gh_error *error)
{
    struct gh_database *old = log->newest;
    const uint64_t opened = log->opened;
    struct gh_database *fresh = old == &log->slot[0] ? &log->slot[1] : &log->slot[0];
    enum gh_status status = GH_OK;

    if (segments_last(log) != log->tail.next)
        status = segment_start(log, old, error);
    if (status == GH_OK)
        status = newest_open(log, fresh, error);
    if (status != GH_OK)
        return status;
    segments_seal(log);
    if (!gh_segment_seal(old) && !gh_positions_add(&log->unsealed, opened))
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    return GH_OK;
}

static enum gh_status segment_size(struct gh_log *log, uint64_t *bytes, struct gh_error *error)
{
    bool row;
    const enum gh_status status =
        gh_database_step(log->newest, GH_SEGMENT_PAGES, "size: cannot be read", &row, error);

    if (status == GH_OK)
        *bytes = gh_column_number(log->newest->statement[GH_SEGMENT_PAGES], 0);
    gh_database_reset(log->newest, GH_SEGMENT_PAGES);
    return status;
}

/* So that what is appended is known to be readable. */
static enum gh_status run_check(const struct gh_run *run, struct gh_error *error)
{
    uint64_t lines = 0;

    if (run->raw_size < 1 || run->raw_size > GH_RUN_BYTES_MAX)
        return gh_error_set(error, GH_EFORMAT, "log: run of %zu bytes: must be 1..%d",
                            run->raw_size, GH_RUN_BYTES_MAX);
    if (run->owner.size > GH_STRING_BYTES_MAX || run->count < 1)
        return gh_error_set(error, GH_EFORMAT,
                            "log: run of %u events and an owner of %u bytes: at least 1, at "
                            "most %d",
                            run->count, run->owner.size, GH_STRING_BYTES_MAX);
    if (run->kind != GH_RUN_EVENTS)
        return GH_OK;
    for (const char *at = run->raw, *end = at + run->raw_size; at < end; at++, lines++)
        if (!(at = memchr(at, '\n', (size_t)(end - at))))
            return gh_error_set(error, GH_EFORMAT, "log: a run must end with a whole line");
    if (lines != run->count)
        return gh_error_set(error, GH_EFORMAT, "log: run of %u events: has %llu lines",
                            run->count, (unsigned long long)lines);
    return GH_OK;
}

/* Writes one run behind the tail, which moves on. */
static enum gh_status run_write(struct gh_log *log, struct gh_run *run, struct gh_tail *tail,
                                struct gh_text body, struct gh_error *error)
{
    sqlite3_stmt *statement = log->newest->statement[GH_SEGMENT_INSERT];

    run->first = tail->next;
    gh_run_checksum(tail, run, tail->checksum);
    tail->next += run->count;
    gh_bind_number(statement, 1, run->first);
    gh_bind_number(statement, 2, run->count);
    gh_bind_number(statement, 3, run->kind);
    gh_bind_text(statement, 4, run->owner);
    gh_bind_number(statement, 5, (uint64_t)run->newest_ms);
    gh_bind_number(statement, 6, run->raw_size);
    gh_bind_blob(statement, 7, tail->checksum, sizeof(tail->checksum));
    gh_bind_blob(statement, 8, body.at, body.size);
    log->counters.body_bytes += body.size;
    log->counters.raw_bytes += run->raw_size;
    log->counters.runs++;
    return gh_database_do(log->newest, GH_SEGMENT_INSERT, "run", error);
}

static enum gh_status append_write(struct gh_log *log, const struct gh_log_batch *batch,
                                   struct gh_error *error)
{
    const struct gh_log_counters before = log->counters;
    struct gh_tail tail = log->tail;
    size_t slice = 0;
    enum gh_status status = gh_packer_pack(&log->packer, batch->run, batch->run_count, error);

    if (status == GH_OK)
        status = gh_database_begin(log->newest, error);
    if (status != GH_OK)
        return status;
    for (size_t i = 0; status == GH_OK && i < batch->run_count; i++) {
        struct gh_run *run = &batch->run[i];
        const struct gh_text body = gh_packer_body(&log->packer, run, &slice);
        status = run_write(log, run, &tail, body, error);
    }
    for (size_t i = 0; status == GH_OK && i < batch->mark_count; i++) {
        const struct gh_mark_row row = {batch->mark[i], tail.next};
        status = gh_mark_write(log->newest, &row, error);
    }
    status = gh_database_end(log->newest, status, error);
    if (status == GH_OK)
        log->tail = tail;
    else
        log->counters = before;
    return status;
}

/* The file of the WAL stays and is written again from its start. */
static void wal_write_back(struct gh_log *log)
{
    static const int pages = GH_LOG_CHECKPOINT_BYTES / GH_DATABASE_PAGE_BYTES;

    if (log->newest->wal_pages >= pages && !gh_database_checkpoint(log->newest, false))
        log->counters.checkpoints_failed++;
}

static enum gh_status append_prepare(struct gh_log *log, const struct gh_log_batch *batch,
                                     struct gh_error *error)
{
    enum gh_status status = GH_OK;
    uint64_t bytes = 0;

    for (size_t i = 0; status == GH_OK && i < batch->run_count; i++)
        status = run_check(&batch->run[i], error);
    if (status == GH_OK && log->newest->broken)
        status = log_recover(log, error);
    if (status == GH_OK && batch->run_count)
        status = segment_size(log, &bytes, error);
    if (status == GH_OK && bytes > log->setup.segment_bytes && log->opened != log->tail.next)
        status = segment_next(log, error);
    return status;
}

enum gh_status gh_log_append(struct gh_log *log, const struct gh_log_batch *batch,
                             struct gh_error *error)
{
    enum gh_status status = append_prepare(log, batch, error);

    if (status == GH_OK)
        status = append_write(log, batch, error);
    if (status == GH_OK)
        wal_write_back(log);
    else
        log->counters.failed++;
    return status;
}

enum gh_status gh_log_mark_find(struct gh_log *log, struct gh_mark *mark,
                                struct gh_error *error)
{
    enum gh_status status = log->newest->broken ? log_recover(log, error) : GH_OK;
    bool row = false;

    mark->sequence = 0;
    if (status != GH_OK)
        return status;
    gh_bind_text(log->newest->statement[GH_SEGMENT_MARK], 1, mark->owner);
    gh_bind_blob(log->newest->statement[GH_SEGMENT_MARK], 2, mark->stream,
                 sizeof(mark->stream));
    status = gh_database_step(log->newest, GH_SEGMENT_MARK, "mark of a stream", &row, error);
    if (row)
        mark->sequence = gh_column_number(log->newest->statement[GH_SEGMENT_MARK], 0);
    gh_database_reset(log->newest, GH_SEGMENT_MARK);
    return status;
}

uint64_t gh_log_first(const struct gh_log *log)
{
    return log->segments.position[0];
}

uint64_t gh_log_next(const struct gh_log *log)
{
    return log->tail.next;
}

const char *gh_log_folder(const struct gh_log *log)
{
    return log->setup.folder;
}

struct gh_log_counters gh_log_counters(const struct gh_log *log)
{
    struct gh_log_counters counters = log->counters;

    counters.segments = log->segments.count;
    counters.bytes = 0;
    for (size_t i = 0; i < log->segments.count; i++)
        counters.bytes += gh_segment_bytes(log->setup.folder, log->segments.position[i]);
    return counters;
}
