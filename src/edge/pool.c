/* pool.c - threads that wait for work: fork and join over a count of indexes.
 *
 * Invariant, under the lock: `next` <= `count`; work is open while next < count; `running`
 * threads are inside work(). A round is over when next == count and running == 0. */
#include "edge/resources.h"
#include "edge/threads.h"

#include <assert.h>
#include <stdlib.h>

struct gh_pool {
    pthread_mutex_t lock;
    pthread_cond_t opened, finished;
    void (*work)(void *argument, uint32_t index);
    void *argument;
    uint32_t next, count, running;
    bool stopping;
    uint32_t thread_count; /* without the caller's */
    pthread_t thread[];
};

/* Works until no index is left. Called with the lock held, returns with it held. */
static void pool_drain(struct gh_pool *pool)
{
    while (pool->next < pool->count) {
        const uint32_t index = pool->next++;
        pool->running++;
        gh_threads_must(pthread_mutex_unlock(&pool->lock));
        pool->work(pool->argument, index);
        gh_threads_must(pthread_mutex_lock(&pool->lock));
        pool->running--;
    }
}

static void *pool_thread(void *context)
{
    struct gh_pool *pool = context;

    gh_threads_must(pthread_mutex_lock(&pool->lock));
    while (!pool->stopping) {
        pool_drain(pool);
        if (pool->running == 0)
            gh_threads_must(pthread_cond_signal(&pool->finished));
        if (!pool->stopping)
            gh_threads_must(pthread_cond_wait(&pool->opened, &pool->lock));
    }
    gh_threads_must(pthread_mutex_unlock(&pool->lock));
    return NULL;
}

static void pool_run(void *context, void (*work)(void *argument, uint32_t index),
                     void *argument, uint32_t count)
{
    struct gh_pool *pool = context;

    gh_threads_must(pthread_mutex_lock(&pool->lock));
    assert(pool->next == pool->count && pool->running == 0); /* rounds do not nest */
    pool->work = work;
    pool->argument = argument;
    pool->next = 0;
    pool->count = count;
    if (count > 1)
        gh_threads_must(pthread_cond_broadcast(&pool->opened));
    pool_drain(pool);
    while (pool->running > 0)
        gh_threads_must(pthread_cond_wait(&pool->finished, &pool->lock));
    gh_threads_must(pthread_mutex_unlock(&pool->lock));
}

struct gh_pool *gh_pool_new(uint32_t threads)
{
    assert(threads >= 1);
    struct gh_pool *pool = calloc(1, sizeof *pool + (threads - 1) * sizeof pool->thread[0]);

    if (pool == NULL)
        return NULL;
    gh_threads_must(pthread_mutex_init(&pool->lock, NULL));
    gh_threads_must(pthread_cond_init(&pool->opened, NULL));
    gh_threads_must(pthread_cond_init(&pool->finished, NULL));
    pool->thread_count = gh_threads_start(pool->thread, threads - 1, pool_thread, pool);
    if (pool->thread_count < threads - 1) {
        gh_pool_free(pool);
        return NULL;
    }
    return pool;
}

void gh_pool_free(struct gh_pool *pool)
{
    if (pool == NULL)
        return;
    gh_threads_must(pthread_mutex_lock(&pool->lock));
    pool->stopping = true;
    gh_threads_must(pthread_cond_broadcast(&pool->opened));
    gh_threads_must(pthread_mutex_unlock(&pool->lock));
    for (uint32_t i = 0; i < pool->thread_count; i++)
        gh_threads_must(pthread_join(pool->thread[i], NULL));
    gh_threads_must(pthread_cond_destroy(&pool->finished));
    gh_threads_must(pthread_cond_destroy(&pool->opened));
    gh_threads_must(pthread_mutex_destroy(&pool->lock));
    free(pool);
}

struct gh_executor gh_pool_executor(struct gh_pool *pool)
{
    return (struct gh_executor){.context = pool, .run = pool_run};
}
