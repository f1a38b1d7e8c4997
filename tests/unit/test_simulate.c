/* What: the simulator: same plan, same events; order, ids, labels and the contract's limits.
 * How:  small companies run to their end. What is gamed is held against a twin: the same
 *       plan without gamers has the same honest events, so the difference in tokens is
 *       what the labels must say, exactly. */
#include "app/simulate/random.h"
#include "app/simulate/record.h"
#include "app/simulate/simulate.h"
#include "app/simulate/zone.h"
#include "base/civil.h"
#include "base/hash.h"
#include "support/gh_test.h"

#include <math.h>

enum { BATCH_MAX = 1000, ACTORS_MAX = 400 };

/* What a run leaves behind. */
struct seen {
    uint64_t events, digest, by_actor[ACTORS_MAX], ids[ACTORS_MAX];
    uint64_t usage[ACTORS_MAX], outputs[ACTORS_MAX], reverted[ACTORS_MAX];
    uint64_t kinds[GH_KIND_COUNT], disordered, id_errors, outside;
    uint64_t loop_calls, loop_tools;
    double tokens[ACTORS_MAX];
    struct gh_sim_label label[ACTORS_MAX];
};
static struct seen seen_a, seen_b;

static uint64_t fold_bytes(uint64_t digest, const void *at, size_t size)
{
    return gh_hash_pair(digest, gh_hash(at, size));
}

#define FOLD_TEXT(v) digest = fold_bytes(digest, (v).at ? (v).at : "", (v).size);
#define FOLD_PLAIN(v) digest = fold_bytes(digest, &(v), sizeof(v));
#define FOLD_NOTE FOLD_TEXT
#define FOLD_COUNT FOLD_PLAIN
#define FOLD_NUMBER FOLD_PLAIN
#define FOLD_TIME FOLD_PLAIN
#define FOLD_HASH FOLD_PLAIN
#define FOLD_HOURS FOLD_PLAIN
#define FOLD_DAYS FOLD_PLAIN
#define FOLD_VERSION FOLD_PLAIN
#define FOLD_KIND FOLD_PLAIN
#define FOLD_ORIGIN FOLD_PLAIN
#define FOLD_STATUS FOLD_PLAIN
#define FOLD_ARTIFACT FOLD_PLAIN
#define FOLD_STATE FOLD_PLAIN
#define FOLD_ACCOUNT FOLD_PLAIN
#define FOLD_SCHEDULE FOLD_PLAIN
#define FOLD_PERIOD FOLD_PLAIN
#define FOLD_VERDICT FOLD_PLAIN
#define FOLD_KEY(key, type, field, kinds, required, help) \
    if (GH_HAS(event, key)) {                             \
        FOLD_##type(event->field)                         \
    }

static uint64_t fold_event(uint64_t digest, const struct gh_event *event)
{
    digest = fold_bytes(digest, &event->present, sizeof(event->present));
    GH_EVENT_KEYS(FOLD_KEY)
    return digest;
}

/* "a17-000123" -> 17 and 123; the id of an event without an actor reads the same. */
static bool id_read(struct gh_text id, uint32_t *actor, uint32_t *number)
{
    char text[32];
    int end = 0;
    if (id.size >= sizeof(text))
        return false;
    memcpy(text, id.at, id.size);
    text[id.size] = '\0';
    return sscanf(text, "a%u-%u%n", actor, number, &end) == 2 && end == (int)id.size;
}

static double tokens_of(const struct gh_event *event)
{
    return (double)event->input_tokens + (double)event->cache_read_tokens +
           (double)event->cache_write_tokens + (double)event->output_tokens;
}

