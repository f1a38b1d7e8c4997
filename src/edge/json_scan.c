/* json_scan.c - tokens of JSON: strings and UTF-8. */
#include "edge/json_scan.h"

/* Bytes of the character at `at`, which is not ASCII; 0 when it is not one. Ranges of the
 * second byte: The Unicode Standard, table 3-7. */
static size_t utf8_size(const unsigned char *at, size_t left)
{
    const unsigned char c = at[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t size;

    if (c >= 0xc2 && c <= 0xdf) {
        size = 2;
    } else if (c >= 0xe0 && c <= 0xef) {
        size = 3;
        low = c == 0xe0 ? 0xa0 : low;
        high = c == 0xed ? 0x9f : high;
    } else if (c >= 0xf0 && c <= 0xf4) {
        size = 4;
        low = c == 0xf0 ? 0x90 : low;
        high = c == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (size > left || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

const char *gh_scan_utf8(const char *at, const char *end)
{
    for (;;) {
        while (end - at >= GH_BLOCK_SIZE && gh_block_ascii(at))
            at += GH_BLOCK_SIZE;
        while (at < end && (unsigned char)*at < 0x80)
            at++;
        if (at == end)
            return end;
        const size_t size = utf8_size((const unsigned char *)at, (size_t)(end - at));
        if (size == 0)
            return at;
        at += size;
    }
}

const char *gh_scan_string(const char *at, const char *end, bool *escaped, const char **trouble)
{
    *escaped = false;
    for (at = gh_scan_plain(at, end); at < end; at = gh_scan_plain(at, end)) {
        if (*at == '"')
            return at;
        if ((unsigned char)*at < 0x20)
            break;
        if (*at == '\\') {
            *escaped = true;
            at++; /* the next byte is part of the escape, even when it is a quote */
            if (at == end || (unsigned char)*at < 0x20)
                break;
        }
        at++;
    }
    *trouble = at;
    return NULL;
}

/* The value of four hex digits, or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (unsigned i = 0; i < 4; i++) {
        const char c = at[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static size_t utf8_write(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character of the escape whose 'u' is at `at`, or -1; *next: the byte after it. */
static int32_t unicode_escape(const char *at, const char *end, const char **next)
{
    const int32_t high = hex4(at + 1, end);

    if (high <= 0 || (high >= 0xdc00 && high <= 0xdfff))
        return -1;
    *next = at + 5;
    if (high < 0xd800 || high > 0xdbff)
        return high;
    if (end - *next < 6 || (*next)[0] != '\\' || (*next)[1] != 'u')
        return -1;
    const int32_t low = hex4(*next + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *next += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static const char escape_letters[] = "\"\\/bfnrt", escape_bytes[] = "\"\\/\b\f\n\r\t";

size_t gh_unescape(const char *at, const char *end, char *to, const char **trouble)
{
    char *const start = to;

    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        const char *const escape = at++;
        const char *const letter = memchr(escape_letters, *at, sizeof escape_letters - 1);
        if (letter) {
            *to++ = escape_bytes[letter - escape_letters];
            at++;
            continue;
        }
        const int32_t c = *at == 'u' ? unicode_escape(at, end, &at) : -1;
        if (c < 0) {
            *trouble = escape;
            return SIZE_MAX;
        }
        to += utf8_write(to, (uint32_t)c);
    }
    return (size_t)(to - start);
}
