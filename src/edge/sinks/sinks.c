/* sinks.c - the thread that serves all sinks; see sinks.h. */
#include "edge/sinks/sinks.h"

#include "base/hash.h"
#include "edge/clock.h"
#include "edge/operate/note.h"
#include "edge/sinks/post.h"
#include "edge/threads.h"
#include "store/delivered.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINKS_IDLE_MS = 60000, SINKS_END_MS = 2000, STORE_PAUSE_MS = 1000 };

/* What is under way for one sink. */
struct lane {
    struct gh_sink sink;
    struct gh_parcel parcel;
    struct gh_post *post; /* NULL: nothing is */
    int64_t retry_ms;     /* after a failure: not before */
    uint64_t seen;        /* newest alert when it was last planned */
    bool told;            /* that it fails */
};

struct gh_sinks {
    struct gh_sinks_options options;
    char *source;
    CURLM *multi;
    struct gh_ledger *ledger;
    struct gh_delivered *delivered;
    struct lane lane[GH_SINKS_MAX];
    size_t count;
    uint64_t lot;
    bool store_told; /* that sinks.db takes nothing */
    pthread_t thread;
    bool started;

    /* --- shared: under the lock --- */
    pthread_mutex_t lock;
    uint64_t newest;
    bool ending;
    struct gh_sinks_counts counts;
};

static struct gh_text text_of(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

static void sinks_say(const struct lane *lane, const char *what)
{
    gh_note(GH_NOTE_sink, "sinks: %s: %s", lane->sink.counts.name, what);
}

static void lane_clear(struct gh_sinks *s, struct lane *lane)
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
static void store_judge(struct gh_sinks *s, struct lane *lane, enum gh_status status,
                        const struct gh_error *error)
{
    lane->sink.moved = status != GH_OK;
    if (status != GH_OK && !s->store_told)
        gh_note(GH_NOTE_sinks_store,
                "sinks: %s: what has been told may be told again after an end", error->text);
    s->store_told = status != GH_OK;
}

static void position_keep(struct gh_sinks *s, struct lane *lane)
{
    struct gh_error error = {0};
    const enum gh_status status = gh_delivered_set(
        s->delivered, text_of(lane->sink.counts.name), lane->sink.counts.position, &error);
    store_judge(s, lane, status, &error);
}

static void refusal_keep(struct gh_sinks *s, struct lane *lane, const struct gh_posted *posted)
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
static void lane_count(struct lane *lane, bool taken)
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

static void lane_taken(struct gh_sinks *s, struct lane *lane)
{
    struct gh_sink *sink = &lane->sink;

    lane_count(lane, true);
    sink->spent++;
    sink->failures = 0;
    trouble_set(sink, "");
    if (lane->told)
        sinks_say(lane, "takes messages again");
    lane->told = false;
    if (lane->parcel.refresh)
        memcpy(sink->cursor, lane->parcel.cursor, sizeof sink->cursor);
    else
        position_keep(s, lane);
}

static void lane_trouble(struct lane *lane, const struct gh_posted *posted, const char *what)
{
    char line[GH_SINK_TROUBLE_SIZE + 64];

    trouble_set(&lane->sink, posted->why);
    snprintf(line, sizeof line, "%s: %s", posted->why, what);
    if (!lane->told)
        sinks_say(lane, line);
    lane->told = true;
}

/* One alert in a batch may be what is refused: then each goes alone. */
static void lane_refused(struct gh_sinks *s, struct lane *lane, const struct gh_posted *posted)
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

static void lane_later(struct gh_sinks *s, struct lane *lane, const struct gh_posted *posted)
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

static void lane_finish(struct gh_sinks *s, struct lane *lane, CURLcode result)
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
    lane_clear(s, lane);
}

static void lane_begin(struct gh_sinks *s, struct lane *lane, const struct gh_now *now)
{
    lane->post = gh_post_new(&lane->sink, &lane->parcel, now->wall_ms);
    if (lane->post && curl_multi_add_handle(s->multi, gh_post_easy(lane->post)) == CURLM_OK)
        return;
    gh_post_free(lane->post);
    lane->post = NULL;
    lane_clear(s, lane);
    trouble_set(&lane->sink, "out of memory");
    lane->retry_ms = now->ms + STORE_PAUSE_MS;
}

static void lane_turn(struct gh_sinks *s, struct lane *lane, const struct gh_now *now)
{
    struct gh_sink *sink = &lane->sink;
    struct gh_error error = {0};
    const bool news = now->newest > lane->seen;

    if (lane->post || now->ms < lane->retry_ms || (now->ms < sink->wait_ms && !news))
        return;
    lane->seen = now->newest;
    if (gh_sink_plan(sink, s->ledger, now, &lane->parcel, &error) != GH_OK) {
        lane_clear(s, lane);
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
        for (size_t i = 0; i < s->count && message->msg == CURLMSG_DONE; i++)
            if (s->lane[i].post && gh_post_easy(s->lane[i].post) == message->easy_handle) {
                lane_finish(s, &s->lane[i], message->data.result);
                break;
            }
}

/* Milliseconds until something is due; what arrives wakes us before. */
static int sinks_pause(const struct gh_sinks *s, int64_t now_ms)
{
    int64_t pause_ms = SINKS_IDLE_MS;

    for (size_t i = 0; i < s->count; i++) {
        const struct lane *lane = &s->lane[i];
        const int64_t due_ms =
            lane->sink.wait_ms > lane->retry_ms ? lane->sink.wait_ms : lane->retry_ms;
        if (!lane->post && due_ms - now_ms < pause_ms)
            pause_ms = due_ms - now_ms;
    }
    return pause_ms > 0 ? (int)pause_ms : 0;
}

static bool sinks_busy(const struct gh_sinks *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->lane[i].post)
            return true;
    return false;
}

