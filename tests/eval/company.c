/* company.c - see company.h. */
#include "eval/company.h"

#include "stat/law.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 }; /* seconds of event time: what is burnt before an alert is that exact */

const char *eval_text(const struct eval_options *options, const char *name)
{
    for (int i = 1; i + 1 < options->argc; i++)
        if (strcmp(options->argv[i], name) == 0)
            return options->argv[i + 1];
    return NULL;
}

double eval_number(const struct eval_options *options, const char *name, double fallback)
{
    const char *text = eval_text(options, name);
    return text ? strtod(text, NULL) : fallback;
}

static void eval_fail(const char *what)
{
    fprintf(stderr, "eval: %s\n", what);
    exit(1);
}

struct gh_setup eval_setup(const struct eval_options *options)
{
    static struct gh_settings settings;
    struct gh_error error = {0};
    struct gh_config *config;
    struct gh_price_table *prices;
    struct gh_model *model;
    struct gh_zone_cache *zones = gh_zone_cache_new();
    const char *path = eval_text(options, "--model");

    gh_law_init();
    if (zones == NULL || gh_config_new(&config, &error) != GH_OK ||
        gh_price_table_load(&prices, "", &error) != GH_OK ||
        gh_model_load(&model, path ? path : "", &error) != GH_OK)
        eval_fail(error.text);
    for (int i = 1; i + 1 < options->argc; i++)
        if (strcmp(options->argv[i], "--set") == 0 &&
            gh_config_set(config, options->argv[i + 1], &error) != GH_OK)
            eval_fail(error.text);
    settings = gh_config_settings(config);
    return (struct gh_setup){
        .settings = &settings,
        .model = model,
        .prices = gh_price_table_prices(prices),
        .zones = gh_zone_cache_zones(zones),
        .memory = gh_memory_system(),
        .shards = (uint32_t)eval_number(options, "--shards", 1),
    };
}

struct eval_without eval_cut(const struct eval_options *options)
{
    struct eval_without without;

    if (!eval_without_parse(&without, eval_text(options, "--without")))
        eval_fail("--without: unknown, or not optional");
    return without;
}

const struct gh_evidence_options *eval_evidence(const struct gh_setup *setup)
{
    size_t i = 0;
    while (i < gh_engine_group_count() && strcmp(gh_engine_group_at(i)->name, "evidence") != 0)
        i++;
    assert(i < gh_engine_group_count());
    return setup->settings->value[i];
}

int eval_behaviour(const char *name)
{
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        if (strcmp(gh_behaviour_name((enum gh_behaviour)b), name) == 0)
            return b;
    return -1;
}

static int eval_form(const char *name)
{
    if (strcmp(name, "mixed") == 0)
        return GH_SIM_MIXED;
    for (uint32_t form = 0; gh_sim_form_name(form); form++)
        if (strcmp(gh_sim_form_name(form), name) == 0)
            return (int)form;
    eval_fail("--form: unknown");
    return 0;
}

struct gh_sim_plan eval_plan(const struct eval_options *options)
{
    struct gh_sim_plan plan = gh_sim_plan_default();
    const char *behaviour = eval_text(options, "--behaviour");
    const char *form = eval_text(options, "--form");

    plan.actors = (uint32_t)eval_number(options, "--actors", 2000);
    plan.weeks = (uint32_t)eval_number(options, "--weeks", 8);
    plan.gamers = eval_number(options, "--gamers", plan.gamers);
    plan.strength = eval_number(options, "--strength", 0);
    plan.behaviour = behaviour ? eval_behaviour(behaviour) : -1;
    plan.form = form ? eval_form(form) : GH_SIM_NAIVE;
    plan.anyone = eval_number(options, "--anyone", 0) > 0;
    plan.rotten = eval_number(options, "--rotten", 0) > 0;
    plan.day_one = eval_number(options, "--day-one", 0) > 0;
    plan.bursts = eval_number(options, "--bursts", 1) > 0;
    plan.seed = (uint64_t)eval_number(options, "--seed", 1);
    if (behaviour && plan.behaviour < 0)
        eval_fail("--behaviour: unknown");
    return plan;
}

void eval_company_open(struct eval_company *company, const struct gh_sim_plan *plan,
                       const struct gh_setup *setup)
{
    struct gh_error error = {0};

    *company = (struct eval_company){.people = plan->actors};
    if (gh_sim_new(&company->sim, plan, &error) != GH_OK)
        eval_fail(error.text);
    if (gh_engine_new(&company->engine, setup) != GH_OK)
        eval_fail("no engine");
}

static void company_offer(struct eval_company *company, const struct gh_event *event,
                          size_t count, const struct eval_watch *watch)
{
    static struct gh_answer answer[BATCH];
    struct gh_finding change;

    if (gh_engine_offer(company->engine, event, count, answer) != GH_OK)
        eval_fail("the engine failed");
    while (gh_engine_change(company->engine, &change))
        watch->change(watch->context, &change);
}

void eval_company_run(struct eval_company *company, const struct eval_watch *watch)
{
    static struct gh_event event[BATCH];
    size_t count;

    while ((count = gh_sim_next(company->sim, event, BATCH)) > 0) {
        const bool end = event[count - 1].kind == GH_TICK;
        const size_t calls = eval_without_cut(&company->without, event, count - end);
        company->events += calls;
        if (calls > 0) {
            if (watch->events)
                watch->events(watch->context, event, calls);
            company_offer(company, event, calls, watch);
        }
        if (!end)
            continue;
        if (watch->end)
            watch->end(watch->context);
        company_offer(company, &event[count - 1], 1, watch);
    }
    if (gh_sim_failed(company->sim))
        eval_fail("out of memory");
}

void eval_company_close(struct eval_company *company)
{
    gh_engine_free(company->engine);
    gh_sim_free(company->sim);
}

struct gh_text eval_name(const struct eval_company *company, uint32_t person)
{
    struct gh_sim_label label;
    gh_sim_label_at(company->sim, person, &label);
    return label.actor;
}

/* Names are "a17". */
uint32_t eval_person(const struct eval_company *company, struct gh_text name)
{
    uint32_t number = 0;
    if (name.size < 2 || name.at[0] != 'a')
        return UINT32_MAX;
    for (uint32_t i = 1; i < name.size; i++)
        number = 10 * number + (uint32_t)(name.at[i] - '0');
    return number < company->people ? number : UINT32_MAX;
}
