/* order.h - sorting and order statistics, in place (GSL's heapsort: no allocation). */
#ifndef GOODHART_STAT_ORDER_H
#define GOODHART_STAT_ORDER_H

#include <stddef.h>
#include <stdint.h>

void gh_sort(double *value, size_t count);
void gh_sort_any(void *at, size_t count, size_t size,
                 int (*compare)(const void *, const void *));
/* Of ascending values; count 0: NAN. Linear interpolation, as gsl_stats_*_from_sorted. */
double gh_median_sorted(const double *value, size_t count);
double gh_quantile_sorted(const double *value, size_t count, double q);
/* Median of all but value[skip], of ascending values; count < 2: NAN. */
double gh_median_without(const double *value, size_t count, size_t skip);

#endif
