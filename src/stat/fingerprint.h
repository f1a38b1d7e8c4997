/* fingerprint.h - whether two machines calculate alike.
 *
 * Libraries choose other code for other processors, and exp, log or a distribution function
 * may then differ in the last bit. State and findings of one machine are byte for byte those
 * of another only where this number is the same. */
#ifndef GOODHART_STAT_FINGERPRINT_H
#define GOODHART_STAT_FINGERPRINT_H

#include <stdint.h>

/* A hash of some thousand values of every function of the C library and of GSL that the
 * engine calls. Takes some milliseconds. */
uint64_t gh_numeric_fingerprint(void);

#endif
