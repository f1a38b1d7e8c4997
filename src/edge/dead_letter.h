/* dead_letter.h - the record of events that were not taken: one JSON line each, appended
 * to a file. It is an aid, not a promise: a full disk costs lines, never the service. */
#ifndef GOODHART_EDGE_DEAD_LETTER_H
#define GOODHART_EDGE_DEAD_LETTER_H

#include "goodhart/error.h"

#include <stddef.h>
#include <stdint.h>

struct gh_dead_letters;

/* Opens `path` for appending, readable by the owner alone: events name people. "": none is
 * kept, lines are dropped. The caller owns *letters. */
GH_MUST_USE enum gh_status gh_dead_letters_new(struct gh_dead_letters **letters,
                                               const char *path, struct gh_error *error);
void gh_dead_letters_free(struct gh_dead_letters *letters); /* flushes; NULL is legal */

/* Adds one line (without '\n'); written when enough have gathered, or by _flush. NULL
 * stands for a line that could not be made. */
void gh_dead_letters_add(struct gh_dead_letters *letters, const char *line);
void gh_dead_letters_flush(struct gh_dead_letters *letters);

/* Lines written, and lines lost to errors. The first error is told on stderr, later ones
 * are counted only. */
uint64_t gh_dead_letters_written(const struct gh_dead_letters *letters);
uint64_t gh_dead_letters_failed(const struct gh_dead_letters *letters);

#endif
