/* simulate.c - see simulate.h. Days are made one ahead of the day that is handed out:
 * Tokyo's tomorrow begins nine hours before tomorrow does in UTC. */
#include "app/simulate/simulate.h"

#include "app/simulate/game.h"
#include "app/simulate/honest.h"
#include "app/simulate/incident.h"
#include "app/simulate/queue.h"
#include "app/simulate/zone.h"
#include "base/civil.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct gh_sim {
    struct gh_sim_plan plan;
    struct gh_sim_person *person;
    struct gh_sim_queue queue;
    struct gh_sim_records made; /* of one person and day */
    uint32_t days, open;        /* days of the plan; the one being handed out */
    char *text;
    size_t text_events; /* for how many events `text` has room */
    bool failed, ended;
};

struct gh_sim_plan gh_sim_plan_default(void)
{
    return (struct gh_sim_plan){
        .actors = 2000,
        .weeks = 8,
        .gamers = 0.04,
        .behaviour = -1,
        .strengths = {1.5, 3, 10},
        .bursts = true,
        .seed = 1,
        .start_ms = INT64_C(1769990400000), /* Monday 2026-02-02: both changes of the clock */
    };
}

static enum gh_status simulate_check(const struct gh_sim_plan *plan, struct gh_error *error)
{
    if (plan->actors < 2 || plan->actors > 1000000)
        return gh_error_set(error, GH_EUSAGE, "actors: %u: 2 to 1000000", plan->actors);
    if (plan->weeks < 1 || plan->weeks > 104)
        return gh_error_set(error, GH_EUSAGE, "weeks: %u: 1 to 104", plan->weeks);
    if (!(plan->gamers >= 0 && plan->gamers <= 1))
        return gh_error_set(error, GH_EUSAGE, "gamers: %g: a share from 0 to 1", plan->gamers);
    if (plan->behaviour < -1 || plan->behaviour >= GH_BEHAVIOUR_COUNT)
        return gh_error_set(error, GH_EUSAGE, "behaviour: %d: unknown", plan->behaviour);
    if (plan->strength != 0 && !(plan->strength > 1 && plan->strength <= 100))
        return gh_error_set(error, GH_EUSAGE, "strength: %g: above 1, up to 100; or 0",
                            plan->strength);
    if (plan->form < GH_SIM_MIXED || plan->form >= (int)GH_SIM_FORMS)
        return gh_error_set(error, GH_EUSAGE, "form: %d: unknown", plan->form);
    if (plan->form >= 0 && plan->behaviour >= 0 &&
        !gh_sim_form_fits((uint32_t)plan->form, (enum gh_behaviour)plan->behaviour))
        return gh_error_set(error, GH_EUSAGE, "form: %s does not fit %s",
                            gh_sim_form_name((uint32_t)plan->form),
                            gh_behaviour_name((enum gh_behaviour)plan->behaviour));
    const int64_t day = plan->start_ms / GH_MS_PER_DAY;
    if (plan->start_ms < 0 || plan->start_ms > GH_TIME_MS_MAX - 800 * GH_MS_PER_DAY ||
        plan->start_ms % GH_MS_PER_DAY != 0 || gh_civil_weekday(day) != 0)
        return gh_error_set(error, GH_EUSAGE, "start: must be a Monday");
    for (uint32_t i = 0; i < GH_SIM_STRENGTHS_MAX && (i == 0 || plan->strengths[i] != 0); i++)
        if (!(plan->strengths[i] > 1 && plan->strengths[i] <= 100))
            return gh_error_set(error, GH_EUSAGE, "strengths: %g: above 1, up to 100",
                                plan->strengths[i]);
    return GH_OK;
}

static double simulate_tokens(const struct gh_sim_records *made)
{
    double tokens = 0;
    for (size_t i = 0; i < made->count; i++)
        if (made->at[i].kind == GH_USAGE)
            tokens += gh_sim_call_tokens(&made->at[i].as.call);
    return tokens;
}

