/* engine_bytes.h - everything that an engine says, as bytes that can be compared; and noise
 * for it, recorded once: teams, roles and zones change, verdicts are given. A program that
 * records lists the_record_can_be_freed last. */
#ifndef GH_ENGINE_BYTES_H
#define GH_ENGINE_BYTES_H

#include "support/engine_noise.h"

enum { NOISE_DAYS = 70 };

struct bytes {
    unsigned char *at;
    size_t used, size;
    uint32_t changes;
};

static inline void bytes_add(struct bytes *b, const void *at, size_t size)
{
    if (b->used + size > b->size) {
        b->size = 2 * (b->used + size);
        b->at = realloc(b->at, b->size);
        if (b->at == NULL)
            exit(2);
    }
    memcpy(b->at + b->used, at, size);
    b->used += size;
}

static inline void text_add(struct bytes *b, struct gh_text text)
{
    bytes_add(b, &text.size, sizeof text.size);
    if (text.size > 0)
        bytes_add(b, text.at, text.size);
}

static inline void finding_add(struct bytes *b, const struct gh_finding *f)
{
    const uint32_t small[] = {f->revision,        (uint32_t)f->change,    (uint32_t)f->severity,
                              (uint32_t)f->track, f->cost_known,          f->fact_count,
                              f->sample_count,    (uint32_t)f->provenance};
    const int64_t time[] = {f->time_ms, f->from_ms, f->until_ms};
    const double figure[] = {f->log_e,         f->tokens,          f->cost_usd,
                             f->excess_tokens, f->excess_cost_usd, f->authenticated_share};

    b->changes++;
    bytes_add(b, f->id, sizeof f->id);
    bytes_add(b, f->detector, strlen(f->detector));
    bytes_add(b, small, sizeof small);
    bytes_add(b, time, sizeof time);
    bytes_add(b, figure, sizeof figure);
    text_add(b, f->actor);
    text_add(b, f->team);
    text_add(b, f->experiment);
    for (uint32_t i = 0; i < f->fact_count; i++) {
        const double value[] = {f->fact[i].value,
                                isnan(f->fact[i].expected) ? -1e300 : f->fact[i].expected};
        bytes_add(b, f->fact[i].name, strlen(f->fact[i].name));
        bytes_add(b, f->fact[i].unit, strlen(f->fact[i].unit));
        bytes_add(b, value, sizeof value);
    }
    for (uint32_t i = 0; i < f->sample_count; i++)
        text_add(b, f->sample[i]);
    bytes_add(b, f->explanation, strlen(f->explanation));
    bytes_add(b, f->question, strlen(f->question));
}

static inline void changes_add(struct bytes *b, struct gh_engine *engine)
{
    struct gh_finding f;

    while (gh_engine_change(engine, &f))
        finding_add(b, &f);
}

/* The newest revisions, and the counters but for the memory, which shards may change. */
static inline void end_add(struct bytes *b, const struct gh_engine *engine)
{
    struct gh_finding f;
    struct gh_counters c;
    uint64_t cursor = 0;

    while (gh_engine_finding(engine, &cursor, &f))
        finding_add(b, &f);
    gh_engine_counters(engine, &c);
    c.memory_bytes = c.memory_peak_bytes = 0;
    bytes_add(b, &c, sizeof c);
}

static inline bool bytes_same(const struct bytes *a, const struct bytes *b)
{
    const bool same =
        a->used == b->used && (a->used == 0 || memcmp(a->at, b->at, a->used) == 0);

    if (!same)
        printf("# %u and %u changes, %zu and %zu bytes\n", a->changes, b->changes, a->used,
               b->used);
    return same;
}

static struct {
    struct gh_event *event;
    uint32_t count;
    struct gh_heap heap;
    struct gh_arena texts;
} record;

static struct gh_text text_copy(struct gh_text text)
{
    return gh_arena_copy(&record.heap, &record.texts, text);
}

static inline void noise_record(void)
{
    enum { RECORDS_MAX = 40000 };
    static struct kit kit;
    struct noise noise = {
        .random = 99, .now = KIT_START, .until = KIT_START + NOISE_DAYS * KIT_DAY};

    if (record.event != NULL)
        return;
    record.heap.memory = gh_memory_system();
    record.event = calloc(RECORDS_MAX, sizeof *record.event);
    kit_open(&kit);
    while (record.count < RECORDS_MAX &&
           noise_next(&noise, &kit, &record.event[record.count])) {
        struct gh_event *event = &record.event[record.count++];
        kit_offer(&kit, event);
        event->id = text_copy(event->id);
        event->actor = text_copy(event->actor);
        event->team = text_copy(event->team);
        event->agent = text_copy(event->agent);
        event->caller = text_copy(event->caller);
        event->model = text_copy(event->model);
        event->ref = text_copy(event->ref);
        event->role = text_copy(event->role);
        event->experiment = text_copy(event->experiment);
        event->finding = text_copy(event->finding);
    }
    printf("# %u events of noise\n", record.count);
    CHECK(record.count > 10000);
    kit_close(&kit);
}

static inline void the_record_can_be_freed(void)
{
    gh_arena_free(&record.heap, &record.texts);
    free(record.event);
}

#endif
