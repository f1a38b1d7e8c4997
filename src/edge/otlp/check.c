/* check.c - see check.h. */
#include "edge/otlp/check.h"

#include "edge/wire.h"

static enum gh_wire wire_of(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_BYTES || type == PROTOBUF_C_TYPE_STRING ||
        type == PROTOBUF_C_TYPE_MESSAGE)
        return GH_WIRE_BYTES;
    if (type == PROTOBUF_C_TYPE_FIXED64 || type == PROTOBUF_C_TYPE_SFIXED64 ||
        type == PROTOBUF_C_TYPE_DOUBLE)
        return GH_WIRE_FIXED64;
    if (type == PROTOBUF_C_TYPE_FIXED32 || type == PROTOBUF_C_TYPE_SFIXED32 ||
        type == PROTOBUF_C_TYPE_FLOAT)
        return GH_WIRE_FIXED32;
    return GH_WIRE_VARINT;
}

/* Most messages have fields 1, 2, 3. */
static inline const ProtobufCFieldDescriptor *
field_of(const ProtobufCMessageDescriptor *message, uint32_t number)
{
    if (number <= message->n_fields && message->fields[number - 1].id == number)
        return &message->fields[number - 1];
    return protobuf_c_message_descriptor_get_field(message, number);
}

/* As gh_field_read, which takes what is not usual: short bytes under a low number. */
static inline const char *field_read(const char *at, const char *end,
                                     struct gh_wire_field *field)
{
    const unsigned char tag = (unsigned char)*at;

    if (end - at < 2 || tag >= 0x80 || (tag & 7) != GH_WIRE_BYTES || tag >> 3 == 0 ||
        (unsigned char)at[1] >= 0x80 || (unsigned char)at[1] > end - at - 2)
        return gh_field_read(at, end, field);
    field->number = tag >> 3;
    field->wire = GH_WIRE_BYTES;
    field->bytes = (struct gh_text){at + 2, (unsigned char)at[1]};
    return at + 2 + (unsigned char)at[1];
}

/* False: the trouble is noted. */
static bool message_check(const ProtobufCMessageDescriptor *message, struct gh_otlp_bytes bytes,
                          unsigned depth, struct gh_otlp_trouble *trouble)
{
    struct gh_wire_field field = {0};

    if (depth == 0) {
        *trouble = (struct gh_otlp_trouble){bytes.at, "nested too deep", true};
        return false;
    }
    while (bytes.at < bytes.end) {
        const char *const start = bytes.at;
        bytes.at = field_read(start, bytes.end, &field);
        if (bytes.at == NULL) {
            *trouble = (struct gh_otlp_trouble){start, "no field of a message", false};
            return false;
        }
        const ProtobufCFieldDescriptor *const known = field_of(message, field.number);
        if (known == NULL)
            continue;
        if (wire_of(known->type) != field.wire) {
            *trouble = (struct gh_otlp_trouble){start, "a field of another wire type", false};
            return false;
        }
        if (known->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        const struct gh_otlp_bytes inside = {field.bytes.at, field.bytes.at + field.bytes.size};
        if (!message_check(known->descriptor, inside, depth - 1, trouble))
            return false;
    }
    return true;
}

struct gh_otlp_trouble gh_otlp_check(const ProtobufCMessageDescriptor *message,
                                     struct gh_otlp_bytes bytes, unsigned depth)
{
    struct gh_otlp_trouble trouble = {0};

    message_check(message, bytes, depth, &trouble);
    return trouble;
}
