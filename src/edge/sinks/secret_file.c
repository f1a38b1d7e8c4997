/* secret_file.c - see secret_file.h. */
#include "edge/sinks/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void gh_secret_wipe(struct gh_secret *secret)
{
    if (secret->at)
        explicit_bzero(secret->at, secret->size);
    free(secret->at);
    *secret = (struct gh_secret){NULL, 0};
}

/* What is wrong with the file, or NULL. */
static const char *secret_trouble(int file)
{
    struct stat state;

    if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode))
        return "not a file";
    if (state.st_mode & 077)
        return "others may read it: a secret is its owner's alone: chmod 600";
    if (state.st_uid != geteuid() && state.st_uid != 0)
        return "it is somebody else's: a secret is the service's own, or root's";
    return NULL;
}

static const char *secret_read(int file, struct gh_secret *secret)
{
    ssize_t got;

    secret->at = calloc(1, GH_SECRET_BYTES_MAX + 1);
    if (!secret->at)
        return "out of memory";
    while ((got = read(file, secret->at + secret->size,
                       GH_SECRET_BYTES_MAX + 1 - secret->size)) > 0)
        secret->size += (size_t)got;
    if (got < 0)
        return strerror(errno);
    if (secret->size > GH_SECRET_BYTES_MAX)
        return "too long: at most 4096 bytes";
    while (secret->size > 0 && strchr(" \t\r\n", secret->at[secret->size - 1]))
        secret->at[--secret->size] = '\0';
    for (size_t i = 0; i < secret->size; i++)
        if (secret->at[i] < 0x20 || secret->at[i] == 0x7f)
            return "control characters: a secret is one line of text";
    return secret->size == 0 ? "empty: a secret is one line of text" : NULL;
}

enum gh_status gh_secret_file(struct gh_secret *secret, const char *path, const char *option,
                              struct gh_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    *secret = (struct gh_secret){NULL, 0};
    if (file < 0)
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", option, path,
                            strerror(errno));
    const char *trouble = secret_trouble(file);
    if (!trouble)
        trouble = secret_read(file, secret);
    close(file);
    if (!trouble)
        return GH_OK;
    if (secret->at)
        secret->size = GH_SECRET_BYTES_MAX;
    gh_secret_wipe(secret);
    return gh_error_set(error, GH_ECONFIG, "%s: %s: %s", option, path, trouble);
}
