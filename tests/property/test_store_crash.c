/* test_store_crash.c - a process that appends is killed at any moment: what it had reported as
 * durable is there, and nothing is half there. */
#include "support/store_kit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 50, LINES = 200 };

/* Appends until it is killed; tells the number of runs that are durable by the pipe. */
static _Noreturn void append_for_ever(int out)
{
    const struct gh_log_setup setup = kit_setup(65536);
    struct gh_log *log = NULL;
    struct gh_error error = {0};
    uint64_t runs;

    if (gh_log_open(&log, &setup, &error) != GH_OK)
        _exit(2);
    for (runs = gh_log_next(log) / LINES;;) {
        if (kit_append(log, runs, LINES, &error) != GH_OK)
            _exit(3);
        runs++;
        if (write(out, &runs, sizeof runs) != sizeof runs)
            _exit(4);
    }
}

static void pause_us(long us)
{
    const struct timespec time = {0, us * 1000};

    nanosleep(&time, NULL);
}

/* The newest number that came before the end; 0: none did. */
static uint64_t last_told(int in)
{
    uint64_t runs, last = 0;

    while (read(in, &runs, sizeof runs) == sizeof runs)
        last = runs;
    return last;
}

static void what_was_reported_is_there_after_each_kill(void)
{
    uint64_t durable = 0, next_random = 12345;
    unsigned died = 0;

    kit_open();
    for (int i = 0; i < KILLS && gh_test_failures == 0; i++) {
        int ends[2], status = 0;
        uint64_t told, runs;
        CHECK(pipe(ends) == 0);
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            append_for_ever(ends[1]);
        }
        close(ends[1]);
        next_random = next_random * 6364136223846793005u + 1442695040888963407u;
        pause_us((long)(next_random >> 33) % 15000);
        CHECK(kill(child, SIGKILL) == 0);
        told = last_told(ends[0]);
        close(ends[0]);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        if (access(kit_path("log-000000000000.db"), F_OK) != 0)
            continue; /* killed before there was a log */
        died++;
        runs = kit_runs(LINES);
        CHECK(kit_verify(NULL) == 0);
        CHECK(runs >= told && runs >= durable);
        durable = runs;
    }
    printf("# %u kills, %llu runs\n", died, (unsigned long long)durable);
    CHECK(died > KILLS / 2 && durable > KILLS);
    kit_close();
}

static const struct gh_test tests[] = {GH_TEST(what_was_reported_is_there_after_each_kill)};
GH_TEST_MAIN(tests)
