/* What: honest simulated traffic against measured traffic.
 * How:  one plain company (no gamers, no bursts); quantiles and moments of its requests
 *       against public traces of coding agents, chats and people's commits. Tolerances are
 *       those within which the traces themselves differ from one another (other tools,
 *       other companies), not sampling errors, which are far smaller at this size. */
#include "app/simulate/simulate.h"
#include "app/simulate/zone.h"
#include "base/civil.h"
#include "edge/resources.h"
#include "support/gh_test.h"

#include <math.h>

enum { ACTORS = 300, WEEKS = 3, SESSIONS_MAX = 1500, BATCH = 1000, VALUES_MAX = 600000 };

struct values {
    double *at;
    size_t count;
    bool sorted;
};
struct session {
    uint32_t requests;
    int64_t first_ms, last_ms;
    double context;
    bool agent;
};
struct person {
    int zone; /* -1: unknown */
    double requests, night, weekend, off;
    double tokens;
    struct session session[SESSIONS_MAX];
};
static struct {
    struct values context, output, gap, growth, child, requests, span, chat_turns;
    double turns, compacted, with_tools, cache_read, all_context, hour[24], day[7];
    struct person person[ACTORS];
    bool ran;
} traffic;

static void value_add(struct values *v, double value)
{
    if (!v->at)
        v->at = malloc(VALUES_MAX * sizeof(*v->at));
    if (v->at && v->count < VALUES_MAX)
        v->at[v->count++] = value;
}

static int value_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(struct values *v, double p)
{
    CHECK(v->count > 100);
    if (v->count == 0)
        return NAN;
    if (!v->sorted)
        qsort(v->at, v->count, sizeof(*v->at), value_order);
    v->sorted = true;
    return v->at[(size_t)(p * (double)(v->count - 1))];
}

/* Mean and standard deviation of the logarithms. */
static void log_moments(const struct values *v, double *mu, double *sigma)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < v->count; i++) {
        const double y = log(fmax(v->at[i], 1e-3));
        sum += y;
        square += y * y;
    }
    *mu = sum / (double)v->count;
    *sigma = sqrt(square / (double)v->count - *mu * *mu);
}

static bool begins(struct gh_text text, const char *with)
{
    const size_t size = strlen(with);
    return text.size >= size && memcmp(text.at, with, size) == 0;
}

/* "a17" and "a17-s45" -> 17 and 45; NULL: no session is told, or too many */
static struct session *session_of(const struct gh_event *event, struct person **person)
{
    unsigned actor = ACTORS, number = SESSIONS_MAX;
    char text[64];
    snprintf(text, sizeof text, "%.*s %.*s", (int)event->actor.size, event->actor.at,
             (int)event->session.size, event->session.at ? event->session.at : "");
    if (sscanf(text, "a%u a%*u-s%u", &actor, &number) < 1 || actor >= ACTORS)
        return NULL;
    *person = &traffic.person[actor];
    return number < SESSIONS_MAX ? &(*person)->session[number] : NULL;
}

static void hear_clock(struct person *person, int64_t ts_ms)
{
    if (person->zone < 0)
        return;
    const int64_t local = ts_ms + gh_sim_zone_offset_ms((uint32_t)person->zone, ts_ms);
    const uint32_t day = gh_civil_weekday(local / GH_MS_PER_DAY);
    const uint32_t hour = gh_civil_of(local).hour;
    const bool weekend = day >= 5;
    person->requests++;
    person->night += hour < 6;
    person->weekend += weekend;
    person->off += weekend || hour < 7 || hour >= 20;
    traffic.hour[hour]++;
    traffic.day[day]++;
}

static void hear_agent(const struct gh_event *event, struct session *session, double context)
{
    traffic.turns++;
    traffic.with_tools += event->tool_calls > 0;
    traffic.cache_read += (double)event->cache_read_tokens;
    traffic.all_context += context;
    value_add(&traffic.context, context);
    if (event->output_tokens > 0)
        value_add(&traffic.output, (double)event->output_tokens);
    if (session->requests > 0) {
        value_add(&traffic.gap, (double)(event->ts_ms - session->last_ms) / 1000);
        if (context > session->context)
            value_add(&traffic.growth, context - session->context);
        traffic.compacted += context < 0.7 * session->context;
    }
    session->context = context;
    session->agent = true;
}

