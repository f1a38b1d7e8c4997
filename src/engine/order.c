/* order.c - what becomes of an event before anybody looks at it: too far in the future,
 * known already, too late, or taken. See gh_engine_offer for the rule of held events. */
#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"

static void answer_set(struct gh_engine *e, struct gh_answer *answer, enum gh_outcome outcome,
                       enum gh_refusal refusal)
{
    answer->outcome = (uint8_t)outcome;
    answer->refusal = (uint8_t)refusal;
    e->counters.applied += outcome == GH_APPLIED;
    e->counters.duplicate += outcome == GH_DUPLICATE;
    e->counters.late += outcome == GH_LATE;
    if (outcome == GH_REFUSED) {
        e->counters.refused++;
        e->counters.refused_by[refusal]++;
    }
}

static void usage_count(struct gh_engine *e, const struct gh_event *event)
{
    if (event->kind == GH_USAGE)
        e->counters.tokens += gh_event_tokens(event);
}

/* A late event counts in totals and nowhere else. */
static bool event_late(const struct gh_engine *e, const struct gh_event *event)
{
    return event->ts_ms < e->newest_ms - (int64_t)(e->order.lateness * 1000.0);
}

static int64_t reach_of(const struct gh_engine *e)
{
    return (int64_t)(e->order.max_future * 1000.0);
}

/* Takes an event whose time is beyond doubt. */
static void order_take(struct gh_engine *e, const struct gh_event *event,
                       const struct gh_hashes *hashes, uint64_t position,
                       struct gh_answer *answer)
{
    if (!gh_ids_add(&e->heap, &e->ids, hashes->id)) {
        answer_set(e, answer, GH_DUPLICATE, GH_REFUSED_NOT);
        return;
    }
    if (event_late(e, event)) {
        usage_count(e, event);
        answer_set(e, answer, GH_LATE, GH_REFUSED_NOT);
        return;
    }
    const bool moved = event->ts_ms > e->newest_ms;
    const struct gh_passage passage = {moved ? event->ts_ms : e->newest_ms,
                                       gh_intern_count(&e->teams), e->teams_apart};
    e->newest_ms = passage.newest_ms;
    if (moved && !e->tape.leads)
        gh_rounds_advance(e);
    const enum gh_refusal refusal = gh_front_take(e, event, hashes, position);
    if (e->tape.leads && (moved || refusal == GH_REFUSED_NOT))
        gh_tape_add(e, &passage, refusal == GH_REFUSED_NOT);
    if (refusal != GH_REFUSED_NOT) {
        answer_set(e, answer, GH_REFUSED, refusal);
        return;
    }
    usage_count(e, event);
    e->counters.applied_by[event->kind]++;
    e->counters.authenticated += event->owner != 0;
    e->counters.kept_apart += gh_kept_apart(e, event);
    answer_set(e, answer, GH_APPLIED, GH_REFUSED_NOT);
}

static void released_add(struct gh_engine *e, const struct gh_held *held,
                         struct gh_answer answer)
{
    struct gh_released *r = gh_array_add(&e->heap, &e->released, 1);

    if (r != NULL)
        *r = (struct gh_released){held->position, answer, held->event.id};
}

/* Ends the wait of held events: those up to `until_ms` are taken in order. The rest is
 * refused, or goes on waiting. */
static void held_release(struct gh_engine *e, int64_t until_ms, bool rest_waits)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < e->held.count; i++) {
        const struct gh_held *held = gh_array_at(&e->held, i);
        const bool take = held->event.ts_ms <= until_ms;
        struct gh_answer answer;

        if (take)
            order_take(e, &held->event, &held->hashes, held->position, &answer);
        else if (!rest_waits)
            answer_set(e, &answer, GH_REFUSED, GH_REFUSED_FUTURE);
        if (take || !rest_waits)
            released_add(e, held, answer);
    }
    gh_segment_run(e); /* the records point into the held events */
    for (uint32_t i = 0; i < e->held.count && rest_waits; i++) {
        const struct gh_held *held = gh_array_at(&e->held, i);
        if (held->event.ts_ms > until_ms)
            *(struct gh_held *)gh_array_at(&e->held, kept++) = *held;
    }
    e->held.count = kept;
}

static void held_refuse(struct gh_engine *e)
{
    held_release(e, INT64_MIN, false);
}

/* The lower median of the times of held events: half of them say that it has been reached,
 * so that one wrong clock among them does not count. */
static int64_t held_median(const struct gh_engine *e)
{
    const uint32_t middle = (e->held.count - 1) / 2;

    for (uint32_t i = 0; i < e->held.count; i++) {
        const int64_t ts_ms = ((const struct gh_held *)gh_array_at(&e->held, i))->event.ts_ms;
        uint32_t earlier = 0, same = 0;
        for (uint32_t k = 0; k < e->held.count; k++) {
            const struct gh_held *other = gh_array_at(&e->held, k);
            earlier += other->event.ts_ms < ts_ms;
            same += other->event.ts_ms == ts_ms;
        }
        if (earlier <= middle && middle < earlier + same)
            return ts_ms;
    }
    return INT64_MIN;
}

static bool held_within(const struct gh_engine *e, int64_t until_ms)
{
    for (uint32_t i = 0; i < e->held.count; i++)
        if (((const struct gh_held *)gh_array_at(&e->held, i))->event.ts_ms <= until_ms)
            return true;
    return false;
}

/* Time has moved on to the median. What is then within reach is no longer ahead of it: left
 * waiting, the next event of a stream in order would refuse it. */
static void held_accept(struct gh_engine *e)
{
    held_release(e, held_median(e) + reach_of(e), true);
    while (held_within(e, e->newest_ms + reach_of(e)))
        held_release(e, e->newest_ms + reach_of(e), true);
}

