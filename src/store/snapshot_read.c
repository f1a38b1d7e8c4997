/* snapshot_read.c - the reader of snapshots; see snapshot.h. */
#include "store/snapshot_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { READ_BYTES = 65536 };

struct gh_snapshot_reader {
    struct gh_snapshot_head head;
    int file;
    uint64_t left; /* bytes of the zstd frame that are not read yet */
    ZSTD_DCtx *context;
    unsigned char packed[READ_BYTES];
    ZSTD_inBuffer in;
    bool ended;
};

/* All of it; false: an error (errno), or the file is shorter (errno 0). */
static bool bytes_read(int file, void *bytes, size_t size)
{
    unsigned char *at = bytes;

    while (size > 0) {
        const ssize_t got = read(file, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = 0;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static const char *read_problem(void)
{
    return errno ? strerror(errno) : "is cut off";
}

/* The middle, into the checksum; it is the trailer that says whether it is right. */
static const char *middle_sum(int file, uint64_t size, struct gh_checksum *sum)
{
    unsigned char bytes[READ_BYTES];

    while (size > 0) {
        const size_t part = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
        if (!bytes_read(file, bytes, part))
            return read_problem();
        gh_checksum_bytes(sum, bytes, part);
        size -= part;
    }
    return NULL;
}

/* NULL, or what is wrong with the file from its begin to its end. */
static const char *file_check(int file, uint64_t position, struct gh_snapshot_head *head)
{
    unsigned char front[GH_SNAPSHOT_HEAD_BYTES], trailer[GH_SNAPSHOT_TRAILER_BYTES];
    unsigned char checksum[GH_CHECKSUM_BYTES];
    struct gh_checksum sum;
    struct stat state;
    const char *problem;

    if (fstat(file, &state) != 0)
        return strerror(errno);
    if (state.st_size < (off_t)(sizeof(front) + sizeof(trailer)))
        return "is cut off";
    if (!bytes_read(file, front, sizeof(front)))
        return read_problem();
    problem = gh_snapshot_head_get(front, head);
    if (problem)
        return problem;
    gh_checksum_begin(&sum);
    gh_checksum_bytes(&sum, front, sizeof(front));
    problem = middle_sum(file, (uint64_t)state.st_size - sizeof(front) - sizeof(trailer), &sum);
    if (problem)
        return problem;
    if (!bytes_read(file, trailer, sizeof(trailer)))
        return read_problem();
    gh_checksum_bytes(&sum, trailer, 8);
    gh_checksum_end(&sum, checksum);
    if (gh_number_get(trailer) != (uint64_t)state.st_size)
        return "is cut off, or its size is not what was written";
    if (memcmp(trailer + 8, checksum, sizeof(checksum)) != 0)
        return "the checksum does not fit";
    return head->position == position ? NULL : "holds another position than its name";
}

enum gh_status gh_snapshot_check(const char *folder, uint64_t position,
                                 struct gh_snapshot_head *head, int *file, const char **problem)
{
    char name[GH_FILE_NAME_SIZE], *path;
    int opened;

    gh_file_name(&gh_snapshot_files, position, name);
    path = gh_path_join(folder, name);
    if (!path)
        return GH_EMEMORY;
    opened = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    *problem = opened < 0 ? strerror(errno) : file_check(opened, position, head);
    if (!*problem && file && lseek(opened, GH_SNAPSHOT_HEAD_BYTES, SEEK_SET) < 0)
        *problem = strerror(errno);
    if (!*problem && file)
        *file = opened;
    else if (opened >= 0)
        close(opened);
    return GH_OK;
}

/* Takes the file. */
static enum gh_status reader_make(struct gh_snapshot_reader **reader,
                                  const struct gh_snapshot_head *head, int file,
                                  struct gh_error *error)
{
    struct gh_snapshot_reader *made = calloc(1, sizeof(*made));
    struct stat state;

    if (!made || !(made->context = ZSTD_createDCtx()) || fstat(file, &state) != 0) {
        close(file);
        free(made);
        return gh_error_set(error, GH_EMEMORY, "snapshot: out of memory");
    }
    made->head = *head;
    made->file = file;
    made->left = (uint64_t)state.st_size - GH_SNAPSHOT_HEAD_BYTES - GH_SNAPSHOT_TRAILER_BYTES;
    made->in.src = made->packed;
    *reader = made;
    return GH_OK;
}

enum gh_status gh_snapshot_open(struct gh_snapshot_reader **reader,
                                const struct gh_snapshot_wish *wish, struct gh_error *error)
{
    struct gh_positions snapshots;
    enum gh_status status = gh_folder_list(wish->folder, &gh_snapshot_files, &snapshots, error);

    *reader = NULL;
    for (size_t i = snapshots.count; status == GH_OK && !*reader && i-- > 0;) {
        const uint64_t position = snapshots.position[i];
        struct gh_snapshot_head head;
        const char *problem;
        char name[GH_FILE_NAME_SIZE];
        int file = -1;

        if (position > wish->position)
            continue;
        status = gh_snapshot_check(wish->folder, position, &head, &file, &problem);
        gh_file_name(&gh_snapshot_files, position, name);
        if (status != GH_OK)
            gh_error_set(error, status, "%s: out of memory", name);
        else if (!problem)
            status = reader_make(reader, &head, file, error);
        else if (wish->bad)
            wish->bad(wish->context, name, problem);
    }
    free(snapshots.position);
    return status;
}

const struct gh_snapshot_head *gh_snapshot_head(const struct gh_snapshot_reader *reader)
{
    return &reader->head;
}

static enum gh_status packed_fill(struct gh_snapshot_reader *reader, struct gh_error *error)
{
    const size_t part =
        reader->left < sizeof(reader->packed) ? (size_t)reader->left : sizeof(reader->packed);

    if (!bytes_read(reader->file, reader->packed, part))
        return gh_error_set(error, GH_EIO, "snapshot: %s", read_problem());
    reader->in.size = part;
    reader->in.pos = 0;
    reader->left -= part;
    return GH_OK;
}

enum gh_status gh_snapshot_read(struct gh_snapshot_reader *reader, void *at, size_t size,
                                size_t *got, struct gh_error *error)
{
    ZSTD_outBuffer out = {at, size, 0};
    enum gh_status status = GH_OK;

    while (status == GH_OK && out.pos < out.size && !reader->ended) {
        size_t left;
        if (reader->in.pos == reader->in.size && reader->left)
            status = packed_fill(reader, error);
        if (status != GH_OK)
            break;
        const size_t before = reader->in.pos + out.pos;
        left = ZSTD_decompressStream(reader->context, &out, &reader->in);
        if (ZSTD_isError(left))
            status = gh_error_set(error,
                                  ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation
                                      ? GH_EMEMORY
                                      : GH_EFORMAT,
                                  "snapshot: zstd: %s", ZSTD_getErrorName(left));
        else if (left == 0)
            reader->ended = true;
        else if (reader->in.pos + out.pos == before)
            status = gh_error_set(error, GH_EFORMAT, "snapshot: the state is cut off");
    }
    *got = out.pos;
    return status;
}

void gh_snapshot_close(struct gh_snapshot_reader *reader)
{
    if (!reader)
        return;
    close(reader->file);
    ZSTD_freeDCtx(reader->context);
    free(reader);
}
