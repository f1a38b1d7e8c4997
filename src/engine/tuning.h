/* tuning.h - how many false alarms a detector's incidents may make, learned from verdicts.
 *
 * The option incident.false_alarms is where everybody starts. At the start of an epoch a
 * detector's allowance may move by one step (a factor of 1.5), which moves the thresholds of
 * its days and of its fast path for everybody alike:
 *
 *   up    when of the incidents that were told too few are real. Verdicts on them are biased
 *         only by who answers: an incident without an answer counts as real.
 *   down  when just below the threshold enough are real. That is never seen unless somebody
 *         looks: of a random sample of people (incident.audit) incidents down to the next
 *         lower threshold are told, too, and one without an answer counts as not real.
 *
 * "Enough" is the share incident.worth. Whether a share x of {0,1} is past it is a bet against
 * the opposite (stat/bet.h, bounded means): with m = worth (down: x = 1 for real) or
 * m = 1 - worth (up: x = 1 for not real), E[product of L] <= 1 while the mean of x is at most
 * m, so that the product ever reaches 20 with probability 1/20 at most (Ville): that is the
 * lower bound of 95 %, whenever one looks. Bets begin anew after a move, and every 13 epochs.
 * Within a stratum everybody has the same chance to be drawn, so that no weights are needed
 * (statistics: Horvitz & Thompson 1952 with one weight).
 *
 * A person counts once per epoch and detector, and an epoch in which fewer than two people
 * got a verdict moves nothing. */
#ifndef GOODHART_ENGINE_TUNING_H
#define GOODHART_ENGINE_TUNING_H

#include <stdbool.h>
#include <stdint.h>

enum { GH_TUNING_BETS = 3 };

/* How an incident was told: by its score, or because the person was drawn. */
enum gh_told { GH_TOLD_ABOVE, GH_TOLD_BELOW, GH_TOLD_WAYS };

/* Scores from which on incidents of a detector are told: [GH_TOLD_ABOVE] of everybody,
 * [GH_TOLD_BELOW] of who was drawn. */
struct gh_thresholds {
    double score[GH_TOLD_WAYS], fast[GH_TOLD_WAYS]; /* of days, of the fast path */
};

/* What came of it. */
enum gh_found { GH_FOUND_REAL, GH_FOUND_NOTHING, GH_UNANSWERED, GH_FOUND_COUNT };

struct gh_tuning { /* zeroed when new; flat */
    double log_wealth[GH_TOLD_WAYS][GH_TUNING_BETS];
    uint32_t people[GH_TOLD_WAYS][GH_FOUND_COUNT]; /* of the running epoch */
    int32_t steps;                                 /* allowed: the option's times 1.5^steps */
    uint32_t epochs;                               /* since the bets began */
};

/* Allowed false alarms as a multiple of the option's, `more` steps from where it stands. */
double gh_tuning_factor(const struct gh_tuning *t, int32_t more);
/* An epoch is over: takes its people in. True: the allowance has moved. 0 < worth < 1. */
bool gh_tuning_epoch(struct gh_tuning *t, double worth);

#endif
