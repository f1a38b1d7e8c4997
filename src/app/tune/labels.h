/* labels.h - the truth about simulated people (labels.json of `goodhart simulate`) in the place
 * of verdicts: so that tuning can be tried where one knows what is right. */
#ifndef GOODHART_APP_TUNE_LABELS_H
#define GOODHART_APP_TUNE_LABELS_H

#include "app/tune/outcome.h"
#include "app/tune/verdicts.h"
#include "goodhart/error.h"

struct gh_tune_labels;

GH_MUST_USE enum gh_status gh_tune_labels_read(struct gh_tune_labels **labels, const char *path,
                                               struct gh_error *error);
void gh_tune_labels_free(struct gh_tune_labels *labels); /* NULL is legal */
/* Every finding gets a verdict: right where its person games on one of its days. Of a person
 * without a label nothing is known. */
void gh_tune_labels_judge(const struct gh_tune_labels *labels,
                          const struct gh_tune_outcome *outcome, struct gh_verdicts *verdicts);

#endif
