/* flatten.c - see flatten.h. Reads along the bytes: content, most of what logs of prompts hold,
 * is stepped over and never copied. */
#include "edge/fields/flatten.h"

#include "edge/json_scan.h"
#include "edge/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAT_DEPTH_MAX = 32, PATH_SIZE = 512 };

struct gh_flat {
    struct gh_heap heap;
    struct gh_array fields, row; /* of gh_field; `row` is put together of several levels */
    struct gh_arena texts;
    const struct gh_flat_plan *plan;
    const char *end;      /* of the document */
    const char *trouble;  /* the first; then reading ends */
    struct gh_text inner; /* array of rows found in the object that is read; at NULL: none */
    uint32_t rows;        /* taken out of arrays */
    uint32_t level;       /* of rows that is looked for next; GH_FLAT_ROW_LEVELS: none */
    char path[PATH_SIZE];
};

static const char *flat_value(struct gh_flat *f, const char *at, size_t path, uint32_t depth);

struct gh_flat *gh_flat_new(void)
{
    struct gh_flat *flat = calloc(1, sizeof *flat);

    if (flat == NULL)
        return NULL;
    flat->heap.memory = gh_memory_system();
    flat->fields.element_size = flat->row.element_size = sizeof(struct gh_field);
    return flat;
}

void gh_flat_free(struct gh_flat *flat)
{
    if (flat == NULL)
        return;
    gh_array_free(&flat->heap, &flat->fields);
    gh_array_free(&flat->heap, &flat->row);
    gh_arena_free(&flat->heap, &flat->texts);
    free(flat);
}

void gh_flat_reset(struct gh_flat *flat)
{
    flat->fields.count = 0;
    flat->trouble = NULL;
    flat->rows = 0;
    flat->level = GH_FLAT_ROW_LEVELS;
    flat->inner = (struct gh_text){0};
    gh_arena_reset(&flat->texts);
}

uint32_t gh_flat_row(const struct gh_flat *flat)
{
    return flat->rows;
}

const struct gh_field *gh_flat_fields(const struct gh_flat *flat, uint32_t *count)
{
    *count = flat->fields.count;
    return flat->fields.count > 0 ? gh_array_at(&flat->fields, 0) : NULL;
}

static const char *flat_wrong(struct gh_flat *f, const char *trouble)
{
    f->trouble = f->trouble == NULL ? trouble : f->trouble;
    return f->end;
}

static struct gh_field *flat_add(struct gh_flat *f, size_t path, enum gh_field_type type)
{
    if (f->fields.count == GH_FLAT_FIELDS_MAX) {
        flat_wrong(f, "more than 4,096 values");
        return NULL;
    }
    const struct gh_text name =
        gh_arena_copy(&f->heap, &f->texts, (struct gh_text){f->path, (uint32_t)path});
    struct gh_field *field = gh_array_add(&f->heap, &f->fields, 1);
    if (field == NULL || name.at == NULL) {
        flat_wrong(f, "out of memory");
        return NULL;
    }
    *field = (struct gh_field){.name = name, .type = type};
    return field;
}

/* Adds ".name" to the path. Returns its new size, SIZE_MAX: too long. */
static size_t path_add(struct gh_flat *f, size_t path, struct gh_text name)
{
    const size_t dot = path > 0;

    if (path + dot + name.size > PATH_SIZE)
        return SIZE_MAX;
    if (dot > 0)
        f->path[path] = '.';
    memcpy(f->path + path + dot, name.at, name.size);
    return path + dot + name.size;
}

/* The byte after a value that is not looked at; only its brackets are. */
static const char *flat_pass(struct gh_flat *f, const char *at)
{
    const char *trouble = NULL;
    uint32_t depth = 0;
    bool escaped = false;

    for (; at < f->end; at++) {
        const char c = *at;
        const bool closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ','))
            return at;
        if (c == '"') {
            at = gh_scan_string(at + 1, f->end, &escaped, &trouble);
            if (at == NULL)
                return flat_wrong(f, "not valid JSON: a control character in a text");
        }
        depth += c == '{' || c == '[';
        depth -= closes;
        if (depth == 0 && (closes || c == '"'))
            return at + 1;
    }
    return at;
}

/* The text whose opening quote is at `at`; *next: the byte after it. */
static struct gh_text flat_text(struct gh_flat *f, const char *at, const char **next)
{
    const char *trouble = NULL;
    bool escaped = false;
    const char *const begin = at + 1;
    const char *const close = gh_scan_string(begin, f->end, &escaped, &trouble);

    if (close == NULL) {
        *next = flat_wrong(f, "not valid JSON: a control character in a text");
        return (struct gh_text){"", 0};
    }
    *next = close + 1;
    const struct gh_text raw = {begin, (uint32_t)(close - begin)};
    if (!escaped)
        return raw;
    char *to = gh_arena_take(&f->heap, &f->texts, raw.size);
    if (to == NULL) {
        *next = flat_wrong(f, "out of memory");
        return raw;
    }
    const size_t size = gh_unescape(begin, close, to, &trouble);
    return size == SIZE_MAX ? raw : (struct gh_text){to, (uint32_t)size};
}

