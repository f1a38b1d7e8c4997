/* sinks.c - the thread that serves all sinks; see sinks.h. */
#include "edge/sinks/sinks_inside.h"

#include "base/hash.h"
#include "edge/clock.h"
#include "edge/operate/note.h"
#include "edge/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINKS_IDLE_MS = 60000, SINKS_END_MS = 2000, STORE_PAUSE_MS = 1000 };

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

void gh_lane_say(const struct gh_lane *lane, const char *what)
{
    gh_note(GH_NOTE_sink, "sinks: %s: %s", lane->sink.counts.name, what);
}

void gh_lane_clear(struct gh_sinks *s, struct gh_lane *lane)
{
    if (lane->post)
        curl_multi_remove_handle(s->multi, gh_post_easy(lane->post));
    gh_post_free(lane->post);
    free(lane->parcel.body);
    lane->post = NULL;
    lane->parcel = (struct gh_parcel){.body = NULL};
}

static void trouble_set(struct gh_sink *sink, const char *what)
{
    snprintf(sink->counts.trouble, sizeof sink->counts.trouble, "%.*s",
             (int)sizeof sink->counts.trouble - 1, what);
}

/* What the disk does not take now is written with the next move, or told again after an end. */
static void store_judge(struct gh_sinks *s, struct gh_lane *lane, enum gh_status status,
                        const struct gh_error *error)
{
    lane->sink.moved = status != GH_OK;
    if (status != GH_OK && !s->store_told)
        gh_note(GH_NOTE_sinks_store,
                "sinks: %s: what has been told may be told again after an end", error->text);
    s->store_told = status != GH_OK;
}

static void position_keep(struct gh_sinks *s, struct gh_lane *lane)
{
    struct gh_error error = {0};
    const enum gh_status status = gh_delivered_set(
        s->delivered, text_of(lane->sink.counts.name), lane->sink.counts.position, &error);
    store_judge(s, lane, status, &error);
}

static void refusal_keep(struct gh_sinks *s, struct gh_lane *lane,
                         const struct gh_posted *posted)
{
    struct gh_error error = {0};
    const struct gh_set_aside aside = {.sink = text_of(lane->sink.counts.name),
                                       .first = lane->parcel.first,
                                       .last = lane->parcel.last,
                                       .code = posted->code,
                                       .time_ms = gh_clock_wall_ms(),
                                       .reason = text_of(posted->answer)};
    store_judge(s, lane, gh_delivered_refuse(s->delivered, &aside, &error), &error);
}

/* The parcel has been dealt with: taken or refused. */
static void lane_count(struct gh_lane *lane, bool taken)
{
    const struct gh_parcel *parcel = &lane->parcel;
    struct gh_sink_counts *counts = &lane->sink.counts;

    counts->messages += taken;
    if (parcel->refresh)
        return;
    counts->told += taken ? parcel->told : 0;
    counts->refused += taken ? 0 : parcel->told;
    counts->collapsed += parcel->collapsed;
    counts->filtered += parcel->filtered;
    counts->unknown += parcel->unknown;
    counts->unreadable += parcel->unreadable;
    counts->position = parcel->last;
}

static void lane_taken(struct gh_sinks *s, struct gh_lane *lane)
{
    struct gh_sink *sink = &lane->sink;

    lane_count(lane, true);
    sink->spent++;
    sink->failures = 0;
    trouble_set(sink, "");
    if (lane->told)
        gh_lane_say(lane, "takes messages again");
    lane->told = false;
    if (lane->parcel.refresh)
        memcpy(sink->cursor, lane->parcel.cursor, sizeof sink->cursor);
    else
        position_keep(s, lane);
}

static void lane_trouble(struct gh_lane *lane, const struct gh_posted *posted, const char *what)
{
    char line[GH_SINK_TROUBLE_SIZE + 64];

    trouble_set(&lane->sink, posted->why);
    snprintf(line, sizeof line, "%s: %s", posted->why, what);
    if (!lane->told)
        gh_lane_say(lane, line);
    lane->told = true;
}

