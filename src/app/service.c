/* service.c - see service.h. */
#include "app/service.h"

#include "app/replay_summary.h"
#include "app/signals.h"
#include "edge/alert.h"
#include "edge/clock.h"
#include "edge/json.h"
#include "store/store_options.h"

#include <stdlib.h>
#include <string.h>

/* Time for frames on their way to arrive, and the longest that draining may take. */
enum { SERVICE_QUIET_MS = 100, SERVICE_DRAIN_MS = 5000, SERVICE_STALL_MS = 1000 };

static void service_flush(struct gh_service *s)
{
    gh_dead_letters_flush(s->letters);
    if (s->alerts.file)
        fflush(s->alerts.file);
}

static void service_beat(struct gh_service *s)
{
    struct gh_tally tally;
    gh_pipeline_tally(s->pipeline, &tally);
    const struct gh_heartbeat beat = {.sequence = s->outbox.sequence,
                                      .time_ms = gh_clock_wall_ms(),
                                      .events = tally.pieces,
                                      .actors = tally.engine.actors};
    gh_publisher_heartbeat(s->publisher, &beat);
}

/* What is due by the clock, busy or not. */
static void service_clock(struct gh_service *s)
{
    const int64_t now_ms = gh_clock_ms(), every_ms = s->alerts_options->heartbeat;
    const int64_t summary_ms = (int64_t)(s->service_options->summary * 1000);
    gh_publisher_drain(s->publisher);
    if (s->replay)
        gh_replay_server_turn(s->replay);
    if (now_ms >= s->beat_ms) {
        service_beat(s);
        service_flush(s);
        /* A beat that was missed is not made up for. */
        s->beat_ms += every_ms * ((now_ms - s->beat_ms) / every_ms + 1);
    }
    if (summary_ms > 0 && now_ms >= s->summary_ms) {
        char *line = gh_service_summary(s);
        fprintf(stderr, "goodhart run: %s\n", line ? line : "out of memory");
        free(line);
        s->summary_ms = now_ms + summary_ms;
    }
}

static void service_change(void *context, const struct gh_finding *change)
{
    struct gh_service *s = context;
    gh_outbox_add(&s->outbox, change);
}

/* Waits for a disk that takes no writes; false: it is time to end. */
static bool service_stall(struct gh_service *s, bool *told, struct gh_error *error)
{
    struct gh_durable_batch unwanted;
    const bool disk = error->status == GH_EFULL || error->status == GH_EIO;
    if (!disk || gh_signals_take(s->signals))
        return false;
    if (!*told)
        fprintf(stderr, "goodhart run: %s: nothing is taken until that is over\n", error->text);
    if (!*told && s->durable)
        gh_durable_stall(s->durable);
    s->stalls += !*told;
    *told = true;
    if (s->durable)
        (void)gh_durable_next(s->durable, &unwanted);
    *error = (struct gh_error){0};
    service_clock(s);
    gh_socket_wait(NULL, 0, s->signals, SERVICE_STALL_MS);
    return true;
}

/* Events, and how far their producers are with them, before the engine sees them. */
static enum gh_status service_keep(struct gh_service *s, const struct gh_event *event,
                                   size_t count, struct gh_error *error)
{
    struct gh_keeping keeping = {.event = event, .count = count};
    enum gh_status status = GH_OK;
    bool told = false;
    if (s->durable) {
        keeping.mark_count = gh_durable_marks(s->durable, &keeping.mark);
        keeping.loss_count = gh_durable_losses(s->durable, &keeping.losses);
    }
    if (count == 0 && keeping.mark_count == 0)
        return GH_OK;
    do {
        status = gh_keeper_append(s->keeper, &keeping, error);
    } while (status != GH_OK && service_stall(s, &told, error));
    if (status == GH_OK && s->durable)
        gh_durable_marked(s->durable);
    if (told && status == GH_OK)
        fprintf(stderr, "goodhart run: events are taken again\n");
    return status;
}

