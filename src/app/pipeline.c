/* pipeline.c - one batch of decoded events at a time: what waits points into the frames
 * that were handed in, so nothing is copied but what the engine holds back. */
#include "app/pipeline_inside.h"

#include "edge/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void held_drop(struct gh_pipeline *p, struct gh_held **link)
{
    struct gh_held *gone = *link;

    *link = gone->next;
    if (p->held_end == &gone->next)
        p->held_end = link;
    free(gone);
}

static void lose(struct gh_pipeline *p, const struct gh_waiting *what, enum gh_refusal reason,
                 const char *key, const char *text)
{
    const struct gh_lost lost = {.source = what->source,
                                 .owner = what->owner,
                                 .frame = what->frame,
                                 .offset = what->offset,
                                 .line = what->line,
                                 .index = what->index,
                                 .reason = reason,
                                 .key = key,
                                 .text = text,
                                 .piece = what->piece,
                                 .binary = what->binary};

    p->tally.refused++;
    p->tally.refused_by[reason]++;
    if (p->hooks.on_refused)
        p->hooks.on_refused(p->hooks.context, &lost);
}

/* Keeps the bytes: only the answer to a later event tells whether this one is lost. */
static enum gh_status held_keep(struct gh_pipeline *p, const struct gh_waiting *what,
                                uint64_t position)
{
    const size_t source_size = strlen(what->source) + 1;
    const size_t owner_size = what->owner ? strlen(what->owner) + 1 : 0;
    struct gh_held *held;
    char *bytes;

    p->tally.held++;
    if (!p->hooks.on_refused)
        return GH_OK;
    held = calloc(1, sizeof(*held) + what->piece.size + source_size + owner_size);
    if (!held)
        return GH_EMEMORY;
    bytes = (char *)(held + 1);
    held->position = position;
    held->what = *what;
    memcpy(bytes, what->piece.at, what->piece.size);
    held->what.piece.at = bytes;
    bytes += what->piece.size;
    held->what.source = memcpy(bytes, what->source, source_size);
    if (what->owner)
        held->what.owner = memcpy(bytes + source_size, what->owner, owner_size);
    *p->held_end = held;
    p->held_end = &held->next;
    return GH_OK;
}

static enum gh_status answer_take(struct gh_pipeline *p, const struct gh_waiting *what,
                                  struct gh_answer answer, uint64_t position)
{
    switch ((enum gh_outcome)answer.outcome) {
    case GH_APPLIED:
        p->tally.applied++;
        break;
    case GH_DUPLICATE:
        p->tally.duplicate++;
        break;
    case GH_LATE:
        p->tally.late++;
        break;
    case GH_REFUSED:
        lose(p, what, answer.refusal, "", gh_refusal_text(answer.refusal));
        break;
    case GH_HELD:
        return held_keep(p, what, position);
    }
    return GH_OK;
}

static void released_take(struct gh_pipeline *p, const struct gh_released *released)
{
    static const struct gh_waiting unknown = {.source = "", .piece = {"", 0}};
    struct gh_held **link = &p->held;

    while (*link && (*link)->position != released->position)
        link = &(*link)->next;
    assert(p->tally.held > 0 && released->answer.outcome != GH_HELD);
    p->tally.held--;
    /* Cannot fail: only what is held needs memory. */
    (void)answer_take(p, *link ? &(*link)->what : &unknown, released->answer, 0);
    if (*link)
        held_drop(p, link);
}

static void changes_drain(struct gh_pipeline *p)
{
    struct gh_released released;
    struct gh_finding change;

    while (gh_engine_released(p->engine, &released))
        released_take(p, &released);
    while (gh_engine_change(p->engine, &change)) {
        p->tally.changes++;
        p->hooks.on_change(p->hooks.context, &change);
    }
}

static enum gh_status memory_error(struct gh_error *error)
{
    return gh_error_set(error, GH_EMEMORY, "engine: out of memory");
}

enum gh_status gh_pipeline_flush(struct gh_pipeline *pipeline, struct gh_error *error)
{
    struct gh_pipeline *p = pipeline;
    const size_t count = p->tally.waiting;
    const uint64_t started = gh_clock_ns();
    enum gh_status status = GH_OK;
    uint64_t offered;

