/* evidence.c - one observation of one day against the person's own past, as a bet. */
#include "engine/state.h"
#include "stat/bet.h"

#include <assert.h>
#include <math.h>

static const double share_level[GH_BETS] = {0.15, 0.35, 0.60};
static const double level_delta[GH_BETS] = {0.75, 1.5, 2.5};
static const double share_max = 0.95, level_clip = 1.5;
/* Part of the evidence that is at stake on a day: one quiet day must not undo a week. */
static const double level_stake = 0.8;
/* Own spread: days of history that weigh as much as the peers', and its least. */
static const double spread_days = 8.0, spread_min = 0.15;
static const double usual_memory = 0.97; /* per active day */
/* Of a class of work; of the person at all. */
enum { FEWEST_OWN_DAYS = 3, FEWEST_ACTIVE_DAYS = 7 };
/* Evidence (log) above which a day is learned with a quarter of its weight. */
static const double doubt_log_e = 1.5, doubt_weight = 0.25;

static struct gh_reserve_plan reserve_plan(const struct gh_engine *e, uint32_t d)
{
    const double eta = fmin(e->evidence.eta, e->model->eta[gh_detectors[d]->behaviour]);

    return (struct gh_reserve_plan){e->evidence.epoch, GH_BETS, eta, &e->reserve_logs};
}

uint32_t gh_activity_bin(uint32_t calls)
{
    return calls < 8 ? 0 : calls < 25 ? 1 : calls < 70 ? 2 : 3;
}

void gh_person_fill(struct gh_engine *e, struct gh_shard *s, struct gh_actor *a,
                    struct gh_day *day, struct gh_person *p)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];

    gh_gate_advance(e, a, day->date);
    day->schedule = gh_schedule_bits(s, a, day->date);
    *p = (struct gh_person){
        .days = a->active_days,
        .usual_tokens = a->usual_weight > 0.0 ? a->usual_tokens / a->usual_weight : NAN,
        .usual_cost_usd = a->usual_weight > 0.0 ? a->usual_usd / a->usual_weight : NAN,
        .hours = a->hours,
        .zone_known = a->zone != 0,
        .has_outputs = gh_outputs_known(e, a),
        .peer_units_per_usd = peers->units_per_usd,
        .peer_usd_per_day = peers->usd_per_day,
        /* More may have been reverted than was ever accepted. */
        .gate_units = fmax(0.0, a->gate_units),
        .gate_usd = a->gate_usd,
        .past_units = fmax(0.0, a->past_units),
        .past_usd = a->past_usd,
    };
}

/* Largest mean share that an honest person of this history is allowed. */
static void judge_share(struct gh_engine *e, const struct gh_evidence *own,
                        const struct gh_share_prior *peers, uint32_t d, struct gh_judged *j)
{
    const double n0 = e->evidence.shrink_share;

    j->base = (n0 * peers->mean + own->own_sum[0]) / fmax(1e-9, n0 + own->own_weight[0]);
    j->allowed = fmin(e->evidence.own_factor * j->base + gh_detectors[d]->add, peers->cap);
    j->allowed = fmax(j->allowed, 0.02);
    j->residual = j->seen.value - j->base;
}

/* Days stray by what the person does and by chance, the more the fewer calls they have. */
static double own_spread(const struct gh_evidence *own, const struct gh_level_prior *peers,
                         double noise)
{
    const double square = (spread_days * peers->sd * peers->sd + own->square_sum) /
                          (spread_days + own->square_weight);

    return fmax(spread_min, sqrt(fmax(0.0, square) + noise));
}

