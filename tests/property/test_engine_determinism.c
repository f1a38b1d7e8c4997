/* What: the same events in the same order give the same changes and findings, whatever the
 *       number of shards, the batches and the executor; and when memory runs out at any
 *       moment, the engine says so and can be freed.
 * How:  a simulated company and recorded noise; every field of every change is written into
 *       bytes, and the bytes are compared. */
#include "support/company_kit.h"
#include "support/engine_bytes.h"

enum { PEOPLE = 120, WEEKS = 6, BATCH_MAX = 1000 };

/* --- one run --- */

struct cut {
    uint32_t shards, batch, threads; /* threads 0: no executor */
    enum gh_switch_value apart;      /* review.require_authenticated */
};

static struct gh_event batch[BATCH_MAX];
static struct gh_answer answer[BATCH_MAX];

static struct gh_pool *cut_start(struct kit *kit, const struct cut *cut)
{
    struct gh_pool *pool = cut->threads ? gh_pool_new(cut->threads) : NULL;

    kit_prepare(kit);
    kit->setup.shards = cut->shards;
    KIT_SET(kit, REVIEW, review)->require_authenticated.value = cut->apart;
    if (pool != NULL)
        kit->setup.executor = gh_pool_executor(pool);
    kit_start(kit);
    return pool;
}

static struct bytes company_run(const struct cut *cut)
{
    static struct kit kit;
    const struct gh_sim_plan plan = company_plan(PEOPLE, WEEKS, 0.3, 5);
    struct gh_pool *pool = cut_start(&kit, cut);
    struct gh_sim *sim = company_open(&plan);
    struct bytes out = {0};
    size_t n;

    while ((n = gh_sim_next(sim, batch, cut->batch)) > 0) {
        CHECK(gh_engine_offer(kit.engine, batch, n, answer) == GH_OK);
        changes_add(&out, kit.engine);
    }
    end_add(&out, kit.engine);
    CHECK(kit.engine->epoch == 1);
    gh_sim_free(sim);
    kit_close(&kit);
    gh_pool_free(pool);
    return out;
}

static const struct cut cuts[] = {
    {2, 7, 0, 0}, {3, 1000, 2, 0}, {8, 1, 0, 0}, {8, 1000, 3, 0}, {3, 7, 0, 0}, {1, 1000, 0, 0},
};

static void a_company_gives_the_same_whatever_the_shards_batches_and_threads(void)
{
    const struct cut plain = {.shards = 1, .batch = 1};
    const struct bytes wanted = company_run(&plain);

    printf("# %u changes and findings\n", wanted.changes);
    CHECK(wanted.changes > 20);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct bytes got = company_run(&cuts[i]);
        CHECK(bytes_same(&got, &wanted));
        free(got.at);
    }
    free(wanted.at);
}

/* --- noise: teams, roles and zones change, verdicts are given --- */

/* GH_EMEMORY is an answer only where memory may run out. */
static enum gh_status noise_feed(struct kit *kit, uint32_t step, struct bytes *out)
{
    enum gh_status status = GH_OK;

    for (uint32_t i = 0; i < record.count && status == GH_OK; i += step) {
        const uint32_t n = record.count - i < step ? record.count - i : step;
        status = gh_engine_offer(kit->engine, &record.event[i], n, answer);
        if (status == GH_OK)
            changes_add(out, kit->engine);
    }
    if (status == GH_OK)
        status = gh_engine_finish(kit->engine);
    if (status == GH_OK)
        end_add(out, kit->engine);
    return status;
}

static struct bytes noise_run(const struct cut *cut)
{
    static struct kit kit;
    struct gh_pool *pool = cut_start(&kit, cut);
    struct bytes out = {0};

    CHECK(noise_feed(&kit, cut->batch, &out) == GH_OK);
    kit_close(&kit);
    gh_pool_free(pool);
    return out;
}

static void noise_gives_the_same(enum gh_switch_value apart)
{
    const struct cut plain = {1, 1, 0, apart};

    noise_record();
    const struct bytes wanted = noise_run(&plain);
    printf("# %u changes and findings\n", wanted.changes);
    CHECK(wanted.changes > 20);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct cut cut = cuts[i];
        cut.apart = apart;
        struct bytes got = noise_run(&cut);
        CHECK(bytes_same(&got, &wanted));
        free(got.at);
    }
    free(wanted.at);
}

static void noise_gives_the_same_whatever_the_shards_batches_and_threads(void)
{
    noise_gives_the_same(GH_SWITCH_OFF);
    noise_gives_the_same(GH_SWITCH_ON);
}

/* Memory that is refused from the n-th time on, or that once. True: there was enough. */
static bool memory_run(long allocations, bool once, const struct bytes *wanted)
{
    static struct kit kit;
    struct bytes out = {0};

    kit_prepare(&kit);
    kit.memory.left = allocations;
    kit.memory.once = once;
    enum gh_status status = gh_engine_new(&kit.engine, &kit.setup);
    if (status == GH_OK)
        status = noise_feed(&kit, BATCH_MAX, &out);
    CHECK(status == GH_OK || status == GH_EMEMORY);
    CHECK(status != GH_OK || bytes_same(&out, wanted));
    kit_close(&kit);
    free(out.at);
    return status == GH_OK;
}

static void memory_that_runs_out_is_told_at_every_moment(void)
{
    const struct cut plain = {.shards = 2, .batch = BATCH_MAX};
    long n = 0;

    noise_record();
    const struct bytes wanted = noise_run(&plain);
    for (uint32_t runs = 0; runs < 200 && !memory_run(n, runs % 2, &wanted); runs++)
        n += n < 40 ? 1 : 1 + n / 30;
    printf("# enough from %ld allocations on\n", n);
    CHECK(n > 100 && memory_run(4 * n, false, &wanted));
    free(wanted.at);
}

static const struct gh_test tests[] = {
    GH_TEST(a_company_gives_the_same_whatever_the_shards_batches_and_threads),
    GH_TEST(noise_gives_the_same_whatever_the_shards_batches_and_threads),
    GH_TEST(memory_that_runs_out_is_told_at_every_moment),
    GH_TEST(the_record_can_be_freed),
};

GH_TEST_MAIN(tests)
