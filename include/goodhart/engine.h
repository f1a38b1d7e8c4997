/* engine.h - findings = engine(configuration, model, ordered log of events).
 *
 * The engine is pure: no clock, no I/O, no locks, no globals. Time is event time. What it
 * needs from outside (memory, time zones, prices, threads) is handed to it in the setup.
 * The same setup and the same events in the same order give the same changes, whatever
 * the number of shards, however the events are cut into batches. */
#ifndef GOODHART_ENGINE_H
#define GOODHART_ENGINE_H

#include "goodhart/error.h"
#include "goodhart/event.h"
#include "goodhart/finding.h"
#include "goodhart/option.h"

/* Storage. resize(p, 0 -> n) allocates, (p, n -> 0) frees, else reallocates; NULL when
 * there is none. Memory comes zeroed beyond `old_size`. Called from the threads of the
 * executor, so it must be thread-safe when there is one. */
struct gh_memory {
    void *context;
    void *(*resize)(void *context, void *p, size_t old_size, size_t new_size);
};

/* Runs work(argument, 0) … work(argument, count - 1), in any order, perhaps in parallel,
 * and returns when all are done. NULL run: one after the other on the caller's thread. */
struct gh_executor {
    void *context;
    void (*run)(void *context, void (*work)(void *argument, uint32_t index), void *argument,
                uint32_t count);
};

/* A time zone as plain data. Offset of time t: that of the last transition at or before
 * t, or `first_offset_s` before all of them. Transitions ascend strictly. */
struct gh_zone_change {
    int64_t at_s;     /* UTC seconds since 1970 */
    int32_t offset_s; /* local minus UTC from then on */
};
struct gh_zone {
    int32_t first_offset_s;
    uint32_t count;
    const struct gh_zone_change *change;
};

/* Looks up IANA zones. NULL: unknown name. The answer is lent and must stay valid and the
 * same while the engine lives. Called only from the thread that feeds the engine. */
struct gh_zones {
    void *context;
    const struct gh_zone *(*find)(void *context, struct gh_text name);
};

/* One dated row of the price table. Prices in US dollars per million tokens; NAN: the
 * provider does not bill this class apart, then `input` holds for it. */
struct gh_price {
    const char *model;    /* exact name, or a prefix when it ends in '*' */
    const char *provider; /* "" matches any */
    int64_t from_ms;      /* holds from this time until the next row of the same model */
    double input, cache_read, cache_write, output;
    int64_t context_window; /* tokens; 0 unknown */
};
struct gh_prices {
    const struct gh_price *row; /* any order; an exact name beats the longest prefix */
    size_t count;
};

/* Fitted numbers that are not options: peer priors and honest tails (models/). Opaque
 * here; made by gh_model_load in the shell, read by the engine. */
struct gh_model;

/* Another value of one option for the people of a team or of a role; never for one person.
 * It is read where the option is: for a call at the call's own time, for a day at the end of
 * its date (UTC), with the team and role that the person then has. Of several that are in force
 * for the same option one of the team beats one of the role, and of equals the last listed
 * holds. It is idle, counted and without effect, as long as fewer than GH_SCOPE_PEOPLE_MIN
 * people belong to the name: human accounts that had a day with calls and are not kept apart,
 * as of the last settled date. It never holds for what is kept apart. */
enum gh_scope { GH_SCOPE_TEAM, GH_SCOPE_ROLE };
enum { GH_SCOPE_PEOPLE_MIN = 5 };
struct gh_override {
    uint32_t scope;         /* enum gh_scope */
    struct gh_text name;    /* of the team or role */
    int64_t until_ms;       /* event time from which it no longer holds; INT64_MAX: never */
    uint32_t group, option; /* gh_engine_group_at(group)->options[option] */
    double value;           /* 0 or 1 for a bool */
};

/* Every option of the engine and its detectors, by group. `value[i]` points to the struct
 * of group i (gh_engine_group_at(i)), filled by the caller. */
