/* engine.c - life of an engine, and the way in and out. */
#include "base/hash.h"
#include "detect/level.h"
#include "engine/state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { PREFETCH = 32, SMALL_STATE = 256, FEWEST_REFERENCE_CALLS = 1000 };

void gh_run_shards(struct gh_engine *e, void (*work)(void *engine, uint32_t shard))
{
    const bool together = e->executor.run != NULL && e->shards > 1;

    if (together)
        e->executor.run(e->executor.context, work, e, e->shards);
    for (uint32_t i = 0; i < e->shards; i++) {
        if (!together)
            work(e, i);
        e->heap.failed |= e->shard[i].heap.failed;
    }
}

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* Where each detector's state stands behind gh_actor and gh_day. */
static void layout_make(struct gh_layout *l)
{
    l->session_size = sizeof(struct gh_session_facts);
    l->actor_size = aligned(sizeof(struct gh_actor));
    l->day_size = aligned(sizeof(struct gh_day));
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        l->shock[d] = l->shared;
        l->shared += gh_shared(d);
        l->levels += gh_detectors[d]->measure == GH_LEVEL;
        if (gh_detectors[d]->actor_size <= SMALL_STATE) {
            l->actor_state[d] = l->actor_size;
            l->actor_size += aligned(gh_detectors[d]->actor_size);
        }
        l->day_state[d] = l->day_size;
        l->day_size += aligned(gh_detectors[d]->day_size);
        l->session_state[d] = l->session_size;
        l->session_size += aligned(gh_detectors[d]->session_size);
    }
    l->hot_size = l->actor_size;
    for (uint32_t d = 0; d < gh_detector_count; d++) { /* behind what each event needs */
        if (gh_detectors[d]->actor_size > SMALL_STATE) {
            l->actor_state[d] = l->actor_size;
            l->actor_size += aligned(gh_detectors[d]->actor_size);
        }
        l->evidence[d] = l->structural;
        l->evidence_at[d] = l->actor_size;
        if (!gh_structural(d))
            continue;
        l->structural++;
        l->actor_size +=
            aligned(sizeof(struct gh_evidence) + gh_parts(d) * sizeof(struct gh_past));
    }
}

static struct gh_stepper stepper_of(const struct gh_engine *e, uint32_t d,
                                    void (*take)(struct gh_step *step))
{
    const struct gh_layout *l = &e->layout;

    return (struct gh_stepper){
        .take = take,
        .config = &e->config[d],
        .detector = d,
        .bit = 1u << d,
        .actor_at = (uint32_t)l->actor_state[d],
        .day_at = (uint32_t)l->day_state[d],
        .session_at = (uint32_t)l->session_state[d],
    };
}

static void steppers_make(struct gh_engine *e)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (gh_detectors[d]->step != NULL)
            e->on_call[e->calls_to++] = stepper_of(e, d, gh_detectors[d]->step);
        if (gh_detectors[d]->output != NULL)
            e->on_output[e->outputs_to++] = stepper_of(e, d, gh_detectors[d]->output);
    }
}

/* Tables get their bounds with all that follows from the settings. */
static void shard_init(struct gh_engine *e, struct gh_shard *s, uint32_t index)
{
    const int64_t forever = INT64_MAX / 4, day = INT64_C(86400000), year = 366 * day;

    s->engine = e;
    s->index = index;
    s->heap.memory = e->heap.memory;
    s->actors.element_size = e->layout.actor_size;
    for (int i = 0; i < GH_BOOKS; i++)
        s->book[i].days.element_size = e->layout.day_size;
    s->spare.element_size = e->layout.day_size;
    s->judged.element_size = sizeof(struct gh_judged);
    s->by_class.element_size = sizeof(struct gh_judged_classes);
    s->who.element_size = sizeof(struct gh_who);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        gh_cells_init(&s->cells[d], gh_detectors[d]->cell_size, 0,
                      gh_detectors[d]->cell_idle_ms);
    gh_cells_init(&s->sessions, e->layout.session_size, 0, day / 2);
    gh_cells_init(&s->day_samples, sizeof(struct gh_day_samples), 0, 4 * day);
    gh_cells_init(&s->episodes, sizeof(struct gh_episode), 0, year / 4);
    gh_cells_init(&s->schedules, sizeof(struct gh_schedule_entry), 0, forever);
    gh_cells_init(&s->quotas, sizeof(struct gh_quota), 0, forever);
    gh_cells_init(&s->refs, sizeof(double), 0, year / 2);
    gh_intern_init(&s->samples, 0);
    s->inbox.element_size = sizeof(struct gh_inbox_entry);
    s->raised.element_size = sizeof(struct gh_raised);
    for (int i = 0; i < GH_SETS; i++)
        s->candidates[i].element_size = sizeof(uint32_t);
}

