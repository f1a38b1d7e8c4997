/* people.c - what events other than calls say about a person: profile, schedule, target,
 * output. */
#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>
#include <string.h>

enum { SALT_TEAM = 1, SALT_ACTOR = 2, SALT_REF = 3 };

/* Work units of an artifact that does not say: relative effort, one for a commit. */
static const double artifact_units[GH_ARTIFACT_COUNT] = {
    [GH_OTHER] = 1,  [GH_COMMIT] = 1,   [GH_PULL_REQUEST] = 3, [GH_ARTIFACT_REVIEW] = 1,
    [GH_TICKET] = 2, [GH_DOCUMENT] = 2, [GH_DEPLOY] = 2,       [GH_DESIGN] = 3,
};

/* Another role is other work: what was usual before says nothing about it. Nobody is judged
 * by it until there is a new past; evidence that there is stays. */
static void past_forget(struct gh_engine *e, struct gh_actor *a)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        memset(gh_actor_state(e, a, d), 0, gh_detectors[d]->actor_size);
        for (uint32_t i = 0; gh_structural(d) && i < gh_parts(d); i++)
            gh_actor_evidence(e, a, d)->past[i] = (struct gh_past){.anchor = NAN};
    }
    a->active_days = 0;
    a->usual_tokens = a->usual_usd = a->usual_weight = 0.0;
    a->gate_units = a->gate_usd = a->gate_days = 0.0;
    a->past_units = a->past_usd = a->past_days = 0.0;
    a->model = a->model_days = 0;
}

static void profile_take(struct gh_shard *s, const struct gh_record *r)
{
    struct gh_actor *a = gh_shard_actor(s, r->actor);
    const struct gh_event *event = r->event;

    if (a == NULL)
        return;
    a->team = r->team;
    if (r->role != 0) {
        if (a->role != 0 && a->role != r->role)
            past_forget(s->engine, a);
        a->role = r->role;
    }
    if (r->manager != 0)
        a->manager = r->manager;
    if (GH_HAS(event, account))
        a->account = (uint8_t)event->account;
    if (GH_HAS(event, workdays))
        a->workdays = event->workdays;
    if (GH_HAS(event, hours))
        a->hours = event->hours;
    if (GH_HAS(event, timezone)) {
        a->zone = r->zone;
        a->offset_from_ms = a->offset_until_ms = 0;
    }
}

static uint64_t who_key(uint32_t salt, uint32_t who)
{
    return gh_hash_pair((uint64_t)salt << 32 | who, 0);
}

static uint32_t entry_bits(const struct gh_schedule_entry *entry, int64_t from, int64_t until)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; entry != NULL && i < entry->count; i++)
        if (entry->at[i].from_ms < until && entry->at[i].until_ms > from)
            bits |= 1u << entry->at[i].type;
    return bits;
}

uint32_t gh_schedule_bits(struct gh_shard *s, const struct gh_actor *a, int32_t date)
{
    if (s->schedules.used == 0)
        return 0;
    const int64_t from = (int64_t)date * GH_MS_PER_DAY - a->offset_ms;
    const int64_t until = from + GH_MS_PER_DAY, now = s->engine->newest_ms;

    return entry_bits(gh_cells_find(&s->schedules, who_key(SALT_ACTOR, a->id), now), from,
                      until) |
           entry_bits(gh_cells_find(&s->schedules, who_key(SALT_TEAM, a->team), now), from,
                      until);
}

/* Days that have begun hear of a schedule, too, for the fast paths look at it. */
static void days_of_actor(struct gh_shard *s, const struct gh_actor *a)
{
    for (uint32_t i = 0; a != NULL && i < GH_OPEN_DAYS; i++) {
        const int32_t date = a->open[i].date;
        const struct gh_book *book = &s->book[(uint32_t)date % GH_BOOKS];
        if (a->open[i].index == 0 || !book->used || book->date != date)
            continue;
        struct gh_day *day = gh_segments_at(&book->days, a->open[i].index - 1);
        day->schedule = gh_schedule_bits(s, a, date);
    }
}

static void days_of_team(struct gh_shard *s, uint32_t team)
{
    for (uint32_t i = 0; i < GH_BOOKS; i++) {
        const struct gh_book *book = &s->book[i];
        for (uint32_t k = 0; book->used && k < book->days.count; k++) {
            struct gh_day *day = gh_segments_at(&book->days, k);
            const struct gh_actor *a = gh_shard_actor(s, day->actor);
            if (a->team == team)
                day->schedule = gh_schedule_bits(s, a, day->date);
        }
    }
}

static void schedule_take(struct gh_shard *s, const struct gh_record *r)
{
    const uint64_t key =
        GH_HAS(r->event, actor) ? who_key(SALT_ACTOR, r->actor) : who_key(SALT_TEAM, r->team);
    struct gh_schedule_entry *entry =
        gh_cells_touch(&s->heap, &s->schedules, key, r->event->ts_ms);

    if (entry == NULL)
        return;
    entry->at[entry->next].from_ms = r->event->from_ms;
    entry->at[entry->next].until_ms = r->event->until_ms;
    entry->at[entry->next].type = (uint32_t)r->event->schedule;
    entry->next = (entry->next + 1) % 4;
    entry->count += entry->count < 4;
    if (GH_HAS(r->event, actor))
        days_of_actor(s, gh_shard_actor(s, r->actor));
    else
        days_of_team(s, r->team);
}

