/* json.c - see json.h. */
#include "edge/json.h"

#include "base/civil.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool json_reserve(struct gh_json *json, size_t more)
{
    if (json->failed)
        return false;
    const size_t need = json->used + more + 1;
    if (need <= json->size)
        return true;
    const size_t size = need < 1024 ? 1024 : need + need / 2;
    char *at = realloc(json->at, size);
    if (!at) {
        json->failed = true;
        return false;
    }
    json->at = at;
    json->size = size;
    return true;
}

void gh_json_raw(struct gh_json *json, const char *at, size_t size)
{
    if (!json_reserve(json, size))
        return;
    if (size > 0)
        memcpy(json->at + json->used, at, size);
    json->used += size;
    json->at[json->used] = '\0';
}

/* A complete value never ends in one of these, so the last byte tells whether a comma is
 * due, and no stack of open brackets is needed. */
static void json_comma(struct gh_json *json)
{
    if (json->used > 0 && !strchr("{[:,\n", json->at[json->used - 1]))
        gh_json_raw(json, ",", 1);
}

void gh_json_open(struct gh_json *json, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    json_comma(json);
    gh_json_raw(json, &bracket, 1);
}

void gh_json_close(struct gh_json *json, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    gh_json_raw(json, &bracket, 1);
}

void gh_json_key(struct gh_json *json, const char *key)
{
    gh_json_string(json, key);
    gh_json_raw(json, ":", 1);
}

static size_t utf8_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

size_t gh_utf8_size(const char *at, size_t size)
{
    const unsigned char *byte = (const unsigned char *)at;
    const size_t length = utf8_length(byte[0]);
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates and what lies past U+10FFFF show in the second byte. */
    if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
        (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
        return 0;
    return length;
}

/* The escape for the character at `at`, or "" where it stands for itself. */
static const char *json_escape(const char *at, size_t length, char escape[8])
{
    static const char shorts[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const unsigned char first = (unsigned char)at[0];
    const char *found = length == 1 && first ? strchr(shorts, first) : NULL;
    if (length == 0) {
        return "\xef\xbf\xbd"; /* U+FFFD */
    } else if (found) {
        snprintf(escape, 8, "\\%c", letters[found - shorts]);
    } else if (length == 1 && (first < 0x20 || first == 0x7f)) {
        snprintf(escape, 8, "\\u%04x", (unsigned)first);
    } else if (length == 2 && first == 0xc2 && (unsigned char)at[1] < 0xa0) {
        snprintf(escape, 8, "\\u%04x", (unsigned)(unsigned char)at[1]);
    } else {
        return "";
    }
    return escape;
}

void gh_json_text(struct gh_json *json, struct gh_text text)
{
    char escape[8];
    json_comma(json);
    gh_json_raw(json, "\"", 1);
    size_t plain = 0, i = 0; /* plain: first byte that is not copied yet */
    while (i < text.size) {
        const size_t length = gh_utf8_size(text.at + i, text.size - i);
        const size_t step = length ? length : 1;
        const char *instead = json_escape(text.at + i, length, escape);
        if (instead[0]) {
            gh_json_raw(json, text.at + plain, i - plain);
            gh_json_raw(json, instead, strlen(instead));
            plain = i + step;
        }
        i += step;
    }
    if (i > plain)
        gh_json_raw(json, text.at + plain, i - plain);
    gh_json_raw(json, "\"", 1);
}

void gh_json_string(struct gh_json *json, const char *text)
{
    gh_json_text(json, (struct gh_text){text, (uint32_t)strlen(text)});
}

void gh_json_count(struct gh_json *json, uint64_t value)
{
    char digits[24];
    const int size = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    json_comma(json);
    gh_json_raw(json, digits, (size_t)size);
}

void gh_json_number(struct gh_json *json, double value)
{
    char digits[32] = "null";
    json_comma(json);
    /* 15 digits survive decimal -> double -> decimal, and %g drops the zeros at their end:
     * so the first of the three that reads back the same is the shortest. Adding 0 turns
     * the negative zero, which nobody means, into 0. */
    for (int precision = 15; isfinite(value) && precision <= 17; precision++) {
        snprintf(digits, sizeof(digits), "%.*g", precision, value + 0.0);
        if (strtod(digits, NULL) == value)
            break;
    }
    gh_json_raw(json, digits, strlen(digits));
}

void gh_json_bool(struct gh_json *json, bool value)
{
    json_comma(json);
    gh_json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void gh_json_time(struct gh_json *json, int64_t time_ms)
{
    char text[GH_TIME_TEXT_SIZE];
    gh_time_format(time_ms, text);
    gh_json_string(json, text);
}

char *gh_json_take(struct gh_json *json)
{
    char *at = json->at;
    if (json->failed) {
        free(at);
        at = NULL;
    }
    *json = (struct gh_json){0};
    return at;
}

void gh_json_free(struct gh_json *json)
{
    free(json->at);
    *json = (struct gh_json){0};
}
