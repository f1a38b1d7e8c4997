/* record.c - see record.h. */
#include "app/simulate/record.h"

#include <stdlib.h>

/* List prices of the providers in US dollars per million tokens. The engine prices by its
 * own table; these only serve labels and the calls that report their cost. */
const struct gh_sim_model gh_sim_models[GH_SIM_MODELS] = {
    [GH_SIM_OPUS] = {"claude-opus-4-5", "anthropic", 5, 0.5, 6.25, 25, 200000, 200000, true,
                     false},
    [GH_SIM_SONNET] = {"claude-sonnet-4-5", "anthropic", 3, 0.3, 3.75, 15, 200000, 1000000,
                       true, false},
    [GH_SIM_HAIKU] = {"claude-haiku-4-5", "anthropic", 1, 0.1, 1.25, 5, 200000, 200000, true,
                      false},
    [GH_SIM_GPT] = {"gpt-5", "openai", 1.25, 0.125, 1.25, 10, 400000, 400000, false, false},
    [GH_SIM_GPT_MINI] = {"gpt-5-mini", "openai", 0.25, 0.025, 0.25, 2, 400000, 400000, false,
                         false},
    [GH_SIM_GEMINI] = {"gemini-2.5-pro", "google", 1.25, 0.125, 1.25, 10, 1048576, 1048576,
                       false, true},
};

struct gh_sim_record *gh_sim_records_add(struct gh_sim_records *records)
{
    if (records->count == records->capacity) {
        const size_t capacity = records->capacity ? 2 * records->capacity : 1024;
        struct gh_sim_record *at = realloc(records->at, capacity * sizeof(*at));
        if (!at) {
            records->failed = true;
            return &records->spare;
        }
        records->at = at;
        records->capacity = capacity;
    }
    records->at[records->count] = (struct gh_sim_record){0};
    return &records->at[records->count++];
}

double gh_sim_call_context(const struct gh_sim_call *call)
{
    return (double)call->input + call->cache_read + call->cache_write;
}

double gh_sim_call_tokens(const struct gh_sim_call *call)
{
    return gh_sim_call_context(call) + call->output;
}

static double record_context_cost(const struct gh_sim_call *call)
{
    const struct gh_sim_model *m = &gh_sim_models[call->model];
    return (call->input * m->input + call->cache_read * m->cache_read +
            call->cache_write * m->cache_write) /
           1e6;
}

double gh_sim_call_cost(const struct gh_sim_call *call)
{
    return record_context_cost(call) + call->output * gh_sim_models[call->model].output / 1e6;
}

double gh_sim_call_cost_gamed(const struct gh_sim_call *call)
{
    const double context = gh_sim_call_context(call);
    const double of_context =
        context > 0 ? record_context_cost(call) * call->gamed_context / context : 0;
    return of_context + call->gamed_output * gh_sim_models[call->model].output / 1e6;
}
