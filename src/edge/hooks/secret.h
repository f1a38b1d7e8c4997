/* secret.h - secrets that services sign with, from files. */
#ifndef GOODHART_EDGE_HOOKS_SECRET_H
#define GOODHART_EDGE_HOOKS_SECRET_H

#include "goodhart/error.h"

#include <stdbool.h>

enum { GH_SECRET_BYTES_MIN = 16, GH_SECRET_BYTES_MAX = 512 };
struct gh_secret {
    unsigned char at[GH_SECRET_BYTES_MAX + 1]; /* and a NUL */
    size_t size;                               /* 0: none */
};

/* The first line of a file that its owner alone may read, the owner being who runs this program
 * or root. `option` opens the error text. What is in the file is never told. */
GH_MUST_USE enum gh_status gh_secret_read(struct gh_secret *secret, const char *path,
                                          const char *option, struct gh_error *error);
void gh_secret_wipe(struct gh_secret *secret);

#endif
