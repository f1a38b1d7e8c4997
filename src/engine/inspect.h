/* inspect.h - what an engine knows, for those who measure it: the fit of a model, the
 * evaluation. Reading changes nothing that the engine says.
 *
 * A watch is told of each judged day, of each end of an epoch, of each choice and of all that
 * is raised, in the order of settlement, on the thread that feeds the engine. It is handed in
 * with the setup (gh_setup.watch). */
#ifndef GOODHART_ENGINE_INSPECT_H
#define GOODHART_ENGINE_INSPECT_H

#include "detect/registry.h"
#include "engine/raise.h"
#include "goodhart/engine.h"
#include "stat/select.h"

enum {
    GH_SETS = 2, /* reviewable sets: 0 review, 1 case */
    GH_BETS = 3, /* alternatives per detector */
};

/* Why nothing was made of a detector's day: name for machines, what a person reads. Those up
 * to too_little hold for scores, too, the others for bets alone. */
// clang-format off
#define GH_WHY_LIST(X)                                                                        \
    X(judged, GH_WHY_JUDGED, "judged")                                                        \
    X(no_calls, GH_WHY_NO_CALLS, "no call to judge")                                          \
    X(not_whole, GH_WHY_NOT_WHOLE, "too few of the day's calls arrived")                      \
    X(not_observable, GH_WHY_NOT_OBSERVABLE, "what it looks at was not told")                 \
    X(too_little, GH_WHY_TOO_LITTLE, "too little of it to judge, or another sort of day was declared") \
    X(grace, GH_WHY_GRACE, "nobody is judged in the first days of a log")                     \
    X(service, GH_WHY_SERVICE, "a service account, not a person")                             \
    X(apart, GH_WHY_APART, "came without a key, and is kept apart")                           \
    X(newcomer, GH_WHY_NEWCOMER, "first seen after the epoch had begun; judged from the next one on") \
    X(mixed, GH_WHY_MIXED, "a part of the day came without a key")                            \
    X(little_history, GH_WHY_LITTLE_HISTORY, "too little own history to compare with")        \
    X(away, GH_WHY_AWAY, "leave or a holiday was declared")                                   \
    X(burn_in, GH_WHY_BURN_IN, "in the burn-in nobody knows yet how far honest days stray")   \
    X(no_peers, GH_WHY_NO_PEERS, "too few days of peers to compare with")                     \
    X(disabled, GH_WHY_DISABLED, "the detector is switched off here")
// clang-format on
#define GH_WHY_VALUE(name, code, text) code,
enum gh_why { GH_WHY_LIST(GH_WHY_VALUE) GH_WHY_COUNT };
const char *gh_why_name(enum gh_why why);
const char *gh_why_text(enum gh_why why);

/* Own history of one class of work; of a share, of all of it. */
struct gh_past {
    float sum, weight; /* of the observation */
    float anchor;      /* GH_LEVEL: own mean when the epoch began; NAN none */
    float square;      /* GH_LEVEL: of what days stray, weighted likewise */
};

/* What a detector saw of one day, and what was made of it. */
struct gh_seen_bet {
    bool observed; /* the detector saw the day: `value` holds */
    bool known;    /* there was history enough to judge it: `residual` holds */
    bool bet;      /* `log_bet` was bet in the set review */
    bool gated;    /* not in the set case: output kept pace with spend */
    enum gh_why why;
    double value; /* share, level or score */
    /* GH_LEVEL: by class of work, as observed; and what is left of it as in `residual` */
    double part[GH_PARTS], weight[GH_PARTS], part_residual[GH_PARTS];
    double residual; /* value less own expectation and what peers and team shared */
    /* The parts of that: own expectation; most that is allowed before the shocks; what peers
     * or users of a model shared; what the team shared besides. */
    double base, allowed, shock, team_shock;
    struct gh_past past[GH_PARTS]; /* own history, this day included */
    double noise[GH_PARTS];        /* GH_LEVEL: variance of each part for want of calls */
    double prior_mean, prior_clip, prior_cap; /* GH_SHARE: of the peers */
    bool flagged; /* in a reviewable set already: the own history did not take the day in */
    double spread, stake; /* GH_LEVEL: sd of the residual; part that is the own doing */
    double p;             /* GH_LEVEL: conformal p-value of the day; NAN: none */
    double log_bet[GH_BETS];
    double log_e;                  /* evidence in the set review after this day */
    double log_e_case, log_e_team; /* in the set case; without what the team shared */
    double score;                  /* for incidents: of context detectors `value`, else log_e */
    bool shows;                    /* there was something of it on this day */
    double threshold[GH_TOLD_WAYS]; /* of `score`; [GH_TOLD_BELOW]: of who was drawn */
    double fast_sup, fast_threshold[GH_TOLD_WAYS]; /* largest of this epoch's calls so far */
    double excess_usd, excess_tokens;              /* of the episode; 0: there is none */
    double least_usd;                              /* of it, that raises an incident */
};

