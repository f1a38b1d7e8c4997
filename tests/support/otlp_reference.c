/* otlp_reference.c - a walk by hand over the tree. */
#include "support/otlp_reference.h"

#include "support/otlp_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fields {
    struct gh_field field[GH_OTLP_OWN_MAX + GH_OTLP_SHARED_MAX];
    uint32_t count;
};

struct reference {
    struct gh_tree tree;
    json_t *resource, *scope;
    struct fields own;
    struct gh_json lines;
};

static void flat(struct reference *r, struct gh_text name, json_t *any, uint32_t most);

static void under(struct reference *r, struct gh_text list, struct gh_text name, json_t *any,
                  uint32_t most)
{
    if (r->own.count >= most || list.size + name.size >= 256)
        return;
    char *const at = gh_tree_keep(&r->tree, list.size + name.size + 1);
    const int size = snprintf(at, list.size + 2, "%.*s.", (int)list.size, list.at);
    if (size != (int)list.size + 1) { /* a zero in it */
        memcpy(at, list.at, list.size);
        at[list.size] = '.';
    }
    memcpy(at + list.size + 1, name.at, name.size);
    flat(r, (struct gh_text){at, list.size + 1 + name.size}, any, most);
}

static void flat_array(struct reference *r, struct gh_text name, json_t *array, uint32_t most)
{
    json_t *const values = gh_tree_member(&r->tree, array, "values", gh_tree_is_values);
    size_t i;
    json_t *element;
    char index[24];

    json_array_foreach(values, i, element)
    {
        const int size = snprintf(index, sizeof index, "%zu", i);
        under(r, name, (struct gh_text){index, (uint32_t)size}, element, most);
    }
}

static void flat_list(struct reference *r, struct gh_text name, json_t *list, uint32_t most)
{
    json_t *const values = gh_tree_member(&r->tree, list, "values", gh_tree_is_attributes);
    size_t i;
    json_t *element;

    json_array_foreach(values, i, element)
    {
        json_t *const key = gh_tree_member(&r->tree, element, "key", gh_tree_is_text);
        json_t *const any = gh_tree_member(&r->tree, element, "value", gh_tree_any_check);
        if (any != NULL)
            under(r, name, key ? gh_tree_text_of(key) : (struct gh_text){"", 0}, any, most);
    }
}

static void flat_bytes(struct reference *r, struct gh_field *field, json_t *value)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *const bytes =
        (unsigned char *)gh_tree_keep(&r->tree, json_string_length(value) + 3);
    char *const to = gh_tree_keep(&r->tree, json_string_length(value) + 8);
    size_t size, used = 0;

    gh_tree_base64(value, bytes, &size);
    memset(bytes + size, 0, 2);
    for (size_t i = 0; i < size; i += 3) {
        const unsigned b =
            (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        to[used++] = letters[b >> 18];
        to[used++] = letters[b >> 12 & 63];
        to[used++] = i + 1 < size ? letters[b >> 6 & 63] : '=';
        to[used++] = i + 2 < size ? letters[b & 63] : '=';
    }
    field->type = GH_FIELD_TEXT;
    field->as.text = (struct gh_text){to, (uint32_t)used};
}

static void flat(struct reference *r, struct gh_text name, json_t *any, uint32_t most)
{
    struct gh_field field = {.name = name};
    json_t *value = NULL;
    const unsigned shape = gh_tree_shape_of(any, &value);

    if (shape == GH_TREE_ARRAY)
        flat_array(r, name, value, most);
    else if (shape == GH_TREE_KVLIST)
        flat_list(r, name, value, most);
    if (shape == GH_TREE_ARRAY || shape == GH_TREE_KVLIST || shape == GH_TREE_SHAPES ||
        r->own.count >= most)
        return;
    if (shape == GH_TREE_TEXT) {
        field.type = GH_FIELD_TEXT;
        field.as.text = gh_tree_text_of(value);
    } else if (shape == GH_TREE_TRUTH) {
        field.type = GH_FIELD_TRUTH;
        field.as.truth = json_is_true(value);
    } else if (shape == GH_TREE_WHOLE) {
        bool whole;
        double real;
        field.type = GH_FIELD_WHOLE;
        gh_tree_number_of(value, &whole, &field.as.whole, &real);
    } else if (shape == GH_TREE_REAL) {
        field.type = GH_FIELD_REAL;
        field.as.real = gh_tree_real_of(value);
        if (!isfinite(field.as.real))
            return;
    } else {
        flat_bytes(r, &field, value);
    }
    r->own.field[r->own.count++] = field;
}

