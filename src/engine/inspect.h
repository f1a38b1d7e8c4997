/* inspect.h - what an engine knows, for those who measure it: the fit of a model, the
 * evaluation. Reading changes nothing that the engine says.
 *
 * A watch is told of each judged day and of each end of an epoch, in the order of settlement,
 * on the thread that feeds the engine. It is handed in with the setup (gh_setup.watch). */
#ifndef GOODHART_ENGINE_INSPECT_H
#define GOODHART_ENGINE_INSPECT_H

#include "detect/registry.h"
#include "goodhart/engine.h"

enum {
    GH_SETS = 2, /* reviewable sets: 0 review, 1 case */
    GH_BETS = 3, /* alternatives per detector */
};

/* What one structural detector saw of one day, and the bets on it. */
struct gh_seen_bet {
    bool observed; /* the detector saw the day: `value` holds */
    bool known;    /* there was history enough to judge it: `residual` holds */
    bool bet;      /* `log_bet` was bet in the set review */
    double value;  /* share or level */
    /* GH_LEVEL: by class of work, as observed; and what is left of it as in `residual` */
    double part[GH_PARTS], weight[GH_PARTS], part_residual[GH_PARTS];
    double residual; /* value less own expectation and what peers and team shared */
    double p;        /* GH_LEVEL: conformal p-value of the day; NAN: none */
    double log_bet[GH_BETS];
    double log_e; /* evidence in the set review after this day */
};

/* One person's day, after it was bet on. */
struct gh_seen_day {
    uint32_t actor;    /* id, from 1 */
    uint32_t epoch;    /* 0: the burn-in */
    uint32_t day_gone; /* days of the epoch before this one */
    bool active;       /* there was a judged call */
    double units, cost_usd;
    struct gh_seen_bet by[GH_DETECTORS_MAX]; /* context detectors: all zero */
};

struct gh_watch {
    void *context;
    void (*day)(void *context, struct gh_engine *engine, const struct gh_seen_day *seen);
    /* Before the evidence of the epoch is forgotten. */
    void (*epoch_end)(void *context, struct gh_engine *engine);
    /* A reviewer decided about a finding of this person; never GH_UNSURE. */
    void (*verdict)(void *context, uint32_t actor, enum gh_verdict verdict);
    /* Every verdict that came, whatever it is about; lent for the call. */
    void (*heard)(void *context, const struct gh_event *verdict);
};

struct gh_inspected_epoch {
    uint32_t epoch;     /* 0: the burn-in */
    uint32_t days;      /* of it that are settled */
    uint32_t length;    /* days of an epoch, the burn-in's when that runs */
    uint32_t enrolled;  /* people who take part */
    int32_t first_date; /* of the log */
};
struct gh_inspected_epoch gh_inspect_epoch(const struct gh_engine *engine);

/* One person, as of the last settled day. */
struct gh_inspected {
    struct gh_text actor, role; /* lent; an absent role has size 0 */
    bool human, enrolled;
    uint32_t active_days;
    int32_t first_date;                         /* INT32_MAX: none yet */
    double sup_log_e[GH_SETS], log_e[GH_SETS];  /* of all detectors together */
    double log_e_by[GH_DETECTORS_MAX][GH_SETS]; /* structural ones */
    double score_sup[GH_DETECTORS_MAX];         /* largest score of a day, this epoch */
    double fast_sup[GH_DETECTORS_MAX];          /* largest score of the fast path */
};
uint32_t gh_inspect_count(const struct gh_engine *engine); /* ids are 1..count */
uint32_t gh_inspect_find(const struct gh_engine *engine, struct gh_text actor); /* 0: none */
/* False: no event has given this id a person yet. */
bool gh_inspect(struct gh_engine *engine, uint32_t actor, struct gh_inspected *found);
/* Role and kind of a person alone: cheap. */
struct gh_text gh_inspect_role(const struct gh_engine *engine, uint32_t actor);

/* Ways in which a detector alarms: its days and its fast path share the false alarms. */
double gh_alarm_paths(uint32_t d);

#endif