/* One person's day, after it was bet on. */
struct gh_seen_day {
    uint32_t actor; /* id, from 1 */
    int32_t date;
    uint32_t epoch;    /* 0: the burn-in */
    uint32_t day_gone; /* days of the epoch before this one */
    bool active;       /* there was a judged call */
    bool audited;      /* the person was drawn: incidents just below are told, too */
    uint32_t calls, outputs, cohort;
    uint32_t schedule; /* bits 1 << enum gh_schedule */
    double units, tokens, cost_usd, missing;
    double exempt_tokens, exempt_usd;        /* inside declared experiments */
    struct gh_seen_bet by[GH_DETECTORS_MAX]; /* context detectors bet nothing */
};

/* A set was chosen, on each settled date of which somebody could have been: lent. Of set
 * GH_SETS the candidates are teams. What may not count has log_e -INFINITY. */
struct gh_seen_set {
    uint32_t set;
    struct gh_family family;
    const struct gh_candidate *candidate;
    size_t count;
    double log_threshold; /* INFINITY: nobody is selected */
};

/* Somebody among the others of a set, who need not be a candidate. */
struct gh_seen_choice {
    uint32_t set;
    struct gh_family family;
    bool frozen, selected;
    double log_e;      /* of all detectors together, as it is now; frozen: as it was then */
    double log_floor;  /* below it nothing counts */
    double log_needed; /* what it takes with all others as they are */
    double log_threshold;
    double sup_log_e, p, p_needed;   /* the empirical lock: p may be at most that */
    double usd, unpriced, least_usd; /* excess of the episodes, and what it must come to */
    double log_weight[GH_DETECTORS_MAX], log_e_by[GH_DETECTORS_MAX]; /* structural ones */
    double team_log_e; /* GH_SETS: of the team; log_e is the own */
};

/* What came of something that was raised. */
#define GH_HEARD_LIST(X)                                                       \
    X(news, GH_HEARD_NEWS)       /* an alert */                                \
    X(no_news, GH_HEARD_NO_NEWS) /* the finding is open and says so already */ \
    X(decided, GH_HEARD_DECIDED) /* a reviewer has decided about it */         \
    X(told, GH_HEARD_TOLD)       /* a fast incident has told of these days */
enum gh_heard { GH_HEARD_LIST(GH_ENUM_VALUE) GH_HEARD_COUNT };
struct gh_seen_raise {
    const struct gh_raise *raise; /* lent */
    enum gh_heard heard;
    const char *finding; /* id; "" when there is none. Lent */
};

/* How the threshold of a detector's incidents comes about. */
struct gh_seen_threshold {
    double alarms;       /* allowed a day, with what verdicts taught */
    double people, days; /* that it was learned from */
    double learned;      /* what so few exceeded; NAN: nothing to learn from yet */
    double low, high;    /* bounds of the model */
    double threshold;    /* learned, within the bounds; without it the higher one */
};

struct gh_watch {
    void *context;
    void (*day)(void *context, struct gh_engine *engine, const struct gh_seen_day *seen);
    /* Before the evidence of an epoch, or of the burn-in, is forgotten. */
    void (*epoch_end)(void *context, struct gh_engine *engine);
    /* A reviewer decided about a finding of this person; never GH_UNSURE. */
    void (*verdict)(void *context, uint32_t actor, enum gh_verdict verdict);
    /* Every verdict that came, whatever it is about; lent for the call. */
    void (*heard)(void *context, const struct gh_event *verdict);
    void (*chosen)(void *context, struct gh_engine *engine, const struct gh_seen_set *seen);
    void (*raised)(void *context, struct gh_engine *engine, const struct gh_seen_raise *seen);
};

/* Within watch.chosen alone. False: nobody, or not one of this set. */
bool gh_inspect_choice(struct gh_engine *engine, const struct gh_seen_set *seen, uint32_t actor,
                       struct gh_seen_choice *choice);
/* Of everybody. `alarms` a day; 0: as many as hold. */
struct gh_threshold_wish {
    uint32_t detector;
    bool fast, apart;
    double alarms;
};
struct gh_seen_threshold gh_inspect_threshold(const struct gh_engine *engine,
                                              const struct gh_threshold_wish *wish);
/* Scores from which on incidents of a detector are told now. */
struct gh_thresholds gh_inspect_thresholds(const struct gh_engine *engine, uint32_t d,
                                           bool apart);
/* How rare so much evidence is among honest people, as the lock has it. */
double gh_inspect_lock(const struct gh_engine *engine, uint32_t set, double sup_log_e);

struct gh_inspected_epoch {
    uint32_t epoch;       /* 0: the burn-in */
    uint32_t days;        /* of it that are settled */
    uint32_t length;      /* days of an epoch, the burn-in's when that runs */
    uint32_t enrolled;    /* people who take part */
    int32_t first_date;   /* of the log */
    int32_t settled_date; /* the last one */
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
/* What is kept apart of this name; 0: nothing. */
uint32_t gh_inspect_find_apart(const struct gh_engine *engine, struct gh_text actor);
/* False: no event has given this id a person yet. */
bool gh_inspect(struct gh_engine *engine, uint32_t actor, struct gh_inspected *found);
/* Role and kind of a person alone: cheap. */
struct gh_text gh_inspect_role(const struct gh_engine *engine, uint32_t actor);

/* Ways in which a detector alarms: its days and its fast path share the false alarms. */
double gh_alarm_paths(uint32_t d);

#endif
