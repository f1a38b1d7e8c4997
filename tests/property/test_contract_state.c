/* What: what every registered detector does: flat state, finite observations of whatever
 *       comes, silence where fields are absent.
 * How:  over the registry; seeded calls from the ends of every range. */
#include "support/registry_walk.h"

enum { STEPS = 9000 };

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below);
}

/* --- whatever comes --- */

static double extreme(void)
{
    static const double of[] = {
        0, 1, 17, 4000, 250000, 9007199254740991.0, 4 * 9007199254740991.0};

    return of[draw(4) ? draw(5) : draw(7)];
}

static struct gh_call hostile_call(int64_t now)
{
    static const int64_t time[] = {0, 1, RIG_START + 22 * GH_MS_PER_HOUR, 253402300799999};
    static const double cost[] = {0, 5e-324, 0.01, 3, 1e9, NAN};
    const struct gh_call call = {
        .ts_ms = draw(20) ? now : time[draw(4)],
        .present = draw(2) ? UINT64_MAX : 0,
        .actor = 1,
        .agent = draw(4),
        .caller = draw(3) ? 0 : draw(4),
        .model = draw(3),
        .session = draw(3),
        .prompt_hash = draw(2) ? 0 : UINT64_MAX,
        .response_hash = draw(2) ? 0 : 7,
        .context_tokens = extreme(),
        .output_tokens = extreme(),
        .tokens = extreme(),
        .user_tokens = draw(3) ? 0 : extreme(),
        .tool_calls = draw(2) ? 0 : extreme(),
        .cost_usd = cost[draw(6)],
        .origin = draw(3) ? GH_INTERACTIVE : (enum gh_origin)draw(5),
        .status = draw(3) ? GH_CALL_OK : (enum gh_call_status)draw(3),
        .foreign = draw(5) == 0,
    };

    return call;
}

static struct gh_output hostile_output(int64_t now)
{
    static const double units[] = {0, 5e-324, 1, 3, 1e9};
    const double told = units[draw(5)];
    const struct gh_output output = {
        .ts_ms = now,
        .present = draw(2) ? UINT64_MAX : 0,
        .ref = draw(3),
        .session = draw(3),
        .artifact = (enum gh_artifact)draw(GH_ARTIFACT_COUNT),
        .state = (enum gh_state)draw(4),
        .units = told,
        .change = draw(2)   ? 0
                  : draw(2) ? told
                            : -told,
        .lines_added = extreme(),
        .lines_removed = extreme(),
    };

    return output;
}

/* As the engine may know a person: gates and sums are never negative. */
static void hostile_person(struct rig *rig)
{
    static const double sum[] = {0, 5e-324, 1e-9, 2, 500, 1e15};
    struct gh_person *p = &rig->person;

    p->usual_tokens = draw(5) ? extreme() : NAN;
    p->usual_cost_usd = draw(5) ? sum[draw(6)] : NAN;
    p->hours = (struct gh_hours){(uint16_t)draw(1441), (uint16_t)draw(1441)};
    p->zone_known = draw(2);
    p->has_outputs = draw(4) > 0;
    p->peer_units_per_usd = sum[draw(6)];
    p->gate_units = sum[draw(6)];
    p->gate_usd = sum[draw(6)];
    p->past_units = sum[draw(6)];
    p->past_usd = sum[draw(6)];
    p->peer_tokens_per_day = sum[draw(6)];
    p->above_edge = draw(4);
    p->below_edge = draw(4);
    rig->day.schedule = draw(3) ? 0 : draw(16);
}

static struct gh_quota hostile_target(void)
{
    static const double usd[] = {0, 5e-324, 0.02, 100, 1e9};

    return (struct gh_quota){draw(2) ? extreme() : 0, usd[draw(5)],
                             (enum gh_period)draw(GH_PERIOD_COUNT), 0};
}

