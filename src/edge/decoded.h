/* decoded.h - a frame taken apart and decoded by one thread for another one, which then walks
 * through its pieces as if it decoded them itself. The memory is used again and again. */
#ifndef GOODHART_EDGE_DECODED_H
#define GOODHART_EDGE_DECODED_H

#include "edge/decode.h"

/* What gh_decoded_init makes room for: enough for 1 MiB of events as they come. */
enum { GH_DECODED_PIECES = 16384, GH_DECODED_REFUSALS = 256 };

struct gh_decoded_refusal {
    uint32_t piece; /* index in `piece` */
    struct gh_refused why;
};

/* A frame that has more pieces than there is room for, or more that are refused, is decoded up
 * to there, and `frame` stands behind it: what a frame can make this hold has an end. */
struct gh_decoded {
    struct gh_decoder *decoder;
    struct gh_piece *piece;
    struct gh_event *event; /* of all pieces but the refused, in their order */
    struct gh_decoded_refusal *refusal;
    uint32_t pieces_max, refusals_max;
    uint32_t pieces, events, refusals;
    struct gh_frame frame; /* its rest */
    uint64_t unknown_keys; /* as gh_decoder_unknown_keys, of this frame */
    uint64_t ns;           /* that it took */
};

/* GH_EMEMORY; then it is to be freed all the same. Whoever has memory elsewhere sets the fields
 * up to `refusals_max` instead, and frees what they lead to. */
GH_MUST_USE enum gh_status gh_decoded_init(struct gh_decoded *decoded);
/* {0} is legal. */
void gh_decoded_free(struct gh_decoded *decoded);
/* `frame` was just initialised; its bytes and `decoded` itself must stay as they are until the
 * last use of the events. */
void gh_decoded_fill(struct gh_decoded *decoded, const struct gh_frame *frame);

#endif
