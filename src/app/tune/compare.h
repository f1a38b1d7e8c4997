/* compare.h - findings under two settings, paired: which are the same, moved, gone or new.
 *
 * A finding is the same one when its id is (detector, person and first event are), else when
 * one of the same detector about the same person reaches into its days. Each is in one pair at
 * most; ids pair first, then the earliest. */
#ifndef GOODHART_APP_TUNE_COMPARE_H
#define GOODHART_APP_TUNE_COMPARE_H

#include "app/tune/outcome.h"

// clang-format off
#define GH_TUNE_MOVE_LIST(X)                                                            \
    X(same, GH_TUNE_SAME)         /* told of at the same moment, of the same weight */  \
    X(earlier, GH_TUNE_EARLIER)   /* told of by so many ms */                           \
    X(later, GH_TUNE_LATER)                                                             \
    X(severity, GH_TUNE_SEVERITY) /* of another severity, whenever it was told */       \
    X(track, GH_TUNE_TRACK)       /* on another track, whatever else has changed */     \
    X(gone, GH_TUNE_GONE)                                                               \
    X(new, GH_TUNE_NEW)
// clang-format on
enum gh_tune_move { GH_TUNE_MOVE_LIST(GH_ENUM_VALUE) GH_TUNE_MOVE_COUNT };
const char *gh_tune_move_name(enum gh_tune_move move);

struct gh_tune_pair {
    enum gh_tune_move move;
    const struct gh_tune_finding *before, *after; /* NULL: new, gone */
};
/* Either of a pair: for actor, team and detector, which both have. */
const struct gh_tune_finding *gh_tune_either(const struct gh_tune_pair *pair);

struct gh_tune_comparison {
    GArray *pair; /* struct gh_tune_pair, by actor, detector and beginning */
    uint64_t by_move[GH_TUNE_MOVE_COUNT];
    uint64_t people, teams; /* of whom anything but `same` is told */
};
/* Both have ended and outlive the comparison. */
void gh_tune_compare(struct gh_tune_comparison *comparison,
                     const struct gh_tune_outcome *before, const struct gh_tune_outcome *after);
void gh_tune_comparison_free(struct gh_tune_comparison *comparison); /* {0} is legal */
/* Pairs that differ. */
uint64_t gh_tune_changes(const struct gh_tune_comparison *comparison);

#endif
