/* test_store_verify.c - what was changed, cut off, swapped or taken away is found and named. */
#include "support/store_full.h"

#include <sqlite3.h>
#include <sys/wait.h>

static uint64_t runs;

/* Names of the segments, oldest first. */
static char segment[8][32];
static size_t segments;

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void store_open(void)
{
    const struct dirent *entry;
    DIR *folder;

    runs = full_open(4);
    folder = opendir(kit_folder);
    for (segments = 0; folder && (entry = readdir(folder));)
        if (!strncmp(entry->d_name, "log-", 4) && segments < 8)
            snprintf(segment[segments++], sizeof segment[0], "%.31s", entry->d_name);
    closedir(folder);
    qsort(segment, segments, sizeof segment[0], by_name);
    CHECK(segments == 4 && kit_verify(NULL) == 0);
}

/* A row's first position in `name`, counted from its begin. */
static uint64_t row_of(const char *name, uint64_t number)
{
    return strtoull(name + 4, NULL, 10) + number * FULL_LINES;
}

static void tamper(const char *name, const char *format, uint64_t a, uint64_t b)
{
    sqlite3 *handle = NULL;
    char sql[512];
    char *why = NULL;

    snprintf(sql, sizeof sql, format, (unsigned long long)a, (unsigned long long)b);
    CHECK(chmod(kit_path(name), 0600) == 0);
    CHECK(sqlite3_open(kit_path(name), &handle) == SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &why) != SQLITE_OK) {
        gh_test_failures++;
        printf("# %s\n", why);
    }
    sqlite3_free(why);
    sqlite3_close(handle);
}

static const char *position_of(uint64_t position)
{
    static char text[48];

    snprintf(text, sizeof text, "position %llu", (unsigned long long)position);
    return text;
}

static void a_whole_store_has_no_faults(void)
{
    struct gh_verified verified;

    store_open();
    CHECK(kit_verify(&verified) == 0);
    CHECK(verified.segments == 4 && verified.runs == runs && verified.first == 0);
    CHECK(verified.events == runs * FULL_LINES && verified.next == verified.events);
    CHECK(verified.alerts == FULL_ALERTS && verified.findings == FULL_ALERTS);
    CHECK(verified.snapshots == 2 && verified.raw_bytes > verified.events * 30);
    kit_close();
}

static void a_folder_without_a_log_cannot_be_verified(void)
{
    kit_open();
    CHECK(kit_verify(NULL) == UINT64_MAX && strstr(kit_fault.problem, "there is no log"));
    kit_close();
}

static void each_changed_field_is_named_with_its_row(void)
{
    static const char *const changes[] = {
        "UPDATE run SET owner = 'mallory' WHERE first = %llu",
        "UPDATE run SET newest_ms = newest_ms + 1 WHERE first = %llu",
        "UPDATE run SET kind = 2 WHERE first = %llu",
        "UPDATE run SET body = (SELECT body FROM run WHERE first = %2$llu) WHERE first=%1$llu",
        "UPDATE run SET checksum = randomblob(16) WHERE first = %llu",
        "UPDATE run SET checksum = x'00' WHERE first = %llu",
        "UPDATE run SET body = zeroblob(10) WHERE first = %llu",
        "UPDATE run SET body = x'' WHERE first = %llu",
        "UPDATE run SET raw_size = raw_size - 1 WHERE first = %llu",
        "UPDATE run SET raw_size = 1 << 40 WHERE first = %llu",
    };

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct gh_log_cursor *cursor = NULL;
        const struct gh_run *run = NULL;
        struct gh_error error = {0};
        store_open();
        const uint64_t row = row_of(segment[1], 2);
        tamper(segment[1], changes[i], row, row_of(segment[1], 3));
        CHECK(kit_verify(NULL) >= 1);
        CHECK(kit_fault_is(segment[1], position_of(row), ""));
        /* A reader gets all before it, and then the same answer. */
        CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, row - 1, &error) == GH_OK);
        CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && run);
        CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_EFORMAT && !run);
        CHECK(strstr(error.text, segment[1]) && strstr(error.text, position_of(row)));
        gh_log_cursor_close(cursor);
        kit_close();
    }
}

