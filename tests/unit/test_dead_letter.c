/* test_dead_letter.c - the record of what was not taken, on real files. */
#include "edge/dead_letter.h"

#include "support/gh_test.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static void path_new(void)
{
    snprintf(path, sizeof(path), "/tmp/goodhart-letters-XXXXXX");
    const int file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
}

static bool file_is(const char *wanted)
{
    char got[256];
    FILE *file = fopen(path, "r");
    const size_t size = file ? fread(got, 1, sizeof(got), file) : 0;
    if (file)
        fclose(file);
    return size == strlen(wanted) && !memcmp(got, wanted, size);
}

static void lines_are_appended_when_flushed(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    path_new();
    CHECK(gh_dead_letters_new(&letters, path, &error) == GH_OK);
    gh_dead_letters_add(letters, "{\"a\":1}");
    CHECK(file_is(""));
    gh_dead_letters_flush(letters);
    CHECK(file_is("{\"a\":1}\n"));
    gh_dead_letters_add(letters, "{}");
    gh_dead_letters_free(letters);
    CHECK(file_is("{\"a\":1}\n{}\n"));
    unlink(path);
}

static void a_line_that_an_earlier_run_left_open_is_ended_first(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    path_new();
    FILE *file = fopen(path, "w");
    CHECK(file && fputs("{\"torn", file) >= 0 && fclose(file) == 0);
    CHECK(gh_dead_letters_new(&letters, path, &error) == GH_OK);
    gh_dead_letters_add(letters, "{}");
    gh_dead_letters_free(letters);
    CHECK(file_is("{\"torn\n{}\n"));
    unlink(path);
}

static void a_new_file_is_for_its_owner_alone(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    struct stat state = {0};
    path_new();
    unlink(path);
    CHECK(gh_dead_letters_new(&letters, path, &error) == GH_OK);
    CHECK(stat(path, &state) == 0 && (state.st_mode & 0777) == 0600);
    gh_dead_letters_free(letters);
    unlink(path);
}

static void a_full_disk_costs_lines_and_is_counted(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    CHECK(gh_dead_letters_new(&letters, "/dev/full", &error) == GH_OK);
    gh_dead_letters_add(letters, "{}");
    gh_dead_letters_add(letters, "{}");
    gh_dead_letters_flush(letters);
    gh_dead_letters_add(letters, NULL);
    CHECK(gh_dead_letters_failed(letters) == 3 && gh_dead_letters_written(letters) == 0);
    gh_dead_letters_free(letters);
}

static void without_a_path_nothing_is_kept(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    CHECK(gh_dead_letters_new(&letters, "", &error) == GH_OK);
    gh_dead_letters_add(letters, "{}");
    gh_dead_letters_flush(letters);
    CHECK(gh_dead_letters_written(letters) == 0 && gh_dead_letters_failed(letters) == 0);
    gh_dead_letters_free(letters);
}

static void a_path_that_cannot_be_opened_is_an_error_at_the_start(void)
{
    struct gh_dead_letters *letters = NULL;
    struct gh_error error = {0};
    CHECK(gh_dead_letters_new(&letters, "/nowhere/letters", &error) == GH_EIO);
    CHECK(strstr(error.text, "intake.dead_letters: /nowhere/letters: "));
    CHECK(letters == NULL);
}

static const struct gh_test tests[] = {
    GH_TEST(lines_are_appended_when_flushed),
    GH_TEST(a_line_that_an_earlier_run_left_open_is_ended_first),
    GH_TEST(a_new_file_is_for_its_owner_alone),
    GH_TEST(a_full_disk_costs_lines_and_is_counted),
    GH_TEST(without_a_path_nothing_is_kept),
    GH_TEST(a_path_that_cannot_be_opened_is_an_error_at_the_start),
};
GH_TEST_MAIN(tests)
