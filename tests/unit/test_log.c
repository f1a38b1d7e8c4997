/* test_log.c - the log: appending, reading, segments, marks, pruning, on real files. */
#include "support/store_kit.h"

#include <fcntl.h>
#include <sqlite3.h>

static struct gh_error error;

static struct gh_log *log_new(uint64_t segment_bytes)
{
    const struct gh_log_setup setup = kit_setup(segment_bytes);

    kit_open();
    error = (struct gh_error){0};
    return kit_log(&setup);
}

static struct gh_log *log_again(struct gh_log *log, uint64_t segment_bytes)
{
    const struct gh_log_setup setup = kit_setup(segment_bytes);

    gh_log_close(log);
    return kit_log(&setup);
}

static void log_end(struct gh_log *log)
{
    gh_log_close(log);
    kit_close();
}

static void runs_come_back_as_they_were_appended(void)
{
    struct gh_log *log = log_new(1 << 20);
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *got = NULL;
    const struct gh_run events = kit_run(4, 3);
    struct gh_run run[2] = {events,
                            {.count = 1,
                             .kind = GH_RUN_SETTINGS,
                             .owner = {"", 0},
                             .newest_ms = -1,
                             .raw = "any\0thing",
                             .raw_size = 9}};
    const struct gh_log_batch batch = {.run = run, .run_count = 2};

    CHECK(gh_log_first(log) == 0 && gh_log_next(log) == 0);
    CHECK(gh_log_append(log, &batch, &error) == GH_OK);
    CHECK(run[0].first == 0 && run[1].first == 3 && gh_log_next(log) == 4);
    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error) == GH_OK);
    CHECK(gh_log_cursor_next(cursor, &got, &error) == GH_OK && got);
    CHECK(got && got->first == 0 && kit_run_same(got, &events));
    CHECK(gh_log_cursor_next(cursor, &got, &error) == GH_OK && got);
    CHECK(got && got->first == 3 && kit_run_same(got, &run[1]));
    CHECK(gh_log_cursor_next(cursor, &got, &error) == GH_OK && !got);
    gh_log_cursor_close(cursor);
    CHECK(kit_verify(NULL) == 0);
    log_end(log);
}

static void a_log_goes_on_where_it_ended(void)
{
    struct gh_log *log = log_new(1 << 20);

    CHECK(kit_append(log, 0, 5, &error) == GH_OK);
    log = log_again(log, 1 << 20);
    CHECK(gh_log_next(log) == 5);
    CHECK(kit_append(log, 1, 5, &error) == GH_OK);
    log = log_again(log, 1 << 20);
    CHECK(gh_log_next(log) == 10 && kit_runs(5) == 2);
    log_end(log);
}

static void an_empty_batch_changes_nothing(void)
{
    struct gh_log *log = log_new(1 << 20);
    const struct gh_log_batch none = {0};

    CHECK(gh_log_append(log, &none, &error) == GH_OK);
    CHECK(gh_log_next(log) == 0 && kit_runs(1) == 0 && kit_verify(NULL) == 0);
    log_end(log);
}

static bool file_mode(const char *name, mode_t *mode)
{
    struct stat state;

    if (stat(kit_path(name), &state) != 0)
        return false;
    *mode = state.st_mode & 0777;
    return true;
}

static void a_full_segment_becomes_one_file_that_is_only_read(void)
{
    struct gh_log *log = log_new(65536);
    mode_t mode = 0;
    uint64_t runs = 0;

    while (gh_log_counters(log).segments < 3 && runs < 200)
        CHECK(kit_append(log, runs++, 500, &error) == GH_OK);
    CHECK(gh_log_counters(log).segments == 3 && runs < 200);
    CHECK(file_mode("log-000000000000.db", &mode) && mode == 0400);
    CHECK(!file_mode("log-000000000000.db-wal", &mode));
    CHECK(!file_mode("log-000000000000.db-shm", &mode));
    CHECK(kit_runs(500) == runs && kit_verify(NULL) == 0);
    log = log_again(log, 65536);
    CHECK(gh_log_next(log) == runs * 500 && gh_log_counters(log).segments == 3);
    CHECK(kit_append(log, runs++, 500, &error) == GH_OK && kit_runs(500) == runs);
    log_end(log);
}

