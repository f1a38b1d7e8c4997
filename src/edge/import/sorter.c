/* sorter.c - see sorter.h. Runs are merged through a heap of their first lines. */
#include "edge/import/sorter.h"

#include "base/memory.h"
#include "edge/resources.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20, RUN_BYTES = 16 << 20, READ_BYTES = 1 << 16 };

/* Before each line, in memory and in the file. */
struct entry {
    int64_t at_ms;
    uint64_t offset; /* of the line in `bytes`; in the file: nothing */
    uint32_t size;
    uint32_t number; /* of the entry in its run */
};

/* A sorted run in the file, and what of it has been read. */
struct run {
    uint64_t at, end; /* in the file, of what is not in the buffer yet */
    struct entry head;
    char *buffer;
    size_t begin, used, room;
};

struct gh_sorter {
    struct gh_heap heap;
    struct gh_array entries, bytes, runs, order; /* `order`: heap of indices of runs */
    size_t run_bytes;
    uint64_t written;
    uint32_t next;
    int file; /* -1: none yet */
    bool merging;
    struct run *last; /* whose line was lent */
};

struct gh_sorter *gh_sorter_new(size_t run_bytes)
{
    struct gh_sorter *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->heap.memory = gh_memory_system();
    s->entries.element_size = sizeof(struct entry);
    s->bytes.element_size = 1;
    s->runs.element_size = sizeof(struct run);
    s->order.element_size = sizeof(uint32_t);
    s->run_bytes = run_bytes > 0 ? run_bytes : RUN_BYTES;
    s->file = -1;
    return s;
}

void gh_sorter_free(struct gh_sorter *sorter)
{
    if (sorter == NULL)
        return;
    for (uint32_t i = 0; i < sorter->runs.count; i++)
        free(((struct run *)gh_array_at(&sorter->runs, i))->buffer);
    gh_array_free(&sorter->heap, &sorter->entries);
    gh_array_free(&sorter->heap, &sorter->bytes);
    gh_array_free(&sorter->heap, &sorter->runs);
    gh_array_free(&sorter->heap, &sorter->order);
    if (sorter->file >= 0)
        close(sorter->file);
    free(sorter);
}

static int entry_compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static enum gh_status sorter_full(int number, struct gh_error *error)
{
    return gh_error_set(error, number == ENOSPC ? GH_EFULL : GH_EIO,
                        "temporary file (in TMPDIR, else /tmp): %s", strerror(number));
}

static enum gh_status file_open(struct gh_sorter *s, struct gh_error *error)
{
    const char *folder = getenv("TMPDIR");

    if (s->file < 0)
        s->file = open(folder != NULL && folder[0] != '\0' ? folder : "/tmp",
                       O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return s->file >= 0 ? GH_OK : sorter_full(errno, error);
}

static enum gh_status file_write(struct gh_sorter *s, const void *from, size_t size,
                                 struct gh_error *error)
{
    const char *at = from;

    while (size > 0) {
        const ssize_t wrote = write(s->file, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return sorter_full(wrote < 0 ? errno : ENOSPC, error);
        at += wrote;
        size -= (size_t)wrote;
        s->written += (uint64_t)wrote;
    }
    return GH_OK;
}

/* The entries with their lines behind them, in order, by way of one buffer. */
static enum gh_status run_lay_out(struct gh_sorter *s, struct gh_error *error)
{
    const size_t all = s->bytes.count + (size_t)s->entries.count * sizeof(struct entry);
    char *at = malloc(all), *to = at;

    if (at == NULL)
        return gh_error_set(error, GH_EMEMORY, "sorting: out of memory");
    for (uint32_t i = 0; i < s->entries.count; i++) {
        const struct entry *e = gh_array_at(&s->entries, i);
        memcpy(to, e, sizeof *e);
        memcpy(to + sizeof *e, s->bytes.at + e->offset, e->size);
        to += sizeof *e + e->size;
    }
    const enum gh_status status = file_write(s, at, all, error);
    free(at);
    return status;
}

static enum gh_status run_spill(struct gh_sorter *s, struct gh_error *error)
{
    const uint64_t at = s->written;

    if (s->entries.count == 0)
        return GH_OK;
    enum gh_status status = file_open(s, error);
    qsort(s->entries.at, s->entries.count, sizeof(struct entry), entry_compare);
    if (status == GH_OK)
        status = run_lay_out(s, error);
    if (status != GH_OK)
        return status;
    struct run *run = gh_array_add(&s->heap, &s->runs, 1);
    if (run == NULL)
        return gh_error_set(error, GH_EMEMORY, "sorting: out of memory");
    *run = (struct run){.at = at, .end = s->written};
    s->entries.count = s->bytes.count = 0;
    return GH_OK;
}

enum gh_status gh_sorter_add(struct gh_sorter *sorter, int64_t at_ms, struct gh_text line,
                             struct gh_error *error)
{
    enum gh_status status = GH_OK;

