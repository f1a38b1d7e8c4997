/* service_durable.c - batches of durable producers: taken by the thread that owns the socket,
 * decoded side by side, fed in the order in which they came. */
#include "app/history.h"
#include "app/service_inside.h"

#include <stdlib.h>

enum { BATCHES = GH_DURABLE_HELD, EVENTS = GH_HISTORY_BATCH, REFUSALS = 64 };
/* What takes less time than to wake a thread, and to wait for it, is done alone. */
enum { ALONE_EVENTS = 256 };

/* Batches take up the arrays one behind the other, so that the events of all stand in a row. */
struct gh_service_batches {
    size_t count, events;
    struct gh_durable_batch batch[BATCHES];
    struct gh_decoded decoded[BATCHES];
    struct gh_piece *piece;
    struct gh_event *event;
    struct gh_decoded_refusal *refusal;
};

enum gh_status gh_service_batches_new(struct gh_service *s, struct gh_error *error)
{
    struct gh_service_batches *b = s->batches = calloc(1, sizeof *b);
    bool good = b != NULL;
    if (b) {
        b->piece = malloc(EVENTS * sizeof *b->piece);
        b->event = malloc(EVENTS * sizeof *b->event);
        b->refusal = malloc(BATCHES * REFUSALS * sizeof *b->refusal);
        good = b->piece && b->event && b->refusal;
    }
    for (size_t i = 0; good && i < BATCHES; i++)
        good = (b->decoded[i].decoder = gh_decoder_new()) != NULL;
    return good ? GH_OK : gh_error_set(error, GH_EMEMORY, "durable: out of memory");
}

void gh_service_batches_free(struct gh_service *s)
{
    struct gh_service_batches *b = s->batches;
    if (!b)
        return;
    for (size_t i = 0; i < BATCHES; i++)
        gh_decoder_free(b->decoded[i].decoder);
    free(b->piece);
    free(b->event);
    free(b->refusal);
    free(b);
}

static void batch_decode(void *argument, uint32_t index)
{
    struct gh_service_batches *b = argument;
    struct gh_frame frame;
    if (b->batch[index].binary)
        gh_frame_go_on(&frame, b->batch[index].at, b->batch[index].size, true);
    else
        gh_frame_init_lines(&frame, b->batch[index].at, b->batch[index].size);
    gh_decoded_fill(&b->decoded[index], &frame);
}

static void batch_place(struct gh_service_batches *b, size_t index)
{
    struct gh_decoded *decoded = &b->decoded[index];
    decoded->piece = b->piece + b->events;
    decoded->event = b->event + b->events;
    decoded->pieces_max = b->batch[index].count;
    decoded->refusal = b->refusal + index * REFUSALS;
    decoded->refusals_max = REFUSALS;
}

static void batches_decode(struct gh_service *s)
{
    const struct gh_executor executor = gh_keeper_executor(s->keeper);
    struct gh_service_batches *b = s->batches;
    if (b->events > ALONE_EVENTS)
        executor.run(executor.context, batch_decode, b, (uint32_t)b->count);
    else
        for (uint32_t i = 0; i < b->count; i++)
            batch_decode(b, i);
}

/* Room is made before batches are taken: a flush after that would mark their lines as kept
 * while they still wait here. */
static enum gh_status batches_take(struct gh_service *s, struct gh_error *error)
{
    struct gh_service_batches *b = s->batches;
    enum gh_status status = GH_OK;
    b->count = b->events = 0;
    if (gh_pipeline_room(s->pipeline) < GH_DURABLE_BATCH_EVENTS)
        status = gh_pipeline_flush(s->pipeline, error);
    const uint32_t room = gh_pipeline_room(s->pipeline);
    while (status == GH_OK && b->count < BATCHES &&
           room - b->events >= GH_DURABLE_BATCH_EVENTS &&
           gh_durable_next(s->durable, &b->batch[b->count])) {
        batch_place(b, b->count);
        b->events += b->batch[b->count++].count;
    }
    return status;
}

static enum gh_status batch_feed(struct gh_service *s, size_t index, struct gh_error *error)
{
    const struct gh_durable_batch *batch = &s->batches->batch[index];
    struct gh_place place = {.source = gh_durable_endpoint(s->durable),
                             .frame = batch->stream,
                             .index = batch->first,
                             .speaker = batch->speaker};
    const enum gh_status status =
        gh_pipeline_decoded(s->pipeline, &s->batches->decoded[index], &place, error);
    gh_owners_events(s->owners, batch->speaker.owner, batch->count);
    return status;
}

enum gh_status gh_service_batches(struct gh_service *s, size_t *frames, struct gh_error *error)
{
    struct gh_service_batches *b = s->batches;
    enum gh_status status = batches_take(s, error);
    if (status != GH_OK)
        return status;
    batches_decode(s);
    for (size_t i = 0; status == GH_OK && i < b->count; i++)
        status = batch_feed(s, i, error);
    *frames += b->count;
    return status;
}