static void shard_free(struct gh_shard *s)
{
    gh_segments_free(&s->heap, &s->actors);
    for (int i = 0; i < GH_BOOKS; i++)
        gh_segments_free(&s->heap, &s->book[i].days);
    gh_segments_free(&s->heap, &s->spare);
    gh_array_free(&s->heap, &s->judged);
    gh_array_free(&s->heap, &s->by_class);
    gh_array_free(&s->heap, &s->who);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        gh_cells_free(&s->heap, &s->cells[d]);
    gh_cells_free(&s->heap, &s->sessions);
    gh_cells_free(&s->heap, &s->day_samples);
    gh_cells_free(&s->heap, &s->episodes);
    gh_cells_free(&s->heap, &s->schedules);
    gh_cells_free(&s->heap, &s->quotas);
    gh_cells_free(&s->heap, &s->refs);
    gh_intern_free(&s->heap, &s->samples);
    gh_array_free(&s->heap, &s->inbox);
    gh_array_free(&s->heap, &s->raised);
    for (int i = 0; i < GH_SETS; i++)
        gh_array_free(&s->heap, &s->candidates[i]);
}

static void tables_init(struct gh_engine *e)
{
    const int64_t forever = INT64_MAX / 4;

    gh_intern_init(&e->actors, 0);
    gh_intern_init(&e->teams, 0);
    gh_intern_init(&e->names, 0);
    gh_cells_init(&e->experiments, sizeof(struct gh_experiment_cell), 0, forever);
    gh_intern_init(&e->zone_names, 65536);
    /* As many as there are: what bounds findings is that they are rare. */
    gh_cells_init(&e->file_of, sizeof(uint64_t), UINT32_MAX / 4, forever);
    gh_cells_init(&e->file_by_id, sizeof(uint64_t), UINT32_MAX / 4, forever);
    e->files.element_size = sizeof(struct gh_case_file);
    e->held.element_size = sizeof(struct gh_held);
    e->released.element_size = sizeof(struct gh_released);
    e->actor_team.element_size = e->agent_owner[0].element_size =
        e->agent_owner[1].element_size = sizeof(uint32_t);
    e->zone.element_size = sizeof(const struct gh_zone *);
    e->records.element_size = sizeof(struct gh_record);
    e->tape.passages.element_size = sizeof(struct gh_passage);
    e->tape.kept.element_size = sizeof(struct gh_event);
    e->shocks.element_size = sizeof(struct gh_rank);
    e->team_entries.element_size = e->sorted_entries.element_size =
        sizeof(struct gh_team_entry);
    e->team_offsets.element_size = e->open_files.element_size = sizeof(uint32_t);
    e->alarms.element_size = sizeof(struct gh_alarm);
    e->scratch.element_size = sizeof(double);
    e->picks.element_size = sizeof(struct gh_candidate);
    e->team_state.element_size = sizeof(struct gh_team);
    e->members.element_size = sizeof(struct gh_member);
    e->cleared.element_size = sizeof(struct gh_cleared);
    e->changes.element_size = sizeof(struct gh_finding);
    e->scopes.rule.element_size = sizeof(struct gh_scope_rule);
    e->scopes.row.element_size = sizeof(struct gh_scope_row);
    e->scopes.slot.element_size = sizeof(uint32_t);
    for (int i = 0; i < GH_SCOPES; i++)
        e->scopes.people[i].element_size = sizeof(uint32_t);
    gh_past_init(e);
}

/* The quantile of few calls is that of whoever happened to be among them. */
static void references_init(struct gh_engine *e)
{
    static const enum gh_call_class class_of[GH_PARTS] = {
        [GH_WORK_PLAIN] = GH_CLASS_CHAT,       [GH_WORK_SECOND] = GH_CLASS_CHAT,
        [GH_WORK_LOOSE] = GH_CLASS_COMPLETION, [GH_WORK_AGENT] = GH_CLASS_AGENT,
        [GH_WORK_OTHER] = GH_CLASS_AGENT,      [GH_WORK_JOB] = GH_CLASS_CALLED,
    };

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        const struct gh_call_reference *known = &e->model->reference[class_of[i]];
        e->public_context[i] = known->calls >= FEWEST_REFERENCE_CALLS
                                   ? known->context[GH_REFERENCE_QUANTILES - 1]
                                   : INFINITY;
    }
}

