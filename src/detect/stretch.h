/* stretch.h - a stretch of calls that a fast path watches, and when to speak of it.
 * Lives in a detector's cell: flat, zeroed when new. */
#ifndef GOODHART_DETECT_STRETCH_H
#define GOODHART_DETECT_STRETCH_H

#include "detect/detector.h"

struct gh_stretch {
    struct gh_episode episode; /* value/expected are the detector's to fill before a raise */
    double raised_tokens;      /* of the episode when it was raised last */
    int64_t raised_ms;         /* 0: not raised yet */
};

/* Counts the step's call in; with `sample` its id is kept, too. Calls of others count as
 * calls, their tokens do not. */
void gh_stretch_add(struct gh_stretch *stretch, const struct gh_step *step, bool sample);
/* The same for an output event: it spends nothing. */
void gh_stretch_output(struct gh_stretch *stretch, const struct gh_step *step, bool sample);
/* Whether it is time to speak: the first time, when it has doubled, and often enough to
 * keep its finding open while it goes on. */
bool gh_stretch_due(const struct gh_stretch *stretch, int64_t now_ms);
/* Raises it with evidence `score` (log scale); `excess_share` (0..1) of it is above the
 * usual. Nothing happens while that is less than the detector's fewest_usd. */
void gh_stretch_raise(struct gh_stretch *stretch, struct gh_step *step, double score,
                      double excess_share);

/* The day so far as an episode, for fast paths that judge days: raises it with evidence
 * `score` when its calls have doubled since the last time; likewise nothing below fewest_usd.
 * `raised_calls` is the detector's, in its day state; value/expected of *step->episode are to
 * be filled when step->raise. */
void gh_day_raise(struct gh_step *step, uint32_t *raised_calls, double score,
                  double excess_share);

#endif
