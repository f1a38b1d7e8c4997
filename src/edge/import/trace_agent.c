/* trace_agent.c - recorded sessions of coding agents, one row per request. */
#include "edge/import/trace_format.h"

#include "base/hash.h"

enum { AGENT_BLOCK_TOKENS = 64, AGENT_TURNS_MAX = 1 << 24 };
enum agent_column {
    TRACE,
    AGENT,
    PARENT,
    TIME,
    MODEL,
    IN,
    OUT,
    SHARED,
    ASKED,
    ANSWERED,
    STOP,
    API
};

/* What the prompt of an agent's next call begins with. */
struct agent_turn {
    int64_t tokens;
};

/* The new part of a text turn is what the prompt grew by, less the answer before it. What
 * the first prompt of a session holds besides the person's words is not told. */
static int64_t agent_user_tokens(struct gh_trace *import, const struct gh_text *field,
                                 const struct gh_trace_call *call)
{
    const int64_t in = call->input_tokens + call->cache_read_tokens;
    const uint64_t key = gh_hash_pair(call->thread, call->agent);
    const bool typed = call->caller == 0 && gh_trace_holds(field[ASKED], "text") &&
                       !gh_trace_holds(field[ASKED], "tool_result");

    if (import->turns.limit == 0)
        gh_cells_init(&import->turns, sizeof(struct agent_turn), AGENT_TURNS_MAX, INT64_MAX);
    struct agent_turn *turn = gh_cells_touch(&import->heap, &import->turns, key, 0);
    if (turn == NULL)
        return -1;
    const int64_t before = turn->tokens;
    turn->tokens = in + call->output_tokens;
    if (field[ASKED].size == 0)
        return -1;
    if (!typed)
        return 0;
    return before > 0 && in > before ? in - before : -1;
}

/* Empty is absent. False: what events do not take as a name. */
static bool agent_name(struct gh_trace *import, struct gh_intern *names, struct gh_text text,
                       uint32_t *id)
{
    if (text.size == 0)
        return true;
    if (!gh_trace_name(text))
        return false;
    *id = gh_intern_add(&import->heap, names, text);
    return true;
}

/* Who called whom, with what. */
static const char *agent_names(struct gh_trace *import, const struct gh_text *field,
                               struct gh_trace_call *call)
{
    if (field[TRACE].size == 0 ||
        !agent_name(import, &import->threads, field[TRACE], &call->thread))
        return "trace: a name of 1 to 256 bytes";
    if (!agent_name(import, &import->names, field[AGENT], &call->agent))
        return "agent: a name of at most 256 bytes";
    if (!agent_name(import, &import->names, field[PARENT], &call->caller))
        return "parent: a name of at most 256 bytes";
    if (!agent_name(import, &import->names, field[MODEL], &call->model))
        return "model: a name of at most 256 bytes";
    return NULL;
}

static const char *agent_numbers(const struct gh_text *field, struct gh_trace_call *call)
{
    int64_t in = 0, shared = 0;

    if (!gh_trace_seconds(field[TIME], &call->at_ms))
        return "t: seconds";
    if (!gh_trace_count(field[IN], &in))
        return "in: a count";
    if (!gh_trace_count(field[OUT], &call->output_tokens))
        return "out: a count";
    if (!gh_trace_count(field[SHARED], &shared) || shared > GH_COUNT_MAX / AGENT_BLOCK_TOKENS)
        return "shared_blocks: a count";
    if (field[API].size > 0 && !gh_trace_seconds(field[API], &call->duration_ms))
        return "api_time: seconds";
    shared *= AGENT_BLOCK_TOKENS;
    call->cache_read_tokens = shared < in ? shared : in;
    call->input_tokens = in - call->cache_read_tokens;
    return NULL;
}

static const char *agent_take(struct gh_trace *import, const struct gh_text *field,
                              struct gh_trace_call *call)
{
    const char *trouble = agent_numbers(field, call);

    if (trouble == NULL)
        trouble = agent_names(import, field, call);
    if (trouble != NULL)
        return trouble;
    call->ended = field[STOP].size > 0;
    if (field[ANSWERED].size > 0)
        call->tool_calls = gh_trace_holds(field[ANSWERED], "tool_use");
    call->user_tokens = agent_user_tokens(import, field, call);
    return NULL;
}

const struct gh_trace_format gh_trace_agent = {
    .name = "agent-trace",
    .columns = "trace,agent,parent,t,model,in,out,shared_blocks,input_types,output_types,stop,"
               "api_time",
    .start = "2026-01-05T09:00:00Z",
    .threaded = true,
    .take = agent_take,
};
