/* bench_latency.c - how long after an event its alert is heard, while RATE events a second
 * go in. Wall clock.
 *
 *   bench_latency FILE [ARGUMENT...]    events; further arguments of `goodhart run`
 *
 * Among the last events of FILE, every EVERY of them, stand CALLS failing calls of somebody
 * new, in one session at the time of the event beside them: the last one makes an incident of
 * runaway. The time is from when the frame with that call was due, whatever kept the sender
 * from sending it, until a subscriber has the alert. */
#include "bench/bench.h"
#include "bench/live.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { RATE = 100000, EVENTS = 5 * RATE, EVERY = 1000, CALLS = 8 };
enum { STORMS = EVENTS / EVERY, STORM_SIZE = 256, BATCH = 64, GRACE_MS = 3000, POLL_MS = 100 };

/* All that is sent, event after event. */
struct stream {
    char *at;
    size_t *end; /* of each event */
    uint64_t events;
};

struct storm {
    double due_ns, heard_ns; /* heard_ns: 0: not heard */
};
struct latency {
    const struct stream *stream;
    const char *intake, *alerts;
    uint64_t batch;   /* events of a frame */
    double late_ns;   /* how late the sender was at most */
    atomic_bool sent; /* no more is to come */
    atomic_int ready; /* the subscriber is */
    struct storm storm[STORMS];
};

static bool is_storm(uint64_t event)
{
    return event % EVERY < CALLS;
}

/* A failing call at the time of the event that stands at `beside`. */
static size_t storm_write(char *to, uint64_t event, const char *beside)
{
    static const char key[] = "\"ts\":\"";
    const char *ts = strstr(beside, key);

    if (!ts)
        live_fail("an event of the file has no ts as text");
    ts += strlen(key);
    return (size_t)snprintf(
        to, STORM_SIZE,
        "{\"id\":\"storm-%" PRIu64 "\",\"ts\":\"%.*s\",\"actor\":\"storm-%" PRIu64
        "\",\"session\":\"storm-%" PRIu64 "\",\"input_tokens\":100,\"status\":\"error\"}\n",
        event, (int)strcspn(ts, "\""), ts, event / EVERY, event / EVERY);
}

static struct stream stream_make(const struct live_log *log)
{
    struct stream stream = {
        .at =
            bench_memory((size_t)(log->end - log->at) + (size_t)STORMS * CALLS * STORM_SIZE, 1),
        .end = bench_memory(EVENTS, sizeof(size_t))};
    const char *at = log->at;
    size_t used = 0;

    while (stream.events < EVENTS && at < log->end) {
        if (is_storm(stream.events)) {
            used += storm_write(stream.at + used, stream.events, at);
        } else {
            const char *end = (const char *)memchr(at, '\n', (size_t)(log->end - at)) + 1;
            memcpy(stream.at + used, at, (size_t)(end - at));
            used += (size_t)(end - at);
            at = end;
        }
        stream.end[stream.events++] = used;
    }
    return stream;
}

/* Every alert of a storm, by the number in its topic; only its first counts. */
static void *subscriber_run(void *argument)
{
    static const char topics[] = "actor/storm-";
    struct latency *l = argument;
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_SUB);
    const int poll_ms = POLL_MS;
    char topic[256];

    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &poll_ms, sizeof poll_ms);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topics, strlen(topics));
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "heartbeat/", 10);
    zmq_connect(socket, l->alerts);
    while (!atomic_load(&l->sent)) {
        const int size = zmq_recv(socket, topic, sizeof topic - 1, 0);
        if (size < 0)
            continue;
        const double now_ns = live_now_ns();
        topic[(size_t)size < sizeof topic ? (size_t)size : sizeof topic - 1] = '\0';
        for (int more = 1; more;
             zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &(size_t){sizeof more}))
            zmq_recv(socket, NULL, 0, 0);
        atomic_store(&l->ready, 1);
        if (strncmp(topic, topics, strlen(topics)) != 0)
            continue;
        struct storm *storm = &l->storm[strtoull(topic + strlen(topics), NULL, 10) % STORMS];
        if (storm->heard_ns == 0)
            storm->heard_ns = now_ns;
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    return NULL;
}