static enum gh_status service_append(void *context, const struct gh_event *event, size_t count,
                                     struct gh_error *error)
{
    struct gh_service *s = context;
    return s->keeper && !s->recovering ? service_keep(s, event, count, error) : GH_OK;
}

/* What the engine has said is kept, then published. */
static enum gh_status service_publish(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    bool told = false;
    if (s->keeper && s->outbox.count > 0)
        do {
            status = gh_keeper_commit(s->keeper, &s->outbox, error);
        } while (status != GH_OK && service_stall(s, &told, error));
    for (size_t i = 0; i < s->outbox.count && status == GH_OK; i++) {
        struct gh_outgoing *out = &s->outbox.at[i];
        gh_publisher_alert(s->publisher, &out->finding, out->sequence, out->body);
        gh_outfile_line(&s->alerts, out->body);
        out->body = NULL;
    }
    s->bodies_failed += s->outbox.failed;
    gh_outbox_clear(&s->outbox);
    return status;
}

/* At most so many bytes, cut where a character ends. */
static struct gh_text text_cut(struct gh_text text, uint32_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && ((unsigned char)text.at[size] & 0xc0) == 0x80)
        size--;
    return (struct gh_text){text.at, size};
}

static void service_refused(void *context, const struct gh_lost *lost)
{
    struct gh_service *s = context;
    struct gh_lost cut = *lost;
    if (s->durable && lost->source == gh_durable_endpoint(s->durable))
        gh_durable_refuse(s->durable, (uint32_t)lost->frame, lost->index,
                          gh_refusal_name(lost->reason), lost->text);
    if (!s->intake_options->dead_letters.text[0] || s->recovering)
        return;
    cut.piece = text_cut(lost->piece, GH_EVENT_BYTES_MAX);
    char *line = gh_lost_line(&cut);
    gh_dead_letters_add(s->letters, line);
    free(line);
}

static enum gh_status service_find(void *context, struct gh_mark *mark, struct gh_error *error)
{
    return gh_log_mark_find(gh_keeper_log(context), mark, error);
}

static enum gh_status service_sockets(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = gh_context_new(&s->context, error);
    if (status == GH_OK)
        status = gh_publisher_new(&s->publisher, s->context, s->alerts_options, error);
    if (status == GH_OK)
        status = gh_intake_new(&s->intake, s->context, s->intake_options, error);
    if (status == GH_OK && s->keeper && s->durable_options->bind.text[0])
        status = gh_durable_server_new(&s->durable, s->context, s->durable_options, error);
    if (s->durable)
        gh_durable_server_ask(s->durable, service_find, s->keeper);
    if (status == GH_OK && s->keeper && s->alerts_options->replay.text[0])
        status = gh_replay_server_new(&s->replay, s->context, s->alerts_options,
                                      gh_keeper_ledger(s->keeper), error);
    return status;
}

static void service_greet(const struct gh_service *s)
{
    const char *pull = gh_intake_endpoint(s->intake, GH_INTAKE_PULL);
    const char *subscribe = gh_intake_endpoint(s->intake, GH_INTAKE_SUB);
    if (pull[0])
        fprintf(stderr, "goodhart run: events on %s (PULL)\n", pull);
    if (subscribe[0])
        fprintf(stderr, "goodhart run: events from %s (SUB)\n", subscribe);
    if (s->durable)
        fprintf(stderr, "goodhart run: durable events on %s (ROUTER)\n",
                gh_durable_endpoint(s->durable));
    if (s->replay)
        fprintf(stderr, "goodhart run: replay of alerts on %s (ROUTER)\n",
                gh_replay_endpoint(s->replay));
    fprintf(stderr, "goodhart run: alerts on %s (XPUB)\n", gh_publisher_endpoint(s->publisher));
}

