/* context_bloat.c - the daily mean of log context. */
#include "detect/context_bloat.h"

#include "detect/level.h"
#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>
#include <string.h>

enum { FACT_CONTEXT, FACT_LARGEST, FACT_CALLS, FACT_DAYS };

static const double job_discount = 0.75;

/* Running mean and spread of daily levels: for samples and the fast path only; what decides
 * about people is the engine's. */
struct bloat_actor {
    float mean[GH_PARTS], square[GH_PARTS]; /* square: of what days stray from the mean */
    float talks[GH_PARTS];                  /* mean number of sessions of a day */
    float carried;                          /* score of the days before, as far as it lasts */
    uint8_t days[GH_PARTS];
    uint16_t unused[3];
    struct gh_work_first first;
};
static const double carry_drift = 1.0, carry_limit = 6.0;
static const double spread_start = 0.6, spread_days = 20.0;
static const double indifference = 0.1;
enum { DAYS_MAX = 20, DAYS_FAST = 3 };

enum { TURNS_MAX = 64 };
struct bloat_session {        /* by class of calls */
    double sum[GH_PARTS];     /* of y, on `date` */
    uint16_t calls[GH_PARTS]; /* on `date` */
    uint8_t turns[GH_PARTS];  /* ever, up to TURNS_MAX */
    uint16_t unused;
    int32_t date;
};
_Static_assert(sizeof(struct bloat_session) % 8 == 0, "state is kept aligned");

/* The call's session takes it in; the day's sums change by what that changes. */
static void session_add(struct gh_step *s, uint32_t class, double level)
{
    const struct gh_context_bloat_config *c = s->config;
    struct gh_context_bloat_day *day = s->day_state;
    struct bloat_session *session = s->session_state;

    if (session->date != s->day->date) {
        session->date = s->day->date;
        memset(session->calls, 0, sizeof session->calls);
        memset(session->sum, 0, sizeof session->sum);
    }
    if (session->calls[class] == UINT16_MAX)
        return;
    if (session->turns[class] == 0 ||
        (s->call->session != 0 && session->turns[class] < TURNS_MAX))
        session->turns[class]++;
    const double calls = session->calls[class]++;
    const double before = sqrt(calls), after = sqrt(calls + 1.0);
    day->sum[class] -= calls > 0.0 ? session->sum[class] / before : 0.0;
    session->sum[class] += level - c->growth * log(session->turns[class]);
    day->sum[class] += session->sum[class] / after;
    day->weight[class] += after - before;
}

/* Sessions of a class today, long ones beside short ones counting for what they weigh. */
static double talks_of(const struct gh_context_bloat_day *day, uint32_t class)
{
    return day->weight[class] * day->weight[class] / (double)day->calls[class];
}

/* Variance of the running day around the own mean. A day of fewer sessions than usual strays
 * the more. */
static double variance_of(const struct bloat_actor *actor,
                          const struct gh_context_bloat_day *day, uint32_t class)
{
    const double days = actor->days[class];
    const double square =
        (spread_days * spread_start * spread_start + (double)actor->square[class]) /
        (spread_days + days);
    const double fewer = fmax(1.0, (double)actor->talks[class] / talks_of(day, class));

    return square * (fewer + 1.0 / days);
}

/* How far the classes with a past stand above it, each by how well its past foretells it. */
struct bloat_above {
    double excess, variance, days; /* mean excess, its variance; days of past behind it */
    bool limited;                  /* some past was itself above what public traces have */
};
/* Who has always stuffed contexts has no past to be held against: it counts only as far as
 * public traces go. */
static double past_of(const struct bloat_actor *actor, const double *most, uint32_t class)
{
    const double own = (double)actor->mean[class];

    return most != NULL ? fmin(own, most[class]) : own;
}