static void observation_check(const struct gh_observation *seen)
{
    double weight = 0, mean = 0;

    if (seen->state != GH_OBSERVED)
        return;
    HOLDS(isfinite(seen->value), "an observation is finite");
    HOLDS(current->measure != GH_SHARE || (seen->value >= 0 && seen->value <= 1),
          "a share lies in 0..1");
    HOLDS(current->measure != GH_SCORE || seen->value >= 0, "a score is not negative");
    HOLDS(seen->excess_share >= 0 && seen->excess_share <= 1, "an excess is a part of the day");
    HOLDS(isfinite(seen->expected), "what it is held against is finite");
    const struct gh_by_class *by = seen->by_class;
    for (int i = 0; i < GH_PARTS; i++) {
        weight += by->weight[i];
        mean += by->weight[i] * by->part[i];
        HOLDS(isfinite(by->part[i]) && by->weight[i] >= 0, "classes of work are finite");
    }
    if (current->measure == GH_LEVEL) {
        HOLDS(fabs(weight - 1) < 1e-9 && fabs(mean - seen->value) < 1e-9 * (1 + fabs(mean)),
              "a level is the mean of its classes");
        HOLDS(seen->stake >= 0 && seen->stake <= 1, "a stake lies in 0..1");
    }
}

static void episode_check(const struct gh_episode *e)
{
    HOLDS(isfinite(e->log_e) && isfinite(e->tokens) && isfinite(e->cost_usd) &&
              isfinite(e->excess_tokens) && isfinite(e->excess_cost_usd),
          "an episode is finite");
    HOLDS(e->excess_tokens <= e->tokens && e->sample_count <= GH_SAMPLES_MAX,
          "an episode is within bounds");
}

static void tell_check(struct rig *rig, const struct gh_observation *seen, struct gh_episode *e)
{
    const struct gh_observe in = rig_observe_of(rig);

    if (seen->state != GH_OBSERVED || rig->day.calls == 0)
        return;
    e->days++;
    e->calls += rig->day.calls;
    e->tokens += rig->day.tokens;
    e->cost_usd += rig->day.cost_usd;
    e->from_ms = RIG_START;
    e->until_ms = rig->day.last_ms;
    current->tell(&in, seen, current->measure == GH_SHARE ? 0.1 : 5.0, e);
    for (uint32_t i = 0; i < current->fact_count; i++)
        HOLDS(isfinite(e->value[i]) && !isinf(e->expected[i]), "facts are finite");
}

static void hostile_check(void)
{
    static struct rig rig;
    struct gh_episode told = {0};
    int64_t now = RIG_START;
    uint32_t observed = 0;

    random_state = 7;
    rig_open(&rig, current);
    rig.threshold = 3;
    for (int i = 0; i < STEPS; i++) {
        rig.watched = draw(2);
        rig_step(&rig, hostile_call(now));
        if (rig.raised)
            episode_check(&rig.episode);
        if (current->output != NULL && draw(4) == 0) {
            rig_output(&rig, hostile_output(now));
            if (rig.raised)
                episode_check(&rig.episode);
        }
        now += (int64_t)draw(4) * RIG_MINUTE - RIG_MINUTE;
        if (draw(20))
            continue;
        hostile_person(&rig);
        struct gh_observation seen = rig_observe(&rig);
        const struct gh_observe in = rig_observe_of(&rig);
        if (seen.state == GH_OBSERVED && current->conclude != NULL)
            current->conclude(&in, draw(3) ? draw(100) / 10.0 - 5.0 : 0.0, &seen);
        observation_check(&seen);
        tell_check(&rig, &seen, &told);
        observed += seen.state == GH_OBSERVED;
        rig_next_day(&rig);
        rig.day.quota = hostile_target();
    }
    HOLDS(observed >= 3, "noise is observed at all");
    rig_close(&rig);
}

static void observations_stay_finite_whatever_comes(void)
{
    for_each(hostile_check);
}

/* --- a snapshot is a copy of bytes --- */

static void *bytes_copy(struct rig *rig, const void *at, size_t size)
{
    void *copy = size ? gh_heap_resize(&rig->heap, NULL, 0, size) : NULL;

    if (copy != NULL)
        memcpy(copy, at, size);
    return copy;
}

static void cells_copy(struct rig *rig, struct gh_cells *to, const struct gh_cells *from)
{
    to->slot = bytes_copy(rig, from->slot, from->slot_count * sizeof *from->slot);
    to->records = (struct gh_segments){.element_size = from->records.element_size};
    for (uint32_t i = 0; i < from->records.count; i++)
        memcpy(gh_segments_add(&rig->heap, &to->records), gh_segments_at(&from->records, i),
               from->records.element_size);
}

/* As a snapshot would be read back: bytes of the state, and the samples by their texts. */
static void rig_copy(struct rig *to, const struct rig *from)
{
    memcpy(to, from, sizeof *to);
    to->heap = gh_test_heap(&to->memory);
    cells_copy(to, &to->cells, &from->cells);
    cells_copy(to, &to->sessions, &from->sessions);
    gh_intern_init(&to->samples, from->samples.limit);
    for (uint32_t id = 1; id <= gh_intern_count(&from->samples); id++)
        (void)gh_intern_add(&to->heap, &to->samples, gh_intern_text(&from->samples, id));
}

