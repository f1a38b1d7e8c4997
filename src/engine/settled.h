/* settled.h - what the settlement of a date makes of each day. Internal to src/engine. */
#ifndef GOODHART_ENGINE_SETTLED_H
#define GOODHART_ENGINE_SETTLED_H

#include "engine/inspect.h"

/* What the settlement makes of one detector's observation of one day. */
struct gh_judged_classes {
    struct gh_by_class seen;
    double base[GH_PARTS], spread[GH_PARTS];
};
struct gh_judged {
    struct gh_observation seen;
    struct gh_judged_classes *by_class; /* GH_LEVEL, else NULL */
    double base, allowed; /* own expectation; with all allowances but the shocks */
    bool known;           /* enough own history to bet on */
    double residual;      /* value - base */
    double shock;         /* part that peers share; GH_SCORE: of either sign */
    double team_shock;    /* and on top of that the team */
    double spread;        /* GH_LEVEL: standard deviation of the residual */
    double log_l;         /* log of the day's e-variable, mean over the bets */
    double p;             /* GH_LEVEL: what the bets were on; NAN: none */
    double log_bet[GH_BETS];
    bool bet;     /* in the set review */
    bool gated;   /* not in the set case: output kept pace */
    bool flagged; /* in a reviewable set when it was bet on */
    uint8_t why;  /* enum gh_why: nothing was made of it */
    double score; /* for incidents: a context detector's score, else the evidence so far */
};

/* Who the person of a settled day is to others. */
struct gh_who {
    uint32_t cohort, team;
    uint32_t models;     /* the usual one and that of the day; 0 unknown */
    bool example, apart; /* peers learn from the day; as gh_actor.apart */
};

#endif
