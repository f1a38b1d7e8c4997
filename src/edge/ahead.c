/* ahead.c - see ahead.h. */
#include "edge/ahead.h"

#include "edge/belt.h"
#include "edge/blocks.h"
#include "edge/clock.h"

#include <stdlib.h>

struct gh_ahead {
    const char *const *path;
    size_t count, file;       /* file: that is being read */
    struct gh_blocks *blocks; /* of it; NULL: not open */
    uint64_t read_ns;
    struct gh_belt *belt;
    uint32_t slots;
    struct gh_ahead_block slot[];
};

/* *filled false: the file has ended. */
static enum gh_status block_read(struct gh_ahead *a, struct gh_ahead_block *block, bool *filled,
                                 struct gh_error *error)
{
    const char *at;
    size_t size;
    enum gh_status status =
        a->blocks ? GH_OK : gh_blocks_open(&a->blocks, a->path[a->file], error);

    if (status == GH_OK)
        status = gh_blocks_next(a->blocks, &at, &size, error);
    *filled = status == GH_OK && size > 0;
    if (!*filled)
        return status;
    block->file = a->file;
    gh_frame_go_on(&block->frame, at, size, gh_blocks_binary(a->blocks));
    return gh_blocks_swap(a->blocks, &block->buffer, &block->room, error);
}

static enum gh_status block_fill(void *context, void *slot, bool *filled,
                                 struct gh_error *error)
{
    struct gh_ahead *a = context;
    const uint64_t started = gh_clock_ns();
    enum gh_status status = GH_OK;

    while (status == GH_OK && !*filled && a->file < a->count) {
        status = block_read(a, slot, filled, error);
        if (*filled)
            break;
        gh_blocks_close(a->blocks);
        a->blocks = NULL;
        a->file++;
    }
    a->read_ns += gh_clock_ns() - started;
    return status;
}

static void block_decode(void *context, void *slot)
{
    struct gh_ahead_block *block = slot;

    (void)context;
    gh_decoded_fill(&block->decoded, &block->frame);
}

enum gh_status gh_ahead_new(struct gh_ahead **ahead, const char *const *path, size_t count,
                            uint32_t threads, struct gh_error *error)
{
    const uint32_t slots = threads > 0 ? GH_BELT_SLOTS(threads) : 1;
    struct gh_ahead *a = calloc(1, sizeof *a + slots * sizeof a->slot[0]);
    enum gh_status status = a ? GH_OK : GH_EMEMORY;

    for (uint32_t i = 0; status == GH_OK && i < slots; i++, a->slots++)
        status = gh_decoded_init(&a->slot[i].decoded);
    if (status == GH_OK) {
        a->path = path;
        a->count = count;
        const struct gh_belt_work work = {.context = a,
                                          .fill = block_fill,
                                          .work = block_decode,
                                          .slot = a->slot,
                                          .slot_size = sizeof a->slot[0],
                                          .slots = slots};
        a->belt = gh_belt_new(&work, threads);
        status = a->belt ? GH_OK : GH_EMEMORY;
    }
    if (status != GH_OK) {
        gh_ahead_free(a);
        return gh_error_set(error, status, "events: out of memory");
    }
    *ahead = a;
    return GH_OK;
}

void gh_ahead_free(struct gh_ahead *ahead)
{
    if (!ahead)
        return;
    gh_belt_free(ahead->belt);
    gh_blocks_close(ahead->blocks);
    for (uint32_t i = 0; i < ahead->slots; i++) {
        gh_decoded_free(&ahead->slot[i].decoded);
        free(ahead->slot[i].buffer);
    }
    free(ahead);
}

enum gh_status gh_ahead_next(struct gh_ahead *ahead, struct gh_ahead_block **block,
                             struct gh_error *error)
{
    void *slot;
    const enum gh_status status = gh_belt_next(ahead->belt, &slot, error);

    *block = slot;
    return status;
}

uint64_t gh_ahead_read_ns(const struct gh_ahead *ahead)
{
    return ahead->read_ns;
}
