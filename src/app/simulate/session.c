/* session.c - see session.h. The figures are those of recorded coding-agent, chat and
 * completion traffic (README.md names them). Increments are drawn, not levels: a context
 * grows turn by turn until it is compacted. */
#include "app/simulate/session.h"

#include "base/civil.h"

#include <math.h>

enum { WALK_CREW = 3, WALK_TEMPLATES = 12, WALK_TURNS_MAX = 420 };

struct walk_member {
    uint8_t agent, caller;
    double context, cached;
    uint64_t prompt, response;
    uint32_t window;
};
struct walk {
    struct gh_sim_day *day;
    const struct gh_sim_session *session;
    struct walk_member member[WALK_CREW];
    uint32_t at, count; /* whose turn; members */
    int64_t t_ms;
    uint32_t stuck; /* near-duplicate turns still to come */
    bool handed;    /* this turn answers another agent */
    struct gh_sim_done done;
};

int64_t gh_sim_ms(double seconds)
{
    return seconds < 0.001 ? 1 : (int64_t)(seconds * 1000);
}

int64_t gh_sim_day_time(const struct gh_sim_day *day, double minute)
{
    return day->midnight_ms + (int64_t)(minute * 60000);
}

/* Most starts are in the hours of work, thinned at lunch and at both ends. */
static double session_office_minute(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    for (;;) {
        const double x = gh_random_between(&day->random, -0.05, 1.05);
        const double edge = fmin(1, 6 * fmin(x + 0.08, 1.12 - x));
        const double lunch = fabs(x - 0.42) < 0.06 ? 0.4 : 1;
        if (gh_random_chance(&day->random, edge * lunch))
            return p->start_min + x * p->length_min;
    }
}

int64_t gh_sim_day_start(struct gh_sim_day *day)
{
    const struct gh_sim_person *p = day->person;
    const double u = gh_random_unit(&day->random), evening = (double)p->evening * day->late;
    double minute;
    if (u < (double)p->night)
        minute = gh_random_between(&day->random, 0, 360);
    else if (u < (double)p->night + evening)
        minute = p->start_min + p->length_min + gh_random_gamma(&day->random, 2) * 60;
    else
        minute = session_office_minute(day);
    return gh_sim_day_time(day, minute);
}

int64_t gh_sim_day_stop(const struct gh_sim_day *day, int64_t start_ms)
{
    const int64_t end = gh_sim_day_time(day, day->person->start_min + day->person->length_min);
    const int64_t grace = 40 * 60000, late = 2 * GH_MS_PER_HOUR;
    return end + grace > start_ms + late ? end + grace : start_ms + late;
}

struct gh_sim_call *gh_sim_call_add(struct gh_sim_day *day, int64_t ts_ms)
{
    struct gh_sim_record *record = gh_sim_records_add(day->out);
    record->kind = GH_USAGE;
    record->actor = day->person->actor;
    record->ts_ms = ts_ms;
    return &record->as.call;
}

void gh_sim_call_finish(struct gh_sim_day *day, struct gh_sim_call *call, bool gamed)
{
    call->duration_ms = 400 + call->output * 14 + call->input / 40 + call->cache_write / 40 +
                        gh_random_below(&day->random, 900);
    if (gamed) {
        call->gamed_context = call->input + call->cache_read + call->cache_write;
        call->gamed_output = call->output;
    }
}

void gh_sim_call_split(struct gh_sim_call *call, double context, double cached)
{
    const uint32_t all = (uint32_t)context;
    uint32_t read = cached >= context ? all : (uint32_t)cached;
    if (gh_sim_models[call->model].writes_cache) {
        const uint32_t fresh = all - read < 4 ? all - read : 4;
        call->input = fresh;
        call->cache_write = all - read - fresh;
    } else {
        read -= read % 128; /* automatic caches work in blocks */
        call->input = all - read;
    }
    call->cache_read = read;
}