static void sleep_until(double due_ns)
{
    const struct timespec due = {(time_t)(due_ns / 1e9),
                                 (long)(due_ns - (double)(time_t)(due_ns / 1e9) * 1e9)};

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* A frame is due when its last event has happened. */
static void stream_send(struct latency *l, void *socket)
{
    const struct stream *s = l->stream;
    const double started_ns = live_now_ns();
    size_t from = 0;

    for (uint64_t first = 0, next; first < s->events; first = next) {
        next = first + l->batch < s->events ? first + l->batch : s->events;
        const double due_ns = started_ns + (double)next / RATE * 1e9;
        sleep_until(due_ns);
        for (uint64_t i = first; i < next; i++)
            if (i % EVERY == CALLS - 1)
                l->storm[i / EVERY].due_ns = due_ns;
        const double late_ns = live_now_ns() - due_ns;
        l->late_ns = late_ns > l->late_ns ? late_ns : l->late_ns;
        if (zmq_send(socket, s->at + from, s->end[next - 1] - from, 0) < 0)
            live_fail("a frame cannot be sent");
        from = s->end[next - 1];
    }
}

static int number_compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static void latency_result(const struct latency *l, const char *what, double ms)
{
    char name[96];

    snprintf(name, sizeof name, "latency event to alert, 100,000/s %s, %s",
             l->batch > 1 ? "by 64" : "one by one", what);
    bench_result(name, strcmp(what, "heard") == 0 ? "share" : "ms", ms);
}

static void latency_tell(const struct latency *l)
{
    static double waited_ms[STORMS];
    size_t storms = 0, heard = 0;

    for (size_t i = 0; i < STORMS && l->storm[i].due_ns > 0; i++, storms++)
        if (l->storm[i].heard_ns > 0)
            waited_ms[heard++] = (l->storm[i].heard_ns - l->storm[i].due_ns) / 1e6;
    if (heard == 0)
        live_fail("no alert was heard");
    qsort(waited_ms, heard, sizeof *waited_ms, number_compare);
    latency_result(l, "p50", waited_ms[heard / 2]);
    latency_result(l, "p99", waited_ms[heard * 99 / 100]);
    latency_result(l, "longest", waited_ms[heard - 1]);
    latency_result(l, "sender late at most", l->late_ns / 1e6);
    latency_result(l, "heard", (double)heard / (double)storms);
}

static void latency_measure(const struct stream *stream, uint64_t batch, char **argument,
                            int count)
{
    static struct latency l;
    struct live_consumer service = live_service(argument, count);
    pthread_t subscriber;

    l = (struct latency){
        .stream = stream, .intake = service.intake, .alerts = service.alerts, .batch = batch};
    if (pthread_create(&subscriber, NULL, subscriber_run, &l) != 0)
        live_fail("no thread");
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PUSH);
    if (!socket || zmq_connect(socket, service.intake) != 0)
        live_fail("the sender cannot connect");
    while (!atomic_load(&l.ready))
        usleep(1000);
    stream_send(&l, socket);
    zmq_close(socket);
    zmq_ctx_term(context);
    usleep(GRACE_MS * 1000);
    atomic_store(&l.sent, true);
    pthread_join(subscriber, NULL);
    live_end(&service, SIGTERM);
    if (live_said("\"applied\":") != (double)stream->events)
        live_fail("not all events were applied");
    latency_tell(&l);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        live_fail("usage: bench_latency FILE [ARGUMENT...]");
    const struct live_log log = live_log_read(argv[1]), tail = live_log_tail(&log, EVENTS);
    const struct stream stream = stream_make(&tail);

    latency_measure(&stream, BATCH, argv + 2, argc - 2);
    latency_measure(&stream, 1, argv + 2, argc - 2);
    free(stream.at);
    free(stream.end);
    free(log.at);
    return 0;
}
