/* law.c - distribution functions of GSL, always finite. */
#include "stat/law.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

#include <assert.h>
#include <math.h>

/* Where GSL is trusted. From three hundred thousand on both sides its beta is NAN near the
 * mean, its gamma is wrong from a shape of nine hundred thousand (2.7.1: P(a + sd) = 0.908
 * at a = 1e8); and the negative binomial proper takes an unsigned count. */
static const double LAW_COUNT_MAX = 4e9, LAW_SHAPE_MAX = 1e5;
enum { LAW_HALVINGS = 64 };

void gh_law_init(void)
{
    gsl_set_error_handler_off();
}

/* Gamma with the given mean; large shapes by Wilson and Hilferty's cube root, which is
 * within 1e-6 there. */
static double gamma_below(double x, double mean, double shape)
{
    if (shape < LAW_SHAPE_MAX)
        return gsl_cdf_gamma_P(x, shape, mean / shape);
    return gsl_cdf_ugaussian_P((cbrt(x / mean) - 1 + 1 / (9 * shape)) * 3 * sqrt(shape));
}

double gh_nb_below(double x, double mu, double r)
{
    assert(x >= 0 && mu > 0 && r > 0 && isfinite(mu) && isfinite(r));
    if (x <= LAW_COUNT_MAX && fmin(x, r) < LAW_SHAPE_MAX)
        return gsl_cdf_beta_P(r / (r + mu), r, floor(x) + 1);
    /* The limit for large counts: gamma of the same mean and variance. */
    return gamma_below(x, mu, mu * (r / (r + mu)));
}

double gh_binomial_above(uint32_t k, uint32_t n, double p)
{
    assert(p > 0 && p < 1);
    return k == 0 ? 1.0 : k > n ? 0.0 : gsl_cdf_binomial_Q(k - 1, p, n);
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

/* Both sides are large: the normal limit. */
static double beta_quantile_normal(double q, double a, double b)
{
    const double mean = a / (a + b), sd = sqrt(mean * (b / (a + b)) / (a + b + 1));

    return mean + sd * gsl_cdf_ugaussian_Pinv(q);
}

double gh_beta_quantile(double q, double a, double b)
{
    double low = 0, high = 1;

    assert(q >= 0 && q <= 1 && a > 0 && b > 0 && isfinite(a) && isfinite(b));
    if (q <= 0 || q >= 1)
        return q;
    if (fmin(a, b) >= LAW_SHAPE_MAX)
        return beta_quantile_normal(q, a, b);
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
