/* evaluate.c - the engine against simulated companies of which the truth is known.
 *
 * For each seed: a company is simulated, every event goes through the engine in this
 * process, and what the engine concluded is held against the labels. Prints one JSON object:
 * recall by behaviour and strength, false discovery, false incidents per day, delays, and
 * how large honest evidence grew. With --tails FILE the sup of every honest person's
 * evidence is written, one line each; with --fit the honest tails of both sets are fitted
 * and printed instead, as the section "tail" of a model file. */
#include "app/config.h"
#include "app/simulate/simulate.h"
#include "edge/resources.h"
#include "engine/state.h"
#include "stat/law.h"
#include "stat/order.h"
#include "stuck.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRENGTHS = 4, BATCH = 1024 };
static const double strength_of[STRENGTHS] = {1.5, 3.0, 5.0, 10.0};

struct tally {
    uint32_t people, found[GH_TRACK_COUNT], named[GH_TRACK_COUNT];
    float delay_days[GH_TRACK_COUNT][DELAYS_MAX]; /* of those named */
    uint32_t gamed;                               /* those who got to it */
    uint32_t alerted;                             /* of them, on any track, of any behaviour */
    float alert_hours[DELAYS_MAX];                /* since the first gamed call */
};
struct totals {
    struct tally by[GH_BEHAVIOUR_COUNT][STRENGTHS];
    struct tally early; /* less than a week of honest history: a row of its own */
    uint32_t companies, people, gamers, days;
    uint32_t flagged[GH_TRACK_COUNT], wrong[GH_TRACK_COUNT];
    double fdp[GH_TRACK_COUNT];
    uint32_t false_incidents[GH_BEHAVIOUR_COUNT], incidents[GH_BEHAVIOUR_COUNT];
    uint32_t wrong_by_burst[GH_TRACK_COUNT][32];
    double capped_e[GH_DETECTORS_MAX][GH_SETS], sup_e_over_100[GH_DETECTORS_MAX];
    double capped_sum[GH_SETS];
    struct stuck stuck[STUCKS];
    uint64_t honest, events;
    double *sup[GH_SETS]; /* of honest people; grows */
};