static double walk_output(struct walk *w)
{
    const double shift = gh_sim_role(w->day->person->role)->output_shift;
    struct gh_random *r = &w->day->random;
    switch (w->session->class) {
    case GH_SIM_AGENT:
        return gh_random_chance(r, 0.03) ? gh_random_pareto(r, 1100, 1.6)
                                         : gh_random_lognormal(r, 5.50 + 0.5 * shift, 0.85);
    case GH_SIM_CHAT:
        return gh_random_lognormal(r, 5.20 + shift, 0.95);
    case GH_SIM_COMPLETION:
    case GH_SIM_CLASSES:
    default:
        return gh_random_lognormal(r, 2.79, 0.85);
    }
}

static double walk_first_context(struct walk *w)
{
    const double shift = gh_sim_role(w->day->person->role)->context_shift;
    struct gh_random *r = &w->day->random;
    double limit;
    switch (w->session->class) {
    case GH_SIM_AGENT: /* one in five goes on from an earlier conversation */
        return gh_random_chance(r, 0.2) ? gh_random_lognormal(r, 11.9 + shift, 0.5)
                                        : gh_random_lognormal(r, 10.4 + shift, 0.4);
    case GH_SIM_CHAT:
        return gh_random_chance(r, 0.2) ? gh_random_lognormal(r, 8.74 + shift, 1.2)
                                        : gh_random_lognormal(r, 6.63 + shift, 0.99);
    case GH_SIM_COMPLETION: /* the editor cuts at a limit */
    case GH_SIM_CLASSES:
    default:
        limit = 7434 + (double)gh_random_below(r, 4);
        return fmin(gh_random_lognormal(r, 7.0, 1.36), limit);
    }
}

static void walk_grow(struct walk *w, struct walk_member *m)
{
    struct gh_random *r = &w->day->random;
    m->cached = m->context;
    if (w->session->class == GH_SIM_COMPLETION) {
        m->context = walk_first_context(w);
        m->cached = 0;
    } else if (w->session->class == GH_SIM_CHAT) {
        m->context += gh_random_lognormal(r, 6.16, 1.35);
    } else {
        m->context += gh_random_chance(r, 0.03) ? gh_random_pareto(r, 5500, 1.7)
                                                : gh_random_lognormal(r, 6.60, 1.12);
    }
    if (m->context > 0.85 * m->window || gh_random_chance(r, 0.003)) {
        const double kept = gh_random_lognormal(r, 10.3, 0.4);
        m->context = fmin(m->context, kept);
        m->cached = fmin(m->cached, 12000);
    }
}

static double walk_gap(struct walk *w, bool typed)
{
    struct gh_random *r = &w->day->random;
    if (w->session->class == GH_SIM_CHAT)
        return gh_random_lognormal(r, 4.89, 0.98);
    if (w->session->class == GH_SIM_COMPLETION)
        return gh_random_lognormal(r, 2.4, 1.3);
    if (!typed)
        return gh_random_lognormal(r, 2.3, 0.9);
    return gh_random_chance(r, 0.3) ? fmin(gh_random_pareto(r, 260, 1), 14400)
                                    : gh_random_lognormal(r, 4.3, 1.2);
}

static uint64_t walk_template(struct walk *w)
{
    struct gh_random r = gh_random_of(w->day->plan->seed, GH_SIM_STREAM_COMPANY,
                                      gh_random_below(&w->day->random, WALK_TEMPLATES), 1);
    return gh_random_near(&w->day->random, gh_random_bits(&r), 2);
}

static void walk_hashes(struct walk *w, struct walk_member *m, struct gh_sim_call *call)
{
    struct gh_random *r = &w->day->random;
    /* Edit, test, edit: now and then an agent tries the same a few times. */
    if (w->stuck == 0 && w->session->class == GH_SIM_AGENT && gh_random_chance(r, 0.0015))
        w->stuck = (uint32_t)fmin(gh_random_pareto(r, 2, 1.2), 40);
    const bool stuck = w->stuck > 0 && m->prompt != 0;
    if (stuck)
        w->stuck--;
    if (stuck || (m->prompt != 0 && gh_random_chance(r, w->session->near_dup)))
        m->prompt = gh_random_near(r, m->prompt, 3);
    else if (w->session->class == GH_SIM_CHAT && !w->session->gamed &&
             gh_random_chance(r, gh_sim_role(w->day->person->role)->template_share))
        m->prompt = walk_template(w);
    else
        m->prompt = gh_random_bits(r);
    m->response = stuck && gh_random_chance(r, 0.5) ? gh_random_near(r, m->response, 3)
                                                    : gh_random_bits(r);
    call->prompt_hash = m->prompt;
    call->response_hash = m->response;
}

