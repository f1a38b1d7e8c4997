/* otlp_write.c - see otlp_write.h. */
#include "support/otlp_write.h"

#include "edge/otlp/otlp.pb-c.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ProtobufCMessageDescriptor *gh_otlp_message(enum gh_otlp_signal signal)
{
    return signal == GH_OTLP_LOGS     ? &otlp__logs_request__descriptor
           : signal == GH_OTLP_TRACES ? &otlp__trace_request__descriptor
                                      : &otlp__metrics_request__descriptor;
}

/* 0..count-1; without a seed always 0. */
static uint64_t pick(uint64_t *seed, uint64_t count)
{
    if (seed == NULL)
        return 0;
    *seed ^= *seed >> 12, *seed ^= *seed << 25, *seed ^= *seed >> 27;
    return (*seed * UINT64_C(2685821657736338717) >> 16) % count;
}

static void *place_of(const ProtobufCMessage *m, size_t offset)
{
    return (char *)(uintptr_t)m + offset;
}

static void *need(struct gh_otlp_arena *arena, size_t size)
{
    void *const at = gh_otlp_arena_take(arena, size);

    if (at == NULL)
        abort();
    return at;
}

static bool is_id(const ProtobufCFieldDescriptor *field)
{
    const size_t size = strlen(field->name);

    return size > 3 && strcmp(field->name + size - 3, "_id") == 0;
}

static void bytes_invent(ProtobufCBinaryData *to, const ProtobufCFieldDescriptor *field,
                         struct gh_otlp_arena *arena, uint64_t *seed)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "event.name",
                                        "service.name",
                                        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                        "12",
                                        "x y.",
                                        "\"\\/\b\f\n\r\t\x01\x7f",
                                        "a rather long text, longer than two blocks"};
    const char *const text = texts[pick(seed, sizeof texts / sizeof *texts)];
    const bool binary = is_id(field) || strcmp(field->name, "bytes_value") == 0;

    *to = (ProtobufCBinaryData){strlen(text), (uint8_t *)(uintptr_t)text};
    if (!binary)
        return;
    to->len = is_id(field) ? (strcmp(field->name, "trace_id") == 0 ? 16 : 8) : pick(seed, 9);
    to->len = pick(seed, 8) == 0 ? 0 : to->len;
    to->data = need(arena, to->len + 1);
    for (size_t i = 0; i < to->len; i++)
        to->data[i] = (uint8_t)pick(seed, 256);
}

static void scalar_invent(void *to, const ProtobufCFieldDescriptor *field,
                          struct gh_otlp_arena *arena, uint64_t *seed)
{
    static const double reals[] = {0,      1,   -2.5, 0.1,      1e300,
                                   5e-324, 345, NAN,  INFINITY, -INFINITY};
    static const int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1786000000123000000};

    if (field->type == PROTOBUF_C_TYPE_BYTES)
        bytes_invent(to, field, arena, seed);
    else if (field->type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)to = pick(seed, 2) == 1;
    else if (field->type == PROTOBUF_C_TYPE_ENUM)
        *(int *)to = (int)pick(seed, 3);
    else if (field->type == PROTOBUF_C_TYPE_DOUBLE)
        *(double *)to = reals[pick(seed, sizeof reals / sizeof *reals)];
    else if (field->type == PROTOBUF_C_TYPE_FIXED64)
        *(uint64_t *)to = pick(seed, 2) ? pick(seed, UINT64_C(1) << 40) << 20 : pick(seed, 100);
    else
        *(int64_t *)to = integers[pick(seed, sizeof integers / sizeof *integers)];
}

static ProtobufCMessage *invent(const ProtobufCMessageDescriptor *message,
                                struct gh_otlp_arena *arena, uint64_t *seed, unsigned depth)
{
    ProtobufCMessage *const m = need(arena, message->sizeof_message);

