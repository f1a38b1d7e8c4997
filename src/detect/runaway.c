/* runaway.c - runs of repeated and of failing calls inside a session. */
#include "detect/runaway.h"

#include "base/hash.h"
#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { PROMPTS = 8, ANSWERS = 4, OPEN_DAYS = 5 };
enum { FACT_CALLS, FACT_REPEATED, FACT_FAILED, FACT_SPAN };

/* Own share of hits: prior of people's work and of jobs, and how many calls it weighs. */
static const double prior_share[GH_RUNAWAY_CLASSES] = {0.01, 0.15}, prior_calls = 100.0;
static const double memory_per_day = 0.97, learn_max = 0.1;
static const double null_factor = 2.5, null_add = 0.2, null_min = 0.25, null_max = 0.95;
static const double storm_null = 0.2, storm_alternative = 0.6;

struct runaway_cell { /* one per actor and session */
    uint64_t prompt[PROMPTS], answer[ANSWERS];
    uint32_t prompts, answers; /* ever; the newest stand in the rings */
    uint32_t agent, repeated, failed, last_failed;
    int64_t last_ms;
    double stuck, storm;
    struct gh_stretch stretch;
};
_Static_assert(sizeof(struct runaway_cell) % 8 == 0, "cells are kept aligned");

struct runaway_actor {
    float calls[GH_RUNAWAY_CLASSES], hits[GH_RUNAWAY_CLASSES]; /* decayed */
    uint32_t words; /* a person's words have been told of */
    uint32_t days;
};

static double own_share(const struct runaway_actor *a, uint32_t class)
{
    return (prior_calls * prior_share[class] + (double)a->hits[class]) /
           (prior_calls + (double)a->calls[class]);
}

static bool ring_near(uint64_t *ring, uint32_t size, uint32_t *count, uint64_t print,
                      uint32_t bits)
{
    const uint32_t known = *count < size ? *count : size;
    bool near = false;

    for (uint32_t i = 0; i < known && !near; i++)
        near = (uint32_t)__builtin_popcountll(ring[i] ^ print) <= bits;
    ring[*count % size] = print;
    *count += 1;
    return near;
}

enum repeat { REPEAT_UNKNOWN, REPEAT_NOT, REPEAT_PROMPT, REPEAT_HALF, REPEAT_ALL };

static enum repeat call_repeat(struct runaway_cell *cell, const struct gh_step *s)
{
    const uint32_t bits = ((const struct gh_runaway_config *)s->config)->near_bits;
    const struct gh_call *call = s->call;
    const bool answered = GH_HAS(call, response_hash);
    bool same = false;

    if (answered)
        same = ring_near(cell->answer, ANSWERS, &cell->answers, call->response_hash, bits);
    if (!GH_HAS(call, prompt_hash))
        return REPEAT_UNKNOWN;
    if (!ring_near(cell->prompt, PROMPTS, &cell->prompts, call->prompt_hash, bits))
        return REPEAT_NOT;
    if (call->status == GH_CALL_ERROR || same)
        return REPEAT_ALL;
    return answered ? REPEAT_PROMPT : REPEAT_HALF;
}

static void cell_restart(struct runaway_cell *cell)
{
    cell->stuck = cell->storm = 0.0;
    cell->repeated = cell->failed = 0;
    if (cell->stretch.episode.calls > 0)
        cell->stretch = (struct gh_stretch){0};
}

/* Evidence of one call that the agent is stuck. */
static double stuck_gain(const struct runaway_actor *a, enum repeat repeat, uint32_t class)
{
    if (repeat == REPEAT_UNKNOWN || repeat == REPEAT_PROMPT)
        return 0.0;
    if (repeat == REPEAT_HALF && !a->words)
        return 0.0; /* a chat whose source tells neither answers nor who typed */
    const double m =
        fmin(fmax(null_factor * own_share(a, class) + null_add, null_min), null_max);
    const double q = 0.5 + 0.5 * m;
    if (repeat == REPEAT_NOT)
        return log((1.0 - q) / (1.0 - m));
    const double part = repeat == REPEAT_HALF || !a->words ? 0.5 : 1.0;
    return m < null_max ? part * log(q / m) : 0.0;
}

