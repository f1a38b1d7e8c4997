/* company.h - a simulated company goes through the engine, watched.
 *
 * What every program here starts from: settings, prices, zones and a model as the service
 * has them, and the loop that feeds a company to an engine until its last day is judged. */
#ifndef EVAL_COMPANY_H
#define EVAL_COMPANY_H

#include "app/config.h"
#include "app/simulate/simulate.h"
#include "edge/resources.h"
#include "engine/options.h"
#include "eval/without.h"

/* Options of a program, in pairs: --name value. NULL, or the fallback: not given. */
struct eval_options {
    int argc;
    char **argv;
};
const char *eval_text(const struct eval_options *options, const char *name);
double eval_number(const struct eval_options *options, const char *name, double fallback);

/* What an engine needs; `--set GROUP.OPTION=VALUE`, `--model FILE` and `--shards N` change
 * it. Lives until the program ends. Says what is wrong and ends the program on failure. */
struct gh_setup eval_setup(const struct eval_options *options);
/* --actors --weeks --gamers --behaviour --strength --form --anyone --rotten --day-one
 * --bursts, with the simulator's defaults but 2,000 people. Ends the program on failure. */
struct gh_sim_plan eval_plan(const struct eval_options *options);

/* --without KEY,kind:KIND,...: what no event tells. Ends the program on failure. */
struct eval_without eval_cut(const struct eval_options *options);

/* Lent by the setup: days at the start that only teach, and on which nobody is judged. */
const struct gh_evidence_options *eval_evidence(const struct gh_setup *setup);

struct eval_company {
    struct gh_sim *sim;
    struct gh_engine *engine;
    struct eval_without without; /* set by eval_company_open to nothing */
    uint32_t people;
    uint64_t events; /* so far, the end not counted */
};
struct eval_watch {
    void *context;
    /* Before the engine gets them; may be NULL. */
    void (*events)(void *context, const struct gh_event *event, size_t count);
    void (*change)(void *context, const struct gh_finding *finding);
    /* The last event is in, the tick that judges the last day is not; may be NULL. */
    void (*end)(void *context);
};
void eval_company_open(struct eval_company *company, const struct gh_sim_plan *plan,
                       const struct gh_setup *setup);
void eval_company_run(struct eval_company *company, const struct eval_watch *watch);
void eval_company_close(struct eval_company *company);

/* Number of the person with this name, from 0; UINT32_MAX: nobody. */
uint32_t eval_person(const struct eval_company *company, struct gh_text name);
struct gh_text eval_name(const struct eval_company *company, uint32_t person);
int eval_behaviour(const char *name); /* -1: unknown */

#endif