/* The honest part never looks at the gaming, so that it is the same without it. */
static void simulate_honest(struct gh_sim *sim, struct gh_sim_day *day)
{
    struct gh_sim_person *p = day->person;
    const uint32_t refs = p->refs;
    if (day->index == p->joined)
        gh_sim_day_introduce(day);
    gh_sim_day_bend(day);
    gh_sim_day_honest(day);
    p->usual_sum += simulate_tokens(&sim->made);
    p->outputs_sum += p->refs - refs;
    p->usual_days += day->weekday < 5 && !gh_sim_person_away(p, day->index);
    gh_sim_day_incidents(day);
}

static void simulate_make_person(struct gh_sim *sim, struct gh_sim_person *p, int32_t index)
{
    const uint64_t seed = sim->plan.seed;
    const int64_t date = sim->plan.start_ms / GH_MS_PER_DAY + index;
    const int64_t offset = gh_sim_zone_offset_ms(p->zone, date * GH_MS_PER_DAY);
    struct gh_sim_day day = {
        .plan = &sim->plan,
        .person = p,
        .out = &sim->made,
        .index = index,
        .date = date,
        .weekday = gh_civil_weekday(date),
        .midnight_ms = date * GH_MS_PER_DAY - offset,
        .volume = 1,
        .near_dup = 1,
        .late = 1,
        .answers = 1,
    };
    sim->made.count = 0;
    day.random = gh_random_of(seed, GH_SIM_STREAM_DAY, p->actor, (uint32_t)index);
    simulate_honest(sim, &day);
    day.random = gh_random_of(seed, GH_SIM_STREAM_GAMED_DAY, p->actor, (uint32_t)index);
    gh_sim_day_game(&day, simulate_tokens(&sim->made));
    for (size_t i = 0; i < sim->made.count && !sim->failed; i++)
        sim->failed = !gh_sim_queue_push(&sim->queue, &sim->made.at[i]);
    sim->failed |= sim->made.failed;
}

static void simulate_make_day(struct gh_sim *sim, int32_t index)
{
    for (uint32_t i = 0; i < sim->plan.actors && !sim->failed; i++)
        simulate_make_person(sim, &sim->person[i], index);
}

/* Makes what can still fall on `day` (UTC) and opens it. */
static void simulate_open(struct gh_sim *sim, uint32_t day)
{
    sim->open = day;
    if (day < sim->days && !sim->failed) {
        simulate_make_day(sim, (int32_t)day + 1);
        sim->failed |= !gh_sim_queue_open(&sim->queue, day);
    }
}

static void simulate_begin(struct gh_sim *sim)
{
    for (uint32_t i = 0; i < sim->plan.actors; i++) {
        gh_sim_person_init(&sim->person[i], &sim->plan, i);
        gh_sim_gaming_init(&sim->person[i], &sim->plan);
    }
    simulate_make_day(sim, -1);
    simulate_make_day(sim, 0);
    simulate_open(sim, 0);
}

enum gh_status gh_sim_new(struct gh_sim **sim, const struct gh_sim_plan *plan,
                          struct gh_error *error)
{
    const enum gh_status status = simulate_check(plan, error);
    if (status != GH_OK)
        return status;
    struct gh_sim *made = calloc(1, sizeof(*made));
    if (!made)
        return gh_error_set(error, GH_EMEMORY, "simulate: out of memory");
    made->plan = *plan;
    made->days = 7 * plan->weeks;
    made->person = calloc(plan->actors, sizeof(*made->person));
    made->failed =
        !made->person || !gh_sim_queue_init(&made->queue, plan->start_ms, made->days);
    if (!made->failed)
        simulate_begin(made);
    if (made->failed) {
        gh_sim_free(made);
        return gh_error_set(error, GH_EMEMORY, "simulate: out of memory");
    }
    *sim = made;
    return GH_OK;
}

void gh_sim_free(struct gh_sim *sim)
{
    if (!sim)
        return;
    gh_sim_queue_fini(&sim->queue);
    free(sim->made.at);
    free(sim->person);
    free(sim->text);
    free(sim);
}

