/* price_table.c - the price table from JSON: {"rows": [{"model": …, "from": …, …}, …]}.
 * Strict: a key that is not known is an error, for a price that is silently dropped is a
 * wrong cost that nobody sees. */
#include "edge/embedded.h"
#include "edge/json_read.h"
#include "edge/resources.h"

#include "base/civil.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRICE_ROWS_MAX = 100000, PRICE_TEXT_MAX = 256 };
#define PRICE_MAX 1e6 /* dollars per million tokens: a dollar a token */

struct gh_price_table {
    json_t *root; /* owns the texts */
    struct gh_price *row;
    size_t count;
};

/* Where a row is, for messages. */
struct price_place {
    const char *path;
    size_t index;
    struct gh_error *error;
};

static enum gh_status price_refuse(const struct price_place *place, const char *key,
                                   const char *trouble)
{
    return gh_error_set(place->error, GH_ECONFIG, "%s: row %zu: %s: %s", place->path,
                        place->index, key, trouble);
}

/* Text keys. `model` must not be empty; "source" is for readers of the file. */
static enum gh_status price_text(const struct price_place *place, const char *key,
                                 const json_t *value, const char **text)
{
    const size_t size = json_string_length(value);

    if (!json_is_string(value) || size > PRICE_TEXT_MAX)
        return price_refuse(place, key, "a text of at most 256 bytes");
    *text = json_string_value(value);
    return GH_OK;
}

static enum gh_status price_model(const struct price_place *place, const char *text)
{
    const char *star = strchr(text, '*');

    if (text[0] == '\0' || (star != NULL && star[1] != '\0'))
        return price_refuse(place, "model", "a name, or the start of one and a '*' at its end");
    return GH_OK;
}

static enum gh_status price_number(const struct price_place *place, const char *key,
                                   const json_t *value, double *number)
{
    const double given = json_number_value(value);

    if (!json_is_number(value) || !(given >= 0 && given <= PRICE_MAX))
        return price_refuse(place, key, "US dollars per million tokens, 0 to 1000000");
    *number = given;
    return GH_OK;
}

static enum gh_status price_window(const struct price_place *place, const json_t *value,
                                   int64_t *tokens)
{
    const json_int_t given = json_integer_value(value);

    if (!json_is_integer(value) || given < 1 || given > GH_COUNT_MAX)
        return price_refuse(place, "context_window", "tokens, an integer from 1");
    *tokens = given;
    return GH_OK;
}

/* A date is the start of that day, UTC. */
static enum gh_status price_from(const struct price_place *place, const json_t *value,
                                 int64_t *from_ms)
{
    static const char midnight[] = "T00:00:00Z";
    char text[64] = "";
    size_t size = json_string_length(value);

    if (json_is_string(value) && size <= sizeof text - sizeof midnight) {
        memcpy(text, json_string_value(value), size);
        if (size == strlen("2026-11-20")) {
            memcpy(text + size, midnight, sizeof midnight);
            size += strlen(midnight);
        }
        if (gh_time_parse(text, size, from_ms))
            return GH_OK;
    }
    return price_refuse(place, "from", "a date such as 2026-11-20, or a time with an offset");
}

static enum gh_status price_key(const struct price_place *place, const char *key,
                                const json_t *value, struct gh_price *row)
{
    const struct {
        const char *name;
        double *number;
    } number[] = {{"input", &row->input},
                  {"cache_read", &row->cache_read},
                  {"cache_write", &row->cache_write},
                  {"output", &row->output}};
    const char *ignored;

    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        if (strcmp(key, number[i].name) == 0)
            return price_number(place, key, value, number[i].number);
    if (strcmp(key, "model") == 0)
        return price_text(place, key, value, &row->model);
    if (strcmp(key, "provider") == 0)
        return price_text(place, key, value, &row->provider);
    if (strcmp(key, "from") == 0)
        return price_from(place, value, &row->from_ms);
    if (strcmp(key, "context_window") == 0)
        return price_window(place, value, &row->context_window);
    if (strcmp(key, "source") == 0)
        return price_text(place, key, value, &ignored);
    return price_refuse(place, key,
                        "not a key; keys are model, provider, from, input, cache_read, "
                        "cache_write, output, context_window, source");
}

static enum gh_status price_row(const struct price_place *place, json_t *object,
                                struct gh_price *row)
{
    const char *key;
    json_t *value;

