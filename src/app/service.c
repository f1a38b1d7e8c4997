/* service.c - see service.h. */
#include "app/service_http.h"
#include "app/service_inside.h"
#include "app/service_settings.h"

#include "app/replay_summary.h"
#include "app/signals.h"
#include "edge/alert.h"
#include "edge/clock.h"
#include "edge/json.h"
#include "edge/operate/note.h"
#include "store/store_options.h"

#include <stdlib.h>
#include <string.h>

/* Time for frames on their way to arrive, and the longest that draining may take. */
enum { SERVICE_QUIET_MS = 100, SERVICE_DRAIN_MS = 5000 };

static const char taking[] = "taking events";

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
    gh_service_metrics_publish(s, &tally);
}

/* Only between two batches: what waits in the pipeline points to keys. */
static void service_keys(struct gh_service *s)
{
    const int64_t now_ms = gh_clock_ms();
    const bool asked = gh_handover_asked(s->http->handover), forced = s->reload || asked;
    struct gh_error error = {0}, settings = {0};
    if (now_ms < s->keys_ms && !forced)
        return;
    if (forced)
        gh_notify_reloading(&s->notify);
    s->reload = false;
    s->keys_ms = now_ms + GH_SERVICE_KEYS_MS;
    /* Whoever changes them says so; whoever revokes a key need not. */
    enum gh_status status = forced ? gh_service_sources(s, &error) : GH_OK;
    if (forced)
        s->sources_bad = status != GH_OK;
    if (forced && gh_service_settings_reload(s, "", &settings) != GH_OK) {
        status = settings.status;
        error = settings;
    }
    if (s->guard.ring) {
        gh_keyring_refresh(s->guard.ring, forced);
        gh_publisher_recheck(s->publisher);
        if (gh_keyring_trouble(s->guard.ring)[0])
            status = gh_error_set(&error, GH_ECONFIG, "identity.keys: %s",
                                  gh_keyring_trouble(s->guard.ring));
    }
    if (asked)
        gh_handover_answer(s->http->handover, status == GH_OK ? NULL : &error);
    if (forced)
        gh_notify_ready(&s->notify, taking);
}

/* Nothing waits in the pipeline: keys and settings may be others from here on. */
static enum gh_status service_between(struct gh_service *s, struct gh_error *error)
{
    service_keys(s);
    gh_service_control_turn(s);
    return s->settings->broken
               ? gh_error_set(error, GH_EMEMORY,
                              "settings: the engine could not take the change, which is on "
                              "record: out of memory")
               : GH_OK;
}

/* The signals that came; true: one of them ends what is going on. */
bool gh_service_signalled(struct gh_service *s)
{
    enum gh_signal signal;
    while ((signal = gh_signals_take(s->signals)) == GH_SIGNAL_RELOAD)
        s->reload = true;
    return signal == GH_SIGNAL_END;
}

/* What is due by the clock, busy or not. */
void gh_service_clock(struct gh_service *s)
{
    const int64_t now_ms = gh_clock_ms(), every_ms = s->alerts_options->heartbeat;
    const int64_t summary_ms = (int64_t)(s->service_options->summary * 1000);
    gh_notify_alive(&s->notify);
    gh_publisher_drain(s->publisher);
    gh_service_http_turn(s);
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
        gh_note(GH_NOTE_counters, "%s", line ? line : "out of memory");
        free(line);
        s->summary_ms = now_ms + summary_ms;
    }
}

static enum gh_status service_frame(struct gh_service *s, const struct gh_intake_frame *frame,
                                    struct gh_error *error)
{
    struct gh_place *place = &s->place[frame->source];
    const uint64_t before = place->index;
    place->speaker = frame->speaker;
    const enum gh_status status =
        gh_pipeline_frame(s->pipeline, frame->at, frame->size, place, error);
    gh_owners_events(s->owners, frame->speaker.owner, place->index - before);
    return status;
}

