/* detect.c - what the engine says of every person of one simulated company, beside the truth.
 *
 *   detect [--strengths 1.2,2,5,20] [options of company.h] --people FILE --days FILE
 *
 * FILE of people: one line of CSV for each, with a head. Of each track (any: every alert) the
 * number of findings, and of the first one and of the first that names the behaviour: when,
 * and what had been gamed by then. Of gamers what comes before their first gamed call is
 * counted apart, as `early`. FILE of days: the table of days.h. Standard output: one JSON
 * object that says what both hold; tests/bench/detect makes tables of many companies. */
#include "eval/company.h"
#include "eval/days.h"

#include "base/civil.h"
#include "detect/detector.h"
#include "detect/registry.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is told apart: every alert, and those of a track. */
#define HEARD_LIST(X) X(any) X(incident) X(review) X(case)
#define HEARD_ENUM(name) HEARD_##name,
enum heard { HEARD_LIST(HEARD_ENUM) HEARD_COUNT };
#define HEARD_NAME(name) #name,
static const char *const heard_name[HEARD_COUNT] = {HEARD_LIST(HEARD_NAME)};

struct first {
    bool is;
    int64_t at_ms;
    double gamed; /* tokens until then */
};
struct heard_of {
    uint32_t findings, early, detectors; /* detectors: bits */
    struct first any, named;
};
struct person {
    struct heard_of of[HEARD_COUNT];
    uint8_t level[GH_DETECTORS_MAX]; /* track + 1 of the open finding; 0 none */
};
struct record {
    struct eval_company *company;
    struct eval_days *days;
    struct person *person;
};

static uint32_t detector_find(const char *name)
{
    for (uint32_t d = 0; d < gh_detector_count; d++)
        if (strcmp(gh_detectors[d]->name, name) == 0)
            return d;
    return GH_DETECTORS_MAX;
}

static void first_note(struct first *first, int64_t at_ms, const struct gh_sim_label *label)
{
    if (!first->is)
        *first = (struct first){.is = true, .at_ms = at_ms, .gamed = label->tokens_gamed};
}

/* `from`: track + 1 until now; 0 none. */
static bool heard_newly(enum heard heard, uint32_t from, enum gh_track to)
{
    switch (heard) {
    case HEARD_any:
        return from == 0;
    case HEARD_incident:
        return from == 0 && to == GH_INCIDENT;
    case HEARD_review:
        return from <= GH_INCIDENT + 1 && to >= GH_REVIEW;
    case HEARD_case:
        return from <= GH_REVIEW + 1 && to == GH_CASE;
    case HEARD_COUNT:
        break;
    }
    return false;
}

static void record_change(void *context, const struct gh_finding *f)
{
    struct record *r = context;
    const uint32_t id = eval_person(r->company, f->actor), d = detector_find(f->detector);
    if (id == UINT32_MAX || d == GH_DETECTORS_MAX)
        return;
    struct person *p = &r->person[id];
    const uint32_t from = f->change == GH_OPENED ? 0 : p->level[d];
    p->level[d] = f->change == GH_CLOSED ? 0 : (uint8_t)(f->track + 1);
    if (f->change != GH_OPENED && f->change != GH_ESCALATED)
        return;
    struct gh_sim_label label; /* as of now */
    gh_sim_label_at(r->company->sim, id, &label);
    const bool early = label.gamer && (label.began_ms == 0 || f->time_ms < label.began_ms);
    const bool named = label.gamer && gh_detectors[d]->behaviour == label.behaviour;
    for (int h = 0; h < HEARD_COUNT; h++) {
        struct heard_of *of = &p->of[h];
        if (!heard_newly((enum heard)h, from, f->track))
            continue;
        of->findings++;
        of->early += early;
        if (early)
            continue;
        of->detectors |= 1u << d;
        first_note(&of->any, f->time_ms, &label);
        if (named)
            first_note(&of->named, f->time_ms, &label);
    }
}

static void record_events(void *context, const struct gh_event *event, size_t count)
{
    struct record *r = context;
    for (size_t i = 0; i < count; i++) {
        const uint32_t id = eval_person(r->company, event[i].actor);
        if (id != UINT32_MAX)
            eval_days_see(r->days, id, &event[i]);
    }
}

static double day_of(const struct gh_sim_plan *plan, int64_t at_ms)
{
    return (double)(at_ms - plan->start_ms) / (double)GH_MS_PER_DAY;
}

static void first_write(FILE *file, const struct gh_sim_plan *plan, const struct first *first)
{
    if (first->is)
        fprintf(file, ",%.5f,%.0f", day_of(plan, first->at_ms), first->gamed);
    else
        fprintf(file, ",,");
}

