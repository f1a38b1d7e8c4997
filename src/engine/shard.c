/* shard.c - a segment of the log at one shard: calls go to the detectors of their actor. */
#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>

/* Local time of an actor; the zone's offset is looked up only when it may have changed. */
struct gh_local gh_actor_local(struct gh_engine *e, struct gh_actor *a, int64_t time_ms)
{
    if (time_ms < a->offset_from_ms || time_ms >= a->offset_until_ms) {
        const struct gh_zone *zone =
            a->zone ? *(const struct gh_zone **)gh_array_at(&e->zone, a->zone - 1) : NULL;
        const int64_t hour = gh_floor_div(time_ms, GH_MS_PER_HOUR / 4) * (GH_MS_PER_HOUR / 4);
        a->offset_ms = gh_zone_offset_ms(zone, time_ms);
        /* Zones change at full quarters of an hour, or before anybody had tokens. */
        a->offset_from_ms = hour;
        a->offset_until_ms = hour + GH_MS_PER_HOUR / 4;
        if (zone == NULL || zone->count == 0) {
            a->offset_from_ms = 0;
            a->offset_until_ms = INT64_MAX;
        }
    }
    const int64_t local = time_ms + a->offset_ms, date = gh_floor_div(local, GH_MS_PER_DAY);
    return (struct gh_local){(int32_t)date, (uint16_t)((local - date * GH_MS_PER_DAY) / 60000)};
}

struct gh_actor *gh_shard_actor(struct gh_shard *s, uint32_t actor)
{
    const struct gh_engine *e = s->engine;
    const uint32_t local = actor / e->shards;

    while (s->actors.count <= local) {
        const uint32_t id = s->actors.count * e->shards + s->index;
        struct gh_actor *a = gh_segments_add(&s->heap, &s->actors);
        if (a == NULL)
            return NULL;
        a->apart = gh_who_apart(gh_intern_text(&e->actors, id));
        a->first_date = a->last_date = INT32_MAX;
        for (int i = 0; i < GH_SETS; i++)
            a->frozen_log_e[i] = NAN;
        for (uint32_t d = 0; d < gh_detector_count; d++) {
            if (!gh_structural(d))
                continue;
            struct gh_evidence *evidence = gh_actor_evidence(e, a, d);
            for (uint32_t i = 0; i < gh_parts(d); i++)
                evidence->past[i].anchor = NAN;
            for (int i = 0; i < GH_EVIDENCES; i++)
                gh_reserve_start(&evidence->set[i]);
        }
    }
    struct gh_actor *a = gh_actor_at(s, local);
    a->id = actor;
    return a;
}

static struct gh_book *book_of(struct gh_shard *s, int32_t date)
{
    struct gh_book *book = &s->book[(uint32_t)date % GH_BOOKS];

    if (!book->used) {
        book->used = true;
        book->date = date;
        book->days = s->spare;
        gh_segments_forget(&s->spare);
    }
    return book->date == date ? book : NULL;
}

/* The memory of few dates goes round: two or three are open at a time. */
void gh_book_close(struct gh_shard *s, struct gh_book *book)
{
    book->used = false;
    book->days.count = 0;
    gh_segments_free(&s->heap, &s->spare);
    s->spare = book->days;
    gh_segments_forget(&book->days);
}

struct gh_day *gh_shard_day(struct gh_shard *s, struct gh_actor *a, int32_t date)
{
    const uint32_t slot = (uint32_t)date % GH_OPEN_DAYS;
    /* A date that has been settled must not take a book: nobody would clear it. */
    struct gh_book *book = date > s->engine->settled_date ? book_of(s, date) : NULL;

    if (book == NULL)
        return NULL;
    if (a->open[slot].index != 0 && a->open[slot].date == date)
        return gh_segments_at(&book->days, a->open[slot].index - 1);
    struct gh_day *day = gh_segments_add(&s->heap, &book->days);
    if (day == NULL)
        return NULL;
    day->actor = a->id;
    day->date = date;
    day->quota = gh_quota_of(s, a);
    day->schedule = gh_schedule_bits(s, a, date);
    a->open[slot].date = date;
    a->open[slot].index = book->days.count;
    return day;
}

