/* suggest.c - optimal string alignment distance over three rows. */
#include "app/suggest.h"

#include <limits.h>
#include <string.h>

enum { ROW_SIZE = GH_SUGGEST_WORD_MAX + 1 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned gh_suggest_distance(const char *a, const char *b)
{
    const size_t a_size = strlen(a), b_size = strlen(b);
    unsigned row[3][ROW_SIZE] = {{0}};

    if (a_size > GH_SUGGEST_WORD_MAX || b_size > GH_SUGGEST_WORD_MAX)
        return UINT_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned *now = row[i % 3];
        const unsigned *above = row[(i + 2) % 3], *above_2 = row[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            const unsigned replace = above[j - 1] + (a[i - 1] != b[j - 1]);

            now[j] = least(replace, 1 + least(above[j], now[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], above_2[j - 2] + 1);
        }
    }
    return row[a_size % 3][b_size];
}

void gh_suggest_offer(struct gh_suggest *suggest, const char *name)
{
    const size_t size = strlen(suggest->word);
    const unsigned reach = size < 2 ? 0 : size < 6 ? 1 : (unsigned)size / 3;
    const unsigned distance = gh_suggest_distance(suggest->word, name);

    if (distance > reach || (suggest->best && distance >= suggest->distance))
        return;
    suggest->best = name;
    suggest->distance = distance;
}
