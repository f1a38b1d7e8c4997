/* What: engines that follow a front say what engines by themselves say under the same settings,
 *       whatever the batches and shards and whoever follows beside them; what does not fit is
 *       refused; and when memory runs out at any moment, each of them says so.
 * How:  recorded noise (teams, roles, zones, experiments, verdicts, late, early and double
 *       events), more of it held and refused by limits; everything that is said, as bytes. */
#include "engine/follow.h"
#include "support/engine_bytes.h"

enum { FOLLOWERS = 4, BATCH_MAX = 1000 };

static struct gh_answer answer[BATCH_MAX];

/* --- settings: what a front does is the same in all of them --- */

static void front_set(struct kit *kit, enum gh_switch_value apart)
{
    kit_prepare(kit);
    KIT_SET(kit, REVIEW, review)->require_authenticated.value = apart;
    KIT_SET(kit, LIMITS, limits)->actors = 40;
    KIT_SET(kit, ORDER, order)->future_quorum = 3;
}

static void follower_set(struct kit *kit, enum gh_switch_value apart, uint32_t which)
{
    front_set(kit, apart);
    kit->setup.shards = 1 + which;
    KIT_SET(kit, INCIDENT, incident)->false_alarms = which % 2 ? 5.0 : 0.5;
    KIT_SET(kit, INCIDENT, incident)->close_after = 4 + which;
    KIT_SET(kit, REVIEW, review)->floor = which == 2 ? 3 : 1300;
    KIT_SET(kit, EVIDENCE, evidence)->burn_in = which == 3 ? 21 : 28;
    KIT_SET(kit, EVIDENCE, evidence)->own_factor = which == 1 ? 1.0 : 1.3;
}

/* --- by itself --- */

static struct bytes alone(enum gh_switch_value apart, uint32_t which)
{
    static struct kit kit;
    struct bytes out = {0};

    follower_set(&kit, apart, which);
    kit_start(&kit);
    for (uint32_t i = 0; i < record.count; i++) {
        CHECK(gh_engine_offer(kit.engine, &record.event[i], 1, answer) == GH_OK);
        changes_add(&out, kit.engine);
    }
    CHECK(gh_engine_finish(kit.engine) == GH_OK);
    changes_add(&out, kit.engine);
    end_add(&out, kit.engine);
    kit_close(&kit);
    return out;
}

/* --- following --- */

struct flock {
    struct kit front, kit[FOLLOWERS];
    struct bytes out[FOLLOWERS];
};

static enum gh_status flock_open(struct flock *f, enum gh_switch_value apart)
{
    enum gh_status status = gh_engine_lead(&f->front.engine, &f->front.setup);

    for (uint32_t i = 0; i < FOLLOWERS && status == GH_OK; i++) {
        follower_set(&f->kit[i], apart, i);
        f->kit[i].setup.memory = f->front.setup.memory;
        status = gh_engine_follow(&f->kit[i].engine, f->front.engine, &f->kit[i].setup);
    }
    return status;
}

static enum gh_status flock_follow(struct flock *f)
{
    struct gh_released released;
    enum gh_status status = GH_OK;

    while (gh_engine_released(f->front.engine, &released))
        continue;
    for (uint32_t i = 0; i < FOLLOWERS && status == GH_OK; i++) {
        status = gh_engine_catch_up(f->kit[i].engine);
        if (status == GH_OK)
            changes_add(&f->out[i], f->kit[i].engine);
    }
    return status;
}

static enum gh_status flock_feed(struct flock *f, uint32_t step)
{
    enum gh_status status = GH_OK;

    for (uint32_t i = 0; i < record.count && status == GH_OK; i += step) {
        const uint32_t n = record.count - i < step ? record.count - i : step;
        status = gh_engine_offer(f->front.engine, &record.event[i], n, answer);
        if (status == GH_OK)
            status = flock_follow(f);
    }
    if (status == GH_OK)
        status = gh_engine_finish(f->front.engine);
    if (status == GH_OK)
        status = flock_follow(f);
    for (uint32_t i = 0; i < FOLLOWERS && status == GH_OK; i++)
        end_add(&f->out[i], f->kit[i].engine);
    return status;
}

