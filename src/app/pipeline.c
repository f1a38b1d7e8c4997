/* pipeline.c - one batch of decoded events at a time: what waits points into the frames
 * that were handed in, so nothing is copied but what the engine holds back. */
#include "app/pipeline.h"

#include "edge/clock.h"
#include "edge/edge_options.h"
#include "edge/resources.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A piece and where it stands: a lost event but for the reason. */
struct waiting {
    const char *source, *owner;
    uint64_t frame, offset, line, index;
    struct gh_text piece;
    bool binary;
};

/* A copy of an event that the engine holds; its bytes, the source and the owner follow. */
struct held {
    struct held *next;
    uint64_t position;
    struct waiting what;
};

struct gh_pipeline {
    struct gh_engine *engine;
    struct gh_pool *pool;
    struct gh_model *model;
    struct gh_price_table *prices;
    struct gh_zone_cache *zones;
    struct gh_decoder *decoder;
    struct gh_hooks hooks;
    const struct gh_config *config;
    uint32_t shards, batch;
    struct gh_event *event; /* batch of each */
    const char **owner;
    struct gh_answer *answer;
    struct waiting *waiting;
    uint64_t whose; /* gh_event.owner in the frame at hand */
    uint64_t offered;
    struct held *held, **held_end;
    struct gh_tally tally;
};

/* More threads than cores only take turns. */
static uint32_t thread_count(uint32_t shards)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 && (uint32_t)cores < shards ? (uint32_t)cores : shards;
}

static enum gh_status resources_load(struct gh_pipeline *p,
                                     const struct gh_service_options *options,
                                     struct gh_error *error)
{
    enum gh_status status = gh_price_table_load(&p->prices, options->prices.text, error);

    if (status == GH_OK && !p->hooks.model)
        status = gh_model_load(&p->model, options->model.text, error);
    if (status != GH_OK)
        return status;
    p->zones = gh_zone_cache_new();
    p->decoder = gh_decoder_new();
    p->pool = gh_pool_new(thread_count(options->shards));
    p->event = calloc(p->batch, sizeof(*p->event));
    p->owner = calloc(p->batch, sizeof(*p->owner));
    p->answer = calloc(p->batch, sizeof(*p->answer));
    p->waiting = calloc(p->batch, sizeof(*p->waiting));
    if (!p->zones || !p->decoder || !p->pool || !p->event || !p->owner || !p->answer ||
        !p->waiting)
        return gh_error_set(error, GH_EMEMORY, "engine: no memory or no threads to start");
    return GH_OK;
}

static struct gh_setup engine_setup(const struct gh_pipeline *p,
                                    const struct gh_settings *settings)
{
    return (struct gh_setup){
        .settings = settings,
        .model = p->hooks.model ? p->hooks.model : p->model,
        .watch = p->hooks.watch,
        .prices = gh_price_table_prices(p->prices),
        .zones = gh_zone_cache_zones(p->zones),
        .memory = gh_memory_system(),
        .executor = gh_pool_executor(p->pool),
        .shards = p->shards,
    };
}

static enum gh_status engine_start(struct gh_pipeline *p, struct gh_error *error)
{
    const struct gh_settings settings = gh_config_settings(p->config);
    const struct gh_setup setup = engine_setup(p, &settings);
    const enum gh_status status = gh_engine_new(&p->engine, &setup);

    if (status != GH_OK)
        gh_error_set(error, status, "engine: %s", gh_status_text(status));
    return status;
}

enum gh_status gh_pipeline_new(struct gh_pipeline **pipeline, const struct gh_config *config,
                               uint32_t batch, const struct gh_hooks *hooks,
                               struct gh_error *error)
{
    const struct gh_service_options *options = gh_config_group(config, "service");
    struct gh_pipeline *p = calloc(1, sizeof(*p));
    enum gh_status status;

    assert(batch >= 1 && batch <= GH_BATCH_MAX);
    *pipeline = NULL;
    if (!p)
        return gh_error_set(error, GH_EMEMORY, "engine: out of memory");
    p->hooks = *hooks;
    p->config = config;
    p->shards = options->shards;
    p->batch = batch;
    p->held_end = &p->held;
    status = resources_load(p, options, error);
    if (status == GH_OK)
        status = engine_start(p, error);
    if (status == GH_OK)
        *pipeline = p;
    else
        gh_pipeline_free(p);
    return status;
}

static void held_drop(struct gh_pipeline *p, struct held **link)
{
    struct held *gone = *link;

    *link = gone->next;
    if (p->held_end == &gone->next)
        p->held_end = link;
    free(gone);
}

