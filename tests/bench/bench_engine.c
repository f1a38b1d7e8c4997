/* bench_engine.c - `bench_engine FILE`: what each stage costs, over the events of FILE, and
 * what a settled day costs, over a company made here. `bench_engine --actors N`: what an event
 * costs where N people are known, over a crowd made here.
 *
 * The engine has no clock inside. Its stages are told apart from outside: by what runs
 * before it (reading, splitting, decoding), and by an executor that leaves the shards' work
 * out, or that times it. Two shards are needed for it to be asked; they run one after the
 * other. */
#include "bench/bench.h"

#include "base/civil.h"
#include "base/hash.h"
#include "edge/blocks.h"
#include "edge/decode.h"
#include "edge/resources.h"
#include "engine/options.h"

#include <inttypes.h>
#include <string.h>

enum { BATCH = 1024, ROUNDS = 3 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_engine: %s\n", what);
    exit(1);
}

/* --- an engine with all that it needs --- */

struct machine {
    struct gh_engine *engine;
    struct gh_model *model;
    struct gh_price_table *prices;
    struct gh_zone_cache *zones;
    struct gh_settings settings;
    double shard_ns; /* inside the shards */
};

static void shards_skip(void *context, void (*work)(void *argument, uint32_t index),
                        void *argument, uint32_t count)
{
    (void)context, (void)work, (void)argument, (void)count;
}

static void shards_time(void *context, void (*work)(void *argument, uint32_t index),
                        void *argument, uint32_t count)
{
    struct machine *m = context;
    const double start = bench_now_ns();

    for (uint32_t i = 0; i < count; i++)
        work(argument, i);
    m->shard_ns += bench_now_ns() - start;
}

enum shards { ONE, TIMED, SKIPPED };

static void settings_default(struct gh_settings *settings)
{
    for (size_t i = 0; i < gh_engine_group_count(); i++) {
        void *value = bench_memory(1, gh_engine_group_at(i)->size + 1);
        gh_options_default(gh_engine_group_at(i), value);
        settings->value[i] = value;
    }
}

static void machine_start(struct machine *m, enum shards shards, uint32_t burn_in)
{
    struct gh_error error = {0};
    struct gh_evidence_options *evidence;

    *m = (struct machine){.zones = gh_zone_cache_new()};
    settings_default(&m->settings);
    evidence = (struct gh_evidence_options *)m->settings.value[GH_GROUP_EVIDENCE];
    evidence->burn_in = burn_in;
    if (gh_model_load(&m->model, "", &error) || gh_price_table_load(&m->prices, "", &error))
        fail(error.text);
    const struct gh_setup setup = {
        .settings = &m->settings,
        .model = m->model,
        .prices = gh_price_table_prices(m->prices),
        .zones = gh_zone_cache_zones(m->zones),
        .memory = gh_memory_system(),
        .executor = {m, shards == TIMED ? shards_time : shards_skip},
        .shards = shards == ONE ? 1 : 2,
    };
    if (gh_engine_new(&m->engine, &setup) != GH_OK)
        fail("no engine");
}

static void machine_stop(struct machine *m)
{
    gh_engine_free(m->engine);
    gh_model_free(m->model);
    gh_price_table_free(m->prices);
    gh_zone_cache_free(m->zones);
    for (size_t i = 0; i < gh_engine_group_count(); i++)
        free((void *)m->settings.value[i]);
}

/* Nanoseconds that the engine takes for the events. */
static double machine_offer(struct machine *m, const struct gh_event *event, size_t count)
{
    static struct gh_answer answer[BATCH];
    struct gh_finding change;
    const double start = bench_now_ns();

    if (gh_engine_offer(m->engine, event, count, answer) != GH_OK)
        fail("the engine is out of memory");
    const double ns = bench_now_ns() - start;
    while (gh_engine_change(m->engine, &change))
        continue;
    return ns;
}

/* --- stages, over a file --- */

/* How far each event of the file goes. */
enum depth { READ, DECODE, OFFER };

struct pass {
    enum depth depth;
    struct gh_decoder *decoder;
    struct gh_event event[BATCH];
    size_t waiting;
    struct machine *machine;
    double engine_ns;
    uint64_t events;
};

static void pass_flush(struct pass *p)
{
    if (p->depth == OFFER && p->waiting > 0)
        p->engine_ns += machine_offer(p->machine, p->event, p->waiting);
    p->waiting = 0;
    gh_decoder_reset(p->decoder);
}

