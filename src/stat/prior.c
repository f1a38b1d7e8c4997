/* prior.c - one-dimensional searches only: each ends after a fixed number of halvings, so
 * the same numbers give the same answer everywhere. */
#include "stat/prior.h"

#include "stat/law.h"

#include <assert.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

enum { HALVINGS = 80, GOLDEN_STEPS = 60, HILL_FEWEST = 100 };
static const double shape_least = 1e-4, shape_most = 1e6;

/* Paule & Mandel: sum of squares weighted by 1/(variance + between), less its expectation. */
static double excess_spread(const double *mean, const double *variance, size_t count,
                            struct gh_random_effects *fit)
{
    double weight = 0.0, sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < count; i++) {
        weight += 1.0 / (variance[i] + fit->between);
        sum += mean[i] / (variance[i] + fit->between);
    }
    fit->mean = sum / weight;
    fit->se = sqrt(1.0 / weight);
    for (size_t i = 0; i < count; i++)
        squares += (mean[i] - fit->mean) * (mean[i] - fit->mean) / (variance[i] + fit->between);
    return squares - (double)(count - 1);
}

bool gh_random_effects_fit(const double *mean, const double *variance, size_t count,
                           struct gh_random_effects *fit)
{
    double low = 0.0, high = 1e-6;

    if (count < 2)
        return false;
    *fit = (struct gh_random_effects){0};
    if (excess_spread(mean, variance, count, fit) <= 0.0)
        return true;
    /* The excess falls as `between` grows. */
    for (fit->between = high; excess_spread(mean, variance, count, fit) > 0.0 && high < 1e30;)
        fit->between = high *= 2.0;
    for (int i = 0; i < HALVINGS; i++) {
        fit->between = (low + high) / 2.0;
        if (excess_spread(mean, variance, count, fit) > 0.0)
            low = fit->between;
        else
            high = fit->between;
    }
    return true;
}

double gh_gamma_poisson_log(const double *x, const double *e, size_t count,
                            const struct gh_gamma_prior *prior)
{
    const double a = prior->shape, b = prior->inverse_scale;
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += gsl_sf_lngamma(a + x[i]) - gsl_sf_lngamma(a) - a * log1p(e[i] / b) -
               x[i] * log(b + e[i]);
    return sum;
}

/* d/dlog(mean) of the log likelihood at a fixed shape: falls as the mean grows. */
static double mean_score(const double *x, const double *e, size_t count, double shape,
                         double mean)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (x[i] - mean * e[i]) / (1.0 + mean * e[i] / shape);
    return sum;
}

static struct gh_gamma_prior best_of_shape(const double *x, const double *e, size_t count,
                                           double shape)
{
    double low = -60.0, high = 60.0; /* log of the mean */

    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2.0;

        if (mean_score(x, e, count, shape, exp(middle)) > 0.0)
            low = middle;
        else
            high = middle;
    }
    return (struct gh_gamma_prior){shape, shape / exp((low + high) / 2.0)};
}

static double profile(const double *x, const double *e, size_t count, double log_shape)
{
    const struct gh_gamma_prior best = best_of_shape(x, e, count, exp(log_shape));

    return gh_gamma_poisson_log(x, e, count, &best);
}

bool gh_gamma_poisson_fit(const double *x, const double *e, size_t count,
                          struct gh_gamma_prior *fit)
{
    const double golden = (sqrt(5.0) - 1.0) / 2.0;
    double low = log(shape_least), high = log(shape_most), sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += x[i];
    if (count < 2 || !(sum > 0.0))
        return false;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = profile(x, e, count, left), at_right = profile(x, e, count, right);
    for (int i = 0; i < GOLDEN_STEPS; i++) {
        if (at_left < at_right) {
            low = left;
            left = right;
            at_left = at_right;
            right = low + golden * (high - low);
            at_right = profile(x, e, count, right);
        } else {
            high = right;
            right = left;
            at_right = at_left;
            left = high - golden * (high - low);
            at_left = profile(x, e, count, left);
        }
    }
    *fit = best_of_shape(x, e, count, exp((low + high) / 2.0));
    return true;
}

double gh_hill(const double *log_score, size_t count, double start)
{
    const size_t below = (size_t)ceil(start * (double)count);
    double sum = 0.0;

    assert(start > 0.0 && start < 1.0);
    if (count < HILL_FEWEST)
        return NAN;
    for (size_t i = below; i < count; i++)
        sum += log_score[i] - log_score[below - 1];
    return sum > 0.0 ? (double)(count - below) / sum : INFINITY;
}

void gh_share_above(size_t above, size_t count, double level, double *low, double *high)
{
    const double a = (double)above + 1.0, b = (double)(count - above);

    assert(above < count && level > 0.0 && level < 1.0);
    *low = gh_beta_quantile((1.0 - level) / 2.0, a, b);
    *high = gh_beta_quantile((1.0 + level) / 2.0, a, b);
}

double gh_temper(const double *eta, const double *index, size_t count, double target)
{
    double best = eta[0];

    assert(count > 0);
    for (size_t i = 0; i < count; i++)
        if (index[i] >= target)
            best = eta[i];
    return best;
}
