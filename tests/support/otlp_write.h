/* otlp_write.h - requests of OTLP made up, and written as JSON, by the descriptors of the
 * schema. */
#ifndef GH_OTLP_WRITE_H
#define GH_OTLP_WRITE_H

#include "edge/json.h"
#include "edge/otlp/arena.h"
#include "edge/otlp/otlp.h"

#include <protobuf-c/protobuf-c.h>

const ProtobufCMessageDescriptor *gh_otlp_message(enum gh_otlp_signal signal);

/* A request whose texts are UTF-8, in the arena, which must have room. */
ProtobufCMessage *gh_otlp_invent(const ProtobufCMessageDescriptor *message,
                                 struct gh_otlp_arena *arena, uint64_t *seed);

/* Appends the message. With a seed in any of the forms that are legal: order, names, numbers,
 * ids, blanks, members that nobody knows; NULL: in one. Ids of odd sizes are left empty. */
void gh_otlp_write(struct gh_json *json, const ProtobufCMessage *message, uint64_t *seed);

#endif
