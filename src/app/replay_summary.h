/* replay_summary.h - what a replay found: for machines as JSON, for people as a table. */
#ifndef GOODHART_APP_REPLAY_SUMMARY_H
#define GOODHART_APP_REPLAY_SUMMARY_H

#include "app/pipeline.h"

#include <stdio.h>

enum { GH_WHO_MAX = 4 };
struct gh_summary {
    uint64_t files;
    uint32_t shards;
    double seconds, read_seconds, findings_seconds;
    struct gh_tally tally;
    uint64_t findings;
    uint64_t found[GH_BEHAVIOUR_COUNT][GH_TRACK_COUNT];
    struct gh_text who[GH_BEHAVIOUR_COUNT][GH_WHO_MAX]; /* first actors, lent by the engine */
    uint64_t reviewable_actors; /* with at least one reviewable finding */
};

/* Counts the newest revision of every finding: findings, found, who, reviewable_actors. */
void gh_summary_findings(struct gh_summary *summary, const struct gh_engine *engine);

/* One JSON object on one line, always the same keys in the same order; all but seconds,
 * events_per_second, peak_memory_bytes, shards and stages depends on the log and the
 * settings alone. The caller frees it (free). NULL: out of memory. */
char *gh_summary_json(const struct gh_summary *summary);
void gh_summary_print(const struct gh_summary *summary, FILE *out);

#endif
