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

struct gh_otlp_trouble gh_otlp_check(const ProtobufCMessageDescriptor *message,
                                     struct gh_otlp_bytes bytes, unsigned depth)
{
    struct gh_otlp_trouble trouble = {.at = bytes.at};
    struct gh_wire_field field = {0};

    if (depth == 0) {
        trouble.deep = true;
        trouble.what = "nested too deep";
    }
    while (trouble.what == NULL && trouble.at < bytes.end) {
        const char *const after = gh_field_read(trouble.at, bytes.end, &field);
        if (after == NULL) {
            trouble.what = "no field of a message";
            break;
        }
        const ProtobufCFieldDescriptor *const known =
            protobuf_c_message_descriptor_get_field(message, field.number);
        if (known != NULL && wire_of(known->type) != field.wire) {
            trouble.what = "a field of another wire type";
        } else if (known != NULL && known->type == PROTOBUF_C_TYPE_MESSAGE) {
            const struct gh_otlp_bytes inside = {field.bytes.at,
                                                 field.bytes.at + field.bytes.size};
            const struct gh_otlp_trouble found =
                gh_otlp_check(known->descriptor, inside, depth - 1);
            if (found.what != NULL)
                trouble = found;
            else
                trouble.at = after;
        } else {
            trouble.at = after;
        }
    }
    return trouble;
}
