/* snapshot.c - the writer of snapshots, and their heads; see snapshot.h. */
#include "store/snapshot_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

const struct gh_file_kind gh_snapshot_files = {"snapshot-", ".zst"};
static const struct gh_file_kind unfinished_files = {"snapshot-", ".zst.part"};
/* A copy as text would lose its line end. */
static const char magic[8] = {'g', 'h', 's', 'n', 'a', 'p', '\r', '\n'};
static const struct gh_snapshot_system system_calls = {write, fsync};

struct gh_snapshot_writer {
    struct gh_snapshot_system call;
    char *folder, *path, *unfinished;
    int file; /* -1: none */
    ZSTD_CCtx *packer;
    unsigned char *packed; /* what zstd hands out */
    size_t packed_size;
    uint64_t written;
    struct gh_checksum sum;
};

void gh_snapshot_head_put(const struct gh_snapshot_head *head,
                          unsigned char bytes[GH_SNAPSHOT_HEAD_BYTES])
{
    memcpy(bytes, magic, sizeof(magic));
    gh_number_put(bytes + 8, GH_SNAPSHOT_FORMAT | (uint64_t)GH_SNAPSHOT_HEAD_BYTES << 32);
    gh_number_put(bytes + 16, head->position);
    gh_number_put(bytes + 24, head->alert_sequence);
    gh_number_put(bytes + 32, (uint64_t)head->newest_ms);
    gh_number_put(bytes + 40, head->fingerprint);
    memcpy(bytes + 48, head->configuration, sizeof(head->configuration));
    memcpy(bytes + 64, head->engine, sizeof(head->engine));
}

const char *gh_snapshot_head_get(const unsigned char bytes[GH_SNAPSHOT_HEAD_BYTES],
                                 struct gh_snapshot_head *head)
{
    if (memcmp(bytes, magic, sizeof(magic)) != 0)
        return "is not a snapshot";
    if (gh_number_get(bytes + 8) !=
        (GH_SNAPSHOT_FORMAT | (uint64_t)GH_SNAPSHOT_HEAD_BYTES << 32))
        return "has another format than this program reads";
    head->position = gh_number_get(bytes + 16);
    head->alert_sequence = gh_number_get(bytes + 24);
    head->newest_ms = (int64_t)gh_number_get(bytes + 32);
    head->fingerprint = gh_number_get(bytes + 40);
    memcpy(head->configuration, bytes + 48, sizeof(head->configuration));
    memcpy(head->engine, bytes + 64, sizeof(head->engine));
    return head->engine[sizeof(head->engine) - 1] ? "the engine's version is not one" : NULL;
}

static enum gh_status snapshot_failure(const struct gh_snapshot_writer *writer,
                                       const char *what, struct gh_error *error)
{
    const int code = errno;

    return gh_error_set(error, gh_errno_status(code), "%s: %s: %s", writer->path, what,
                        strerror(code));
}

/* All of it; a call that writes less is followed by another one. */
static enum gh_status bytes_write(struct gh_snapshot_writer *writer, const void *bytes,
                                  size_t size, struct gh_error *error)
{
    const unsigned char *at = bytes;

    gh_checksum_bytes(&writer->sum, bytes, size);
    writer->written += size;
    while (size > 0) {
        const ssize_t wrote = writer->call.write(writer->file, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote == 0)
            errno = ENOSPC;
        if (wrote <= 0)
            return snapshot_failure(writer, "cannot be written", error);
        at += wrote;
        size -= (size_t)wrote;
    }
    return GH_OK;
}

static enum gh_status pack(struct gh_snapshot_writer *writer, ZSTD_inBuffer *in,
                           ZSTD_EndDirective end, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    size_t left = 1;

    while (status == GH_OK && (in->pos < in->size || (end == ZSTD_e_end && left))) {
        ZSTD_outBuffer out = {writer->packed, writer->packed_size, 0};
        left = ZSTD_compressStream2(writer->packer, &out, in, end);
        if (ZSTD_isError(left))
            return gh_error_set(error, GH_EMEMORY, "%s: zstd: %s", writer->path,
                                ZSTD_getErrorName(left));
        status = bytes_write(writer, out.dst, out.pos, error);
    }
    return status;
}

static enum gh_status writer_allocate(struct gh_snapshot_writer **writer,
                                      const struct gh_snapshot_setup *setup, uint64_t position,
                                      struct gh_error *error)
{
    struct gh_snapshot_writer *made = calloc(1, sizeof(*made));
    char name[GH_FILE_NAME_SIZE], part[GH_FILE_NAME_SIZE];

