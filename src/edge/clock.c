/* clock.c - see clock.h. */
#include "edge/clock.h"

#include <time.h>

static int64_t clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t gh_clock_ms(void)
{
    return clock_read(CLOCK_MONOTONIC) / 1000000;
}

uint64_t gh_clock_ns(void)
{
    return (uint64_t)clock_read(CLOCK_MONOTONIC);
}

int64_t gh_clock_wall_ms(void)
{
    return clock_read(CLOCK_REALTIME) / 1000000;
}

void gh_clock_sleep_ms(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (ms > 0)
        nanosleep(&pause, NULL);
}
