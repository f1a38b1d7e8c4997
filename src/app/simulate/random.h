/* random.h - the simulator's own randomness: xoshiro256** seeded through splitmix64.
 *
 * Every person and day has a generator of its own, so that what one of them draws depends
 * neither on the number of the others nor on the order in which they are made. */
#ifndef GOODHART_APP_SIMULATE_RANDOM_H
#define GOODHART_APP_SIMULATE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct gh_random {
    uint64_t s[4];
};

/* `stream` separates purposes (person, day, gaming), `a` and `b` what they are about. */
struct gh_random gh_random_of(uint64_t seed, uint64_t stream, uint64_t a, uint64_t b);
uint64_t gh_random_bits(struct gh_random *r);
double gh_random_unit(struct gh_random *r); /* open interval (0, 1) */
bool gh_random_chance(struct gh_random *r, double probability);
uint32_t gh_random_below(struct gh_random *r, uint32_t count); /* 0..count-1; count > 0 */
double gh_random_between(struct gh_random *r, double low, double high);
double gh_random_normal(struct gh_random *r);
double gh_random_lognormal(struct gh_random *r, double mu, double sigma);
double gh_random_pareto(struct gh_random *r, double min, double index);
double gh_random_gamma(struct gh_random *r, double shape); /* mean `shape`; shape >= 1 */
uint32_t gh_random_poisson(struct gh_random *r, double mean);
/* `hash` with up to `bits_max` bits flipped: a near-duplicate. */
uint64_t gh_random_near(struct gh_random *r, uint64_t hash, uint32_t bits_max);

#endif
