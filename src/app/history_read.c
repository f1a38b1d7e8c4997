/* history_read.c - runs of the log, read and decoded ahead of the engine. */
#include "app/history.h"

#include "edge/belt.h"
#include "edge/decoded.h"
#include "edge/edge_options.h"
#include "edge/threads.h"

#include <stdlib.h>
#include <string.h>

/* A copy of a run; what the cursor lends is gone with the next one. */
struct slot {
    struct gh_run run;
    struct gh_decoded decoded; /* of events alone */
    char *raw;
    size_t room;
    char owner[GH_STRING_BYTES_MAX];
};

struct reading {
    struct gh_log_cursor *cursor;
    uint64_t position, end; /* position: that has been read ahead */
    struct slot *slot;
    uint32_t slots;
};

static enum gh_status slot_copy(struct slot *slot, const struct gh_run *run)
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
    struct reading *r = context;
    const struct gh_run *run = NULL;

    if (r->position >= r->end)
        return GH_OK;
    enum gh_status status = gh_log_cursor_next(r->cursor, &run, error);
    if (status != GH_OK || !run)
        return status;
    r->position = run->first + run->count;
    *filled = true;
    status = slot_copy(slot, run);
    return status == GH_OK ? status : gh_error_set(error, status, "log: out of memory");
}

static void run_decode(void *context, void *slot)
{
    struct slot *s = slot;
    struct gh_frame frame;

    (void)context;
    if (s->run.kind != GH_RUN_EVENTS)
        return;
    gh_frame_init_lines(&frame, s->run.raw, s->run.raw_size);
    gh_decoded_fill(&s->decoded, &frame);
}

static enum gh_status reading_init(struct reading *r, uint32_t threads, struct gh_error *error)
{
    const uint32_t slots = threads > 0 ? GH_BELT_SLOTS(threads) : 1;
    enum gh_status status = GH_OK;

    r->slot = calloc(slots, sizeof *r->slot);
    for (; r->slot && status == GH_OK && r->slots < slots; r->slots++)
        status = gh_decoded_init(&r->slot[r->slots].decoded);
    if (!r->slot || status != GH_OK)
        return gh_error_set(error, GH_EMEMORY, "log: out of memory");
    return GH_OK;
}

static void reading_free(struct reading *r)
{
    for (uint32_t i = 0; i < r->slots; i++) {
        gh_decoded_free(&r->slot[i].decoded);
        free(r->slot[i].raw);
    }
    free(r->slot);
}

static enum gh_status belt_drain(struct gh_belt *belt, struct gh_history *h,
                                 const struct gh_history_wish *wish, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    while (status == GH_OK) {
        void *next;
        status = gh_belt_next(belt, &next, error);
        struct slot *slot = next;
        if (status != GH_OK || !slot)
            break;
        status = gh_history_run(h, &slot->run, &slot->decoded, error);
        if (status == GH_OK)
            status = wish->after(wish->context, error);
    }
    return status;
}

enum gh_status gh_history_read(struct gh_history *h, struct gh_log_cursor *cursor,
                               const struct gh_history_wish *wish, struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(h->config, "service");
    const uint32_t threads = gh_threads_allowed(service->threads) - 1;
    struct reading r = {.cursor = cursor, .position = h->position, .end = wish->end};
    enum gh_status status = reading_init(&r, threads, error);

    if (status == GH_OK) {
        const struct gh_belt_work work = {.context = &r,
                                          .fill = run_fill,
                                          .work = run_decode,
                                          .slot = r.slot,
                                          .slot_size = sizeof *r.slot,
                                          .slots = r.slots};
        struct gh_belt *belt = gh_belt_new(&work, threads);
        status = belt ? belt_drain(belt, h, wish, error)
                      : gh_error_set(error, GH_EMEMORY, "log: out of memory");
        gh_belt_free(belt);
    }
    reading_free(&r);
    return status;
}
