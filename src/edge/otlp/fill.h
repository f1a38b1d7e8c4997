/* fill.h - the usual request in protobuf, read in one pass. What is not usual, or wrong, is
 * left to check.h and protobuf-c, whose word holds. */
#ifndef GOODHART_EDGE_OTLP_FILL_H
#define GOODHART_EDGE_OTLP_FILL_H

#include "edge/otlp/arena.h"
#include "edge/otlp/check.h"

/* The message that protobuf-c would unpack of the bytes, in the arena; its texts point into the
 * bytes, and unknown fields are not kept. NULL: it is read another way, for it is more than
 * `depth` deep, no message, needs more memory than there is, or has what no exporter writes: a
 * message twice where there is one (protobuf-c merges them), a truth of several bytes. What was
 * taken of the arena stays taken. */
ProtobufCMessage *gh_otlp_fill(struct gh_otlp_arena *arena,
                               const ProtobufCMessageDescriptor *message,
                               struct gh_otlp_bytes bytes, unsigned depth);

#endif
