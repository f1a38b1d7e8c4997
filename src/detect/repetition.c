/* repetition.c - prompts held against the last different ones of the person. */
#include "detect/repetition.h"

#include "detect/level.h"
#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>

enum { PRINTS = 16, FEWEST_DAYS = 3, MEMORY_DAYS = 20 };
enum { FACT_SHARE, FACT_REPEATED, FACT_PROMPTS, FACT_SPAN };

static const float like_band = 0.2F; /* of the log of the context */
/* The fast path: parts of a usual day that count in full, and the clips of m. */
static const double parts = 20.0, most_parts = 2.0, null_low = 0.2, null_high = 0.6;
static const double own_blind = 0.5;

struct repetition_print {
    float context;          /* mean log of it */
    float last;             /* log context of the prompt that it last was like; */
    uint32_t used, session; /* number of that prompt, 0 empty; part of its session's hash */
    uint32_t repeats;
};
struct repetition_actor {
    double run;      /* evidence of the fast path; its calls are in the cell */
    float own, days; /* own share of prompts' tokens, decayed; up to MEMORY_DAYS */
    uint32_t prompts, unused;
    uint64_t prompt[PRINTS], response[PRINTS]; /* response 0: not told, or too short to tell */
    struct repetition_print print[PRINTS];
};
struct repetition_session {
    uint64_t seen;
};
struct repetition_run { /* one per actor, while run > 0 */
    double prompts, repeated;
    struct gh_stretch stretch;
};
_Static_assert(sizeof(struct repetition_actor) % 8 == 0, "state is kept aligned");

/* Of fingerprints that are so many bits apart. */
static double near_weight(const struct gh_repetition_config *c, uint32_t bits)
{
    const double slope = 1.0 / (1.0 + fmax(0.0, (double)c->far_bits - c->near_bits));

    if (bits <= c->near_bits)
        return 1.0;
    return bits <= c->far_bits ? 1.0 - slope * (bits - c->near_bits) : 0.0;
}

struct prompt {
    uint64_t hash, response;
    float context;
    uint32_t session; /* part of its hash; 0 none */
    bool opens;
};

/* A chat that goes on: fingerprints of prompts that hold all that was said before are alike. */
static bool goes_on(const struct prompt *p, const struct repetition_print *print)
{
    return p->session == print->session && p->context > print->last + 1e-3F;
}

/* By prompt or by answer, whichever is nearer. */
static uint32_t bits_apart(const struct repetition_actor *a, const struct prompt *p, uint32_t i)
{
    const uint32_t prompts = gh_bits_apart(p->hash, a->prompt[i]);

    if (p->response == 0 || a->response[i] == 0)
        return prompts;
    const uint32_t answers = gh_bits_apart(p->response, a->response[i]);
    return answers < prompts ? answers : prompts;
}

/* How much the prompt repeats earlier ones; *of is the one it is nearest to, or PRINTS. */
static double prompt_weight(const struct repetition_actor *a,
                            const struct gh_repetition_config *c, const struct prompt *p,
                            uint32_t *of)
{
    const uint32_t far = c->far_bits > c->near_bits ? c->far_bits : c->near_bits;
    double most = 0.0, like = 0.0;

    *of = PRINTS;
    for (uint32_t i = 0; i < PRINTS; i++) {
        const struct repetition_print *print = &a->print[i];
        const uint32_t bits = bits_apart(a, p, i);
        const bool alike = p->opens && print->repeats >= c->like_after &&
                           fabsf(p->context - print->context) <= like_band;
        if (bits > far && !alike) /* nearly always */
            continue;
        const double weight = near_weight(c, bits);
        if (!(weight > most || alike) || print->used == 0 || goes_on(p, print))
            continue;
        if (weight > most) {
            most = weight;
            *of = i;
        }
        if (alike)
            like = c->like_weight;
    }
    return fmax(most, like);
}

static uint32_t print_oldest(const struct repetition_actor *a)
{
    uint32_t oldest = 0;

    for (uint32_t i = 1; i < PRINTS; i++)
        if (a->print[i].used < a->print[oldest].used)
            oldest = i;
    return oldest;
}

