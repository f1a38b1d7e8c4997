/* cmd_watch.c - `goodhart watch`: alerts of a running service, for people and machines. */
#include "app/alert_view.h"
#include "app/client.h"
#include "app/signals.h"
#include "app/terminal.h"
#include "base/hash.h"
#include "edge/clock.h"
#include "edge/edge_options.h"
#include "edge/replay_client.h"
#include "edge/subscription.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* An alert comes once per topic that is asked for; copies follow each other closely. */
enum { WATCH_RECENT = 4096, WATCH_STEP_MS = 1000, WATCH_SILENCE_BEATS = 5 };
/* How long an answer about missed alerts may take, and how long not to ask after none came. */
enum { WATCH_ANSWER_MS = 3000, WATCH_SULK_MS = 60000 };

struct watch {
    struct gh_subscription *subscription;
    const char *endpoint;
    bool json, coloured;
    uint64_t count;   /* alerts to show; 0: no limit */
    int64_t idle_ms;  /* 0: never ends by itself */
    int64_t quiet_ms; /* without any message: the service is gone */
    int signals;

    struct gh_replay_client *replay;
    uint64_t complete; /* all alerts up to this one have been shown, or cannot be had */
    bool since, whole; /* since: from `complete` on, though nobody listened then */
    bool answered;     /* somebody was asked and did */
    int64_t ask_ms;    /* no question before this time */
    uint64_t fetched;  /* missed at first, then shown */

    struct gh_follower follower;
    struct gh_alert_sum *sum; /* NULL: not asked for */
    uint64_t shown, missed, strange, actors;
    int64_t heard_ms, alert_ms; /* last message; last alert, or the first message */
    bool heard, silent;
    uint64_t recent[WATCH_RECENT]; /* hashes of the ids shown last, a ring */
};

static bool watch_seen(struct watch *w, const char *id)
{
    const uint64_t hash = gh_hash_pair(gh_hash(id, strlen(id)), 1); /* never 0 */
    for (size_t i = 0; i < WATCH_RECENT; i++) {
        if (w->recent[i] == hash)
            return true;
    }
    w->recent[w->shown % WATCH_RECENT] = hash;
    return false;
}

/* How many actors there are, so that the summary can give a share. */
static void watch_beat(struct watch *w, const struct gh_message *message)
{
    json_t *beat = json_loadb(message->body.at, message->body.size, 0, NULL);
    const json_int_t actors = json_integer_value(json_object_get(beat, "actors"));
    if (actors > 0)
        w->actors = (uint64_t)actors;
    json_decref(beat);
}

static void watch_alert(struct watch *w, const struct gh_message *message, int64_t now_ms)
{
    struct gh_alert_body *body = NULL;
    struct gh_alert_view view;
    if (!gh_alert_view_read(&body, &view, message->body)) {
        if (w->strange++ == 0)
            fprintf(stderr, "goodhart watch: a message that is no alert; later ones are "
                            "counted only\n");
        return;
    }
    w->alert_ms = now_ms;
    if (!watch_seen(w, view.id)) {
        w->shown++;
        if (w->json) {
            gh_terminal_json(stdout, message->body);
            putchar('\n');
        } else {
            gh_alert_view_print(&view, stdout, w->coloured);
        }
        if (w->sum)
            gh_alert_sum_add(w->sum, &view);
    }
    gh_alert_view_free(body);
}

/* --- what was missed --- */

static void watch_fetched(void *context, uint64_t sequence, struct gh_text body)
{
    struct watch *w = context;
    const uint64_t before = w->shown;
    if (w->count > 0 && w->shown >= w->count)
        return;
    watch_alert(w, &(struct gh_message){.body = body, .sequence = sequence}, gh_clock_ms());
    w->fetched += w->shown - before;
}

/* Shows all up to this one that has not been shown. False: it cannot be had, which matters
 * only where something is known to be missing: many a service keeps nothing. */
static bool watch_fetch(struct watch *w, uint64_t until, bool missing)
{
    const struct gh_replay_wish wish = {until, WATCH_ANSWER_MS, watch_fetched, w};
    struct gh_error error = {0};
    uint64_t oldest = 0;
    const uint64_t since = w->complete;
    if (!w->replay || gh_clock_ms() < w->ask_ms)
        return false;
    if (gh_replay_client_fetch(w->replay, &w->complete, &wish, &oldest, &error) == GH_OK) {
        if (oldest > since + 1)
            fprintf(stderr, "goodhart watch: alerts before %" PRIu64 " are no longer kept\n",
                    oldest);
        w->answered = true;
        return true;
    }
    w->ask_ms = INT64_MAX;
    if (!missing && !w->answered)
        return false;
    fprintf(stderr, "goodhart watch: what was missed cannot be had: %s\n", error.text);
    w->ask_ms = gh_clock_ms() + WATCH_SULK_MS;
    return false;
}

