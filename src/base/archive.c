/* archive.c - tables to bytes and back. */
#include "base/archive.h"

#include <assert.h>

void gh_archive_bytes(struct gh_archive *a, void *at, size_t size)
{
    if (size > 0 && !a->failed)
        a->failed = !a->carrier.move(a->carrier.context, at, size);
}

/* True: there is room for so many elements. */
static bool loaded(struct gh_archive *a, const void *room)
{
    a->failed |= room == NULL;
    return !a->failed;
}

void gh_archive_array(struct gh_archive *a, struct gh_heap *heap, struct gh_array *array)
{
    uint32_t count = array->count;

    assert(!a->loading || array->count == 0);
    GH_ARCHIVE(a, count);
    if (a->failed || count == 0 || (a->loading && !loaded(a, gh_array_add(heap, array, count))))
        return;
    gh_archive_bytes(a, array->at, count * array->element_size);
}

void gh_archive_segments(struct gh_archive *a, struct gh_heap *heap, struct gh_segments *s)
{
    uint32_t count = s->count;

    assert(!a->loading || s->count == 0);
    GH_ARCHIVE(a, count);
    for (uint32_t i = 0; i < count && !a->failed; i += GH_SEGMENT_COUNT) {
        const uint32_t n = count - i < GH_SEGMENT_COUNT ? count - i : GH_SEGMENT_COUNT;
        for (uint32_t k = 0; a->loading && k < n && !a->failed; k++)
            a->failed = gh_segments_add(heap, s) == NULL;
        if (!a->failed)
            gh_archive_bytes(a, gh_segments_at(s, i), n * s->element_size);
    }
}

void gh_archive_cells(struct gh_archive *a, struct gh_heap *heap, struct gh_cells *cells)
{
    GH_ARCHIVE(a, cells->free);
    GH_ARCHIVE(a, cells->slot_count);
    GH_ARCHIVE(a, cells->used);
    GH_ARCHIVE(a, cells->sweep_ms);
    GH_ARCHIVE(a, cells->refused);
    const size_t size = (size_t)cells->slot_count * sizeof *cells->slot;
    if (a->loading) {
        cells->slot = a->failed || size == 0 ? NULL : gh_heap_resize(heap, NULL, 0, size);
        a->failed |= cells->slot == NULL && size > 0;
        cells->slot_count = cells->slot == NULL ? 0 : cells->slot_count;
    }
    gh_archive_bytes(a, cells->slot, size);
    gh_archive_segments(a, heap, &cells->records);
}

static void texts_load(struct gh_archive *a, struct gh_heap *heap, struct gh_intern *intern,
                       uint32_t count)
{
    char text[GH_EVENT_BYTES_MAX];
    const uint32_t limit = intern->limit;
    uint32_t size = 0;

    intern->limit = 0;
    for (uint32_t id = 1; id <= count && !a->failed; id++) {
        GH_ARCHIVE(a, size);
        a->failed |= size > sizeof text;
        gh_archive_bytes(a, text, size);
        if (!a->failed)
            a->failed = gh_intern_add(heap, intern, (struct gh_text){text, size}) != id;
    }
    intern->limit = limit;
}

void gh_archive_intern(struct gh_archive *a, struct gh_heap *heap, struct gh_intern *intern)
{
    uint32_t count = gh_intern_count(intern);

    GH_ARCHIVE(a, count);
    if (a->loading) {
        texts_load(a, heap, intern, count);
        return;
    }
    for (uint32_t id = 1; id <= count; id++) {
        struct gh_text text = gh_intern_text(intern, id);
        GH_ARCHIVE(a, text.size);
        gh_archive_bytes(a, (char *)(uintptr_t)text.at, text.size); /* is only read */
    }
}

void gh_archive_text(struct gh_archive *a, struct gh_heap *heap, struct gh_arena *arena,
                     struct gh_text *text)
{
    bool present = text->at != NULL;

    GH_ARCHIVE(a, present);
    GH_ARCHIVE(a, text->size);
    if (a->loading && !a->failed)
        text->at = present ? gh_arena_take(heap, arena, text->size) : NULL;
    a->failed |= present && text->at == NULL;
    if (present)
        gh_archive_bytes(a, (char *)(uintptr_t)text->at, text->size);
}
