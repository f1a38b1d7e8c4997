/* experiments.c - declared exploration: which calls it covers, until its budget is spent.
 * It lives at the front, since a team's budget is spent by people of several shards. */
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>

enum { SALT_ACTOR = 1, SALT_TEAM = 2, SALT_NEWEST = 3 };
/* So many of an actor's newest declarations may cover a call without a tag. */
enum { NEWEST = 8 };

static uint64_t experiment_key(uint32_t salt, uint32_t who, uint32_t name)
{
    return gh_hash_pair((uint64_t)salt << 32 | who, name);
}

/* The actor's newest is this one; it knows which was the newest before it. */
static void newest_note(struct gh_engine *e, uint32_t actor, uint32_t name, int64_t ts_ms)
{
    struct gh_experiment_cell *newest =
        gh_cells_touch(&e->heap, &e->experiments, experiment_key(SALT_NEWEST, actor, 0), ts_ms);
    if (newest == NULL)
        return; /* the table is full: its tag still works */
    const uint32_t before = newest->name;
    newest->name = name;
    struct gh_experiment_cell *cell =
        gh_cells_find(&e->experiments, experiment_key(SALT_ACTOR, actor, name), e->newest_ms);
    if (cell != NULL && before != name)
        cell->before = before;
}

bool gh_experiment_declare(struct gh_engine *e, const struct gh_event *event, uint32_t actor,
                           uint32_t team)
{
    const uint32_t name = gh_intern_add(&e->heap, &e->names, event->experiment);
    const uint64_t key =
        actor ? experiment_key(SALT_ACTOR, actor, name) : experiment_key(SALT_TEAM, team, name);
    struct gh_experiment_cell *cell =
        name ? gh_cells_touch(&e->heap, &e->experiments, key, event->ts_ms) : NULL;

    if (cell == NULL)
        return false;
    cell->declared = 1; /* what has been spent stays spent when it is declared again */
    cell->name = name;
    cell->from_ms = event->from_ms;
    cell->until_ms = event->until_ms;
    cell->budget_usd = GH_HAS(event, budget_usd) ? event->budget_usd : INFINITY;
    cell->budget_tokens =
        GH_HAS(event, budget_tokens) ? (double)event->budget_tokens : INFINITY;
    if (actor != 0)
        newest_note(e, actor, name, event->ts_ms);
    return true;
}

static struct gh_experiment_cell *cell_find(struct gh_engine *e, uint64_t key)
{
    struct gh_experiment_cell *cell = gh_cells_find(&e->experiments, key, e->newest_ms);

    return cell != NULL && cell->declared ? cell : NULL;
}

static bool cell_covers(const struct gh_experiment_cell *cell, int64_t ts_ms)
{
    return cell != NULL && ts_ms >= cell->from_ms && ts_ms < cell->until_ms &&
           cell->spent_usd < cell->budget_usd && cell->spent_tokens < cell->budget_tokens;
}

/* Many sources cannot tag a call: then the newest of the person's own that can covers it. */
static struct gh_experiment_cell *untagged_find(struct gh_engine *e, const struct gh_record *r)
{
    const struct gh_experiment_cell *newest =
        gh_cells_find(&e->experiments, experiment_key(SALT_NEWEST, r->actor, 0), e->newest_ms);
    uint32_t name = newest != NULL ? newest->name : 0;

    for (int i = 0; i < NEWEST && name != 0; i++) {
        struct gh_experiment_cell *cell =
            cell_find(e, experiment_key(SALT_ACTOR, r->actor, name));
        if (cell == NULL || cell_covers(cell, r->event->ts_ms))
            return cell;
        name = cell->before;
    }
    return NULL;
}

static struct gh_experiment_cell *tagged_find(struct gh_engine *e, const struct gh_record *r)
{
    const uint32_t name = gh_intern_find(&e->names, r->event->experiment);
    struct gh_experiment_cell *own =
        name ? cell_find(e, experiment_key(SALT_ACTOR, r->actor, name)) : NULL;

    return own != NULL || name == 0 ? own
                                    : cell_find(e, experiment_key(SALT_TEAM, r->team, name));
}

uint32_t gh_experiment_cover(struct gh_engine *e, const struct gh_record *r)
{
    if (e->experiments.used == 0)
        return 0;
    struct gh_experiment_cell *cell =
        GH_HAS(r->event, experiment) ? tagged_find(e, r) : untagged_find(e, r);

    if (!cell_covers(cell, r->event->ts_ms))
        return 0;
    cell->spent_usd += isnan(r->cost.usd) ? 0.0 : r->cost.usd;
    cell->spent_tokens += gh_event_tokens(r->event);
    return cell->name;
}
