/* documents.c - see documents.h. */
#include "edge/import/documents.h"

#include "edge/json_scan.h"

#include <string.h>

void gh_documents_open(struct gh_documents *documents, struct gh_input *input)
{
    *documents = (struct gh_documents){.line = 1, .input = *input};
    documents->input.limit = GH_DOCUMENT_BYTES_MAX;
    *input = (struct gh_input){0};
}

void gh_documents_close(struct gh_documents *documents)
{
    gh_input_close(&documents->input);
}

static void documents_step(struct gh_documents *d)
{
    d->line += d->input.at[d->input.begin] == '\n';
    d->input.begin++;
}

/* To the first byte of a document; false: there is none. */
static bool documents_seek(struct gh_documents *d, enum gh_status *status,
                           struct gh_error *error)
{
    if (!d->started && gh_input_has(&d->input, 2, status, error) &&
        memcmp(d->input.at + d->input.begin, "\xef\xbb\xbf", 3) == 0)
        d->input.begin += 3;
    d->started = true;
    while (*status == GH_OK && gh_input_has(&d->input, 0, status, error)) {
        const char c = d->input.at[d->input.begin];
        if (c == '[' && !d->array)
            d->array = true;
        else if (c == ']' && d->array)
            d->array = false;
        else if (!gh_is_space(c) && !(c == ',' && d->array))
            return true;
        documents_step(d);
    }
    return false;
}

/* Where a walk along a document is. */
struct walk {
    size_t used; /* bytes from the document's begin */
    uint32_t depth;
    bool string, escape, closed, dropped;
    char last; /* that is no white space */
    const char *trouble;
};

/* Whether the document ends before this byte, because it is broken. */
static bool walk_breaks(struct gh_documents *d, struct walk *w, char c)
{
    if (d->array)
        return false;
    const bool line = w->used > 0 && d->input.at[d->input.begin + w->used - 1] == '\n';
    const bool inside = w->last == ',' || w->last == ':' || w->last == '[';
    if ((w->string && c == '\n') || (line && c == '{' && !inside))
        w->trouble = w->string ? "a text that the line cuts off" : "a document that is cut off";
    return w->trouble != NULL;
}

static void walk_step(struct walk *w, char c)
{
    if (w->escape) {
        w->escape = false;
    } else if (w->string) {
        w->escape = c == '\\';
        w->string = c != '"';
    } else if (c == '"') {
        w->string = true;
    } else if (c == '{' || c == '[') {
        w->depth++;
    } else if (c == '}' || c == ']') {
        w->closed = --w->depth == 0;
    }
    w->last = gh_is_space(c) ? w->last : c;
    w->used++;
}

/* The next byte; what is too long is walked along but not kept. */
static bool walk_has(struct gh_documents *d, struct walk *w, enum gh_status *status,
                     struct gh_error *error)
{
    struct gh_error trouble = {0};

    if (gh_input_has(&d->input, w->used, status, &trouble))
        return true;
    if (*status == GH_ELIMIT) {
        *status = GH_OK;
        w->dropped = true;
        while (w->used > 1) {
            documents_step(d);
            w->used--;
        }
        return gh_input_has(&d->input, w->used, status, error);
    }
    *error = *status != GH_OK ? trouble : *error;
    return false;
}

static void walk_object(struct gh_documents *d, struct walk *w, enum gh_status *status,
                        struct gh_error *error)
{
    while (!w->closed && walk_has(d, w, status, error)) {
        const char c = d->input.at[d->input.begin + w->used];
        if (walk_breaks(d, w, c))
            return;
        walk_step(w, c);
    }
    if (!w->closed)
        w->trouble = "a document that ends early";
}

/* What is no object goes to the end of its line, in an array to the next element. */
static void walk_other(struct gh_documents *d, struct walk *w, enum gh_status *status,
                       struct gh_error *error)
{
    w->trouble = "not a JSON object";
    while (walk_has(d, w, status, error)) {
        const char c = d->input.at[d->input.begin + w->used];
        if (!w->string && (d->array ? c == ',' || c == ']' : c == '\n'))
            return;
        w->string = d->array && (c == '"' && !w->escape ? !w->string : w->string);
        w->escape = w->string && c == '\\' && !w->escape;
        w->used++;
    }
}

enum gh_status gh_documents_next(struct gh_documents *documents, struct gh_document *document,
                                 bool *any, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct walk w = {0};

    *any = documents_seek(documents, &status, error);
    if (!*any)
        return status;
    *document = (struct gh_document){.line = documents->line};
    if (documents->input.at[documents->input.begin] == '{')
        walk_object(documents, &w, &status, error);
    else
        walk_other(documents, &w, &status, error);
    if (w.dropped)
        w.trouble = "longer than 64 MiB";
    document->trouble = w.trouble;
    document->at = w.trouble == NULL ? documents->input.at + documents->input.begin : NULL;
    document->size = w.used;
    for (size_t i = 0; i < w.used; i++)
        documents->line += documents->input.at[documents->input.begin + i] == '\n';
    documents->input.begin += w.used;
    return status;
}