/* What the engine said of one actor. */
struct said {
    bool gamer;
    bool found[GH_TRACK_COUNT];
    bool behaviour[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
    int64_t at_ms[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
    int64_t gamed_ms, first_ms; /* first gamed call; first alert from then on; 0 none */
    float stuck_minutes;        /* of the first runaway, from its first call to the alert */
    /* as of the last event; the tick behind it may begin another epoch */
    bool enrolled;
    double sup_log_e[GH_SETS], log_e[GH_SETS];
    double by[GH_DETECTORS_MAX][GH_SETS]; /* log evidence; of context: [0] largest score */
};

struct world {
    struct gh_sim *sim;
    struct gh_engine *engine;
    struct gh_intern index; /* actor -> said, in order of the labels */
    struct gh_heap heap;
    struct said *said;
    uint32_t count, enrolled;
};

static int behaviour_find(const char *name)
{
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        if (strcmp(gh_behaviour_name((enum gh_behaviour)b), name) == 0)
            return b;
    return -1;
}

static void world_hear(struct world *w, const struct gh_finding *f)
{
    const uint32_t id = gh_intern_find(&w->index, f->actor);
    const int b = behaviour_find(f->detector);

    if (id == 0 || b < 0 || f->change == GH_CLOSED)
        return;
    struct said *s = &w->said[id - 1];
    if (s->first_ms == 0 && s->gamed_ms != 0 && f->time_ms >= s->gamed_ms)
        s->first_ms = f->time_ms;
    if (b == GH_RUNAWAY && !s->behaviour[GH_INCIDENT][b])
        s->stuck_minutes = (float)(f->time_ms - f->from_ms) / 60000.0f;
    for (int track = 0; track <= (int)f->track; track++) {
        if (track == GH_INCIDENT && f->track != GH_INCIDENT)
            continue;
        s->found[track] = true;
        if (!s->behaviour[track][b])
            s->at_ms[track][b] = f->time_ms;
        s->behaviour[track][b] = true;
    }
}

static void world_index(struct world *w)
{
    w->count = gh_sim_label_count(w->sim);
    w->said = calloc(w->count, sizeof *w->said);
    for (uint32_t i = 0; i < w->count; i++) {
        struct gh_sim_label label;
        gh_sim_label_at(w->sim, i, &label);
        gh_intern_add(&w->heap, &w->index, label.actor);
        w->said[i].gamer = label.gamer;
    }
}

static void world_measure(struct world *w)
{
    struct gh_engine *e = w->engine;
    const uint32_t day_end = (uint32_t)(e->settled_date - e->epoch_start) + 1;

    w->enrolled = e->enrolled;
    for (uint32_t i = 0; i < w->count && e->epoch > 0; i++) {
        const uint32_t id = gh_intern_find(&e->actors, gh_intern_text(&w->index, i + 1));
        struct gh_actor *a = id ? gh_actor_of(e, id) : NULL;
        struct said *s = &w->said[i];
        if (a == NULL)
            continue;
        s->enrolled = a->first_date < e->epoch_start;
        for (uint32_t set = 0; set < GH_SETS; set++) {
            s->sup_log_e[set] = a->sup_log_e[set];
            s->log_e[set] = gh_actor_log_e(e, a, set, day_end);
            for (uint32_t d = 0; d < gh_detector_count; d++)
                s->by[d][set] = gh_structural(d) ? gh_detector_log_e(e, a, d, set, day_end)
                                                 : (double)a->score_sup[d];
        }
    }
}

static void world_offer(struct world *w, const struct gh_event *event, size_t count)
{
    static struct gh_answer answer[BATCH];
    struct gh_finding change;

    if (gh_engine_offer(w->engine, event, count, answer) != GH_OK)
        exit(1);
    while (gh_engine_change(w->engine, &change))
        world_hear(w, &change);
}

/* Who has begun to game among the events up to `now_ms`; exact to a batch. */
static void world_gamed(struct world *w, int64_t now_ms)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct gh_sim_label label;
        if (!w->said[i].gamer || w->said[i].gamed_ms != 0)
            continue;
        gh_sim_label_at(w->sim, i, &label);
        if (label.tokens_gamed > 0.0)
            w->said[i].gamed_ms = now_ms;
    }
}

static uint64_t world_run(struct world *w)
{
    static struct gh_event event[BATCH];
    uint64_t events = 0;
    size_t n;

    while ((n = gh_sim_next(w->sim, event, BATCH)) > 0) {
        const bool end = event[n - 1].kind == GH_TICK;
        events += n;
        world_gamed(w, event[0].ts_ms);
        world_offer(w, event, n - end);
        if (end) {
            world_measure(w);
            world_offer(w, &event[n - 1], 1);
        }
    }
    return events;
}

static int strength_index(double strength)
{
    int best = 0;

    for (int i = 0; i < STRENGTHS; i++)
        if (fabs(strength_of[i] - strength) < fabs(strength_of[best] - strength))
            best = i;
    return best;
}

/* Whether an agent of this honest person really got stuck, or their client hammered. */
static bool stuck_truly(struct totals *t, const struct gh_sim_label *label,
                        const struct said *s)
{
    bool truly = false;

    for (uint32_t bit = 0; bit < 32 && gh_sim_burst_name(bit) != NULL; bit++)
        for (int i = 0; i < STUCK_GAMED; i++)
            if (label->bursts >> bit & 1u &&
                strcmp(gh_sim_burst_name(bit), stuck_name[i]) == 0) {
                stuck_add(&t->stuck[i], s->behaviour[GH_INCIDENT][GH_RUNAWAY],
                          s->stuck_minutes);
                truly = true;
            }
    return truly;
}

