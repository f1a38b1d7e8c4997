/* model.c - a model file from JSON. Strict: see model_file.h. */
#include "edge/model_file.h"

#include "edge/embedded.h"
#include "edge/json_read.h"
#include "edge/resources.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct model_reader {
    const char *path;
    struct gh_error *error;
    bool failed;
};

/* `place` is "section.row" or "" at the top; the first trouble is told. */
static void model_refuse(struct model_reader *r, const char *place, const char *key,
                         const char *trouble)
{
    r->failed = true;
    gh_error_set(r->error, GH_ECONFIG, "%s: %s%s%s: %s", r->path, place,
                 place[0] && key[0] ? "." : "", key, trouble);
}

static double model_number(struct model_reader *r, const struct gh_model_key *key,
                           const char *place, const json_t *value)
{
    const double number = json_number_value(value);

    if (!json_is_number(value) || !(number >= key->min && number <= key->max)) {
        char legal[64];
        snprintf(legal, sizeof legal, "%s a number from %g to %g",
                 value == NULL ? "missing:" : "must be", key->min, key->max);
        model_refuse(r, place, key->name, legal);
        return key->fallback;
    }
    return number;
}

static void model_key(struct model_reader *r, struct gh_model *m,
                      const struct gh_model_key *key, size_t row, const json_t *at)
{
    const json_t *value = key->name[0] ? json_object_get(at, key->name) : at;
    char place[96], trouble[64];

    snprintf(place, sizeof place, "%s%s%s", key->section, key->rows == GH_ROWS_ONE ? "" : ".",
             gh_model_row_name(key->rows, row));
    if (key->count == 1) {
        gh_model_set(m, key, row, 0, model_number(r, key, place, value));
        return;
    }
    if (json_array_size(value) != key->count) {
        snprintf(trouble, sizeof trouble, "must be an array of %zu numbers", key->count);
        model_refuse(r, place, key->name, trouble);
        return;
    }
    for (size_t i = 0; i < key->count; i++)
        gh_model_set(m, key, row, i, model_number(r, key, place, json_array_get(value, i)));
}

/* Legal names: keys of the section, or rows of it. */
static bool key_known(const char *section, const char *name)
{
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (strcmp(gh_model_key_at(k)->section, section) == 0 &&
            strcmp(gh_model_key_at(k)->name, name) == 0)
            return true;
    return false;
}

static bool row_known(enum gh_model_rows rows, const char *name)
{
    for (size_t row = 0; row < gh_model_row_count(rows); row++)
        if (strcmp(gh_model_row_name(rows, row), name) == 0)
            return true;
    return false;
}

static void model_row(struct model_reader *r, struct gh_model *m,
                      const struct gh_model_key *first, size_t row, json_t *at)
{
    const char *name, *trouble;
    json_t *value;
    char place[96];

    snprintf(place, sizeof place, "%s.%s", first->section, gh_model_row_name(first->rows, row));
    if (first->name[0] && !json_is_object(at)) {
        model_refuse(r, place, "", "must be an object");
        return;
    }
    json_object_foreach(at, name, value) if (!key_known(first->section, name))
        model_refuse(r, place, name, "no such key in a model");
    for (size_t k = 0; k < gh_model_key_count() && !r->failed; k++)
        if (strcmp(gh_model_key_at(k)->section, first->section) == 0)
            model_key(r, m, gh_model_key_at(k), row, at);
    if (!r->failed && (trouble = gh_model_trouble(m, first->section, row)) != NULL)
        model_refuse(r, place, "", trouble);
}

/* A section by its first key. Both tracks must be there: without a tail there is no lock. */
static void model_section(struct model_reader *r, struct gh_model *m,
                          const struct gh_model_key *first, const json_t *root)
{
    json_t *section = json_object_get(root, first->section), *at;
    const char *name;

    if (first->rows == GH_ROWS_ONE) {
        model_key(r, m, first, 0, section);
        return;
    }
    if (section != NULL && !json_is_object(section))
        model_refuse(r, first->section, "", "must be an object");
    json_object_foreach(section, name, at) if (!row_known(first->rows, name))
        model_refuse(r, first->section, name, "no such row in a model");
    for (size_t row = 0; row < gh_model_row_count(first->rows) && !r->failed; row++) {
        name = gh_model_row_name(first->rows, row);
        if ((at = json_object_get(section, name)) != NULL)
            model_row(r, m, first, row, at);
        else if (first->rows == GH_ROWS_TRACK && gh_model_row_used(first, row))
            model_refuse(r, first->section, name, "missing");
    }
}

static void model_text(struct model_reader *r, const json_t *root, const char *key, char *text,
                       size_t size)
{
    const char *value = json_string_value(json_object_get(root, key));

    if (value == NULL || strlen(value) >= size) {
        char legal[64];
        snprintf(legal, sizeof legal, "must be a text of at most %zu bytes", size - 1);
        model_refuse(r, "", key, legal);
        return;
    }
    memcpy(text, value, strlen(value) + 1);
}