    if (!count)
        return GH_OK;
    if (p->hooks.on_batch)
        status = p->hooks.on_batch(p->hooks.context, p->first, p->owner, count, error);
    if (status != GH_OK)
        return status;
    p->tally.waiting = 0;
    status = gh_engine_offer(p->engine, p->first, count, p->answer);
    offered = gh_clock_ns();
    for (size_t i = 0; status == GH_OK && i < count; i++)
        status = answer_take(p, &p->waiting[i], p->answer[i], p->offered++);
    if (status != GH_OK)
        return memory_error(error);
    changes_drain(p);
    gh_decoder_reset(p->decoder);
    p->tally.engine_ns += offered - started;
    p->tally.change_ns += gh_clock_ns() - offered;
    return GH_OK;
}

/* One key that invents people must not use up what all may have. */
static bool may_bring(const struct gh_pipeline *p, const char *owner, struct gh_text actor)
{
    return !actor.at || !p->hooks.may_bring || gh_engine_knows(p->engine, actor) ||
           p->hooks.may_bring(p->hooks.context, owner, actor);
}

/* Whether whoever sent it may say it; if not, it is lost. */
static bool speaker_may(struct gh_pipeline *p, const struct gh_waiting *what,
                        const struct gh_speaker *speaker, const struct gh_event *event)
{
    char text[192];
    enum gh_refusal reason = GH_REFUSED_NOT_ALLOWED;
    const char *name = "", *why;

    if (!speaker->owner)
        return true;
    why = speaker->key ? gh_key_permits(speaker->key, event, &name)
                       : gh_key_state_text(speaker->state);
    if (!why && !may_bring(p, speaker->owner, event->actor)) {
        why = "it has brought up as many new ones as identity.new_actors allows";
        name = "actor";
        reason = GH_REFUSED_LIMIT;
    }
    if (!why)
        return true;
    snprintf(text, sizeof(text), "key %s: %s%s%s", speaker->owner, name, name[0] ? ": " : "",
             why);
    lose(p, what, reason, name, text);
    return false;
}

static struct gh_waiting piece_place(const struct gh_piece *piece, const struct gh_place *place)
{
    return (struct gh_waiting){.source = place->source,
                               .owner = place->speaker.owner,
                               .frame = place->frame,
                               .offset = place->offset + piece->offset,
                               .line = place->line + piece->line,
                               .index = place->index + piece->index,
                               .piece = {piece->at, (uint32_t)piece->size},
                               .binary = piece->form != GH_FORM_JSON};
}

/* Those that wait stand in a row: where they were decoded, as long as they do there. */
static void event_wait(struct gh_pipeline *p, struct gh_event *event)
{
    const size_t count = p->tally.waiting;

    if (count == 0) {
        p->first = event;
    } else if (event != p->first + count) {
        if (p->first != p->event)
            memcpy(p->event, p->first, count * sizeof *event);
        p->first = p->event;
        p->event[count] = *event;
    }
}

static enum gh_status event_take(struct gh_pipeline *p, const struct gh_piece *piece,
                                 struct gh_event *event, const struct gh_place *place,
                                 struct gh_error *error)
{
    const struct gh_waiting what = piece_place(piece, place);

    if (!speaker_may(p, &what, &place->speaker, event))
        return GH_OK;
    event->owner = p->whose;
    event_wait(p, event);
    p->owner[p->tally.waiting] = what.owner;
    p->waiting[p->tally.waiting++] = what;
    return p->tally.waiting == p->batch ? gh_pipeline_flush(p, error) : GH_OK;
}

static void piece_lose(struct gh_pipeline *p, const struct gh_piece *piece,
                       const struct gh_place *place, const struct gh_refused *refused)
{
    const struct gh_waiting what = piece_place(piece, place);

    lose(p, &what, refused->reason, refused->key, refused->text);
}

static enum gh_status pieces_take(struct gh_pipeline *p, struct gh_frame *frame,
                                  const struct gh_place *place, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    while (status == GH_OK) {
        struct gh_event *event = &p->event[p->tally.waiting];
        struct gh_piece piece;
        struct gh_refused refused;
        const enum gh_next next = gh_frame_decode(frame, p->decoder, &piece, event, &refused);
        if (next == GH_NEXT_NONE)
            break;
        p->tally.pieces++;
        if (next == GH_NEXT_TAKEN)
            status = event_take(p, &piece, event, place, error);
        else
            piece_lose(p, &piece, place, &refused);
    }
    return status;
}

static enum gh_status decoded_take(struct gh_pipeline *p, const struct gh_decoded *decoded,
                                   const struct gh_place *place, struct gh_error *error)
{
    const struct gh_decoded_refusal *refusal = decoded->refusal;
    struct gh_event *event = decoded->event;
    enum gh_status status = GH_OK;

    for (uint32_t i = 0; status == GH_OK && i < decoded->pieces; i++) {
        const struct gh_piece *piece = &decoded->piece[i];
        p->tally.pieces++;
        if (refusal < decoded->refusal + decoded->refusals && refusal->piece == i)
            piece_lose(p, piece, place, &refusal++->why);
        else
            status = event_take(p, piece, event++, place, error);
    }
    return status;
}