static void hear_usage(const struct gh_event *event)
{
    struct person *person = NULL;
    struct session *session = session_of(event, &person);
    const double context = (double)event->input_tokens + (double)event->cache_read_tokens +
                           (double)event->cache_write_tokens;
    if (!person || begins(event->agent, "nightly@"))
        return;
    hear_clock(person, event->ts_ms);
    person->tokens += context + (double)event->output_tokens;
    if (!session)
        return;
    if (begins(event->agent, "explore@")) {
        value_add(&traffic.child, context);
        return;
    }
    if (event->agent.size > 0 && !begins(event->agent, "claude-code@") &&
        !begins(event->agent, "codex@") && !begins(event->agent, "gemini-cli@"))
        return;
    if (event->agent.size > 0)
        hear_agent(event, session, context);
    if (session->requests++ == 0)
        session->first_ms = event->ts_ms;
    session->last_ms = event->ts_ms;
}

static void hear_profile(const struct gh_event *event)
{
    unsigned actor = ACTORS;
    char text[16] = "";
    memcpy(text, event->actor.at, event->actor.size < 15 ? event->actor.size : 15);
    if (sscanf(text, "a%u", &actor) != 1 || actor >= ACTORS)
        return;
    for (uint32_t z = 0; z < GH_SIM_ZONES; z++)
        if (GH_HAS(event, timezone) && begins(event->timezone, gh_sim_zone_name(z)))
            traffic.person[actor].zone = (int)z;
}

static void run(void)
{
    static struct gh_event event[BATCH];
    struct gh_sim_plan plan = gh_sim_plan_default();
    struct gh_error error = {0};
    struct gh_sim *sim = NULL;
    size_t count;
    if (traffic.ran)
        return;
    traffic.ran = true;
    plan.actors = ACTORS;
    plan.weeks = WEEKS;
    plan.gamers = 0;
    plan.bursts = false;
    for (uint32_t i = 0; i < ACTORS; i++)
        traffic.person[i].zone = -1;
    CHECK(gh_sim_new(&sim, &plan, &error) == GH_OK);
    while (sim && (count = gh_sim_next(sim, event, BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            if (event[i].kind == GH_USAGE)
                hear_usage(&event[i]);
            else if (event[i].kind == GH_PROFILE)
                hear_profile(&event[i]);
        }
    gh_sim_free(sim);
    for (uint32_t i = 0; i < ACTORS; i++)
        for (uint32_t k = 0; k < SESSIONS_MAX; k++) {
            const struct session *s = &traffic.person[i].session[k];
            if (s->requests == 0)
                continue;
            value_add(s->agent ? &traffic.requests : &traffic.chat_turns, s->requests);
            if (s->agent && s->last_ms > s->first_ms)
                value_add(&traffic.span, (double)(s->last_ms - s->first_ms) / 1000);
        }
}

#define CHECK_NEAR_BY(value, wanted, share) CHECK_NEAR(value, wanted, (wanted) * (share))

static void contexts_of_coding_agents_are_log_normal_as_recorded(void)
{
    double mu = 0, sigma = 0;
    run();
    log_moments(&traffic.context, &mu, &sigma);
    CHECK_NEAR(mu, 11.46, 0.20);
    CHECK_NEAR(sigma, 0.65, 0.10);
    CHECK_NEAR_BY(quantile(&traffic.context, 0.05), 31074, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.context, 0.95), 304245, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.child, 0.50), 45136, 0.20);
    CHECK_NEAR_BY(quantile(&traffic.child, 0.95), 90090, 0.25);
}

