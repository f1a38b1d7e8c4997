/* try.h - the ways to try settings on the past: one beside the other, along an option, over
 * several options at once. */
#ifndef GOODHART_APP_TUNE_TRY_H
#define GOODHART_APP_TUNE_TRY_H

#include "app/tune/axis.h"
#include "app/tune/run.h"

/* Changes of settings are for everybody, or for one team or role as --team and --role say. */
/* `config` = what is in force and "group.option=value" on top; the caller owns it. Errors name
 * the option and what is legal. */
GH_MUST_USE enum gh_status gh_tune_candidate(struct gh_config **config,
                                             const struct gh_tune_job *job,
                                             const char *const *assignment, size_t count,
                                             struct gh_error *error);

/* Adds a case of all --try together, and one for each --candidate; runs. GH_EUSAGE: neither is
 * given, or one is what is in force. */
GH_MUST_USE enum gh_status gh_tune_try(struct gh_tune_run *run, struct gh_error *error);
/* One case for each value of the axis; runs. */
GH_MUST_USE enum gh_status
gh_tune_sweep(struct gh_tune_run *run, const struct gh_tune_axis *axis, struct gh_error *error);
/* The values of several options that cost least together, of `points` that are tried at most;
 * then `run` has what is in force and, where it is another, the best. GH_EUSAGE: nothing says
 * which findings are right. */
struct gh_tune_space {
    const struct gh_tune_axis *axis;
    size_t axes; /* 1..GH_SEARCH_AXES_MAX */
    uint64_t points;
    uint64_t tried; /* out */
    bool settled;   /* out: nothing better was near; false: no points were left */
};
GH_MUST_USE enum gh_status gh_tune_search(struct gh_tune_run *run, struct gh_tune_space *space,
                                          struct gh_error *error);

#endif
