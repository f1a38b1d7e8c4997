/* outcome.h - what one case of a what-if found in the stretch: each finding once, as it stood
 * at the end, and the sums that people ask for. */
#ifndef GOODHART_APP_TUNE_OUTCOME_H
#define GOODHART_APP_TUNE_OUTCOME_H

#include "goodhart/finding.h"

#include <glib.h>

/* Texts belong to the outcome; names of detectors and facts are static. */
struct gh_tune_finding {
    char id[GH_FINDING_ID_SIZE];
    const char *detector;
    struct gh_text actor, team;
    enum gh_track track;
    enum gh_severity severity;
    double log_e;
    int64_t told_ms;           /* its first change in the stretch */
    int64_t from_ms, until_ms; /* of the episode */
    double tokens, cost_usd;
    double excess_tokens, excess_usd; /* never below 0; nothing where it is not known */
    uint32_t fact_count;
    struct gh_fact fact[GH_FACTS_MAX];
};

struct gh_tune_sums {
    uint64_t findings, by_track[GH_TRACK_COUNT];
    uint64_t alerts;        /* changes in the stretch */
    uint64_t people, teams; /* with any finding */
    uint64_t accused;       /* people with a finding that reaches a manager */
    /* Above what was expected. What several findings tell of the same days of a person counts
     * once: the largest. */
    double excess_tokens, excess_usd;
};

struct gh_tune_outcome {
    GArray *found; /* struct gh_tune_finding; by actor, detector, beginning, id once it ended */
    GHashTable *by_id;   /* id -> index + 1, until it ended */
    GStringChunk *names; /* each once */
    struct gh_tune_sums sums;
};

void gh_tune_outcome_init(struct gh_tune_outcome *outcome);
void gh_tune_outcome_free(struct gh_tune_outcome *outcome); /* {0} is legal */
/* As gh_whatif_case.on_change; `context` is the outcome. A finding that was told of before the
 * stretch and only ends in it is none of the stretch. */
void gh_tune_outcome_change(void *context, const struct gh_finding *change);
/* After the last change: sorts and adds up. */
void gh_tune_outcome_end(struct gh_tune_outcome *outcome);

size_t gh_tune_count(const struct gh_tune_outcome *outcome);
const struct gh_tune_finding *gh_tune_at(const struct gh_tune_outcome *outcome, size_t index);
int gh_tune_text_compare(struct gh_text a, struct gh_text b);

#endif
