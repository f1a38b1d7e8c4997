/* sorter.h - lines in order of time, however many: what does not fit into memory waits in
 * sorted runs, in a temporary file without a name. Lines of the same time keep their order. */
#ifndef GOODHART_EDGE_IMPORT_SORTER_H
#define GOODHART_EDGE_IMPORT_SORTER_H

#include "goodhart/error.h"
#include "goodhart/event.h"

struct gh_sorter;

/* `run_bytes`: how much is kept in memory; 0: 16 MiB. NULL: out of memory. The file is made in
 * TMPDIR, else /tmp, when it is needed. */
GH_MUST_USE struct gh_sorter *gh_sorter_new(size_t run_bytes);
void gh_sorter_free(struct gh_sorter *sorter); /* NULL is legal */

/* Copies `line`, of at most 1 MiB. */
GH_MUST_USE enum gh_status gh_sorter_add(struct gh_sorter *sorter, int64_t at_ms,
                                         struct gh_text line, struct gh_error *error);
/* After the last _add: the lines, in order; {NULL, 0}: no more. Lent until the next call. */
GH_MUST_USE enum gh_status gh_sorter_next(struct gh_sorter *sorter, int64_t *at_ms,
                                          struct gh_text *line, struct gh_error *error);

#endif
