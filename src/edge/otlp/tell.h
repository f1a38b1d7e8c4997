/* tell.h - the records in a request that was read, told one by one. */
#ifndef GOODHART_EDGE_OTLP_TELL_H
#define GOODHART_EDGE_OTLP_TELL_H

#include "edge/otlp/arena.h"
#include "edge/otlp/otlp.h"
#include "edge/otlp/otlp.pb-c.h"

/* Flat fields, as many as there is room for. */
struct gh_otlp_fields {
    struct gh_field *field;
    uint32_t count, room;
    const char *odd; /* what is wrong with a record that has them; NULL: nothing */
};

struct gh_otlp_teller {
    struct gh_otlp_arena *arena; /* for texts that are made */
    const struct gh_otlp_taker *taker;
    struct gh_otlp_counts *counts;
    bool utf8;                    /* texts are known to be */
    struct gh_otlp_fields shared; /* of the scope and its resource */
    struct gh_otlp_fields own;    /* of a record; the shared ones are put behind */
    struct gh_text source, scope;
    bool stopped; /* `take` said so */
    struct gh_field shared_field[GH_OTLP_SHARED_MAX];
    struct gh_field own_field[GH_OTLP_OWN_MAX + GH_OTLP_SHARED_MAX];
};

/* Tells what `request`, the message of the signal's requests, holds, until `stopped`. */
void gh_otlp_tell(struct gh_otlp_teller *teller, enum gh_otlp_signal signal,
                  const ProtobufCMessage *request);

/* Below: flatten.c, for tell.c. */

/* Adds attributes. `fields` beyond the room, of bytes that find no memory, of numbers that are
 * not finite are counted as dropped. */
void gh_otlp_fields_add(struct gh_otlp_teller *teller, struct gh_otlp_fields *fields,
                        Otlp__KeyValue *const *attribute, size_t count);
/* Bytes as a text; never NULL. */
static inline struct gh_text gh_otlp_text(ProtobufCBinaryData bytes)
{
    return (struct gh_text){bytes.len > 0 ? (const char *)bytes.data : "", (uint32_t)bytes.len};
}
bool gh_otlp_utf8(const struct gh_otlp_teller *teller, struct gh_text text);
/* In lower-case hex; absent where it has not `size` bytes, is all zeros, or without memory. */
struct gh_text gh_otlp_id(struct gh_otlp_teller *teller, ProtobufCBinaryData id, size_t size);

#endif
