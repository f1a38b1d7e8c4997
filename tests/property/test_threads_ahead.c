/* What: files that are read and decoded ahead lead to the same as in one thread, byte for byte:
 *       what is offered and in which batches, what is refused, where and why, and what is
 *       counted; on any number of threads, and where a block is more than one may hold
 *       decoded. And the belt: all slots in order, an error behind what was filled before it.
 *       Meant for MODE=tsan, too.
 * How:  made-up lines, a part of them broken, in plain and packed files and in arrays; the
 *       authority is gh_pipeline_frame over gh_blocks. */
#include "app/pipeline.h"
#include "base/hash.h"
#include "edge/ahead.h"
#include "edge/belt.h"
#include "edge/blocks.h"
#include "support/gh_test.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

enum { FILES = 5, LINE = 400 };

static char folder[] = "/tmp/gh_ahead_XXXXXX";
static char path[FILES][64];
static const char *paths[FILES];

/* All that a run said, as one hash, and how much of it there was. */
struct said {
    uint64_t hash;
    uint64_t batches, lost;
};

static void said_add(struct said *said, const void *at, size_t size)
{
    said->hash = gh_hash_seeded(at, size, said->hash);
}

static enum gh_status batch_say(void *context, const struct gh_event *event,
                                const char *const *owner, size_t count, struct gh_error *error)
{
    struct said *said = context;

    (void)error;
    said_add(said, &count, sizeof count);
    for (size_t i = 0; i < count; i++) {
        CHECK(owner[i] == NULL && event[i].owner == 0);
        said_add(said, event[i].id.at, event[i].id.size);
        said_add(said, event[i].actor.at, event[i].actor.size);
        said_add(said, &event[i].present, sizeof event[i].present);
        said_add(said, &event[i].ts_ms, sizeof event[i].ts_ms);
    }
    said->batches++;
    return GH_OK;
}

static void change_say(void *context, const struct gh_finding *change)
{
    said_add(context, change->id, strlen(change->id));
}

static void lost_say(void *context, const struct gh_lost *lost)
{
    struct said *said = context;
    char *line = gh_lost_line(lost);

    CHECK(line != NULL);
    said_add(said, line, strlen(line));
    said->lost++;
    free(line);
}

/* --- what is read --- */

static int line_make(char *at, uint32_t n)
{
    const uint32_t odd = n * 2654435761u >> 16;

    if (odd % 61 == 0)
        return snprintf(at, LINE, "{\"id\":\"e%u\",\"ts\":%u,\"actor\":", n, n);
    if (odd % 53 == 0) /* far ahead: held, then refused */
        return snprintf(at, LINE, "{\"id\":\"e%u\",\"ts\":1990000000000,\"actor\":\"x\"}", n);
    if (odd % 47 == 0)
        return snprintf(at, LINE, "{\n\"id\":\"e%u\", \"ts\":%u,\n\"actor\":\"a\"\n}", n, n);
    return snprintf(at, LINE,
                    "{\"id\":\"e%u\",\"ts\":%llu,\"actor\":\"a\\u00e9%u\",\"session\":\"s%u\","
                    "\"input_tokens\":%u,\"output_tokens\":%u,\"zz\":%u,\"model\":\"m\"}",
                    odd % 29 == 0 ? n / 2 : n, 1790000000000ull + n * 977ull, odd % 40,
                    odd % 200, odd % 5000, odd % 900, n);
}

static void events_write(const char *name, uint32_t count, bool packed, bool array)
{
    gzFile file = gzopen(name, packed ? "w" : "wT");
    char line[LINE];

    CHECK(file != NULL && (!array || gzputc(file, '[') == '['));
    for (uint32_t n = 0; n < count; n++) {
        const int size = line_make(line, n);
        CHECK(gzwrite(file, line, (unsigned)size) == size);
        CHECK(gzputs(file, array && n + 1 < count ? ",\n" : "\n") > 0);
    }
    CHECK((!array || gzputc(file, ']') == ']') && gzclose(file) == Z_OK);
}