static void files_are_for_their_owner_alone(void)
{
    struct gh_log *log = log_new(1 << 20);
    mode_t mode = 0;

    CHECK(kit_append(log, 0, 1, &error) == GH_OK);
    CHECK(file_mode("log-000000000000.db", &mode) && mode == 0600);
    CHECK(file_mode("log-000000000000.db-wal", &mode) && mode == 0600);
    CHECK(file_mode("lock", &mode) && mode == 0600);
    log_end(log);
}

static void a_cursor_starts_at_any_position(void)
{
    struct gh_log *log = log_new(65536);
    uint64_t runs = 0;

    while (gh_log_counters(log).segments < 3)
        CHECK(kit_append(log, runs++, 500, &error) == GH_OK);
    for (uint64_t position = 0; position < runs * 500; position += 123) {
        struct gh_log_cursor *cursor = NULL;
        const struct gh_run *run = NULL;
        CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, position, &error) == GH_OK);
        CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && run);
        CHECK(run && run->first == position / 500 * 500);
        gh_log_cursor_close(cursor);
    }
    log_end(log);
}

static void a_cursor_waits_for_what_is_not_there_yet(void)
{
    struct gh_log *log = log_new(1 << 20);
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;

    CHECK(kit_append(log, 0, 10, &error) == GH_OK);
    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 15, &error) == GH_OK);
    CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && !run);
    CHECK(kit_append(log, 1, 5, &error) == GH_OK);
    CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && !run);
    CHECK(kit_append(log, 2, 5, &error) == GH_OK);
    CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && run && run->first == 15);
    gh_log_cursor_close(cursor);
    log_end(log);
}

/* Reads behind the writer, one run at a time, and so stands in segments while they end. */
static void a_cursor_reads_while_the_log_grows(void)
{
    struct gh_log *log = log_new(65536);
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    uint64_t runs = 0, seen = 0;
    mode_t mode = 0;

    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error) == GH_OK);
    while (gh_log_counters(log).segments < 4) {
        CHECK(kit_append(log, runs++, 500, &error) == GH_OK);
        if (runs % 2 == 0) {
            CHECK(gh_log_cursor_next(cursor, &run, &error) == GH_OK && run);
            CHECK(run && run->first == seen++ * 500);
        }
    }
    while (gh_log_cursor_next(cursor, &run, &error) == GH_OK && run)
        CHECK(run->first == seen++ * 500);
    CHECK(seen == runs);
    gh_log_cursor_close(cursor);
    /* What could not be sealed while it was read is sealed by now, or at the next opening. */
    log = log_again(log, 65536);
    CHECK(file_mode("log-000000000000.db", &mode) && mode == 0400);
    CHECK(kit_runs(500) == runs && kit_verify(NULL) == 0);
    log_end(log);
}

static void a_second_opener_is_refused_with_words(void)
{
    struct gh_log *log = log_new(1 << 20), *second = NULL;
    const struct gh_log_setup setup = kit_setup(1 << 20);

    CHECK(gh_log_open(&second, &setup, &error) == GH_EIO && !second);
    CHECK(strstr(error.text, "another process writes to this folder"));
    CHECK(kit_append(log, 0, 1, &error) == GH_OK);
    log_end(log);
}

static void run_refused(struct gh_log *log, const struct gh_run *wrong, const char *words)
{
    struct gh_run run = *wrong;
    const struct gh_log_batch batch = {.run = &run, .run_count = 1};
    struct gh_error why = {0};

    CHECK(gh_log_append(log, &batch, &why) == GH_EFORMAT);
    CHECK(strstr(why.text, words));
    CHECK(gh_log_next(log) == 0);
}

static void a_run_that_could_not_be_read_is_refused(void)
{
    struct gh_log *log = log_new(1 << 20);
    struct gh_run run = {.count = 2, .kind = GH_RUN_EVENTS, .raw = "{}\n", .raw_size = 3};

    run_refused(log, &run, "has 1 lines");
    run.count = 1;
    run.raw_size = 2;
    run_refused(log, &run, "whole line");
    run.raw_size = 0;
    run_refused(log, &run, "0 bytes");
    run.raw_size = GH_RUN_BYTES_MAX + 1;
    run_refused(log, &run, "must be 1..16777216");
    run.raw_size = 3;
    run.owner = (struct gh_text){"", GH_STRING_BYTES_MAX + 1};
    run_refused(log, &run, "at most 256");
    run.owner.size = 0;
    run.count = 0;
    run_refused(log, &run, "run of 0 events");
    CHECK(gh_log_counters(log).failed == 6);
    CHECK(kit_append(log, 0, 1, &error) == GH_OK && kit_runs(1) == 1);
    log_end(log);
}