/* All that may fail but for the engine's own memory. */
static enum gh_status engine_make(struct gh_engine *e, const struct gh_setup *setup)
{
    const enum gh_status status = gh_settings_take(e, setup->settings);

    if (status != GH_OK)
        return status;
    steppers_make(e);
    references_init(e);
    gh_reserve_logs_make(&e->reserve_logs, e->evidence.epoch, GH_BETS);
    gh_weights_set(e);
    e->shards = setup->shards;
    e->shard = gh_heap_resize(&e->heap, NULL, 0, e->shards * sizeof *e->shard);
    if (e->shard == NULL || gh_price_init(e) != GH_OK || gh_cohorts_init(e) != GH_OK)
        return GH_EMEMORY;
    for (uint32_t i = 0; i < e->shards; i++)
        shard_init(e, &e->shard[i], i);
    gh_thresholds_set(e);
    gh_settings_follow(e);
    return e->heap.failed ? GH_EMEMORY : GH_OK;
}

enum gh_status gh_engine_new(struct gh_engine **engine, const struct gh_setup *setup)
{
    struct gh_heap heap = {.memory = setup->memory};
    struct gh_engine *e = gh_heap_resize(&heap, NULL, 0, sizeof *e);

    assert(setup->shards >= 1 && setup->shards <= 64);
    if (e == NULL)
        return GH_EMEMORY;
    e->heap = heap;
    e->model = setup->model;
    e->prices = setup->prices;
    e->zones = setup->zones;
    e->executor = setup->executor;
    e->watch = setup->watch;
    layout_make(&e->layout);
    tables_init(e);
    const enum gh_status status = engine_make(e, setup);
    if (status == GH_OK)
        *engine = e;
    else
        gh_engine_free(e);
    return status;
}

static void arrays_free(struct gh_engine *e)
{
    struct gh_array *const array[] = {
        &e->held,         &e->released,   &e->actor_team, e->agent_owner,   e->agent_owner + 1,
        &e->zone,         &e->records,    &e->shocks,     &e->team_entries, &e->sorted_entries,
        &e->team_offsets, &e->alarms,     &e->scratch,    &e->picks,        &e->open_files,
        &e->changes,      &e->team_state, &e->members,    &e->cleared,      &e->tape.passages,
    };

    for (size_t i = 0; i < sizeof array / sizeof *array; i++)
        gh_array_free(&e->heap, array[i]);
}

void gh_engine_free(struct gh_engine *e)
{
    if (e == NULL)
        return;
    gh_tape_forget(e);
    for (uint32_t i = 0; e->shard != NULL && i < e->shards; i++)
        shard_free(&e->shard[i]);
    gh_heap_free(&e->heap, e->shard, e->shards * sizeof *e->shard);
    gh_cohorts_free(e);
    arrays_free(e);
    gh_ids_free(&e->heap, &e->ids);
    gh_intern_free(&e->heap, &e->actors);
    gh_intern_free(&e->heap, &e->teams);
    gh_intern_free(&e->heap, &e->names);
    gh_cells_free(&e->heap, &e->experiments);
    gh_intern_free(&e->heap, &e->zone_names);
    gh_cells_free(&e->heap, &e->price_spans);
    gh_cells_free(&e->heap, &e->file_of);
    gh_cells_free(&e->heap, &e->file_by_id);
    gh_segments_free(&e->heap, &e->files);
    gh_segments_free(&e->heap, &e->tape.kept);
    gh_arena_free(&e->heap, &e->held_texts);
    gh_heap_free(&e->heap, e->price, e->prices.count * sizeof *e->price);
    gh_scopes_free(e);
    gh_past_free(e);
    struct gh_heap heap = e->heap;
    gh_heap_free(&heap, e, sizeof *e);
}

static enum gh_status engine_status(const struct gh_engine *e)
{
    return e->heap.failed ? GH_EMEMORY : GH_OK;
}

/* Queues that have been read to the end start anew. */
static void queues_reset(struct gh_engine *e)
{
    if (e->changes_next == e->changes.count)
        e->changes.count = e->changes_next = 0;
    if (e->released_next == e->released.count)
        e->released.count = e->released_next = 0;
    if (e->held.count == 0 && e->released.count == 0)
        gh_arena_reset(&e->held_texts);
}

