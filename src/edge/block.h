/* block.h - bytes looked at 16 at a time. Each question is answered in plain C
 * (gh_portable_x), and where the machine has SSE2 by its instructions (gh_block_x); a test
 * holds the two together. */
#ifndef GOODHART_EDGE_BLOCK_H
#define GOODHART_EDGE_BLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { GH_BLOCK_SIZE = 16 };

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

/* Bit i: byte i of the block is not printable ASCII, or is '"' or '\\'. */
static inline unsigned gh_portable_special(const char *at)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < GH_BLOCK_SIZE; i++) {
        const unsigned char c = (unsigned char)at[i];
        bits |= (unsigned)(c < ' ' || c >= 0x7f || c == '"' || c == '\\') << i;
    }
    return bits;
}

/* Bit i: byte i of both blocks is the same; `a` is aligned as a block is. */
static inline unsigned gh_portable_same(const char *a, const char *b)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < GH_BLOCK_SIZE; i++)
        bits |= (unsigned)(a[i] == b[i]) << i;
    return bits;
}

static inline bool gh_portable_ascii(const char *at)
{
    return ((gh_load8(at) | gh_load8(at + 8)) & UINT64_C(0x8080808080808080)) == 0;
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

/* The number that the 16 hex digits of the block stand for; false: they are not. */
static inline bool gh_portable_hex(const char *at, uint64_t *value)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t legal = tops;

    *value = gh_hex_half(gh_load8(at), &legal) << 32;
    *value |= gh_hex_half(gh_load8(at + 8), &legal);
    return legal == tops;
}

#ifdef __SSE2__

static inline __m128i gh_block_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline unsigned gh_block_special(const char *at)
{
    const __m128i c = gh_block_load(at);
    /* -2 - c: of signed numbers those of ' ' to 0x7e are the lowest. */
    const __m128i odd =
        _mm_cmpgt_epi8(_mm_sub_epi8(_mm_set1_epi8(-2), c), _mm_set1_epi8(-2 - ' '));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(odd, marks));
}

static inline unsigned gh_block_same(const char *a, const char *b)
{
    const __m128i aligned = _mm_load_si128((const __m128i *)(const void *)a);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(aligned, gh_block_load(b)));
}

static inline bool gh_block_ascii(const char *at)
{
    return _mm_movemask_epi8(gh_block_load(at)) == 0;
}

static inline bool gh_block_hex(const char *at, uint64_t *value)
{
    const __m128i c = gh_block_load(at);
    const __m128i d = _mm_sub_epi8(c, _mm_set1_epi8('0'));
    const __m128i l = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d);
    const __m128i letter = _mm_cmpeq_epi8(_mm_min_epu8(l, _mm_set1_epi8(5)), l);
    const __m128i half = _mm_or_si128(
        _mm_and_si128(digit, d), _mm_and_si128(letter, _mm_add_epi8(l, _mm_set1_epi8(10))));
    const __m128i pair = _mm_and_si128(
        _mm_or_si128(_mm_slli_epi16(half, 4), _mm_srli_epi16(half, 8)), _mm_set1_epi16(0xff));

    _mm_storel_epi64((__m128i *)(void *)value, _mm_packus_epi16(pair, pair));
    *value = __builtin_bswap64(*value);
    return _mm_movemask_epi8(_mm_or_si128(digit, letter)) == 0xffff;
}

#else

static inline unsigned gh_block_special(const char *at)
{
    return gh_portable_special(at);
}

static inline unsigned gh_block_same(const char *a, const char *b)
{
    return gh_portable_same(a, b);
}

static inline bool gh_block_ascii(const char *at)
{
    return gh_portable_ascii(at);
}

static inline bool gh_block_hex(const char *at, uint64_t *value)
{
    return gh_portable_hex(at, value);
}

#endif
#endif
