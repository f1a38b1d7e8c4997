/* evidence.c - one observation of one day against the person's own past, as a bet. */
#include "engine/state.h"
#include "stat/bet.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double share_level[GH_BETS] = {0.15, 0.35, 0.60};
static const double level_delta[GH_BETS] = {0.75, 1.5, 2.5};
static const double share_max = 0.95, level_clip = 1.5;
/* Part of the evidence that is at stake on a day: one quiet day must not undo a week. */
static const double level_stake = 0.8;
/* Own spread: days of history that weigh as much as the peers', and its least. */
static const double spread_days = 3.0, spread_min = 0.15, weight_min = 0.1;
static const double usual_memory = 0.97; /* per active day */
/* Of a class of work; of the person at all. */
enum { FEWEST_OWN_DAYS = 3, FEWEST_ACTIVE_DAYS = 7 };
/* Evidence (log) above which a day is learned with a quarter of its weight. */
static const double doubt_log_e = 1.5, doubt_weight = 0.25;

struct gh_reserve_plan gh_reserve_plan_of(const struct gh_engine *e, uint32_t d)
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
        .peer_tokens_per_day = peers->tokens_per_day,
        /* More may have been reverted than was ever accepted. */
        .gate_units = fmax(0.0, a->gate_units),
        .gate_usd = a->gate_usd,
        .past_units = fmax(0.0, a->past_units),
        .past_usd = a->past_usd,
        .above_edge = e->above_edge,
        .below_edge = e->below_edge,
        .public_context = e->public_context,
    };
}

double gh_own_mean(const struct gh_past *past, double center, double shrink)
{
    return (shrink * center + (double)past->sum) / fmax(1e-9, shrink + (double)past->weight);
}

/* Largest mean share that an honest person of this history is allowed. While everybody is
 * new, what peers are allowed at most is all that is held against anybody. */
static void judge_share(struct gh_engine *e, const struct gh_evidence *own,
                        const struct gh_share_prior *peers, uint32_t d, struct gh_judged *j)
{
    j->base = gh_own_mean(&own->past[0], peers->mean, e->evidence.shrink_share);
    j->allowed = fmin(e->evidence.own_factor * j->base + gh_detectors[d]->add, peers->cap);
    j->allowed = e->epoch == 0 ? fmax(j->allowed, peers->cap) : fmax(j->allowed, 0.02);
    j->residual = j->seen.value - j->base;
}

/* Own mean of a class of work as far as it is believed. */
static double level_base(const struct gh_engine *e, const struct gh_past *past,
                         const struct gh_level_prior *peers, int32_t date)
{
    const double weeks = fmax(0.0, (double)(date - e->epoch_start) / 7.0);
    double base = gh_own_mean(past, peers->center, gh_level_shrink(e, peers));

    if (isfinite(past->anchor))
        base = fmin(base, (double)past->anchor + e->evidence.drift * weeks);
    return fmin(base, peers->cap);
}

/* How far honest days of this class of work stray from the own mean: by what the person
 * does, and by chance, the more the fewer calls they have. */
static double level_spread(const struct gh_past *past, const struct gh_level_prior *peers,
                           double noise)
{
    const double square = (spread_days * peers->sd * peers->sd + (double)past->square) /
                          (spread_days + (double)past->weight);

    return fmax(spread_min, sqrt(fmax(0.0, square) + noise));
}

/* Classes of work without enough own history are left out; the others count by their calls
 * and by how well the person's past foretells them. */
static void judge_level(struct gh_engine *e, const struct gh_evidence *own,
                        const struct gh_level_prior *peers, int32_t date, struct gh_judged *j)
{
    struct gh_judged_classes *const by = j->by_class;
    double known = 0.0, value = 0.0, base = 0.0, margin = 0.0, square = 0.0;

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        const double n = (double)own->past[i].weight;
        const double s = level_spread(&own->past[i], &peers[i], by->seen.noise[i]),
                     w = by->seen.weight[i] / (s * s);
        by->base[i] = level_base(e, &own->past[i], &peers[i], date);
        by->spread[i] = s;
        if (n < FEWEST_OWN_DAYS || w <= 0.0)
            continue;
        known += w;
        value += w * by->seen.part[i];
        base += w * by->base[i];
        margin += w * (e->evidence.indifference +
                       e->evidence.margin * s / sqrt(gh_level_shrink(e, &peers[i]) + n));
        square += w * w * s * s;
    }
    j->known = j->known && known > 0.0;
    if (!j->known)
        return;
    j->seen.value = value / known;
    j->base = base / known;
    j->allowed = j->base + margin / known;
    j->residual = j->seen.value - j->base;
    j->spread = sqrt(square) / known;
}

void gh_judge_own(struct gh_engine *e, const struct gh_standing *s, struct gh_judged *j)
{
    if (gh_detectors[s->d]->measure == GH_SHARE)
        judge_share(e, s->own, s->share, s->d, j);
    else
        judge_level(e, s->own, s->level, s->date, j);
}

