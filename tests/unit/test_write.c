/* What: numbers in plain English, base/write.h.
 * How:  rows with both sides of every change of unit; buffers of every size. */
#include "base/civil.h"
#include "base/write.h"
#include "support/gh_test.h"

#include <math.h>

static char buffer[128];

static struct gh_writer fresh(void)
{
    return gh_writer_on(buffer, sizeof buffer);
}

struct row {
    double value;
    const char *text;
};

static void check_rows(void (*write)(struct gh_writer *, double), const struct row *row,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gh_writer w = fresh();

        write(&w, row[i].value);
        if (strcmp(buffer, row[i].text) != 0)
            printf("# %.17g: \"%s\", wanted \"%s\"\n", row[i].value, buffer, row[i].text);
        CHECK(strcmp(buffer, row[i].text) == 0);
        CHECK(w.used == strlen(buffer) && !w.cut);
    }
}
#define CHECK_ROWS(write, row) check_rows(write, row, sizeof(row) / sizeof *(row))

static void counts_have_groups_of_three(void)
{
    static const struct row row[] = {
        {0, "0"},
        {-0.0, "0"},
        {0.49999999999999994, "0"},
        {0.5, "1"},
        {-0.4, "0"},
        {-0.5, "-1"},
        {2.5, "3"},
        {999, "999"},
        {999.5, "1,000"},
        {1234567, "1,234,567"},
        {-1234567, "-1,234,567"},
        {1000000, "1,000,000"},
        {9007199254740991, "9,007,199,254,740,991"},
        {999999999999999872, "999,999,999,999,999,872"},
        {1e18, "more than 10^18"},
        {-1e300, "less than -10^18"},
        {NAN, "unknown"},
        {INFINITY, "unknown"},
        {-INFINITY, "unknown"},
    };

    CHECK_ROWS(gh_write_count, row);
}

static void large_numbers_are_said_in_words(void)
{
    static const struct row row[] = {
        {12345, "12,345"},
        {999999.4, "999,999"},
        {999999.5, "1 million"},
        {1000000, "1 million"},
        {1049999, "1 million"},
        {1050000, "1.1 million"},
        {8412000, "8.4 million"},
        {-8412000, "-8.4 million"},
        {999900000, "999.9 million"},
        {999949999, "999.9 million"},
        {999950000, "1 billion"},
        {2.1e9, "2.1 billion"},
        {999.95e9, "1 trillion"},
        {5.5e12, "5.5 trillion"},
        {1.5e15, "1,500 trillion"},
        {1e18, "more than 10^18"},
        {NAN, "unknown"},
    };

    CHECK_ROWS(gh_write_short, row);
}

static void shares_are_whole_percents_from_one_on(void)
{
    static const struct row row[] = {
        {0.873, "87 %"},
        {0.875, "88 %"},
        {1, "100 %"},
        {1.2, "120 %"},
        {0.01, "1 %"},
        {0.014, "1 %"},
        {0.0096, "1 %"},
        {0.0094, "0.9 %"},
        {0.004, "0.4 %"},
        {0.001, "0.1 %"},
        {0.0004, "less than 0.1 %"},
        {0, "0 %"},
        {-0.25, "-25 %"},
        {-0.004, "-0.4 %"},
        {NAN, "unknown"},
    };

    CHECK_ROWS(gh_write_percent, row);
}

static void money_has_cents_below_a_thousand(void)
{
    static const struct row row[] = {
        {0, "$0.00"},
        {12.5, "$12.50"},
        {0.004, "$0.00"},
        {0.005, "$0.01"},
        {-0.001, "$0.00"},
        {-12.5, "-$12.50"},
        {999.99, "$999.99"},
        {999.996, "$1,000"},
        {12345.6, "$12,346"},
        {NAN, "an unknown amount"},
        {-INFINITY, "an unknown amount"},
        {1e18, "an unknown amount"},
    };

    CHECK_ROWS(gh_write_money, row);
}

