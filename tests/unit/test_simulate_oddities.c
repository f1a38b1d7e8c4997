/* What: honest oddities: how often they are planned, and that each is acted out.
 * How:  who has what, and when, comes from the person; a company of honest people is run and
 *       days inside are held against other days of the same people. */
#include "app/simulate/incident.h"
#include "app/simulate/person.h"
#include "app/simulate/simulate.h"
#include "app/simulate/zone.h"
#include "support/gh_test.h"

#include <math.h>

enum { BATCH = 512, ACTORS = 1500, WEEKS = 4, DAYS = 7 * WEEKS };
static const int64_t day_ms = INT64_C(86400000);

static struct gh_sim_person person[ACTORS];
static struct day {
    float tokens, calls, night, output_tokens, agent_calls, outputs, lines;
    uint32_t model; /* of agents, by the length of its name; 0: none */
} day[ACTORS][DAYS];
static uint32_t profiles[ACTORS];
static char role[ACTORS][2][16];

static struct gh_sim_plan plan_of(uint64_t seed)
{
    struct gh_sim_plan plan = gh_sim_plan_default();
    plan.actors = ACTORS;
    plan.weeks = WEEKS;
    plan.gamers = 0;
    plan.seed = seed;
    return plan;
}

static void meet(const struct gh_sim_plan *plan)
{
    for (uint32_t i = 0; i < ACTORS; i++)
        gh_sim_person_init(&person[i], plan, i);
}

/* A seed with a roll-out that leaves days on both sides. */
static struct gh_sim_plan plan_with_roll_out(void)
{
    for (uint64_t seed = 1; seed < 100; seed++) {
        const struct gh_sim_plan plan = plan_of(seed);
        meet(&plan);
        for (uint32_t i = 0; i < ACTORS; i++)
            for (uint32_t b = 0; b < person[i].burst_count; b++)
                if (person[i].burst[b].kind == GH_SIM_ROLL_OUT && person[i].burst[b].from > 8 &&
                    person[i].burst[b].from < 18)
                    return plan;
    }
    CHECK(false);
    return plan_of(1);
}

static bool client(struct gh_text agent)
{
    static const char *const name[] = {"claude-code@", "codex@", "gemini-cli@"};
    for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
        if (agent.size > strlen(name[i]) && memcmp(agent.at, name[i], strlen(name[i])) == 0)
            return true;
    return false;
}

static void see(const struct gh_event *event, const struct gh_sim_plan *plan)
{
    char name[16] = "";
    if (event->actor.size == 0)
        return;
    memcpy(name, event->actor.at, event->actor.size < 15 ? event->actor.size : 15);
    const uint32_t actor = name[0] == 'a' ? (uint32_t)strtoul(name + 1, NULL, 10) : ACTORS;
    if (actor >= ACTORS)
        return;
    const int64_t local =
        event->ts_ms + gh_sim_zone_offset_ms(person[actor].zone, event->ts_ms);
    const int64_t date = (local - plan->start_ms) / day_ms;
    if (event->kind == GH_PROFILE && profiles[actor]++ < 2)
        snprintf(role[actor][profiles[actor] - 1], 16, "%.*s", (int)event->role.size,
                 event->role.at);
    if (local < plan->start_ms || date >= DAYS)
        return;
    struct day *d = &day[actor][date];
    if (event->kind == GH_OUTPUT) {
        d->outputs++;
        d->lines = fmaxf(d->lines, (float)event->lines_added);
    }
    if (event->kind != GH_USAGE)
        return;
    d->calls++;
    d->tokens += (float)(event->input_tokens + event->cache_read_tokens +
                         event->cache_write_tokens + event->output_tokens);
    d->night += local % day_ms < day_ms / 4;
    if (client(event->agent)) {
        d->agent_calls++;
        d->output_tokens += (float)fmin((double)event->output_tokens, 2000);
        d->model = event->model.size;
    }
}

