/* flatten.h - a JSON document as flat named values (fields/told.h), and the rows in it.
 *
 * Members are named by path: {"usage":{"input":3},"tags":["a"]} has `usage.input` and `tags.0`.
 * null is absent. A text that is an object in JSON ('{...}') is flattened as if it were one.
 * A text with an escape that stands for no character stays as it was written. */
#ifndef GOODHART_EDGE_FIELDS_FLATTEN_H
#define GOODHART_EDGE_FIELDS_FLATTEN_H

#include "base/memory.h"
#include "edge/fields/told.h"

enum { GH_FLAT_FIELDS_MAX = 4096, GH_FLAT_ROW_LEVELS = 2 };

struct gh_flat_plan {
    /* The arrays whose elements are rows, from the outside in: {"data", "results"}: a document
     * {"data":[{"from":1,"results":[{"n":2},{"n":3}]}]} has the rows {n:2,from:1} and
     * {n:3,from:1}. A level that is not there is left out, so rows may also come alone. */
    const char *rows[GH_FLAT_ROW_LEVELS];
    /* Names of members that are not looked at, and of those that may be somebody's words: such
     * an object or array is one text, its JSON. NULL, or ends with NULL. */
    const char *const *skip, *const *whole;
    uint32_t depth; /* an object or array deeper than this is one text, its JSON; 0: no limit
                     * but 32 */
};

struct gh_flat;                                /* scratch, and the fields of a document */
GH_MUST_USE struct gh_flat *gh_flat_new(void); /* NULL: out of memory */
void gh_flat_free(struct gh_flat *flat);

/* Calls `take` for each row, own fields before those of what encloses it; they are lent for
 * the call. False from `take` ends it. NULL, or what is wrong with the document: "not valid
 * JSON: …"; the rows before that have been taken. */
struct gh_flat_rows {
    bool (*take)(void *context, const struct gh_field *field, uint32_t count);
    void *context;
};
const char *gh_flatten(struct gh_flat *flat, const struct gh_flat_plan *plan,
                       struct gh_text document, const struct gh_flat_rows *rows);

/* Which row of the document was taken last, from 1; 0: the document is one itself, or none was
 * read since _reset. */
uint32_t gh_flat_row(const struct gh_flat *flat);

/* The same of columns: adds a field, after _reset; a text that is an object is flattened.
 * Copies nothing: texts must hold until the fields were used. */
void gh_flat_reset(struct gh_flat *flat);
const char *gh_flat_column(struct gh_flat *flat, const struct gh_flat_plan *plan,
                           struct gh_text name, struct gh_text value);
const struct gh_field *gh_flat_fields(const struct gh_flat *flat, uint32_t *count);

#endif
