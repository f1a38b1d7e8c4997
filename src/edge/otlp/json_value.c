/* json_value.c - see json_value.h. */
#include "edge/otlp/json_value.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool gh_json_in_fail(struct gh_json_in *in, const char *at, const char *what)
{
    if (in->trouble.what == NULL)
        in->trouble = (struct gh_otlp_trouble){.at = at, .what = what};
    return false;
}

bool gh_json_in_deep(struct gh_json_in *in)
{
    gh_json_in_fail(in, in->at, "nested too deep");
    in->trouble.deep = true;
    return false;
}

bool gh_json_in_word(struct gh_json_in *in, const char *word)
{
    const size_t size = strlen(word);

    if ((size_t)(in->end - in->at) < size || memcmp(in->at, word, size) != 0)
        return false;
    in->at += size;
    return true;
}

/* A cut text ends in half a pair of surrogates, and a text may hold U+0000: both are no reason
 * to lose a request. Writes what the escape stands for and returns the byte after it; NULL: it
 * is none. */
static const char *odd_escape(const char *at, const char *end, char **to)
{
    static const char hex[] = "0123456789abcdefABCDEF", zeros[] = "0000";

    if (end - at < 6 || at[1] != 'u')
        return NULL;
    for (unsigned i = 2; i < 6; i++)
        if (memchr(hex, at[i], sizeof hex - 1) == NULL)
            return NULL;
    const bool zero = memcmp(at + 2, zeros, 4) == 0;
    memcpy(*to, zero ? "" : "\xef\xbf\xbd", zero ? 1 : 3);
    *to += zero ? 1 : 3;
    return at + 6;
}

static bool text_unescape(struct gh_json_in *in, struct gh_text *text)
{
    const char *at = text->at, *const end = text->at + text->size, *trouble = NULL;
    char *const start = gh_otlp_arena_take(in->reader->arena, text->size);
    char *to = start;

    if (start == NULL)
        return false;
    while (at < end) {
        size_t size = gh_unescape(at, end, to, &trouble);
        if (size != SIZE_MAX) {
            to += size;
            break;
        }
        size = gh_unescape(at, trouble, to, &at);
        to += size;
        at = odd_escape(trouble, end, &to);
        if (at == NULL)
            return gh_json_in_fail(in, trouble, "no escape of JSON");
    }
    *text = (struct gh_text){start, (uint32_t)(to - start)};
    return true;
}

bool gh_json_in_text(struct gh_json_in *in, struct gh_text *text)
{
    const char *trouble = NULL;
    bool escaped;

    if (!gh_json_in_is(in, '"'))
        return gh_json_in_fail(in, in->at, "no string");
    const char *const end = gh_scan_string(in->at, in->end, &escaped, &trouble);
    if (end == NULL)
        return gh_json_in_fail(in, trouble,
                               trouble < in->end ? "a control character in a string"
                                                 : "a string that does not end");
    *text = (struct gh_text){in->at, (uint32_t)(end - in->at)};
    in->at = end + 1;
    return !escaped || text_unescape(in, text);
}

bool gh_json_in_name(struct gh_json_in *in, struct gh_text *name)
{
    if (!gh_json_in_text(in, name))
        return false;
    return gh_json_in_is(in, ':') || gh_json_in_fail(in, in->at, "no colon after a name");
}

/* An integer of more than 64 bits; `end` is after its last digit. */
static bool large_read(const char *at, const char *end, struct gh_json_number *number)
{
    enum { DIGITS_MAX = 320 }; /* 1e309 is past every double */
    char text[DIGITS_MAX + 1];
    const size_t size = (size_t)(end - at);

    if (size > DIGITS_MAX)
        return false;
    memcpy(text, at, size);
    text[size] = '\0';
    number->real = strtod(text, NULL);
    return isfinite(number->real);
}

/* Returns the byte after it, or NULL and the trouble. */
static const char *number_read(struct gh_json_in *in, const char *at, const char *end,
                               struct gh_json_number *number)
{
    struct gh_scalar value;
    enum gh_refusal reason;
    const char *trouble = at, *after;

