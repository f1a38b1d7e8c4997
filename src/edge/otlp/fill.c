/* fill.c - see fill.h. A list is counted when its first element comes, so that it is taken of
 * the arena once and no element is put anywhere twice. */
#include "edge/otlp/fill.h"

#include "edge/otlp/attribute.h"
#include "edge/otlp/fields.h"

#include <limits.h>

static void *place_of(ProtobufCMessage *m, size_t offset)
{
    return (char *)m + offset;
}

static ProtobufCBinaryData lent(const char *at, size_t size)
{
    return (ProtobufCBinaryData){size, (uint8_t *)(uintptr_t)at};
}

enum { VARINT_BYTES = 10, SHORT = 0x80 }; /* sizes below SHORT take one byte */
#define TAG(number, wire) ((number) << 3 | (wire))

static bool integer_read(struct gh_otlp_bytes bytes, int64_t *value)
{
    uint64_t bits = 0;
    const char *const after = gh_varint_read(bytes.at, bytes.end, VARINT_BYTES, &bits);

    *value = (int64_t)bits;
    return after == bytes.end;
}

/* Whether the bytes are a value of one field, of two bytes or more. */
static inline bool value_read(struct gh_otlp_bytes bytes, Otlp__AnyValue *value)
{
    const char *const inside = bytes.at + 2;
    const ptrdiff_t size = bytes.end - inside;
    const unsigned char next = (unsigned char)bytes.at[1];

    switch ((unsigned char)bytes.at[0]) {
    case TAG(OTLP__ANY_VALUE__VALUE_STRING_VALUE, GH_WIRE_BYTES):
        value->value_case = OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        value->string_value = lent(inside, (size_t)size);
        return next == size;
    case TAG(OTLP__ANY_VALUE__VALUE_BOOL_VALUE, GH_WIRE_VARINT):
        value->value_case = OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
        value->bool_value = next != 0;
        return size == 0 && next < SHORT;
    case TAG(OTLP__ANY_VALUE__VALUE_INT_VALUE, GH_WIRE_VARINT):
        value->value_case = OTLP__ANY_VALUE__VALUE_INT_VALUE;
        return integer_read((struct gh_otlp_bytes){bytes.at + 1, bytes.end}, &value->int_value);
    case TAG(OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE, GH_WIRE_FIXED64):
        if (size != 7)
            return false;
        value->value_case = OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
        memcpy(&value->double_value, bytes.at + 1, sizeof value->double_value);
        return true;
    default:
        return false;
    }
}

/* Nine of ten bytes of a request are attributes, nearly all written alike: name, then value,
 * each of fewer than 128 bytes. NULL: this one is not, or there is no memory. */
static ProtobufCMessage *attribute_read(struct gh_otlp_arena *arena, struct gh_otlp_bytes bytes)
{
    enum { KEY = TAG(1, GH_WIRE_BYTES), VALUE = TAG(2, GH_WIRE_BYTES), TAGS = 4 };
    const char *const at = bytes.at;
    const ptrdiff_t size = bytes.end - at;

    if (size < TAGS + 2 || at[0] != KEY)
        return NULL;
    const unsigned char key_size = (unsigned char)at[1];
    const ptrdiff_t value_size = size - TAGS - key_size;
    const char *const after = at + 2 + key_size;
    if (key_size >= SHORT || value_size < 2 || value_size >= SHORT || after[0] != VALUE ||
        after[1] != (char)value_size)
        return NULL;
    struct gh_otlp_attribute *const to = gh_otlp_attribute_new(arena);
    if (to == NULL)
        return NULL;
    to->named.key = lent(at + 2, key_size);
    return value_read((struct gh_otlp_bytes){after + 2, bytes.end}, &to->value)
               ? &to->named.base
               : NULL;
}

/* How many fields of the number there are; 0: something is wrong. */
static size_t count_of(struct gh_otlp_bytes bytes, uint32_t number)
{
    struct gh_wire_field field = {0};
    size_t count = 0;

    while (bytes.at < bytes.end) {
        bytes.at = gh_otlp_field_read(bytes.at, bytes.end, &field);
        if (bytes.at == NULL)
            return 0;
        count += field.number == number;
    }
    return count;
}

