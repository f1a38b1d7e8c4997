/* What: lines come out in order of time, those of the same time as they came in, whether they
 *       fit into memory or not.
 * How:  the same lines through one run and through many, held against each other and against
 *       the order itself. */
#include "base/hash.h"
#include "edge/import/sorter.h"
#include "support/gh_test.h"
#include "support/import_kit.h"

enum { LINES = 5000 };

/* Times that repeat, lines of any length that name their place. */
static int64_t time_of(uint32_t i)
{
    return (int64_t)(gh_hash(&i, sizeof i) % 700);
}

static struct gh_text line_of(uint32_t i, char text[512])
{
    const uint32_t more = (uint32_t)(gh_hash_seeded(&i, sizeof i, 1) % 400);
    const int size = snprintf(text, 64, "%u ", i);

    memset(text + size, 'x', more);
    return (struct gh_text){text, (uint32_t)size + more};
}

static void sorted(size_t run_bytes, uint32_t lines)
{
    struct gh_sorter *sorter = gh_sorter_new(run_bytes);
    struct gh_error error = {0};
    struct gh_text line;
    char text[512];
    int64_t at_ms = 0, last_ms = -1;
    uint32_t count = 0, last = 0;

    for (uint32_t i = 0; i < lines; i++)
        CHECK(gh_sorter_add(sorter, time_of(i), line_of(i, text), &error) == GH_OK);
    while (gh_sorter_next(sorter, &at_ms, &line, &error) == GH_OK && line.at != NULL) {
        const uint32_t i = (uint32_t)strtoul(line.at, NULL, 10);
        const struct gh_text wanted = line_of(i, text);
        CHECK(at_ms == time_of(i));
        CHECK(line.size == wanted.size && memcmp(line.at, wanted.at, line.size) == 0);
        CHECK(at_ms > last_ms || (at_ms == last_ms && i > last));
        last_ms = at_ms;
        last = i;
        count++;
    }
    CHECK(error.status == GH_OK && count == lines);
    CHECK(gh_sorter_next(sorter, &at_ms, &line, &error) == GH_OK && line.at == NULL);
    gh_sorter_free(sorter);
}

static void in_memory(void)
{
    sorted(0, LINES);
    sorted(0, 1);
    sorted(0, 0);
}

static void through_a_file(void)
{
    sorted(100000, LINES); /* about ten runs, whose buffers are filled again */
    sorted(1000, LINES);   /* several hundred */
    sorted(1, 3);          /* one for each line */
}

static void a_folder_that_is_not_there_is_told(void)
{
    struct gh_sorter *sorter = gh_sorter_new(1);
    struct gh_error error = {0};

    setenv("TMPDIR", "/nonexistent", 1);
    CHECK(gh_sorter_add(sorter, 1, (struct gh_text){"ab", 2}, &error) == GH_OK);
    CHECK(gh_sorter_add(sorter, 1, (struct gh_text){"ab", 2}, &error) == GH_EIO);
    CHECK(strstr(error.text, "TMPDIR") != NULL);
    gh_sorter_free(sorter);
}

static const struct gh_test tests[] = {
    GH_TEST(in_memory),
    GH_TEST(through_a_file),
    GH_TEST(a_folder_that_is_not_there_is_told),
};
GH_TEST_MAIN(tests)
