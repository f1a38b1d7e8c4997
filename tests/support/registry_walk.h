/* registry_walk.h - the same check for every registered detector, naming the one that broke
 * a promise. */
#ifndef GH_REGISTRY_WALK_H
#define GH_REGISTRY_WALK_H

#include "support/detector_kit.h"

static const struct gh_detector *current;

static inline void broken(const char *what)
{
    gh_test_failures++;
    printf("# %s: %s\n", current->name, what);
}

#define HOLDS(condition, what) ((condition) ? (void)0 : broken(what))

static inline void for_each(void (*check)(void))
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        current = gh_detectors[d];
        check();
    }
}

#endif
