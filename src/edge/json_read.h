/* json_read.h - what jansson reads and writes, whole or not at all.
 *
 * jansson drops a character that it has no memory for, and takes a name for which it has none
 * for one that is not there. So what must not be wrong asks whether there was enough. */
#ifndef GOODHART_EDGE_JSON_READ_H
#define GOODHART_EDGE_JSON_READ_H

#include "goodhart/error.h"

#include <jansson.h>
#include <stdbool.h>

/* From here on what jansson lacks on this thread is noted. */
void gh_json_begin(void);
/* Whether there was too little memory since. */
bool gh_json_starved(void);

/* After gh_json_begin and *root = json_load…(…, trouble). GH_OK: *root is what the text says.
 * GH_EMEMORY, which is no fault of the text, GH_EIO, it cannot be opened, or GH_ECONFIG,
 * "WHERE:LINE:COLUMN: what": *root is NULL. */
GH_MUST_USE enum gh_status gh_json_loaded(json_t **root, const char *where,
                                          const json_error_t *trouble, struct gh_error *error);

#endif