    assert(!sorter->merging && line.size <= LINE_MAX_BYTES);
    if (sorter->bytes.count + line.size > sorter->run_bytes)
        status = run_spill(sorter, error);
    if (status != GH_OK)
        return status;
    const uint32_t number = sorter->entries.count, offset = sorter->bytes.count;
    struct entry *e = gh_array_add(&sorter->heap, &sorter->entries, 1);
    char *to = e != NULL ? gh_array_add(&sorter->heap, &sorter->bytes, line.size) : NULL;
    if (to == NULL)
        return gh_error_set(error, GH_EMEMORY, "sorting: out of memory");
    memcpy(to, line.at, line.size);
    *e = (struct entry){.at_ms = at_ms, .offset = offset, .size = line.size, .number = number};
    return GH_OK;
}

/* At least `size` bytes into the buffer. */
static enum gh_status run_read(struct gh_sorter *s, struct run *run, size_t size,
                               struct gh_error *error)
{
    if (run->used - run->begin >= size)
        return GH_OK;
    if (run->begin > 0)
        memmove(run->buffer, run->buffer + run->begin, run->used - run->begin);
    run->used -= run->begin;
    run->begin = 0;
    if (run->room < size) {
        const size_t room = size > READ_BYTES ? size : READ_BYTES;
        char *buffer = realloc(run->buffer, room);
        if (buffer == NULL)
            return gh_error_set(error, GH_EMEMORY, "sorting: out of memory");
        run->buffer = buffer;
        run->room = room;
    }
    while (run->used < size) {
        const uint64_t left = run->end - run->at;
        const size_t room = run->room - run->used;
        const ssize_t got =
            pread(s->file, run->buffer + run->used, left < room ? left : room, (off_t)run->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return sorter_full(got < 0 ? errno : EIO, error);
        run->used += (size_t)got;
        run->at += (uint64_t)got;
    }
    return GH_OK;
}

static bool run_before(const struct gh_sorter *s, uint32_t a, uint32_t b)
{
    const struct run *x = gh_array_at(&s->runs, a), *y = gh_array_at(&s->runs, b);

    return x->head.at_ms != y->head.at_ms ? x->head.at_ms < y->head.at_ms : a < b;
}

static void order_sink(struct gh_sorter *s, uint32_t at)
{
    uint32_t *order = (void *)s->order.at;

    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < s->order.count && run_before(s, order[child], order[least]))
                least = child;
        if (least == at)
            return;
        const uint32_t other = order[at];
        order[at] = order[least];
        order[least] = other;
        at = least;
    }
}

/* The head of the run at the top of the heap; a run that is used up leaves it. */
static enum gh_status order_next(struct gh_sorter *s, struct gh_error *error)
{
    uint32_t *order = (void *)s->order.at;
    struct run *run = gh_array_at(&s->runs, order[0]);
    enum gh_status status = GH_OK;

    if (run->at == run->end && run->begin == run->used) {
        free(run->buffer);
        run->buffer = NULL;
        order[0] = order[--s->order.count];
    } else {
        status = run_read(s, run, sizeof run->head, error);
        if (status == GH_OK) {
            memcpy(&run->head, run->buffer + run->begin, sizeof run->head);
            run->begin += sizeof run->head;
        }
    }
    if (s->order.count > 0)
        order_sink(s, 0);
    return status;
}

static enum gh_status merge_begin(struct gh_sorter *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    s->merging = true;
    if (s->runs.count == 0) {
        if (s->entries.count > 0)
            qsort(s->entries.at, s->entries.count, sizeof(struct entry), entry_compare);
        return GH_OK;
    }
    status = run_spill(s, error);
    for (uint32_t i = 0; i < s->runs.count && status == GH_OK; i++) {
        struct run *run = gh_array_at(&s->runs, i);
        uint32_t *place = gh_array_add(&s->heap, &s->order, 1);
        if (place == NULL)
            return gh_error_set(error, GH_EMEMORY, "sorting: out of memory");
        *place = i;
        status = run_read(s, run, sizeof run->head, error);
        if (status == GH_OK) {
            memcpy(&run->head, run->buffer, sizeof run->head);
            run->begin = sizeof run->head;
        }
    }
    for (uint32_t i = s->order.count; i-- > 0 && status == GH_OK;)
        order_sink(s, i);
    return status;
}

static enum gh_status merge_next(struct gh_sorter *s, int64_t *at_ms, struct gh_text *line,
                                 struct gh_error *error)
{
    enum gh_status status = s->last != NULL ? order_next(s, error) : GH_OK;

    s->last = NULL;
    if (status != GH_OK || s->order.count == 0)
        return status;
    struct run *run = gh_array_at(&s->runs, *(const uint32_t *)(const void *)s->order.at);
    status = run_read(s, run, run->head.size, error);
    if (status != GH_OK)
        return status;
    *at_ms = run->head.at_ms;
    *line = (struct gh_text){run->buffer + run->begin, run->head.size};
    run->begin += run->head.size;
    s->last = run;
    return GH_OK;
}

enum gh_status gh_sorter_next(struct gh_sorter *sorter, int64_t *at_ms, struct gh_text *line,
                              struct gh_error *error)
{
    *line = (struct gh_text){0};
    if (!sorter->merging) {
        const enum gh_status status = merge_begin(sorter, error);
        if (status != GH_OK)
            return status;
    }
    if (sorter->runs.count > 0)
        return merge_next(sorter, at_ms, line, error);
    if (sorter->next == sorter->entries.count)
        return GH_OK;
    const struct entry *e = gh_array_at(&sorter->entries, sorter->next++);
    *at_ms = e->at_ms;
    *line = (struct gh_text){(const char *)sorter->bytes.at + e->offset, e->size};
    return GH_OK;
}
