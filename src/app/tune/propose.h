/* propose.h - which setting to change, by how much, and on what evidence: `tune propose`.
 *
 * Every ladder (tune/ladder.h) is tried on the past. A change is proposed only if it pays for
 * sure: the lower end of its gain (tune/worth.h) is above 0. Where incidents would be added that
 * nobody has judged yet, what the option promises stands in for verdicts: at most so many false
 * ones a day. Looking at much finds something by chance, so the chance of error of a ladder is
 * that of its best rung times the rungs that differ (Bonferroni), and ladders are selected at
 * GH_PROPOSE_DOUBT by Benjamini & Hochberg 1995: of all changes that are proposed, at most so
 * large a part does not pay, on average. Of a detector the one that gains most is taken, so that
 * each can be told from what it did. All are then tried together, and stay only if they pay
 * together.
 *
 * Without `loosen` nothing is proposed that loosens review.alpha, case.alpha or a floor, and
 * nothing under which anybody would come before a manager who does not now.
 *
 * Incidents that were told of people drawn by lot (incident.audit) count as verdicts on what
 * looser thresholds would show: what is compared has no lot. */
#ifndef GOODHART_APP_TUNE_PROPOSE_H
#define GOODHART_APP_TUNE_PROPOSE_H

#include "app/outfile.h"
#include "app/tune/ladder.h"
#include "app/tune/run.h"

#define GH_PROPOSE_DOUBT 0.05

struct gh_proposal_rung {
    double value, doubt; /* doubt: chance of error, for this rung alone */
    bool promised;       /* by the option; else by verdicts */
    bool withheld;       /* somebody would come before a manager: only with `loosen` */
    struct gh_worth_gain gain;
};
struct gh_proposal {
    struct gh_ladder ladder;
    struct gh_proposal_rung rung[GH_RUNGS_MAX];
    double doubt;  /* of the ladder, 1 when nothing is known */
    bool judged;   /* verdicts or a promise say something of it */
    size_t chosen; /* rung; GH_RUNGS_MAX: left alone */
};
struct gh_proposals {
    GArray *looked; /* struct gh_proposal, each ladder that was tried */
    struct gh_verdict_counts heard;
    double audit; /* incident.audit in force */
    bool loosen;
    /* All chosen ones together, over what is in force; {0} when there are none. */
    struct gh_worth_gain together;
    struct gh_worth_sum now, then;
};

/* Selection alone: fills `chosen`. */
void gh_proposals_choose(struct gh_proposals *proposals);
/* The whole. End with gh_proposals_free, also on failure. */
GH_MUST_USE enum gh_status gh_tune_propose(const struct gh_tune_job *job, bool loosen,
                                           struct gh_proposals *proposals,
                                           struct gh_error *error);
void gh_proposals_free(struct gh_proposals *proposals);
/* The next that is chosen, or NULL; *cursor starts at 0. */
const struct gh_proposal *gh_proposals_next(const struct gh_proposals *proposals,
                                            size_t *cursor);
/* "9 of 10 judged wrong; ..." for `goodhart set --reason`. */
enum { GH_PROPOSAL_REASON_SIZE = 160 };
void gh_proposal_reason(const struct gh_proposal *proposal, char text[GH_PROPOSAL_REASON_SIZE]);

void gh_proposals_print(const struct gh_proposals *proposals, FILE *out);
/* One object for each ladder that was tried, and one for all that are chosen together. */
void gh_proposals_lines(const struct gh_proposals *proposals, struct gh_outfile *out);

#endif
