/* number.c - the program never calls setlocale, so strtod and printf speak C. */
#include "app/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *digits_skip(const char *at)
{
    while (digit(*at))
        at++;
    return at;
}

/* NULL: not a whole number without a leading zero. */
static const char *whole_skip(const char *at)
{
    if (!digit(*at) || (*at == '0' && digit(at[1])))
        return NULL;
    return digits_skip(at);
}

bool gh_number_u64(const char *text, uint64_t *value)
{
    const char *end = whole_skip(text);
    uint64_t number = 0;

    if (!end || *end)
        return false;
    for (const char *at = text; at < end; at++)
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return false;
    *value = number;
    return true;
}

bool gh_number_double(const char *text, double *value)
{
    const char *at = whole_skip(text + (*text == '-'));
    double number;

    if (at && *at == '.')
        at = digit(at[1]) ? digits_skip(at + 1) : NULL;
    if (at && (*at == 'e' || *at == 'E')) {
        at += 1 + (at[1] == '+' || at[1] == '-');
        at = digit(*at) ? digits_skip(at) : NULL;
    }
    if (!at || *at)
        return false;
    number = strtod(text, NULL);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

void gh_number_print(double value, char text[GH_NUMBER_SIZE])
{
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(text, GH_NUMBER_SIZE, "%.0f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, GH_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}
