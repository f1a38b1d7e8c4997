/* frame_made.h - a binary frame that is put together event by event. */
#ifndef GOODHART_EDGE_FRAME_MADE_H
#define GOODHART_EDGE_FRAME_MADE_H

#include "goodhart/event.h"

/* {0} is an empty one, of no bytes; else it begins with the marker. */
struct gh_frame_made {
    char *at;
    size_t size, room;
};

/* False: out of memory; what is there stays. */
bool gh_frame_made_add(struct gh_frame_made *frame, const struct gh_event *event);
void gh_frame_made_free(struct gh_frame_made *frame);

#endif
