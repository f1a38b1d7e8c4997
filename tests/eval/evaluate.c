/* evaluate.c - the engine against simulated companies of which the truth is known.
 *
 * For each seed: a company is simulated, every event goes through the engine in this
 * process, and what the engine concluded is held against the labels. Prints one JSON object:
 * recall by behaviour and strength, false discovery, false incidents per day, delays, and
 * how large honest evidence grew. With --tails FILE the sup of every honest person's
 * evidence is written, one line each. */
#include "engine/inspect.h"
#include "eval/company.h"
#include "eval/stuck.h"
#include "stat/order.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRENGTHS = 4 };
static const double strength_of[STRENGTHS] = {1.5, 3.0, 5.0, 10.0};

struct tally {
    uint32_t people, found[GH_TRACK_COUNT], named[GH_TRACK_COUNT];
    uint32_t within_day[GH_TRACK_COUNT];          /* of the first gamed call */
    float delay_days[GH_TRACK_COUNT][DELAYS_MAX]; /* of those named */
};
struct totals {
    struct tally by[GH_BEHAVIOUR_COUNT][STRENGTHS];
    struct tally early; /* less than a week of honest history: a row of its own */
    uint32_t companies, people, gamers, days;
    uint32_t flagged[GH_TRACK_COUNT], wrong[GH_TRACK_COUNT];
    double fdp[GH_TRACK_COUNT];
    uint32_t false_incidents[GH_BEHAVIOUR_COUNT], incidents[GH_BEHAVIOUR_COUNT];
    uint32_t wrong_by_burst[GH_TRACK_COUNT][32];
    uint32_t wrong_by[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
    double capped_e[GH_DETECTORS_MAX][GH_SETS], sup_e_over_100[GH_DETECTORS_MAX];
    double capped_sum[GH_SETS];
    struct stuck stuck[STUCKS];
    uint64_t honest, events;
    double *sup[GH_SETS]; /* of honest people; grows */
};

/* What the engine said of one actor. */
struct said {
    bool found[GH_TRACK_COUNT];
    bool behaviour[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
    int64_t at_ms[GH_TRACK_COUNT][GH_BEHAVIOUR_COUNT];
    float stuck_minutes;      /* of the first runaway, from its first call to the alert */
    struct gh_inspected seen; /* as of the last event; the tick behind it may begin an epoch */
};

struct world {
    struct eval_company company;
    struct said *said;
    uint32_t enrolled;
};

static void world_hear(void *context, const struct gh_finding *f)
{
    struct world *w = context;
    const uint32_t id = eval_person(&w->company, f->actor);
    const int b = eval_behaviour(f->detector);

    if (id == UINT32_MAX || b < 0 || f->change == GH_CLOSED)
        return;
    struct said *s = &w->said[id];
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

static void world_measure(void *context)
{
    struct world *w = context;
    struct gh_engine *e = w->company.engine;

    w->enrolled = gh_inspect_epoch(e).enrolled;
    for (uint32_t i = 0; i < w->company.people; i++) {
        const uint32_t id = gh_inspect_find(e, eval_name(&w->company, i));
        struct gh_inspected *seen = &w->said[i].seen;
        if (id == 0 || !gh_inspect(e, id, seen))
            seen->first_date = INT32_MAX;
    }
}

/* Log evidence of a structural detector, largest score of another. */
static double said_of(const struct said *s, uint32_t d)
{
    return gh_detectors[d]->lane == GH_STRUCTURAL ? s->seen.log_e_by[d][0]
                                                  : s->seen.score_sup[d];
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
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
            t->wrong_by[track][b] += s->behaviour[track][b];
        for (uint32_t bit = 0; bit < 32 && s->found[track]; bit++)
            t->wrong_by_burst[track][bit] +=
                label->bursts ? label->bursts >> bit & 1u : bit == 31;
    }
    const bool truly = stuck_truly(t, label, s);
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        t->false_incidents[b] += s->behaviour[GH_INCIDENT][b] && !(b == GH_RUNAWAY && truly);
    if (!s->seen.enrolled)
        return;
    for (uint32_t set = 0; set < GH_SETS; set++) {
        t->sup[set] = realloc(t->sup[set], (t->honest + 1) * sizeof *t->sup[set]);
        t->sup[set][t->honest] = s->seen.sup_log_e[set];
        t->capped_sum[set] += fmin(cap[set], exp(s->seen.log_e[set]));
        for (uint32_t d = 0; d < gh_detector_count; d++)
            if (gh_detectors[d]->lane == GH_STRUCTURAL)
                t->capped_e[d][set] += fmin(cap[set], exp(s->seen.log_e_by[d][set]));
    }
    t->honest++;
    if (tails == NULL)
        return;
    fprintf(tails, "%.6f %.6f %u", s->seen.sup_log_e[0], s->seen.sup_log_e[1], label->bursts);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        fprintf(tails, " %.4f", said_of(s, d));
    fprintf(tails, " %.*s\n", (int)label->actor.size, label->actor.at);
}

static void gamer_add(struct totals *t, const struct gh_sim_label *label, const struct said *s,
                      FILE *gamers, const struct world *w)
{
    const bool early = label->from_ms / 86400000 < (int64_t)s->seen.first_date + 7;
    struct tally *tally =
        early ? &t->early : &t->by[label->behaviour][strength_index(label->strength)];

    if (label->behaviour == GH_RUNAWAY)
        stuck_add(&t->stuck[STUCK_GAMED], s->behaviour[GH_INCIDENT][GH_RUNAWAY],
                  s->stuck_minutes);
    t->gamers++;
    tally->people++;
    for (int track = 0; track < GH_TRACK_COUNT; track++) {
        const bool named = s->behaviour[track][label->behaviour];
        tally->found[track] += s->found[track];
        const int64_t late_ms = s->at_ms[track][label->behaviour] - label->began_ms;
        tally->within_day[track] += named && late_ms >= 0 && late_ms <= 86400000;
        if (named && tally->named[track] < DELAYS_MAX)
            tally->delay_days[track][tally->named[track]++] =
                (float)(s->at_ms[track][label->behaviour] - label->from_ms) / 86400000.0f;
    }
    if (gamers == NULL)
        return;
    fprintf(
        gamers, "%s %g %.*s days %.0f-%.0f sup %.2f %.2f score",
        gh_behaviour_name(label->behaviour), label->strength, (int)label->actor.size,
        label->actor.at,
        (double)(label->from_ms / 86400000 - gh_inspect_epoch(w->company.engine).first_date),
        (double)(label->until_ms / 86400000 - gh_inspect_epoch(w->company.engine).first_date),
        s->seen.sup_log_e[0], s->seen.sup_log_e[1]);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        fprintf(gamers, " %.2f", said_of(s, d));
    fputc('\n', gamers);
}

static void world_judge(struct world *w, struct totals *t, FILE *tails, FILE *gamers)
{
    uint32_t flagged[GH_TRACK_COUNT] = {0}, wrong[GH_TRACK_COUNT] = {0};

    for (uint32_t i = 0; i < w->company.people; i++) {
        struct gh_sim_label label;
        gh_sim_label_at(w->company.sim, i, &label);
        const struct said *s = &w->said[i];
        /* Who never came to it, as before the end of a quota's period, has done nothing. */
        const bool gamed = label.gamer && label.tokens_gamed > 0.0;
        t->people++;
        for (int track = 0; track < GH_TRACK_COUNT; track++) {
            flagged[track] += s->found[track];
            wrong[track] += s->found[track] && !gamed;
        }
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
            t->incidents[b] += s->behaviour[GH_INCIDENT][b];
        if (gamed)
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
    json_t *out = json_pack("{s:i}", "people", (int)y->people);

    for (int track = 0; track < GH_TRACK_COUNT; track++)
        json_object_set_new(
            out, gh_track_name((enum gh_track)track),
            json_pack("{s:f,s:f,s:f,s:o}", "recall", (double)y->named[track] / y->people, "any",
                      (double)y->found[track] / y->people, "within_day",
                      (double)y->within_day[track] / y->people, "delay_days",
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
        json_t *burst = json_object(), *by_name = json_object();
        for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
            if (t->wrong_by[track][b])
                json_object_set_new(by_name, gh_behaviour_name((enum gh_behaviour)b),
                                    json_integer(t->wrong_by[track][b]));
        for (uint32_t bit = 0; bit < 32; bit++)
            if (t->wrong_by_burst[track][bit]) {
                const char *name = bit == 31 ? "none" : gh_sim_burst_name(bit);
                json_object_set_new(burst, name ? name : "?",
                                    json_integer(t->wrong_by_burst[track][bit]));
            }
        json_object_set_new(root, gh_track_name((enum gh_track)track),
                            json_pack("{s:f,s:f,s:f,s:o,s:o}", "flagged",
                                      (double)t->flagged[track] / t->companies, "false",
                                      (double)t->wrong[track] / t->companies, "fdr",
                                      t->fdp[track] / t->companies, "false_by_burst", burst,
                                      "false_by_behaviour", by_name));
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
        if (gh_detectors[d]->lane == GH_STRUCTURAL && t->honest)
            json_object_set_new(honest, name, json_real(t->capped_e[d][0] / (double)t->honest));
    }
    if (t->honest) {
        json_object_set_new(honest, "review", json_real(t->capped_sum[0] / (double)t->honest));
        json_object_set_new(honest, "case", json_real(t->capped_sum[1] / (double)t->honest));
    }
    json_object_set_new(root, "stuck", stucks_json(t->stuck));
    json_object_set_new(root, "incidents", alarms);
    json_object_set_new(root, "honest_mean_capped_e", honest);
    json_object_set_new(root, "by_behaviour", by);
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
    putchar('\n');
    json_decref(root);
}

struct run {
    struct gh_setup setup;
    struct gh_sim_plan plan;
    struct eval_without without;
    FILE *tails, *gamers; /* NULL: not asked for */
};

static void evaluate(const struct run *run, struct totals *t)
{
    struct world w = {.said = calloc(run->plan.actors, sizeof *w.said)};
    const struct eval_watch watch = {&w, NULL, world_hear, world_measure};

    eval_company_open(&w.company, &run->plan, &run->setup);
    w.company.without = run->without;
    eval_company_run(&w.company, &watch);
    t->events += w.company.events;
    world_judge(&w, t, run->tails, run->gamers);
    t->companies++;
    t->days += run->plan.weeks * 7;
    eval_company_close(&w.company);
    free(w.said);
}

int main(int argc, char **argv)
{
    const struct eval_options options = {argc, argv};
    const char *tails_path = eval_text(&options, "--tails");
    const char *gamers_path = eval_text(&options, "--gamer-list");
    static struct totals totals;
    struct run run = {
        .setup = eval_setup(&options),
        .plan = eval_plan(&options),
        .without = eval_cut(&options),
        .tails = tails_path ? fopen(tails_path, "w") : NULL,
        .gamers = gamers_path ? fopen(gamers_path, "w") : NULL,
    };
    const uint64_t first = run.plan.seed;
    const uint64_t seeds = (uint64_t)eval_number(&options, "--seeds", 1);
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        run.plan.seed = seed;
        evaluate(&run, &totals);
        fprintf(stderr, "seed %llu: %llu events so far, review %u flagged %u false\n",
                (unsigned long long)seed, (unsigned long long)totals.events,
                totals.flagged[GH_REVIEW], totals.wrong[GH_REVIEW]);
    }
    print_totals(&totals);
    if (run.tails != NULL)
        fclose(run.tails);
    if (run.gamers != NULL)
        fclose(run.gamers);
    return 0;
}
