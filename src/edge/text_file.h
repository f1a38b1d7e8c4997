/* text_file.h - small files that settings name: certificates, tokens, passwords. */
#ifndef GOODHART_EDGE_TEXT_FILE_H
#define GOODHART_EDGE_TEXT_FILE_H

#include "goodhart/error.h"

/* The whole file as text, NUL at the end; the caller frees it (free). Errors open with
 * `option`, what a person would change. GH_EIO: cannot be read; GH_ECONFIG: empty, with a NUL
 * inside, or larger. */
enum { GH_TEXT_FILE_BYTES = 1048576 };
GH_MUST_USE enum gh_status gh_text_file_read(char **text, const char *path, const char *option,
                                             struct gh_error *error);
/* The same of a file that must be its owner's alone, the owner being who runs this program or
 * root: else GH_ECONFIG. */
GH_MUST_USE enum gh_status gh_secret_file_read(char **text, const char *path,
                                               const char *option, struct gh_error *error);

#endif