static void pass_frame(struct pass *p, const char *at, size_t size)
{
    struct gh_frame frame;
    struct gh_piece piece;
    struct gh_refused refused;
    enum gh_next next;

    gh_frame_init(&frame, at, size);
    while ((next = gh_frame_decode(&frame, p->decoder, &piece, &p->event[p->waiting],
                                   &refused)) == GH_NEXT_TAKEN) {
        p->events++;
        if (++p->waiting == BATCH)
            pass_flush(p);
    }
    if (next == GH_NEXT_REFUSED)
        fail(refused.text);
    pass_flush(p);
}

static double file_pass(const char *path, struct pass *p)
{
    struct gh_blocks *blocks = NULL;
    struct gh_error error = {0};
    const double start = bench_now_ns();
    const char *at;
    size_t size = 1;

    p->events = 0;
    p->engine_ns = 0;
    if (gh_blocks_open(&blocks, path, &error) != GH_OK)
        fail(error.text);
    while (size > 0) {
        if (gh_blocks_next(blocks, &at, &size, &error) != GH_OK)
            fail(error.text);
        if (p->depth > READ)
            pass_frame(p, at, size);
    }
    gh_blocks_close(blocks);
    return bench_now_ns() - start;
}

static double file_best(const char *path, struct pass *p, enum depth depth)
{
    double best = 0;

    p->depth = depth;
    for (int i = 0; i < ROUNDS; i++) {
        const double ns = file_pass(path, p);
        best = i == 0 || ns < best ? ns : best;
    }
    return best;
}

/* The best of several engines; *shard_ns: of the same run, inside the shards. */
static double engine_best(const char *path, struct pass *p, enum shards shards,
                          double *shard_ns)
{
    double best = 0;

    p->depth = OFFER;
    for (int i = 0; i < ROUNDS; i++) {
        struct machine m;
        machine_start(&m, shards, 28);
        p->machine = &m;
        file_pass(path, p);
        if (i == 0 || p->engine_ns < best) {
            best = p->engine_ns;
            *shard_ns = m.shard_ns;
        }
        if (i == 0 && shards == ONE) {
            struct gh_counters counters;
            gh_engine_counters(m.engine, &counters);
            bench_result("memory of the engine, per actor", "bytes",
                         (double)counters.memory_bytes / (double)counters.actors);
        }
        machine_stop(&m);
    }
    return best;
}

static void stages(const char *path)
{
    struct pass *p = bench_memory(1, sizeof *p);
    double shard_ns = 0, none = 0;

    p->decoder = gh_decoder_new();
    if (p->decoder == NULL)
        fail("out of memory");
    const double read = file_best(path, p, READ), decode = file_best(path, p, DECODE);
    const double events = (double)p->events;
    bench_result("stage read", "ns_per_event", read / events);
    bench_result("stage split and decode", "ns_per_event", (decode - read) / events);
    const double all = engine_best(path, p, ONE, &none);
    bench_result("stage engine and detectors", "ns_per_event", all / events);
    const double front = engine_best(path, p, SKIPPED, &none);
    bench_result("  of it front: order, doubles, names", "ns_per_event", front / events);
    engine_best(path, p, TIMED, &shard_ns);
    bench_result("  of it shards: state, detectors", "ns_per_event", shard_ns / events);
    gh_decoder_free(p->decoder);
    free(p);
}

/* --- settlement, over a company of its own --- */

/* Teams of ten; everybody makes CALLS calls a day, all after noon UTC, so that a tick at
 * noon settles the day before and nothing else. */
enum {
    LINE_SIZE = 512,
    PEOPLE = 20000,
    TEAM = 10,
    CALLS = 6,
    DAYS = 26,
    BURN_IN = 14,
    WARM = 8
};

struct company {
    struct machine machine;
    struct gh_event event[BATCH];
    char text[BATCH][4][32]; /* id, actor, team, agent */
    size_t waiting;
    uint64_t made;
    double call_ns;
    struct gh_decoder *decoder; /* NULL: events are offered as they are */
    char line[BATCH * LINE_SIZE];
    double decode_ns;
};

static struct gh_text text_write(char at[32], const char *format, uint64_t value)
{
    return (struct gh_text){at, (uint32_t)snprintf(at, 32, format, value)};
}

/* What waits goes out as lines and comes in again: only that is timed. */
static void company_decode(struct company *c)
{
    struct gh_refused refused;
    struct gh_frame frame;
    struct gh_piece piece;
    size_t used = 0;

    for (size_t i = 0; i < c->waiting; i++)
        used += gh_encode(&c->event[i], c->line + used, sizeof c->line - used);
    const double start = bench_now_ns();
    gh_decoder_reset(c->decoder);
    gh_frame_init(&frame, c->line, used);
    for (c->waiting = 0; gh_frame_next(&frame, &piece); c->waiting++)
        if (!gh_decode(c->decoder, &piece, &c->event[c->waiting], &refused))
            fail(refused.text);
    c->decode_ns += bench_now_ns() - start;
}