static void watch_gap(struct watch *w, uint64_t missed, uint64_t until)
{
    const uint64_t before = w->fetched;
    if (watch_fetch(w, until, true)) {
        fprintf(stderr,
                "goodhart watch: %" PRIu64 " alerts were missed and have been fetched\n",
                w->fetched - before);
        return;
    }
    w->missed += missed;
    fprintf(stderr,
            "goodhart watch: gap: %" PRIu64 " alerts were lost on the way, up to %" PRIu64 "\n",
            missed, until);
}

/* `newest`: of all alerts before this message. */
static void watch_first(struct watch *w, uint64_t newest)
{
    fprintf(stderr, "goodhart watch: connected to %s; published before: %" PRIu64 "\n",
            w->endpoint, newest);
    if (!w->since)
        w->complete = newest;
    else
        (void)watch_fetch(w, newest, true);
}

static void watch_follow(struct watch *w, const struct gh_message *message)
{
    uint64_t missed;
    const uint64_t newest = message->sequence - !message->heartbeat;
    switch (gh_follow(&w->follower, message->sequence, message->heartbeat, &missed)) {
    case GH_FOLLOWED_IN_ORDER:
        break;
    case GH_FOLLOWED_FIRST:
        watch_first(w, missed);
        break;
    case GH_FOLLOWED_GAP:
        watch_gap(w, missed, newest);
        break;
    case GH_FOLLOWED_RESTART:
        w->complete = missed;
        fprintf(stderr,
                "goodhart watch: the service began anew; published before: %" PRIu64 "\n",
                missed);
        break;
    }
    /* Of some topics alone, numbers do not tell whether one was lost: so ask. */
    if (!w->whole && message->heartbeat && newest > w->complete)
        (void)watch_fetch(w, newest, false);
    if (w->whole && message->sequence > w->complete)
        w->complete = message->sequence;
}

static void watch_message(struct watch *w, const struct gh_message *message)
{
    const int64_t now_ms = gh_clock_ms();
    if (w->silent)
        fprintf(stderr, "goodhart watch: %s is heard again\n", w->endpoint);
    if (!w->heard)
        w->alert_ms = now_ms;
    w->heard = true;
    w->silent = false;
    w->heard_ms = now_ms;
    watch_follow(w, message);
    if (message->heartbeat)
        watch_beat(w, message);
    else
        watch_alert(w, message, now_ms);
}

static bool watch_done(const struct watch *w)
{
    return (w->count > 0 && w->shown >= w->count) ||
           (w->idle_ms > 0 && w->heard && gh_clock_ms() - w->alert_ms >= w->idle_ms) ||
           ferror(stdout);
}

/* Told once when it starts. */
static void watch_silence(struct watch *w)
{
    if (!w->silent && gh_clock_ms() - w->heard_ms >= w->quiet_ms) {
        fprintf(stderr, "goodhart watch: nothing is heard from %s: waiting\n", w->endpoint);
        w->silent = true;
    }
}

/* Until the next thing to look after; never negative, which would mean for ever. */
static int64_t watch_step_ms(const struct watch *w)
{
    int64_t left_ms = WATCH_STEP_MS;
    if (w->idle_ms > 0 && w->heard)
        left_ms = w->alert_ms + w->idle_ms - gh_clock_ms();
    if (left_ms > WATCH_STEP_MS)
        return WATCH_STEP_MS;
    return left_ms > 0 ? left_ms : 0;
}

static enum gh_status watch_loop(struct watch *w, struct gh_error *error)
{
    void *const socket[] = {gh_subscription_socket(w->subscription)};
    struct gh_message message;
    enum gh_status status = GH_OK;
    w->heard_ms = gh_clock_ms();
    while (status == GH_OK && !watch_done(w) && !gh_signals_take(w->signals)) {
        gh_socket_wait(socket, 1, w->signals, watch_step_ms(w));
        while (!(w->count > 0 && w->shown >= w->count) &&
               gh_subscription_next(w->subscription, &message))
            watch_message(w, &message);
        fflush(stdout);
        watch_silence(w);
        status = gh_subscription_check(w->subscription, error);
    }
    return status;
}

/* Every alert is wanted when one of the prefixes covers "alert/". */
static bool topics_whole(const char *const *topic, size_t count)
{
    bool whole = false;
    for (size_t i = 0; i < count; i++)
        whole = whole || !strncmp("alert/", topic[i], strlen(topic[i]));
    return whole;
}

