/* simhash.h - a 64-bit fingerprint of a text, for `prompt_hash` and `response_hash` where a
 * source tells the text and nothing else: close texts differ in few bits, and no word of them
 * comes out again.
 *
 * Every bit is the majority among that bit of the hashes of all runs of three words (Charikar,
 * STOC 2002). Words end at white space; case counts. */
#ifndef GOODHART_EDGE_FIELDS_SIMHASH_H
#define GOODHART_EDGE_FIELDS_SIMHASH_H

#include "goodhart/event.h"

uint64_t gh_simhash(struct gh_text text);

#endif