static void company_flush(struct company *c)
{
    if (c->waiting > 0 && c->decoder)
        company_decode(c);
    if (c->waiting > 0)
        c->call_ns += machine_offer(&c->machine, c->event, c->waiting);
    c->waiting = 0;
}

/* The keys of a call. */
static const uint64_t called =
    UINT64_C(1) << GH_KEY_id | UINT64_C(1) << GH_KEY_ts | UINT64_C(1) << GH_KEY_actor |
    UINT64_C(1) << GH_KEY_team | UINT64_C(1) << GH_KEY_agent |
    UINT64_C(1) << GH_KEY_input_tokens | UINT64_C(1) << GH_KEY_output_tokens |
    UINT64_C(1) << GH_KEY_cost_usd | UINT64_C(1) << GH_KEY_prompt_hash;

static void company_call(struct company *c, int64_t ts_ms, uint32_t person)
{
    char(*const text)[32] = c->text[c->waiting];
    const uint64_t noise = ++c->made * UINT64_C(0x9e3779b97f4a7c15);

    c->event[c->waiting++] = (struct gh_event){
        .present = called,
        .id = text_write(text[0], "e%" PRIu64, c->made),
        .ts_ms = ts_ms,
        .actor = text_write(text[1], "person-%" PRIu64, person),
        .team = text_write(text[2], "team-%" PRIu64, person / TEAM),
        .agent = text_write(text[3], "agent@%" PRIu64, person),
        .input_tokens = 1000 + (int64_t)(noise >> 48),
        .output_tokens = 10 + (int64_t)(noise >> 54),
        .cost_usd = 0.01,
        .prompt_hash = noise,
    };
    if (c->waiting == BATCH)
        company_flush(c);
}

static void company_round(struct company *c, uint32_t day, uint32_t round)
{
    for (uint32_t person = 0; person < PEOPLE; person++)
        company_call(c, day * GH_MS_PER_DAY + (13 + round) * GH_MS_PER_HOUR + person, person);
}

/* Nanoseconds for all that a tick sets off. */
static double company_tick(struct company *c, int64_t ts_ms)
{
    const struct gh_event tick = {
        .present = UINT64_C(1) << GH_KEY_id | UINT64_C(1) << GH_KEY_ts,
        .id = text_write(c->text[0][0], "tick%" PRIu64, (uint64_t)ts_ms),
        .kind = GH_TICK,
        .ts_ms = ts_ms,
    };

    return machine_offer(&c->machine, &tick, 1);
}

/* The day before is over at noon. */
static double company_settle(struct company *c, uint32_t day)
{
    return company_tick(c, (day + 1) * GH_MS_PER_DAY + GH_MS_PER_HOUR * 25 / 2);
}

static void settlement(void)
{
    struct company *c = bench_memory(1, sizeof *c);
    double burn_in = 0, epoch = 0;

    machine_start(&c->machine, ONE, BURN_IN);
    for (uint32_t day = 1; day <= DAYS; day++) {
        for (uint32_t round = 0; round < CALLS; round++)
            company_round(c, day, round);
        company_flush(c);
        c->call_ns = day <= WARM ? 0 : c->call_ns;
        const double ns = company_settle(c, day);
        if (day > WARM && day < BURN_IN && (burn_in == 0 || ns < burn_in))
            burn_in = ns;
        if (day > BURN_IN + 2 && (epoch == 0 || ns < epoch))
            epoch = ns;
    }
    struct gh_counters counters;
    gh_engine_counters(c->machine.engine, &counters);
    if (counters.applied != c->made + DAYS || counters.days_settled < DAYS - 1)
        fail("the company is not what it should be");
    bench_result("settlement of a day, burn-in", "ns_per_actor_day", burn_in / PEOPLE);
    bench_result("settlement of a day, in an epoch", "ns_per_actor_day", epoch / PEOPLE);
    bench_result("engine and detectors, everybody known", "ns_per_event",
                 c->call_ns / ((double)(DAYS - WARM) * CALLS * PEOPLE));
    bench_result("memory of the engine, per actor of 26 days", "bytes",
                 (double)counters.memory_bytes / PEOPLE);
    machine_stop(&c->machine);
    free(c);
}

/* --- how many actors there are --- */

/* First everybody makes CROWD_CALLS calls, within an hour. Then CROWD_EVENTS calls within
 * minutes, of people drawn by lot out of CROWD_FEW that are spread over all, whose state fits
 * a cache as well as ever, and then of all. Then an hour is over, then the day, then other
 * settings hold. */