enum { GH_ENGINE_GROUPS_MAX = 24 };
struct gh_settings {
    const void *value[GH_ENGINE_GROUPS_MAX];
    const struct gh_override *override; /* in order of listing; NULL: none */
    size_t override_count;
};
/* Groups in a fixed order: engine groups, then one per registered detector. */
size_t gh_engine_group_count(void);
const struct gh_option_group *gh_engine_group_at(size_t index);
/* Whether an override may change the option: what is read for one person at a time. What holds
 * for the population (false discovery rates, floors, false alarms, order, limits) is not. */
bool gh_option_scopable(size_t group, size_t option);
/* Whether gh_engine_configure may change the option. False: the past is divided by it. */
bool gh_option_live(size_t group, size_t option);

struct gh_watch; /* who measures the engine: engine/inspect.h */

struct gh_setup {
    const struct gh_settings *settings; /* copied */
    const struct gh_model *model;       /* lent while the engine lives */
    struct gh_prices prices;            /* lent while the engine lives */
    struct gh_zones zones;
    struct gh_memory memory;
    struct gh_executor executor;
    const struct gh_watch *watch; /* lent while the engine lives; NULL: nobody watches */
    uint32_t shards;              /* 1..64 */
};

enum gh_outcome {
    GH_APPLIED,
    GH_DUPLICATE, /* the same id again, of the same owner (gh_event.owner) */
    GH_LATE,      /* counted in totals, not judged */
    GH_REFUSED,   /* see gh_answer.refusal */
    GH_HELD,      /* far ahead of the stream: waits to be confirmed or refused; see below */
};
struct gh_answer {
    uint8_t outcome; /* enum gh_outcome */
    uint8_t refusal; /* enum gh_refusal */
};

/* Why an event that had been held was refused in the end, or that it was applied. */
struct gh_released {
    uint64_t position; /* of the event, counted over all events ever offered, from 0 */
    struct gh_answer answer;
    struct gh_text id; /* lent until the next call */
};

struct gh_counters {
    uint64_t offered, applied, duplicate, late, refused; /* + held = offered */
    uint64_t held;                                       /* waiting now */
    uint64_t refused_by[GH_REFUSAL_COUNT];
    uint64_t applied_by[GH_KIND_COUNT];
    uint64_t authenticated; /* of the applied: came with a key */
    uint64_t kept_apart;   /* of the applied: without one, under review.require_authenticated */
    uint64_t cost_unknown; /* usage without cost and without a price */
    uint64_t missing;      /* calls that never arrived, as usage told (event.missing) */
    uint64_t uncovered;    /* people's days of which evidence.coverage did not arrive */
    uint64_t zone_unknown; /* profiles with a time zone that nobody knows */
    uint64_t verdicts_void;    /* about no finding, or by the person whom it is about */
    uint64_t audited;          /* incidents told of people who were drawn by lot */
    uint64_t allowances_moved; /* by verdicts: how often a detector may alarm */
    uint64_t cells_refused;    /* by a table of limits.* that was full: not watched */
    uint64_t overrides_idle;   /* now: of a team or role of too few people */
    uint64_t actors, teams;    /* who is kept apart as well counts twice */
    uint64_t rounds, days_settled, epochs;
    uint64_t changes; /* alerts made */
    uint64_t memory_bytes, memory_peak_bytes;
    double tokens;   /* of all usage, late ones included */
    double cost_usd; /* of applied usage whose cost is known */
};

struct gh_engine;

/* On success the caller owns *engine and ends it with gh_engine_free (NULL is legal).
 * GH_ECONFIG: an override of what is not scopable, or with a value out of the option's
 * range. */
GH_MUST_USE enum gh_status gh_engine_new(struct gh_engine **engine,
                                         const struct gh_setup *setup);
void gh_engine_free(struct gh_engine *engine);

