/* What: an engine that is configured goes on as one that is saved and loaded under the other
 *       settings: the same changes, counters and bytes, for any settings at any moment; and
 *       what overrides of teams and roles do depends neither on shards nor on batches.
 * How:  settings and overrides drawn at random, at random events of a simulated company and of
 *       noise in which people change teams and roles. */
#include "support/company_kit.h"
#include "support/engine_parcel.h"

enum { PEOPLE = 60, WEEKS = 6, BATCH_MAX = 1000, OVERRIDES_MAX = 12 };

static struct gh_event batch[BATCH_MAX];
static struct gh_answer answer[BATCH_MAX];

/* --- settings drawn at random --- */

struct drawn {
    struct noise random;
    struct gh_override override[OVERRIDES_MAX];
    uint32_t in_force, idle, off; /* how often there were any */
};

static double value_draw(struct noise *r, const struct gh_option *o)
{
    const double factor = pow(2.0, (double)noise_draw(r, 9) / 2.0 - 2.0);
    const double most = fmin(o->max, 1e6);
    double value = fmin(fmax(o->fallback * factor, o->min), most);

    if (o->type == GH_OPTION_BOOL)
        return noise_draw(r, 2);
    if (o->type == GH_OPTION_SWITCH)
        return noise_draw(r, 4) == 0;
    if (!(o->fallback > 0.0) || noise_draw(r, 8) == 0)
        value = o->min + (fmin(most, 1000.0) - o->min) * noise_draw(r, 100) / 100.0;
    value = fmin(fmax(value, o->min), o->max);
    return o->type == GH_OPTION_U32 ? floor(value) : value;
}

static struct gh_text name_draw(struct noise *r, enum gh_scope scope)
{
    static const char *const name[GH_SCOPES][6] = {
        {"n0", "n1", "n4", "team-0", "team-3", "nobody's"},
        {"n2", "n7", "engineer", "researcher", "support", "nobody's"}};
    const char *const at = name[scope][noise_draw(r, 6)];

    return (struct gh_text){at, (uint32_t)strlen(at)};
}

static struct gh_override override_draw(struct noise *r, int64_t now)
{
    struct gh_override o = {.scope = noise_draw(r, GH_SCOPES), .until_ms = INT64_MAX};

    do {
        o.group = noise_draw(r, (uint32_t)gh_engine_group_count());
        o.option = noise_draw(r, (uint32_t)gh_engine_group_at(o.group)->count);
    } while (!gh_option_scopable(o.group, o.option));
    o.name = name_draw(r, (enum gh_scope)o.scope);
    o.value = value_draw(r, &gh_engine_group_at(o.group)->options[o.option]);
    if (noise_draw(r, 2))
        o.until_ms = now + (int64_t)noise_draw(r, 12 * 24 * 60) * KIT_MINUTE;
    return o;
}

/* Most are bounds of each shard. */
static void limits_draw(struct noise *r, struct gh_limits_options *limits)
{
    limits->cells = 64u << noise_draw(r, 10);
    limits->samples = 64u << noise_draw(r, 10);
    limits->duplicate_ids = 1024u << noise_draw(r, 10);
    limits->actors = 40 + noise_draw(r, 200);
}

static void settings_draw(struct drawn *drawn, struct kit *kit)
{
    struct noise *const r = &drawn->random;

    for (uint32_t g = 0; g < gh_engine_group_count(); g++)
        for (uint32_t i = 0; i < gh_engine_group_at(g)->count; i++) {
            const struct gh_option *o = &gh_engine_group_at(g)->options[i];
            const bool changed = gh_option_live(g, i) && noise_draw(r, 12) == 0;
            if (g != GH_GROUP_LIMITS && o->type != GH_OPTION_TEXT)
                gh_option_put(o, kit->value[g], changed ? value_draw(r, o) : o->fallback);
        }
    kit->settings.override = drawn->override;
    kit->settings.override_count = noise_draw(r, OVERRIDES_MAX + 1);
    for (size_t i = 0; i < kit->settings.override_count; i++)
        drawn->override[i] = override_draw(r, gh_engine_newest_ms(kit->engine));
}

/* --- ways to change them --- */

static void by_configure(struct kit *kit)
{
    CHECK(gh_engine_configure(kit->engine, &kit->settings) == GH_OK);
}

/* By way of the fallbacks of all but what begins evidence anew. */
static void by_detour(struct kit *kit)
{
    static _Alignas(8) unsigned char value[GH_ENGINE_GROUPS_MAX][GH_CONFIG_BYTES];
    struct gh_settings detour = {.override = NULL};

    for (size_t i = 0; i < gh_engine_group_count(); i++) {
        gh_options_default(gh_engine_group_at(i), value[i]);
        detour.value[i] = value[i];
    }
    ((struct gh_review_options *)(void *)value[GH_GROUP_REVIEW])->require_authenticated =
        kit->engine->review.require_authenticated;
    CHECK(gh_engine_configure(kit->engine, &detour) == GH_OK);
    CHECK(gh_engine_configure(kit->engine, &detour) == GH_OK);
    CHECK(gh_engine_configure(kit->engine, &kit->settings) == GH_OK);
}