static void names_prefetch(const struct gh_engine *e, const struct gh_hashes *hashes,
                           size_t count)
{
    for (int step = 0; step < GH_INTERN_STEPS; step++) {
        for (size_t i = 0; i < count; i++) {
            gh_intern_prefetch(&e->actors, hashes[i].actor, (enum gh_intern_step)step);
            gh_intern_prefetch(&e->names, hashes[i].agent, (enum gh_intern_step)step);
        }
    }
}

enum gh_status gh_engine_offer(struct gh_engine *e, const struct gh_event *event, size_t count,
                               struct gh_answer *answer)
{
    struct gh_hashes hashes[PREFETCH];

    assert(e->tape.front == NULL);
    queues_reset(e);
    gh_tape_begin(e);
    for (size_t i = 0; i < count; i += PREFETCH) {
        const size_t n = count - i < PREFETCH ? count - i : PREFETCH;
        for (size_t k = 0; k < n; k++) {
            hashes[k] = gh_event_hashes(&event[i + k]);
            gh_ids_prefetch(&e->ids, hashes[k].id);
        }
        names_prefetch(e, hashes, n);
        for (size_t k = 0; k < n && !e->heap.failed; k++)
            gh_order_offer(e, &event[i + k], &hashes[k], &answer[i + k]);
    }
    gh_segment_run(e);
    return engine_status(e);
}

enum gh_status gh_engine_finish(struct gh_engine *e)
{
    assert(e->tape.front == NULL);
    queues_reset(e);
    gh_tape_begin(e);
    gh_order_finish(e);
    gh_segment_run(e);
    return engine_status(e);
}

bool gh_engine_change(struct gh_engine *e, struct gh_finding *change)
{
    if (e->changes_next >= e->changes.count)
        return false;
    *change = *(struct gh_finding *)gh_array_at(&e->changes, e->changes_next++);
    return true;
}

bool gh_engine_released(struct gh_engine *e, struct gh_released *released)
{
    if (e->released_next >= e->released.count)
        return false;
    *released = *(struct gh_released *)gh_array_at(&e->released, e->released_next++);
    return true;
}

static uint64_t cells_refused(const struct gh_engine *e)
{
    const struct gh_engine *front = e->tape.front != NULL ? e->tape.front : e;
    uint64_t refused = front->experiments.refused;

    for (uint32_t i = 0; i < e->shards; i++) {
        const struct gh_shard *s = &e->shard[i];

        refused += s->sessions.refused + s->day_samples.refused + s->episodes.refused +
                   s->schedules.refused + s->quotas.refused + s->refs.refused;
        for (uint32_t d = 0; d < gh_detector_count; d++)
            refused += s->cells[d].refused;
    }
    return refused;
}

void gh_engine_counters(const struct gh_engine *e, struct gh_counters *counters)
{
    *counters = e->tape.front != NULL ? gh_tape_counters(e) : e->counters;
    counters->held = e->tape.front != NULL ? e->tape.front->held.count : e->held.count;
    counters->actors = gh_intern_count(&e->actors);
    counters->teams = gh_intern_count(&e->teams);
    counters->cells_refused = cells_refused(e);
    counters->overrides_idle = gh_scopes_idle(e);
    counters->memory_bytes = e->heap.bytes;
    counters->memory_peak_bytes = e->heap.peak_bytes;
    for (uint32_t i = 0; i < e->shards; i++) {
        counters->memory_bytes += e->shard[i].heap.bytes;
        counters->memory_peak_bytes += e->shard[i].heap.peak_bytes;
    }
}

bool gh_engine_finding(const struct gh_engine *e, uint64_t *cursor, struct gh_finding *finding)
{
    if (*cursor >= e->files.count)
        return false;
    const struct gh_case_file *f = gh_segments_at(&e->files, (uint32_t)(*cursor)++);
    *finding = f->finding;
    return true;
}

uint32_t gh_engine_shards(const struct gh_engine *engine)
{
    return engine->shards;
}

int64_t gh_engine_newest_ms(const struct gh_engine *engine)
{
    return engine->started ? engine->newest_ms : 0;
}

bool gh_engine_knows(const struct gh_engine *engine, struct gh_text actor)
{
    return gh_intern_find(&engine->actors, actor) != 0;
}
