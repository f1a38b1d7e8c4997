/* What: no legal event hurts the engine: extreme numbers, times and names, and limits that
 *       are far too small. Findings stay finite and have words; counters add up.
 * How:  seeded noise in which every number is drawn from the ends of its range, through two
 *       months, so that evidence, gates and verdicts are reached. */
#include "support/engine_noise.h"

enum { DAYS = 75 };

static struct kit kit;

static void change_check(const struct gh_finding *f)
{
    const double figure[] = {f->log_e, f->tokens, f->cost_usd, f->excess_tokens,
                             f->excess_cost_usd};

    CHECK(f->detector != NULL && f->actor.at != NULL && f->team.at != NULL);
    CHECK(f->explanation[0] != '\0' && f->question[0] != '\0');
    CHECK(strlen(f->id) == GH_FINDING_ID_SIZE - 1 && f->revision > 0);
    for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
        CHECK(isfinite(figure[i]) && figure[i] >= 0.0);
    for (uint32_t i = 0; i < f->fact_count; i++)
        CHECK(isfinite(f->fact[i].value) || f->fact[i].name != NULL);
}

static void noise_run(uint64_t seed)
{
    struct noise noise = {
        .random = seed, .now = KIT_START, .until = KIT_START + DAYS * KIT_DAY};
    struct gh_event event;

    while (noise_next(&noise, &kit, &event))
        kit_offer(&kit, &event);
    kit_counters(&kit);
    for (uint32_t i = 0; i < kit.changes; i++)
        change_check(&kit.change[i]);
}

static void extreme_numbers_leave_finite_findings(void)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        kit_open(&kit);
        noise_run(seed);
        CHECK(kit.engine->epoch >= 2);
        CHECK(isfinite(kit_counters(&kit).cost_usd) && isfinite(kit_counters(&kit).tokens));
        printf("# seed %d: %u changes\n", (int)seed, kit.changes);
        kit_close(&kit);
    }
}

static void limits_that_are_far_too_small_cost_only_what_they_limit(void)
{
    kit_prepare(&kit);
    KIT_SET(&kit, LIMITS, limits)->actors = 20;
    KIT_SET(&kit, LIMITS, limits)->names = 16;
    KIT_SET(&kit, LIMITS, limits)->duplicate_ids = 1024;
    KIT_SET(&kit, LIMITS, limits)->cells = 64;
    KIT_SET(&kit, LIMITS, limits)->samples = 64;
    KIT_SET(&kit, LIMITS, limits)->experiments = 1;
    KIT_SET(&kit, LIMITS, limits)->schedules = 1;
    kit_start(&kit);
    noise_run(3);
    CHECK(kit_counters(&kit).actors == 20);
    CHECK(kit_counters(&kit).refused_by[GH_REFUSED_LIMIT] > 0);
    CHECK(kit_counters(&kit).applied > kit_counters(&kit).offered / 4);
    kit_close(&kit);
}

static void times_at_both_ends_of_the_range_do_no_harm(void)
{
    static const int64_t first[] = {0, 1, GH_TIME_MS_MAX};

    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        kit_open(&kit);
        for (int64_t k = -2; k <= 2; k++) {
            const int64_t ts = first[i] + k * KIT_HOUR / 2;
            if (ts >= 0 && ts <= GH_TIME_MS_MAX)
                kit_say(&kit, ts, "'actor':'ann','input_tokens':1");
        }
        for (int64_t day = 1; day < 5 && i < 2; day++)
            kit_tick(&kit, first[i] + day * KIT_DAY);
        CHECK(kit_counters(&kit).applied > 0);
        kit_close(&kit);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(extreme_numbers_leave_finite_findings),
    GH_TEST(limits_that_are_far_too_small_cost_only_what_they_limit),
    GH_TEST(times_at_both_ends_of_the_range_do_no_harm),
};

GH_TEST_MAIN(tests)