/* A new engine, or the one of the last run. */
static enum gh_status service_pipeline(struct gh_service *s, const struct gh_config *config,
                                       struct gh_error *error)
{
    const struct gh_store_options *store = gh_config_group(config, "store");
    const struct gh_hooks hooks = {.context = s,
                                   .on_batch = service_append,
                                   .on_change = service_change,
                                   .on_refused = service_refused};
    if (!store->folder.text[0])
        return gh_pipeline_new(&s->pipeline, config, GH_BATCH_DEFAULT, &hooks, error);
    const char *warning = gh_sqlite_warning();
    if (warning)
        fprintf(stderr, "goodhart run: %s\n", warning);
    enum gh_status status = gh_keeper_open(&s->keeper, config, error);
    s->recovering = true;
    if (status == GH_OK)
        status = gh_keeper_recover(s->keeper, &hooks, &s->outbox, &s->pipeline, error);
    s->recovering = false;
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
    s->outbox.source = s->alerts_options->source.text;
    enum gh_status status = service_pipeline(s, config, error);
    if (status == GH_OK)
        status = gh_dead_letters_new(&s->letters, s->intake_options->dead_letters.text, error);
    /* Last, so that nobody connects to a service that cannot start. */
    if (status == GH_OK)
        status = service_sockets(s, error);
    if (status != GH_OK)
        return status;
    for (unsigned i = 0; i < GH_INTAKE_SOURCES; i++)
        s->place[i].source = gh_intake_endpoint(s->intake, (enum gh_intake_source)i);
    s->started_ms = gh_clock_ms();
    s->frame_ms = -1;
    s->beat_ms = s->started_ms;
    s->summary_ms = s->started_ms + (int64_t)(s->service_options->summary * 1000);
    service_greet(s);
    return GH_OK;
}

void gh_service_close(struct gh_service *service)
{
    gh_intake_free(service->intake);
    gh_durable_server_free(service->durable);
    gh_replay_server_free(service->replay);
    gh_publisher_free(service->publisher);
    gh_context_free(service->context);
    gh_keeper_close(service->keeper, service->pipeline);
    gh_pipeline_free(service->pipeline);
    gh_outbox_free(&service->outbox);
    gh_dead_letters_free(service->letters);
}

static enum gh_status service_frames(struct gh_service *s, size_t *frames,
                                     struct gh_error *error)
{
    struct gh_intake_frame frame;
    enum gh_status status = GH_OK;
    while (status == GH_OK && gh_intake_next(s->intake, &frame)) {
        status = gh_pipeline_frame(s->pipeline, frame.at, frame.size, &s->place[frame.source],
                                   error);
        ++*frames;
    }
    return status;
}

/* A batch is never cut by a flush: how far its producer is would not be told rightly. */
static enum gh_status service_batches(struct gh_service *s, size_t *frames,
                                      struct gh_error *error)
{
    struct gh_durable_batch batch;
    enum gh_status status = GH_OK;
    while (status == GH_OK && s->durable && gh_durable_next(s->durable, &batch)) {
        struct gh_place place = {.source = gh_durable_endpoint(s->durable),
                                 .frame = batch.stream,
                                 .index = batch.first};
        if (batch.count > gh_pipeline_room(s->pipeline))
            status = gh_pipeline_flush(s->pipeline, error);
        if (status == GH_OK)
            status = gh_pipeline_lines(s->pipeline, batch.at, batch.size, &place, error);
        ++*frames;
    }
    return status;
}

/* Takes what is there, up to what may be held at once, keeps it and judges it. */
static enum gh_status service_batch(struct gh_service *s, size_t *frames,
                                    struct gh_error *error)
{
    *frames = 0;
    enum gh_status status = service_frames(s, frames, error);
    if (status == GH_OK)
        status = service_batches(s, frames, error);
    if (status == GH_OK)
        status = gh_pipeline_flush(s->pipeline, error);
    if (status == GH_OK && s->durable)
        status = service_keep(s, NULL, 0, error);
    if (status == GH_OK)
        status = service_publish(s, error);
    if (status == GH_OK && s->durable)
        gh_durable_committed(s->durable);
    gh_intake_release(s->intake);
    if (s->durable)
        gh_durable_release(s->durable);
    if (*frames > 0)
        s->frame_ms = gh_clock_ms();
    return status;
}

