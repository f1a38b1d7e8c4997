/* repetition.c - prompts held against the last different ones of the person. */
#include "detect/repetition.h"

#include "detect/level.h"
#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>

enum { PRINTS = 16, SESSIONS = 16, FEWEST_DAYS = 3, MEMORY_DAYS = 20 };
enum { FACT_SHARE, FACT_REPEATED, FACT_PROMPTS, FACT_SPAN };

static const double like_band = 0.2; /* of the log of the context */
/* The fast path: parts of a usual day that count in full, and the clips of m. */
static const double parts = 20.0, most_parts = 2.0, null_low = 0.2, null_high = 0.6;
static const double own_blind = 0.5, quiet_hours = 24.0;

struct repetition_print {
    uint64_t prompt, response; /* response 0: not reported, or too short to tell */
    double context;            /* mean log of it */
    uint32_t repeats, used;    /* used: number of the prompt that it last was like */
    uint32_t session;          /* part of a hash; of that prompt */
    float last;                /* its log context */
};
struct repetition_cell { /* one per actor */
    struct repetition_print print[PRINTS];
    uint32_t session[SESSIONS]; /* parts of hashes; 0 none */
    uint32_t session_next, prompts;
    double run, run_prompts, run_repeated;
    struct gh_stretch stretch;
};
struct repetition_actor {
    float own, days; /* own share of prompts' tokens, decayed; up to MEMORY_DAYS */
};

/* Whether the call is the first of its session, as far as can be told; it is remembered. */
static bool session_opens(struct repetition_cell *cell, uint64_t session)
{
    const uint32_t part = (uint32_t)(session >> 32) | 1u;

    for (int i = 0; i < SESSIONS; i++)
        if (cell->session[i] == part)
            return false;
    cell->session[cell->session_next] = part;
    cell->session_next = (cell->session_next + 1) % SESSIONS;
    return true;
}

static double near_weight(const struct gh_repetition_config *c, uint64_t a, uint64_t b)
{
    const uint32_t bits = (uint32_t)__builtin_popcountll(a ^ b);
    const double slope = 1.0 / (1.0 + fmax(0.0, (double)c->far_bits - c->near_bits));

    if (bits <= c->near_bits)
        return 1.0;
    return bits <= c->far_bits ? 1.0 - slope * (bits - c->near_bits) : 0.0;
}

struct prompt {
    uint64_t hash, response;
    double context;
    uint32_t session; /* part of its hash; 0 none */
    bool opens;
};

/* A chat that goes on: fingerprints of prompts that hold all that was said before are alike. */
static bool goes_on(const struct prompt *p, const struct repetition_print *print)
{
    return p->session != 0 && p->session == print->session &&
           p->context > (double)print->last + 1e-3;
}

/* How much the prompt repeats earlier ones; *of is the one it is nearest to, or NULL. */
static double prompt_weight(struct repetition_cell *cell, const struct gh_repetition_config *c,
                            const struct prompt *p, struct repetition_print **of)
{
    double most = 0.0, like = 0.0;

    *of = NULL;
    for (int i = 0; i < PRINTS; i++) {
        struct repetition_print *print = &cell->print[i];
        if (print->used == 0 || goes_on(p, print))
            continue;
        double weight = near_weight(c, p->hash, print->prompt);
        if (p->response != 0 && print->response != 0)
            weight = fmax(weight, near_weight(c, p->response, print->response));
        if (weight > most) {
            most = weight;
            *of = print;
        }
        if (p->opens && print->repeats >= c->like_after &&
            fabs(p->context - print->context) <= like_band)
            like = c->like_weight;
    }
    return fmax(most, like);
}

static struct repetition_print *print_oldest(struct repetition_cell *cell)
{
    struct repetition_print *oldest = &cell->print[0];

    for (int i = 1; i < PRINTS; i++)
        if (cell->print[i].used < oldest->used)
            oldest = &cell->print[i];
    return oldest;
}

/* A repeat keeps the prompt it repeats in mind; a new one takes the place of the oldest. */
static void prompt_keep(struct repetition_cell *cell, const struct prompt *p,
                        struct repetition_print *of)
{
    cell->prompts++;
    if (of == NULL) {
        of = print_oldest(cell);
        *of = (struct repetition_print){.prompt = p->hash, .context = p->context};
    } else {
        of->repeats++;
        of->context += (p->context - of->context) / (of->repeats + 1.0);
    }
    of->response = p->response;
    of->session = p->session;
    of->last = (float)p->context;
    of->used = cell->prompts;
}

