/* service_open.c - the service's parts: what must be there before anybody connects. */
#include "app/service_http.h"
#include "app/service_inside.h"
#include "app/service_settings.h"

#include "edge/clock.h"
#include "edge/operate/note.h"
#include "engine/options.h"
#include "store/store_options.h"

static enum gh_status service_find(void *context, struct gh_mark *mark, struct gh_error *error)
{
    return gh_log_mark_find(gh_keeper_log(context), mark, error);
}

/* Those of a service that keeps what it is given. */
static enum gh_status service_keeping(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    if (s->durable_options->bind.text[0])
        status = gh_durable_server_new(&s->durable, s->context, s->durable_options, &s->guard,
                                       error);
    if (s->durable)
        gh_durable_server_ask(s->durable, service_find, s->keeper);
    if (status == GH_OK && s->durable)
        status = gh_service_batches_new(s, error);
    if (status == GH_OK && s->alerts_options->replay.text[0])
        status =
            gh_replay_server_new(&s->replay, s->context, s->alerts_options, &s->guard, error);
    if (s->replay)
        gh_replay_server_lend(s->replay, gh_keeper_ledger(s->keeper));
    return status;
}

static enum gh_status service_guard(struct gh_service *s, const struct gh_config *config,
                                    struct gh_error *error)
{
    const enum gh_status status = gh_context_new(&s->context, error);
    return status == GH_OK ? gh_guard_open(&s->guard, s->context,
                                           gh_config_group(config, "identity"), error)
                           : status;
}

static enum gh_status service_sockets(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status =
        gh_publisher_new(&s->publisher, s->context, s->alerts_options, &s->guard, error);
    if (status == GH_OK)
        status = gh_intake_new(&s->intake, s->context, s->intake_options, &s->guard, error);
    if (status == GH_OK && s->keeper)
        status = service_keeping(s, error);
    if (status == GH_OK)
        status = gh_service_control_open(s, error);
    return status;
}

/* Before the first frame is taken: a service whose door stands open must not serve. */
static enum gh_status service_test(const struct gh_service *s, struct gh_error *error)
{
    const enum gh_status status = gh_publisher_test(s->publisher, error);
    return status == GH_OK ? gh_intake_test(s->intake, error) : status;
}

static void service_greet(const struct gh_service *s)
{
    const struct gh_review_options *review = gh_config_group(s->settings->current, "review");
    const char *pull = gh_intake_endpoint(s->intake, GH_INTAKE_PULL);
    const char *subscribe = gh_intake_endpoint(s->intake, GH_INTAKE_SUB);
    if (pull[0])
        gh_note(GH_NOTE_listening, "events on %s (PULL)", pull);
    if (subscribe[0])
        gh_note(GH_NOTE_listening, "events from %s (SUB)", subscribe);
    if (subscribe[0] && review->require_authenticated.value == GH_SWITCH_ON)
        gh_note(GH_NOTE_settings, "what shows no key is kept apart: it raises incidents "
                                  "alone (review.require_authenticated)");
    if (s->durable)
        gh_note(GH_NOTE_listening, "durable events on %s (ROUTER)",
                gh_durable_endpoint(s->durable));
    if (s->replay)
        gh_note(GH_NOTE_listening, "replay of alerts on %s (ROUTER)",
                gh_replay_endpoint(s->replay));
    if (s->settings->control)
        gh_note(GH_NOTE_listening, "settings on %s (ROUTER)",
                gh_control_endpoint(s->settings->control));
    if (s->http->otlp)
        gh_note(GH_NOTE_listening, "OTLP and events on %s (HTTP)",
                gh_http_server_endpoint(s->http->otlp));
    if (s->http->web)
        gh_note(GH_NOTE_listening, "health on %s (HTTP)",
                gh_http_server_endpoint(s->http->web));
    if (s->guard.ring)
        gh_note(GH_NOTE_listening, "all of them ask for keys, %u in force; self-test passed",
                (unsigned)gh_keys_count(gh_keyring_keys(s->guard.ring)));
    gh_note(GH_NOTE_listening, "alerts on %s (XPUB)", gh_publisher_endpoint(s->publisher));
}