static void outputs_of_coding_agents_are_as_recorded(void)
{
    double mu = 0, sigma = 0;
    run();
    log_moments(&traffic.output, &mu, &sigma);
    CHECK_NEAR(mu, 5.56, 0.10);
    CHECK_NEAR(sigma, 0.89, 0.10);
    CHECK_NEAR_BY(quantile(&traffic.output, 0.95), 1496, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.output, 0.99), 3668, 0.35);
}

static void sessions_are_as_long_as_recorded(void)
{
    double mu = 0, sigma = 0;
    run();
    CHECK_NEAR_BY(quantile(&traffic.requests, 0.50), 44, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.requests, 0.90), 147, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.requests, 0.99), 333, 0.25);
    log_moments(&traffic.requests, &mu, &sigma);
    CHECK_NEAR(mu, 3.62, 0.25);
    CHECK_NEAR(sigma, 1.15, 0.20);
    log_moments(&traffic.span, &mu, &sigma);
    CHECK_NEAR(mu, 7.95, 0.25);
    CHECK_NEAR(sigma, 1.55, 0.25);
}

static void gaps_and_growth_have_the_recorded_tails(void)
{
    double mu = 0, sigma = 0;
    run();
    log_moments(&traffic.gap, &mu, &sigma);
    CHECK_NEAR(mu, 3.21, 0.20);
    CHECK_NEAR(sigma, 1.19, 0.15);
    CHECK_NEAR_BY(quantile(&traffic.gap, 0.50), 17, 0.25);
    CHECK_NEAR_BY(quantile(&traffic.gap, 0.95), 291, 0.30);
    CHECK_NEAR_BY(quantile(&traffic.gap, 0.99), 1866, 0.40);
    log_moments(&traffic.growth, &mu, &sigma);
    CHECK_NEAR(mu, 6.65, 0.10);
    CHECK_NEAR(sigma, 1.15, 0.10);
    CHECK_NEAR_BY(quantile(&traffic.growth, 0.95), 6493, 0.15);
    CHECK_NEAR_BY(quantile(&traffic.growth, 0.99), 16562, 0.25);
}

static void compaction_tools_and_caches_are_as_recorded(void)
{
    run();
    CHECK_NEAR(traffic.compacted / traffic.turns, 0.0057, 0.002);
    CHECK_NEAR(traffic.with_tools / traffic.turns, 0.84, 0.05);
    /* 99 % of a prefix is shared; what costs is the cache that has expired meanwhile. */
    CHECK_NEAR(traffic.cache_read / traffic.all_context, 0.92, 0.06);
}

static void chats_are_short(void)
{
    run();
    /* Completions are among them: the median holds for chats, the tail for both. */
    CHECK(quantile(&traffic.chat_turns, 0.50) <= 3);
    CHECK(quantile(&traffic.chat_turns, 0.90) <= 30);
}

/* Commits of the public, half of them evening work, are an upper bound for employees. */
static void rhythms_of_people_spread_as_those_of_commits(void)
{
    struct values night = {0}, weekend = {0}, off = {0};
    run();
    for (uint32_t i = 0; i < ACTORS; i++) {
        const struct person *p = &traffic.person[i];
        if (p->requests < 100)
            continue;
        value_add(&night, p->night / p->requests);
        value_add(&weekend, p->weekend / p->requests);
        value_add(&off, p->off / p->requests);
    }
    CHECK_NEAR(quantile(&night, 0.50), 0.024, 0.020);
    CHECK_NEAR(quantile(&night, 0.90), 0.17, 0.08);
    CHECK_NEAR(quantile(&weekend, 0.50), 0.035, 0.035);
    CHECK_NEAR(quantile(&weekend, 0.90), 0.22, 0.12);
    CHECK_NEAR(quantile(&off, 0.50), 0.19, 0.09);
    CHECK_NEAR(quantile(&off, 0.90), 0.50, 0.12);
    free(night.at);
    free(weekend.at);
    free(off.at);
}

/* Commits: 0.12 of the mean hour at 05 h, 1.98 at 15 h; a weekend day has 0.08 (an
 * institute's mail) to 0.47 (commits) of the mean day. */
