/* findings.c - episodes that crossed a threshold: opened, updated, escalated, closed. */
#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Growth of the excess since the last revision that is worth telling. */
static const double update_factor = 1.5;

struct gh_case_file *gh_file_find(struct gh_engine *e, uint32_t actor, uint32_t detector)
{
    const uint64_t *index = gh_cells_find(&e->file_of, gh_file_key(actor, detector), 0);

    return index != NULL && *index != 0 ? gh_segments_at(&e->files, (uint32_t)(*index - 1))
                                        : NULL;
}

/* Hash of detector, actor and first event: the same at every replay. */
static void finding_id(struct gh_engine *e, uint32_t actor, uint32_t detector,
                       const struct gh_episode *episode, char id[GH_FINDING_ID_SIZE])
{
    const struct gh_text who = gh_intern_text(&e->actors, actor);
    const char *name = gh_detectors[detector]->name;
    char bytes[64 + GH_STRING_BYTES_MAX + 16];
    size_t used = strlen(name) + 1;

    assert(used <= 64 && who.size <= GH_STRING_BYTES_MAX);
    memcpy(bytes, name, used);
    memcpy(bytes + used, who.at, who.size);
    used += who.size;
    memcpy(bytes + used, &episode->first_event, sizeof episode->first_event);
    used += sizeof episode->first_event;
    memcpy(bytes + used, &episode->from_ms, sizeof episode->from_ms);
    used += sizeof episode->from_ms;
    gh_hash_hex(bytes, used, id);
}

/* Index + 1 of a new file; 0 without memory. */
static uint64_t file_add(struct gh_engine *e, uint32_t actor, uint32_t detector,
                         const char id[GH_FINDING_ID_SIZE])
{
    struct gh_case_file *f = gh_segments_add(&e->heap, &e->files);

    if (f == NULL)
        return 0;
    f->actor = actor;
    f->detector = detector;
    memcpy(f->finding.id, id, GH_FINDING_ID_SIZE);
    return e->files.count;
}

/* A new file, or that of the same episode when it was closed too early: ids stay unique. */
static struct gh_case_file *file_open(struct gh_engine *e, uint32_t actor, uint32_t detector,
                                      const struct gh_episode *episode)
{
    char id[GH_FINDING_ID_SIZE];
    finding_id(e, actor, detector, episode, id);
    uint64_t *by_id =
        gh_cells_touch(&e->heap, &e->file_by_id, gh_hash(id, GH_FINDING_ID_SIZE - 1), 0);
    uint64_t *known = gh_cells_touch(&e->heap, &e->file_of, gh_file_key(actor, detector), 0);
    uint32_t *open = gh_array_add(&e->heap, &e->open_files, 1);

    if (known == NULL || open == NULL)
        return NULL;
    *known = by_id != NULL && *by_id != 0 ? *by_id : file_add(e, actor, detector, id);
    if (*known == 0)
        return NULL;
    if (by_id != NULL)
        *by_id = *known;
    *open = (uint32_t)(*known - 1);
    struct gh_case_file *f = gh_segments_at(&e->files, *open);
    f->open = true;
    return f;
}

static enum gh_severity severity_of(const struct gh_engine *e, enum gh_track track,
                                    const struct gh_episode *episode)
{
    if (track != GH_INCIDENT)
        return GH_WARNING; /* evidence that nobody vouches for never exceeds it */
    return episode->excess_cost_usd >= e->incident.warning_usd ? GH_WARNING : GH_NOTICE;
}

static void figures_fill(struct gh_engine *e, struct gh_case_file *f,
                         const struct gh_episode *episode)
{
    const struct gh_detector *detector = gh_detectors[f->detector];
    const struct gh_shard *s = gh_shard_of(e, f->actor);
    struct gh_finding *out = &f->finding;

    out->log_e = fmax(0.0, episode->log_e);
    out->from_ms =
        out->revision > 0 && out->from_ms < episode->from_ms ? out->from_ms : episode->from_ms;
    out->until_ms = episode->until_ms;
    out->tokens = episode->tokens;
    out->cost_usd = episode->cost_usd;
    out->excess_tokens = episode->excess_tokens;
    out->excess_cost_usd = episode->excess_cost_usd;
    out->cost_known = !episode->cost_unknown;
    out->fact_count = detector->fact_count;
    for (uint32_t i = 0; i < detector->fact_count; i++)
        out->fact[i] = (struct gh_fact){detector->fact[i].name, detector->fact[i].unit,
                                        episode->value[i], episode->expected[i]};
    out->sample_count = episode->sample_count;
    for (uint32_t i = 0; i < episode->sample_count; i++)
        out->sample[i] = gh_intern_text(&s->samples, episode->sample[i]);
}

