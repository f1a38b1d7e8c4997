/* pipeline.h - from bytes to changes of findings: split, decode, offer, drain. `replay`
 * and `run` are two users of this one path, so they cannot come to differ.
 *
 * It owns what the engine is handed: zones, prices, model, threads; and the decoder. One
 * thread feeds it; hooks are called on that thread, in the order of the log. */
#ifndef GOODHART_APP_PIPELINE_H
#define GOODHART_APP_PIPELINE_H

#include "app/config.h"
#include "edge/decoded.h"
#include "edge/guard.h"

/* Where a frame begins. Pieces count on from here. */
struct gh_place {
    const char *source; /* file or endpoint; must stay valid until gh_pipeline_flush */
    uint64_t frame;     /* frames of this source before it */
    uint64_t offset;    /* bytes of this source before it */
    uint64_t line;      /* lines of this source before it */
    uint64_t index;     /* pieces of this source before it */
    bool binary;        /* it goes on within a binary frame: see gh_frame_go_on */
    /* Whose frame it is; {0}: nobody is asked for. Else events that gh_key_permits does not
     * permit, and all of a key that is not good now, are refused as not_allowed. Must stay
     * valid until gh_pipeline_flush. */
    struct gh_speaker speaker;
    /* gh_event.owner of what is in it, where nobody speaks: the log tells whose it was. With a
     * speaker it is the speaker's. */
    uint64_t owner;
};

/* An event that was not taken, for the dead-letter record. Lent for the call. */
struct gh_lost {
    const char *source;
    const char *owner; /* of the key that it came with; NULL: nobody was asked for */
    uint64_t frame;    /* as in gh_place */
    uint64_t offset;   /* of the piece's first byte in the source */
    uint64_t line;     /* of its first byte in the source, from 1 */
    uint64_t index;    /* of the piece in the source, from 0 */
    enum gh_refusal reason;
    const char *key;      /* the key concerned; "" where none */
    const char *text;     /* for a person: "input_tokens: -3: an integer from ..." */
    struct gh_text piece; /* its bytes */
    bool binary;          /* they are none of JSON */
};

struct gh_hooks {
    void *context;
    /* Decoded events, about to be offered, and the names of the keys that handed them in (NULL:
     * none); NULL: nobody asks. Unless it returns GH_OK they are not: they wait on, and the
     * call that led here fails with the same status. */
    enum gh_status (*on_batch)(void *context, const struct gh_event *event,
                               const char *const *owner, size_t count, struct gh_error *error);
    /* Whether this key may bring up an actor that the engine does not know; NULL: each may. */
    bool (*may_bring)(void *context, const char *owner, struct gh_text actor);
    void (*on_change)(void *context, const struct gh_finding *change);
    void (*on_refused)(void *context, const struct gh_lost *lost); /* NULL: only counted */
    /* Who measures: a model instead of that of service.model, and a watch on the engine.
     * NULL: none. Both are lent while the pipeline lives. */
    const struct gh_model *model;
    const struct gh_watch *watch;
};

/* pieces = applied + duplicate + late + refused + held + waiting, at any time; after
 * gh_pipeline_finish held and waiting are 0. */
struct gh_tally {
    uint64_t frames, bytes, pieces;
    uint64_t applied, duplicate, late, refused;
    uint64_t held;                         /* by the engine, see gh_engine_offer */
    uint64_t waiting;                      /* decoded, not yet offered */
    uint64_t refused_by[GH_REFUSAL_COUNT]; /* by the decoder and the engine together */
    uint64_t unknown_keys;
    uint64_t changes;
    /* Time spent, by decoders on all threads; change: inside on_change. */
    uint64_t decode_ns, engine_ns, change_ns;
    struct gh_counters engine;
};

struct gh_pipeline;

/* `batch`: events offered at once, 1..65536. `shards` and files come from the group
 * "service" of `config`, which is lent while the pipeline lives. On success the caller
 * owns *pipeline. */
enum { GH_BATCH_MAX = 65536, GH_BATCH_DEFAULT = 1024 };
GH_MUST_USE enum gh_status gh_pipeline_new(struct gh_pipeline **pipeline,
                                           const struct gh_config *config, uint32_t batch,
                                           const struct gh_hooks *hooks,
                                           struct gh_error *error);
void gh_pipeline_free(struct gh_pipeline *pipeline);