static void attributes(struct reference *r, json_t *of, uint32_t room)
{
    json_t *const list =
        of ? gh_tree_member(&r->tree, of, "attributes", gh_tree_is_attributes) : NULL;
    size_t i;
    json_t *element;

    json_array_foreach(list, i, element)
    {
        json_t *const key = gh_tree_member(&r->tree, element, "key", gh_tree_is_text);
        json_t *const any = gh_tree_member(&r->tree, element, "value", gh_tree_any_check);
        uint32_t most = room;
        if (room - r->own.count > GH_OTLP_LEAVES_MAX)
            most = r->own.count + GH_OTLP_LEAVES_MAX;
        if (any != NULL)
            flat(r, key ? gh_tree_text_of(key) : (struct gh_text){"", 0}, any, most);
    }
}

static struct gh_text attribute_text(const struct reference *r, const char *name, uint32_t from)
{
    for (uint32_t i = from; i < r->own.count; i++)
        if (r->own.field[i].name.size == strlen(name) &&
            memcmp(r->own.field[i].name.at, name, strlen(name)) == 0)
            return r->own.field[i].type == GH_FIELD_TEXT ? r->own.field[i].as.text
                                                         : (struct gh_text){0};
    return (struct gh_text){0};
}

static struct gh_text filled(json_t *text)
{
    return text && json_string_length(text) > 0 ? gh_tree_text_of(text) : (struct gh_text){0};
}

static int64_t time_of(struct reference *r, json_t *object, const char *name)
{
    const uint64_t ns =
        gh_tree_unsigned_of(gh_tree_member(&r->tree, object, name, gh_tree_is_unsigned));

    return ns == 0 ? GH_TOLD_NO_TIME : (int64_t)(ns / 1000000);
}

static struct gh_text id_of(struct reference *r, json_t *object, const char *name, size_t size)
{
    json_t *const value = gh_tree_member(&r->tree, object, name, gh_tree_is_text);
    const size_t length = value ? json_string_length(value) : 0;
    unsigned char *bytes = (unsigned char *)gh_tree_keep(&r->tree, length + 3), any = 0;
    char *const to = gh_tree_keep(&r->tree, 2 * size + 1);
    size_t used = 0;

    if (length == 16 || length == 32) {
        const char *const at = json_string_value(value);
        if (strspn(at, "0123456789abcdefABCDEF") != length)
            return (struct gh_text){0};
        for (size_t i = 0; i < length; i += 2) {
            const char pair[3] = {at[i], at[i + 1], '\0'};
            bytes[used++] = (unsigned char)strtoul(pair, NULL, 16);
        }
    } else if (length == 0 || !gh_tree_base64(value, bytes, &used)) {
        return (struct gh_text){0};
    }
    for (size_t i = 0; i < used; i++) {
        any |= bytes[i];
        if (used == size)
            snprintf(to + 2 * i, 3, "%02x", bytes[i]);
    }
    return used == size && any ? (struct gh_text){to, (uint32_t)(2 * size)}
                               : (struct gh_text){0};
}

/* Own attributes are there, scope and resource follow. */
static void line(struct reference *r, struct gh_told *told, uint32_t own)
{
    r->own.count = own;
    attributes(r, r->scope, own + GH_OTLP_SHARED_MAX);
    const uint32_t resource = r->own.count;
    attributes(r, r->resource, own + GH_OTLP_SHARED_MAX);
    told->source = attribute_text(r, "service.name", resource);
    told->scope = r->scope ? filled(gh_tree_member(&r->tree, r->scope, "name", gh_tree_is_text))
                           : (struct gh_text){0};
    told->field = r->own.field;
    told->count = r->own.count;
    gh_otlp_line(&r->lines, told);
}

static void own_of(struct reference *r, json_t *of)
{
    r->own.count = 0;
    attributes(r, of, GH_OTLP_OWN_MAX);
}

static void log_line(struct reference *r, json_t *record)
{
    json_t *const body = gh_tree_member(&r->tree, record, "body", gh_tree_any_check),
                  *text = NULL;
    struct gh_told told = {.kind = GH_TOLD_LOG, .start_ms = GH_TOLD_NO_TIME};

    own_of(r, record);
    told.time_ms = time_of(r, record, "time_unix_nano");
    const int64_t observed = time_of(r, record, "observed_time_unix_nano");
    if (gh_tree_unsigned_of(
            gh_tree_member(&r->tree, record, "time_unix_nano", gh_tree_is_unsigned)) == 0)
        told.time_ms = observed;
    told.trace = id_of(r, record, "trace_id", 16);
    told.span = id_of(r, record, "span_id", 8);
    told.name = filled(gh_tree_member(&r->tree, record, "event_name", gh_tree_is_text));
    if (told.name.at == NULL)
        told.name = attribute_text(r, "event.name", 0);
    if (told.name.at == NULL && body && gh_tree_shape_of(body, &text) == GH_TREE_TEXT)
        told.name = filled(text);
    if (!r->tree.bad)
        line(r, &told, r->own.count);
}