static double storm_gain(const struct runaway_cell *cell, const struct gh_step *s)
{
    const struct gh_runaway_config *c = s->config;
    const bool failed = s->call->status == GH_CALL_ERROR;
    const bool hasty = (double)(s->call->ts_ms - cell->last_ms) <= 1000.0 * c->retry_gap;

    return failed && cell->last_failed && hasty
               ? log(storm_alternative / storm_null)
               : log((1.0 - storm_alternative) / (1.0 - storm_null));
}

static void cell_raise(struct runaway_cell *cell, struct gh_step *s, double score)
{
    struct gh_episode *e = &cell->stretch.episode;
    struct gh_runaway_day *day = s->day_state;

    e->party[0] = cell->agent;
    e->value[FACT_CALLS] = e->calls;
    e->value[FACT_REPEATED] = (double)cell->repeated / e->calls;
    e->value[FACT_FAILED] = (double)cell->failed / e->calls;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / 60000.0;
    for (int i = 0; i <= FACT_SPAN; i++)
        e->expected[i] = NAN;
    day->alarms++;
    gh_stretch_raise(&cell->stretch, s, score, (double)cell->repeated / e->calls);
}

static void cell_step(struct runaway_cell *cell, struct gh_step *s, enum repeat repeat,
                      uint32_t class)
{
    const struct gh_runaway_config *c = s->config;
    const int64_t now = s->call->ts_ms;
    const bool failed = s->call->status == GH_CALL_ERROR;

    cell->storm = fmax(0.0, cell->storm + storm_gain(cell, s));
    if (cell->stuck > 0.0 || repeat != REPEAT_NOT)
        cell->stuck = fmax(0.0, cell->stuck + stuck_gain(s->actor_state, repeat, class));
    cell->last_failed = failed;
    cell->last_ms = now > cell->last_ms ? now : cell->last_ms;
    if (cell->stuck <= 0.0 && cell->storm <= 0.0) {
        cell_restart(cell); /* most calls are ordinary, with nothing to undo */
        return;
    }
    gh_stretch_add(&cell->stretch, s, repeat == REPEAT_ALL || failed);
    cell->repeated += repeat == REPEAT_ALL || (repeat == REPEAT_UNKNOWN && failed);
    cell->failed += failed;
    const double age = (double)(now - cell->stretch.episode.from_ms);
    s->score = age >= 60000.0 * c->patience ? fmax(cell->stuck, cell->storm) : cell->storm;
    s->sample = s->watched && repeat == REPEAT_ALL;
    if (s->score >= s->threshold && gh_stretch_due(&cell->stretch, now))
        cell_raise(cell, s, s->score);
}

static void runaway_step(struct gh_step *s)
{
    const struct gh_runaway_config *c = s->config;
    const struct gh_call *call = s->call;
    const uint64_t session = call->session ? call->session : gh_hash_pair(call->agent, 1);
    const uint32_t class = call->origin == GH_SCHEDULED || call->origin == GH_CI;
    struct gh_runaway_day *day = s->day_state;
    struct runaway_actor *actor = s->actor_state;

    if (call->foreign)
        return;
    struct runaway_cell *cell =
        gh_cells_touch(s->heap, s->cells, gh_hash_pair(call->actor, session), call->ts_ms);
    if (cell == NULL)
        return;
    const enum repeat repeat = call_repeat(cell, s);
    const bool words = call->user_tokens > 0.0;

    day->calls[class] += repeat != REPEAT_UNKNOWN;
    day->hits[class] += repeat == REPEAT_ALL;
    if (words || cell->agent != call->agent ||
        (double)(call->ts_ms - cell->last_ms) > 60000.0 * c->idle)
        cell_restart(cell);
    cell->agent = call->agent;
    if (words) {
        actor->words = 1;
        cell->last_failed = 0;
        cell->last_ms = call->ts_ms;
        return;
    }
    cell_step(cell, s, repeat, class);
}

