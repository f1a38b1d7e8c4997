/* fuzz_decode.c - libFuzzer target: the bytes as a frame and as one piece; the splitter
 * keeps its promises, and the fast decoder equals the reference on every piece. */
#include "support/decode_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct gh_piece *piece, const struct gh_pair *pair)
{
    fprintf(stderr, "fuzz_decode: %s\npiece: %.*s\n", what, (int)piece->size, piece->at);
    if (!pair->taken)
        fprintf(stderr, "fast: %s\nreference: %s\n", pair->refused[0].text,
                pair->refused[1].text);
    abort();
}

static uint32_t line_of(const char *at, size_t offset)
{
    uint32_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += at[i] == '\n';
    return line;
}

/* Pieces lie in order, and between them is nothing that could be an event. */
static const char *piece_trouble(const struct gh_piece *piece, const char *at, size_t used,
                                 uint32_t index)
{
    if (piece->offset < used || piece->at != at + piece->offset || piece->index != index)
        return "pieces are out of order";
    for (size_t i = used; i < piece->offset; i++)
        if (!strchr(" \t\r\n,[]", at[i]) || at[i] == '\0')
            return "bytes between pieces are lost";
    return piece->line == line_of(at, piece->offset) ? NULL : "a wrong line";
}

static void frame_check(struct gh_pair *pair, const char *at, size_t size)
{
    struct gh_frame frame, both;
    struct gh_piece piece;
    size_t used = 0;
    uint32_t index = 0;

    gh_frame_init(&frame, at, size);
    gh_frame_init(&both, at, size);
    while (gh_frame_next(&frame, &piece)) {
        const char *trouble = piece_trouble(&piece, at, used, index++);
        used = piece.offset + piece.size;
        if (!trouble && used > size)
            trouble = "a piece reaches past its frame";
        if (!trouble)
            trouble = gh_pair_decode(pair, &piece);
        if (!trouble)
            trouble = gh_pair_frame(pair, &both, &piece);
        if (trouble)
            fail(trouble, &piece, pair);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gh_pair pair;
    static char none[1];

    if (!pair.decoder && !gh_pair_init(&pair))
        abort();
    const struct gh_piece whole = {.at = size ? (const char *)data : none, .size = size};
    const char *const trouble = gh_pair_decode(&pair, &whole);
    if (trouble)
        fail(trouble, &whole, &pair);
    frame_check(&pair, whole.at, size);
    gh_pair_reset(&pair);
    return 0;
}
