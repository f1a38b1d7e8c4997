/* gh_test_memory.h - memory for tests: the C library's, with a switch to run out of it. */
#ifndef GH_TEST_MEMORY_H
#define GH_TEST_MEMORY_H

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct gh_test_memory {
    long left; /* allocations until none is granted; < 0: without end */
    bool once; /* only that one is refused, those after it are granted */
};

static inline void *gh_test_resize(void *context, void *p, size_t old_size, size_t new_size)
{
    struct gh_test_memory *m = context;
    unsigned char *moved;

    if (new_size == 0) {
        free(p);
        return NULL;
    }
    if (m->left == 0) {
        m->left -= m->once;
        return NULL;
    }
    if (m->left > 0)
        m->left--;
    moved = realloc(p, new_size);
    if (moved && new_size > old_size)
        memset(moved + old_size, 0, new_size - old_size);
    return moved;
}

static inline struct gh_heap gh_test_heap(struct gh_test_memory *m)
{
    *m = (struct gh_test_memory){.left = -1};
    return (struct gh_heap){.memory = {m, gh_test_resize}};
}

#endif