static bool text_keep(struct gh_engine *e, void *field)
{
    struct gh_text *text = field;

    if (text->at != NULL)
        *text = gh_arena_copy(&e->heap, &e->held_texts, *text);
    return !e->heap.failed;
}

static bool other_keep(struct gh_engine *e, void *field)
{
    (void)e, (void)field;
    return true;
}

/* Texts of a held event outlive the caller's frame. */
static bool event_keep(struct gh_engine *e, struct gh_event *event)
{
    bool kept = true;

#define KEEP(key, type, field, kinds, required, help)    \
    kept = kept && _Generic(event->field, struct gh_text \
                            : text_keep, default         \
                            : other_keep)(e, &event->field);
    GH_EVENT_KEYS(KEEP)
#undef KEEP
    return kept;
}

static void text_archive(struct gh_engine *e, struct gh_archive *a, void *field, size_t size)
{
    (void)size;
    gh_archive_text(a, &e->heap, &e->held_texts, field);
}

static void other_archive(struct gh_engine *e, struct gh_archive *a, void *field, size_t size)
{
    (void)e;
    gh_archive_bytes(a, field, size);
}

static void event_archive(struct gh_engine *e, struct gh_archive *a, struct gh_event *event)
{
    GH_ARCHIVE(a, event->present);
    GH_ARCHIVE(a, event->owner);
#define MOVE(key, type, field, kinds, required, help) \
    _Generic(event->field, struct gh_text             \
             : text_archive, default                  \
             : other_archive)(e, a, &event->field, sizeof event->field);
    GH_EVENT_KEYS(MOVE)
#undef MOVE
}

void gh_held_archive(struct gh_engine *e, struct gh_archive *a)
{
    uint32_t count = e->held.count;

    GH_ARCHIVE(a, count);
    for (uint32_t i = 0; i < count && !a->failed; i++) {
        struct gh_held *held =
            a->loading ? gh_array_add(&e->heap, &e->held, 1) : gh_array_at(&e->held, i);
        a->failed |= held == NULL;
        if (a->failed)
            return;
        event_archive(e, a, &held->event);
        GH_ARCHIVE(a, held->position);
        GH_ARCHIVE(a, held->hashes.id);
        if (a->loading && !a->failed)
            held->hashes = gh_event_hashes(&held->event);
    }
}

static bool held_already(const struct gh_engine *e, uint64_t hash)
{
    for (uint32_t i = 0; i < e->held.count; i++)
        if (((const struct gh_held *)gh_array_at(&e->held, i))->hashes.id == hash)
            return true;
    return false;
}

static void order_hold(struct gh_engine *e, const struct gh_event *event,
                       const struct gh_hashes *hashes, uint64_t position,
                       struct gh_answer *answer)
{
    if (gh_ids_known(&e->ids, hashes->id) || held_already(e, hashes->id)) {
        answer_set(e, answer, GH_DUPLICATE, GH_REFUSED_NOT);
        return;
    }
    struct gh_held *held = gh_array_add(&e->heap, &e->held, 1);

    answer_set(e, answer, GH_HELD, GH_REFUSED_NOT);
    if (held == NULL)
        return;
    *held = (struct gh_held){*event, *hashes, position};
    if (!event_keep(e, &held->event))
        e->held.count--;
    if (e->held.count >= e->order.future_quorum)
        held_accept(e);
}

/* A tick says that time has moved on: what is held and lies before it is confirmed. */
static bool tick_order(struct gh_engine *e, const struct gh_event *tick)
{
    if (tick->ts_ms > e->newest_ms + (int64_t)(e->order.max_tick * 1000.0))
        return false;
    if (e->held.count > 0 && !event_late(e, tick))
        held_release(e, tick->ts_ms + reach_of(e), false);
    return true;
}

static void order_start(struct gh_engine *e, int64_t ts_ms)
{
    e->started = true;
    e->newest_ms = ts_ms;
    e->closed_hour =
        gh_floor_div(ts_ms - (int64_t)(e->order.lateness * 1000.0), GH_MS_PER_HOUR);
    e->first_date = (int32_t)gh_floor_div(ts_ms, GH_MS_PER_DAY);
    e->settled_date = e->first_date - 2;
    e->epoch_start = e->first_date;
}

/* An id is its owner's: nobody's event is a double of what another has said before. */
struct gh_hashes gh_event_hashes(const struct gh_event *event)
{
    const uint64_t id = gh_hash(event->id.at, event->id.size);

    return (struct gh_hashes){
        .id = event->owner == 0 ? id : gh_hash_pair(id, event->owner),
        .actor = gh_hash(event->actor.at, event->actor.size),
        .agent = gh_hash(event->agent.at, event->agent.size),
    };
}

void gh_order_offer(struct gh_engine *e, const struct gh_event *event,
                    const struct gh_hashes *hashes, struct gh_answer *answer)
{
    const uint64_t position = e->position++;

    e->counters.offered++;
    if (!e->started)
        order_start(e, event->ts_ms);
    if (event->kind == GH_TICK) {
        if (!tick_order(e, event)) {
            answer_set(e, answer, GH_REFUSED, GH_REFUSED_FUTURE);
            return;
        }
    } else if (event->ts_ms > e->newest_ms + reach_of(e)) {
        order_hold(e, event, hashes, position, answer);
        return;
    } else if (e->held.count > 0 && !event_late(e, event)) {
        held_refuse(e);
    }
    order_take(e, event, hashes, position, answer);
}

void gh_order_finish(struct gh_engine *e)
{
    held_refuse(e);
}