static bool flat_named(const char *const *names, struct gh_text name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strlen(*names) == name.size && memcmp(*names, name.at, name.size) == 0)
            return true;
    return false;
}

/* Whether this member of the row's object is the array of the rows inside. */
static bool flat_is_rows(struct gh_flat *f, struct gh_text name, const char *at)
{
    if (at == f->end || *at != '[')
        return false;
    for (uint32_t i = f->level; i < GH_FLAT_ROW_LEVELS && f->plan->rows[i] != NULL; i++)
        if (strlen(f->plan->rows[i]) == name.size &&
            memcmp(f->plan->rows[i], name.at, name.size) == 0) {
            f->level = i + 1;
            return true;
        }
    return false;
}

/* `at` is behind the colon. */
static const char *flat_member(struct gh_flat *f, const char *at, struct gh_text name,
                               size_t path, uint32_t depth)
{
    if (depth == 1 && f->inner.at == NULL && flat_is_rows(f, name, at)) {
        const char *const end = flat_pass(f, at);
        f->inner = (struct gh_text){at, (uint32_t)(end - at)};
        return end;
    }
    if (flat_named(f->plan->skip, name))
        return flat_pass(f, at);
    const size_t longer = path_add(f, path, name);
    if (longer == SIZE_MAX)
        return flat_wrong(f, "a name longer than 512 bytes");
    return flat_value(f, at, longer, flat_named(f->plan->whole, name) ? FLAT_DEPTH_MAX : depth);
}

/* Objects and arrays, `at` behind the opening bracket. */
static const char *flat_inside(struct gh_flat *f, const char *at, size_t path, uint32_t depth)
{
    const bool object = at[-1] == '{';
    const char close = object ? '}' : ']';
    char index[16];

    at = gh_skip_space(at, f->end);
    if (at < f->end && *at == close)
        return at + 1;
    for (uint32_t i = 0; f->trouble == NULL; i++) {
        struct gh_text name = {index, (uint32_t)snprintf(index, sizeof index, "%u", i)};
        at = gh_skip_space(at, f->end);
        if (object) {
            if (at == f->end || *at != '"')
                return flat_wrong(f, "not valid JSON: a name in quotes is missing");
            name = flat_text(f, at, &at);
            at = gh_skip_space(at, f->end);
            if (at == f->end || *at++ != ':')
                return flat_wrong(f, "not valid JSON: a colon is missing");
            at = gh_skip_space(at, f->end);
        }
        at = gh_skip_space(flat_member(f, at, name, path, depth + 1), f->end);
        if (at < f->end && *at == close)
            return at + 1;
        if (at == f->end || *at++ != ',')
            return flat_wrong(f, "not valid JSON: a comma or bracket is missing");
    }
    return f->end;
}

static void flat_number(struct gh_flat *f, struct gh_text text, size_t path)
{
    struct gh_scalar value = {0};
    enum gh_refusal reason = GH_REFUSED_NOT;
    const char *trouble = NULL;
    const bool fits = text.size < 64;
    const char *const end = text.at + text.size;

    if (!fits || gh_scan_number(text.at, end, &value, &reason, &trouble) != end) {
        if (fits && reason == GH_REFUSED_SYNTAX) {
            flat_wrong(f, "not valid JSON: not a value");
            return;
        }
        struct gh_field *raw = flat_add(f, path, GH_FIELD_TEXT);
        if (raw != NULL)
            raw->as.text = text;
        return;
    }
    const bool whole = value.type == GH_SCALAR_INTEGER;
    struct gh_field *field = flat_add(f, path, whole ? GH_FIELD_WHOLE : GH_FIELD_REAL);
    if (field == NULL)
        return;
    if (whole)
        field->as.whole = value.integer;
    else
        field->as.real = value.real;
}

