/* series.h - calls that no conversation explains: agents that answer each other, and one
 * request made over and over. Honest projects and gamers use the same makers. */
#ifndef GOODHART_APP_SIMULATE_SERIES_H
#define GOODHART_APP_SIMULATE_SERIES_H

#include "app/simulate/session.h"

/* Agents of one person hand messages round until they have used `tokens`. */
struct gh_sim_exchange {
    int64_t start_ms, until_ms;
    double tokens;
    uint32_t members; /* 2..4; first_agent and those after it in enum gh_sim_agent */
    uint8_t first_agent;
    double low_novelty;       /* share of messages close to an earlier one between the two */
    double tools;             /* share of calls with tool calls */
    double output_sigma;      /* spread of log output */
    double gap_mu, gap_sigma; /* of log seconds between messages */
    uint16_t experiment;
    bool gamed;
};
void gh_sim_exchange_run(struct gh_sim_day *day, const struct gh_sim_exchange *exchange);

/* Agents of a person and of the partner answer each other. What is said, and when, is the
 * same for both, who each make their own half of it. */
struct gh_sim_pair {
    uint32_t messages; /* of both */
    double tokens;     /* of this half, as far as windows allow */
    double low_novelty;
};
void gh_sim_pair_run(struct gh_sim_day *day, const struct gh_sim_pair *pair);

/* Calls of one kind from `from_ms` on, until `tokens` are used (0: no limit) or
 * `until_ms`. Gaps and sizes are log-normal about their medians. */
struct gh_sim_series {
    int64_t from_ms, until_ms;
    double tokens, gap_s, gap_sigma;
    double context, context_sigma, growth; /* growth: tokens per call */
    double output, output_sigma;
    uint64_t prompt; /* the request that is repeated; 0: a new one */
    double near_dup, errors, tools;
    uint32_t user_tokens;
    enum gh_sim_class class;
    uint8_t agent;
    enum gh_origin origin;
    bool session_each; /* every call is a session of its own */
    bool gamed;
};
double gh_sim_series_run(struct gh_sim_day *day, const struct gh_sim_series *series);

#endif
