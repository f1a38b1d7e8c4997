/* check.c - see check.h. */
#include "edge/otlp/check.h"

#include "edge/otlp/fields.h"

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
        bytes.at = gh_otlp_field_read(start, bytes.end, &field);
        if (bytes.at == NULL) {
            *trouble = (struct gh_otlp_trouble){start, "no field of a message", false};
            return false;
        }
        const ProtobufCFieldDescriptor *const known = gh_otlp_field_of(message, field.number);
        if (known == NULL)
            continue;
        if (gh_otlp_wire_of(known->type) != field.wire) {
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