/* Fills the new revision's texts and puts it into the queue of changes. */
static void file_publish(struct gh_engine *e, struct gh_case_file *f, enum gh_change change,
                         int64_t time_ms)
{
    const struct gh_actor *a = gh_actor_of(e, f->actor);
    struct gh_finding *out = &f->finding;

    out->revision++;
    out->change = change;
    out->time_ms = time_ms;
    out->detector = gh_detectors[f->detector]->name;
    out->actor = gh_intern_text(&e->actors, f->actor);
    out->team = a->team ? gh_intern_text(&e->teams, a->team)
                        : (struct gh_text){"unassigned", sizeof "unassigned" - 1};
    f->published_tokens = out->excess_tokens;
    struct gh_finding *queued = gh_array_add(&e->heap, &e->changes, 1);
    if (queued != NULL)
        *queued = *out;
    e->counters.changes++;
}

static void file_tell(struct gh_engine *e, struct gh_case_file *f,
                      const struct gh_episode *episode)
{
    struct gh_actor *a = gh_actor_of(e, f->actor);
    const struct gh_telling telling = {
        .episode = episode,
        .track = f->finding.track,
        .actor = gh_intern_text(&e->actors, f->actor),
        .party = {gh_intern_text(&e->names, episode->party[0]),
                  gh_intern_text(&e->names, episode->party[1])},
        .output_known = gh_outputs_known(e, a),
    };

    gh_detectors[f->detector]->explain(&telling, f->finding.explanation,
                                       sizeof f->finding.explanation, f->finding.question,
                                       sizeof f->finding.question);
}

void gh_finding_raise(struct gh_engine *e, uint32_t actor, uint32_t detector,
                      enum gh_track track, const struct gh_episode *episode, int64_t time_ms,
                      bool fast)
{
    struct gh_case_file *f = gh_file_find(e, actor, detector);
    enum gh_change change = GH_UPDATED;

    if (episode == NULL)
        return;
    if (f == NULL || !f->open) {
        f = file_open(e, actor, detector, episode);
        if (f == NULL)
            return;
        change = f->finding.revision > 0 && track > f->finding.track ? GH_ESCALATED : GH_OPENED;
        f->finding.track = track;
        f->fast = fast;
    }
    f->last_date = e->settled_date;
    f->last_ms = episode->until_ms;
    if (track > f->finding.track) {
        f->finding.track = track;
        f->fast = false;
        change = GH_ESCALATED;
    }
    if (change == GH_UPDATED && (track < f->finding.track ||
                                 episode->excess_tokens < update_factor * f->published_tokens))
        return;
    f->finding.severity = severity_of(e, f->finding.track, episode);
    figures_fill(e, f, episode);
    file_tell(e, f, episode);
    file_publish(e, f, change, time_ms);
}

static void file_close(struct gh_engine *e, struct gh_case_file *f, int64_t time_ms)
{
    f->open = false;
    file_publish(e, f, GH_CLOSED, time_ms);
}

static bool file_quiet(const struct gh_engine *e, const struct gh_case_file *f)
{
    if (f->fast)
        return e->closed_hour * GH_MS_PER_HOUR - f->last_ms >
               (int64_t)e->incident.close_after * GH_MS_PER_HOUR;
    return e->settled_date - f->last_date > (int32_t)e->review.close_after;
}

/* Closes what has been quiet, in order of opening. */
void gh_findings_close(struct gh_engine *e, int64_t time_ms)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < e->open_files.count; i++) {
        const uint32_t index = *(uint32_t *)gh_array_at(&e->open_files, i);
        struct gh_case_file *f = gh_segments_at(&e->files, index);
        if (f->open && file_quiet(e, f)) {
            if (!f->fast)
                gh_episode_drop(gh_shard_of(e, f->actor), f->actor, f->detector);
            file_close(e, f, time_ms);
        }
        if (f->open)
            *(uint32_t *)gh_array_at(&e->open_files, kept++) = index;
    }
    e->open_files.count = kept;
}

/* A reviewer has decided: the finding is closed. Unsure leaves it open. */
void gh_finding_verdict(struct gh_engine *e, const struct gh_event *event)
{
    if (event->verdict == GH_UNSURE || event->finding.size != GH_FINDING_ID_SIZE - 1)
        return;
    const uint64_t *index =
        gh_cells_find(&e->file_by_id, gh_hash(event->finding.at, event->finding.size), 0);
    struct gh_case_file *f =
        index != NULL && *index != 0 ? gh_segments_at(&e->files, (uint32_t)(*index - 1)) : NULL;

    if (f == NULL || !f->open)
        return;
    gh_episode_drop(gh_shard_of(e, f->actor), f->actor, f->detector);
    file_close(e, f, event->ts_ms);
}