static void simulate_count(struct gh_sim_person *p, const struct gh_sim_record *record)
{
    const struct gh_sim_call *call = &record->as.call;
    if (record->kind != GH_USAGE || (call->gamed_context | call->gamed_output) == 0)
        return;
    if (p->gaming.tokens <= 0)
        p->gaming.began_ms = record->ts_ms;
    p->gaming.tokens += (double)call->gamed_context + call->gamed_output;
    p->gaming.cost_usd += gh_sim_call_cost_gamed(call);
}

/* A tick: the last local dates are over everywhere, so that they are judged as well. */
static struct gh_event simulate_end(struct gh_sim *sim)
{
    static const char id[] = "end";

    sim->ended = true;
    return (struct gh_event){
        .present = 1ULL << GH_KEY_kind | 1ULL << GH_KEY_id | 1ULL << GH_KEY_ts,
        .kind = GH_TICK,
        .id = {id, sizeof(id) - 1},
        .ts_ms = sim->plan.start_ms + (sim->days + 1) * GH_MS_PER_DAY + 13 * GH_MS_PER_HOUR,
    };
}

size_t gh_sim_next(struct gh_sim *sim, struct gh_event *event, size_t max)
{
    if (max > sim->text_events) {
        char *text = realloc(sim->text, max * GH_SIM_TEXT_SIZE);
        sim->failed |= !text;
        sim->text = text ? text : sim->text;
        sim->text_events = text ? max : sim->text_events;
    }
    size_t count = 0;
    while (count < max && sim->open < sim->days && !sim->failed) {
        const struct gh_sim_record *record = gh_sim_queue_take(&sim->queue);
        if (!record) {
            simulate_open(sim, sim->open + 1);
            continue;
        }
        struct gh_sim_person *p = &sim->person[record->actor];
        simulate_count(p, record);
        gh_sim_record_event(record, p, sim->text + count * GH_SIM_TEXT_SIZE, &event[count]);
        count++;
    }
    if (count < max && !sim->ended && !sim->failed)
        event[count++] = simulate_end(sim);
    return sim->failed ? 0 : count;
}

bool gh_sim_failed(const struct gh_sim *sim)
{
    return sim->failed;
}

uint32_t gh_sim_label_count(const struct gh_sim *sim)
{
    return sim->plan.actors;
}

void gh_sim_label_at(const struct gh_sim *sim, uint32_t index, struct gh_sim_label *label)
{
    assert(index < sim->plan.actors);
    const struct gh_sim_person *p = &sim->person[index];
    const struct gh_sim_gaming *g = &p->gaming;
    *label = (struct gh_sim_label){.actor = {p->name, (uint32_t)strlen(p->name)},
                                   .gamer = g->on,
                                   .role = gh_sim_role(p->role)->name,
                                   .team = p->team_name};
    for (uint32_t i = 0; i < p->burst_count; i++)
        label->bursts |= 1u << p->burst[i].kind;
    if (sim->plan.bursts && !p->is_service)
        label->bursts |= p->traits;
    if (!g->on)
        return;
    const int64_t end_ms = sim->plan.start_ms + sim->days * GH_MS_PER_DAY;
    const int64_t from_ms = sim->plan.start_ms + g->from * GH_MS_PER_DAY -
                            gh_sim_zone_offset_ms(p->zone, sim->plan.start_ms);
    label->behaviour = g->behaviour;
    label->form = g->form;
    label->together = g->together;
    label->from_ms = from_ms > sim->plan.start_ms ? from_ms : sim->plan.start_ms;
    label->until_ms = end_ms;
    label->strength = g->strength;
    label->began_ms = g->began_ms;
    label->tokens_gamed = g->tokens;
    label->cost_gamed = g->cost_usd;
}

const char *gh_sim_burst_name(uint32_t bit)
{
#define SIMULATE_NAME(name, value) [value] = #name,
    static const char *const names[GH_SIM_BURST_KINDS] = {GH_SIM_BURST_LIST(SIMULATE_NAME)};
#undef SIMULATE_NAME
    return bit < GH_SIM_BURST_KINDS ? names[bit] : NULL;
}
