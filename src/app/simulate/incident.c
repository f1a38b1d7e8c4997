/* incident.c - see incident.h. */
#include "app/simulate/incident.h"

#include "app/simulate/honest.h"
#include "app/simulate/series.h"
#include "base/civil.h"

#include <math.h>

/* What a newer model takes over from. */
static uint8_t incident_successor(uint8_t model)
{
    return model == GH_SIM_SONNET ? GH_SIM_OPUS
           : model == GH_SIM_OPUS ? GH_SIM_GPT
                                  : GH_SIM_GEMINI;
}

/* Changes that last begin once. */
static void incident_turn(struct gh_sim_day *day, const struct gh_sim_burst *burst)
{
    struct gh_sim_person *p = day->person;
    if (day->index != burst->from)
        return;
    if (burst->kind == GH_SIM_ROLE_CHANGE && !p->is_service)
        p->role = (uint8_t)((p->role + 1 + (uint32_t)(burst->factor * 4.99F)) % GH_SIM_SERVICE);
    if (burst->kind == GH_SIM_ROLL_OUT)
        p->model[GH_SIM_AGENT] = incident_successor(p->model[GH_SIM_AGENT]);
}

static void incident_bend(struct gh_sim_day *day, const struct gh_sim_burst *burst)
{
    const double factor = (double)burst->factor;
    switch ((enum gh_sim_burst_kind)burst->kind) {
    case GH_SIM_DEADLINE:
    case GH_SIM_DEADLINE_DECLARED:
    case GH_SIM_CATCH_UP:
        day->volume *= factor;
        day->late *= 2.5;
        break;
    case GH_SIM_MIGRATION:
        day->volume *= factor;
        day->near_dup *= 8;
        break;
    case GH_SIM_REFACTOR:
        day->volume *= factor;
        day->withheld = true;
        break;
    case GH_SIM_POWER_USER:
        day->volume *= factor;
        break;
    case GH_SIM_TRAVEL:
    case GH_SIM_NIGHT_SHIFT:
        day->midnight_ms += (int64_t)(factor * (double)GH_MS_PER_HOUR);
        break;
    case GH_SIM_NEW_HIRE:
        day->volume *= fmin(1, (day->index - burst->from + 3) / 15.0);
        break;
    case GH_SIM_CACHE_BREAKAGE:
        day->cache_broken = true;
        break;
    case GH_SIM_ROLL_OUT:
        day->answers *= factor;
        break;
    case GH_SIM_ON_CALL: /* these come on top of the ordinary work, or are traits */
    case GH_SIM_ON_CALL_UNDECLARED:
    case GH_SIM_EXPERIMENT_DECLARED:
    case GH_SIM_EXPERIMENT_UNDECLARED:
    case GH_SIM_SELF_PLAY:
    case GH_SIM_RUNAWAY:
    case GH_SIM_RETRY_STORM:
    case GH_SIM_AUTOMATION_OLD:
    case GH_SIM_AUTOMATION_NEW:
    case GH_SIM_ROLE_CHANGE:
    case GH_SIM_OWL:
    case GH_SIM_OTHER_ZONE:
    case GH_SIM_ZONE_UNKNOWN:
    case GH_SIM_BURST_KINDS:
        break;
    }
}

void gh_sim_day_bend(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    for (uint32_t i = 0; i < p->burst_count; i++) {
        const struct gh_sim_burst *burst = &p->burst[i];
        if (day->index < burst->from || day->index >= burst->until)
            continue;
        incident_turn(day, burst);
        incident_bend(day, burst);
    }
}

static struct gh_sim_notice *incident_notice(struct gh_sim_day *day, enum gh_kind kind,
                                             int64_t ts_ms)
{
    struct gh_sim_record *record = gh_sim_records_add(day->out);
    record->kind = (uint8_t)kind;
    record->actor = day->person->actor;
    record->ts_ms = ts_ms > day->plan->start_ms ? ts_ms : day->plan->start_ms;
    return &record->as.notice;
}

