/* test_threads_log.c - a thread reads the log that another one writes, through segments that
 * end meanwhile. */
#include "support/store_kit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { RUNS = 120, LINES = 300 };

static atomic_int troubles;

/* Reads until all runs have come, each as it was written. */
static void *follow(void *context)
{
    struct gh_log_cursor *cursor = NULL;
    struct gh_error error = {0};
    const struct gh_run *run = NULL;
    uint64_t seen = 0;
    enum gh_status status = gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error);

    (void)context;
    while (status == GH_OK && seen < RUNS) {
        status = gh_log_cursor_next(cursor, &run, &error);
        if (status == GH_OK && run && (run->first != seen++ * LINES || run->count != LINES))
            status = GH_EFORMAT;
        if (status == GH_OK && !run)
            sched_yield();
    }
    if (status != GH_OK) {
        printf("# run %llu: %s\n", (unsigned long long)seen, error.text);
        atomic_fetch_add(&troubles, 1);
    }
    gh_log_cursor_close(cursor);
    return NULL;
}

static void readers_follow_a_writer(void)
{
    const struct gh_log_setup setup = kit_setup(65536);
    struct gh_error error = {0};
    struct gh_log *log;
    pthread_t reader[2];

    kit_open();
    log = kit_log(&setup);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&reader[i], NULL, follow, NULL) == 0);
    for (uint64_t i = 0; i < RUNS; i++)
        CHECK(kit_append(log, i, LINES, &error) == GH_OK);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(reader[i], NULL) == 0);
    CHECK(atomic_load(&troubles) == 0 && gh_log_counters(log).segments > 3);
    gh_log_close(log);
    CHECK(kit_runs(LINES) == RUNS && kit_verify(NULL) == 0);
    log = kit_log(&setup);
    gh_log_close(log);
    kit_close();
}

static const struct gh_test tests[] = {GH_TEST(readers_follow_a_writer)};
GH_TEST_MAIN(tests)
