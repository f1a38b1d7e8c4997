/* embedded.h - files of models/ that are part of the program. */
#ifndef GOODHART_EDGE_EMBEDDED_H
#define GOODHART_EDGE_EMBEDDED_H

#include <stddef.h>

/* The bytes of models/`name` as they were at build time, with a NUL behind them that
 * `*size` does not count. NULL: no such file. */
const char *gh_embedded(const char *name, size_t *size);
/* The name of file `index`, in the order of names within a folder; NULL: there are no more. */
const char *gh_embedded_name(size_t index);

#endif