static enum gh_status service_frames(struct gh_service *s, size_t *frames,
                                     struct gh_error *error)
{
    struct gh_intake_frame frame;
    enum gh_status status = GH_OK;
    while (status == GH_OK && gh_intake_next(s->intake, &frame)) {
        status = service_frame(s, &frame, error);
        ++*frames;
    }
    return status;
}

/* Takes what is there, up to what may be held at once, keeps it and judges it. */
static enum gh_status service_batch(struct gh_service *s, size_t *frames,
                                    struct gh_error *error)
{
    const uint64_t start_ns = gh_clock_ns(), taken = gh_service_taken(s);
    *frames = 0;
    enum gh_status status = service_frames(s, frames, error);
    if (status == GH_OK)
        status = gh_service_profiles(s, frames, error);
    if (status == GH_OK)
        status = gh_service_hands(s, frames, error);
    if (status == GH_OK && s->durable)
        status = gh_service_batches(s, frames, error);
    if (status == GH_OK)
        status = gh_pipeline_flush(s->pipeline, error);
    if (status == GH_OK && s->durable)
        status = gh_service_keep(s, &(struct gh_keeping){.count = 0}, error);
    if (status == GH_OK)
        status = gh_service_publish(s, error);
    if (status == GH_OK && s->durable)
        gh_durable_committed(s->durable);
    if (status == GH_OK)
        gh_handover_tell(s->http->handover);
    gh_intake_release(s->intake);
    if (s->durable)
        gh_durable_release(s->durable);
    if (*frames > 0) {
        s->frame_ms = gh_clock_ms();
        gh_service_metrics_batch(s, gh_service_taken(s) - taken, start_ns);
    }
    return status;
}

static bool service_idle(const struct gh_service *s)
{
    return s->exit_after_idle_ms > 0 && s->frame_ms >= 0 &&
           gh_clock_ms() - s->frame_ms >= s->exit_after_idle_ms;
}

static void service_wait(struct gh_service *s)
{
    void *const socket[] = {gh_intake_socket(s->intake, GH_INTAKE_PULL),
                            gh_intake_socket(s->intake, GH_INTAKE_SUB),
                            gh_publisher_socket(s->publisher),
                            s->durable ? gh_durable_socket(s->durable) : NULL,
                            s->replay ? gh_replay_socket(s->replay) : NULL,
                            s->settings->control ? gh_control_socket(s->settings->control)
                                                 : NULL};
    const bool keys = s->guard.ring && s->keys_ms < s->beat_ms;
    const int64_t next_ms = gh_notify_due_ms(&s->notify, keys ? s->keys_ms : s->beat_ms);
    const int64_t due_ms = next_ms - gh_clock_ms();
    const int fd[] = {s->signals, gh_handover_fd(s->http->handover)};
    gh_socket_wait_all(socket, 6, fd, 2, due_ms > 0 ? due_ms : 0);
}

static enum gh_status service_serve(struct gh_service *s, struct gh_error *error)
{
    enum gh_status status = GH_OK;
    size_t frames = 0;
    while (status == GH_OK && !gh_service_signalled(s) && !service_idle(s)) {
        if (frames == 0)
            service_flush(s);
        service_wait(s);
        status = service_batch(s, &frames, error);
        if (status == GH_OK)
            status = service_between(s, error);
        gh_service_clock(s);
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
           !gh_service_signalled(s)) {
        status = service_batch(s, &frames, error);
        if (status == GH_OK)
            status = service_between(s, error);
        gh_service_clock(s);
        if (frames == 0 && gh_socket_wait(socket, 2, -1, SERVICE_QUIET_MS))
            frames = 1;
    }
    return status;
}

enum gh_status gh_service_run(struct gh_service *service, struct gh_error *error)
{
    struct gh_service *s = service;
    gh_handover_open(s->http->handover);
    gh_notify_ready(&s->notify, taking);
    enum gh_status status = service_serve(s, error);
    s->ending = true;
    gh_notify_stopping(&s->notify);
    gh_handover_close(s->http->handover);
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
        status = gh_service_publish(s, error);
    s->clean = status == GH_OK;
    service_beat(s);
    service_flush(s);
    return status;
}