void gh_pipeline_free(struct gh_pipeline *pipeline)
{
    if (!pipeline)
        return;
    while (pipeline->held)
        held_drop(pipeline, &pipeline->held);
    gh_engine_free(pipeline->engine);
    gh_pool_free(pipeline->pool);
    gh_model_free(pipeline->model);
    gh_price_table_free(pipeline->prices);
    gh_zone_cache_free(pipeline->zones);
    gh_decoder_free(pipeline->decoder);
    free(pipeline->event);
    free(pipeline->owner);
    free(pipeline->answer);
    free(pipeline->waiting);
    free(pipeline);
}

static void lose(struct gh_pipeline *p, const struct waiting *what, enum gh_refusal reason,
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
static enum gh_status held_keep(struct gh_pipeline *p, const struct waiting *what,
                                uint64_t position)
{
    const size_t source_size = strlen(what->source) + 1;
    const size_t owner_size = what->owner ? strlen(what->owner) + 1 : 0;
    struct held *held;
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

static enum gh_status answer_take(struct gh_pipeline *p, const struct waiting *what,
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
    static const struct waiting unknown = {.source = "", .piece = {"", 0}};
    struct held **link = &p->held;

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
    const uint64_t started = (uint64_t)gh_clock_ns();
    enum gh_status status = GH_OK;

    if (!count)
        return GH_OK;
    if (p->hooks.on_batch)
        status = p->hooks.on_batch(p->hooks.context, p->event, p->owner, count, error);
    if (status != GH_OK)
        return status;
    p->tally.waiting = 0;
    status = gh_engine_offer(p->engine, p->event, count, p->answer);
    const uint64_t offered = (uint64_t)gh_clock_ns();
    for (size_t i = 0; status == GH_OK && i < count; i++)
        status = answer_take(p, &p->waiting[i], p->answer[i], p->offered++);
    if (status != GH_OK)
        return memory_error(error);
    changes_drain(p);
    gh_decoder_reset(p->decoder);
    p->tally.engine_ns += offered - started;
    p->tally.change_ns += (uint64_t)gh_clock_ns() - offered;
    return GH_OK;
}

/* One key that invents people must not use up what all may have. */
static bool may_bring(const struct gh_pipeline *p, const char *owner, struct gh_text actor)
{
    return !actor.at || !p->hooks.may_bring || gh_engine_knows(p->engine, actor) ||
           p->hooks.may_bring(p->hooks.context, owner, actor);
}

/* Whether whoever sent it may say it; if not, it is lost. */
static bool speaker_may(struct gh_pipeline *p, const struct waiting *what,
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

static enum gh_status piece_take(struct gh_pipeline *p, const struct gh_piece *piece,
                                 const struct gh_place *place, struct gh_error *error)
{
    struct gh_refused refused;
    struct gh_event *event = &p->event[p->tally.waiting];
    const struct waiting what = {.source = place->source,
                                 .owner = place->speaker.owner,
                                 .frame = place->frame,
                                 .offset = place->offset + piece->offset,
                                 .line = place->line + piece->line,
                                 .index = place->index + piece->index,
                                 .piece = {piece->at, (uint32_t)piece->size},
                                 .binary = piece->form != GH_FORM_JSON};

    p->tally.pieces++;
    if (!gh_decode(p->decoder, piece, event, &refused)) {
        lose(p, &what, refused.reason, refused.key, refused.text);
        return GH_OK;
    }
    if (!speaker_may(p, &what, &place->speaker, event))
        return GH_OK;
    event->owner = p->whose;
    p->owner[p->tally.waiting] = what.owner;
    p->waiting[p->tally.waiting++] = what;
    return p->tally.waiting == p->batch ? gh_pipeline_flush(p, error) : GH_OK;
}

/* What the decoder took, without what the engine did meanwhile. */
static void decode_count(struct gh_tally *tally, uint64_t started, uint64_t elsewhere)
{
    tally->decode_ns +=
        (uint64_t)gh_clock_ns() - started - (tally->engine_ns + tally->change_ns - elsewhere);
}

static void place_move(struct gh_place *place, size_t size, uint64_t lines, uint64_t pieces)
{
    place->line += lines;
    place->index += pieces;
    place->offset += size;
    place->frame++;
}

enum gh_status gh_pipeline_frame(struct gh_pipeline *pipeline, const char *at, size_t size,
                                 struct gh_place *place, struct gh_error *error)
{
    struct gh_tally *tally = &pipeline->tally;
    const uint64_t started = (uint64_t)gh_clock_ns(),
                   elsewhere = tally->engine_ns + tally->change_ns;
    struct gh_piece piece;
    struct gh_frame frame;
    enum gh_status status = GH_OK;

    tally->frames++;
    tally->bytes += size;
    pipeline->whose = gh_speaker_owner(&place->speaker, place->owner);
    gh_frame_go_on(&frame, at, size, place->binary);
    while (status == GH_OK && gh_frame_next(&frame, &piece))
        status = piece_take(pipeline, &piece, place, error);
    place_move(place, size, frame.line - 1, frame.index);
    decode_count(tally, started, elsewhere);
    return status;
}

enum gh_status gh_pipeline_lines(struct gh_pipeline *pipeline, const char *at, size_t size,
                                 struct gh_place *place, struct gh_error *error)
{
    struct gh_tally *tally = &pipeline->tally;
    const uint64_t started = (uint64_t)gh_clock_ns(),
                   elsewhere = tally->engine_ns + tally->change_ns;
    struct gh_piece piece = {.line = 1};
    enum gh_status status = GH_OK;

    tally->frames++;
    tally->bytes += size;
    pipeline->whose = gh_speaker_owner(&place->speaker, place->owner);
    while (status == GH_OK && piece.offset < size) {
        piece.at = at + piece.offset;
        const char *end = memchr(piece.at, '\n', size - piece.offset);
        piece.size = end ? (size_t)(end - piece.at) : size - piece.offset;
        status = piece_take(pipeline, &piece, place, error);
        piece.offset += piece.size + 1;
        piece.line++;
        piece.index++;
    }
    place_move(place, size, piece.line - 1, piece.index);
    decode_count(tally, started, elsewhere);
    return status;
}

uint32_t gh_pipeline_room(const struct gh_pipeline *pipeline)
{
    return pipeline->batch - (uint32_t)pipeline->tally.waiting;
}

enum gh_status gh_pipeline_events(struct gh_pipeline *pipeline, const struct gh_event *event,
                                  size_t count, struct gh_error *error)
{
    static const struct waiting unknown = {.source = "", .piece = {"", 0}};
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
    const uint64_t started = (uint64_t)gh_clock_ns();

    if (status != GH_OK)
        return status;
    if (gh_engine_finish(pipeline->engine) != GH_OK)
        return memory_error(error);
    const uint64_t finished = (uint64_t)gh_clock_ns();
    changes_drain(pipeline);
    pipeline->tally.engine_ns += finished - started;
    pipeline->tally.change_ns += (uint64_t)gh_clock_ns() - finished;
    return GH_OK;
}

enum gh_status gh_pipeline_load(struct gh_pipeline *pipeline, const struct gh_carrier *from,
                                struct gh_error *error)
{
    struct gh_pipeline *p = pipeline;
    const struct gh_settings settings = gh_config_settings(p->config);
    const struct gh_setup setup = engine_setup(p, &settings);
    struct gh_engine *loaded;
    struct gh_counters c;
    const enum gh_status status = gh_engine_load(&loaded, &setup, from);

    assert(p->tally.pieces == 0);
    if (status == GH_ECONFIG)
        return gh_error_set(error, status,
                            "evidence.epoch, evidence.burn_in: cannot change in a "
                            "log that has begun: set them back, or begin anew");
    if (status != GH_OK)
        return gh_error_set(error, status, "saved engine: %s", gh_status_text(status));
    gh_engine_free(p->engine);
    p->engine = loaded;
    gh_engine_counters(loaded, &c);
    p->offered = c.offered;
    p->tally = (struct gh_tally){.pieces = c.offered,
                                 .applied = c.applied,
                                 .duplicate = c.duplicate,
                                 .late = c.late,
                                 .refused = c.refused,
                                 .held = c.held,
                                 .changes = c.changes};
    memcpy(p->tally.refused_by, c.refused_by, sizeof p->tally.refused_by);
    return GH_OK;
}

void gh_pipeline_tally(const struct gh_pipeline *pipeline, struct gh_tally *tally)
{
    *tally = pipeline->tally;
    tally->unknown_keys = gh_decoder_unknown_keys(pipeline->decoder);
    gh_engine_counters(pipeline->engine, &tally->engine);
}

struct gh_engine *gh_pipeline_engine(const struct gh_pipeline *pipeline)
{
    return pipeline->engine;
}
