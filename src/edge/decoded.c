/* decoded.c - see decoded.h. */
#include "edge/decoded.h"

#include "edge/clock.h"

#include <stdlib.h>

enum gh_status gh_decoded_init(struct gh_decoded *decoded)
{
    *decoded = (struct gh_decoded){.decoder = gh_decoder_new(),
                                   .pieces_max = GH_DECODED_PIECES,
                                   .refusals_max = GH_DECODED_REFUSALS};
    /* Memory that is never touched costs nothing. */
    decoded->piece = malloc(GH_DECODED_PIECES * sizeof *decoded->piece);
    decoded->event = malloc(GH_DECODED_PIECES * sizeof *decoded->event);
    decoded->refusal = malloc(GH_DECODED_REFUSALS * sizeof *decoded->refusal);
    return decoded->decoder && decoded->piece && decoded->event && decoded->refusal
               ? GH_OK
               : GH_EMEMORY;
}

void gh_decoded_free(struct gh_decoded *decoded)
{
    gh_decoder_free(decoded->decoder);
    free(decoded->piece);
    free(decoded->event);
    free(decoded->refusal);
    *decoded = (struct gh_decoded){.pieces = 0};
}

void gh_decoded_fill(struct gh_decoded *decoded, const struct gh_frame *frame)
{
    struct gh_decoded *d = decoded;
    const uint64_t started = gh_clock_ns(), unknown = gh_decoder_unknown_keys(d->decoder);

    gh_decoder_reset(d->decoder);
    d->frame = *frame;
    d->pieces = d->events = d->refusals = 0;
    while (d->pieces < d->pieces_max && d->refusals < d->refusals_max) {
        struct gh_piece *piece = &d->piece[d->pieces];
        struct gh_decoded_refusal *refusal = &d->refusal[d->refusals];
        const enum gh_next next =
            gh_frame_decode(&d->frame, d->decoder, piece, &d->event[d->events], &refusal->why);
        if (next == GH_NEXT_NONE)
            break;
        if (next == GH_NEXT_TAKEN) {
            d->events++;
        } else {
            refusal->piece = d->pieces;
            d->refusals++;
        }
        d->pieces++;
    }
    d->unknown_keys = gh_decoder_unknown_keys(d->decoder) - unknown;
    d->ns = gh_clock_ns() - started;
}
