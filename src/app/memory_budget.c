/* memory_budget.c - see memory_budget.h. */
#include "app/memory_budget.h"

#include "edge/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bytes_available(void)
{
    static const char name[] = "MemAvailable:";
    uint64_t kib = 0;
    char line[128];
    FILE *about = fopen("/proc/meminfo", "re");

    while (about && !kib && fgets(line, sizeof line, about))
        if (strncmp(line, name, sizeof name - 1) == 0)
            kib = strtoull(line + sizeof name - 1, NULL, 10);
    if (about)
        fclose(about);
    return kib ? kib * 1024 : UINT64_MAX;
}

void gh_memory_budget_init(struct gh_memory_budget *budget)
{
    budget->bytes = bytes_available() / 10 * 9;
    budget->used = 0;
    budget->system = gh_memory_system();
}

static void *budget_resize(void *context, void *p, size_t old_size, size_t new_size)
{
    struct gh_memory_budget *b = context;
    const bool more = new_size > old_size;
    const uint64_t change = more ? new_size - old_size : old_size - new_size;

    if (more && atomic_fetch_add(&b->used, change) + change > b->bytes) {
        atomic_fetch_sub(&b->used, change);
        return NULL;
    }
    void *moved = b->system.resize(b->system.context, p, old_size, new_size);
    if (!more || (moved == NULL && new_size > 0))
        atomic_fetch_sub(&b->used, change);
    return moved;
}

struct gh_memory gh_memory_budget_memory(struct gh_memory_budget *budget)
{
    return (struct gh_memory){.context = budget, .resize = budget_resize};
}
