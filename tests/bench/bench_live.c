/* bench_live.c - events a second over ZeroMQ on this machine, from the first that is sent
 * until the last has been judged. Wall clock.
 *
 *   bench_live FILE [ARGUMENT...]              the service, with these arguments of
 *                                              `goodhart run`, beside a socket that only
 *                                              counts bytes: the limit
 *   bench_live FILE --peer NAME EVENTS WORD... another consumer, on the last EVENTS; it is
 *                                              told their number by a last word (live.h)
 *
 * A thread of this program sends, another process consumes. The service is heard in its
 * heartbeats, so its time is up to LIVE_BEAT_MS too long. */
#include "bench/bench.h"
#include "bench/live.h"
#include "edge/wire.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <zmq.h>

enum { ROUNDS = 3, WORDS_MAX = 32 };

/* All that is sent, made before the clock starts. */
struct frames {
    const char *at; /* the log's, or owned */
    char *owned;
    size_t *end; /* of each frame */
    size_t count;
};

static struct frames frames_lines(const struct live_log *log, uint32_t lines)
{
    const size_t most = (size_t)(log->events / lines + 1);
    struct frames frames = {.at = log->at, .end = bench_memory(most, sizeof(size_t))};
    uint32_t inside = 0;

    for (const char *at = log->at; at < log->end; inside = (inside + 1) % lines) {
        at = (const char *)memchr(at, '\n', (size_t)(log->end - at)) + 1;
        frames.count += inside == 0;
        frames.end[frames.count - 1] = (size_t)(at - log->at);
    }
    return frames;
}

/* The same events in the other form; `lines` of them in a frame. */
static struct frames frames_binary(const struct live_log *log, uint32_t lines)
{
    struct frames frames = frames_lines(log, lines);
    char *const at = bench_memory((size_t)(log->end - log->at) + GH_BINARY_BYTES_MAX, 2);
    struct gh_decoder *decoder = gh_decoder_new();
    size_t used = 0, from = 0;

    if (!decoder)
        live_fail("out of memory");
    for (size_t i = 0; i < frames.count; from = frames.end[i], frames.end[i++] = used) {
        struct gh_frame frame;
        struct gh_piece piece;
        gh_frame_init(&frame, frames.at + from, frames.end[i] - from);
        memcpy(at + used, GH_MARKER, GH_MARKER_SIZE);
        used += GH_MARKER_SIZE;
        while (gh_frame_next(&frame, &piece)) {
            struct gh_event event;
            struct gh_refused refused;
            if (!gh_decode(decoder, &piece, &event, &refused))
                live_fail(refused.text);
            used += gh_encode_binary(&event, at + used, GH_BINARY_BYTES_MAX);
        }
        gh_decoder_reset(decoder);
    }
    gh_decoder_free(decoder);
    frames.at = frames.owned = at;
    return frames;
}

/* How events are put into frames: a row each. */
struct form {
    const char *name;
    uint32_t events; /* of a frame */
    struct frames (*make)(const struct live_log *log, uint32_t events);
};
static const struct form forms[] = {{"frames of 64", 64, frames_lines},
                                    {"one by one", 1, frames_lines},
                                    {"binary frames of 64", 64, frames_binary}};

struct sender {
    const char *endpoint;
    const struct frames *frames;
    double started_ns;
};

static void *sender_run(void *argument)
{
    struct sender *s = argument;
    const struct frames *f = s->frames;
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PUSH);
    size_t from = 0;

    if (!socket || zmq_connect(socket, s->endpoint) != 0)
        live_fail("the sender cannot connect");
    s->started_ns = live_now_ns();
    for (size_t i = 0; i < f->count; from = f->end[i++])
        if (zmq_send(socket, f->at + from, f->end[i] - from, 0) < 0)
            live_fail("a frame cannot be sent");
    zmq_close(socket);
    zmq_ctx_term(context);
    return NULL;
}

/* Until a heartbeat tells of so many events. Alerts are heard, too: they are work. */
static void beats_wait(void *alerts, uint64_t events)
{
    static const char key[] = "\"events\":";
    char part[65536];
    uint64_t told = 0;
    bool beat = false;

    while (!beat || told < events) {
        const int topic = zmq_recv(alerts, part, sizeof part, 0);
        beat = topic >= 10 && memcmp(part, "heartbeat/", 10) == 0;
        zmq_recv(alerts, part, sizeof part, 0);
        const int size = zmq_recv(alerts, part, sizeof part - 1, 0);
        if (topic < 0 || size < 0)
            live_fail("the service is not heard any more");
        part[(size_t)size < sizeof part - 1 ? (size_t)size : sizeof part - 1] = '\0';
        const char *at = beat ? strstr(part, key) : NULL;
        told = at ? strtoull(at + strlen(key), NULL, 10) : told;
    }
}

