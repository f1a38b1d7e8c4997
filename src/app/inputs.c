/* inputs.c - see inputs.h. */
#include "app/inputs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* By name alone: it decides only whether the progress line can tell a share. */
static bool is_packed(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && (!strcmp(dot, ".gz") || !strcmp(dot, ".xz"));
}

enum gh_status gh_inputs_check(const char *const *path, size_t count, uint64_t *total,
                               struct gh_error *error)
{
    bool known = true;

    *total = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat about = {0};

        if (strcmp(path[i], "-") != 0 && (access(path[i], R_OK) || stat(path[i], &about)))
            return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", path[i],
                                strerror(errno));
        known &= S_ISREG(about.st_mode) && !is_packed(path[i]);
        *total += (uint64_t)about.st_size;
    }
    *total = known ? *total : 0;
    return GH_OK;
}