static void run(void)
{
    static struct gh_event event[BATCH];
    static bool ran;
    struct gh_sim *sim = NULL;
    size_t count;
    if (ran)
        return;
    ran = true;
    const struct gh_sim_plan plan = plan_with_roll_out();
    CHECK(gh_sim_new(&sim, &plan, NULL) == GH_OK);
    while (sim && (count = gh_sim_next(sim, event, BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            see(&event[i], &plan);
    gh_sim_free(sim);
    meet(&plan); /* as they were at the start */
}

/* Sums over the days inside an oddity and over those outside, of people who have it. */
struct sides {
    double people, days[2], tokens[2], calls[2], night[2], outputs[2];
    double agent_calls[2], output_tokens[2];
};
static struct sides sides_of(enum gh_sim_burst_kind kind)
{
    struct sides s = {0};
    run();
    for (uint32_t i = 0; i < ACTORS; i++) {
        bool has = false;
        for (uint32_t b = 0; b < person[i].burst_count; b++)
            has |= person[i].burst[b].kind == kind;
        s.people += has;
        for (int32_t at = 0; has && at < DAYS; at++) {
            const int in = gh_sim_person_burst(&person[i], kind, at) != NULL;
            if (gh_sim_person_away(&person[i], at) || at % 7 > 4)
                continue;
            s.days[in]++;
            s.tokens[in] += (double)day[i][at].tokens;
            s.calls[in] += (double)day[i][at].calls;
            s.night[in] += (double)day[i][at].night;
            s.outputs[in] += (double)day[i][at].outputs;
            s.agent_calls[in] += (double)day[i][at].agent_calls;
            s.output_tokens[in] += (double)day[i][at].output_tokens;
        }
    }
    return s;
}

static double a_day(const double sum[2], const struct sides *s)
{
    return sum[1] / s->days[1] / (sum[0] / s->days[0]);
}

/* Rates per person in four weeks; 4 standard errors of 30,000 people. */
static void oddities_are_as_rare_as_planned(void)
{
    static const struct {
        enum gh_sim_burst_kind kind;
        double rate;
    } row[] = {
        {GH_SIM_ROLE_CHANGE, 0.005}, {GH_SIM_NIGHT_SHIFT, 0.004}, {GH_SIM_REFACTOR, 0.006},
        {GH_SIM_POWER_USER, 0.003},  {GH_SIM_ON_CALL, 0.028},     {GH_SIM_CATCH_UP, 0.030},
    };
    enum { SEEDS = 20 };
    double count[GH_SIM_BURST_KINDS] = {0}, traits = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct gh_sim_plan plan = plan_of(seed);
        meet(&plan);
        for (uint32_t i = 0; i < ACTORS; i++) {
            for (uint32_t b = 0; b < person[i].burst_count; b++)
                count[person[i].burst[b].kind]++;
            traits += person[i].traits >> GH_SIM_OWL & 1;
        }
    }
    const double people = SEEDS * ACTORS;
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
        CHECK_NEAR(count[row[i].kind] / people, row[i].rate, 4 * sqrt(row[i].rate / people));
    CHECK_NEAR(traits / people, 0.08, 4 * sqrt(0.08 / people));
}

static void role_changes_are_told_and_change_the_work(void)
{
    uint32_t changed = 0, told = 0;
    run();
    for (uint32_t i = 0; i < ACTORS; i++)
        for (uint32_t b = 0; b < person[i].burst_count; b++)
            if (person[i].burst[b].kind == GH_SIM_ROLE_CHANGE && person[i].has_profile &&
                person[i].joined < 0) {
                changed++;
                told += profiles[i] == 2;
                CHECK(profiles[i] < 2 || strcmp(role[i][0], role[i][1]) != 0);
            } else {
                CHECK(profiles[i] <= 1 || person[i].burst_count > 1);
            }
    CHECK(changed > 0 && told > 0 && told <= changed);
}

static void power_users_do_five_times_as_much_of_everything(void)
{
    const struct sides s = sides_of(GH_SIM_POWER_USER);
    CHECK(s.people >= 2);
    CHECK(a_day(s.tokens, &s) > 2.5 && a_day(s.tokens, &s) < 10);
    CHECK(a_day(s.outputs, &s) > 1.8);
}

static void refactors_withhold_work_until_the_end(void)
{
    const struct sides s = sides_of(GH_SIM_REFACTOR);
    uint32_t over = 0, landed = 0;
    CHECK(s.people >= 4);
    CHECK(a_day(s.outputs, &s) < 0.6);
    for (uint32_t i = 0; i < ACTORS; i++)
        for (uint32_t b = 0; b < person[i].burst_count; b++) {
            const struct gh_sim_burst *burst = &person[i].burst[b];
            if (burst->kind != GH_SIM_REFACTOR || burst->until > DAYS - 2 ||
                gh_sim_person_away(&person[i], burst->until - 1))
                continue;
            over++;
            landed += day[i][burst->until - 1].lines > 500 || day[i][burst->until].lines > 500;
        }
    CHECK(over > 0 && landed == over);
}

static void night_shifts_and_owls_work_by_night(void)
{
    const struct sides s = sides_of(GH_SIM_NIGHT_SHIFT);
    double night[2] = {0}, calls[2] = {0};
    CHECK(s.people >= 2);
    CHECK(s.night[1] / s.calls[1] > 0.3 && s.night[0] / s.calls[0] < 0.3);
    for (uint32_t i = 0; i < ACTORS; i++)
        for (int32_t at = 0; at < DAYS && person[i].burst_count == 0; at++) {
            night[person[i].traits >> GH_SIM_OWL & 1] += (double)day[i][at].night;
            calls[person[i].traits >> GH_SIM_OWL & 1] += (double)day[i][at].calls;
        }
    CHECK(night[1] / calls[1] > 2 * night[0] / calls[0]);
}

static void after_leave_there_is_more_to_do(void)
{
    uint32_t people = 0;
    run();
    for (uint32_t i = 0; i < ACTORS; i++)
        for (uint32_t b = 0; b < person[i].burst_count; b++) {
            const struct gh_sim_burst *burst = &person[i].burst[b];
            if (burst->kind != GH_SIM_CATCH_UP)
                continue;
            people++;
            CHECK(burst->from == person[i].leave_until && burst->until >= burst->from + 3 &&
                  burst->until <= burst->from + 7);
        }
    CHECK(people >= 15);
}

static void days_are_bent_from_the_first_day_until_the_last(void)
{
    static const struct {
        enum gh_sim_burst_kind kind;
        double volume, shift_h, answers;
        bool withheld;
    } row[] = {
        {GH_SIM_CATCH_UP, 2, 0, 1, false},    {GH_SIM_REFACTOR, 2, 0, 1, true},
        {GH_SIM_POWER_USER, 2, 0, 1, false},  {GH_SIM_NIGHT_SHIFT, 1, 2, 1, false},
        {GH_SIM_ROLL_OUT, 1, 0, 2, false},    {GH_SIM_DEADLINE, 2, 0, 1, false},
        {GH_SIM_ROLE_CHANGE, 1, 0, 1, false},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
        for (int32_t index = 4; index <= 10; index++) {
            struct gh_sim_person p = {.burst_count = 1};
            p.burst[0] = (struct gh_sim_burst){
                .kind = (uint8_t)row[i].kind, .from = 5, .until = 10, .factor = 2};
            struct gh_sim_day d = {.person = &p, .index = index, .volume = 1, .answers = 1};
            const bool in = index >= 5 && index < 10;
            gh_sim_day_bend(&d);
            CHECK_NEAR(d.volume, in ? row[i].volume : 1, 0);
            CHECK_NEAR((double)d.midnight_ms, in ? row[i].shift_h * 3600000 : 0, 0);
            CHECK_NEAR(d.answers, in ? row[i].answers : 1, 0);
            CHECK(d.withheld == (in && row[i].withheld));
        }
}

static void a_roll_out_changes_model_and_answers(void)
{
    const struct sides s = sides_of(GH_SIM_ROLL_OUT);
    CHECK(s.people > 200);
    const double before = s.output_tokens[0] / s.agent_calls[0];
    CHECK(s.output_tokens[1] / s.agent_calls[1] > 1.1 * before);
    CHECK(s.output_tokens[1] / s.agent_calls[1] < 1.8 * before);
    uint32_t moved = 0, seen = 0;
    for (uint32_t i = 0; i < ACTORS; i++)
        for (uint32_t b = 0; b < person[i].burst_count; b++) {
            if (person[i].burst[b].kind != GH_SIM_ROLL_OUT || person[i].burst_count > 1)
                continue;
            uint32_t old = 0, new = 0;
            for (int32_t at = 0; at < DAYS; at++) {
                const bool in = at >= person[i].burst[b].from;
                if (day[i][at].model && in)
                    new = day[i][at].model;
                else if (day[i][at].model)
                    old = day[i][at].model;
            }
            seen += old && new;
            moved += old && new &&old != new;
        }
    CHECK(seen > 100 && moved > seen / 2);
}

static const struct gh_test tests[] = {
    GH_TEST(oddities_are_as_rare_as_planned),
    GH_TEST(role_changes_are_told_and_change_the_work),
    GH_TEST(power_users_do_five_times_as_much_of_everything),
    GH_TEST(refactors_withhold_work_until_the_end),
    GH_TEST(night_shifts_and_owls_work_by_night),
    GH_TEST(after_leave_there_is_more_to_do),
    GH_TEST(days_are_bent_from_the_first_day_until_the_last),
    GH_TEST(a_roll_out_changes_model_and_answers),
};
GH_TEST_MAIN(tests)
