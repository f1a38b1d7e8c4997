/* secret.c - see secret.h. */
#include "edge/hooks/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void gh_secret_wipe(struct gh_secret *secret)
{
    explicit_bzero(secret, sizeof(*secret));
}

/* What is wrong with the file, or NULL. */
static const char *file_trouble(int file)
{
    struct stat state;

    if (fstat(file, &state) != 0)
        return strerror(errno);
    if (!S_ISREG(state.st_mode))
        return "not a file";
    if (state.st_uid != geteuid() && state.st_uid != 0)
        return "it belongs to somebody else: chown it to who runs the service";
    if (state.st_mode & 077)
        return "others may read it: a secret is its owner's alone: chmod 600";
    return NULL;
}

/* Reads as much as fits, so that what is too long shows. */
static const char *line_read(struct gh_secret *secret, int file)
{
    ssize_t got;

    while (secret->size < sizeof(secret->at) &&
           (got = read(file, secret->at + secret->size, sizeof(secret->at) - secret->size)) > 0)
        secret->size += (size_t)got;
    const unsigned char *end = memchr(secret->at, '\n', secret->size);
    if (end)
        secret->size = (size_t)(end - secret->at);
    if (secret->size > 0 && secret->at[secret->size - 1] == '\r')
        secret->size--;
    if (secret->size < GH_SECRET_BYTES_MIN || secret->size > GH_SECRET_BYTES_MAX ||
        memchr(secret->at, '\0', secret->size))
        return "a secret is one line of 16 to 512 bytes";
    secret->at[secret->size] = '\0';
    return NULL;
}

enum gh_status gh_secret_read(struct gh_secret *secret, const char *path, const char *option,
                              struct gh_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    *secret = (struct gh_secret){.size = 0};
    if (file < 0)
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", option, path,
                            strerror(errno));
    const char *trouble = file_trouble(file);
    if (!trouble)
        trouble = line_read(secret, file);
    close(file);
    if (!trouble)
        return GH_OK;
    gh_secret_wipe(secret);
    return gh_error_set(error, GH_ECONFIG, "%s: %s: %s", option, path, trouble);
}
