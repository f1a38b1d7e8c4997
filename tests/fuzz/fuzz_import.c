/* fuzz_import.c - libFuzzer target: bytes as a file of an importer, chosen by the first byte.
 * What jansson takes, gh_flatten takes, with the same values under the same names; rows of CSV
 * that are written again read back the same; whatever comes out of a file is an event that the
 * service takes, and comes in order of time. */
#include "edge/decode.h"
#include "edge/fields/flatten.h"
#include "edge/import/csv.h"
#include "edge/import/import.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CSV_MAP "tests/integration/import/gateway-map.json" /* fuzzers run in the top folder */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, struct gh_text bytes)
{
    fprintf(stderr, "fuzz_import: %s: %.*s\n", what, (int)bytes.size, bytes.at);
    abort();
}

/* The bytes as a file; its path holds until the next call. */
static const char *file_of(const uint8_t *data, size_t size)
{
    static char path[64];
    static int file = -1;

    if (file < 0)
        file = memfd_create("fuzz", MFD_CLOEXEC);
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) {
        perror("fuzz_import");
        exit(1);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return path;
}

/* Walks jansson's tree beside the fields. */
struct pair {
    const struct gh_field *field;
    uint32_t count, next;
    struct gh_text bytes;
};

static void leaf_check(struct pair *p, const char *path, const json_t *value)
{
    if (p->next == p->count)
        fail("a value is missing", p->bytes);
    const struct gh_field *f = &p->field[p->next++];
    bool same = f->name.size == strlen(path) && memcmp(f->name.at, path, f->name.size) == 0;

    if (json_is_string(value))
        same &= f->type == GH_FIELD_TEXT && f->as.text.size == json_string_length(value) &&
                memcmp(f->as.text.at, json_string_value(value), f->as.text.size) == 0;
    else if (json_is_integer(value))
        same &= f->type == GH_FIELD_WHOLE && f->as.whole == json_integer_value(value);
    else if (json_is_real(value))
        same &= f->type == GH_FIELD_TEXT ||
                (f->type == GH_FIELD_REAL && f->as.real == json_real_value(value));
    else
        same &= f->type == GH_FIELD_TRUTH && f->as.truth == json_is_true(value);
    if (!same)
        fail("another value", p->bytes);
}

static void tree_check(struct pair *p, const char *path, json_t *value)
{
    char longer[1024];
    const char *name;
    json_t *inside;
    size_t i;

    if (json_is_object(value)) {
        json_object_foreach(value, name, inside)
        {
            snprintf(longer, sizeof longer, "%s%s%s", path, path[0] != '\0' ? "." : "", name);
            tree_check(p, longer, inside);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, inside)
        {
            snprintf(longer, sizeof longer, "%s%s%zu", path, path[0] != '\0' ? "." : "", i);
            tree_check(p, longer, inside);
        }
    } else if (!json_is_null(value)) {
        leaf_check(p, path, value);
    }
}

static struct pair pair;

static bool pair_take(void *context, const struct gh_field *field, uint32_t count)
{
    pair.field = field;
    pair.count = count;
    tree_check(&pair, "", context);
    if (pair.next != pair.count)
        fail("a value too many", pair.bytes);
    return true;
}

/* Whether gh_flatten may do otherwise: texts that are objects, and what is over its limits. */
static bool document_is_plain(const uint8_t *data, size_t size)
{
    uint32_t depth = 0;

    for (size_t i = 0; i < size; i++) {
        depth += data[i] == '{' || data[i] == '[';
        if (data[i] == '"' && i + 1 < size && (data[i + 1] == '{' || data[i + 1] == '\\'))
            return false;
    }
    return depth < 30 && size < 400;
}

