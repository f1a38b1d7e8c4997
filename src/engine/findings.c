/* findings.c - episodes that crossed a threshold: opened, updated, escalated, closed. */
#include "base/civil.h"
#include "base/hash.h"
#include "detect/telling.h"
#include "engine/state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Growth of the excess since the last revision that is worth telling. */
static const double update_factor = 1.5, update_factor_fast = 4.0;

struct gh_case_file *gh_file_find(struct gh_engine *e, uint32_t actor, uint32_t detector)
{
    const uint64_t *index = gh_cells_find(&e->file_of, gh_file_key(actor, detector), 0);

    return index != NULL && *index != 0 ? gh_segments_at(&e->files, (uint32_t)(*index - 1))
                                        : NULL;
}

/* Hash of detector, actor and first event: the same at every replay. What is kept apart has
 * its mark in the actor's name, so that a copied event is never another's finding. */
static void finding_id(struct gh_engine *e, const struct gh_raise *raise,
                       char id[GH_FINDING_ID_SIZE])
{
    const struct gh_episode *episode = raise->episode;
    const struct gh_text actor = gh_intern_text(&e->actors, raise->actor);
    const char *name = gh_detectors[raise->detector]->name;
    char bytes[64 + GH_STRING_BYTES_MAX + 1 + 16];
    size_t used = strlen(name) + 1;

    assert(used <= 64 && actor.size <= GH_STRING_BYTES_MAX + 1);
    memcpy(bytes, name, used);
    memcpy(bytes + used, actor.at, actor.size);
    used += actor.size;
    memcpy(bytes + used, &episode->first_event, sizeof episode->first_event);
    used += sizeof episode->first_event;
    memcpy(bytes + used, &episode->from_ms, sizeof episode->from_ms);
    used += sizeof episode->from_ms;
    gh_hash_hex(bytes, used, id);
}

/* Hash of an id as the key of its file. */
static uint64_t id_key(const char *id)
{
    const uint64_t key = gh_hash(id, GH_FINDING_ID_SIZE - 1);

    return key + (key == 0);
}

static struct gh_case_file *file_by_id(const struct gh_engine *e, const char *id)
{
    const uint64_t *index = gh_cells_find(&e->file_by_id, id_key(id), 0);

    return index != NULL && *index != 0 ? gh_segments_at(&e->files, (uint32_t)(*index - 1))
                                        : NULL;
}

/* The file of this episode: a new one, or the one that was closed while it went on. */
static struct gh_case_file *file_open(struct gh_engine *e, const struct gh_raise *raise)
{
    char id[GH_FINDING_ID_SIZE];

    finding_id(e, raise, id);
    struct gh_case_file *f = file_by_id(e, id);
    if (f != NULL && f->decided != 0)
        return NULL;
    const struct gh_case_file *before = gh_file_find(e, raise->actor, raise->detector);
    const uint32_t counted = before != NULL ? before->counted : 0;
    uint64_t *of =
        gh_cells_touch(&e->heap, &e->file_of, gh_file_key(raise->actor, raise->detector), 0);
    uint64_t *by_id = gh_cells_touch(&e->heap, &e->file_by_id, id_key(id), 0);
    if (of == NULL || by_id == NULL)
        return NULL;
    if (f == NULL) {
        f = gh_segments_add(&e->heap, &e->files);
        if (f == NULL)
            return NULL;
        *by_id = e->files.count;
        f->actor = raise->actor;
        f->detector = raise->detector;
        memcpy(f->finding.id, id, sizeof id);
    }
    *of = *by_id;
    uint32_t *open = gh_array_add(&e->heap, &e->open_files, 1);
    if (open == NULL)
        return NULL;
    *open = (uint32_t)(*by_id - 1);
    f->open = true;
    f->fast = raise->fast;
    f->told = raise->told;
    f->counted = counted;
    e->counters.audited += raise->told == GH_TOLD_BELOW;
    f->finding.track = raise->track;
    return f;
}

/* `track` is the finding's, or what it would become. */
static enum gh_severity severity_of(struct gh_engine *e, const struct gh_case_file *f,
                                    enum gh_track track, const struct gh_raise *raise)
{
    const struct gh_episode *episode = raise->episode;
    const struct gh_scoped scoped = gh_scoped_of(e, gh_actor_of(e, f->actor));
    union gh_config room;
    const struct gh_incident_options *incident = gh_scoped_group(
        e, &scoped, GH_GROUP_INCIDENT, raise->fast ? raise->time_ms : gh_settled_ms(e), &room);

    if (episode->excess_cost_usd >= incident->critical_usd &&
        gh_episode_provenance(episode) == GH_AUTHENTICATED)
        return GH_CRITICAL;
    if (track != GH_INCIDENT)
        return GH_WARNING;
    if (f->told == GH_TOLD_BELOW)
        return GH_NOTICE;
    return episode->excess_cost_usd >= incident->warning_usd ? GH_WARNING : GH_NOTICE;
}

