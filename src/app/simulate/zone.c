/* zone.c - see zone.h. */
#include "app/simulate/zone.h"

#include "base/civil.h"

#include <assert.h>

enum zone_rule { ZONE_FIXED, ZONE_UNITED_STATES, ZONE_EUROPE };

static const struct {
    const char *name;
    double share;
    int32_t standard_min;
    enum zone_rule rule;
} zone_table[GH_SIM_ZONES] = {
    {"America/Los_Angeles", 0.30, -480, ZONE_UNITED_STATES},
    {"America/New_York", 0.25, -300, ZONE_UNITED_STATES},
    {"Europe/Berlin", 0.20, 60, ZONE_EUROPE},
    {"Asia/Kolkata", 0.15, 330, ZONE_FIXED},
    {"Asia/Tokyo", 0.10, 540, ZONE_FIXED},
};

const char *gh_sim_zone_name(uint32_t zone)
{
    assert(zone < GH_SIM_ZONES);
    return zone_table[zone].name;
}

double gh_sim_zone_share(uint32_t zone)
{
    assert(zone < GH_SIM_ZONES);
    return zone_table[zone].share;
}

/* The first Sunday at or after a date, in milliseconds at its midnight. */
static int64_t zone_sunday(int32_t year, uint32_t month, uint32_t day)
{
    const int64_t date = gh_civil_days(year, month, day);
    return (date + 6 - (int64_t)gh_civil_weekday(date)) * GH_MS_PER_DAY;
}

int64_t gh_sim_zone_offset_ms(uint32_t zone, int64_t time_ms)
{
    assert(zone < GH_SIM_ZONES);
    const int64_t standard_ms = zone_table[zone].standard_min * INT64_C(60000);
    const int32_t year = gh_civil_of(time_ms).year;
    int64_t from, until;
    switch (zone_table[zone].rule) {
    case ZONE_UNITED_STATES: /* 02:00 on the wall clock of the moment */
        from = zone_sunday(year, 3, 8) + 2 * GH_MS_PER_HOUR - standard_ms;
        until = zone_sunday(year, 11, 1) + GH_MS_PER_HOUR - standard_ms;
        break;
    case ZONE_EUROPE: /* 01:00 UTC */
        from = zone_sunday(year, 3, 25) + GH_MS_PER_HOUR;
        until = zone_sunday(year, 10, 25) + GH_MS_PER_HOUR;
        break;
    case ZONE_FIXED:
    default:
        return standard_ms;
    }
    return time_ms >= from && time_ms < until ? standard_ms + GH_MS_PER_HOUR : standard_ms;
}
