/* bench_whatif.c - `bench_whatif FILE [SETTINGS]`: what trying that many settings (20) on the
 * events of FILE costs, against one replay of them, both on two cores.
 *
 * Two ratios: of the time on the wall, which is what people wait for, and of the time of the
 * processors, in which others on the machine show less. */
#include "bench/bench.h"

#include "app/pipeline.h"
#include "app/whatif.h"
#include "edge/ahead.h"

#include <string.h>

enum { THREADS = 2, SETTINGS = 20 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_whatif: %s\n", what);
    exit(1);
}

/* --- two clocks --- */

struct took {
    double wall_ns, work_ns;
};

static double clock_ns(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void took_begin(struct took *t)
{
    t->wall_ns = clock_ns(CLOCK_MONOTONIC);
    t->work_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static void took_end(struct took *t)
{
    t->wall_ns = clock_ns(CLOCK_MONOTONIC) - t->wall_ns;
    t->work_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - t->work_ns;
}

/* --- one replay, as the command does it --- */

static void change_count(void *context, const struct gh_finding *change)
{
    (void)change;
    ++*(uint64_t *)context;
}

static struct gh_config *config_make(const char *set)
{
    struct gh_error error = {0};
    struct gh_config *config = NULL;

    if (gh_config_new(&config, &error) || gh_config_set(config, set, &error))
        fail(error.text);
    gh_config_settle(config);
    return config;
}

static uint64_t blocks_replay(struct gh_pipeline *pipeline, const char *path)
{
    struct gh_error error = {0};
    struct gh_place place = {.source = path};
    struct gh_ahead_block *block = NULL;
    struct gh_ahead *ahead = NULL;
    struct gh_tally tally;

    if (gh_ahead_new(&ahead, &path, 1, THREADS - 1, &error))
        fail(error.text);
    while (!gh_ahead_next(ahead, &block, &error) && block)
        if (gh_pipeline_decoded(pipeline, &block->decoded, &place, &error) ||
            gh_pipeline_flush(pipeline, &error))
            fail(error.text);
    if (gh_pipeline_finish(pipeline, &error))
        fail(error.text);
    gh_ahead_free(ahead);
    gh_pipeline_tally(pipeline, &tally);
    return tally.pieces;
}

static uint64_t replay(const char *path, struct took *took)
{
    struct gh_error error = {0};
    struct gh_config *config = config_make("service.shards=2");
    struct gh_pipeline *pipeline = NULL;
    uint64_t changes = 0;
    const struct gh_hooks hooks = {.context = &changes, .on_change = change_count};

    if (gh_config_set(config, "service.threads=2", &error))
        fail(error.text);
    took_begin(took);
    if (gh_pipeline_new(&pipeline, config, GH_BATCH_DEFAULT, &hooks, &error))
        fail(error.text);
    const uint64_t events = blocks_replay(pipeline, path);
    took_end(took);
    gh_pipeline_free(pipeline);
    gh_config_free(config);
    return events;
}

/* --- a sweep --- */

static void sweep(const char *path, size_t count, struct took *took)
{
    static struct gh_whatif_case cases[GH_WHATIF_CASES_MAX];
    static uint64_t changes[GH_WHATIF_CASES_MAX];
    struct gh_config *config[GH_WHATIF_CASES_MAX];
    struct gh_error error = {0};
    const struct gh_whatif_plan plan = {.path = &path,
                                        .path_count = 1,
                                        .from_ms = INT64_MIN,
                                        .until_ms = INT64_MAX,
                                        .cases = cases,
                                        .case_count = count,
                                        .threads = THREADS};

    for (size_t i = 0; i < count; i++) {
        char set[64];
        snprintf(set, sizeof set, "incident.false_alarms=%g", 0.05 * (double)(i + 1));
        config[i] = config_make(set);
        cases[i] = (struct gh_whatif_case){
            .config = config[i], .context = &changes[i], .on_change = change_count};
    }
    took_begin(took);
    if (gh_whatif_run(&plan, &error))
        fail(error.text);
    took_end(took);
    for (size_t i = 0; i < count; i++)
        gh_config_free(config[i]);
}

int main(int count, char **argument)
{
    const size_t settings = count > 2 ? strtoul(argument[2], NULL, 10) : SETTINGS;
    struct took once, all;
    char name[96];

    if (count < 2 || settings < 1 || settings > GH_WHATIF_CASES_MAX)
        fail("give a file of events, and how many settings");
    const double events = (double)replay(argument[1], &once);
    sweep(argument[1], settings, &all);
    bench_result("what-if: one replay on two cores", "ns_per_event", once.wall_ns / events);
    snprintf(name, sizeof name, "what-if: %zu settings on two cores", settings);
    bench_result(name, "ns_per_event", all.wall_ns / events);
    snprintf(name, sizeof name, "what-if: %zu settings, time to one replay", settings);
    bench_result(name, "ratio", all.wall_ns / once.wall_ns);
    snprintf(name, sizeof name, "what-if: %zu settings, work to one replay", settings);
    bench_result(name, "ratio", all.work_ns / once.work_ns);
    return 0;
}
