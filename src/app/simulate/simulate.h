/* simulate.h - a labelled company: honest people with rhythms, and gamers of every
 * behaviour. The same plan gives the same events, byte for byte. */
#ifndef GOODHART_APP_SIMULATE_H
#define GOODHART_APP_SIMULATE_H

#include "goodhart/error.h"
#include "goodhart/event.h"
#include "goodhart/finding.h"

/* How gamers hide, each form where it fits (gh_sim_form_fits).
 *   naive         not at all
 *   cautious      a little of everything: slow start, hours of work, less of the same
 *   novelty       loops of which seven messages in ten are new
 *   ring          loops of three or four agents
 *   split         loops cut up into many short sessions
 *   owners        loops between the agents of two people; never drawn by `mixed`
 *   jitter        uneven gaps and sizes
 *   paraphrase    a request that looks alike 35 times in a hundred
 *   ramp          24 days until it is in full swing
 *   cached        more context, but only read from the cache
 *   rest          machines with uneven gaps that sleep for 5.5 hours a day
 *   overshoot     well above the quota, in three days instead of one
 *   fake_outputs  work to show for it, as much more as there is spend */
// clang-format off
#define GH_SIM_FORM_LIST(X)                                                              \
    X(naive, GH_SIM_NAIVE) X(cautious, GH_SIM_CAUTIOUS) X(novelty, GH_SIM_NOVELTY)       \
    X(ring, GH_SIM_RING) X(split, GH_SIM_SPLIT) X(owners, GH_SIM_OWNERS)                 \
    X(jitter, GH_SIM_JITTER)                                                             \
    X(paraphrase, GH_SIM_PARAPHRASE) X(ramp, GH_SIM_RAMP) X(cached, GH_SIM_CACHED)       \
    X(rest, GH_SIM_REST) X(overshoot, GH_SIM_OVERSHOOT)                                  \
    X(fake_outputs, GH_SIM_FAKE_OUTPUTS)
// clang-format on
enum gh_sim_form { GH_SIM_FORM_LIST(GH_ENUM_VALUE) GH_SIM_FORMS };
enum { GH_SIM_MIXED = -1, GH_SIM_STRENGTHS_MAX = 4 };

struct gh_sim_plan {
    uint32_t actors; /* 2..1,000,000 */
    uint32_t weeks;  /* 1..104 */
    double gamers;   /* share of actors that game, 0..1 */
    int behaviour;   /* enum gh_behaviour of all gamers; -1: each draws one */
    double strength; /* spend of the gamed part, in multiples of the person's own usual;
                        0: each draws one of `strengths` */
    double strengths[GH_SIM_STRENGTHS_MAX]; /* ends at the first 0 */
    int form;     /* enum gh_sim_form of all gamers; GH_SIM_MIXED: naive or one that fits */
    bool anyone;  /* gamers from all people, not from the heavier users alone */
    bool rotten;  /* gamers come as teams: six of ten or all, with one behaviour at one time */
    bool day_one; /* gaming since before the first event */
    bool bursts;  /* benign bursts: on-call, deadlines, migrations, undeclared … */
    uint64_t seed;
    int64_t start_ms; /* first day, a Monday 00:00 UTC */
};
struct gh_sim_plan gh_sim_plan_default(void);

/* What is true of an actor. */
struct gh_sim_label {
    struct gh_text actor;
    bool gamer;
    enum gh_behaviour behaviour;
    enum gh_sim_form form;
    uint32_t together;         /* how many game together, this one among them; 0: alone */
    int64_t from_ms, until_ms; /* of the gaming */
    int64_t began_ms;          /* of the first gamed call so far; 0 none */
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
const char *gh_sim_form_name(uint32_t form); /* NULL: no such form */
bool gh_sim_form_fits(uint32_t form, enum gh_behaviour behaviour);

#endif