/* Something came of the session. */
static void runaway_output(struct gh_step *s)
{
    const struct gh_output *output = s->output;
    struct runaway_cell *cell =
        output->session == 0 || output->state != GH_ACCEPTED
            ? NULL
            : gh_cells_find(s->cells, gh_hash_pair(s->day->actor, output->session),
                            output->ts_ms);

    if (cell != NULL)
        cell_restart(cell);
}

/* In the first days nobody knows what is usual, so they teach it; after them, a day with an
 * alarm does not, and others little. */
static void runaway_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_runaway_day *day = in->day_state;
    struct runaway_actor *a = in->actor_state;
    const bool first = a->days < OPEN_DAYS;

    /* The fast path has said all there is to say: a day as such scores nothing. */
    out->state =
        day->calls[0] + day->calls[1] + day->alarms > 0 ? GH_OBSERVED : GH_NOT_OBSERVABLE;
    a->days++;
    for (uint32_t i = 0; i < GH_RUNAWAY_CLASSES && (first || day->alarms == 0); i++) {
        const double most = first || i > 0 ? 1.0 : learn_max;
        a->calls[i] = (float)(memory_per_day * (double)a->calls[i] + day->calls[i]);
        a->hits[i] = (float)(memory_per_day * (double)a->hits[i] +
                             fmin(day->hits[i], most * day->calls[i]));
    }
}

static void runaway_tell(const struct gh_observe *in, const struct gh_observation *seen,
                         double expected, struct gh_episode *e)
{
    (void)in;
    (void)seen;
    (void)expected;
    (void)e;
}

static void runaway_explain(const struct gh_telling *t, char *explanation,
                            size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);
    const bool storm = e->value[FACT_FAILED] >= 0.5;

    if (t->party[0].at != NULL) {
        gh_write(&w, "The agent ");
        gh_write_text(&w, t->party[0]);
    } else {
        gh_write(&w, "A client of this account");
    }
    gh_write(&w, storm ? " keeps sending calls that fail: " : " seems to be stuck: ");
    gh_write_count(&w, e->value[FACT_CALLS]);
    gh_write(&w, " calls in ");
    gh_write_duration(&w, e->value[FACT_SPAN] * 60000.0);
    gh_write(&w, " without a word from a person, of which ");
    gh_write_percent(&w, storm ? e->value[FACT_FAILED] : e->value[FACT_REPEATED]);
    gh_write(&w, storm ? " failed" : " repeated an earlier one and brought no new answer");
    gh_write(&w, ". So far this took ");
    gh_tell_spend(&w, e->tokens, e->cost_usd, e->cost_unknown);
    gh_write(&w, ".");
    gh_write(&q, storm ? "What is failing, and can the retries be slowed down or stopped?"
                       : "Should this run be stopped, and what keeps it from getting on?");
}

static const struct gh_option runaway_options[] = {
    GH_RUNAWAY_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_runaway_config)};

static const struct gh_fact_row runaway_facts[] = {
    [FACT_CALLS] = {"calls", "calls"},
    [FACT_REPEATED] = {"repeated_share", "share"},
    [FACT_FAILED] = {"failed_share", "share"},
    [FACT_SPAN] = {"span", "minutes"},
};

const struct gh_detector gh_detector_runaway = {
    .name = "runaway",
    .behaviour = GH_RUNAWAY,
    .version = 1,
    .summary = "an agent that is stuck, or a client that hammers",
    .reference = "run test: Ville 1939, Page 1954; SimHash: Charikar 2002",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .options = {"runaway", "stuck agents and retry storms", runaway_options,
                sizeof runaway_options / sizeof *runaway_options,
                sizeof(struct gh_runaway_config)},
    .actor_size = sizeof(struct runaway_actor),
    .day_size = sizeof(struct gh_runaway_day),
    .cell_size = sizeof(struct runaway_cell),
    .cell_idle_ms = GH_MS_PER_HOUR,
    .fast_low = 7.0, /* half a thousand sessions a day with a run in them */
    .fast_high = 7.5,
    .fact = runaway_facts,
    .fact_count = sizeof runaway_facts / sizeof *runaway_facts,
    .step = runaway_step,
    .output = runaway_output,
    .observe = runaway_observe,
    .tell = runaway_tell,
    .explain = runaway_explain,
};
