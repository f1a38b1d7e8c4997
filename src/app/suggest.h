/* suggest.h - the known name nearest to a misspelt one. */
#ifndef GOODHART_APP_SUGGEST_H
#define GOODHART_APP_SUGGEST_H

#include <stddef.h>

/* Start with {.word = what was written}, offer every legal name, read `best`: the nearest
 * one offered first, or NULL when none is near enough to be worth a guess. Near: edits
 * (insert, drop, replace, swap of neighbours) up to a third of the word, at least 1; a
 * word of one letter is near to nothing, and so is one over GH_SUGGEST_WORD_MAX bytes. */
enum { GH_SUGGEST_WORD_MAX = 63 };
struct gh_suggest {
    const char *word;
    const char *best;
    unsigned distance; /* of best */
};
void gh_suggest_offer(struct gh_suggest *suggest, const char *name);

/* Edits from `a` to `b`, both up to GH_SUGGEST_WORD_MAX bytes, else UINT_MAX. */
unsigned gh_suggest_distance(const char *a, const char *b);

#endif