static void mark_set(struct gh_log *log, unsigned char stream, const char *owner,
                     uint64_t sequence)
{
    const struct gh_mark mark = {
        .stream = {stream}, .owner = kit_text(owner), .sequence = sequence};
    const struct gh_log_batch batch = {.mark = &mark, .mark_count = 1};

    CHECK(gh_log_append(log, &batch, &error) == GH_OK);
}

static uint64_t mark_of(struct gh_log *log, unsigned char stream, const char *owner)
{
    struct gh_mark mark = {.stream = {stream}, .owner = kit_text(owner), .sequence = 77};

    CHECK(gh_log_mark_find(log, &mark, &error) == GH_OK);
    return mark.sequence;
}

static void marks_belong_to_stream_and_owner_and_never_go_back(void)
{
    struct gh_log *log = log_new(1 << 20);

    CHECK(mark_of(log, 1, "a") == 0);
    mark_set(log, 1, "a", 10);
    mark_set(log, 1, "b", 20);
    mark_set(log, 2, "a", 30);
    mark_set(log, 1, "a", 9);
    CHECK(mark_of(log, 1, "a") == 10 && mark_of(log, 1, "b") == 20);
    mark_set(log, 1, "a", 11);
    log = log_again(log, 1 << 20);
    CHECK(mark_of(log, 1, "a") == 11 && mark_of(log, 2, "a") == 30 &&
          mark_of(log, 2, "b") == 0);
    log_end(log);
}

static void a_new_segment_takes_the_marks_along_that_were_used_last(void)
{
    struct gh_log_setup setup = kit_setup(65536);
    struct gh_log *log;
    uint64_t runs = 0;

    kit_open();
    setup.streams = 2;
    log = kit_log(&setup);
    for (unsigned char stream = 1; stream <= 4; stream++) {
        mark_set(log, stream, "a", stream);
        CHECK(kit_append(log, runs++, 10, &error) == GH_OK);
    }
    mark_set(log, 1, "a", 1);
    CHECK(mark_of(log, 2, "a") == 2);
    while (gh_log_counters(log).segments < 2)
        CHECK(kit_append(log, runs++, 500, &error) == GH_OK);
    CHECK(mark_of(log, 1, "a") == 1 && mark_of(log, 4, "a") == 4);
    CHECK(mark_of(log, 2, "a") == 0 && mark_of(log, 3, "a") == 0);
    CHECK(gh_log_counters(log).streams_forgotten == 2);
    CHECK(kit_verify(NULL) == 0);
    log_end(log);
}

static void the_wal_is_written_again_from_its_start(void)
{
    struct gh_log *log = log_new(1 << 30);
    struct stat state = {0};
    off_t largest = 0, newest = 0;

    for (uint64_t i = 0; gh_log_counters(log).body_bytes < 2 * GH_LOG_CHECKPOINT_BYTES; i++) {
        CHECK(kit_append(log, i, 10000, &error) == GH_OK);
        CHECK(stat(kit_path("log-000000000000.db-wal"), &state) == 0);
        newest = state.st_size;
        largest = newest > largest ? newest : largest;
    }
    CHECK(newest == largest && largest < 2 * GH_LOG_CHECKPOINT_BYTES);
    log_end(log);
}

static uint64_t grown(struct gh_log *log, size_t segments)
{
    uint64_t runs = 0;

    while (gh_log_counters(log).segments < segments)
        CHECK(kit_append(log, runs++, 500, &error) == GH_OK);
    return runs;
}

static void pruning_takes_whole_old_segments_that_nobody_needs(void)
{
    struct gh_log *log = log_new(65536);
    const uint64_t runs = grown(log, 5);
    struct gh_log_prune rule = {.needed = 0, .keep_bytes = 1};
    struct gh_log_pruned pruned;
    struct gh_log_cursor *cursor = NULL;

    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 0);
    rule.needed = runs * 500;
    rule.pretend = true;
    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 4);
    CHECK(pruned.bytes > 4 * 65536 && gh_log_counters(log).segments == 5);
    rule.pretend = false;
    rule.needed = pruned.events / 2;
    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 2);
    CHECK(pruned.first == gh_log_first(log) && pruned.first <= rule.needed);
    CHECK(pruned.events == pruned.first && gh_log_counters(log).segments == 3);
    CHECK(kit_verify(NULL) == 0);
    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error) == GH_EFORMAT);
    CHECK(strstr(error.text, "position 0: the log begins at "));
    log = log_again(log, 65536);
    CHECK(gh_log_first(log) == pruned.first && gh_log_next(log) == runs * 500);
    log_end(log);
}