/* One alert in a batch may be what is refused: then each goes alone. */
static void lane_refused(struct gh_sinks *s, struct gh_lane *lane,
                         const struct gh_posted *posted)
{
    struct gh_sink *sink = &lane->sink;

    lane_trouble(lane, posted, "what is refused is set aside, the rest goes on");
    sink->spent++;
    sink->failures = 0;
    if (lane->parcel.refresh) {
        memcpy(sink->cursor, lane->parcel.cursor, sizeof sink->cursor);
        sink->counts.retried++;
    } else if (sink->kind == GH_SINK_ALERTMANAGER && lane->parcel.told > 1) {
        sink->careful = lane->parcel.last;
        sink->counts.retried++;
    } else {
        lane_count(lane, false);
        refusal_keep(s, lane, posted);
    }
}

static void lane_later(struct gh_sinks *s, struct gh_lane *lane, const struct gh_posted *posted)
{
    struct gh_sink *sink = &lane->sink;

    lane_trouble(lane, posted, "it is tried again until it is taken");
    sink->failures++;
    sink->counts.retried++;
    if (lane->parcel.refresh)
        sink->refresh_ms = 0;
    s->lot = gh_hash_pair(s->lot, gh_clock_ns());
    lane->retry_ms = gh_clock_ms() + gh_sink_pause_ms(sink->failures, s->options.retry_max,
                                                      posted->asked_s, s->lot);
}

static void lane_finish(struct gh_sinks *s, struct gh_lane *lane, CURLcode result)
{
    struct gh_posted posted;

    gh_post_judge(lane->post, result, &posted);
    lane->sink.wait_ms = 0;
    switch (posted.outcome) {
    case GH_POST_TAKEN:
        lane_taken(s, lane);
        break;
    case GH_POST_LATER:
        lane_later(s, lane, &posted);
        break;
    case GH_POST_REFUSED:
        lane_refused(s, lane, &posted);
        break;
    }
    gh_lane_clear(s, lane);
}

static void lane_begin(struct gh_sinks *s, struct gh_lane *lane, const struct gh_now *now)
{
    lane->post = gh_post_new(&lane->sink, &lane->parcel, now->wall_ms);
    if (lane->post && curl_multi_add_handle(s->multi, gh_post_easy(lane->post)) == CURLM_OK)
        return;
    gh_post_free(lane->post);
    lane->post = NULL;
    gh_lane_clear(s, lane);
    trouble_set(&lane->sink, "out of memory");
    lane->retry_ms = now->ms + STORE_PAUSE_MS;
}

static void lane_turn(struct gh_sinks *s, struct gh_lane *lane, const struct gh_now *now)
{
    struct gh_sink *sink = &lane->sink;
    struct gh_error error = {0};
    const bool news = now->newest > lane->seen;

    if (lane->post || now->ms < lane->retry_ms || (now->ms < sink->wait_ms && !news))
        return;
    lane->seen = now->newest;
    if (gh_sink_plan(sink, s->ledger, now, &lane->parcel, &error) != GH_OK) {
        gh_lane_clear(s, lane);
        trouble_set(sink, error.text);
        sink->wait_ms = lane->retry_ms = now->ms + STORE_PAUSE_MS;
    } else if (lane->parcel.body) {
        lane_begin(s, lane, now);
    } else if (sink->moved) {
        position_keep(s, lane);
    }
}

static void sinks_performed(struct gh_sinks *s)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(s->multi, &left)))
        for (size_t i = 0; i < s->now->count && message->msg == CURLMSG_DONE; i++)
            if (s->now->lane[i].post &&
                gh_post_easy(s->now->lane[i].post) == message->easy_handle) {
                lane_finish(s, &s->now->lane[i], message->data.result);
                break;
            }
}

/* Milliseconds until something is due; what arrives wakes us before. */
static int sinks_pause(const struct gh_sinks *s, int64_t now_ms)
{
    int64_t pause_ms = SINKS_IDLE_MS;

    for (size_t i = 0; i < s->now->count; i++) {
        const struct gh_lane *lane = &s->now->lane[i];
        const int64_t due_ms =
            lane->sink.wait_ms > lane->retry_ms ? lane->sink.wait_ms : lane->retry_ms;
        if (!lane->post && due_ms - now_ms < pause_ms)
            pause_ms = due_ms - now_ms;
    }
    return pause_ms > 0 ? (int)pause_ms : 0;
}

static bool sinks_busy(const struct gh_sinks *s)
{
    for (size_t i = 0; i < s->now->count; i++)
        if (s->now->lane[i].post)
            return true;
    return false;
}