static void see(struct seen *s, const struct gh_event *event, int64_t *last_ms)
{
    uint32_t actor = 0, number = 0;
    s->disordered += event->ts_ms < *last_ms;
    s->events++, s->kinds[event->kind]++;
    if (event->kind == GH_TICK) /* the end: it lies past the span */
        return;
    *last_ms = event->ts_ms;
    s->digest = fold_event(s->digest, event);
    if (!id_read(event->id, &actor, &number) || actor >= ACTORS_MAX ||
        number != s->ids[actor] + 1) {
        s->id_errors++;
        return;
    }
    s->ids[actor] = number;
    s->by_actor[actor] = fold_event(s->by_actor[actor], event);
    s->tokens[actor] += tokens_of(event);
    s->usage[actor] += event->kind == GH_USAGE;
    s->outputs[actor] += event->kind == GH_OUTPUT && event->state != GH_REVERTED;
    s->reverted[actor] += event->kind == GH_OUTPUT && event->state == GH_REVERTED;
    if (event->kind == GH_USAGE && event->agent.size > 8 &&
        memcmp(event->agent.at, "planner@", 8) == 0 && event->session.size > 0) {
        s->loop_calls++;
        s->loop_tools += event->tool_calls > 0;
    }
}

static void run(struct seen *s, const struct gh_sim_plan *plan, size_t batch)
{
    static struct gh_event event[BATCH_MAX];
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;
    const int64_t end_ms = plan->start_ms + 7 * plan->weeks * GH_MS_PER_DAY;
    int64_t last_ms = plan->start_ms;
    size_t count = 0;
    memset(s, 0, sizeof(*s));
    CHECK(gh_sim_new(&sim, plan, &error) == GH_OK);
    if (!sim)
        return;
    while ((count = gh_sim_next(sim, event, batch)) > 0)
        for (size_t i = 0; i < count; i++)
            see(s, &event[i], &last_ms);
    s->outside += last_ms >= end_ms;
    CHECK(!gh_sim_failed(sim));
    CHECK(gh_sim_label_count(sim) == plan->actors);
    for (uint32_t i = 0; i < plan->actors; i++) {
        gh_sim_label_at(sim, i, &s->label[i]);
        s->label[i].actor.at = NULL; /* lent by a simulator that ends here */
        s->label[i].team = NULL;
    }
    gh_sim_free(sim);
}

static struct gh_sim_plan plan_of(uint32_t actors, uint32_t weeks)
{
    struct gh_sim_plan plan = gh_sim_plan_default();
    plan.actors = actors;
    plan.weeks = weeks;
    return plan;
}

static void the_same_plan_gives_the_same_events(void)
{
    struct gh_sim_plan plan = plan_of(60, 2);
    plan.gamers = 0.3;
    run(&seen_a, &plan, BATCH_MAX);
    run(&seen_b, &plan, 7);
    CHECK(seen_a.events > 10000);
    CHECK(seen_a.events == seen_b.events);
    CHECK(seen_a.digest == seen_b.digest);
    plan.seed++;
    run(&seen_b, &plan, BATCH_MAX);
    CHECK(seen_a.digest != seen_b.digest);
}

static void a_person_does_not_depend_on_how_many_others_there_are(void)
{
    struct gh_sim_plan plan = plan_of(40, 2);
    plan.gamers = 0.3;
    run(&seen_a, &plan, BATCH_MAX);
    plan.actors = 80;
    run(&seen_b, &plan, BATCH_MAX);
    for (uint32_t i = 0; i < 40; i++)
        CHECK(seen_a.by_actor[i] == seen_b.by_actor[i]);
}

static void events_come_in_order_inside_the_span_with_ids_of_their_own(void)
{
    struct gh_sim_plan plan = plan_of(100, 2);
    plan.gamers = 0.2;
    run(&seen_a, &plan, BATCH_MAX);
    CHECK(seen_a.disordered == 0 && seen_a.outside == 0 && seen_a.kinds[GH_TICK] == 1);
    CHECK(seen_a.id_errors == 0);
    for (int kind = 0; kind < GH_KIND_COUNT; kind++)
        CHECK((seen_a.kinds[kind] > 0) == (kind != GH_VERDICT));
}

