/* live.c - see live.h. */
#include "bench/live.h"

#include "bench/bench.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { ARGUMENTS_MAX = 64 };

static const char *const summary = "build/bench/live.out";
static pid_t running; /* so that nothing is left behind when a bench cannot go on */

double live_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

_Noreturn void live_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    if (running > 0)
        kill(running, SIGKILL);
    exit(1);
}

struct live_log live_log_read(const char *path)
{
    FILE *file = fopen(path, "re");
    struct live_log log = {.events = 0};
    size_t size = 0;

    if (!file || fseek(file, 0, SEEK_END) != 0)
        live_fail("no file of events");
    size = (size_t)ftell(file);
    rewind(file);
    log.at = bench_memory(size + 1, 1);
    if (fread(log.at, 1, size, file) != size || size == 0 || log.at[size - 1] != '\n')
        live_fail("the file cannot be read, or its last line is not whole");
    fclose(file);
    log.end = log.at + size;
    for (const char *at = log.at; at < log.end; log.events++)
        at = (const char *)memchr(at, '\n', (size_t)(log.end - at)) + 1;
    return log;
}

struct live_log live_log_tail(const struct live_log *log, uint64_t events)
{
    struct live_log tail = *log;

    for (; tail.events > events; tail.events--)
        tail.at = (char *)memchr(tail.at, '\n', (size_t)(tail.end - tail.at)) + 1;
    return tail;
}

/* Forks; the child's `stream` goes to what is returned. It ends when its parent does. */
static pid_t process_start(int stream, FILE **said)
{
    int ends[2];

    if (pipe(ends) != 0)
        live_fail("no pipe");
    fflush(stdout); /* else the child says it, too */
    const pid_t child = fork();
    if (child < 0)
        live_fail("no process");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], stream);
        close(ends[0]);
        close(ends[1]);
        return 0;
    }
    close(ends[1]);
    *said = fdopen(ends[0], "r");
    running = child;
    return child;
}

/* The next line; without it there is nothing to go on with, and the one before says why. */
static void line_read(const struct live_consumer *consumer, char *line, int size)
{
    if (!fgets(line, size, consumer->said)) {
        fprintf(stderr, "bench: the consumer said last: %s\n", line);
        live_fail("the consumer has ended");
    }
    line[strcspn(line, "\n")] = '\0';
}

/* It listens. */
static void consumer_ready(struct live_consumer *consumer)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(consumer->process, &clock) != 0 || clock_gettime(clock, &used) != 0)
        live_fail("the consumer has no clock");
    consumer->used_ns = (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

static void endpoint_take(const char *line, const char *before, char *endpoint)
{
    const char *at = strstr(line, before);

    if (at)
        snprintf(endpoint, LIVE_ENDPOINT_SIZE, "%.*s", (int)strcspn(at + strlen(before), " \n"),
                 at + strlen(before));
}

static _Noreturn void service_become(char *const argument[], int count)
{
    char *words[ARGUMENTS_MAX] = {"goodhart", "run",
                                  "--set",    "intake.pull=tcp://127.0.0.1:*",
                                  "--set",    "alerts.publish=tcp://127.0.0.1:*",
                                  "--set",    "alerts.heartbeat=50",
                                  "--set",    "alerts.replay=",
                                  "--set",    "otlp.bind=",
                                  "--set",    "web.bind=",
                                  "--set",    "control.bind="};
    int used = 16;

    for (int i = 0; i < count && used < ARGUMENTS_MAX - 1; i++)
        words[used++] = argument[i];
    if (freopen(summary, "w", stdout))
        execv("build/release/goodhart", words);
    _exit(127);
}

struct live_consumer live_service(char *const argument[], int count)
{
    struct live_consumer service = {.process = 0};
    char line[512] = "";

    service.process = process_start(STDERR_FILENO, &service.said);
    if (service.process == 0)
        service_become(argument, count);
    while (service.alerts[0] == '\0') {
        line_read(&service, line, sizeof line);
        endpoint_take(line, "run: events on ", service.intake);
        endpoint_take(line, "run: alerts on ", service.alerts);
    }
    consumer_ready(&service);
    return service;
}

struct live_consumer live_program(char *const command[])
{
    struct live_consumer program = {.process = 0};

    program.process = process_start(STDOUT_FILENO, &program.said);
    if (program.process == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    line_read(&program, program.intake, sizeof program.intake);
    consumer_ready(&program);
    return program;
}

static _Noreturn void counter_run(uint64_t bytes)
{
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PULL);
    char endpoint[LIVE_ENDPOINT_SIZE];
    size_t size = sizeof endpoint;
    zmq_msg_t frame;

    zmq_bind(socket, "tcp://127.0.0.1:*");
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    puts(endpoint);
    fflush(stdout);
    zmq_msg_init(&frame);
    for (uint64_t taken = 0; taken < bytes; taken += zmq_msg_size(&frame))
        if (zmq_msg_recv(&frame, socket, 0) < 0)
            _exit(1);
    puts("all");
    fflush(stdout);
    _exit(0);
}

struct live_consumer live_counter(uint64_t bytes)
{
    struct live_consumer counter = {.process = 0};

    counter.process = process_start(STDOUT_FILENO, &counter.said);
    if (counter.process == 0)
        counter_run(bytes);
    line_read(&counter, counter.intake, sizeof counter.intake);
    consumer_ready(&counter);
    return counter;
}

void live_wait(struct live_consumer *consumer)
{
    char line[256] = "";

    line_read(consumer, line, sizeof line);
}

double live_end(struct live_consumer *consumer, int how)
{
    struct rusage used;

    kill(consumer->process, how);
    if (wait4(consumer->process, NULL, 0, &used) != consumer->process)
        live_fail("the consumer is gone");
    fclose(consumer->said);
    running = 0;
    return ((double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec) * 1e9 +
           ((double)used.ru_utime.tv_usec + (double)used.ru_stime.tv_usec) * 1e3 -
           consumer->used_ns;
}

double live_said(const char *key)
{
    static char text[65536];
    FILE *said = fopen(summary, "re");
    const size_t size = said ? fread(text, 1, sizeof text - 1, said) : 0;
    const char *at;

    if (said)
        fclose(said);
    text[size] = '\0';
    at = strstr(text, key);
    if (!at)
        live_fail("the service gives no summary");
    return strtod(at + strlen(key), NULL);
}
