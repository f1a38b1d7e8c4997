/* worth_inside.h - matters, as worth.c makes them and worth_figures.c reads them. */
#ifndef GOODHART_APP_TUNE_WORTH_INSIDE_H
#define GOODHART_APP_TUNE_WORTH_INSIDE_H

#include "app/tune/worth.h"

#include <glib.h>

/* A finding as one setting last told of it. */
struct gh_told_finding {
    char id[GH_FINDING_ID_SIZE];
    uint32_t setting, actor;
    enum gh_behaviour behaviour;
    enum gh_track track; /* the highest */
    double excess_usd;
    int64_t from_ms, until_ms;
};
/* How many findings of a matter a setting has. */
struct gh_shown {
    uint16_t alarms, accusations;
};
struct gh_matter {
    uint32_t actor;
    enum gh_behaviour behaviour;
    enum gh_judgement judgement;
    bool reviewable;   /* where the first setting shows it, there; else anywhere */
    double excess_usd; /* the largest */
};
struct gh_worth {
    uint32_t settings;
    struct gh_worth_price price;
    GHashTable **by_id; /* [settings] of struct gh_told_finding, which begins with its key */
    GHashTable *actors; /* name to number, from 1 */
    struct gh_matter *matter;
    struct gh_shown *shown; /* [matters][settings] */
    uint32_t matters;
    double prior[GH_BEHAVIOUR_COUNT]; /* share of the judged that is right */
};

#endif
