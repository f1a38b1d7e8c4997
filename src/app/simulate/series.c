/* series.c - see series.h. */
#include "app/simulate/series.h"

#include "base/civil.h"

#include <assert.h>
#include <math.h>

enum { EXCHANGE_MEMBERS_MAX = 4, SERIES_CALLS_MAX = 4000 };

static uint32_t series_output(struct gh_random *r, double median, double sigma)
{
    return (uint32_t)fmin(fmax(gh_random_lognormal(r, log(median), sigma), 1), 64000);
}

/* A message among agents: each one reads the talk so far, which is summarised when it has
 * grown to `context_max`. */
struct exchange_talk {
    uint64_t message[EXCHANGE_MEMBERS_MAX]; /* the last one of each member */
    double context, context_max, output;
    uint32_t session, trace, turn;
};

static void exchange_message(struct gh_sim_day *day, const struct gh_sim_exchange *e,
                             struct exchange_talk *talk, struct gh_sim_call *call)
{
    struct gh_random *r = &day->random;
    const uint32_t at = talk->turn % e->members, from = (at + e->members - 1) % e->members;
    const uint64_t answered = talk->message[from];
    if (talk->message[at] != 0 && gh_random_chance(r, e->low_novelty))
        talk->message[at] = gh_random_near(r, talk->message[at], 3);
    else
        talk->message[at] = gh_random_bits(r);
    call->model = day->person->model[GH_SIM_AGENT];
    call->session = talk->session;
    call->trace = talk->trace;
    call->agent = (uint8_t)(e->first_agent + at);
    if (talk->turn > 0)
        call->caller = (uint8_t)(e->first_agent + from);
    call->prompt_hash = answered != 0 ? answered : gh_random_bits(r);
    call->response_hash = talk->message[at];
    call->experiment = e->experiment;
    call->output = series_output(r, talk->output, e->output_sigma);
    if (gh_random_chance(r, e->tools))
        call->tool_calls = (uint16_t)(1 + gh_random_below(r, 2));
    gh_sim_call_split(call, talk->context, talk->turn > 1 ? 0.9 * talk->context : 0);
    gh_sim_call_finish(day, call, e->gamed);
    talk->context += call->output * gh_random_between(r, 0.9, 1.6) + talk->context_max / 60;
    if (talk->context > talk->context_max)
        talk->context = talk->context_max / 3;
    talk->turn++;
}

void gh_sim_exchange_run(struct gh_sim_day *day, const struct gh_sim_exchange *exchange)
{
    assert(exchange->members >= 2 && exchange->members <= EXCHANGE_MEMBERS_MAX);
    struct gh_random *r = &day->random;
    /* More tokens are burnt by longer talk, not by ever more messages. */
    const double context_max = fmin(fmax(exchange->tokens / 900, 9000), 160000);
    struct exchange_talk talk = {.context = context_max / 4,
                                 .context_max = context_max,
                                 .output = gh_random_lognormal(r, 5.7, 0.3),
                                 .session = ++day->person->sessions,
                                 .trace = ++day->person->traces};
    int64_t t_ms = exchange->start_ms;
    double used = 0;
    for (uint32_t i = 0; i < SERIES_CALLS_MAX; i++) {
        if (used >= exchange->tokens || t_ms >= exchange->until_ms)
            break;
        struct gh_sim_call *call = gh_sim_call_add(day, t_ms);
        exchange_message(day, exchange, &talk, call);
        used += gh_sim_call_tokens(call);
        t_ms += call->duration_ms +
                gh_sim_ms(gh_random_lognormal(r, exchange->gap_mu, exchange->gap_sigma));
    }
}