static void incident_schedule(struct gh_sim_day *day, const struct gh_sim_burst *burst,
                              enum gh_schedule type)
{
    struct gh_sim_notice *notice = incident_notice(day, GH_SCHEDULE, day->midnight_ms);
    notice->schedule = (uint8_t)type;
    notice->from_ms = day->midnight_ms;
    notice->until_ms = day->midnight_ms + (burst->until - burst->from) * GH_MS_PER_DAY;
}

static void incident_profile(struct gh_sim_day *day)
{
    if (day->person->has_profile)
        incident_notice(day, GH_PROFILE, day->midnight_ms)->role = day->person->role;
}

/* Machines try many things on top of the ordinary work, most of it in hours. */
static void incident_experiment(struct gh_sim_day *day, const struct gh_sim_burst *burst,
                                uint32_t number)
{
    struct gh_sim_person *p = day->person;
    const double usual = gh_sim_person_usual(p), more = (double)burst->factor - 1;
    const bool declared = burst->kind == GH_SIM_EXPERIMENT_DECLARED;
    if (declared && day->index == burst->from) {
        struct gh_sim_notice *notice = incident_notice(day, GH_EXPERIMENT, day->midnight_ms);
        notice->experiment = (uint16_t)number;
        notice->from_ms = day->midnight_ms;
        notice->until_ms = day->midnight_ms + (burst->until - burst->from) * GH_MS_PER_DAY;
        notice->tokens = 1.3 * more * usual * (burst->until - burst->from);
    }
    const bool workday = (p->workdays >> day->weekday) & 1;
    if (!gh_random_chance(&day->random, workday ? 0.9 : 0.25))
        return;
    struct gh_sim_fill fill = {
        .tokens = more * usual * gh_random_lognormal(&day->random, -0.1, 0.45),
        .from_min = p->start_min,
        .until_min = p->start_min + p->length_min + 240,
        .unattended = gh_random_chance(&day->random, 0.5),
        .experiment = (uint16_t)(declared ? number : 0),
    };
    gh_sim_day_fill(day, &fill);
}

static void incident_on_call(struct gh_sim_day *day)
{
    if (!gh_random_chance(&day->random, 0.4))
        return;
    for (uint32_t n = 1 + gh_random_below(&day->random, 2); n > 0; n--) {
        const double minute = gh_random_between(&day->random, 1290, 1800);
        const int64_t start = gh_sim_day_time(day, minute);
        const struct gh_sim_session s =
            gh_sim_session_draw(day, GH_SIM_AGENT, start, start + 2 * GH_MS_PER_HOUR);
        const struct gh_sim_done done = gh_sim_session_run(day, &s);
        if (gh_random_chance(&day->random, 0.4))
            gh_sim_day_output(day, done.end_ms + 600000, &done);
    }
}

/* Agents play against each other because that is the work: evaluation, self-play. */
static void incident_self_play(struct gh_sim_day *day, const struct gh_sim_burst *burst)
{
    struct gh_random *r = &day->random;
    if (!gh_random_chance(r, day->weekday < 5 ? 0.85 : 0.3))
        return;
    const double minute = day->person->start_min + gh_random_between(r, 0, 600);
    const struct gh_sim_exchange e = {
        .start_ms = gh_sim_day_time(day, minute),
        .until_ms = gh_sim_day_time(day, minute + 600),
        .tokens = ((double)burst->factor - 1) * gh_sim_person_usual(day->person) *
                  gh_random_lognormal(r, -0.1, 0.5),
        .members = 2,
        .first_agent = GH_SIM_AGENT_SOLVER,
        .low_novelty = gh_random_between(r, 0.3, 0.6),
        .tools = gh_random_between(r, 0, 0.2),
        .output_sigma = 0.5,
        .gap_mu = 1.0,
        .gap_sigma = 0.7,
    };
    gh_sim_exchange_run(day, &e);
    if (gh_random_chance(r, 0.3))
        gh_sim_day_output(day, e.until_ms, NULL);
}

