/* log_ahead.c - see log_ahead.h. */
#include "app/log_ahead.h"

#include "edge/belt.h"

#include <stdlib.h>
#include <string.h>

struct gh_log_ahead {
    struct gh_log_cursor *cursor;
    uint64_t position, end; /* position: that has been read ahead */
    struct gh_belt *belt;
    uint32_t slots;
    struct gh_log_ahead_run slot[];
};

/* What the cursor lends is gone with the next one. */
static enum gh_status slot_copy(struct gh_log_ahead_run *slot, const struct gh_run *run)
{
    if (slot->room < run->raw_size) {
        char *moved = realloc(slot->raw, run->raw_size);
        if (!moved)
            return GH_EMEMORY;
        slot->raw = moved;
        slot->room = run->raw_size;
    }
    memcpy(slot->raw, run->raw, run->raw_size);
    memcpy(slot->owner, run->owner.at, run->owner.size);
    slot->run = *run;
    slot->run.raw = slot->raw;
    slot->run.owner.at = slot->owner;
    return GH_OK;
}

static enum gh_status run_fill(void *context, void *slot, bool *filled, struct gh_error *error)
{
    struct gh_log_ahead *a = context;
    const struct gh_run *run = NULL;

    if (a->position >= a->end)
        return GH_OK;
    enum gh_status status = gh_log_cursor_next(a->cursor, &run, error);
    if (status != GH_OK || !run)
        return status;
    a->position = run->first + run->count;
    *filled = true;
    status = slot_copy(slot, run);
    return status == GH_OK ? status : gh_error_set(error, status, "log: out of memory");
}

static void run_decode(void *context, void *slot)
{
    struct gh_log_ahead_run *s = slot;
    struct gh_frame frame;

    (void)context;
    if (s->run.kind != GH_RUN_EVENTS)
        return;
    gh_frame_init_lines(&frame, s->run.raw, s->run.raw_size);
    gh_decoded_fill(&s->decoded, &frame);
}

enum gh_status gh_log_ahead_new(struct gh_log_ahead **ahead,
                                const struct gh_log_ahead_wish *wish, struct gh_error *error)
{
    const uint32_t slots = wish->threads > 0 ? GH_BELT_SLOTS(wish->threads) : 1;
    struct gh_log_ahead *a = calloc(1, sizeof *a + slots * sizeof a->slot[0]);
    enum gh_status status = a ? GH_OK : GH_EMEMORY;

    for (; status == GH_OK && a->slots < slots; a->slots++)
        status = gh_decoded_init(&a->slot[a->slots].decoded);
    if (status == GH_OK) {
        a->cursor = wish->cursor;
        a->position = wish->position;
        a->end = wish->end;
        const struct gh_belt_work work = {.context = a,
                                          .fill = run_fill,
                                          .work = run_decode,
                                          .slot = a->slot,
                                          .slot_size = sizeof a->slot[0],
                                          .slots = slots};
        a->belt = gh_belt_new(&work, wish->threads);
        status = a->belt ? GH_OK : GH_EMEMORY;
    }
    if (status != GH_OK) {
        gh_log_ahead_free(a);
        return gh_error_set(error, status, "log: out of memory");
    }
    *ahead = a;
    return GH_OK;
}

void gh_log_ahead_free(struct gh_log_ahead *ahead)
{
    if (!ahead)
        return;
    gh_belt_free(ahead->belt);
    for (uint32_t i = 0; i < ahead->slots; i++) {
        gh_decoded_free(&ahead->slot[i].decoded);
        free(ahead->slot[i].raw);
    }
    free(ahead);
}

enum gh_status gh_log_ahead_next(struct gh_log_ahead *ahead, struct gh_log_ahead_run **run,
                                 struct gh_error *error)
{
    void *slot;
    const enum gh_status status = gh_belt_next(ahead->belt, &slot, error);

    *run = slot;
    return status;
}
