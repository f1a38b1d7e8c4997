/* settle.c - a local date has ended everywhere: all its days are judged together.
 *
 *   observe  (parallel)    detectors say what they saw; own residuals
 *   shocks   (one thread)  what moved the peers and the team is nobody's doing
 *   bet      (parallel)    evidence, learning
 *   raise    (one thread)  context scores past their threshold; the reviewable sets
 *
 * Sums over people are sums of integers, so that the order of shards does not show. */
#include "base/civil.h"
#include "base/hash.h"
#include "engine/state.h"
#include "stat/order.h"

#include <math.h>

enum { FEWEST_TEAM_MATES = 3, FEWEST_PEERS = 10 };

/* One person's day that is being settled. */
struct settled {
    struct gh_shard *s;
    struct gh_day *day;
    struct gh_judged *judged; /* by detector */
    struct gh_who *who;
};

static struct settled settled_at(struct gh_shard *s, const struct gh_book *book, uint32_t i)
{
    return (struct settled){s, gh_segments_at(&book->days, i),
                            gh_array_at(&s->judged, i * gh_detector_count),
                            gh_array_at(&s->who, i)};
}

/* Days stand in the order of their first event, people all over memory: the one who comes
 * some days later is fetched ahead. */
static void actor_ahead(const struct gh_engine *e, const struct gh_shard *s,
                        const struct gh_book *book, uint32_t i)
{
    enum { AHEAD = 4, LINE = 64 };

    if (i + AHEAD >= book->days.count)
        return;
    const struct gh_day *day = gh_segments_at(&book->days, i + AHEAD);
    const char *actor = (const char *)gh_actor_at(s, day->actor / e->shards);
    for (size_t at = 0; at < e->layout.actor_size; at += LINE)
        __builtin_prefetch(actor + at, 1);
}

/* What rests on silence says nothing of a day that did not arrive as a whole. */
static bool day_covered(const struct gh_engine *e, const struct gh_day *day)
{
    const double sent = day->calls + day->missing;

    return !(day->calls < e->evidence.coverage * sent);
}

/* Why a detector does not look at the day at all; GH_WHY_JUDGED: it does. */
static enum gh_why day_barred(const struct gh_engine *e, const struct gh_day *day, uint32_t d)
{
    if (day->calls == 0 && !gh_judges_outputs(d, day))
        return GH_WHY_NO_CALLS;
    return gh_detectors[d]->whole_day && !day_covered(e, day) ? GH_WHY_NOT_WHOLE
                                                              : GH_WHY_JUDGED;
}

static void day_observe(struct gh_engine *e, const struct settled *at)
{
    struct gh_actor *a = gh_shard_actor(at->s, at->day->actor);
    const struct gh_scoped scoped = gh_scoped_of(e, a);
    const uint32_t enabled = gh_scoped_enabled(e, &scoped, gh_settled_ms(e));
    struct gh_person person;
    union gh_config room;

    *at->who = (struct gh_who){
        .cohort = gh_cohort_find(e, a->role),
        .team = a->team,
        .models = gh_model_pair(e, a, at->day),
        .apart = a->apart,
        .example = !a->flagged && a->account == GH_HUMAN && a->active_days >= 4,
    };
    gh_person_fill(e, at->s, a, at->day, &person);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        at->judged[d].why =
            (uint8_t)(enabled >> d & 1u ? day_barred(e, at->day, d) : GH_WHY_DISABLED);
        if (at->judged[d].why != GH_WHY_JUDGED)
            continue;
        const struct gh_observe in = {gh_settled_config(e, &scoped, d, &room), at->day, &person,
                                      gh_day_state(e, at->day, d), gh_actor_state(e, a, d)};
        gh_detectors[d]->observe(&in, &at->judged[d].seen);
        if (gh_structural(d)) {
            gh_judge(e, a, at->day, d, &at->judged[d]);
        } else if (gh_shared(d)) {
            at->judged[d].known = at->judged[d].seen.state == GH_OBSERVED;
            at->judged[d].residual = at->judged[d].seen.value;
        }
    }
}

/* Detectors of levels get a place for what they see by class of work. */
static void classes_lend(const struct gh_engine *e, const struct settled *at, uint32_t i)
{
    struct gh_judged_classes *by = gh_array_at(&at->s->by_class, i * e->layout.levels);

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (gh_detectors[d]->measure != GH_LEVEL)
            continue;
        at->judged[d].by_class = by;
        at->judged[d].seen.by_class = &by->seen;
        by++;
    }
}

