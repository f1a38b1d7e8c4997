/* secret.h - what others are not to know: tokens, passwords, keys of signatures. */
#ifndef GOODHART_EDGE_SECRET_H
#define GOODHART_EDGE_SECRET_H

#include "goodhart/error.h"

/* Text with a NUL behind it that `size` does not count; {0}: none. */
struct gh_secret {
    unsigned char *at;
    size_t size;
};

enum { GH_SECRET_BYTES_MAX = 4096 };
/* The one line of a file that is its owner's alone (gh_secret_file_read), without blanks and
 * ends of lines behind it, of `least` bytes or more. `option` opens the error text; what is in
 * the file is never told. The caller wipes *secret. */
GH_MUST_USE enum gh_status gh_secret_read(struct gh_secret *secret, const char *path,
                                          const char *option, size_t least,
                                          struct gh_error *error);
void gh_secret_wipe(struct gh_secret *secret); /* overwrites it; {0} is legal */

#endif
