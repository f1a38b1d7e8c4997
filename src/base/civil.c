/* civil.c - dates, RFC 3339 and zone offsets in integers. */
#include "base/civil.h"

#include <assert.h>

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000 };

/* Years begin in March, so that the leap day is the last one; an era is 400 years. */
int64_t gh_civil_days(int32_t year, uint32_t month, uint32_t day)
{
    const int64_t y = (int64_t)year - (month <= 2);
    const int64_t era = gh_floor_div(y, 400);
    const uint32_t year_of_era = (uint32_t)(y - era * 400);
    const uint32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const uint32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    assert(month >= 1 && month <= 12 && day >= 1 && day <= 31);
    return era * 146097 + day_of_era - 719468;
}

static void civil_date(struct gh_civil *c, int64_t days)
{
    const int64_t shifted = days + 719468;
    const int64_t era = gh_floor_div(shifted, 146097);
    const uint32_t day_of_era = (uint32_t)(shifted - era * 146097);
    const uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint32_t month_from_march = (5 * day_of_year + 2) / 153;

    c->day = (uint8_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    c->month = (uint8_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    c->year = (int32_t)(era * 400 + year_of_era + (c->month <= 2));
}

struct gh_civil gh_civil_of(int64_t time_ms)
{
    const int64_t days = gh_floor_div(time_ms, GH_MS_PER_DAY);
    const uint32_t ms = (uint32_t)(time_ms - days * GH_MS_PER_DAY);
    struct gh_civil c = {
        .hour = (uint8_t)(ms / GH_MS_PER_HOUR),
        .minute = (uint8_t)(ms / MS_PER_MINUTE % 60),
        .second = (uint8_t)(ms / MS_PER_SECOND % 60),
        .millisecond = (uint16_t)(ms % MS_PER_SECOND),
    };

    civil_date(&c, days);
    return c;
}

uint32_t gh_civil_weekday(int64_t days)
{
    return (uint32_t)gh_floor_mod(days + 3, 7); /* 1970-01-01 was a Thursday */
}

static uint32_t month_days(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Two digits, or something over 99. */
static inline uint32_t two_digits(const char *at)
{
    const uint32_t tens = (uint32_t)(unsigned char)at[0] - '0';
    const uint32_t ones = (uint32_t)(unsigned char)at[1] - '0';

    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/* Reads ".123456789" if there is one. Returns its size, or 0 when it has no digits or
 * more than nine; `*ms` are its milliseconds. */
static size_t fraction_size(const char *at, size_t size, uint32_t *ms)
{
    uint32_t scale = 100, value = 0;
    size_t i = 1;

    for (; i < size; i++) {
        const uint32_t digit = (uint32_t)(unsigned char)at[i] - '0';

        if (digit > 9)
            break;
        value += digit * scale;
        scale /= 10;
    }
    *ms = value;
    return i >= 2 && i <= 10 ? i : 0;
}

/* Reads "Z" or "+hh:mm" up to the end. False: it is neither. */
static bool offset_parse(const char *at, size_t size, int64_t *offset_ms)
{
    uint32_t hours, minutes;
    int64_t ms;

    if (size == 1) {
        *offset_ms = 0;
        return *at == 'Z' || *at == 'z';
    }
    if (size != 6 || (*at != '+' && *at != '-') || at[3] != ':')
        return false;
    hours = two_digits(at + 1);
    minutes = two_digits(at + 4);
    if (hours > 23 || minutes > 59)
        return false;
    ms = (int64_t)(hours * 60 + minutes) * MS_PER_MINUTE;
    *offset_ms = *at == '-' ? -ms : ms;
    return true;
}

/* Reads "2026-11-20T09:31:05" as if it were UTC. */
static bool local_parse(const char *at, int64_t *ms)
{
    const uint32_t century = two_digits(at), year_of_century = two_digits(at + 2);
    const uint32_t month = two_digits(at + 5), day = two_digits(at + 8);
    const uint32_t hour = two_digits(at + 11), minute = two_digits(at + 14);
    const uint32_t second = two_digits(at + 17), year = century * 100 + year_of_century;

    if (at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != 't') || at[13] != ':' ||
        at[16] != ':')
        return false;
    if (century > 99 || year_of_century > 99 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ms = gh_civil_days((int32_t)year, month, day) * GH_MS_PER_DAY +
          (int64_t)((hour * 60 + minute) * 60 + second) * MS_PER_SECOND;
    return true;
}

bool gh_time_parse(const char *at, size_t size, int64_t *time_ms)
{
    enum { LOCAL_SIZE = 19 };
    size_t rest = LOCAL_SIZE;
    uint32_t fraction = 0;
    int64_t local, offset;

    if (size <= LOCAL_SIZE || !local_parse(at, &local))
        return false;
    if (at[rest] == '.') {
        const size_t used = fraction_size(at + rest, size - rest, &fraction);

        if (!used)
            return false;
        rest += used;
    }
    if (rest >= size || !offset_parse(at + rest, size - rest, &offset))
        return false;
    local += (int64_t)fraction - offset;
    if (local < 0 || local > GH_TIME_MS_MAX)
        return false;
    *time_ms = local;
    return true;
}

static void digits_put(char *at, uint32_t value, int count)
{
    while (count-- > 0) {
        at[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void gh_time_format(int64_t time_ms, char text[GH_TIME_TEXT_SIZE])
{
    static const char shape[GH_TIME_TEXT_SIZE] = "0000-00-00T00:00:00.000Z";
    const struct gh_civil c = gh_civil_of(time_ms);

    assert(time_ms >= 0 && time_ms <= GH_TIME_MS_MAX);
    for (int i = 0; i < GH_TIME_TEXT_SIZE; i++)
        text[i] = shape[i];
    digits_put(text, (uint32_t)c.year, 4);
    digits_put(text + 5, c.month, 2);
    digits_put(text + 8, c.day, 2);
    digits_put(text + 11, c.hour, 2);
    digits_put(text + 14, c.minute, 2);
    digits_put(text + 17, c.second, 2);
    digits_put(text + 20, c.millisecond, 3);
}

int64_t gh_zone_offset_ms(const struct gh_zone *zone, int64_t time_ms)
{
    const int64_t time_s = gh_floor_div(time_ms, MS_PER_SECOND);
    const struct gh_zone_change *base;
    uint32_t count;

    if (!zone)
        return 0;
    /* Halves without a branch on the data: the last change at or before, or the one before
     * the first. This runs once for every event. */
    base = zone->change;
    for (count = zone->count; count > 1; count -= count / 2)
        base += base[count / 2].at_s <= time_s ? count / 2 : 0;
    if (!zone->count || base->at_s > time_s)
        return (int64_t)zone->first_offset_s * MS_PER_SECOND;
    return (int64_t)base->offset_s * MS_PER_SECOND;
}

struct gh_local gh_zone_local(const struct gh_zone *zone, int64_t time_ms)
{
    const int64_t local_ms = time_ms + gh_zone_offset_ms(zone, time_ms);
    const int64_t date = gh_floor_div(local_ms, GH_MS_PER_DAY);

    return (struct gh_local){
        .date = (int32_t)date,
        .minute = (uint16_t)((local_ms - date * GH_MS_PER_DAY) / MS_PER_MINUTE),
    };
}
