/* follow.c - see follow.h. */
#include "engine/follow.h"

#include "engine/state.h"

#include <assert.h>
#include <string.h>

/* --- the front --- */

enum gh_status gh_engine_lead(struct gh_engine **front, const struct gh_setup *setup)
{
    const enum gh_status status = gh_engine_new(front, setup);

    if (status == GH_OK)
        (*front)->tape.leads = true;
    return status;
}

static bool group_same(uint32_t group, const void *a, const void *b)
{
    const struct gh_option_group *const rows = gh_engine_group_at(group);

    for (size_t i = 0; i < rows->count; i++) {
        const struct gh_option *const o = &rows->options[i];
        const size_t size = o->type == GH_OPTION_DOUBLE ? sizeof(double) : sizeof(uint32_t);

        assert(o->type == GH_OPTION_DOUBLE || o->type == GH_OPTION_U32);
        if (memcmp((const char *)a + o->offset, (const char *)b + o->offset, size) != 0)
            return false;
    }
    return true;
}

bool gh_engine_fits(const struct gh_engine *front, const struct gh_setup *setup)
{
    const struct gh_settings *const settings = setup->settings;
    const struct gh_review_options *review = settings->value[GH_GROUP_REVIEW];

    return group_same(GH_GROUP_ORDER, &front->order, settings->value[GH_GROUP_ORDER]) &&
           group_same(GH_GROUP_LIMITS, &front->limits, settings->value[GH_GROUP_LIMITS]) &&
           front->review.require_authenticated.value == review->require_authenticated.value &&
           front->prices.row == setup->prices.row && front->prices.count == setup->prices.count;
}

uint32_t gh_team_count(const struct gh_engine *e)
{
    return e->tape.front != NULL ? e->tape.teams : gh_intern_count(&e->teams);
}

void gh_tape_begin(struct gh_engine *e)
{
    if (!e->tape.leads)
        return;
    e->records.count = e->tape.passages.count = e->tape.kept.count = 0;
}

/* A held event moves when others behind it go. */
static const struct gh_event *event_stay(struct gh_engine *e, const struct gh_event *event)
{
    const struct gh_event *held = (const struct gh_event *)e->held.at;

    if (e->held.count == 0 || (uintptr_t)event < (uintptr_t)held ||
        (uintptr_t)event >= (uintptr_t)held + e->held.count * e->held.element_size)
        return event;
    struct gh_event *kept = gh_segments_add(&e->heap, &e->tape.kept);
    if (kept != NULL)
        *kept = *event;
    return kept;
}

void gh_tape_add(struct gh_engine *e, const struct gh_passage *passage, bool taken)
{
    struct gh_passage *at = gh_array_push(&e->heap, &e->tape.passages);

    if (!taken) {
        struct gh_record *none = gh_array_push(&e->heap, &e->records);
        if (none != NULL)
            *none = (struct gh_record){.event = NULL};
    } else {
        struct gh_record *last = gh_array_at(&e->records, e->records.count - 1);
        last->event = event_stay(e, last->event);
    }
    if (at != NULL)
        *at = *passage;
}

/* --- those who follow --- */

enum gh_status gh_engine_follow(struct gh_engine **engine, const struct gh_engine *front,
                                const struct gh_setup *setup)
{
    assert(front->tape.leads && front->position == 0);
    if (!gh_engine_fits(front, setup))
        return GH_ECONFIG;
    const enum gh_status status = gh_engine_new(engine, setup);
    if (status == GH_OK)
        (*engine)->tape.front = front;
    return status;
}

/* Its tables, as they are now, are read as if they were here. */
static void tables_borrow(struct gh_engine *e)
{
    const struct gh_engine *front = e->tape.front;

    e->actors = front->actors;
    e->teams = front->teams;
    e->names = front->names;
    e->zone_names = front->zone_names;
    e->zone = front->zone;
    e->records = front->records;
}

void gh_tape_forget(struct gh_engine *e)
{
    if (e->tape.front == NULL)
        return;
    memset(&e->actors, 0, sizeof e->actors);
    memset(&e->teams, 0, sizeof e->teams);
    memset(&e->names, 0, sizeof e->names);
    memset(&e->zone_names, 0, sizeof e->zone_names);
    memset(&e->zone, 0, sizeof e->zone);
    memset(&e->records, 0, sizeof e->records);
}

/* As the front began; whatever comes first then has moved time. */
static void follow_start(struct gh_engine *e)
{
    e->started = true;
    e->newest_ms = INT64_MIN;
    e->closed_hour = e->tape.front->closed_hour;
    e->first_date = e->tape.front->first_date;
    e->settled_date = e->tape.front->settled_date;
    e->epoch_start = e->tape.front->epoch_start;
}

static void record_follow(struct gh_engine *e, uint32_t index)
{
    const struct gh_passage *passage = gh_array_at(&e->tape.front->tape.passages, index);
    const struct gh_record *r = gh_array_at(&e->records, index);

    e->tape.teams = passage->teams;
    e->teams_apart = passage->teams_apart;
    if (passage->newest_ms > e->newest_ms) {
        e->newest_ms = passage->newest_ms;
        gh_rounds_advance(e);
    }
    if (r->event == NULL)
        return;
    if (e->dealt >= GH_SEGMENT_RECORDS)
        gh_segment_run(e);
    gh_front_deal(e, r, index);
}

enum gh_status gh_engine_catch_up(struct gh_engine *e)
{
    const struct gh_engine *front = e->tape.front;

    assert(front != NULL && e->changes_next == e->changes.count);
    e->changes.count = e->changes_next = 0;
    tables_borrow(e);
    if (!e->started && front->started)
        follow_start(e);
    e->heap.failed |= front->heap.failed;
    for (uint32_t i = 0; i < front->records.count && !e->heap.failed; i++)
        record_follow(e, i);
    gh_segment_run(e);
    e->newest_ms = front->newest_ms;
    return e->heap.failed ? GH_EMEMORY : GH_OK;
}

struct gh_counters gh_tape_counters(const struct gh_engine *e)
{
    struct gh_counters c = e->tape.front->counters;

    c.uncovered = e->counters.uncovered;
    c.verdicts_void = e->counters.verdicts_void;
    c.audited = e->counters.audited;
    c.allowances_moved = e->counters.allowances_moved;
    c.rounds = e->counters.rounds;
    c.days_settled = e->counters.days_settled;
    c.epochs = e->counters.epochs;
    c.changes = e->counters.changes;
    return c;
}