/* Offers `count` events in log order; answer[i] tells what became of event[i]. Changes of
 * findings queue up and are taken with gh_engine_change. GH_EMEMORY: the engine is no
 * longer usable.
 *
 * Held events: an event more than max_future ahead of the newest accepted time moves time
 * for everybody, so one wrong clock must not do it. It is held. The next event within
 * reach refuses all held ones; a run of `order.future_quorum` such events in a row, with
 * none within reach between them, is a stream that has been quiet: those up to max_future
 * past their median time are accepted, then those that this brings within reach; the others
 * go on waiting. A tick accepts those up to max_future past it and refuses the others. */
GH_MUST_USE enum gh_status gh_engine_offer(struct gh_engine *engine,
                                           const struct gh_event *event, size_t count,
                                           struct gh_answer *answer);
/* End of input: what is still held is refused. Closes no window. */
GH_MUST_USE enum gh_status gh_engine_finish(struct gh_engine *engine);

/* Takes the next change, oldest first; false: none left. The texts it lends hold until
 * the next gh_engine_offer. */
bool gh_engine_change(struct gh_engine *engine, struct gh_finding *change);
bool gh_engine_released(struct gh_engine *engine, struct gh_released *released);

void gh_engine_counters(const struct gh_engine *engine, struct gh_counters *counters);

/* Where the state of an engine goes to or comes from: takes `size` bytes from `at`, or puts so
 * many there. False: it could not, and will not be called again. */
struct gh_carrier {
    void *context;
    bool (*move)(void *context, void *at, size_t size);
};
/* Writes all that the engine knows, a few MB at a time; changes nothing. Both queues must
 * have been read to their end. GH_EIO: the carrier failed. */
GH_MUST_USE enum gh_status gh_engine_save(struct gh_engine *engine,
                                          const struct gh_carrier *to);
/* An engine that goes on where the saved one stood: from the same events it makes the same
 * changes. The number of shards is the saved one, whatever the setup says; other settings
 * and another model hold from here on, but for evidence.epoch and evidence.burn_in, by which
 * the past is divided. GH_ECONFIG: those differ. GH_EFORMAT: saved by an engine with other
 * state. Where what is self-reported is kept apart from here on, and was not, evidence begins
 * anew. GH_EIO: the carrier failed, or brought what is no state. Loading is safe whatever the
 * bytes are, and takes memory as they come; going on is promised with those that were written
 * alone: whoever keeps them has a checksum. Counters go on, but for memory. */
GH_MUST_USE enum gh_status gh_engine_load(struct gh_engine **engine,
                                          const struct gh_setup *setup,
                                          const struct gh_carrier *from);
/* From the next event on the engine goes by other settings, which are copied: the same as
 * gh_engine_save, then gh_engine_load under them, but without copying the state. What is chosen
 * by lot (incident.audit) and what verdicts move hold from the next epoch; all else at once,
 * thresholds too. A table that is already larger than a bound of limits.* takes in nothing new.
 * GH_ECONFIG: what is not live differs, or an override is not legal; then nothing has changed.
 * GH_EMEMORY: the engine is no longer usable. */
GH_MUST_USE enum gh_status gh_engine_configure(struct gh_engine *engine,
                                               const struct gh_settings *settings);
uint32_t gh_engine_shards(const struct gh_engine *engine);
/* Whether an event of this actor has been applied, or one that names them an actor. */
bool gh_engine_knows(const struct gh_engine *engine, struct gh_text actor);
/* Newest accepted event time, as far as it is confirmed; 0: no event yet. */
int64_t gh_engine_newest_ms(const struct gh_engine *engine);

/* Walks over the newest revision of every finding, in order of first opening. `cursor`
 * starts at 0. False: no more. */
bool gh_engine_finding(const struct gh_engine *engine, uint64_t *cursor,
                       struct gh_finding *finding);

#endif