    *row = (struct gh_price){.provider = "",
                             .from_ms = INT64_MIN,
                             .input = NAN,
                             .cache_read = NAN,
                             .cache_write = NAN,
                             .output = NAN};
    if (!json_is_object(object))
        return price_refuse(place, "row", "an object with the keys model, from, input, output");
    json_object_foreach(object, key, value)
    {
        const enum gh_status status = price_key(place, key, value, row);
        if (status != GH_OK)
            return status;
    }
    if (row->model == NULL)
        return price_refuse(place, "model", "missing");
    if (row->from_ms == INT64_MIN)
        return price_refuse(place, "from", "missing");
    if (isnan(row->input))
        return price_refuse(place, "input", "missing");
    if (isnan(row->output))
        return price_refuse(place, "output", "missing");
    return price_model(place, row->model);
}

struct price_sorted {
    const struct gh_price *row;
};

static int price_compare(const void *a, const void *b)
{
    const struct gh_price *x = ((const struct price_sorted *)a)->row;
    const struct gh_price *y = ((const struct price_sorted *)b)->row;
    const int by_model = strcmp(x->model, y->model);
    const int by_provider = by_model != 0 ? by_model : strcmp(x->provider, y->provider);

    return by_provider != 0 ? by_provider
                            : (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* Two rows for one model from one day on contradict each other. */
static enum gh_status price_check_doubles(const struct gh_price_table *table,
                                          struct price_place *place)
{
    struct price_sorted *sorted = calloc(table->count + 1, sizeof *sorted);
    enum gh_status status = GH_OK;

    if (sorted == NULL)
        return gh_error_set(place->error, GH_EMEMORY, "%s: out of memory", place->path);
    for (size_t i = 0; i < table->count; i++)
        sorted[i].row = &table->row[i];
    qsort(sorted, table->count, sizeof *sorted, price_compare);
    for (size_t i = 1; i < table->count && status == GH_OK; i++) {
        if (price_compare(&sorted[i - 1], &sorted[i]) == 0) {
            place->index = (size_t)(sorted[i].row - table->row) + 1;
            status = price_refuse(place, "from", "an earlier row has the same model and time");
        }
    }
    free(sorted);
    return status;
}

static enum gh_status price_rows(struct gh_price_table *table, const char *path,
                                 struct gh_error *error)
{
    const json_t *rows = json_object_get(table->root, "rows");
    struct price_place place = {.path = path, .error = error};
    json_t *object;

    if (!json_is_array(rows) || json_array_size(rows) > PRICE_ROWS_MAX)
        return gh_error_set(error, GH_ECONFIG, "%s: rows: an array of at most %d objects", path,
                            PRICE_ROWS_MAX);
    table->row = calloc(json_array_size(rows) + 1, sizeof *table->row);
    if (table->row == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    json_array_foreach(rows, table->count, object)
    {
        place.index = table->count + 1;
        const enum gh_status status = price_row(&place, object, &table->row[table->count]);
        if (status != GH_OK)
            return status;
    }
    return price_check_doubles(table, &place);
}

static json_t *price_read(const char *path, json_error_t *trouble)
{
    if (path[0] != '\0')
        return json_load_file(path, JSON_REJECT_DUPLICATES, trouble);
    size_t size = 0;
    const char *at = gh_embedded("prices.json", &size);
    return json_loadb(at, size, JSON_REJECT_DUPLICATES, trouble);
}

enum gh_status gh_price_table_load(struct gh_price_table **table, const char *path,
                                   struct gh_error *error)
{
    const char *name = path[0] != '\0' ? path : "built-in prices";
    struct gh_price_table *made = calloc(1, sizeof *made);
    json_error_t trouble = {0};

    if (made == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", name);
    gh_json_begin();
    made->root = price_read(path, &trouble);
    enum gh_status status = gh_json_loaded(&made->root, name, &trouble, error);
    if (status == GH_OK)
        status = price_rows(made, name, error);
    if (status != GH_OK) {
        gh_price_table_free(made);
        return status;
    }
    *table = made;
    return GH_OK;
}

void gh_price_table_free(struct gh_price_table *table)
{
    if (table == NULL)
        return;
    free(table->row);
    json_decref(table->root);
    free(table);
}

struct gh_prices gh_price_table_prices(const struct gh_price_table *table)
{
    return (struct gh_prices){.row = table->row, .count = table->count};
}