    number->whole = true;
    if (at < end && *at >= '0' && *at <= '9' &&
        (after = gh_scan_short_integer(at, end, &number->integer)) != NULL)
        return after;
    if (at == end || (*at != '-' && (*at < '0' || *at > '9'))) {
        gh_json_in_fail(in, at, "no value of JSON");
        return NULL;
    }
    if (end - at > GH_EVENT_BYTES_MAX)
        end = at + GH_EVENT_BYTES_MAX;
    after = gh_scan_number(at, end, &value, &reason, &trouble);
    if (after != NULL) {
        number->whole = value.type == GH_SCALAR_INTEGER;
        if (number->whole)
            number->integer = value.integer;
        else
            number->real = value.real;
        return after;
    }
    number->whole = false;
    for (after = at + (*at == '-'); after < end && *after >= '0' && *after <= '9'; after++)
        ;
    const bool real = after < end && (*after == '.' || (*after | 0x20) == 'e');
    if (reason == GH_REFUSED_RANGE && !real && large_read(at, after, number))
        return after;
    gh_json_in_fail(in, trouble,
                    reason == GH_REFUSED_RANGE ? "a number past every double"
                                               : "no number of JSON");
    return NULL;
}

bool gh_json_in_number(struct gh_json_in *in, struct gh_json_number *number)
{
    in->at = gh_skip_space(in->at, in->end);
    const char *const after = number_read(in, in->at, in->end, number);
    if (after == NULL)
        return false;
    in->at = after;
    return true;
}

/* The names of proto3 for what no number of JSON is. */
static bool special_read(struct gh_text text, struct gh_json_number *number)
{
    static const struct {
        const char *name;
        double value;
    } special[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};

    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (text.size == strlen(special[i].name) &&
            memcmp(text.at, special[i].name, text.size) == 0) {
            *number = (struct gh_json_number){.real = special[i].value};
            return true;
        }
    return false;
}

static bool numeric_read(struct gh_json_in *in, struct gh_json_number *number, bool special)
{
    const char *const start = in->at;
    struct gh_text text;

    if (in->at == in->end || *in->at != '"')
        return gh_json_in_number(in, number);
    if (!gh_json_in_text(in, &text))
        return false;
    if (special && special_read(text, number))
        return true;
    const char *const end = text.at + text.size, *after = NULL;
    if (text.size > 0 && (*text.at == '-' || (*text.at >= '0' && *text.at <= '9')))
        after = number_read(in, text.at, end, number);
    if (after == end)
        return true;
    in->trouble.what = NULL; /* it may lie in the arena, so its place is the string's */
    return gh_json_in_fail(in, start, "no number");
}

bool gh_json_in_numeric(struct gh_json_in *in, struct gh_json_number *number)
{
    return numeric_read(in, number, false);
}

bool gh_json_in_real(struct gh_json_in *in, struct gh_json_number *number)
{
    return numeric_read(in, number, true);
}

/* Both alphabets, with and without what fills it up. libsodium takes some bytes above 127 for a
 * digit, so they are looked for here. */
static bool base64_read(struct gh_json_in *in, struct gh_text *text)
{
    const bool url = memchr(text->at, '-', text->size) || memchr(text->at, '_', text->size);
    size_t size = text->size, used;
    unsigned char *const to = gh_otlp_arena_take(in->reader->arena, size / 4 * 3 + 3);

    if (to == NULL || gh_scan_plain(text->at, text->at + size) != text->at + size)
        return false;
    while (size > 0 && text->size - size < 2 && text->at[size - 1] == '=')
        size--;
    if (sodium_base642bin(to, size / 4 * 3 + 3, text->at, size, NULL, &used, NULL,
                          url ? sodium_base64_VARIANT_URLSAFE_NO_PADDING
                              : sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0)
        return false;
    *text = (struct gh_text){(const char *)to, (uint32_t)used};
    return true;
}

bool gh_json_in_base64(struct gh_json_in *in, struct gh_text *text)
{
    return text->size == 0 || base64_read(in, text);
}

bool gh_json_in_id(struct gh_json_in *in, struct gh_text *text)
{
    const uint32_t size = text->size;
    uint64_t half[2];
    char block[GH_BLOCK_SIZE];

    if (size != 16 && size != 32)
        return size == 0 || (base64_read(in, text) && (text->size == 8 || text->size == 16));
    unsigned char *const to = gh_otlp_arena_take(in->reader->arena, 16);
    if (to == NULL)
        return false;
    for (uint32_t i = 0; i < size / 16; i++) {
        memcpy(block, text->at + i * 16, sizeof block);
        if (!gh_block_hex(block, &half[i]))
            return false;
        for (unsigned b = 0; b < 8; b++)
            to[i * 8 + b] = (unsigned char)(half[i] >> (56 - 8 * b));
    }
    *text = (struct gh_text){(const char *)to, size / 2};
    return true;
}
