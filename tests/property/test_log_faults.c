/* test_log_faults.c - whichever call to the disk fails, once or for good: what was reported
 * durable is there, nothing else is, and the log goes on when the disk does. */
#include "support/fault_vfs.h"
#include "support/store_kit.h"

enum { LINES = 400, APPENDS = 14, STREAM_LINES = 1 };

static struct gh_fault *fault;

static struct gh_log_setup setup_faulty(void)
{
    struct gh_log_setup setup = kit_setup(65536);

    setup.vfs = GH_FAULT_VFS;
    return setup;
}

/* Run number `runs` with a mark that says how many there are; as often as it is refused. */
static enum gh_status append_marked(struct gh_log *log, uint64_t runs)
{
    struct gh_run run = kit_run(runs, LINES);
    const struct gh_mark mark = {
        .stream = {7}, .owner = kit_text("gateway"), .sequence = runs + 1};
    const struct gh_log_batch batch = {&run, 1, &mark, 1};
    const uint64_t next = gh_log_next(log);
    struct gh_error error = {0};
    const enum gh_status status = gh_log_append(log, &batch, &error);

    if (status == GH_OK) {
        CHECK(run.first == next && gh_log_next(log) == next + LINES);
    } else {
        CHECK(status == (fault->kind == GH_FAULT_FULL ? GH_EFULL : GH_EIO));
        CHECK(gh_log_next(log) == next && error.text[0]);
        if (gh_test_failures)
            printf("# %s\n", error.text);
    }
    return status;
}

static bool marked(struct gh_log *log, uint64_t runs)
{
    struct gh_mark mark = {.stream = {7}, .owner = kit_text("gateway")};
    struct gh_error error = {0};

    return gh_log_mark_find(log, &mark, &error) == GH_OK && mark.sequence == runs;
}

static struct gh_log *log_try(void)
{
    const struct gh_log_setup setup = setup_faulty();
    struct gh_error error = {0};
    struct gh_log *log = NULL;

    if (gh_log_open(&log, &setup, &error) != GH_OK)
        CHECK(error.text[0] && !log);
    return log;
}

/* Appends until the fault and past it; returns false when it was never reached. */
static bool round_played(enum gh_fault_kind kind, long after, bool for_good)
{
    uint64_t runs = 0;
    struct gh_log *log;
    bool reached;

    kit_open();
    *fault = (struct gh_fault){.kind = kind, .left = after, .for_good = for_good};
    log = log_try();
    for (int i = 0; log && i < APPENDS; i++)
        runs += append_marked(log, runs) == GH_OK;
    reached = fault->failed > 0;
    CHECK(reached || runs == APPENDS);
    if (for_good && log && reached)
        CHECK(append_marked(log, runs) != GH_OK);
    fault->left = -1;
    if (!log)
        log = log_try();
    CHECK(log != NULL);
    if (log) {
        runs += append_marked(log, runs) == GH_OK;
        CHECK(gh_log_next(log) == runs * LINES && runs > 0 && marked(log, runs));
        CHECK(kit_runs(LINES) == runs);
        gh_log_close(log);
    }
    CHECK(kit_runs(LINES) == runs && kit_verify(NULL) == 0);
    log = log_try();
    CHECK(log && gh_log_next(log) == runs * LINES && marked(log, runs));
    gh_log_close(log);
    kit_close();
    return reached;
}

static void rounds_play(enum gh_fault_kind kind, bool for_good)
{
    long after = 0;

    fault = gh_fault_vfs();
    while (round_played(kind, after, for_good) && gh_test_failures == 0)
        after++;
    if (gh_test_failures)
        printf("# call %ld of kind %d%s\n", after, (int)kind, for_good ? ", for good" : "");
    CHECK(after > 10);
}

static void no_space_at_any_call(void)
{
    rounds_play(GH_FAULT_FULL, false);
}

static void no_space_from_any_call_on_until_there_is_some(void)
{
    rounds_play(GH_FAULT_FULL, true);
}

static void a_failing_write_at_any_call(void)
{
    rounds_play(GH_FAULT_WRITE, false);
}

static void failing_writes_from_any_call_on(void)
{
    rounds_play(GH_FAULT_WRITE, true);
}

static void a_failing_sync_at_any_call(void)
{
    rounds_play(GH_FAULT_SYNC, false);
}

static void failing_syncs_from_any_call_on(void)
{
    rounds_play(GH_FAULT_SYNC, true);
}

static const struct gh_test tests[] = {
    GH_TEST(no_space_at_any_call),
    GH_TEST(no_space_from_any_call_on_until_there_is_some),
    GH_TEST(a_failing_write_at_any_call),
    GH_TEST(failing_writes_from_any_call_on),
    GH_TEST(a_failing_sync_at_any_call),
    GH_TEST(failing_syncs_from_any_call_on),
};
GH_TEST_MAIN(tests)
