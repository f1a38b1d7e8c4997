/* flatten.c - see flatten.h. Breadth first, with arrays and objects in a queue. */
#include "edge/fields/flatten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_BYTES = 262144, BRANCHES_MAX = GH_FLAT_FIELDS_MAX };

/* An array or object whose members are still to come. */
struct branch {
    const json_t *value;
    struct gh_text name;
    uint32_t depth; /* names in its path */
};

struct gh_flat {
    struct gh_field field[GH_FLAT_FIELDS_MAX];
    struct branch branch[BRANCHES_MAX];
    char names[NAMES_BYTES];
    uint32_t fields, branches;
    size_t used; /* of names */
    uint64_t left_out;
};

struct gh_flat *gh_flat_new(void)
{
    struct gh_flat *flat = malloc(sizeof(*flat));

    if (flat)
        flat->left_out = 0;
    return flat;
}

void gh_flat_free(struct gh_flat *flat)
{
    free(flat);
}

uint64_t gh_flat_left_out(const struct gh_flat *flat)
{
    return flat->left_out;
}

/* "PREFIX.NAME" among the names. False: it is too long, or they are full. */
static bool name_join(struct gh_flat *flat, struct gh_text prefix, struct gh_text name,
                      struct gh_text *joined)
{
    const size_t point = prefix.size > 0, size = prefix.size + point + name.size;
    char *to = flat->names + flat->used;

    if (size > GH_FLAT_NAME_BYTES_MAX || size > sizeof(flat->names) - flat->used)
        return false;
    memcpy(to, prefix.at, prefix.size);
    if (point)
        to[prefix.size] = '.';
    memcpy(to + prefix.size + point, name.at, name.size);
    flat->used += size;
    *joined = (struct gh_text){to, (uint32_t)size};
    return true;
}

static bool scalar_of(const json_t *value, struct gh_field *field)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        field->type = GH_FIELD_TEXT;
        field->as.text =
            (struct gh_text){json_string_value(value), (uint32_t)json_string_length(value)};
        return true;
    case JSON_INTEGER:
        field->type = GH_FIELD_WHOLE;
        field->as.whole = json_integer_value(value);
        return true;
    case JSON_REAL:
        field->type = GH_FIELD_REAL;
        field->as.real = json_real_value(value);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        field->type = GH_FIELD_TRUTH;
        field->as.truth = json_is_true(value);
        return true;
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static bool value_add(struct gh_flat *flat, const json_t *value, struct gh_text name,
                      uint32_t depth)
{
    struct gh_field field = {.name = name};

    if (scalar_of(value, &field)) {
        if (flat->fields == GH_FLAT_FIELDS_MAX)
            return false;
        flat->field[flat->fields++] = field;
        return true;
    }
    if (json_object_size(value) + json_array_size(value) == 0)
        return true; /* null, or nothing in it */
    if (flat->branches == BRANCHES_MAX || depth == GH_FLAT_DEPTH_MAX)
        return false;
    flat->branch[flat->branches++] = (struct branch){value, name, depth};
    return true;
}

static void member_add(struct gh_flat *flat, const struct branch *from, const char *name,
                       const json_t *value)
{
    const struct gh_text tail = {name, (uint32_t)strlen(name)};
    const size_t before = flat->used;
    struct gh_text joined;

    if (name_join(flat, from->name, tail, &joined) &&
        value_add(flat, value, joined, from->depth + 1))
        return;
    flat->used = before;
    flat->left_out++;
}

static void branch_walk(struct gh_flat *flat, const struct branch *from)
{
    const char *name;
    json_t *value;
    size_t i;
    char digits[24];

    if (json_is_object(from->value)) {
        /* jansson walks an object only for writing, which is not done here. */
        json_object_foreach((json_t *)(uintptr_t)from->value, name, value)
            member_add(flat, from, name, value);
        return;
    }
    json_array_foreach(from->value, i, value)
    {
        snprintf(digits, sizeof(digits), "%zu", i);
        member_add(flat, from, digits, value);
    }
}

void gh_flatten(struct gh_flat *flat, const json_t *document, struct gh_told *told)
{
    flat->fields = flat->branches = 0;
    flat->used = 0;
    /* At the top neither list is full. */
    (void)value_add(flat, document, (struct gh_text){flat->names, 0}, 0);
    for (uint32_t i = 0; i < flat->branches; i++)
        branch_walk(flat, &flat->branch[i]);
    told->field = flat->field;
    told->count = flat->fields;
}
