/* otlp_tree.c - see otlp_tree.h. */
#include "support/otlp_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

char *gh_tree_keep(struct gh_tree *r, size_t size)
{
    char *const at = malloc(size + 1);

    if (at == NULL || r->kept_count == GH_TREE_KEPT)
        abort();
    r->kept[r->kept_count++] = at;
    return at;
}

/* Whether `name` is `snake`, or that in camelCase. */
bool gh_tree_named(const char *name, const char *snake)
{
    char camel[64];
    size_t used = 0;

    for (const char *at = snake; *at != '\0'; at++)
        if (*at == '_')
            camel[used++] = (char)(*++at - 32);
        else
            camel[used++] = *at;
    camel[used] = '\0';
    return strcmp(name, snake) == 0 || strcmp(name, camel) == 0;
}

/* The last member of the name that is not taken back by a null; all must pass the check. */
json_t *gh_tree_member(struct gh_tree *r, json_t *object, const char *snake,
                       gh_tree_check *legal)
{
    const char *name;
    json_t *value, *last = NULL;

    json_object_foreach(object, name, value)
    {
        if (!gh_tree_named(name, snake))
            continue;
        last = json_is_null(value) ? NULL : value;
        if (last != NULL && !legal(r, value))
            r->bad = true;
    }
    return r->bad ? NULL : last;
}

bool gh_tree_is_text(struct gh_tree *r, json_t *value)
{
    (void)r;
    return json_is_string(value);
}
bool gh_tree_is_object(struct gh_tree *r, json_t *value)
{
    (void)r;
    return json_is_object(value);
}
bool gh_tree_is_list(struct gh_tree *r, json_t *value)
{
    size_t i;
    json_t *element;

    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, element) r->bad = r->bad || !json_is_object(element);
    return !r->bad;
}