    message->message_init(m);
    for (unsigned i = 0; i < message->n_fields; i++) {
        const ProtobufCFieldDescriptor *const field = &message->fields[i];
        void *to = place_of(m, field->offset);
        const uint64_t count = pick(seed, 4);
        if (count == 0 || (field->type == PROTOBUF_C_TYPE_MESSAGE && depth == 0))
            continue;
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            *(uint32_t *)place_of(m, field->quantifier_offset) = field->id;
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
            scalar_invent(to, field, arena, seed);
        } else if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            *(void **)to = invent(field->descriptor, arena, seed, depth - 1);
        } else {
            void **const list = *(void **)to = need(arena, count * sizeof *list);
            *(size_t *)place_of(m, field->quantifier_offset) = count;
            for (uint64_t k = 0; k < count; k++)
                list[k] = invent(field->descriptor, arena, seed, depth - 1);
        }
    }
    return m;
}

ProtobufCMessage *gh_otlp_invent(const ProtobufCMessageDescriptor *message,
                                 struct gh_otlp_arena *arena, uint64_t *seed)
{
    return invent(message, arena, seed, 10);
}

static void blank(struct gh_json *json, uint64_t *seed)
{
    static const char *const blanks[] = {"", "", "", " ", "\n\t", "\r\n  "};
    const char *const text = blanks[pick(seed, sizeof blanks / sizeof *blanks)];

    gh_json_raw(json, text, strlen(text));
}

static void name_write(struct gh_json *json, const char *snake, uint64_t *seed)
{
    char name[64];
    size_t used = 0;
    const bool camel = pick(seed, 4) != 3;

    for (const char *at = snake; *at != '\0'; at++)
        if (*at == '_' && camel)
            name[used++] = (char)(*++at - 32);
        else
            name[used++] = *at;
    gh_json_raw(json, "\"", 1);
    gh_json_raw(json, name, used);
    gh_json_raw(json, "\"", 1);
    blank(json, seed);
    gh_json_raw(json, ":", 1);
    blank(json, seed);
}

static void base64_write(struct gh_json *json, const ProtobufCBinaryData *bytes, int variant)
{
    char text[4096];

    if (sodium_base64_encoded_len(bytes->len, variant) > sizeof text)
        abort();
    sodium_bin2base64(text, sizeof text, bytes->data, bytes->len, variant);
    gh_json_raw(json, "\"", 1);
    gh_json_raw(json, text, strlen(text));
    gh_json_raw(json, "\"", 1);
}

static void id_write(struct gh_json *json, const ProtobufCBinaryData *id, uint64_t *seed)
{
    const uint64_t form = pick(seed, 5);
    char hex[3];

    if (form == 3 || form == 4) {
        base64_write(json, id,
                     form == 3 ? sodium_base64_VARIANT_ORIGINAL
                               : sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        return;
    }
    gh_json_raw(json, "\"", 1);
    for (size_t i = 0; i < id->len && (id->len == 8 || id->len == 16); i++) {
        snprintf(hex, sizeof hex, form == 2 ? "%02X" : "%02x", id->data[i]);
        gh_json_raw(json, hex, 2);
    }
    gh_json_raw(json, "\"", 1);
}

static void bytes_write(struct gh_json *json, const ProtobufCFieldDescriptor *field,
                        const ProtobufCBinaryData *bytes, uint64_t *seed)
{
    if (is_id(field)) {
        id_write(json, bytes, seed);
    } else if (strcmp(field->name, "bytes_value") == 0) {
        base64_write(json, bytes,
                     pick(seed, 2) ? sodium_base64_VARIANT_URLSAFE
                                   : sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    } else {
        struct gh_json text = {0}; /* apart: gh_json_text puts a comma behind a blank */
        gh_json_text(&text, (struct gh_text){bytes->len ? (const char *)bytes->data : "",
                                             (uint32_t)bytes->len});
        gh_json_raw(json, text.at, text.used);
        gh_json_free(&text);
    }
}

static void number_write(struct gh_json *json, const char *number, uint64_t *seed)
{
    const size_t quotes = pick(seed, 2) == 1;

    gh_json_raw(json, "\"", quotes);
    gh_json_raw(json, number, strlen(number));
    gh_json_raw(json, "\"", quotes);
}

static void real_write(struct gh_json *json, double value, uint64_t *seed)
{
    char number[64];

    if (!isfinite(value)) {
        const char *const text = isnan(value)  ? "\"NaN\""
                                 : value > 0.0 ? "\"Infinity\""
                                               : "\"-Infinity\"";
        gh_json_raw(json, text, strlen(text));
        return;
    }
    snprintf(number, sizeof number, "%.17g", value);
    number_write(json, number, seed);
}

static void scalar_write(struct gh_json *json, const ProtobufCFieldDescriptor *field,
                         const void *value, uint64_t *seed)
{
    char number[32];

    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        bytes_write(json, field, value, seed);
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        const bool truth = *(const protobuf_c_boolean *)value != 0;
        gh_json_raw(json, truth ? "true" : "false", truth ? 4 : 5);
    } else if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
        real_write(json, *(const double *)value, seed);
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumValue *const known =
            protobuf_c_enum_descriptor_get_value(field->descriptor, *(const int *)value);
        if (known != NULL && pick(seed, 2) == 1) {
            gh_json_raw(json, "\"", 1);
            gh_json_raw(json, known->name, strlen(known->name));
            gh_json_raw(json, "\"", 1);
        } else {
            snprintf(number, sizeof number, "%d", *(const int *)value);
            number_write(json, number, NULL);
        }
    } else {
        if (field->type == PROTOBUF_C_TYPE_FIXED64)
            snprintf(number, sizeof number, "%" PRIu64, *(const uint64_t *)value);
        else
            snprintf(number, sizeof number, "%" PRId64, *(const int64_t *)value);
        number_write(json, number, seed);
    }
}

