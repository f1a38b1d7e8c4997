/* What: the zone cache: exact transition seconds, and names that are none.
 * How:  seconds worked out from the published rules of each zone (e.g. New York 2026: clocks
 *       go forward on 8 March at 02:00 EST = 07:00 UTC), checked one second before and at
 *       the transition. The lookup is the plain reading of engine.h. */
#include "edge/resources.h"
#include "support/gh_test.h"

static struct gh_text text(const char *name)
{
    return (struct gh_text){.at = name, .size = (uint32_t)strlen(name)};
}

static int32_t offset_at(const struct gh_zone *zone, int64_t at_s)
{
    int32_t offset_s = zone->first_offset_s;

    for (uint32_t i = 0; i < zone->count && zone->change[i].at_s <= at_s; i++)
        offset_s = zone->change[i].offset_s;
    return offset_s;
}

static void transitions_are_exact_to_the_second(void)
{
    static const struct {
        const char *name;
        int64_t at_s;
        int32_t before_s, from_s;
    } row[] = {
        {"America/New_York", 1772953200, -18000, -14400},  /* 2026-03-08 07:00 UTC */
        {"America/New_York", 1793512800, -14400, -18000},  /* 2026-11-01 06:00 UTC */
        {"Europe/Berlin", 1774746000, 3600, 7200},         /* 2026-03-29 01:00 UTC */
        {"Europe/Berlin", 1792890000, 7200, 3600},         /* 2026-10-25 01:00 UTC */
        {"Europe/Berlin", 4078429200, 3600, 7200},         /* 2099-03-29 01:00 UTC, by rule */
        {"Australia/Lord_Howe", 1775314800, 39600, 37800}, /* half an hour of summer time */
        {"Australia/Lord_Howe", 1791041400, 37800, 39600},
        {"Pacific/Apia", 1325239200, -36000, 50400},   /* 30 December 2011 was skipped */
        {"America/New_York", 9961200, -18000, -14400}, /* 1970-04-26 07:00 UTC */
    };
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct gh_zone *zone = zones.find(zones.context, text(row[i].name));
        CHECK(zone != NULL);
        if (zone == NULL)
            continue;
        CHECK(offset_at(zone, row[i].at_s - 1) == row[i].before_s);
        CHECK(offset_at(zone, row[i].at_s) == row[i].from_s);
    }
    gh_zone_cache_free(cache);
}

static void zones_without_summer_time_have_no_transitions(void)
{
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);
    const struct gh_zone *kolkata = zones.find(zones.context, text("Asia/Kolkata"));
    const struct gh_zone *utc = zones.find(zones.context, text("UTC"));
    const struct gh_zone *west = zones.find(zones.context, text("Etc/GMT+5"));

    CHECK(kolkata != NULL && kolkata->count == 0 && kolkata->first_offset_s == 19800);
    CHECK(utc != NULL && utc->count == 0 && utc->first_offset_s == 0);
    CHECK(west != NULL && west->count == 0 && west->first_offset_s == -18000);
    gh_zone_cache_free(cache);
}

static void transitions_ascend_and_change_the_offset(void)
{
    static const char *const name[] = {"America/New_York", "Europe/Dublin", "Africa/Casablanca",
                                       "America/Argentina/Buenos_Aires", "Pacific/Apia"};
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);

    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        const struct gh_zone *zone = zones.find(zones.context, text(name[k]));
        CHECK(zone != NULL);
        for (uint32_t i = 0; zone != NULL && i < zone->count; i++) {
            const struct gh_zone_change *change = &zone->change[i];
            CHECK(change->at_s > (i > 0 ? change[-1].at_s : 0));
            CHECK(change->at_s < INT64_C(4133980800));
            CHECK(change->offset_s != (i > 0 ? change[-1].offset_s : zone->first_offset_s));
        }
    }
    gh_zone_cache_free(cache);
}

static void the_same_name_gives_the_same_answer(void)
{
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);
    const struct gh_zone *first = zones.find(zones.context, text("Europe/Berlin"));

    CHECK(zones.find(zones.context, text("Europe/Paris")) != first);
    /* not NUL-terminated: only `size` bytes count */
    CHECK(zones.find(zones.context, (struct gh_text){"Europe/Berlin/x", 13}) == first);
    gh_zone_cache_free(cache);
}

static void names_that_are_no_zones_are_unknown(void)
{
    static const char *const name[] = {
        "",
        "Mars/Olympus",
        "europe",
        "Europe",
        "Europe/",
        "/Europe/Berlin",
        "Europe//Berlin",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/../UTC",
        "./UTC",
        "GMT+5",
        "+05:00",
        "EST5",
        "EST5EDT,M3.2.0,M11.1.0",
        ":UTC",
        "right/Europe/Berlin",
        "posix/UTC",
        "posixrules",
        "localtime",
        "leapseconds",
        "tzdata.zi",
        "zone.tab",
        " UTC",
        "UTC ",
        "UTC\n",
        "%s%n",
        "Europe/B\xc3\xa9rlin",
        "\xff\xfe",
        "5",
        "A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A"};
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);

    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        CHECK(zones.find(zones.context, text(name[i])) == NULL);
        if (zones.find(zones.context, text(name[i])) != NULL)
            printf("# known: %s\n", name[i]);
    }
    CHECK(zones.find(zones.context, (struct gh_text){0}) == NULL);
    CHECK(zones.find(zones.context, (struct gh_text){"UTC\0", 4}) == NULL);
    gh_zone_cache_free(cache);
    gh_zone_cache_free(NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(transitions_are_exact_to_the_second),
    GH_TEST(zones_without_summer_time_have_no_transitions),
    GH_TEST(transitions_ascend_and_change_the_offset),
    GH_TEST(the_same_name_gives_the_same_answer),
    GH_TEST(names_that_are_no_zones_are_unknown),
};
GH_TEST_MAIN(tests)