static void honest_add(const struct world *w, struct totals *t,
                       const struct gh_sim_label *label, const struct said *s, FILE *tails)
{
    const double cap[GH_SETS] = {w->enrolled / 0.10, w->enrolled / 0.05};

    for (int track = GH_REVIEW; track <= GH_CASE; track++) {
        t->wrong[track] += s->found[track];
        for (uint32_t bit = 0; bit < 32 && s->found[track]; bit++)
            t->wrong_by_burst[track][bit] +=
                label->bursts ? label->bursts >> bit & 1u : bit == 31;
    }
    const bool truly = stuck_truly(t, label, s);
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        t->false_incidents[b] += s->behaviour[GH_INCIDENT][b] && !(b == GH_RUNAWAY && truly);
    if (!s->enrolled)
        return;
    for (uint32_t set = 0; set < GH_SETS; set++) {
        t->sup[set] = realloc(t->sup[set], (t->honest + 1) * sizeof *t->sup[set]);
        t->sup[set][t->honest] = s->sup_log_e[set];
        t->capped_sum[set] += fmin(cap[set], exp(s->log_e[set]));
        for (uint32_t d = 0; d < gh_detector_count; d++)
            if (gh_structural(d))
                t->capped_e[d][set] += fmin(cap[set], exp(s->by[d][set]));
    }
    t->honest++;
    if (tails == NULL)
        return;
    fprintf(tails, "%.6f %.6f %u", s->sup_log_e[0], s->sup_log_e[1], label->bursts);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        fprintf(tails, " %.4f", s->by[d][0]);
    fputc('\n', tails);
}

static void gamer_add(struct totals *t, const struct gh_sim_label *label, const struct said *s,
                      FILE *gamers, const struct world *w)
{
    const uint32_t known = gh_intern_find(&w->engine->actors, label->actor);
    const int32_t first = known ? gh_actor_of(w->engine, known)->first_date : INT32_MAX;
    const bool early = label->from_ms / 86400000 < (int64_t)first + 7;
    struct tally *tally =
        early ? &t->early : &t->by[label->behaviour][strength_index(label->strength)];

    t->gamers++;
    tally->people++;
    tally->gamed += s->gamed_ms != 0;
    if (label->behaviour == GH_RUNAWAY)
        stuck_add(&t->stuck[STUCK_GAMED], s->behaviour[GH_INCIDENT][GH_RUNAWAY],
                  s->stuck_minutes);
    if (s->first_ms != 0 && tally->alerted < DELAYS_MAX)
        tally->alert_hours[tally->alerted++] = (float)(s->first_ms - s->gamed_ms) / 3600000.0f;
    for (int track = 0; track < GH_TRACK_COUNT; track++) {
        const bool named = s->behaviour[track][label->behaviour];
        tally->found[track] += s->found[track];
        if (named && tally->named[track] < DELAYS_MAX)
            tally->delay_days[track][tally->named[track]++] =
                (float)(s->at_ms[track][label->behaviour] - label->from_ms) / 86400000.0f;
    }
    if (gamers == NULL)
        return;
    fprintf(gamers, "%s %g %.*s days %.0f-%.0f sup %.2f %.2f score",
            gh_behaviour_name(label->behaviour), label->strength, (int)label->actor.size,
            label->actor.at, (double)(label->from_ms / 86400000 - w->engine->first_date),
            (double)(label->until_ms / 86400000 - w->engine->first_date), s->sup_log_e[0],
            s->sup_log_e[1]);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        fprintf(gamers, " %.2f", s->by[d][0]);
    fputc('\n', gamers);
}

static void world_judge(struct world *w, struct totals *t, FILE *tails, FILE *gamers)
{
    uint32_t flagged[GH_TRACK_COUNT] = {0}, wrong[GH_TRACK_COUNT] = {0};

    for (uint32_t i = 0; i < w->count; i++) {
        struct gh_sim_label label;
        gh_sim_label_at(w->sim, i, &label);
        const struct said *s = &w->said[i];
        t->people++;
        for (int track = 0; track < GH_TRACK_COUNT; track++) {
            flagged[track] += s->found[track];
            wrong[track] += s->found[track] && !label.gamer;
        }
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
            t->incidents[b] += s->behaviour[GH_INCIDENT][b];
        if (label.gamer)
            gamer_add(t, &label, s, gamers, w);
        else
            honest_add(w, t, &label, s, tails);
    }
    for (int track = 0; track < GH_TRACK_COUNT; track++) {
        t->flagged[track] += flagged[track];
        t->fdp[track] += flagged[track] ? (double)wrong[track] / flagged[track] : 0.0;
    }
}

