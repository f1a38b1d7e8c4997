/* record.h - a simulated event in compact form: what waits in the queue until its time
 * comes, and how it becomes a gh_event. */
#ifndef GOODHART_APP_SIMULATE_RECORD_H
#define GOODHART_APP_SIMULATE_RECORD_H

#include "goodhart/event.h"

#include <stddef.h>

/* Models that people call. Dollars per million tokens. */
struct gh_sim_model {
    const char *name, *provider;
    double input, cache_read, cache_write, output;
    uint32_t window;      /* tokens */
    uint32_t long_window; /* of its long-context variant; same as window: has none */
    bool writes_cache;    /* reports cache_write_tokens */
    bool reports_cost;
};
enum gh_sim_model_index {
    GH_SIM_OPUS,
    GH_SIM_SONNET,
    GH_SIM_HAIKU,
    GH_SIM_GPT,
    GH_SIM_GPT_MINI,
    GH_SIM_GEMINI,
    GH_SIM_MODELS
};
extern const struct gh_sim_model gh_sim_models[GH_SIM_MODELS];

/* Agents; each person has agents of these names. NONE: the person's own client. */
enum gh_sim_agent {
    GH_SIM_AGENT_NONE,
    GH_SIM_AGENT_MAIN, /* named after the client of the model */
    GH_SIM_AGENT_EXPLORE,
    GH_SIM_AGENT_PLANNER,
    GH_SIM_AGENT_CODER,
    GH_SIM_AGENT_REVIEWER,
    GH_SIM_AGENT_JOB,
    GH_SIM_AGENT_HELPER,
    GH_SIM_AGENT_SOLVER,
    GH_SIM_AGENT_JUDGE,
    GH_SIM_AGENTS
};

struct gh_sim_call {
    uint64_t prompt_hash, response_hash;
    uint32_t session, trace; /* numbered per person from 1; session 0: not told */
    uint32_t input, cache_read, cache_write, output;
    uint32_t gamed_context, gamed_output; /* the part that is not honest */
    uint32_t user_tokens, duration_ms;
    uint32_t window; /* 0: not told */
    uint16_t tool_calls;
    uint16_t experiment; /* numbered per person from 1; 0 none */
    uint8_t model, agent, caller, origin, status;
    bool partner; /* the caller belongs to the partner of the pair */
};
struct gh_sim_output {
    uint32_t session, trace; /* 0: not told */
    uint32_t ref;            /* numbered per person from 1 */
    uint32_t lines_added, lines_removed;
    float units; /* 0: not told */
    uint8_t artifact, state;
};
/* Schedule, experiment, quota. */
struct gh_sim_notice {
    int64_t from_ms, until_ms;
    double tokens;
    uint16_t experiment;
    uint8_t schedule, period;
    uint8_t role; /* of a profile */
    bool for_team;
};
struct gh_sim_record {
    int64_t ts_ms;
    uint32_t actor;
    uint8_t kind; /* enum gh_kind */
    union {
        struct gh_sim_call call;
        struct gh_sim_output output;
        struct gh_sim_notice notice;
    } as;
};

/* Records of one person and day while they are made. */
struct gh_sim_records {
    struct gh_sim_record *at;
    size_t count, capacity;
    bool failed; /* memory ran out */
    struct gh_sim_record spare;
};
/* A zeroed record at the end. Never NULL: without memory it is one that is thrown away,
 * and `failed` is set. */
struct gh_sim_record *gh_sim_records_add(struct gh_sim_records *records);

double gh_sim_call_context(const struct gh_sim_call *call);
double gh_sim_call_tokens(const struct gh_sim_call *call);
double gh_sim_call_cost(const struct gh_sim_call *call);
/* The gamed part of it: by share of context, by share of output. */
double gh_sim_call_cost_gamed(const struct gh_sim_call *call);

/* Pairs are neighbours, so that both are in one team. */
static inline uint32_t gh_sim_partner(uint32_t actor)
{
    return actor ^ 1;
}

struct gh_sim_person;
/* Bytes of texts that one event needs at most. */
enum { GH_SIM_TEXT_SIZE = 256 };
/* Fills *event; its texts stand in `text` or are lent by `person` (that of record->actor). */
void gh_sim_record_event(const struct gh_sim_record *record, struct gh_sim_person *person,
                         char text[GH_SIM_TEXT_SIZE], struct gh_event *event);

#endif