static void person_write(FILE *file, const struct gh_sim_plan *plan, const struct person *p,
                         const struct gh_sim_label *l)
{
    fprintf(file, "%s,%s,%u", l->role, l->team, l->bursts);
    if (l->gamer)
        fprintf(file, ",%s,%s,%u,%g,%.5f", gh_behaviour_name(l->behaviour),
                gh_sim_form_name((uint32_t)l->form), l->together, l->strength,
                day_of(plan, l->from_ms));
    else
        fprintf(file, ",,,,,");
    if (l->began_ms > 0)
        fprintf(file, ",%.5f", day_of(plan, l->began_ms));
    else
        fprintf(file, ",");
    fprintf(file, ",%.0f", l->tokens_gamed);
    for (int h = 0; h < HEARD_COUNT; h++) {
        fprintf(file, ",%u,%u,%u", p->of[h].findings, p->of[h].early, p->of[h].detectors);
        first_write(file, plan, &p->of[h].any);
        first_write(file, plan, &p->of[h].named);
    }
    fputc('\n', file);
}

static bool people_write(const struct record *r, const struct gh_sim_plan *plan,
                         const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    fprintf(file, "role,team,bursts,behaviour,form,together,strength,from,began,gamed");
    for (int h = 0; h < HEARD_COUNT; h++)
        for (const char *const *column =
                 (const char *const[]){"findings", "early", "detectors", "day", "gamed",
                                       "named_day", "named_gamed", NULL};
             *column; column++)
            fprintf(file, ",%s_%s", heard_name[h], *column);
    fputc('\n', file);
    for (uint32_t i = 0; i < r->company->people; i++) {
        struct gh_sim_label label; /* what was gamed in the end */
        gh_sim_label_at(r->company->sim, i, &label);
        person_write(file, plan, &r->person[i], &label);
    }
    const bool good = !ferror(file);
    return fclose(file) == 0 && good;
}

static json_t *names_json(const char *(*name)(uint32_t))
{
    json_t *names = json_array();
    for (uint32_t i = 0; name(i); i++)
        json_array_append_new(names, json_string(name(i)));
    return names;
}

static json_t *detectors_json(void)
{
    json_t *detectors = json_array();
    for (uint32_t d = 0; d < gh_detector_count; d++)
        json_array_append_new(
            detectors,
            json_pack("{s:s,s:s}", "name", gh_detectors[d]->name, "lane",
                      gh_detectors[d]->lane == GH_STRUCTURAL ? "structural" : "context"));
    return detectors;
}

static json_t *behaviours_json(void)
{
    json_t *names = json_array();
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        json_array_append_new(names, json_string(gh_behaviour_name((enum gh_behaviour)b)));
    return names;
}

static void head_print(const struct gh_sim_plan *plan, const struct record *r,
                       const struct gh_evidence_options *evidence)
{
    json_t *head =
        json_pack("{s:o,s:o,s:o,s:o,s:o,s:i,s:i,s:i,s:i,s:I}", "detectors", detectors_json(),
                  "behaviours", behaviours_json(), "bursts", names_json(gh_sim_burst_name),
                  "forms", names_json(gh_sim_form_name), "features",
                  names_json(eval_feature_name), "people", (int)plan->actors, "days",
                  (int)(7 * plan->weeks), "burn_in_days", (int)evidence->burn_in, "grace_days",
                  (int)evidence->grace, "events", (json_int_t)r->company->events);
    json_dumpf(head, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(head);
}

static void strengths_read(const char *text, struct gh_sim_plan *plan)
{
    memset(plan->strengths, 0, sizeof plan->strengths);
    for (uint32_t i = 0; text && *text && i < GH_SIM_STRENGTHS_MAX; i++) {
        char *end;
        plan->strengths[i] = strtod(text, &end);
        text = *end == ',' ? end + 1 : NULL;
    }
}

int main(int argc, char **argv)
{
    const struct eval_options options = {argc, argv};
    const char *people_path = eval_text(&options, "--people");
    const char *days_path = eval_text(&options, "--days");
    const char *strengths = eval_text(&options, "--strengths");
    const struct gh_setup setup = eval_setup(&options);
    struct gh_sim_plan plan = eval_plan(&options);
    struct eval_company company;

    if (strengths)
        strengths_read(strengths, &plan);
    eval_company_open(&company, &plan, &setup);
    struct record r = {.company = &company,
                       .days = days_path ? eval_days_new(&plan, setup.zones) : NULL,
                       .person = calloc(plan.actors, sizeof *r.person)};
    const struct eval_watch watch = {&r, r.days ? record_events : NULL, record_change, NULL};
    eval_company_run(&company, &watch);
    bool written = !people_path || people_write(&r, &plan, people_path);
    written &= !r.days || eval_days_write(r.days, days_path);
    head_print(&plan, &r, eval_evidence(&setup));
    eval_days_free(r.days);
    eval_company_close(&company);
    free(r.person);
    return written ? 0 : 1;
}
