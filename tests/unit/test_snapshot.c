/* test_snapshot.c - snapshots: written whole or not at all, checked before they are read. */
#include "support/store_kit.h"

#include <errno.h>
#include <sys/wait.h>

enum { STATE = 300000, PIECE = 7001 };

static struct gh_error error;
static unsigned char state[STATE];

static void state_make(unsigned seed)
{
    uint32_t x = seed * 2654435761u + 1;

    for (size_t i = 0; i < sizeof state; i++) {
        x = x * 1664525 + 1013904223;
        state[i] = (unsigned char)(x >> 29);
    }
}

static struct gh_snapshot_head head_of(uint64_t position)
{
    return (struct gh_snapshot_head){.position = position,
                                     .alert_sequence = position / 2,
                                     .newest_ms = -3,
                                     .fingerprint = UINT64_C(0xfedcba9876543210),
                                     .configuration = {1, 2, 3, [15] = 16},
                                     .engine = "0.1.0"};
}

static enum gh_status snapshot_put(uint64_t position, const struct gh_snapshot_system *system)
{
    const struct gh_snapshot_setup setup = {kit_folder, 1, system};
    const struct gh_snapshot_head head = head_of(position);
    struct gh_snapshot_writer *writer = NULL;
    enum gh_status status = gh_snapshot_begin(&writer, &setup, &head, &error);

    state_make((unsigned)position);
    if (status != GH_OK)
        return status;
    for (size_t at = 0; status == GH_OK && at < sizeof state; at += PIECE) {
        const size_t left = sizeof state - at;
        status = gh_snapshot_write(writer, state + at, left < PIECE ? left : PIECE, &error);
    }
    if (status == GH_OK)
        return gh_snapshot_commit(writer, &error);
    gh_snapshot_abort(writer);
    return status;
}

static char bad_told[256];

static void on_bad(void *context, const char *file, const char *problem)
{
    const size_t used = strlen(bad_told);

    (void)context;
    snprintf(bad_told + used, sizeof bad_told - used, "%s: %s;", file, problem);
}

/* Position of the snapshot that is offered, all of whose state is right; UINT64_MAX: none. */
static uint64_t offered(uint64_t position)
{
    const struct gh_snapshot_wish wish = {kit_folder, position, on_bad, NULL};
    struct gh_snapshot_reader *reader = NULL;
    static unsigned char got[STATE + 1];
    size_t used = 0, part = 1;
    struct gh_snapshot_head wanted;

    bad_told[0] = '\0';
    CHECK(gh_snapshot_open(&reader, &wish, &error) == GH_OK);
    if (!reader)
        return UINT64_MAX;
    wanted = head_of(gh_snapshot_head(reader)->position);
    CHECK(!memcmp(gh_snapshot_head(reader), &wanted, sizeof wanted));
    state_make((unsigned)wanted.position);
    while (part > 0) {
        CHECK(gh_snapshot_read(reader, got + used, sizeof got - used < 999 ? 1 : 999, &part,
                               &error) == GH_OK);
        used += part;
        if (used > STATE)
            break;
    }
    CHECK(used == STATE && !memcmp(got, state, STATE));
    gh_snapshot_close(reader);
    return wanted.position;
}

static void the_state_comes_back(void)
{
    kit_open();
    CHECK(offered(UINT64_MAX) == UINT64_MAX);
    CHECK(snapshot_put(7, NULL) == GH_OK && offered(UINT64_MAX) == 7);
    CHECK(snapshot_put(12, NULL) == GH_OK && offered(UINT64_MAX) == 12);
    CHECK(offered(12) == 12 && offered(11) == 7 && offered(6) == UINT64_MAX);
    CHECK(bad_told[0] == '\0');
    kit_close();
}

static void an_empty_state_is_one_too(void)
{
    const struct gh_snapshot_setup setup = {kit_folder, 1, NULL};
    const struct gh_snapshot_wish wish = {kit_folder, UINT64_MAX, NULL, NULL};
    const struct gh_snapshot_head head = head_of(0);
    struct gh_snapshot_writer *writer = NULL;
    struct gh_snapshot_reader *reader = NULL;
    unsigned char byte;
    size_t got = 1;

    kit_open();
    CHECK(gh_snapshot_begin(&writer, &setup, &head, &error) == GH_OK);
    CHECK(gh_snapshot_commit(writer, &error) == GH_OK);
    CHECK(gh_snapshot_open(&reader, &wish, &error) == GH_OK && reader);
    CHECK(gh_snapshot_read(reader, &byte, 1, &got, &error) == GH_OK && got == 0);
    gh_snapshot_close(reader);
    kit_close();
}

static void the_newest_three_are_kept(void)
{
    uint64_t oldest = 0;

    kit_open();
    CHECK(!gh_snapshot_oldest(kit_folder, &oldest));
    for (uint64_t position = 1; position <= 5; position++)
        CHECK(snapshot_put(position, NULL) == GH_OK);
    CHECK(gh_snapshot_oldest(kit_folder, &oldest) && oldest == 3);
    CHECK(offered(2) == UINT64_MAX && offered(3) == 3);
    kit_close();
}

static void an_aborted_one_leaves_nothing(void)
{
    const struct gh_snapshot_setup setup = {kit_folder, 1, NULL};
    const struct gh_snapshot_head head = head_of(9);
    struct gh_snapshot_writer *writer = NULL;

    kit_open();
    CHECK(gh_snapshot_begin(&writer, &setup, &head, &error) == GH_OK);
    CHECK(gh_snapshot_write(writer, state, sizeof state, &error) == GH_OK);
    gh_snapshot_abort(writer);
    gh_snapshot_abort(NULL);
    kit_close(); /* fails when a file is left */
}

