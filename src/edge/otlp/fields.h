/* fields.h - fields of protobuf on the wire, by the descriptors that protobuf-c makes. */
#ifndef GOODHART_EDGE_OTLP_FIELDS_H
#define GOODHART_EDGE_OTLP_FIELDS_H

#include "edge/wire.h"

#include <protobuf-c/protobuf-c.h>

/* Which wire type a field must have. */
static inline enum gh_wire gh_otlp_wire_of(ProtobufCType type)
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

/* NULL: there is none. Most messages have fields 1, 2, 3. */
static inline const ProtobufCFieldDescriptor *
gh_otlp_field_of(const ProtobufCMessageDescriptor *message, uint32_t number)
{
    if (number <= message->n_fields && message->fields[number - 1].id == number)
        return &message->fields[number - 1];
    return protobuf_c_message_descriptor_get_field(message, number);
}

/* As gh_field_read, which is too large to stand wherever a field is read. */
const char *gh_otlp_field_any(const char *at, const char *end, struct gh_wire_field *field);

/* The same, small, for what is usual: short bytes under a low number. */
static inline const char *gh_otlp_field_read(const char *at, const char *end,
                                             struct gh_wire_field *field)
{
    const unsigned char tag = (unsigned char)*at;

    if (end - at < 2 || tag >= 0x80 || (tag & 7) != GH_WIRE_BYTES || tag >> 3 == 0 ||
        (unsigned char)at[1] >= 0x80 || (unsigned char)at[1] > end - at - 2)
        return gh_otlp_field_any(at, end, field);
    field->number = tag >> 3;
    field->wire = GH_WIRE_BYTES;
    field->bytes = (struct gh_text){at + 2, (unsigned char)at[1]};
    return at + 2 + (unsigned char)at[1];
}

#endif
