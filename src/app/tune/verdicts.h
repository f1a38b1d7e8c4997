/* verdicts.h - what reviewers said, by finding: the latest that decides holds. */
#ifndef GOODHART_APP_TUNE_VERDICTS_H
#define GOODHART_APP_TUNE_VERDICTS_H

#include "engine/inspect.h"
#include "stat/judged.h"

struct gh_verdicts;

/* GLib's memory: there is no failure to hand on. */
struct gh_verdicts *gh_verdicts_new(void);
void gh_verdicts_free(struct gh_verdicts *verdicts); /* NULL is legal */

/* An event of kind verdict. */
void gh_verdicts_hear(struct gh_verdicts *verdicts, const struct gh_event *event);
/* For one engine: gh_verdicts_hear of each verdict that it takes. Lent. */
const struct gh_watch *gh_verdicts_watch(const struct gh_verdicts *verdicts);

/* gaming and waste: right; legitimate: wrong; unsure, data_error and no verdict: not judged. */
enum gh_judgement gh_verdicts_of(const struct gh_verdicts *verdicts, const char *id);

struct gh_verdict_counts {
    uint32_t right, wrong, undecided; /* findings; undecided: unsure or data_error alone */
    uint32_t pairs, differ;           /* decisions of one finding by different reviewers */
};
void gh_verdicts_count(const struct gh_verdicts *verdicts, struct gh_verdict_counts *counts);

#endif
