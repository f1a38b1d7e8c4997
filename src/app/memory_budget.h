/* memory_budget.h - memory of the system up to an amount: past it there is none, so that work
 * ends with an answer before the system ends it without. */
#ifndef GOODHART_APP_MEMORY_BUDGET_H
#define GOODHART_APP_MEMORY_BUDGET_H

#include "goodhart/engine.h"

#include <stdatomic.h>

struct gh_memory_budget {
    uint64_t bytes; /* in all */
    _Atomic uint64_t used;
    struct gh_memory system;
};

/* Nine tenths of what the machine says is available now; where it does not say, no bound. */
void gh_memory_budget_init(struct gh_memory_budget *budget);
/* Thread-safe. Lent while the budget lives. */
struct gh_memory gh_memory_budget_memory(struct gh_memory_budget *budget);

#endif
