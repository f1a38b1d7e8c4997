/* agent_loop.c - walks, repeated prompts and pairs that are alone. */
#include "detect/agent_loop.h"

#include "base/hash.h"
#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <assert.h>
#include <math.h>

enum { PRINTS = 32, EDGES = 32, PARTNERS = 8 };
enum { FACT_SHARE, FACT_CALLS, FACT_REPEATED, FACT_SPAN };

/* The run test: honest pairs repeat themselves in fewer than this share of their hops. */
static const double run_null = 0.35, run_alternative = 0.675;

struct loop_partner {
    uint32_t agent, partner; /* partner 0: a person, or the agent's own work */
    int64_t since_ms, last_ms;
};
struct loop_walk { /* one per actor */
    uint64_t edge[EDGES];
    uint32_t caller[EDGES];
    struct loop_partner partner[PARTNERS];
    uint32_t next, count;
};
struct loop_pair { /* one per actor and pair of agents */
    uint64_t print[PRINTS];
    uint32_t print_next, print_count, history, unused; /* history: bit per hop, 1 stale */
    double last_output, run;
    int64_t last_ms;
    uint32_t repeated, novelty_known, tool_hops, unused2;
    struct gh_stretch stretch;
};
struct loop_actor {
    uint32_t agents; /* a call has named one: 0 means the source does not tell */
    uint32_t links;  /* one has called another */
};
union loop_cell {
    struct loop_walk walk;
    struct loop_pair pair;
};
_Static_assert(sizeof(union loop_cell) % 8 == 0, "cells are kept aligned");

static struct loop_partner *partner_of(struct loop_walk *walk, uint32_t agent)
{
    struct loop_partner *oldest = &walk->partner[0];

    for (int i = 0; i < PARTNERS; i++) {
        if (walk->partner[i].agent == agent)
            return &walk->partner[i];
        if (walk->partner[i].last_ms < oldest->last_ms)
            oldest = &walk->partner[i];
    }
    *oldest = (struct loop_partner){.agent = agent, .since_ms = -1};
    return oldest;
}

/* Since when `agent` has dealt with `partner` alone. */
static int64_t partner_note(struct loop_walk *walk, uint32_t agent, uint32_t partner,
                            const struct gh_step *s)
{
    const struct gh_agent_loop_config *c = s->config;
    const int64_t now = s->call->ts_ms, idle_ms = (int64_t)c->idle * 60000;
    struct loop_partner *p = partner_of(walk, agent);

    if (p->since_ms < 0 || p->partner != partner || now - p->last_ms > idle_ms)
        p->since_ms = now;
    p->partner = partner;
    p->last_ms = now > p->last_ms ? now : p->last_ms;
    return p->since_ms;
}

static bool walk_closes(struct loop_walk *walk, const struct gh_step *s)
{
    const struct gh_agent_loop_config *c = s->config;
    const uint64_t edge = gh_hash_pair(s->call->caller, s->call->agent);
    const uint32_t reach = walk->count < c->window ? walk->count : c->window;
    bool closes = false;

    for (uint32_t k = 1; k <= reach && !closes; k++) {
        const uint32_t i = (walk->next + EDGES - k) % EDGES;
        closes = (k >= 2 && walk->edge[i] == edge) || walk->caller[i] == s->call->agent;
    }
    walk->edge[walk->next] = edge;
    walk->caller[walk->next] = s->call->caller;
    walk->next = (walk->next + 1) % EDGES;
    walk->count += walk->count < EDGES;
    return closes;
}

static bool print_repeats(struct loop_pair *pair, uint64_t print, uint32_t near_bits)
{
    bool repeats = false;

    for (uint32_t i = 0; i < pair->print_count && !repeats; i++)
        repeats = gh_bits_apart(pair->print[i], print) <= near_bits;
    pair->print[pair->print_next] = print;
    pair->print_next = (pair->print_next + 1) % PRINTS;
    pair->print_count += pair->print_count < PRINTS;
    return repeats;
}

enum novelty { NOVELTY_UNKNOWN, NOVEL, STALE };

static enum novelty call_novelty(struct loop_pair *pair, const struct gh_step *s)
{
    const struct gh_agent_loop_config *c = s->config;
    const struct gh_call *call = s->call;
    const bool printed = GH_HAS(call, prompt_hash), tools = GH_HAS(call, tool_calls);
    const double low = fmin(call->output_tokens, pair->last_output);
    const double high = fmax(call->output_tokens, pair->last_output);
    const bool same_length = low > 0.0 && high - low <= c->length_band * high;
    const bool repeats = printed && print_repeats(pair, call->prompt_hash, c->near_bits);

    pair->last_output = call->output_tokens;
    if (repeats || (tools && call->tool_calls <= 0.0 && same_length))
        return STALE;
    /* An answer of another length is not yet a new one. */
    return printed || call->tool_calls > 0.0 ? NOVEL : NOVELTY_UNKNOWN;
}

