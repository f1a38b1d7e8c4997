/* unpack.c - plain, gzip and xz behind one read. A packer turns `in` into the caller's
 * bytes; files of several members, as `cat a.gz b.gz` makes them, are read to their end. */
#include "edge/unpack.h"

#include <assert.h>
#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { IN_SIZE = 65536, XZ_MEMORY_MAX = 256 << 20 };

struct gh_unpack {
    FILE *file;
    const char *path;
    enum gh_status (*read)(struct gh_unpack *u, char *at, size_t size, size_t *got,
                           struct gh_error *error);
    z_stream gzip;
    lzma_stream xz;
    bool between; /* gzip: after a member; the file may end here */
    bool ended;
    size_t in_used, in_size; /* of `in` */
    uint64_t taken;          /* before `in` */
    unsigned char in[IN_SIZE];
};

/* Makes sure that `in` holds bytes, unless the file has ended. */
static enum gh_status unpack_fill(struct gh_unpack *u, struct gh_error *error)
{
    if (u->in_used < u->in_size)
        return GH_OK;
    u->taken += u->in_size;
    u->in_used = 0;
    u->in_size = fread(u->in, 1, IN_SIZE, u->file);
    if (u->in_size == 0 && ferror(u->file))
        return gh_error_set(error, GH_EIO, "%s: cannot be read: %s", u->path, strerror(errno));
    return GH_OK;
}

static enum gh_status unpack_damaged(struct gh_unpack *u, const char *trouble,
                                     struct gh_error *error)
{
    u->ended = true;
    return gh_error_set(error, GH_EFORMAT, "%s: packed data: %s", u->path, trouble);
}

static enum gh_status read_plain(struct gh_unpack *u, char *at, size_t size, size_t *got,
                                 struct gh_error *error)
{
    const enum gh_status status = unpack_fill(u, error);
    const size_t left = u->in_size - u->in_used;

    *got = left < size ? left : size;
    memcpy(at, u->in + u->in_used, *got);
    u->in_used += *got;
    return status;
}

/* One call of the library. */
static enum gh_status gzip_step(struct gh_unpack *u, struct gh_error *error)
{
    u->gzip.next_in = u->in + u->in_used;
    u->gzip.avail_in = (uInt)(u->in_size - u->in_used);
    const int result = inflate(&u->gzip, Z_NO_FLUSH);
    u->in_used = u->in_size - u->gzip.avail_in;
    if (result == Z_STREAM_END) {
        u->between = true;
        return inflateReset(&u->gzip) == Z_OK ? GH_OK : unpack_damaged(u, "gzip", error);
    }
    u->between = false;
    if (result == Z_MEM_ERROR)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", u->path);
    if (result != Z_OK && result != Z_BUF_ERROR)
        return unpack_damaged(u, "damaged gzip", error);
    return GH_OK;
}

static enum gh_status read_gzip(struct gh_unpack *u, char *at, size_t size, size_t *got,
                                struct gh_error *error)
{
    const uInt room = size < IN_SIZE ? (uInt)size : IN_SIZE;

    *got = 0;
    u->gzip.next_out = (unsigned char *)at;
    u->gzip.avail_out = room;
    while (!u->ended && u->gzip.avail_out == room) {
        enum gh_status status = unpack_fill(u, error);
        if (status != GH_OK)
            return status;
        if (u->in_size == 0 && !u->between)
            return unpack_damaged(u, "ends early", error);
        u->ended = u->in_size == 0;
        status = u->ended ? GH_OK : gzip_step(u, error);
        if (status != GH_OK)
            return status;
    }
    *got = room - u->gzip.avail_out;
    return GH_OK;
}

static enum gh_status read_xz(struct gh_unpack *u, char *at, size_t size, size_t *got,
                              struct gh_error *error)
{
    *got = 0;
    u->xz.next_out = (unsigned char *)at;
    u->xz.avail_out = size;
    while (!u->ended && u->xz.avail_out == size) {
        const enum gh_status status = unpack_fill(u, error);
        if (status != GH_OK)
            return status;
        u->xz.next_in = u->in + u->in_used;
        u->xz.avail_in = u->in_size - u->in_used;
        const lzma_ret result = lzma_code(&u->xz, u->in_size == 0 ? LZMA_FINISH : LZMA_RUN);
        u->in_used = u->in_size - u->xz.avail_in;
        if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR)
            return gh_error_set(error, GH_EMEMORY, "%s: out of memory", u->path);
        if (result == LZMA_BUF_ERROR)
            return unpack_damaged(u, "ends early", error);
        if (result != LZMA_OK && result != LZMA_STREAM_END)
            return unpack_damaged(u, "damaged xz", error);
        u->ended = result == LZMA_STREAM_END;
    }
    *got = size - u->xz.avail_out;
    return GH_OK;
}

static enum gh_status unpack_choose(struct gh_unpack *u, struct gh_error *error)
{
    static const unsigned char gzip[] = {0x1f, 0x8b}, xz[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    const enum gh_status status = unpack_fill(u, error);
    bool ready = true;

    u->read = read_plain;
    if (u->in_size >= sizeof gzip && memcmp(u->in, gzip, sizeof gzip) == 0) {
        u->read = read_gzip;
        ready = inflateInit2(&u->gzip, 15 + 16) == Z_OK;
    } else if (u->in_size >= sizeof xz && memcmp(u->in, xz, sizeof xz) == 0) {
        u->read = read_xz;
        ready = lzma_stream_decoder(&u->xz, XZ_MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK;
    }
    return ready ? status : gh_error_set(error, GH_EMEMORY, "%s: out of memory", u->path);
}

enum gh_status gh_unpack_open(struct gh_unpack **unpack, const char *path,
                              struct gh_error *error)
{
    struct gh_unpack *u = calloc(1, sizeof *u);

    if (u == NULL)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    u->path = path;
    u->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    const enum gh_status status =
        u->file == NULL
            ? gh_error_set(error, GH_EIO, "%s: cannot be opened: %s", path, strerror(errno))
            : unpack_choose(u, error);
    if (status != GH_OK) {
        gh_unpack_close(u);
        return status;
    }
    *unpack = u;
    return GH_OK;
}

void gh_unpack_close(struct gh_unpack *unpack)
{
    if (unpack == NULL)
        return;
    if (unpack->read == read_gzip)
        inflateEnd(&unpack->gzip);
    lzma_end(&unpack->xz);
    if (unpack->file != NULL && unpack->file != stdin)
        fclose(unpack->file);
    free(unpack);
}

enum gh_status gh_unpack_read(struct gh_unpack *unpack, char *at, size_t size, size_t *got,
                              struct gh_error *error)
{
    assert(size > 0);
    return unpack->read(unpack, at, size, got, error);
}

uint64_t gh_unpack_taken(const struct gh_unpack *unpack)
{
    return unpack->taken + unpack->in_used;
}
