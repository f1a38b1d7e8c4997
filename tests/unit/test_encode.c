/* test_encode.c - numbers come out in the fewest digits that read back the same, as %g writes
 * them: whatever way is taken to them. */
#include "edge/decode.h"
#include "support/gh_test.h"

#include <math.h>

static void number_check(double value)
{
    struct gh_event event = {.present = UINT64_C(1) << GH_KEY_cost_usd, .cost_usd = value};
    char line[128], wanted[128];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(wanted, sizeof wanted, "{\"cost_usd\":%.*g}\n", digits, value);
        if (strtod(wanted + strlen("{\"cost_usd\":"), NULL) == value)
            break;
    }
    const size_t size = gh_encode(&event, line, sizeof line);
    const bool same = size == strlen(wanted) && memcmp(line, wanted, size) == 0;
    CHECK(same);
    if (!same)
        printf("# %.*s# %s", (int)size, line, wanted);
}

static void around(double value)
{
    number_check(value);
    number_check(nextafter(value, 0));
    number_check(nextafter(value, INFINITY));
}

static void numbers_are_written_in_the_fewest_digits(void)
{
    static const double edges[] = {
        0,         1e-7,      9.9e-5, 1e-4, 0.000101, 0.0001005, 0.5,    1,
        0.1 + 0.2, 999999999, 1e9,    1e15, 1e22,     1e300,     1.0e-6, 123456789.123456};

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        around(edges[i]);
}

static void numbers_of_every_size_and_of_few_decimals_are_too(void)
{
    uint64_t x = 88172645463325252u;

    for (int i = 0; i < 200000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        const double whole = (double)(x >> 20 & 0xffffffff);
        number_check(whole / pow(10, (double)(x % 10)));
        number_check(ldexp((double)(x >> 11), (int)(x % 120) - 100));
        if (i % 100 == 0)
            around(whole / 1e6);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(numbers_are_written_in_the_fewest_digits),
    GH_TEST(numbers_of_every_size_and_of_few_decimals_are_too),
};
GH_TEST_MAIN(tests)