static void figures_fill(struct gh_engine *e, struct gh_case_file *f,
                         const struct gh_episode *episode)
{
    const struct gh_detector *detector = gh_detectors[f->detector];
    const struct gh_shard *s = gh_shard_of(e, f->actor);
    struct gh_finding *out = &f->finding;

    out->provenance = gh_episode_provenance(episode);
    out->authenticated_share = gh_episode_authenticated(episode);
    out->log_e = fmax(0.0, episode->log_e);
    out->from_ms =
        out->revision > 0 && out->from_ms < episode->from_ms ? out->from_ms : episode->from_ms;
    out->until_ms = episode->until_ms;
    out->tokens = episode->tokens;
    out->cost_usd = episode->cost_usd;
    out->excess_tokens = episode->excess_tokens;
    out->excess_cost_usd = episode->excess_cost_usd;
    out->cost_known = !episode->cost_unknown;
    out->experiment = gh_intern_text(&e->names, episode->experiment);
    out->fact_count = detector->fact_count;
    for (uint32_t i = 0; i < detector->fact_count; i++)
        out->fact[i] = (struct gh_fact){detector->fact[i].name, detector->fact[i].unit,
                                        episode->value[i], episode->expected[i]};
    out->sample_count = episode->sample_count;
    for (uint32_t i = 0; i < episode->sample_count; i++)
        out->sample[i] = gh_intern_text(&s->samples, episode->sample[i]);
}

void gh_finding_names(const struct gh_engine *e, struct gh_case_file *f)
{
    f->finding.detector = gh_detectors[f->detector]->name;
    f->finding.actor = gh_who_name(gh_intern_text(&e->actors, f->actor));
    f->finding.team = f->team ? gh_who_name(gh_intern_text(&e->teams, f->team))
                              : (struct gh_text){"unassigned", sizeof "unassigned" - 1};
}

/* Fills the new revision's texts and puts it into the queue of changes. */
static void file_publish(struct gh_engine *e, struct gh_case_file *f, enum gh_change change,
                         int64_t time_ms)
{
    struct gh_finding *out = &f->finding;

    out->revision++;
    out->change = change;
    out->time_ms = time_ms;
    gh_finding_names(e, f);
    f->published_tokens = out->excess_tokens;
    struct gh_finding *queued = gh_array_add(&e->heap, &e->changes, 1);
    if (queued != NULL)
        *queued = *out;
    e->counters.changes++;
}

static void file_tell(struct gh_engine *e, struct gh_case_file *f, const struct gh_raise *raise)
{
    const struct gh_episode *episode = raise->episode;
    struct gh_actor *a = gh_actor_of(e, f->actor);
    const struct gh_telling telling = {
        .episode = episode,
        .track = f->finding.track,
        .actor = gh_who_name(gh_intern_text(&e->actors, f->actor)),
        .party = {gh_intern_text(&e->names, episode->party[0]),
                  gh_intern_text(&e->names, episode->party[1])},
        .output_known = gh_outputs_known(e, a),
        .fast = raise->fast,
        .teamwise = f->teamwise,
    };

    gh_detectors[f->detector]->explain(&telling, f->finding.explanation,
                                       sizeof f->finding.explanation, f->finding.question,
                                       sizeof f->finding.question);
    gh_tell_missing(episode, f->finding.explanation, sizeof f->finding.explanation);
    if (f->told == GH_TOLD_BELOW)
        gh_tell_audit(f->finding.explanation, sizeof f->finding.explanation);
}

/* A reviewer has decided about this behaviour: till the next epoch its days are no news. A
 * fast incident is news unless it is the same episode. */
static bool decided(const struct gh_engine *e, const struct gh_case_file *f,
                    const struct gh_raise *raise)
{
    return f != NULL && !f->open && !raise->fast && f->decided == (uint32_t)e->epoch + 1;
}

/* Days that a fast incident has told of are no news, unless they call for a review. */
static bool told(const struct gh_case_file *f, const struct gh_raise *raise)
{
    return f != NULL && !f->open && f->fast && !raise->fast && raise->track == GH_INCIDENT &&
           raise->episode->until_ms <= f->last_ms + GH_MS_PER_DAY;
}

static void evidence_note(struct gh_engine *e, struct gh_case_file *f,
                          const struct gh_raise *raise)
{
    if (raise->episode->until_ms <= f->last_ms && f->finding.revision > 0)
        return;
    f->last_date = e->settled_date;
    f->last_ms = raise->episode->until_ms;
}

static bool worth_an_update(struct gh_engine *e, const struct gh_case_file *f,
                            const struct gh_raise *raise)
{
    const double excess = raise->episode->excess_tokens;
    const double factor = raise->fast ? update_factor_fast : update_factor;

    if (raise->track < f->finding.track || excess <= f->published_tokens)
        return false;
    return excess >= factor * f->published_tokens ||
           severity_of(e, f, raise->track, raise) > f->finding.severity;
}