/* A message where one goes. */
static inline bool message_fill(struct gh_otlp_arena *arena, ProtobufCMessage **to,
                                const ProtobufCMessageDescriptor *message, struct gh_text text,
                                unsigned depth)
{
    const struct gh_otlp_bytes bytes = {text.at, text.at + text.size};

    *to = message == &otlp__key_value__descriptor && depth >= 2 ? attribute_read(arena, bytes)
                                                                : NULL;
    if (*to == NULL)
        *to = gh_otlp_fill(arena, message, bytes, depth);
    return *to != NULL;
}

/* Reads the elements that `rest` begins with. Elements of a list mostly stand in one row. */
static const char *list_fill(struct gh_otlp_arena *arena, ProtobufCMessage *m,
                             const ProtobufCFieldDescriptor *field, struct gh_otlp_bytes rest,
                             unsigned depth)
{
    size_t *const count = place_of(m, field->quantifier_offset);
    ProtobufCMessage ***const list = place_of(m, field->offset);
    struct gh_wire_field read = {0};

    if (*count == 0) {
        const size_t most = count_of(rest, field->id);
        *list = most > 0 ? gh_otlp_arena_take(arena, most * sizeof **list) : NULL;
        if (*list == NULL)
            return NULL;
    }
    while (rest.at < rest.end) {
        const char *const after = gh_otlp_field_read(rest.at, rest.end, &read);
        if (after == NULL || read.number != field->id)
            break;
        if (read.wire != GH_WIRE_BYTES ||
            !message_fill(arena, *list + *count, field->descriptor, read.bytes, depth))
            return NULL;
        ++*count;
        rest.at = after;
    }
    return rest.at;
}

/* Whether what was read, of `size` bytes, is usual. */
static bool scalar_fill(void *to, ProtobufCType type, const struct gh_wire_field *read,
                        ptrdiff_t size)
{
    if (type == PROTOBUF_C_TYPE_BYTES)
        *(ProtobufCBinaryData *)to = lent(read->bytes.at, read->bytes.size);
    else if (type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)to = read->value != 0;
    else if (type == PROTOBUF_C_TYPE_ENUM)
        *(int *)to = (int)(uint32_t)read->value;
    else if (type == PROTOBUF_C_TYPE_INT64 || gh_otlp_wire_of(type) == GH_WIRE_FIXED64)
        memcpy(to, &read->value, sizeof read->value);
    else
        return false;
    return type != PROTOBUF_C_TYPE_BOOL || size == 2; /* protobuf-c looks past the 64th bit */
}

/* Reads what `rest`, the end of a message, begins with: a field, or a row of one list. `depth`
 * is for messages inside. Returns the byte after it; NULL: it is not usual. */
static const char *field_fill(struct gh_otlp_arena *arena, ProtobufCMessage *m,
                              struct gh_otlp_bytes rest, unsigned depth)
{
    struct gh_wire_field read = {0};
    const char *const after = gh_otlp_field_read(rest.at, rest.end, &read);
    const ProtobufCFieldDescriptor *const field =
        after != NULL ? gh_otlp_field_of(m->descriptor, read.number) : NULL;
    bool good;

    if (field == NULL)
        return after; /* there is none, or nobody knows it */
    void *const to = place_of(m, field->offset);
    const bool choice = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    if (gh_otlp_wire_of(field->type) != read.wire)
        return NULL;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return field->type == PROTOBUF_C_TYPE_MESSAGE ? list_fill(arena, m, field, rest, depth)
                                                      : NULL;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        good = (choice || *(ProtobufCMessage **)to == NULL) &&
               message_fill(arena, to, field->descriptor, read.bytes, depth);
    else
        good = scalar_fill(to, field->type, &read, after - rest.at);
    if (choice)
        *(uint32_t *)place_of(m, field->quantifier_offset) = field->id;
    return good ? after : NULL;
}

ProtobufCMessage *gh_otlp_fill(struct gh_otlp_arena *arena,
                               const ProtobufCMessageDescriptor *message,
                               struct gh_otlp_bytes bytes, unsigned depth)
{
    /* protobuf-c takes no longer field */
    if (depth == 0 || bytes.end - bytes.at > INT_MAX)
        return NULL;
    ProtobufCMessage *const m = gh_otlp_arena_take(arena, message->sizeof_message);
    if (m == NULL)
        return NULL;
    message->message_init(m);
    while (bytes.at < bytes.end) {
        bytes.at = field_fill(arena, m, bytes, depth - 1);
        if (bytes.at == NULL)
            return NULL;
    }
    return m;
}
