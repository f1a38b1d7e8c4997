/* json_place.h - where a value stands in a JSON text, for messages: a parser that makes trees
 * forgets it. The text must be valid JSON; of any other the answers are some place in it. */
#ifndef GOODHART_EDGE_JSON_PLACE_H
#define GOODHART_EDGE_JSON_PLACE_H

#include <stddef.h>

/* The bytes at[0..size) and a place among them. */
struct gh_json_place {
    const char *at, *end;
    const char *value; /* first byte of the value */
};

/* The outermost value. */
struct gh_json_place gh_json_place(const char *at, size_t size);
/* The value of a member, an element: `place` itself where there is none, or where the name is
 * written with escapes. */
struct gh_json_place gh_json_member(struct gh_json_place place, const char *name);
struct gh_json_place gh_json_element(struct gh_json_place place, size_t index);
/* The element after the one whose value starts at `before`; NULL: the first. For walks. */
struct gh_json_place gh_json_after(struct gh_json_place place, const char *before);
/* Line and column of the value, from 1; columns are bytes. */
void gh_json_line(struct gh_json_place place, unsigned *line, unsigned *column);

#endif
