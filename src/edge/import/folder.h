/* folder.h - the transcripts of Claude Code: which files they are. */
#ifndef GOODHART_EDGE_IMPORT_FOLDER_H
#define GOODHART_EDGE_IMPORT_FOLDER_H

#include "goodhart/error.h"

#include <stdint.h>

/* Paths in order of their names; {0} is empty. */
struct gh_paths {
    char **path;
    uint32_t count, room;
};

/* Adds `path` if it is no folder, else all files NAME.jsonl in it and in its folders (those of
 * subagents are some); of a folder that has one called `projects`, as ~/.claude has, what is in
 * that. Links to folders are not followed. */
GH_MUST_USE enum gh_status gh_paths_add(struct gh_paths *paths, const char *path,
                                        struct gh_error *error);
/* Adds `path`, whatever it is. */
GH_MUST_USE enum gh_status gh_paths_keep(struct gh_paths *paths, const char *path,
                                         struct gh_error *error);
/* Adds the folders that Claude Code uses: those of CLAUDE_CONFIG_DIR, separated by commas, else
 * ~/.config/claude and ~/.claude, those of them that are there. */
GH_MUST_USE enum gh_status gh_paths_usual(struct gh_paths *paths, struct gh_error *error);
void gh_paths_free(struct gh_paths *paths);

#endif
