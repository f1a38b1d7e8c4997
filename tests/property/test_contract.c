/* What: the promises of detect/detector.h, kept by every registered detector: a legal table
 *       row, flat state, finite observations of whatever comes, silence where fields are
 *       absent, and words that blame nobody.
 * How:  over the registry; seeded calls from the ends of every range. */
#include "support/detector_kit.h"

#include <ctype.h>

enum { STEPS = 3000 };

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below);
}

static const struct gh_detector *current;

static void broken(const char *what)
{
    gh_test_failures++;
    printf("# %s: %s\n", current->name, what);
}

#define HOLDS(condition, what) ((condition) ? (void)0 : broken(what))

static void for_each(void (*check)(void))
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        current = gh_detectors[d];
        check();
    }
}

/* --- the row --- */

static void row_check(void)
{
    const struct gh_detector *c = current;
    const bool structural = c->lane == GH_STRUCTURAL;

    HOLDS(c->behaviour < GH_BEHAVIOUR_COUNT &&
              strcmp(c->name, gh_behaviour_name(c->behaviour)) == 0,
          "the name is that of a behaviour of the contract");
    HOLDS(c->version >= 1, "it has a version");
    HOLDS(c->summary[0] && c->reference[0], "it has a summary and a source");
    HOLDS(structural == (c->measure != GH_SCORE), "scores are context, the rest structural");
    HOLDS(c->add >= 0 && c->add < 0.5, "the allowance is a share");
    HOLDS(c->actor_size % 8 == 0 && c->day_size % 8 == 0 && c->cell_size % 8 == 0,
          "sizes are multiples of 8");
    HOLDS(c->actor_size <= RIG_STATE && c->day_size <= RIG_STATE, "state is small");
    HOLDS((c->cell_size > 0) == (c->cell_idle_ms > 0), "cells are forgotten after a time");
    HOLDS(c->step && c->observe && c->tell && c->explain, "no function is missing");
}

static void facts_check(void)
{
    HOLDS(current->fact_count >= 1 && current->fact_count <= GH_FACTS_MAX, "a few facts");
    for (uint32_t i = 0; i < current->fact_count; i++) {
        const struct gh_fact_row *fact = &current->fact[i];
        HOLDS(fact->name && fact->name[strspn(fact->name, "abcdefghijklmnopqrstuvwxyz_")] == 0,
              "names of facts are words");
        HOLDS(fact->unit && fact->unit[0], "each fact has a unit");
        for (uint32_t k = 0; k < i; k++)
            HOLDS(strcmp(fact->name, current->fact[k].name) != 0, "facts differ by name");
    }
}

static void every_row_of_the_registry_is_whole(void)
{
    for_each(row_check);
    for_each(facts_check);
    for (uint32_t d = 1; d < gh_detector_count; d++)
        CHECK(strcmp(gh_detectors[d - 1]->name, gh_detectors[d]->name) < 0);
    CHECK(gh_detector_count >= 1 && gh_detector_count <= GH_DETECTORS_MAX);
}

static size_t size_of(enum gh_option_type type)
{
    switch (type) {
    case GH_OPTION_DOUBLE:
        return sizeof(double);
    case GH_OPTION_U32:
        return sizeof(uint32_t);
    case GH_OPTION_BOOL:
        return sizeof(bool);
    case GH_OPTION_TEXT:
        break;
    }
    return sizeof(struct gh_option_text);
}

