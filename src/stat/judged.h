/* judged.h - shares of findings that are right, where only some were judged, not all with the
 * same chance, and by people who err.
 *
 * Findings fall into strata within which each had the same chance to be judged (track, how it
 * was told, rung of a threshold). Of a stratum one knows how much is in it and, of what was
 * judged, how much was right. Unsure and unanswered are not judged: missing, not wrong.
 *
 *   within a stratum   Beta(x + 1/2, m - x + 1/2), Jeffreys' prior (Brown, Cai & DasGupta
 *                      2001). The point is (x + prior)/(m + 1): what was thought before, with
 *                      the weight of one verdict; it moves no end. Where findings weigh
 *                      differently (by dollars), m is the effective number
 *                      (sum w)^2 / sum w^2 and x = m times the weighted share (Kish 1965; Korn
 *                      & Graubard 1998). Nothing judged: [0, 1].
 *   over strata        sum of size times share (post-stratification: Horvitz & Thompson 1952
 *                      with the chance m/N), its interval from theirs by variance recovery:
 *                      L = sum - sqrt(sum of squared distances to the lower ends) (MOVER: Zou,
 *                      Huang & Zhang 2009).
 *   reviewers          a share q of "right" among verdicts is p(1 - e) + (1 - p)e where each is
 *                      wrong with chance e: p = (q - e)/(1 - 2e) (Rogan & Gladen 1978), the
 *                      ends of the interval with it. e from pairs of verdicts on one finding:
 *                      they differ with chance d = 2e(1 - e).
 *
 * Intervals are for the share among such findings, past and future, not for those in hand: no
 * correction for a finite number. */
#ifndef GOODHART_STAT_JUDGED_H
#define GOODHART_STAT_JUDGED_H

#include <stdbool.h>
#include <stddef.h>

struct gh_interval {
    double low, point, high;
};

/* Sums over a stratum; zeroed when empty. */
struct gh_stratum {
    double size;    /* weights of all in it */
    double judged;  /* weights of those that were judged */
    double squares; /* their squared weights */
    double right;   /* weights of those judged right */
};

/* Weight > 0. */
enum gh_judgement { GH_NOT_JUDGED, GH_JUDGED_RIGHT, GH_JUDGED_WRONG };
void gh_stratum_add(struct gh_stratum *stratum, double weight, enum gh_judgement judgement);
/* Effective number of judged findings; 0: none. */
double gh_stratum_count(const struct gh_stratum *stratum);

/* What is thought of verdicts: `prior` in (0, 1): share that is right where nothing was judged;
 * `error` in [0, 0.5): chance that a verdict is wrong; `level` in (0, 1) of intervals. */
struct gh_belief {
    double prior, error, level;
};
/* Share that is right, of weight. The point is the mean of the posterior, so that few verdicts
 * count little. */
struct gh_interval gh_stratum_share(const struct gh_stratum *stratum,
                                    const struct gh_belief *belief);

/* Sum of size[i] * share[i]; sizes may be negative: differences are sums, too. The shares must
 * come from different findings. */
struct gh_interval gh_strata_sum(const struct gh_interval *share, const double *size,
                                 size_t count);

/* Of what there is to find, the part that was found: found / (found + missed), both >= 0. The
 * ends take the worst of both, so the interval is wider than its level says. Nothing at all:
 * [0, 1]. Where nobody knows what was missed, missed is {0, NAN, INFINITY}: point is NAN. */
struct gh_interval gh_recall(const struct gh_interval *found, const struct gh_interval *missed);

/* Chance e in [0, 0.5) that a verdict is wrong, from `pairs` of verdicts by different people on
 * the same finding, of which `differ` do. */
struct gh_interval gh_reviewer_error(double pairs, double differ, double level);

#endif
