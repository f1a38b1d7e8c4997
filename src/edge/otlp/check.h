/* check.h - a look at the bytes of a protobuf message before protobuf-c unpacks it, which goes
 * as deep as they say and does not say where they are wrong. */
#ifndef GOODHART_EDGE_OTLP_CHECK_H
#define GOODHART_EDGE_OTLP_CHECK_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

/* A message's bytes; `at` is not NULL. */
struct gh_otlp_bytes {
    const char *at, *end;
};
struct gh_otlp_trouble {
    const char *at;   /* the field that is wrong */
    const char *what; /* NULL: nothing is */
    bool deep;        /* it is sound, but too deep */
};

/* Whether at..end are fields, each of the wire type that it must have, in messages at most
 * `depth` deep. */
struct gh_otlp_trouble gh_otlp_check(const ProtobufCMessageDescriptor *message,
                                     struct gh_otlp_bytes bytes, unsigned depth);

#endif