/* Classes of work without enough own history are left out. */
static void judge_level(struct gh_engine *e, const struct gh_evidence *own,
                        const struct gh_level_prior *peers, int32_t date, struct gh_judged *j)
{
    const double weeks = fmax(0.0, (double)(date - e->epoch_start) / 7.0);
    double known = 0.0, value = 0.0, base = 0.0, margin = 0.0, noise = 0.0;

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        const double n0 = gh_level_shrink(e, &peers[i]);
        const double n = n0 + own->own_weight[i], w = j->seen.weight[i];
        j->part_base[i] = (n0 * peers[i].center + own->own_sum[i]) / fmax(1e-9, n);
        if (isfinite(own->anchor[i]))
            j->part_base[i] = fmin(j->part_base[i], own->anchor[i] + e->evidence.drift * weeks);
        if (own->own_weight[i] < FEWEST_OWN_DAYS || w <= 0.0)
            continue;
        known += w;
        value += w * j->seen.part[i];
        base += w * j->part_base[i];
        noise += w * w * j->seen.noise[i];
        margin += w * (e->evidence.indifference +
                       e->evidence.margin * peers[i].sd / sqrt(fmax(1.0, n)));
    }
    j->known = j->known && known > 0.0;
    if (!j->known)
        return;
    j->seen.value = value / known;
    j->base = base / known;
    j->allowed = j->base + margin / known;
    j->residual = j->seen.value - j->base;
    j->noise = noise / (known * known);
    j->spread = own_spread(own, &peers[0], j->noise);
}

void gh_judge(struct gh_engine *e, struct gh_actor *a, const struct gh_day *day, uint32_t d,
              struct gh_judged *j)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    const struct gh_evidence *own = gh_actor_evidence(e, a, d);

    if (day->calls < e->evidence.fewest_calls && j->seen.state == GH_OBSERVED)
        j->seen.state = GH_TOO_LITTLE;
    if (j->seen.state != GH_OBSERVED)
        return;
    j->known = a->active_days >= FEWEST_ACTIVE_DAYS;
    if (gh_detectors[d]->measure == GH_SHARE)
        judge_share(e, own, &peers->share[d], d, j);
    else
        judge_level(e, own, peers->level[d], day->date, j);
}

static void share_bets(const struct gh_judged *j, double log_l[GH_BETS])
{
    const double m = fmin(share_max, j->allowed + j->shock);

    for (int k = 0; k < GH_BETS; k++)
        log_l[k] = gh_bet_share(j->seen.value, m, share_level[k]);
}

/* `p`: how rare a residual past margin and shocks is among peers; NAN: nothing to bet on. */
static bool level_bets(const struct gh_judged *j, double p, double log_l[GH_BETS])
{
    if (isnan(p))
        return false;
    const double z = gh_bet_score(p);
    for (int k = 0; k < GH_BETS; k++)
        log_l[k] =
            log1p(level_stake * j->seen.stake * expm1(gh_bet_on_score(z, level_delta[k])));
    return true;
}

static double level_p(struct gh_engine *e, const struct gh_actor *a, const struct gh_day *day,
                      uint32_t d, const struct gh_judged *j)
{
    const double margin = j->allowed - j->base;

    return gh_cohort_p(e, gh_cohort_find(e, a->role), d, gh_activity_bin(day->calls),
                       (j->residual - j->shock - margin) / j->spread);
}

static bool may_bet(const struct gh_engine *e, const struct gh_actor *a,
                    const struct gh_day *day, const struct gh_judged *j)
{
    const uint32_t away = 1u << GH_LEAVE | 1u << GH_HOLIDAY;

    return e->epoch > 0 && a->first_date < e->epoch_start && a->account == GH_HUMAN &&
           j->known && !(day->schedule & away);
}

static void bet_detector(struct gh_engine *e, struct gh_actor *a, const struct gh_day *day,
                         uint32_t d, struct gh_judged *j)
{
    const struct gh_reserve_plan plan = reserve_plan(e, d);
    struct gh_evidence *own = gh_actor_evidence(e, a, d);
    const uint32_t gone = (uint32_t)(day->date - e->epoch_start);
    double log_l[GH_BETS] = {0};

    if (j->seen.state != GH_OBSERVED || !may_bet(e, a, day, j))
        return;
    if (gh_detectors[d]->measure == GH_SHARE)
        share_bets(j, log_l);
    else if (!level_bets(j, level_p(e, a, day, d, j), log_l))
        return;
    j->log_l = (log_l[0] + log_l[1] + log_l[2]) / 3.0;
    for (uint32_t set = 0; set < GH_SETS; set++) {
        if (set == 1 && !gh_gate_open(e, a))
            continue;
        gh_reserve_idle(&own->set[set], &plan, gone);
        gh_reserve_bet(&own->set[set], &plan, log_l);
    }
}

