/* service_summary.c - the counters of a service as one line of JSON. */
#include "app/service_hooks.h"
#include "app/service_http.h"
#include "app/service_inside.h"

#include "app/replay_summary.h"
#include "edge/clock.h"
#include "edge/json.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *name;
    uint64_t value;
};

static void rows_write(struct gh_json *json, const struct row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gh_json_key(json, row[i].name);
        gh_json_count(json, row[i].value);
    }
}
#define ROWS(json, row) rows_write((json), (row), sizeof(row) / sizeof((row)[0]))

/* Of the handshakes, one refusal as unknown at each socket is the self-test's. */
static void identity_write(const struct gh_service *s, struct gh_json *json)
{
    struct gh_keyring_counts ring;
    struct gh_publisher_counts publisher;
    gh_keyring_counts(s->guard.ring, &ring);
    gh_publisher_counts(s->publisher, &publisher);
    const struct row row[] = {{"subscriptions_granted", publisher.granted},
                              {"subscriptions_denied", publisher.denied},
                              {"alerts_rebinds", publisher.rebinds},
                              {"key_file_reads", ring.reloads},
                              {"key_file_failures", ring.reloads_failed}};
    gh_json_key(json, "identity");
    gh_json_open(json, '{');
    ROWS(json, row);
    gh_json_key(json, "handshakes");
    gh_json_open(json, '{');
    for (unsigned i = 0; i < GH_KEY_STATES; i++) {
        gh_json_key(json, gh_key_state_name((enum gh_key_state)i));
        gh_json_count(json, ring.handshakes[i]);
    }
    gh_json_close(json, '}');
    gh_json_key(json, "tokens");
    gh_json_open(json, '{');
    for (unsigned i = 0; i < GH_KEY_STATES; i++) {
        gh_json_key(json, gh_key_state_name((enum gh_key_state)i));
        gh_json_count(json, ring.tokens[i]);
    }
    gh_json_close(json, '}');
    gh_json_key(json, "keys");
    gh_owners_write(s->owners, json);
    gh_json_close(json, '}');
}

static void durable_write(const struct gh_durable_server *server, struct gh_json *json)
{
    const struct gh_durable_counters c = gh_durable_counters(server);
    const struct row row[] = {{"streams", c.streams},     {"batches", c.batches},
                              {"events", c.events},       {"repeated", c.repeated},
                              {"rejected", c.rejected},   {"lost", c.lost},
                              {"gaps", c.gaps},           {"errors", c.errors},
                              {"forgotten", c.forgotten}, {"unheard", c.unheard}};
    gh_json_key(json, "durable");
    gh_json_open(json, '{');
    ROWS(json, row);
    gh_json_close(json, '}');
}

static void http_server_write(struct gh_http_server *server, const char *name,
                              struct gh_json *json)
{
    const struct gh_http_counters c = gh_http_server_counters(server);
    const struct row row[] = {{"requests", c.requests},        {"answered_2xx", c.answered[2]},
                              {"answered_4xx", c.answered[4]}, {"answered_5xx", c.answered[5]},
                              {"too_large", c.too_large},      {"too_full", c.too_full},
                              {"cut_off", c.cut_off},          {"foreign", c.foreign},
                              {"turned_away", c.turned_away},  {"connections", c.connections},
                              {"buffer_bytes", c.buffer_bytes}};
    gh_json_key(json, name);
    gh_json_open(json, '{');
    ROWS(json, row);
    gh_json_close(json, '}');
}

static void sources_write(struct gh_sources *sources, struct gh_json *json)
{
    const struct gh_sources_counters c = gh_sources_counters(sources);
    const struct row row[] = {{"records_events", c.records[GH_MAPPED_EVENT]},
                              {"records_totals", c.records[GH_MAPPED_TOTAL]},
                              {"records_known", c.records[GH_MAPPED_KNOWN]},
                              {"records_unknown", c.records[GH_MAPPED_UNKNOWN]},
                              {"records_bad", c.records[GH_MAPPED_BAD]},
                              {"clamped", c.clamped},
                              {"strangers", c.strangers}};
    ROWS(json, row);
}

static void http_write(const struct gh_service_http *http, struct gh_json *json)
{
    const struct gh_handover_counters c = gh_handover_counters(http->handover);
    const struct row row[] = {{"given", c.given},
                              {"kept", c.told[GH_HAND_DONE]},
                              {"full", c.told[GH_HAND_FULL]},
                              {"stalled", c.told[GH_HAND_STALLED]},
                              {"closed", c.told[GH_HAND_CLOSED]},
                              {"waiting_bytes", c.waiting_bytes}};
    gh_json_key(json, "http");
    gh_json_open(json, '{');
    ROWS(json, row);
    sources_write(http->sources, json);
    if (http->otlp)
        http_server_write(http->otlp, "otlp", json);
    if (http->web)
        http_server_write(http->web, "web", json);
    gh_service_hooks_write(http, json);
    gh_json_close(json, '}');
}

static void store_write(const struct gh_service *s, struct gh_json *json)
{
    const struct gh_keeper_counters c = gh_keeper_counters(s->keeper);
    const struct row row[] = {{"position", c.position},
                              {"recovered", c.recovered},
                              {"stalls", s->stalls},
                              {"log_bytes", c.log.bytes},
                              {"log_segments", c.log.segments},
                              {"log_failed", c.log.failed},
                              {"log_reopened", c.log.reopened},
                              {"checkpoints_failed", c.log.checkpoints_failed},
                              {"streams_forgotten", c.log.streams_forgotten},
                              {"snapshots", c.snapshots},
                              {"snapshots_failed", c.snapshots_failed}};
    gh_json_key(json, "store");
    gh_json_open(json, '{');
    ROWS(json, row);
    gh_json_key(json, "snapshot_pause_s");
    gh_json_number(json, c.snapshot_pause_s);
    gh_json_close(json, '}');
}

char *gh_service_summary(const struct gh_service *service)
{
    const struct gh_service *s = service;
    const struct gh_engine *engine = gh_pipeline_engine(s->pipeline);
    struct gh_json json = {0};
    struct gh_summary summary = {.shards = gh_engine_shards(engine),
                                 .seconds = (double)(gh_clock_ms() - s->started_ms) / 1000};
    gh_pipeline_tally(s->pipeline, &summary.tally);
    gh_summary_findings(&summary, engine);
    char *common = gh_summary_json(&summary);
    if (!common)
        return NULL;
    const struct row row[] = {
        {"frames", summary.tally.frames},
        {"held", summary.tally.held},
        {"alerts_failed", s->bodies_failed + gh_publisher_failed(s->publisher)},
        {"dead_letters", gh_dead_letters_written(s->letters)},
        {"dead_letters_failed", gh_dead_letters_failed(s->letters)},
    };
    gh_json_raw(&json, common, strlen(common) - 1); /* still open: our keys follow */
    ROWS(&json, row);
    if (s->guard.ring)
        identity_write(s, &json);
    http_write(s->http, &json);
    if (s->durable)
        durable_write(s->durable, &json);
    if (s->keeper)
        store_write(s, &json);
    gh_service_sinks_write(s, &json);
    gh_json_close(&json, '}');
    free(common);
    return gh_json_take(&json);
}
