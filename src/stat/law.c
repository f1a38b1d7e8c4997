/* law.c - distribution functions of GSL, always finite. */
#include "stat/law.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

#include <assert.h>
#include <math.h>

static const double LAW_COUNT_MAX = 4e9;
enum { LAW_HALVINGS = 64 };

void gh_law_init(void)
{
    gsl_set_error_handler_off();
}

double gh_nb_below(double x, double mu, double r)
{
    double p;

    assert(x >= 0 && mu > 0 && r > 0 && isfinite(mu) && isfinite(r));
    /* GSL's negative binomial takes an unsigned count; this is its formula. */
    if (x <= LAW_COUNT_MAX) {
        p = gsl_cdf_beta_P(r / (r + mu), r, floor(x) + 1);
        if (isfinite(p))
            return p;
    }
    /* Gamma of the same mean and variance: the limit for large counts. */
    p = gsl_cdf_gamma_P(x, mu * (r / (r + mu)), 1 + mu / r);
    if (isfinite(p))
        return p;
    return gsl_cdf_ugaussian_P((x - mu) / sqrt(mu + mu * (mu / r)));
}

double gh_normal_above(double z)
{
    assert(!isnan(z));
    return gsl_cdf_ugaussian_Q(z);
}

double gh_normal_above_inverse(double p)
{
    assert(p > 0 && p < 1);
    return gsl_cdf_ugaussian_Qinv(p);
}

double gh_beta_quantile(double q, double a, double b)
{
    double low = 0, high = 1;

    assert(q >= 0 && q <= 1 && a > 0 && b > 0);
    /* gsl_cdf_beta_Pinv is NAN for one in six pairs of a and b between 0.01 and 1e5; the
     * function that it inverts is sound. */
    for (int i = 0; i < LAW_HALVINGS; i++) {
        const double middle = (low + high) / 2;

        if (gsl_cdf_beta_P(middle, a, b) < q)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