/* Nanoseconds from the first event sent to the last one taken. */
static double consumer_time(struct live_consumer *consumer, const struct frames *frames,
                            uint64_t events)
{
    struct sender sender = {.endpoint = consumer->intake, .frames = frames};
    void *context = zmq_ctx_new(), *alerts = zmq_socket(context, ZMQ_SUB);
    const int patience = LIVE_WAIT_MS;
    pthread_t thread;

    zmq_setsockopt(alerts, ZMQ_RCVTIMEO, &patience, sizeof patience);
    if (consumer->alerts[0] != '\0') {
        zmq_setsockopt(alerts, ZMQ_SUBSCRIBE, "alert/", 6);
        zmq_setsockopt(alerts, ZMQ_SUBSCRIBE, "heartbeat/", 10);
        zmq_connect(alerts, consumer->alerts);
        beats_wait(alerts, 0);
    }
    if (pthread_create(&thread, NULL, sender_run, &sender) != 0)
        live_fail("no thread");
    if (consumer->alerts[0] != '\0')
        beats_wait(alerts, events);
    else
        live_wait(consumer);
    const double ended_ns = live_now_ns();
    pthread_join(thread, NULL);
    zmq_close(alerts);
    zmq_ctx_term(context);
    return ended_ns - sender.started_ns;
}

/* What is measured: the service, the limit or a peer. */
struct subject {
    const char *name;
    struct live_consumer (*start)(const struct subject *subject, const struct frames *frames);
    struct live_log log;
    char **word;
    int words;
};

static struct live_consumer service_start(const struct subject *subject,
                                          const struct frames *frames)
{
    (void)frames;
    return live_service(subject->word, subject->words);
}

static struct live_consumer counter_start(const struct subject *subject,
                                          const struct frames *frames)
{
    (void)subject;
    return live_counter(frames->end[frames->count - 1]);
}

static struct live_consumer peer_start(const struct subject *subject,
                                       const struct frames *frames)
{
    char *command[WORDS_MAX + 2] = {NULL}, events[32];

    (void)frames;
    snprintf(events, sizeof events, "%llu", (unsigned long long)subject->log.events);
    for (int i = 0; i < subject->words && i < WORDS_MAX; i++)
        command[i] = subject->word[i];
    command[subject->words < WORDS_MAX ? subject->words : WORDS_MAX] = events;
    return live_program(command);
}

/* Of some rounds the best: by the clock, and in what the consumer had of processors. */
static void subject_measure(const struct subject *subject, const struct form *form)
{
    const struct frames frames = form->make(&subject->log, form->events);
    const double events = (double)subject->log.events;
    double best_ns = 0, best_used_ns = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct live_consumer consumer = subject->start(subject, &frames);
        const double ns = consumer_time(&consumer, &frames, subject->log.events),
                     used_ns = live_end(&consumer, SIGTERM);
        if (subject->start == service_start && live_said("\"applied\":") != events)
            live_fail("not all events were applied");
        best_ns = i == 0 || ns < best_ns ? ns : best_ns;
        best_used_ns = i == 0 || used_ns < best_used_ns ? used_ns : best_used_ns;
    }
    printf("{\"name\": \"live %s, %s\", \"ns_per_event\": %.4g, \"processor_ns\": %.4g, "
           "\"bytes_per_event\": %.4g, \"events\": %.0f}\n",
           subject->name, form->name, best_ns / events, best_used_ns / events,
           (double)frames.end[frames.count - 1] / events, events);
    free(frames.owned);
    free(frames.end);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        live_fail("usage: bench_live FILE [ARGUMENT... | --peer NAME EVENTS WORD...]");
    const struct live_log log = live_log_read(argv[1]);
    const bool peer = argc > 5 && strcmp(argv[2], "--peer") == 0;
    const struct subject subjects[] = {
        {"libzmq alone", counter_start, log, NULL, 0},
        {"goodhart", service_start, log, argv + 2, argc - 2},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (peer && forms[i].make == frames_lines)
            subject_measure(&(struct subject){argv[3], peer_start,
                                              live_log_tail(&log, strtoull(argv[4], NULL, 10)),
                                              argv + 5, argc - 5},
                            &forms[i]);
        for (size_t j = 0; !peer && j < sizeof subjects / sizeof *subjects; j++)
            subject_measure(&subjects[j], &forms[i]);
    }
    free(log.at);
    return 0;
}