static void what_a_dead_writer_left_is_swept(void)
{
    FILE *file;

    kit_open();
    file = fopen(kit_path("snapshot-000000000009.zst.part"), "w");
    CHECK(file && fclose(file) == 0);
    CHECK(offered(UINT64_MAX) == UINT64_MAX);
    gh_snapshot_sweep(kit_folder);
    CHECK(access(kit_path("snapshot-000000000009.zst.part"), F_OK) != 0);
    kit_close();
}

static const char newest[] = "snapshot-000000000012.zst";

static void bytes_change(long at, int by)
{
    FILE *file = fopen(kit_path(newest), "r+b");
    int byte;

    CHECK(file && fseek(file, at, at < 0 ? SEEK_END : SEEK_SET) == 0);
    byte = fgetc(file);
    CHECK(fseek(file, -1, SEEK_CUR) == 0 && fputc(byte ^ by, file) != EOF);
    CHECK(fclose(file) == 0);
}

static void a_bad_one_is_named_and_the_next_older_one_offered(void)
{
    static const struct {
        long at;
        const char *problem;
    } rows[] = {{0, "is not a snapshot"},
                {8, "has another format than this program reads"},
                {16, "the checksum does not fit"},
                {100, "the checksum does not fit"},
                {-20, "is cut off, or its size is not what was written"},
                {-1, "the checksum does not fit"}};
    char wanted[128];

    kit_open();
    CHECK(snapshot_put(7, NULL) == GH_OK && snapshot_put(12, NULL) == GH_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes_change(rows[i].at, 4);
        CHECK(offered(UINT64_MAX) == 7);
        snprintf(wanted, sizeof wanted, "%s: %s;", newest, rows[i].problem);
        CHECK(!strcmp(bad_told, wanted));
        bytes_change(rows[i].at, 4);
    }
    CHECK(offered(UINT64_MAX) == 12);
    kit_close();
}

static void one_that_is_cut_off_anywhere_is_not_read(void)
{
    struct stat whole;

    kit_open();
    CHECK(snapshot_put(7, NULL) == GH_OK && snapshot_put(12, NULL) == GH_OK);
    CHECK(stat(kit_path(newest), &whole) == 0);
    for (off_t size = whole.st_size - 1; size >= 0; size -= size > 200 ? 997 : 1) {
        CHECK(truncate(kit_path(newest), size) == 0);
        CHECK(offered(UINT64_MAX) == 7 && bad_told[0]);
    }
    kit_close();
}

static void one_under_another_name_is_not_taken_for_it(void)
{
    char from[KIT_PATH];

    kit_open();
    CHECK(snapshot_put(7, NULL) == GH_OK);
    snprintf(from, sizeof from, "%s", kit_path("snapshot-000000000007.zst"));
    CHECK(rename(from, kit_path(newest)) == 0);
    CHECK(offered(UINT64_MAX) == UINT64_MAX);
    CHECK(strstr(bad_told, "holds another position than its name"));
    kit_close();
}

/* Calls of the writer that fail from the N-th on; a short one comes through by half. */
static long calls_left;
static int calls_error;
static bool calls_short;

static ssize_t write_failing(int file, const void *at, size_t size)
{
    if (calls_left-- > 0)
        return write(file, at, size);
    if (calls_short && size > 1 && calls_left == -1)
        return write(file, at, size / 2);
    errno = calls_error;
    return -1;
}

static int sync_failing(int file)
{
    if (calls_left-- > 0)
        return fsync(file);
    errno = calls_error;
    return -1;
}

static const struct gh_snapshot_system failing = {write_failing, sync_failing};

static void calls_fail(int code, bool is_short, enum gh_status wanted)
{
    enum gh_status status = wanted;

    kit_open();
    CHECK(snapshot_put(7, NULL) == GH_OK);
    for (long after = 0; status != GH_OK && after < 1000; after++) {
        calls_left = after;
        calls_error = code;
        calls_short = is_short;
        error = (struct gh_error){0};
        status = snapshot_put(12, &failing);
        CHECK(status == wanted || status == GH_OK);
        CHECK(offered(UINT64_MAX) == (status == GH_OK ? 12 : 7) && !bad_told[0]);
        CHECK(access(kit_path("snapshot-000000000012.zst.part"), F_OK) != 0);
        CHECK(status == GH_OK || strstr(error.text, newest));
    }
    CHECK(status == GH_OK);
    kit_close();
}

static void no_space_at_any_call_leaves_the_older_one(void)
{
    calls_fail(ENOSPC, false, GH_EFULL);
    calls_fail(ENOSPC, true, GH_EFULL);
}

static void an_error_at_any_call_leaves_the_older_one(void)
{
    calls_fail(EIO, false, GH_EIO);
}

/* A child of fork() writes, as the service has it done. */
static void a_forked_child_may_write(void)
{
    int status = -1;
    pid_t child;

    kit_open();
    fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(snapshot_put(12, NULL) == GH_OK ? 0 : 1);
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    CHECK(offered(UINT64_MAX) == 12);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(the_state_comes_back),
    GH_TEST(an_empty_state_is_one_too),
    GH_TEST(the_newest_three_are_kept),
    GH_TEST(an_aborted_one_leaves_nothing),
    GH_TEST(what_a_dead_writer_left_is_swept),
    GH_TEST(a_bad_one_is_named_and_the_next_older_one_offered),
    GH_TEST(one_that_is_cut_off_anywhere_is_not_read),
    GH_TEST(one_under_another_name_is_not_taken_for_it),
    GH_TEST(no_space_at_any_call_leaves_the_older_one),
    GH_TEST(an_error_at_any_call_leaves_the_older_one),
    GH_TEST(a_forked_child_may_write),
};
GH_TEST_MAIN(tests)
