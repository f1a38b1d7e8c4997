/* scopes.c - see scopes.h. */
#include "engine/scopes.h"

#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>
#include <string.h>

static bool override_legal(const struct gh_override *o)
{
    if (o->scope >= GH_SCOPES || o->name.at == NULL || o->group >= gh_engine_group_count())
        return false;
    const struct gh_option_group *group = gh_engine_group_at(o->group);
    const struct gh_option *option = &group->options[o->option];
    return o->option < group->count && gh_option_scopable(o->group, o->option) &&
           o->value >= option->min && o->value <= option->max &&
           (option->type == GH_OPTION_DOUBLE || o->value == floor(o->value));
}

enum gh_status gh_overrides_check(const struct gh_settings *settings)
{
    for (size_t i = 0; i < settings->override_count; i++)
        if (!override_legal(&settings->override[i]))
            return GH_ECONFIG;
    return GH_OK;
}

/* --- the rules --- */

static struct gh_scope_rule *rule_of(struct gh_engine *e, const struct gh_override *o)
{
    struct gh_scopes *s = &e->scopes;

    for (uint32_t i = 0; i < s->rule.count; i++) {
        struct gh_scope_rule *rule = gh_array_at(&s->rule, i);
        if (rule->scope == o->scope && rule->name.size == o->name.size &&
            memcmp(rule->name.at, o->name.at, o->name.size) == 0)
            return rule;
    }
    struct gh_scope_rule *rule = gh_array_add(&e->heap, &s->rule, 1);
    if (rule != NULL)
        *rule = (struct gh_scope_rule){
            .scope = (enum gh_scope)o->scope,
            .name = gh_arena_copy(&e->heap, &s->names, o->name),
        };
    return e->heap.failed ? NULL : rule;
}

static void row_add(struct gh_engine *e, struct gh_scope_rule *rule,
                    const struct gh_override *o)
{
    *(struct gh_scope_row *)gh_array_at(&e->scopes.row, rule->first + rule->count++) =
        (struct gh_scope_row){o->until_ms, o->value, o->group, o->option};
    rule->groups |= 1u << o->group;
}

/* Rows of one rule stand together, in the order in which they were listed. */
void gh_scopes_take(struct gh_engine *e, const struct gh_settings *settings)
{
    struct gh_scopes *s = &e->scopes;
    uint32_t first = 0;

    s->rule.count = s->row.count = 0;
    gh_arena_reset(&s->names);
    for (size_t i = 0; i < settings->override_count; i++) {
        struct gh_scope_rule *rule = rule_of(e, &settings->override[i]);
        if (rule == NULL || gh_array_add(&e->heap, &s->row, 1) == NULL)
            return;
        rule->count++;
    }
    for (uint32_t i = 0; i < s->rule.count; i++) {
        struct gh_scope_rule *rule = gh_array_at(&s->rule, i);
        rule->first = first;
        first += rule->count;
        rule->count = 0;
    }
    for (size_t i = 0; i < settings->override_count; i++)
        row_add(e, rule_of(e, &settings->override[i]), &settings->override[i]);
}

void gh_scopes_free(struct gh_engine *e)
{
    struct gh_scopes *s = &e->scopes;

    gh_array_free(&e->heap, &s->rule);
    gh_array_free(&e->heap, &s->row);
    gh_array_free(&e->heap, &s->slot);
    gh_arena_free(&e->heap, &s->names);
    for (int i = 0; i < GH_SCOPES; i++)
        gh_array_free(&e->heap, &s->people[i]);
}

/* --- who belongs where --- */

static void person_count(struct gh_engine *e, enum gh_scope scope, uint32_t id)
{
    struct gh_array *people = &e->scopes.people[scope];

    if (id == 0 ||
        (id >= people->count && gh_array_add(&e->heap, people, id + 1 - people->count) == NULL))
        return;
    ++*(uint32_t *)gh_array_at(people, id);
}

void gh_scopes_count(struct gh_engine *e)
{
    for (int i = 0; i < GH_SCOPES; i++)
        e->scopes.people[i].count = 0;
    for (uint32_t i = 0; i < e->shards; i++)
        for (uint32_t k = 0; k < e->shard[i].actors.count; k++) {
            const struct gh_actor *a = gh_actor_at(&e->shard[i], k);
            if (a->first_date == INT32_MAX || a->account != GH_HUMAN || a->apart)
                continue;
            person_count(e, GH_SCOPE_TEAM, a->team);
            person_count(e, GH_SCOPE_ROLE, a->role);
        }
    gh_scopes_resolve(e);
}

static uint32_t slot_of(const struct gh_scopes *s, enum gh_scope scope, uint32_t id)
{
    uint32_t i = (uint32_t)gh_hash_pair(scope, id) & (s->slot.count - 1);

    for (;; i = (i + 1) & (s->slot.count - 1)) {
        const uint32_t at = *(uint32_t *)gh_array_at(&s->slot, i);
        const struct gh_scope_rule *rule = at != 0 ? gh_array_at(&s->rule, at - 1) : NULL;
        if (rule == NULL || (rule->scope == scope && rule->id == id))
            return i;
    }
}

static bool slots_make(struct gh_engine *e)
{
    struct gh_scopes *s = &e->scopes;
    uint32_t count = 4;

    while (count < 2 * s->rule.count)
        count *= 2;
    s->slot.count = 0;
    return gh_array_add(&e->heap, &s->slot, count) != NULL;
}