static void durations_have_one_unit(void)
{
    static const struct row row[] = {
        {0, "0 seconds"},
        {400, "0.4 seconds"},
        {1000, "1 second"},
        {1040, "1 second"},
        {1500, "1.5 seconds"},
        {20000, "20 seconds"},
        {59400, "59 seconds"},
        {59600, "1 minute"},
        {60000, "1 minute"},
        {90000, "1.5 minutes"},
        {9.96 * 60000, "10 minutes"},
        {45 * 60000, "45 minutes"},
        {59.6 * 60000, "1 hour"},
        {5400000, "1.5 hours"},
        {23.4 * 36e5, "23 hours"},
        {23.6 * 36e5, "1 day"},
        {3 * 864e5, "3 days"},
        {1234 * 864e5, "1,234 days"},
        {-5400000, "-1.5 hours"},
        {1e300, "more than 10^16 days"},
        {NAN, "an unknown time"},
    };

    CHECK_ROWS(gh_write_duration, row);
}

static void fixed_decimals_round_half_away_from_zero(void)
{
    static const struct {
        double value;
        unsigned decimals;
        const char *text;
    } row[] = {
        {3.14159, 2, "3.14"},   {3.14159, 0, "3"},         {-2.5, 0, "-3"},
        {0.125, 2, "0.13"},     {-0.125, 2, "-0.13"},      {-0.004, 2, "0.00"},
        {1234.5, 1, "1,234.5"}, {0.000001, 6, "0.000001"}, {2, 3, "2.000"},
        {99.995, 1, "100.0"},   {NAN, 2, "unknown"},       {1e17, 6, "more than 10^18"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct gh_writer w = fresh();

        gh_write_fixed(&w, row[i].value, row[i].decimals);
        CHECK(strcmp(buffer, row[i].text) == 0);
    }
}

static void dates_are_written_out(void)
{
    struct gh_writer w = fresh();

    gh_write_date(&w, gh_civil_days(2026, 3, 12));
    gh_write(&w, ", ");
    gh_write_date(&w, 0);
    gh_write(&w, ", ");
    gh_write_date(&w, gh_civil_days(9999, 12, 31));
    CHECK(strcmp(buffer, "12 March 2026, 1 January 1970, 31 December 9999") == 0);
}

static void control_characters_become_question_marks(void)
{
    static const char odd[] = "a\nb\x7f\xc2\x85\xc3\xa9\t\x1b[31m\xc2";
    struct gh_writer w = fresh();

    gh_write_text(&w, (struct gh_text){odd, sizeof odd - 1});
    CHECK(strcmp(buffer, "a?b??\xc3\xa9??[31m\xc2") == 0);
    w = fresh();
    gh_write_text(&w, (struct gh_text){NULL, 0});
    CHECK(w.used == 0 && buffer[0] == '\0');
}

static void a_text_is_cut_between_characters_and_never_overruns(void)
{
    static const char whole[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1 2 3 4 1 bytes */
    static const size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

    for (size_t size = 1; size <= 12; size++) {
        char *at = malloc(size);
        struct gh_writer w = gh_writer_on(at, size);

        gh_write(&w, whole);
        CHECK(w.used == kept[size - 1] && strlen(at) == w.used);
        CHECK(memcmp(at, whole, w.used) == 0);
        CHECK(w.cut == (size < 12));
        gh_write(&w, "!");
        CHECK(w.used == kept[size - 1] && w.cut); /* nothing follows a gap */
        free(at);
    }
}

static void a_number_that_does_not_fit_does_not_overrun(void)
{
    for (size_t size = 1; size < 24; size++) {
        char *at = malloc(size);
        struct gh_writer w = gh_writer_on(at, size);

        gh_write_money(&w, -1234567);
        gh_write_duration(&w, 5400000);
        CHECK(strlen(at) == w.used && w.used < size);
        CHECK(w.cut == (size < 21)); /* -$1,234,567 and 1.5 hours are 11 + 9 bytes */
        free(at);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(counts_have_groups_of_three),
    GH_TEST(large_numbers_are_said_in_words),
    GH_TEST(shares_are_whole_percents_from_one_on),
    GH_TEST(money_has_cents_below_a_thousand),
    GH_TEST(durations_have_one_unit),
    GH_TEST(fixed_decimals_round_half_away_from_zero),
    GH_TEST(dates_are_written_out),
    GH_TEST(control_characters_become_question_marks),
    GH_TEST(a_text_is_cut_between_characters_and_never_overruns),
    GH_TEST(a_number_that_does_not_fit_does_not_overrun),
};
GH_TEST_MAIN(tests)
