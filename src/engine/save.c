/* save.c - all that an engine knows, to bytes and back. Not moved: what is made from the
 * settings, what is only a cache or scratch, and queues, which are empty by then. */
#include "base/hash.h"
#include "engine/state.h"

#include <assert.h>
#include <string.h>

/* What the bytes depend on besides the settings. */
struct save_head {
    char magic[8];
    uint64_t shape;
    uint32_t shards, epoch_days, burn_in_days;
    uint32_t apart; /* what is self-reported was kept apart */
};
static const char magic[8] = "ghstate2";

/* Differs where state of another build would be misread. */
static uint64_t shape_of(const struct gh_engine *e)
{
    const uint64_t part[] = {
        gh_detector_count,         GH_PARTS,
        e->layout.actor_size,      e->layout.day_size,
        e->layout.session_size,    sizeof(struct gh_finding),
        sizeof(struct gh_cohort),  sizeof(struct gh_episode),
        sizeof(struct gh_event),   sizeof(struct gh_counters),
        sizeof(struct gh_cleared), sizeof(struct gh_experiment_cell),
        sizeof(struct gh_team),    sizeof(struct gh_schedule_entry),
        sizeof(struct gh_tuning),
    };
    uint64_t shape = gh_hash(part, sizeof part);

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_detector *detector = gh_detectors[d];
        const uint64_t of[] = {shape,
                               detector->version,
                               detector->actor_size,
                               detector->day_size,
                               detector->session_size,
                               detector->cell_size};
        shape = gh_hash_seeded(of, sizeof of, gh_hash(detector->name, strlen(detector->name)));
    }
    return shape;
}

static struct save_head head_of(const struct gh_engine *e)
{
    struct save_head head = {.shape = shape_of(e),
                             .shards = e->shards,
                             .epoch_days = e->evidence.epoch,
                             .burn_in_days = e->evidence.burn_in,
                             .apart = gh_keeps_apart(e)};

    memcpy(head.magic, magic, sizeof magic);
    return head;
}

static void order_archive(struct gh_engine *e, struct gh_archive *a)
{
    GH_ARCHIVE(a, e->started);
    GH_ARCHIVE(a, e->newest_ms);
    GH_ARCHIVE(a, e->closed_hour);
    GH_ARCHIVE(a, e->position);
    GH_ARCHIVE(a, e->sequence);
    gh_ids_archive(&e->heap, &e->ids, a);
    gh_held_archive(e, a);
}

static void front_archive(struct gh_engine *e, struct gh_archive *a)
{
    gh_archive_intern(a, &e->heap, &e->actors);
    gh_archive_intern(a, &e->heap, &e->teams);
    gh_archive_intern(a, &e->heap, &e->names);
    gh_archive_intern(a, &e->heap, &e->zone_names);
    gh_archive_array(a, &e->heap, &e->actor_team);
    for (int i = 0; i < 2; i++)
        gh_archive_array(a, &e->heap, &e->agent_owner[i]);
    GH_ARCHIVE(a, e->teams_apart);
    gh_archive_cells(a, &e->heap, &e->experiments);
    if (a->loading && !a->failed)
        gh_zones_find(e);
}

static void shard_archive(struct gh_shard *s, struct gh_archive *a)
{
    gh_archive_segments(a, &s->heap, &s->actors);
    for (int i = 0; i < GH_BOOKS; i++) {
        GH_ARCHIVE(a, s->book[i].date);
        GH_ARCHIVE(a, s->book[i].used);
        gh_archive_segments(a, &s->heap, &s->book[i].days);
    }
    for (uint32_t d = 0; d < gh_detector_count; d++)
        gh_archive_cells(a, &s->heap, &s->cells[d]);
    gh_archive_cells(a, &s->heap, &s->sessions);
    gh_archive_cells(a, &s->heap, &s->day_samples);
    gh_archive_cells(a, &s->heap, &s->episodes);
    gh_archive_cells(a, &s->heap, &s->schedules);
    gh_archive_cells(a, &s->heap, &s->quotas);
    gh_archive_cells(a, &s->heap, &s->refs);
    gh_archive_intern(a, &s->heap, &s->samples);
    for (int i = 0; i < GH_SETS; i++)
        gh_archive_array(a, &s->heap, &s->candidates[i]);
}