/* An agent is stuck until somebody looks: minutes to a night. */
static void incident_runaway(struct gh_sim_day *day)
{
    struct gh_random *r = &day->random;
    const int64_t start = gh_sim_day_start(day);
    const double hours = fmin(gh_random_lognormal(r, 0.2, 0.9), 14);
    const struct gh_sim_series s = {
        .from_ms = start,
        .until_ms = start + (int64_t)(hours * (double)GH_MS_PER_HOUR),
        .gap_s = gh_random_between(r, 5, 20),
        .gap_sigma = 0.5,
        .context = gh_random_lognormal(r, 10.8, 0.4),
        .context_sigma = 0.01,
        .growth = 350,
        .output = 180,
        .output_sigma = 0.25,
        .near_dup = gh_random_between(r, 0.8, 0.97),
        .errors = 0.1,
        .tools = 0.9,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
    };
    gh_sim_series_run(day, &s);
}

static void incident_retry_storm(struct gh_sim_day *day)
{
    struct gh_random *r = &day->random;
    const int64_t start = gh_sim_day_start(day);
    const struct gh_sim_series s = {
        .from_ms = start,
        .until_ms = start + gh_sim_ms(gh_random_between(r, 300, 2400)),
        .gap_s = 1.2,
        .gap_sigma = 0.4,
        .context = gh_random_lognormal(r, 9.5, 0.8),
        .context_sigma = 0.001,
        .output = 150,
        .output_sigma = 0.4,
        .near_dup = 0.99,
        .errors = 0.88,
        .class = GH_SIM_AGENT,
        .agent = GH_SIM_AGENT_MAIN,
    };
    gh_sim_series_run(day, &s);
}

/* A job under a personal key: round the clock, at even gaps, from a template. */
static void incident_job(struct gh_sim_day *day, const struct gh_sim_burst *burst)
{
    struct gh_random job =
        gh_random_of(day->plan->seed, GH_SIM_STREAM_BURSTS, day->person->actor, 1);
    const struct gh_sim_series s = {
        .from_ms = day->midnight_ms,
        .until_ms = day->midnight_ms + GH_MS_PER_DAY,
        .gap_s = 86400 / (double)burst->factor,
        .gap_sigma = gh_random_between(&job, 0.02, 0.3),
        .context = gh_random_lognormal(&job, 8.8, 0.7),
        .context_sigma = gh_random_between(&job, 0.1, 0.6),
        .output = gh_random_lognormal(&job, 5, 0.8),
        .output_sigma = 0.5,
        .near_dup = gh_random_between(&job, 0.1, 0.6),
        .errors = 0.01,
        .tools = gh_random_between(&job, 0, 0.6),
        .class = GH_SIM_CHAT,
        .agent = GH_SIM_AGENT_JOB,
        .origin = gh_random_chance(&job, 0.8) ? GH_SCHEDULED : GH_API,
        .session_each = true,
    };
    gh_sim_series_run(day, &s);
}

/* Declarations hold whether or not the person is there on the first day. */
static void incident_declare(struct gh_sim_day *day, const struct gh_sim_burst *burst)
{
    if (day->index != burst->from)
        return;
    if (burst->kind == GH_SIM_ON_CALL)
        incident_schedule(day, burst, GH_ON_CALL);
    if (burst->kind == GH_SIM_ROLE_CHANGE && gh_random_chance(&day->random, 0.7))
        incident_profile(day);
    if (burst->kind == GH_SIM_DEADLINE_DECLARED && day->person->actor % 10 == 0) {
        incident_schedule(day, burst, GH_CRUNCH);
        day->out->at[day->out->count - 1].as.notice.for_team = true;
    }
}