static void flock_close(struct flock *f)
{
    for (uint32_t i = 0; i < FOLLOWERS; i++) {
        kit_close(&f->kit[i]);
        free(f->out[i].at);
    }
    kit_close(&f->front);
}

static void followers_say(enum gh_switch_value apart)
{
    static const uint32_t steps[] = {1, 7, BATCH_MAX};
    static struct flock f;
    struct bytes wanted[FOLLOWERS];

    noise_record();
    for (uint32_t i = 0; i < FOLLOWERS; i++)
        wanted[i] = alone(apart, i);
    CHECK(wanted[0].changes > 20 && !bytes_same(&wanted[0], &wanted[1]));
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        memset(&f, 0, sizeof f);
        front_set(&f.front, apart);
        CHECK(flock_open(&f, apart) == GH_OK);
        CHECK(flock_feed(&f, steps[s]) == GH_OK);
        for (uint32_t i = 0; i < FOLLOWERS; i++)
            CHECK(bytes_same(&f.out[i], &wanted[i]));
        flock_close(&f);
    }
    for (uint32_t i = 0; i < FOLLOWERS; i++)
        free(wanted[i].at);
}

static void followers_say_what_each_would_say_alone(void)
{
    followers_say(GH_SWITCH_OFF);
}

static void what_is_kept_apart_is_so_for_followers(void)
{
    followers_say(GH_SWITCH_ON);
}

/* --- what cannot follow --- */

static bool fits_with(void (*change)(struct kit *kit))
{
    static struct kit front, kit;
    struct gh_engine *engine = NULL;

    front_set(&front, GH_SWITCH_OFF);
    follower_set(&kit, GH_SWITCH_OFF, 0);
    change(&kit);
    CHECK(gh_engine_lead(&front.engine, &front.setup) == GH_OK);
    const bool fits = gh_engine_fits(front.engine, &kit.setup);
    CHECK(gh_engine_follow(&engine, front.engine, &kit.setup) == (fits ? GH_OK : GH_ECONFIG));
    gh_engine_free(engine);
    kit_close(&kit);
    kit_close(&front);
    return fits;
}

static void epoch_change(struct kit *kit)
{
    KIT_SET(kit, EVIDENCE, evidence)->epoch = 14;
}

static void lateness_change(struct kit *kit)
{
    KIT_SET(kit, ORDER, order)->lateness = 601;
}

static void limit_change(struct kit *kit)
{
    KIT_SET(kit, LIMITS, limits)->names = 5000;
}

static void apart_change(struct kit *kit)
{
    KIT_SET(kit, REVIEW, review)->require_authenticated.value = GH_SWITCH_ON;
}

static void prices_change(struct kit *kit)
{
    kit->setup.prices.count = 0;
}

static void who_takes_events_in_otherwise_does_not_follow(void)
{
    CHECK(fits_with(epoch_change));
    CHECK(!fits_with(lateness_change));
    CHECK(!fits_with(limit_change));
    CHECK(!fits_with(apart_change));
    CHECK(!fits_with(prices_change));
}

/* --- memory --- */

static bool memory_run(long allocations)
{
    static struct flock f;

    memset(&f, 0, sizeof f);
    front_set(&f.front, GH_SWITCH_OFF);
    f.front.memory.left = allocations;
    enum gh_status status = flock_open(&f, GH_SWITCH_OFF);
    if (status == GH_OK)
        status = flock_feed(&f, BATCH_MAX);
    CHECK(status == GH_OK || status == GH_EMEMORY);
    flock_close(&f);
    return status == GH_OK;
}

static void memory_that_runs_out_is_told(void)
{
    uint32_t runs = 0;
    long n = 0;

    noise_record();
    for (; runs < 60 && !memory_run(n); runs++)
        n += 1 + n / 5;
    printf("# enough from %ld allocations on\n", n);
    CHECK(runs > 10 && n > 100 && memory_run(2 * n));
}

static const struct gh_test tests[] = {
    GH_TEST(followers_say_what_each_would_say_alone),
    GH_TEST(what_is_kept_apart_is_so_for_followers),
    GH_TEST(who_takes_events_in_otherwise_does_not_follow),
    GH_TEST(memory_that_runs_out_is_told),
    GH_TEST(the_record_can_be_freed),
};

GH_TEST_MAIN(tests)
