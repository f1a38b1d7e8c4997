/* What: dates, RFC 3339 and zone offsets of base/civil.h.
 * How:  rows from calendars and from the text of RFC 3339; Berlin's changes of 2026. The
 *       round trip over all days is in property/test_tables.c. */
#include "base/civil.h"
#include "support/gh_test.h"

static void division_rounds_towards_minus_infinity(void)
{
    CHECK(gh_floor_div(-1, 24) == -1 && gh_floor_mod(-1, 24) == 23);
    CHECK(gh_floor_div(-24, 24) == -1 && gh_floor_mod(-24, 24) == 0);
    CHECK(gh_floor_div(-25, 24) == -2 && gh_floor_mod(-25, 24) == 23);
    CHECK(gh_floor_div(23, 24) == 0 && gh_floor_mod(23, 24) == 23);
    CHECK(gh_floor_div(24, 24) == 1 && gh_floor_mod(24, 24) == 0);
}

static void known_dates_have_their_day_and_weekday(void)
{
    static const struct {
        int32_t year;
        uint32_t month, day, weekday;
        int64_t days;
    } row[] = {
        {1970, 1, 1, 3, 0},         {1969, 12, 31, 2, -1},  {1970, 3, 1, 6, 59},
        {2000, 2, 29, 1, 11016},    {2000, 3, 1, 2, 11017}, {2026, 11, 20, 4, 20777},
        {9999, 12, 31, 4, 2932896}, {1, 1, 1, 0, -719162},  {-400, 3, 1, 2, -865565},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct gh_civil c = gh_civil_of(row[i].days * GH_MS_PER_DAY);

        CHECK(gh_civil_days(row[i].year, row[i].month, row[i].day) == row[i].days);
        CHECK(gh_civil_weekday(row[i].days) == row[i].weekday);
        CHECK(c.year == row[i].year && c.month == row[i].month && c.day == row[i].day);
    }
}

static void a_time_splits_into_its_fields_on_both_sides_of_1970(void)
{
    const struct gh_civil after = gh_civil_of(INT64_C(1795167065123));
    const struct gh_civil before = gh_civil_of(-1);

    CHECK(after.year == 2026 && after.month == 11 && after.day == 20);
    CHECK(after.hour == 9 && after.minute == 31 && after.second == 5);
    CHECK(after.millisecond == 123);
    CHECK(before.year == 1969 && before.month == 12 && before.day == 31);
    CHECK(before.hour == 23 && before.minute == 59 && before.second == 59);
    CHECK(before.millisecond == 999);
}

static bool parse(const char *text, int64_t *ms)
{
    /* A copy of the exact size lets the sanitizer see a read past the end. */
    const size_t size = strlen(text);
    char *copy = malloc(size + 1);
    bool ok;

    memcpy(copy, text, size);
    copy = realloc(copy, size ? size : 1);
    ok = gh_time_parse(copy, size, ms);
    free(copy);
    return ok;
}

static void rfc_3339_times_are_read(void)
{
    static const struct {
        const char *text;
        int64_t ms;
    } row[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"2026-11-20T09:31:05.123Z", 1795167065123},
        {"2026-11-20T09:31:05Z", 1795167065000},
        {"2026-11-20T10:31:05+01:00", 1795167065000},
        {"2026-11-20T04:01:05-05:30", 1795167065000},
        {"2026-11-20T09:31:05-00:00", 1795167065000},
        {"2026-11-20T09:31:05.1Z", 1795167065100},
        {"2026-11-20T09:31:05.12Z", 1795167065120},
        {"2026-11-20T09:31:05.1239Z", 1795167065123},
        {"2026-11-20T09:31:05.999999999Z", 1795167065999},
        {"2026-11-20T09:31:05.000000001+00:00", 1795167065000},
        {"2016-12-31T23:59:60Z", 1483228800000},
        {"2016-12-31T23:59:60.5Z", 1483228800500},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"2000-02-29T00:00:00Z", 951782400000},
        {"9999-12-31T23:59:59.999Z", GH_TIME_MS_MAX},
        {"9999-12-31T23:59:59.999+00:01", GH_TIME_MS_MAX - 60000},
        {"1969-12-31T23:30:00-01:00", 1800000},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t ms = -7;

        CHECK(parse(row[i].text, &ms));
        CHECK(ms == row[i].ms);
    }
}

static void what_is_no_time_is_refused_and_changes_nothing(void)
{
    static const char *const row[] = {
        "",
        "2026",
        "2026-11-20",
        "2026-11-20T09:31:05",
        "2026-11-20T09:31:05.",
        "2026-11-20T09:31:05.Z",
        "2026-11-20T09:31:05.1",
        "2026-11-20T09:31:05.1234567890Z",
        "2026-11-20T09:31:05,5Z",
        "2026-11-20 09:31:05Z",
        "2026-11-20T09:31:05ZZ",
        "2026-11-20T09:31:05Z ",
        " 2026-11-20T09:31:05Z",
        "2026-11-20T09:31:05+1:00",
        "2026-11-20T09:31:05+0100",
        "2026-11-20T09:31:05+01",
        "2026-11-20T09:31:05+01:00Z",
        "2026-11-20T09:31:05+24:00",
        "2026-11-20T09:31:05+01:60",
        "2026-11-20T09:31:05*01:00",
        "2026-11-20T24:00:00Z",
        "2026-11-20T09:60:00Z",
        "2026-11-20T09:31:61Z",
        "2026-00-20T09:31:05Z",
        "2026-13-20T09:31:05Z",
        "2026-11-00T09:31:05Z",
        "2026-11-31T09:31:05Z",
        "2026-02-29T09:31:05Z",
        "1900-02-29T09:31:05Z",
        "2100-02-29T09:31:05Z",
        "2200-02-29T09:31:05Z",
        "2026-1a-20T09:31:05Z",
        "20:6-11-20T09:31:05Z",
        "2026-11-20T09:31:/5Z",
        "2026-11-20T09:31:0\xc2Z",
        "+026-11-20T09:31:05Z",
        "2026/11/20T09:31:05Z",
        "2026-11-20T09.31.05Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-00:01",
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t ms = -7;

        if (parse(row[i], &ms) || ms != -7)
            printf("# row %zu: \"%s\"\n", i, row[i]);
        CHECK(!parse(row[i], &ms) && ms == -7);
    }
}

