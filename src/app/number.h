/* number.h - numbers in options and flags: read strictly, printed short. */
#ifndef GOODHART_APP_NUMBER_H
#define GOODHART_APP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits alone; no sign, space, or leading zero. False: *value is untouched. */
bool gh_number_u64(const char *text, uint64_t *value);
/* JSON's grammar of numbers, and finite: no hex, "inf", "nan", spaces, '+', leading zeros.
 * False: *value is untouched. */
bool gh_number_double(const char *text, double *value);

/* The fewest digits that read back the same: "0.1", "8388608", "1e-09". */
enum { GH_NUMBER_SIZE = 32 };
void gh_number_print(double value, char text[GH_NUMBER_SIZE]);

#endif
