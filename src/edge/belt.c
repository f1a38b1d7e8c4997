/* belt.c - see belt.h. Who fills a slot works on it, too: its bytes are still in that core's
 * cache.
 *
 * Invariant, under the lock: taken <= filled <= taken + slots; slot n % slots is that of
 * number n, and done[] tells which of taken..filled are ready. */
#include "edge/belt.h"

#include "edge/threads.h"

#include <stdlib.h>

struct gh_belt {
    struct gh_belt_work work;
    pthread_mutex_t lock;
    pthread_cond_t room, ready;
    uint64_t filled, taken; /* slots since the start */
    bool filling;           /* somebody fills */
    bool ended;             /* there is no more to fill */
    bool lent, stopping;
    enum gh_status status; /* of the last fill */
    struct gh_error error;
    bool *done; /* of each slot */
    uint32_t threads;
    pthread_t thread[];
};

static void *slot_at(const struct gh_belt *belt, uint64_t number)
{
    return (char *)belt->work.slot + number % belt->work.slots * belt->work.slot_size;
}

/* Fills the next slot and works on it. Called with the lock held, returns with it held. */
static void slot_make(struct gh_belt *belt)
{
    const uint64_t number = belt->filled;
    void *const slot = slot_at(belt, number);
    bool filled = false;

    belt->filling = true;
    gh_threads_must(pthread_mutex_unlock(&belt->lock));
    const enum gh_status status =
        belt->work.fill(belt->work.context, slot, &filled, &belt->error);
    gh_threads_must(pthread_mutex_lock(&belt->lock));
    belt->filling = false;
    belt->status = status;
    belt->ended = status != GH_OK || !filled;
    belt->filled += !belt->ended;
    gh_threads_must(pthread_cond_broadcast(&belt->room));
    if (!belt->ended) {
        gh_threads_must(pthread_mutex_unlock(&belt->lock));
        belt->work.work(belt->work.context, slot);
        gh_threads_must(pthread_mutex_lock(&belt->lock));
        belt->done[number % belt->work.slots] = true;
    }
    gh_threads_must(pthread_cond_signal(&belt->ready));
}

static bool may_fill(const struct gh_belt *belt)
{
    return !belt->filling && belt->filled - belt->taken < belt->work.slots;
}

static void *belt_thread(void *context)
{
    struct gh_belt *belt = context;

    gh_threads_must(pthread_mutex_lock(&belt->lock));
    while (!belt->stopping && !belt->ended) {
        if (may_fill(belt))
            slot_make(belt);
        else
            gh_threads_must(pthread_cond_wait(&belt->room, &belt->lock));
    }
    gh_threads_must(pthread_mutex_unlock(&belt->lock));
    return NULL;
}

struct gh_belt *gh_belt_new(const struct gh_belt_work *work, uint32_t threads)
{
    struct gh_belt *belt = calloc(1, sizeof *belt + threads * sizeof belt->thread[0]);

    if (belt == NULL)
        return NULL;
    belt->work = *work;
    belt->done = calloc(work->slots, sizeof *belt->done);
    gh_threads_must(pthread_mutex_init(&belt->lock, NULL));
    gh_threads_must(pthread_cond_init(&belt->room, NULL));
    gh_threads_must(pthread_cond_init(&belt->ready, NULL));
    if (belt->done == NULL) {
        gh_belt_free(belt);
        return NULL;
    }
    belt->threads = gh_threads_start(belt->thread, threads, belt_thread, belt);
    return belt;
}

void gh_belt_free(struct gh_belt *belt)
{
    if (belt == NULL)
        return;
    gh_threads_must(pthread_mutex_lock(&belt->lock));
    belt->stopping = true;
    gh_threads_must(pthread_cond_broadcast(&belt->room));
    gh_threads_must(pthread_mutex_unlock(&belt->lock));
    for (uint32_t i = 0; i < belt->threads; i++)
        gh_threads_must(pthread_join(belt->thread[i], NULL));
    gh_threads_must(pthread_cond_destroy(&belt->ready));
    gh_threads_must(pthread_cond_destroy(&belt->room));
    gh_threads_must(pthread_mutex_destroy(&belt->lock));
    free(belt->done);
    free(belt);
}

enum gh_status gh_belt_next(struct gh_belt *belt, void **slot, struct gh_error *error)
{
    enum gh_status status = GH_OK;

    *slot = NULL;
    gh_threads_must(pthread_mutex_lock(&belt->lock));
    if (belt->lent) {
        belt->done[belt->taken++ % belt->work.slots] = false;
        belt->lent = false;
        gh_threads_must(pthread_cond_signal(&belt->room));
    }
    while (!belt->done[belt->taken % belt->work.slots] &&
           !(belt->ended && belt->taken == belt->filled)) {
        if (belt->threads == 0)
            slot_make(belt);
        else
            gh_threads_must(pthread_cond_wait(&belt->ready, &belt->lock));
    }
    if (belt->done[belt->taken % belt->work.slots]) {
        *slot = slot_at(belt, belt->taken);
        belt->lent = true;
    } else if (belt->status != GH_OK) {
        status = gh_error_set(error, belt->status, "%s", belt->error.text);
    }
    gh_threads_must(pthread_mutex_unlock(&belt->lock));
    return status;
}
