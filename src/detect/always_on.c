/* always_on.c - half-hours of two days as bits; silences are runs of zeros. */
#include "detect/always_on.h"

#include "detect/registry.h"
#include "detect/stretch.h"
#include "detect/telling.h"

#include <math.h>

enum { SLOTS = 96, DAY_SLOTS = 48, WORD = 64, FRESH = 2, PAUSE = 3 };
enum { FACT_REST, FACT_AWAKE, FACT_DAYS };

static const int64_t slot_ms = GH_MS_PER_HOUR / 2;
static const double rest_range = 2.0, awake_range = 4.0; /* hours from x = 0 to x = 1 */
static const float watch_h = 12.0F; /* fast path: from so many of the last 24 on */
static const double memory_per_day = 0.95, usual_h = 9.0;

struct half_hours {
    uint64_t word[2]; /* bit i: the half-hour i before the newest */
};
struct always_on_actor {
    struct half_hours past;
    uint32_t newest;     /* half-hours since 1970 */
    float tokens[FRESH]; /* of the newest and the one before it */
    float day_h;         /* hours awake of the last 24 */
    float usual_h, days; /* own mean of them, and what it is made of; for facts */
    uint32_t active_days;
    uint64_t standing, attended; /* agents: ran in the first days; seen with a person */
};

static struct half_hours later_by(struct half_hours h, uint32_t n)
{
    if (n == 0)
        return h;
    if (n >= WORD)
        return (struct half_hours){{0, n < 2 * WORD ? h.word[0] << (n - WORD) : 0}};
    return (struct half_hours){{h.word[0] << n, h.word[1] << n | h.word[0] >> (WORD - n)}};
}

static struct half_hours earlier_by(struct half_hours h, uint32_t n)
{
    return (struct half_hours){{h.word[0] >> n | h.word[1] << (WORD - n), h.word[1] >> n}};
}

static struct half_hours both(struct half_hours a, struct half_hours b)
{
    return (struct half_hours){{a.word[0] & b.word[0], a.word[1] & b.word[1]}};
}

static struct half_hours either(struct half_hours a, struct half_hours b)
{
    return (struct half_hours){{a.word[0] | b.word[0], a.word[1] | b.word[1]}};
}

static struct half_hours cut_to(struct half_hours h, uint32_t slots)
{
    return both(h, slots >= WORD
                       ? (struct half_hours){{UINT64_MAX, (UINT64_C(1) << (slots - WORD)) - 1}}
                       : (struct half_hours){{(UINT64_C(1) << slots) - 1, 0}});
}

static uint32_t count_of(struct half_hours h)
{
    return gh_bits_apart(h.word[0], 0) + gh_bits_apart(h.word[1], 0);
}

/* Silences of one and two half-hours between two that count are taken in. */
static struct half_hours filled(struct half_hours h)
{
    const struct half_hours after = later_by(h, 1), before = earlier_by(h, 1);
    const struct half_hours one = both(after, either(before, earlier_by(h, 2)));

    return either(h, either(one, both(later_by(h, 2), before)));
}

/* Length of the longest run of zeros in the newest `slots`. */
static uint32_t longest_silence(struct half_hours h, uint32_t slots)
{
    struct half_hours quiet = cut_to((struct half_hours){{~h.word[0], ~h.word[1]}}, slots);
    uint32_t length = 0;

    for (; (quiet.word[0] | quiet.word[1]) != 0; length++)
        quiet = both(quiet, later_by(quiet, 1));
    return length;
}

static void time_moves(struct always_on_actor *a, uint32_t slot)
{
    const uint32_t n = slot - a->newest;

    a->past = cut_to(later_by(a->past, n), SLOTS);
    a->tokens[1] = n == 1 ? a->tokens[0] : 0.0F;
    a->tokens[0] = 0.0F;
    a->newest = slot;
    if (n > PAUSE) /* till a half-hour counts again */
        a->day_h = 0.0F;
}

/* An agent as two of 64 bits (Bloom 1970); a person's own client is none. Ids are small
 * numbers: the golden ratio spreads them. */
static uint64_t agent_bits(uint32_t agent)
{
    const uint64_t hash = agent * UINT64_C(0x9e3779b97f4a7c15);

    return agent != 0 ? UINT64_C(1) << (hash >> 58) | UINT64_C(1) << (hash >> 52 & 63) : 0;
}