static void days_and_weeks_have_the_shape_of_work(void)
{
    double hours = 0, days = 0, peak = 0;
    run();
    for (int h = 0; h < 24; h++) {
        hours += traffic.hour[h] / 24;
        peak = fmax(peak, traffic.hour[h]);
    }
    for (int d = 0; d < 7; d++)
        days += traffic.day[d] / 7;
    CHECK_NEAR(traffic.hour[5] / hours, 0.12, 0.12);
    CHECK_NEAR(traffic.hour[15] / hours, 1.98, 0.40);
    CHECK_NEAR(peak / hours, 2.2, 0.4);
    CHECK(traffic.day[5] / days > 0.08 && traffic.day[5] / days < 0.47);
    CHECK(traffic.day[6] / days > 0.08 && traffic.day[6] / days < 0.47);
}

/* One person in ten spends what half of the company spends, or nearly. */
static void spend_is_as_unequal_as_among_clients(void)
{
    struct values spend = {0};
    double all = 0, top = 0, log_mean = 0, log_square = 0;
    run();
    for (uint32_t i = 0; i < ACTORS; i++)
        if (traffic.person[i].tokens > 0)
            value_add(&spend, traffic.person[i].tokens);
    const double border = quantile(&spend, 0.90);
    for (size_t i = 0; i < spend.count; i++) {
        const double y = log(spend.at[i]);
        all += spend.at[i];
        top += spend.at[i] > border ? spend.at[i] : 0;
        log_mean += y / (double)spend.count;
        log_square += y * y / (double)spend.count;
    }
    CHECK_NEAR(top / all, 0.55, 0.20);
    /* Rates of clients: sigma 2.1 to 2.4 over whole services; less inside one company. */
    CHECK_NEAR(sqrt(log_square - log_mean * log_mean), 1.7, 0.5);
    free(spend.at);
}

/* The zones' own rules against the data of the machine, every hour of three years. */
static void zones_agree_with_the_zone_data(void)
{
    struct gh_zone_cache *cache = gh_zone_cache_new();
    const struct gh_zones zones = gh_zone_cache_zones(cache);
    const int64_t from = gh_civil_days(2025, 1, 1) * GH_MS_PER_DAY;
    for (uint32_t z = 0; z < GH_SIM_ZONES; z++) {
        const char *name = gh_sim_zone_name(z);
        const struct gh_zone *zone =
            zones.find(zones.context, (struct gh_text){name, (uint32_t)strlen(name)});
        uint32_t differ = 0;
        CHECK(zone != NULL);
        for (int64_t t = from; zone && t < from + 1096 * GH_MS_PER_DAY; t += GH_MS_PER_HOUR)
            differ += gh_zone_offset_ms(zone, t) != gh_sim_zone_offset_ms(z, t);
        CHECK(differ == 0);
    }
    gh_zone_cache_free(cache);
}

static void forget(void)
{
    struct values *const v[] = {&traffic.context, &traffic.output,    &traffic.gap,
                                &traffic.growth,  &traffic.child,     &traffic.requests,
                                &traffic.span,    &traffic.chat_turns};
    for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
        free(v[i]->at);
}

static void the_sample_is_large_enough_and_let_go(void)
{
    run();
    CHECK(traffic.turns > 50000);
    forget();
}

static const struct gh_test tests[] = {
    GH_TEST(contexts_of_coding_agents_are_log_normal_as_recorded),
    GH_TEST(outputs_of_coding_agents_are_as_recorded),
    GH_TEST(sessions_are_as_long_as_recorded),
    GH_TEST(gaps_and_growth_have_the_recorded_tails),
    GH_TEST(compaction_tools_and_caches_are_as_recorded),
    GH_TEST(chats_are_short),
    GH_TEST(rhythms_of_people_spread_as_those_of_commits),
    GH_TEST(days_and_weeks_have_the_shape_of_work),
    GH_TEST(spend_is_as_unequal_as_among_clients),
    GH_TEST(zones_agree_with_the_zone_data),
    GH_TEST(the_sample_is_large_enough_and_let_go),
};
GH_TEST_MAIN(tests)
