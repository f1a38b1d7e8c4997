/* What: a log is the same file, byte for byte, on any number of threads that pack it; runs of
 *       several slices come back, in groups of many and of one.
 * How:  the same groups into logs with other executors; the files are compared whole. */
#include "edge/resources.h"
#include "support/store_kit.h"

enum { GROUPS = 6, RUNS = 5 };

static char *raw;
static size_t raw_size;

/* Lines of which each slice has others. */
static void lines_make(void)
{
    const size_t room = (size_t)4 << 20;
    uint64_t x = 88172645463325252u;

    raw = malloc(room);
    while (raw_size + 100 < room) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        raw_size += (size_t)snprintf(raw + raw_size, 100, "{\"id\":\"e%zu\",\"ts\":%llu}\n",
                                     raw_size, (unsigned long long)x >> 20);
    }
}

/* The next run of about `size` bytes that ends with a line. */
static struct gh_run run_cut(size_t from, size_t size)
{
    const char *end = memchr(raw + from + size, '\n', raw_size - from - size);
    struct gh_run run = {
        .kind = GH_RUN_EVENTS, .raw = raw + from, .raw_size = (size_t)(end + 1 - raw) - from};

    for (size_t i = 0; i < run.raw_size; i++)
        run.count += run.raw[i] == '\n';
    return run;
}

static void groups_append(struct gh_log *log)
{
    static const size_t sizes[RUNS] = {100, (1 << 19) - 40, 1 << 20, 1 << 19, 1700000};
    struct gh_error error = {0};

    for (size_t g = 0; g < GROUPS; g++) {
        struct gh_run run[RUNS];
        for (size_t i = 0; i < RUNS; i++)
            run[i] = run_cut(0, sizes[(i + g) % RUNS]);
        const struct gh_log_batch batch = {.run = run, .run_count = g % 2 ? RUNS : 1};
        CHECK(gh_log_append(log, &batch, &error) == GH_OK);
    }
}

static void runs_read(void)
{
    struct gh_log_cursor *cursor = NULL;
    const struct gh_run *run = NULL;
    struct gh_error error = {0};
    uint32_t runs = 0;

    CHECK(gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error) == GH_OK);
    while (gh_log_cursor_next(cursor, &run, &error) == GH_OK && run) {
        CHECK(memcmp(run->raw, raw, run->raw_size) == 0);
        runs++;
    }
    CHECK(runs == GROUPS / 2 * (RUNS + 1) && error.status == GH_OK);
    gh_log_cursor_close(cursor);
}

/* The log that so many threads pack; 0: without an executor. The caller frees it. */
static char *log_bytes(uint32_t threads, size_t *size)
{
    struct gh_pool *pool = threads > 0 ? gh_pool_new(threads) : NULL;
    struct gh_log_setup setup = kit_setup(1 << 30);
    char *bytes;

    CHECK(threads == 0 || pool != NULL);
    kit_open();
    if (pool)
        setup.executor = gh_pool_executor(pool);
    setup.threads = threads;
    struct gh_log *log = kit_log(&setup);
    groups_append(log);
    CHECK(gh_log_counters(log).raw_bytes > 4u << 20);
    gh_log_close(log);
    CHECK(kit_verify(NULL) == 0);
    runs_read();
    FILE *file = fopen(kit_path("log-000000000000.db"), "re");
    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    *size = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*size);
    CHECK(fread(bytes, 1, *size, file) == *size && fclose(file) == 0);
    kit_close();
    gh_pool_free(pool);
    return bytes;
}

static void a_log_is_the_same_file_on_any_number_of_threads(void)
{
    static const uint32_t threads[] = {1, 2, 3, 9};
    size_t wanted_size, size;

    lines_make();
    char *wanted = log_bytes(0, &wanted_size);
    CHECK(wanted_size > 1000000);
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        char *had = log_bytes(threads[t], &size);
        CHECK(size == wanted_size && memcmp(had, wanted, size) == 0);
        free(had);
    }
    free(wanted);
    free(raw);
}

static const struct gh_test tests[] = {
    GH_TEST(a_log_is_the_same_file_on_any_number_of_threads)};
GH_TEST_MAIN(tests)
