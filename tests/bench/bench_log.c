/* bench_log.c - the log on the disk of the working folder, beside plain files: groups of
 * 1 MiB of events, each group durable before the next one. Wall clock, for it is waiting that
 * costs. */
#include "bench/bench.h"
#include "edge/resources.h"
#include "edge/threads.h"
#include "store/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { GROUP = 1 << 20, GROUPS = 256, ROUNDS = 3 };

struct bench {
    char raw[GROUP];
    size_t raw_size;
    uint32_t events;
    char folder[64];
    char *packed;
    size_t packed_size, packed_room;
    struct gh_pool *pool; /* as the service has one */
};

enum { APPEND, RAW, PACK, PACKED, ROWS };
static const char *const names[ROWS] = {
    [APPEND] = "log append, groups of 1 MiB",
    [RAW] = "log peer: append+fdatasync raw",
    [PACK] = "log zstd of them alone",
    [PACKED] = "log peer: append+fdatasync packed",
};

static double wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_log: %s\n", what);
    exit(1);
}

/* Events of 300 bytes as they come: names repeat, counts and fingerprints do not. */
static void events_make(struct bench *b)
{
    uint64_t x = 88172645463325252u;

    while (b->raw_size + 400 < sizeof b->raw) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        const unsigned a = (unsigned)(x >> 40), c = (unsigned)(x >> 20) & 0xfffff;
        b->raw_size += (size_t)snprintf(
            b->raw + b->raw_size, 400,
            "{\"v\":1,\"id\":\"e%08u\",\"ts\":%llu,\"actor\":\"dev-%04u\",\"team\":\"t%u\","
            "\"session\":\"s%06u\",\"agent\":\"a%u\",\"model\":\"large-1\","
            "\"input_tokens\":%u,\"cache_read_tokens\":%u,\"output_tokens\":%u,"
            "\"cost_usd\":0.%04u,\"prompt_hash\":\"%016llx\",\"user_tokens\":%u,"
            "\"tool_calls\":%u,\"origin\":\"ci\",\"duration_ms\":%u}\n",
            b->events, 1795166400000ull + b->events * 37ull, a % 5000, a % 40, c / 9, a % 5,
            a % 9000, c % 90000, a % 900, c % 10000, (unsigned long long)x, a % 300, c % 4,
            c % 900);
        b->events++;
    }
    b->packed_room = ZSTD_compressBound(b->raw_size);
    b->packed = bench_memory(1, b->packed_room);
    b->packed_size = ZSTD_compress(b->packed, b->packed_room, b->raw, b->raw_size, 1);
}

static void folder_make(struct bench *b)
{
    snprintf(b->folder, sizeof b->folder, "build/bench-log-XXXXXX");
    if (!mkdtemp(b->folder))
        fail("no folder build/ to write to");
}

static void folder_remove(const struct bench *b)
{
    const struct dirent *entry;
    DIR *folder = opendir(b->folder);

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(b->folder);
}

static double group_append(struct bench *b, struct gh_log *log)
{
    struct gh_run run = {
        .count = b->events, .kind = GH_RUN_EVENTS, .raw = b->raw, .raw_size = b->raw_size};
    const struct gh_log_batch batch = {.run = &run, .run_count = 1};
    struct gh_error error = {0};
    const double start = wall_ns();

    if (gh_log_append(log, &batch, &error) != GH_OK)
        fail(error.text);
    return wall_ns() - start;
}

static double group_write(int file, const char *at, size_t size)
{
    const double start = wall_ns();

    if (file < 0 || write(file, at, size) != (ssize_t)size || fdatasync(file) != 0)
        fail("a plain file cannot be written");
    return wall_ns() - start;
}

static double group_pack(struct bench *b)
{
    const double start = wall_ns();

    if (ZSTD_compress(b->packed, b->packed_room, b->raw, b->raw_size, 1) != b->packed_size)
        fail("zstd does not give the same twice");
    return wall_ns() - start;
}

static int file_make(const struct bench *b, const char *name)
{
    char path[96];

    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    return open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

/* One after the other, group by group: what the disk and others do hits all alike. */
static void round_play(struct bench *b, double ns[ROWS])
{
    const struct gh_log_setup setup = {.folder = b->folder,
                                       .segment_bytes = 67108864,
                                       .compression = 1,
                                       .streams = 100,
                                       .executor = gh_pool_executor(b->pool),
                                       .threads = gh_threads_allowed(0)};
    struct gh_error error = {0};
    struct gh_log *log = NULL;

    folder_make(b);
    const int raw = file_make(b, "raw"), packed = file_make(b, "packed");
    if (gh_log_open(&log, &setup, &error) != GH_OK)
        fail(error.text);
    for (int i = 0; i < GROUPS; i++) {
        ns[APPEND] += group_append(b, log);
        ns[RAW] += group_write(raw, b->raw, b->raw_size);
        ns[PACK] += group_pack(b);
        ns[PACKED] += group_write(packed, b->packed, b->packed_size);
    }
    gh_log_close(log);
    close(raw);
    close(packed);
    folder_remove(b);
}

int main(void)
{
    static struct bench b;
    double best[ROWS] = {0};

    events_make(&b);
    b.pool = gh_pool_new(gh_threads_allowed(0));
    if (!b.pool)
        fail("no threads");
    for (int round = 0; round < ROUNDS; round++) {
        double ns[ROWS] = {0};
        round_play(&b, ns);
        for (int i = 0; i < ROWS; i++)
            best[i] = round == 0 || ns[i] < best[i] ? ns[i] : best[i];
    }
    for (int i = 0; i < ROWS; i++)
        bench_event(names[i], best[i] / GROUPS / b.events,
                    (double)(i == PACKED ? b.packed_size : b.raw_size) / b.events);
    bench_result("log append, part of the rate of append+fdatasync raw", "ratio",
                 best[RAW] / best[APPEND]);
    gh_pool_free(b.pool);
    free(b.packed);
    return 0;
}
