/* sinks_open.c - how the sinks begin, change and end; see sinks.h. */
#include "edge/sinks/sinks_inside.h"

#include "edge/clock.h"
#include "edge/threads.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A sink that is new begins with what comes; one that is ahead of the ledger was written beside
 * another one. */
enum gh_status gh_lane_find(struct gh_sinks *s, struct gh_lane *lane, uint64_t newest,
                            struct gh_error *error)
{
    struct gh_sink_counts *counts = &lane->sink.counts;
    const struct gh_text name = {counts->name, (uint32_t)strlen(counts->name)};
    bool known;
    enum gh_status status =
        gh_delivered_find(s->delivered, name, &counts->position, &known, error);

    if (status == GH_OK && known && counts->position > newest)
        gh_lane_say(lane, "sinks.db is ahead of the ledger: it goes on with what comes");
    if (status == GH_OK && (!known || counts->position > newest)) {
        counts->position = newest;
        status = gh_delivered_set(s->delivered, name, newest, error);
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
    for (size_t i = 0; i < s->now->count && status == GH_OK; i++) {
        status = gh_lane_find(s, &s->now->lane[i], s->newest, error);
        s->counts.sink[i] = s->now->lane[i].sink.counts;
    }
    s->counts.count = s->now->count;
    return status;
}

/* `lanes` NULL: there was no memory for them. */
static enum gh_status lanes_set_up(struct gh_lanes *lanes,
                                   const struct gh_sinks_options *options, const char *source,
                                   struct gh_error *error)
{
    struct gh_sink *sink = calloc(GH_SINKS_MAX, sizeof *sink);

    if (!sink || !lanes) {
        free(sink);
        return gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    }
    const enum gh_status status = gh_sink_setup(sink, &lanes->count, options, error);
    for (size_t i = 0; i < lanes->count; i++) {
        lanes->lane[i].sink = sink[i];
        lanes->lane[i].sink.source = source;
    }
    free(sink);
    return status;
}

void gh_lanes_free(struct gh_lanes *lanes)
{
    for (size_t i = 0; lanes && i < lanes->count; i++)
        gh_sink_wipe(&lanes->lane[i].sink);
    free(lanes);
}

enum gh_status gh_sinks_reload(struct gh_sinks *sinks, struct gh_error *error)
{
    struct gh_sinks *s = sinks;
    struct gh_lanes *next = calloc(1, sizeof *next);
    const enum gh_status status = lanes_set_up(next, &s->options, s->source, error);

    if (status != GH_OK) {
        gh_lanes_free(next);
        return status;
    }
    gh_threads_must(pthread_mutex_lock(&s->lock));
    struct gh_lanes *overtaken = s->next;
    s->next = next;
    gh_threads_must(pthread_mutex_unlock(&s->lock));
    gh_lanes_free(overtaken);
    curl_multi_wakeup(s->multi);
    return GH_OK;
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
    s->now = calloc(1, sizeof *s->now);
    enum gh_status status = GH_OK;
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !s->source ||
        !(s->multi = curl_multi_init()))
        status = gh_error_set(error, GH_EMEMORY, "sinks: out of memory");
    if (status == GH_OK)
        status = lanes_set_up(s->now, &s->options, s->source, error);
    if (status == GH_OK)
        status = sinks_open(s, folder, error);
    if (status == GH_OK && gh_threads_start(&s->thread, 1, gh_sinks_serve, s) == 0)
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
    for (size_t i = 0; s->now && i < s->now->count; i++)
        gh_lane_clear(s, &s->now->lane[i]);
    gh_lanes_free(s->now);
    gh_lanes_free(s->next);
    curl_multi_cleanup(s->multi);
    gh_ledger_close(s->ledger);
    gh_delivered_close(s->delivered);
    gh_threads_must(pthread_mutex_destroy(&s->lock));
    free(s->source);
    free(s);
}
