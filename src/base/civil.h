/* civil.h - civil dates and times without a clock and without a zone data base.
 *
 * Dates are days since 1970-01-01 (proleptic Gregorian), times are milliseconds since
 * 1970-01-01T00:00:00Z. Algorithms: Howard Hinnant, "chrono-compatible low-level date
 * algorithms". */
#ifndef GOODHART_BASE_CIVIL_H
#define GOODHART_BASE_CIVIL_H

#include "goodhart/engine.h"

#include <assert.h>

#define GH_MS_PER_HOUR INT64_C(3600000)
#define GH_MS_PER_DAY INT64_C(86400000)
/* Times that events may carry: 1970-01-01T00:00:00.000Z .. 9999-12-31T23:59:59.999Z. */
#define GH_TIME_MS_MAX INT64_C(253402300799999)

struct gh_civil {
    int32_t year;
    uint8_t month, day;           /* 1..12, 1..31 */
    uint8_t hour, minute, second; /* 0..23, 0..59, 0..59 */
    uint16_t millisecond;
};

int64_t gh_civil_days(int32_t year, uint32_t month, uint32_t day);
struct gh_civil gh_civil_of(int64_t time_ms);
/* 0 Monday .. 6 Sunday, of a date in days since 1970-01-01. */
uint32_t gh_civil_weekday(int64_t days);
/* Floored division and remainder: gh_floor_div(-1, 24) == -1. `b` > 0. Inline, for `b` is
 * nearly always a constant, and then there is nothing to divide. */
static inline int64_t gh_floor_div(int64_t a, int64_t b)
{
    assert(b > 0);
    return a / b - (a % b < 0);
}
static inline int64_t gh_floor_mod(int64_t a, int64_t b)
{
    assert(b > 0);
    return a % b + (a % b < 0 ? b : 0);
}

/* Reads an RFC 3339 date-time with an offset: "2026-11-20T09:31:05.123Z",
 * "2026-11-20T09:31:05+01:00"; 'T' and 'Z' in either case; 0 to 9 digits of fraction (a
 * point without digits is refused), those past milliseconds cut off; second 60 is the
 * next second. The date must exist and the result lie in 0..GH_TIME_MS_MAX. False:
 * `*time_ms` is untouched. */
bool gh_time_parse(const char *at, size_t size, int64_t *time_ms);

/* Writes "2026-11-20T09:31:05.123Z" and a NUL. */
enum { GH_TIME_TEXT_SIZE = 25 };
void gh_time_format(int64_t time_ms, char text[GH_TIME_TEXT_SIZE]);

/* Local minus UTC at `time_ms`, in milliseconds. `zone` NULL: 0. */
int64_t gh_zone_offset_ms(const struct gh_zone *zone, int64_t time_ms);
/* Local date (days since 1970-01-01 on the local calendar) and minute of the local day. */
struct gh_local {
    int32_t date;
    uint16_t minute; /* 0..1439 */
};
struct gh_local gh_zone_local(const struct gh_zone *zone, int64_t time_ms);

#endif
