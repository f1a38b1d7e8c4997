/* csv.c - see csv.h. Debian's libcsv calls back for every cell of a byte stream, and knows
 * neither the line nor a way on after a quote that does not close. */
#include "edge/import/csv.h"

#include <stdlib.h>
#include <string.h>

struct gh_csv {
    struct gh_input input;
    uint64_t line;
    uint32_t columns; /* of the header; 0: it has not been read */
    char comma;
    struct gh_text cell[GH_CSV_COLUMNS_MAX];
};

struct gh_csv *gh_csv_open(struct gh_input *input)
{
    struct gh_csv *csv = calloc(1, sizeof *csv);

    if (csv == NULL)
        return NULL;
    csv->line = 1;
    csv->comma = ',';
    csv->input = *input;
    csv->input.limit = GH_CSV_ROW_MAX;
    *input = (struct gh_input){0};
    return csv;
}

const struct gh_input *gh_csv_input(const struct gh_csv *csv)
{
    return &csv->input;
}

void gh_csv_close(struct gh_csv *csv)
{
    if (csv == NULL)
        return;
    gh_input_close(&csv->input);
    free(csv);
}

/* The size of the row that begins at `begin`, with its end of line. `quotes`: those count. */
static size_t row_size(struct gh_csv *csv, bool quotes, enum gh_status *status,
                       struct gh_error *error)
{
    bool inside = false;
    size_t size = 0;

    while (gh_input_has(&csv->input, size, status, error)) {
        const char c = csv->input.at[csv->input.begin + size++];
        inside = inside != (quotes && c == '"');
        if (c == '\n' && !inside)
            return size;
    }
    if (inside && *status == GH_OK)
        *status = gh_error_set(error, GH_ELIMIT, "a quote that does not close");
    return size;
}

/* One cell, whose quotes are taken away in place; returns the byte after it, a comma or `end`;
 * NULL: something stands behind the closing quote. */
static char *cell_cut(const struct gh_csv *csv, char *at, char *end, struct gh_text *cell)
{
    char *to = at;

    if (at == end || *at != '"') {
        char *comma = memchr(at, csv->comma, (size_t)(end - at));
        comma = comma != NULL ? comma : end;
        *cell = (struct gh_text){at, (uint32_t)(comma - at)};
        return comma;
    }
    char *const begin = to;
    for (at++; at < end; at++) {
        if (*at == '"' && (at + 1 == end || at[1] != '"'))
            break;
        at += *at == '"';
        *to++ = *at;
    }
    *cell = (struct gh_text){begin, (uint32_t)(to - begin)};
    at += at < end;
    return at == end || *at == csv->comma ? at : NULL;
}

static const char *row_cut(struct gh_csv *csv, struct gh_csv_row *row, char *at, char *end)
{
    while (row->count < GH_CSV_COLUMNS_MAX) {
        at = cell_cut(csv, at, end, &csv->cell[row->count]);
        if (at == NULL)
            return "something behind a closing quote";
        row->count++;
        if (at == end)
            return csv->columns == 0 || csv->columns == row->count
                       ? NULL
                       : "not as many columns as the header has";
        at++;
    }
    return "more than 256 columns";
}

/* The sign that the header has most of, outside of names. */
static char header_comma(const char *at, const char *end)
{
    size_t count[3] = {0}, best = 0;
    static const char signs[] = ",;\t";

    for (; at < end; at++) {
        const char *sign = *at != '\0' ? strchr(signs, *at) : NULL;
        if (sign != NULL)
            count[sign - signs]++;
    }
    for (size_t i = 1; i < 3; i++)
        best = count[i] > count[best] ? i : best;
    return signs[best];
}

static void header_begin(struct gh_csv *csv, size_t *size)
{
    struct gh_input *input = &csv->input;

    if (*size >= 3 && memcmp(input->at + input->begin, "\xef\xbb\xbf", 3) == 0) {
        input->begin += 3;
        *size -= 3;
    }
    csv->comma = header_comma(input->at + input->begin, input->at + input->begin + *size);
}

/* The next row that is not empty, as bytes. */
static size_t row_find(struct gh_csv *csv, struct gh_csv_row *row, enum gh_status *status,
                       struct gh_error *error)
{
    struct gh_error trouble = {0};
    size_t size = row_size(csv, true, status, &trouble);

    if (*status == GH_ELIMIT) {
        *status = GH_OK;
        row->trouble = "a row that does not end: a quote does not close, or over 8 MiB";
        size = row_size(csv, false, status, &trouble);
        if (*status == GH_ELIMIT) {
            *status = GH_OK;
            size = csv->input.used - csv->input.begin;
        }
    }
    if (*status != GH_OK)
        *error = trouble;
    return *status == GH_OK ? size : 0;
}

enum gh_status gh_csv_next(struct gh_csv *csv, struct gh_csv_row *row, bool *any,
                           struct gh_error *error)
{
    struct gh_input *input = &csv->input;
    enum gh_status status = GH_OK;
    size_t size = 0, line = 0;

    do {
        *row = (struct gh_csv_row){.cell = csv->cell, .line = csv->line};
        size = row_find(csv, row, &status, error);
        *any = size > 0;
        if (!*any)
            return status;
        if (csv->columns == 0)
            header_begin(csv, &size);
        char *at = input->at + input->begin;
        for (size_t i = 0; i < size; i++)
            csv->line += at[i] == '\n';
        input->begin += size;
        line = size;
        while (line > 0 && (at[line - 1] == '\n' || at[line - 1] == '\r'))
            line--;
        if (line > 0 && row->trouble == NULL)
            row->trouble = row_cut(csv, row, at, at + line);
    } while (line == 0 && row->trouble == NULL);
    if (row->trouble != NULL)
        row->count = 0;
    else if (csv->columns == 0)
        csv->columns = row->count;
    return GH_OK;
}