/* Whether the field must be written; one that is 0 may be. */
static bool is_there(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field,
                     uint64_t *seed)
{
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(uint32_t *)place_of(m, field->quantifier_offset) == field->id;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(size_t *)place_of(m, field->quantifier_offset) > 0 || pick(seed, 2) == 1;
    return field->type != PROTOBUF_C_TYPE_MESSAGE ||
           *(void **)place_of(m, field->offset) != NULL;
}

static void value_write(struct gh_json *json, const ProtobufCMessage *m,
                        const ProtobufCFieldDescriptor *field, uint64_t *seed)
{
    const void *const value = place_of(m, field->offset);

    if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
        scalar_write(json, field, value, seed);
    } else if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        gh_otlp_write(json, *(ProtobufCMessage *const *)value, seed);
    } else {
        const size_t count = *(size_t *)place_of(m, field->quantifier_offset);
        ProtobufCMessage *const *const list = *(ProtobufCMessage *const *const *)value;
        gh_json_raw(json, "[", 1);
        for (size_t i = 0; i < count; i++) {
            gh_json_raw(json, ",", i > 0);
            gh_otlp_write(json, list[i], seed);
        }
        gh_json_raw(json, "]", 1);
    }
}

void gh_otlp_write(struct gh_json *json, const ProtobufCMessage *message, uint64_t *seed)
{
    static const char *const unknown[] = {"\"flags\":257", "\"events\":[{},[1.5e-3,null,true]]",
                                          "\"schemaUrl\":\"\\u00e4\\\"\"",
                                          "\"Key\":{\"a\":{\"a\":-0}}"};
    const unsigned count = message->descriptor->n_fields;
    const uint64_t first = count ? pick(seed, count) : 0;
    bool comma = false;

    gh_json_raw(json, "{", 1);
    for (unsigned i = 0; i < count; i++) {
        const ProtobufCFieldDescriptor *const field =
            &message->descriptor->fields[(i + first) % count];
        blank(json, seed);
        if (!is_there(message, field, seed))
            continue;
        gh_json_raw(json, ",", comma);
        blank(json, seed);
        name_write(json, field->name, seed);
        value_write(json, message, field, seed);
        comma = true;
    }
    if (pick(seed, 8) == 7) {
        const char *const text = unknown[pick(seed, 4)];
        gh_json_raw(json, ",", comma);
        gh_json_raw(json, text, strlen(text));
    }
    blank(json, seed);
    gh_json_raw(json, "}", 1);
}