static void every_prefix_of_a_time_is_refused(void)
{
    static const char whole[] = "2026-11-20T09:31:05.123+01:00";
    char part[sizeof whole];

    for (size_t size = 0; size < sizeof whole - 1; size++) {
        int64_t ms = -7;

        memcpy(part, whole, size);
        part[size] = '\0';
        CHECK(!parse(part, &ms));
    }
}

static void a_formatted_time_is_the_one_that_was_given(void)
{
    char text[GH_TIME_TEXT_SIZE];

    gh_time_format(0, text);
    CHECK(strcmp(text, "1970-01-01T00:00:00.000Z") == 0);
    gh_time_format(INT64_C(1795167065123), text);
    CHECK(strcmp(text, "2026-11-20T09:31:05.123Z") == 0);
    gh_time_format(GH_TIME_MS_MAX, text);
    CHECK(strcmp(text, "9999-12-31T23:59:59.999Z") == 0);
}

static const struct gh_zone_change berlin[] = {
    {1761440400, 3600}, /* 2025-10-26T01:00Z */
    {1774746000, 7200}, /* 2026-03-29T01:00Z */
    {1792890000, 3600}, /* 2026-10-25T01:00Z */
};

static void an_offset_holds_from_its_change_on(void)
{
    const struct gh_zone zone = {-1800, 3, berlin};
    const struct gh_zone one = {-1800, 1, berlin}, none = {-1800, 0, NULL};

    CHECK(gh_zone_offset_ms(&zone, 0) == -1800000);
    CHECK(gh_zone_offset_ms(&zone, 1761440400000 - 1) == -1800000);
    CHECK(gh_zone_offset_ms(&zone, 1761440400000) == 3600000);
    CHECK(gh_zone_offset_ms(&zone, 1774746000000 - 1) == 3600000);
    CHECK(gh_zone_offset_ms(&zone, 1774746000000) == 7200000);
    CHECK(gh_zone_offset_ms(&zone, 1792890000000 - 1) == 7200000);
    CHECK(gh_zone_offset_ms(&zone, 1792890000000) == 3600000);
    CHECK(gh_zone_offset_ms(&zone, GH_TIME_MS_MAX) == 3600000);
    CHECK(gh_zone_offset_ms(&one, 1761440400000 - 1) == -1800000);
    CHECK(gh_zone_offset_ms(&one, 1761440400000) == 3600000);
    CHECK(gh_zone_offset_ms(&none, 5) == -1800000);
    CHECK(gh_zone_offset_ms(NULL, 5) == 0);
}

static void a_search_over_many_changes_is_that_of_a_scan(void)
{
    struct gh_zone_change change[37];

    for (uint32_t count = 0; count <= 37; count++) {
        const struct gh_zone zone = {-1, count, change};

        for (uint32_t i = 0; i < count; i++)
            change[i] = (struct gh_zone_change){(int64_t)i * 10, (int32_t)i};
        for (int64_t s = -5; s < 380; s++) {
            int64_t wanted = -1;

            for (uint32_t i = 0; i < count && change[i].at_s <= s; i++)
                wanted = change[i].offset_s;
            CHECK(gh_zone_offset_ms(&zone, s * 1000) == wanted * 1000);
        }
    }
}

static void local_time_crosses_midnight_and_summer_time(void)
{
    static const struct gh_zone zone = {0, 3, berlin};
    static const struct {
        const char *utc, *date;
        uint16_t minute;
    } row[] = {
        {"2026-01-31T22:59:59.999Z", "2026-01-31T00:00:00Z", 1439},
        {"2026-01-31T23:00:00Z", "2026-02-01T00:00:00Z", 0},
        {"2026-03-29T00:59:00Z", "2026-03-29T00:00:00Z", 119},
        {"2026-03-29T01:00:00Z", "2026-03-29T00:00:00Z", 180}, /* 02:00 to 02:59 is not */
        {"2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", 150},
        {"2026-10-25T01:30:00Z", "2026-10-25T00:00:00Z", 150}, /* 02:30 is twice */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t time = 0, date = 0;
        struct gh_local local;

        CHECK(parse(row[i].utc, &time) && parse(row[i].date, &date));
        local = gh_zone_local(&zone, time);
        CHECK(local.date == date / GH_MS_PER_DAY);
        CHECK(local.minute == row[i].minute);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(division_rounds_towards_minus_infinity),
    GH_TEST(known_dates_have_their_day_and_weekday),
    GH_TEST(a_time_splits_into_its_fields_on_both_sides_of_1970),
    GH_TEST(rfc_3339_times_are_read),
    GH_TEST(what_is_no_time_is_refused_and_changes_nothing),
    GH_TEST(every_prefix_of_a_time_is_refused),
    GH_TEST(a_formatted_time_is_the_one_that_was_given),
    GH_TEST(an_offset_holds_from_its_change_on),
    GH_TEST(a_search_over_many_changes_is_that_of_a_scan),
    GH_TEST(local_time_crosses_midnight_and_summer_time),
};
GH_TEST_MAIN(tests)
