/* json_scan.h - the tokens of JSON inside one piece: white space, strings, numbers, and
 * whether the bytes are UTF-8. No allocation; nothing is read at or after `end`. */
#ifndef GOODHART_EDGE_JSON_SCAN_H
#define GOODHART_EDGE_JSON_SCAN_H

#include "edge/event_value.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Blocks: as many bytes as the machine looks at in one step. */
enum { GH_BLOCK_SIZE = 16 };

/* Bit i: byte i of the block is not printable ASCII, or is '"' or '\\'. */
static inline unsigned gh_block_special(const char *at)
{
#ifdef __SSE2__
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)at);
    const __m128i odd = _mm_or_si128(_mm_cmplt_epi8(c, _mm_set1_epi8(' ')), /* >= 0x80 too */
                                     _mm_cmpeq_epi8(c, _mm_set1_epi8(0x7f)));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(odd, marks));
#else
    unsigned bits = 0;
    for (unsigned i = 0; i < GH_BLOCK_SIZE; i++) {
        const unsigned char c = (unsigned char)at[i];
        bits |= (unsigned)(c < ' ' || c >= 0x7f || c == '"' || c == '\\') << i;
    }
    return bits;
#endif
}

/* Bit i: byte i of the two blocks is the same. */
static inline unsigned gh_block_same(const char *a, const char *b)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
                       _mm_loadu_si128((const __m128i *)(const void *)b)));
#else
    unsigned bits = 0;
    for (unsigned i = 0; i < GH_BLOCK_SIZE; i++)
        bits |= (unsigned)(a[i] == b[i]) << i;
    return bits;
#endif
}

/* The 8 bytes at `at`, the first one lowest. */
static inline uint64_t gh_load8(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

static inline bool gh_block_ascii(const char *at)
{
#ifdef __SSE2__
    return _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)at)) == 0;
#else
    uint64_t half[2];
    memcpy(half, at, sizeof half);
    return ((half[0] | half[1]) & UINT64_C(0x8080808080808080)) == 0;
#endif
}

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

/* A string's inside. `at` is after the opening quote. Returns
 * the closing quote, or NULL and *trouble: a raw control character, or `end` when it does
 * not close. Escapes are only stepped over; *escaped says that there are some. */
const char *gh_scan_string(const char *at, const char *end, bool *escaped,
                           const char **trouble);

/* Writes the text that at..end (the inside of a string) stands for; `to` has room for as
 * many bytes. Returns its size, or SIZE_MAX and *trouble at an escape that is not legal:
 * an unknown one, \u0000, half a surrogate pair. */
size_t gh_unescape(const char *at, const char *end, char *to, const char **trouble);

/* Reads the digits among the 8 bytes at `at` that come before any other byte; *sum goes on.
 * Numbers of any length take the same steps: a loop over digits would be guessed wrong once
 * for each number. */
static inline size_t gh_scan_digits8(const char *at, uint64_t *sum)
{
    static const uint64_t power[] = {1,      10,      100,      1000,     10000,
                                     100000, 1000000, 10000000, 100000000};
    const uint64_t digits = gh_load8(at) ^ UINT64_C(0x3030303030303030);
    /* The high bit of a byte that is no digit; carries only disturb the bytes after it. */
    const uint64_t other =
        ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
    const unsigned count = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;

    if (count == 0)
        return 0;
    /* Zeros in front, then pairs of digits, of pairs, of fours. */
    uint64_t value = digits << (64 - 8 * count);
    value = (value * 10 + (value >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    value = (value * 100 + (value >> 16)) & UINT64_C(0x0000ffff0000ffff);
    value = (value * 10000 + (value >> 32)) & UINT64_C(0x00000000ffffffff);
    *sum = *sum * power[count] + value;
    return count;
}

/* The usual number, an integer of 1 to 18 digits without a sign: returns the byte after it,
 * or NULL for all others, right or wrong. */
static inline const char *gh_scan_short_integer(const char *at, const char *end, int64_t *value)
{
    const char *const start = at;
    uint64_t sum = 0;
    size_t count = 8;

    while (count == 8 && end - at >= 8) {
        count = gh_scan_digits8(at, &sum); /* more than 18 digits may wrap */
        at += count;
    }
    for (; count == 8 && at < end && *at >= '0' && *at <= '9'; at++)
        sum = sum * 10 + (uint64_t)(*at - '0');
    count = (size_t)(at - start);
    if (count - 1 > 17 || (*start == '0' && count > 1) ||
        (at < end && (*at == '.' || (*at | 0x20) == 'e')))
        return NULL;
    *value = (int64_t)sum;
    return at;
}

/* A number that starts at `at` with '-' or a digit: an integer within 64 bits or a finite
 * real into *value; at..end is at most GH_EVENT_BYTES_MAX long. Returns the byte after it, or
 * NULL with *reason (syntax or range) and *trouble. Reads reals as strtod does in the C locale,
 * which the program never leaves. */
const char *gh_scan_number(const char *at, const char *end, struct gh_scalar *value,
                           enum gh_refusal *reason, const char **trouble);

#endif