static void a_removed_row_is_named(void)
{
    store_open();
    tamper(segment[1], "DELETE FROM run WHERE first = %llu", row_of(segment[1], 2), 0);
    CHECK(kit_verify(NULL) == 1);
    CHECK(kit_fault_is(segment[1], position_of(row_of(segment[1], 3)), "runs are missing"));
    kit_close();
}

static void the_last_row_of_a_segment_is_missed_by_the_next_one(void)
{
    store_open();
    tamper(segment[1], "DELETE FROM run WHERE first = (SELECT max(first) FROM run)", 0, 0);
    CHECK(kit_verify(NULL) == 1);
    CHECK(kit_fault_is(segment[2], "", "a segment is missing, or the end of one"));
    kit_close();
}

static void swapped_rows_are_named(void)
{
    store_open();
    tamper(segment[1],
           "UPDATE run SET first = -1 WHERE first = %1$llu;"
           "UPDATE run SET first = %1$llu WHERE first = %2$llu;"
           "UPDATE run SET first = %2$llu WHERE first = -1",
           row_of(segment[1], 1), row_of(segment[1], 2));
    CHECK(kit_verify(NULL) >= 2);
    CHECK(kit_fault_is(segment[1], position_of(row_of(segment[1], 1)), "checksum"));
    kit_close();
}

static void a_missing_segment_is_named_by_the_next_one(void)
{
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    struct gh_error error = {0};
    enum gh_status status;

    store_open();
    CHECK(unlink(kit_path(segment[1])) == 0);
    CHECK(kit_verify(NULL) == 1);
    CHECK(kit_fault_is(segment[2], "", "a segment is missing"));
    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error) == GH_OK);
    do
        status = gh_log_cursor_next(cursor, &run, &error);
    while (status == GH_OK && run);
    CHECK(status == GH_EFORMAT && strstr(error.text, "missing, with all up to "));
    gh_log_cursor_close(cursor);
    kit_close();
}

static void segments_under_each_others_names_are_named(void)
{
    char a[KIT_PATH], b[KIT_PATH], aside[KIT_PATH];

    store_open();
    snprintf(a, sizeof a, "%s", kit_path(segment[1]));
    snprintf(b, sizeof b, "%s", kit_path(segment[2]));
    snprintf(aside, sizeof aside, "%s", kit_path("aside"));
    CHECK(rename(a, aside) == 0 && rename(b, a) == 0 && rename(aside, b) == 0);
    CHECK(kit_verify(NULL) >= 1);
    CHECK(kit_fault_is(segment[1], "", "begins at position"));
    kit_close();
}

static void a_segment_that_is_cut_off_is_named(void)
{
    struct stat whole;

    for (int part = 0; part < 8; part++) {
        store_open();
        CHECK(stat(kit_path(segment[1]), &whole) == 0);
        CHECK(truncate(kit_path(segment[1]), whole.st_size * part / 8) == 0);
        CHECK(kit_verify(NULL) >= 1);
        CHECK(kit_fault_is(segment[1], "", ""));
        kit_close();
    }
}

static void a_file_that_is_something_else_is_named(void)
{
    FILE *file;

    store_open();
    CHECK(unlink(kit_path(segment[1])) == 0);
    file = fopen(kit_path(segment[1]), "w");
    CHECK(file && fputs("not a database at all, but long enough to look at\n", file) >= 0);
    CHECK(fclose(file) == 0 && kit_verify(NULL) >= 1);
    CHECK(kit_fault_is(segment[1], "", "not a database"));
    kit_close();
}

static void a_changed_mark_is_named(void)
{
    store_open();
    tamper(segment[1], "UPDATE mark SET sequence = sequence + 1", 0, 0);
    CHECK(kit_verify(NULL) == 1 && kit_fault_is(segment[1], "mark of a stream", "checksum"));
    kit_close();
}

static void an_end_that_ledger_and_snapshot_have_seen_is_missed(void)
{
    store_open();
    tamper(segment[3], "DELETE FROM run WHERE first = (SELECT max(first) FROM run)", 0, 0);
    CHECK(kit_verify(NULL) == 2);
    CHECK(kit_fault_is("ledger.db", "", "the end of the log is lost"));
    CHECK(unlink(kit_path("ledger.db")) == 0 && kit_verify(NULL) == 1);
    CHECK(strstr(kit_fault.problem, "stands behind the log"));
    kit_close();
}