static void call_fill(struct gh_call *call, const struct gh_record *r, uint32_t actor)
{
    const struct gh_event *event = r->event;

    *call = (struct gh_call){
        .ts_ms = event->ts_ms,
        .position = r->position,
        .present = event->present,
        .actor = actor,
        .agent = r->agent,
        .caller = r->caller,
        .model = r->model,
        .session = r->session,
        .prompt_hash = event->prompt_hash,
        .response_hash = event->response_hash,
        .context_tokens = (double)event->input_tokens + (double)event->cache_read_tokens +
                          (double)event->cache_write_tokens,
        .output_tokens = (double)event->output_tokens,
        .user_tokens = (double)event->user_tokens,
        .tool_calls = (double)event->tool_calls,
        .cost_usd = r->cost.usd,
        .output_usd = r->cost.output,
        .origin = event->origin,
        .status = event->status,
        .foreign = actor != r->actor,
        .id = event->id,
    };
    call->tokens = call->context_tokens + call->output_tokens;
}

/* Boyer and Moore's majority vote. */
static void model_vote(struct gh_day *day, uint32_t model)
{
    if (day->votes == 0)
        day->model = model;
    day->votes = day->model == model ? day->votes + 1 : day->votes - 1;
}

static void day_count(struct gh_day *day, const struct gh_call *call)
{
    model_vote(day, call->model);
    if (day->calls == 0) {
        day->first_ms = call->ts_ms;
        day->first_event = gh_hash(call->id.at, call->id.size);
    }
    day->calls++;
    day->last_ms = call->ts_ms > day->last_ms ? call->ts_ms : day->last_ms;
    day->first_ms = call->ts_ms < day->first_ms ? call->ts_ms : day->first_ms;
    day->hours |= 1u << (call->local.minute / 60);
    day->tokens += call->tokens;
    day->context_tokens += call->context_tokens;
    if (isnan(call->cost_usd))
        day->unpriced_tokens += call->tokens;
    else
        day->cost_usd += call->cost_usd;
}

static void sample_keep(struct gh_shard *s, struct gh_day *day, uint32_t d,
                        struct gh_text event_id)
{
    struct gh_day_samples *samples =
        gh_cells_touch(&s->heap, &s->day_samples, gh_samples_key(day, d), day->last_ms);

    if (samples == NULL || samples->count >= GH_DAY_SAMPLES)
        return;
    const uint32_t id = gh_intern_add(&s->heap, &s->samples, event_id);
    if (id != 0)
        samples->id[samples->count++] = id;
}

/* What is raised for another reason than its score is told to everybody. */
static enum gh_told fast_told(const struct gh_engine *e, const struct gh_actor *a, uint32_t d,
                              double score)
{
    const double *threshold = e->threshold[a->apart][d].fast;

    return a->audited && score >= threshold[GH_TOLD_BELOW] && score < threshold[GH_TOLD_ABOVE]
               ? GH_TOLD_BELOW
               : GH_TOLD_ABOVE;
}

/* What detectors were shown of the days that are still open: those of an incident. */
static void episode_vouch(const struct gh_shard *s, const struct gh_actor *a,
                          struct gh_episode *episode)
{
    episode->told = episode->vouched = 0;
    episode->missing = 0.0;
    for (uint32_t i = 0; i < GH_OPEN_DAYS; i++) {
        const struct gh_book *book = &s->book[(uint32_t)a->open[i].date % GH_BOOKS];
        if (a->open[i].index == 0 || !book->used || book->date != a->open[i].date)
            continue;
        const struct gh_day *day = gh_segments_at(&book->days, a->open[i].index - 1);
        episode->told += day->told;
        episode->vouched += day->vouched;
        episode->missing += day->missing;
    }
}

static void raised_add(struct gh_shard *s, const struct gh_actor *a, uint32_t d,
                       const struct gh_record *r, const struct gh_step *step)
{
    struct gh_raised *raised = gh_array_add(&s->heap, &s->raised, 1);

    if (raised == NULL)
        return;
    *raised = (struct gh_raised){
        .sequence = r->sequence,
        .detector = d,
        .actor = a->id,
        .team = a->team,
        .told = fast_told(s->engine, a, d, step->score),
        .time_ms = r->event->ts_ms,
        .episode = *step->episode,
    };
    episode_vouch(s, a, &raised->episode);
}

