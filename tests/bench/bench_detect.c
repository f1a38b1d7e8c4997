/* bench_detect.c - `bench_detect FILE`: nanoseconds that the step of each detector takes per
 * call, over the usage events of FILE, which stand ready in memory. State is laid out and
 * fetched ahead as in the engine: one record per actor, one per actor and day, one per session,
 * whose look-up counts, too. Fast incidents are held off by a threshold that no score
 * reaches. */
#include "bench/bench.h"

#include "base/hash.h"
#include "detect/registry.h"
#include "edge/blocks.h"
#include "edge/decode.h"
#include "edge/resources.h"

#include <math.h>
#include <string.h>

enum { CALLS_MAX = 400000, ROUNDS = 3, ID_SIZE = 40 };

struct calls {
    struct gh_heap heap;
    struct gh_intern names;
    struct gh_call *call;
    char (*id)[ID_SIZE];
    uint32_t count;
};

static void call_add(struct calls *c, const struct gh_event *e)
{
    struct gh_call *call = &c->call[c->count];
    const uint32_t size = e->id.size < ID_SIZE ? e->id.size : ID_SIZE;

    memcpy(c->id[c->count], e->id.at, size);
    *call = (struct gh_call){
        .ts_ms = e->ts_ms,
        .position = c->count,
        .present = e->present,
        .actor = gh_intern_add(&c->heap, &c->names, e->actor),
        .agent = gh_intern_add(&c->heap, &c->names, e->agent),
        .caller = gh_intern_add(&c->heap, &c->names, e->caller),
        .model = gh_intern_add(&c->heap, &c->names, e->model),
        .session = e->session.at != NULL ? gh_hash(e->session.at, e->session.size) : 0,
        .prompt_hash = e->prompt_hash,
        .response_hash = e->response_hash,
        .context_tokens =
            (double)(e->input_tokens + e->cache_read_tokens) + (double)e->cache_write_tokens,
        .output_tokens = (double)e->output_tokens,
        .user_tokens = (double)e->user_tokens,
        .tool_calls = (double)e->tool_calls,
        .cost_usd = GH_HAS(e, cost_usd) ? e->cost_usd : NAN,
        .origin = e->origin,
        .status = e->status,
        .local = gh_zone_local(NULL, e->ts_ms),
        .id = {c->id[c->count], size},
    };
    call->tokens = call->context_tokens + call->output_tokens;
    gh_session_note(NULL, call);
    c->count++;
}

static void calls_of_block(struct calls *c, struct gh_decoder *decoder, const char *at,
                           size_t size)
{
    struct gh_frame frame;
    struct gh_piece piece;

    gh_frame_init(&frame, at, size);
    while (c->count < CALLS_MAX && gh_frame_next(&frame, &piece)) {
        struct gh_event event;
        struct gh_refused refused;
        if (gh_decode(decoder, &piece, &event, &refused) && event.kind == GH_USAGE)
            call_add(c, &event);
    }
    gh_decoder_reset(decoder);
}

static void calls_read(struct calls *c, const char *path)
{
    struct gh_decoder *decoder = gh_decoder_new();
    struct gh_blocks *blocks = NULL;
    struct gh_error error = {0};
    const char *at = NULL;
    size_t size = 1;

    if (decoder == NULL || gh_blocks_open(&blocks, path, &error) != GH_OK) {
        fprintf(stderr, "bench_detect: %s\n", error.text);
        exit(1);
    }
    while (size > 0 && c->count < CALLS_MAX &&
           gh_blocks_next(blocks, &at, &size, &error) == GH_OK)
        calls_of_block(c, decoder, at, size);
    gh_blocks_close(blocks);
    gh_decoder_free(decoder);
}

struct run {
    struct calls *calls;
    const struct gh_detector *detector;
    void *config;
    struct gh_day *day;
    unsigned char *actor_state, *day_state;
    struct gh_cells cells, sessions;
    struct gh_intern samples;
    size_t actors;
    uint64_t sum;
};

static void day_count(struct run *r, struct gh_day *day, const struct gh_call *call)
{
    const struct gh_detector *d = r->detector;

    if (day->calls == 0 || day->date != call->local.date) {
        *day = (struct gh_day){
            .actor = call->actor, .date = call->local.date, .first_ms = call->ts_ms};
        if (d->day_size > 0)
            memset(r->day_state + call->actor * d->day_size, 0, d->day_size);
    }
    day->calls++;
    day->last_ms = call->ts_ms;
    day->hours |= 1u << (call->local.minute / 60);
    day->tokens += call->tokens;
    day->context_tokens += call->context_tokens;
    day->cost_usd += isnan(call->cost_usd) ? 0.0 : call->cost_usd;
}