/* `decoded`: the beginning of the frame, NULL: nothing of it was. */
static enum gh_status frame_take(struct gh_pipeline *p, struct gh_frame *frame,
                                 const struct gh_decoded *decoded, struct gh_place *place,
                                 struct gh_error *error)
{
    struct gh_tally *tally = &p->tally;
    const uint64_t started = gh_clock_ns(), elsewhere = tally->engine_ns + tally->change_ns;
    enum gh_status status = GH_OK;

    tally->frames++;
    tally->bytes += frame->size;
    p->whose = gh_speaker_owner(&place->speaker, place->owner);
    if (decoded)
        status = decoded_take(p, decoded, place, error);
    if (status == GH_OK)
        status = pieces_take(p, frame, place, error);
    place->line += frame->line - 1;
    place->index += frame->index;
    place->offset += frame->size;
    place->frame++;
    /* What the decoder took, without what the engine did meanwhile. */
    tally->decode_ns +=
        gh_clock_ns() - started - (tally->engine_ns + tally->change_ns - elsewhere);
    return status;
}

enum gh_status gh_pipeline_frame(struct gh_pipeline *pipeline, const char *at, size_t size,
                                 struct gh_place *place, struct gh_error *error)
{
    struct gh_frame frame;

    gh_frame_go_on(&frame, at, size, place->binary);
    return frame_take(pipeline, &frame, NULL, place, error);
}

enum gh_status gh_pipeline_lines(struct gh_pipeline *pipeline, const char *at, size_t size,
                                 struct gh_place *place, struct gh_error *error)
{
    struct gh_frame frame;

    gh_frame_init_lines(&frame, at, size);
    return frame_take(pipeline, &frame, NULL, place, error);
}

enum gh_status gh_pipeline_decoded(struct gh_pipeline *pipeline, struct gh_decoded *decoded,
                                   struct gh_place *place, struct gh_error *error)
{
    pipeline->unknown_keys += decoded->unknown_keys;
    pipeline->tally.decode_ns += decoded->ns;
    return frame_take(pipeline, &decoded->frame, decoded, place, error);
}

uint32_t gh_pipeline_room(const struct gh_pipeline *pipeline)
{
    return pipeline->batch - (uint32_t)pipeline->tally.waiting;
}

enum gh_status gh_pipeline_events(struct gh_pipeline *pipeline, const struct gh_event *event,
                                  size_t count, struct gh_error *error)
{
    static const struct gh_waiting unknown = {.source = "", .piece = {"", 0}};
    struct gh_pipeline *p = pipeline;
    enum gh_status status = gh_pipeline_flush(p, error);

    for (size_t done = 0; status == GH_OK && done < count;) {
        const size_t n = count - done < p->batch ? count - done : p->batch;

        p->tally.pieces += n;
        status = gh_engine_offer(p->engine, event + done, n, p->answer);
        for (size_t i = 0; status == GH_OK && i < n; i++)
            status = answer_take(p, &unknown, p->answer[i], p->offered++);
        if (status != GH_OK)
            return memory_error(error);
        changes_drain(p);
        done += n;
    }
    return status;
}

enum gh_status gh_pipeline_finish(struct gh_pipeline *pipeline, struct gh_error *error)
{
    enum gh_status status = gh_pipeline_flush(pipeline, error);
    const uint64_t started = gh_clock_ns();
    uint64_t finished;

    if (status != GH_OK)
        return status;
    if (gh_engine_finish(pipeline->engine) != GH_OK)
        return memory_error(error);
    finished = gh_clock_ns();
    changes_drain(pipeline);
    pipeline->tally.engine_ns += finished - started;
    pipeline->tally.change_ns += gh_clock_ns() - finished;
    return GH_OK;
}

void gh_pipeline_tally(const struct gh_pipeline *pipeline, struct gh_tally *tally)
{
    *tally = pipeline->tally;
    tally->unknown_keys = pipeline->unknown_keys + gh_decoder_unknown_keys(pipeline->decoder);
    gh_engine_counters(pipeline->engine, &tally->engine);
}

struct gh_engine *gh_pipeline_engine(const struct gh_pipeline *pipeline)
{
    return pipeline->engine;
}
