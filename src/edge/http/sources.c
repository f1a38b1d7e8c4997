/* sources.c - see sources.h. */
#include "edge/http/sources.h"

#include "edge/threads.h"

#include <pthread.h>
#include <stdlib.h>

struct gh_sources {
    const char *maps_folder, *people_path;
    pthread_rwlock_t files; /* of what follows: mapping reads, reading again writes */
    struct gh_maps *maps;
    struct gh_people *people;
    pthread_mutex_t lock; /* of what follows */
    struct gh_source_work *idle;
    struct gh_strangers *strangers;
    struct gh_coverage *coverage; /* has a lock of its own */
    struct gh_sources_counters counters;
};

static enum gh_status files_read(const struct gh_sources *s, struct gh_maps **maps,
                                 struct gh_people **people, struct gh_error *error)
{
    enum gh_status status = gh_maps_load(maps, s->maps_folder, error);
    if (status != GH_OK)
        return status;
    status = gh_people_load(people, s->people_path, error);
    if (status != GH_OK) {
        gh_error_wrap(error, "identity.people");
        gh_maps_free(*maps);
    }
    return status;
}

enum gh_status gh_sources_new(struct gh_sources **sources, const char *maps, const char *people,
                              struct gh_error *error)
{
    struct gh_sources *made = calloc(1, sizeof(*made));
    if (made) {
        made->strangers = gh_strangers_new();
        made->coverage = gh_coverage_new();
    }
    if (!made || !made->strangers || !made->coverage) {
        if (made) {
            gh_strangers_free(made->strangers);
            gh_coverage_free(made->coverage);
        }
        free(made);
        return gh_error_set(error, GH_EMEMORY, "sources: out of memory");
    }
    made->maps_folder = maps;
    made->people_path = people;
    pthread_mutex_init(&made->lock, NULL);
    /* Else a busy service would never get to read its files again. */
    gh_threads_fair_lock(&made->files);
    const enum gh_status status = files_read(made, &made->maps, &made->people, error);
    if (status == GH_OK)
        *sources = made;
    else
        gh_sources_free(made);
    return status;
}

static void work_free(struct gh_source_work *work)
{
    gh_mapper_free(work->mapper);
    gh_otlp_reader_free(work->reader);
    free(work);
}

static void idle_free(struct gh_sources *s)
{
    while (s->idle) {
        struct gh_source_work *gone = s->idle;
        s->idle = gone->next;
        work_free(gone);
    }
}

void gh_sources_free(struct gh_sources *sources)
{
    if (!sources)
        return;
    idle_free(sources);
    gh_maps_free(sources->maps);
    gh_people_free(sources->people);
    gh_strangers_free(sources->strangers);
    gh_coverage_free(sources->coverage);
    pthread_rwlock_destroy(&sources->files);
    pthread_mutex_destroy(&sources->lock);
    free(sources);
}

enum gh_status gh_sources_reload(struct gh_sources *sources, struct gh_error *error)
{
    struct gh_maps *maps = NULL;
    struct gh_people *people = NULL;
    const enum gh_status status = files_read(sources, &maps, &people, error);
    if (status != GH_OK)
        return status;
    pthread_rwlock_wrlock(&sources->files);
    idle_free(sources); /* nobody works now; mappers point to the maps */
    gh_maps_free(sources->maps);
    gh_people_free(sources->people);
    sources->maps = maps;
    sources->people = people;
    pthread_rwlock_unlock(&sources->files);
    return GH_OK;
}

const struct gh_people *gh_sources_people(const struct gh_sources *sources)
{
    return sources->people;
}

static struct gh_source_work *work_new(struct gh_sources *s)
{
    struct gh_source_work *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->sources = s;
    made->maps = s->maps;
    made->people = s->people;
    made->reader = gh_otlp_reader_new();
    made->mapper = gh_mapper_new(s->maps);
    if (made->reader && made->mapper)
        return made;
    work_free(made);
    return NULL;
}

struct gh_source_work *gh_sources_begin(struct gh_sources *sources)
{
    pthread_rwlock_rdlock(&sources->files);
    pthread_mutex_lock(&sources->lock);
    struct gh_source_work *work = sources->idle;
    if (work)
        sources->idle = work->next;
    pthread_mutex_unlock(&sources->lock);
    if (!work)
        work = work_new(sources);
    if (!work)
        pthread_rwlock_unlock(&sources->files);
    return work;
}

void gh_sources_end(struct gh_source_work *work)
{
    struct gh_sources *s = work->sources;
    pthread_mutex_lock(&s->lock);
    work->next = s->idle;
    s->idle = work;
    pthread_mutex_unlock(&s->lock);
    pthread_rwlock_unlock(&s->files);
}

/* Sums since a start of their own would count twice. */
static bool sum_of_calls(const struct gh_told *told, enum gh_mapped mapped)
{
    return mapped == GH_MAPPED_TOTAL && told->kind == GH_TOLD_POINT && !told->cumulative;
}

static void coverage_note(struct gh_source_work *work, const struct gh_told *told,
                          enum gh_mapped mapped, struct gh_event *event)
{
    struct gh_coverage *coverage = work->sources->coverage;
    const bool call = mapped == GH_MAPPED_EVENT && event->kind == GH_USAGE;
    struct gh_map_number at;
    if (told->time_ms != GH_TOLD_NO_TIME && gh_mapper_number(work->mapper, &at)) {
        const struct gh_numbered record = {at.stream, (uint64_t)at.number, told->time_ms, call};
        const int64_t missing = gh_coverage_take(coverage, &record);
        if (call && missing > 0) {
            event->missing = missing;
            event->present |= UINT64_C(1) << GH_KEY_missing;
        }
    }
    if (call || (sum_of_calls(told, mapped) && GH_HAS(event, actor)))
        gh_coverage_note(coverage, event, !call);
}

enum gh_mapped gh_source_map(struct gh_source_work *work, const struct gh_told *told,
                             struct gh_event *event, struct gh_error *error)
{
    struct gh_sources *s = work->sources;
    const uint64_t before = gh_mapper_clamped(work->mapper);
    const enum gh_mapped mapped = gh_map(work->mapper, told, event, error);
    pthread_mutex_lock(&s->lock);
    s->counters.records[mapped]++;
    s->counters.clamped += gh_mapper_clamped(work->mapper) - before;
    if (mapped == GH_MAPPED_EVENT)
        gh_people_place(work->people, s->strangers, event);
    else if (mapped == GH_MAPPED_TOTAL && gh_people_find(work->people, event->actor).at)
        event->actor = gh_people_find(work->people, event->actor);
    pthread_mutex_unlock(&s->lock);
    coverage_note(work, told, mapped, event);
    return mapped;
}

struct gh_coverage *gh_sources_coverage(struct gh_sources *sources)
{
    return sources->coverage;
}

struct gh_text gh_source_person(void *work, struct gh_text account)
{
    const struct gh_source_work *w = work;
    return gh_people_find(w->people, account);
}

struct gh_sources_counters gh_sources_counters(struct gh_sources *sources)
{
    pthread_mutex_lock(&sources->lock);
    struct gh_sources_counters counters = sources->counters;
    counters.strangers = gh_strangers_events(sources->strangers);
    pthread_mutex_unlock(&sources->lock);
    return counters;
}
