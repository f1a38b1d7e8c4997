/* apply.h - what is proposed becomes a change of the service's settings, on its record. */
#ifndef GOODHART_APP_TUNE_APPLY_H
#define GOODHART_APP_TUNE_APPLY_H

#include "app/tune/propose.h"

/* Where the service (control.bind, --endpoint) has other values for options of the engine than
 * the configuration of the arguments, they are taken over: what is proposed is then held
 * against what is in force there. Before gh_tune_job_read. */
GH_MUST_USE enum gh_status gh_tune_take_over(const struct gh_arguments *arguments,
                                             struct gh_error *error);
/* All that is chosen: first whether the service would take all of it, then each as a change of
 * its own, with its reason, so that each can be reverted. Tells each on standard error. */
GH_MUST_USE enum gh_status gh_tune_apply(const struct gh_proposals *proposals,
                                         const struct gh_arguments *arguments,
                                         struct gh_error *error);

#endif