/* What is new; false: it is time to end. */
static bool sinks_news(struct gh_sinks *s, struct gh_now *now)
{
    gh_threads_must(pthread_mutex_lock(&s->lock));
    *now = (struct gh_now){gh_clock_ms(), gh_clock_wall_ms(), s->newest};
    const bool on = !s->ending;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
    return on;
}

/* What has become of it, for whoever asks while this thread waits. */
static void sinks_show(struct gh_sinks *s)
{
    gh_threads_must(pthread_mutex_lock(&s->lock));
    for (size_t i = 0; i < s->count; i++)
        s->counts.sink[i] = s->lane[i].sink.counts;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
}

static void *sinks_serve(void *context)
{
    struct gh_sinks *s = context;
    struct gh_now now;
    int running;

    while (sinks_news(s, &now)) {
        for (size_t i = 0; i < s->count; i++)
            lane_turn(s, &s->lane[i], &now);
        curl_multi_perform(s->multi, &running);
        sinks_performed(s);
        sinks_show(s);
        curl_multi_poll(s->multi, NULL, 0, sinks_pause(s, gh_clock_ms()), NULL);
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

/* A sink that is new begins with what comes; one that is ahead of the ledger was written beside
 * another one. */
static enum gh_status position_find(struct gh_sinks *s, struct lane *lane,
                                    struct gh_error *error)
{
    struct gh_sink_counts *counts = &lane->sink.counts;
    bool known;
    enum gh_status status = gh_delivered_find(s->delivered, text_of(counts->name),
                                              &counts->position, &known, error);

    if (status == GH_OK && known && counts->position > s->newest)
        sinks_say(lane, "sinks.db is ahead of the ledger: it goes on with what comes");
    if (status == GH_OK && (!known || counts->position > s->newest)) {
        counts->position = s->newest;
        status = gh_delivered_set(s->delivered, text_of(counts->name), s->newest, error);
    }
    return status;
}

static enum gh_status sinks_open(struct gh_sinks *s, const char *folder, struct gh_error *error)
{
    struct gh_ledger_counts counts;
    enum gh_status status = gh_delivered_open(&s->delivered, folder, error);

    if (status == GH_OK)
        status = gh_ledger_open_reader(&s->ledger, folder, NULL, error);
    if (status == GH_OK)
        status = gh_ledger_counts(s->ledger, &counts, error);
    if (status == GH_OK)
        s->newest = counts.newest;
    for (size_t i = 0; i < s->count && status == GH_OK; i++) {
        status = position_find(s, &s->lane[i], error);
        s->counts.sink[i] = s->lane[i].sink.counts;
    }
    s->counts.count = s->count;
    return status;
}

static enum gh_status lanes_set_up(struct lane *lane, size_t *count,
                                   const struct gh_sinks_options *options, const char *source,
                                   struct gh_error *error)
{
    struct gh_sink sink[GH_SINKS_MAX] = {{.url = NULL}};

    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    const enum gh_status status = gh_sink_setup(sink, count, options, error);
    for (size_t i = 0; i < *count; i++) {
        lane[i].sink = sink[i];
        lane[i].sink.source = source;
    }
    return status;
}

enum gh_status gh_sinks_new(struct gh_sinks **sinks, const struct gh_sinks_options *options,
                            const char *folder, const char *source, struct gh_error *error)
{
    if (!folder[0])
        return gh_error_set(error, GH_ECONFIG,
                            "sinks: store.folder is empty: a sink tells what the ledger holds, "
                            "so it needs one");
    struct gh_sinks *s = calloc(1, sizeof *s);
    if (!s)
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    gh_threads_must(pthread_mutex_init(&s->lock, NULL));
    s->options = *options;
    s->lot = gh_clock_ns();
    s->source = strdup(source);
    s->multi = curl_multi_init();
    enum gh_status status =
        s->source && s->multi ? lanes_set_up(s->lane, &s->count, &s->options, s->source, error)
                              : gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    if (status == GH_OK)
        status = sinks_open(s, folder, error);
    if (status == GH_OK && gh_threads_start(&s->thread, 1, sinks_serve, s) == 0)
        status = gh_error_set(error, GH_EMEMORY, "sinks: no thread can be started");
    s->started = status == GH_OK;
    if (status == GH_OK)
        *sinks = s;
    else
        gh_sinks_free(s);
    return status;
}

void gh_sinks_free(struct gh_sinks *sinks)
{
    struct gh_sinks *s = sinks;

    if (!s)
        return;
    if (s->started) {
        gh_threads_must(pthread_mutex_lock(&s->lock));
        s->ending = true;
        gh_threads_must(pthread_mutex_unlock(&s->lock));
        curl_multi_wakeup(s->multi);
        gh_threads_must(pthread_join(s->thread, NULL));
    }
    for (size_t i = 0; i < s->count; i++) {
        lane_clear(s, &s->lane[i]);
        gh_sink_wipe(&s->lane[i].sink);
    }
    curl_multi_cleanup(s->multi);
    gh_ledger_close(s->ledger);
    gh_delivered_close(s->delivered);
    gh_threads_must(pthread_mutex_destroy(&s->lock));
    free(s->source);
    free(s);
}
