/* person.c - see person.h. */
#include "app/simulate/person.h"

#include "app/simulate/record.h"
#include "app/simulate/zone.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

enum { PERSON_TEAM_SIZE = 10 };

/* Engineers live in agents, support in short chats; what comes of a dollar differs by a
 * factor of ten, and some roles have next to nothing that can be counted. */
static const struct gh_sim_role person_role[GH_SIM_ROLES] = {
    [GH_SIM_ENGINEER] = {.name = "engineer",
                         .share = 0.45,
                         .sessions = {0.75, 1.3, 0.30},
                         .outputs = 1.3,
                         .by_hand = 0.35,
                         .start_min = 555,
                         .artifact = {[GH_COMMIT] = 0.55,
                                      [GH_PULL_REQUEST] = 0.25,
                                      [GH_ARTIFACT_REVIEW] = 0.15,
                                      [GH_DEPLOY] = 0.05}},
    [GH_SIM_RESEARCHER] =
        {.name = "researcher",
         .share = 0.12,
         .sessions = {0.55, 2.5, 0.20},
         .context_shift = 0.1,
         .output_shift = 0.3,
         .outputs = 0.45,
         .by_hand = 0.10,
         .start_min = 600,
         .artifact = {[GH_COMMIT] = 0.5, [GH_DOCUMENT] = 0.4, [GH_OTHER] = 0.1}},
    [GH_SIM_DATA] = {.name = "data",
                     .share = 0.13,
                     .sessions = {0.50, 2.0, 0.30},
                     .context_shift = -0.1,
                     .output_shift = -0.1,
                     .outputs = 0.9,
                     .by_hand = 0.25,
                     .start_min = 560,
                     .artifact = {[GH_COMMIT] = 0.45,
                                  [GH_PULL_REQUEST] = 0.2,
                                  [GH_DOCUMENT] = 0.25,
                                  [GH_OTHER] = 0.1}},
    [GH_SIM_SUPPORT] = {.name = "support",
                        .share = 0.12,
                        .sessions = {0.08, 9.0, 0},
                        .context_shift = -0.3,
                        .output_shift = 0.1,
                        .outputs = 3.5,
                        .by_hand = 1.5,
                        .start_min = 525,
                        .template_share = 0.15,
                        .artifact = {[GH_TICKET] = 0.9, [GH_DOCUMENT] = 0.1}},
    [GH_SIM_PRODUCT] =
        {.name = "product",
         .share = 0.10,
         .sessions = {0.15, 4.0, 0},
         .context_shift = -0.2,
         .output_shift = 0.4,
         .outputs = 0.6,
         .by_hand = 0.08,
         .start_min = 570,
         .artifact = {[GH_DOCUMENT] = 0.6, [GH_TICKET] = 0.25, [GH_DESIGN] = 0.15}},
    [GH_SIM_OPS] = {.name = "ops",
                    .share = 0.08,
                    .sessions = {0.35, 3.0, 0.15},
                    .context_shift = -0.1,
                    .output_shift = -0.2,
                    .outputs = 1.0,
                    .by_hand = 0.4,
                    .start_min = 540,
                    .template_share = 0.05,
                    .artifact = {[GH_TICKET] = 0.4, [GH_DEPLOY] = 0.35, [GH_COMMIT] = 0.25}},
    [GH_SIM_SERVICE] = {.name = "service"},
};

const struct gh_sim_role *gh_sim_role(uint32_t role)
{
    assert(role < GH_SIM_ROLES);
    return &person_role[role];
}

static uint8_t person_draw_role(struct gh_random *r)
{
    double u = gh_random_unit(r);
    for (uint8_t i = 0; i < GH_SIM_SERVICE; i++) {
        u -= person_role[i].share;
        if (u < 0)
            return i;
    }
    return GH_SIM_ENGINEER;
}

static uint8_t person_draw_zone(struct gh_random *r)
{
    double u = gh_random_unit(r);
    for (uint8_t i = 0; i < GH_SIM_ZONES; i++) {
        u -= gh_sim_zone_share(i);
        if (u < 0)
            return i;
    }
    return 0;
}

/* A team has one role in four cases of five, and a home zone where most of it lives. */
static void person_place(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                         struct gh_random *r)
{
    p->team = p->actor / PERSON_TEAM_SIZE;
    struct gh_random t = gh_random_of(plan->seed, GH_SIM_STREAM_TEAM, p->team, 0);
    const uint8_t team_role = person_draw_role(&t), team_zone = person_draw_zone(&t);
    const bool single = gh_random_chance(&t, 0.8);
    p->parent_style = gh_random_chance(&t, 0.5);
    p->tells_origin = gh_random_chance(&t, 0.85);
    const uint8_t own_role = person_draw_role(r), own_zone = person_draw_zone(r);
    p->role = single ? team_role : own_role;
    p->zone = gh_random_chance(r, 0.85) ? team_zone : own_zone;
    p->traits |= (uint32_t)(p->zone != team_zone) << GH_SIM_OTHER_ZONE;
    /* A few accounts are machines; never among the first ten, so that small plans have
     * people. */
    p->is_service = gh_random_chance(r, 0.01) && p->actor >= PERSON_TEAM_SIZE;
    if (p->is_service)
        p->role = GH_SIM_SERVICE;
}