static void epochs_archive(struct gh_engine *e, struct gh_archive *a)
{
    GH_ARCHIVE(a, e->first_date);
    GH_ARCHIVE(a, e->settled_date);
    GH_ARCHIVE(a, e->epoch);
    GH_ARCHIVE(a, e->epoch_start);
    GH_ARCHIVE(a, e->enrol_date);
    GH_ARCHIVE(a, e->enrolled);
    GH_ARCHIVE(a, e->above_edge);
    GH_ARCHIVE(a, e->below_edge);
    GH_ARCHIVE(a, e->weight);
    GH_ARCHIVE(a, e->log_weight);
    GH_ARCHIVE(a, e->lesson);
    gh_archive_array(a, &e->heap, &e->cleared);
    GH_ARCHIVE(a, e->person_epochs);
    gh_past_archive(e, a);
    GH_ARCHIVE(a, e->tuning);
    gh_archive_array(a, &e->heap, &e->team_state);
    gh_scopes_archive(e, a);
}

/* Figures and texts that are in the struct itself. */
static void finding_archive(struct gh_archive *a, struct gh_finding *f)
{
    GH_ARCHIVE(a, f->id);
    GH_ARCHIVE(a, f->revision);
    GH_ARCHIVE(a, f->change);
    GH_ARCHIVE(a, f->severity);
    GH_ARCHIVE(a, f->track);
    GH_ARCHIVE(a, f->provenance);
    GH_ARCHIVE(a, f->authenticated_share);
    GH_ARCHIVE(a, f->log_e);
    GH_ARCHIVE(a, f->time_ms);
    GH_ARCHIVE(a, f->from_ms);
    GH_ARCHIVE(a, f->until_ms);
    GH_ARCHIVE(a, f->tokens);
    GH_ARCHIVE(a, f->cost_usd);
    GH_ARCHIVE(a, f->excess_tokens);
    GH_ARCHIVE(a, f->excess_cost_usd);
    GH_ARCHIVE(a, f->cost_known);
    GH_ARCHIVE(a, f->fact_count);
    GH_ARCHIVE(a, f->sample_count);
    a->failed |= f->fact_count > GH_FACTS_MAX || f->sample_count > GH_SAMPLES_MAX;
    for (uint32_t i = 0; i < f->fact_count && !a->failed; i++) {
        GH_ARCHIVE(a, f->fact[i].value);
        GH_ARCHIVE(a, f->fact[i].expected);
    }
    GH_ARCHIVE(a, f->explanation);
    GH_ARCHIVE(a, f->question);
    a->failed |= f->id[sizeof f->id - 1] != '\0' ||
                 f->explanation[sizeof f->explanation - 1] != '\0' ||
                 f->question[sizeof f->question - 1] != '\0';
}

/* A text of that number, {0} where there is none; a number too high is no state of ours. */
static struct gh_text text_at(struct gh_archive *a, const struct gh_intern *intern, uint32_t id)
{
    a->failed |= id > gh_intern_count(intern);
    return a->failed ? (struct gh_text){0} : gh_intern_text(intern, id);
}

/* Names by number; samples are texts of the person's shard. */
static void names_archive(struct gh_engine *e, struct gh_archive *a, struct gh_case_file *f)
{
    struct gh_finding *out = &f->finding;
    const struct gh_shard *s = gh_shard_of(e, f->actor);
    uint32_t experiment = gh_intern_find(&e->names, out->experiment);

    GH_ARCHIVE(a, experiment);
    for (uint32_t i = 0; i < out->sample_count && !a->failed; i++) {
        uint32_t sample = gh_intern_find(&s->samples, out->sample[i]);
        GH_ARCHIVE(a, sample);
        if (a->loading && !a->failed)
            out->sample[i] = text_at(a, &s->samples, sample);
    }
    if (!a->loading || a->failed)
        return;
    a->failed |= f->detector >= gh_detector_count || f->actor > gh_intern_count(&e->actors) ||
                 f->team > gh_intern_count(&e->teams);
    out->experiment = text_at(a, &e->names, experiment);
    if (a->failed)
        return;
    const struct gh_detector *detector = gh_detectors[f->detector];
    gh_finding_names(e, f);
    for (uint32_t i = 0; i < out->fact_count; i++) {
        out->fact[i].name = detector->fact[i].name;
        out->fact[i].unit = detector->fact[i].unit;
    }
}

