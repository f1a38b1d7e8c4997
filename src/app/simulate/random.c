/* random.c - see random.h. */
#include "app/simulate/random.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

static uint64_t random_splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct gh_random gh_random_of(uint64_t seed, uint64_t stream, uint64_t a, uint64_t b)
{
    const uint64_t part[] = {stream, a, b};
    uint64_t state = seed;
    struct gh_random r;
    for (size_t i = 0; i < 3; i++) {
        /* Mixed before the next part comes in, else (a, b) and (b, a) would be twins. */
        state = random_splitmix(&state) ^ part[i];
    }
    for (size_t i = 0; i < 4; i++)
        r.s[i] = random_splitmix(&state);
    return r;
}

static uint64_t random_rotate(uint64_t x, unsigned k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t gh_random_bits(struct gh_random *r)
{
    const uint64_t result = random_rotate(r->s[1] * 5, 7) * 9;
    const uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = random_rotate(r->s[3], 45);
    return result;
}

double gh_random_unit(struct gh_random *r)
{
    return ((double)(gh_random_bits(r) >> 12) + 0.5) * 0x1p-52;
}

bool gh_random_chance(struct gh_random *r, double probability)
{
    return gh_random_unit(r) < probability;
}

uint32_t gh_random_below(struct gh_random *r, uint32_t count)
{
    assert(count > 0);
    return (uint32_t)(((gh_random_bits(r) >> 32) * count) >> 32);
}

double gh_random_between(struct gh_random *r, double low, double high)
{
    return low + (high - low) * gh_random_unit(r);
}

/* P. J. Acklam's rational approximation of the normal quantile (relative error 1e-9): one
 * draw gives one normal, without tables and without rejection. */
static double random_quantile(double p)
{
    static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                               -2.759285104469687e+02, 1.383577518672690e+02,
                               -3.066479806614716e+01, 2.506628277459239e+00};
    static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                               -1.556989798598866e+02, 6.680131188771972e+01,
                               -1.328068155288572e+01};
    static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                               -2.400758277161838e+00, -2.549732539343734e+00,
                               4.374664141464968e+00,  2.938163982698783e+00};
    static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
                               2.445134137142996e+00, 3.754408661907416e+00};
    const double low = 0.02425;
    if (p >= low && p <= 1 - low) {
        const double q = p - 0.5, r = q * q;
        return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
               (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
    const double q = sqrt(-2 * log(p < low ? p : 1 - p));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    return p < low ? x : -x;
}

double gh_random_normal(struct gh_random *r)
{
    return random_quantile(gh_random_unit(r));
}

double gh_random_lognormal(struct gh_random *r, double mu, double sigma)
{
    return exp(mu + sigma * gh_random_normal(r));
}

double gh_random_pareto(struct gh_random *r, double min, double index)
{
    return min * pow(gh_random_unit(r), -1 / index);
}

/* Marsaglia and Tsang 2000. */
double gh_random_gamma(struct gh_random *r, double shape)
{
    assert(shape >= 1);
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = gh_random_normal(r), v1 = 1 + c * x;
        if (v1 <= 0)
            continue;
        const double v = v1 * v1 * v1;
        if (log(gh_random_unit(r)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

uint32_t gh_random_poisson(struct gh_random *r, double mean)
{
    if (mean <= 0)
        return 0;
    if (mean > 30) {
        const double x = floor(mean + sqrt(mean) * gh_random_normal(r) + 0.5);
        return x > 0 ? (uint32_t)x : 0;
    }
    const double stop = exp(-mean);
    uint32_t count = 0;
    for (double product = gh_random_unit(r); product > stop; product *= gh_random_unit(r))
        count++;
    return count;
}

uint64_t gh_random_near(struct gh_random *r, uint64_t hash, uint32_t bits_max)
{
    for (uint32_t flips = gh_random_below(r, bits_max + 1); flips > 0; flips--)
        hash ^= UINT64_C(1) << gh_random_below(r, 64);
    return hash;
}
