/* event_value.c - rules of values, by type, and the walk over the keys of an event. */
#include "edge/event_value.h"

#include "base/civil.h"
#include "edge/json_scan.h"

#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

#define KEY_ROW(key, type, field, kinds, required, help) \
    {{#key, sizeof #key - 1},                            \
     GH_TYPE_##type,                                     \
     offsetof(struct gh_event, field),                   \
     kinds,                                              \
     required},
const struct gh_key_row gh_key_rows[GH_KEY_COUNT] = {GH_EVENT_KEYS(KEY_ROW)};

#define NAME_TEXT(name, value) {#name, sizeof #name - 1},
static const struct gh_text kind_names[] = {GH_KIND_LIST(NAME_TEXT)};
static const struct gh_text origin_names[] = {GH_ORIGIN_LIST(NAME_TEXT)};
static const struct gh_text status_names[] = {GH_CALL_STATUS_LIST(NAME_TEXT)};
static const struct gh_text artifact_names[] = {GH_ARTIFACT_LIST(NAME_TEXT)};
static const struct gh_text state_names[] = {GH_STATE_LIST(NAME_TEXT)};
static const struct gh_text account_names[] = {GH_ACCOUNT_LIST(NAME_TEXT)};
static const struct gh_text schedule_names[] = {GH_SCHEDULE_LIST(NAME_TEXT)};
static const struct gh_text period_names[] = {GH_PERIOD_LIST(NAME_TEXT)};
static const struct gh_text verdict_names[] = {GH_VERDICT_LIST(NAME_TEXT)};

#define NAMES(array, first)                           \
    {                                                 \
        array, sizeof(array) / sizeof *(array), first \
    }
static const struct gh_value_names value_names[GH_TYPES] = {
    [GH_TYPE_KIND] = NAMES(kind_names, 0),
    [GH_TYPE_ORIGIN] = NAMES(origin_names, GH_ORIGIN_UNKNOWN + 1),
    [GH_TYPE_STATUS] = NAMES(status_names, 0),
    [GH_TYPE_ARTIFACT] = NAMES(artifact_names, 0),
    [GH_TYPE_STATE] = NAMES(state_names, 0),
    [GH_TYPE_ACCOUNT] = NAMES(account_names, 0),
    [GH_TYPE_SCHEDULE] = NAMES(schedule_names, 0),
    [GH_TYPE_PERIOD] = NAMES(period_names, 0),
    [GH_TYPE_VERDICT] = NAMES(verdict_names, 0),
};

const struct gh_value_names *gh_value_names(enum gh_value_type type)
{
    return value_names[type].count > 0 ? &value_names[type] : NULL;
}

/* A legal text has from min to max bytes; `lines`: newline and tab are legal. */
struct text_rule {
    uint32_t min, max;
    bool lines;
};

static bool text_has_control(struct gh_text text, bool lines)
{
    const unsigned char *at = (const unsigned char *)text.at;

    for (uint32_t i = 0; i < text.size; i++) {
        const unsigned char c = at[i];
        if (c == 0x7f || (c < 0x20 && !(lines && (c == '\n' || c == '\t'))))
            return true;
        if (c == 0xc2 && at[i + 1] < 0xa0) /* U+0080..9F; valid UTF-8 has a next byte */
            return true;
    }
    return false;
}

static inline enum gh_refusal text_take(const struct gh_scalar *s, struct text_rule rule,
                                        void *field)
{
    if (s->type != GH_SCALAR_TEXT)
        return GH_REFUSED_TYPE;
    if (s->text.size < rule.min || s->text.size > rule.max)
        return GH_REFUSED_LENGTH;
    if (!s->plain && text_has_control(s->text, rule.lines))
        return GH_REFUSED_CONTROL;
    *(struct gh_text *)field = s->text;
    return GH_REFUSED_NOT;
}

static enum gh_refusal integer_take(const struct gh_scalar *s, int64_t max, int64_t *field)
{
    if (s->type != GH_SCALAR_INTEGER)
        return GH_REFUSED_TYPE;
    if (s->integer < 0 || s->integer > max)
        return GH_REFUSED_RANGE;
    *field = s->integer;
    return GH_REFUSED_NOT;
}

static enum gh_refusal number_take(const struct gh_scalar *s, double *field)
{
    if (s->type != GH_SCALAR_INTEGER && s->type != GH_SCALAR_REAL)
        return GH_REFUSED_TYPE;
    const double value = s->type == GH_SCALAR_REAL ? s->real : (double)s->integer;
    if (!(value >= 0.0 && value <= DBL_MAX)) /* nor is it no number */
        return GH_REFUSED_RANGE;
    *field = value + 0.0; /* makes -0 a 0 */
    return GH_REFUSED_NOT;
}

static enum gh_refusal time_take(const struct gh_scalar *s, int64_t *field)
{
    if (s->type != GH_SCALAR_TEXT)
        return integer_take(s, GH_TIME_MS_MAX, field);
    return gh_time_parse(s->text.at, s->text.size, field) ? GH_REFUSED_NOT : GH_REFUSED_TIME;
}

static enum gh_refusal hash_take(const struct gh_scalar *s, uint64_t *field)
{
    if (s->type == GH_SCALAR_BITS) {
        *field = s->bits;
        return GH_REFUSED_NOT;
    }
    if (s->type != GH_SCALAR_TEXT)
        return GH_REFUSED_TYPE;
    if (s->text.size != 16 || !gh_block_hex(s->text.at, field))
        return GH_REFUSED_VALUE;
    return GH_REFUSED_NOT;
}

/* Minutes of "HH:MM" up to 24:00, or -1. */
static int32_t clock_minutes(const char *at)
{
    static const char shape[] = "00:00";

    for (unsigned i = 0; i < 5; i++)
        if (shape[i] == ':' ? at[i] != ':' : at[i] < '0' || at[i] > '9')
            return -1;
    const int32_t hour = (at[0] - '0') * 10 + (at[1] - '0');
    const int32_t minute = (at[3] - '0') * 10 + (at[4] - '0');
    return minute < 60 && hour * 60 + minute <= 1440 ? hour * 60 + minute : -1;
}

static enum gh_refusal hours_take(const struct gh_scalar *s, struct gh_hours *field)
{
    if (s->type != GH_SCALAR_TEXT)
        return GH_REFUSED_TYPE;
    if (s->text.size != 11 || s->text.at[5] != '-')
        return GH_REFUSED_VALUE;
    const int32_t from = clock_minutes(s->text.at), until = clock_minutes(s->text.at + 6);
    if (from < 0 || until < 0)
        return GH_REFUSED_VALUE;
    *field = (struct gh_hours){(uint16_t)from, (uint16_t)until};
    return GH_REFUSED_NOT;
}

static const char day_names[] = "MonTueWedThuFriSatSun";
enum { DAY_COUNT = 7, DAY_SIZE = 3 };

/* 0..6, or DAY_COUNT when `at` (with `size` bytes left) does not start with a day. */
static unsigned day_of(const char *at, size_t size)
{
    unsigned day = 0;

    if (size < DAY_SIZE)
        return DAY_COUNT;
    while (day < DAY_COUNT && memcmp(at, day_names + DAY_SIZE * day, DAY_SIZE) != 0)
        day++;
    return day;
}

static enum gh_refusal days_take(const struct gh_scalar *s, uint8_t *field)
{
    unsigned days = 0;

    if (s->type != GH_SCALAR_TEXT)
        return GH_REFUSED_TYPE;
    const char *at = s->text.at, *const end = at + s->text.size;
    for (;;) {
        const unsigned from = day_of(at, (size_t)(end - at));
        unsigned until = from;
        if (from == DAY_COUNT)
            return GH_REFUSED_VALUE;
        at += DAY_SIZE;
        if (at < end && *at == '-') {
            until = day_of(at + 1, (size_t)(end - at - 1));
            if (until == DAY_COUNT)
                return GH_REFUSED_VALUE;
            at += 1 + DAY_SIZE;
        }
        for (unsigned day = from; day != until; day = (day + 1) % DAY_COUNT)
            days |= 1u << day;
        days |= 1u << until;
        if (at == end)
            break;
        if (*at++ != ',')
            return GH_REFUSED_VALUE;
    }
    *field = (uint8_t)days;
    return GH_REFUSED_NOT;
}

size_t gh_value_days_write(uint8_t days, char text[GH_DAYS_TEXT_SIZE])
{
    size_t size = 0;

    for (unsigned day = 0; day < DAY_COUNT; day++) {
        if (((unsigned)days >> day & 1u) == 0)
            continue;
        if (size > 0)
            text[size++] = ',';
        memcpy(text + size, day_names + DAY_SIZE * day, DAY_SIZE);
        size += DAY_SIZE;
    }
    text[size] = '\0';
    return size;
}

size_t gh_value_hours_write(struct gh_hours hours, char text[GH_HOURS_TEXT_SIZE])
{
    return (size_t)snprintf(text, GH_HOURS_TEXT_SIZE, "%02u:%02u-%02u:%02u",
                            hours.from_min / 60u, hours.from_min % 60u, hours.until_min / 60u,
                            hours.until_min % 60u);
}

static enum gh_refusal version_take(const struct gh_scalar *s, uint8_t *field)
{
    if (s->type != GH_SCALAR_INTEGER)
        return GH_REFUSED_TYPE;
    if (s->integer != GH_CONTRACT_VERSION)
        return GH_REFUSED_VERSION;
    *field = GH_CONTRACT_VERSION;
    return GH_REFUSED_NOT;
}

_Static_assert(sizeof(enum gh_kind) == sizeof(unsigned) &&
                   sizeof(enum gh_verdict) == sizeof(unsigned),
               "fields of all lists are written as unsigned");

/* The value of a choice or of a name; names->count: there is none. */
static unsigned name_find(const struct gh_scalar *s, const struct gh_value_names *names)
{
    unsigned i = names->first;

    if (s->type == GH_SCALAR_CHOICE)
        return s->integer < 1 || s->integer > names->count - i ? names->count
                                                               : i + (unsigned)s->integer - 1;
    while (i < names->count && (s->text.size != names->name[i].size ||
                                memcmp(s->text.at, names->name[i].at, s->text.size) != 0))
        i++;
    return i;
}

static enum gh_refusal name_take(const struct gh_scalar *s, enum gh_value_type type,
                                 void *field)
{
    const struct gh_value_names *names = &value_names[type];

    if (s->type != GH_SCALAR_TEXT && s->type != GH_SCALAR_CHOICE)
        return GH_REFUSED_TYPE;
    const unsigned i = name_find(s, names);
    if (i == names->count)
        return type == GH_TYPE_KIND ? GH_REFUSED_KIND : GH_REFUSED_VALUE;
    memcpy(field, &i, sizeof i);
    return GH_REFUSED_NOT;
}

enum gh_refusal gh_value_take(const struct gh_scalar *s, enum gh_value_type type, void *field)
{
    assert(type < GH_TYPES);
    switch (type) {
    case GH_TYPE_TEXT:
        return text_take(s, (struct text_rule){1, GH_STRING_BYTES_MAX, false}, field);
    case GH_TYPE_NOTE:
        return text_take(s, (struct text_rule){0, GH_NOTE_BYTES_MAX, true}, field);
    case GH_TYPE_COUNT:
        return integer_take(s, GH_COUNT_MAX, field);
    case GH_TYPE_NUMBER:
        return number_take(s, field);
    case GH_TYPE_TIME:
        return time_take(s, field);
    case GH_TYPE_HASH:
        return hash_take(s, field);
    case GH_TYPE_HOURS:
        return hours_take(s, field);
    case GH_TYPE_DAYS:
        return days_take(s, field);
    case GH_TYPE_VERSION:
        return version_take(s, field);
    case GH_TYPE_KIND:
    case GH_TYPE_ORIGIN:
    case GH_TYPE_STATUS:
    case GH_TYPE_ARTIFACT:
    case GH_TYPE_STATE:
    case GH_TYPE_ACCOUNT:
    case GH_TYPE_SCHEDULE:
    case GH_TYPE_PERIOD:
    case GH_TYPE_VERDICT:
        return name_take(s, type, field);
    case GH_TYPES:
        break;
    }
    return GH_REFUSED_TYPE;
}

void gh_key_sets_init(struct gh_key_sets *sets)
{
    *sets = (struct gh_key_sets){0};
    for (unsigned key = 0; key < GH_KEY_COUNT; key++) {
        for (unsigned kind = 0; kind < GH_KIND_COUNT; kind++) {
            const struct gh_key_row *row = &gh_key_rows[key];
            sets->known[kind] |= (uint64_t)(row->kinds >> kind & 1u) << key;
            sets->required[kind] |= (uint64_t)(row->required >> kind & 1u) << key;
        }
    }
}

#define KEY_BIT(key) (UINT64_C(1) << GH_KEY_##key)

/* Takes the keys of the set `keys` in the order of the table. */
static bool keys_take(uint64_t keys, const struct gh_members *members, struct gh_event *event,
                      struct gh_refused *refused)
{
    for (; keys != 0; keys &= keys - 1) {
        const unsigned key = (unsigned)__builtin_ctzll(keys);
        const struct gh_key_row *row = &gh_key_rows[key];
        const struct gh_scalar *s = &members->value[key];
        if (!(members->seen >> key & 1u))
            return gh_refuse_missing(refused, row, event->kind);
        const enum gh_refusal reason = gh_value_take(s, row->type, (char *)event + row->field);
        if (reason != GH_REFUSED_NOT)
            return gh_refuse_value(refused, reason, row, s);
    }
    return true;
}

uint64_t gh_event_required(const struct gh_key_sets *sets, enum gh_kind kind, uint64_t seen)
{
    const bool actor = gh_actor_required(kind, (seen & KEY_BIT(team)) != 0);

    return sets->required[kind] | (actor ? KEY_BIT(actor) : 0);
}

bool gh_event_reversed(const struct gh_event *event)
{
    return GH_HAS(event, from) && GH_HAS(event, until) && event->from_ms > event->until_ms;
}

bool gh_event_from(const struct gh_key_sets *sets, const struct gh_members *members,
                   struct gh_event *event, struct gh_refused *refused)
{
    const uint64_t seen = members->seen, first = KEY_BIT(v) | KEY_BIT(kind);

    /* The kind says which of the other keys count. */
    memset(event, 0, sizeof *event);
    if (!keys_take(seen & first, members, event, refused))
        return false;
    const uint64_t required = gh_event_required(sets, event->kind, seen);
    event->present = seen & sets->known[event->kind];
    if (!keys_take((event->present | required) & ~first, members, event, refused))
        return false;
    if (gh_event_reversed(event))
        return gh_refuse(refused, GH_REFUSED_VALUE, members->value[GH_KEY_from].at,
                         gh_key_rows[GH_KEY_from].name,
                         "later than until: a time at or before it");
    return true;
}
