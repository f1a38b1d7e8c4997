/* bench_log.c - the log on the disk of the working folder, beside plain files: groups of
 * 1 MiB of events, each group durable before the next one. Wall clock, for it is waiting that
 * costs. */
#include "bench/bench.h"
#include "store/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { GROUP = 1 << 20, GROUPS = 128, ROUNDS = 3 };

struct bench {
    char raw[GROUP];
    size_t raw_size;
    uint32_t events;
    char folder[64];
    char *packed;
    size_t packed_size;
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
    b->packed_size = ZSTD_compressBound(b->raw_size);
    b->packed = bench_memory(1, b->packed_size);
    b->packed_size = ZSTD_compress(b->packed, b->packed_size, b->raw, b->raw_size, 1);
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

static double log_ns(struct bench *b)
{
    const struct gh_log_setup setup = {
        .folder = b->folder, .segment_bytes = 67108864, .compression = 1, .streams = 100};
    struct gh_error error = {0};
    struct gh_log *log = NULL;
    double start;

    folder_make(b);
    if (gh_log_open(&log, &setup, &error) != GH_OK)
        fail(error.text);
    start = wall_ns();
    for (int i = 0; i < GROUPS; i++) {
        struct gh_run run = {
            .count = b->events, .kind = GH_RUN_EVENTS, .raw = b->raw, .raw_size = b->raw_size};
        const struct gh_log_batch batch = {.run = &run, .run_count = 1};
        if (gh_log_append(log, &batch, &error) != GH_OK)
            fail(error.text);
    }
    start = wall_ns() - start;
    gh_log_close(log);
    folder_remove(b);
    return start;
}

static double file_ns(struct bench *b, const char *at, size_t size)
{
    char path[96];
    double start;
    int file;

    folder_make(b);
    snprintf(path, sizeof path, "%s/plain", b->folder);
    file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    start = wall_ns();
    for (int i = 0; i < GROUPS; i++)
        if (file < 0 || write(file, at, size) != (ssize_t)size || fdatasync(file) != 0)
            fail("a plain file cannot be written");
    start = wall_ns() - start;
    close(file);
    folder_remove(b);
    return start;
}

static double raw_ns(struct bench *b)
{
    return file_ns(b, b->raw, b->raw_size);
}

static double packed_ns(struct bench *b)
{
    return file_ns(b, b->packed, b->packed_size);
}

static double pack_ns(struct bench *b)
{
    const size_t room = ZSTD_compressBound(b->raw_size);
    char *at = bench_memory(1, room);
    const double start = wall_ns();
    size_t sum = 0;

    for (int i = 0; i < GROUPS; i++)
        sum += ZSTD_compress(at, room, b->raw, b->raw_size, 1);
    if (sum != GROUPS * b->packed_size)
        fail("zstd does not give the same twice");
    free(at);
    return wall_ns() - start;
}

static void measure(struct bench *b, const char *name, double (*work)(struct bench *b))
{
    double best = 0;

    for (int i = 0; i < ROUNDS; i++) {
        const double ns = work(b);
        best = i == 0 || ns < best ? ns : best;
    }
    bench_result(name, "ns_per_event", best / GROUPS / b->events);
    fprintf(stderr, "%s: %.0f MiB of events a second, %.0f events a second\n", name,
            (double)b->raw_size * GROUPS / 1048576 / (best / 1e9),
            (double)b->events * GROUPS / (best / 1e9));
}

int main(void)
{
    static struct bench b;

    events_make(&b);
    measure(&b, "log append, groups of 1 MiB", log_ns);
    measure(&b, "log zstd of them alone", pack_ns);
    measure(&b, "log peer: append+fdatasync packed", packed_ns);
    measure(&b, "log peer: append+fdatasync raw", raw_ns);
    free(b.packed);
    return 0;
}
