/* json_scan.h - the tokens of JSON inside one piece: white space, strings, numbers, and
 * whether the bytes are UTF-8. No allocation; nothing is read at or after `end`. */
#ifndef GOODHART_EDGE_JSON_SCAN_H
#define GOODHART_EDGE_JSON_SCAN_H

#include "edge/event_value.h"

static inline bool gh_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *gh_skip_space(const char *at, const char *end)
{
    while (at < end && gh_is_space(*at))
        at++;
    return at;
}

/* The first byte in at..end that is not printable ASCII, or is '"' or '\\'; `end` when
 * there is none. */
const char *gh_scan_plain(const char *at, const char *end);

/* The first byte that no valid UTF-8 has there, else `end`. Overlong forms, surrogates and
 * what lies past U+10FFFF are not valid. */
const char *gh_scan_utf8(const char *at, const char *end);

/* A string's inside. `at` is after the opening quote, the bytes are valid UTF-8. Returns
 * the closing quote, or NULL and *trouble: a raw control character, or `end` when it does
 * not close. Escapes are only stepped over; *escaped says that there are some. */
const char *gh_scan_string(const char *at, const char *end, bool *escaped,
                           const char **trouble);

/* Writes the text that at..end (the inside of a string) stands for; `to` has room for as
 * many bytes. Returns its size, or SIZE_MAX and *trouble at an escape that is not legal:
 * an unknown one, \u0000, half a surrogate pair. */
size_t gh_unescape(const char *at, const char *end, char *to, const char **trouble);

/* A number that starts at `at` with '-' or a digit: an integer within 64 bits or a finite
 * real into *value; at..end is at most GH_EVENT_BYTES_MAX long. Returns the byte after it, or NULL with *reason (syntax or range) and
 * *trouble. Reads reals as strtod does in the C locale, which the program never leaves. */
const char *gh_scan_number(const char *at, const char *end, struct gh_scalar *value,
                           enum gh_refusal *reason, const char **trouble);

#endif
