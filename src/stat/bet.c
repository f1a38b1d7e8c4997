/* bet.c - e-variables of one day, in logs. */
#include "stat/bet.h"

#include "stat/law.h"

#include <assert.h>
#include <math.h>

double gh_bet_share(double x, double m, double level)
{
    const double q = m + level * (1 - m);

    assert(x >= 0 && x <= 1 && m > 0 && m < 1 && level > 0 && level < 1);
    return log(q / m * x + (1 - level) * (1 - x)); /* (1-q)/(1-m) = 1 - level */
}

double gh_bet_count(double x, double mu, double r, double theta)
{
    assert(x >= 0 && mu > 0 && r > 0 && theta > 0);
    return x * log(theta) - (r + x) * log1p((theta - 1) * mu / (r + mu));
}

double gh_bet_score(double p)
{
    assert(p > 0 && p <= 1);
    return fmax(-8, fmin(8, p < 1 ? gh_normal_above_inverse(p) : -8));
}

double gh_bet_on_score(double z, double delta)
{
    assert(delta > 0);
    return delta * z - delta * delta / 2;
}

double gh_bet_level(double p, double delta)
{
    return gh_bet_on_score(gh_bet_score(p), delta);
}

double gh_log_add(double a, double b)
{
    const double high = fmax(a, b), low = fmin(a, b);

    return isinf(high) ? high : high + log1p(exp(low - high));
}
