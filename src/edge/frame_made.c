/* frame_made.c - see frame_made.h. */
#include "edge/frame_made.h"

#include "edge/decode.h"
#include "edge/wire.h"

#include <stdlib.h>
#include <string.h>

/* Room for the largest event is always left, so that none has to be measured first. */
static bool frame_room(struct gh_frame_made *frame)
{
    const size_t wanted = frame->size + GH_MARKER_SIZE + GH_BINARY_BYTES_MAX;
    if (frame->room >= wanted)
        return true;
    char *grown = realloc(frame->at, 2 * wanted);
    if (!grown)
        return false;
    frame->at = grown;
    frame->room = 2 * wanted;
    return true;
}

bool gh_frame_made_add(struct gh_frame_made *frame, const struct gh_event *event)
{
    if (!frame_room(frame))
        return false;
    if (frame->size == 0) {
        memcpy(frame->at, GH_MARKER, GH_MARKER_SIZE);
        frame->size = GH_MARKER_SIZE;
    }
    frame->size += gh_encode_binary(event, frame->at + frame->size, frame->room - frame->size);
    return true;
}

void gh_frame_made_free(struct gh_frame_made *frame)
{
    free(frame->at);
    *frame = (struct gh_frame_made){.at = NULL};
}
