/* runaway.c - runs of repeated and of failing calls inside a session. */
#include "detect/runaway.h"

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

struct runaway_session {
    uint64_t prompt[PROMPTS], answer[ANSWERS]; /* rings */
    int64_t last_ms;
    double stuck, storm;
    uint32_t agent;
    uint8_t prompts, answers;     /* ever, as far as it matters to the rings */
    uint8_t last_failed, running; /* running: the session has a cell */
};
struct runaway_run { /* of a session, while something is being counted */
    uint32_t repeated, failed;
    struct gh_stretch stretch;
};
_Static_assert(sizeof(struct runaway_session) % 8 == 0 && sizeof(struct runaway_run) % 8 == 0,
               "state is kept aligned");

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

static bool ring_near(uint64_t *ring, uint32_t size, uint8_t *count, uint64_t print,
                      uint32_t bits)
{
    const uint32_t known = *count < size ? *count : size;
    bool near = false;

    for (uint32_t i = 0; i < known && !near; i++)
        near = gh_bits_apart(ring[i], print) <= bits;
    ring[*count % size] = print;
    *count = (uint8_t)(*count + 1u < 2 * size ? *count + 1u : size);
    return near;
}

enum repeat { REPEAT_UNKNOWN, REPEAT_NOT, REPEAT_PROMPT, REPEAT_HALF, REPEAT_ALL };

static enum repeat call_repeat(struct runaway_session *session, const struct gh_step *s)
{
    const uint32_t bits = ((const struct gh_runaway_config *)s->config)->near_bits;
    const struct gh_call *call = s->call;
    const bool answered = GH_HAS(call, response_hash);
    bool same = false;

    if (answered)
        same =
            ring_near(session->answer, ANSWERS, &session->answers, call->response_hash, bits);
    if (!GH_HAS(call, prompt_hash))
        return REPEAT_UNKNOWN;
    if (!ring_near(session->prompt, PROMPTS, &session->prompts, call->prompt_hash, bits))
        return REPEAT_NOT;
    if (call->status == GH_CALL_ERROR || same)
        return REPEAT_ALL;
    return answered ? REPEAT_PROMPT : REPEAT_HALF;
}

/* Most calls are ordinary, with nothing to undo. */
static void run_restart(struct runaway_session *session, const struct gh_step *s, int64_t now)
{
    struct runaway_run *run =
        session->running ? gh_cells_find(s->cells, s->session_key, now) : NULL;

    session->stuck = session->storm = 0.0;
    session->running = 0;
    if (run != NULL)
        *run = (struct runaway_run){0};
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

static double storm_gain(const struct runaway_session *session, const struct gh_step *s)
{
    const struct gh_runaway_config *c = s->config;
    const bool failed = s->call->status == GH_CALL_ERROR;
    const bool hasty = (double)(s->call->ts_ms - session->last_ms) <= 1000.0 * c->retry_gap;

    return failed && session->last_failed && hasty
               ? log(storm_alternative / storm_null)
               : log((1.0 - storm_alternative) / (1.0 - storm_null));
}

static void run_raise(struct runaway_run *run, struct gh_step *s)
{
    struct gh_episode *e = &run->stretch.episode;
    struct gh_runaway_day *day = s->day_state;

    e->party[0] = s->call->agent;
    e->value[FACT_CALLS] = e->calls;
    e->value[FACT_REPEATED] = (double)run->repeated / e->calls;
    e->value[FACT_FAILED] = (double)run->failed / e->calls;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / 60000.0;
    for (int i = 0; i <= FACT_SPAN; i++)
        e->expected[i] = NAN;
    gh_stretch_raise(&run->stretch, s, s->score, (double)run->repeated / e->calls);
    day->alarms += s->raise;
}

/* A call of a run, which takes it in. */
static void run_step(struct runaway_session *session, struct gh_step *s, enum repeat repeat)
{
    const struct gh_runaway_config *c = s->config;
    const int64_t now = s->call->ts_ms;
    const bool failed = s->call->status == GH_CALL_ERROR;
    struct runaway_run *run = gh_cells_touch(s->heap, s->cells, s->session_key, now);

    session->running = run != NULL;
    if (run == NULL)
        return;
    gh_stretch_add(&run->stretch, s, repeat == REPEAT_ALL || failed);
    run->repeated += repeat == REPEAT_ALL || (repeat == REPEAT_UNKNOWN && failed);
    run->failed += failed;
    const double age = (double)(now - run->stretch.episode.from_ms);
    s->score =
        age >= 60000.0 * c->patience ? fmax(session->stuck, session->storm) : session->storm;
    s->sample = s->watched && repeat == REPEAT_ALL;
    if (s->score >= s->threshold && gh_stretch_due(&run->stretch, now))
        run_raise(run, s);
}

static void session_step(struct runaway_session *session, struct gh_step *s, enum repeat repeat,
                         uint32_t class)
{
    const int64_t now = s->call->ts_ms;

    if (session->storm > 0.0 || s->call->status == GH_CALL_ERROR)
        session->storm = fmax(0.0, session->storm + storm_gain(session, s));
    if (session->stuck > 0.0 || repeat != REPEAT_NOT)
        session->stuck = fmax(0.0, session->stuck + stuck_gain(s->actor_state, repeat, class));
    session->last_failed = s->call->status == GH_CALL_ERROR;
    session->last_ms = now > session->last_ms ? now : session->last_ms;
    if (session->stuck > 0.0 || session->storm > 0.0)
        run_step(session, s, repeat);
    else
        run_restart(session, s, now);
}

static void runaway_step(struct gh_step *s)
{
    const struct gh_runaway_config *c = s->config;
    const struct gh_call *call = s->call;
    const uint32_t class = call->origin == GH_SCHEDULED || call->origin == GH_CI;
    struct gh_runaway_day *day = s->day_state;
    struct runaway_actor *actor = s->actor_state;
    struct runaway_session *session = s->session_state;

    if (call->foreign || session == NULL)
        return;
    const enum repeat repeat = call_repeat(session, s);
    const bool words = call->user_tokens > 0.0;

    day->calls[class] += repeat != REPEAT_UNKNOWN;
    day->hits[class] += repeat == REPEAT_ALL;
    if (words || session->agent != call->agent ||
        (double)(call->ts_ms - session->last_ms) > 60000.0 * c->idle)
        run_restart(session, s, call->ts_ms);
    session->agent = call->agent;
    if (words) {
        actor->words = 1;
        session->last_failed = 0;
        session->last_ms = call->ts_ms;
        return;
    }
    session_step(session, s, repeat, class);
}

/* Something came of the session. */
static void runaway_output(struct gh_step *s)
{
    struct runaway_session *session = s->session_state;

    if (session != NULL && s->output->state == GH_ACCEPTED)
        run_restart(session, s, s->output->ts_ms);
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
    .version = 2,
    .summary = "an agent that is stuck, or a client that hammers",
    .reference = "run test: Ville 1939, Page 1954; SimHash: Charikar 2002",
    .lane = GH_CONTEXT,
    .measure = GH_SCORE,
    .options = {"runaway", "stuck agents and retry storms", runaway_options,
                sizeof runaway_options / sizeof *runaway_options,
                sizeof(struct gh_runaway_config)},
    .actor_size = sizeof(struct runaway_actor),
    .day_size = sizeof(struct gh_runaway_day),
    .session_size = sizeof(struct runaway_session),
    .cell_size = sizeof(struct runaway_run),
    .cell_idle_ms = 2 * GH_MS_PER_HOUR,
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
