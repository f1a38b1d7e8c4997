/* binary_pair.h - the decoder of binary pieces and protobuf-c on the same bytes, and what must
 * hold between them. */
#ifndef GH_BINARY_PAIR_H
#define GH_BINARY_PAIR_H

#include "edge/event_value.h"

struct gh_binary_pair {
    struct gh_decoder *decoder;
    struct gh_key_sets sets;
    struct gh_event event;     /* of the decoder, when taken */
    struct gh_refused refused; /* of the decoder, when not */
    bool taken;
    uint64_t taken_count, refused_by[GH_REFUSAL_COUNT];
};

bool gh_binary_pair_init(struct gh_binary_pair *pair); /* false: out of memory */
void gh_binary_pair_free(struct gh_binary_pair *pair);

/* Decodes the bytes of an Event with both. Returns NULL, or what is wrong: they do not agree, a
 * refusal is not sound, what was encoded is not what protobuf-c makes of it. */
const char *gh_binary_pair_decode(struct gh_binary_pair *pair, const char *at, size_t size);

/* NULL, or what of the schema is not as the tables of keys, numbers and names say. */
const char *gh_binary_schema_trouble(void);

#endif