static void shard_observe(void *engine, uint32_t shard)
{
    struct gh_engine *e = engine;
    struct gh_shard *s = &e->shard[shard];
    struct gh_book *book = gh_book_of(s, e->settled_date);

    if (book == NULL || book->days.count == 0)
        return;
    s->judged.count = s->by_class.count = s->who.count = 0;
    if (gh_array_add(&s->heap, &s->judged, book->days.count * gh_detector_count) == NULL ||
        gh_array_add(&s->heap, &s->by_class, book->days.count * e->layout.levels) == NULL ||
        gh_array_add(&s->heap, &s->who, book->days.count) == NULL)
        return;
    for (uint32_t i = 0; i < book->days.count; i++) {
        const struct settled at = settled_at(s, book, i);
        classes_lend(e, &at, i);
        actor_ahead(e, s, book, i);
        day_observe(e, &at);
    }
}

/* Context detectors that asked for it learn what moved the others. */
static void day_conclude(struct gh_engine *e, const struct settled *at)
{
    struct gh_actor *a = gh_shard_actor(at->s, at->day->actor);
    const struct gh_scoped scoped = gh_scoped_of(e, a);
    struct gh_person person;
    union gh_config room;
    bool filled = false;

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        struct gh_judged *j = &at->judged[d];
        if (gh_structural(d) || !gh_shared(d) || !j->known)
            continue;
        if (!filled)
            gh_person_fill(e, at->s, a, at->day, &person);
        filled = true;
        const struct gh_observe in = {gh_settled_config(e, &scoped, d, &room), at->day, &person,
                                      gh_day_state(e, at->day, d), gh_actor_state(e, a, d)};
        gh_detectors[d]->conclude(&in, j->shock + j->team_shock, &j->seen);
    }
}

static void shard_bet(void *engine, uint32_t shard)
{
    struct gh_engine *e = engine;
    struct gh_shard *s = &e->shard[shard];
    struct gh_book *book = gh_book_of(s, e->settled_date);

    for (uint32_t i = 0; book != NULL && i < book->days.count; i++) {
        const struct settled at = settled_at(s, book, i);
        actor_ahead(e, s, book, i);
        day_conclude(e, &at);
        gh_bet_day(e, s, at.day, at.judged);
    }
}

/* Calls visit(e, at) for every day of the settled date, or for those that tell of others. */
enum whose { EVERYBODYS, PEERS };
typedef void day_visit(struct gh_engine *e, const struct settled *at);

static void days_visit(struct gh_engine *e, enum whose whose, day_visit *visit)
{
    for (uint32_t i = 0; i < e->shards; i++) {
        struct gh_book *book = gh_book_of(&e->shard[i], e->settled_date);
        for (uint32_t k = 0; book != NULL && k < book->days.count; k++) {
            const struct settled at = settled_at(&e->shard[i], book, k);
            if (whose == EVERYBODYS || !at.who->apart)
                visit(e, &at);
        }
    }
}

static void day_report(struct gh_engine *e, const struct settled *at)
{
    gh_watch_day(e, at->day, at->judged);
}

/* --- shocks of the whole cohort --- */

static void shock_gather(struct gh_engine *e, const struct settled *at)
{
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_shared(d) && at->judged[d].known)
            gh_rank_add(gh_array_at(&e->shocks,
                                    at->who->cohort * e->layout.shared + e->layout.shock[d]),
                        at->judged[d].residual);
}

/* Nobody is held to less than the own expectation because others did less; a context
 * detector is told all. */
static double shock_part(uint32_t d, double median)
{
    return gh_structural(d) ? fmax(0.0, median) : median;
}

/* e->scratch holds the median of each cohort and detector. */
static void shock_apply(struct gh_engine *e, const struct settled *at)
{
    const double *median = (const double *)e->scratch.at + at->who->cohort * e->layout.shared;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_shared(d) && at->judged[d].known)
            at->judged[d].shock = shock_part(d, median[e->layout.shock[d]]);
}

static void cohort_shocks(struct gh_engine *e)
{
    const uint32_t count = e->cohorts * e->layout.shared;

    e->shocks.count = e->scratch.count = 0;
    struct gh_rank *rank = gh_array_add(&e->heap, &e->shocks, count);
    double *median = gh_array_add(&e->heap, &e->scratch, count);
    if (rank == NULL || median == NULL)
        return;
    for (uint32_t i = 0; i < count; i++)
        gh_rank_init(&rank[i], -2.0, 2.0);
    days_visit(e, PEERS, shock_gather);
    for (uint32_t i = 0; i < count; i++)
        if (rank[i].count >= FEWEST_PEERS)
            median[i] = gh_rank_quantile(&rank[i], 0.5);
    days_visit(e, EVERYBODYS, shock_apply);
}

