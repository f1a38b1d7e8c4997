/* detector_kit.h - one detector and one person: calls go straight into step(), days into
 * observe(), as the engine does it, with all state in view. */
#ifndef GH_DETECTOR_KIT_H
#define GH_DETECTOR_KIT_H

#include "base/hash.h"
#include "detect/registry.h"
#include "engine/options.h"
#include "stat/law.h"
#include "support/gh_test.h"
#include "support/gh_test_memory.h"

#include <math.h>

#define RIG_START INT64_C(1772409600000) /* 2026-03-02 */
#define RIG_MINUTE INT64_C(60000)

enum { RIG_STATE = 4096, RIG_CONFIG = 1024 };

struct rig {
    const struct gh_detector *detector;
    struct gh_test_memory memory;
    struct gh_heap heap;
    struct gh_cells cells, sessions;
    struct gh_intern samples;
    struct gh_day day;
    struct gh_person person;
    struct gh_by_class by_class;     /* of the last day that was observed */
    double threshold, common_tokens; /* of the fast path; of an active day of anybody */
    bool watched;
    uint64_t calls; /* makes ids */
    /* what the last step said */
    bool sampled, raised;
    double score;
    struct gh_episode episode;
    _Alignas(8) unsigned char config[RIG_CONFIG], actor[RIG_STATE], state[RIG_STATE];
};

static inline const struct gh_detector *rig_find(const char *name)
{
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, name) == 0)
            return gh_detectors[d];
    exit(2);
}

static inline void rig_open(struct rig *rig, const struct gh_detector *detector)
{
    gh_law_init();
    memset(rig, 0, sizeof *rig);
    rig->detector = detector;
    rig->heap = gh_test_heap(&rig->memory);
    rig->threshold = INFINITY;
    gh_cells_init(&rig->cells, detector->cell_size, 1000, detector->cell_idle_ms);
    gh_cells_init(&rig->sessions, sizeof(struct gh_session_facts) + detector->session_size,
                  1000, GH_MS_PER_DAY / 2);
    gh_intern_init(&rig->samples, 1000);
    gh_options_default(&detector->options, rig->config);
    rig->day.date = (int32_t)(RIG_START / GH_MS_PER_DAY);
    rig->person.usual_tokens = rig->person.usual_cost_usd = NAN;
}

static inline void rig_close(struct rig *rig)
{
    gh_cells_free(&rig->heap, &rig->cells);
    gh_cells_free(&rig->heap, &rig->sessions);
    gh_intern_free(&rig->heap, &rig->samples);
    CHECK(rig->heap.bytes == 0);
}

/* A person's call of 10 + 10 tokens at 12:00 and so many milliseconds. */
static inline struct gh_call rig_call(int64_t after_ms)
{
    return (struct gh_call){.ts_ms = RIG_START + 12 * GH_MS_PER_HOUR + after_ms,
                            .actor = 1,
                            .model = 1,
                            .origin = GH_INTERACTIVE,
                            .context_tokens = 10,
                            .output_tokens = 10,
                            .tokens = 20,
                            .cost_usd = 0.5};
}

static inline struct gh_step rig_step_of(struct rig *rig)
{
    return (struct gh_step){.config = rig->config,
                            .day = &rig->day,
                            .day_state = rig->state,
                            .actor_state = rig->actor,
                            .cells = rig->detector->cell_size ? &rig->cells : NULL,
                            .heap = &rig->heap,
                            .samples = &rig->samples,
                            .watched = rig->watched,
                            .usual_tokens = rig->person.usual_tokens,
                            .common_tokens = rig->common_tokens,
                            .public_context = rig->person.public_context,
                            .threshold = rig->threshold,
                            .episode = &rig->episode};
}

static inline void *rig_session_state(const struct rig *rig, struct gh_session_facts *session)
{
    return session != NULL && rig->detector->session_size > 0 ? session + 1 : NULL;
}

static inline void rig_told(struct rig *rig, const struct gh_step *step)
{
    rig->sampled = step->sample;
    rig->raised = step->raise;
    rig->score = step->score;
}

/* An output event, counted into the day. */
static inline void rig_output(struct rig *rig, struct gh_output output)
{
    char id[24];

    snprintf(id, sizeof id, "%llu", (unsigned long long)rig->calls++);
    output.id = (struct gh_text){id, (uint32_t)strlen(id)};
    output.local = gh_zone_local(NULL, output.ts_ms);
    rig->day.outputs++;
    rig->day.units += output.change;
    struct gh_step step = rig_step_of(rig);
    step.output = &output;
    if (output.session != 0) {
        step.session_key = gh_session_key(1, output.session, 0);
        step.session_state = rig_session_state(
            rig, gh_cells_find(&rig->sessions, step.session_key, output.ts_ms));
    }
    rig->detector->output(&step);
    rig_told(rig, &step);
}

/* Counts the call into the day unless it is foreign, and hands it to step(). */
static inline void rig_step(struct rig *rig, struct gh_call call)
{
    char id[24];
    struct gh_day *day = &rig->day;

    snprintf(id, sizeof id, "%llu", (unsigned long long)rig->calls++);
    call.id = (struct gh_text){id, (uint32_t)strlen(id)};
    call.position = rig->calls;
    call.local = gh_zone_local(NULL, call.ts_ms);
    if (!call.foreign) {
        day->first_ms = day->calls ? day->first_ms : call.ts_ms;
        day->last_ms = call.ts_ms;
        day->calls++;
        day->hours |= 1u << (call.local.minute / 60);
        day->tokens += call.tokens;
        day->context_tokens += call.context_tokens;
        day->cost_usd += isnan(call.cost_usd) ? 0.0 : call.cost_usd;
    }
    struct gh_step step = rig_step_of(rig);
    step.call = &call;
    step.session_key = gh_session_key(call.actor, call.session, call.agent);
    struct gh_session_facts *session =
        gh_cells_touch(&rig->heap, &rig->sessions, step.session_key, call.ts_ms);
    gh_session_note(session, &call);
    step.session_state = rig_session_state(rig, session);
    rig->detector->step(&step);
    rig_told(rig, &step);
}

static inline struct gh_observe rig_observe_of(struct rig *rig)
{
    return (struct gh_observe){rig->config, &rig->day, &rig->person, rig->state, rig->actor};
}

/* The day ends: what the detector saw of it; by class of work till the next time. */
static inline struct gh_observation rig_observe(struct rig *rig)
{
    const struct gh_observe in = rig_observe_of(rig);
    struct gh_observation out = {.by_class = &rig->by_class};

    rig->by_class = (struct gh_by_class){0};
    rig->detector->observe(&in, &out);
    return out;
}

/* The next local date begins. */
static inline void rig_next_day(struct rig *rig)
{
    const int32_t date = rig->day.date + 1;

    rig->day = (struct gh_day){.date = date};
    memset(rig->state, 0, sizeof rig->state);
    rig->person.days++;
}

#endif