static void option_check(const struct gh_option *o, size_t struct_size)
{
    const size_t size = size_of(o->type);

    HOLDS(o->name[0] && o->name[strspn(o->name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == 0,
          "names of options are words");
    HOLDS(o->offset % (o->type == GH_OPTION_TEXT ? 1 : size) == 0 &&
              o->offset + size <= struct_size,
          "options lie inside the struct");
    HOLDS(o->type == GH_OPTION_TEXT ||
              (o->min < o->max && isfinite(o->min) && isfinite(o->max)),
          "an option has a range");
    HOLDS(o->fallback >= o->min && o->fallback <= o->max, "the fallback is legal");
    HOLDS(o->unit[0] && o->help[0], "unit and help are told");
    HOLDS(!isupper((unsigned char)o->help[0]) && o->help[strlen(o->help) - 1] != '.',
          "help is a phrase");
}

static void options_check(void)
{
    const struct gh_option_group *group = &current->options;

    HOLDS(strcmp(group->name, current->name) == 0, "the group has the detector's name");
    HOLDS(group->summary[0] && group->count >= 1, "the group is not empty");
    HOLDS(group->size <= RIG_CONFIG, "the configuration is small");
    for (size_t i = 0; i < group->count; i++) {
        const struct gh_option *o = &group->options[i];
        option_check(o, group->size);
        HOLDS(gh_option_find(group, o->name) == o, "each option has its name for itself");
        for (size_t k = 0; k < i; k++) {
            const struct gh_option *other = &group->options[k];
            HOLDS(o->offset >= other->offset + size_of(other->type) ||
                      other->offset >= o->offset + size_of(o->type),
                  "options do not overlap");
        }
    }
}

static void options_are_legal_and_documented(void)
{
    for_each(options_check);
}

/* The seven questions that the header of a detector answers. */
static void header_check(void)
{
    static const char *const word[] = {"Answers", "Misses", "Formula", "Defaults",
                                       "Cost",    "Input",  "Order"};
    static char text[16384];
    char path[128], line[32];
    FILE *file;

    snprintf(path, sizeof path, "src/detect/%s.h", current->name);
    file = fopen(path, "r");
    if (file == NULL) {
        broken("its header can be read from the top of the tree");
        return;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        snprintf(line, sizeof line, "\n * %s ", word[i]);
        HOLDS(strstr(text, line) != NULL, word[i]);
    }
}

static void every_header_answers_the_seven_questions(void)
{
    for_each(header_check);
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
    static const int64_t time[] = {0, 1, 253402300799999};
    static const double cost[] = {0, 5e-324, 0.01, 3, 1e9, NAN};
    const struct gh_call call = {
        .ts_ms = draw(200) ? now : time[draw(3)],
        .present = draw(2) ? UINT64_MAX : 0,
        .actor = 1,
        .agent = draw(4),
        .caller = draw(4),
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
        .origin = (enum gh_origin)draw(5),
        .status = (enum gh_call_status)draw(3),
        .foreign = draw(5) == 0,
    };

    return call;
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
    rig->day.schedule = draw(3) ? 0 : draw(16);
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
    for (int i = 0; i < GH_PARTS; i++) {
        weight += seen->weight[i];
        mean += seen->weight[i] * seen->part[i];
        HOLDS(isfinite(seen->part[i]) && seen->weight[i] >= 0, "classes of work are finite");
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
        now += (int64_t)draw(4) * RIG_MINUTE - RIG_MINUTE;
        if (draw(20))
            continue;
        hostile_person(&rig);
        const struct gh_observation seen = rig_observe(&rig);
        observation_check(&seen);
        tell_check(&rig, &seen, &told);
        observed += seen.state == GH_OBSERVED;
        rig_next_day(&rig);
    }
    HOLDS(observed >= 10, "noise is observed at all");
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

/* As a snapshot would be read back: bytes of the state, and the samples by their texts. */
static void rig_copy(struct rig *to, const struct rig *from)
{
    const size_t cell = 16 + from->cells.size;

    memcpy(to, from, sizeof *to);
    to->heap = gh_test_heap(&to->memory);
    to->cells.slot = bytes_copy(to, from->cells.slot, from->cells.slot_count * cell);
    gh_intern_init(&to->samples, from->samples.limit);
    for (uint32_t id = 1; id <= gh_intern_count(&from->samples); id++)
        (void)gh_intern_add(&to->heap, &to->samples, gh_intern_text(&from->samples, id));
}

static bool rig_same(const struct rig *a, const struct rig *b)
{
    const size_t cells = a->cells.slot_count * (16 + a->cells.size);

    return memcmp(a->actor, b->actor, sizeof a->actor) == 0 &&
           memcmp(a->state, b->state, sizeof a->state) == 0 &&
           a->cells.slot_count == b->cells.slot_count &&
           (cells == 0 || memcmp(a->cells.slot, b->cells.slot, cells) == 0) &&
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
           memcmp(a->part, b->part, sizeof a->part) == 0 &&
           memcmp(a->weight, b->weight, sizeof a->weight) == 0;
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

/* --- words --- */

static bool utf8_is_valid(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const int more = *at < 0x80       ? 0
                         : *at >> 5 == 6  ? 1
                         : *at >> 4 == 14 ? 2
                         : *at >> 3 == 30 ? 3
                                          : -1;
        if (more < 0 || *at < 0x20 || *at == 0x7f)
            return false;
        at++;
        for (int i = 0; i < more; i++)
            if (*at++ >> 6 != 2)
                return false;
    }
    return true;
}

static void words_check(const char *text, char end)
{
    static const char *const blame[] = {"cheat",  "fraud",     "gaming",     "gamed",  "abus",
                                        "misuse", "dishonest", "manipulat",  "suspic", "guilt",
                                        "violat", "accus",     "misconduct", "fake",   "wast",
                                        "nan",    "inf ",      "inf%"};
    char low[1024] = "";

    for (size_t i = 0; text[i] && i + 1 < sizeof low; i++)
        low[i] = (char)tolower((unsigned char)text[i]);
    HOLDS(text[0] != '\0' && text[strlen(text) - 1] == end, "a text is whole");
    HOLDS(utf8_is_valid(text), "a text is UTF-8 without control characters");
    for (size_t i = 0; i < sizeof blame / sizeof *blame; i++)
        if (strstr(low, blame[i])) {
            printf("# %s\n", text);
            broken(blame[i]);
        }
}

/* An episode with every figure at `figure`. */
static struct gh_episode episode_of(double figure)
{
    struct gh_episode e = {.log_e = figure,
                           .from_ms = RIG_START,
                           .until_ms = figure > 1 ? 253402300799999 : RIG_START,
                           .tokens = figure,
                           .cost_usd = figure,
                           .excess_tokens = figure,
                           .excess_cost_usd = figure,
                           .calls = figure > 1 ? UINT32_MAX : 0,
                           .days = figure > 1 ? UINT32_MAX : 1,
                           .cost_unknown = figure > 1};

    for (int i = 0; i < GH_FACTS_MAX; i++) {
        e.value[i] = figure;
        e.expected[i] = figure > 1 ? figure : NAN;
    }
    return e;
}

static void explain_check(void)
{
    static const double figure[] = {0, 1e-300, 1, 1e18};
    static char name[256];
    char explanation[768], question[320];

    for (size_t i = 0; i < sizeof name; i += 2) /* the longest name there is: 128 signs */
        memcpy(name + i, "\xc3\xa9", 2);
    for (size_t f = 0; f < sizeof figure / sizeof *figure; f++)
        for (int track = 0; track < GH_TRACK_COUNT; track++)
            for (int way = 0; way < 4; way++) {
                const struct gh_episode e = episode_of(figure[f]);
                const struct gh_text text = {way & 1 ? name : "a", way & 1 ? sizeof name : 1};
                const struct gh_telling telling = {
                    &e, (enum gh_track)track, text, {text, text}, way & 2};
                current->explain(&telling, explanation, sizeof explanation, question,
                                 sizeof question);
                words_check(explanation, '.');
                words_check(question, '?');
            }
}

static void words_are_whole_and_blame_nobody(void)
{
    for_each(explain_check);
}

static const struct gh_test tests[] = {
    GH_TEST(every_row_of_the_registry_is_whole),
    GH_TEST(options_are_legal_and_documented),
    GH_TEST(every_header_answers_the_seven_questions),
    GH_TEST(observations_stay_finite_whatever_comes),
    GH_TEST(state_is_flat_and_a_snapshot_is_a_copy_of_bytes),
    GH_TEST(silence_of_a_field_is_never_evidence),
    GH_TEST(words_are_whole_and_blame_nobody),
};

GH_TEST_MAIN(tests)
