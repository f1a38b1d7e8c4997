/* bench_machine.c - what this machine can do at all, to hold the other figures against:
 * copying, hashing, and waiting for memory. */
#include "base/hash.h"
#include "bench/bench.h"

#include <stdint.h>
#include <string.h>

/* As many events as bench_decode has: they stay in the cache. */
enum { EVENT_BYTES = 300, EVENTS = 4096, CHASE = 1 << 25, STEPS = 1 << 20, ROUNDS = 99 };

struct machine {
    char *from, *to;
    uint32_t *next; /* a single cycle through all of it, in random order */
    uint32_t *copy; /* of it */
    uint64_t sum;   /* so that no work can be left out */
};

static void copy_events(void *context)
{
    struct machine *m = context;

    for (size_t i = 0; i < EVENTS; i++)
        memcpy(m->to + i * EVENT_BYTES, m->from + i * EVENT_BYTES, EVENT_BYTES);
    m->sum += (unsigned char)m->to[m->sum % EVENT_BYTES];
}

static void copy_memory(void *context)
{
    struct machine *m = context;

    memcpy(m->copy, m->next, CHASE * sizeof(uint32_t));
    m->sum += m->copy[m->sum % CHASE];
}

static void hash_events(void *context)
{
    struct machine *m = context;

    for (size_t i = 0; i < EVENTS; i++)
        m->sum += gh_hash(m->from + i * EVENT_BYTES, EVENT_BYTES);
}

static void chase(void *context)
{
    struct machine *m = context;
    uint32_t at = (uint32_t)(m->sum % CHASE);

    for (int i = 0; i < STEPS; i++)
        at = m->next[at];
    m->sum += at;
}

/* Sattolo's shuffle: one cycle, so that the chase never gets caught in a short one. */
static void cycle_make(uint32_t *next)
{
    for (uint32_t i = 0; i < CHASE; i++)
        next[i] = i;
    for (uint32_t i = CHASE - 1; i > 0; i--) {
        const uint32_t j = (uint32_t)(gh_hash(&i, sizeof i) % i), kept = next[i];
        next[i] = next[j];
        next[j] = kept;
    }
}

int main(void)
{
    struct machine m = {.from = bench_memory(EVENTS, EVENT_BYTES),
                        .to = bench_memory(EVENTS, EVENT_BYTES),
                        .next = bench_memory(CHASE, sizeof(uint32_t)),
                        .copy = bench_memory(CHASE, sizeof(uint32_t))};

    memset(m.from, 'x', (size_t)EVENTS * EVENT_BYTES);
    cycle_make(m.next);
    bench_result("machine memcpy of 300 bytes", "ns_per_event",
                 bench_best_ns(ROUNDS, copy_events, &m) / EVENTS);
    bench_result("machine memcpy of 300 bytes, 128 MiB in all", "ns_per_event",
                 bench_best_ns(9, copy_memory, &m) / (CHASE * sizeof(uint32_t)) * EVENT_BYTES);
    bench_result("machine XXH3 of 300 bytes", "ns_per_event",
                 bench_best_ns(ROUNDS, hash_events, &m) / EVENTS);
    bench_result("machine random load from 128 MiB", "ns_per_load",
                 bench_best_ns(3, chase, &m) / STEPS);
    fprintf(stderr, "%c", m.sum == 1 ? '.' : ' ');
    free(m.from);
    free(m.to);
    free(m.next);
    free(m.copy);
    return 0;
}