static json_t *tally_json(const struct tally *y)
{
    json_t *out =
        json_pack("{s:i,s:i,s:f,s:o}", "people", (int)y->people, "gamed", (int)y->gamed,
                  "alerted", y->gamed ? (double)y->alerted / y->gamed : 0.0, "alert_hours",
                  quantile_json(y->alert_hours, y->alerted, 0.5));

    for (int track = 0; track < GH_TRACK_COUNT; track++)
        json_object_set_new(
            out, gh_track_name((enum gh_track)track),
            json_pack("{s:f,s:f,s:o}", "recall", (double)y->named[track] / y->people, "any",
                      (double)y->found[track] / y->people, "delay_days",
                      quantile_json(y->delay_days[track], y->named[track], 0.5)));
    return out;
}

static void print_totals(const struct totals *t)
{
    json_t *root =
        json_pack("{s:i,s:i,s:i,s:I}", "companies", (int)t->companies, "people", (int)t->people,
                  "gamers", (int)t->gamers, "events", (json_int_t)t->events);
    json_t *by = json_object(), *honest = json_object(), *alarms = json_object();

    for (int track = GH_REVIEW; track <= GH_CASE; track++) {
        json_t *burst = json_object();
        for (uint32_t bit = 0; bit < 32; bit++)
            if (t->wrong_by_burst[track][bit]) {
                const char *name = bit == 31 ? "none" : gh_sim_burst_name(bit);
                json_object_set_new(burst, name ? name : "?",
                                    json_integer(t->wrong_by_burst[track][bit]));
            }
        json_object_set_new(root, gh_track_name((enum gh_track)track),
                            json_pack("{s:f,s:f,s:f,s:o}", "flagged",
                                      (double)t->flagged[track] / t->companies, "false",
                                      (double)t->wrong[track] / t->companies, "fdr",
                                      t->fdp[track] / t->companies, "false_by_burst", burst));
    }
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        for (int i = 0; i < STRENGTHS; i++)
            if (t->by[b][i].people > 0) {
                char name[64];
                snprintf(name, sizeof name, "%s x%g", gh_behaviour_name((enum gh_behaviour)b),
                         strength_of[i]);
                json_object_set_new(by, name, tally_json(&t->by[b][i]));
            }
    if (t->early.people > 0)
        json_object_set_new(by, "from the first week on", tally_json(&t->early));
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const char *name = gh_detectors[d]->name;
        const int b = (int)gh_detectors[d]->behaviour;
        json_object_set_new(alarms, name,
                            json_pack("{s:f,s:f}", "per_day", (double)t->incidents[b] / t->days,
                                      "false_per_day",
                                      (double)t->false_incidents[b] / t->days));
        if (gh_structural(d) && t->honest)
            json_object_set_new(honest, name, json_real(t->capped_e[d][0] / (double)t->honest));
    }
    if (t->honest) {
        json_object_set_new(honest, "review", json_real(t->capped_sum[0] / (double)t->honest));
        json_object_set_new(honest, "case", json_real(t->capped_sum[1] / (double)t->honest));
    }
    json_object_set_new(root, "incidents", alarms);
    json_object_set_new(root, "honest_mean_capped_e", honest);
    json_object_set_new(root, "stuck", stucks_json(t->stuck));
    json_object_set_new(root, "by_behaviour", by);
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
    putchar('\n');
    json_decref(root);
}

/* Half of honest people never gain anything: their sup is 0, and so are the first knots. */
static void print_tails(const struct totals *t)
{
    json_t *root = json_object();

    for (int set = 0; set < GH_SETS; set++) {
        struct gh_tail tail;
        json_t *knots = json_array();
        gh_sort(t->sup[set], t->honest);
        if (!gh_tail_fit(&tail, t->sup[set], t->honest, 0.99, 1.64))
            exit(1);
        for (int i = 0; i < GH_TAIL_KNOTS; i++)
            json_array_append_new(knots, json_real(round(tail.knot[i] * 1e4) / 1e4));
        json_object_set_new(root, gh_track_name(set ? GH_CASE : GH_REVIEW),
                            json_pack("{s:f,s:f,s:I,s:o}", "p_start", tail.p_u, "index", tail.g,
                                      "people", (json_int_t)tail.n, "knots", knots));
    }
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(root);
}

