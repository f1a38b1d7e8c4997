/* run.h - what all of `goodhart tune` has in common: which past, under which settings, judged
 * by what; and one run over it (app/whatif.h). */
#ifndef GOODHART_APP_TUNE_RUN_H
#define GOODHART_APP_TUNE_RUN_H

#include "app/command.h"
#include "app/tune/compare.h"
#include "app/tune/labels.h"
#include "app/tune/worth.h"
#include "app/whatif.h"

/* What the flags say. Texts are lent by the arguments. */
struct gh_tune_job {
    const struct gh_arguments *arguments;
    /* Settled. Of a folder what its service had last, with what the command line says on top;
     * else what the command line says. */
    struct gh_config *in_force;
    const char *const *path; /* files, or none: then `folder` */
    size_t path_count;
    const char *folder;
    int64_t from_ms, until_ms; /* INT64_MIN, INT64_MAX: not said */
    struct gh_worth_price price;
    struct gh_tune_labels *labels; /* NULL: verdicts of the log */
};
/* `first`: how many positional arguments come before the files. GH_EUSAGE: a flag is wrong, or
 * there is neither a file nor store.folder. End it with gh_tune_job_free, also on failure. */
GH_MUST_USE enum gh_status gh_tune_job_read(struct gh_tune_job *job,
                                            const struct gh_arguments *arguments, size_t first,
                                            struct gh_error *error);
void gh_tune_job_free(struct gh_tune_job *job);

/* One setting and what it led to. */
struct gh_tune_tried {
    char *name;   /* what is other than now: "incident.false_alarms=0.1"; "now" of the first */
    double value; /* of a sweep's option, where there is one */
    struct gh_config *config; /* owned; NULL: the one in force */
    struct gh_tune_outcome outcome;
    struct gh_tune_comparison comparison; /* with what is in force */
    struct gh_worth_sum worth;            /* at GH_TUNE_LEVEL */
    struct gh_worth_gain gain;            /* over what is in force */
    struct gh_whatif_totals totals;
};
#define GH_TUNE_LEVEL 0.95

struct gh_tune_run {
    const struct gh_tune_job *job;
    GPtrArray *tried; /* of struct gh_tune_tried; the first is what is in force */
    struct gh_verdicts *verdicts;
    struct gh_verdict_counts heard;
    struct gh_worth *worth;
    int32_t first_date; /* of the log; INT32_MAX: no day of it was over */
    int64_t last_ms;    /* newest event as far as days are over */
};
/* The first case, which is what is in force, is there from the start. */
void gh_tune_run_init(struct gh_tune_run *run, const struct gh_tune_job *job);
void gh_tune_run_free(struct gh_tune_run *run); /* {0} is legal */
/* Another case; takes `config`, which it settles. Its name is copied. */
struct gh_tune_tried *gh_tune_run_add(struct gh_tune_run *run, struct gh_config *config,
                                      const char *name);
/* Once: runs all cases, pairs, judges. GH_EFORMAT: nothing in the stretch, or it ends before
 * anybody is judged. With a progress line. */
GH_MUST_USE enum gh_status gh_tune_run_go(struct gh_tune_run *run, struct gh_error *error);

size_t gh_tune_tried_count(const struct gh_tune_run *run);
const struct gh_tune_tried *gh_tune_tried_at(const struct gh_tune_run *run, size_t index);
/* Whether anything is known of which findings are right. */
bool gh_tune_judged(const struct gh_tune_run *run);
/* Days of the stretch, at least a part of one. */
double gh_tune_days(const struct gh_tune_run *run);
/* The stretch as it was: what was said, or where the log begins and ends. */
void gh_tune_stretch(const struct gh_tune_run *run, int64_t *from_ms, int64_t *until_ms);
/* When evidence is whole: before, days teach, or only what no peer is allowed is judged. */
int64_t gh_tune_taught_ms(const struct gh_tune_run *run);

#endif
