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
    bool rate;                      /* so many false alarms a day at most: it promises */
    double now; /* in force; of a rate that is left open, what it comes to */
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
/* Ladders of one kind; `wanted` (NULL: all) says of which detectors. Returns how many there are;
 * none of GH_LADDER_OWN + i: no detector has so many options. */
enum { GH_LADDERS_MAX = 16 };
size_t gh_ladders(const struct gh_config *now, uint32_t kind, bool loosen,
                  bool (*wanted)(const void *context, const char *detector),
                  const void *context, struct gh_ladder ladder[GH_LADDERS_MAX]);
/* "group.option=value", as gh_config_set reads it. */
enum { GH_LADDER_ASSIGNMENT_SIZE = GH_LADDER_NAME_SIZE + 32 };
void gh_ladder_assignment(const struct gh_ladder *ladder, double value,
                          char text[GH_LADDER_ASSIGNMENT_SIZE]);

#endif
