/* secret_file.h - a secret that stands in a file of its owner's alone. */
#ifndef GOODHART_EDGE_SINKS_SECRET_FILE_H
#define GOODHART_EDGE_SINKS_SECRET_FILE_H

#include "edge/sinks/bodies.h"
#include "goodhart/error.h"

enum { GH_SECRET_BYTES_MAX = 4096 };

/* The bytes without blanks and ends of lines behind them, and a NUL that `size` does not count.
 * GH_ECONFIG: others may read the file, it is empty, too long or holds control characters.
 * `option` opens the error text. The caller wipes *secret. */
GH_MUST_USE enum gh_status gh_secret_file(struct gh_secret *secret, const char *path,
                                          const char *option, struct gh_error *error);
void gh_secret_wipe(struct gh_secret *secret); /* overwrites it; {0} is legal */

#endif
