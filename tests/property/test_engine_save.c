/* What: an engine that is saved and loaded goes on as if nothing had been: the same changes,
 *       the same findings, and the same bytes when it is saved again.
 * How:  a simulated company and recorded noise, with restarts at many moments, beside a run
 *       without; carriers that fail at any byte, memory that runs out at any allocation. */
#include "support/company_kit.h"
#include "support/engine_parcel.h"

enum { PEOPLE = 100, WEEKS = 6, BATCH_MAX = 1000 };

static struct gh_event batch[BATCH_MAX];
static struct gh_answer answer[BATCH_MAX];

/* --- restarts do not show --- */

struct plan {
    uint32_t shards, batch, every; /* batches between restarts; 0: none */
    enum gh_switch_value apart;    /* review.require_authenticated */
};
struct outcome {
    struct bytes said, saved;
    uint32_t restarts;
};

static void outcome_free(struct outcome *o)
{
    free(o->said.at);
    free(o->saved.at);
}

/* Batches of a source, until it has none. */
typedef size_t source_next(void *source, uint32_t size);

static struct outcome whole_run(const struct plan *plan, source_next *next, void *source)
{
    static struct kit kit;
    struct outcome out = {.restarts = 0};
    uint32_t batches = 0;
    size_t n;

    kit_prepare(&kit);
    kit.setup.shards = plan->shards;
    KIT_SET(&kit, REVIEW, review)->require_authenticated.value = plan->apart;
    kit_start(&kit);
    while ((n = next(source, plan->batch)) > 0) {
        CHECK(gh_engine_offer(kit.engine, batch, n, answer) == GH_OK);
        changes_add(&out.said, kit.engine);
        struct gh_released released;
        while (gh_engine_released(kit.engine, &released))
            bytes_add(&out.said, &released.position, sizeof released.position);
        batches++;
        if (plan->every == 0 || batches % plan->every != 0)
            continue;
        kit.setup.shards = 7; /* a wish that cannot be met */
        kit_restart(&kit);
        CHECK(gh_engine_shards(kit.engine) == plan->shards);
        out.restarts++;
    }
    end_add(&out.said, kit.engine);
    out.saved = kit_bytes(&kit);
    kit_close(&kit);
    return out;
}

static size_t company_next(void *source, uint32_t size)
{
    return gh_sim_next(source, batch, size);
}

static struct outcome company_run(const struct plan *plan)
{
    const struct gh_sim_plan company = company_plan(PEOPLE, WEEKS, 0.3, 6);
    struct gh_sim *sim = company_open(&company);
    const struct outcome out = whole_run(plan, company_next, sim);
    gh_sim_free(sim);
    return out;
}

static size_t noise_batch(void *source, uint32_t size)
{
    uint32_t *at = source;
    const uint32_t n = record.count - *at < size ? record.count - *at : size;

    memcpy(batch, record.event + *at, n * sizeof *batch);
    *at += n;
    return n;
}

static struct outcome noise_run(const struct plan *plan)
{
    uint32_t at = 0;

    noise_record();
    return whole_run(plan, noise_batch, &at);
}

static void restarts_do_not_show(struct outcome run(const struct plan *), const struct plan *p)
{
    const struct plan through = {p->shards, p->batch, 0, p->apart};
    struct outcome wanted = run(&through), got = run(p);

    printf("# %u changes, %u restarts, %zu bytes\n", wanted.said.changes, got.restarts,
           got.saved.used);
    CHECK(wanted.said.changes > 20 && got.restarts > 10);
    CHECK(bytes_same(&got.said, &wanted.said));
    CHECK(bytes_same(&got.saved, &wanted.saved));
    outcome_free(&wanted);
    outcome_free(&got);
}

static void restarts_of_a_company_do_not_show(void)
{
    restarts_do_not_show(company_run, &(struct plan){1, 997, 11, GH_SWITCH_OFF});
    restarts_do_not_show(company_run, &(struct plan){3, 61, 157, GH_SWITCH_ON});
}

static void restarts_amid_noise_do_not_show(void)
{
    restarts_do_not_show(noise_run, &(struct plan){2, 499, 3, GH_SWITCH_OFF});
    restarts_do_not_show(noise_run, &(struct plan){5, 37, 41, GH_SWITCH_ON});
}

