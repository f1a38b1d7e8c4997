/* options.h - options of the engine itself, each once. */
#ifndef GOODHART_ENGINE_OPTIONS_H
#define GOODHART_ENGINE_OPTIONS_H

#include "goodhart/option.h"

// clang-format off
#define GH_ORDER_OPTIONS(X, T, S)                                                                  \
    X(S, double, lateness, 600, 0, 86400, "seconds", "an event this much older than the newest is late: counted, not judged") \
    X(S, double, max_future, 3600, 60, 86400, "seconds", "an event further ahead of the newest accepted time is refused") \
    X(S, double, max_tick, 2678400, 3600, 31622400, "seconds", "a tick further ahead of the newest accepted time is refused") \
    X(S, uint32_t, future_quorum, 32, 2, 256, "events", "so many events ahead in a row, none within reach between them, show that time has moved on")

#define GH_EVIDENCE_OPTIONS(X, T, S)                                                               \
    X(S, uint32_t, epoch, 28, 7, 91, "days", "length of an epoch: evidence starts anew after it")  \
    X(S, uint32_t, burn_in, 28, 14, 182, "days", "days at the start that only teach what is usual") \
    X(S, uint32_t, grace, 7, 3, 182, "days", "days at the start on which nobody is judged; then, to the end of the burn-in, only what no peer is allowed") \
    X(S, double, eta, 1, 0.1, 1, "1", "most that a day's bet is raised to; the model may temper a behaviour more") \
    X(S, uint32_t, fewest_calls, 5, 1, 1000, "calls", "days with fewer calls are not judged")      \
    X(S, double, coverage, 0.8, 0, 1, "1", "least part of a day's calls that must have arrived for what rests on all of them") \
    X(S, double, shrink_share, 7, 0, 365, "days", "days of own history that weigh as much as the peers, for shares") \
    X(S, double, shrink_level, 4, 0, 365, "days", "the same for levels")                           \
    X(S, double, indifference, 0.05, 0, 2, "log", "growth of a level that is never held against anybody") \
    X(S, double, margin, 0.40, 0, 5, "sigma", "uncertainty of the own mean that is granted")        \
    X(S, double, drift, 0.02, 0, 1, "log per week", "fastest change of an own mean that is learned") \
    X(S, double, learn, 0.25, 0, 1, "1", "weight of a day in the own mean after the burn-in")      \
    X(S, double, own_factor, 1.3, 1, 10, "1", "allowed share as a multiple of the own mean")

#define GH_REVIEW_OPTIONS(X, T, S)                                                                 \
    X(S, double, alpha, 0.10, 0.001, 0.5, "1", "false discovery rate of the set review")           \
    X(S, double, floor, 1300, 1, 1e9, "1", "no e-value below this reaches a manager")              \
    X(S, double, fewest_usd, 1, 0, 1e6, "USD", "excess below this is not worth a review")          \
    X(S, uint32_t, close_after, 7, 1, 90, "days", "days without new evidence after which a finding is closed") \
    X(S, struct gh_switch, require_authenticated, GH_SWITCH_AUTO, 0, 2, "1", "only what came with a key counts for review and case; auto: on where identity.keys is set")

#define GH_CASE_OPTIONS(X, T, S)                                                                   \
    X(S, double, alpha, 0.05, 0.001, 0.5, "1", "false discovery rate of the set case")             \
    X(S, double, floor, 1300, 1, 1e9, "1", "no e-value below this becomes a case")                 \
    X(S, double, gate_ratio, 1.15, 1, 10, "1", "growth of spend that needs no more output")        \
    X(S, double, gate_level, 0.50, 0.01, 0.99, "1", "output at or below this quantile of what the spend should bring opens the gate") \
    X(S, double, gate_size, 6, 0.1, 100, "1", "size of the negative binomial of outputs")          \
    X(S, double, gate_window, 10, 1, 90, "days", "memory of recent spend and output")

#define GH_INCIDENT_OPTIONS(X, T, S)                                                               \
    X(S, double, false_alarms, 0.5, 0.001, 1000, "per day", "false alarms that one detector may raise") \
    X(S, uint32_t, close_after, 24, 1, 2160, "hours", "quiet hours after which a fast incident is closed") \
    X(S, double, warning_usd, 100, 0, 1e9, "USD", "excess that makes an incident a warning")       \
    X(S, double, critical_usd, 1000, 0, 1e9, "USD", "excess that makes a finding of any track critical, where all of its evidence came with a key") \
    X(S, double, fewest_usd, 0, 0, 1e6, "USD", "excess below this raises no day-level incident")    \
    X(S, double, worth, 0.2, 0.01, 0.9, "1", "share of incidents that must be real for a threshold to stay; verdicts move it") \
    X(S, double, audit, 0, 0, 1, "1", "part of all people, drawn by lot each epoch, of whom incidents just below a threshold are told") \
    X(S, uint32_t, audit_key, 0, 0, 4294967295, "1", "number that the lot depends on: who knows it knows who will be drawn")

#define GH_LIMITS_OPTIONS(X, T, S)                                                                 \
    X(S, uint32_t, actors, 10000000, 1, 100000000, "actors", "actors known at a time; events of others are refused") \
    X(S, uint32_t, names, 20000000, 16, 400000000, "names", "teams, agents, models and other names") \
    X(S, uint32_t, duplicate_ids, 8388608, 1024, 1073741824, "ids", "newest event ids remembered to drop doubles") \
    X(S, uint32_t, cells, 1000000, 64, 100000000, "cells", "sessions, pairs and edges watched at a time, per detector and shard") \
    X(S, uint32_t, samples, 4000000, 64, 400000000, "ids", "event ids kept as samples, per shard") \
    X(S, uint32_t, experiments, 100000, 1, 10000000, "experiments", "declared experiments known at a time") \
    X(S, uint32_t, schedules, 1000000, 1, 10000000, "schedules", "declared schedules known at a time, per shard")
// clang-format on

#define GH_ENGINE_STRUCT(name, LIST)                   \
    struct name {                                      \
        LIST(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~) \
    };
GH_ENGINE_STRUCT(gh_order_options, GH_ORDER_OPTIONS)
GH_ENGINE_STRUCT(gh_evidence_options, GH_EVIDENCE_OPTIONS)
GH_ENGINE_STRUCT(gh_review_options, GH_REVIEW_OPTIONS)
GH_ENGINE_STRUCT(gh_case_options, GH_CASE_OPTIONS)
GH_ENGINE_STRUCT(gh_incident_options, GH_INCIDENT_OPTIONS)
GH_ENGINE_STRUCT(gh_limits_options, GH_LIMITS_OPTIONS)

/* Order of the engine's own groups in gh_engine_groups(); detectors follow. */
enum {
    GH_GROUP_ORDER,
    GH_GROUP_EVIDENCE,
    GH_GROUP_REVIEW,
    GH_GROUP_CASE,
    GH_GROUP_INCIDENT,
    GH_GROUP_LIMITS,
    GH_GROUP_DETECTORS
};

#endif
