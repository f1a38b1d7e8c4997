/* dead_letter.c - see dead_letter.h. */
#include "edge/dead_letter.h"

#include "edge/json.h"
#include "edge/operate/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LETTERS_BUFFER_BYTES = 65536 };

struct gh_dead_letters {
    int file; /* -1: none is kept */
    char *path;
    struct gh_json lines;
    uint64_t waiting, written, failed;
    bool torn; /* the file may end inside a line */
    bool told;
};

/* A file of an earlier run that died while writing may end inside a line. */
static bool letters_torn(const char *path)
{
    char last = '\n';
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (lseek(file, -1, SEEK_END) < 0 || read(file, &last, 1) != 1)
            last = '\n';
        close(file);
    }
    return last != '\n';
}

enum gh_status gh_dead_letters_new(struct gh_dead_letters **letters, const char *path,
                                   struct gh_error *error)
{
    struct gh_dead_letters *made = calloc(1, sizeof(*made));
    if (!made || !(made->path = strdup(path))) {
        free(made);
        return gh_error_set(error, GH_EMEMORY, "dead letters: out of memory");
    }
    made->file = -1;
    if (path[0]) {
        made->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (made->file < 0) {
            const enum gh_status status = gh_error_set(
                error, GH_EIO, "intake.dead_letters: %s: %s", path, strerror(errno));
            gh_dead_letters_free(made);
            return status;
        }
        made->torn = letters_torn(path);
    }
    *letters = made;
    return GH_OK;
}

void gh_dead_letters_free(struct gh_dead_letters *letters)
{
    if (!letters)
        return;
    gh_dead_letters_flush(letters);
    if (letters->file >= 0)
        close(letters->file);
    gh_json_free(&letters->lines);
    free(letters->path);
    free(letters);
}

static void letters_fail(struct gh_dead_letters *letters, uint64_t lines, const char *why)
{
    letters->failed += lines;
    if (!letters->told)
        gh_note(GH_NOTE_dead_letters, "dead letters: %s: %s: lines are lost, the rest goes on",
                letters->path, why);
    letters->told = true;
}

void gh_dead_letters_add(struct gh_dead_letters *letters, const char *line)
{
    struct gh_json *lines = &letters->lines;
    const size_t size = line ? strlen(line) : 0;
    if (letters->file < 0)
        return;
    if (!line || lines->failed) {
        letters_fail(letters, 1, "out of memory");
        return;
    }
    gh_json_raw(lines, line, size);
    gh_json_raw(lines, "\n", 1);
    letters->waiting++;
    if (lines->used >= LETTERS_BUFFER_BYTES || lines->failed)
        gh_dead_letters_flush(letters);
}

/* Writes all of it, or says how far it came by `errno`. */
static bool letters_write(struct gh_dead_letters *letters, const char *at, size_t size)
{
    while (size > 0) {
        const ssize_t wrote = write(letters->file, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        letters->torn = at[wrote - 1] != '\n';
        at += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

void gh_dead_letters_flush(struct gh_dead_letters *letters)
{
    struct gh_json *lines = &letters->lines;
    if (letters->waiting == 0)
        return;
    if (lines->failed) {
        letters_fail(letters, letters->waiting, "out of memory");
        gh_json_free(lines);
    } else if ((letters->torn && !letters_write(letters, "\n", 1)) ||
               !letters_write(letters, lines->at, lines->used)) {
        letters_fail(letters, letters->waiting, strerror(errno));
    } else {
        letters->written += letters->waiting;
    }
    letters->waiting = 0;
    lines->used = 0;
}

uint64_t gh_dead_letters_written(const struct gh_dead_letters *letters)
{
    return letters->written;
}

uint64_t gh_dead_letters_failed(const struct gh_dead_letters *letters)
{
    return letters->failed;
}
