/* test_cmd_log.c - `goodhart log` on a made store: what it prints, and how it ends. */
#include "app/command.h"
#include "support/store_full.h"

#include <fcntl.h>

static struct gh_error error;
static char said[1 << 20];
static size_t said_size;

/* Runs the command line; what it writes to standard output is in `said` afterwards. */
static enum gh_status run(int count, const char *const *word)
{
    char *argv[12] = {"goodhart"};
    struct gh_arguments arguments;
    enum gh_request request;
    enum gh_status status;
    FILE *out = tmpfile();
    int kept;

    for (int i = 0; i < count; i++)
        argv[i + 1] = (char *)(uintptr_t)word[i];
    error = (struct gh_error){0};
    fflush(stdout);
    kept = dup(STDOUT_FILENO);
    CHECK(out && kept >= 0 && dup2(fileno(out), STDOUT_FILENO) >= 0);
    status = gh_command_parse(&arguments, &request, count + 1, argv, &error);
    if (status == GH_OK)
        status = gh_command_config(&arguments, &error);
    if (status == GH_OK) {
        status = arguments.command->run(&arguments, &error);
        gh_config_free(arguments.config);
    }
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    rewind(out);
    said_size = fread(said, 1, sizeof said - 1, out);
    said[said_size] = '\0';
    fclose(out);
    return status;
}

#define RUN(...)                                                             \
    run((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)), \
        (const char *[]){__VA_ARGS__})

static void a_whole_log_is_summed_up(void)
{
    char wanted[128];
    const uint64_t runs = full_open(3);

    CHECK(RUN("log", "verify", kit_folder) == GH_OK);
    snprintf(wanted, sizeof wanted,
             "{\"segments\":3,\"first\":0,\"next\":%llu,\"runs\":%llu,\"events\":%llu,",
             (unsigned long long)runs * FULL_LINES, (unsigned long long)runs,
             (unsigned long long)runs * FULL_LINES);
    CHECK(!strncmp(said, wanted, strlen(wanted)));
    CHECK(strstr(
        said, ",\"alerts\":12,\"findings\":12,\"snapshots\":2,\"changes\":0,\"faults\":0}\n"));
    kit_close();
}

static void a_fault_is_a_line_and_the_exit_status(void)
{
    static const char head[] = "{\"file\":\"ledger.db\",\"row\":\"\",\"problem\":\"";
    int file;

    full_open(2);
    file = open(kit_path("ledger.db"), O_WRONLY);
    CHECK(file >= 0 && pwrite(file, "x", 1, 0) == 1 && close(file) == 0);
    CHECK(RUN("log", "verify", kit_folder) == GH_EFORMAT);
    CHECK(!strncmp(said, head, strlen(head)) && strstr(said, "\"faults\":1}\n"));
    CHECK(strstr(error.text, ": 1 fault"));
    kit_close();
}

/* All lines of kit_run(0…) from one position to another. */
static bool said_lines(uint64_t from, uint64_t until)
{
    size_t used = 0;

    for (uint64_t position = from; position < until; position++) {
        const struct gh_run run = kit_run(position / FULL_LINES, FULL_LINES);
        const char *line = run.raw;
        for (uint64_t skip = position % FULL_LINES; skip > 0; skip--)
            line = strchr(line, '\n') + 1;
        const size_t size = (size_t)(strchr(line, '\n') + 1 - line);
        if (used + size > said_size || memcmp(said + used, line, size) != 0)
            return false;
        used += size;
    }
    return used == said_size;
}

static void events_are_exported_by_position(void)
{
    const uint64_t end = full_open(2) * FULL_LINES;

    CHECK(RUN("log", "export", kit_folder) == GH_OK && said_lines(0, end));
    CHECK(RUN("log", "export", kit_folder, "--from", "450", "--until", "1050") == GH_OK);
    CHECK(said_lines(450, 1050));
    CHECK(RUN("log", "export", kit_folder, "--from", "7", "--until", "8") == GH_OK);
    CHECK(said_lines(7, 8));
    CHECK(RUN("log", "export", kit_folder, "--from", "99999999") == GH_OK && said_size == 0);
    CHECK(RUN("log", "export", kit_folder, "--from", "x") == GH_EUSAGE);
    kit_close();
}

static void pruning_keeps_what_the_oldest_snapshot_needs(void)
{
    const uint64_t end = full_open(5) * FULL_LINES;
    char needed[64];
    struct gh_verified verified;

    snprintf(needed, sizeof needed, "\"needed\":%llu}\n", (unsigned long long)end / 2);
    CHECK(RUN("log", "prune", kit_folder, "--keep-bytes", "1", "--dry-run") == GH_OK);
    CHECK(!strncmp(said, "{\"removed\":false,\"segments\":2,", 30) && strstr(said, needed));
    CHECK(kit_verify(&verified) == 0 && verified.segments == 5);
    CHECK(RUN("log", "prune", kit_folder, "--before", "1969-01-01T00:00:00Z") == GH_EUSAGE);
    CHECK(RUN("log", "prune", kit_folder, "--before", "1970-01-01T00:00:00.001Z") == GH_OK);
    CHECK(!strncmp(said, "{\"removed\":true,\"segments\":0,", 29));
    CHECK(RUN("log", "prune", kit_folder, "--keep-bytes", "1") == GH_OK);
    CHECK(!strncmp(said, "{\"removed\":true,\"segments\":2,", 29) && strstr(said, needed));
    CHECK(kit_verify(&verified) == 0 && verified.segments == 3 && verified.next == end);
    CHECK(verified.first > 0 && verified.first <= end / 2);
    kit_close();
}

static void what_is_asked_wrongly_is_refused(void)
{
    char folder[96], setting[128];

    kit_open();
    CHECK(RUN("log", "verify") == GH_EUSAGE && strstr(error.text, "store.folder"));
    CHECK(RUN("log", "burn", kit_folder) == GH_EUSAGE);
    CHECK(strstr(error.text, "must be verify, export or prune"));
    CHECK(RUN("log", "verify", kit_folder) == GH_EFORMAT);
    snprintf(setting, sizeof setting, "store.folder=%s", kit_folder);
    CHECK(RUN("log", "export", "--set", setting) == GH_EFORMAT);
    CHECK(strstr(error.text, kit_folder) && strstr(error.text, "there is no log"));
    CHECK(RUN("log", "prune", kit_folder) == GH_EUSAGE && strstr(error.text, "--before TIME"));
    /* Nothing is made where there is nothing. */
    snprintf(folder, sizeof folder, "%s/none", kit_folder);
    CHECK(RUN("log", "prune", folder, "--keep-bytes", "1") == GH_EIO);
    CHECK(access(folder, F_OK) != 0);
    CHECK(RUN("log", "prune", kit_folder, "--keep-bytes", "1") == GH_EFORMAT);
    kit_close();
}

static const struct gh_test tests[] = {
    GH_TEST(a_whole_log_is_summed_up),
    GH_TEST(a_fault_is_a_line_and_the_exit_status),
    GH_TEST(events_are_exported_by_position),
    GH_TEST(pruning_keeps_what_the_oldest_snapshot_needs),
    GH_TEST(what_is_asked_wrongly_is_refused),
};
GH_TEST_MAIN(tests)