static void what_labels_call_gamed_is_what_the_honest_twin_lacks(void)
{
    struct gh_sim_plan plan = plan_of(60, 2);
    plan.gamers = 0;
    run(&seen_a, &plan, BATCH_MAX);
    plan.gamers = 1;
    for (int form = GH_SIM_MIXED; form <= GH_SIM_CAUTIOUS; form++) {
        plan.form = form;
        run(&seen_b, &plan, BATCH_MAX);
        for (uint32_t i = 0; i < plan.actors; i++) {
            CHECK(!seen_a.label[i].gamer && seen_a.label[i].tokens_gamed <= 0);
            CHECK_NEAR(seen_b.label[i].tokens_gamed, seen_b.tokens[i] - seen_a.tokens[i], 0);
            CHECK(seen_b.label[i].bursts == seen_a.label[i].bursts);
        }
    }
}

static void every_behaviour_is_drawn_and_does_something(void)
{
    bool drawn[GH_BEHAVIOUR_COUNT] = {false}, gamed[GH_BEHAVIOUR_COUNT] = {false};
    struct gh_sim_plan plan = plan_of(110, 2);
    plan.gamers = 1;
    run(&seen_a, &plan, BATCH_MAX);
    for (uint32_t i = 0; i < plan.actors; i++) {
        const struct gh_sim_label *label = &seen_a.label[i];
        if (!label->gamer)
            continue;
        drawn[label->behaviour] = true;
        gamed[label->behaviour] |= label->tokens_gamed > 0;
        CHECK(label->from_ms >= plan.start_ms && label->from_ms < label->until_ms);
        CHECK(label->strength > 1);
        CHECK((label->tokens_gamed > 0) == (label->cost_gamed > 0));
    }
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        CHECK(drawn[b] && gamed[b]);
}

/* 4 standard errors; one account in a hundred is a service, never a gamer. */
static void the_share_of_gamers_is_the_one_asked_for(void)
{
    static const double shares[] = {0, 0.04, 0.3, 0.41, 0.6, 0.9};
    enum { MANY = 2000 };
    for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
        struct gh_sim_plan plan = plan_of(MANY, 1);
        struct gh_sim *sim = NULL;
        uint32_t gamers = 0;
        plan.gamers = shares[i];
        CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
        for (uint32_t k = 0; sim && k < MANY; k++) {
            struct gh_sim_label label;
            gh_sim_label_at(sim, k, &label);
            gamers += label.gamer;
        }
        gh_sim_free(sim);
        CHECK_NEAR(gamers / (double)MANY, shares[i],
                   0.02 * shares[i] + 4 * sqrt(shares[i] * (1 - shares[i]) / MANY));
    }
}

static void an_asked_behaviour_and_strength_hold_for_everybody(void)
{
    struct gh_sim_plan plan = plan_of(30, 2);
    plan.gamers = 1;
    plan.behaviour = GH_REPETITION;
    plan.strength = 4;
    run(&seen_a, &plan, BATCH_MAX);
    for (uint32_t i = 0; i < plan.actors; i++)
        if (seen_a.label[i].gamer)
            CHECK(seen_a.label[i].behaviour == GH_REPETITION &&
                  fabs(seen_a.label[i].strength - 4) <= 0);
}

static void churn_is_reverted_and_useless_spend_costs_outputs(void)
{
    struct gh_sim_plan plan = plan_of(60, 2);
    uint64_t honest = 0, honest_reverted = 0, churned = 0, churned_reverted = 0, thinned = 0;
    plan.gamers = 0;
    run(&seen_a, &plan, BATCH_MAX);
    plan.gamers = 1;
    plan.strength = 3;
    plan.behaviour = GH_OUTPUT_CHURN;
    run(&seen_b, &plan, BATCH_MAX);
    for (uint32_t i = 0; i < plan.actors; i++) {
        honest += seen_a.outputs[i];
        honest_reverted += seen_a.reverted[i];
        churned += seen_b.outputs[i];
        churned_reverted += seen_b.reverted[i];
    }
    CHECK(churned > honest);
    CHECK((churned_reverted - honest_reverted) * 10 > (churned - honest) * 6);
    plan.behaviour = GH_OUTPUTLESS_SPEND;
    run(&seen_b, &plan, BATCH_MAX);
    for (uint32_t i = 0; i < plan.actors; i++)
        thinned += seen_b.outputs[i];
    CHECK(thinned < honest);
}

