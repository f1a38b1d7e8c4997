/* verify_log.c - the log: each segment by itself, and that each goes on from the one before. */
#include "store/log_segment.h"
#include "store/verify_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    struct gh_verifier *verifier;
    struct gh_row_reader reader;
    struct gh_tail tail;
    bool linked; /* the tail is that of what was read last */
};

static void head_verify(struct walk *walk, struct gh_database *segment, uint64_t first,
                        const struct gh_tail *head)
{
    if (head->next != first)
        gh_verify_tell(walk->verifier, segment->name, "",
                       "begins at position %" PRIu64 ", not at that of its name", head->next);
    else if (walk->linked && head->next != walk->tail.next)
        gh_verify_tell(walk->verifier, segment->name, "",
                       "the segment before it ends at position %" PRIu64
                       ": a segment is missing, or the end of one",
                       walk->tail.next);
    else if (walk->linked &&
             memcmp(head->checksum, walk->tail.checksum, sizeof(head->checksum)) != 0)
        gh_verify_tell(walk->verifier, segment->name, "",
                       "does not go on from the segment before it");
}

/* One fault of a row is told once: the next one is held against what is stored. */
static enum gh_status row_verify(struct walk *walk, struct gh_database *segment)
{
    struct gh_verified *verified = walk->verifier->verified;
    const struct gh_run *run = &walk->reader.run;
    const uint64_t wanted = walk->tail.next;
    const char *problem;
    char row[48];
    const enum gh_status status =
        gh_row_read(&walk->reader, segment->statement[GH_SEGMENT_RUNS], &walk->tail, &problem);

    if (status != GH_OK && status != GH_EFORMAT)
        return status;
    snprintf(row, sizeof(row), "position %" PRIu64, run->first);
    if (run->first != wanted)
        gh_verify_tell(walk->verifier, segment->name, row,
                       "follows where position %" PRIu64 " should be: %s", wanted,
                       run->first > wanted ? "runs are missing" : "a run is there twice");
    else if (status != GH_OK)
        gh_verify_tell(walk->verifier, segment->name, row, "%s", problem);
    verified->runs++;
    verified->events += run->kind == GH_RUN_EVENTS ? run->count : 0;
    verified->raw_bytes += run->raw_size;
    walk->tail.next = run->first + run->count;
    memcpy(walk->tail.checksum, walk->reader.checksum, sizeof(walk->tail.checksum));
    return GH_OK;
}

static enum gh_status rows_verify(struct walk *walk, struct gh_database *segment,
                                  struct gh_error *error)
{
    enum gh_status status = GH_OK;
    bool more = true;

    while (status == GH_OK && more) {
        status =
            gh_database_step(segment, GH_SEGMENT_RUNS, "runs: cannot be read", &more, error);
        if (status == GH_OK && more)
            status = row_verify(walk, segment);
    }
    gh_database_reset(segment, GH_SEGMENT_RUNS);
    return status;
}

static enum gh_status marks_verify(struct walk *walk, struct gh_database *segment,
                                   struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_mark_row row;
    bool more = true;

    while (status == GH_OK && more) {
        status =
            gh_database_step(segment, GH_SEGMENT_MARKS, "marks: cannot be read", &more, error);
        if (status == GH_OK && more && !gh_mark_read(segment, &row))
            gh_verify_tell(walk->verifier, segment->name, "mark of a stream",
                           "the checksum does not fit the row");
    }
    gh_database_reset(segment, GH_SEGMENT_MARKS);
    return status;
}

/* A segment that cannot be read to its end is one fault, and the next one stands alone. */
static enum gh_status segment_verify(struct walk *walk, uint64_t first)
{
    struct gh_database segment = {0};
    struct gh_error problem = {0};
    struct gh_tail head;
    char name[GH_FILE_NAME_SIZE];
    enum gh_status status;

    gh_file_name(&gh_segment_files, first, name);
    gh_verify_wal(walk->verifier, name);
    status =
        gh_segment_open(&segment, walk->verifier->folder, first, GH_DATABASE_READ, &problem);
    if (status == GH_OK) {
        gh_verify_integrity(walk->verifier, &segment);
        status = gh_segment_head(&segment, &head, &problem);
    }
    if (status == GH_OK) {
        head_verify(walk, &segment, first, &head);
        walk->tail = head;
        status = rows_verify(walk, &segment, &problem);
    }
    if (status == GH_OK)
        status = marks_verify(walk, &segment, &problem);
    walk->linked = status == GH_OK;
    if (status != GH_OK && status != GH_EMEMORY)
        gh_verify_tell_error(walk->verifier, name, &problem);
    gh_database_close(&segment);
    walk->verifier->verified->segments++;
    return status == GH_EMEMORY ? status : GH_OK;
}

enum gh_status gh_verify_log(struct gh_verifier *verifier, struct gh_error *error)
{
    struct walk walk = {.verifier = verifier};
    struct gh_positions segments;
    enum gh_status status =
        gh_folder_list(verifier->folder, &gh_segment_files, &segments, error);

    if (status == GH_OK && segments.count == 0)
        status = gh_error_set(error, GH_EFORMAT, "%s: there is no log", verifier->folder);
    for (size_t i = 0; status == GH_OK && i < segments.count; i++) {
        status = segment_verify(&walk, segments.position[i]);
        if (status != GH_OK)
            gh_error_set(error, status, "log: out of memory");
    }
    if (status == GH_OK) {
        verifier->verified->first = segments.position[0];
        verifier->verified->next = walk.tail.next;
        verifier->log_end_known = walk.linked;
    }
    gh_row_reader_free(&walk.reader);
    free(segments.position);
    return status;
}