/* A new engine, or the one of the last run. */
static enum gh_status service_pipeline(struct gh_service *s, const struct gh_config *config,
                                       struct gh_error *error)
{
    const struct gh_store_options *store = gh_config_group(config, "store");
    const struct gh_hooks hooks = gh_service_hooks(s);
    enum gh_status status = GH_OK;
    if (store->folder.text[0]) {
        const char *warning = gh_sqlite_warning();
        if (warning)
            gh_note(GH_NOTE_settings, "%s", warning);
        status = gh_keeper_open(&s->keeper, config, error);
        s->recovering = true;
        if (status == GH_OK)
            status = gh_keeper_recover(s->keeper, &hooks, &s->outbox, &s->pipeline, error);
        s->recovering = false;
    }
    if (status == GH_OK)
        status = gh_service_settings_start(s, &hooks, error);
    if (status == GH_OK &&
        gh_engine_shards(gh_pipeline_engine(s->pipeline)) != s->service_options->shards)
        gh_note(GH_NOTE_settings, "service.shards: stays as it was when the log began");
    return status;
}

enum gh_status gh_service_open(struct gh_service *service, const struct gh_config *config,
                               struct gh_error *error)
{
    struct gh_service *s = service;
    s->intake_options = gh_config_group(config, "intake");
    s->durable_options = gh_config_group(config, "durable");
    s->alerts_options = gh_config_group(config, "alerts");
    s->service_options = gh_config_group(config, "service");
    const struct gh_identity_options *identity = gh_config_group(config, "identity");
    s->outbox.source = s->alerts_options->source.text;
    gh_notify_status(&s->notify, "reading what is kept");
    if (!(s->owners = gh_owners_new(identity->new_actors)))
        return gh_error_set(error, GH_EMEMORY, "service: out of memory");
    enum gh_status status = gh_service_metrics_new(s, error);
    if (status == GH_OK)
        status = gh_service_settings_new(s, config, error);
    if (status == GH_OK)
        status = service_guard(s, config, error);
    if (status == GH_OK)
        status = gh_service_web(s, config, error);
    if (status == GH_OK)
        status = service_pipeline(s, config, error);
    if (status == GH_OK)
        status = gh_dead_letters_new(&s->letters, s->intake_options->dead_letters.text, error);
    /* Last, so that nobody connects to a service that cannot start. */
    if (status == GH_OK)
        status = service_sockets(s, error);
    if (status == GH_OK)
        status = service_test(s, error);
    if (status == GH_OK)
        status = gh_service_sinks_open(s, config, error);
    if (status == GH_OK)
        status = gh_service_otlp(s, config, error);
    if (status != GH_OK)
        return status;
    for (unsigned i = 0; i < GH_INTAKE_SOURCES; i++)
        s->place[i].source = gh_intake_endpoint(s->intake, (enum gh_intake_source)i);
    s->started_ms = gh_clock_ms();
    s->frame_ms = -1;
    s->beat_ms = s->started_ms;
    s->keys_ms = s->started_ms + GH_SERVICE_KEYS_MS;
    s->summary_ms = s->started_ms + (int64_t)(s->service_options->summary * 1000);
    service_greet(s);
    return GH_OK;
}

void gh_service_close(struct gh_service *service)
{
    gh_service_http_close(service);
    gh_sinks_free(service->sinks);
    gh_intake_free(service->intake);
    gh_durable_server_free(service->durable);
    gh_service_batches_free(service);
    gh_replay_server_free(service->replay);
    gh_service_control_close(service);
    gh_publisher_free(service->publisher);
    gh_guard_close(&service->guard);
    gh_context_free(service->context);
    /* A snapshot of an engine that has said more than the ledger knows hides it for ever. */
    gh_keeper_close(service->keeper, service->clean ? service->pipeline : NULL);
    gh_pipeline_free(service->pipeline);
    gh_service_settings_free(service);
    gh_outbox_free(&service->outbox);
    gh_dead_letters_free(service->letters);
    gh_owners_free(service->owners);
    gh_metrics_free(service->metrics);
}
