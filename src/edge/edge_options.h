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

#define GH_CONTROL_OPTIONS(X, T, S)                                                           \
    T(S, bind, "tcp://127.0.0.1:5605",                                                        \
      "endpoint where settings are asked for and changed (ROUTER, bind); empty: none")

#define GH_IDENTITY_OPTIONS(X, T, S)                                                          \
    T(S, keys, "", "key file: who may connect, and speak for whom; empty: sockets are plain") \
    T(S, secret, "", "file with the own secret key: the service's in run, the client's in send and watch") \
    T(S, server, "", "file with the public key of the service, for send and watch")           \
    T(S, people, "", "people file (YAML or JSON): whose accounts are whose; empty: accounts are people") \
    X(S, uint32_t, new_actors, 100000, 1, 1000000000, "actors",                               \
      "that nobody has told of before and one key may bring up while the service runs")       \
    X(S, bool, insecure, false, 0, 1, "1", "allow plain sockets beyond this machine, and publishers that show no key")

#define GH_HTTP_OPTIONS(X, T, S)                                                              \
    X(S, uint32_t, threads, 2, 1, 64, "threads", "that serve otlp.bind")                      \
    X(S, uint32_t, connections, 256, 1, 10000, "connections",                                 \
      "open at once at each address of ours; others wait")                                    \
    X(S, uint32_t, per_address, 64, 1, 10000, "connections",                                  \
      "from one address (one /64 of IPv6); more are closed")                                  \
    X(S, uint32_t, body_bytes, 16777216, 65536, 268435456, "bytes",                           \
      "largest request, as sent and as unpacked; OTLP asks for 67108864 where memory allows") \
    X(S, uint32_t, buffer_bytes, 67108864, 65536, 4294967295, "bytes",                        \
      "of all requests that are being read, and again of all that wait to be taken")          \
    X(S, uint32_t, timeout, 30, 1, 3600, "seconds", "that a request may take to arrive")      \
    T(S, hosts, "", "names that requests may call this machine by besides localhost, separated by commas; empty: no other one on loopback, elsewhere any") \
    T(S, certificate, "", "certificate chain (PEM) for TLS; empty: plain HTTP")               \
    T(S, key, "", "its secret key (PEM), readable by its owner alone")

#define GH_OTLP_OPTIONS(X, T, S)     \
    T(S, bind, "127.0.0.1:4318", "address (HOST:PORT) where OTLP and /v1/events are taken over HTTP; empty: none")

#define GH_WEB_OPTIONS(X, T, S)      \
    T(S, bind, "127.0.0.1:8080", "address (HOST:PORT) of /-/healthy, /-/ready, /-/reload; empty: none")

#define GH_HOOKS_OPTIONS(X, T, S)                                                             \
    T(S, github_secret, "", "file with the secret of POST /hooks/github; empty: no such hook") \
    T(S, gitlab_secret, "", "file with the secret token or signing token of POST /hooks/gitlab; empty: no such hook") \
    T(S, generic_secrets, "", "folder in which a file NAME holds the secret of POST /hooks/NAME; empty: none") \
    T(S, signature_headers, "X-Hub-Signature-256,X-Hub-Signature,Linear-Signature,X-Notion-Signature", \
      "where /hooks/NAME looks for the HMAC-SHA256 of a body, separated by commas")           \
    T(S, key, "", "name in the key file whose permissions hooks have, where identity.keys is set") \
    T(S, units, "", "work units that hooks credit, as pull_request=5,review=0.5; empty, and artifacts that are not named: relative effort, a commit 1")