    *writer = made;
    gh_file_name(&gh_snapshot_files, position, name);
    gh_file_name(&unfinished_files, position, part);
    if (made) {
        made->call = setup->system ? *setup->system : system_calls;
        made->file = -1;
        made->folder = strdup(setup->folder);
        made->path = gh_path_join(setup->folder, name);
        made->unfinished = gh_path_join(setup->folder, part);
        made->packer = ZSTD_createCCtx();
        made->packed_size = ZSTD_CStreamOutSize();
        made->packed = malloc(made->packed_size);
        gh_checksum_begin(&made->sum);
    }
    if (!made || !made->folder || !made->path || !made->unfinished || !made->packer ||
        !made->packed ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made->packer, ZSTD_c_compressionLevel,
                                            (int)setup->compression)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made->packer, ZSTD_c_checksumFlag, 1)))
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", name);
    return GH_OK;
}

enum gh_status gh_snapshot_begin(struct gh_snapshot_writer **writer,
                                 const struct gh_snapshot_setup *setup,
                                 const struct gh_snapshot_head *head, struct gh_error *error)
{
    unsigned char bytes[GH_SNAPSHOT_HEAD_BYTES];
    struct gh_snapshot_writer *made;
    enum gh_status status = writer_allocate(&made, setup, head->position, error);

    if (status == GH_OK) {
        made->file = open(made->unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (made->file < 0)
            status = snapshot_failure(made, "cannot be made", error);
    }
    if (status == GH_OK) {
        gh_snapshot_head_put(head, bytes);
        status = bytes_write(made, bytes, sizeof(bytes), error);
    }
    if (status == GH_OK)
        *writer = made;
    else
        gh_snapshot_abort(made);
    return status;
}

enum gh_status gh_snapshot_write(struct gh_snapshot_writer *writer, const void *at, size_t size,
                                 struct gh_error *error)
{
    ZSTD_inBuffer in = {at, size, 0};

    return pack(writer, &in, ZSTD_e_continue, error);
}

static enum gh_status trailer_write(struct gh_snapshot_writer *writer, struct gh_error *error)
{
    unsigned char bytes[8], checksum[GH_CHECKSUM_BYTES];
    enum gh_status status;

    gh_number_put(bytes, writer->written + GH_SNAPSHOT_TRAILER_BYTES);
    status = bytes_write(writer, bytes, sizeof(bytes), error);
    gh_checksum_end(&writer->sum, checksum);
    if (status == GH_OK)
        status = bytes_write(writer, checksum, sizeof(checksum), error);
    return status;
}

/* What cannot be removed now goes after the next snapshot. */
static void snapshots_thin(const char *folder)
{
    struct gh_positions snapshots;
    struct gh_error ignored = {0};

    if (gh_folder_list(folder, &gh_snapshot_files, &snapshots, &ignored) != GH_OK)
        return;
    for (size_t i = 0; i + GH_SNAPSHOTS_KEPT < snapshots.count; i++) {
        char name[GH_FILE_NAME_SIZE], *path;
        gh_file_name(&gh_snapshot_files, snapshots.position[i], name);
        path = gh_path_join(folder, name);
        if (path)
            unlink(path);
        free(path);
    }
    free(snapshots.position);
}

static void writer_free(struct gh_snapshot_writer *writer)
{
    if (writer->file >= 0)
        close(writer->file);
    ZSTD_freeCCtx(writer->packer);
    free(writer->packed);
    free(writer->folder);
    free(writer->path);
    free(writer->unfinished);
    free(writer);
}

enum gh_status gh_snapshot_commit(struct gh_snapshot_writer *writer, struct gh_error *error)
{
    ZSTD_inBuffer none = {NULL, 0, 0};
    enum gh_status status = pack(writer, &none, ZSTD_e_end, error);

    if (status == GH_OK)
        status = trailer_write(writer, error);
    if (status == GH_OK && writer->call.sync(writer->file) != 0)
        status = snapshot_failure(writer, "cannot be synced", error);
    if (status == GH_OK && rename(writer->unfinished, writer->path) != 0)
        status = snapshot_failure(writer, "cannot be made", error);
    if (status != GH_OK) {
        gh_snapshot_abort(writer);
        return status;
    }
    status = gh_folder_sync(writer->folder, error);
    if (status == GH_OK)
        snapshots_thin(writer->folder);
    else
        unlink(writer->path);
    writer_free(writer);
    return status;
}

void gh_snapshot_abort(struct gh_snapshot_writer *writer)
{
    if (!writer)
        return;
    if (writer->file >= 0)
        unlink(writer->unfinished);
    writer_free(writer);
}

bool gh_snapshot_oldest(const char *folder, uint64_t *position)
{
    struct gh_positions snapshots;
    struct gh_error ignored = {0};
    bool any = false;

    if (gh_folder_list(folder, &gh_snapshot_files, &snapshots, &ignored) != GH_OK)
        return false;
    any = snapshots.count > 0;
    if (any)
        *position = snapshots.position[0];
    free(snapshots.position);
    return any;
}

void gh_snapshot_sweep(const char *folder)
{
    gh_folder_sweep(folder, &unfinished_files);
}