static uint64_t session_key(const struct gh_call *call)
{
    return gh_session_key(call->actor, call->session, call->agent);
}

static void call_ahead(const struct run *r, uint32_t i)
{
    enum { NEAR = 6, FAR = 12 };
    const struct gh_detector *d = r->detector;

    if (i + FAR >= r->calls->count)
        return;
    const struct gh_call *far = &r->calls->call[i + FAR], *near = &r->calls->call[i + NEAR];
    gh_prefetch(r->day_state + far->actor * d->day_size, d->day_size);
    gh_prefetch(r->actor_state + far->actor * d->actor_size, d->actor_size);
    if (d->session_size == 0)
        return;
    gh_cells_prefetch_slot(&r->sessions, session_key(far));
    gh_cells_prefetch_record(&r->sessions, session_key(near));
}

static void call_step(struct run *r, struct gh_day *day, const struct gh_call *call)
{
    const struct gh_detector *d = r->detector;
    struct gh_episode episode = {0};
    struct gh_step step = {
        .config = r->config,
        .call = call,
        .day = day,
        .day_state = r->day_state + call->actor * d->day_size,
        .actor_state = r->actor_state + call->actor * d->actor_size,
        .cells = d->cell_size > 0 ? &r->cells : NULL,
        .heap = &r->calls->heap,
        .samples = &r->samples,
        .threshold = INFINITY,
        .episode = &episode,
        .session_key = session_key(call),
    };

    if (d->session_size > 0)
        step.session_state =
            gh_cells_touch(&r->calls->heap, &r->sessions, step.session_key, call->ts_ms);
    d->step(&step);
    r->sum += step.sample;
}

static void run_once(void *context)
{
    struct run *r = context;
    const struct gh_detector *d = r->detector;

    memset(r->day, 0, r->actors * sizeof *r->day);
    memset(r->actor_state, 0, r->actors * d->actor_size + 1);
    gh_cells_free(&r->calls->heap, &r->cells);
    gh_cells_init(&r->cells, d->cell_size, 1000000, d->cell_idle_ms);
    gh_cells_free(&r->calls->heap, &r->sessions);
    gh_cells_init(&r->sessions, d->session_size, 1000000, GH_MS_PER_DAY / 2);
    for (uint32_t i = 0; i < r->calls->count; i++) {
        const struct gh_call *call = &r->calls->call[i];
        call_ahead(r, i);
        day_count(r, &r->day[call->actor], call);
        call_step(r, &r->day[call->actor], call);
        r->sum += r->day[call->actor].calls;
    }
}

static double run_ns(struct calls *calls, const struct gh_detector *d)
{
    const size_t actors = gh_intern_count(&calls->names) + 1;
    struct run r = {.calls = calls, .detector = d, .actors = actors};

    r.day = bench_memory(actors, sizeof *r.day);
    gh_intern_init(&r.samples, 0);
    r.config = bench_memory(1, d->options.size + 1);
    gh_options_default(&d->options, r.config);
    r.actor_state = bench_memory(actors * d->actor_size + 1, 1);
    r.day_state = bench_memory(actors * d->day_size + 1, 1);
    const double ns = bench_best_ns(ROUNDS, run_once, &r) / calls->count;
    gh_cells_free(&calls->heap, &r.cells);
    gh_cells_free(&calls->heap, &r.sessions);
    gh_intern_free(&calls->heap, &r.samples);
    free(r.config);
    free(r.day);
    free(r.actor_state);
    free(r.day_state);
    return ns;
}

/* All but a step, to be taken off. */
static void step_nothing(struct gh_step *step)
{
    step->sample = false;
}
static const struct gh_detector detector_none = {.name = "none", .step = step_nothing};

int main(int argc, char **argv)
{
    struct calls calls = {.heap = {.memory = gh_memory_system()}};
    char name[64];

    if (argc != 2) {
        fprintf(stderr, "usage: bench_detect FILE\n");
        return 2;
    }
    gh_intern_init(&calls.names, 0);
    calls.call = bench_memory(CALLS_MAX, sizeof *calls.call);
    calls.id = bench_memory(CALLS_MAX, ID_SIZE);
    calls_read(&calls, argv[1]);
    const double without = calls.count > 0 ? run_ns(&calls, &detector_none) : 0;
    for (uint32_t i = 0; i < gh_detector_count && calls.count > 0; i++) {
        snprintf(name, sizeof name, "detector %s", gh_detectors[i]->name);
        bench_result(name, "ns_per_event", run_ns(&calls, gh_detectors[i]) - without);
    }
    gh_intern_free(&calls.heap, &calls.names);
    free(calls.call);
    free(calls.id);
    return calls.count > 0 ? 0 : 1;
}
