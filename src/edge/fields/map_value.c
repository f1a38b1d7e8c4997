/* map_value.c - what a source wrote as what an event holds. The same field comes as a text
 * from one sender, as a whole number from the next and as a real one from a third; all of
 * them are taken, and what is none of them is told, not guessed. */
#include "edge/fields/map_inside.h"

#include "base/civil.h"
#include "base/hash.h"
#include "edge/fields/simhash.h"
#include "edge/json.h"
#include "edge/json_scan.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_TEXT = 32, HASH_TEXT = 33 };

bool gh_map_matches(struct gh_map_matches matches, struct gh_text text)
{
    for (uint32_t i = 0; i < matches.count; i++) {
        const struct gh_map_match *one = &matches.at[i];
        const bool fits =
            one->begins ? text.size >= one->text.size : text.size == one->text.size;
        if (fits && text.at && memcmp(text.at, one->text.at, one->text.size) == 0)
            return true;
    }
    return false;
}

static char *scratch_take(struct gh_map_scratch *scratch, size_t size)
{
    assert(size <= sizeof(scratch->at) - scratch->used);
    char *const at = scratch->at + scratch->used;
    scratch->used += size;
    return at;
}

struct gh_text gh_map_text(struct gh_map_scratch *scratch, const struct gh_field *field)
{
    static const struct gh_text truth[] = {{"false", 5}, {"true", 4}};

    if (field->type == GH_FIELD_TEXT)
        return field->as.text;
    if (field->type == GH_FIELD_TRUTH)
        return truth[field->as.truth];
    char *const at = scratch_take(scratch, NUMBER_TEXT);
    const double real = field->as.real;
    const int size =
        field->type == GH_FIELD_WHOLE
            ? snprintf(at, NUMBER_TEXT, "%" PRId64, field->as.whole)
            : snprintf(at, NUMBER_TEXT, fabs(real) < 1e15 ? "%.15g" : "%.17g", real);
    return (struct gh_text){at, (uint32_t)size};
}

/* The control character at `at` of so many bytes: C0, DEL and, in two bytes, C1. */
static bool is_control(const char *at, size_t size)
{
    const unsigned char c = (unsigned char)*at;
    return (size == 1 && (c < ' ' || c == 0x7f)) ||
           (size == 2 && c == 0xc2 && (unsigned char)at[1] < 0xa0);
}

/* What is longer ends in a hash of all of it, so that two that begin alike stay two. */
struct gh_text gh_map_clean(struct gh_map_scratch *scratch, struct gh_text text,
                            uint32_t size_max)
{
    const char *at = text.at, *const end = at + text.size;
    const bool cut = text.size > size_max;
    const size_t room = cut ? size_max - HASH_TEXT : size_max;

    if (!cut && gh_scan_plain(at, end) == end)
        return text;
    char *const to = scratch_take(scratch, size_max + 1);
    size_t used = 0;
    while (at < end) {
        const size_t size = gh_utf8_size(at, (size_t)(end - at));
        const bool bad = size == 0 || is_control(at, size);
        if (used + (bad ? 1 : size) > room)
            break;
        if (bad)
            to[used++] = '?';
        else
            memcpy(to + used, at, size);
        used += bad ? 0 : size;
        at += size ? size : 1;
    }
    if (cut) {
        to[used++] = '#';
        gh_hash_hex(text.at, text.size, to + used);
        used += HASH_TEXT - 1;
    }
    return (struct gh_text){to, (uint32_t)used};
}

/* A number in a text, all of it: "123", "0.5", "1e3". */
static bool number_read(struct gh_text text, struct gh_scalar *scalar)
{
    enum gh_refusal reason;
    const char *trouble, *const end = text.at + text.size;

    if (text.size == 0 || text.size >= NUMBER_TEXT ||
        (*text.at != '-' && (*text.at < '0' || *text.at > '9')))
        return false;
    return gh_scan_number(text.at, end, scalar, &reason, &trouble) == end;
}

static bool number_of(const struct gh_field *field, struct gh_scalar *scalar)
{
    if (field->type == GH_FIELD_TEXT) {
        *scalar = (struct gh_scalar){.type = GH_SCALAR_TEXT, .text = field->as.text};
        struct gh_scalar number = {0};
        if (!number_read(field->as.text, &number))
            return false;
        *scalar = number;
        return true;
    }
    if (field->type == GH_FIELD_TRUTH) {
        *scalar = (struct gh_scalar){.type = GH_SCALAR_BOOLEAN, .boolean = field->as.truth};
        return false;
    }
    *scalar = field->type == GH_FIELD_WHOLE
                  ? (struct gh_scalar){.type = GH_SCALAR_INTEGER, .integer = field->as.whole}
                  : (struct gh_scalar){.type = GH_SCALAR_REAL, .real = field->as.real};
    return field->type == GH_FIELD_WHOLE || isfinite(field->as.real);
}

