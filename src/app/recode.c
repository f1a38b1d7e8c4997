/* recode.c - see recode.h. */
#include "app/recode.h"

#include "edge/wire.h"

#include <stdlib.h>

enum { RECODED_MAX = 6 * GH_EVENT_BYTES_MAX };

struct gh_recoder {
    struct gh_decoder *decoder;
    bool binary;
    char bytes[RECODED_MAX];
};

enum gh_status gh_recoder_new(struct gh_recoder **recoder, bool binary, struct gh_error *error)
{
    struct gh_recoder *r = calloc(1, sizeof *r);

    if (r)
        r->decoder = gh_decoder_new();
    if (!r || !r->decoder) {
        free(r);
        return gh_error_set(error, GH_EMEMORY, "events: out of memory");
    }
    r->binary = binary;
    *recoder = r;
    return GH_OK;
}

void gh_recoder_free(struct gh_recoder *recoder)
{
    if (!recoder)
        return;
    gh_decoder_free(recoder->decoder);
    free(recoder);
}

struct gh_text gh_recoder_begin(const struct gh_recoder *r)
{
    return (struct gh_text){GH_MARKER, r->binary ? GH_MARKER_SIZE : 0};
}

struct gh_text gh_recode(struct gh_recoder *r, const struct gh_piece *piece,
                         struct gh_refused *refused)
{
    struct gh_event event;
    size_t size;

    gh_decoder_reset(r->decoder);
    if (!gh_decode(r->decoder, piece, &event, refused))
        return (struct gh_text){0};
    size = r->binary ? gh_encode_binary(&event, r->bytes, sizeof r->bytes)
                     : gh_encode(&event, r->bytes, sizeof r->bytes);
    return (struct gh_text){r->bytes, (uint32_t)size};
}