static void pruning_by_time_stops_at_the_first_segment_with_a_newer_event(void)
{
    struct gh_log *log = log_new(65536);
    const uint64_t runs = grown(log, 4);
    struct gh_log_prune rule = {.needed = UINT64_MAX, .before_ms = 1};
    struct gh_log_pruned pruned;

    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 0);
    rule.before_ms = (int64_t)(runs / 2) * 1000;
    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 1);
    rule.before_ms = INT64_MAX;
    CHECK(gh_log_prune(log, &rule, &pruned, &error) == GH_OK && pruned.segments == 2);
    CHECK(gh_log_counters(log).segments == 1);
    log_end(log);
}

static void another_format_is_refused_by_name(void)
{
    struct gh_log_setup setup;
    struct gh_log *log = log_new(1 << 20);
    sqlite3 *handle = NULL;

    gh_log_close(log);
    log = NULL;
    CHECK(sqlite3_open(kit_path("log-000000000000.db"), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, "PRAGMA user_version = 2", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(handle);
    setup = kit_setup(1 << 20);
    CHECK(gh_log_open(&log, &setup, &error) == GH_EFORMAT && !log);
    CHECK(
        !strcmp(error.text, "log-000000000000.db: has format 2: this program reads format 1"));
    kit_close();
}

static void a_folder_that_is_not_there_is_made_for_the_owner_alone(void)
{
    struct gh_log_setup setup = kit_setup(1 << 20);
    char folder[KIT_PATH], outer[sizeof kit_folder];
    struct stat state = {0};

    kit_open();
    memcpy(outer, kit_folder, sizeof outer);
    snprintf(folder, sizeof folder, "%s/new", kit_folder);
    setup.folder = folder;
    gh_log_close(kit_log(&setup));
    CHECK(stat(folder, &state) == 0 && (state.st_mode & 0777) == 0700);
    snprintf(kit_folder, sizeof kit_folder, "%.59s/new", outer);
    kit_close();
    memcpy(kit_folder, outer, sizeof outer);
    kit_close();
}

static void a_folder_that_cannot_be_made_is_an_error_at_the_start(void)
{
    struct gh_log_setup setup = kit_setup(1 << 20);
    struct gh_error why = {0};
    struct gh_log *log = NULL;

    setup.folder = "/nowhere/log";
    CHECK(gh_log_open(&log, &setup, &why) == GH_EIO && !log);
    CHECK(strstr(why.text, "/nowhere/log: cannot be made: "));
}

static const struct gh_test tests[] = {
    GH_TEST(runs_come_back_as_they_were_appended),
    GH_TEST(a_log_goes_on_where_it_ended),
    GH_TEST(an_empty_batch_changes_nothing),
    GH_TEST(a_full_segment_becomes_one_file_that_is_only_read),
    GH_TEST(files_are_for_their_owner_alone),
    GH_TEST(a_cursor_starts_at_any_position),
    GH_TEST(a_cursor_waits_for_what_is_not_there_yet),
    GH_TEST(a_cursor_reads_while_the_log_grows),
    GH_TEST(a_second_opener_is_refused_with_words),
    GH_TEST(a_run_that_could_not_be_read_is_refused),
    GH_TEST(marks_belong_to_stream_and_owner_and_never_go_back),
    GH_TEST(a_new_segment_takes_the_marks_along_that_were_used_last),
    GH_TEST(the_wal_is_written_again_from_its_start),
    GH_TEST(pruning_takes_whole_old_segments_that_nobody_needs),
    GH_TEST(pruning_by_time_stops_at_the_first_segment_with_a_newer_event),
    GH_TEST(another_format_is_refused_by_name),
    GH_TEST(a_folder_that_is_not_there_is_made_for_the_owner_alone),
    GH_TEST(a_folder_that_cannot_be_made_is_an_error_at_the_start),
};
GH_TEST_MAIN(tests)
