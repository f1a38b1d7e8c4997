/* csv.h - a file of comma-separated values, row by row: RFC 4180, and what exports do beside
 * it: a byte order mark, lines that end in LF, ';' or tab in place of the comma (told by the
 * header). A text in quotes may hold lines. Files of any size. */
#ifndef GOODHART_EDGE_IMPORT_CSV_H
#define GOODHART_EDGE_IMPORT_CSV_H

#include "edge/import/input.h"
#include "goodhart/event.h"

enum { GH_CSV_COLUMNS_MAX = 256, GH_CSV_ROW_MAX = 8 << 20 };

struct gh_csv_row {
    const struct gh_text *cell; /* lent until the next row */
    uint32_t count;
    uint64_t line;       /* of its first byte, from 1 */
    const char *trouble; /* NULL, or what is wrong; then there are no cells */
};

struct gh_csv;
/* Takes over the opened `input`, which is {0} then. NULL: out of memory, and it is not. */
GH_MUST_USE struct gh_csv *gh_csv_open(struct gh_input *input);
/* The header is the first row. *any false: no more. A row that never ends, for want of a
 * quote, costs its first line alone. Errors: the file cannot be read on. */
GH_MUST_USE enum gh_status gh_csv_next(struct gh_csv *csv, struct gh_csv_row *row, bool *any,
                                       struct gh_error *error);
/* For how far it is read. */
const struct gh_input *gh_csv_input(const struct gh_csv *csv);
void gh_csv_close(struct gh_csv *csv); /* NULL is legal */

#endif
