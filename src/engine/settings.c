/* settings.c - the options that hold: taken at the start, and changed while the engine runs.
 *
 * What is made of options is made here anew, by the same functions for a new engine, a loaded
 * one and one that is configured; nothing else of an engine depends on them. */
#include "engine/state.h"

#include <assert.h>
#include <string.h>

static void options_copy(struct gh_engine *e, const struct gh_settings *settings)
{
    memcpy(&e->order, settings->value[GH_GROUP_ORDER], sizeof e->order);
    memcpy(&e->evidence, settings->value[GH_GROUP_EVIDENCE], sizeof e->evidence);
    memcpy(&e->review, settings->value[GH_GROUP_REVIEW], sizeof e->review);
    memcpy(&e->cases, settings->value[GH_GROUP_CASE], sizeof e->cases);
    memcpy(&e->incident, settings->value[GH_GROUP_INCIDENT], sizeof e->incident);
    memcpy(&e->limits, settings->value[GH_GROUP_LIMITS], sizeof e->limits);
    e->enabled = 0;
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        assert(gh_detectors[d]->options.size <= GH_CONFIG_BYTES);
        memcpy(&e->config[d], settings->value[GH_GROUP_DETECTORS + d],
               gh_detectors[d]->options.size);
        e->enabled |= (uint32_t)gh_head(e, d)->enabled << d;
    }
}

enum gh_status gh_settings_take(struct gh_engine *e, const struct gh_settings *settings)
{
    if (gh_overrides_check(settings) != GH_OK)
        return GH_ECONFIG;
    options_copy(e, settings);
    gh_scopes_take(e, settings);
    return e->heap.failed ? GH_EMEMORY : GH_OK;
}

static void shard_limits(struct gh_shard *s, const struct gh_limits_options *limits)
{
    struct gh_cells *const cells[] = {&s->sessions, &s->day_samples, &s->episodes, &s->refs};

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cells[i]->limit = limits->cells;
    for (uint32_t d = 0; d < gh_detector_count; d++)
        s->cells[d].limit = limits->cells;
    s->schedules.limit = s->quotas.limit = limits->schedules;
    s->samples.limit = limits->samples;
}

static void limits_set(struct gh_engine *e)
{
    gh_ids_limit(&e->ids, e->limits.duplicate_ids);
    e->actors.limit = e->limits.actors;
    e->teams.limit = e->names.limit = e->limits.names;
    e->experiments.limit = 2 * e->limits.experiments;
    for (uint32_t i = 0; i < e->shards; i++)
        shard_limits(&e->shard[i], &e->limits);
}

void gh_settings_follow(struct gh_engine *e)
{
    limits_set(e);
    gh_thresholds_make(e);
    gh_gate_init(e);
    gh_scopes_resolve(e);
}

/* What was bet so far was bet without asking who vouches for it, and so were its episodes. */
void gh_keeping_apart_begin(struct gh_engine *e)
{
    gh_evidence_restart(e);
    for (uint32_t actor = 1; actor <= gh_intern_count(&e->actors); actor++)
        for (uint32_t d = 0; d < gh_detector_count; d++)
            if (gh_structural(d))
                gh_episode_drop(gh_shard_of(e, actor), actor, d);
}

enum gh_status gh_engine_configure(struct gh_engine *e, const struct gh_settings *settings)
{
    const struct gh_evidence_options *evidence = settings->value[GH_GROUP_EVIDENCE];
    const bool kept_apart = gh_keeps_apart(e);

    if (evidence->epoch != e->evidence.epoch || evidence->burn_in != e->evidence.burn_in)
        return GH_ECONFIG;
    const enum gh_status status = gh_settings_take(e, settings);
    if (status != GH_OK)
        return status;
    gh_settings_follow(e);
    if (gh_keeps_apart(e) && !kept_apart)
        gh_keeping_apart_begin(e);
    return e->heap.failed ? GH_EMEMORY : GH_OK;
}
