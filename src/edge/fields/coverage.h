/* coverage.h - what a source told that never arrived, by its own numbering: a coding agent
 * numbers what it tells of a session, so that a gap in the numbers is something lost.
 *
 * Records of all kinds are numbered, and only some of them are calls: of n lost records, of a
 * session of which r arrived and c of those were calls, about n c / r were calls. They are said
 * with the first call of the session a minute later (gh_event.missing), in whole calls; what is
 * left over waits for the one after it. A record that comes out of turn makes good for its gap,
 * if it is one of the newest thousand: behind a collector batches overtake each other. What was
 * lost before the first record of a session that we see is not known and not guessed.
 *
 * Of sessions that are idle for a day nothing is kept. Safe to use from several threads. */
#ifndef GOODHART_EDGE_FIELDS_COVERAGE_H
#define GOODHART_EDGE_FIELDS_COVERAGE_H

#include "goodhart/error.h"
#include "goodhart/event.h"

struct gh_coverage;

enum { GH_COVERAGE_STREAMS = 100000, GH_COVERAGE_GAP_MAX = 1000000 };
GH_MUST_USE struct gh_coverage *gh_coverage_new(void); /* NULL: out of memory */
void gh_coverage_free(struct gh_coverage *coverage);   /* NULL is legal */

struct gh_numbered {
    uint64_t stream; /* hash of the source, the account and the session; not 0 */
    uint64_t number; /* of this record in it, at most GH_COUNT_MAX */
    int64_t time_ms; /* of this record */
    bool call;       /* it is one */
};
/* Takes note of a record, and returns how many calls were lost before it that have not been
 * said yet; 0 unless it is a call. A gap of more than GH_COVERAGE_GAP_MAX is a numbering that
 * begins anew, and no loss. */
int64_t gh_coverage_take(struct gh_coverage *coverage, const struct gh_numbered *record);

/* What is known of one person's telling. A source that tells the same spend a second time, as
 * sums (gh_map: TOTAL), lets us see what of the calls never arrived, and a person who is silent
 * shows in `newest_ms`. */
struct gh_covered {
    struct gh_text actor; /* lent for the call */
    uint64_t calls, missing;
    double call_tokens, total_tokens; /* of calls; of metrics that sum them up */
    int64_t newest_ms;                /* time of the newest of both */
};
enum { GH_COVERAGE_ACTORS = 100000 };
/* Adds to what is known of event->actor: a call, with its `missing`, or with `total` a sum of
 * calls. Of a new person beyond GH_COVERAGE_ACTORS nothing is noted. */
void gh_coverage_note(struct gh_coverage *coverage, const struct gh_event *event, bool total);
/* Shows each person in order of first appearance; false from `show` ends it. Others wait. */
void gh_coverage_each(struct gh_coverage *coverage,
                      bool (*show)(void *context, const struct gh_covered *covered),
                      void *context);

struct gh_coverage_counts {
    uint64_t records;       /* with a number */
    uint64_t lost;          /* numbers that never came, so far */
    uint64_t calls_missing; /* said with calls */
    uint64_t unwatched; /* records of sessions, and of persons, for which there was no room */
    double call_tokens, total_tokens; /* as in gh_covered, of all */
};
void gh_coverage_counts(struct gh_coverage *coverage, struct gh_coverage_counts *counts);

#endif