static void pair_restart(struct loop_pair *pair)
{
    pair->run = 0.0;
    pair->repeated = pair->novelty_known = pair->tool_hops = 0;
    pair->stretch = (struct gh_stretch){0};
}

static void pair_count(struct loop_pair *pair, const struct gh_step *s, enum novelty novelty)
{
    gh_stretch_add(&pair->stretch, s, novelty != NOVEL);
    if (pair->stretch.episode.calls == 1) {
        pair->stretch.episode.party[0] = s->call->caller;
        pair->stretch.episode.party[1] = s->call->agent;
    }
    pair->repeated += novelty == STALE;
    pair->novelty_known += novelty != NOVELTY_UNKNOWN;
    pair->tool_hops += s->call->tool_calls > 0.0;
}

static bool pair_alarms(const struct loop_pair *pair, const struct gh_step *s, int64_t alone_ms)
{
    const struct gh_agent_loop_config *c = s->config;
    const bool nothing_new =
        pair->novelty_known == 0 || 2 * pair->repeated >= pair->novelty_known;
    const bool alone = alone_ms >= (int64_t)c->alone * 60000 &&
                       pair->stretch.episode.calls >= c->alone_hops && nothing_new &&
                       10 * pair->tool_hops <= pair->stretch.episode.calls;

    return pair->run >= s->threshold || alone;
}

static void pair_raise(struct loop_pair *pair, struct gh_step *s)
{
    struct gh_episode *e = &pair->stretch.episode;

    e->value[FACT_SHARE] = s->day->tokens > 0.0 ? fmin(1.0, e->tokens / s->day->tokens) : 0.0;
    e->value[FACT_CALLS] = e->calls;
    e->value[FACT_REPEATED] = pair->novelty_known ? (double)pair->repeated / e->calls : NAN;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_HOUR;
    for (int i = 0; i <= FACT_SPAN; i++)
        e->expected[i] = NAN;
    gh_stretch_raise(&pair->stretch, s, pair->run, 1.0);
}

/* One hop between two agents. */
static void pair_step(struct loop_pair *pair, struct gh_step *s, bool closes, int64_t since_ms)
{
    const struct gh_agent_loop_config *c = s->config;
    const int64_t now = s->call->ts_ms;
    const enum novelty novelty = call_novelty(pair, s);
    const bool hit = closes && novelty == STALE;
    const bool stale = hit && (uint32_t)__builtin_popcount(pair->history & 0xffffu) >=
                                  (uint32_t)ceil(16.0 * c->stale_share);
    struct gh_agent_loop_day *day = s->day_state;

    if (now - pair->last_ms > (int64_t)c->idle * 60000 ||
        (pair->run <= 0.0 && since_ms > pair->stretch.episode.from_ms))
        pair_restart(pair);
    pair->last_ms = now;
    pair->history = pair->history << 1 | (novelty == STALE);
    pair->run +=
        hit ? log(run_alternative / run_null) : log((1.0 - run_alternative) / (1.0 - run_null));
    pair->run = fmax(0.0, pair->run);
    pair_count(pair, s, novelty);
    if (!s->call->foreign) {
        day->hits += stale;
        day->novelty_known += novelty != NOVELTY_UNKNOWN;
        day->loop_tokens += stale ? s->call->tokens : 0.0;
        s->sample = stale && s->watched;
    }
    s->score = pair->run;
    if (pair_alarms(pair, s, now - since_ms) && gh_stretch_due(&pair->stretch, now))
        pair_raise(pair, s);
}

static void loop_step(struct gh_step *s)
{
    const struct gh_call *call = s->call;
    bool link = call->caller != 0 && call->caller != call->agent;
    struct gh_agent_loop_day *day = s->day_state;
    struct loop_actor *actor = s->actor_state;
    const uint32_t low = call->agent < call->caller ? call->agent : call->caller;
    const uint32_t high = call->agent < call->caller ? call->caller : call->agent;

    if (call->agent == 0)
        return;
    link = link && !(call->user_tokens > 0.0);
    actor->agents = 1;
    actor->links |= link;
    if (!actor->links)
        return;
    union loop_cell *cell =
        gh_cells_touch(s->heap, s->cells, gh_hash_pair(call->actor, 1), call->ts_ms);
    if (cell == NULL)
        return;
    if (!link) {
        partner_note(&cell->walk, call->agent, 0, s);
        return;
    }
    const int64_t a = partner_note(&cell->walk, call->agent, call->caller, s);
    const int64_t b = partner_note(&cell->walk, call->caller, call->agent, s);
    const bool closes = walk_closes(&cell->walk, s);
    const uint64_t key = gh_hash_pair(call->actor, gh_hash_pair(low, high));

    day->links += !call->foreign;
    cell = gh_cells_touch(s->heap, s->cells, key, call->ts_ms);
    if (cell != NULL)
        pair_step(&cell->pair, s, closes, a > b ? a : b);
}

