/* experiments.c - declared exploration: which calls it covers, until its budget is spent.
 * It lives at the front, since a team's budget is spent by people of several shards. */
#include "base/hash.h"
#include "engine/state.h"

#include <math.h>

enum { SALT_ACTOR = 1, SALT_TEAM = 2, SALT_NEWEST = 3 };

static uint64_t experiment_key(uint32_t salt, uint32_t who, uint32_t name)
{
    return gh_hash_pair((uint64_t)salt << 32 | who, name);
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
    if (actor != 0) {
        struct gh_experiment_cell *newest = gh_cells_touch(
            &e->heap, &e->experiments, experiment_key(SALT_NEWEST, actor, 0), event->ts_ms);
        if (newest != NULL)
            newest->name = name;
    }
    return true;
}

static struct gh_experiment_cell *cell_find(struct gh_engine *e, uint64_t key)
{
    struct gh_experiment_cell *cell = gh_cells_find(&e->experiments, key, e->newest_ms);

    return cell != NULL && cell->declared ? cell : NULL;
}

static struct gh_experiment_cell *experiment_of(struct gh_engine *e, const struct gh_record *r)
{
    struct gh_experiment_cell *cell;
    uint32_t name = gh_intern_find(&e->names, r->event->experiment);

    if (!GH_HAS(r->event, experiment)) {
        /* Many sources cannot tag a call: then the person's own newest one covers it. */
        cell = gh_cells_find(&e->experiments, experiment_key(SALT_NEWEST, r->actor, 0),
                             e->newest_ms);
        name = cell != NULL ? cell->name : 0;
        return name ? cell_find(e, experiment_key(SALT_ACTOR, r->actor, name)) : NULL;
    }
    if (name == 0)
        return NULL;
    cell = cell_find(e, experiment_key(SALT_ACTOR, r->actor, name));
    return cell != NULL ? cell : cell_find(e, experiment_key(SALT_TEAM, r->team, name));
}

uint32_t gh_experiment_cover(struct gh_engine *e, const struct gh_record *r)
{
    if (e->experiments.used == 0)
        return 0;
    struct gh_experiment_cell *cell = experiment_of(e, r);
    const int64_t ts_ms = r->event->ts_ms;

    if (cell == NULL || ts_ms < cell->from_ms || ts_ms >= cell->until_ms ||
        cell->spent_usd >= cell->budget_usd || cell->spent_tokens >= cell->budget_tokens)
        return 0;
    cell->spent_usd += isnan(r->cost_usd) ? 0.0 : r->cost_usd;
    cell->spent_tokens += gh_event_tokens(r->event);
    return cell->name;
}