/* What is new; false: it is time to end. */
static bool sinks_news(struct gh_sinks *s, struct gh_now *now, bool *changes)
{
    gh_threads_must(pthread_mutex_lock(&s->lock));
    *now = (struct gh_now){gh_clock_ms(), gh_clock_wall_ms(), s->newest};
    *changes = s->next != NULL;
    const bool on = !s->ending;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
    return on;
}

/* What it is told stays, where it is goes on; whatever failed before is tried at once. */
static void lane_go_on(struct gh_lane *next, const struct gh_lane *before)
{
    const struct gh_sink *from = &before->sink;
    struct gh_sink *to = &next->sink;

    to->counts = from->counts;
    to->moved = from->moved;
    to->horizon = from->horizon;
    to->due_ms = from->due_ms;
    to->careful = from->careful;
    to->minute_ms = from->minute_ms;
    to->spent = from->spent;
    to->refresh_ms = from->refresh_ms;
    memcpy(to->cursor, from->cursor, sizeof to->cursor);
    next->told = before->told;
}

static void lane_begun(struct gh_sinks *s, struct gh_lane *next, uint64_t newest)
{
    struct gh_error error = {0};

    for (size_t i = 0; i < s->now->count; i++)
        if (!strcmp(s->now->lane[i].sink.counts.name, next->sink.counts.name)) {
            lane_go_on(next, &s->now->lane[i]);
            return;
        }
    if (gh_lane_find(s, next, newest, &error) == GH_OK)
        return;
    next->sink.counts.position = newest;
    store_judge(s, next, error.status, &error);
}

/* While nothing is under way. */
static void sinks_change(struct gh_sinks *s, uint64_t newest)
{
    gh_threads_must(pthread_mutex_lock(&s->lock));
    struct gh_lanes *next = s->next;
    s->next = NULL;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
    for (size_t i = 0; i < next->count; i++)
        lane_begun(s, &next->lane[i], newest);
    gh_lanes_free(s->now);
    s->now = next;
}

/* What has become of it, for whoever asks while this thread waits. */
static void sinks_show(struct gh_sinks *s)
{
    gh_threads_must(pthread_mutex_lock(&s->lock));
    s->counts.count = s->now->count;
    for (size_t i = 0; i < s->now->count; i++)
        s->counts.sink[i] = s->now->lane[i].sink.counts;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
}

void *gh_sinks_serve(void *context)
{
    struct gh_sinks *s = context;
    struct gh_now now;
    bool changes;
    int running;

    while (sinks_news(s, &now, &changes)) {
        if (changes && !sinks_busy(s)) {
            sinks_change(s, now.newest);
            changes = false;
        }
        for (size_t i = 0; i < s->now->count && !changes; i++)
            lane_turn(s, &s->now->lane[i], &now);
        curl_multi_perform(s->multi, &running);
        sinks_performed(s);
        sinks_show(s);
        curl_multi_poll(s->multi, NULL, 0,
                        changes ? SINKS_IDLE_MS : sinks_pause(s, gh_clock_ms()), NULL);
    }
    const int64_t end_ms = now.ms + SINKS_END_MS;
    while (sinks_busy(s) && gh_clock_ms() < end_ms) {
        curl_multi_perform(s->multi, &running);
        sinks_performed(s);
        if (sinks_busy(s))
            curl_multi_poll(s->multi, NULL, 0, (int)(end_ms - gh_clock_ms()), NULL);
    }
    return NULL;
}

void gh_sinks_tell(struct gh_sinks *sinks, uint64_t newest)
{
    gh_threads_must(pthread_mutex_lock(&sinks->lock));
    const bool news = newest > sinks->newest;
    sinks->newest = news ? newest : sinks->newest;
    gh_threads_must(pthread_mutex_unlock(&sinks->lock));
    if (news)
        curl_multi_wakeup(sinks->multi);
}

void gh_sinks_counts(struct gh_sinks *sinks, struct gh_sinks_counts *counts)
{
    gh_threads_must(pthread_mutex_lock(&sinks->lock));
    *counts = sinks->counts;
    for (size_t i = 0; i < counts->count; i++) {
        struct gh_sink_counts *sink = &counts->sink[i];
        sink->waiting = sinks->newest > sink->position ? sinks->newest - sink->position : 0;
    }
    gh_threads_must(pthread_mutex_unlock(&sinks->lock));
}