/* Takes a frame apart, decodes its pieces and offers each full batch. `at` must stay
 * valid and unchanged until the next gh_pipeline_flush: events that do not fill a batch
 * wait. *place moves on past the frame, so that the next one of the same source can be
 * handed in with it. Only GH_EMEMORY is possible: bad bytes are counted, not failures. */
GH_MUST_USE enum gh_status gh_pipeline_frame(struct gh_pipeline *pipeline, const char *at,
                                             size_t size, struct gh_place *place,
                                             struct gh_error *error);
/* The same for a frame in which each line, whatever it holds, is one piece: what has numbers.
 * All of them are offered together: there is room for a batch of them after a flush. */
GH_MUST_USE enum gh_status gh_pipeline_lines(struct gh_pipeline *pipeline, const char *at,
                                             size_t size, struct gh_place *place,
                                             struct gh_error *error);
/* The same for a frame that another thread has decoded, in parts or whole; both must stay valid
 * as well. What is taken, refused and counted is what gh_pipeline_frame would. */
GH_MUST_USE enum gh_status gh_pipeline_decoded(struct gh_pipeline *pipeline,
                                               struct gh_decoded *decoded,
                                               struct gh_place *place, struct gh_error *error);
/* How many events may still be handed in before a batch is full. */
uint32_t gh_pipeline_room(const struct gh_pipeline *pipeline);
/* Offers events that need no decoding, as their owners', and keeps nothing of them. */
GH_MUST_USE enum gh_status gh_pipeline_events(struct gh_pipeline *pipeline,
                                              const struct gh_event *event, size_t count,
                                              struct gh_error *error);
/* Offers what waits. The frames handed in so far are free again. */
GH_MUST_USE enum gh_status gh_pipeline_flush(struct gh_pipeline *pipeline,
                                             struct gh_error *error);
/* Flush, then the end of input: what is held is refused. */
GH_MUST_USE enum gh_status gh_pipeline_finish(struct gh_pipeline *pipeline,
                                              struct gh_error *error);

/* The engine goes on from what gh_engine_save wrote, under the settings of this pipeline, which
 * has been fed nothing yet. The tally goes on from the engine's counters. */
GH_MUST_USE enum gh_status gh_pipeline_load(struct gh_pipeline *pipeline,
                                            const struct gh_carrier *from,
                                            struct gh_error *error);

/* From the next event on another configuration holds, which is lent from then on; the engine
 * goes on as gh_engine_load would under it. Nothing may wait in the pipeline, and both queues
 * of the engine must have been read to their end.
 *
 * Two steps, so that whatever can fail has failed before it is put on record. The first changes
 * nothing: *next is then what the second one needs, or freed with gh_pipeline_next_free. Where
 * model and prices are the same files and only options differ that hold at once, it costs
 * little; else all that the engine knows is copied, and is there twice meanwhile.
 * GH_ECONFIG: evidence.epoch or evidence.burn_in differ, or a file is no model, no prices. */
struct gh_pipeline_next;
GH_MUST_USE enum gh_status gh_pipeline_prepare(struct gh_pipeline *pipeline,
                                               const struct gh_config *config,
                                               struct gh_pipeline_next **next,
                                               struct gh_error *error);
/* Takes *next. Only GH_EMEMORY is possible, and then the engine is no longer usable. */
GH_MUST_USE enum gh_status gh_pipeline_adopt(struct gh_pipeline *pipeline,
                                             struct gh_pipeline_next *next,
                                             struct gh_error *error);
void gh_pipeline_next_free(struct gh_pipeline_next *next); /* NULL is legal */
/* Both. */
GH_MUST_USE enum gh_status gh_pipeline_configure(struct gh_pipeline *pipeline,
                                                 const struct gh_config *config,
                                                 struct gh_error *error);

void gh_pipeline_tally(const struct gh_pipeline *pipeline, struct gh_tally *tally);
/* For gh_engine_finding and engine/inspect.h. Lent. */
struct gh_engine *gh_pipeline_engine(const struct gh_pipeline *pipeline);

/* One JSON object, without '\n', for the dead-letter record: source, frame, offset, line,
 * index, reason, key, text, the owner of the key it came with where there is one, and the
 * piece as `event`, or, where it is not UTF-8, as `event_base64`; what came in a binary frame,
 * an Event of events.proto, as `event_binary_base64`. The caller frees it (free).
 * NULL: out of memory. */
char *gh_lost_line(const struct gh_lost *lost);

#endif