enum {
    CROWD_CALLS = 2,
    CROWD_EVENTS = 1 << 20,
    CROWD_FEW = 500,
    CROWD_RULES = 100,
    CROWD_MIN = 10000,
    CROWD_MAX = 100000000
};

static void crowd_say(const char *what, uint32_t people, const char *unit, double value)
{
    char name[96];

    snprintf(name, sizeof name, "actors %" PRIu32 ", %s", people, what);
    bench_result(name, unit, value);
}

/* Calls of `few` people among all, from a time on. */
static void crowd_calls(struct company *c, uint32_t people, uint32_t few, int64_t from_ms)
{
    c->call_ns = c->decode_ns = 0;
    for (uint32_t i = 0; i < CROWD_EVENTS; i++) {
        const uint64_t lot = gh_hash(&c->made, sizeof c->made);
        company_call(c, from_ms + i / 10, (uint32_t)(lot % few) * (people / few));
    }
    company_flush(c);
}

static void crowd_calls_say(const struct company *c, uint32_t people, const char *const what[2])
{
    crowd_say(what[0], people, "ns_per_event", c->call_ns / CROWD_EVENTS);
    crowd_say(what[1], people, "ns_per_event", (c->call_ns + c->decode_ns) / CROWD_EVENTS);
}

/* Nanoseconds until other settings hold, with one of their own for each of CROWD_RULES teams. */
static double crowd_configure(struct company *c)
{
    static struct gh_override row[CROWD_RULES];
    static char name[CROWD_RULES][32];
    struct gh_settings *settings = &c->machine.settings;

    for (uint32_t i = 0; i < CROWD_RULES; i++)
        row[i] = (struct gh_override){.scope = GH_SCOPE_TEAM,
                                      .name = text_write(name[i], "team-%" PRIu64, i),
                                      .until_ms = INT64_MAX,
                                      .group = GH_GROUP_DETECTORS,
                                      .value = i % 2};
    settings->override = row;
    settings->override_count = CROWD_RULES;
    const double start = bench_now_ns();
    if (gh_engine_configure(c->machine.engine, settings) != GH_OK)
        fail("other settings are refused");
    return bench_now_ns() - start;
}

static void crowd(uint32_t people)
{
    const int64_t noon_ms = GH_MS_PER_DAY + 12 * GH_MS_PER_HOUR;
    const uint64_t calls = (uint64_t)CROWD_CALLS * people;
    struct company *c = bench_memory(1, sizeof *c);
    struct gh_counters counters;

    machine_start(&c->machine, ONE, BURN_IN);
    for (uint64_t i = 0; i < calls; i++)
        company_call(c, noon_ms + (int64_t)(i * GH_MS_PER_HOUR / calls),
                     (uint32_t)(i % people));
    company_flush(c);
    gh_engine_counters(c->machine.engine, &counters);
    crowd_say("memory of the engine, per actor", people, "bytes",
              (double)counters.memory_bytes / people);
    c->decoder = gh_decoder_new();
    if (c->decoder == NULL)
        fail("out of memory");
    crowd_calls(c, people, CROWD_FEW, noon_ms + GH_MS_PER_HOUR);
    crowd_calls_say(c, people,
                    (const char *const[]){"500 speak: engine", "500 speak: decode and engine"});
    crowd_calls(c, people, people, noon_ms + GH_MS_PER_HOUR * 3 / 2);
    crowd_calls_say(c, people,
                    (const char *const[]){"all speak: engine", "all speak: decode and engine"});
    crowd_say("an hour ends", people, "ns_per_actor",
              company_tick(c, noon_ms + 3 * GH_MS_PER_HOUR) / people);
    crowd_say("a day is settled", people, "ns_per_actor", company_settle(c, 1) / people);
    crowd_say("other settings hold", people, "ns", crowd_configure(c));
    gh_engine_counters(c->machine.engine, &counters);
    if (counters.overrides_idle != 0)
        fail("a team of ten has no settings of its own");
    if (counters.applied != c->made + 2 || counters.actors != people)
        fail("the crowd is not what it should be");
    gh_decoder_free(c->decoder);
    machine_stop(&c->machine);
    free(c);
}

int main(int argc, char **argv)
{
    const bool actors = argc == 3 && strcmp(argv[1], "--actors") == 0;
    const unsigned long people = actors ? strtoul(argv[2], NULL, 10) : 0;

    if (actors && people >= CROWD_MIN && people <= CROWD_MAX) {
        crowd((uint32_t)people);
    } else if (argc == 2) {
        stages(argv[1]);
        settlement();
    } else {
        fprintf(stderr, "usage: bench_engine FILE | --actors N, from %d to %d\n", CROWD_MIN,
                CROWD_MAX);
        return 2;
    }
    return 0;
}
