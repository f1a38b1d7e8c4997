/* select.h - which people reach a reviewer: BH ranks, e-BH with frozen values.
 *
 * Wang & Ramdas 2022 (e-BH); freeze-on-flag keeps the set growing inside an epoch, which
 * bounds E[sup_t FDP_t] by alpha m0/m (statistics, theorem 1). */
#ifndef GOODHART_STAT_SELECT_H
#define GOODHART_STAT_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_candidate {
    double log_e; /* frozen value when `frozen`, else the current one; -INFINITY = 0 */
    double p;     /* of the empirical lock */
    uint32_t person;
    bool frozen;   /* flagged earlier in this epoch */
    bool selected; /* out: in the set now */
};

/* Of whom they are chosen, and how strictly. */
struct gh_family {
    double alpha, people;
};

/* Empirical lock: multiplies e by 0 where p > alpha i* / m, i* = BH index of the p-values
 * of all `m` people, those who are no candidate counting as p = 1. Frozen ones are left
 * alone. */
void gh_select_lock(struct gh_candidate *c, size_t count, double alpha, double m);

/* e-BH: k* = max{k : #{e >= m/(alpha k)} >= k}; selected = e >= m/(alpha k*). Returns
 * k* (0: nobody) and, if `log_threshold` is not NULL, log(m/(alpha k*)) (+INFINITY for 0). */
size_t gh_select_ebh(struct gh_candidate *c, size_t count, double alpha, double m,
                     double *log_threshold);

/* What one of them needs, all others being as they are: whoever is `person` is selected
 * exactly if their log e is at least this, and passes the lock exactly if their p is at most
 * that. `person` need not be among them. */
double gh_select_needed(const struct gh_candidate *c, size_t count, uint32_t person,
                        const struct gh_family *family);
double gh_select_lock_needed(const struct gh_candidate *c, size_t count, uint32_t person,
                             const struct gh_family *family);

#endif
