/* decode_pair.h - both decoders on the same bytes, and what must hold between them. */
#ifndef GH_DECODE_PAIR_H
#define GH_DECODE_PAIR_H

#include "edge/decode.h"

struct gh_pair {
    struct gh_decoder *decoder, *reference, *in_one;
    struct gh_event event;        /* of the fast decoder, when taken */
    struct gh_refused refused[2]; /* fast, reference; when not */
    bool taken;
    uint64_t unknown; /* keys that nobody knows, in an event that was taken */
    uint64_t taken_count, refused_by[GH_REFUSAL_COUNT];
};

bool gh_pair_init(struct gh_pair *pair); /* false: out of memory */
void gh_pair_free(struct gh_pair *pair);
void gh_pair_reset(struct gh_pair *pair);

/* Decodes the piece with both. Returns NULL, or what is wrong: they do not agree, a refusal
 * is not sound, what was encoded decodes to another event. */
const char *gh_pair_decode(struct gh_pair *pair, const struct gh_piece *piece);
/* After it, on `frame`, whose next piece must be the same: splitting and decoding in one.
 * Returns NULL, or what is other than gh_pair_decode found. */
const char *gh_pair_frame(struct gh_pair *pair, struct gh_frame *frame,
                          const struct gh_piece *piece);

#endif
