/* starve.h - memory that runs out where a test says. A program that is linked with STARVE of
 * the Makefile counts what our own code, jansson, SQLite, zstd and libyaml ask for, and refuses
 * one request, or all from one on. What libzmq, GLib and the C library take for themselves is
 * not touched: the first two end the program when there is none.
 *
 * A whole program is told by its environment:
 *   STARVE_AT=N         request N, from 1, is refused; 0: none
 *   STARVE_FOR_GOOD=1   and all after it
 *   STARVE_COUNT=FILE   at the end, the number of requests */
#ifndef GH_STARVE_H
#define GH_STARVE_H

#include <stdbool.h>

/* From now on; `at` 0 ends it. */
void gh_starve(long at, bool for_good);
/* Requests, and how many were refused, since gh_starve. */
long gh_starve_asked(void);
long gh_starve_refused(void);

#endif
