/* text_file.c - see text_file.h. */
#include "edge/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum gh_status file_judge(int file, bool secret, const char *const at[2],
                                 struct gh_error *error)
{
    struct stat state;
    if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode))
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: not a file", at[1], at[0]);
    if (secret && state.st_uid != geteuid() && state.st_uid != 0)
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: it belongs to somebody else: a secret is the service's "
                            "own, or root's",
                            at[1], at[0]);
    if (secret && (state.st_mode & 077))
        return gh_error_set(error, GH_ECONFIG,
                            "%s: %s: others may read it: a secret is its owner's alone: "
                            "chmod 600",
                            at[1], at[0]);
    return GH_OK;
}

/* Bytes read, one more than may be at most; -1: errno says why. */
static ssize_t file_bytes(int file, char *bytes)
{
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size <= GH_TEXT_FILE_BYTES) {
        got = read(file, bytes + size, GH_TEXT_FILE_BYTES + 1 - size);
        size += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (ssize_t)size;
}

static enum gh_status file_take(char **text, int file, const char *const at[2],
                                struct gh_error *error)
{
    char *bytes = malloc(GH_TEXT_FILE_BYTES + 2);
    enum gh_status status = GH_OK;
    const ssize_t size = bytes ? file_bytes(file, bytes) : 0;
    if (!bytes)
        return gh_error_set(error, GH_EMEMORY, "%s: %s: out of memory", at[1], at[0]);
    if (size < 0)
        status = gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", at[1], at[0],
                              strerror(errno));
    else if (size == 0 || size > GH_TEXT_FILE_BYTES || memchr(bytes, '\0', (size_t)size))
        status = gh_error_set(error, GH_ECONFIG, "%s: %s: 1 to %d bytes of text", at[1], at[0],
                              GH_TEXT_FILE_BYTES);
    if (status == GH_OK) {
        bytes[size] = '\0';
        *text = strdup(bytes);
    }
    explicit_bzero(bytes, GH_TEXT_FILE_BYTES + 2);
    free(bytes);
    if (status == GH_OK && !*text)
        return gh_error_set(error, GH_EMEMORY, "%s: %s: out of memory", at[1], at[0]);
    return status;
}

static enum gh_status text_read(char **text, bool secret, const char *const at[2],
                                struct gh_error *error)
{
    const int file = open(at[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *text = NULL;
    if (file < 0)
        return gh_error_set(error, GH_EIO, "%s: %s: cannot be read: %s", at[1], at[0],
                            strerror(errno));
    enum gh_status status = file_judge(file, secret, at, error);
    if (status == GH_OK)
        status = file_take(text, file, at, error);
    close(file);
    return status;
}

enum gh_status gh_text_file_read(char **text, const char *path, const char *option,
                                 struct gh_error *error)
{
    return text_read(text, false, (const char *const[]){path, option}, error);
}

enum gh_status gh_secret_file_read(char **text, const char *path, const char *option,
                                   struct gh_error *error)
{
    return text_read(text, true, (const char *const[]){path, option}, error);
}
