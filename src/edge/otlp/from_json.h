/* from_json.h - JSON into the structs that protobuf-c makes of a schema, by its descriptors:
 * the JSON mapping of proto3 with what OTLP changes in it and what senders make of it
 * (README.md).
 *
 * Of the types it knows those that otlp.proto has. Bytes are texts, but for fields that are
 * named ..._id (ids, in hex or base64) and bytes_... (base64). */
#ifndef GOODHART_EDGE_OTLP_FROM_JSON_H
#define GOODHART_EDGE_OTLP_FROM_JSON_H

#include "edge/otlp/arena.h"
#include "edge/otlp/check.h"

#include <stdint.h>

/* {0} and an arena to begin with; may be used again. */
struct gh_from_json {
    struct gh_otlp_arena *arena;
    void **element; /* of lists that are being read, the inner ones above the outer */
    size_t element_size;
    uint64_t dropped; /* ids that are none, of the last message */
};
void gh_from_json_free(struct gh_from_json *reader);

/* The message that the bytes are, in the arena; texts without escapes point into the bytes.
 * NULL: *trouble, or memory, where the arena says why. */
ProtobufCMessage *gh_from_json(struct gh_from_json *reader,
                               const ProtobufCMessageDescriptor *message,
                               struct gh_otlp_bytes bytes, struct gh_otlp_trouble *trouble);

#endif