static void knowing_the_detectors_changes_gamers_and_nobody_else(void)
{
    struct gh_sim_plan plan = plan_of(40, 1);
    plan.gamers = 0;
    run(&seen_a, &plan, BATCH_MAX);
    plan.form = GH_SIM_CAUTIOUS;
    run(&seen_b, &plan, BATCH_MAX);
    CHECK(seen_a.digest == seen_b.digest);
    plan.gamers = 1;
    plan.behaviour = GH_AGENT_LOOP;
    run(&seen_b, &plan, BATCH_MAX);
    plan.form = GH_SIM_NAIVE;
    run(&seen_a, &plan, BATCH_MAX);
    /* Planners of honest crews use tools too, but are few beside those of loops. */
    CHECK(seen_a.loop_calls > 1000 && seen_a.loop_tools * 10 < seen_a.loop_calls);
    CHECK(seen_b.loop_calls > 1000 && seen_b.loop_tools * 10 > 6 * seen_b.loop_calls);
}

static void without_bursts_nothing_is_declared_but_leave(void)
{
    static struct gh_event event[BATCH_MAX];
    struct gh_sim_plan plan = plan_of(100, 2);
    struct gh_sim *sim = NULL;
    size_t count;
    plan.bursts = false;
    CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
    while ((count = gh_sim_next(sim, event, BATCH_MAX)) > 0)
        for (size_t i = 0; i < count; i++) {
            CHECK(event[i].kind != GH_EXPERIMENT);
            CHECK(event[i].kind != GH_SCHEDULE || event[i].schedule == GH_LEAVE);
        }
    for (uint32_t i = 0; i < plan.actors; i++) {
        struct gh_sim_label label;
        gh_sim_label_at(sim, i, &label);
        CHECK(label.bursts == 0 || strcmp(label.role, "service") == 0);
    }
    gh_sim_free(sim);
    CHECK(strcmp(gh_sim_burst_name(0), "on_call") == 0);
    CHECK(gh_sim_burst_name(24) == NULL && gh_sim_burst_name(UINT32_MAX) == NULL);
}

static bool text_legal(struct gh_text text, bool present)
{
    if (!present)
        return text.at == NULL && text.size == 0;
    for (uint32_t i = 0; i < text.size; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e)
            return false;
    return text.size >= 1 && text.size <= GH_STRING_BYTES_MAX;
}

#define LEGAL_TEXT(key, v) legal &= text_legal(v, GH_HAS(event, key));
#define LEGAL_COUNT(key, v) legal &= (v) >= 0 && (v) <= GH_COUNT_MAX;
#define LEGAL_NUMBER(key, v) legal &= isfinite(v) && (v) >= 0;
#define LEGAL_TIME(key, v) legal &= (v) >= 0 && (v) <= GH_TIME_MS_MAX;
#define LEGAL_HOURS(key, v) legal &= (v).from_min <= 1440 && (v).until_min <= 1440;
#define LEGAL_DAYS(key, v) legal &= (v) < 128;
#define LEGAL_ANY(key, v)
#define LEGAL_NOTE LEGAL_TEXT
#define LEGAL_HASH LEGAL_ANY
#define LEGAL_VERSION LEGAL_ANY
#define LEGAL_KIND LEGAL_ANY
#define LEGAL_ORIGIN LEGAL_ANY
#define LEGAL_STATUS LEGAL_ANY
#define LEGAL_ARTIFACT LEGAL_ANY
#define LEGAL_STATE LEGAL_ANY
#define LEGAL_ACCOUNT LEGAL_ANY
#define LEGAL_SCHEDULE LEGAL_ANY
#define LEGAL_PERIOD LEGAL_ANY
#define LEGAL_VERDICT LEGAL_ANY
#define LEGAL_KEY(key, type, field, kinds, required, help)              \
    legal &= !GH_HAS(event, key) || (((kinds) >> event->kind) & 1u);    \
    legal &= GH_HAS(event, key) || !(((required) >> event->kind) & 1u); \
    LEGAL_##type(key, event->field)