/* One event for every detector that wants it; `step` holds what is the same for all. */
static void detectors_step(struct gh_shard *s, struct gh_actor *a, struct gh_day *day,
                           const struct gh_record *r, struct gh_step step)
{
    struct gh_engine *e = s->engine;
    const struct gh_thresholds *const threshold = e->threshold[a->apart];
    const enum gh_told told = a->audited ? GH_TOLD_BELOW : GH_TOLD_ABOVE;
    const struct gh_stepper *const first = step.call != NULL ? e->on_call : e->on_output;
    const uint32_t count = step.call != NULL ? e->calls_to : e->outputs_to;
    unsigned char *const session = step.session_state;
    const int64_t now = r->event->ts_ms;
    const struct gh_scoped scoped =
        e->scopes.in_force > 0 ? gh_scoped_of(e, a) : (struct gh_scoped){{NULL, NULL}};
    const bool own = gh_scoped_any(&scoped);
    const uint32_t enabled = own ? gh_scoped_enabled(e, &scoped, now) : e->enabled;
    union gh_config room;
    struct gh_episode episode;

    day->told++;
    day->vouched += r->event->owner != 0;
    step.day = day;
    step.heap = &s->heap;
    step.samples = &s->samples;
    step.usual_tokens = a->usual_weight > 0.0 ? a->usual_tokens / a->usual_weight : NAN;
    step.common_tokens = e->cohort[0].tokens_per_day;
    step.public_context = e->public_context;
    step.episode = &episode;
    for (const struct gh_stepper *to = first; to < first + count; to++) {
        const uint32_t d = to->detector;
        if (!(enabled & to->bit))
            continue;
        step.config =
            own ? gh_scoped_group(e, &scoped, GH_GROUP_DETECTORS + d, now, &room) : to->config;
        step.day_state = (unsigned char *)day + to->day_at;
        step.actor_state = (unsigned char *)a + to->actor_at;
        step.session_state = session != NULL ? session + to->session_at : NULL;
        step.cells = &s->cells[d];
        step.watched = (a->watched & to->bit) != 0;
        step.threshold = threshold[d].fast[told];
        step.score = 0.0;
        step.sample = step.raise = false;
        to->take(&step);
        if ((float)step.score > a->fast_sup[d])
            a->fast_sup[d] = (float)step.score;
        if (step.sample)
            sample_keep(s, day, d, step.call != NULL ? step.call->id : step.output->id);
        if (step.raise)
            raised_add(s, a, d, r, &step);
    }
}

static uint64_t session_key(const struct gh_record *r, uint32_t actor)
{
    return gh_session_key(actor, r->session, r->agent);
}

static void shard_call(struct gh_shard *s, const struct gh_record *r, uint32_t actor,
                       uint64_t session)
{
    struct gh_actor *a = gh_shard_actor(s, actor);
    struct gh_call call;

    if (a == NULL)
        return;
    call_fill(&call, r, actor);
    call.local = gh_actor_local(s->engine, a, call.ts_ms);
    if (!call.foreign)
        a->team = r->team;
    struct gh_day *day = gh_shard_day(s, a, call.local.date);
    if (day == NULL)
        return;
    if (!call.foreign) {
        if (r->experiment != 0) {
            day->experiment = r->experiment;
            day->exempt_tokens += call.tokens;
            day->exempt_cost_usd += isnan(call.cost_usd) ? 0.0 : call.cost_usd;
            return;
        }
        day->missing += (double)r->event->missing;
        day_count(day, &call);
    }
    void *state = gh_cells_touch(&s->heap, &s->sessions, session, call.ts_ms);
    gh_session_note(state, &call);
    detectors_step(
        s, a, day, r,
        (struct gh_step){.call = &call, .session_key = session, .session_state = state});
}

void gh_shard_output(struct gh_shard *s, struct gh_actor *a, struct gh_day *day,
                     const struct gh_record *r, const struct gh_output *output)
{
    struct gh_step step = {.output = output};

    if (output->session != 0) {
        step.session_key = gh_session_key(a->id, output->session, 0);
        step.session_state = gh_cells_find(&s->sessions, step.session_key, output->ts_ms);
    }
    detectors_step(s, a, day, r, step);
}

/* People, sessions and days stand all over memory: what a record some way on will need is
 * fetched in two steps, for the second needs what the first has brought. */
