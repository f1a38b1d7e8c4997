/* honest.c - see honest.h. */
#include "app/simulate/honest.h"

#include "base/civil.h"

#include <math.h>

static uint8_t honest_artifact(struct gh_sim_day *day)
{
    const struct gh_sim_role *role = gh_sim_role(day->person->role);
    double u = gh_random_unit(&day->random);
    for (uint8_t i = 0; i < GH_ARTIFACT_COUNT; i++) {
        u -= role->artifact[i];
        if (u < 0)
            return i;
    }
    return GH_OTHER;
}

static struct gh_sim_output *honest_state(struct gh_sim_day *day, int64_t ts_ms,
                                          const struct gh_sim_output *like, enum gh_state state)
{
    struct gh_sim_record *record = gh_sim_records_add(day->out);
    record->kind = GH_OUTPUT;
    record->actor = day->person->actor;
    record->ts_ms = ts_ms;
    record->as.output = *like;
    record->as.output.state = (uint8_t)state;
    return &record->as.output;
}

static int64_t honest_lag(struct gh_random *r, double hours, double sigma)
{
    return (int64_t)(gh_random_lognormal(r, log(hours), sigma) * (double)GH_MS_PER_HOUR);
}

void gh_sim_day_output(struct gh_sim_day *day, int64_t ts_ms, const struct gh_sim_done *from)
{
    struct gh_random *r = &day->random;
    struct gh_sim_output o = {.ref = ++day->person->refs, .artifact = honest_artifact(day)};
    const bool linked = gh_random_chance(r, 0.4);
    if (from && linked) {
        o.session = from->session;
        o.trace = from->trace;
    }
    if (o.artifact == GH_COMMIT || o.artifact == GH_PULL_REQUEST) {
        o.lines_added = (uint32_t)gh_random_lognormal(r, 3.4, 1.4);
        o.lines_removed = (uint32_t)gh_random_lognormal(r, 2.2, 1.5);
    }
    if (day->person->team % 7 == 3) /* teams whose system credits work units */
        o.units = (float)(1 + gh_random_below(r, 5));
    const bool reviewed = o.artifact == GH_PULL_REQUEST;
    if (reviewed) {
        honest_state(day, ts_ms, &o, GH_PROPOSED);
        ts_ms += honest_lag(r, 14, 1.0);
    }
    const bool rejected = reviewed && gh_random_chance(r, 0.12);
    honest_state(day, ts_ms, &o, rejected ? GH_REJECTED : GH_ACCEPTED);
    if (!rejected && o.artifact != GH_TICKET && gh_random_chance(r, 0.02))
        honest_state(day, ts_ms + honest_lag(r, 40, 0.8), &o, GH_REVERTED);
}

void gh_sim_day_pull_request(struct gh_sim_day *day, int64_t ts_ms)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_output o = {
        .ref = ++day->person->refs,
        .artifact = GH_PULL_REQUEST,
        .lines_added = (uint32_t)gh_random_lognormal(r, 8.7, 0.7),
        .lines_removed = (uint32_t)gh_random_lognormal(r, 8.4, 0.8),
    };
    honest_state(day, ts_ms, &o, GH_PROPOSED);
    honest_state(day, ts_ms + honest_lag(r, 20, 0.8), &o, GH_ACCEPTED);
}

/* People finish things in hours of work: what would land at night lands next morning. */
static int64_t honest_landing(struct gh_sim_day *day, int64_t end_ms)
{
    const int64_t ts = end_ms + honest_lag(&day->random, 2.5, 1.3);
    const int64_t since = ts - day->midnight_ms;
    const int64_t minute = gh_floor_mod(since, GH_MS_PER_DAY) / 60000;
    if (minute >= 420)
        return ts;
    return ts + (day->person->start_min - minute) * 60000 +
           gh_sim_ms(gh_random_between(&day->random, 0, 7200));
}

static void honest_session(struct gh_sim_day *day, enum gh_sim_class class)
{
    const int64_t start = gh_sim_day_start(day);
    const struct gh_sim_session session =
        gh_sim_session_draw(day, class, start, gh_sim_day_stop(day, start));
    const struct gh_sim_done done = gh_sim_session_run(day, &session);
    const double work = gh_sim_role(day->person->role)->outputs *
                        (double)day->person->productive * sqrt(done.turns / 40.0);
    for (uint32_t n = day->withheld ? 0 : gh_random_poisson(&day->random, work); n > 0; n--)
        gh_sim_day_output(day, honest_landing(day, done.end_ms), &done);
}

static void honest_work(struct gh_sim_day *day, double volume)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_role *role = gh_sim_role(day->person->role);
    for (uint32_t c = 0; c < GH_SIM_CLASSES; c++) {
        const double mean = role->sessions[c] * volume * gh_random_gamma(r, 4) / 4;
        for (uint32_t n = gh_random_poisson(r, mean); n > 0; n--)
            honest_session(day, (enum gh_sim_class)c);
    }
    const double by_hand = role->by_hand * (double)day->person->productive;
    for (uint32_t n = day->withheld ? 0 : gh_random_poisson(r, by_hand); n > 0; n--)
        gh_sim_day_output(day, gh_sim_day_start(day), NULL);
}

void gh_sim_day_honest(struct gh_sim_day *day)
{
    struct gh_sim_person *p = day->person;
    struct gh_random *r = &day->random;
    const double memory = 0.55, spread = 0.5;
    p->mood = memory * p->mood + sqrt(1 - memory * memory) * spread * gh_random_normal(r);
    const bool workday = (p->workdays >> day->weekday) & 1;
    const bool works = gh_random_chance(r, workday ? 0.94 : (double)p->weekend * day->late);
    if (!works || gh_sim_person_away(p, day->index))
        return;
    const double trend = pow(1.03, day->index / 7.0);
    const double level = exp(p->mood - 0.5 * spread * spread) * (workday ? 1 : 0.6);
    honest_work(day, (double)p->rate * level * trend * day->volume);
}

void gh_sim_day_fill(struct gh_sim_day *day, const struct gh_sim_fill *fill)
{
    enum { SESSIONS_MAX = 600 };
    const double talk_below = 150000; /* so little is no work for an agent */
    double left = fill->tokens;
    for (uint32_t i = 0; i < SESSIONS_MAX && left > 0; i++) {
        const double minute = gh_random_between(&day->random, fill->from_min, fill->until_min);
        struct gh_sim_session s = gh_sim_session_draw(
            day, fill->tokens < talk_below ? GH_SIM_CHAT : GH_SIM_AGENT,
            gh_sim_day_time(day, minute), gh_sim_day_time(day, fill->until_min));
        s.budget = left;
        s.gamed = fill->gamed;
        s.unattended = fill->unattended;
        s.experiment = fill->experiment;
        left -= gh_sim_session_run(day, &s).tokens;
    }
}
