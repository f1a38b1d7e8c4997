/* decode_pair.c - the differential check of the decoders. */
#include "support/decode_pair.h"

#include <stdlib.h>
#include <string.h>

bool gh_pair_init(struct gh_pair *pair)
{
    *pair = (struct gh_pair){
        .decoder = gh_decoder_new(), .reference = gh_decoder_new(), .in_one = gh_decoder_new()};
    return pair->decoder && pair->reference && pair->in_one;
}

void gh_pair_free(struct gh_pair *pair)
{
    gh_decoder_free(pair->decoder);
    gh_decoder_free(pair->reference);
    gh_decoder_free(pair->in_one);
}

void gh_pair_reset(struct gh_pair *pair)
{
    gh_decoder_reset(pair->decoder);
    gh_decoder_reset(pair->reference);
    gh_decoder_reset(pair->in_one);
}

/* NUL-terminated, no control characters, a place inside the piece. */
static bool refusal_is_sound(const struct gh_refused *r, const struct gh_piece *piece)
{
    if (r->reason == GH_REFUSED_NOT || r->reason >= GH_REFUSED_FUTURE)
        return false;
    if (!memchr(r->key, '\0', sizeof r->key) || !memchr(r->text, '\0', sizeof r->text))
        return false;
    for (const char *c = r->text; *c; c++)
        if ((unsigned char)*c < 0x20)
            return false;
    return r->text[0] != '\0' && r->at <= piece->size;
}

/* What the encoder makes of an event is the same event for the fast decoder, and the
 * encoder knows when its buffer is one byte too small. */
static const char *pair_again(struct gh_pair *pair)
{
    static char line[GH_EVENT_BYTES_MAX * 6];
    struct gh_event again;
    struct gh_refused refused;
    const size_t size = gh_encode(&pair->event, line, sizeof line);

    if (size == 0 || line[size - 1] != '\n')
        return "an event cannot be written";
    const struct gh_piece piece = {.at = line, .size = size};
    if (size <= GH_EVENT_BYTES_MAX && (!gh_decode(pair->decoder, &piece, &again, &refused) ||
                                       !gh_same_event(&pair->event, &again)))
        return "decoding what was encoded gives another event";
    return gh_encode(&pair->event, line, size - 1) == 0 ? NULL : "the encoder overran";
}

/* NULL, or what is wrong between the two. */
const char *gh_pair_decode(struct gh_pair *pair, const struct gh_piece *piece)
{
    struct gh_event other;
    const uint64_t unknown = gh_decoder_unknown_keys(pair->decoder),
                   unknown_other = gh_decoder_unknown_keys(pair->reference);
    struct gh_refused *r = pair->refused;

    pair->taken = gh_decode(pair->decoder, piece, &pair->event, &r[0]);
    if (gh_decode_reference(pair->reference, piece, &other, &r[1]) != pair->taken)
        return "one takes what the other refuses";
    pair->unknown = gh_decoder_unknown_keys(pair->decoder) - unknown;
    if (pair->unknown != gh_decoder_unknown_keys(pair->reference) - unknown_other)
        return "they count unknown keys differently";
    if (!pair->taken) {
        pair->refused_by[r[0].reason]++;
        if (!refusal_is_sound(&r[0], piece) || !refusal_is_sound(&r[1], piece))
            return "a refusal is not sound";
        if (r[0].reason > GH_REFUSED_DUPLICATE_KEY && r[0].reason != GH_REFUSED_RANGE &&
            strcmp(r[0].text, r[1].text) != 0)
            return "they refuse the same in other words";
        return gh_same_refusal(r[0].reason, r[1].reason) ? NULL
                                                         : "they refuse for other reasons";
    }
    pair->taken_count++;
    if (!gh_same_event(&pair->event, &other))
        return "the same bytes give other events";
    return pair_again(pair);
}

const char *gh_pair_frame(struct gh_pair *pair, struct gh_frame *frame,
                          const struct gh_piece *piece)
{
    struct gh_piece same = {0};
    struct gh_event event;
    struct gh_refused refused;
    const uint64_t unknown = gh_decoder_unknown_keys(pair->in_one);
    const enum gh_next next = gh_frame_decode(frame, pair->in_one, &same, &event, &refused);

    if (next != (pair->taken ? GH_NEXT_TAKEN : GH_NEXT_REFUSED))
        return "in one it is not taken alike";
    if (same.at != piece->at || same.size != piece->size || same.offset != piece->offset ||
        same.index != piece->index || same.line != piece->line)
        return "in one it is another piece";
    if (gh_decoder_unknown_keys(pair->in_one) - unknown != pair->unknown)
        return "in one other keys are unknown";
    if (pair->taken)
        return gh_same_event(&event, &pair->event) ? NULL : "in one it is another event";
    return refused.at == pair->refused[0].at &&
                   strcmp(refused.text, pair->refused[0].text) == 0 &&
                   strcmp(refused.key, pair->refused[0].key) == 0
               ? NULL
               : "in one it is refused in other words";
}
