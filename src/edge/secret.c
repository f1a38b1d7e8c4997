/* secret.c - see secret.h. */
#include "edge/secret.h"

#include "edge/text_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void gh_secret_wipe(struct gh_secret *secret)
{
    if (secret->at)
        explicit_bzero(secret->at, secret->size);
    free(secret->at);
    *secret = (struct gh_secret){NULL, 0};
}

static bool one_line(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

enum gh_status gh_secret_read(struct gh_secret *secret, const char *path, const char *option,
                              size_t least, struct gh_error *error)
{
    char *text = NULL;
    const enum gh_status status = gh_secret_file_read(&text, path, option, error);

    *secret = (struct gh_secret){NULL, 0};
    if (status != GH_OK)
        return status;
    size_t size = strlen(text);
    *secret = (struct gh_secret){(unsigned char *)text, size};
    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        text[--size] = '\0';
    if (size < least || size > GH_SECRET_BYTES_MAX || !one_line(text, size)) {
        gh_secret_wipe(secret);
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: a secret is one line of text of %zu to %d bytes", option,
                            path, least, GH_SECRET_BYTES_MAX);
    }
    secret->size = size;
    return GH_OK;
}
