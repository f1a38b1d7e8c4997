/* simulate.h - a labelled company: honest people with rhythms, and gamers of every
 * behaviour. The same plan gives the same events, byte for byte. */
#ifndef GOODHART_APP_SIMULATE_H
#define GOODHART_APP_SIMULATE_H

#include "goodhart/error.h"
#include "goodhart/event.h"
#include "goodhart/finding.h"

struct gh_sim_plan {
    uint32_t actors; /* 2..1,000,000 */
    uint32_t weeks;  /* 1..104 */
    double gamers;   /* share of actors that game, 0..1 */
    int behaviour;   /* enum gh_behaviour of all gamers; -1: each draws one */
    double strength; /* spend of the gamed part, in multiples of the person's own usual;
                        0: each draws one of 1.5, 3, 10 */
    bool adaptive;   /* gamers know the detectors and stay just out of their sight */
    bool anyone;     /* gamers from all people, not from the heavier users alone */
    bool bursts;     /* benign bursts: on-call, deadlines, migrations, undeclared … */
    uint64_t seed;
    int64_t start_ms; /* first day, a Monday 00:00 UTC */
};
struct gh_sim_plan gh_sim_plan_default(void);

/* What is true of an actor. */
struct gh_sim_label {
    struct gh_text actor;
    bool gamer;
    enum gh_behaviour behaviour;
    int64_t from_ms, until_ms; /* of the gaming */
    double strength;
    double tokens_gamed, cost_gamed; /* so far */
    const char *role, *team;
    uint32_t bursts; /* bits: honest things that look odd, see gh_sim_burst_name */
};

struct gh_sim;
GH_MUST_USE enum gh_status gh_sim_new(struct gh_sim **sim, const struct gh_sim_plan *plan,
                                      struct gh_error *error);
void gh_sim_free(struct gh_sim *sim);
/* Up to `max` next events in order of `ts`; 0: the stream has ended, or memory has run out
 * (gh_sim_failed). Texts hold until the next call. */
size_t gh_sim_next(struct gh_sim *sim, struct gh_event *event, size_t max);
bool gh_sim_failed(const struct gh_sim *sim);
uint32_t gh_sim_label_count(const struct gh_sim *sim);
void gh_sim_label_at(const struct gh_sim *sim, uint32_t index, struct gh_sim_label *label);
/* Of bit number `bit`, from 0; NULL: no such bit. */
const char *gh_sim_burst_name(uint32_t bit);

#endif
