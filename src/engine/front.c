/* front.c - names become numbers, calls get their cost, records are dealt to shards. */
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>

/* agent_owner: the one actor whose calls this agent made, owner_none before the first,
 * owner_many once it served two (a product's name rather than somebody's agent). */
static const uint32_t owner_none = 0, owner_many = UINT32_MAX;

double gh_event_tokens(const struct gh_event *event)
{
    return (double)event->input_tokens + (double)event->cache_read_tokens +
           (double)event->cache_write_tokens + (double)event->output_tokens;
}

static uint32_t *table_at(struct gh_engine *e, struct gh_array *table, uint32_t id)
{
    if (id >= table->count && gh_array_add(&e->heap, table, id + 1 - table->count) == NULL)
        return NULL;
    return gh_array_at(table, id);
}

void gh_zones_find(struct gh_engine *e)
{
    while (e->zone.count < gh_intern_count(&e->zone_names)) {
        const struct gh_zone **at = gh_array_add(&e->heap, &e->zone, 1);
        if (at == NULL)
            return;
        if (e->zones.find != NULL)
            *at =
                e->zones.find(e->zones.context, gh_intern_text(&e->zone_names, e->zone.count));
    }
}

/* Actor and team ids. False: a limit is reached. */
static bool front_who(struct gh_engine *e, struct gh_record *r, uint64_t actor_hash)
{
    const struct gh_event *event = r->event;
    const bool apart = gh_kept_apart(e, event);
    const uint32_t teams = gh_intern_count(&e->teams);

    if (event->actor.at != NULL) {
        r->actor = apart ? gh_who_add_apart(&e->heap, &e->actors, event->actor)
                         : gh_intern_add_hashed(&e->heap, &e->actors, event->actor, actor_hash);
        if (r->actor == 0)
            return false;
    }
    if (event->team.at != NULL) {
        r->team = apart ? gh_who_add_apart(&e->heap, &e->teams, event->team)
                        : gh_intern_add(&e->heap, &e->teams, event->team);
        if (r->team == 0)
            return false;
    }
    e->teams_apart += apart ? gh_intern_count(&e->teams) - teams : 0;
    if (r->actor == 0)
        return true;
    uint32_t *known = table_at(e, &e->actor_team, r->actor);
    if (known == NULL)
        return false;
    if (r->team != 0)
        *known = r->team;
    else
        r->team = *known;
    return true;
}

/* Another actor, when the caller is an agent of theirs alone. */
static uint32_t front_owner(struct gh_engine *e, const struct gh_record *r)
{
    struct gh_array *const table = &e->agent_owner[gh_kept_apart(e, r->event)];

    if (r->agent != 0) {
        uint32_t *owner = table_at(e, table, r->agent);
        if (owner != NULL && *owner != r->actor)
            *owner = *owner == owner_none ? r->actor : owner_many;
    }
    if (r->caller == 0 || r->caller >= table->count)
        return 0;
    const uint32_t owner = *(uint32_t *)gh_array_at(table, r->caller);
    return owner == owner_none || owner == owner_many || owner == r->actor ? 0 : owner;
}

static bool front_usage(struct gh_engine *e, struct gh_record *r, uint64_t agent_hash)
{
    const struct gh_event *event = r->event;

    r->agent = gh_intern_add_hashed(&e->heap, &e->names, event->agent, agent_hash);
    r->caller = gh_intern_add(&e->heap, &e->names, event->caller);
    r->model = gh_intern_add(&e->heap, &e->names, event->model);
    r->cost = gh_price_cost(e, event, r->model);
    e->counters.missing += (uint64_t)event->missing;
    e->counters.cost_unknown += isnan(r->cost.usd) ? 1 : 0;
    e->counters.cost_usd += isnan(r->cost.usd) ? 0.0 : r->cost.usd;
    r->experiment = gh_experiment_cover(e, r);
    r->owner = front_owner(e, r);
    return true;
}

static uint32_t front_zone(struct gh_engine *e, struct gh_text name)
{
    const uint32_t number = gh_intern_add(&e->heap, &e->zone_names, name);

    gh_zones_find(e);
    const bool known = number != 0 && number <= e->zone.count &&
                       *(const struct gh_zone **)gh_array_at(&e->zone, number - 1) != NULL;
    e->counters.zone_unknown += !known;
    return known ? number : 0;
}

static bool front_profile(struct gh_engine *e, struct gh_record *r)
{
    r->role = gh_intern_add(&e->heap, &e->names, r->event->role);
    r->manager = gh_intern_add(&e->heap, &e->names, r->event->manager);
    if (r->event->timezone.at != NULL)
        r->zone = front_zone(e, r->event->timezone);
    return true;
}

static bool front_kind(struct gh_engine *e, struct gh_record *r, uint64_t agent_hash)
{
    switch (r->event->kind) {
    case GH_USAGE:
        return front_usage(e, r, agent_hash);
    case GH_PROFILE:
        return front_profile(e, r);
    case GH_EXPERIMENT:
        return gh_experiment_declare(e, r->event, GH_HAS(r->event, actor) ? r->actor : 0,
                                     r->team);
    case GH_VERDICT:
    case GH_OUTPUT:
    case GH_SCHEDULE:
    case GH_QUOTA:
    case GH_TICK:
    case GH_KIND_COUNT:
        return true;
    }
    return true;
}

static void deal_to(struct gh_engine *e, uint32_t shard, uint32_t record)
{
    struct gh_inbox_entry *at = gh_array_push(&e->shard[shard].heap, &e->shard[shard].inbox);

    if (at != NULL)
        *at = (struct gh_inbox_entry){.record = record};
    else
        e->heap.failed = true;
}

void gh_front_deal(struct gh_engine *e, const struct gh_record *r, uint32_t index)
{
    const uint32_t home = r->actor % e->shards, other = r->owner % e->shards;

    e->dealt++;
    if (r->event->kind == GH_PROFILE && r->role != 0 && !gh_kept_apart(e, r->event))
        gh_cohort_of(e, r->role);
    if (r->event->kind == GH_VERDICT) {
        gh_segment_run(e);
        gh_finding_verdict(e, r->event);
    }
    if (r->event->kind == GH_TICK || r->event->kind == GH_VERDICT)
        return;
    if (r->actor == 0) { /* a whole team: every shard may hold members */
        for (uint32_t i = 0; i < e->shards; i++)
            deal_to(e, i, index);
        return;
    }
    deal_to(e, home, index);
    if (r->owner != 0 && other != home)
        deal_to(e, other, index);
}

enum gh_refusal gh_front_take(struct gh_engine *e, const struct gh_event *event,
                              const struct gh_hashes *hashes, uint64_t position)
{
    const struct gh_text session = event->session;
    struct gh_record r = {
        .position = position,
        .event = event,
        .cost = {NAN, NAN},
        .session = session.at != NULL ? gh_hash(session.at, session.size) : 0,
    };

    if (e->dealt >= GH_SEGMENT_RECORDS)
        gh_segment_run(e);
    if (!front_who(e, &r, hashes->actor) || !front_kind(e, &r, hashes->agent))
        return GH_REFUSED_LIMIT;
    r.sequence = e->sequence++;
    struct gh_record *at = gh_array_push(&e->heap, &e->records);
    if (at == NULL)
        return GH_REFUSED_LIMIT;
    *at = r;
    if (!e->tape.leads)
        gh_front_deal(e, at, e->records.count - 1);
    return GH_REFUSED_NOT;
}
