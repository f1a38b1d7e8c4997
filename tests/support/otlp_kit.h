/* otlp_kit.h - a request to a text with one line for each record told, so that records of
 * different readers can be compared. */
#ifndef GH_OTLP_KIT_H
#define GH_OTLP_KIT_H

#include "edge/json.h"
#include "edge/otlp/otlp.h"

#include <protobuf-c/protobuf-c.h>

/* One line: kind, texts, times, then the fields in their order. */
void gh_otlp_line(struct gh_json *lines, const struct gh_told *told);

struct gh_otlp_heard {
    enum gh_status status;
    struct gh_otlp_counts counts;
    struct gh_error error;
    char *lines; /* "" when nothing was told; gh_otlp_heard_free */
};
struct gh_otlp_heard gh_otlp_hear(struct gh_otlp_reader *reader,
                                  const struct gh_otlp_request *request);
/* The same of a message, however it was read. */
struct gh_otlp_heard gh_otlp_hear_message(enum gh_otlp_signal signal,
                                          const ProtobufCMessage *message);
/* The same of a request in protobuf that check.h and protobuf-c read, all else as in read.c. */
struct gh_otlp_heard gh_otlp_hear_unpacked(const struct gh_otlp_request *request);
void gh_otlp_heard_free(struct gh_otlp_heard *heard);

#endif
