/* order.c - GSL's sorting and order statistics. */
#include "stat/order.h"

#include <gsl/gsl_heapsort.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include <assert.h>
#include <math.h>

void gh_sort(double *value, size_t count)
{
    gsl_sort(value, 1, count);
}

void gh_sort_any(void *at, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    gsl_heapsort(at, count, size, compare);
}

double gh_median_sorted(const double *value, size_t count)
{
    return count ? gsl_stats_median_from_sorted_data(value, 1, count) : NAN;
}

double gh_quantile_sorted(const double *value, size_t count, double q)
{
    assert(q >= 0 && q <= 1);
    return count ? gsl_stats_quantile_from_sorted_data(value, 1, count, q) : NAN;
}

double gh_median_without(const double *value, size_t count, size_t skip)
{
    size_t low, high;

    if (count < 2)
        return NAN;
    assert(skip < count);
    low = (count - 2) / 2;
    high = (count - 1) / 2;
    return (value[low + (low >= skip)] + value[high + (high >= skip)]) / 2;
}