static bool event_legal(const struct gh_event *event)
{
    bool legal = GH_HAS(event, actor) || GH_HAS(event, team) || event->kind == GH_TICK;
    GH_EVENT_KEYS(LEGAL_KEY)
    return legal;
}

/* A request fits the window that the event, or the model's row, tells. */
static bool event_fits(const struct gh_event *event)
{
    int64_t window = event->context_window;
    if (event->kind != GH_USAGE)
        return true;
    for (uint32_t i = 0; i < GH_SIM_MODELS && window == 0; i++)
        if (strncmp(gh_sim_models[i].name, event->model.at, event->model.size) == 0)
            window = gh_sim_models[i].window;
    return tokens_of(event) - (double)event->output_tokens <= (double)window &&
           event->user_tokens <=
               event->input_tokens + event->cache_read_tokens + event->cache_write_tokens;
}

static void every_event_keeps_the_contract(void)
{
    static struct gh_event event[BATCH_MAX];
    struct gh_sim_plan plan = plan_of(30, 1);
    struct gh_sim *sim = NULL;
    uint64_t illegal = 0, unfit = 0, count;
    plan.gamers = 1;
    plan.strength = 100;
    CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
    while ((count = gh_sim_next(sim, event, BATCH_MAX)) > 0)
        for (size_t i = 0; i < count; i++) {
            illegal += !event_legal(&event[i]);
            unfit += !event_fits(&event[i]);
        }
    CHECK(illegal == 0);
    CHECK(unfit == 0);
    gh_sim_free(sim);
}

static void plans_out_of_range_are_refused_with_the_range(void)
{
    static const struct {
        struct gh_sim_plan plan;
        const char *text;
    } row[] = {
        {{.actors = 1, .weeks = 1, .behaviour = -1}, "actors: 1: 2 to 1000000"},
        {{.actors = 1000001, .weeks = 1, .behaviour = -1}, "actors: 1000001: 2 to 1000000"},
        {{.actors = 2, .behaviour = -1}, "weeks: 0: 1 to 104"},
        {{.actors = 2, .weeks = 105, .behaviour = -1}, "weeks: 105: 1 to 104"},
        {{.actors = 2, .weeks = 1, .gamers = 1.5, .behaviour = -1},
         "gamers: 1.5: a share from 0 to 1"},
        {{.actors = 2, .weeks = 1, .gamers = NAN, .behaviour = -1},
         "gamers: nan: a share from 0 to 1"},
        {{.actors = 2, .weeks = 1, .behaviour = 11}, "behaviour: 11: unknown"},
        {{.actors = 2, .weeks = 1, .behaviour = -1, .strength = 0.5},
         "strength: 0.5: above 1, up to 100; or 0"},
        {{.actors = 2, .weeks = 1, .behaviour = -1}, "start: must be a Monday"},
        {{.actors = 2, .weeks = 1, .behaviour = -1, .start_ms = INT64_MAX},
         "start: must be a Monday"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        struct gh_error error = {0};
        struct gh_sim *sim = NULL;
        CHECK(gh_sim_new(&sim, &row[i].plan, &error) == GH_EUSAGE);
        CHECK(sim == NULL);
        CHECK(strcmp(error.text, row[i].text) == 0);
    }
    gh_sim_free(NULL);
}

static void clocks_change_to_the_second(void)
{
    static const struct {
        uint32_t zone;
        int64_t at_s;
        int32_t before_s, from_s;
    } row[] = {
        {0, 1772964000, -28800, -25200}, /* Los Angeles, 2026-03-08 10:00 UTC */
        {0, 1793523600, -25200, -28800}, /* 2026-11-01 09:00 UTC */
        {1, 1772953200, -18000, -14400}, /* New York, 2026-03-08 07:00 UTC */
        {1, 1793512800, -14400, -18000}, /* 2026-11-01 06:00 UTC */
        {2, 1774746000, 3600, 7200},     /* Berlin, 2026-03-29 01:00 UTC */
        {2, 1792890000, 7200, 3600},     /* 2026-10-25 01:00 UTC */
        {3, 1772953200, 19800, 19800},   /* Kolkata has one time all year */
        {4, 1772953200, 32400, 32400},   /* so has Tokyo */
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        CHECK(gh_sim_zone_offset_ms(row[i].zone, row[i].at_s * 1000 - 1) ==
              row[i].before_s * 1000);
        CHECK(gh_sim_zone_offset_ms(row[i].zone, row[i].at_s * 1000) == row[i].from_s * 1000);
    }
}

/* 4 standard errors of 200,000 draws; variances of mean and variance by theory. */
static void draws_have_the_moments_they_promise(void)
{
    enum { DRAWS = 200000 };
    struct gh_random r = gh_random_of(5, 6, 7, 8);
    double normal = 0, square = 0, gamma = 0, poisson = 0, large = 0, pareto = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double z = gh_random_normal(&r);
        normal += z / DRAWS;
        square += z * z / DRAWS;
        gamma += gh_random_gamma(&r, 2.5) / DRAWS;
        poisson += gh_random_poisson(&r, 3.5) / (double)DRAWS;
        large += gh_random_poisson(&r, 80) / (double)DRAWS;
        pareto += (gh_random_pareto(&r, 10, 1.7) > 20) / (double)DRAWS;
    }
    CHECK_NEAR(normal, 0, 4 * sqrt(1.0 / DRAWS));
    CHECK_NEAR(square, 1, 4 * sqrt(2.0 / DRAWS));
    CHECK_NEAR(gamma, 2.5, 4 * sqrt(2.5 / DRAWS));
    CHECK_NEAR(poisson, 3.5, 4 * sqrt(3.5 / DRAWS));
    CHECK_NEAR(large, 80, 4 * sqrt(80.0 / DRAWS));
    CHECK_NEAR(pareto, pow(0.5, 1.7), 4 * sqrt(0.25 / DRAWS));
}

