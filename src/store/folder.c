/* folder.c - see folder.h. */
#include "store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 20 };

enum gh_status gh_errno_status(int code)
{
    if (code == ENOMEM)
        return GH_EMEMORY;
    return code == ENOSPC || code == EDQUOT || code == EFBIG ? GH_EFULL : GH_EIO;
}

static enum gh_status folder_failure(const char *folder, const char *what,
                                     struct gh_error *error)
{
    const int code = errno;

    return gh_error_set(error, gh_errno_status(code), "%s: %s: %s", folder, what,
                        strerror(code));
}

void gh_file_name(const struct gh_file_kind *kind, uint64_t position,
                  char name[GH_FILE_NAME_SIZE])
{
    snprintf(name, GH_FILE_NAME_SIZE, "%s%012" PRIu64 "%s", kind->prefix, position,
             kind->suffix);
}

char *gh_path_join(const char *folder, const char *name)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* Only a name that would be made so: no other digits, signs or leading zeros. */
static bool file_position(const struct gh_file_kind *kind, const char *name, uint64_t *position)
{
    const size_t prefix = strlen(kind->prefix);
    char again[GH_FILE_NAME_SIZE];

    if (strncmp(name, kind->prefix, prefix) != 0)
        return false;
    *position = strtoull(name + prefix, NULL, 10);
    gh_file_name(kind, *position, again);
    return *position <= INT64_MAX && !strcmp(again, name);
}

static int by_position(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

bool gh_positions_add(struct gh_positions *positions, uint64_t position)
{
    uint64_t *moved =
        realloc(positions->position, (positions->count + 1) * sizeof(*positions->position));

    if (!moved)
        return false;
    positions->position = moved;
    positions->position[positions->count++] = position;
    return true;
}

enum gh_status gh_folder_list(const char *folder, const struct gh_file_kind *kind,
                              struct gh_positions *positions, struct gh_error *error)
{
    const struct dirent *entry;
    enum gh_status status = GH_OK;
    uint64_t position;
    DIR *open = opendir(folder);

    *positions = (struct gh_positions){0};
    if (!open)
        return folder_failure(folder, "cannot be read", error);
    errno = 0;
    while (status == GH_OK && (entry = readdir(open)))
        if (file_position(kind, entry->d_name, &position) &&
            !gh_positions_add(positions, position))
            status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    if (status == GH_OK && errno)
        status = folder_failure(folder, "cannot be read", error);
    closedir(open);
    if (status != GH_OK) {
        free(positions->position);
        *positions = (struct gh_positions){0};
    } else if (positions->count) {
        qsort(positions->position, positions->count, sizeof(uint64_t), by_position);
    }
    return status;
}

void gh_folder_sweep(const char *folder, const struct gh_file_kind *kind)
{
    const size_t front = strlen(kind->prefix), back = strlen(kind->suffix);
    const struct dirent *entry;
    DIR *open = opendir(folder);

    while (open && (entry = readdir(open))) {
        const size_t size = strlen(entry->d_name);
        if (size >= front + back && !strncmp(entry->d_name, kind->prefix, front) &&
            !strcmp(entry->d_name + size - back, kind->suffix))
            unlinkat(dirfd(open), entry->d_name, 0);
    }
    if (open)
        closedir(open);
}

/* A folder that was made is durable once the one that holds it is synced. */
static enum gh_status parent_sync(const char *folder, struct gh_error *error)
{
    char *parent = gh_path_join(folder, "..");
    enum gh_status status = GH_EMEMORY;

    if (parent)
        status = gh_folder_sync(parent, error);
    else
        gh_error_set(error, status, "%s: out of memory", folder);
    free(parent);
    return status;
}

enum gh_status gh_folder_make(const char *folder, struct gh_error *error)
{
    struct stat state;

    if (mkdir(folder, 0700) == 0)
        return parent_sync(folder, error);
    if (errno != EEXIST)
        return folder_failure(folder, "cannot be made", error);
    if (stat(folder, &state) != 0)
        return folder_failure(folder, "cannot be read", error);
    if (!S_ISDIR(state.st_mode))
        return gh_error_set(error, GH_EIO, "%s: is not a folder", folder);
    return GH_OK;
}

enum gh_status gh_folder_sync(const char *folder, struct gh_error *error)
{
    const int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum gh_status status = GH_OK;

    if (file < 0)
        return folder_failure(folder, "cannot be read", error);
    if (fsync(file) != 0)
        status = folder_failure(folder, "cannot be synced", error);
    close(file);
    return status;
}

/* The child of a service that was killed, busy with a snapshot, ends with it, but not in the
 * same moment. */
static bool lock_take(int file)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

    for (int i = 0; flock(file, LOCK_EX | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK || i == LOCK_TRIES)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

enum gh_status gh_folder_lock(const char *folder, int *file, struct gh_error *error)
{
    char *path = gh_path_join(folder, "lock");
    enum gh_status status = GH_OK;

    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*file < 0) {
        status = folder_failure(path, "cannot be opened", error);
    } else if (!lock_take(*file)) {
        status = errno == EWOULDBLOCK
                     ? gh_error_set(error, GH_EIO,
                                    "%s: another process writes to this folder: stop that "
                                    "one, or choose another store.folder",
                                    folder)
                     : folder_failure(path, "cannot be locked", error);
        close(*file);
        *file = -1;
    }
    free(path);
    return status;
}