/* Evidence of the fast path by one prompt of which `weight` repeats; -INFINITY: no repeat says
 * anything about this person. */
static double prompt_gain(const struct gh_step *s, double weight)
{
    const struct repetition_actor *actor = s->actor_state;
    const bool known = actor->days >= FEWEST_DAYS;
    const double own = known ? (double)actor->own : 0.1;
    const double m = fmax(null_low, fmin(2.5 * own + 0.15, null_high)), q = (1.0 + m) / 2.0;
    const double usual = s->usual_tokens > 0.0 ? s->usual_tokens : INFINITY;
    const double stake = fmin(most_parts, parts * s->call->tokens / usual);

    if (own >= own_blind)
        return -INFINITY;
    return stake * log(weight * q / m + (1.0 - weight) * (1.0 - q) / (1.0 - m));
}

static void run_restart(struct repetition_cell *cell)
{
    cell->run = cell->run_prompts = cell->run_repeated = 0.0;
    cell->stretch = (struct gh_stretch){0};
}

static void run_raise(struct repetition_cell *cell, struct gh_step *s)
{
    struct gh_episode *e = &cell->stretch.episode;

    e->value[FACT_SHARE] = cell->run_repeated / cell->run_prompts;
    e->value[FACT_REPEATED] = cell->run_repeated;
    e->value[FACT_PROMPTS] = cell->run_prompts;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_HOUR;
    for (int i = 0; i <= FACT_SPAN; i++)
        e->expected[i] = NAN;
    gh_stretch_raise(&cell->stretch, s, cell->run, e->value[FACT_SHARE]);
}

static void run_step(struct repetition_cell *cell, struct gh_step *s, double weight)
{
    const int64_t now = s->call->ts_ms, quiet = (int64_t)(quiet_hours * GH_MS_PER_HOUR);

    if (cell->run > 0.0 && now - cell->stretch.episode.until_ms > quiet)
        run_restart(cell);
    cell->run += prompt_gain(s, weight);
    if (!(cell->run > 0.0)) {
        run_restart(cell);
        return;
    }
    cell->run_prompts += 1.0;
    cell->run_repeated += weight;
    gh_stretch_add(&cell->stretch, s, weight > 0.0);
    s->score = cell->run;
    if (cell->run >= s->threshold && gh_stretch_due(&cell->stretch, now))
        run_raise(cell, s);
}

static void repetition_step(struct gh_step *s)
{
    const struct gh_repetition_config *c = s->config;
    const struct gh_call *call = s->call;
    struct gh_repetition_day *day = s->day_state;
    const bool answered = GH_HAS(call, response_hash) && call->output_tokens >= c->short_answer;

    if (call->foreign || gh_work_is_job(call) || call->status != GH_CALL_OK ||
        !GH_HAS(call, prompt_hash))
        return;
    struct repetition_cell *cell =
        gh_cells_touch(s->heap, s->cells, (uint64_t)call->actor + 1, call->ts_ms);
    if (cell == NULL)
        return;
    struct prompt p = {.hash = call->prompt_hash,
                       .response = answered ? call->response_hash : 0,
                       .context = log(1.0 + call->context_tokens),
                       .session = (uint32_t)(call->session >> 32),
                       .opens = call->session != 0 && session_opens(cell, call->session)};
    if (call->agent != 0 && call->session != 0 && !p.opens && !(call->user_tokens > 0.0))
        return;
    struct repetition_print *of;
    const double weight = prompt_weight(cell, c, &p, &of);
    prompt_keep(cell, &p, of);
    day->prompts++;
    day->prompt_tokens += call->tokens;
    day->repeated += weight;
    day->repeated_tokens += weight * call->tokens;
    s->sample = s->watched && weight > 0.0;
    run_step(cell, s, weight);
}

static void own_learn(struct repetition_actor *actor, const struct gh_repetition_day *day)
{
    actor->days = fminf(actor->days + 1.0f, MEMORY_DAYS);
    if (day->prompt_tokens > 0.0)
        actor->own +=
            ((float)(day->repeated_tokens / day->prompt_tokens) - actor->own) / actor->days;
}

