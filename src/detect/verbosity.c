/* verbosity.c - the daily mean of log output per answer. */
#include "detect/verbosity.h"

#include "detect/registry.h"
#include "detect/telling.h"

#include <math.h>

enum { FACT_OUTPUT, FACT_LARGEST, FACT_ANSWERS, FACT_DAYS };

/* Of an output token against an input token, where no price is known. */
static const double price_ratio = 5.0;

struct verbosity_actor {
    struct gh_level_past past;
    uint32_t model[GH_PARTS / 2][2]; /* that came first and second, by sort of call */
};
struct verbosity_session {
    double answer; /* output tokens so far */
    int32_t date;
    uint8_t class, may_go_on;
    uint16_t unused;
};

/* Agents are all alike in what one step of them says; models are not. False: a third model, or
 * what the source does not tell (detect/level.h). */
static bool answer_class(struct verbosity_actor *actor, const struct gh_call *call,
                         uint32_t *class)
{
    if (gh_cause_of(call) != GH_BY_PERSON || call->model == 0 ||
        (call->agent == 0 && !gh_work_is_plain(call)))
        return false;
    const uint32_t sort = call->agent != 0 ? 1 : call->session != 0 ? 0 : 2;
    uint32_t *model = actor->model[sort];
    const uint32_t at = model[0] == 0 || model[0] == call->model ? 0 : 1;

    if (model[at] == 0)
        model[at] = call->model;
    *class = 2 * sort + at;
    return model[at] == call->model;
}

/* Output tokens of the answer that the call goes on with; 0: it begins a new one. Also notes
 * the call as the last of its session. */
static double answer_before(struct gh_step *s, uint32_t class)
{
    const struct gh_verbosity_config *c = s->config;
    const struct gh_call *call = s->call;
    const int32_t date = s->day->date;
    struct verbosity_session *session = s->session_state;

    if (session == NULL || call->session == 0)
        return 0.0;
    const bool same = session->date == date && session->class == class;
    const bool goes_on = same && call->typed && session->may_go_on &&
                         call->user_tokens <= (double)c->short_prompt;
    const double before = goes_on ? session->answer : 0.0;
    session->answer = before + call->output_tokens;
    session->date = date;
    session->class = (uint8_t) class;
    session->may_go_on = GH_HAS(call, tool_calls) && call->tool_calls <= 0.0;
    return before;
}

static double answer_usd(const struct gh_call *call)
{
    const double weighed = price_ratio * call->output_tokens;

    if (isnan(call->cost_usd))
        return 0.0;
    if (isnan(call->output_usd))
        return call->cost_usd * weighed / (weighed + call->context_tokens);
    return fmin(call->output_usd, call->cost_usd);
}

static void verbosity_raise(struct gh_step *s)
{
    struct gh_verbosity_day *day = s->day_state;
    const struct verbosity_actor *actor = s->actor_state;
    double sum = 0.0, usual = 0.0, count = 0.0;

    gh_day_raise(s, &day->raised_calls, s->score, 0.0);
    if (!s->raise)
        return;
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        if (actor->past.days[i] == 0)
            continue;
        sum += day->level.sum[i];
        usual += day->level.count[i] * (double)actor->past.mean[i];
        count += day->level.count[i];
    }
    struct gh_episode *e = s->episode;
    const double excess = fmax(0.0, 1.0 - exp((usual - sum) / count));
    e->value[FACT_OUTPUT] = exp(sum / count);
    e->expected[FACT_OUTPUT] = exp(usual / count);
    e->value[FACT_LARGEST] = day->largest;
    e->value[FACT_ANSWERS] = gh_level_count(&day->level);
    e->value[FACT_DAYS] = 1.0;
    e->expected[FACT_LARGEST] = e->expected[FACT_ANSWERS] = e->expected[FACT_DAYS] = NAN;
    e->excess_tokens = fmin(excess * day->output, e->tokens);
    e->excess_cost_usd = fmin(excess * day->output_usd, e->cost_usd);
}