/* --- shocks of a model: what all who changed to it alike have in common, and all who have it
 * as their usual one: what stands behind a name may change, too --- */

static uint32_t model_group(const struct settled *at)
{
    return (at->who->models >> 1) % GH_MODEL_GROUPS;
}

static struct gh_rank *model_rank(struct gh_engine *e, uint32_t group, uint32_t d)
{
    return gh_array_at(&e->shocks, group * e->layout.shared + e->layout.shock[d]);
}

/* A few teams at least: one that changes its model to hide what it does is no roll-out. */
static void model_team(struct gh_model_group *group, uint32_t team)
{
    for (uint32_t i = 0; i < group->teams; i++)
        if (group->team[i] == team)
            return;
    if (group->teams < GH_MODEL_TEAMS)
        group->team[group->teams++] = team;
}

static void model_gather(struct gh_engine *e, const struct settled *at)
{
    if (at->who->models == 0)
        return;
    model_team(&e->model_group[model_group(at)], at->who->team);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d) && at->judged[d].known)
            gh_rank_add(model_rank(e, model_group(at), d), at->judged[d].residual);
}

static void model_apply(struct gh_engine *e, const struct settled *at)
{
    const bool told = gh_team_count(e) - e->teams_apart >= GH_MODEL_TEAMS;

    if (at->who->models == 0 ||
        (told && e->model_group[model_group(at)].teams < GH_MODEL_TEAMS))
        return;
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const struct gh_rank *rank = model_rank(e, model_group(at), d);
        if (gh_structural(d) && at->judged[d].known && rank->count >= FEWEST_PEERS)
            at->judged[d].shock = fmax(at->judged[d].shock, gh_rank_quantile(rank, 0.5));
    }
}

static void model_shocks(struct gh_engine *e)
{
    const uint32_t count = GH_MODEL_GROUPS * e->layout.shared;

    e->shocks.count = 0;
    struct gh_rank *rank = gh_array_add(&e->heap, &e->shocks, count);
    if (rank == NULL)
        return;
    for (uint32_t i = 0; i < count; i++)
        gh_rank_init(&rank[i], -2.0, 2.0);
    for (uint32_t i = 0; i < GH_MODEL_GROUPS; i++)
        e->model_group[i] = (struct gh_model_group){.teams = 0};
    days_visit(e, PEERS, model_gather);
    days_visit(e, EVERYBODYS, model_apply);
}

/* --- shocks of the team: the median of the others --- */

static void team_gather(struct gh_engine *e, const struct settled *at)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (!gh_shared(d) || !at->judged[d].known || at->who->team == 0)
            continue;
        struct gh_team_entry *entry = gh_array_add(&e->heap, &e->team_entries, 1);
        if (entry != NULL)
            *entry = (struct gh_team_entry){
                .judged = &at->judged[d],
                .group = at->who->team * e->layout.shared + e->layout.shock[d],
                .detector = d,
                .residual = at->judged[d].residual - at->judged[d].shock,
            };
    }
}

static int entry_compare(const void *left, const void *right)
{
    const struct gh_team_entry *a = left, *b = right;

    return (a->residual > b->residual) - (a->residual < b->residual);
}

/* One team and one detector: entries first .. first + count - 1, any order. */
static void team_apply(struct gh_engine *e, struct gh_team_entry *entry, size_t count)
{
    if (count < FEWEST_TEAM_MATES + 1)
        return;
    gh_sort_any(entry, count, sizeof *entry, entry_compare);
    e->scratch.count = 0;
    double *value = gh_array_add(&e->heap, &e->scratch, (uint32_t)count);
    if (value == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        value[i] = entry[i].residual;
    for (size_t i = 0; i < count; i++)
        entry[i].judged->team_shock =
            shock_part(entry[i].detector, gh_median_without(value, count, i));
}

/* Groups the entries by team and detector (counting sort), then takes them one by one. */
static void team_shocks(struct gh_engine *e)
{
    const uint32_t groups = (gh_team_count(e) + 1) * e->layout.shared;

    e->team_entries.count = e->sorted_entries.count = e->team_offsets.count = 0;
    days_visit(e, EVERYBODYS, team_gather);
    const uint32_t count = e->team_entries.count;
    if (count == 0)
        return;
    uint32_t *offset = gh_array_add(&e->heap, &e->team_offsets, groups + 1);
    struct gh_team_entry *sorted = gh_array_add(&e->heap, &e->sorted_entries, count);
    const struct gh_team_entry *entry = (const struct gh_team_entry *)e->team_entries.at;

    if (offset == NULL || sorted == NULL)
        return;
    for (uint32_t i = 0; i < count; i++)
        offset[entry[i].group + 1]++;
    for (uint32_t i = 1; i <= groups; i++)
        offset[i] += offset[i - 1];
    for (uint32_t i = 0; i < count; i++)
        sorted[offset[entry[i].group]++] = entry[i];
    for (uint32_t i = 0, first = 0; i < groups; first = offset[i++])
        team_apply(e, sorted + first, offset[i] - first);
}

/* --- what peers learn from the day --- */

static void residual_learn(struct gh_cohort *c, uint32_t d, struct gh_rank *rank,
                           const struct gh_judged *j)
{
    const double shock = j->shock + j->team_shock;
    const struct gh_judged_classes *const by = j->by_class;

    if (by == NULL)
        return;
    gh_rank_add(rank, (j->residual - shock) / j->spread);
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        const double stray = fmin(fabs(by->seen.part[i] - by->base[i] - shock), 4.0);
        if (by->seen.weight[i] < 0.25)
            continue;
        c->square_sum[d][i] += (int64_t)llround((stray * stray - by->seen.noise[i]) * 1e6);
        c->square_count[d][i]++;
    }
}

