/* finding.h - what the engine concludes: one episode of one behaviour of one actor, and
 * the changes of it that are published as alerts (contract/alerts.md). */
#ifndef GOODHART_FINDING_H
#define GOODHART_FINDING_H

#include "goodhart/event.h"

/* Every behaviour of the contract; `detectors` says which of them this build runs. */
// clang-format off
#define GH_BEHAVIOUR_LIST(X)                                                          \
    X(agent_loop, GH_AGENT_LOOP) X(context_bloat, GH_CONTEXT_BLOAT)                   \
    X(off_hours_burst, GH_OFF_HOURS_BURST) X(outputless_spend, GH_OUTPUTLESS_SPEND)   \
    X(repetition, GH_REPETITION) X(verbosity, GH_VERBOSITY) X(always_on, GH_ALWAYS_ON) \
    X(quota_chasing, GH_QUOTA_CHASING) X(output_churn, GH_OUTPUT_CHURN)               \
    X(spend_shift, GH_SPEND_SHIFT) X(runaway, GH_RUNAWAY)
#define GH_SEVERITY_LIST(X) \
    X(notice, GH_NOTICE) X(warning, GH_WARNING) X(critical, GH_CRITICAL)
#define GH_TRACK_LIST(X) X(incident, GH_INCIDENT) X(review, GH_REVIEW) X(case, GH_CASE)
#define GH_PROVENANCE_LIST(X) \
    X(self_reported, GH_SELF_REPORTED) X(mixed, GH_MIXED) X(authenticated, GH_AUTHENTICATED)
#define GH_CHANGE_LIST(X)                                              \
    X(opened, GH_OPENED) X(updated, GH_UPDATED) X(escalated, GH_ESCALATED) \
    X(closed, GH_CLOSED)
// clang-format on

enum gh_behaviour { GH_BEHAVIOUR_LIST(GH_ENUM_VALUE) GH_BEHAVIOUR_COUNT };
enum gh_severity { GH_SEVERITY_LIST(GH_ENUM_VALUE) GH_SEVERITY_COUNT };
enum gh_track { GH_TRACK_LIST(GH_ENUM_VALUE) GH_TRACK_COUNT };
/* Whether producers showed keys (gh_event.owner) with the events that a finding rests on. */
enum gh_provenance { GH_PROVENANCE_LIST(GH_ENUM_VALUE) GH_PROVENANCE_COUNT };
enum gh_change { GH_CHANGE_LIST(GH_ENUM_VALUE) GH_CHANGE_COUNT };

enum { GH_FACTS_MAX = 10, GH_SAMPLES_MAX = 20, GH_FINDING_ID_SIZE = 33 };

/* One figure that the detector saw. */
struct gh_fact {
    const char *name; /* static text, e.g. "loop_share" */
    const char *unit; /* static text: "tokens", "usd", "share", "turns", "hours"… */
    double value;
    double expected; /* NAN: nothing to compare with; published as null */
};

/* One revision of a finding. Texts are lent by the engine: `actor`, `team`, `experiment`
 * and `detector` hold while the engine lives, the rest is in the struct itself except
 * `sample[]`, which holds until the next call that feeds the engine. */
struct gh_finding {
    char id[GH_FINDING_ID_SIZE]; /* 32 hex digits: hash of detector, actor, first event */
    uint32_t revision;           /* 1, 2, … */
    enum gh_change change;
    const char *detector;
    struct gh_text actor, team, experiment; /* experiment absent: none declared */
    enum gh_severity severity;
    enum gh_track track;
    enum gh_provenance provenance;
    double authenticated_share;            /* of the events of the episode, 0..1 */
    double log_e;                          /* natural log of the e-value */
    int64_t time_ms;                       /* event time of this change */
    int64_t from_ms, until_ms;             /* of the episode */
    double tokens, cost_usd;               /* spent in the episode */
    double excess_tokens, excess_cost_usd; /* above what the baseline expected */
    bool cost_known;                       /* false: no price for some of the calls */
    uint32_t fact_count, sample_count;
    struct gh_fact fact[GH_FACTS_MAX];
    struct gh_text sample[GH_SAMPLES_MAX]; /* ids of events that show it */
    char explanation[768];                 /* UTF-8, one or two sentences */
    char question[320];
};

const char *gh_behaviour_name(enum gh_behaviour b);
const char *gh_severity_name(enum gh_severity s);
const char *gh_track_name(enum gh_track t);
const char *gh_provenance_name(enum gh_provenance p);
const char *gh_change_name(enum gh_change c);

/* review and case reach a manager, incident does not. */
static inline bool gh_reviewable(enum gh_track t)
{
    return t != GH_INCIDENT;
}

#endif
