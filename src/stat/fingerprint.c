/* fingerprint.c - values of numeric functions over the ranges that the engine uses. */
#include "stat/fingerprint.h"

#include "base/hash.h"
#include "stat/law.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stddef.h>

enum { VALUES = 12, STEPS = 400 };

uint64_t gh_numeric_fingerprint(void)
{
    uint64_t print = 0;

    for (int i = 1; i <= STEPS; i++) {
        const double part = i / (STEPS + 1.0), x = 20.0 * part, wide = exp(3.0 * x - 30.0);
        const double value[VALUES] = {
            wide,
            log(wide),
            log1p(wide),
            expm1(x - 10.0),
            pow(part, x),
            cbrt(wide),
            gsl_sf_lngamma(x),
            gh_normal_above(x - 10.0),
            gh_normal_above_inverse(part),
            gh_beta_quantile(part, 0.5 + x, 20.5 - x),
            gh_nb_below(x, 7.3, 0.5 + part),
            gh_binomial_above((uint32_t)x, 40, part),
        };
        print = gh_hash_seeded(value, sizeof value, print);
    }
    return print;
}
