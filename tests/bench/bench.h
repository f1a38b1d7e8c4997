/* bench.h - what the benches share: a clock, the best of several rounds, a line of result.
 * The clock is the thread's own time on a processor: what others do to the machine shows
 * less. The best is told, for noise only ever adds. */
#ifndef GH_BENCH_H
#define GH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Nanoseconds of the fastest of `rounds` calls. */
static inline double bench_best_ns(int rounds, void (*work)(void *context), void *context)
{
    double best = 0;

    for (int i = 0; i < rounds; i++) {
        const double start = bench_now_ns();
        work(context);
        const double ns = bench_now_ns() - start;
        best = i == 0 || ns < best ? ns : best;
    }
    return best;
}

static inline void bench_result(const char *name, const char *unit, double value)
{
    printf("{\"name\": \"%s\", \"%s\": %.4g}\n", name, unit, value);
}

/* The same of an event, with the bytes of it that were worked on. */
static inline void bench_event(const char *name, double ns, double bytes)
{
    printf("{\"name\": \"%s\", \"ns_per_event\": %.4g, \"bytes_per_event\": %.4g}\n", name, ns,
           bytes);
}

static inline void *bench_memory(size_t count, size_t size)
{
    void *at = calloc(count, size);

    if (at == NULL) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    return at;
}

#endif
