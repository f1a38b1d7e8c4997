/* json_number.c - numbers of JSON. Almost all are integers or decimals of at most 19 digits:
 * those are read by hand, exactly; the rest goes to strtod. */
#include "edge/json_scan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "short decimals are exact only in plain doubles");

/* A number as its text says: digits * 10^exponent. `digits` holds the first 19 that are
 * significant, `exact` that there were no more. */
struct decimal {
    uint64_t digits;
    int32_t exponent;
    uint32_t count; /* significant digits in `digits` */
    bool negative, exact, real;
};

enum { DIGITS_MAX = 19, EXPONENT_MAX = 100000 };

static inline bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Reads a run of digits; `fraction`: 1 after the point, else 0. */
static inline const char *digits_scan(const char *at, const char *end, int32_t fraction,
                                      struct decimal *d)
{
    for (; is_digit(at, end); at++) {
        if (d->count < DIGITS_MAX) {
            d->digits = d->digits * 10 + (uint64_t)(*at - '0');
            d->count += d->digits != 0; /* zeros in front do not count */
            d->exponent -= fraction;
        } else {
            d->exact = false;
            d->exponent += 1 - fraction;
        }
    }
    return at;
}

/* Reads what follows 'e'; the exponent is kept within bounds that no piece reaches. */
static const char *exponent_scan(const char *at, const char *end, struct decimal *d)
{
    int32_t value = 0;
    const bool negative = at < end && *at == '-';

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (!is_digit(at, end))
        return NULL;
    for (; is_digit(at, end); at++)
        if (value < EXPONENT_MAX * 10)
            value = value * 10 + (*at - '0');
    d->exponent += negative ? -value : value;
    return at;
}

/* The byte after the number, or NULL and *trouble where its grammar breaks. */
static const char *decimal_scan(const char *at, const char *end, struct decimal *d,
                                const char **trouble)
{
    d->negative = *at == '-';
    *trouble = at += d->negative;
    if (!is_digit(at, end))
        return NULL;
    if (*at == '0') {
        *trouble = ++at; /* no digit may follow a leading zero */
        if (is_digit(at, end))
            return NULL;
    } else {
        at = digits_scan(at, end, 0, d);
    }
    if (at < end && *at == '.') {
        *trouble = ++at;
        d->real = true;
        if (!is_digit(at, end))
            return NULL;
        at = digits_scan(at, end, 1, d);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        *trouble = at + 1;
        d->real = true;
        at = exponent_scan(at + 1, end, d);
    }
    return at;
}

/* Digits and power of ten both exact in a double: one rounding, so the right one. (Clinger
 * (1990), "How to read floating point numbers accurately".) */
static bool short_real(const struct decimal *d, double *value)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (!d->exact || d->digits > (UINT64_C(1) << 53) || d->exponent > 22 || d->exponent < -22)
        return false;
    const double digits = (double)d->digits;
    *value = d->exponent < 0 ? digits / power[-d->exponent] : digits * power[d->exponent];
    return true;
}

__extension__ typedef unsigned __int128 wide;

/* Up to 19 digits and decimals, as sums of money have them once they have been computed:
 * the quotient of integers with at least 62 bits, and a last bit that tells of the rest, is
 * rounded to a double once, so rightly. */
static bool money_real(const struct decimal *d, double *value)
{
    static const uint64_t power[] = {UINT64_C(1),
                                     UINT64_C(10),
                                     UINT64_C(100),
                                     UINT64_C(1000),
                                     UINT64_C(10000),
                                     UINT64_C(100000),
                                     UINT64_C(1000000),
                                     UINT64_C(10000000),
                                     UINT64_C(100000000),
                                     UINT64_C(1000000000),
                                     UINT64_C(10000000000),
                                     UINT64_C(100000000000),
                                     UINT64_C(1000000000000),
                                     UINT64_C(10000000000000),
                                     UINT64_C(100000000000000),
                                     UINT64_C(1000000000000000),
                                     UINT64_C(10000000000000000),
                                     UINT64_C(100000000000000000),
                                     UINT64_C(1000000000000000000),
                                     UINT64_C(10000000000000000000)};

    if (!d->exact || d->digits == 0 || d->exponent > 0 || d->exponent < -19)
        return false;
    const uint64_t divisor = power[-d->exponent];
    const int up = __builtin_clzll(d->digits), down = __builtin_clzll(divisor);
    const wide digits = (wide)(d->digits << up) << 63;
    const uint64_t quotient = (uint64_t)(digits / (divisor << down));
    const bool rest = (wide)quotient * (divisor << down) != digits;
    *value = ldexp((double)(quotient | rest), down - up - 63);
    return true;
}

/* Apart, so that only what needs the large frame pays for it. */
__attribute__((noinline)) static bool long_real(const char *at, size_t size, double *value)
{
    char text[GH_EVENT_BYTES_MAX + 1];

    memcpy(text, at, size);
    text[size] = '\0';
    *value = fabs(strtod(text, NULL));
    return isfinite(*value);
}

static bool integer_of(const struct decimal *d, int64_t *value)
{
    const uint64_t max = (uint64_t)INT64_MAX + d->negative;

    if (!d->exact || d->digits > max)
        return false;
    *value = d->negative ? (int64_t)(0 - d->digits) : (int64_t)d->digits;
    return true;
}

const char *gh_scan_number(const char *at, const char *end, struct gh_scalar *value,
                           enum gh_refusal *reason, const char **trouble)
{
    struct decimal d = {.exact = true};
    const char *const after = decimal_scan(at, end, &d, trouble);
    bool fits = true;

    *reason = GH_REFUSED_SYNTAX;
    if (!after)
        return NULL;
    if (d.real) {
        value->type = GH_SCALAR_REAL;
        fits = short_real(&d, &value->real) || money_real(&d, &value->real) ||
               long_real(at, (size_t)(after - at), &value->real);
        value->real = d.negative ? -value->real : value->real;
    } else {
        value->type = GH_SCALAR_INTEGER;
        fits = integer_of(&d, &value->integer);
    }
    if (fits)
        return after;
    *reason = GH_REFUSED_RANGE;
    *trouble = at;
    return NULL;
}
