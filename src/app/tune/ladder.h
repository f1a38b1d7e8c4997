/* ladder.h - the values of options that `tune propose` tries.
 *
 * A ladder is an option and the values beside the one in force, nearest first. Ladders that
 * move findings of different detectors only are tried together: one case moves one rung on
 * each of them. */
#ifndef GOODHART_APP_TUNE_LADDER_H
#define GOODHART_APP_TUNE_LADDER_H

#include "app/config.h"

enum { GH_RUNGS_MAX = 12, GH_LADDER_NAME_SIZE = 96 };
struct gh_ladder {
    char name[GH_LADDER_NAME_SIZE]; /* "group.option" */
    const char *detector;           /* whose findings it moves alone; NULL: of all */
    bool rate;                      /* the values are false alarms a day */
    double per_day; /* else how many false alarms it is promised to stay below; 0: not at all */
    double now;     /* in force; of a rate that is left open, what it comes to */
    double rung[GH_RUNGS_MAX];
    size_t rungs;
};

enum gh_ladder_kind {
    GH_LADDER_RATE,   /* DETECTOR.false_alarms */
    GH_LADDER_FEWEST, /* DETECTOR.fewest_usd */
    GH_LADDER_REVIEW, /* review.fewest_usd */
    /* review.alpha, review.floor, case.alpha, case.floor: what the share of false discoveries
     * rests on. Only values that tighten, unless `loosen`. */
    GH_LADDER_REVIEW_ALPHA,
    GH_LADDER_REVIEW_FLOOR,
    GH_LADDER_CASE_ALPHA,
    GH_LADDER_CASE_FLOOR,
    GH_LADDER_OWN, /* and beyond: the first, second … number among a detector's own options */
};
/* Which ladders: of what is in force; with `loosen` also what loosens. */
struct gh_ladder_wish {
    const struct gh_config *now;
    bool loosen;
    /* Of which detectors; NULL: all. */
    bool (*wanted)(const void *context, const char *detector);
    const void *context;
};
/* Ladders of one kind; returns how many there are. None of GH_LADDER_OWN + i: no detector that
 * is wanted has so many options. */
enum { GH_LADDERS_MAX = 16 };
size_t gh_ladders(const struct gh_ladder_wish *wish, uint32_t kind,
                  struct gh_ladder ladder[GH_LADDERS_MAX]);
/* "group.option=value", as gh_config_set reads it. */
enum { GH_LADDER_ASSIGNMENT_SIZE = GH_LADDER_NAME_SIZE + 32 };
void gh_ladder_assignment(const struct gh_ladder *ladder, double value,
                          char text[GH_LADDER_ASSIGNMENT_SIZE]);

#endif