static struct bloat_above above_of(const struct bloat_actor *actor,
                                   const struct gh_context_bloat_day *day, const double *most)
{
    double weights = 0.0, sum = 0.0, days = 0.0;
    bool limited = false;

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        if (i == GH_WORK_JOB || !(day->weight[i] > 0.0) || actor->days[i] < DAYS_FAST)
            continue;
        const double weight = 1.0 / variance_of(actor, day, i);
        const double past = past_of(actor, most, i);
        limited |= past < (double)actor->mean[i];
        weights += weight;
        sum += weight * (day->sum[i] / day->weight[i] - past);
        days += weight * actor->days[i];
    }
    return (struct bloat_above){sum / weights, 1.0 / weights, days / weights, limited};
}

static uint64_t calls_of(const struct gh_context_bloat_day *day)
{
    uint64_t calls = 0;

    for (uint32_t i = 0; i < GH_PARTS; i++)
        calls += day->calls[i];
    return calls;
}

/* Log of how rare so large an excess is: the tail of Student's t. */
static double score_of(const struct bloat_above *above)
{
    const double excess = above->excess - indifference, free = spread_days + above->days;

    if (!(excess > 0.0))
        return 0.0;
    return (free + 1.0) / 2.0 * log1p(excess * excess / above->variance / free);
}

/* How far the day so far is above the own past, on top of the days before. */
static void fast_step(struct gh_step *s, uint32_t class)
{
    const struct gh_context_bloat_config *c = s->config;
    const struct bloat_actor *actor = s->actor_state;
    struct gh_context_bloat_day *day = s->day_state;

    if (class == GH_WORK_JOB || s->day->calls < c->fast_calls ||
        actor->days[class] < DAYS_FAST ||
        day->sum[class] <=
            day->weight[class] * (past_of(actor, s->public_context, class) + indifference))
        return;
    const struct bloat_above above = above_of(actor, day, s->public_context);
    const double score = score_of(&above);
    if (!(score > 0.0))
        return;
    s->score = (double)actor->carried + score;
    if (s->score < s->threshold)
        return;
    gh_day_raise(s, &day->raised_calls, s->score, 1.0 - exp(-above.excess));
    if (!s->raise)
        return;
    const double context = exp(day->log_sum / (double)calls_of(day));
    s->episode->above_public = above.limited;
    s->episode->value[FACT_CONTEXT] = context;
    s->episode->expected[FACT_CONTEXT] = context * exp(-above.excess);
    s->episode->value[FACT_LARGEST] = day->largest;
    s->episode->value[FACT_CALLS] = s->day->calls;
    s->episode->value[FACT_DAYS] = 1.0;
    s->episode->expected[FACT_LARGEST] = s->episode->expected[FACT_CALLS] =
        s->episode->expected[FACT_DAYS] = NAN;
}

static void bloat_step(struct gh_step *s)
{
    const struct gh_context_bloat_config *c = s->config;
    struct bloat_actor *actor = s->actor_state;
    struct gh_context_bloat_day *day = s->day_state;
    const double context = s->call->context_tokens;

    if (s->call->foreign || s->session_state == NULL || !(context > 0.0))
        return;
    const enum gh_work class = gh_work_of(&actor->first, s->call);
    if (class == GH_WORK_UNKNOWN)
        return;
    const double level = log(context);
    session_add(s, class, level);
    day->calls[class]++;
    day->log_sum += level;
    day->largest = fmax(day->largest, context);
    s->sample = s->watched && actor->days[class] > 0 &&
                level > (double)actor->mean[class] + log(c->sample_ratio);
    if (day->weight[class] > 0.0)
        fast_step(s, class);
}

static void actor_learn(struct bloat_actor *actor, uint32_t class, double level,
                        const struct gh_context_bloat_day *day)
{
    const double stray = fmin(fabs(level - (double)actor->mean[class]), 1.5);
    const bool known = actor->days[class] > 0;

    if (day->calls[class] < 3)
        return;
    actor->days[class] = (uint8_t)(actor->days[class] + (actor->days[class] < DAYS_MAX));
    actor->square[class] += known ? (float)(stray * stray) : 0.0f;
    if (actor->days[class] == DAYS_MAX)
        actor->square[class] *= 1.0f - 1.0f / DAYS_MAX;
    const double part = 1.0 / actor->days[class];
    actor->mean[class] += (float)((level - (double)actor->mean[class]) * part);
    actor->talks[class] += (float)((talks_of(day, class) - (double)actor->talks[class]) * part);
}

