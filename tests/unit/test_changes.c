/* test_changes.c - changes of settings are kept once each, and read in both directions. */
#include "store/changes.h"

#include "support/store_kit.h"

#include <sqlite3.h>

static struct gh_error error;

static struct gh_kept_changes *changes_again(struct gh_kept_changes *changes)
{
    struct gh_kept_changes *opened = NULL;

    gh_kept_changes_close(changes);
    CHECK(gh_kept_changes_open(&opened, kit_folder, NULL, &error) == GH_OK);
    return opened;
}

static struct gh_kept_change change_of(uint64_t number, uint64_t position, const char *body)
{
    return (struct gh_kept_change){.number = number,
                                   .position = position,
                                   .time_ms = 1000 + (int64_t)number,
                                   .basis = kit_text("0123456789abcdef0123456789abcdef"),
                                   .body = kit_text(body)};
}

static enum gh_status change_add(struct gh_kept_changes *changes, uint64_t number,
                                 uint64_t position, const char *body)
{
    const struct gh_kept_change change = change_of(number, position, body);

    return gh_kept_changes_add(changes, &change, &error);
}

struct seen {
    char text[256];
    size_t limit, count;
};

static bool change_see(void *context, const struct gh_kept_change *change)
{
    struct seen *seen = context;
    const size_t used = strlen(seen->text);

    snprintf(seen->text + used, sizeof seen->text - used, "%d@%d=%.*s;", (int)change->number,
             (int)change->position, (int)change->body.size, change->body.at);
    CHECK(change->time_ms == 1000 + (int64_t)change->number && change->basis.size == 32);
    return ++seen->count < seen->limit;
}

static const char *read_from(struct gh_kept_changes *changes, struct gh_kept_page page,
                             size_t limit)
{
    static struct seen seen;

    seen = (struct seen){.limit = limit};
    CHECK(gh_kept_changes_read(changes, &page, change_see, &seen, &error) == GH_OK);
    return seen.text;
}

static void a_change_is_kept_and_read_both_ways(void)
{
    kit_open();
    struct gh_kept_changes *changes = changes_again(NULL);
    CHECK(strcmp(read_from(changes, (struct gh_kept_page){0, 9, false}, 9), "") == 0);
    CHECK(change_add(changes, 1, 0, "{}") == GH_OK);
    CHECK(change_add(changes, 2, 17, "{\"a\":1}") == GH_OK);
    CHECK(change_add(changes, 3, 18, "[]") == GH_OK);
    changes = changes_again(changes);
    CHECK(strcmp(read_from(changes, (struct gh_kept_page){2, 9, false}, 9),
                 "2@17={\"a\":1};3@18=[];") == 0);
    CHECK(strcmp(read_from(changes, (struct gh_kept_page){UINT64_MAX, 2, true}, 9),
                 "3@18=[];2@17={\"a\":1};") == 0);
    CHECK(strcmp(read_from(changes, (struct gh_kept_page){0, 9, false}, 1), "1@0={};") == 0);
    gh_kept_changes_close(changes);
    kit_close();
}

static void the_same_again_is_nothing_and_another_is_an_error(void)
{
    kit_open();
    struct gh_kept_changes *changes = changes_again(NULL);
    CHECK(change_add(changes, 1, 5, "{}") == GH_OK);
    CHECK(change_add(changes, 1, 5, "{}") == GH_OK);
    CHECK(change_add(changes, 1, 6, "{}") == GH_EDIVERGED);
    CHECK(change_add(changes, 2, 5, "{}") == GH_EDIVERGED);
    error = (struct gh_error){0};
    CHECK(change_add(changes, 1, 5, "{ }") == GH_EDIVERGED);
    CHECK(strstr(error.text, "change 1 at position 5") != NULL);
    CHECK(strcmp(read_from(changes, (struct gh_kept_page){0, 9, false}, 9), "1@5={};") == 0);
    gh_kept_changes_close(changes);
    kit_close();
}

static void a_reader_looks_on_and_never_writes(void)
{
    struct gh_kept_changes *reader = NULL;

    kit_open();
    CHECK(gh_kept_changes_open_reader(&reader, kit_folder, &error) == GH_EIO);
    struct gh_kept_changes *changes = changes_again(NULL);
    CHECK(gh_kept_changes_open_reader(&reader, kit_folder, &error) == GH_OK);
    CHECK(change_add(changes, 1, 5, "{}") == GH_OK);
    CHECK(strcmp(read_from(reader, (struct gh_kept_page){0, 9, false}, 9), "1@5={};") == 0);
    CHECK(change_add(reader, 2, 6, "{}") != GH_OK);
    gh_kept_changes_close(reader);
    gh_kept_changes_close(changes);
    kit_close();
}

static void row_spoil(const char *sql)
{
    sqlite3 *handle = NULL;

    CHECK(sqlite3_open(kit_path("settings.db"), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(handle);
}

struct faults {
    char text[512];
};

static void fault_see(void *context, const struct gh_verify_fault *fault)
{
    struct faults *faults = context;
    const size_t used = strlen(faults->text);

    snprintf(faults->text + used, sizeof faults->text - used, "%s|%s|%s;", fault->file,
             fault->row, fault->problem);
}

/* A log of one run of three events, and what verification says. */
static const char *verified(void)
{
    static struct faults faults;
    struct gh_verified found;

    faults = (struct faults){{0}};
    CHECK(gh_store_verify(kit_folder, fault_see, &faults, &found, &error) == GH_OK);
    CHECK(found.changes == 2);
    return faults.text;
}

static void verification_sees_what_was_changed_and_what_is_ahead_of_the_log(void)
{
    struct gh_log_setup setup;
    struct gh_log *log = NULL;

    kit_open();
    setup = kit_setup(1 << 20);
    CHECK(gh_log_open(&log, &setup, &error) == GH_OK);
    struct gh_run run = kit_run(1, 3);
    CHECK(gh_log_append(log, &(struct gh_log_batch){&run, 1, NULL, 0}, &error) == GH_OK);
    gh_log_close(log);
    struct gh_kept_changes *changes = changes_again(NULL);
    CHECK(change_add(changes, 1, 0, "{}") == GH_OK);
    CHECK(change_add(changes, 2, 2, "{}") == GH_OK);
    gh_kept_changes_close(changes);
    CHECK(strcmp(verified(), "") == 0);
    row_spoil("UPDATE change SET body = '{\"who\":\"nobody\"}' WHERE number = 2");
    CHECK(strstr(verified(), "checksum does not fit the row of change 2") != NULL);
    row_spoil("UPDATE change SET position = 3 WHERE number = 2");
    CHECK(strstr(verified(), "change 2|position 3 is behind the log, which ends at 3") != NULL);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(a_change_is_kept_and_read_both_ways),
    GH_TEST(the_same_again_is_nothing_and_another_is_an_error),
    GH_TEST(a_reader_looks_on_and_never_writes),
    GH_TEST(verification_sees_what_was_changed_and_what_is_ahead_of_the_log),
};
GH_TEST_MAIN(tests)
