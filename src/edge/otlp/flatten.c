/* flatten.c - attributes to flat fields. */
#include "edge/json_scan.h"
#include "edge/otlp/tell.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char not_utf8[] = "a text is not UTF-8";

/* Where a value goes: a list's values all go under its name. */
struct place {
    struct gh_otlp_teller *teller;
    struct gh_otlp_fields *fields;
    uint32_t most; /* fields that may be there after it */
};

/* Most texts are short ASCII; blocks may overlap. */
static inline bool text_ascii(struct gh_text text)
{
    static const uint64_t high = UINT64_C(0x8080808080808080);
    const char *at = text.at, *const end = at + text.size;
    unsigned char sum = 0;

    if (text.size >= GH_BLOCK_SIZE) {
        for (; end - at > GH_BLOCK_SIZE; at += GH_BLOCK_SIZE)
            if (!gh_block_ascii(at))
                return false;
        return gh_block_ascii(end - GH_BLOCK_SIZE);
    }
    if (text.size >= 8)
        return ((gh_load8(at) | gh_load8(end - 8)) & high) == 0;
    for (; at < end; at++)
        sum |= (unsigned char)*at;
    return sum < 0x80;
}

bool gh_otlp_utf8(const struct gh_otlp_teller *teller, struct gh_text text)
{
    return teller->utf8 || text_ascii(text) ||
           gh_scan_utf8(text.at, text.at + text.size) == text.at + text.size;
}

static void field_drop(struct place *place)
{
    place->teller->counts->fields_dropped++;
}

static void field_put(struct place *place, struct gh_field field)
{
    struct gh_otlp_fields *const fields = place->fields;

    if (fields->count >= place->most)
        field_drop(place);
    else if (!gh_otlp_utf8(place->teller, field.name) ||
             (field.type == GH_FIELD_TEXT && !gh_otlp_utf8(place->teller, field.as.text)))
        fields->odd = not_utf8;
    else
        fields->field[fields->count++] = field;
}

static void bytes_put(struct place *place, struct gh_text name, ProtobufCBinaryData bytes)
{
    const size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *const to = gh_otlp_arena_take(place->teller->arena, size);

    if (to == NULL) {
        field_drop(place);
        return;
    }
    sodium_bin2base64(to, size, bytes.data, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    field_put(place, (struct gh_field){.name = name,
                                       .type = GH_FIELD_TEXT,
                                       .as.text = {to, (uint32_t)(size - 1)}});
}

static void value_put(struct place *place, struct gh_text name, const Otlp__AnyValue *value);

/* "a.b" of "a" and "b"; not there: no memory. */
static struct gh_text name_under(struct place *place, struct gh_text list, struct gh_text name)
{
    char *const at =
        gh_otlp_arena_take(place->teller->arena, (size_t)list.size + 1 + name.size);

    if (at == NULL)
        return (struct gh_text){0};
    memcpy(at, list.at, list.size);
    at[list.size] = '.';
    memcpy(at + list.size + 1, name.at, name.size);
    return (struct gh_text){at, list.size + 1 + name.size};
}

static void under_put(struct place *place, struct gh_text list, struct gh_text name,
                      const Otlp__AnyValue *value)
{
    enum { NAME_MAX_SIZE = 256 };

    if (place->fields->count >= place->most || list.size + name.size >= NAME_MAX_SIZE) {
        field_drop(place);
        return;
    }
    name = name_under(place, list, name);
    if (name.at == NULL)
        field_drop(place);
    else
        value_put(place, name, value);
}

static void array_put(struct place *place, struct gh_text name, const Otlp__ArrayValue *array)
{
    char index[24];

    for (size_t i = 0; i < array->n_values; i++) {
        const int size = snprintf(index, sizeof index, "%zu", i);
        under_put(place, name, (struct gh_text){index, (uint32_t)size}, array->values[i]);
    }
}

static void list_put(struct place *place, struct gh_text name, const Otlp__KeyValueList *list)
{
    for (size_t i = 0; i < list->n_values; i++)
        if (list->values[i]->value != NULL)
            under_put(place, name, gh_otlp_text(list->values[i]->key), list->values[i]->value);
}

static void value_put(struct place *place, struct gh_text name, const Otlp__AnyValue *value)
{
    struct gh_field field = {.name = name};

    switch (value->value_case) {
    case OTLP__ANY_VALUE__VALUE_STRING_VALUE:
        field.type = GH_FIELD_TEXT;
        field.as.text = gh_otlp_text(value->string_value);
        break;
    case OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
        field.type = GH_FIELD_TRUTH;
        field.as.truth = value->bool_value != 0;
        break;
    case OTLP__ANY_VALUE__VALUE_INT_VALUE:
        field.type = GH_FIELD_WHOLE;
        field.as.whole = value->int_value;
        break;
    case OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
        field.type = GH_FIELD_REAL;
        field.as.real = value->double_value;
        if (!isfinite(field.as.real)) {
            field_drop(place);
            return;
        }
        break;
    case OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
        array_put(place, name, value->array_value);
        return;
    case OTLP__ANY_VALUE__VALUE_KVLIST_VALUE:
        list_put(place, name, value->kvlist_value);
        return;
    case OTLP__ANY_VALUE__VALUE_BYTES_VALUE:
        bytes_put(place, name, value->bytes_value);
        return;
    case OTLP__ANY_VALUE__VALUE__NOT_SET:
    case _OTLP__ANY_VALUE__VALUE__CASE_IS_INT_SIZE:
    default:
        return; /* a value that is empty, or of a kind that is not known, tells nothing */
    }
    field_put(place, field);
}

void gh_otlp_fields_add(struct gh_otlp_teller *teller, struct gh_otlp_fields *fields,
                        Otlp__KeyValue *const *attribute, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct place place = {teller, fields, fields->room};
        const Otlp__AnyValue *const value = attribute[i]->value;
        if (value == NULL)
            continue;
        if (fields->room - fields->count > GH_OTLP_LEAVES_MAX)
            place.most = fields->count + GH_OTLP_LEAVES_MAX;
        value_put(&place, gh_otlp_text(attribute[i]->key), value);
    }
}

struct gh_text gh_otlp_id(struct gh_otlp_teller *teller, ProtobufCBinaryData id, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char any = 0;

    for (size_t i = 0; i < id.len; i++)
        any |= id.data[i];
    if (any == 0)
        return (struct gh_text){0}; /* so says who has none */
    char *const to = id.len == size ? gh_otlp_arena_take(teller->arena, size * 2) : NULL;
    if (to == NULL) {
        teller->counts->fields_dropped++;
        return (struct gh_text){0};
    }
    for (size_t i = 0; i < size; i++) {
        to[2 * i] = digits[id.data[i] >> 4];
        to[2 * i + 1] = digits[id.data[i] & 15];
    }
    return (struct gh_text){to, (uint32_t)(size * 2)};
}
