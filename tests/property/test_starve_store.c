/* test_starve_store.c - whichever request for memory is refused: the store says so, keeps what
 * it had, takes nothing by halves, and goes on once there is memory. */
#include "support/starve_kit.h"
#include "support/store_full.h"

enum { LINES = 300, WRITTEN = 4 };

static struct gh_log *log_open_now;
static uint64_t runs;

/* --- the log --- */

static enum gh_status run_append(struct gh_error *error)
{
    struct gh_run run = kit_run(runs, LINES);
    const struct gh_mark mark = {
        .stream = {7}, .owner = kit_text("gateway"), .sequence = runs + 1};
    const struct gh_log_batch batch = {&run, 1, &mark, 1};
    const enum gh_status status = gh_log_append(log_open_now, &batch, error);

    runs += status == GH_OK;
    return status;
}

static void log_before(void)
{
    kit_open();
    runs = 0;
    log_open_now = NULL;
}

/* Small segments, so that new ones are made and old ones sealed on the way. */
static enum gh_status log_work(struct gh_error *error)
{
    const struct gh_log_setup setup = kit_setup(20000);
    enum gh_status status = gh_log_open(&log_open_now, &setup, error);

    for (int i = 0; status == GH_OK && i < WRITTEN; i++)
        status = run_append(error);
    return status;
}

/* Whatever happened, the log goes on where it is. */
static void log_after(enum gh_status status)
{
    const struct gh_log_setup setup = kit_setup(20000);
    struct gh_mark mark = {.stream = {7}, .owner = kit_text("gateway")};
    struct gh_error error = {0};

    CHECK(status != GH_OK || runs == WRITTEN);
    if (!log_open_now)
        log_open_now = kit_log(&setup);
    CHECK(run_append(&error) == GH_OK);
    CHECK(gh_log_next(log_open_now) == runs * LINES);
    CHECK(gh_log_mark_find(log_open_now, &mark, &error) == GH_OK && mark.sequence == runs);
    CHECK(kit_runs(LINES) == runs);
    gh_log_close(log_open_now);
    CHECK(kit_verify(NULL) == 0);
    if (error.text[0])
        printf("# %s\n", error.text);
    kit_close();
}

static void the_log_takes_a_run_whole_or_not_at_all(void)
{
    starve(&(struct starve_work){log_before, log_work, log_after, true});
}

/* --- all that a store holds --- */

static uint64_t full_runs;

static void full_before(void)
{
    full_runs = full_open(3);
}

static void full_after(enum gh_status status)
{
    (void)status;
    CHECK(kit_verify(NULL) == 0);
    kit_close();
}

static enum gh_status read_work(struct gh_error *error)
{
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    uint64_t read = 0;
    enum gh_status status = gh_log_cursor_open(&cursor, kit_folder, NULL, 0, error);

    while (status == GH_OK && (status = gh_log_cursor_next(cursor, &run, error)) == GH_OK &&
           run) {
        const struct gh_run wanted = kit_run(read, FULL_LINES);
        CHECK(kit_run_same(run, &wanted));
        read++;
    }
    gh_log_cursor_close(cursor);
    CHECK(status != GH_OK || read == full_runs);
    return status;
}

static void the_log_is_read_to_its_end_or_says_why_not(void)
{
    starve(&(struct starve_work){full_before, read_work, full_after, true});
}

/* What cannot be looked at for want of memory is no fault of the files. */
static enum gh_status verify_work(struct gh_error *error)
{
    struct gh_verified verified;
    uint64_t faults = 0;
    const enum gh_status status =
        gh_store_verify(kit_folder, kit_on_fault, &faults, &verified, error);

    CHECK(faults == 0);
    if (faults)
        printf("# %s: %s: %s\n", kit_fault.file, kit_fault.row, kit_fault.problem);
    memset(&kit_fault, 0, sizeof kit_fault);
    return status;
}

static void verification_finds_no_fault_where_only_memory_is_short(void)
{
    starve(&(struct starve_work){full_before, verify_work, full_after, true});
}

static enum gh_status prune_work(struct gh_error *error)
{
    const struct gh_log_setup setup = kit_setup(65536);
    const struct gh_log_prune rule = {.needed = full_runs * FULL_LINES, .keep_bytes = 1};
    struct gh_log_pruned pruned;
    enum gh_status status = gh_log_open(&log_open_now, &setup, error);

    if (status == GH_OK) {
        status = gh_log_prune(log_open_now, &rule, &pruned, error);
        /* A size that cannot be looked up ends it for now; it is tried again in an hour. */
        CHECK(status != GH_OK || pruned.segments >= 2 || gh_starve_refused() > 0);
        CHECK(gh_log_first(log_open_now) == pruned.first);
        gh_log_close(log_open_now);
    }
    return status;
}

static void pruning_removes_whole_segments(void)
{
    starve(&(struct starve_work){full_before, prune_work, full_after, true});
}

/* --- the ledger --- */

enum { ALERTS = 3 };

static struct gh_ledger *ledger;
static uint64_t alerts;

static enum gh_status alert_commit(struct gh_error *error)
{
    char id[32], body[3000];
    struct gh_ledger_change change = {0};

