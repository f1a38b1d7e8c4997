/* session.h - one day of one person while it is made, and the sessions that fill it. */
#ifndef GOODHART_APP_SIMULATE_SESSION_H
#define GOODHART_APP_SIMULATE_SESSION_H

#include "app/simulate/person.h"
#include "app/simulate/record.h"

struct gh_sim_day {
    const struct gh_sim_plan *plan;
    struct gh_sim_person *person;
    struct gh_sim_records *out;
    struct gh_random random;
    int32_t index;       /* from 0, the first day of the plan on the person's calendar */
    int64_t date;        /* days since 1970-01-01 */
    uint32_t weekday;    /* 0 Monday */
    int64_t midnight_ms; /* local midnight */
    double volume;       /* factor on the number of sessions */
    double near_dup;     /* factor on near-duplicate prompts */
    double late;         /* factor on evening work */
    double answers;      /* factor on outputs of agents */
    bool withheld;       /* no work is handed in */
    bool cache_broken;   /* the client misses the prompt cache */
};

struct gh_sim_session {
    enum gh_sim_class class;
    bool crew;                 /* of agent sessions: planner, coder and reviewer take turns */
    bool gamed;                /* its tokens count as gamed */
    bool unattended;           /* no person types: a job or an API client */
    int64_t start_ms, stop_ms; /* nobody types after stop */
    uint32_t turns;            /* requests wanted */
    double budget;             /* tokens after which it ends; 0: no limit */
    double near_dup;           /* share of near-duplicate prompts */
    enum gh_origin origin;
    uint16_t experiment;
};
/* What came of it. */
struct gh_sim_done {
    int64_t end_ms;
    uint32_t turns, session, trace;
    double tokens;
};

/* A session of `class` as this person has it: turns drawn, near-duplicates and origin as
 * usual, from `start_ms` until `stop_ms`. */
struct gh_sim_session gh_sim_session_draw(struct gh_sim_day *day, enum gh_sim_class class,
                                          int64_t start_ms, int64_t stop_ms);
struct gh_sim_done gh_sim_session_run(struct gh_sim_day *day,
                                      const struct gh_sim_session *session);

/* A moment at which this person starts something today; and when work then ends. */
int64_t gh_sim_day_start(struct gh_sim_day *day);
int64_t gh_sim_day_stop(const struct gh_sim_day *day, int64_t start_ms);
/* UTC of a local minute of today; minutes past 1440 are tomorrow. */
int64_t gh_sim_day_time(const struct gh_sim_day *day, double minute);
/* `count` seconds as milliseconds, at least one. */
int64_t gh_sim_ms(double seconds);

/* Texts and numbers that every maker of calls fills alike: kind, actor, session, duration;
 * marks the tokens as gamed where they are. Call last. */
struct gh_sim_call *gh_sim_call_add(struct gh_sim_day *day, int64_t ts_ms);
void gh_sim_call_finish(struct gh_sim_day *day, struct gh_sim_call *call, bool gamed);
/* Splits `context` into fresh, read and written as the model's provider reports it;
 * `cached` is what the cache already holds. */
void gh_sim_call_split(struct gh_sim_call *call, double context, double cached);

#endif
