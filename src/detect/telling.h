/* telling.h - phrases that several detectors' explanations share. */
#ifndef GOODHART_DETECT_TELLING_H
#define GOODHART_DETECT_TELLING_H

#include "base/write.h"
#include "detect/detector.h"

/* "1.2 million tokens ($8.40)"; the cost is left out where prices are unknown. */
void gh_tell_spend(struct gh_writer *w, double tokens, double cost_usd, bool cost_unknown);
/* "On 9 days since 3 March 2026" / "On 3 March 2026" */
void gh_tell_days(struct gh_writer *w, const struct gh_episode *episode);
/* The last sentence of a finding about a person: what was above the usual, and for a case
 * that output did not keep pace (or that none is reported). */
void gh_tell_excess(struct gh_writer *w, const struct gh_telling *telling);

/* Ends an explanation of an incident that only a lot has brought up. */
void gh_tell_audit(char *explanation, size_t size);
/* That calls of these days never arrived; nothing where it is less than 1 in 100. */
void gh_tell_missing(const struct gh_episode *episode, char *explanation, size_t size);

/* Running means over an episode, weighted by calls or by days: adds one observation. */
double gh_mean_add(double mean, double weight_before, double value, double weight);

#endif
