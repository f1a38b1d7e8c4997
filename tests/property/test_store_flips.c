/* test_store_flips.c - each single bit that flips in a store is found, or changes nothing
 * that is read. */
#include "support/store_full.h"

#include <fcntl.h>

/* Some seconds. 10,000 take half a minute, and found nothing more. */
enum { FLIPS = 2000, FILES_MAX = 8 };

static struct {
    char name[64];
    off_t size;
} files[FILES_MAX];
static size_t file_count;
static uint64_t runs, next_random = 88172645463325252u;

/* xorshift64 (Marsaglia 2003): the same flips in every run. */
static uint64_t draw(uint64_t below)
{
    next_random ^= next_random << 13;
    next_random ^= next_random >> 7;
    next_random ^= next_random << 17;
    return next_random % below;
}

static void files_list(void)
{
    const struct dirent *entry;
    DIR *folder = opendir(kit_folder);
    struct stat state;

    for (file_count = 0; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && stat(kit_path(entry->d_name), &state) == 0 &&
            state.st_size > 0 && file_count < FILES_MAX) {
            snprintf(files[file_count].name, sizeof files[0].name, "%.63s", entry->d_name);
            files[file_count++].size = state.st_size;
        }
    closedir(folder);
}

static void flip(const char *name, off_t at, int bit)
{
    const int file = open(kit_path(name), O_RDWR);
    unsigned char byte = 0;

    CHECK(file >= 0 && pread(file, &byte, 1, at) == 1);
    byte ^= (unsigned char)(1 << bit);
    CHECK(pwrite(file, &byte, 1, at) == 1 && close(file) == 0);
}

static bool alert_is_right(void *context, const struct gh_ledger_alert *alert)
{
    uint64_t *count = context;
    char id[16];
    bool right;

    snprintf(id, sizeof id, "finding-%u", (unsigned)*count);
    right = alert->id.size == strlen(id) && !memcmp(alert->id.at, id, alert->id.size) &&
            alert->body.size == strlen("{\"specversion\":\"1.0\"}");
    *count += right;
    return right;
}

/* What is read is what was written, although a bit of the files is not. */
static bool content_is_right(void)
{
    const struct gh_ledger_page page = {0, 1000};
    const struct gh_snapshot_wish wish = {kit_folder, UINT64_MAX, NULL, NULL};
    struct gh_ledger *ledger = NULL;
    struct gh_snapshot_reader *reader = NULL;
    struct gh_error error = {0};
    uint64_t alerts = 0, position = 0;

    if (gh_ledger_open_reader(&ledger, kit_folder, NULL, &error) != GH_OK ||
        gh_ledger_alerts(ledger, &page, alert_is_right, &alerts, &error) != GH_OK)
        printf("# %s\n", error.text);
    gh_ledger_close(ledger);
    if (gh_snapshot_open(&reader, &wish, &error) == GH_OK && reader)
        position = gh_snapshot_head(reader)->position;
    gh_snapshot_close(reader);
    return kit_runs(FULL_LINES) == runs && alerts == FULL_ALERTS &&
           position == runs * FULL_LINES;
}

static void every_flip_is_found_or_harmless(void)
{
    const char *wanted = getenv("GOODHART_FLIPS"); /* make torture: 100,000 */
    const long flips = wanted ? strtol(wanted, NULL, 10) : FLIPS;
    long found = 0, harmless = 0;

    runs = full_open(2);
    files_list();
    CHECK(file_count == 5);
    for (long i = 0; i < flips && gh_test_failures == 0; i++) {
        const size_t file = draw(file_count);
        /* Half of the flips in the first KiB, where the heads are. */
        const off_t size = draw(2) && files[file].size > 1024 ? 1024 : files[file].size;
        const off_t at = (off_t)draw((uint64_t)size);
        const int bit = (int)draw(8);
        flip(files[file].name, at, bit);
        if (kit_verify(NULL) > 0)
            found++;
        else if (content_is_right())
            harmless++;
        else
            CHECK(false);
        if (gh_test_failures)
            printf("# %s: byte %lld, bit %d\n", files[file].name, (long long)at, bit);
        flip(files[file].name, at, bit);
    }
    CHECK(kit_verify(NULL) == 0 && content_is_right());
    printf("# %ld found, %ld harmless\n", found, harmless);
    CHECK(found > flips / 4);
    kit_close();
}

static const struct gh_test tests[] = {GH_TEST(every_flip_is_found_or_harmless)};
GH_TEST_MAIN(tests)