/* Whole numbers of small units are divided as such: a double cannot hold nanoseconds of
 * today. Real ones go to the nearest. False: beyond what 64 bits hold. */
static bool whole_make(enum gh_map_unit unit, struct gh_scalar *scalar)
{
#define UNIT_WORTH(name, text, worth) worth,
    static const double worth[GH_MAP_UNITS] = {GH_MAP_UNIT_LIST(UNIT_WORTH)};
    const int64_t parts = unit == GH_MAP_UNIT_US ? 1000 : unit == GH_MAP_UNIT_NS ? 1000000 : 1;

    if (scalar->type == GH_SCALAR_INTEGER && worth[unit] <= 1) {
        scalar->integer = gh_floor_div(scalar->integer, parts);
        return true;
    }
    const double real =
        worth[unit] * (scalar->type == GH_SCALAR_REAL ? scalar->real : (double)scalar->integer);
    *scalar = (struct gh_scalar){.type = GH_SCALAR_REAL, .real = real};
    if (!(fabs(real) < 9e18))
        return false;
    *scalar = (struct gh_scalar){.type = GH_SCALAR_INTEGER, .integer = llround(real)};
    return true;
}

static void money_make(enum gh_map_unit unit, struct gh_scalar *scalar)
{
    const double real = scalar->type == GH_SCALAR_REAL ? scalar->real : (double)scalar->integer;
    /* Divided, not multiplied: 12300 / 1e6 is the double that 0.0123 is. */
    const double parts = unit == GH_MAP_UNIT_CENTS       ? 100
                         : unit == GH_MAP_UNIT_MICRO_USD ? 1e6
                                                         : 1;

    *scalar = (struct gh_scalar){.type = GH_SCALAR_REAL, .real = real / parts};
}

/* A time in a text. Without an offset it is UTC: what writes such times means that. */
static bool time_text(struct gh_text text, int64_t *time_ms)
{
    char copy[NUMBER_TEXT + 4];

    if (gh_time_parse(text.at, text.size, time_ms))
        return true;
    if (text.size > NUMBER_TEXT || text.size < sizeof("2026-11-20T09:31:05") - 1)
        return false;
    memcpy(copy, text.at, text.size);
    copy[10] = copy[10] == ' ' ? 'T' : copy[10];
    copy[text.size] = 'Z';
    return gh_time_parse(copy, text.size, time_ms) ||
           gh_time_parse(copy, text.size + 1, time_ms);
}

static bool time_make(const struct gh_map_way *way, const struct gh_field *field,
                      struct gh_scalar *scalar)
{
    int64_t time_ms;

    if (field->type == GH_FIELD_TEXT && time_text(field->as.text, &time_ms)) {
        *scalar = (struct gh_scalar){.type = GH_SCALAR_INTEGER, .integer = time_ms};
        return true;
    }
    return number_of(field, scalar) && whole_make(way->unit, scalar);
}

static void text_make(struct gh_map_scratch *scratch, const struct gh_map_way *way,
                      struct gh_text text, struct gh_scalar *scalar)
{
    if (way->fingerprint) {
        *scalar = (struct gh_scalar){.type = GH_SCALAR_BITS, .bits = gh_simhash(text)};
        return;
    }
    const struct gh_text clean = gh_map_clean(scratch, text, GH_STRING_BYTES_MAX);
    *scalar =
        (struct gh_scalar){.type = GH_SCALAR_TEXT, .plain = clean.at == text.at, .text = clean};
}

bool gh_map_scalar(struct gh_map_scratch *scratch, const struct gh_map_way *way,
                   enum gh_value_type type, const struct gh_field *field,
                   struct gh_scalar *scalar)
{
    *scalar = (struct gh_scalar){.type = GH_SCALAR_NULL};
    if (field->type == GH_FIELD_TEXT && field->as.text.size == 0)
        return true;
    if (type == GH_TYPE_TIME)
        return time_make(way, field, scalar);
    if (type == GH_TYPE_COUNT)
        return number_of(field, scalar) && whole_make(way->unit, scalar);
    if (type != GH_TYPE_NUMBER) {
        text_make(scratch, way, gh_map_text(scratch, field), scalar);
        return true;
    }
    if (!number_of(field, scalar))
        return false;
    money_make(way->unit, scalar);
    return true;
}
