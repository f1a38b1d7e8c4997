/* import_kit.h - bytes as a file, and texts to compare, for tests of importers. */
#ifndef IMPORT_KIT_H
#define IMPORT_KIT_H

#include "goodhart/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that holds these bytes; the path holds until the next call. */
static inline const char *file_of(const char *bytes, size_t size)
{
    static char path[64];

    if (path[0] != '\0')
        unlink(path);
    snprintf(path, sizeof path, "/tmp/goodhart-import-XXXXXX");
    const int file = mkstemp(path);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size) {
        perror(path);
        exit(1);
    }
    close(file);
    return path;
}

static inline void file_remove(void)
{
    unlink(file_of("", 0));
}

static inline bool text_equals(struct gh_text text, const char *wanted)
{
    return text.at != NULL && text.size == strlen(wanted) &&
           memcmp(text.at, wanted, text.size) == 0;
}

#endif