static void repetition_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_repetition_config *c = in->config;
    const struct gh_repetition_day *day = in->day_state;

    out->state = day->prompts == 0                  ? GH_NOT_OBSERVABLE
                 : day->prompts < c->fewest_prompts ? GH_TOO_LITTLE
                                                    : GH_OBSERVED;
    if (out->state != GH_OBSERVED)
        return;
    out->value =
        in->day->tokens > 0.0 ? fmin(1.0, day->repeated_tokens / in->day->tokens) : 0.0;
    own_learn(in->actor_state, day);
}

static void repetition_tell(const struct gh_observe *in, const struct gh_observation *seen,
                            double expected, struct gh_episode *e)
{
    const struct gh_repetition_day *day = in->day_state;
    const double before = e->tokens - in->day->tokens; /* the day is already counted */

    e->value[FACT_SHARE] =
        gh_mean_add(e->value[FACT_SHARE], before, seen->value, in->day->tokens);
    e->expected[FACT_SHARE] =
        gh_mean_add(e->expected[FACT_SHARE], before, expected, in->day->tokens);
    e->value[FACT_REPEATED] += day->repeated;
    e->value[FACT_PROMPTS] += day->prompts;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_HOUR;
    e->expected[FACT_REPEATED] = e->expected[FACT_PROMPTS] = e->expected[FACT_SPAN] = NAN;
}

static void explain_incident(struct gh_writer *w, const struct gh_episode *e)
{
    gh_write(w, "Of ");
    gh_write_count(w, e->value[FACT_PROMPTS]);
    gh_write(w, " prompts within ");
    gh_write_duration(w, e->value[FACT_SPAN] * (double)GH_MS_PER_HOUR);
    gh_write(w, ", ");
    gh_write_percent(w, e->value[FACT_SHARE]);
    gh_write(w, " were nearly the same as earlier ones. So far this took ");
    gh_tell_spend(w, e->tokens, e->cost_usd, e->cost_unknown);
    gh_write(w, ". A script or a client that sends its request again looks like this.");
}

static void repetition_explain(const struct gh_telling *t, char *explanation,
                               size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    if (t->fast) {
        explain_incident(&w, e);
        gh_write(&q, "Is something asking the same again and again, and is it meant to?");
        return;
    }
    gh_tell_days(&w, e);
    gh_write(&w, ", ");
    gh_write_percent(&w, e->value[FACT_SHARE]);
    gh_write(&w, " of the tokens went into prompts that nearly repeated earlier ones; up to ");
    gh_write_percent(&w, e->expected[FACT_SHARE]);
    gh_write(&w, " would be usual here.");
    gh_tell_excess(&w, t);
    gh_write(&q, "What is asked for again and again here, and could its answer be kept?");
}

static const struct gh_option repetition_options[] = {
    GH_REPETITION_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_repetition_config)};

static const struct gh_fact_row repetition_facts[] = {
    [FACT_SHARE] = {"repeated_share", "share"},
    [FACT_REPEATED] = {"repeated_prompts", "prompts"},
    [FACT_PROMPTS] = {"prompts", "prompts"},
    [FACT_SPAN] = {"span", "hours"},
};

const struct gh_detector gh_detector_repetition = {
    .name = "repetition",
    .behaviour = GH_REPETITION,
    .version = 1,
    .summary = "prompts that nearly repeat earlier ones of the same person",
    .reference = "SimHash: Charikar 2002; Manku, Jain & Das Sarma 2007; bounded bets: "
                 "Waudby-Smith & Ramdas 2024",
    .lane = GH_STRUCTURAL,
    .measure = GH_SHARE,
    .add = 0.03,
    .options = {"repetition", "prompts that repeat earlier ones", repetition_options,
                sizeof repetition_options / sizeof *repetition_options,
                sizeof(struct gh_repetition_config)},
    .actor_size = sizeof(struct repetition_actor),
    .day_size = sizeof(struct gh_repetition_day),
    .cell_size = sizeof(struct repetition_cell),
    .cell_idle_ms = 7 * GH_MS_PER_DAY,
    .fact = repetition_facts,
    .fact_count = sizeof repetition_facts / sizeof *repetition_facts,
    .step = repetition_step,
    .observe = repetition_observe,
    .tell = repetition_tell,
    .explain = repetition_explain,
};