/* More pieces, and more broken ones, than are held decoded. */
static void rubbish_write(const char *name)
{
    FILE *file = fopen(name, "we");

    for (int n = 0; n < 3 * GH_DECODED_PIECES; n++)
        CHECK(fprintf(file, n % 7 ? "{\"id\":\"r%d\",\"ts\":%d,\"actor\":\"b\"}\n" : "%d %d\n",
                      n, n) > 0);
    CHECK(fclose(file) == 0);
}

static void files_make(void)
{
    CHECK(mkdtemp(folder) != NULL);
    for (int i = 0; i < FILES; i++) {
        snprintf(path[i], sizeof path[i], "%s/%d", folder, i);
        paths[i] = path[i];
    }
    events_write(path[0], 12000, false, false);
    events_write(path[1], 9000, true, false);
    events_write(path[2], 3000, false, true);
    rubbish_write(path[3]);
    events_write(path[4], 0, false, false);
}

static void files_remove(void)
{
    for (int i = 0; i < FILES; i++)
        CHECK(unlink(path[i]) == 0);
    CHECK(rmdir(folder) == 0);
}

/* --- two ways --- */

struct run {
    struct said said;
    struct gh_config *config;
    struct gh_pipeline *pipeline;
    struct gh_error error;
};

static void run_begin(struct run *run, uint32_t batch)
{
    const struct gh_hooks hooks = {.context = &run->said,
                                   .on_batch = batch_say,
                                   .on_change = change_say,
                                   .on_refused = lost_say};

    *run = (struct run){.config = NULL};
    CHECK(gh_config_new(&run->config, &run->error) == GH_OK);
    CHECK(gh_pipeline_new(&run->pipeline, run->config, batch, &hooks, &run->error) == GH_OK);
}

/* Times aside. */
static struct said run_end(struct run *run)
{
    struct gh_tally tally;

    CHECK(gh_pipeline_finish(run->pipeline, &run->error) == GH_OK);
    gh_pipeline_tally(run->pipeline, &tally);
    tally.decode_ns = tally.engine_ns = tally.change_ns = 0;
    CHECK(tally.pieces > 20000 && tally.duplicate > 0 && tally.unknown_keys > 0);
    said_add(&run->said, &tally, sizeof tally);
    gh_pipeline_free(run->pipeline);
    gh_config_free(run->config);
    return run->said;
}

static struct said in_one_thread(uint32_t batch)
{
    struct run run;

    run_begin(&run, batch);
    for (int i = 0; i < FILES; i++) {
        struct gh_place place = {.source = path[i]};
        struct gh_blocks *blocks = NULL;
        const char *at;
        size_t size = 1;
        CHECK(gh_blocks_open(&blocks, path[i], &run.error) == GH_OK);
        while (size > 0) {
            CHECK(gh_blocks_next(blocks, &at, &size, &run.error) == GH_OK);
            if (size > 0)
                CHECK(gh_pipeline_frame(run.pipeline, at, size, &place, &run.error) == GH_OK);
            CHECK(gh_pipeline_flush(run.pipeline, &run.error) == GH_OK);
        }
        gh_blocks_close(blocks);
    }
    return run_end(&run);
}

static struct said ahead_of_it(uint32_t batch, uint32_t threads)
{
    struct gh_ahead *ahead = NULL;
    struct gh_ahead_block *block = NULL;
    struct gh_place place = {.source = ""};
    struct run run;

    run_begin(&run, batch);
    CHECK(gh_ahead_new(&ahead, paths, FILES, threads, &run.error) == GH_OK);
    while (gh_ahead_next(ahead, &block, &run.error) == GH_OK && block) {
        if (place.source != path[block->file])
            place = (struct gh_place){.source = path[block->file]};
        CHECK(gh_pipeline_decoded(run.pipeline, &block->decoded, &place, &run.error) == GH_OK);
        CHECK(gh_pipeline_flush(run.pipeline, &run.error) == GH_OK);
    }
    gh_ahead_free(ahead);
    return run_end(&run);
}