static int choice_of(struct reference *r, json_t *object, const char *name,
                     const char *const names[3])
{
    json_t *const value =
        object ? gh_tree_member(&r->tree, object, name, gh_tree_is_choice) : NULL;

    for (int i = 0; i < 3; i++)
        if (json_is_string(value) && json_string_length(value) == strlen(names[i]) &&
            strcmp(json_string_value(value), names[i]) == 0)
            return i;
    return json_is_integer(value) ? (int)json_integer_value(value) : 0;
}

static void span_line(struct reference *r, json_t *span)
{
    static const char *const codes[] = {"STATUS_CODE_UNSET", "STATUS_CODE_OK",
                                        "STATUS_CODE_ERROR"};
    struct gh_told told = {.kind = GH_TOLD_SPAN};

    own_of(r, span);
    told.name = filled(gh_tree_member(&r->tree, span, "name", gh_tree_is_text));
    told.time_ms = time_of(r, span, "end_time_unix_nano");
    told.start_ms = time_of(r, span, "start_time_unix_nano");
    told.trace = id_of(r, span, "trace_id", 16);
    told.span = id_of(r, span, "span_id", 8);
    told.parent = id_of(r, span, "parent_span_id", 8);
    told.failed = choice_of(r, gh_tree_member(&r->tree, span, "status", gh_tree_is_object),
                            "code", codes) == 2;
    if (!r->tree.bad)
        line(r, &told, r->own.count);
}

static void value_line(struct reference *r, struct gh_told *told, double value)
{
    told->value = value;
    if (isfinite(value) && !r->tree.bad)
        line(r, told, r->own.count);
}

static void number_line(struct reference *r, struct gh_told told, json_t *point)
{
    const char *name;
    json_t *v, *value = NULL;
    int last = 0; /* 1: as_double, 2: as_int */

    gh_tree_member(&r->tree, point, "as_double", gh_tree_is_real);
    gh_tree_member(&r->tree, point, "as_int", gh_tree_is_number);
    json_object_foreach(point, name, v)
    {
        const bool real = gh_tree_named(name, "as_double");
        if (!real && !gh_tree_named(name, "as_int"))
            continue;
        bool whole = true;
        int64_t integer;
        double number;
        if (json_is_null(v)) {
            last = last == (real ? 1 : 2) ? 0 : last;
            continue;
        }
        if (!real)
            gh_tree_number_of(v, &whole, &integer, &number);
        last = real || !whole ? 1 : 2;
        value = v;
    }
    own_of(r, point);
    told.time_ms = time_of(r, point, "time_unix_nano");
    told.start_ms = time_of(r, point, "start_time_unix_nano");
    if (last != 0)
        value_line(r, &told, gh_tree_real_of(value));
}

static void summed_line(struct reference *r, struct gh_told told, json_t *point)
{
    json_t *const sum = gh_tree_member(&r->tree, point, "sum", gh_tree_is_real);
    const uint64_t count =
        gh_tree_unsigned_of(gh_tree_member(&r->tree, point, "count", gh_tree_is_unsigned));
    const struct gh_text name = told.name;
    char *const text = gh_tree_keep(&r->tree, name.size + 8);

    own_of(r, point);
    const uint32_t own = r->own.count;
    told.time_ms = time_of(r, point, "time_unix_nano");
    told.start_ms = time_of(r, point, "start_time_unix_nano");
    if (name.size > 0)
        memcpy(text, name.at, name.size);
    memcpy(text + name.size, ".count", 7);
    told.name = (struct gh_text){text, name.size + 6};
    value_line(r, &told, (double)count);
    r->own.count = own;
    memcpy(text + name.size, ".sum", 5);
    told.name.size = name.size + 4;
    if (sum != NULL)
        value_line(r, &told, gh_tree_real_of(sum));
}

static void points_line(struct reference *r, struct gh_told told, unsigned kind, json_t *of)
{
    static const char *const temporalities[] = {"AGGREGATION_TEMPORALITY_UNSPECIFIED",
                                                "AGGREGATION_TEMPORALITY_DELTA",
                                                "AGGREGATION_TEMPORALITY_CUMULATIVE"};
    json_t *const points = gh_tree_member(&r->tree, of, "data_points", gh_tree_is_list), *point;
    size_t i;

    told.cumulative =
        kind > 0 && choice_of(r, of, "aggregation_temporality", temporalities) == 2;
    json_array_foreach(points, i, point)
    {
        if (kind < 2)
            number_line(r, told, point);
        else
            summed_line(r, told, point);
    }
}