/* --- what cannot be loaded --- */

static struct parcel noise_parcel(struct kit *kit)
{
    struct parcel parcel = {.limit = SIZE_MAX};
    struct bytes unheard = {0};

    noise_record();
    kit_open(kit);
    for (uint32_t i = 0; i < record.count / 2; i += BATCH_MAX / 2) {
        CHECK(gh_engine_offer(kit->engine, &record.event[i], BATCH_MAX / 2, answer) == GH_OK);
        changes_add(&unheard, kit->engine);
    }
    free(unheard.at);
    CHECK(kit_save(kit, &parcel) == GH_OK);
    return parcel;
}

static void a_carrier_that_fails_is_told(void)
{
    static struct kit kit, other;
    struct parcel whole = noise_parcel(&kit);

    kit_prepare(&other);
    for (size_t limit = 0; limit < whole.bytes.used; limit += 1 + limit / 3) {
        struct parcel cut = {.limit = limit};
        CHECK(kit_save(&kit, &cut) == GH_EIO);
        free(cut.bytes.at);
        cut = (struct parcel){.bytes = whole.bytes, .limit = limit};
        CHECK(kit_load(&other, &cut) == GH_EIO && other.engine == NULL);
    }
    CHECK(kit_load(&other, &whole) == GH_OK);
    free(whole.bytes.at);
    kit_close(&kit);
    kit_close(&other);
}

static void memory_that_runs_out_is_told(void)
{
    static struct kit kit, other;
    struct parcel whole = noise_parcel(&kit);
    enum gh_status status = GH_EMEMORY;
    long n = 0;

    kit_prepare(&other);
    while (status == GH_EMEMORY) {
        n += 1 + n / 10;
        other.memory.left = n;
        whole.at = 0;
        status = kit_load(&other, &whole);
        CHECK(status == GH_OK || (status == GH_EMEMORY && other.engine == NULL));
    }
    printf("# enough from %ld allocations on\n", n);
    CHECK(status == GH_OK && n > 50);
    free(whole.bytes.at);
    kit_close(&kit);
    kit_close(&other);
}

/* Settings that divide the past into epochs hold for ever; others may change. */
static void another_engine_is_refused(void)
{
    static struct kit kit, other;
    struct parcel whole = noise_parcel(&kit);

    kit_prepare(&other);
    KIT_SET(&other, EVIDENCE, evidence)->epoch = 35;
    CHECK(kit_load(&other, &whole) == GH_ECONFIG);
    KIT_SET(&other, EVIDENCE, evidence)->epoch = 28;
    KIT_SET(&other, EVIDENCE, evidence)->burn_in = 21;
    whole.at = 0;
    CHECK(kit_load(&other, &whole) == GH_ECONFIG);
    KIT_SET(&other, EVIDENCE, evidence)->burn_in = 28;
    KIT_SET(&other, REVIEW, review)->alpha = 0.2;
    KIT_SET(&other, LIMITS, limits)->actors = 1000;
    whole.at = 0;
    CHECK(kit_load(&other, &whole) == GH_OK);
    CHECK(other.engine->review.alpha == 0.2);
    CHECK(kit_counters(&other).actors == kit_counters(&kit).actors);
    gh_engine_free(other.engine);
    for (size_t i = 0; i < 16; i++) { /* magic and shape */
        whole.at = 0;
        whole.bytes.at[i] ^= 1;
        CHECK(kit_load(&other, &whole) == GH_EFORMAT && other.engine == NULL);
        whole.bytes.at[i] ^= 1;
    }
    free(whole.bytes.at);
    kit_close(&kit);
    kit_close(&other);
}

static const struct gh_test tests[] = {
    GH_TEST(restarts_of_a_company_do_not_show), GH_TEST(restarts_amid_noise_do_not_show),
    GH_TEST(a_carrier_that_fails_is_told),      GH_TEST(memory_that_runs_out_is_told),
    GH_TEST(another_engine_is_refused),         GH_TEST(the_record_can_be_freed),
};

GH_TEST_MAIN(tests)