static enum gh_status watch_open(struct watch *w, const struct gh_arguments *a,
                                 struct gh_error *error)
{
    static const char *const all[] = {"alert/"};
    const bool some = a->positional_count > 0;
    const char *const *topic = some ? a->positional : all;
    const size_t count = some ? a->positional_count : 1;
    const struct gh_alerts_options *options = gh_config_group(a->config, "alerts");
    const char *endpoint = gh_argument(a, "endpoint");
    w->endpoint = endpoint ? endpoint : options->publish.text;
    w->quiet_ms = (int64_t)options->heartbeat * WATCH_SILENCE_BEATS;
    w->json = gh_argument(a, "json") != NULL;
    w->coloured = gh_terminal_coloured(stdout);
    w->follower.whole = w->whole = topics_whole(topic, count);
    w->since = gh_argument(a, "since") != NULL;
    if (gh_argument(a, "summary") && !(w->sum = gh_alert_sum_new()))
        return gh_error_set(error, GH_EMEMORY, "watch: out of memory");
    w->signals = gh_signals_open(false);
    if (w->signals < 0)
        return gh_error_set(error, GH_EIO, "signals: %s", strerror(errno));
    struct gh_credentials credentials;
    const struct gh_subscription_setup setup = {w->endpoint, topic, count, &credentials};
    const char *replay = gh_argument(a, "replay");
    if (!replay && !endpoint) /* that of a service elsewhere is not known */
        replay = options->replay.text;
    if (w->since && !(replay && replay[0]))
        return gh_error_set(error, GH_EUSAGE, "--since: say with --replay whom to ask");
    enum gh_status status = gh_argument_credentials(a, &credentials, error);
    if (status == GH_OK)
        status = gh_subscription_new(&w->subscription, &setup, error);
    const struct gh_subscription_setup missed = {replay, topic, some ? count : 0, &credentials};
    if (status == GH_OK && replay && replay[0])
        status = gh_replay_client_new(&w->replay, &missed, error);
    gh_key_pair_wipe(&credentials.own);
    return status;
}

static void watch_close(struct watch *w)
{
    gh_subscription_free(w->subscription);
    gh_replay_client_free(w->replay);
    gh_alert_sum_free(w->sum);
    if (w->signals >= 0)
        close(w->signals);
}

static enum gh_status watch_run(const struct gh_arguments *a, struct gh_error *error)
{
    struct watch w = {.signals = -1};
    double idle_s = 0;
    if (gh_argument_u64(a, "count", (struct gh_whole_range){0, GH_COUNT_MAX}, &w.count,
                        error) != GH_OK ||
        gh_argument_u64(a, "since", (struct gh_whole_range){0, GH_COUNT_MAX}, &w.complete,
                        error) != GH_OK ||
        gh_argument_double(a, "idle", (struct gh_number_range){0, 1e6}, &idle_s, error) !=
            GH_OK)
        return error->status;
    w.idle_ms = (int64_t)(idle_s * 1000);
    enum gh_status status = watch_open(&w, a, error);
    if (status == GH_OK) {
        status = watch_loop(&w, error);
        if (w.sum)
            gh_alert_sum_print(w.sum, w.actors, stderr);
        if (w.missed > 0)
            fprintf(stderr, "goodhart watch: %" PRIu64 " alerts were lost on the way\n",
                    w.missed);
        if (status == GH_OK && ferror(stdout))
            status = gh_error_set(error, GH_EIO, "standard output: could not be written");
    }
    watch_close(&w);
    return status;
}

static const struct gh_flag watch_flags[] = {
    {"endpoint", "ENDPOINT", NULL, "where the service publishes; else alerts.publish", false},
    {"since", "SEQ", NULL, "first show what has come after the alert of this number", false},
    {"replay", "ENDPOINT", NULL,
     "where missed alerts are asked for; else alerts.replay, unless --endpoint is given",
     false},
    {"json", NULL, NULL, "the bodies as they are, one a line", false},
    {"count", "N", "0", "end after N alerts; 0: no limit", false},
    {"idle", "SECONDS", "0",
     "end when the service is heard but no alert has come for so long; 0: never", false},
    {"summary", NULL, NULL, "at the end, tell who was found, by track and detector", false},
    GH_CREDENTIALS_FLAGS,
};

const struct gh_command gh_command_watch = {
    .name = "watch",
    .positional = "[TOPIC…]",
    .positional_max = SIZE_MAX,
    .summary = "subscribes to alerts and shows them",
    .details =
        "A topic is the beginning of alert/, detector/NAME/, severity/NAME/, team/NAME/ or\n"
        "actor/NAME/; without one, all alerts are shown. Each is shown once; what was lost on\n"
        "the way is fetched where the service keeps it, else the gap is told on stderr. Where\n"
        "the service asks for keys, only what the key may hear arrives: a key of one team\n"
        "hears team/NAME/, not alert/.\n"
        "\n"
        "Example:\n"
        "  goodhart watch severity/critical/ team/payments/",
    .flag = watch_flags,
    .flag_count = sizeof(watch_flags) / sizeof(watch_flags[0]),
    .run = watch_run,
};
