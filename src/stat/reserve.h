/* reserve.h - evidence of one detector inside an epoch, unknown start included.
 *
 * Shiryaev-type mixture over the day on which gaming began, uniform over the epoch of
 * `days` days, alternatives j with weights pi_j that sum to 1, w = 1/days:
 *
 *     start of the epoch:  reserve = 1, S_j = 0
 *     every calendar day:  reserve -= w;  S_j <- L_j^eta (S_j + pi_j w)
 *     evidence             E = reserve + sum_j S_j
 *
 * E starts at 1 and is a supermartingale when E[L_j] <= 1 and 0 < eta <= 1. On a day
 * without a bet L_j = 1. Kept in logs: S_j may be any size; as floats, for there are many.
 * Rounding goes down, so that a quantised e-value is still one. */
#ifndef GOODHART_STAT_RESERVE_H
#define GOODHART_STAT_RESERVE_H

#include <stdint.h>

enum { GH_ALTERNATIVES_MAX = 3 };

/* Logarithms that a plan needs every day. */
enum { GH_RESERVE_DAYS_MAX = 91 };
struct gh_reserve_logs {
    double paid[GH_RESERVE_DAYS_MAX + 1]; /* to one alternative, in so many days */
    double left[GH_RESERVE_DAYS_MAX + 1]; /* in the reserve, when so many days are gone */
};
struct gh_reserve_plan {
    uint32_t days;                      /* of an epoch, >= 1 */
    uint32_t alternatives;              /* 1..GH_ALTERNATIVES_MAX, equal weights */
    double eta;                         /* tempering, (0, 1] */
    const struct gh_reserve_logs *logs; /* NULL: computed every time */
};
struct gh_reserve {
    float log_s[GH_ALTERNATIVES_MAX]; /* log S_j; -INFINITY for 0 */
    float log_e;                      /* last answer of gh_reserve_log_e, if `known` */
    uint16_t days_gone;               /* days of the epoch already in log_s */
    uint16_t known;
};

/* Fills *logs for all plans of so many days (at most GH_RESERVE_DAYS_MAX) and alternatives. */
void gh_reserve_logs_make(struct gh_reserve_logs *logs, uint32_t days, uint32_t alternatives);

/* A fresh epoch. */
void gh_reserve_start(struct gh_reserve *r);
/* Lets days pass without a bet until `days_gone` of the epoch are over (never back). */
void gh_reserve_idle(struct gh_reserve *r, const struct gh_reserve_plan *p, uint32_t days_gone);
/* One day with a bet: log_l[alternatives] are the logs of the day's e-variables, -INFINITY
 * not allowed. Call gh_reserve_idle up to this day first. Does nothing once the epoch's
 * days are used up. */
void gh_reserve_bet(struct gh_reserve *r, const struct gh_reserve_plan *p, const double *log_l);
/* log E = log(reserve + sum S_j). Keeps the answer until the next change. */
double gh_reserve_log_e(struct gh_reserve *r, const struct gh_reserve_plan *p);

#endif
