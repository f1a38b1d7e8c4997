/* memory_system.c - gh_memory on the C library's heap. */
#include "edge/resources.h"

#include <stdlib.h>
#include <string.h>

static void *system_resize(void *context, void *p, size_t old_size, size_t new_size)
{
    (void)context;
    if (new_size == 0) {
        free(p);
        return NULL;
    }
    if (old_size == 0)
        return calloc(1, new_size); /* large blocks come from the system zeroed already */
    unsigned char *moved = realloc(p, new_size);
    if (moved != NULL && new_size > old_size)
        memset(moved + old_size, 0, new_size - old_size);
    return moved;
}

struct gh_memory gh_memory_system(void)
{
    return (struct gh_memory){.resize = system_resize};
}