static void verbosity_step(struct gh_step *s)
{
    const struct gh_verbosity_config *c = s->config;
    const struct gh_call *call = s->call;
    struct verbosity_actor *actor = s->actor_state;
    struct gh_verbosity_day *day = s->day_state;

    uint32_t class;
    if (call->foreign || call->status != GH_CALL_OK || !(call->output_tokens > 0.0) ||
        !answer_class(actor, call, &class))
        return;
    const double before = answer_before(s, class), answer = before + call->output_tokens;
    const double level = log(answer);
    if (before > 0.0)
        gh_level_take(&day->level, class, log(before));
    gh_level_add(&day->level, class, level);
    day->output += call->output_tokens;
    day->output_usd += answer_usd(call);
    day->largest = fmax(day->largest, answer);
    s->sample = s->watched && actor->past.days[class] > 0 &&
                level > (double)actor->past.mean[class] + log(c->sample_ratio);
    s->score = gh_level_score(&actor->past, &day->level);
    if (s->score >= s->threshold)
        verbosity_raise(s);
}

static void verbosity_observe(const struct gh_observe *in, struct gh_observation *out)
{
    const struct gh_verbosity_config *c = in->config;
    const struct gh_verbosity_day *day = in->day_state;
    struct verbosity_actor *actor = in->actor_state;

    gh_level_observe(&actor->past, &day->level, c->fewest_answers, out);
    out->measured_tokens = day->output;
    out->measured_usd = day->output_usd;
}

static void verbosity_tell(const struct gh_observe *in, const struct gh_observation *seen,
                           double expected, struct gh_episode *e)
{
    const struct gh_verbosity_day *day = in->day_state;
    const double before = e->value[FACT_ANSWERS], answers = gh_level_count(&day->level);

    e->value[FACT_OUTPUT] =
        gh_mean_add(e->value[FACT_OUTPUT], before, exp(seen->value), answers);
    e->expected[FACT_OUTPUT] =
        gh_mean_add(e->expected[FACT_OUTPUT], before, exp(expected), answers);
    e->value[FACT_LARGEST] = fmax(e->value[FACT_LARGEST], day->largest);
    e->value[FACT_ANSWERS] = before + answers;
    e->value[FACT_DAYS] = e->days;
    e->expected[FACT_LARGEST] = e->expected[FACT_ANSWERS] = e->expected[FACT_DAYS] = NAN;
}

static void verbosity_explain(const struct gh_telling *t, char *explanation,
                              size_t explanation_size, char *question, size_t question_size)
{
    const struct gh_episode *e = t->episode;
    struct gh_writer w = gh_writer_on(explanation, explanation_size);
    struct gh_writer q = gh_writer_on(question, question_size);

    gh_tell_days(&w, e);
    gh_write(&w, ", a typical answer ran to about ");
    gh_write_short(&w, e->value[FACT_OUTPUT]);
    gh_write(&w, t->track == GH_INCIDENT ? " tokens; about " : " tokens; up to about ");
    gh_write_short(&w, e->expected[FACT_OUTPUT]);
    gh_write(&w, t->track == GH_INCIDENT ? " had been usual on this account."
                                         : " would be usual for this person on such days.");
    if (t->track == GH_INCIDENT) {
        gh_write(&q, "Has a setting, a prompt template or a client changed so that answers "
                     "became longer, and are they meant to be?");
        return;
    }
    gh_tell_excess(&w, t);
    gh_write(&q, "What are the longer answers used for, and would shorter ones do?");
}

static const struct gh_option verbosity_options[] = {
    GH_VERBOSITY_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_verbosity_config)};

static const struct gh_fact_row verbosity_facts[] = {
    [FACT_OUTPUT] = {"output_per_answer", "tokens"},
    [FACT_LARGEST] = {"largest_answer", "tokens"},
    [FACT_ANSWERS] = {"answers", "answers"},
    [FACT_DAYS] = {"days", "days"},
};

const struct gh_detector gh_detector_verbosity = {
    .name = "verbosity",
    .behaviour = GH_VERBOSITY,
    .version = 1,
    .summary = "far longer answers to every prompt than this work used to need",
    .reference = "conformal p-values: Bates et al. 2023; calibrators: Vovk & Wang 2021",
    .lane = GH_STRUCTURAL,
    .measure = GH_LEVEL,
    .options = {"verbosity", "far longer answers than the work used to need", verbosity_options,
                sizeof verbosity_options / sizeof *verbosity_options,
                sizeof(struct gh_verbosity_config)},
    .actor_size = sizeof(struct verbosity_actor),
    .day_size = sizeof(struct gh_verbosity_day),
    .session_size = sizeof(struct verbosity_session),
    .fact = verbosity_facts,
    .fact_count = sizeof verbosity_facts / sizeof *verbosity_facts,
    .step = verbosity_step,
    .observe = verbosity_observe,
    .tell = verbosity_tell,
    .explain = verbosity_explain,
};
