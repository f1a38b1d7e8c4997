/* test_store_faults.c - whichever call to the disk fails, once or for good: what was reported
 * durable is there, nothing else is, and log and ledger go on when the disk does. */
#include "support/fault_vfs.h"
#include "support/store_kit.h"

enum { LINES = 400, APPENDS = 14, COMMITS = 12 };

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

static void file_copy(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    size_t size;

    CHECK(in && out);
    while (in && out && (size = fread(bytes, 1, sizeof bytes, in)) > 0)
        CHECK(fwrite(bytes, 1, size, out) == size);
    CHECK(in && fclose(in) == 0 && out && fclose(out) == 0);
}

/* Makes a folder of what was synced and makes it kit_folder. A segment that has just got its
 * name was synced under the one before. */
static void power_cut(char before[64])
{
    const struct dirent *entry;
    DIR *folder = opendir(kit_folder);
    char from[KIT_PATH], name[64];

    memcpy(before, kit_folder, 64);
    kit_open();
    while (folder && (entry = readdir(folder))) {
        const size_t size = strlen(entry->d_name);
        const bool wal = size > 4 && !strcmp(entry->d_name + size - 4, "-wal");
        if (strncmp(entry->d_name, "log-", 4) != 0 ||
            (!wal && (size < 3 || strcmp(entry->d_name + size - 3, ".db") != 0)))
            continue;
        snprintf(name, sizeof name, "%.63s", entry->d_name);
        snprintf(from, sizeof from, "%.64s/%s.synced", before, name);
        if (!wal && access(from, F_OK) != 0)
            snprintf(from, sizeof from, "%.64s/%s.part.synced", before, name);
        if (access(from, F_OK) == 0)
            file_copy(from, kit_path(name));
        else
            CHECK(wal);
    }
    closedir(folder);
}

/* The power is cut after each append; one sync in between, or all from there on, failed. */
static bool power_played(enum gh_fault_kind kind, long after, bool for_good)
{
    uint64_t runs = 0;
    struct gh_log *log;
    bool reached;

    kit_open();
    gh_fault_keep(true);
    *fault = (struct gh_fault){.kind = kind, .left = after, .for_good = for_good};
    log = log_try();
    for (int i = 0; log && i < APPENDS; i++) {
        char before[64];
        uint64_t there;
        runs += append_marked(log, runs) == GH_OK;
        power_cut(before);
        there = kit_runs(LINES);
        CHECK(there == runs && kit_verify(NULL) == 0);
        kit_close();
        memcpy(kit_folder, before, 64);
    }
    reached = fault->failed > 0;
    fault->left = -1;
    gh_log_close(log);
    gh_fault_keep(false);
    kit_close();
    return reached;
}

static enum gh_status commit_alert(struct gh_ledger *ledger, uint64_t sequence)
{
    char id[32], body[20000];
    struct gh_ledger_change change = {0};
    struct gh_error error = {0};
    enum gh_status status;

    snprintf(id, sizeof id, "finding-%u", (unsigned)sequence);
    memset(body, 'a' + (int)(sequence % 26), sizeof body);
    change.alert = (struct gh_ledger_alert){.sequence = sequence,
                                            .id = kit_text(id),
                                            .finding = kit_text(id),
                                            .revision = 1,
                                            .body = {body, sizeof body}};
    change.finding = (struct gh_ledger_finding){.id = kit_text(id), .revision = 1};
    status = gh_ledger_commit(ledger, &change, 1, sequence * 10, &error);
    CHECK(status == GH_OK || status == (fault->kind == GH_FAULT_FULL ? GH_EFULL : GH_EIO));
    CHECK(status == GH_OK || error.text[0]);
    return status;
}

static struct gh_ledger *ledger_try(void)
{
    struct gh_error error = {0};
    struct gh_ledger *ledger = NULL;

    if (gh_ledger_open(&ledger, kit_folder, GH_FAULT_VFS, &error) != GH_OK)
        CHECK(error.text[0] && !ledger);
    return ledger;
}

/* How many alerts there are, all in order and whole. */
static uint64_t alerts_of(struct gh_ledger *ledger)
{
    struct gh_ledger_counts counts = {0};
    struct gh_error error = {0};

    CHECK(ledger && gh_ledger_counts(ledger, &counts, &error) == GH_OK);
    CHECK(counts.alerts == counts.newest && counts.findings == counts.alerts);
    CHECK(counts.applied == counts.newest * 10);
    return counts.alerts;
}

/* The ledger is asked after the fault what it has, and after being opened again. */
static bool ledger_played(enum gh_fault_kind kind, long after, bool for_good)
{
    uint64_t done = 0;
    struct gh_ledger *ledger;
    bool reached;

    kit_open();
    *fault = (struct gh_fault){.kind = kind, .left = after, .for_good = for_good};
    ledger = ledger_try();
    for (int i = 0; ledger && i < COMMITS; i++)
        done += commit_alert(ledger, done + 1) == GH_OK;
    reached = fault->failed > 0;
    CHECK(reached || done == COMMITS);
    fault->left = -1;
    if (!ledger)
        ledger = ledger_try();
    CHECK(alerts_of(ledger) == done);
    CHECK(ledger && commit_alert(ledger, done + 1) == GH_OK);
    gh_ledger_close(ledger);
    ledger = ledger_try();
    CHECK(alerts_of(ledger) == done + 1);
    gh_ledger_close(ledger);
    kit_close();
    return reached;
}

typedef bool round_fn(enum gh_fault_kind kind, long after, bool for_good);

/* All kinds from `kind` on. */
static void rounds_play(round_fn *play, enum gh_fault_kind first, bool for_good)
{
    fault = gh_fault_vfs();
    for (int kind = (int)first; kind <= GH_FAULT_SYNC; kind++) {
        long after = 0;
        while (gh_test_failures == 0 && play((enum gh_fault_kind)kind, after, for_good))
            after++;
        if (gh_test_failures)
            printf("# call %ld of kind %d%s\n", after, kind, for_good ? ", for good" : "");
        CHECK(after > 10);
    }
}

static void the_log_survives_an_error_of_any_call(void)
{
    rounds_play(round_played, GH_FAULT_FULL, false);
}

static void the_log_survives_errors_from_any_call_on(void)
{
    rounds_play(round_played, GH_FAULT_FULL, true);
}

static void what_was_reported_durable_survives_a_power_cut(void)
{
    rounds_play(power_played, GH_FAULT_SYNC, false);
}

static void it_survives_one_after_syncs_that_failed_for_good(void)
{
    rounds_play(power_played, GH_FAULT_SYNC, true);
}

static void the_ledger_survives_an_error_of_any_call(void)
{
    rounds_play(ledger_played, GH_FAULT_FULL, false);
}

static void the_ledger_survives_errors_from_any_call_on(void)
{
    rounds_play(ledger_played, GH_FAULT_FULL, true);
}

static const struct gh_test tests[] = {
    GH_TEST(the_log_survives_an_error_of_any_call),
    GH_TEST(the_log_survives_errors_from_any_call_on),
    GH_TEST(what_was_reported_durable_survives_a_power_cut),
    GH_TEST(it_survives_one_after_syncs_that_failed_for_good),
    GH_TEST(the_ledger_survives_an_error_of_any_call),
    GH_TEST(the_ledger_survives_errors_from_any_call_on),
};
GH_TEST_MAIN(tests)
