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

/* Eight bytes as a number, the first one lowest. */
static inline uint64_t gh_load8(const char *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

/* Whether the first `size` bytes of two blocks, up to all of them, are the same. */
static inline bool gh_block_same(const char *a, const char *b, size_t size)
{
#ifdef __SSE2__
    const __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
                                        _mm_loadu_si128((const __m128i *)(const void *)b));
    return ((~(unsigned)_mm_movemask_epi8(same)) & ((1u << size) - 1u)) == 0;
#else
    return memcmp(a, b, size) == 0;
#endif
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

/* The values of 8 hex digits at once, one per byte of `c`; *legal loses the top bit of each
 * byte that is none. Sums stay within their byte, or the byte is not legal anyway. */
static inline uint64_t gh_hex_half(uint64_t c, uint64_t *legal)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), lower = c | 0x20 * ones;
    const uint64_t digit = (c + (0x80 - '0') * ones) & ~(c + (0x7f - '9') * ones);
    const uint64_t letter = (lower + (0x80 - 'a') * ones) & ~(lower + (0x7f - 'f') * ones);
    uint64_t v = (c & 0x0f * ones) + 9 * (c >> 6 & ones);

    *legal &= (digit | letter) & ~c;
    v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    return __builtin_bswap32((uint32_t)(v | v >> 16));
}

/* The number that 16 hex digits at `at` stand for; false: they are not. */
static inline bool gh_scan_hex(const char *at, uint64_t *value)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t legal = tops;

    *value = gh_hex_half(gh_load8(at), &legal) << 32;
    *value |= gh_hex_half(gh_load8(at + 8), &legal);
    return legal == tops;
}

/* An integer of 1 to 7 digits without a sign, without a loop: numbers differ in length, so
 * that the end of a loop over digits is a guess that often fails. NULL for all others, right
 * or wrong. */
static inline const char *gh_scan_few_digits(const char *at, const char *end, int64_t *value)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    if (end - at < 8)
        return NULL;
    const uint64_t raw = gh_load8(at) ^ '0' * ones;
    const uint64_t others = (((raw & 0x7f * ones) + 0x76 * ones) | raw) & 0x80 * ones;
    if (others == 0)
        return NULL;
    const unsigned count = (unsigned)__builtin_ctzll(others) / 8;
    if (count == 0 || (*at == '0' && count > 1) || at[count] == '.' ||
        (at[count] | 0x20) == 'e')
        return NULL;
    uint64_t v = raw << (64 - 8 * count); /* zeros in front */
    v = (v & 0x0f * ones) * 2561 >> 8;
    v = (v & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    *value = (int64_t)((v & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32);
    return at + count;
}

/* A number that starts at `at` with '-' or a digit: an integer within 64 bits or a finite
 * real into *value; at..end is at most GH_EVENT_BYTES_MAX long. Returns the byte after it, or
 * NULL with *reason (syntax or range) and *trouble. Reads reals as strtod does in the C locale,
 * which the program never leaves. */
const char *gh_scan_number(const char *at, const char *end, struct gh_scalar *value,
                           enum gh_refusal *reason, const char **trouble);

#endif
