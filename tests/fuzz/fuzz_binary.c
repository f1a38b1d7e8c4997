/* fuzz_binary.c - libFuzzer target: the bytes as a binary frame and as one Event; the splitter
 * keeps its promises, and on every piece the decoder equals protobuf-c. */
#include "edge/wire.h"
#include "support/protobuf/binary_pair.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct gh_binary_pair *pair)
{
    fprintf(stderr, "fuzz_binary: %s\n", what);
    if (!pair->taken)
        fprintf(stderr, "refused: %s: %s\n", gh_refusal_name(pair->refused.reason),
                pair->refused.text);
    abort();
}

/* Pieces lie in order and inside; between them are markers, tags and lengths alone. */
static const char *piece_trouble(const struct gh_piece *piece, const struct gh_frame *frame,
                                 size_t used, uint32_t index)
{
    enum { BETWEEN = 5 + 5 };
    size_t from = used;

    if (piece->offset < used || piece->at != frame->at + piece->offset ||
        piece->index != index || piece->line != 1 || piece->form == GH_FORM_JSON)
        return "pieces are out of order";
    if (piece->offset + piece->size != frame->used || frame->used > frame->size)
        return "a piece does not end where the next one begins";
    while (gh_marker_is(frame->at + from, frame->size - from))
        from += GH_MARKER_SIZE;
    return piece->offset - from <= (piece->form == GH_FORM_BINARY ? BETWEEN : 0)
               ? NULL
               : "bytes between pieces are lost";
}

static void frame_check(struct gh_binary_pair *pair, const char *at, size_t size)
{
    struct gh_frame frame;
    struct gh_piece piece;
    struct gh_refused refused;
    size_t used = 0;
    uint32_t index = 0;

    gh_frame_go_on(&frame, at, size, true);
    while (gh_frame_next(&frame, &piece)) {
        const char *trouble = piece_trouble(&piece, &frame, used, index++);
        used = frame.used;
        if (!trouble && piece.form == GH_FORM_BINARY)
            trouble = gh_binary_pair_decode(pair, piece.at, piece.size);
        else if (!trouble && gh_decode(pair->decoder, &piece, &pair->event, &refused))
            trouble = "what is no event is taken";
        if (trouble)
            fail(trouble, pair);
    }
    if (frame.used != size || gh_frame_next(&frame, &piece))
        fail("the end of the frame is lost", pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gh_binary_pair pair;
    static char none[1];
    const char *const at = size ? (const char *)data : none;

    if (!pair.decoder && !gh_binary_pair_init(&pair))
        abort();
    const char *const trouble = gh_binary_pair_decode(&pair, at, size);
    if (trouble)
        fail(trouble, &pair);
    frame_check(&pair, at, size);
    gh_decoder_reset(pair.decoder);
    return 0;
}
