/* rank.h - a small mergeable histogram that answers "how rare is a value at least this
 * large?": calibration of residuals, tails of evidence.
 *
 * Fixed bins on [low, high]; what is below counts in the first, what is above in the
 * last. Counts are integers, so merging is commutative and exact: the order in which
 * shards are merged does not show. */
#ifndef GOODHART_STAT_RANK_H
#define GOODHART_STAT_RANK_H

#include <stdint.h>

enum { GH_RANK_BINS = 512, GH_RANK_GROUP = 32, GH_RANK_GROUPS = GH_RANK_BINS / GH_RANK_GROUP };
struct gh_rank {
    double low, high;
    uint64_t count;
    uint64_t group[GH_RANK_GROUPS]; /* sums of GH_RANK_GROUP bins each */
    uint32_t bin[GH_RANK_BINS];
};

void gh_rank_init(struct gh_rank *r, double low, double high);
void gh_rank_add(struct gh_rank *r, double value);                    /* not finite: ignored */
void gh_rank_merge(struct gh_rank *into, const struct gh_rank *from); /* same bounds */
/* Conformal p-value of `value`: (1 + #{calibration values in its bin or above}) /
 * (count + 1), in (0, 1]. Counting the whole bin makes it conservative. */
double gh_rank_p(const struct gh_rank *r, double value);
/* Value at quantile q in [0,1]: upper edge of the bin that holds it. Empty: NAN. */
double gh_rank_quantile(const struct gh_rank *r, double q);
double gh_rank_mean(const struct gh_rank *r); /* from bin centres; empty: NAN */
double gh_rank_sd(const struct gh_rank *r);

#endif