static bool cells_same(const struct gh_cells *a, const struct gh_cells *b)
{
    bool same =
        a->slot_count == b->slot_count && a->records.count == b->records.count &&
        (a->slot_count == 0 || memcmp(a->slot, b->slot, a->slot_count * sizeof *a->slot) == 0);

    for (uint32_t i = 0; i < a->records.count && same; i++)
        same = memcmp(gh_segments_at(&a->records, i), gh_segments_at(&b->records, i),
                      a->records.element_size) == 0;
    return same;
}

static bool rig_same(const struct rig *a, const struct rig *b)
{
    return memcmp(a->actor, b->actor, sizeof a->actor) == 0 &&
           memcmp(a->state, b->state, sizeof a->state) == 0 &&
           cells_same(&a->cells, &b->cells) && cells_same(&a->sessions, &b->sessions) &&
           a->raised == b->raised && a->sampled == b->sampled &&
           (!a->raised || memcmp(&a->episode, &b->episode, sizeof a->episode) == 0);
}

/* The same calls again, from the same seed; a day ends after each hundred. */
static void rig_run(struct rig *rig, uint64_t seed, struct gh_observation *last)
{
    int64_t now = RIG_START + (int64_t)seed * GH_MS_PER_DAY;

    random_state = seed;
    for (int i = 1; i <= STEPS / 4; i++, now += RIG_MINUTE) {
        rig_step(rig, hostile_call(now));
        if (i % 100)
            continue;
        hostile_person(rig);
        *last = rig_observe(rig);
        rig_next_day(rig);
    }
}

static bool seen_same(const struct gh_observation *a, const struct gh_observation *b)
{
    return a->state == b->state && a->value == b->value && a->expected == b->expected &&
           a->excess_share == b->excess_share && a->stake == b->stake &&
           memcmp(a->by_class, b->by_class, sizeof *a->by_class) == 0;
}

static void snapshot_check(void)
{
    static struct rig rig, again, copy, kept;
    struct gh_observation seen[3];

    rig_open(&rig, current);
    rig_open(&again, current);
    rig.watched = again.watched = true;
    rig.threshold = again.threshold = 2;
    rig_run(&rig, 3, &seen[0]);
    rig_run(&again, 3, &seen[1]);
    HOLDS(rig_same(&rig, &again) && seen_same(&seen[0], &seen[1]),
          "the same calls leave the same bytes");
    rig_copy(&copy, &rig);
    rig_copy(&kept, &rig);
    rig_run(&copy, 4, &seen[2]);
    HOLDS(rig_same(&rig, &kept), "what a copy does leaves the original alone");
    rig_run(&rig, 4, &seen[0]);
    HOLDS(rig_same(&rig, &copy) && seen_same(&seen[0], &seen[2]),
          "a copy of the bytes goes on as the original does");
    rig_close(&rig);
    rig_close(&again);
    rig_close(&copy);
    rig_close(&kept);
}

static void state_is_flat_and_a_snapshot_is_a_copy_of_bytes(void)
{
    for_each(snapshot_check);
}

/* Calls of which the source tells nothing but that they were. */
static void silence_check(void)
{
    static struct rig rig;

    rig_open(&rig, current);
    rig.person = (struct gh_person){.days = 100, .usual_tokens = 10, .usual_cost_usd = 1};
    for (int day = 0; day < 40; day++) {
        for (int i = 0; i < 20; i++) {
            struct gh_call call = rig_call(i * RIG_MINUTE);
            call.context_tokens = call.output_tokens = call.tokens = 0;
            call.cost_usd = NAN;
            rig_step(&rig, call);
            HOLDS(!rig.raised, "silence raises nothing");
        }
        HOLDS(rig_observe(&rig).state != GH_OBSERVED, "silence is not observable");
        rig_next_day(&rig);
    }
    rig_close(&rig);
}

static void silence_of_a_field_is_never_evidence(void)
{
    for_each(silence_check);
}

static const struct gh_test tests[] = {
    GH_TEST(observations_stay_finite_whatever_comes),
    GH_TEST(state_is_flat_and_a_snapshot_is_a_copy_of_bytes),
    GH_TEST(silence_of_a_field_is_never_evidence),
};

GH_TEST_MAIN(tests)
