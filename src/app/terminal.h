/* terminal.h - text of strangers on a terminal, and colours where they are wanted.
 *
 * Names in events are chosen by whoever sends them, so nothing of theirs may move the
 * cursor, change colours, or make a line read other than it is written. */
#ifndef GOODHART_APP_TERMINAL_H
#define GOODHART_APP_TERMINAL_H

#include "goodhart/event.h"

#include <stdio.h>

/* Control characters (C0, DEL, C1), those that turn the direction of text or have no
 * width, and bytes that are not UTF-8 come out as '?', one for each. */
void gh_terminal_text(FILE *out, struct gh_text text);

/* JSON as it is, on one line: control characters can stand only between its parts, where a
 * space will do, or inside its texts, where they are escaped. `json` must be valid. */
void gh_terminal_json(FILE *out, struct gh_text json);

enum gh_colour {
    GH_COLOUR_NONE,
    GH_COLOUR_BOLD,
    GH_COLOUR_DIM,
    GH_COLOUR_RED,
    GH_COLOUR_YELLOW,
    GH_COLOUR_CYAN,
    GH_COLOUR_COUNT
};
/* `out` is a terminal that is not dumb, and NO_COLOR is not set. */
bool gh_terminal_coloured(FILE *out);
/* What starts a colour; GH_COLOUR_NONE ends it. "" where `coloured` is false. */
const char *gh_terminal_colour(enum gh_colour colour, bool coloured);

#endif