static void evaluate(const struct gh_sim_plan *plan, const struct gh_setup *setup,
                     struct totals *t, FILE *tails, FILE *gamers)
{
    struct gh_error error = {0};
    struct world w = {.heap = {.memory = gh_memory_system()}};

    gh_intern_init(&w.index, 0);
    if (gh_sim_new(&w.sim, plan, &error) != GH_OK || gh_engine_new(&w.engine, setup) != GH_OK) {
        fprintf(stderr, "evaluate: %s\n", error.text);
        exit(1);
    }
    world_index(&w);
    t->events += world_run(&w);
    world_judge(&w, t, tails, gamers);
    t->companies++;
    t->days += plan->weeks * 7;
    gh_engine_free(w.engine);
    gh_sim_free(w.sim);
    gh_intern_free(&w.heap, &w.index);
    free(w.said);
}

static double option(int argc, char **argv, const char *name, double fallback)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return strtod(argv[i + 1], NULL);
    return fallback;
}

static const char *option_text(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}

static struct gh_sim_plan plan_of(int argc, char **argv)
{
    const char *behaviour = option_text(argc, argv, "--behaviour");
    struct gh_sim_plan plan = gh_sim_plan_default();

    plan.actors = (uint32_t)option(argc, argv, "--actors", 2000);
    plan.weeks = (uint32_t)option(argc, argv, "--weeks", 8);
    plan.gamers = option(argc, argv, "--gamers", 0.04);
    plan.strength = option(argc, argv, "--strength", 0);
    plan.behaviour = behaviour ? behaviour_find(behaviour) : -1;
    plan.anyone = option(argc, argv, "--anyone", 0) > 0;
    plan.bursts = option(argc, argv, "--bursts", 1) > 0;
    return plan;
}

int main(int argc, char **argv)
{
    const char *tails_path = option_text(argc, argv, "--tails");
    const char *gamers_path = option_text(argc, argv, "--gamer-list");
    struct gh_error error = {0};
    struct gh_config *config;
    struct gh_zone_cache *zones = gh_zone_cache_new();
    struct gh_price_table *prices;
    struct gh_model *model;
    static struct totals totals;

    gh_law_init();
    if (zones == NULL || gh_config_new(&config, &error) != GH_OK ||
        gh_price_table_load(&prices, "", &error) != GH_OK ||
        gh_model_load(&model, "", &error) != GH_OK) {
        fprintf(stderr, "evaluate: %s\n", error.text);
        return 1;
    }
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--set") == 0 &&
            gh_config_set(config, argv[i + 1], &error) != GH_OK) {
            fprintf(stderr, "evaluate: %s\n", error.text);
            return 2;
        }
    const struct gh_settings settings = gh_config_settings(config);
    const struct gh_setup setup = {
        .settings = &settings,
        .model = model,
        .prices = gh_price_table_prices(prices),
        .zones = gh_zone_cache_zones(zones),
        .memory = gh_memory_system(),
        .shards = 1,
    };
    FILE *tails = tails_path ? fopen(tails_path, "w") : NULL;
    FILE *gamers = gamers_path ? fopen(gamers_path, "w") : NULL;
    const uint64_t first = (uint64_t)option(argc, argv, "--seed", 1);
    const uint64_t seeds = (uint64_t)option(argc, argv, "--seeds", 1);
    struct gh_sim_plan plan = plan_of(argc, argv);
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        plan.seed = seed;
        evaluate(&plan, &setup, &totals, tails, gamers);
        fprintf(stderr, "seed %llu: %llu events so far, review %u flagged %u false\n",
                (unsigned long long)seed, (unsigned long long)totals.events,
                totals.flagged[GH_REVIEW], totals.wrong[GH_REVIEW]);
    }
    if (option(argc, argv, "--fit", 0) > 0)
        print_tails(&totals);
    else
        print_totals(&totals);
    if (tails != NULL)
        fclose(tails);
    if (gamers != NULL)
        fclose(gamers);
    return 0;
}