static bool text_is(struct gh_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

/* Numbers, true, false, null. */
static const char *flat_word(struct gh_flat *f, const char *at, size_t path)
{
    const char *const begin = at;

    while (at < f->end && !gh_is_space(*at) && *at != ',' && *at != '}' && *at != ']')
        at++;
    const struct gh_text word = {begin, (uint32_t)(at - begin)};
    if (text_is(word, "null"))
        return at;
    if (!text_is(word, "true") && !text_is(word, "false")) {
        if (word.size == 0 || (*begin != '-' && (*begin < '0' || *begin > '9')))
            return flat_wrong(f, "not valid JSON: not a value");
        flat_number(f, word, path);
        return at;
    }
    struct gh_field *field = flat_add(f, path, GH_FIELD_TRUTH);
    if (field != NULL)
        field->as.truth = *begin == 't';
    return at;
}

/* A text that is an object: its fields, if all of it can be read. False: it is a text. */
static bool flat_nested(struct gh_flat *f, struct gh_text text, size_t path, uint32_t depth)
{
    const uint32_t before = f->fields.count;
    const char *const end = f->end;

    if (text.size < 2 || text.at[0] != '{' || text.at[text.size - 1] != '}' ||
        f->trouble != NULL || depth >= FLAT_DEPTH_MAX)
        return false;
    f->end = text.at + text.size;
    const bool whole = flat_inside(f, text.at + 1, path, depth + 1) == f->end;
    const bool good = whole && f->trouble == NULL;
    f->end = end;
    if (!good) {
        f->fields.count = before;
        f->trouble = f->heap.failed ? "out of memory" : NULL;
    }
    return good;
}

static const char *flat_value(struct gh_flat *f, const char *at, size_t path, uint32_t depth)
{
    const uint32_t limit = f->plan->depth > 0 ? f->plan->depth : FLAT_DEPTH_MAX;
    struct gh_text text;

    if (at == f->end)
        return flat_wrong(f, "not valid JSON: a value is missing");
    if ((*at == '{' || *at == '[') && depth < limit)
        return flat_inside(f, at + 1, path, depth);
    if (*at == '{' || *at == '[') {
        const char *const begin = at;
        at = flat_pass(f, at);
        text = (struct gh_text){begin, (uint32_t)(at - begin)};
    } else if (*at == '"') {
        text = flat_text(f, at, &at);
        if (f->plan->depth == 0 && depth < limit && flat_nested(f, text, path, depth))
            return at;
    } else {
        return flat_word(f, at, path);
    }
    struct gh_field *field = f->trouble == NULL ? flat_add(f, path, GH_FIELD_TEXT) : NULL;
    if (field != NULL)
        field->as.text = text;
    return at;
}

/* The fields of one object, and the rows inside it: at[0] is '{'. Fields of what encloses it
 * are below `outside`. Returns the byte after it; NULL: `take` had enough. */
static const char *flat_object(struct gh_flat *f, const char *at, uint32_t outside,
                               const struct gh_flat_rows *rows);

/* The row of the innermost object: its own fields before the others. */
static bool flat_row(struct gh_flat *f, uint32_t outside, const struct gh_flat_rows *rows)
{
    const uint32_t count = f->fields.count;
    const struct gh_field *field = count > 0 ? gh_array_at(&f->fields, 0) : NULL;

    f->row.count = 0;
    f->rows += f->level > 0;
    struct gh_field *row = count > 0 ? gh_array_add(&f->heap, &f->row, count) : NULL;
    if (count > 0 && row == NULL) {
        flat_wrong(f, "out of memory");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        row[i] = field[i < count - outside ? outside + i : i - (count - outside)];
    return rows->take(rows->context, row, count);
}

/* The elements of an array of rows. False: `take` had enough. */
static bool flat_elements(struct gh_flat *f, struct gh_text array,
                          const struct gh_flat_rows *rows)
{
    const uint32_t outside = f->fields.count, level = f->level;
    const char *at = gh_skip_space(array.at + 1, f->end);

    while (f->trouble == NULL && at < f->end && *at != ']') {
        if (*at != '{') {
            flat_wrong(f, "a row that is no JSON object");
            return true;
        }
        f->level = level;
        at = flat_object(f, at, outside, rows);
        if (at == NULL)
            return false;
        f->fields.count = outside;
        at = gh_skip_space(at, f->end);
        if (at < f->end && *at == ',')
            at = gh_skip_space(at + 1, f->end);
    }
    return true;
}

static const char *flat_object(struct gh_flat *f, const char *at, uint32_t outside,
                               const struct gh_flat_rows *rows)
{
    f->inner = (struct gh_text){0};
    const char *const next = flat_inside(f, at + 1, 0, 0);
    const struct gh_text inner = f->inner;
    bool more = true;

    f->inner = (struct gh_text){0};
    if (f->trouble != NULL)
        return next;
    if (inner.at != NULL)
        more = flat_elements(f, inner, rows);
    else
        more = flat_row(f, outside, rows);
    return more ? next : NULL;
}

const char *gh_flatten(struct gh_flat *flat, const struct gh_flat_plan *plan,
                       struct gh_text document, const struct gh_flat_rows *rows)
{
    gh_flat_reset(flat);
    flat->plan = plan;
    flat->level = 0;
    flat->end = document.at + document.size;
    if (document.size == 0 || document.at[0] != '{')
        return "not a JSON object";
    if (gh_scan_utf8(document.at, flat->end) != flat->end)
        return "not valid UTF-8";
    const char *next = flat_object(flat, document.at, 0, rows);
    if (next != NULL && next != flat->end && flat->trouble == NULL)
        flat->trouble = "not valid JSON: something behind the object";
    return flat->trouble;
}

const char *gh_flat_column(struct gh_flat *flat, const struct gh_flat_plan *plan,
                           struct gh_text name, struct gh_text value)
{
    flat->plan = plan;
    flat->end = value.at + value.size;
    if (flat_named(plan->skip, name))
        return NULL;
    const size_t path = path_add(flat, 0, name);
    if (path == SIZE_MAX)
        return "a name longer than 512 bytes";
    if (!flat_named(plan->whole, name) && flat_nested(flat, value, path, 0))
        return flat->trouble;
    struct gh_field *field = flat_add(flat, path, GH_FIELD_TEXT);
    if (field != NULL)
        field->as.text = value;
    return flat->trouble;
}
