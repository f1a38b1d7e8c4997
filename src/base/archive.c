/* archive.c - tables to bytes and back. What a table says of its own size is believed as far
 * as there are bytes for it, and an index is only taken when it points into the table. */
#include "base/archive.h"

#include <assert.h>

enum { CHUNK_BYTES = 1 << 20 };

void gh_archive_bytes(struct gh_archive *a, void *at, size_t size)
{
    if (size > 0 && !a->failed)
        a->failed = !a->carrier.move(a->carrier.context, at, size);
}

void gh_archive_array(struct gh_archive *a, struct gh_heap *heap, struct gh_array *array)
{
    const uint32_t chunk = 1 + (uint32_t)(CHUNK_BYTES / array->element_size);
    uint32_t count = array->count;

    assert(!a->loading || array->count == 0);
    GH_ARCHIVE(a, count);
    for (uint32_t i = 0; i < count && !a->failed; i += chunk) {
        const uint32_t n = count - i < chunk ? count - i : chunk;
        a->failed = a->loading && gh_array_add(heap, array, n) == NULL;
        if (!a->failed)
            gh_archive_bytes(a, gh_array_at(array, i), n * array->element_size);
    }
}

void *gh_archive_block(struct gh_archive *a, struct gh_heap *heap, void *at, size_t size)
{
    size_t room = 0;

    if (!a->loading) {
        gh_archive_bytes(a, at, size);
        return at;
    }
    assert(at == NULL);
    while (room < size && !a->failed) {
        const size_t more = room > CHUNK_BYTES ? room : CHUNK_BYTES;
        const size_t next = size - room < more ? size : room + more;
        unsigned char *grown = gh_heap_resize(heap, at, room, next);
        a->failed = grown == NULL;
        if (a->failed)
            break;
        at = grown;
        gh_archive_bytes(a, grown + room, next - room);
        room = next;
    }
    return a->failed ? gh_heap_free(heap, at, room) : at;
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

/* Whether every record is in one slot or in the chain of free ones, and every walk ends. */
static bool cells_sound(const struct gh_cells *cells)
{
    const uint32_t records = cells->records.count;
    uint32_t used = 0, chained = 0;

    for (uint32_t i = 0; i < cells->slot_count; i++) {
        if (cells->slot[i].key && cells->slot[i].record >= records)
            return false;
        used += cells->slot[i].key != 0;
    }
    for (uint32_t next = cells->free; next != 0; chained++) {
        if (next > records || chained == records)
            return false;
        next = *(const uint32_t *)gh_segments_at(&cells->records, next - 1);
    }
    return used == cells->used && used <= cells->slot_count / 2 && used + chained == records;
}

void gh_archive_cells(struct gh_archive *a, struct gh_heap *heap, struct gh_cells *cells)
{
    GH_ARCHIVE(a, cells->free);
    GH_ARCHIVE(a, cells->slot_count);
    GH_ARCHIVE(a, cells->used);
    GH_ARCHIVE(a, cells->sweep_ms);
    GH_ARCHIVE(a, cells->refused);
    a->failed |= (cells->slot_count & (cells->slot_count - 1)) != 0;
    cells->slot =
        gh_archive_block(a, heap, cells->slot, (size_t)cells->slot_count * sizeof *cells->slot);
    gh_archive_segments(a, heap, &cells->records);
    if (!a->loading)
        return;
    if (a->failed && cells->slot == NULL)
        cells->slot_count = 0;
    a->failed |= !a->failed && !cells_sound(cells);
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
    uint8_t present = text->at != NULL;

    GH_ARCHIVE(a, present);
    GH_ARCHIVE(a, text->size);
    a->failed |= present > 1 || text->size > (present ? GH_EVENT_BYTES_MAX : 0);
    if (a->loading && !a->failed)
        text->at = present ? gh_arena_take(heap, arena, text->size) : NULL;
    a->failed |= present && text->at == NULL;
    if (present)
        gh_archive_bytes(a, (char *)(uintptr_t)text->at, text->size);
}