static void document_check(const uint8_t *data, size_t size)
{
    static const struct gh_flat_plan plain = {.depth = 0};
    static struct gh_flat *flat;
    char *copy = malloc(size + 1);
    const struct gh_text text = {memcpy(copy, data, size), (uint32_t)size};
    json_t *tree = document_is_plain(data, size)
                       ? json_loadb(copy, size, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    const struct gh_flat_rows rows = {pair_take, tree};

    if (flat == NULL)
        flat = gh_flat_new();
    pair = (struct pair){.bytes = text};
    if (json_is_object(tree) && gh_flatten(flat, &plain, text, &rows) != NULL)
        fail("jansson takes it", text);
    json_decref(tree);
    free(copy);
}

/* A row as it would be written, all in quotes. */
static void row_write(FILE *out, const struct gh_csv_row *row)
{
    for (uint32_t i = 0; i < row->count; i++) {
        fputs(i > 0 ? ",\"" : "\"", out);
        for (uint32_t k = 0; k < row->cell[i].size; k++) {
            fputc(row->cell[i].at[k], out);
            if (row->cell[i].at[k] == '"')
                fputc('"', out);
        }
        fputc('"', out);
    }
    fputc('\n', out);
}

/* Rows that can be read, written again. Frees nothing of the caller's. */
static char *rows_written(const uint8_t *data, size_t size, size_t *written)
{
    struct gh_input input = {0};
    struct gh_error error = {0};
    struct gh_csv_row row;
    bool any = true;
    char *text = NULL;
    FILE *out = open_memstream(&text, written);

    if (gh_input_open(&input, file_of(data, size), &error) != GH_OK)
        fail(error.text, (struct gh_text){"", 0});
    struct gh_csv *csv = gh_csv_open(&input);
    while (gh_csv_next(csv, &row, &any, &error) == GH_OK && any)
        if (row.trouble == NULL)
            row_write(out, &row);
    gh_csv_close(csv);
    fclose(out);
    return text;
}

static void csv_check(const uint8_t *data, size_t size)
{
    size_t once = 0, twice = 0;

    if (memchr(data, ';', size) != NULL || memchr(data, '\t', size) != NULL)
        return; /* may stand for the comma */
    char *first = rows_written(data, size, &once);
    char *second = rows_written((const uint8_t *)first, once, &twice);
    if (once != twice || memcmp(first, second, once) != 0)
        fail("rows read back differently", (struct gh_text){first, (uint32_t)once});
    free(first);
    free(second);
}

static void complain(void *context, const char *text)
{
    (void)context;
    if (strncmp(text, "/proc/", 6) != 0 && strncmp(text, "claude-code:", 12) != 0)
        fail("a complaint without its place", (struct gh_text){text, (uint32_t)strlen(text)});
}

static void events_check(struct gh_import *import)
{
    static struct gh_decoder *decoder;
    struct gh_error error = {0};
    struct gh_text line;
    struct gh_event event;
    struct gh_refused refused;
    int64_t at_ms = 0, last_ms = 0;

    if (decoder == NULL)
        decoder = gh_decoder_new();
    while (gh_import_next(import, &at_ms, &line, &error) == GH_OK && line.at != NULL) {
        const struct gh_piece piece = {.at = line.at, .size = line.size};
        gh_decoder_reset(decoder);
        if (!gh_decode(decoder, &piece, &event, &refused))
            fail(refused.text, line);
        if (event.ts_ms != at_ms || at_ms < last_ms)
            fail("not in order of time", line);
        last_ms = at_ms;
    }
    if (error.status != GH_OK)
        fail(error.text, (struct gh_text){"", 0});
}

static void import_check(const char *format, const uint8_t *data, size_t size)
{
    static struct gh_maps *maps, *ours;
    struct gh_import *import = NULL;
    struct gh_error error = {0};

    if (maps == NULL && (gh_maps_load(&maps, "", &error) != GH_OK ||
                         gh_maps_load_file(&ours, CSV_MAP, &error) != GH_OK))
        fail(error.text, (struct gh_text){"", 0});
    const struct gh_import_plan plan = {.format = gh_import_format_find(format),
                                        .maps = strcmp(format, "csv") == 0 ? ours : maps,
                                        .actor = "ada",
                                        .complain = complain};
    if (gh_import_new(&import, &plan, &error) != GH_OK ||
        gh_import_file(import, file_of(data, size), &error) != GH_OK)
        fail(error.text, (struct gh_text){"", 0});
    events_check(import);
    gh_import_free(import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#define FORMAT_NAME(symbol, name, ...) name,
    static const char *const formats[] = {GH_IMPORT_FORMATS(FORMAT_NAME)};
    enum { FORMATS = sizeof formats / sizeof *formats };

    if (size == 0)
        return 0;
    const unsigned which = (data[0] - 'a') % (FORMATS + 2u);
    data++;
    size--;
    if (which == FORMATS)
        document_check(data, size);
    else if (which == FORMATS + 1)
        csv_check(data, size);
    else
        import_check(formats[which], data, size);
    return 0;
}