void gh_sim_pair_run(struct gh_sim_day *day, const struct gh_sim_pair *pair)
{
    struct gh_sim_person *p = day->person;
    struct gh_random shared =
        gh_random_of(day->plan->seed, GH_SIM_STREAM_PAIR, p->actor / 2, (uint32_t)day->index);
    const double context = fmin(fmax(2 * pair->tokens / pair->messages - 300, 400), 160000);
    const uint32_t session = ++p->sessions, trace = ++p->traces;
    uint64_t message[2];
    for (int i = 0; i < 2; i++)
        message[i] = gh_random_bits(&shared);
    int64_t t_ms = day->plan->start_ms + day->index * GH_MS_PER_DAY +
                   (int64_t)(gh_random_between(&shared, 2, 14) * (double)GH_MS_PER_HOUR);
    for (uint32_t turn = 0; turn < pair->messages; turn++) {
        const uint32_t at = turn % 2;
        const bool near = gh_random_chance(&shared, pair->low_novelty);
        message[at] = near ? gh_random_near(&shared, message[at], 3) : gh_random_bits(&shared);
        t_ms += gh_sim_ms(8 + gh_random_lognormal(&shared, 1.0, 0.7));
        if (at != p->actor % 2)
            continue;
        struct gh_sim_call *call = gh_sim_call_add(day, t_ms);
        call->model = p->model[GH_SIM_AGENT];
        call->session = session;
        call->trace = trace;
        call->agent = GH_SIM_AGENT_EXPLORE;
        call->caller = GH_SIM_AGENT_EXPLORE;
        call->partner = true;
        call->prompt_hash = message[1 - at];
        call->response_hash = message[at];
        call->output = series_output(&day->random, 300, 0.1);
        gh_sim_call_split(call, context, 0.9 * context);
        gh_sim_call_finish(day, call, true);
    }
}

static void series_hashes(struct gh_random *r, const struct gh_sim_series *s,
                          struct gh_sim_call *call, uint64_t last[2])
{
    const bool near = gh_random_chance(r, s->near_dup);
    call->prompt_hash = near ? gh_random_near(r, last[0], 3) : gh_random_bits(r);
    call->response_hash = near && last[1] != 0 && gh_random_chance(r, 0.6)
                              ? gh_random_near(r, last[1], 3)
                              : gh_random_bits(r);
    last[1] = call->response_hash;
    /* Drift would take the question away from itself: it is always the same one. */
    if (!near && s->prompt == 0)
        last[0] = call->prompt_hash;
}

static void series_fill(struct gh_sim_day *day, const struct gh_sim_series *s,
                        struct gh_sim_call *call, double context)
{
    struct gh_random *r = &day->random;
    const double window = 0.95 * gh_sim_models[day->person->model[s->class]].window;
    call->model = day->person->model[s->class];
    call->agent = s->agent;
    call->origin = (uint8_t)s->origin;
    call->user_tokens = s->user_tokens;
    call->status = gh_random_chance(r, s->errors) ? GH_CALL_ERROR : GH_CALL_OK;
    if (call->status == GH_CALL_OK) {
        call->output = series_output(r, s->output, s->output_sigma);
        call->tool_calls = gh_random_chance(r, s->tools);
    }
    const double tokens = fmin(gh_random_lognormal(r, log(context), s->context_sigma), window);
    gh_sim_call_split(call, tokens, s->session_each ? 0 : 0.9 * tokens);
    gh_sim_call_finish(day, call, s->gamed);
}

double gh_sim_series_run(struct gh_sim_day *day, const struct gh_sim_series *series)
{
    struct gh_random *r = &day->random;
    struct gh_sim_person *p = day->person;
    uint64_t last[2] = {series->prompt != 0 ? series->prompt : gh_random_bits(r), 0};
    double used = 0, context = series->context;
    int64_t t_ms = series->from_ms;
    const uint32_t trace = ++p->traces;
    uint32_t session = ++p->sessions;
    for (uint32_t i = 0; i < SERIES_CALLS_MAX && t_ms < series->until_ms; i++) {
        if (series->tokens > 0 && used >= series->tokens)
            break;
        if (series->session_each && i > 0)
            session = ++p->sessions;
        struct gh_sim_call *call = gh_sim_call_add(day, t_ms);
        call->session = session;
        call->trace = series->session_each && i > 0 ? ++p->traces : trace;
        series_hashes(r, series, call, last);
        series_fill(day, series, call, context);
        used += gh_sim_call_tokens(call);
        context += series->growth;
        t_ms += call->duration_ms +
                gh_sim_ms(gh_random_lognormal(r, log(series->gap_s), series->gap_sigma));
    }
    return used;
}