static void quota_take(struct gh_shard *s, const struct gh_record *r)
{
    const struct gh_event *event = r->event;
    const uint64_t key =
        GH_HAS(event, actor) ? who_key(SALT_ACTOR, r->actor) : who_key(SALT_TEAM, r->team);
    struct gh_quota *quota = gh_cells_touch(&s->heap, &s->quotas, key, event->ts_ms);

    if (quota != NULL)
        *quota = (struct gh_quota){
            .tokens = (double)event->tokens,
            .cost_usd = GH_HAS(event, tokens) ? 0.0 : fmin(event->cost_usd, GH_AMOUNT_MAX),
            .period = event->period,
        };
}

struct gh_quota gh_quota_of(struct gh_shard *s, const struct gh_actor *a)
{
    const int64_t now = s->engine->newest_ms;
    const struct gh_quota *quota = NULL;

    if (s->quotas.used > 0)
        quota = gh_cells_find(&s->quotas, who_key(SALT_ACTOR, a->id), now);
    if (s->quotas.used > 0 && quota == NULL)
        quota = gh_cells_find(&s->quotas, who_key(SALT_TEAM, a->team), now);
    return quota != NULL ? *quota : (struct gh_quota){0};
}

/* What the event changes in the units credited to the actor. Accepted output counts for the
 * day on which it was accepted; what is rejected or reverted later is taken off again on
 * that later day. Only proposed: nothing yet. */
static double units_change(struct gh_shard *s, const struct gh_record *r, uint64_t ref,
                           double units)
{
    const struct gh_event *event = r->event;
    double *counted = ref != 0 ? gh_cells_touch(&s->heap, &s->refs, ref, event->ts_ms) : NULL;
    const double before = counted != NULL ? *counted : 0.0;
    const double after = event->state == GH_ACCEPTED ? units : 0.0;

    if (counted != NULL)
        *counted = after;
    return event->state == GH_REVERTED && counted == NULL ? -units : after - before;
}

static void output_take(struct gh_shard *s, const struct gh_record *r)
{
    const struct gh_event *event = r->event;
    struct gh_actor *a = gh_shard_actor(s, r->actor);
    const double told = GH_HAS(event, units) ? event->units : artifact_units[event->artifact];

    if (a == NULL)
        return;
    struct gh_output output = {
        .ts_ms = event->ts_ms,
        .present = event->present,
        .ref = event->ref.at
                   ? gh_hash_pair(gh_hash(event->ref.at, event->ref.size), SALT_REF + r->actor)
                   : 0,
        .session = r->session,
        .artifact = event->artifact,
        .state = event->state,
        .units = fmin(told, GH_AMOUNT_MAX),
        .lines_added = (double)event->lines_added,
        .lines_removed = (double)event->lines_removed,
        .local = gh_actor_local(s->engine, a, event->ts_ms),
        .id = event->id,
    };
    struct gh_day *day = gh_shard_day(s, a, output.local.date);
    if (day == NULL)
        return;
    output.change = units_change(s, r, output.ref, output.units);
    if (day->calls == 0) { /* the first call will say when the day began */
        day->first_ms = day->outputs ? day->first_ms : output.ts_ms;
        day->first_event =
            day->outputs ? day->first_event : gh_hash(output.id.at, output.id.size);
        day->last_ms = output.ts_ms;
    }
    day->outputs++;
    day->units += output.change;
    gh_shard_output(s, a, day, r, &output);
}

static uint64_t name_hash(const struct gh_engine *e, uint32_t name)
{
    const struct gh_text text = gh_intern_text(&e->names, name);

    return gh_hash(text.at, text.size);
}

/* The usual model and that of the day, as one number of their names, whatever else has a name;
 * 0: unknown. The usual one changes when another has been used for as many days, or for two
 * months. */
uint32_t gh_model_pair(const struct gh_engine *e, struct gh_actor *a, const struct gh_day *day)
{
    enum { DAYS_MAX = 40 };

    if (day->model == 0 || day->calls == 0)
        return 0;
    if (a->model_days == 0)
        a->model = day->model;
    const bool usual = a->model == day->model;
    const uint32_t pair =
        (uint32_t)gh_hash_pair(name_hash(e, a->model), name_hash(e, day->model)) | 1u;
    if (usual)
        a->model_days = (uint16_t)(a->model_days + (a->model_days < DAYS_MAX));
    else
        a->model_days--;
    return pair;
}

void gh_shard_fact(struct gh_shard *s, const struct gh_record *r)
{
    switch (r->event->kind) {
    case GH_PROFILE:
        profile_take(s, r);
        break;
    case GH_SCHEDULE:
        schedule_take(s, r);
        break;
    case GH_OUTPUT:
        output_take(s, r);
        break;
    case GH_QUOTA:
        quota_take(s, r);
        break;
    case GH_USAGE:
    case GH_EXPERIMENT:
    case GH_VERDICT:
    case GH_TICK:
    case GH_KIND_COUNT:
        break;
    }
}