static void walk_outcome(struct walk *w, struct gh_sim_call *call, bool typed)
{
    struct gh_random *r = &w->day->random;
    const double u = gh_random_unit(r);
    call->status = (uint8_t)(u < 0.008   ? GH_CALL_ERROR
                             : u < 0.014 ? GH_CALL_CANCELLED
                                         : GH_CALL_OK);
    const double longer = w->session->class == GH_SIM_AGENT ? w->day->answers : 1;
    call->output = call->status == GH_CALL_ERROR
                       ? 0
                       : (uint32_t)fmin(fmax(walk_output(w) * longer, 1), 64000);
    if (typed)
        call->user_tokens =
            (uint32_t)fmin(gh_random_lognormal(r, 3.8, 1.1), gh_sim_call_context(call));
    if (w->session->class == GH_SIM_AGENT && call->status == GH_CALL_OK &&
        gh_random_chance(r, 0.88))
        call->tool_calls = (uint16_t)(gh_random_chance(r, 0.8) ? 1 : 2 + gh_random_below(r, 4));
}

/* One request. `typed`: a person's words set it off. */
static void walk_call(struct walk *w, struct walk_member *m, bool typed, double gap)
{
    struct gh_sim_day *day = w->day;
    struct gh_sim_call *call = gh_sim_call_add(day, w->t_ms);
    if (m->context > 0)
        walk_grow(w, m);
    else
        m->context = walk_first_context(w);
    const bool cold = day->cache_broken || gap > 300;
    const double limit = 0.95 * m->window;
    m->context = fmin(m->context, limit);
    call->model = day->person->model[w->session->class];
    gh_sim_call_split(call, m->context, cold ? 0 : m->cached);
    if (m->window != gh_sim_models[call->model].window)
        call->window = m->window;
    /* An editor tells neither sessions nor words of the completions it asks for. */
    const bool completion = w->session->class == GH_SIM_COMPLETION;
    call->session = completion ? 0 : w->done.session;
    call->trace = w->done.trace;
    call->agent = m->agent;
    /* Some clients name the parent on every turn of a sub-agent, others on the first. */
    const bool names_caller = w->handed || day->person->parent_style;
    call->caller = typed || !names_caller ? GH_SIM_AGENT_NONE : m->caller;
    call->origin = (uint8_t)w->session->origin;
    call->experiment = w->session->experiment;
    walk_hashes(w, m, call);
    walk_outcome(w, call, typed && !w->session->unattended);
    call->user_tokens = completion ? 0 : call->user_tokens;
    gh_sim_call_finish(day, call, w->session->gamed);
    w->done.tokens += gh_sim_call_tokens(call);
    w->done.turns++;
    w->t_ms += call->duration_ms;
}

/* A sub-agent answers a question of its own and reports; the main agent goes on. */
static void walk_delegate(struct walk *w)
{
    struct gh_random *r = &w->day->random;
    struct walk_member *parent = &w->member[w->at];
    struct walk_member child = {.agent = GH_SIM_AGENT_EXPLORE,
                                .caller = parent->agent,
                                .window = parent->window,
                                .context = gh_random_lognormal(r, 10.15, 0.4)};
    const uint32_t turns = (uint32_t)fmin(gh_random_lognormal(r, 2.3, 0.8), 60) + 1;
    for (uint32_t i = 0; i < turns; i++) {
        const double gap = walk_gap(w, false);
        w->t_ms += gh_sim_ms(gap);
        w->handed = i == 0;
        walk_call(w, &child, false, gap);
    }
    parent->caller = child.agent;
    w->handed = true;
    w->t_ms += gh_sim_ms(walk_gap(w, false));
    walk_call(w, parent, false, 10);
    parent->caller = GH_SIM_AGENT_NONE;
    w->handed = false;
}

