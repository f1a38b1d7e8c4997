/* outfile.h - a file that a command writes, with its failures told once, at the end. */
#ifndef GOODHART_APP_OUTFILE_H
#define GOODHART_APP_OUTFILE_H

#include "goodhart/error.h"

#include <stdbool.h>
#include <stdio.h>

/* {0}: none is wanted; adding lines does nothing then. */
struct gh_outfile {
    const char *path;
    FILE *file;
    bool failed; /* a line could not be made */
};

/* `path` NULL: none; "-" is standard output. */
GH_MUST_USE enum gh_status gh_outfile_open(struct gh_outfile *out, const char *path,
                                           struct gh_error *error);
/* Takes `line` (free) and writes it with '\n'; NULL: it could not be made for want of
 * memory. */
void gh_outfile_line(struct gh_outfile *out, char *line);
/* GH_EIO when any byte could not be written, GH_EMEMORY when a line could not be made.
 * May be called twice. */
GH_MUST_USE enum gh_status gh_outfile_close(struct gh_outfile *out, struct gh_error *error);

#endif