/* A number or a text that is one, as an integer, else as a real; false: neither. */
static bool numeric(json_t *value, json_t **number)
{
    *number = json_incref(value);
    if (json_is_string(value)) {
        const char *const at = json_string_value(value);
        const size_t size = json_string_length(value);
        json_decref(*number);
        *number = NULL;
        if (size == 0 || strchr(" \t\r\n", at[0]) || strchr(" \t\r\n", at[size - 1]))
            return false;
        *number = json_loadb(at, size, JSON_DECODE_ANY, NULL);
        if (*number == NULL)
            *number = json_loadb(at, size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    }
    if (*number != NULL && json_is_number(*number))
        return true;
    json_decref(*number);
    return false;
}

bool gh_tree_number_of(json_t *value, bool *whole, int64_t *integer, double *real)
{
    json_t *number;

    if (!numeric(value, &number))
        return false;
    *whole = json_is_integer(number);
    *integer = json_integer_value(number);
    *real = json_number_value(number);
    json_decref(number);
    return true;
}

bool gh_tree_is_number(struct gh_tree *r, json_t *value)
{
    bool whole;
    int64_t integer;
    double real;

    (void)r;
    return gh_tree_number_of(value, &whole, &integer, &real);
}
bool gh_tree_is_real(struct gh_tree *r, json_t *value)
{
    const char *const text = json_string_value(value);

    return (text != NULL && (strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 ||
                             strcmp(text, "-Infinity") == 0)) ||
           gh_tree_is_number(r, value);
}
bool gh_tree_is_unsigned(struct gh_tree *r, json_t *value)
{
    bool whole;
    int64_t integer;
    double real;

    (void)r;
    return gh_tree_number_of(value, &whole, &integer, &real) &&
           (whole ? integer >= 0 : real >= 0 && real < 0x1p64);
}
bool gh_tree_is_choice(struct gh_tree *r, json_t *value)
{
    (void)r;
    return json_is_string(value) ||
           (json_is_integer(value) && json_integer_value(value) >= INT32_MIN &&
            json_integer_value(value) <= INT32_MAX);
}
static bool is_truth(struct gh_tree *r, json_t *value)
{
    (void)r;
    return json_is_boolean(value);
}

double gh_tree_real_of(json_t *value)
{
    const char *const text = json_string_value(value);
    bool whole;
    int64_t integer;
    double real = NAN;

    if (text != NULL && strcmp(text, "Infinity") == 0)
        return INFINITY;
    if (text != NULL && strcmp(text, "-Infinity") == 0)
        return -INFINITY;
    if (!gh_tree_number_of(value, &whole, &integer, &real))
        return NAN;
    return whole ? (double)integer : real;
}

uint64_t gh_tree_unsigned_of(json_t *value)
{
    bool whole = true;
    int64_t integer = 0;
    double real;

    if (value == NULL || !gh_tree_number_of(value, &whole, &integer, &real))
        return 0;
    return whole ? (uint64_t)integer : (uint64_t)real;
}

/* Bytes of gh_tree_base64, in `to`; false: it is none. */
bool gh_tree_base64(json_t *value, unsigned char *to, size_t *size)
{
    const char *const at = json_string_value(value);
    size_t left = json_string_length(value);
    const bool url = memchr(at, '-', left) || memchr(at, '_', left);
    static const char common[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint32_t bits = 0, count = 0;

    *size = 0;
    for (int i = 0; i < 2 && left > 0 && at[left - 1] == '='; i++)
        left--;
    for (size_t i = 0; i < left; i++) {
        const char *const found = memchr(common, at[i], 62);
        uint32_t six = found ? (uint32_t)(found - common) : 64;
        if (at[i] == (url ? '-' : '+'))
            six = 62;
        if (at[i] == (url ? '_' : '/'))
            six = 63;
        if (six == 64)
            return false;
        bits = bits << 6 | six;
        count += 6;
        if (count >= 8) {
            count -= 8;
            to[(*size)++] = (unsigned char)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    return count < 6 && bits == 0;
}

static bool is_base64(struct gh_tree *r, json_t *value)
{
    size_t size;

    if (!json_is_string(value))
        return false;
    return gh_tree_base64(value, (unsigned char *)gh_tree_keep(r, json_string_length(value)),
                          &size);
}

bool gh_tree_is_attributes(struct gh_tree *r, json_t *list)
{
    size_t i;
    json_t *element;

    if (!gh_tree_is_list(r, list))
        return false;
    json_array_foreach(list, i, element)
    {
        gh_tree_member(r, element, "key", gh_tree_is_text);
        gh_tree_member(r, element, "value", gh_tree_any_check);
    }
    return !r->bad;
}
bool gh_tree_is_values(struct gh_tree *r, json_t *list)
{
    size_t i;
    json_t *element;

    if (!json_is_array(list))
        return false;
    json_array_foreach(list, i, element) r->bad = r->bad || !gh_tree_any_check(r, element);
    return !r->bad;
}
static bool is_array_value(struct gh_tree *r, json_t *value)
{
    if (!json_is_object(value))
        return false;
    gh_tree_member(r, value, "values", gh_tree_is_values);
    return !r->bad;
}
static bool is_kvlist(struct gh_tree *r, json_t *value)
{
    if (!json_is_object(value))
        return false;
    gh_tree_member(r, value, "values", gh_tree_is_attributes);
    return !r->bad;
}

static const struct {
    const char *name;
    gh_tree_check *legal;
} shapes[] = {{"string_value", gh_tree_is_text}, {"bool_value", is_truth},
              {"int_value", gh_tree_is_number},  {"double_value", gh_tree_is_real},
              {"array_value", is_array_value},   {"kvlist_value", is_kvlist},
              {"bytes_value", is_base64}};

unsigned gh_tree_shape_of(json_t *any, json_t **value)
{
    const char *name;
    json_t *v;
    unsigned last = GH_TREE_SHAPES;

    json_object_foreach(any, name, v)
    {
        bool whole = true;
        int64_t integer;
        double real;
        unsigned is = 0;
        while (is < GH_TREE_SHAPES && !gh_tree_named(name, shapes[is].name))
            is++;
        if (is == GH_TREE_SHAPES || (json_is_null(v) && is != last))
            continue;
        if (json_is_null(v)) {
            last = GH_TREE_SHAPES;
            continue;
        }
        if (is == GH_TREE_WHOLE)
            gh_tree_number_of(v, &whole, &integer, &real);
        last = whole ? is : (unsigned)GH_TREE_REAL;
        *value = v;
    }
    return last;
}

bool gh_tree_any_check(struct gh_tree *r, json_t *any)
{
    if (!json_is_object(any))
        return false;
    for (unsigned i = 0; i < GH_TREE_SHAPES; i++)
        gh_tree_member(r, any, shapes[i].name, shapes[i].legal);
    return !r->bad;
}

struct gh_text gh_tree_text_of(json_t *value)
{
    return (struct gh_text){json_string_value(value), (uint32_t)json_string_length(value)};
}