static void what_is_decoded_ahead_is_the_same_on_any_number_of_threads(void)
{
    static const uint32_t threads[] = {0, 1, 2, 6}, batches[] = {7, 1024};

    files_make();
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        const struct said wanted = in_one_thread(batches[b]);
        CHECK(wanted.batches > 20 && wanted.lost > 5000);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            const struct said had = ahead_of_it(batches[b], threads[t]);
            CHECK(had.hash == wanted.hash && had.lost == wanted.lost);
        }
    }
    files_remove();
}

static void a_file_that_is_not_there_is_told_after_those_before_it(void)
{
    const char *const two[] = {path[0], "/nowhere/events"};
    uint64_t bytes = 0;

    CHECK(mkdir(folder, 0700) == 0);
    events_write(path[0], 12000, false, false);
    for (uint32_t threads = 0; threads < 3; threads++) {
        struct gh_ahead *ahead = NULL;
        struct gh_ahead_block *block = NULL;
        struct gh_error error = {0};
        uint64_t seen = 0;
        CHECK(gh_ahead_new(&ahead, two, 2, threads, &error) == GH_OK);
        while (gh_ahead_next(ahead, &block, &error) == GH_OK && block)
            seen += block->frame.size;
        CHECK(error.status == GH_EIO && strstr(error.text, "/nowhere/events"));
        CHECK(seen > 1000000 && (threads == 0 || seen == bytes));
        bytes = seen;
        gh_ahead_free(ahead);
    }
    CHECK(unlink(path[0]) == 0 && rmdir(folder) == 0);
}

/* --- the belt alone --- */

enum { SLOTS = 4 };

struct counting {
    uint32_t filled, wanted; /* slots to fill */
    uint32_t trouble;        /* the slot that cannot be filled */
};
struct slot {
    uint32_t number, square;
};

static enum gh_status number_fill(void *context, void *slot, bool *filled,
                                  struct gh_error *error)
{
    struct counting *c = context;

    if (c->filled == c->trouble)
        return gh_error_set(error, GH_EIO, "no number %u", c->trouble);
    *filled = c->filled < c->wanted;
    if (*filled)
        ((struct slot *)slot)->number = c->filled++;
    return GH_OK;
}

/* Those that are even take longer, so that others overtake them. */
static void number_work(void *context, void *slot)
{
    struct slot *s = slot;

    (void)context;
    for (uint32_t i = s->number % 2 * 50; i < 50; i++)
        sched_yield();
    s->square = s->number * s->number;
}

static uint32_t belt_run(struct counting *c, uint32_t threads, uint32_t until,
                         struct gh_error *error)
{
    struct slot slot[SLOTS];
    struct gh_belt *belt =
        gh_belt_new(&(struct gh_belt_work){c, number_fill, number_work, slot, sizeof *slot,
                                           threads > 0 ? SLOTS : 1},
                    threads);
    uint32_t seen = 0;
    void *next = NULL;

    CHECK(belt != NULL);
    while (seen < until && gh_belt_next(belt, &next, error) == GH_OK && next) {
        const struct slot *had = next;
        CHECK(had->number == seen && had->square == seen * seen);
        seen++;
    }
    gh_belt_free(belt);
    CHECK(c->filled <= seen + SLOTS);
    return seen;
}

static void slots_come_in_order_and_an_error_last(void)
{
    for (uint32_t threads = 0; threads < 8; threads++) {
        struct counting all = {.wanted = 300, .trouble = UINT32_MAX},
                        bad = {.wanted = 300, .trouble = 57}, none = {.trouble = UINT32_MAX},
                        left = all;
        struct gh_error error = {0};
        CHECK(belt_run(&all, threads, UINT32_MAX, &error) == 300 && error.status == GH_OK);
        CHECK(belt_run(&none, threads, UINT32_MAX, &error) == 0 && error.status == GH_OK);
        CHECK(belt_run(&left, threads, 10, &error) == 10 && error.status == GH_OK);
        CHECK(belt_run(&bad, threads, UINT32_MAX, &error) == 57);
        CHECK(error.status == GH_EIO && strcmp(error.text, "no number 57") == 0);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(what_is_decoded_ahead_is_the_same_on_any_number_of_threads),
    GH_TEST(a_file_that_is_not_there_is_told_after_those_before_it),
    GH_TEST(slots_come_in_order_and_an_error_last),
};
GH_TEST_MAIN(tests)