static void by_restart(struct kit *kit)
{
    struct parcel parcel = {.bytes = kit_bytes(kit), .limit = SIZE_MAX};

    gh_engine_free(kit->engine);
    CHECK(kit_load(kit, &parcel) == GH_OK);
    free(parcel.bytes.at);
}

/* --- a run --- */

struct plan {
    uint32_t shards, batch;
    uint64_t seed;
    void (*change)(struct kit *kit);
    bool limits; /* change, too */
};
struct outcome {
    struct bytes said, saved;
    struct bytes released; /* which comes between which changes is up to the batches */
};
typedef size_t source_next(void *source, uint32_t size);

static void outcome_free(struct outcome *o)
{
    free(o->said.at);
    free(o->saved.at);
    free(o->released.at);
}

static void queues_read(struct outcome *out, struct kit *kit)
{
    struct gh_released released;

    changes_add(&out->said, kit->engine);
    while (gh_engine_released(kit->engine, &released))
        bytes_add(&out->released, &released.position, sizeof released.position);
}

static void change(struct kit *kit, struct drawn *drawn, const struct plan *plan)
{
    settings_draw(drawn, kit);
    if (plan->limits)
        limits_draw(&drawn->random, KIT_SET(kit, LIMITS, limits));
    plan->change(kit);
    drawn->in_force += kit->engine->scopes.in_force > 0;
    drawn->idle += kit_counters(kit).overrides_idle > 0;
    drawn->off += (uint32_t)__builtin_popcount(kit->engine->enabled) < gh_detector_count;
}

static struct outcome whole_run(const struct plan *plan, source_next *next, void *source)
{
    static struct kit kit;
    struct drawn drawn = {.random = {.random = plan->seed}};
    struct outcome out = {.said = {0}};
    uint32_t until_change = 1, changes = 0;
    size_t n;

    kit_prepare(&kit);
    kit.setup.shards = plan->shards;
    kit_start(&kit);
    while ((n = next(source, until_change < plan->batch ? until_change : plan->batch)) > 0) {
        CHECK(gh_engine_offer(kit.engine, batch, n, answer) == GH_OK);
        queues_read(&out, &kit);
        until_change -= (uint32_t)n;
        if (until_change > 0)
            continue;
        change(&kit, &drawn, plan);
        until_change = 100 + noise_draw(&drawn.random, 3000);
        changes++;
    }
    end_add(&out.said, kit.engine);
    out.saved = kit_bytes(&kit);
    CHECK(changes > 10 && drawn.in_force > 2 && drawn.idle > 2 && drawn.off > 2);
    kit_close(&kit);
    return out;
}

static size_t company_next(void *source, uint32_t size)
{
    return gh_sim_next(source, batch, size);
}

static struct outcome company_run(const struct plan *plan)
{
    const struct gh_sim_plan company = company_plan(PEOPLE, WEEKS, 0.3, plan->seed);
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

/* --- laws --- */

typedef struct outcome any_run(const struct plan *plan);

static void each_way_is_the_same(any_run *run, uint64_t seed, uint32_t shards)
{
    struct plan plan = {shards, 997, seed, by_configure, true};
    struct outcome wanted = run(&plan);
    void (*const way[])(struct kit *) = {by_restart, by_detour};

    printf("# seed %d, %u shards: %u changes\n", (int)seed, shards, wanted.said.changes);
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        plan.change = way[i];
        struct outcome got = run(&plan);
        CHECK(bytes_same(&got.said, &wanted.said));
        CHECK(bytes_same(&got.released, &wanted.released));
        CHECK(bytes_same(&got.saved, &wanted.saved));
        outcome_free(&got);
    }
    outcome_free(&wanted);
}

static void configuring_a_company_is_loading_it_under_other_settings(void)
{
    for (uint32_t shards = 1; shards <= 4; shards++)
        each_way_is_the_same(company_run, 10 + shards, shards);
}

static void configuring_amid_noise_is_loading_under_other_settings(void)
{
    for (uint32_t shards = 1; shards <= 4; shards++)
        each_way_is_the_same(noise_run, 20 + shards, shards);
}

static void shards_and_batches_do_not_show(any_run *run, uint64_t seed)
{
    struct outcome wanted = run(&(struct plan){1, 1000, seed, by_configure, false});
    static const uint32_t cut[][2] = {{2, 61}, {3, 7}, {4, 1000}};

    CHECK(wanted.said.changes > 20);
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        struct outcome got =
            run(&(struct plan){cut[i][0], cut[i][1], seed, by_configure, false});
        CHECK(bytes_same(&got.said, &wanted.said));
        CHECK(bytes_same(&got.released, &wanted.released));
        outcome_free(&got);
    }
    outcome_free(&wanted);
}

static void overrides_do_not_show_shards_and_batches(void)
{
    shards_and_batches_do_not_show(company_run, 31);
    shards_and_batches_do_not_show(noise_run, 32);
}

static const struct gh_test tests[] = {
    GH_TEST(configuring_a_company_is_loading_it_under_other_settings),
    GH_TEST(configuring_amid_noise_is_loading_under_other_settings),
    GH_TEST(overrides_do_not_show_shards_and_batches),
    GH_TEST(the_record_can_be_freed),
};

GH_TEST_MAIN(tests)
