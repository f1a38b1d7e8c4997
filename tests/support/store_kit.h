/* store_kit.h - folders that are gone after the test, runs of made-up lines, files as bytes. */
#ifndef GH_STORE_KIT_H
#define GH_STORE_KIT_H

#include "store/ledger.h"
#include "store/log.h"
#include "store/snapshot.h"
#include "store/verify.h"
#include "support/gh_test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KIT_PATH = 512, KIT_RAW_MAX = 1 << 20 };

static char kit_folder[64];

static inline const char *kit_path(const char *name)
{
    static char path[KIT_PATH];

    snprintf(path, sizeof path, "%s/%s", kit_folder, name);
    return path;
}

/* In memory where there is such a folder: what is tested is not the disk. */
static inline void kit_open(void)
{
    const bool memory = access("/dev/shm", W_OK) == 0;

    snprintf(kit_folder, sizeof kit_folder, "%s/goodhart-store-XXXXXX",
             memory ? "/dev/shm" : "/tmp");
    CHECK(mkdtemp(kit_folder) != NULL);
}

static inline void kit_close(void)
{
    const struct dirent *entry;
    DIR *folder = opendir(kit_folder);

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    CHECK(rmdir(kit_folder) == 0);
}

static inline struct gh_log_setup kit_setup(uint64_t segment_bytes)
{
    return (struct gh_log_setup){
        .folder = kit_folder, .segment_bytes = segment_bytes, .compression = 1, .streams = 100};
}

static inline struct gh_text kit_text(const char *text)
{
    return (struct gh_text){text, (uint32_t)strlen(text)};
}

/* A run of `count` lines that only `seed` makes, as hard to pack as hex digits. Lent until
 * the next one. */
static inline struct gh_run kit_run(uint64_t seed, uint32_t count)
{
    static char raw[KIT_RAW_MAX];
    size_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t mixed = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + i;
        mixed = (mixed ^ mixed >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
        used += (size_t)snprintf(raw + used, sizeof raw - used,
                                 "{\"id\":\"%llu-%u\",\"hash\":\"%016llx\"}\n",
                                 (unsigned long long)seed, i, (unsigned long long)mixed);
    }
    return (struct gh_run){.count = count,
                           .kind = GH_RUN_EVENTS,
                           .owner = kit_text(seed % 3 ? "gateway" : ""),
                           .newest_ms = (int64_t)seed * 1000,
                           .raw = raw,
                           .raw_size = used};
}

static inline bool kit_run_same(const struct gh_run *a, const struct gh_run *b)
{
    return a->count == b->count && a->kind == b->kind && a->newest_ms == b->newest_ms &&
           a->owner.size == b->owner.size && !memcmp(a->owner.at, b->owner.at, a->owner.size) &&
           a->raw_size == b->raw_size && !memcmp(a->raw, b->raw, a->raw_size);
}

static inline enum gh_status kit_append(struct gh_log *log, uint64_t seed, uint32_t count,
                                        struct gh_error *error)
{
    struct gh_run run = kit_run(seed, count);
    const struct gh_log_batch batch = {.run = &run, .run_count = 1};

    return gh_log_append(log, &batch, error);
}

static inline struct gh_log *kit_log(const struct gh_log_setup *setup)
{
    struct gh_error error = {0};
    struct gh_log *log = NULL;

    if (gh_log_open(&log, setup, &error) != GH_OK) {
        gh_test_failures++;
        printf("# %s\n", error.text);
        exit(1);
    }
    return log;
}

/* How many runs of kit_run(0…, count), in this order and no others, the log holds. */
static inline uint64_t kit_runs(uint32_t count)
{
    struct gh_log_cursor *cursor = NULL;
    struct gh_error error = {0};
    const struct gh_run *run = NULL;
    uint64_t runs = 0;
    enum gh_status status = gh_log_cursor_open(&cursor, kit_folder, NULL, 0, &error);

    while (status == GH_OK && (status = gh_log_cursor_next(cursor, &run, &error)) == GH_OK &&
           run) {
        const struct gh_run wanted = kit_run(runs, count);
        CHECK(run->first == runs * count);
        CHECK(kit_run_same(run, &wanted));
        runs++;
    }
    if (status != GH_OK) {
        gh_test_failures++;
        printf("# %s\n", error.text);
    }
    gh_log_cursor_close(cursor);
    return runs;
}

/* Faults of the folder; the first one stays to be looked at. */
static struct {
    char file[64], row[128], problem[512];
} kit_fault;

static inline void kit_on_fault(void *context, const struct gh_verify_fault *fault)
{
    uint64_t *count = context;

    if ((*count)++)
        return;
    snprintf(kit_fault.file, sizeof kit_fault.file, "%s", fault->file);
    snprintf(kit_fault.row, sizeof kit_fault.row, "%s", fault->row);
    snprintf(kit_fault.problem, sizeof kit_fault.problem, "%s", fault->problem);
}

static inline uint64_t kit_verify(struct gh_verified *verified)
{
    struct gh_verified ignored;
    struct gh_error error = {0};
    uint64_t faults = 0;

    memset(&kit_fault, 0, sizeof kit_fault);
    verified = verified ? verified : &ignored;
    if (gh_store_verify(kit_folder, kit_on_fault, &faults, verified, &error) != GH_OK) {
        snprintf(kit_fault.problem, sizeof kit_fault.problem, "%s", error.text);
        return UINT64_MAX;
    }
    CHECK(faults == verified->faults);
    return faults;
}

static inline bool kit_fault_is(const char *file, const char *row, const char *problem)
{
    const bool same = !strcmp(kit_fault.file, file) && !strcmp(kit_fault.row, row) &&
                      strstr(kit_fault.problem, problem);

    if (!same)
        printf("# %s | %s | %s\n", kit_fault.file, kit_fault.row, kit_fault.problem);
    return same;
}

#endif