static void changes_of_the_ledger_are_named(void)
{
    static const struct {
        const char *sql, *row, *problem;
    } rows[] = {
        {"UPDATE alert SET body = '{}' WHERE sequence = 3", "alert 3", "checksum"},
        {"UPDATE alert SET actor = 'bob' WHERE sequence = 3", "alert 3", "checksum"},
        {"DELETE FROM alert WHERE sequence = 3", "alert 4", "follows where 3 should be"},
        {"DELETE FROM alert WHERE sequence = 12", "", "alerts end before 12"},
        {"UPDATE finding SET severity = 'critical' WHERE id = 'finding-7'", "finding finding-7",
         "checksum"},
        {"UPDATE state SET applied = applied - 1", "", "state: the checksum does not fit"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        store_open();
        tamper("ledger.db", rows[i].sql, 0, 0);
        CHECK(kit_verify(NULL) == 1);
        CHECK(kit_fault_is("ledger.db", rows[i].row, rows[i].problem));
        kit_close();
    }
}

/* A process that died has left all in the WAL. */
static void crash_with_a_wal(void)
{
    int status = -1;
    pid_t child;

    kit_open();
    fflush(stdout);
    child = fork();
    if (child == 0) {
        const struct gh_log_setup setup = kit_setup(1 << 20);
        struct gh_log *log = kit_log(&setup);
        struct gh_error error = {0};
        for (uint64_t i = 0; i < 6; i++)
            if (kit_append(log, i, 10, &error) != GH_OK)
                _exit(1);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void wal_change(long at)
{
    FILE *file = fopen(kit_path("log-000000000000.db-wal"), "r+b");

    CHECK(file && fseek(file, at, SEEK_SET) == 0 && fputc(0x55, file) != EOF);
    CHECK(fclose(file) == 0);
}

static void a_wal_that_lost_what_was_committed_is_named(void)
{
    static const char wal[] = "log-000000000000.db-wal";

    crash_with_a_wal();
    CHECK(kit_verify(NULL) == 0 && kit_runs(10) == 6);
    wal_change(32 + 24 + 5000);
    CHECK(kit_verify(NULL) >= 1 && kit_fault_is(wal, "frame 1", "is lost"));
    kit_close();
    crash_with_a_wal();
    wal_change(17);
    CHECK(kit_verify(NULL) >= 1 && kit_fault_is(wal, "", "its head is damaged"));
    kit_close();
}

/* The newest transaction may be half written: that is no fault, and the rest is there. */
static void a_torn_end_of_a_wal_is_no_fault(void)
{
    struct stat whole;

    crash_with_a_wal();
    CHECK(stat(kit_path("log-000000000000.db-wal"), &whole) == 0);
    CHECK(truncate(kit_path("log-000000000000.db-wal"), whole.st_size - 100) == 0);
    CHECK(kit_verify(NULL) == 0 && kit_runs(10) == 5);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(a_whole_store_has_no_faults),
    GH_TEST(a_folder_without_a_log_cannot_be_verified),
    GH_TEST(each_changed_field_is_named_with_its_row),
    GH_TEST(a_removed_row_is_named),
    GH_TEST(the_last_row_of_a_segment_is_missed_by_the_next_one),
    GH_TEST(swapped_rows_are_named),
    GH_TEST(a_missing_segment_is_named_by_the_next_one),
    GH_TEST(segments_under_each_others_names_are_named),
    GH_TEST(a_segment_that_is_cut_off_is_named),
    GH_TEST(a_file_that_is_something_else_is_named),
    GH_TEST(a_changed_mark_is_named),
    GH_TEST(an_end_that_ledger_and_snapshot_have_seen_is_missed),
    GH_TEST(changes_of_the_ledger_are_named),
    GH_TEST(a_wal_that_lost_what_was_committed_is_named),
    GH_TEST(a_torn_end_of_a_wal_is_no_fault),
};
GH_TEST_MAIN(tests)
