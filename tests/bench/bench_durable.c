/* bench_durable.c - a service that keeps what it is given: how many events a second it
 * acknowledges, how long one waits for that, how long a snapshot holds it up, and how fast a
 * start reads the log again, beside a replay of the same events. Wall clock: it is waiting
 * that costs.
 *
 *   bench_durable FILE    lines of events; the last fifth is sent at RATE a second */
#include "bench/bench.h"
#include "bench/live.h"
#include "edge/durable_client.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 1024, SMALL = 64, RATE = 100000, SAMPLES_MAX = 100000 };

static const char *const folder = "build/bench/durable";
static const char *const endpoint = "ipc://build/bench/durable-in";

struct input {
    struct live_log log;
    char *middle; /* where the last fifth begins */
};
/* A batch whose acknowledgement is waited for. */
struct sample {
    uint64_t until;
    double sent_ns, waited_ns;
};

static struct input input_read(const char *path)
{
    struct input input = {.log = live_log_read(path)};

    input.middle = live_log_tail(&input.log, input.log.events / 5).at;
    return input;
}

static void folder_clear(const char *only)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    char path[512];

    while (entries && (entry = readdir(entries))) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, only, strlen(only)) == 0)
            unlink(path);
    }
    if (entries)
        closedir(entries);
}

static struct live_consumer service_start(void)
{
    static char *const argument[] = {"--set", "store.folder=build/bench/durable",
                                     "--set", "store.snapshot_interval=5",
                                     "--set", "durable.bind=ipc://build/bench/durable-in"};

    return live_service(argument, sizeof argument / sizeof *argument);
}

static struct gh_durable_client *client_open(void)
{
    struct gh_durable_client_setup setup = {
        .endpoint = endpoint, .timeout_ms = LIVE_WAIT_MS, .signals = -1};
    struct gh_durable_client *client = NULL;
    struct gh_error error = {0};

    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    memcpy(setup.stream, &now, sizeof setup.stream);
    if (gh_durable_client_new(&client, &setup, &error) != GH_OK)
        live_fail(error.text);
    return client;
}

/* The next so many lines; returns how many there were. */
static uint32_t lines_take(char **at, const char *end, uint32_t wanted, size_t *size)
{
    char *from = *at;
    uint32_t count = 0;

    while (count < wanted && *at < end) {
        *at = (char *)memchr(*at, '\n', (size_t)(end - *at)) + 1;
        count++;
    }
    *size = (size_t)(*at - from);
    return count;
}

static uint64_t throughput(struct input *input)
{
    struct gh_durable_client *client = client_open();
    struct gh_error error = {0};
    const double started = live_now_ns();
    uint64_t events = 0;
    size_t size;
    char *at = input->log.at;

    for (char *from = at; at < input->middle; from = at) {
        const uint32_t count = lines_take(&at, input->middle, BATCH, &size);
        if (gh_durable_client_send(client, from, size, count, &error) != GH_OK)
            live_fail(error.text);
        events += count;
    }
    if (gh_durable_client_finish(client, &error) != GH_OK)
        live_fail(error.text);
    const double ns = (live_now_ns() - started) / (double)events;
    bench_result("durable events acknowledged, batches of 1,024", "ns_per_event", ns);
    gh_durable_client_free(client);
    return events;
}

static int wait_compare(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;

    return (a->waited_ns > b->waited_ns) - (a->waited_ns < b->waited_ns);
}

/* What has been acknowledged by now waited until now. */
static size_t samples_end(struct sample *sample, size_t from, size_t count, uint64_t durable)
{
    const double now = live_now_ns();

    for (; from < count && sample[from].until <= durable; from++)
        sample[from].waited_ns = now - sample[from].sent_ns;
    return from;
}

static uint64_t latency(struct input *input)
{
    static struct sample sample[SAMPLES_MAX];
    struct gh_durable_client *client = client_open();
    struct gh_error error = {0};
    const double started = live_now_ns();
    size_t count = 0, ended = 0, size;
    uint64_t events = 0;
    char *at = input->middle;

    for (char *from = at; at < input->log.end && count < SAMPLES_MAX; from = at) {
        const double due = started + (double)events / RATE * 1e9;
        while (live_now_ns() < due) { /* acknowledgements are heard meanwhile */
            gh_durable_client_hear(client);
            ended =
                samples_end(sample, ended, count, gh_durable_client_progress(client).durable);
        }
        const uint32_t lines = lines_take(&at, input->log.end, SMALL, &size);
        events += lines;
        sample[count++] = (struct sample){events, live_now_ns(), 0};
        if (gh_durable_client_send(client, from, size, lines, &error) != GH_OK)
            live_fail(error.text);
    }
    if (gh_durable_client_finish(client, &error) != GH_OK)
        live_fail(error.text);
    samples_end(sample, ended, count, events);
    qsort(sample, count, sizeof *sample, wait_compare);
    bench_result("durable acknowledgement, 100,000/s by 64, p50", "ms",
                 sample[count / 2].waited_ns / 1e6);
    bench_result("durable acknowledgement, 100,000/s by 64, p99", "ms",
                 sample[count * 99 / 100].waited_ns / 1e6);
    bench_result("durable acknowledgement, 100,000/s by 64, longest", "ms",
                 sample[count - 1].waited_ns / 1e6);
    gh_durable_client_free(client);
    return events;
}

/* A start without snapshots: the whole log, until it listens. */
static double recovery_ns(void)
{
    folder_clear("snapshot-");
    const double started = live_now_ns();
    struct live_consumer service = service_start();
    const double ns = live_now_ns() - started;
    live_end(&service, SIGKILL);
    return ns;
}

/* What a start is held against: the same events, and nothing kept. */
static double replay_ns(const char *path)
{
    const double started = live_now_ns();
    int how = 1;

    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen("build/bench/durable.out", "w", stdout) ||
            !freopen("build/bench/durable.err", "w", stderr))
            _exit(127);
        execl("build/release/goodhart", "goodhart", "replay", path, (char *)NULL);
        _exit(127);
    }
    if (waitpid(child, &how, 0) != child || how != 0)
        live_fail("the events cannot be replayed");
    return live_now_ns() - started;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        live_fail("usage: bench_durable FILE");
    struct input input = input_read(argv[1]);
    folder_clear("");
    struct live_consumer service = service_start();
    uint64_t events = throughput(&input);
    events += latency(&input);
    const double used_ns = live_end(&service, SIGTERM);
    bench_result("durable processors of the service", "ns_per_event", used_ns / (double)events);
    bench_result("durable longest stop for a snapshot", "ms",
                 live_said("\"snapshot_pause_s\":") * 1e3);
    free(input.log.at);
    const double start_ns = recovery_ns(), beside_ns = replay_ns(argv[1]);
    bench_result("durable start, the whole log read again", "ns_per_event",
                 start_ns / (double)events);
    bench_result("durable peer: replay of the same events", "ns_per_event",
                 beside_ns / (double)events);
    bench_result("durable start, part of the rate of replay", "ratio", beside_ns / start_ns);
    folder_clear("");
    return 0;
}
