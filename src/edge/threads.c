/* threads.c - see threads.h. */
#include "edge/threads.h"

#include <assert.h>
#include <signal.h>
#include <unistd.h>

uint32_t gh_threads_allowed(uint32_t wanted)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (wanted > 0)
        return wanted;
    return cores > 0 ? (uint32_t)cores : 1;
}

void gh_threads_must(int error)
{
    assert(error == 0);
    (void)error;
}

uint32_t gh_threads_start(pthread_t *thread, uint32_t count, void *(*run)(void *context),
                          void *context)
{
    sigset_t all, before;
    uint32_t started = 0;

    sigfillset(&all);
    gh_threads_must(pthread_sigmask(SIG_SETMASK, &all, &before));
    while (started < count && pthread_create(&thread[started], NULL, run, context) == 0)
        started++;
    gh_threads_must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    return started;
}

void gh_threads_fair_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t fair;

    gh_threads_must(pthread_rwlockattr_init(&fair));
    gh_threads_must(
        pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
    gh_threads_must(pthread_rwlock_init(lock, &fair));
    gh_threads_must(pthread_rwlockattr_destroy(&fair));
}
