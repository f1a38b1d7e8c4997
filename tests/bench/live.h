/* live.h - what the benches of a running service share: the log in memory, consumers at the
 * other end of a socket, and the wall clock, for it is waiting that costs.
 *
 * A consumer is a process that binds a PULL socket, prints its endpoint as a line, and prints
 * another line when it has taken all. The service is one too: it says when in heartbeats. */
#ifndef GH_BENCH_LIVE_H
#define GH_BENCH_LIVE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum { LIVE_WAIT_MS = 60000, LIVE_BEAT_MS = 50, LIVE_ENDPOINT_SIZE = 128 };

double live_now_ns(void); /* CLOCK_MONOTONIC */
/* What a bench cannot go on without: ends the program, and the consumer that runs. */
_Noreturn void live_fail(const char *what);

/* Whole lines, each ended with '\n'. */
struct live_log {
    char *at, *end;
    uint64_t events;
};
struct live_log live_log_read(const char *path);
/* The last so many events; all of them where there are fewer. */
struct live_log live_log_tail(const struct live_log *log, uint64_t events);

/* A consumer that runs. */
struct live_consumer {
    pid_t process;
    FILE *said; /* what it prints */
    char intake[LIVE_ENDPOINT_SIZE];
    char alerts[LIVE_ENDPOINT_SIZE]; /* of a service */
    double used_ns;                  /* of processors, until it listened */
};
/* `goodhart run` with these further arguments; returns when it listens. */
struct live_consumer live_service(char *const argument[], int count);
/* A program, NULL at the end of its words; ENDPOINT and EVENTS are for it to choose and to
 * be told: the last word is the number of events. Returns when it listens. */
struct live_consumer live_program(char *const command[]);
/* This program itself, counting bytes until there are so many: what the library can do. */
struct live_consumer live_counter(uint64_t bytes);

/* Until the consumer, no service, has taken all. */
void live_wait(struct live_consumer *consumer);
/* Ends it by this signal; returns what it has used of processors since it listened, in
 * nanoseconds: what others do to the machine shows less in that. */
double live_end(struct live_consumer *consumer, int how);
/* A number of the summary that a service which has ended gave. */
double live_said(const char *key);

#endif
