/* worth.h - what findings are worth: how many accuse somebody falsely, how much waste nobody
 * sees, what both cost; of several settings on the same past (app/whatif.h), from verdicts that
 * were given to some of the findings only.
 *
 * What one setting finds of an actor and a detector, and what another finds of the same days,
 * is one matter: findings with one id or with episodes that overlap. Verdicts are about the
 * matter, whichever of its findings they name (the majority; as many for as against count as
 * none). Of a matter that is real with chance p, a setting costs
 *
 *     (1 - p) * (its findings: accusation_usd for review and case, alarm_usd for incident)
 *     + p * waste * excess in dollars, where it has no finding of it
 *
 * which is linear in p. So each figure below is a constant and a sum of weights over matters
 * that are real, estimated by stat/judged.h from the judged ones of its stratum: detector,
 * whether it reaches a manager, sign of the weight, and whether the first setting shows it
 * (only what somebody saw could be judged). A stratum without verdicts leaves its figure open.
 *
 * Waste that none of the settings shows is in no figure: it is the same for all. */
#ifndef GOODHART_APP_TUNE_WORTH_H
#define GOODHART_APP_TUNE_WORTH_H

#include "app/tune/verdicts.h"

/* What the user says. Dollars but for `waste`, which is per dollar. */
struct gh_worth_price {
    double accusation_usd; /* a false finding that reaches a manager */
    double alarm_usd;      /* a false incident */
    double waste;          /* a dollar of excess that nobody sees */
    double error;          /* chance that a verdict is wrong, [0, 0.5) */
};
/* A day of two people and trust; a quarter of an hour; itself; one in twenty. */
#define GH_WORTH_PRICE_DEFAULT ((struct gh_worth_price){500.0, 10.0, 1.0, 0.05})

struct gh_worth;

/* `settings` of them, 1 or more, numbered from 0; 0 is what reviewers were shown. */
struct gh_worth *gh_worth_new(uint32_t settings, const struct gh_worth_price *price);
void gh_worth_free(struct gh_worth *worth); /* NULL is legal */
/* Each change of a finding under a setting, oldest first. Copies what it keeps. */
void gh_worth_change(struct gh_worth *worth, uint32_t setting, const struct gh_finding *change);
/* All changes are in. Once, before the figures. */
void gh_worth_settle(struct gh_worth *worth, const struct gh_verdicts *verdicts);

/* Which matters a figure is about, and how sure its interval is to be. */
struct gh_worth_scope {
    const char *detector; /* NULL: all */
    double level;         /* (0, 1) */
};
/* Matters and how they were judged. */
struct gh_worth_count {
    uint32_t right, wrong, open, people;
};
struct gh_worth_sum {
    uint32_t findings[GH_TRACK_COUNT]; /* by highest track */
    struct gh_worth_count shown;
    uint32_t accused_wrong;         /* of `shown`, judged wrong: reached a manager */
    struct gh_interval precision;   /* share of findings that are right; NAN: there are none */
    struct gh_interval accusations; /* false findings that reach a manager */
    struct gh_interval alarms;      /* false incidents */
    struct gh_interval
        unseen_usd; /* excess of what is real and shown by other settings alone */
    /* Share of what is real that is shown, of what any of the settings shows: at most so much
     * of all there is. One setting alone: point NAN, nobody knows. */
    struct gh_interval recall;
    struct gh_interval cost_usd;
};
void gh_worth_of(const struct gh_worth *worth, uint32_t setting,
                 const struct gh_worth_scope *scope, struct gh_worth_sum *sum);

/* What changes when `to` takes the place of `from`. */
struct gh_worth_gain {
    struct gh_interval usd;           /* cost of `from` less cost of `to` */
    struct gh_worth_count gone, come; /* matters shown by one of them alone */
    uint32_t accused;                 /* of those shown by `to`: reach a manager only there */
    int32_t fewer;                    /* findings, less those of `to` */
    double gone_usd, come_usd;        /* excess of those judged right */
};
void gh_worth_compare(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope, struct gh_worth_gain *gain);
/* How sure it is that `to` costs less than `from`: the least chance of error at which the lower
 * end of the gain is above 0 (one-sided); 1: it is not. `scope->level` is not read. */
double gh_worth_doubt(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope);
/* The least that is gained on average if of the incidents that `to` adds `most_false` are
 * false: at worst those that it costs most to be wrong about. What else changes counts as
 * judged, or at its worst. -INFINITY where nothing is added, or something that reaches a
 * manager, or that was judged wrong. */
double gh_worth_trial(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope, double most_false);

#endif