static void generators_of_other_things_are_others(void)
{
    struct gh_random a = gh_random_of(1, 2, 3, 4), same = gh_random_of(1, 2, 3, 4);
    struct gh_random swapped = gh_random_of(1, 2, 4, 3), seed = gh_random_of(2, 1, 3, 4);
    const uint64_t first = gh_random_bits(&a);
    CHECK(first == gh_random_bits(&same));
    CHECK(first != gh_random_bits(&swapped));
    CHECK(first != gh_random_bits(&seed));
    for (int i = 0; i < 1000; i++) {
        const uint64_t near = gh_random_near(&a, first, 3);
        CHECK(__builtin_popcountll(near ^ first) <= 3);
        CHECK(gh_random_below(&a, 3) < 3);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(the_same_plan_gives_the_same_events),
    GH_TEST(a_person_does_not_depend_on_how_many_others_there_are),
    GH_TEST(events_come_in_order_inside_the_span_with_ids_of_their_own),
    GH_TEST(what_labels_call_gamed_is_what_the_honest_twin_lacks),
    GH_TEST(every_behaviour_is_drawn_and_does_something),
    GH_TEST(the_share_of_gamers_is_the_one_asked_for),
    GH_TEST(an_asked_behaviour_and_strength_hold_for_everybody),
    GH_TEST(churn_is_reverted_and_useless_spend_costs_outputs),
    GH_TEST(knowing_the_detectors_changes_gamers_and_nobody_else),
    GH_TEST(without_bursts_nothing_is_declared_but_leave),
    GH_TEST(every_event_keeps_the_contract),
    GH_TEST(plans_out_of_range_are_refused_with_the_range),
    GH_TEST(clocks_change_to_the_second),
    GH_TEST(draws_have_the_moments_they_promise),
    GH_TEST(generators_of_other_things_are_others),
};
GH_TEST_MAIN(tests)
