/* flatten.h - a JSON document as the flat list of named values that struct gh_told holds.
 *
 * The name of a value is its path: {"a": {"b": [7]}} has one, `a.b.0`. A scalar at the top has
 * the empty name. Null is absent. Names that hold a point stand as they are: where two paths
 * come out the same, the first one holds, as everywhere in gh_told.
 *
 * What lies less deep comes first, so that what is left out of a document past the limits lies
 * deepest; it is counted. */
#ifndef GOODHART_EDGE_FIELDS_FLATTEN_H
#define GOODHART_EDGE_FIELDS_FLATTEN_H

#include "edge/fields/told.h"
#include "goodhart/error.h"

#include <jansson.h>

enum {
    GH_FLAT_FIELDS_MAX = 4096,
    GH_FLAT_DEPTH_MAX = 16,      /* names in a path */
    GH_FLAT_NAME_BYTES_MAX = 512 /* of a path */
};

/* Scratch of one thread, of a bounded size. */
struct gh_flat;
GH_MUST_USE struct gh_flat *gh_flat_new(void); /* NULL: out of memory */
void gh_flat_free(struct gh_flat *flat);       /* NULL is legal */

/* Sets told->field and told->count. Texts point into the document, names into `flat`: they hold
 * until its next call and while the document lives. */
void gh_flatten(struct gh_flat *flat, const json_t *document, struct gh_told *told);
/* Values, and arrays and objects as one each, left out since _new. */
uint64_t gh_flat_left_out(const struct gh_flat *flat);

#endif
