/* memory_system.c - gh_memory on the C library's heap. */
#include "edge/resources.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, LARGE = 1 << 20 };

/* Large blocks on large pages, where the system has them: people and sessions stand all over
 * them, and each page must be found, too. Advice; a refusal changes nothing. */
static void *pages_large(unsigned char *at, size_t size)
{
    const uintptr_t from = ((uintptr_t)at + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    const uintptr_t until = ((uintptr_t)at + size) & ~(uintptr_t)(PAGE - 1);

    if (at != NULL && size >= LARGE)
        madvise((void *)from, until - from, MADV_HUGEPAGE);
    return at;
}

static void *system_resize(void *context, void *p, size_t old_size, size_t new_size)
{
    (void)context;
    if (new_size == 0) {
        free(p);
        return NULL;
    }
    if (old_size == 0)
        return pages_large(calloc(1, new_size),
                           new_size); /* large blocks come from the system zeroed already */
    unsigned char *moved = pages_large(realloc(p, new_size), new_size);
    if (moved != NULL && new_size > old_size)
        memset(moved + old_size, 0, new_size - old_size);
    return moved;
}

struct gh_memory gh_memory_system(void)
{
    return (struct gh_memory){.resize = system_resize};
}
