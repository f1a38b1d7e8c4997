/* tell.h - pieces of the text of `goodhart explain`. Internal to this folder. */
#ifndef GOODHART_APP_EXPLAIN_TELL_H
#define GOODHART_APP_EXPLAIN_TELL_H

#include "app/explain/answer.h"
#include "base/write.h"

/* A log of an e-value as a number that a person can read: "5,331", "more than a trillion". */
void gh_explain_write_e(struct gh_writer *w, double log_e);
/* How many times: "1.84", "12,345". */
void gh_explain_write_ratio(struct gh_writer *w, double log_ratio);
/* An observation in the detector's own unit: share, tokens of a call, log scale. */
void gh_explain_write_value(struct gh_writer *w, uint32_t detector, double value);
/* A setting's value as YAML. */
void gh_explain_write_setting(struct gh_writer *w, const struct gh_explain_setting *setting,
                              double value);
/* Prints a paragraph, broken at 96 columns, and ends it. */
void gh_explain_paragraph(FILE *out, const char *text);
/* The days: of the epoch in which it was found, else of that of the nearest day. */
void gh_explain_table(const struct gh_explained *x, const struct gh_explain_answer *answer,
                      FILE *out);
/* What would have changed it. */
void gh_explain_tell_change(const struct gh_explained *x, const struct gh_config *config,
                            FILE *out);
/* The epoch that the table and the change are about. */
uint32_t gh_explain_epoch_of(const struct gh_explained *x,
                             const struct gh_explain_answer *answer);

#endif
