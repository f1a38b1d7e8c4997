/* What: the executor: every index exactly once, nothing left running when run returns, and
 *       the caller takes part. Meant for MODE=tsan too: the tallies are plain integers, so a
 *       missing order between rounds is a race that it sees.
 * How:  many rounds of many counts; each index writes its own cell. */
#include "edge/resources.h"
#include "support/gh_test.h"

#include <pthread.h>
#include <time.h>

enum { COUNT_MAX = 200, ROUNDS = 500 };

struct tally {
    uint64_t done[COUNT_MAX];
    pthread_t by[COUNT_MAX];
};

static void add_one(void *argument, uint32_t index)
{
    struct tally *tally = argument;

    tally->done[index]++;
    tally->by[index] = pthread_self();
}

static void every_index_is_worked_exactly_once_in_every_round(void)
{
    static const uint32_t threads[] = {1, 2, 3, 8};

    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        static struct tally tally;
        uint64_t wanted[COUNT_MAX] = {0};
        struct gh_pool *pool = gh_pool_new(threads[t]);
        const struct gh_executor executor = gh_pool_executor(pool);

        CHECK(pool != NULL);
        memset(&tally, 0, sizeof tally);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            const uint32_t count = round * 7 % (COUNT_MAX + 1);
            executor.run(executor.context, add_one, &tally, count);
            for (uint32_t i = 0; i < count; i++)
                wanted[i]++;
            CHECK(memcmp(tally.done, wanted, sizeof wanted) == 0);
        }
        gh_pool_free(pool);
    }
}

static void one_thread_is_the_callers(void)
{
    static struct tally tally;
    struct gh_pool *pool = gh_pool_new(1);
    const struct gh_executor executor = gh_pool_executor(pool);

    executor.run(executor.context, add_one, &tally, COUNT_MAX);
    for (uint32_t i = 0; i < COUNT_MAX; i++)
        CHECK(pthread_equal(tally.by[i], pthread_self()));
    gh_pool_free(pool);
}

/* Two that wait for each other: done only when two threads are inside at once. */
static void meet(void *argument, uint32_t index)
{
    (void)index;
    pthread_barrier_wait(argument);
}

static void two_threads_work_at_the_same_time(void)
{
    pthread_barrier_t barrier;
    struct gh_pool *pool = gh_pool_new(2);
    const struct gh_executor executor = gh_pool_executor(pool);

    CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
    for (int round = 0; round < ROUNDS; round++)
        executor.run(executor.context, meet, &barrier, 2);
    pthread_barrier_destroy(&barrier);
    gh_pool_free(pool);
}

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* 8 threads idle for 0.2 s would burn up to 1.6 s if they turned in circles; waking and
 * sleeping takes far less than 0.05 s. */
static void a_pool_without_work_uses_no_processor(void)
{
    struct gh_pool *pool = gh_pool_new(8);
    const double before = cpu_seconds();

    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    CHECK(cpu_seconds() - before < 0.05);
    gh_pool_free(pool);
}

static void a_pool_may_end_before_its_threads_began(void)
{
    for (int i = 0; i < 100; i++)
        gh_pool_free(gh_pool_new(4));
    gh_pool_free(NULL);
}

static void memory_comes_zeroed_beyond_the_old_size(void)
{
    const struct gh_memory memory = gh_memory_system();
    unsigned char *at = memory.resize(memory.context, NULL, 0, 100);

    for (size_t i = 0; i < 100; i++)
        CHECK(at[i] == 0);
    memset(at, 0xaa, 100);
    at = memory.resize(memory.context, at, 100, 10);
    at = memory.resize(memory.context, at, 10, 5000);
    for (size_t i = 0; i < 5000; i++)
        CHECK(at[i] == (i < 10 ? 0xaa : 0));
    CHECK(memory.resize(memory.context, at, 5000, 0) == NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(every_index_is_worked_exactly_once_in_every_round),
    GH_TEST(one_thread_is_the_callers),
    GH_TEST(two_threads_work_at_the_same_time),
    GH_TEST(a_pool_without_work_uses_no_processor),
    GH_TEST(a_pool_may_end_before_its_threads_began),
    GH_TEST(memory_comes_zeroed_beyond_the_old_size),
};
GH_TEST_MAIN(tests)