/* Whether the call makes its half-hour count. */
static bool slot_counts(struct always_on_actor *a, const struct gh_step *s, uint32_t age,
                        uint64_t agent)
{
    const struct gh_always_on_config *c = s->config;
    const double own = s->usual_tokens > 0.0 ? s->usual_tokens : 0.0;
    const double least = agent & ~a->attended ? c->least_alone : c->least;
    double tokens = s->call->tokens;

    if (age < FRESH)
        tokens = (double)(a->tokens[age] += (float)tokens);
    return tokens > 0.0 && tokens >= least * fmax(own, s->common_tokens) / DAY_SLOTS;
}

static void stretch_raise(struct gh_stretch *stretch, struct gh_step *s)
{
    const struct always_on_actor *a = s->actor_state;
    struct gh_episode *e = &stretch->episode;
    const double usual = a->days > 0.0F ? (double)a->usual_h : usual_h;

    e->value[FACT_REST] = longest_silence(a->past, DAY_SLOTS) / 2.0;
    e->value[FACT_AWAKE] = (double)a->day_h;
    e->expected[FACT_AWAKE] = usual;
    e->value[FACT_DAYS] = (double)(e->until_ms - e->from_ms) / (double)GH_MS_PER_DAY;
    e->expected[FACT_REST] = e->expected[FACT_DAYS] = NAN;
    gh_stretch_raise(stretch, s, s->score, fmax(0.0, 1.0 - usual / (double)a->day_h));
}

static void always_on_watch(struct gh_step *s)
{
    const struct always_on_actor *a = s->actor_state;
    const int64_t now = s->call->ts_ms;

    if (a->day_h < watch_h)
        return;
    struct gh_stretch *stretch =
        gh_cells_touch(s->heap, s->cells, (uint64_t)s->call->actor + 1, now);
    if (stretch == NULL)
        return;
    gh_stretch_add(stretch, s, true);
    s->score = (double)a->day_h;
    if (s->score >= s->threshold && gh_stretch_due(stretch, now))
        stretch_raise(stretch, s);
}

static double oddity(const struct gh_always_on_config *c, const struct gh_always_on_day *day)
{
    if (!(day->awake_h > 0.0F))
        return 0.0;
    /* Silences are counted in whole half-hours: the true one is up to one longer. */
    const double rest = (double)day->rest_h + 0.5, awake = (double)day->awake_h;
    const double x =
        fmax((c->rest_until - rest) / rest_range, (awake - c->awake_from) / awake_range);
    return fmin(1.0, fmax(0.0, x));
}

/* Whether the call is one of an agent that has run round the clock all along. */
static bool always_did(struct always_on_actor *a, const struct gh_step *s, uint64_t agent)
{
    const struct gh_always_on_config *c = s->config;
    const struct gh_always_on_day *day = s->day_state;
    const struct gh_call *call = s->call;

    if (call->user_tokens > 0.0 || call->origin == GH_INTERACTIVE)
        a->attended |= agent;
    else if (a->active_days < c->standing && oddity(c, day) > 0.0)
        a->standing |= agent;
    return (agent & ~a->attended) != 0 && (agent & ~a->standing) == 0;
}

static void always_on_step(struct gh_step *s)
{
    struct always_on_actor *a = s->actor_state;
    struct gh_always_on_day *day = s->day_state;
    const struct gh_call *call = s->call;
    const uint32_t slot = (uint32_t)(call->ts_ms / slot_ms);
    const uint64_t agent = agent_bits(call->agent);

    if (call->foreign || call->origin == GH_SCHEDULED || call->origin == GH_CI ||
        (agent == 0 && gh_cause_of(call) != GH_BY_PERSON) || always_did(a, s, agent))
        return;
    if (slot > a->newest)
        time_moves(a, slot);
    const uint32_t age = a->newest - slot;
    const uint64_t bit = UINT64_C(1) << (age % WORD);
    uint64_t *word = &a->past.word[age / WORD % 2];
    if (age < SLOTS && !(*word & bit) && slot_counts(a, s, age, agent)) {
        *word |= bit;
        const struct half_hours awake = filled(a->past);
        a->day_h = (float)count_of(cut_to(awake, DAY_SLOTS)) / 2.0F;
        day->awake_h = (float)count_of(awake) / 4.0F;
        day->rest_h = (float)longest_silence(a->past, SLOTS) / 2.0F;
    }
    s->sample = s->watched;
    always_on_watch(s);
}

