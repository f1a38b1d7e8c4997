/* context_bloat.c - the daily mean of log context. */
#include "detect/context_bloat.h"

#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_CONTEXT, FACT_LARGEST, FACT_CALLS, FACT_DAYS };

struct bloat_actor {
    struct gh_level_past past;
};

static void bloat_step(struct gh_step *s)
{
    const struct gh_context_bloat_config *c = s->config;
    struct bloat_actor *actor = s->actor_state;
    struct gh_context_bloat_day *day = s->day_state;
    const double context = s->call->context_tokens;

    if (s->call->foreign || !(context > 0.0))
        return;
    const enum gh_work class = gh_level_class(&actor->past, s->call);
    const double level = log(context);
    gh_level_add(&day->level, class, level);
    day->largest = fmax(day->largest, context);
    s->sample = s->watched && actor->past.days[class] > 0 &&
                level > (double)actor->past.mean[class] + log(c->sample_ratio);
}

static void bloat_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_context_bloat_config *c = in->config;
    const struct gh_context_bloat_day *day = in->day_state;
    struct bloat_actor *actor = in->actor_state;

    gh_level_observe(&actor->past, &day->level, c->fewest_calls, out);
}

static void bloat_tell(const struct gh_observe *in, const struct gh_observation *seen,
                       double expected, struct gh_episode *e)
{
    const struct gh_context_bloat_day *day = in->day_state;
    const double before = e->value[FACT_CALLS], calls = gh_level_count(&day->level);

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
    .version = 2,
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
