/* encode.c - an event as one line of JSON, and when two events are the same. */
#include "edge/decode.h"

#include "base/civil.h"
#include "edge/json_scan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written; once something did not fit, nothing more is. */
struct out {
    char *at;
    size_t size, used;
    bool full;
};

/* Where so many bytes may be written; NULL: they do not fit. */
static char *room(struct out *o, size_t size)
{
    o->full = o->full || size > o->size - o->used;
    return o->full ? NULL : o->at + o->used;
}

static void put(struct out *o, const char *at, size_t size)
{
    char *to = room(o, size);

    if (!to)
        return;
    memcpy(to, at, size);
    o->used += size;
}

static void put_escaped(struct out *o, struct gh_text text)
{
    size_t plain = 0;

    put(o, "\"", 1);
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.at[i];
        char escape[8];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        put(o, text.at + plain, i - plain);
        const int size = c == '\n'   ? snprintf(escape, sizeof escape, "\\n")
                         : c == '\t' ? snprintf(escape, sizeof escape, "\\t")
                         : c < 0x20  ? snprintf(escape, sizeof escape, "\\u%04x", c)
                                     : snprintf(escape, sizeof escape, "\\%c", c);
        put(o, escape, (size_t)size);
        plain = i + 1;
    }
    put(o, text.at + plain, text.size - plain);
    put(o, "\"", 1);
}

/* Nearly every text needs no escape: it is copied first and looked at where it is now, for
 * there a block may be read past its end. */
static void put_string(struct out *o, struct gh_text text)
{
    char *to =
        o->full || text.size + 2 + GH_BLOCK_SIZE > o->size - o->used ? NULL : o->at + o->used;
    unsigned special = to == NULL;

    if (to) {
        *to++ = '"';
        memcpy(to, text.at, text.size);
    }
    for (size_t i = 0; i < text.size && !special; i += GH_BLOCK_SIZE) {
        const size_t left = text.size - i;
        special = gh_block_special(to + i);
        if (left < GH_BLOCK_SIZE)
            special &= (1u << left) - 1u;
    }
    if (special) {
        put_escaped(o, text);
        return;
    }
    to[text.size] = '"';
    o->used += text.size + 2;
}

/* `before`, then "name": as it stands. */
static void put_key(struct out *o, char before, struct gh_text name)
{
    char *to = room(o, name.size + 4);

    if (!to)
        return;
    *to++ = before;
    *to++ = '"';
    memcpy(to, name.at, name.size);
    to[name.size] = '"';
    to[name.size + 1] = ':';
    o->used += name.size + 4;
}

/* A number of so many decimals, as most costs are: what the digits below would be, without
 * the C library. The quotient of two whole numbers is the double next to the decimal, so a
 * decimal of at most 15 digits that is equal to the number is the one that %g finds. False:
 * it is no such number. */
static bool put_decimal(struct out *o, double value)
{
    enum { DECIMALS = 6, UNIT = 1000000 };
    char text[24], *at = text + sizeof text;

    if (!(value >= 1e-4 && value < 1e9))
        return false;
    uint64_t scaled = (uint64_t)(value * UNIT + 0.5);
    if ((double)scaled / UNIT != value)
        return false;
    for (int i = 0; i < DECIMALS; i++, scaled /= 10)
        if (scaled % 10 != 0 || at < text + sizeof text)
            *--at = (char)('0' + scaled % 10);
    if (at < text + sizeof text)
        *--at = '.';
    do {
        *--at = (char)('0' + scaled % 10);
        scaled /= 10;
    } while (scaled > 0);
    put(o, at, (size_t)(text + sizeof text - at));
    return true;
}

/* The shortest of 15, 16 or 17 digits that reads back the same. */
static void put_number(struct out *o, double value)
{
    char text[32];
    int size = 0;

    if (put_decimal(o, value))
        return;
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    put(o, text, (size_t)size);
}

static void put_count(struct out *o, int64_t value)
{
    char text[24], *at = text + sizeof text;

    assert(value >= 0);
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(o, at, (size_t)(text + sizeof text - at));
}