/* Of one person's day, at most 1e8: ten million of them still fit into 64 bits. */
static int64_t thousandths(double value)
{
    return (int64_t)llround(fmax(-1e8, fmin(value, 1e8)) * 1000.0);
}

static void peer_learn(struct gh_engine *e, struct gh_cohort *c, const struct settled *at)
{
    c->day_units += thousandths(at->day->units);
    c->day_usd += thousandths(at->day->cost_usd);
    c->day_tokens += (int64_t)fmin(at->day->tokens, 1e11);
    c->day_active += at->day->calls > 0;
    for (uint32_t d = 0; d < gh_detector_count && at->who->example; d++) {
        const struct gh_judged *j = &at->judged[d];
        const uint32_t slot = e->layout.evidence[d], bin = gh_activity_bin(at->day->calls);
        if (!gh_structural(d) || j->seen.state != GH_OBSERVED)
            continue;
        if (gh_detectors[d]->measure == GH_SHARE)
            gh_rank_add(&c->value[slot], j->seen.value);
        if (j->known)
            residual_learn(c, d, &c->learning[slot * GH_BINS + bin], j);
    }
}

static void coverage_count(struct gh_engine *e, const struct settled *at)
{
    e->counters.uncovered += !day_covered(e, at->day);
}

static void edges_count(struct gh_engine *e, const struct settled *at)
{
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        e->above_edge += at->judged[d].seen.edge > 0;
        e->below_edge += at->judged[d].seen.edge < 0;
    }
}

static void peers_learn(struct gh_engine *e, const struct settled *at)
{
    peer_learn(e, &e->cohort[0], at);
    if (at->who->cohort != 0)
        peer_learn(e, &e->cohort[at->who->cohort], at);
}

static void peers_close(struct gh_engine *e)
{
    const double memory = 0.98;

    for (uint32_t i = 0; i < e->cohorts; i++) {
        struct gh_cohort *c = &e->cohort[i];
        c->units = memory * c->units + (double)c->day_units / 1000.0;
        c->usd = memory * c->usd + (double)c->day_usd / 1000.0;
        c->tokens = memory * c->tokens + (double)c->day_tokens;
        c->active_days = memory * c->active_days + (double)c->day_active;
        c->day_units = c->day_usd = c->day_tokens = c->day_active = 0;
    }
}

static void books_clear(struct gh_engine *e)
{
    for (uint32_t i = 0; i < e->shards; i++) {
        struct gh_book *book = gh_book_of(&e->shard[i], e->settled_date);
        if (book != NULL)
            gh_book_close(&e->shard[i], book);
    }
}

void gh_settle(struct gh_engine *e, int32_t date)
{
    gh_epoch_advance(e, date);
    e->settled_date = date;
    gh_run_shards(e, shard_observe);
    if (e->heap.failed)
        return; /* observations may be missing */
    cohort_shocks(e);
    model_shocks(e);
    team_shocks(e);
    e->above_edge = e->below_edge = 0;
    days_visit(e, EVERYBODYS, coverage_count);
    days_visit(e, PEERS, edges_count);
    days_visit(e, PEERS, peers_learn);
    peers_close(e);
    gh_run_shards(e, shard_bet);
    if (e->watch != NULL)
        days_visit(e, EVERYBODYS, day_report);
    gh_alarms_raise(e);
    if (gh_epoch_judges(e, date))
        gh_fuse(e, date);
    books_clear(e);
    gh_scopes_count(e);
    e->counters.days_settled++;
}