static void model_origin(struct model_reader *r, struct gh_model_origin *o, const json_t *root)
{
    const json_t *at = json_object_get(root, "provenance");

    if (!json_is_object(at)) {
        model_refuse(r, "", "provenance", "missing: an object that says what made the model");
        return;
    }
    model_text(r, at, "command", o->command, sizeof o->command);
    model_text(r, at, "inputs", o->inputs, sizeof o->inputs);
#define ORIGIN_COUNT(name, help)                                        \
    o->name = (uint64_t)json_integer_value(json_object_get(at, #name)); \
    if (!json_is_integer(json_object_get(at, #name)) ||                 \
        json_integer_value(json_object_get(at, #name)) < 0)             \
        model_refuse(r, "provenance", #name, "must be a whole number");
    GH_MODEL_ORIGIN_COUNTS(ORIGIN_COUNT)
}

/* What the file is at all. A model of another engine is not read any further: its numbers
 * may mean something else. */
static bool model_fits(struct model_reader *r, const json_t *root)
{
    const json_t *format = json_object_get(root, "format"), *engine;
    const char *command =
        json_string_value(json_object_get(json_object_get(root, "provenance"), "command"));
    char trouble[320];

    if (!json_is_integer(format) || json_integer_value(format) != GH_MODEL_FORMAT) {
        snprintf(trouble, sizeof trouble, "must be %d: fit the model again (goodhart fit)",
                 GH_MODEL_FORMAT);
        model_refuse(r, "", "format", trouble);
        return false;
    }
    engine = json_object_get(root, "engine");
    if (json_is_integer(engine) && json_integer_value(engine) == GH_MODEL_ENGINE)
        return true;
    snprintf(trouble, sizeof trouble,
             "%lld: this program's engine reads models of engine %d; fit the model again: %s",
             (long long)json_integer_value(engine), GH_MODEL_ENGINE,
             command ? command : "goodhart fit LOG…");
    model_refuse(r, "", "engine", trouble);
    return false;
}

static bool top_known(const char *name)
{
    static const char *const names[] = {"format", "engine", "name", "version", "provenance"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (strcmp(gh_model_key_at(k)->section, name) == 0)
            return true;
    return false;
}

static void model_read(struct model_reader *r, struct gh_model *m, struct gh_model_origin *o,
                       json_t *root)
{
    const char *name;
    json_t *value;

    gh_model_neutral(m);
    if (!model_fits(r, root))
        return;
    json_object_foreach(root, name, value) if (!top_known(name))
        model_refuse(r, "", name, "no such key in a model");
    model_text(r, root, "name", m->name, sizeof m->name);
    model_text(r, root, "version", m->version, sizeof m->version);
    model_origin(r, o, root);
    for (size_t k = 0; k < gh_model_key_count() && !r->failed; k++)
        if (k == 0 || strcmp(gh_model_key_at(k)->section, gh_model_key_at(k - 1)->section) != 0)
            model_section(r, m, gh_model_key_at(k), root);
    for (int track = 0; track < GH_TRACK_COUNT; track++)
        m->tail[track].log_u = m->tail[track].knot[GH_TAIL_KNOTS - 1];
}

enum gh_status gh_model_parse(struct gh_model *model, struct gh_model_origin *origin,
                              const char *path, struct gh_text text, struct gh_error *error)
{
    struct model_reader r = {path, error, false};
    struct gh_model_origin unwanted = {0};
    json_error_t trouble;

    gh_json_begin();
    json_t *root = json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES, &trouble);
    const enum gh_status status = gh_json_loaded(&root, path, &trouble, error);
    if (status != GH_OK)
        return status;
    model_read(&r, model, origin ? origin : &unwanted, root);
    json_decref(root);
    return r.failed ? GH_ECONFIG : GH_OK;
}

enum { MODEL_BYTES_MAX = 1 << 20 };

static enum gh_status file_read(const char *path, char **at, size_t *size,
                                struct gh_error *error)
{
    FILE *file = fopen(path, "re");
    const int trouble = errno;

    *at = malloc(MODEL_BYTES_MAX + 1);
    *size = file && *at ? fread(*at, 1, MODEL_BYTES_MAX + 1, file) : 0;
    const bool failed = file && ferror(file);
    if (file)
        fclose(file);
    if (!file || failed)
        return gh_error_set(error, GH_ECONFIG, "%s: cannot be read: %s", path,
                            failed ? "not a file" : strerror(trouble));
    if (!*at)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    if (*size > MODEL_BYTES_MAX)
        return gh_error_set(error, GH_ECONFIG, "%s: longer than %d bytes: not a model", path,
                            MODEL_BYTES_MAX);
    return GH_OK;
}

enum gh_status gh_model_load(struct gh_model **model, const char *path, struct gh_error *error)
{
    struct gh_model *m = calloc(1, sizeof *m);
    enum gh_status status = GH_OK;
    char *bytes = NULL;
    size_t size = 0;
    const char *at = path[0] == '\0' ? gh_embedded("default.json", &size) : NULL;

    if (m == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    if (at == NULL) {
        status = file_read(path, &bytes, &size, error);
        at = bytes;
    }
    if (status == GH_OK)
        status = gh_model_parse(m, NULL, path[0] ? path : "models/default.json",
                                (struct gh_text){at, (uint32_t)size}, error);
    free(bytes);
    if (status == GH_OK)
        *model = m;
    else
        free(m);
    return status;
}

void gh_model_free(struct gh_model *model)
{
    free(model);
}
