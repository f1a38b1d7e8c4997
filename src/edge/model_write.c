/* model_write.c - a model as a file: keys in the order of the table, one row on a line. */
#include "edge/model_file.h"

#include "edge/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 32 };

/* Six digits: more than any estimate has. Counts are whole. */
static void number_print(double value, char text[NUMBER_SIZE])
{
    const bool whole = value == floor(value) && fabs(value) < 1e15;

    snprintf(text, NUMBER_SIZE, whole ? "%.0f" : "%.6g", value);
}

void gh_model_round(struct gh_model *model)
{
    char text[NUMBER_SIZE];

    for (size_t k = 0; k < gh_model_key_count(); k++) {
        const struct gh_model_key *key = gh_model_key_at(k);
        for (size_t row = 0; row < gh_model_row_count(key->rows); row++)
            for (size_t i = 0; i < key->count; i++) {
                number_print(gh_model_get(model, key, row, i), text);
                gh_model_set(model, key, row, i, strtod(text, NULL));
            }
    }
    for (int track = 0; track < GH_TRACK_COUNT; track++)
        model->tail[track].log_u = model->tail[track].knot[GH_TAIL_KNOTS - 1];
}

static void numbers_write(FILE *out, const struct gh_model *m, const struct gh_model_key *key,
                          size_t row)
{
    char text[NUMBER_SIZE];

    fputs(key->count > 1 ? "[" : "", out);
    for (size_t i = 0; i < key->count; i++) {
        number_print(gh_model_get(m, key, row, i), text);
        fprintf(out, "%s%s", i ? ", " : "", text);
    }
    fputs(key->count > 1 ? "]" : "", out);
}

/* All keys of the section, of which keys[first] is the first. */
static void row_write(FILE *out, const struct gh_model *m, size_t first, size_t row)
{
    const struct gh_model_key *key = gh_model_key_at(first);
    const char *section = key->section;

    if (key->name[0] == '\0') {
        numbers_write(out, m, key, row);
        return;
    }
    for (size_t k = first; k < gh_model_key_count(); k++) {
        key = gh_model_key_at(k);
        if (strcmp(key->section, section) != 0)
            break;
        fprintf(out, "%s\"%s\": ", k > first ? ", " : "{", key->name);
        numbers_write(out, m, key, row);
    }
    fputc('}', out);
}

static void section_write(FILE *out, const struct gh_model *m, size_t first)
{
    const struct gh_model_key *key = gh_model_key_at(first);
    size_t written = 0;

    fprintf(out, ",\n \"%s\": ", key->section);
    if (key->rows == GH_ROWS_ONE) {
        row_write(out, m, first, 0);
        return;
    }
    for (size_t row = 0; row < gh_model_row_count(key->rows); row++) {
        if (!gh_model_row_used(key, row))
            continue;
        fprintf(out, "%s\n  \"%s\": ", written++ ? "," : "{",
                gh_model_row_name(key->rows, row));
        row_write(out, m, first, row);
    }
    fputs(written ? "\n }" : "{}", out);
}

static void text_write(FILE *out, const char *before, const char *text)
{
    struct gh_json json = {0};

    gh_json_string(&json, text);
    fprintf(out, "%s%s", before, json.at ? json.at : "\"\"");
    gh_json_free(&json);
}

static void head_write(FILE *out, const struct gh_model *m, const struct gh_model_origin *o)
{
    fprintf(out, "{\n \"format\": %d,\n \"engine\": %d", GH_MODEL_FORMAT, GH_MODEL_ENGINE);
    text_write(out, ",\n \"name\": ", m->name);
    text_write(out, ",\n \"version\": ", m->version);
    text_write(out, ",\n \"provenance\": {\n  \"command\": ", o->command);
    text_write(out, ",\n  \"inputs\": ", o->inputs);
#define ORIGIN_WRITE(name, help) fprintf(out, ",\n  \"" #name "\": %" PRIu64, o->name);
    GH_MODEL_ORIGIN_COUNTS(ORIGIN_WRITE)
    fputs("\n }", out);
}

char *gh_model_text(const struct gh_model *model, const struct gh_model_origin *origin)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    head_write(out, model, origin);
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (k == 0 || strcmp(gh_model_key_at(k)->section, gh_model_key_at(k - 1)->section) != 0)
            section_write(out, model, k);
    fputs("\n}", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
