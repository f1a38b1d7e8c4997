/* folder.h - files of the store by name, and what makes a change of names durable. */
#ifndef GOODHART_STORE_FOLDER_H
#define GOODHART_STORE_FOLDER_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stdint.h>

/* PREFIX, the position in at least 12 digits, SUFFIX. */
struct gh_file_kind {
    const char *prefix, *suffix;
};
enum { GH_FILE_NAME_SIZE = 64 };
void gh_file_name(const struct gh_file_kind *kind, uint64_t position,
                  char name[GH_FILE_NAME_SIZE]);

/* "FOLDER/NAME"; the caller frees it (free). NULL: out of memory. */
char *gh_path_join(const char *folder, const char *name);

/* Positions of all files of a kind, ascending. The caller frees *position (free). */
struct gh_positions {
    uint64_t *position;
    size_t count;
};
GH_MUST_USE enum gh_status gh_folder_list(const char *folder, const struct gh_file_kind *kind,
                                          struct gh_positions *positions,
                                          struct gh_error *error);
bool gh_positions_add(struct gh_positions *positions, uint64_t position); /* false: memory */
/* Removes files whose names begin and end so. */
void gh_folder_sweep(const char *folder, const struct gh_file_kind *kind);

GH_MUST_USE enum gh_status gh_folder_make(const char *folder, struct gh_error *error);
/* Makes renamed, new and removed names durable. */
GH_MUST_USE enum gh_status gh_folder_sync(const char *folder, struct gh_error *error);
/* Holds the folder for this process until *file is closed; GH_EIO: somebody else has it and
 * has had it for two seconds. */
GH_MUST_USE enum gh_status gh_folder_lock(const char *folder, int *file,
                                          struct gh_error *error);

/* GH_EFULL when `code` (errno) says that there is no space, GH_EMEMORY when it says that there
 * is no memory, else GH_EIO. */
enum gh_status gh_errno_status(int code);

#endif
