/* propose.h - which setting to change, by how much, and on what evidence: `tune propose`.
 *
 * Every ladder (tune/ladder.h) is tried on the past. A change is proposed only if it pays:
 *
 *   by verdicts   the lower end of its gain (tune/worth.h) is above 0. Looking at much finds
 *                 something by chance: the chance of error of a ladder is that of its best rung
 *                 times the rungs that differ (Bonferroni), and ladders are selected at
 *                 GH_PROPOSE_DOUBT by Benjamini & Hochberg 1995: of what is proposed at most so
 *                 large a part does not pay, on average.
 *   as a trial    it only adds incidents, of which nobody has judged one wrong, and pays on
 *                 average even if GH_PROPOSE_SAFETY times as many are false as false_alarms
 *                 promises a day, or if only half as large a part of them is right as of what
 *                 the detector shows now (half the lower end), whichever is fewer. Looking is
 *                 cheap, and what verdicts then say decides the next time.
 *
 * Of a detector the change that gains most is taken, so that it can be told from what it did.
 * All are then tried together, and stay only if they pay together.
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
#define GH_PROPOSE_SAFETY 2.0

struct gh_proposal_rung {
    double value;
    double doubt;  /* chance of error by verdicts; 1: no verdict is for it */
    double trial;  /* gain as a trial; not above 0: none */
    bool withheld; /* somebody would come before a manager: only with `loosen` */
    struct gh_worth_gain gain;
};
struct gh_proposal {
    struct gh_ladder ladder;
    struct gh_proposal_rung rung[GH_RUNGS_MAX];
    double doubt;  /* of the ladder */
    bool judged;   /* verdicts say something of it */
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

/* Whether a rung is a trial, and what it gains by what it rests on. */
bool gh_proposal_trial(const struct gh_proposal_rung *rung);
double gh_proposal_gain(const struct gh_proposal_rung *rung);
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