static void file_archive(struct gh_engine *e, struct gh_archive *a, struct gh_case_file *f)
{
    GH_ARCHIVE(a, f->actor);
    GH_ARCHIVE(a, f->detector);
    GH_ARCHIVE(a, f->team);
    GH_ARCHIVE(a, f->open);
    GH_ARCHIVE(a, f->fast);
    GH_ARCHIVE(a, f->teamwise);
    GH_ARCHIVE(a, f->told);
    GH_ARCHIVE(a, f->counted);
    GH_ARCHIVE(a, f->decided);
    GH_ARCHIVE(a, f->last_date);
    GH_ARCHIVE(a, f->last_ms);
    GH_ARCHIVE(a, f->published_tokens);
    finding_archive(a, &f->finding);
    if (!a->failed)
        names_archive(e, a, f);
}

static void findings_archive(struct gh_engine *e, struct gh_archive *a)
{
    uint32_t count = e->files.count;

    GH_ARCHIVE(a, count);
    for (uint32_t i = 0; i < count && !a->failed; i++) {
        struct gh_case_file *f =
            a->loading ? gh_segments_add(&e->heap, &e->files) : gh_segments_at(&e->files, i);
        a->failed |= f == NULL;
        if (!a->failed)
            file_archive(e, a, f);
    }
    gh_archive_cells(a, &e->heap, &e->file_of);
    gh_archive_cells(a, &e->heap, &e->file_by_id);
    gh_archive_array(a, &e->heap, &e->open_files);
}

/* Everything behind the head, one way or the other. */
static void engine_archive(struct gh_engine *e, struct gh_archive *a)
{
    order_archive(e, a);
    front_archive(e, a);
    for (uint32_t i = 0; i < e->shards && !a->failed; i++) {
        shard_archive(&e->shard[i], a);
        e->heap.failed |= e->shard[i].heap.failed;
    }
    gh_cohorts_archive(e, a);
    epochs_archive(e, a);
    findings_archive(e, a);
    GH_ARCHIVE(a, e->counters);
}

enum gh_status gh_engine_save(struct gh_engine *e, const struct gh_carrier *to)
{
    struct gh_archive a = {.carrier = *to};
    struct save_head head = head_of(e);

    assert(e->changes_next == e->changes.count && e->released_next == e->released.count);
    assert(e->records.count == 0 && !e->heap.failed);
    GH_ARCHIVE(&a, head);
    engine_archive(e, &a);
    return a.failed ? GH_EIO : GH_OK;
}

/* Whether what follows `head` can be read under the settings of `e`. */
static enum gh_status head_check(const struct gh_engine *e, const struct save_head *head)
{
    const struct save_head own = head_of(e);

    if (head->shape != own.shape)
        return GH_EFORMAT;
    return head->epoch_days == own.epoch_days && head->burn_in_days == own.burn_in_days
               ? GH_OK
               : GH_ECONFIG;
}

enum gh_status gh_engine_load(struct gh_engine **engine, const struct gh_setup *setup,
                              const struct gh_carrier *from)
{
    struct gh_archive a = {.carrier = *from, .loading = true};
    struct gh_setup as_saved = *setup;
    struct save_head head;
    struct gh_engine *e;

    GH_ARCHIVE(&a, head);
    if (a.failed)
        return GH_EIO;
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.shards < 1 || head.shards > 64)
        return GH_EFORMAT;
    as_saved.shards = head.shards;
    enum gh_status status = gh_engine_new(&e, &as_saved);
    if (status != GH_OK)
        return status;
    status = head_check(e, &head);
    if (status == GH_OK) {
        engine_archive(e, &a);
        status = e->heap.failed ? GH_EMEMORY : a.failed ? GH_EIO : GH_OK;
    }
    if (status == GH_OK) {
        gh_settings_follow(e);
        if (gh_keeps_apart(e) && !head.apart)
            gh_keeping_apart_begin(e);
        status = e->heap.failed ? GH_EMEMORY : GH_OK;
    }
    if (status == GH_OK)
        *engine = e;
    else
        gh_engine_free(e);
    return status;
}