void gh_scopes_resolve(struct gh_engine *e)
{
    struct gh_scopes *s = &e->scopes;

    s->in_force = 0;
    if (s->rule.count == 0 || !slots_make(e))
        return;
    for (uint32_t i = 0; i < s->rule.count; i++) {
        struct gh_scope_rule *rule = gh_array_at(&s->rule, i);
        const struct gh_array *people = &s->people[rule->scope];
        rule->id =
            gh_intern_find(rule->scope == GH_SCOPE_TEAM ? &e->teams : &e->names, rule->name);
        rule->in_force = rule->id != 0 && rule->id < people->count &&
                         *(uint32_t *)gh_array_at(people, rule->id) >= GH_SCOPE_PEOPLE_MIN;
        if (!rule->in_force)
            continue;
        *(uint32_t *)gh_array_at(&s->slot, slot_of(s, rule->scope, rule->id)) = i + 1;
        s->in_force++;
    }
}

uint32_t gh_scopes_idle(const struct gh_engine *e)
{
    const struct gh_scopes *s = &e->scopes;
    uint32_t idle = 0;

    for (uint32_t i = 0; i < s->rule.count; i++) {
        const struct gh_scope_rule *rule = gh_array_at(&s->rule, i);
        for (uint32_t k = 0; !rule->in_force && k < rule->count; k++) {
            const struct gh_scope_row *row = gh_array_at(&s->row, rule->first + k);
            idle += row->until_ms > e->newest_ms;
        }
    }
    return idle;
}

void gh_scopes_archive(struct gh_engine *e, struct gh_archive *archive)
{
    for (int i = 0; i < GH_SCOPES; i++)
        gh_archive_array(archive, &e->heap, &e->scopes.people[i]);
}

/* --- what holds for a person --- */

static const struct gh_scope_rule *rule_find(const struct gh_scopes *s, enum gh_scope scope,
                                             uint32_t id)
{
    const uint32_t at = id != 0 ? *(uint32_t *)gh_array_at(&s->slot, slot_of(s, scope, id)) : 0;

    return at != 0 ? gh_array_at(&s->rule, at - 1) : NULL;
}

struct gh_scoped gh_scoped_of(const struct gh_engine *e, const struct gh_actor *a)
{
    const struct gh_scopes *s = &e->scopes;

    if (s->in_force == 0 || a->apart)
        return (struct gh_scoped){{NULL, NULL}};
    return (struct gh_scoped){
        {rule_find(s, GH_SCOPE_TEAM, a->team), rule_find(s, GH_SCOPE_ROLE, a->role)}};
}

static const void *everybodys(const struct gh_engine *e, uint32_t group)
{
    if (group >= GH_GROUP_DETECTORS)
        return &e->config[group - GH_GROUP_DETECTORS];
    return group == GH_GROUP_REVIEW ? (const void *)&e->review : (const void *)&e->incident;
}

const void *gh_scoped_group(const struct gh_engine *e, const struct gh_scoped *of,
                            uint32_t group, int64_t time_ms, union gh_config *room)
{
    static const enum gh_scope order[GH_SCOPES] = {GH_SCOPE_ROLE, GH_SCOPE_TEAM};
    const struct gh_option_group *const rows = gh_engine_group_at(group);
    const void *value = everybodys(e, group);

    for (int i = 0; i < GH_SCOPES; i++) { /* the team's come last, and stay */
        const struct gh_scope_rule *rule = of->by[order[i]];
        for (uint32_t k = 0; rule != NULL && (rule->groups >> group & 1u) && k < rule->count;
             k++) {
            const struct gh_scope_row *row = gh_array_at(&e->scopes.row, rule->first + k);
            if (row->group != group || time_ms >= row->until_ms)
                continue;
            if (value != room)
                memcpy(room, value, rows->size);
            value = room;
            gh_option_put(&rows->options[row->option], room, row->value);
        }
    }
    return value;
}

uint32_t gh_scoped_enabled(const struct gh_engine *e, const struct gh_scoped *of,
                           int64_t time_ms)
{
    uint32_t enabled = e->enabled, touched = 0;
    union gh_config room;

    if (!gh_scoped_any(of))
        return enabled;
    for (int i = 0; i < GH_SCOPES; i++)
        touched |= of->by[i] != NULL ? of->by[i]->groups >> GH_GROUP_DETECTORS : 0;
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (!(touched >> d & 1u))
            continue;
        const struct gh_detector_head *head =
            gh_scoped_group(e, of, GH_GROUP_DETECTORS + d, time_ms, &room);
        enabled = (enabled & ~(1u << d)) | (uint32_t)head->enabled << d;
    }
    return enabled;
}

int64_t gh_settled_ms(const struct gh_engine *e)
{
    return ((int64_t)e->settled_date + 1) * GH_MS_PER_DAY - 1;
}

const void *gh_settled_config(const struct gh_engine *e, const struct gh_scoped *of, uint32_t d,
                              union gh_config *room)
{
    return gh_scoped_group(e, of, GH_GROUP_DETECTORS + d, gh_settled_ms(e), room);
}

uint32_t gh_actor_enabled(const struct gh_engine *e, const struct gh_actor *a)
{
    const struct gh_scoped scoped = gh_scoped_of(e, a);

    return gh_scoped_enabled(e, &scoped, gh_settled_ms(e));
}
