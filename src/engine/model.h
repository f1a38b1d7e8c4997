/* model.h - fitted numbers that are not options: what honest people look like before a
 * company has a history of its own, and how heavy the tails of their evidence are.
 *
 * edge/model_keys.h lists them as they stand in a file; `goodhart fit` makes them. */
#ifndef GOODHART_ENGINE_MODEL_H
#define GOODHART_ENGINE_MODEL_H

#include "goodhart/finding.h"
#include "stat/tail.h"

/* Meaning of the numbers. Raised by whoever changes what the engine makes of one of them, or
 * what a detector observes so much that a fitted number no longer holds: models of another
 * meaning are refused, and are to be fitted again. */
enum { GH_MODEL_ENGINE = 2 };

struct gh_share_prior {
    double mean, clip, cap; /* mean of honest shares; 99 % of days; most an own mean may be */
};
struct gh_level_prior {
    double center, sd; /* of own means and of days around them, log scale */
    double cap;        /* most an own mean may be, whatever the history */
    double shrink;     /* own days that weigh as much as `center`; 0: as the option says */
};
struct gh_score_bounds {
    double low, high; /* an incident's threshold lies between these, whatever the history */
    double people;    /* for each false alarm a day, where that was measured */
    double index;     /* of the honest tail: P(score > s) falls as exp(-index s); > 0 */
};

/* Sorts of calls whose sizes differ by powers of ten. */
#define GH_CALL_CLASS_LIST(X)                                                      \
    X(completion, GH_CLASS_COMPLETION) /* no agent, no session */                  \
    X(chat, GH_CLASS_CHAT)             /* no agent, in a session */                \
    X(agent, GH_CLASS_AGENT)           /* of an agent that a person set to work */ \
    X(called, GH_CLASS_CALLED)         /* asked for by another agent, a schedule, CI */
enum gh_call_class { GH_CALL_CLASS_LIST(GH_ENUM_VALUE) GH_CALL_CLASS_COUNT };

/* What single calls of public traces look like; no company can move it. */
enum { GH_REFERENCE_QUANTILES = 3 }; /* 0.5, 0.9, 0.99 */
struct gh_call_reference {
    double calls; /* behind it; 0: nothing is known of this class */
    double context[GH_REFERENCE_QUANTILES], output[GH_REFERENCE_QUANTILES]; /* log tokens */
};

struct gh_model {
    char name[64], version[32];
    struct gh_share_prior share[GH_BEHAVIOUR_COUNT];
    struct gh_level_prior level[GH_BEHAVIOUR_COUNT];
    struct gh_score_bounds score[GH_BEHAVIOUR_COUNT]; /* of days */
    struct gh_score_bounds fast[GH_BEHAVIOUR_COUNT];  /* of fast paths */
    struct gh_tail
        tail[GH_TRACK_COUNT]; /* of sup log E of honest person-epochs; review, case */
    /* Tempering of each behaviour's bets, (0, 1]: the heavier honest people's tail of its
     * evidence, the smaller, so that no behaviour spends the others' false discoveries. */
    double eta[GH_BEHAVIOUR_COUNT];
    double units_per_usd; /* peers' output per dollar before any is known */
    struct gh_call_reference reference[GH_CALL_CLASS_COUNT];
};

#endif
