/* rank.c - a histogram of integers on fixed bins. */
#include "stat/rank.h"

#include <assert.h>
#include <math.h>

void gh_rank_init(struct gh_rank *r, double low, double high)
{
    assert(isfinite(low) && isfinite(high) && low < high);
    *r = (struct gh_rank){.low = low, .high = high};
}

static uint32_t rank_bin(const struct gh_rank *r, double value)
{
    const double at = (value - r->low) / (r->high - r->low) * GH_RANK_BINS;

    if (!(at >= 1))
        return 0;
    return at < GH_RANK_BINS ? (uint32_t)at : GH_RANK_BINS - 1;
}

/* A full bin takes no more: `count` stays the sum of the bins. */
static void bin_add(struct gh_rank *r, uint32_t bin, uint32_t count)
{
    const uint32_t room = UINT32_MAX - r->bin[bin], taken = count < room ? count : room;

    r->bin[bin] += taken;
    r->group[bin / GH_RANK_GROUP] += taken;
    r->count += taken;
}

void gh_rank_add(struct gh_rank *r, double value)
{
    if (isfinite(value))
        bin_add(r, rank_bin(r, value), 1);
}

void gh_rank_merge(struct gh_rank *into, const struct gh_rank *from)
{
    assert(into->low == from->low && into->high == from->high);
    for (uint32_t i = 0; i < GH_RANK_BINS; i++)
        bin_add(into, i, from->bin[i]);
}

double gh_rank_p(const struct gh_rank *r, double value)
{
    const uint32_t bin = rank_bin(r, value), group = bin / GH_RANK_GROUP;
    uint64_t as_large = 0;

    for (uint32_t i = bin; i < (group + 1) * GH_RANK_GROUP; i++)
        as_large += r->bin[i];
    for (uint32_t i = group + 1; i < GH_RANK_GROUPS; i++)
        as_large += r->group[i];
    return (1 + (double)as_large) / ((double)r->count + 1);
}

double gh_rank_quantile(const struct gh_rank *r, double q)
{
    const double wanted = fmax(1, ceil(q * (double)r->count));
    uint64_t seen = r->bin[0];
    uint32_t i = 0;

    assert(q >= 0 && q <= 1);
    if (r->count == 0)
        return NAN;
    while (i < GH_RANK_BINS - 1 && (double)seen < wanted)
        seen += r->bin[++i];
    return r->low + (r->high - r->low) * (i + 1) / GH_RANK_BINS;
}

static double bin_centre(const struct gh_rank *r, uint32_t bin)
{
    return r->low + (r->high - r->low) * (bin + 0.5) / GH_RANK_BINS;
}

double gh_rank_mean(const struct gh_rank *r)
{
    double sum = 0;

    for (uint32_t i = 0; i < GH_RANK_BINS; i++)
        sum += r->bin[i] * bin_centre(r, i);
    return r->count ? sum / (double)r->count : NAN;
}

double gh_rank_sd(const struct gh_rank *r)
{
    const double mean = gh_rank_mean(r);
    double sum = 0;

    for (uint32_t i = 0; i < GH_RANK_BINS; i++) {
        const double d = bin_centre(r, i) - mean;

        sum += r->bin[i] * (d * d);
    }
    return r->count ? sqrt(sum / (double)r->count) : NAN;
}