static void loop_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_agent_loop_day *day = in->day_state;
    const struct loop_actor *actor = in->actor_state;

    out->state = GH_NOT_OBSERVABLE;
    if (actor->agents == 0 || (day->links > 0 && day->novelty_known == 0))
        return;
    out->state = in->day->tokens > 0.0 ? GH_OBSERVED : GH_TOO_LITTLE;
    out->value = in->day->tokens > 0.0 ? fmin(1.0, day->loop_tokens / in->day->tokens) : 0.0;
}

static void loop_tell(const struct gh_observe *in, const struct gh_observation *seen,
                      double expected, struct gh_episode *e)
{
    const struct gh_agent_loop_day *day = in->day_state;
    const double before = e->tokens - in->day->tokens; /* the day is already counted */
    const double calls = e->value[FACT_CALLS];

    e->value[FACT_SHARE] =
        gh_mean_add(e->value[FACT_SHARE], before, seen->value, in->day->tokens);
    e->expected[FACT_SHARE] =
        gh_mean_add(e->expected[FACT_SHARE], before, expected, in->day->tokens);
    e->value[FACT_REPEATED] =
        gh_mean_add(e->value[FACT_REPEATED], calls,
                    day->links ? (double)day->hits / day->links : 0.0, day->links);
    e->value[FACT_CALLS] = calls + day->links;
    e->value[FACT_SPAN] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_HOUR;
    e->expected[FACT_REPEATED] = e->expected[FACT_CALLS] = e->expected[FACT_SPAN] = NAN;
}

static void explain_exchange(struct gh_writer *w, const struct gh_telling *t)
{
    const struct gh_episode *e = t->episode;

    gh_write(w, "The agents ");
    gh_write_text(w, t->party[0]);
    gh_write(w, " and ");
    gh_write_text(w, t->party[1]);
    gh_write(w, " have answered each other ");
    gh_write_count(w, e->value[FACT_CALLS]);
    gh_write(w, " times in ");
    gh_write_duration(w, e->value[FACT_SPAN] * (double)GH_MS_PER_HOUR);
    if (isfinite(e->value[FACT_REPEATED])) {
        gh_write(w, "; ");
        gh_write_percent(w, e->value[FACT_REPEATED]);
        gh_write(w, " of the messages brought nothing new");
    }
    gh_write(w, ". So far this took ");
    gh_tell_spend(w, e->tokens, e->cost_usd, e->cost_unknown);
    gh_write(w, ".");
}

static void loop_explain(const struct gh_telling *t, char *explanation, size_t explanation_size,
                         char *question, size_t question_size)
{
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    if (t->fast) {
        explain_exchange(&w, t);
        gh_write(&q, "Is this exchange meant to run on its own, and what is it producing?");
        return;
    }
    gh_tell_days(&w, t->episode);
    gh_write(&w, ", ");
    gh_write_percent(&w, t->episode->value[FACT_SHARE]);
    gh_write(&w, " of the tokens went into messages that agents sent back and forth without "
                 "anything new in them; up to ");
    gh_write_percent(&w, t->episode->expected[FACT_SHARE]);
    gh_write(&w, " would be usual here.");
    gh_tell_excess(&w, t);
    gh_write(&q, "What are these agents working on together, and what came out of it that you "
                 "can show?");
}

static const struct gh_option loop_options[] = {
    GH_AGENT_LOOP_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_agent_loop_config)};

static const struct gh_fact_row loop_facts[] = {
    [FACT_SHARE] = {"loop_share", "share"},
    [FACT_CALLS] = {"agent_calls", "calls"},
    [FACT_REPEATED] = {"repeated_share", "share"},
    [FACT_SPAN] = {"span", "hours"},
};

const struct gh_detector gh_detector_agent_loop = {
    .name = "agent_loop",
    .behaviour = GH_AGENT_LOOP,
    .version = 1,
    .summary = "agents that talk to each other with nothing new in it",
    .reference = "bounded bets: Waudby-Smith & Ramdas 2024; SimHash: Charikar 2002; "
                 "run test: Ville 1939",
    .lane = GH_STRUCTURAL,
    .measure = GH_SHARE,
    .add = 0.02,
    .options = {"agent_loop", "agents that talk to each other", loop_options,
                sizeof loop_options / sizeof *loop_options,
                sizeof(struct gh_agent_loop_config)},
    .actor_size = sizeof(struct loop_actor),
    .day_size = sizeof(struct gh_agent_loop_day),
    .cell_size = sizeof(union loop_cell),
    .cell_idle_ms = 2 * GH_MS_PER_DAY,
    .fast_low = 9.9, /* ten thousand hops a day */
    .fast_high = 12.0,
    .fact = loop_facts,
    .fact_count = sizeof loop_facts / sizeof *loop_facts,
    .step = loop_step,
    .observe = loop_observe,
    .tell = loop_tell,
    .explain = loop_explain,
};
