/* blocks.c - reads into one buffer; what is left after the cut moves to its front. */
#include "edge/blocks.h"

#include "edge/decode.h"
#include "edge/unpack.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 1 << 20 };

struct gh_blocks {
    const char *path;
    struct gh_unpack *file;
    char *buffer;
    size_t size, used; /* bytes that the buffer can hold, and holds */
    size_t lent;       /* bytes at its front that the last call handed out */
    bool array, binary, started, ended;
};

enum gh_status gh_blocks_open(struct gh_blocks **blocks, const char *path,
                              struct gh_error *error)
{
    struct gh_blocks *b = calloc(1, sizeof(*b));
    enum gh_status status;

    *blocks = NULL;
    if (!b)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    b->path = path;
    status = gh_unpack_open(&b->file, path, error);
    if (status != GH_OK) {
        free(b);
        return status;
    }
    *blocks = b;
    return GH_OK;
}

void gh_blocks_close(struct gh_blocks *blocks)
{
    if (!blocks)
        return;
    gh_unpack_close(blocks->file);
    free(blocks->buffer);
    free(blocks);
}

static enum gh_status buffer_grow(struct gh_blocks *b, struct gh_error *error)
{
    const size_t size = b->size ? 2 * b->size : FIRST_SIZE;
    char *buffer;

    if (size > GH_ARRAY_BYTES_MAX)
        return gh_error_set(error, GH_ELIMIT,
                            "%s: an array must be at most %zu bytes: write one event a line",
                            b->path, GH_ARRAY_BYTES_MAX);
    buffer = realloc(b->buffer, size);
    if (!buffer)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", b->path);
    b->buffer = buffer;
    b->size = size;
    return GH_OK;
}

static enum gh_status buffer_fill(struct gh_blocks *b, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    while (status == GH_OK && b->used < b->size && !b->ended) {
        size_t got = 0;

        status = gh_unpack_read(b->file, b->buffer + b->used, b->size - b->used, &got, error);
        b->ended = got == 0;
        b->used += got;
    }
    return status;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* As gh_frame sees it: the first byte that is not white space tells. */
static void start_look(struct gh_blocks *b)
{
    size_t i = 0;

    while (i < b->used && is_space(b->buffer[i]))
        i++;
    b->started = i < b->used;
    b->array = b->started && b->buffer[i] == '[';
    b->binary = gh_frame_is_binary(b->buffer, b->used);
}

static bool ends_object(const char *at, size_t size)
{
    while (size && is_space(at[size - 1]) && at[size - 1] != '\n')
        size--;
    return size && at[size - 1] == '}';
}

/* The first byte of at[0..size) that is not white space; `otherwise` when there is none. */
static char first_visible(const char *at, size_t size, char otherwise)
{
    for (size_t i = 0; i < size; i++)
        if (!is_space(at[i]))
            return at[i];
    return otherwise;
}

/* Bytes up to the last place to cut, 0: none. `next` is the first thing after the cut: it
 * must be there to see, for a block that starts with '[' would be taken for an array. */
static size_t cut_find(const char *at, size_t size)
{
    const char *newline;
    char next = '[';

    for (size_t end = size; (newline = memrchr(at, '\n', end)); end = (size_t)(newline - at)) {
        const size_t cut = (size_t)(newline - at) + 1;

        next = first_visible(at + cut, end - cut, next);
        if (next == '{' || (next != '[' && ends_object(at, cut - 1)))
            return cut;
    }
    return 0;
}

/* Bytes up to the end of the last event that is whole. */
static size_t cut_find_binary(const char *at, size_t size)
{
    struct gh_frame frame;
    struct gh_piece piece;
    size_t cut = 0;

    gh_frame_go_on(&frame, at, size, true);
    while (gh_frame_next(&frame, &piece))
        if (piece.form == GH_FORM_BINARY || frame.used < size)
            cut = frame.used;
    return cut;
}

/* Where nothing ends, a line does. */
static size_t cut_force(const char *at, size_t size)
{
    const char *newline = memrchr(at, '\n', size);

    return newline ? (size_t)(newline - at) + 1 : size;
}

enum gh_status gh_blocks_next(struct gh_blocks *blocks, const char **at, size_t *size,
                              struct gh_error *error)
{
    struct gh_blocks *b = blocks;
    enum gh_status status = b->size ? GH_OK : buffer_grow(b, error);

    if (!b->buffer)
        return status;
    b->used -= b->lent;
    memmove(b->buffer, b->buffer + b->lent, b->used);
    b->lent = 0;
    while (status == GH_OK) {
        status = buffer_fill(b, error);
        if (!b->started)
            start_look(b);
        b->lent = b->ended    ? b->used
                  : b->binary ? cut_find_binary(b->buffer, b->used)
                  : b->array  ? 0
                              : cut_find(b->buffer, b->used);
        if (!b->array && !b->lent && b->used >= GH_BLOCK_BYTES_MAX)
            b->lent = cut_force(b->buffer, b->used);
        if (status != GH_OK || b->ended || b->lent)
            break;
        status = buffer_grow(b, error);
    }
    *at = b->buffer;
    *size = status == GH_OK ? b->lent : 0;
    return status;
}

bool gh_blocks_binary(const struct gh_blocks *blocks)
{
    return blocks->binary;
}

enum gh_status gh_blocks_swap(struct gh_blocks *blocks, char **buffer, size_t *room,
                              struct gh_error *error)
{
    struct gh_blocks *b = blocks;
    char *other = *buffer;

    if (*room < b->size) {
        other = realloc(other, b->size);
        if (!other)
            return gh_error_set(error, GH_EMEMORY, "%s: out of memory", b->path);
    }
    b->used -= b->lent;
    memcpy(other, b->buffer + b->lent, b->used);
    b->lent = 0;
    *buffer = b->buffer;
    *room = b->size;
    b->buffer = other;
    return GH_OK;
}
