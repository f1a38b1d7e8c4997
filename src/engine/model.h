/* model.h - fitted numbers that are not options: what honest people look like before a
 * company has a history of its own, and how heavy the tails of their evidence are. */
#ifndef GOODHART_ENGINE_MODEL_H
#define GOODHART_ENGINE_MODEL_H

#include "goodhart/finding.h"
#include "stat/tail.h"

struct gh_share_prior {
    double mean, clip, cap; /* mean of honest shares; 99 % of days; most an own mean may be */
};
struct gh_level_prior {
    double center, sd; /* of own means and of days around them, log scale */
    double shrink;     /* own days that weigh as much as `center`; 0: as the option says */
    double cap;        /* most an own mean may be, whatever the history */
};
struct gh_score_bounds {
    double low, high; /* an incident's threshold lies between these, whatever the history */
    double people;    /* for each false alarm a day, where that was measured */
    double index;     /* of the honest tail: P(score > s) falls as exp(-index s); > 0 */
};

struct gh_model {
    char name[64], version[32];
    struct gh_share_prior share[GH_BEHAVIOUR_COUNT];
    struct gh_level_prior level[GH_BEHAVIOUR_COUNT];
    struct gh_score_bounds score[GH_BEHAVIOUR_COUNT]; /* of context detectors' days */
    struct gh_score_bounds fast[GH_BEHAVIOUR_COUNT];  /* of fast paths */
    struct gh_tail
        tail[GH_TRACK_COUNT]; /* of sup log E of honest person-epochs; review, case */
    /* Tempering of each behaviour's bets, (0, 1]: the heavier honest people's tail of its
     * evidence, the smaller, so that no behaviour spends the others' false discoveries. */
    double eta[GH_BEHAVIOUR_COUNT];
    double units_per_usd; /* peers' output per dollar before any is known */
};

#endif