static struct gh_inbox_entry *entry_ahead(const struct gh_shard *s, uint32_t i,
                                          const struct gh_record **record)
{
    if (i >= s->inbox.count)
        return NULL;
    struct gh_inbox_entry *entry = gh_array_at(&s->inbox, i);
    *record = gh_array_at(&s->engine->records, entry->record);
    return (*record)->event->kind == GH_USAGE &&
                   (*record)->actor % s->engine->shards == s->index
               ? entry
               : NULL;
}

static void prefetch_far(const struct gh_shard *s, uint32_t i)
{
    const struct gh_engine *e = s->engine;
    const struct gh_record *r;
    struct gh_inbox_entry *entry = entry_ahead(s, i, &r);

    if (entry == NULL)
        return;
    entry->session = session_key(r, r->actor);
    gh_cells_prefetch_slot(&s->sessions, entry->session);
    if (r->actor / e->shards < s->actors.count)
        gh_prefetch(gh_actor_at(s, r->actor / e->shards), e->layout.hot_size);
}

static void prefetch_near(const struct gh_shard *s, uint32_t i)
{
    const struct gh_engine *e = s->engine;
    const struct gh_record *r;
    struct gh_inbox_entry *entry = entry_ahead(s, i, &r);

    if (entry == NULL || entry->session == 0)
        return;
    gh_cells_prefetch_record(&s->sessions, entry->session);
    if (r->actor / e->shards >= s->actors.count)
        return;
    const struct gh_actor *a = gh_actor_at(s, r->actor / e->shards);
    const int32_t date = (int32_t)gh_floor_div(r->event->ts_ms + a->offset_ms, GH_MS_PER_DAY);
    const struct gh_book *book = &s->book[(uint32_t)date % GH_BOOKS];
    const uint32_t slot = (uint32_t)date % GH_OPEN_DAYS;
    if (book->date == date && a->open[slot].date == date && a->open[slot].index != 0 &&
        a->open[slot].index <= book->days.count)
        gh_prefetch(gh_segments_at(&book->days, a->open[slot].index - 1), e->layout.day_size);
}

static void shard_run(void *engine, uint32_t shard)
{
    enum { NEAR = 6, FAR = 12 };
    struct gh_engine *e = engine;
    struct gh_shard *s = &e->shard[shard];

    for (uint32_t i = 0; i < s->inbox.count; i++) {
        const struct gh_inbox_entry *entry = gh_array_at(&s->inbox, i);
        const struct gh_record *r = gh_array_at(&e->records, entry->record);
        prefetch_far(s, i + FAR);
        prefetch_near(s, i + NEAR);
        if (r->event->kind != GH_USAGE) {
            gh_shard_fact(s, r);
            continue;
        }
        if (r->actor % e->shards == shard)
            shard_call(s, r, r->actor,
                       entry->session ? entry->session : session_key(r, r->actor));
        if (r->owner != 0 && r->owner % e->shards == shard && r->experiment == 0)
            shard_call(s, r, r->owner, session_key(r, r->owner));
    }
    s->inbox.count = 0;
}

/* Raised incidents of all shards in log order become findings. */
static void raised_collect(struct gh_engine *e)
{
    uint32_t next[64] = {0};

    for (;;) {
        const struct gh_raised *first = NULL;
        uint32_t from = 0;
        for (uint32_t i = 0; i < e->shards; i++) {
            struct gh_shard *s = &e->shard[i];
            if (next[i] >= s->raised.count)
                continue;
            const struct gh_raised *r = gh_array_at(&s->raised, next[i]);
            if (first == NULL || r->sequence < first->sequence ||
                (r->sequence == first->sequence &&
                 (r->actor < first->actor ||
                  (r->actor == first->actor && r->detector < first->detector)))) {
                first = r;
                from = i;
            }
        }
        if (first == NULL)
            break;
        gh_finding_raise(e, &(struct gh_raise){.actor = first->actor,
                                               .detector = first->detector,
                                               .team = first->team,
                                               .track = GH_INCIDENT,
                                               .fast = true,
                                               .told = first->told,
                                               .time_ms = first->time_ms,
                                               .episode = &first->episode});
        next[from]++;
    }
    for (uint32_t i = 0; i < e->shards; i++)
        e->shard[i].raised.count = 0;
}

void gh_segment_run(struct gh_engine *e)
{
    if (e->dealt == 0 || e->heap.failed)
        return;
    gh_run_shards(e, shard_run);
    e->dealt = 0;
    if (e->tape.front == NULL)
        e->records.count = 0;
    raised_collect(e);
}