/* A repeat keeps the prompt it repeats in mind; a new one takes the place of the oldest. */
static void prompt_keep(struct repetition_actor *a, const struct prompt *p, uint32_t of)
{
    struct repetition_print *print = &a->print[of < PRINTS ? of : print_oldest(a)];
    const uint32_t at = (uint32_t)(print - a->print);

    if (of < PRINTS) {
        print->repeats++;
        print->context += (p->context - print->context) / ((float)print->repeats + 1.0F);
    } else {
        *print = (struct repetition_print){.context = p->context};
        a->prompt[at] = p->hash;
    }
    a->response[at] = p->response;
    print->session = p->session;
    print->last = p->context;
    print->used = ++a->prompts;
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

static uint64_t run_key(const struct gh_step *s)
{
    return (uint64_t)s->call->actor + 1;
}

static void run_restart(struct repetition_actor *a, const struct gh_step *s)
{
    struct repetition_run *run =
        a->run > 0.0 ? gh_cells_find(s->cells, run_key(s), s->call->ts_ms) : NULL;

    a->run = 0.0;
    if (run != NULL)
        *run = (struct repetition_run){0};
}

static void run_raise(struct repetition_run *run, struct gh_step *s)
{
    struct gh_episode *e = &run->stretch.episode;

    e->value[FACT_SHARE] = run->repeated / run->prompts;
    e->value[FACT_REPEATED] = run->repeated;
    e->value[FACT_PROMPTS] = run->prompts;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_HOUR;
    for (int i = 0; i <= FACT_SPAN; i++)
        e->expected[i] = NAN;
    gh_stretch_raise(&run->stretch, s, s->score, e->value[FACT_SHARE]);
}

/* After a silence the cell has been forgotten, and what was collected with it. */
static void run_step(struct repetition_actor *a, struct gh_step *s, double weight)
{
    const int64_t now = s->call->ts_ms;
    const bool lost = a->run > 0.0 && gh_cells_find(s->cells, run_key(s), now) == NULL;
    const double run = (lost ? 0.0 : a->run) + prompt_gain(s, weight);

    if (!(run > 0.0)) {
        run_restart(a, s);
        return;
    }
    struct repetition_run *cell = gh_cells_touch(s->heap, s->cells, run_key(s), now);
    a->run = cell != NULL ? run : 0.0;
    if (cell == NULL)
        return;
    cell->prompts += 1.0;
    cell->repeated += weight;
    gh_stretch_add(&cell->stretch, s, weight > 0.0);
    s->score = run;
    if (run >= s->threshold && gh_stretch_due(&cell->stretch, now))
        run_raise(cell, s);
}

static void repetition_step(struct gh_step *s)
{
    const struct gh_repetition_config *c = s->config;
    const struct gh_call *call = s->call;
    struct gh_repetition_day *day = s->day_state;
    struct repetition_actor *actor = s->actor_state;
    struct repetition_session *session = s->session_state;
    const bool answered = GH_HAS(call, response_hash) && call->output_tokens >= c->short_answer;

    if (call->foreign || gh_cause_of(call) != GH_BY_PERSON || call->status != GH_CALL_OK ||
        !GH_HAS(call, prompt_hash))
        return;
    const bool opens = call->session != 0 && session != NULL && !session->seen;
    if (opens)
        session->seen = 1;
    if (!opens && !(call->user_tokens > 0.0))
        return;
    const struct prompt p = {.hash = call->prompt_hash,
                             .response = answered ? call->response_hash : 0,
                             .context = (float)log(1.0 + call->context_tokens),
                             .session = (uint32_t)(call->session >> 32),
                             .opens = opens};
    uint32_t of;
    const double weight = prompt_weight(actor, c, &p, &of);
    prompt_keep(actor, &p, of);
    day->prompts++;
    day->prompt_tokens += call->tokens;
    day->repeated += weight;
    day->repeated_tokens += weight * call->tokens;
    s->sample = s->watched && weight > 0.0;
    if (actor->run > 0.0 || weight > 0.0)
        run_step(actor, s, weight);
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
    .version = 2,
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
    .session_size = sizeof(struct repetition_session),
    .cell_size = sizeof(struct repetition_run),
    .cell_idle_ms = GH_MS_PER_DAY, /* a run is over */
    .fact = repetition_facts,
    .fact_count = sizeof repetition_facts / sizeof *repetition_facts,
    .step = repetition_step,
    .observe = repetition_observe,
    .tell = repetition_tell,
    .explain = repetition_explain,
};