static struct walk walk_begin(struct gh_sim_day *day, const struct gh_sim_session *session)
{
    struct gh_sim_person *p = day->person;
    const struct gh_sim_model *model = &gh_sim_models[p->model[session->class]];
    struct walk w = {.day = day, .session = session, .count = 1, .t_ms = session->start_ms};
    w.done.session = ++p->sessions;
    w.done.trace = ++p->traces;
    if (session->class == GH_SIM_AGENT)
        w.member[0].agent = GH_SIM_AGENT_MAIN;
    if (session->crew) {
        w.count = WALK_CREW;
        for (uint32_t i = 0; i < WALK_CREW; i++) {
            w.member[i].agent = (uint8_t)(GH_SIM_AGENT_PLANNER + i);
            w.member[i].caller =
                (uint8_t)(GH_SIM_AGENT_PLANNER + (i + WALK_CREW - 1) % WALK_CREW);
        }
    }
    for (uint32_t i = 0; i < WALK_CREW; i++)
        w.member[i].window = p->long_window ? model->long_window : model->window;
    return w;
}

/* Whether the next request is set off by a person: always in chats, in agent sessions
 * after a run of tool results. */
static bool walk_typed(struct walk *w)
{
    if (w->done.turns == 0 || w->session->class != GH_SIM_AGENT)
        return true;
    return gh_random_chance(&w->day->random, 1 / (double)w->day->person->tools_in_a_row);
}

struct gh_sim_done gh_sim_session_run(struct gh_sim_day *day,
                                      const struct gh_sim_session *session)
{
    struct walk w = walk_begin(day, session);
    struct gh_random *r = &day->random;
    while (w.done.turns < session->turns &&
           (session->budget <= 0 || w.done.tokens < session->budget)) {
        const bool typed = walk_typed(&w);
        const double gap = w.done.turns == 0 ? 0 : walk_gap(&w, typed && !session->unattended);
        w.t_ms += gh_sim_ms(gap);
        if (typed && w.t_ms > session->stop_ms && w.done.turns > 0 && gh_random_chance(r, 0.6))
            break;
        if (typed && w.done.turns > 0)
            w.done.trace = ++day->person->traces;
        w.handed = w.count > 1 && w.done.turns > 0 && gh_random_chance(r, 0.35);
        if (w.handed)
            w.at = (w.at + 1) % w.count;
        walk_call(&w, &w.member[w.at], typed, gap);
        if (session->class == GH_SIM_AGENT && !session->crew && gh_random_chance(r, 0.006))
            walk_delegate(&w);
    }
    w.done.end_ms = w.t_ms;
    return w.done;
}

struct gh_sim_session gh_sim_session_draw(struct gh_sim_day *day, enum gh_sim_class class,
                                          int64_t start_ms, int64_t stop_ms)
{
    struct gh_random *r = &day->random;
    const struct gh_sim_person *p = day->person;
    struct gh_sim_session s = {.class = class, .start_ms = start_ms, .stop_ms = stop_ms};
    double turns;
    if (class == GH_SIM_AGENT)
        turns = gh_random_lognormal(r, 3.95, 1.1) * (double)p->length_factor;
    else if (class == GH_SIM_CHAT)
        turns = 1 + gh_random_lognormal(r, -0.3, 1.15);
    else
        turns = gh_random_lognormal(r, 3.2, 0.9);
    s.turns = (uint32_t)fmin(fmax(turns + 0.5, 1), WALK_TURNS_MAX);
    s.near_dup = fmin((double)p->near_dup * day->near_dup, 0.6);
    s.origin = p->tells_origin ? GH_INTERACTIVE : GH_ORIGIN_UNKNOWN;
    s.crew = class == GH_SIM_AGENT && gh_random_chance(r, 0.05);
    return s;
}
