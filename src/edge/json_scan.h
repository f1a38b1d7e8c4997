/* json_scan.h - the tokens of JSON inside one piece: white space, strings, numbers, and
 * whether the bytes are UTF-8. No allocation; nothing is read at or after `end`. */
#ifndef GOODHART_EDGE_JSON_SCAN_H
#define GOODHART_EDGE_JSON_SCAN_H

#include "edge/block.h"
#include "edge/event_value.h"

static inline bool gh_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *gh_skip_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && gh_is_space(*at))
        at++;
    return at;
}

/* The first byte in at..end that is not printable ASCII, or is '"' or '\\'; `end` when
 * there is none. */
static inline const char *gh_scan_plain(const char *at, const char *end)
{
    while (end - at >= GH_BLOCK_SIZE) {
        const unsigned bits = gh_block_special(at);
        if (bits != 0)
            return at + __builtin_ctz(bits);
        at += GH_BLOCK_SIZE;
    }
    while (at < end && *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
        at++;
    return at;
}

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

/* The usual number, an integer of 1 to 18 digits without a sign: returns the byte after it,
 * or NULL for all others, right or wrong. */
static inline const char *gh_scan_short_integer(const char *at, const char *end, int64_t *value)
{
    const char *const start = at;
    uint64_t sum = 0;

    for (; at < end; at++) {
        const unsigned digit = (unsigned char)*at - (unsigned)'0';
        if (digit > 9)
            break;
        sum = sum * 10 + digit; /* may wrap, then there are more than 18 */
    }
    const size_t count = (size_t)(at - start);
    if (count - 1 > 17 || (*start == '0' && count > 1) ||
        (at < end && (*at == '.' || (*at | 0x20) == 'e')))
        return NULL;
    *value = (int64_t)sum;
    return at;
}

/* Eight bytes of digits at once, without a loop: numbers differ in length, so that the end of
 * a loop over digits is a guess that often fails. First the bytes, a digit as its value. */
static inline uint64_t gh_digits_load(const char *at)
{
    return gh_load8(at) ^ UINT64_C(0x3030303030303030);
}

/* How many bits in front are digits: a multiple of 8 up to 64. */
static inline unsigned gh_digits_bits(uint64_t raw)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    const uint64_t others = (((raw & low) + UINT64_C(0x7676767676767676)) | raw) & ~low;

    return others == 0 ? 64 : (unsigned)__builtin_ctzll(others) & ~7u;
}

/* What those are worth; bits > 0. */
static inline uint64_t gh_digits_worth(uint64_t raw, unsigned bits)
{
    uint64_t v = raw << (-bits & 63); /* zeros in front */

    v = v * 2561 >> 8;
    v = (v & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    return (v & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32;
}

/* A number that starts at `at` with '-' or a digit: an integer within 64 bits or a finite
 * real into *value; at..end is at most GH_EVENT_BYTES_MAX long. Returns the byte after it, or
 * NULL with *reason (syntax or range) and *trouble. Reads reals as strtod does in the C locale,
 * which the program never leaves. */
const char *gh_scan_number(const char *at, const char *end, struct gh_scalar *value,
                           enum gh_refusal *reason, const char **trouble);

#endif
