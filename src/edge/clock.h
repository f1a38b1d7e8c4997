/* clock.h - the shell's clocks. The engine has none: its time is that of the events. */
#ifndef GOODHART_EDGE_CLOCK_H
#define GOODHART_EDGE_CLOCK_H

#include <stdint.h>

int64_t gh_clock_ms(void);      /* never goes back; for waiting and measuring */
uint64_t gh_clock_ns(void);     /* the same in nanoseconds */
int64_t gh_clock_wall_ms(void); /* since 1970; for telling people and subscribers */
void gh_clock_sleep_ms(int64_t ms);

#endif
