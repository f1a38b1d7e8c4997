/* recode.h - events in the other form: of JSON binary, and back. */
#ifndef GOODHART_APP_RECODE_H
#define GOODHART_APP_RECODE_H

#include "edge/decode.h"

struct gh_recoder;

/* `binary`: the form that is wanted. The caller owns *recoder. */
GH_MUST_USE enum gh_status gh_recoder_new(struct gh_recoder **recoder, bool binary,
                                          struct gh_error *error);
void gh_recoder_free(struct gh_recoder *recoder); /* NULL is legal */

/* What a frame of the form begins with: the marker, or nothing. */
struct gh_text gh_recoder_begin(const struct gh_recoder *recoder);
/* The event of a piece of either form: a line of JSON with '\n', or a field of a Batch. Lent
 * until the next call. {0}: it is not legal, *refused says why. */
struct gh_text gh_recode(struct gh_recoder *recoder, const struct gh_piece *piece,
                         struct gh_refused *refused);

#endif
