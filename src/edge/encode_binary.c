/* encode_binary.c - an event as a field of a Batch: see events.proto. */
#include "edge/decode.h"
#include "edge/wire.h"

#include <assert.h>

enum { VARINT_MAX = 10, HEAD_MAX = 1 + 5 };

/* What is written; once something did not fit, nothing more is. */
struct out {
    char *at;
    size_t size, used;
    bool full;
};

static void put(struct out *o, const void *at, size_t size)
{
    o->full = o->full || size > o->size - o->used;
    if (o->full)
        return;
    memcpy(o->at + o->used, at, size);
    o->used += size;
}

static size_t varint_write(uint64_t value, char at[VARINT_MAX])
{
    size_t size = 0;

    for (; value >= 0x80; value >>= 7)
        at[size++] = (char)(value | 0x80);
    at[size++] = (char)value;
    return size;
}

static void put_varint(struct out *o, uint64_t value)
{
    char bytes[VARINT_MAX];

    put(o, bytes, varint_write(value, bytes));
}

static void put_text(struct out *o, struct gh_text text)
{
    put_varint(o, text.size);
    put(o, text.at, text.size);
}

static void put_fixed(struct out *o, uint64_t value)
{
    char bytes[8];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(value >> 8 * i);
    put(o, bytes, sizeof bytes);
}

static void put_name(struct out *o, enum gh_value_type type, const void *field)
{
    const struct gh_value_names *names = gh_value_names(type);
    unsigned value;

    memcpy(&value, field, sizeof value);
    assert(value >= names->first && value < names->count);
    put_varint(o, value - names->first + 1);
}

static void put_days(struct out *o, uint8_t days)
{
    char text[GH_DAYS_TEXT_SIZE];

    put_text(o, (struct gh_text){text, (uint32_t)gh_value_days_write(days, text)});
}

static void put_hours(struct out *o, struct gh_hours hours)
{
    char text[GH_HOURS_TEXT_SIZE];

    put_text(o, (struct gh_text){text, (uint32_t)gh_value_hours_write(hours, text)});
}

static void put_value(struct out *o, enum gh_value_type type, const void *field)
{
    uint64_t bits;

    switch (type) {
    case GH_TYPE_TEXT:
    case GH_TYPE_NOTE:
        put_text(o, *(const struct gh_text *)field);
        break;
    case GH_TYPE_COUNT:
    case GH_TYPE_TIME:
        put_varint(o, (uint64_t) * (const int64_t *)field);
        break;
    case GH_TYPE_NUMBER:
    case GH_TYPE_HASH:
        memcpy(&bits, field, sizeof bits);
        put_fixed(o, bits);
        break;
    case GH_TYPE_HOURS:
        put_hours(o, *(const struct gh_hours *)field);
        break;
    case GH_TYPE_DAYS:
        put_days(o, *(const uint8_t *)field);
        break;
    case GH_TYPE_VERSION:
        put_varint(o, *(const uint8_t *)field);
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

static void put_tag(struct out *o, uint32_t number, enum gh_wire wire)
{
    put_varint(o, (uint64_t)number << 3 | (uint64_t)wire);
}

size_t gh_encode_binary(const struct gh_event *event, char *at, size_t size)
{
    char bytes[GH_BINARY_BYTES_MAX];
    struct out inside = {.at = bytes, .size = sizeof bytes - HEAD_MAX};
    struct out o = {.at = at, .size = size};

    for (uint32_t number = 1; number < GH_FIELDS; number++) {
        const unsigned key = gh_field_keys[number] - 1u;
        if (key >= GH_KEY_COUNT || !(event->present >> key & 1u))
            continue;
        const struct gh_key_row *row = &gh_key_rows[key];
        put_tag(&inside, number, gh_wire_of(row->type));
        put_value(&inside, row->type, (const char *)event + row->field);
    }
    assert(!inside.full); /* texts of a legal event are short */
    put_tag(&o, GH_BATCH_FIELD, GH_WIRE_BYTES);
    put_text(&o, (struct gh_text){bytes, (uint32_t)inside.used});
    return o.full ? 0 : o.used;
}
