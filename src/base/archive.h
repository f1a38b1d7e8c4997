/* archive.h - state to bytes and back. One description of a table serves both ways: each
 * function here writes what is there, or puts in its place what was written.
 *
 * Bytes are those of this machine and build; who reads them checks first that they fit
 * (engine/save.c) and that they are whole (the file's checksum). Whatever they are, loading
 * reads no further than it may, takes at most some MB more than there are bytes, and ends: a
 * table is sound, or the archive has failed. What its elements say is not looked at. */
#ifndef GOODHART_BASE_ARCHIVE_H
#define GOODHART_BASE_ARCHIVE_H

#include "base/cells.h"
#include "base/intern.h"

struct gh_archive {
    struct gh_carrier carrier;
    bool loading;
    bool failed; /* the carrier failed or memory is out; nothing more is moved */
};

void gh_archive_bytes(struct gh_archive *archive, void *at, size_t size);
/* A variable without pointers. */
#define GH_ARCHIVE(archive, variable) gh_archive_bytes((archive), &(variable), sizeof(variable))

/* `size` bytes: writes those at `at`, or returns new ones (`at` NULL). NULL: failed or none. */
void *gh_archive_block(struct gh_archive *archive, struct gh_heap *heap, void *at, size_t size);

/* Tables of plain elements. Loading expects them as after their init, and empty. */
void gh_archive_array(struct gh_archive *archive, struct gh_heap *heap, struct gh_array *array);
void gh_archive_segments(struct gh_archive *archive, struct gh_heap *heap,
                         struct gh_segments *segments);
void gh_archive_cells(struct gh_archive *archive, struct gh_heap *heap, struct gh_cells *cells);
/* Ids stay what they were, also past a limit that has become lower. */
void gh_archive_intern(struct gh_archive *archive, struct gh_heap *heap,
                       struct gh_intern *intern);
/* Loading copies the bytes into the arena; an absent text stays absent. */
void gh_archive_text(struct gh_archive *archive, struct gh_heap *heap, struct gh_arena *arena,
                     struct gh_text *text);

#endif