void gh_judge(struct gh_engine *e, struct gh_actor *a, const struct gh_day *day, uint32_t d,
              struct gh_judged *j)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    struct gh_evidence *own = gh_actor_evidence(e, a, d);

    if (day->calls < e->evidence.fewest_calls && !gh_judges_outputs(d, day) &&
        j->seen.state == GH_OBSERVED)
        j->seen.state = GH_TOO_LITTLE;
    if (j->seen.state != GH_OBSERVED)
        return;
    /* What no peer is allowed needs no long acquaintance. */
    const bool by_peers = e->epoch == 0 && gh_detectors[d]->measure == GH_SHARE;
    j->known = a->active_days >= (uint32_t)(by_peers ? FEWEST_OWN_DAYS : FEWEST_ACTIVE_DAYS);
    gh_judge_own(e, &(struct gh_standing){d, day->date, own, &peers->share[d], peers->level[d]},
                 j);
}

static void share_bets(const struct gh_judged *j, double shock, double log_l[GH_BETS])
{
    const double m = fmin(share_max, j->allowed + shock);

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

bool gh_wager_bets(struct gh_engine *e, const struct gh_wager *w, double shock, double *p,
                   double log_l[GH_BETS])
{
    const struct gh_judged *j = w->judged;

    *p = NAN;
    if (gh_detectors[w->d]->measure == GH_SHARE) {
        share_bets(j, shock, log_l);
        return true;
    }
    if (e->epoch == 0)
        return false; /* how far honest days stray is not known yet */
    *p = gh_cohort_p(e, w->cohort, w->d, gh_activity_bin(w->calls),
                     (j->residual - shock - (j->allowed - j->base)) / j->spread);
    return level_bets(j, *p, log_l);
}

static enum gh_why not_enrolled(const struct gh_actor *a)
{
    if (a->account != GH_HUMAN)
        return GH_WHY_SERVICE;
    return a->apart ? GH_WHY_APART : GH_WHY_NEWCOMER;
}

/* Why there is no bet; GH_WHY_JUDGED: there may be one. */
static enum gh_why bet_barred(const struct gh_engine *e, const struct gh_actor *a,
                              const struct gh_day *day, const struct gh_judged *j)
{
    const uint32_t away = 1u << GH_LEAVE | 1u << GH_HOLIDAY;

    if (j->why != GH_WHY_JUDGED)
        return j->why;
    if (j->seen.state != GH_OBSERVED)
        return j->seen.state == GH_TOO_LITTLE ? GH_WHY_TOO_LITTLE : GH_WHY_NOT_OBSERVABLE;
    if (!gh_epoch_judges(e, day->date))
        return GH_WHY_GRACE;
    if (!gh_enrolled(e, a))
        return not_enrolled(a);
    /* Only a day in which keeping apart began has both. */
    if (gh_keeps_apart(e) && day->vouched < day->told)
        return GH_WHY_MIXED;
    if (!j->known)
        return GH_WHY_LITTLE_HISTORY;
    return day->schedule & away ? GH_WHY_AWAY : GH_WHY_JUDGED;
}

/* Bets of a day with the team's shock taken out, and without. */
static bool day_bets(struct gh_engine *e, const struct gh_wager *w, double teamwise[GH_BETS],
                     struct gh_judged *j)
{
    const double shock = j->shock;
    double unused;

    if (!gh_wager_bets(e, w, shock + j->team_shock, &j->p, j->log_bet))
        return false;
    j->log_l = (j->log_bet[0] + j->log_bet[1] + j->log_bet[2]) / 3.0;
    if (!(j->team_shock > 0.0) || !gh_wager_bets(e, w, shock, &unused, teamwise))
        memcpy(teamwise, j->log_bet, sizeof j->log_bet);
    return true;
}

static void wager_settle(struct gh_engine *e, struct gh_actor *a, const struct gh_day *day,
                         uint32_t d, struct gh_judged *j)
{
    const struct gh_reserve_plan plan = gh_reserve_plan_of(e, d);
    const struct gh_wager wager = {d, gh_cohort_find(e, a->role), day->calls, j};
    struct gh_evidence *own = gh_actor_evidence(e, a, d);
    const uint32_t gone = (uint32_t)(day->date - e->epoch_start);
    double teamwise[GH_BETS];

    j->why = (uint8_t)bet_barred(e, a, day, j);
    if (j->why != GH_WHY_JUDGED)
        return;
    j->bet = day_bets(e, &wager, teamwise, j);
    if (!j->bet) {
        j->why = e->epoch == 0 ? GH_WHY_BURN_IN : GH_WHY_NO_PEERS;
        return;
    }
    j->gated = e->epoch == 0 || !gh_gate_open(e, a);
    for (uint32_t set = 0; set < GH_EVIDENCES; set++) {
        if (set == 1 && j->gated)
            continue;
        gh_reserve_idle(&own->set[set], &plan, gone);
        gh_reserve_bet(&own->set[set], &plan, set == GH_TEAMWISE ? teamwise : j->log_bet);
    }
}

static void part_learn(struct gh_engine *e, struct gh_past *past, double weight, double value)
{
    if (e->epoch > 0 && past->weight >= FEWEST_OWN_DAYS)
        weight *= e->evidence.learn;
    past->sum += (float)(weight * value);
    past->weight += (float)weight;
}

static void level_learn(struct gh_engine *e, struct gh_evidence *own, const struct gh_judged *j,
                        double trust)
{
    const struct gh_judged_classes *const by = j->by_class;

    for (uint32_t i = 0; i < GH_PARTS; i++) {
        struct gh_past *past = &own->past[i];
        const double spread = by->spread[i] * by->spread[i], before = (double)past->weight;
        /* A day of few calls says less about the own mean than a day. */
        const double weight = fmin(1.0, 2.0 * by->seen.weight[i]) *
                              fmax(weight_min, 1.0 - by->seen.noise[i] / spread);
        double value = by->seen.part[i];
        if (past->weight >= FEWEST_OWN_DAYS)
            value = fmin(fmax(value, by->base[i] - level_clip), by->base[i] + level_clip);
        part_learn(e, past, trust * weight, value);
        const double stray =
            fmin(fabs(value - by->base[i] - j->shock - j->team_shock), 1.5 * by->spread[i]);
        /* Before there is an own mean nothing strays from it: as far as the peers do. */
        const double square = before >= FEWEST_OWN_DAYS ? stray * stray : spread;
        past->square += (float)(((double)past->weight - before) * square);
    }
}

void gh_learn_own(struct gh_engine *e, const struct gh_standing *s, const struct gh_judged *j)
{
    const struct gh_reserve_plan plan = gh_reserve_plan_of(e, s->d);
    const double trust =
        gh_reserve_log_e(&s->own->set[0], &plan) > doubt_log_e ? doubt_weight : 1.0;

    if (gh_detectors[s->d]->measure == GH_SHARE)
        part_learn(e, &s->own->past[0], trust, fmin(j->seen.value, s->share->clip));
    else
        level_learn(e, s->own, j, trust);
}

/* The own history takes the day in: clipped, slowly after the burn-in, and not at all while
 * the person is in a reviewable set. */
static void learn_detector(struct gh_engine *e, struct gh_actor *a, uint32_t d,
                           struct gh_judged *j)
{
    const struct gh_cohort *peers = &e->cohort[gh_cohort_find(e, a->role)];
    const struct gh_standing standing = {.d = d,
                                         .own = gh_actor_evidence(e, a, d),
                                         .share = &peers->share[d],
                                         .level = peers->level[d]};

    j->flagged = a->flagged;
    if (j->seen.state == GH_OBSERVED && !a->flagged)
        gh_learn_own(e, &standing, j);
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
    const struct gh_reserve_plan plan = gh_reserve_plan_of(e, d);
    struct gh_evidence *own = gh_actor_evidence(e, a, d);

    assert(gh_structural(d));
    gh_reserve_idle(&own->set[set], &plan, day_end);
    return gh_reserve_log_e(&own->set[set], &plan);
}

double gh_actor_log_e(struct gh_engine *e, struct gh_actor *a, uint32_t set, uint32_t day_end)
{
    const uint32_t enabled = gh_actor_enabled(e, a);
    double log_e = -INFINITY;

    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (gh_structural(d) && (enabled >> d & 1u))
            log_e =
                gh_log_add(log_e, e->log_weight[d] + gh_detector_log_e(e, a, d, set, day_end));
    return log_e;
}

void gh_bet_day(struct gh_engine *e, struct gh_shard *s, struct gh_day *day,
                struct gh_judged *judged)
{
    struct gh_actor *a = gh_shard_actor(s, day->actor);
    const uint32_t day_end = (uint32_t)(day->date - e->epoch_start) + 1;
    const uint32_t enabled = gh_actor_enabled(e, a);

    for (uint32_t d = 0; d < gh_detector_count; d++) {
        if (!(enabled >> d & 1u)) {
            gh_episode_end(s, a, d);
            continue;
        }
        judged[d].score = judged[d].seen.value;
        if (gh_structural(d)) {
            wager_settle(e, a, day, d, &judged[d]);
            learn_detector(e, a, d, &judged[d]);
            judged[d].score =
                gh_epoch_judges(e, day->date) ? gh_detector_log_e(e, a, d, 0, day_end) : 0.0;
        }
        if (judged[d].seen.state == GH_OBSERVED)
            a->score_sup[d] = fmaxf(a->score_sup[d], (float)judged[d].score);
        gh_episode_day(e, s, day, &judged[d], d);
    }
    if (gh_epoch_judges(e, day->date) && day->date >= e->epoch_start) {
        for (uint32_t set = 0; set < GH_SETS; set++)
            a->sup_log_e[set] = fmax(a->sup_log_e[set], gh_actor_log_e(e, a, set, day_end));
        a->team_log_e = (float)gh_actor_log_e(e, a, GH_TEAMWISE, day_end);
    }
    gh_gate_add(a, day);
    if (day->calls == 0)
        return;
    usual_learn(a, day);
    a->active_days++;
    if (a->first_date == INT32_MAX)
        a->first_date = day->date;
    a->last_date = day->date;
}
