/* simhash.c - see simhash.h. */
#include "edge/fields/simhash.h"

#include "base/hash.h"

enum { RUN = 3, BITS = 64 };

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void vote(int32_t votes[BITS], uint64_t hash)
{
    for (unsigned bit = 0; bit < BITS; bit++)
        votes[bit] += (hash >> bit & 1) ? 1 : -1;
}

uint64_t gh_simhash(struct gh_text text)
{
    int32_t votes[BITS] = {0};
    uint64_t last[RUN] = {0}, words = 0, hash = 0;
    const char *at = text.at, *const end = text.at + text.size;

    while (at < end) {
        const char *const word = at;
        while (at < end && !is_blank(*at))
            at++;
        if (at > word) {
            last[words++ % RUN] = gh_hash(word, (size_t)(at - word));
            if (words >= RUN)
                vote(votes,
                     gh_hash_pair(gh_hash_pair(last[words % RUN], last[(words + 1) % RUN]),
                                  last[(words + 2) % RUN]));
        }
        at++;
    }
    if (words < RUN && words > 0)
        vote(votes, gh_hash_pair(last[0], last[1]));
    for (unsigned bit = 0; bit < BITS; bit++)
        hash |= (uint64_t)(votes[bit] > 0) << bit;
    return hash;
}