/* What came of it; *file is the finding, where there is one. */
static enum gh_heard finding_raise(struct gh_engine *e, const struct gh_raise *raise,
                                   struct gh_case_file **file)
{
    struct gh_case_file *f = *file = gh_file_find(e, raise->actor, raise->detector);
    enum gh_change change = GH_UPDATED;

    if (decided(e, f, raise))
        return GH_HEARD_DECIDED;
    if (told(f, raise))
        return GH_HEARD_TOLD;
    if (f == NULL || !f->open) {
        f = *file = file_open(e, raise);
        if (f == NULL)
            return GH_HEARD_DECIDED;
        change = GH_OPENED;
    }
    evidence_note(e, f, raise);
    if (raise->told == GH_TOLD_ABOVE)
        f->told = GH_TOLD_ABOVE;
    if (raise->track > f->finding.track) {
        f->finding.track = raise->track;
        f->fast = false;
        change = GH_ESCALATED;
    }
    /* What the fast path has opened is now about days, which are news for longer than hours,
     * with all that settlement knows. */
    const bool settled = f->fast && !raise->fast;
    f->fast = f->fast && raise->fast;
    if (change == GH_UPDATED && !settled && !worth_an_update(e, f, raise))
        return GH_HEARD_NO_NEWS;
    f->team = raise->team;
    f->teamwise |= raise->teamwise;
    f->finding.severity = severity_of(e, f, f->finding.track, raise);
    figures_fill(e, f, raise->episode);
    file_tell(e, f, raise);
    file_publish(e, f, change, raise->time_ms);
    return GH_HEARD_NEWS;
}

void gh_finding_raise(struct gh_engine *e, const struct gh_raise *raise)
{
    struct gh_case_file *file;

    if (raise->episode == NULL)
        return;
    const enum gh_heard heard = finding_raise(e, raise, &file);
    gh_watch_raised(e, &(struct gh_seen_raise){raise, heard, file ? file->finding.id : ""});
}

/* What comes after a finding about days is closed is another episode. */
static void file_close(struct gh_engine *e, struct gh_case_file *f, int64_t time_ms)
{
    f->open = false;
    if (!f->fast)
        gh_episode_drop(gh_shard_of(e, f->actor), f->actor, f->detector);
    file_publish(e, f, GH_CLOSED, time_ms);
}

/* For the threshold of the incidents like this one: a person once an epoch. What is kept apart
 * moves nothing for others. */
static void found_count(struct gh_engine *e, struct gh_case_file *f, enum gh_found found)
{
    if (f->finding.track != GH_INCIDENT || f->counted == (uint32_t)e->epoch + 1 ||
        gh_actor_of(e, f->actor)->apart)
        return;
    f->counted = (uint32_t)e->epoch + 1;
    e->tuning[f->detector].people[f->told][found]++;
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
            found_count(e, f, GH_UNANSWERED);
            file_close(e, f, time_ms);
        }
        if (f->open)
            *(uint32_t *)gh_array_at(&e->open_files, kept++) = index;
    }
    e->open_files.count = kept;
}

/* The finding that a verdict is about; NULL: none, or one about the reviewer. A verdict that is
 * kept apart is about what is. */
static struct gh_case_file *file_judged(struct gh_engine *e, const struct gh_event *event)
{
    struct gh_case_file *f =
        event->finding.size == GH_FINDING_ID_SIZE - 1 ? file_by_id(e, event->finding.at) : NULL;

    if (f == NULL)
        return NULL;
    const struct gh_text taken_in = gh_intern_text(&e->actors, f->actor);
    const struct gh_text actor = gh_who_name(taken_in);
    const bool own = event->reviewer.size == actor.size &&
                     memcmp(event->reviewer.at, actor.at, actor.size) == 0;
    return own || (gh_kept_apart(e, event) && !gh_who_apart(taken_in)) ? NULL : f;
}

/* A reviewer has decided: the finding is closed. Unsure leaves it open. */
void gh_finding_verdict(struct gh_engine *e, const struct gh_event *event)
{
    struct gh_case_file *f = file_judged(e, event);

    gh_watch_heard(e, event);
    e->counters.verdicts_void += f == NULL;
    if (f == NULL || event->verdict == GH_UNSURE)
        return;
    gh_watch_verdict(e, f->actor, event->verdict);
    if (!f->open)
        return;
    if (gh_reviewable(f->finding.track))
        gh_verdict_learn(e, f->actor, f->detector, event->verdict,
                         f->finding.excess_tokens / fmax(1.0, f->finding.tokens));
    if (event->verdict != GH_DATA_ERROR)
        found_count(e, f, event->verdict == GH_LEGITIMATE ? GH_FOUND_NOTHING : GH_FOUND_REAL);
    f->decided = (uint32_t)e->epoch + 1;
    gh_episode_drop(gh_shard_of(e, f->actor), f->actor, f->detector);
    file_close(e, f, event->ts_ms);
}