static void put_time(struct out *o, int64_t time_ms)
{
    char text[GH_TIME_TEXT_SIZE];

    gh_time_format(time_ms, text);
    put_string(o, (struct gh_text){text, GH_TIME_TEXT_SIZE - 1});
}

static void put_hash(struct out *o, uint64_t hash)
{
    static const char digits[] = "0123456789abcdef";
    char text[16];

    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = digits[hash >> (60 - 4 * i) & 0xf];
    put_string(o, (struct gh_text){text, sizeof text});
}

static void put_hours(struct out *o, struct gh_hours hours)
{
    char text[GH_HOURS_TEXT_SIZE];

    put_string(o, (struct gh_text){text, (uint32_t)gh_value_hours_write(hours, text)});
}

static void put_days(struct out *o, uint8_t days)
{
    char text[GH_DAYS_TEXT_SIZE];
    const size_t size = gh_value_days_write(days, text);

    put_string(o, (struct gh_text){text, (uint32_t)size});
}

static void put_name(struct out *o, enum gh_value_type type, const void *field)
{
    const struct gh_value_names *names = gh_value_names(type);
    unsigned value;

    memcpy(&value, field, sizeof value);
    assert(value >= names->first && value < names->count);
    put_string(o, names->name[value]);
}

static void put_value(struct out *o, enum gh_value_type type, const void *field)
{
    switch (type) {
    case GH_TYPE_TEXT:
    case GH_TYPE_NOTE:
        put_string(o, *(const struct gh_text *)field);
        break;
    case GH_TYPE_COUNT:
        put_count(o, *(const int64_t *)field);
        break;
    case GH_TYPE_NUMBER:
        put_number(o, *(const double *)field);
        break;
    case GH_TYPE_TIME:
        put_time(o, *(const int64_t *)field);
        break;
    case GH_TYPE_HASH:
        put_hash(o, *(const uint64_t *)field);
        break;
    case GH_TYPE_HOURS:
        put_hours(o, *(const struct gh_hours *)field);
        break;
    case GH_TYPE_DAYS:
        put_days(o, *(const uint8_t *)field);
        break;
    case GH_TYPE_VERSION:
        put_count(o, *(const uint8_t *)field);
        break;
    case GH_TYPE_KIND:
    case GH_TYPE_ORIGIN:
    case GH_TYPE_STATUS:
    case GH_TYPE_ARTIFACT:
    case GH_TYPE_STATE:
    case GH_TYPE_ACCOUNT:
    case GH_TYPE_SCHEDULE:
    case GH_TYPE_PERIOD:
    case GH_TYPE_VERDICT:
    case GH_TYPES:
        put_name(o, type, field);
        break;
    }
}

size_t gh_encode(const struct gh_event *event, char *at, size_t size)
{
    struct out o = {.at = at, .size = size};
    char before = '{';

    for (uint64_t keys = event->present; keys != 0; keys &= keys - 1) {
        const struct gh_key_row *row = &gh_key_rows[__builtin_ctzll(keys)];
        put_key(&o, before, row->name);
        put_value(&o, row->type, (const char *)event + row->field);
        before = ',';
    }
    if (event->present == 0)
        put(&o, &before, 1);
    put(&o, "}\n", 2);
    return o.full ? 0 : o.used;
}

static bool same_text(const void *a, const void *b, size_t size)
{
    const struct gh_text *x = a, *y = b;

    (void)size;
    if (!x->at || !y->at)
        return x->at == y->at;
    return x->size == y->size && memcmp(x->at, y->at, x->size) == 0;
}

/* Fields other than texts have no padding, and numbers no second zero. */
static bool same_bytes(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

#define SAME_FIELD(key, type, field, kinds, required, help) \
    _Generic(a->field, struct gh_text                       \
             : same_text, default                           \
             : same_bytes)(&a->field, &b->field, sizeof a->field) &&

bool gh_same_event(const struct gh_event *a, const struct gh_event *b)
{
    return GH_EVENT_KEYS(SAME_FIELD) a->present == b->present;
}