static bool service_idle(const struct gh_service *s)
{
    return s->exit_after_idle_ms > 0 && s->frame_ms >= 0 &&
           gh_clock_ms() - s->frame_ms >= s->exit_after_idle_ms;
}

static void service_wait(struct gh_service *s)
{
    void *const socket[] = {
        gh_intake_socket(s->intake, GH_INTAKE_PULL), gh_intake_socket(s->intake, GH_INTAKE_SUB),
        gh_publisher_socket(s->publisher), s->durable ? gh_durable_socket(s->durable) : NULL};
    const int64_t due_ms = s->beat_ms - gh_clock_ms();
    gh_socket_wait(socket, 4, s->signals, due_ms > 0 ? due_ms : 0);
}

static enum gh_status service_serve(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    size_t frames = 0;
    while (status == GH_OK && !gh_signals_take(s->signals) && !service_idle(s)) {
        if (frames == 0)
            service_flush(s);
        service_wait(s);
        status = service_batch(s, &frames, error);
        service_clock(s);
        if (s->keeper && status == GH_OK)
            gh_keeper_tick(s->keeper, s->pipeline);
    }
    return status;
}

/* Takes frames until none has come for a while, the deadline or another signal. */
static enum gh_status service_drain(struct gh_service *s, int64_t deadline_ms,
                                    struct gh_error *error)
{
    void *const socket[] = {gh_intake_socket(s->intake, GH_INTAKE_PULL),
                            gh_intake_socket(s->intake, GH_INTAKE_SUB)};
    enum gh_status status = GH_OK;
    size_t frames = 1;
    while (status == GH_OK && frames > 0 && gh_clock_ms() < deadline_ms &&
           !gh_signals_take(s->signals)) {
        status = service_batch(s, &frames, error);
        service_clock(s);
        if (frames == 0 && gh_socket_wait(socket, 2, -1, SERVICE_QUIET_MS))
            frames = 1;
    }
    return status;
}

enum gh_status gh_service_run(struct gh_service *service, struct gh_error *error)
{
    struct gh_service *s = service;
    enum gh_status status = service_serve(s, error);
    const int64_t deadline_ms = gh_clock_ms() + SERVICE_DRAIN_MS;
    /* First while producers are connected, for what the kernel holds is lost with the
     * connection; then what had arrived when it ended. */
    if (status == GH_OK)
        status = service_drain(s, deadline_ms, error);
    gh_intake_close(s->intake);
    if (status == GH_OK)
        status = service_drain(s, deadline_ms + SERVICE_QUIET_MS * 10, error);
    /* What is held goes on being held where there is a next time. */
    if (status == GH_OK && !s->keeper)
        status = gh_pipeline_finish(s->pipeline, error);
    if (status == GH_OK)
        status = service_publish(s, error);
    service_beat(s);
    service_flush(s);
    return status;
}

char *gh_service_summary(const struct gh_service *service)
{
    const struct gh_service *s = service;
    struct gh_json json = {0};
    struct gh_summary summary = {.shards = s->service_options->shards,
                                 .seconds = (double)(gh_clock_ms() - s->started_ms) / 1000};
    gh_pipeline_tally(s->pipeline, &summary.tally);
    gh_summary_findings(&summary, gh_pipeline_engine(s->pipeline));
    char *common = gh_summary_json(&summary);
    if (!common)
        return NULL;
    const struct {
        const char *name;
        uint64_t value;
    } row[] = {
        {"frames", summary.tally.frames},
        {"held", summary.tally.held},
        {"alerts_failed", s->bodies_failed + gh_publisher_failed(s->publisher)},
        {"dead_letters", gh_dead_letters_written(s->letters)},
        {"dead_letters_failed", gh_dead_letters_failed(s->letters)},
    };
    gh_json_raw(&json, common, strlen(common) - 1); /* still open: our keys follow */
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gh_json_key(&json, row[i].name);
        gh_json_count(&json, row[i].value);
    }
    gh_json_close(&json, '}');
    free(common);
    return gh_json_take(&json);
}
