/* json_place.c - see json_place.h. */
#include "edge/json_place.h"

#include <stdbool.h>
#include <string.h>

static const char *space_skip(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    return at;
}

/* `at` is the opening quote; the place after the closing one. */
static const char *string_skip(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\' && at + 1 < end;
    return at < end ? at + 1 : end;
}

static const char *value_skip(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        const char c = *at;
        if (depth == 0 && (c == ',' || c == ']' || c == '}'))
            return at;
        at = c == '"' ? string_skip(at, end) : at + 1;
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
        if (depth == 0 && (c == '"' || c == ']' || c == '}'))
            return at;
    }
    return end;
}

/* From the end of one value to the start of the next; NULL: that was the last. */
static const char *comma_skip(const char *at, const char *end)
{
    at = space_skip(at, end);
    return at < end && *at == ',' ? space_skip(at + 1, end) : NULL;
}

struct gh_json_place gh_json_place(const char *at, size_t size)
{
    const char *end = at + size;
    return (struct gh_json_place){at, end, space_skip(at, end)};
}

struct gh_json_place gh_json_member(struct gh_json_place place, const char *name)
{
    const size_t size = strlen(name);
    if (place.value == place.end || *place.value != '{')
        return place;
    const char *at = space_skip(place.value + 1, place.end);
    while (at && at < place.end && *at == '"') {
        const char *after = string_skip(at, place.end);
        const bool found = (size_t)(after - at) == size + 2 && !memcmp(at + 1, name, size);
        at = space_skip(after, place.end);
        at = space_skip(at < place.end ? at + 1 : at, place.end);
        if (found)
            return (struct gh_json_place){place.at, place.end, at};
        at = comma_skip(value_skip(at, place.end), place.end);
    }
    return place;
}

struct gh_json_place gh_json_after(struct gh_json_place place, const char *before)
{
    const char *at = before ? comma_skip(value_skip(before, place.end), place.end) : NULL;
    if (place.value == place.end || *place.value != '[')
        return place;
    if (!before)
        at = space_skip(place.value + 1, place.end);
    return at && at < place.end ? (struct gh_json_place){place.at, place.end, at} : place;
}

struct gh_json_place gh_json_element(struct gh_json_place place, size_t index)
{
    struct gh_json_place one = gh_json_after(place, NULL);
    while (index-- > 0 && one.value != place.value)
        one.value = gh_json_after(place, one.value).value;
    return one;
}

void gh_json_line(struct gh_json_place place, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (const char *at = place.at; at < place.value; at++) {
        ++*column;
        if (*at == '\n') {
            ++*line;
            *column = 1;
        }
    }
}
