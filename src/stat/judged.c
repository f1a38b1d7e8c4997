/* judged.c - see judged.h. */
#include "stat/judged.h"

#include "stat/law.h"

#include <assert.h>
#include <math.h>

void gh_stratum_add(struct gh_stratum *stratum, double weight, enum gh_judgement judgement)
{
    assert(weight > 0.0 && isfinite(weight));
    stratum->size += weight;
    if (judgement == GH_NOT_JUDGED)
        return;
    stratum->judged += weight;
    stratum->squares += weight * weight;
    stratum->right += judgement == GH_JUDGED_RIGHT ? weight : 0.0;
}

double gh_stratum_count(const struct gh_stratum *stratum)
{
    return stratum->judged > 0.0 ? stratum->judged * stratum->judged / stratum->squares : 0.0;
}

/* The ends by Jeffreys' prior: what was thought before moves the point alone. */
static struct gh_interval beta_interval(double hits, double count, double prior, double level)
{
    const double a = hits + 0.5, b = fmax(count - hits, 0.0) + 0.5;

    /* Where all are alike that end is as far out as there is: Brown, Cai & DasGupta. */
    return (struct gh_interval){
        .low = hits > 0.0 ? gh_beta_quantile((1.0 - level) / 2.0, a, b) : 0.0,
        .point = (hits + prior) / (count + 1.0),
        .high = hits < count ? gh_beta_quantile((1.0 + level) / 2.0, a, b) : 1.0,
    };
}

/* Rogan & Gladen. */
static double corrected(double share, double error)
{
    return fmin(fmax((share - error) / (1.0 - 2.0 * error), 0.0), 1.0);
}

struct gh_interval gh_stratum_share(const struct gh_stratum *stratum,
                                    const struct gh_belief *belief)
{
    const double count = gh_stratum_count(stratum), error = belief->error;

    assert(error >= 0.0 && error < 0.5 && belief->level > 0.0 && belief->level < 1.0);
    if (count <= 0.0)
        return (struct gh_interval){0.0, belief->prior, 1.0};
    const struct gh_interval seen = beta_interval(count * (stratum->right / stratum->judged),
                                                  count, belief->prior, belief->level);
    return (struct gh_interval){corrected(seen.low, error), corrected(seen.point, error),
                                corrected(seen.high, error)};
}

struct gh_interval gh_strata_sum(const struct gh_interval *share, const double *size,
                                 size_t count)
{
    double sum = 0.0, below = 0.0, above = 0.0;

    for (size_t i = 0; i < count; i++) {
        const double down = size[i] * (share[i].point - share[i].low);
        const double up = size[i] * (share[i].high - share[i].point);

        sum += size[i] * share[i].point;
        below += size[i] < 0.0 ? up * up : down * down;
        above += size[i] < 0.0 ? down * down : up * up;
    }
    return (struct gh_interval){sum - sqrt(below), sum, sum + sqrt(above)};
}

static double part(double found, double missed, double otherwise)
{
    return found + missed > 0.0 ? found / (found + missed) : otherwise;
}

struct gh_interval gh_recall(const struct gh_interval *found, const struct gh_interval *missed)
{
    const double most = fmax(missed->high, 0.0), least = fmax(missed->low, 0.0);

    return (struct gh_interval){
        .low = part(fmax(found->low, 0.0), most, 0.0),
        .point = isnan(missed->point) ? NAN : part(found->point, missed->point, 0.5),
        .high = part(found->high, least, 1.0),
    };
}

/* d = 2e(1 - e), the smaller root. */
static double error_of(double differ)
{
    return (1.0 - sqrt(fmax(0.0, 1.0 - 2.0 * differ))) / 2.0;
}

struct gh_interval gh_reviewer_error(double pairs, double differ, double level)
{
    const double most = 0.499;
    const struct gh_interval share = beta_interval(differ, pairs, 0.5, level);

    return (struct gh_interval){fmin(error_of(share.low), most),
                                fmin(error_of(share.point), most),
                                fmin(error_of(share.high), most)};
}
