/* context_bloat.c - the daily mean of log context. */
#include "detect/context_bloat.h"

#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_CONTEXT, FACT_LARGEST, FACT_CALLS, FACT_DAYS };

static const double job_discount = 0.75;

struct bloat_actor { /* running means of the daily means; they only choose samples */
    double mean[GH_PARTS];
    uint64_t days[GH_PARTS];
    uint64_t agent; /* the one that came first; 0 none yet */
};

enum { CLASS_PLAIN, CLASS_AGENT, CLASS_OTHER, CLASS_JOB };

static uint32_t call_class(struct bloat_actor *actor, const struct gh_call *call)
{
    if (call->origin == GH_SCHEDULED || call->origin == GH_CI || call->caller != 0)
        return CLASS_JOB;
    if (call->agent == 0)
        return CLASS_PLAIN;
    if (actor->agent == 0)
        actor->agent = call->agent;
    return actor->agent == call->agent ? CLASS_AGENT : CLASS_OTHER;
}

static void bloat_step(struct gh_step *s)
{
    const struct gh_context_bloat_config *c = s->config;
    struct bloat_actor *actor = s->actor_state;
    struct gh_context_bloat_day *day = s->day_state;
    const double context = s->call->context_tokens;

    if (s->call->foreign || !(context > 0.0))
        return;
    const uint32_t class = call_class(actor, s->call);
    const double level = log(context);
    day->log_sum[class] += level;
    day->calls[class]++;
    day->largest = fmax(day->largest, context);
    s->sample = s->watched && actor->days[class] > 0 &&
                level > actor->mean[class] + log(c->sample_ratio);
}

static uint64_t calls_of(const struct gh_context_bloat_day *day)
{
    uint64_t calls = 0;

    for (uint32_t i = 0; i < GH_PARTS; i++)
        calls += day->calls[i];
    return calls;
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
    for (uint32_t i = 0; i < GH_PARTS && calls > 0; i++) {
        if (day->calls[i] == 0)
            continue;
        out->part[i] = day->log_sum[i] / (double)day->calls[i];
        out->weight[i] = (double)day->calls[i] / (double)calls;
        out->value += out->weight[i] * out->part[i];
        actor->days[i] += actor->days[i] < 10;
        actor->mean[i] += (out->part[i] - actor->mean[i]) / (double)actor->days[i];
    }
    out->stake = 1.0 - job_discount * out->weight[CLASS_JOB];
}

static void bloat_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct gh_context_bloat_day *day = in->day_state;
    const double before = e->value[FACT_CALLS], calls = (double)calls_of(day);

    e->value[FACT_CONTEXT] =
        gh_mean_add(e->value[FACT_CONTEXT], before, exp(seen->value), calls);
    e->expected[FACT_CONTEXT] =
        gh_mean_add(e->expected[FACT_CONTEXT], before, exp(expected), calls);
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
    gh_write(&w, " tokens of context; up to about ");
    gh_write_short(&w, e->expected[FACT_CONTEXT]);
    gh_write(&w, " would be usual for this person on such days.");
    gh_tell_excess(&w, t);
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
    .version = 1,
    .summary = "far more context in every call than this work used to need",
    .reference = "conformal p-values: Bates et al. 2023; calibrators: Vovk & Wang 2021",
    .lane = GH_STRUCTURAL,
    .measure = GH_LEVEL,
    .options = {"context_bloat", "far more context than the work used to need", bloat_options,
                sizeof bloat_options / sizeof *bloat_options,
                sizeof(struct gh_context_bloat_config)},
    .actor_size = sizeof(struct bloat_actor),
    .day_size = sizeof(struct gh_context_bloat_day),
    .fact = bloat_facts,
    .fact_count = sizeof bloat_facts / sizeof *bloat_facts,
    .step = bloat_step,
    .observe = bloat_observe,
    .tell = bloat_tell,
    .explain = bloat_explain,
};
