/* told.c - see told.h. */
#include "edge/fields/told.h"

#include <string.h>

const struct gh_field *gh_told_field(const struct gh_told *told, const char *name)
{
    const size_t size = strlen(name);

    for (uint32_t i = 0; i < told->count; i++) {
        const struct gh_text got = told->field[i].name;
        if (got.size == size && memcmp(got.at, name, size) == 0)
            return &told->field[i];
    }
    return NULL;
}
