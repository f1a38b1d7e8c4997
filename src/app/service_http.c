/* service_http.c - see service_http.h. */
#include "app/service_http.h"
#include "app/service_hooks.h"
#include "app/service_inside.h"

#include "edge/http/otlp_endpoint.h"
#include "edge/operate/scrape.h"

#include <stdlib.h>

static enum gh_status http_serve(struct gh_http_server **server, struct gh_http_setup *setup,
                                 const struct gh_config *config, struct gh_error *error)
{
    const struct gh_identity_options *identity = gh_config_group(config, "identity");
    setup->options = gh_config_group(config, "http");
    setup->insecure = identity->insecure;
    return setup->address[0] ? gh_http_server_new(server, setup, error) : GH_OK;
}

static void routes_fill(struct gh_service_http *h, struct gh_metrics *metrics)
{
    void *const context = &h->intake;
    h->web_route[0] = (struct gh_http_route){
        .method = GH_HTTP_GET, .path = "/-/healthy", .handle = gh_http_healthy};
    h->web_route[1] = (struct gh_http_route){
        .method = GH_HTTP_GET, .path = "/-/ready", .handle = gh_http_ready, .context = context};
    h->web_route[2] = (struct gh_http_route){.method = GH_HTTP_POST,
                                             .path = "/-/reload",
                                             .admit = gh_http_admit_control,
                                             .handle = gh_http_reload,
                                             .context = context};
    h->web_route[3] = (struct gh_http_route){.method = GH_HTTP_GET,
                                             .path = "/metrics",
                                             .handle = gh_http_scrape,
                                             .context = metrics};
    h->web_route[4] = (struct gh_http_route){.method = GH_HTTP_GET,
                                             .path = "/-/coverage",
                                             .admit = gh_http_admit_control,
                                             .handle = gh_http_coverage,
                                             .context = context};
    static const struct {
        const char *path;
        void (*handle)(void *context, struct gh_http_request *request);
    } otlp[] = {{"/v1/logs", gh_http_logs},
                {"/v1/traces", gh_http_traces},
                {"/v1/metrics", gh_http_metrics}};
    for (size_t i = 0; i < 3; i++)
        h->otlp_route[1 + i] = (struct gh_http_route){.method = GH_HTTP_POST,
                                                      .path = otlp[i].path,
                                                      .types = GH_HTTP_JSON | GH_HTTP_PROTOBUF,
                                                      .admit = gh_http_admit,
                                                      .handle = otlp[i].handle,
                                                      .refuse = gh_http_otlp_refuse,
                                                      .context = context};
    h->otlp_route[0] = (struct gh_http_route){.method = GH_HTTP_POST,
                                              .path = "/v1/events",
                                              .types = GH_HTTP_JSON | GH_HTTP_NDJSON |
                                                       GH_HTTP_PROTOBUF | GH_HTTP_BINARY,
                                              .admit = gh_http_admit,
                                              .handle = gh_http_events,
                                              .refuse = gh_http_events_refuse,
                                              .context = context};
}

enum gh_status gh_service_web(struct gh_service *s, const struct gh_config *config,
                              struct gh_error *error)
{
    const struct gh_http_options *options = gh_config_group(config, "http");
    const struct gh_web_options *web = gh_config_group(config, "web");
    struct gh_service_http *h = s->http = calloc(1, sizeof(*h));
    if (!h)
        return gh_error_set(error, GH_EMEMORY, "http: out of memory");
    const struct gh_identity_options *identity = gh_config_group(config, "identity");
    enum gh_status status = gh_handover_new(&h->handover, options->buffer_bytes, error);
    if (status == GH_OK)
        status = gh_sources_new(&h->sources, s->service_options->maps.text,
                                identity->people.text, error);
    if (status != GH_OK)
        return status;
    h->profiles_due = true;
    h->intake = (struct gh_http_intake){.handover = h->handover,
                                        .ring = s->guard.ring,
                                        .sources = h->sources,
                                        .frame_bytes = options->body_bytes};
    routes_fill(h, s->metrics);
    struct gh_http_setup setup = {.option = "web.bind",
                                  .address = web->bind.text,
                                  .route = h->web_route,
                                  .routes = GH_SERVICE_WEB_ROUTES,
                                  .threads = 1};
    return http_serve(&h->web, &setup, config, error);
}

enum gh_status gh_service_otlp(struct gh_service *s, const struct gh_config *config,
                               struct gh_error *error)
{
    const struct gh_http_options *options = gh_config_group(config, "http");
    const struct gh_otlp_options *otlp = gh_config_group(config, "otlp");
    struct gh_http_setup setup = {.option = "otlp.bind",
                                  .address = otlp->bind.text,
                                  .route = s->http->otlp_route,
                                  .routes = GH_SERVICE_OTLP_ROUTES,
                                  .threads = options->threads};
    const enum gh_status status = gh_service_hooks_open(
        s, config, &s->http->otlp_route[GH_SERVICE_OTLP_ROUTES - 1], error);
    return status == GH_OK ? http_serve(&s->http->otlp, &setup, config, error) : status;
}

void gh_service_http_close(struct gh_service *s)
{
    struct gh_service_http *h = s->http;
    if (!h)
        return;
    if (h->handover)
        gh_handover_drop(h->handover);
    gh_http_server_free(h->otlp);
    gh_http_server_free(h->web);
    gh_hooks_free(h->hooks);
    gh_handover_free(h->handover);
    gh_sources_free(h->sources);
    free(h);
    s->http = NULL;
}

/* The key as it stands in the file now: it may have been taken away since the request came. */
static struct gh_speaker hand_speaker(const struct gh_service *s, const struct gh_hand *hand)
{
    if (!s->guard.ring || !hand->asked)
        return (struct gh_speaker){.owner = NULL};
    const struct gh_access_key *key =
        gh_keys_by_name(gh_keyring_keys(s->guard.ring), hand->owner);
    return gh_guard_speaker_of(GH_DOMAIN_INTAKE, key, hand->owner);
}

static enum gh_status hand_take(struct gh_service *s, struct gh_hand *hand,
                                struct gh_error *error)
{
    struct gh_place place = {
        .source = hand->source, .frame = hand->number, .speaker = hand_speaker(s, hand)};
    const enum gh_status status =
        gh_pipeline_frame(s->pipeline, hand->at, hand->size, &place, error);
    hand->events = place.index;
    s->handed += place.index;
    gh_owners_events(s->owners, place.speaker.owner, place.index);
    return status;
}

enum gh_status gh_service_hands(struct gh_service *s, size_t *frames, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    struct gh_hand *hand;
    while (status == GH_OK && (hand = gh_handover_next(s->http->handover)) != NULL) {
        status = hand_take(s, hand, error);
        ++*frames;
    }
    return status;
}

void gh_service_http_turn(struct gh_service *s)
{
    if (s->http->web)
        gh_http_server_turn(s->http->web);
    if (s->http->otlp)
        gh_http_server_turn(s->http->otlp);
}