static void always_on_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_always_on_day *day = in->day_state;
    const uint32_t other = 1u << GH_ON_CALL | 1u << GH_CRUNCH;
    struct always_on_actor *a = in->actor_state;

    out->state =
        !(day->awake_h > 0.0F) || (in->day->schedule & other) ? GH_TOO_LITTLE : GH_OBSERVED;
    out->value = oddity(in->config, day);
    a->active_days++;
    if (out->value > 0.0 || !(day->awake_h > 0.0F))
        return;
    a->usual_h = (float)gh_mean_add((double)a->usual_h, memory_per_day * (double)a->days,
                                    (double)day->awake_h, 1.0);
    a->days = (float)memory_per_day * a->days + 1.0F;
}

static void always_on_tell(const struct gh_observe *in, const struct gh_observation *seen,
                           double expected, struct gh_episode *e)
{
    const struct gh_always_on_day *day = in->day_state;
    const struct always_on_actor *a = in->actor_state;
    const double before = e->days - 1;

    (void)seen, (void)expected;
    e->value[FACT_REST] = gh_mean_add(e->value[FACT_REST], before, (double)day->rest_h, 1.0);
    e->value[FACT_AWAKE] = gh_mean_add(e->value[FACT_AWAKE], before, (double)day->awake_h, 1.0);
    e->expected[FACT_AWAKE] = a->days > 0.0F ? (double)a->usual_h : NAN;
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_REST] = e->expected[FACT_DAYS] = NAN;
}

static void always_on_explain(const struct gh_telling *t, char *explanation,
                              size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    if (t->fast) {
        gh_write(&w, "This account was in use for ");
        gh_write_fixed(&w, e->value[FACT_AWAKE], 0);
        gh_write(&w, " of the last 24 hours; about ");
        gh_write_fixed(&w, e->expected[FACT_AWAKE], 0);
        gh_write(&w, " a day are usual. So far this took ");
        gh_tell_spend(&w, e->tokens, e->cost_usd, e->cost_unknown);
        gh_write(&w, ".");
        gh_write(&q, "Is something meant to run here round the clock, and should it have a "
                     "service account of its own?");
        return;
    }
    gh_tell_days(&w, e);
    gh_write(&w, ", this account was in use for about ");
    gh_write_fixed(&w, e->value[FACT_AWAKE], 0);
    gh_write(&w, " hours a day");
    if (isfinite(e->expected[FACT_AWAKE])) {
        gh_write(&w, " where ");
        gh_write_fixed(&w, e->expected[FACT_AWAKE], 0);
        gh_write(&w, " are usual");
    }
    gh_write(&w, "; within two days its longest pause was about ");
    gh_write_duration(&w, e->value[FACT_REST] * (double)GH_MS_PER_HOUR);
    gh_write(&w, ".");
    gh_tell_excess(&w, t);
    gh_write(&q, "What runs here at all hours, what is it for, and who looks at what comes "
                 "of it?");
}

static const struct gh_option always_on_options[] = {
    GH_ALWAYS_ON_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_always_on_config)};

static const struct gh_fact_row always_on_facts[] = {
    [FACT_REST] = {"longest_pause", "hours"},
    [FACT_AWAKE] = {"hours_in_use_per_day", "hours"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_always_on = {
    .name = "always_on",
    .behaviour = GH_ALWAYS_ON,
    .version = 1,
    .summary = "usage round the clock, without the pauses that people take",
    .reference = "bounded bets: Waudby-Smith & Ramdas 2024",
    .lane = GH_STRUCTURAL,
    .measure = GH_SHARE,
    .whole_day = true,
    .add = 0.03,
    .options = {"always_on", "usage without the pauses that people take", always_on_options,
                sizeof always_on_options / sizeof *always_on_options,
                sizeof(struct gh_always_on_config)},
    .actor_size = sizeof(struct always_on_actor),
    .day_size = sizeof(struct gh_always_on_day),
    .cell_size = sizeof(struct gh_stretch),
    .cell_idle_ms = 8 * GH_MS_PER_HOUR,
    .fact = always_on_facts,
    .fact_count = sizeof always_on_facts / sizeof *always_on_facts,
    .step = always_on_step,
    .observe = always_on_observe,
    .tell = always_on_tell,
    .explain = always_on_explain,
};