static void bloat_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_context_bloat_config *c = in->config;
    const struct gh_context_bloat_day *day = in->day_state;
    const uint64_t calls = calls_of(day);
    struct bloat_actor *actor = in->actor_state;

    out->state = calls == 0                ? GH_NOT_OBSERVABLE
                 : calls < c->fewest_calls ? GH_TOO_LITTLE
                                           : GH_OBSERVED;
    const struct bloat_above above = above_of(actor, day, in->person->public_context);
    actor->carried = (float)fmax(0.0, (double)actor->carried +
                                          fmin(score_of(&above), carry_limit) - carry_drift);
    for (uint32_t i = 0; i < GH_PARTS && calls > 0; i++) {
        if (!(day->weight[i] > 0.0))
            continue;
        out->by_class->part[i] = day->sum[i] / day->weight[i];
        out->by_class->weight[i] = (double)day->calls[i] / (double)calls;
        out->value += out->by_class->weight[i] * out->by_class->part[i];
        actor_learn(actor, i, out->by_class->part[i], day);
    }
    out->stake = 1.0 - job_discount * out->by_class->weight[GH_WORK_JOB];
}

static void bloat_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct gh_context_bloat_day *day = in->day_state;
    const double before = e->value[FACT_CALLS], calls = (double)calls_of(day);

    const double context = exp(day->log_sum / calls);
    e->value[FACT_CONTEXT] = gh_mean_add(e->value[FACT_CONTEXT], before, context, calls);
    e->expected[FACT_CONTEXT] = gh_mean_add(e->expected[FACT_CONTEXT], before,
                                            context * exp(expected - seen->value), calls);
    e->value[FACT_LARGEST] = fmax(e->value[FACT_LARGEST], day->largest);
    e->value[FACT_CALLS] = before + calls;
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_LARGEST] = e->expected[FACT_CALLS] = e->expected[FACT_DAYS] = NAN;
}

static void bloat_explain(const struct gh_telling *t, char *explanation,
                          size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_tell_days(&w, e);
    gh_write(&w, ", each call carried about ");
    gh_write_short(&w, e->value[FACT_CONTEXT]);
    if (e->above_public) {
        gh_write(&w, " tokens of context; in public traces of such work hardly any has more "
                     "than about ");
        gh_write_short(&w, e->expected[FACT_CONTEXT]);
        gh_write(&w, ".");
    } else {
        gh_write(&w, " tokens of context; up to about ");
        gh_write_short(&w, e->expected[FACT_CONTEXT]);
        gh_write(&w, " would be usual for this person on such days.");
        gh_tell_excess(&w, t);
    }
    gh_write(&q, "What does the added context bring to this work, and would a smaller one do?");
}

static const struct gh_option bloat_options[] = {GH_CONTEXT_BLOAT_OPTIONS(
    GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_context_bloat_config)};

static const struct gh_fact_row bloat_facts[] = {
    [FACT_CONTEXT] = {"context_per_call", "tokens"},
    [FACT_LARGEST] = {"largest_context", "tokens"},
    [FACT_CALLS] = {"calls", "calls"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_context_bloat = {
    .name = "context_bloat",
    .behaviour = GH_CONTEXT_BLOAT,
    .version = 3,
    .summary = "far more context in every call than this work used to need",
    .reference = "conformal p-values: Bates et al. 2023; calibrators: Vovk & Wang 2021",
    .lane = GH_STRUCTURAL,
    .measure = GH_LEVEL,
    .options = {"context_bloat", "far more context than the work used to need", bloat_options,
                sizeof bloat_options / sizeof *bloat_options,
                sizeof(struct gh_context_bloat_config)},
    .actor_size = sizeof(struct bloat_actor),
    .day_size = sizeof(struct gh_context_bloat_day),
    .session_size = sizeof(struct bloat_session),
    .fact = bloat_facts,
    .fact_count = sizeof bloat_facts / sizeof *bloat_facts,
    .step = bloat_step,
    .observe = bloat_observe,
    .tell = bloat_tell,
    .explain = bloat_explain,
};
