/* threads.h - how many threads there may be, and how all of ours are started. */
#ifndef GOODHART_EDGE_THREADS_H
#define GOODHART_EDGE_THREADS_H

#include <pthread.h>
#include <stdint.h>

/* What service.threads says: itself, or as many as there are cores where it is 0. */
uint32_t gh_threads_allowed(uint32_t wanted);
/* Starts up to `count` threads that run(context); returns how many there are. No signal
 * reaches them: signals are for the thread that waits for them. */
uint32_t gh_threads_start(pthread_t *thread, uint32_t count, void *(*run)(void *context),
                          void *context);
/* A lock that many readers cannot keep a writer from. The caller destroys it. */
void gh_threads_fair_lock(pthread_rwlock_t *lock);
/* What fails in the C library for programmer errors alone. */
void gh_threads_must(int error);

#endif