    snprintf(id, sizeof id, "finding-%u", (unsigned)alerts);
    memset(body, 'b', sizeof body);
    change.alert = (struct gh_ledger_alert){.sequence = alerts + 1,
                                            .id = kit_text(id),
                                            .finding = kit_text(id),
                                            .revision = 1,
                                            .body = {body, sizeof body}};
    change.finding = (struct gh_ledger_finding){.id = kit_text(id), .revision = 1};
    const enum gh_status status =
        gh_ledger_commit(ledger, &change, 1, (alerts + 1) * 10, error);
    alerts += status == GH_OK;
    return status;
}

static bool alert_count(void *context, const struct gh_ledger_alert *alert)
{
    (void)alert;
    ++*(uint64_t *)context;
    return true;
}

static enum gh_status ledger_read(struct gh_error *error)
{
    const struct gh_ledger_page page = {1, 100};
    const struct gh_ledger_finding *finding = NULL;
    struct gh_ledger_counts counts;
    uint64_t seen = 0;
    enum gh_status status = gh_ledger_counts(ledger, &counts, error);

    if (status == GH_OK)
        status = gh_ledger_alerts(ledger, &page, alert_count, &seen, error);
    CHECK(status != GH_OK || (counts.alerts == alerts && seen == alerts));
    if (status == GH_OK)
        status = gh_ledger_alerts_of(ledger, kit_text("finding-0"), alert_count, &seen, error);
    if (status == GH_OK)
        status = gh_ledger_finding(ledger, kit_text("finding-1"), &finding, error);
    CHECK(status != GH_OK || (finding && seen == alerts + 1));
    return status;
}

static void ledger_before(void)
{
    kit_open();
    ledger = NULL;
    alerts = 0;
}

static enum gh_status ledger_work(struct gh_error *error)
{
    enum gh_status status = gh_ledger_open(&ledger, kit_folder, NULL, error);

    for (int i = 0; status == GH_OK && i < ALERTS; i++)
        status = alert_commit(error);
    return status == GH_OK ? ledger_read(error) : status;
}

static void ledger_after(enum gh_status status)
{
    struct gh_error error = {0};

    CHECK(status != GH_OK || alerts == ALERTS);
    if (!ledger)
        CHECK(gh_ledger_open(&ledger, kit_folder, NULL, &error) == GH_OK);
    while (gh_test_failures == 0 && alerts < ALERTS + 1)
        CHECK(alert_commit(&error) == GH_OK);
    CHECK(ledger_read(&error) == GH_OK);
    if (error.text[0])
        printf("# %s\n", error.text);
    gh_ledger_close(ledger);
    kit_close();
}

static void the_ledger_takes_an_alert_whole_or_not_at_all(void)
{
    starve(&(struct starve_work){ledger_before, ledger_work, ledger_after, true});
}

/* --- snapshots --- */

static char state[200000];
static bool second;

static void snapshot_before(void)
{
    full_before();
    second = false;
    for (size_t i = 0; i < sizeof state; i++)
        state[i] = (char)(i * i >> 7);
}

static enum gh_status snapshot_work(struct gh_error *error)
{
    const struct gh_snapshot_setup setup = {kit_folder, 1, NULL};
    const struct gh_snapshot_head head = {.position = 7, .engine = "0.1.0"};
    const struct gh_snapshot_wish wish = {kit_folder, 7, NULL, NULL};
    struct gh_snapshot_writer *writer = NULL;
    struct gh_snapshot_reader *reader = NULL;
    enum gh_status status = gh_snapshot_begin(&writer, &setup, &head, error);
    char back[sizeof state];
    size_t got = 0;

    if (status != GH_OK)
        return status;
    status = gh_snapshot_write(writer, state, sizeof state, error);
    if (status != GH_OK)
        gh_snapshot_abort(writer);
    else
        status = gh_snapshot_commit(writer, error);
    second = status == GH_OK;
    if (status == GH_OK)
        status = gh_snapshot_open(&reader, &wish, error);
    if (status == GH_OK) {
        status = gh_snapshot_read(reader, back, sizeof back, &got, error);
        CHECK(status != GH_OK || (got == sizeof back && !memcmp(back, state, got)));
        gh_snapshot_close(reader);
    }
    return status;
}

static void snapshot_after(enum gh_status status)
{
    CHECK((access(kit_path("snapshot-000000000007.zst"), F_OK) == 0) == second);
    full_after(status);
}

static void a_snapshot_is_there_whole_or_not_at_all(void)
{
    starve(&(struct starve_work){snapshot_before, snapshot_work, snapshot_after, true});
}

static const struct gh_test tests[] = {
    GH_TEST(the_log_takes_a_run_whole_or_not_at_all),
    GH_TEST(the_log_is_read_to_its_end_or_says_why_not),
    GH_TEST(verification_finds_no_fault_where_only_memory_is_short),
    GH_TEST(pruning_removes_whole_segments),
    GH_TEST(the_ledger_takes_an_alert_whole_or_not_at_all),
    GH_TEST(a_snapshot_is_there_whole_or_not_at_all),
};
GH_TEST_MAIN(tests)