static void metric_line(struct reference *r, json_t *metric)
{
    enum { KINDS = 4 };
    static const char *const kinds[] = {"gauge", "sum", "histogram", "exponential_histogram"};
    struct gh_told told = {.kind = GH_TOLD_POINT};
    const size_t used = r->lines.used;
    const char *name;
    json_t *value, *last = NULL;
    unsigned kind = KINDS;

    told.name = filled(gh_tree_member(&r->tree, metric, "name", gh_tree_is_text));
    json_object_foreach(metric, name, value)
    {
        unsigned is = 0;
        while (is < KINDS && !gh_tree_named(name, kinds[is]))
            is++;
        if (is == KINDS || (json_is_null(value) && is != kind))
            continue;
        kind = json_is_null(value) ? (unsigned)KINDS : is;
        last = value;
        if (kind < KINDS && !json_is_object(value))
            r->tree.bad = true;
        else if (kind < KINDS)
            points_line(r, told, kind, value); /* what does not hold must be right too */
    }
    r->lines.used = used;
    r->lines.at[used] = '\0';
    if (kind < KINDS && !r->tree.bad)
        points_line(r, told, kind, last);
}

static const char *const outer[] = {"resource_logs", "resource_spans", "resource_metrics"};
static const char *const middle[] = {"scope_logs", "scope_spans", "scope_metrics"};
static const char *const inner[] = {"log_records", "spans", "metrics"};

static void scope_line(struct reference *r, enum gh_otlp_signal signal, json_t *scope)
{
    json_t *const records = gh_tree_member(&r->tree, scope, inner[signal], gh_tree_is_list),
                  *record;
    size_t i;

    r->scope = gh_tree_member(&r->tree, scope, "scope", gh_tree_is_object);
    if (r->scope != NULL) {
        gh_tree_member(&r->tree, r->scope, "name", gh_tree_is_text);
        gh_tree_member(&r->tree, r->scope, "attributes", gh_tree_is_attributes);
    }
    json_array_foreach(records, i, record)
    {
        if (signal == GH_OTLP_LOGS)
            log_line(r, record);
        else if (signal == GH_OTLP_TRACES)
            span_line(r, record);
        else
            metric_line(r, record);
    }
}

static void request_line(struct reference *r, enum gh_otlp_signal signal, json_t *root)
{
    json_t *const list = gh_tree_member(&r->tree, root, outer[signal], gh_tree_is_list),
                  *element, *scope;
    size_t i, k;

    json_array_foreach(list, i, element)
    {
        json_t *const scopes =
            gh_tree_member(&r->tree, element, middle[signal], gh_tree_is_list);
        r->resource = gh_tree_member(&r->tree, element, "resource", gh_tree_is_object);
        if (r->resource != NULL)
            gh_tree_member(&r->tree, r->resource, "attributes", gh_tree_is_attributes);
        json_array_foreach(scopes, k, scope) scope_line(r, signal, scope);
    }
}

enum gh_otlp_verdict gh_otlp_reference(enum gh_otlp_signal signal, const char *at, size_t size,
                                       char **lines)
{
    static struct reference r;
    json_error_t error;
    json_t *const root = json_loadb(at, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    *lines = NULL;
    if (size > 0 &&
        memchr(at, '\0', size) != NULL) { /* jansson does not see one after a number */
        json_decref(root);
        return GH_OTLP_REFUSED;
    }
    if (root == NULL) {
        const enum json_error_code code = json_error_code(&error);
        const bool silent =
            code == json_error_duplicate_key || code == json_error_numeric_overflow ||
            code == json_error_null_byte_in_key || code == json_error_stack_overflow ||
            strstr(error.text, "Unicode") != NULL;
        return silent ? GH_OTLP_NO_SAY : GH_OTLP_REFUSED;
    }
    r.tree.bad = !json_is_object(root);
    r.tree.kept_count = 0;
    r.lines = (struct gh_json){0};
    gh_json_raw(&r.lines, "", 0);
    if (!r.tree.bad)
        request_line(&r, signal, root);
    *lines = gh_json_take(&r.lines);
    if (*lines == NULL)
        abort();
    if (r.tree.bad) {
        free(*lines);
        *lines = NULL;
    }
    for (size_t i = 0; i < r.tree.kept_count; i++)
        free(r.tree.kept[i]);
    json_decref(root);
    return r.tree.bad ? GH_OTLP_REFUSED : GH_OTLP_SAME;
}
