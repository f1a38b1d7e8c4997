/* documents.h - a file of JSON, cut into its documents: objects on lines, one after the
 * other or over several lines, or the elements of an array. Files of any size: memory is that
 * of the longest document.
 *
 * A document that is broken costs itself alone. In an array that is found by brackets; else a
 * line whose first byte is '{' begins a new one, unless the line before ends inside a list. */
#ifndef GOODHART_EDGE_IMPORT_DOCUMENTS_H
#define GOODHART_EDGE_IMPORT_DOCUMENTS_H

#include "edge/import/input.h"

enum { GH_DOCUMENT_BYTES_MAX = 64 << 20 };

struct gh_document {
    const char
        *at; /* lent until the next one; of balanced brackets, which is all that is sure */
    size_t size;
    uint64_t line;       /* of its first byte, from 1 */
    const char *trouble; /* NULL, or what is wrong; then `at` is NULL */
};

struct gh_documents {
    struct gh_input input;
    uint64_t line;
    bool started, array;
};

/* Takes over the opened `input`, which is {0} then. */
void gh_documents_open(struct gh_documents *documents, struct gh_input *input);
/* *any false: no more. Errors: the file cannot be read on. */
GH_MUST_USE enum gh_status gh_documents_next(struct gh_documents *documents,
                                             struct gh_document *document, bool *any,
                                             struct gh_error *error);
void gh_documents_close(struct gh_documents *documents); /* {0} is legal */

#endif