static void part_learn(struct gh_engine *e, struct gh_evidence *own, uint32_t part,
                       double weight, double value)
{
    if (e->epoch > 0 && own->own_weight[part] >= FEWEST_OWN_DAYS)
        weight *= e->evidence.learn;
    own->own_sum[part] += weight * value;
    own->own_weight[part] += weight;
}

/* The own history takes the day in: clipped, slowly after the burn-in, and not at all while
 * the person is in a reviewable set. */
static void learn_detector(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                           const struct gh_judged *j)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    struct gh_evidence *own = gh_actor_evidence(e, a, d);
    const struct gh_reserve_plan plan = reserve_plan(e, d);
    const double trust =
        gh_reserve_log_e(&own->set[0], &plan) > doubt_log_e ? doubt_weight : 1.0;

    if (j->seen.state != GH_OBSERVED || a->flagged)
        return;
    if (gh_detectors[d]->measure == GH_SHARE) {
        part_learn(e, own, 0, trust, fmin(j->seen.value, peers->share[d].clip));
        return;
    }
    for (uint32_t i = 0; i < GH_PARTS; i++) {
        double value = j->seen.part[i];
        if (own->own_weight[i] >= FEWEST_OWN_DAYS)
            value =
                fmin(fmax(value, j->part_base[i] - level_clip), j->part_base[i] + level_clip);
        part_learn(e, own, i, trust * fmin(1.0, 2.0 * j->seen.weight[i]), value);
    }
    if (!j->known)
        return;
    const double weight = trust * (e->epoch > 0 ? e->evidence.learn : 1.0);
    const double stray = fmin(fabs(j->residual - j->shock), 2.0 * j->spread);
    own->square_sum += weight * (stray * stray - j->noise);
    own->square_weight += weight;
}

static void usual_learn(struct gh_actor *a, const struct gh_day *day)
{
    const double mean = a->usual_weight > 0.0 ? a->usual_tokens / a->usual_weight : day->tokens;
    const double keep = a->usual_weight >= 5.0 ? fmin(1.0, 2.5 * mean / day->tokens) : 1.0;

    if (a->flagged || (a->watched != 0 && a->usual_weight >= 5.0))
        return; /* while something is growing, days are no example */

    a->usual_tokens = usual_memory * a->usual_tokens + keep * day->tokens;
    a->usual_usd = usual_memory * a->usual_usd + keep * day->cost_usd;
    a->usual_weight = usual_memory * a->usual_weight + 1.0;
}

/* Sums over sets of evidence as of the end of day `day_end` of the epoch. */
double gh_detector_log_e(struct gh_engine *e, struct gh_actor *a, uint32_t d, uint32_t set,
                         uint32_t day_end)
{
    const struct gh_reserve_plan plan = reserve_plan(e, d);
    struct gh_evidence *own = gh_actor_evidence(e, a, d);

    assert(gh_structural(d));
    gh_reserve_idle(&own->set[set], &plan, day_end);
    return gh_reserve_log_e(&own->set[set], &plan);
}

double gh_actor_log_e(struct gh_engine *e, struct gh_actor *a, uint32_t set, uint32_t day_end)
{
    double log_e = -INFINITY;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d))
            log_e = gh_log_add(log_e, e->log_weight + gh_detector_log_e(e, a, d, set, day_end));
    return log_e;
}

void gh_bet_day(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                struct gh_judged *judged)
{
    struct gh_actor *a = gh_shard_actor(s, day->actor);
    const uint32_t day_end = (uint32_t)(day->date - e->epoch_start) + 1;

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (gh_structural(d)) {
            bet_detector(e, a, day, d, &judged[d]);
            learn_detector(e, a, d, &judged[d]);
        } else if (judged[d].seen.state == GH_OBSERVED) {
            a->score_sup[d] = fmaxf(a->score_sup[d], (float)judged[d].seen.value);
        }
        gh_episode_day(e, s, day, &judged[d], d);
    }
    if (e->epoch > 0 && day->date >= e->epoch_start)
        for (uint32_t set = 0; set < GH_SETS; set++)
            a->sup_log_e[set] = fmax(a->sup_log_e[set], gh_actor_log_e(e, a, set, day_end));
    gh_gate_add(a, day);
    if (day->calls == 0)
        return;
    usual_learn(a, day);
    a->active_days++;
    if (a->first_date == INT32_MAX)
        a->first_date = day->date;
    a->last_date = day->date;
}