static void person_models(struct gh_sim_person *p, struct gh_random *r)
{
    static const uint8_t agent[] = {GH_SIM_SONNET, GH_SIM_SONNET, GH_SIM_SONNET, GH_SIM_OPUS,
                                    GH_SIM_OPUS,   GH_SIM_OPUS,   GH_SIM_GPT,    GH_SIM_GPT,
                                    GH_SIM_GPT,    GH_SIM_GEMINI};
    static const uint8_t chat[] = {GH_SIM_SONNET,   GH_SIM_GPT,    GH_SIM_GPT,
                                   GH_SIM_GPT_MINI, GH_SIM_GEMINI, GH_SIM_HAIKU};
    static const uint8_t completion[] = {GH_SIM_HAIKU, GH_SIM_GPT_MINI, GH_SIM_GPT_MINI};
    p->model[GH_SIM_AGENT] = agent[gh_random_below(r, sizeof(agent))];
    p->model[GH_SIM_CHAT] = chat[gh_random_below(r, sizeof(chat))];
    p->model[GH_SIM_COMPLETION] = completion[gh_random_below(r, sizeof(completion))];
    p->long_window = gh_random_chance(r, 0.5);
}

/* Rhythm after 764 people's commits: one in twelve lives by night, two in five work some
 * weekends, and most have a few evenings. */
static void person_rhythm(struct gh_sim_person *p, struct gh_random *r)
{
    const bool owl = gh_random_chance(r, 0.08);
    p->traits |= (uint32_t)owl << GH_SIM_OWL;
    const double start = person_role[p->role].start_min + 70 * gh_random_normal(r);
    const double length = 540 + 35 * gh_random_normal(r);
    p->start_min = (int32_t)fmin(fmax(start + (owl ? 300 : 0), 330), 1080);
    p->length_min = (int32_t)fmin(fmax(length, 420), 690);
    p->evening = (float)fmin(gh_random_lognormal(r, log(0.13), 0.8), 0.6);
    p->night = (float)fmin(gh_random_lognormal(r, log(0.022), 1.2), owl ? 0.5 : 0.25);
    const double weekend = gh_random_unit(r);
    p->weekend = weekend < 0.5   ? 0.03F
                 : weekend < 0.9 ? (float)gh_random_between(r, 0.1, 0.35)
                                 : (float)gh_random_between(r, 0.4, 0.9);
    const double days = gh_random_unit(r);
    p->workdays = days < 0.93 ? 0x1f : days < 0.97 ? 0x0f : 0x1e;
}

static void person_leave(struct gh_sim_person *p, const struct gh_sim_plan *plan,
                         struct gh_random *r)
{
    const int32_t days = (int32_t)(7 * plan->weeks);
    const bool has = gh_random_chance(r, fmin(0.03 * plan->weeks, 0.9));
    p->leave_from = (int32_t)gh_random_below(r, (uint32_t)days);
    p->leave_until = p->leave_from + (has ? 2 + (int32_t)gh_random_below(r, 14) : 0);
    p->leave_declared = gh_random_chance(r, 0.7);
}

void gh_sim_person_init(struct gh_sim_person *person, const struct gh_sim_plan *plan,
                        uint32_t actor)
{
    struct gh_random r = gh_random_of(plan->seed, GH_SIM_STREAM_PERSON, actor, 0);
    *person = (struct gh_sim_person){.actor = actor, .joined = -1};
    snprintf(person->name, sizeof(person->name), "a%u", (unsigned)actor);
    person_place(person, plan, &r);
    snprintf(person->team_name, sizeof(person->team_name), "team-%u", (unsigned)person->team);
    person_models(person, &r);
    person_rhythm(person, &r);
    person_leave(person, plan, &r);
    person->has_profile = gh_random_chance(&r, 0.97);
    person->has_zone = gh_random_chance(&r, 0.95);
    const bool zone_told = person->has_profile && person->has_zone;
    person->traits |= (uint32_t)!zone_told << GH_SIM_ZONE_UNKNOWN;
    /* Who does more has more sessions and longer ones. */
    const double level = fmin(gh_random_lognormal(&r, -0.75, 1.0), 12);
    person->rate = (float)pow(level, 0.65);
    person->length_factor = (float)pow(level, 0.35);
    person->near_dup = (float)fmin(gh_random_lognormal(&r, log(0.025), 0.7), 0.2);
    person->productive = (float)gh_random_lognormal(&r, -0.18, 0.6);
    person->tools_in_a_row = (float)fmax(gh_random_lognormal(&r, 1.85, 0.5), 1.5);
    person->mood = 0.5 * gh_random_normal(&r);
    gh_sim_person_bursts(person, plan);
}

/* Before anything is known: sessions times what one holds in the mean. */
static double person_prior(const struct gh_sim_person *p)
{
    static const double tokens[GH_SIM_CLASSES] = {6.5e6, 9e3, 7e4};
    double sum = 0;
    for (uint32_t c = 0; c < GH_SIM_CLASSES; c++)
        sum += person_role[p->role].sessions[c] * tokens[c];
    return fmax(sum * (double)(p->rate * p->length_factor), 2e4);
}

double gh_sim_person_usual(const struct gh_sim_person *person)
{
    const double prior_days = 4;
    return (prior_days * person_prior(person) + person->usual_sum) /
           (prior_days + person->usual_days);
}

bool gh_sim_person_away(const struct gh_sim_person *person, int32_t day)
{
    return day < person->joined || (day >= person->leave_from && day < person->leave_until);
}