static void incident_act(struct gh_sim_day *day, const struct gh_sim_burst *burst,
                         uint32_t number)
{
    switch ((enum gh_sim_burst_kind)burst->kind) {
    case GH_SIM_ON_CALL:
    case GH_SIM_ON_CALL_UNDECLARED:
        incident_on_call(day);
        break;
    case GH_SIM_EXPERIMENT_DECLARED:
    case GH_SIM_EXPERIMENT_UNDECLARED:
        incident_experiment(day, burst, number);
        break;
    case GH_SIM_SELF_PLAY:
        incident_self_play(day, burst);
        break;
    case GH_SIM_RUNAWAY:
        incident_runaway(day);
        break;
    case GH_SIM_RETRY_STORM:
        incident_retry_storm(day);
        break;
    case GH_SIM_AUTOMATION_OLD:
    case GH_SIM_AUTOMATION_NEW:
        incident_job(day, burst);
        break;
    case GH_SIM_REFACTOR: /* it lands on its last day */
        if (day->index == burst->until - 1)
            gh_sim_day_pull_request(day, gh_sim_day_start(day));
        break;
    case GH_SIM_DEADLINE: /* these bend the ordinary work instead, or are traits */
    case GH_SIM_DEADLINE_DECLARED:
    case GH_SIM_MIGRATION:
    case GH_SIM_CACHE_BREAKAGE:
    case GH_SIM_TRAVEL:
    case GH_SIM_NEW_HIRE:
    case GH_SIM_ROLE_CHANGE:
    case GH_SIM_ROLL_OUT:
    case GH_SIM_NIGHT_SHIFT:
    case GH_SIM_POWER_USER:
    case GH_SIM_CATCH_UP:
    case GH_SIM_OWL:
    case GH_SIM_OTHER_ZONE:
    case GH_SIM_ZONE_UNKNOWN:
    case GH_SIM_BURST_KINDS:
        break;
    }
}

void gh_sim_day_incidents(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    for (uint32_t i = 0; i < p->burst_count; i++) {
        const struct gh_sim_burst *burst = &p->burst[i];
        if (day->index < burst->from || day->index >= burst->until)
            continue;
        incident_declare(day, burst);
        const bool job =
            burst->kind == GH_SIM_AUTOMATION_OLD || burst->kind == GH_SIM_AUTOMATION_NEW;
        if (job || !gh_sim_person_away(p, day->index))
            incident_act(day, burst, i + 1);
    }
}

static void incident_leave(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    const int64_t from_ms = day->midnight_ms + (p->leave_from - day->index) * GH_MS_PER_DAY;
    const int64_t told_ms = from_ms - 7 * GH_MS_PER_DAY;
    struct gh_sim_notice *notice = incident_notice(
        day, GH_SCHEDULE, told_ms > day->midnight_ms ? told_ms : day->midnight_ms);
    notice->schedule = GH_LEAVE;
    notice->from_ms = from_ms;
    notice->until_ms = from_ms + (p->leave_until - p->leave_from) * GH_MS_PER_DAY;
}

/* Targets stand for a few people and teams, whether or not anybody chases them. */
static void incident_quotas(struct gh_sim_day *day)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_person *p = day->person;
    const bool own = gh_random_chance(r, 0.04);
    const bool team = p->actor % 10 == 0 && gh_random_chance(r, 0.1);
    for (uint32_t i = 0; i < 2; i++) {
        const bool week = gh_random_chance(r, 0.5);
        const double tokens =
            gh_sim_person_usual(p) * (week ? 5 : 21) * gh_random_between(r, 0.7, 1.4);
        if (!(i == 0 ? own : team))
            continue;
        struct gh_sim_notice *notice = incident_notice(day, GH_QUOTA, day->midnight_ms);
        notice->period = week ? GH_WEEK : GH_MONTH;
        notice->tokens = tokens;
        notice->for_team = i == 1;
    }
}

void gh_sim_day_introduce(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    incident_profile(day);
    if (p->leave_until > p->leave_from && p->leave_declared && p->leave_until > day->index)
        incident_leave(day);
    incident_quotas(day);
}
