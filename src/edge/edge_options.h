/* edge_options.h - options of the shell, each once. */
#ifndef GOODHART_EDGE_OPTIONS_H
#define GOODHART_EDGE_OPTIONS_H

#include "goodhart/option.h"

// clang-format off
#define GH_INTAKE_OPTIONS(X, T, S)                                                           \
    T(S, pull, "tcp://127.0.0.1:5601", "endpoint where producers push events (PULL, bind)")   \
    T(S, subscribe, "", "endpoints of publishers to connect to (SUB), separated by commas")   \
    X(S, uint32_t, high_water_mark, 1000, 1, 1000000, "frames", "frames queued per producer") \
    X(S, uint32_t, frame_bytes, 8388608, 65536, 268435456, "bytes", "largest frame taken in") \
    T(S, dead_letters, "", "file to which refused events are appended; empty: none is kept")

#define GH_DURABLE_OPTIONS(X, T, S)                                                          \
    T(S, bind, "tcp://127.0.0.1:5602",                                                       \
      "endpoint of durable intake (ROUTER, bind), where store.folder is set; empty: none")   \
    X(S, uint32_t, streams, 1000, 1, 10000, "streams",                                       \
      "open at once; the one that has been quiet longest makes room")                        \
    X(S, uint32_t, credit, 65536, 1, 16777216, "events",                                     \
      "that one stream may have on their way")                                               \
    X(S, uint32_t, budget, 1000000, 1, 1000000000, "events",                                 \
      "that all streams together may have on their way")

#define GH_ALERTS_OPTIONS(X, T, S)                                                            \
    T(S, publish, "tcp://127.0.0.1:5603", "endpoint where alerts are published (XPUB, bind)") \
    T(S, replay, "tcp://127.0.0.1:5604",                                                      \
      "endpoint where missed alerts are asked for (ROUTER, bind), where store.folder is set; empty: none") \
    T(S, source, "goodhart", "source of the CloudEvents")                                     \
    X(S, uint32_t, heartbeat, 1000, 50, 60000, "milliseconds", "time between two heartbeats") \
    X(S, uint32_t, high_water_mark, 100000, 1, 10000000, "alerts",                            \
      "alerts queued per subscriber; a slower one loses and sees the gap")

#define GH_IDENTITY_OPTIONS(X, T, S)                                                          \
    T(S, keys, "", "key file: who may connect, and speak for whom; empty: sockets are plain") \
    T(S, secret, "", "file with the own secret key: the service's in run, the client's in send and watch") \
    T(S, server, "", "file with the public key of the service, for send and watch")           \
    T(S, people, "", "people file (YAML or JSON): whose accounts are whose; empty: accounts are people") \
    X(S, uint32_t, new_actors, 100000, 1, 1000000000, "actors",                               \
      "that nobody has told of before and one key may bring up while the service runs")       \
    X(S, bool, insecure, false, 0, 1, "1", "allow plain sockets beyond this machine, and publishers that show no key")

#define GH_SERVICE_OPTIONS(X, T, S)                                                           \
    X(S, uint32_t, shards, 1, 1, 64, "shards", "parts that the actors are dealt to, a thread each") \
    X(S, uint32_t, threads, 0, 0, 64, "threads", "that work at most; 0: one for each core")   \
    T(S, prices, "", "price table (JSON); empty: the one built in")                           \
    T(S, model, "", "model file (JSON); empty: the one built in")                             \
    T(S, maps, "", "folder of map files (JSON) beside or in place of those built in; empty: none") \
    X(S, double, summary, 0, 0, 86400, "seconds", "time between two lines of counters on stderr; 0: none")
// clang-format on

struct gh_intake_options {
    GH_INTAKE_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_durable_options {
    GH_DURABLE_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_alerts_options {
    GH_ALERTS_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_identity_options {
    GH_IDENTITY_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_service_options {
    GH_SERVICE_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
/* Groups "intake", "durable", "alerts", "identity", "service". */
const struct gh_option_group *gh_edge_groups(size_t *count);

#endif