/* What every sink can be told to leave out. */
#define GH_SINK_FILTER_OPTIONS(T, S, sink, floor)                                             \
    T(S, sink##_severity, floor, "least severity that it hears of: notice, warning or critical") \
    T(S, sink##_tracks, "", "tracks that it hears of, of incident,review,case; empty: all")   \
    T(S, sink##_teams, "", "teams that it hears of, separated by commas; empty: all")

#define GH_SINKS_OPTIONS(X, T, S)                                                             \
    T(S, routes, "", "file (YAML or JSON) of more sinks, each for its teams: deploy/alerting.md; empty: none") \
    T(S, link, "", "address of the page of a finding without its id, as https://HOST/review/; empty: none") \
    T(S, proxy, "", "proxy of all sinks (http, https, socks5h); the environment is not asked") \
    T(S, ca, "", "file with the certificates that servers are held against; empty: the system's") \
    X(S, uint32_t, timeout, 10, 1, 300, "seconds", "that one message may take")               \
    X(S, uint32_t, retry_max, 300, 1, 86400, "seconds", "longest pause between two tries of a message") \
    T(S, alertmanager, "", "base addresses of Alertmanagers, separated by commas, each is told all") \
    T(S, alertmanager_login, "", "file with user:password for them, its owner's alone; empty: none") \
    X(S, bool, alertmanager_actor, false, 0, 1, "1", "name the person in a label")            \
    X(S, uint32_t, alertmanager_resend, 60, 1, 3600, "seconds", "between two reminders that a finding is open") \
    GH_SINK_FILTER_OPTIONS(T, S, alertmanager, "notice")                                      \
    T(S, slack, "", "file with the address of an incoming webhook of Slack or alike, its owner's alone; empty: none") \
    X(S, bool, slack_actor, false, 0, 1, "1", "name the person in messages")                  \
    X(S, uint32_t, slack_window, 60, 0, 86400, "seconds", "that changes are gathered before they are told") \
    X(S, uint32_t, slack_rate, 10, 1, 60, "messages", "a minute at most; the last one sums up the rest") \
    GH_SINK_FILTER_OPTIONS(T, S, slack, "warning")                                            \
    T(S, webhook, "", "address that every alert is posted to as CloudEvent; empty: none")     \
    T(S, webhook_secret, "", "file with the secret that signs them, its owner's alone; empty: unsigned") \
    GH_SINK_FILTER_OPTIONS(T, S, webhook, "notice")                                           \
    T(S, mail, "", "mail server of the digest, smtp://HOST:PORT or smtps://HOST:PORT; empty: none") \
    X(S, bool, mail_tls, true, 0, 1, "1", "refuse a mail server that does not encrypt")       \
    T(S, mail_login, "", "file with user:password for it, its owner's alone; empty: none")    \
    T(S, mail_from, "", "sender of the digest")                                               \
    T(S, mail_to, "", "receivers of the digest, separated by commas")                         \
    X(S, bool, mail_actor, false, 0, 1, "1", "name the persons in it")                        \
    X(S, uint32_t, mail_interval, 3600, 1, 604800, "seconds", "between two digests")          \
    GH_SINK_FILTER_OPTIONS(T, S, mail, "notice")

#define GH_SERVICE_OPTIONS(X, T, S)                                                           \
    X(S, uint32_t, shards, 1, 1, 64, "shards", "parts that the actors are dealt to, a thread each") \
    X(S, uint32_t, threads, 0, 0, 64, "threads", "that work at most; 0: one for each core")   \
    T(S, prices, "", "price table (JSON); empty: the one built in")                           \
    T(S, model, "", "model file (JSON); empty: the one built in")                             \
    T(S, maps, "", "folder of map files (JSON) beside or in place of those built in; empty: none") \
    X(S, double, summary, 0, 0, 86400, "seconds", "time between two lines of counters on stderr; 0: none")

#define GH_LOG_OPTIONS(X, T, S)                                                               \
    T(S, level, "info", "least important lines of run on stderr: error, warning, info or debug") \
    T(S, format, "text", "of these lines: text, logfmt or json; the last two with their time")
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
struct gh_control_options {
    GH_CONTROL_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_identity_options {
    GH_IDENTITY_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_http_options {
    GH_HTTP_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_otlp_options {
    GH_OTLP_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_web_options {
    GH_WEB_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_hooks_options {
    GH_HOOKS_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_sinks_options {
    GH_SINKS_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_service_options {
    GH_SERVICE_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
struct gh_log_options {
    GH_LOG_OPTIONS(GH_OPTION_FIELD, GH_OPTION_TEXT_FIELD, ~)
};
/* In the order of the structs. */
const struct gh_option_group *gh_edge_groups(size_t *count);

#endif
